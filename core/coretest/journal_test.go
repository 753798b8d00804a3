package coretest

import (
	"context"
	"iter"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core/roster"
)

// storage opens file journals on one new file.
func storage(t *testing.T) func() roster.Journal {
	path := filepath.Join(t.TempDir(), "journal")
	return func() roster.Journal {
		j, err := roster.OpenFile(path)
		require.NoError(t, err)
		t.Cleanup(func() { j.Close() })
		return j
	}
}

func TestJournal_FileJournal(t *testing.T) { TestJournal(t, storage) }

// wrong is a journal with one flaw.
type wrong struct {
	roster.Journal
	flaw string
}

func (w wrong) is(flaw string) bool { return w.flaw == flaw }

func (w wrong) Begin(ctx context.Context, p roster.Plan, notes ...roster.Record) error {
	switch {
	case w.is("begins twice"):
		p.Actor += "+"
	case w.is("loses the notes of a begin"):
		notes = nil
	case w.is("loses plans"):
		return nil
	}
	return w.Journal.Begin(ctx, p, notes...)
}

func (w wrong) Plan(ctx context.Context, id string) (roster.Plan, error) {
	p, err := w.Journal.Plan(ctx, id)
	if err != nil && w.is("makes plans up") {
		return roster.Plan{}, nil
	}
	return p, err
}

func (w wrong) Claim(ctx context.Context, q roster.ClaimRequest) (*roster.Claim, error) {
	c, err := w.Journal.Claim(ctx, q)
	switch {
	case err != nil && w.is("has two holders"):
		return &roster.Claim{Plan: q.Plan, Lane: q.Lanes[0], Owner: q.Owner, Token: 1}, nil
	case err == nil && w.is("has one token"):
		c.Token = 1
	case err == nil && w.is("does not know the last record"):
		return &roster.Claim{Plan: c.Plan, Lane: c.Lane, Owner: c.Owner, Token: c.Token}, nil
	}
	return c, err
}

func (w wrong) Append(ctx context.Context, c *roster.Claim, rs ...roster.Record) error {
	switch {
	case w.is("drops outcomes"):
		rs = slices.DeleteFunc(slices.Clone(rs), func(r roster.Record) bool { return r.Phase == roster.PhaseOutcome })
	case w.is("turns records around"):
		rs = slices.Clone(rs)
		slices.Reverse(rs)
	case w.is("forgets errors"):
		rs = slices.Clone(rs)
		for i := range rs {
			rs[i].Error = nil
		}
	case c == nil && w.is("takes intents without a claim"):
		rs = slices.Clone(rs)
		for i := range rs {
			rs[i].Phase = roster.PhaseNote
		}
	}
	err := w.Journal.Append(ctx, c, rs...)
	if w.is("swallows the fence") {
		return nil
	}
	return err
}

func (w wrong) Free(ctx context.Context, c *roster.Claim) error {
	if w.is("never frees") {
		return nil
	}
	return w.Journal.Free(ctx, c)
}

func (w wrong) Records(ctx context.Context, q roster.Query) iter.Seq2[roster.Record, error] {
	switch {
	case w.is("ignores the lane"):
		q.Lane = ""
	case w.is("ignores the time"):
		q.Since = time.Time{}
	case w.is("ignores the place"):
		q.After = 0
	case w.is("mixes plans"):
		q.Plan, q.Lane = "", ""
	}
	return w.Journal.Records(ctx, q)
}

func (w wrong) Due(ctx context.Context, now time.Time) iter.Seq2[roster.Plan, error] {
	if w.is("is always due") {
		now = now.Add(24 * time.Hour)
	}
	if w.is("never closes") {
		return func(yield func(roster.Plan, error) bool) {
			for p := range w.Plans(ctx) {
				if !p.Until.IsZero() && p.Until.Before(now) && !yield(p, nil) {
					return
				}
			}
		}
	}
	return w.Journal.Due(ctx, now)
}

func TestJournalChecks_FindWrongJournals(t *testing.T) {
	for flaw, check := range map[string]string{
		"begins twice":                  "a plan is kept as it is",
		"loses plans":                   "a plan is kept as it is",
		"makes plans up":                "an unknown plan is not found",
		"drops outcomes":                "records come back as they were",
		"turns records around":          "records come back as they were",
		"forgets errors":                "records come back as they were",
		"ignores the lane":              "queries narrow",
		"ignores the time":              "queries narrow",
		"ignores the place":             "queries narrow",
		"mixes plans":                   "chains hold",
		"has two holders":               "a lane has one holder",
		"never frees":                   "a lane has one holder",
		"swallows the fence":            "an old claim is fenced",
		"has one token":                 "tokens rise",
		"does not know the last record": "a claim knows what others did",
		"takes intents without a claim": "without a claim there are notes alone",
		"loses the notes of a begin":    "without a claim there are notes alone",
		"is always due":                 "leases are due until they are closed",
		"never closes":                  "leases are due until they are closed",
	} {
		t.Run(flaw, func(t *testing.T) {
			open := storage(t)
			i := slices.IndexFunc(journalChecks, func(c journalCheck) bool { return c.name == check })
			require.GreaterOrEqual(t, i, 0)
			assert.NoError(t, journalChecks[i].run(t.Context(), storage(t)))
			assert.Error(t, journalChecks[i].run(t.Context(), func() roster.Journal { return wrong{open(), flaw} }))
		})
	}
}
