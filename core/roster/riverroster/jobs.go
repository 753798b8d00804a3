package riverroster

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// sql puts the name of River's schema for "$.".
func (d *Driver) sql(text string) string {
	return strings.ReplaceAll(text, "$.", pgx.Identifier{d.Schema}.Sanitize()+".")
}

const isUnfinished = `kind = 'rollcall_plan' and state not in ('completed', 'cancelled', 'discarded')`

// unfinished is how many jobs of plans will run, or run.
func (d *Driver) unfinished(ctx context.Context) (n int, err error) {
	err = d.Pool.QueryRow(ctx, d.sql(`select count(*) from $.river_job where `+isUnfinished)).Scan(&n)
	return n, err
}

// reopenTx tells the jobs of a plan that are not finished that it was submitted again.
func (d *Driver) reopenTx(ctx context.Context, tx pgx.Tx, plan string, since int64) error {
	_, err := tx.Exec(ctx, d.sql(`update $.river_job set args = jsonb_set(args::jsonb, '{since}', to_jsonb($2::bigint))
		where `+isUnfinished+` and args->>'plan' = $1`), plan, since)
	return err
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

		_, err = tx.Exec(ctx, d.sql(`update $.river_job set state = 'completed', finalized_at = now()
			where `+isUnfinished+` and id <> $1 and args->>'plan' = $2 and args->>'since' = $3::bigint::text
			and (state <> 'running' or attempted_at < now() - $4::interval)`), id, a.Plan, a.Since, d.Run.ClaimTTL)
		return err
	})
	return again, err
}

// sweep finds plans whose jobs all run on machines that are silent, and queues one more
// job for each: progress never waits until River rescues what died.
func (d *Driver) sweep(ctx context.Context) error {
	rows, err := d.Pool.Query(ctx, d.sql(`select args->>'plan', max((args->>'shard')::int), max((args->>'since')::bigint)
		from $.river_job where `+isUnfinished+` group by 1
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
		ours := d.driving[a.Plan]
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
