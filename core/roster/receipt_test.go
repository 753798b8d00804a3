package roster_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// offboarded is a world that somebody has left, with the report of it.
func offboarded(t *testing.T) (*world, *roster.Report) {
	t.Helper()
	w := town()
	p := planOf(t, w, roster.Want{Gone: []string{"leaver0@x.test"}})
	report, err := runOn(w, newJournal(t)).Apply(t.Context(), p)
	require.NoError(t, err)
	return w, report
}

func key(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return private
}

func public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

func TestReceipt_EveryChangedByteIsFound(t *testing.T) {
	_, report := offboarded(t)
	for name, opts := range map[string][]roster.ReceiptOption{"plain": nil, "signed": {roster.SignedBy(key(t))}} {
		r, err := report.Receipt(t.Context(), "LEAVER0@x.test", opts...)
		require.NoError(t, err)
		var b bytes.Buffer
		_, err = r.WriteTo(&b)
		require.NoError(t, err)
		file := b.Bytes()
		read, err := roster.Verify(file)
		require.NoError(t, err, name)
		require.Len(t, read.Report(), 2)
		for _, s := range read.Report() {
			assert.Equal(t, core.ResultApplied, s.Result)
		}
		for i := range file {
			for _, bit := range []byte{1, 0x20} {
				changed := bytes.Clone(file)
				changed[i] ^= bit
				_, err := roster.Verify(changed)
				require.Error(t, err, "%s: byte %d of %d", name, i, len(file))
			}
		}
		_, err = roster.Verify(file[:len(file)-1])
		require.ErrorIs(t, err, roster.ErrAltered)
		_, err = roster.Verify(append(bytes.Clone(file), '\n'))
		require.ErrorIs(t, err, roster.ErrAltered)
	}
}

func TestReceipt_TellsAnotherKeyFromAltered(t *testing.T) {
	_, report := offboarded(t)
	mine, other := key(t), key(t)
	signed, err := report.Receipt(t.Context(), "leaver0@x.test", roster.SignedBy(mine))
	require.NoError(t, err)
	file, err := signed.Encode()
	require.NoError(t, err)
	_, err = roster.Verify(file, public(mine))
	require.NoError(t, err)
	_, err = roster.Verify(file, public(other), public(mine))
	require.NoError(t, err)
	_, err = roster.Verify(file, public(other))
	require.ErrorIs(t, err, roster.ErrAnotherKey)

	plain, err := report.Receipt(t.Context(), "leaver0@x.test")
	require.NoError(t, err)
	file, err = plain.Encode()
	require.NoError(t, err)
	_, err = roster.Verify(file, public(mine))
	require.ErrorIs(t, err, roster.ErrUnsigned)
}

func TestReceipt_ChainsHoldEvenWhenTheDigestIsMadeAnew(t *testing.T) {
	_, report := offboarded(t)
	for name, spoil := range map[string]func(l *roster.ReceiptLane){
		"a line removed": func(l *roster.ReceiptLane) { l.Entries = append(l.Entries[:1:1], l.Entries[2:]...); l.Count-- },
		"two swapped":    func(l *roster.ReceiptLane) { l.Entries[0], l.Entries[1] = l.Entries[1], l.Entries[0] },
		"the tail cut":   func(l *roster.ReceiptLane) { l.Entries = l.Entries[:len(l.Entries)-1]; l.Count-- },
		"another body":   func(l *roster.ReceiptLane) { l.Entries[0].Body = l.Entries[1].Body },
		"another lane":   func(l *roster.ReceiptLane) { l.Lane += "x" },
	} {
		r, err := report.Receipt(t.Context(), "leaver0@x.test")
		require.NoError(t, err)
		spoil(&r.Plans[0].Lanes[0])
		file, err := r.Encode()
		require.NoError(t, err)
		_, err = roster.Verify(file)
		require.ErrorIs(t, err, roster.ErrAltered, name)
	}

	// A body can be erased, and the chain still holds.
	r, err := report.Receipt(t.Context(), "leaver0@x.test")
	require.NoError(t, err)
	r.Plans[0].Lanes[0].Entries[0].Body = []byte("null")
	file, err := r.Encode()
	require.NoError(t, err)
	_, err = roster.Verify(file)
	require.NoError(t, err)
}

func TestReceipt_RecheckFindsWhoIsBack(t *testing.T) {
	w, report := offboarded(t)
	r, err := report.Receipt(t.Context(), "leaver0@x.test")
	require.NoError(t, err)
	fleet := roster.Fleet{"fake": store{w}}
	looks, err := r.Recheck(t.Context(), fleet)
	require.NoError(t, err)
	for _, l := range looks {
		assert.False(t, l.Back, l.Why)
	}
	w.add("leaver0@x.test")
	looks, err = r.Recheck(t.Context(), fleet)
	require.NoError(t, err)
	back := 0
	for _, l := range looks {
		if l.Back {
			back++
		}
	}
	assert.Equal(t, 1, back)
	file, err := r.Encode()
	require.NoError(t, err)
	again, err := roster.Verify(file)
	require.NoError(t, err)
	assert.Len(t, again.Looks, 4)
	_, err = r.Recheck(t.Context(), roster.Fleet{})
	assert.ErrorIs(t, err, roster.ErrRefused)
}

func TestReceipt_OfNobody(t *testing.T) {
	_, report := offboarded(t)
	_, err := report.Receipt(t.Context(), "stranger@x.test")
	require.ErrorIs(t, err, core.ErrNotFound)
}

func TestReport_SaysWhatToDoNext(t *testing.T) {
	_, report := offboarded(t)
	var b strings.Builder
	require.NoError(t, report.WriteText(&b))
	assert.Equal(t, "2 of 2 steps are done.\n", b.String())
}
