package main

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

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
		return &core.Error{Op: "verify", Class: core.ClassInvalid, Applied: core.AppliedNo, Message: "the receipt is not genuine: " +
			oneSentence(err)}
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
