package roster_test

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// memory is a journal of one process and one plan, for tests that apply thousands of times.
// It has no chain, and forgets who holds what when it is thrown away.
type memory struct {
	mu      sync.Mutex
	plan    *roster.Plan
	records []roster.Record
	held    map[string]bool
}

func newMemory() *memory { return &memory{held: map[string]bool{}} }

func (m *memory) add(rs ...roster.Record) {
	for _, r := range rs {
		r.Seq = int64(len(m.records) + 1)
		m.records = append(m.records, r)
	}
}

func (m *memory) Begin(_ context.Context, p roster.Plan, notes ...roster.Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.plan == nil {
		m.plan = &p
		m.add(roster.Record{Plan: p.ID(), Phase: roster.PhaseBegun})
	}
	m.add(notes...)
	return nil
}

func (m *memory) Plan(_ context.Context, id string) (roster.Plan, error) {
	if m.plan == nil || m.plan.ID() != id {
		return roster.Plan{}, &core.Error{Class: core.ClassNotFound}
	}
	return *m.plan, nil
}

func (m *memory) Plans(context.Context) iter.Seq2[roster.Plan, error] {
	return func(yield func(roster.Plan, error) bool) {
		if m.plan != nil {
			yield(*m.plan, nil)
		}
	}
}

func (m *memory) Claim(_ context.Context, q roster.ClaimRequest) (*roster.Claim, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, lane := range q.Lanes {
		if !m.held[lane] {
			m.held[lane] = true
			return &roster.Claim{Plan: q.Plan, Lane: lane, Owner: q.Owner, Token: 1}, nil
		}
	}
	return nil, roster.ErrNothing
}

func (m *memory) Append(_ context.Context, c *roster.Claim, rs ...roster.Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range rs {
		r.Plan, r.Lane = c.Plan, c.Lane
		m.add(r)
		c.Renewed(time.Time{}, int64(len(m.records)))
	}
	return nil
}

func (m *memory) Free(_ context.Context, c *roster.Claim) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.held, c.Lane)
	return nil
}

func (m *memory) Records(_ context.Context, q roster.Query) iter.Seq2[roster.Record, error] {
	return func(yield func(roster.Record, error) bool) {
		m.mu.Lock()
		records := m.records[:len(m.records):len(m.records)]
		m.mu.Unlock()
		for _, r := range records {
			wanted := (q.Plan == "" || q.Plan == r.Plan) && (q.Lane == "" || q.Lane == r.Lane) && r.Seq > q.After && !r.At.Before(q.Since)
			if wanted && !yield(r, nil) {
				return
			}
		}
	}
}

func (m *memory) Due(context.Context, time.Time) iter.Seq2[roster.Plan, error] {
	return func(func(roster.Plan, error) bool) {}
}

func (m *memory) Sync(context.Context) error { return nil }
