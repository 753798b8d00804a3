package pgroster

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// Begin implements roster.Journal. It is one transaction.
func (j *Journal) Begin(ctx context.Context, p roster.Plan, notes ...roster.Record) error {
	b, err := newBeginning(p, notes)
	if err != nil {
		return err
	}
	err = j.ask(ctx, time.Time{}, func(ctx context.Context) error {
		return pgx.BeginFunc(ctx, j.db.pool, func(tx pgx.Tx) error { return j.begin(ctx, tx, b) })
	})
	return failed("begin", err)
}

// BeginTx is Begin inside a transaction of the caller's: the plan is kept when that
// commits. Use it to hand the plan to a queue in the same database at the same time.
func (j *Journal) BeginTx(ctx context.Context, tx pgx.Tx, p roster.Plan, notes ...roster.Record) error {
	b, err := newBeginning(p, notes)
	if err != nil {
		return err
	}
	return failed("begin", j.begin(ctx, tx, b))
}

// beginning is a plan on its way into the journal.
type beginning struct {
	plan   roster.Plan
	id     string
	first  roster.Entry
	notes  []roster.Record
	sealed string // the last head that an earlier try would have left
}

func newBeginning(p roster.Plan, notes []roster.Record) (*beginning, error) {
	first, err := roster.SealPlan(p, roster.Record{At: time.Now().UTC()})
	if err != nil {
		return nil, err
	}
	return &beginning{plan: p, id: p.ID(), first: first, notes: notes}, nil
}

// begin is one try.
func (j *Journal) begin(ctx context.Context, tx pgx.Tx, b *beginning) error {
	t := inTx{tx, j.db}
	if err := t.exec(ctx, `select $.durable()`); err != nil {
		return err
	}

	var until *time.Time
	if !b.plan.Until.IsZero() {
		until = &b.plan.Until
	}
	if err := t.exec(ctx, `insert into $.plan (id, until) values ($1, $2) on conflict do nothing`, b.id, until); err != nil {
		return err
	}

	// The row is locked: another Begin of the plan waits here.
	var head string
	var begun int64
	if err := t.row(ctx, `select head, begun from $.plan where id = $1 for update`, b.id).Scan(&head, &begun); err != nil {
		return err
	}

	if begun == 0 {
		if err := t.add(ctx, b.id, time.Now(), b.first, &begun); err != nil {
			return err
		}
		head = b.first.Hash()
		if err := t.exec(ctx, `update $.plan set begun = $2, head = $3 where id = $1`, b.id, begun, head); err != nil {
			return err
		}
		if err := t.lanes(ctx, b.id, b.plan); err != nil {
			return err
		}
	}

	if b.sealed != "" && head == b.sealed {
		return nil // an earlier try was carried out
	}
	return t.notes(ctx, b.id, head, b.notes, &b.sealed)
}

// inTx sends statements in a transaction.
type inTx struct {
	tx pgx.Tx
	db db
}

func (t inTx) exec(ctx context.Context, text string, args ...any) error {
	_, err := t.tx.Exec(ctx, t.db.sql(text), append([]any{pgx.QueryExecModeExec}, args...)...)
	return err
}

func (t inTx) row(ctx context.Context, text string, args ...any) pgx.Row {
	return t.tx.QueryRow(ctx, t.db.sql(text), append([]any{pgx.QueryExecModeExec}, args...)...)
}

// add keeps an entry that belongs to the plan itself.
func (t inTx) add(ctx context.Context, plan string, at time.Time, e roster.Entry, seq *int64) error {
	return t.row(ctx, `insert into $.record (plan, lane, at, head, body) values ($1, '', $2, $3, $4) returning seq`,
		plan, at, string(e.Head), string(e.Body)).Scan(seq)
}

// lanes makes a row for each lane of a plan, with the steps that are to be done.
func (t inTx) lanes(ctx context.Context, id string, p roster.Plan) error {
	var lanes, steps []string
	for _, s := range p.Steps {
		lanes, steps = append(lanes, s.Lane), append(steps, s.ID)
	}
	return t.exec(ctx, `insert into $.lane (plan, lane, open)
		select $1, l, array_agg(s order by i) from unnest($2::text[], $3::text[]) with ordinality u (l, s, i) group by l order by l
		on conflict do nothing`, id, lanes, steps)
}

// notes adds notes to the chain of the plan. The plan's row is locked.
func (t inTx) notes(ctx context.Context, id, head string, notes []roster.Record, sealed *string) error {
	if len(notes) == 0 {
		return nil
	}

	closed := false
	for _, r := range notes {
		r.Plan, r.Lane = id, ""
		if r.At.IsZero() {
			r.At = time.Now().UTC()
		}

		e, err := roster.Seal(r, head)
		if err != nil {
			return err
		}
		var seq int64
		if err := t.add(ctx, id, r.At, e, &seq); err != nil {
			return err
		}
		head, closed = e.Hash(), closed || r.Note == roster.NoteClosed
	}

	*sealed = head
	return t.exec(ctx, `update $.plan set head = $2, closed = closed or $3 where id = $1`, id, head, closed)
}

