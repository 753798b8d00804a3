package main

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// writeReceipt writes the proof of what was done for a person, from the journal alone.
func writeReceipt(ctx context.Context, j *job) error {
	var opts []roster.ReceiptOption
	if j.signKey != "" {
		key, err := readSignKey(j.signKey)
		if err != nil {
			return err
		}
		opts = append(opts, roster.SignedBy(key))
	}
	journal, err := j.readJournal(roster.ReadOnly())
	if err != nil {
		return err
	}
	defer journal.Close()
	j.tellDamage(journal)

	receipt, err := roster.MakeReceipt(ctx, journal, "", j.arg(0), opts...)
	if err != nil {
		return err
	}
	file, err := receipt.Encode()
	if err != nil {
		return err
	}
	if j.out == "" {
		j.p.out.Write(file)
		return nil
	}
	if err := jobs.WritePrivate(j.out, file); err != nil {
		return usagef("the receipt cannot be written: %v", err)
	}
	if j.json {
		j.p.ok("", map[string]any{"person": receipt.Person, "file": j.out, "plans": len(receipt.Plans)})
		return nil
	}
	unsigned := ""
	if j.signKey == "" {
		unsigned = " It is not signed: keep a copy elsewhere, or sign it with --sign-key."
	}
	fmt.Fprintf(j.text(), "The receipt of %s is in %s: %s.%s\n", receipt.Person, j.out, counted(len(receipt.Plans), "plan", "plans"), unsigned)
	return nil
}

// readSignKey reads a private key: ed25519 in PEM, PKCS #8.
func readSignKey(path string) (crypto.Signer, error) {
	block, err := readPEM("--sign-key", path)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(block)
	private, ok := key.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, usagef("--sign-key: %s holds no ed25519 key in PKCS #8", path)
	}
	return private, nil
}

// readKeys reads public keys: ed25519 in PEM, PKIX.
func readKeys(paths []string) ([]ed25519.PublicKey, error) {
	var keys []ed25519.PublicKey
	for _, path := range paths {
		block, err := readPEM("--key", path)
		if err != nil {
			return nil, err
		}
		key, err := x509.ParsePKIXPublicKey(block)
		public, ok := key.(ed25519.PublicKey)
		if err != nil || !ok {
			return nil, usagef("--key: %s holds no public ed25519 key in PKIX", path)
		}
		keys = append(keys, public)
	}
	return keys, nil
}

func readPEM(flag, path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, usagef("%s: %v", flag, err)
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, usagef("%s: %s is not PEM", flag, path)
	}
	return block.Bytes, nil
}

// verdict is a line of verify and recheck.
type verdict struct {
	OK     bool   `json:"ok"`
	Plan   string `json:"plan"`
	Person string `json:"person"`
	Why    string `json:"why"`
}

func (j *job) verdict(v verdict) {
	if j.json {
		j.p.line(v)
		return
	}
	ok := "ok"
	if !v.OK {
		ok = "NOT ok"
	}
	fmt.Fprintf(j.text(), "%s  %s  %s  %s\n", ok, v.Person, v.Plan, v.Why)
}

// verifyReceipt says whether a receipt is genuine. It needs the file and the keys alone.
func verifyReceipt(_ context.Context, j *job) error {
	keys, err := readKeys(j.keys)
	if err != nil {
		return err
	}
	file, err := os.ReadFile(j.arg(0))
	if err != nil {
		return usagef("the receipt cannot be read: %v", err)
	}
	receipt, err := roster.Verify(file, keys...)
	if errors.Is(err, roster.ErrRefused) {
		return err
	}
	if err != nil {
		j.verdict(verdict{Why: err.Error()})
		return &core.Error{Op: "verify", Class: core.ClassInvalid, Applied: core.AppliedNo, Message: "the receipt is not genuine: " + oneSentence(err)}
	}

	why := "every byte is as it was written"
	if len(keys) > 0 {
		why += ", and it is signed with a key that was given"
	}
	for _, p := range receipt.Plans {
		j.verdict(verdict{OK: true, Plan: p.Plan, Person: receipt.Person, Why: why})
	}
	return nil
}

// recheckReceipt looks again at what a receipt says was done, and says who is back.
func recheckReceipt(ctx context.Context, j *job) error {
	file, err := os.ReadFile(j.arg(0))
	if err != nil {
		return usagef("the receipt cannot be read: %v", err)
	}
	receipt, err := roster.Verify(file)
	if err != nil {
		return usagef("the receipt is not genuine: %v", err)
	}
	f, end, err := j.fleet(ctx)
	if err != nil {
		return err
	}
	defer end(ctx)

	back := 0
	for _, p := range receipt.Plans {
		one := roster.Receipt{Person: receipt.Person, Made: receipt.Made, Plans: []roster.ReceiptPlan{p}}
		looks, err := one.Recheck(ctx, f)
		if err != nil {
			return err
		}
		v := verdict{OK: true, Plan: p.Plan, Person: receipt.Person, Why: fmt.Sprintf("%d steps were looked at, and all is as it was left", len(looks))}
		var why []string
		for _, l := range looks {
			if l.Back {
				why = append(why, l.Step+": "+l.Why)
			}
		}
		if len(why) > 0 {
			v.OK, v.Why = false, strings.Join(why, "; ")
			back += len(why)
		}
		j.verdict(v)
	}
	if back > 0 {
		return &core.Error{Op: "recheck", Class: core.ClassConflict, Applied: core.AppliedNo,
			Message: fmt.Sprintf("%d of the receipt's steps are not so any more", back), Hint: "plan anew for " + receipt.Person}
	}
	return nil
}
