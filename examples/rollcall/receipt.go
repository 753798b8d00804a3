package main

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"

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
