package riverroster

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// sql puts the name of River's schema for "$.".
func (d *Driver) sql(text string) string {
	return strings.ReplaceAll(text, "$.", pgx.Identifier{d.Schema}.Sanitize()+".")
}

const isUnfinished = `kind = 'rollcall_plan' and state not in ('completed', 'cancelled', 'discarded')`

// cancelNote is what River notes of a job that somebody has cancelled, on its web page for
// example. It leaves a running one to whoever runs it.
const cancelNote = "cancel_attempted_at"

const isCancelled = `metadata ? '` + cancelNote + `'`

// mark is what a job bears whose plan this module has ended. One that runs with it was
// retried in River.
const mark = "rollcall_ended"

// unfinished is how many jobs of plans will run, or run.
func (d *Driver) unfinished(ctx context.Context) (n int, err error) {
	err = d.Pool.QueryRow(ctx, d.sql(`select count(*) from $.river_job where `+isUnfinished)).Scan(&n)
	return n, err
}

// reopenTx tells the jobs of a plan that are not finished that it was submitted again.
func (d *Driver) reopenTx(ctx context.Context, tx pgx.Tx, plan string, since int64) error {
	_, err := tx.Exec(ctx, d.sql(`update $.river_job set args = jsonb_set(args::jsonb, '{since}', to_jsonb($2::bigint)), metadata = metadata - $3
		where `+isUnfinished+` and args->>'plan' = $1`), plan, since, mark)
	return err
}

// reopen takes a plan up again of which a job that had ended was retried in River: as if
// the plan had been submitted again. Of several such jobs the first does that for all.
func (d *Driver) reopen(ctx context.Context, id int64, plan string) (since int64, err error) {
	err = pgx.BeginFunc(ctx, d.Pool, func(tx pgx.Tx) error {
		// All of them are locked, in one order.
		rows, err := tx.Query(ctx, d.sql(`select id, (args->>'since')::bigint, metadata ? $2 from $.river_job
			where `+isUnfinished+` and args->>'plan' = $1 order by id for update`), plan, mark)
		if err != nil {
			return err
		}

		ended := false
		var job, at int64
		var marked bool
		if _, err := pgx.ForEachRow(rows, []any{&job, &at, &marked}, func() error {
			if job == id {
				since, ended = at, marked
			}
			return nil
		}); err != nil || !ended {
			return err
		}

		if since, err = d.Journal.LastTx(ctx, tx, plan); err != nil {
			return err
		}
		return d.reopenTx(ctx, tx, plan, since)
	})
	return since, err
}

// finish ends the other jobs of a plan, for which there is nothing to do any more: those
// that sleep, and those that were left running by machines that died. Who still drives
// the plan ends by itself. It reports whether the plan was submitted again meanwhile.
func (d *Driver) finish(ctx context.Context, id int64, a planArgs) (again bool, err error) {
	if err := d.Journal.Release(ctx, a.Plan); err != nil {
		return false, err
	}

	err = pgx.BeginFunc(ctx, d.Pool, func(tx pgx.Tx) error {
		var since int64
		err := tx.QueryRow(ctx, d.sql(`select (args->>'since')::bigint from $.river_job where id = $1 for update`), id).Scan(&since)
		if err != nil || since != a.Since {
			again = err == nil
			return err
		}

		// Who is retried in River later must know that the plan had ended.
		if _, err := tx.Exec(ctx, d.sql(`update $.river_job set metadata = metadata || jsonb_build_object($2::text, true) where id = $1`),
			id, mark); err != nil {
			return err
		}

		_, err = tx.Exec(ctx, d.sql(`update $.river_job set state = 'completed', finalized_at = now(),
				metadata = metadata || jsonb_build_object($5::text, true)
			where `+isUnfinished+` and id <> $1 and args->>'plan' = $2 and args->>'since' = $3::bigint::text
			and (state <> 'running' or attempted_at < now() - $4::interval)`), id, a.Plan, a.Since, d.Run.ClaimTTL, mark)
		return err
	})
	return again, err
}

// forgetCancel removes the note of a cancellation that was there when a job began: somebody
// has retried it since, with a River that leaves the note.
func (d *Driver) forgetCancel(job *rivertype.JobRow) error {
	note := noted(job, cancelNote)
	if note == nil {
		return nil
	}
	_, err := d.Pool.Exec(d.ctx, d.sql(`update $.river_job set metadata = metadata - $2 where id = $1 and metadata->$2 = $3::jsonb`),
		job.ID, cancelNote, string(note))
	return err
}

// stopCancelled stops the plans whose jobs were cancelled in River. Of a job that runs River
// would tell by a message, which needs a session.
func (d *Driver) stopCancelled(ctx context.Context) error {
	d.mu.Lock()
	plans := map[int64]string{}
	for plan, v := range d.driving {
		plans[v.job] = plan
	}
	d.mu.Unlock()
	if len(plans) == 0 {
		return nil
	}

	rows, err := d.Pool.Query(ctx, d.sql(`select id from $.river_job where id = any($1) and `+isCancelled), slices.Collect(maps.Keys(plans)))
	if err != nil {
		return err
	}
	cancelled, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}

	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range cancelled {
		if v := d.driving[plans[id]]; v.job == id {
			v.stop()
		}
	}
	return nil
}

// sweep finds plans whose jobs all run on machines that are silent, and queues one more
// job for each: progress never waits until River rescues what died. A job that was cancelled
// ends there too.
func (d *Driver) sweep(ctx context.Context) error {
	_, err := d.Pool.Exec(ctx, d.sql(`update $.river_job set state = 'cancelled', finalized_at = now()
		where `+isUnfinished+` and state = 'running' and `+isCancelled+`
		and greatest(attempted_at, (metadata->>'cancel_attempted_at')::timestamptz) < now() - $1::interval`), d.Run.ClaimTTL+d.Run.Grace)
	if err != nil {
		return err
	}

	rows, err := d.Pool.Query(ctx, d.sql(`select args->>'plan', max((args->>'shard')::int), max((args->>'since')::bigint)
		from $.river_job where `+isUnfinished+` and not `+isCancelled+` group by 1
		having bool_and(state = 'running') and max(attempted_at) < now() - $1::interval`), d.Run.ClaimTTL)
	if err != nil {
		return err
	}
	left, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a planArgs, err error) {
		err = row.Scan(&a.Plan, &a.Shard, &a.Since)
		return a, err
	})
	if err != nil {
		return err
	}

	for _, a := range left {
		d.mu.Lock()
		_, ours := d.driving[a.Plan]
		d.mu.Unlock()
		if ours {
			continue
		}
		if held, err := d.Journal.Held(ctx, a.Plan); err != nil || held {
			continue
		}

		a.Shard++
		if _, err := d.client.Insert(ctx, a, &river.InsertOpts{ScheduledAt: time.Now()}); err != nil {
			return err
		}
	}
	return nil
}