// appendNotes keeps records that need no claim. They belong to their plans.
func (j *Journal) appendNotes(ctx context.Context, rs []roster.Record) error {
	byPlan := map[string][]roster.Record{}
	var plans []string
	for _, r := range rs {
		if r.Phase != roster.PhaseNote {
			return fmt.Errorf("%w: a record of phase %s needs a claim", roster.ErrFenced, r.Phase)
		}
		if byPlan[r.Plan] == nil {
			plans = append(plans, r.Plan)
		}
		byPlan[r.Plan] = append(byPlan[r.Plan], r)
	}

	for _, plan := range plans {
		sealed := ""
		err := j.ask(ctx, time.Time{}, func(ctx context.Context) error {
			return pgx.BeginFunc(ctx, j.db.pool, func(tx pgx.Tx) error {
				t := inTx{tx, j.db}
				if err := t.exec(ctx, `select $.durable()`); err != nil {
					return err
				}

				var head string
				err := t.row(ctx, `select head from $.plan where id = $1 for update`, plan).Scan(&head)
				switch {
				case errors.Is(err, pgx.ErrNoRows):
					return notFound(plan)
				case err != nil:
					return err
				case sealed != "" && head == sealed:
					return nil // an earlier try was carried out
				}
				return t.notes(ctx, plan, head, byPlan[plan], &sealed)
			})
		})

		if err != nil {
			return failed("append", err)
		}
	}
	return nil
}

func notFound(plan string) error {
	return &core.Error{Op: "journal", Class: core.ClassNotFound, Message: "no plan " + plan + " was begun", Applied: core.AppliedNo}
}

// Plan implements roster.Journal.
func (j *Journal) Plan(ctx context.Context, id string) (roster.Plan, error) {
	var e entry
	err := j.ask(ctx, time.Time{}, func(ctx context.Context) error {
		return j.db.row(ctx, `select r.seq, r.head, r.body from $.plan p join $.record r on r.seq = p.begun where p.id = $1`, id).
			Scan(&e.seq, &e.head, &e.body)
	})

	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return roster.Plan{}, notFound(id)
	case err != nil:
		return roster.Plan{}, failed("plan", err)
	}
	return e.open().Content()
}

// Plans implements roster.Journal.
func (j *Journal) Plans(ctx context.Context) iter.Seq2[roster.Plan, error] {
	return j.plans(ctx, `select id from $.plan order by n`)
}

// Due implements roster.Journal.
func (j *Journal) Due(ctx context.Context, now time.Time) iter.Seq2[roster.Plan, error] {
	return j.plans(ctx, `select id from $.plan where until <= $1 and not closed order by n`, now)
}

func (j *Journal) plans(ctx context.Context, text string, args ...any) iter.Seq2[roster.Plan, error] {
	return func(yield func(roster.Plan, error) bool) {
		ids, err := j.ids(ctx, text, args...)
		if err != nil {
			yield(roster.Plan{}, failed("plans", err))
			return
		}

		for _, id := range ids {
			p, err := j.Plan(ctx, id)
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

func (j *Journal) ids(ctx context.Context, text string, args ...any) (ids []string, err error) {
	err = j.ask(ctx, time.Time{}, func(ctx context.Context) error {
		rows, err := j.db.query(ctx, text, args...)
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return ids, err
}

// LastTx returns the number of the latest record of a plan, 0 where there is none. It
// reads inside a transaction of the caller's.
func (j *Journal) LastTx(ctx context.Context, tx pgx.Tx, plan string) (last int64, err error) {
	err = inTx{tx, j.db}.row(ctx, `select coalesce(max(seq), 0) from $.record where plan = $1`, plan).Scan(&last)
	return last, failed("records", err)
}

// Held reports whether somebody holds a lane of a plan.
func (j *Journal) Held(ctx context.Context, plan string) (held bool, err error) {
	err = j.ask(ctx, time.Time{}, func(ctx context.Context) error {
		return j.db.row(ctx, `select exists (select from $.lane where plan = $1 and owner is not null and until > clock_timestamp())`,
			plan).Scan(&held)
	})
	return held, failed("claims", err)
}

// Release frees the lanes of a plan on which nothing is left to do, for example of a
// machine that died after it had done the last step.
func (j *Journal) Release(ctx context.Context, plan string) error {
	return failed("release", j.ask(ctx, time.Time{}, func(ctx context.Context) error {
		return j.db.exec(ctx, `update $.lane set owner = null, until = null where plan = $1 and done and owner is not null`, plan)
	}))
}

// Sweep removes the names of owners whose claims have run out, so that the table shows
// who holds something.
func (j *Journal) Sweep(ctx context.Context) error {
	return failed("sweep", j.ask(ctx, time.Time{}, func(ctx context.Context) error {
		return j.db.exec(ctx, `update $.lane set owner = null, until = null where (plan, lane) in (
			select plan, lane from $.lane where owner is not null and until < clock_timestamp() for update skip locked)`)
	}))
}
