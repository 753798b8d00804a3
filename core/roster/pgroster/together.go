package pgroster

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// The kinds of questions, as the function together knows them.
const (
	kindClaim  = "claim"
	kindAppend = "append"
	kindLast   = "last" // an append and a free
	kindFree   = "free"
)

// question is what a worker asks about a lane.
type question struct {
	kind              string
	plan, lane, owner string
	token             int64 // of the claim, or in the answer to one
	ttl               time.Duration
	bundle            bundle // of an append

	// The answer. A claim or an append without it was refused.
	taken bool
	head  string // of a claimed lane
	last  int64
}

// together asks all questions in one statement. They are in order of their lanes, so that
// of two machines that want the same ones neither waits for the other.
func (d db) together(ctx context.Context, all []*question) error {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b *question) int { return strings.Compare(a.lane, b.lane) })
	rows, err := d.again(ctx, `select i, token, head, last from $.together($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		columns(all)...)
	if err != nil {
		return err
	}

	var i int
	var token, last *int64
	var head *string
	_, err = pgx.ForEachRow(rows, []any{&i, &token, &head, &last}, func() error {
		q := all[i-1]
		q.taken, q.last = true, *last
		if q.kind == kindClaim {
			q.token, q.head = *token, *head
		}
		return nil
	})
	return err
}

// columns turns questions into arrays, one for each parameter.
func columns(all []*question) []any {
	n := len(all)
	kinds, plans, lanes, owners := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	prevs, nexts, tokens, ttls := make([]string, n), make([]string, n), make([]int64, n), make([]time.Duration, n)
	doneEnds, recordEnds := make([]int32, n), make([]int32, n)
	done, ats, heads, bodies := []string{}, []time.Time{}, []string{}, []string{}

	for i, q := range all {
		kinds[i], plans[i], lanes[i], owners[i], tokens[i], ttls[i] = q.kind, q.plan, q.lane, q.owner, q.token, q.ttl
		prevs[i], nexts[i] = q.bundle.prev, q.bundle.next
		done, ats = append(done, q.bundle.done...), append(ats, q.bundle.at...)
		heads, bodies = append(heads, q.bundle.head...), append(bodies, q.bundle.body...)
		doneEnds[i], recordEnds[i] = int32(len(done)), int32(len(heads))
	}
	return []any{kinds, plans, lanes, owners, tokens, ttls, prevs, nexts, doneEnds, done, recordEnds, ats, heads, bodies}
}
