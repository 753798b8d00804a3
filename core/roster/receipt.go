package roster

import (
	"bytes"
	"cmp"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// Receipt proves what was done for one person: the steps of the plans that name the
// person, with every record of their lanes, chained, and what no step could do.
//
// The chain shows that nothing was changed, left out or put in another order since the
// receipt was written. It does not stop its owner from writing all of it anew: sign
// it, or keep its digest elsewhere.
type Receipt struct {
	Person string
	Made   time.Time
	Plans  []ReceiptPlan
	// Looks are later looks, of Recheck.
	Looks []Look

	signer crypto.Signer
}

// ReceiptPlan is one plan's part of a receipt.
type ReceiptPlan struct {
	Plan  string            `json:"plan"`
	Why   string            `json:"why"`
	Actor string            `json:"actor"`
	Made  time.Time         `json:"made"`
	Fleet map[string]string `json:"fleet"`
	Steps []Step            `json:"steps"`
	Gaps  []Gap             `json:"gaps"`
	Lanes []ReceiptLane     `json:"lanes"`
}

// ReceiptLane is the whole chain of one lane of a plan: how many entries there are,
// and the hash of the last one.
type ReceiptLane struct {
	Lane    string  `json:"lane"`
	Count   int     `json:"count"`
	Head    string  `json:"head"`
	Entries []Entry `json:"entries"`
}

// Look is what was seen of a person at one account after the plan.
type Look struct {
	At      time.Time `json:"at"`
	Account string    `json:"account"`
	Step    string    `json:"step"`
	// Back means that what the step did is not so any more.
	Back bool   `json:"back"`
	Why  string `json:"why"`
}

// ReceiptOption adjusts a receipt.
type ReceiptOption func(*Receipt)

// SignedBy signs the receipt with an ed25519 key.
func SignedBy(key crypto.Signer) ReceiptOption { return func(r *Receipt) { r.signer = key } }

// MakeReceipt reads the receipt of a person from a journal: of one plan, or of all
// where plan is empty. It sends nothing. A person whom no plan names is
// core.ErrNotFound.
func MakeReceipt(ctx context.Context, j Journal, plan, person string, opts ...ReceiptOption) (*Receipt, error) {
	r := &Receipt{Person: fold(person), Made: time.Now().UTC()}
	for _, opt := range opts {
		opt(r)
	}

	for p, err := range j.Plans(ctx) {
		if err != nil {
			return nil, err
		}
		if plan != "" && p.ID() != plan {
			continue
		}
		part, found, err := receiptOf(ctx, j, p, person)
		if err != nil {
			return nil, err
		}
		if found {
			r.Plans = append(r.Plans, part)
		}
	}

	if len(r.Plans) == 0 {
		return nil, &core.Error{Op: "receipt", Class: core.ClassNotFound, Message: "no plan of the journal names " + person,
			Applied: core.AppliedNo}
	}
	return r, nil
}

func receiptOf(ctx context.Context, j Journal, p Plan, person string) (ReceiptPlan, bool, error) {
	part := ReceiptPlan{Plan: p.ID(), Why: p.Why, Actor: p.Actor, Made: p.Made, Fleet: p.Fleet,
		Steps: []Step{}, Gaps: []Gap{}, Lanes: []ReceiptLane{}}

	lanes := map[string]bool{}
	for _, s := range p.Steps {
		if isNamed(s, person) {
			part.Steps = append(part.Steps, s)
			lanes[s.Lane] = true
		}
	}
	for _, g := range p.Gaps {
		if fold(g.Person) == fold(person) {
			part.Gaps = append(part.Gaps, g)
		}
	}

	for _, lane := range slices.Sorted(keysOf(lanes)) {
		l := ReceiptLane{Lane: lane, Entries: []Entry{}}
		for r, err := range j.Records(ctx, Query{Plan: part.Plan, Lane: lane}) {
			if err != nil {
				return part, false, err
			}
			l.Entries = append(l.Entries, r.Entry())
			l.Head = r.Entry().Hash()
		}
		l.Count = len(l.Entries)
		part.Lanes = append(part.Lanes, l)
	}

	return part, len(part.Steps)+len(part.Gaps) > 0, nil
}

func keysOf(m map[string]bool) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// A receipt's file is one line: {"receipt":"sha256:D",…} and, where it is signed,
// "key" and "signature" at its end. D is over all bytes before those two, with its own
// digits zero; the signature is over "rollcall receipt 1 " and D.
type receiptFile struct {
	ID      string        `json:"receipt"`
	Version int           `json:"version"`
	Person  string        `json:"person"`
	Made    time.Time     `json:"made"`
	Plans   []ReceiptPlan `json:"plans"`
	Looks   []Look        `json:"looks"`
}

const (
	receiptPrefix = `{"receipt":"sha256:`
	receiptSigned = "rollcall receipt 1 "
)

// Encode returns the receipt's file, signed where it has a key.
func (r *Receipt) Encode() ([]byte, error) {
	file := receiptFile{ID: "sha256:" + noDigest, Version: 1, Person: r.Person, Made: r.Made.UTC(), Plans: r.Plans, Looks: r.Looks}
	if file.Looks == nil {
		file.Looks = []Look{}
	}
	line, err := marshal(file)
	if err != nil {
		return nil, err
	}

	// Key and signature go inside the object, so its brace comes off first.
	line = line[:len(line)-1]
	sum := sha256.Sum256(line)
	copy(line[len(receiptPrefix):], hex.EncodeToString(sum[:]))

	if r.signer != nil {
		pub, ok := r.signer.Public().(ed25519.PublicKey)
		if !ok {
			return nil, refuse("receipt", "the key is not an ed25519 key")
		}
		sig, err := r.signer.Sign(rand.Reader, signedText(sum[:]), crypto.Hash(0))
		if err != nil {
			return nil, fmt.Errorf("receipt: %w", err)
		}
		line = fmt.Appendf(line, `,"key":"%x","signature":"%x"`, []byte(pub), sig)
	}
	return append(line, '}', '\n'), nil
}

func signedText(sum []byte) []byte { return append([]byte(receiptSigned), sum...) }

// WriteTo writes the receipt's file.
func (r *Receipt) WriteTo(w io.Writer) (int64, error) {
	file, err := r.Encode()
	if err != nil {
		return 0, err
	}
	n, err := w.Write(file)
	return int64(n), err
}

// The reasons why a receipt is not genuine.
var (
	ErrAltered    = errors.New("the receipt was altered")
	ErrUnsigned   = errors.New("the receipt is not signed")
	ErrAnotherKey = errors.New("the receipt is signed with another key")
)

// Verify reads a receipt and checks every byte of it. Given keys, it must be signed
// with one of them. It needs nothing else: no journal, no vendor, no network.
//
// Errors are ErrAltered, ErrUnsigned or ErrAnotherKey, and ErrRefused for a file of a
// later version.
func Verify(file []byte, keys ...ed25519.PublicKey) (*Receipt, error) {
	line, isComplete := bytes.CutSuffix(file, []byte("}\n"))
	if !isComplete || !bytes.HasPrefix(line, []byte(receiptPrefix)) || len(line) < len(receiptPrefix)+len(noDigest) {
		return nil, fmt.Errorf("%w: it does not begin and end like one", ErrAltered)
	}
	body, key, sig, err := cutSignature(line)
	if err != nil {
		return nil, err
	}

	var peek struct{ Version int }
	if json.Unmarshal(append(slices.Clone(body), '}'), &peek) == nil && peek.Version > 1 {
		return nil, refuse("receipt", "it has version %d, written by a later rollcall", peek.Version)
	}

	digits := body[len(receiptPrefix) : len(receiptPrefix)+len(noDigest)]
	h := sha256.New()
	h.Write(body[:len(receiptPrefix)])
	h.Write([]byte(noDigest))
	h.Write(body[len(receiptPrefix)+len(noDigest):])
	sum := h.Sum(nil)
	if hex.EncodeToString(sum) != string(digits) {
		return nil, fmt.Errorf("%w: its bytes do not give its digest", ErrAltered)
	}
	if err := checkSignature(sum, key, sig, keys); err != nil {
		return nil, err
	}

	var f receiptFile
	if err := decodeStrict(append(slices.Clone(body), '}'), &f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAltered, err)
	}
	r := &Receipt{Person: f.Person, Made: f.Made, Plans: f.Plans, Looks: f.Looks}
	return r, r.checkChains()
}

