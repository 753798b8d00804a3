package roster_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// records are of each shape that a body can have.
func records() []roster.Record {
	at := time.Date(2026, 12, 1, 18, 0, 0, 123456789, time.UTC)
	link := core.Assignment{UserID: "u1", Target: q1, Level: new(2)}
	return []roster.Record{
		{Phase: roster.PhaseNote, At: at},
		{Step: "kim@x.test/fake/users.create", Phase: roster.PhaseIntent, At: at, Owner: "host/1", Token: 7, User: "u1"},
		{Step: "s", Phase: roster.PhaseOutcome, At: at, Owner: "host/1", Result: core.ResultApplied, User: "u1", Login: "kim"},
		{Step: "s", Phase: roster.PhaseOutcome, At: at, Result: core.ResultApplied,
			Outcomes: []core.Outcome{{Assignment: link, Result: core.ResultApplied, Before: &link}}},
		{Step: "s", Phase: roster.PhaseOutcome, At: at, Result: core.ResultFailed, Message: `he said "no"`,
			Error: &core.Error{Class: core.ClassInvalid}},
		{Step: "s", Phase: roster.PhaseOutcome, At: at, Outcomes: []core.Outcome{{Assignment: link}}, Block: &core.Block{Changed: []string{"x"}}},
		{Step: "Zoë/fake/x", Phase: roster.PhaseNote, Note: roster.NoteLook, At: at, Message: "Zoë"},
	}
}

// TestEntry_ReadsWhatItWrote in both ways of reading.
func TestEntry_ReadsWhatItWrote(t *testing.T) {
	plain := 0
	for _, r := range records() {
		e, err := roster.Seal(r, "")
		require.NoError(t, err)
		got, err := e.Record()
		require.NoError(t, err)
		var want roster.Record
		require.NoError(t, json.Unmarshal(e.Body, &want))
		got, ok := withoutEntry(got), false
		assert.Equal(t, want, got)
		if _, ok = roster.ReadPlain(e.Body); ok {
			plain++
		}
	}
	assert.Equal(t, 4, plain, "the short way is taken where it can be")
}

func withoutEntry(r roster.Record) roster.Record {
	return roster.Record{Step: r.Step, Phase: r.Phase, At: r.At, Owner: r.Owner, Token: r.Token, Note: r.Note, Result: r.Result,
		Message: r.Message,
		User:    r.User, Login: r.Login, Outcomes: r.Outcomes, Block: r.Block, Error: r.Error, Seen: r.Seen}
}

// FuzzReadPlain: what is read the short way is read the same as JSON.
func FuzzReadPlain(f *testing.F) {
	for _, r := range records() {
		e, err := roster.Seal(r, "")
		require.NoError(f, err)
		f.Add([]byte(e.Body))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, ok := roster.ReadPlain(text)
		if !ok {
			return
		}
		var want roster.Record
		require.NoError(t, json.Unmarshal(text, &want), "%s", text)
		assert.Equal(t, want, got, "%s", text)
	})
}
