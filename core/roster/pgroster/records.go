package pgroster

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/rollcall-go/rollcall/core/roster"
)

// entry is a row of the table record.
type entry struct {
	seq        int64
	head, body string
}

func (e entry) open() roster.Entry {
	return roster.Entry{Head: json.RawMessage(e.head), Body: json.RawMessage(e.body)}
}

// Records implements roster.Journal. They are read with one statement before the first is
// handed out: what is shown of a lane then never has a gap, and no connection is held
// while the caller asks for other things.
func (j *Journal) Records(ctx context.Context, q roster.Query) iter.Seq2[roster.Record, error] {
	return func(yield func(roster.Record, error) bool) {
		// What this process has appended is shown, too. What it cannot keep any more is told to
		// those who appended it.
		if err := j.Sync(ctx); err != nil && !errors.Is(err, roster.ErrFenced) {
			yield(roster.Record{}, err)
			return
		}

		rows, err := j.entries(ctx, q)
		if err != nil {
			yield(roster.Record{}, failed("records", err))
			return
		}

		for _, row := range rows {
			r, err := row.open().Record()
			r.Seq = row.seq
			if err == nil && r.At.Before(q.Since) {
				continue
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

func (j *Journal) entries(ctx context.Context, q roster.Query) (rows []entry, err error) {
	text, args := `select seq, head, body from $.record where seq > $1`, []any{q.After}
	switch {
	case q.Plan != "" && q.Lane != "":
		text, args = text+` and plan = $2 and lane = $3`, append(args, q.Plan, q.Lane)
	case q.Plan != "":
		text, args = text+` and plan = $2`, append(args, q.Plan)
	case !q.Since.IsZero():
		// The column is rounded; the record itself is compared too.
		text, args = text+` and at >= $2`, append(args, q.Since.Add(-time.Millisecond))
	}

	err = j.ask(ctx, time.Time{}, func(ctx context.Context) error {
		got, err := j.db.query(ctx, text+` order by seq`, args...)
		if err != nil {
			return err
		}
		rows, err = pgx.CollectRows(got, func(row pgx.CollectableRow) (e entry, err error) {
			err = row.Scan(&e.seq, &e.head, &e.body)
			return e, err
		})
		return err
	})
	return rows, err
}