// cutSignature takes the two members off the end that a signed receipt has.
func cutSignature(line []byte) (body []byte, key ed25519.PublicKey, sig []byte, err error) {
	at := bytes.LastIndex(line, []byte(`,"key":"`))
	// A vendor's field named "key" does not count: the object that holds it ends behind it.
	if at < 0 || !bytes.Contains(line[at:], []byte(`","signature":"`)) || bytes.ContainsAny(line[at:], "}]") {
		return line, nil, nil, nil
	}

	var end struct {
		Key       string `json:"key"`
		Signature string `json:"signature"`
	}
	text := append([]byte{'{'}, line[at+1:]...)
	if err := decodeStrict(append(text, '}'), &end); err != nil {
		return nil, nil, nil, fmt.Errorf("%w: %w", ErrAltered, err)
	}

	key, err1 := hex.DecodeString(end.Key)
	sig, err2 := hex.DecodeString(end.Signature)

	// Written again they must be the same bytes: a receipt has one spelling.
	again := fmt.Appendf(nil, `,"key":"%x","signature":"%x"`, []byte(key), sig)
	if errors.Join(err1, err2) != nil || len(key) != ed25519.PublicKeySize || len(sig) != ed25519.SignatureSize ||
		!bytes.Equal(again, line[at:]) {
		return nil, nil, nil, fmt.Errorf("%w: its signature is malformed", ErrAltered)
	}
	return line[:at], key, sig, nil
}

