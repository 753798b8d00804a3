package pgroster

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// claiming is a claim under way. A token of 0 is none.
type claiming struct {
	plan, lane, owner string
	ttl               time.Duration

	token, last int64
	head        string
}

// claimAll asks for lanes. They are in order, so that of two who want the same lanes at
// once neither waits for the other.
func (d db) claimAll(ctx context.Context, all []*claiming) error {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b *claiming) int { return strings.Compare(a.lane, b.lane) })
	var plans, lanes, owners []string
	var ttls []time.Duration
	for _, c := range all {
		plans, lanes, owners, ttls = append(plans, c.plan), append(lanes, c.lane), append(owners, c.owner), append(ttls, c.ttl)
	}

	rows, err := d.query(ctx, `select i, token, head, last from $.claim_all($1, $2, $3, $4)`, plans, lanes, owners, ttls)
	if err != nil {
		return err
	}
	var i int
	var token, last int64
	var head string
	_, err = pgx.ForEachRow(rows, []any{&i, &token, &head, &last}, func() error {
		c := all[i-1]
		c.token, c.head, c.last = token, head, last
		return nil
	})
	return err
}

// appending is an append under way. Without taken it was refused.
type appending struct {
	plan, lane, owner string
	token             int64
	ttl               time.Duration
	bundle

	taken bool
	last  int64
}

// appendAll adds records to lanes.
func (d db) appendAll(ctx context.Context, all []*appending) error {
	var plans, lanes, owners, prevs, nexts []string
	var tokens []int64
	var ttls []time.Duration
	var doneEnds, recordEnds []int
	done, heads, bodies, ats := []string{}, []string{}, []string{}, []time.Time{}
	for _, a := range all {
		plans, lanes, owners = append(plans, a.plan), append(lanes, a.lane), append(owners, a.owner)
		tokens, ttls = append(tokens, a.token), append(ttls, a.ttl)
		prevs, nexts = append(prevs, a.prev), append(nexts, a.next)
		done, ats, heads, bodies = append(done, a.done...), append(ats, a.at...), append(heads, a.head...), append(bodies, a.body...)
		doneEnds, recordEnds = append(doneEnds, len(done)), append(recordEnds, len(heads))
	}

	rows, err := d.query(ctx, `select i, last from $.append_all($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		plans, lanes, owners, tokens, ttls, prevs, nexts, doneEnds, done, recordEnds, ats, heads, bodies)
	if err != nil {
		return err
	}
	var i int
	var last *int64
	_, err = pgx.ForEachRow(rows, []any{&i, &last}, func() error {
		if last != nil {
			all[i-1].taken, all[i-1].last = true, *last
		}
		return nil
	})
	return err
}

// freeing is a claim that is given back.
type freeing struct {
	plan, lane, owner string
	token             int64
}

func (d db) freeAll(ctx context.Context, all []*freeing) error {
	var plans, lanes, owners []string
	var tokens []int64
	for _, f := range all {
		plans, lanes, owners, tokens = append(plans, f.plan), append(lanes, f.lane), append(owners, f.owner), append(tokens, f.token)
	}
	return d.exec(ctx, `select $.free_all($1, $2, $3, $4)`, plans, lanes, owners, tokens)
}