func checkSignature(sum []byte, key ed25519.PublicKey, sig []byte, keys []ed25519.PublicKey) error {
	switch {
	case key == nil && len(keys) > 0:
		return ErrUnsigned
	case key == nil:
		return nil
	case !ed25519.Verify(key, signedText(sum), sig):
		return fmt.Errorf("%w: its signature does not fit", ErrAltered)
	case len(keys) > 0 && !slices.ContainsFunc(keys, func(k ed25519.PublicKey) bool { return k.Equal(key) }):
		return fmt.Errorf("%w (%x)", ErrAnotherKey, []byte(key))
	}
	return nil
}

// checkChains follows the chain of every lane.
func (r *Receipt) checkChains() error {
	for _, p := range r.Plans {
		for _, l := range p.Lanes {
			prev := ""
			for i, e := range l.Entries {
				rec, err := e.Record()
				switch {
				case err != nil:
					return fmt.Errorf("%w: entry %d of %s: %w", ErrAltered, i, l.Lane, err)
				case rec.Plan != p.Plan || rec.Lane != l.Lane:
					return fmt.Errorf("%w: entry %d of %s belongs to another lane", ErrAltered, i, l.Lane)
				case rec.Prev != prev:
					return fmt.Errorf("%w: entry %d of %s does not follow from the one before it", ErrAltered, i, l.Lane)
				}
				prev = e.Hash()
			}

			if l.Count != len(l.Entries) || l.Head != prev {
				return fmt.Errorf("%w: the chain of %s is not whole", ErrAltered, l.Lane)
			}
		}
	}
	return nil
}

// Report says how each step of the receipt ended, by its records.
func (r *Receipt) Report() []StepReport {
	var reports []StepReport
	for _, p := range r.Plans {
		for _, s := range r.states(p) {
			reports = append(reports, s.report())
		}
	}
	return reports
}

// states are the states of a plan's steps, by the receipt's records.
func (r *Receipt) states(p ReceiptPlan) []*state {
	var all []*state
	byID := map[string]*state{}
	for _, s := range p.Steps {
		st := &state{Step: s}
		all, byID[s.ID] = append(all, st), st
	}

	users := map[string]string{}
	for _, l := range p.Lanes {
		for _, e := range l.Entries {
			rec, err := e.Record()
			if s := byID[rec.Step]; err == nil && s != nil {
				s.take(rec)
				users[s.Lane] = cmp.Or(s.found, users[s.Lane])
			}
		}
	}

	for _, s := range all {
		s.User = cmp.Or(s.User, users[s.Lane])
	}
	return all
}

// Recheck looks again, and says who is back: which steps of the receipt do not hold any
// more. The looks are added to the receipt. Nothing is written to a vendor. It
// takes a request or two for each step that was done. A receipt of another fleet is
// ErrRefused; a look that fails ends it with the look's error.
func (r *Receipt) Recheck(ctx context.Context, f Fleet) ([]Look, error) {
	var looks []Look
	for _, p := range r.Plans {
		for _, s := range r.states(p) {
			if !good(s.result) {
				continue
			}

			store := f[s.Account]
			if store == nil {
				return nil, refuse("recheck", "the receipt is of account %s, which is not here", s.Account)
			}
			if f.Fingerprint(s.Account) != p.Fleet[s.Account] {
				return nil, refuse("recheck", "the receipt was made for another %s", s.Account)
			}

			l, err := lookAgain(ctx, store, s, r.Person)
			if err != nil {
				return nil, err
			}
			looks = append(looks, l)
		}
	}

	r.Looks = append(r.Looks, looks...)
	return looks, nil
}

// lookAgain looks at one step.
func lookAgain(ctx context.Context, store core.Store, s *state, person string) (Look, error) {
	l := Look{At: time.Now().UTC(), Account: s.Account, Step: s.ID}
	step := s.Step
	step.If = nil
	at := look(ctx, store, step)
	if at.err != nil {
		return l, fmt.Errorf("recheck of %s: %w", s.ID, at.err)
	}

	l.Back = at.state == lookOpen
	if l.Back {
		l.Why = "what was done is not so any more"
	}
	if s.Op != core.OpDeleteUser {
		return l, nil
	}

	// Whoever was deleted may be back under another id.
	for _, name := range slices.Compact([]string{person, s.Login}) {
		if name == "" {
			continue
		}
		users, err := lookup(ctx, s.Account, store, name)
		if err != nil && !errors.Is(err, errors.ErrUnsupported) {
			return l, err
		}
		for _, u := range users {
			l.Back, l.Why = true, fmt.Sprintf("a user %s with the name %s is there", u.ID, strings.TrimSpace(name))
		}
	}
	return l, nil
}
