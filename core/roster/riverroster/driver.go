package riverroster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/core/roster/pgroster"
)

// DefaultSchema is where River's tables are unless the Config names another place. It is
// not the one of another application's River, which would discard our jobs.
const DefaultSchema = "rollcall_river"

// Config is what a Driver is made from.
type Config struct {
	Pool    *pgxpool.Pool
	Journal *pgroster.Journal
	// Run carries the plans out. Its Journal is set by New; its Workers count for each
	// plan.
	Run roster.Run
	// Schema holds River's tables, DefaultSchema unless set.
	Schema string
	// Shards is how many jobs a plan becomes, and so on how many machines it runs at
	// once at most: 8 unless set.
	Shards int
	// Ended is told how a plan stands when this process can do nothing more for it.
	Ended func(*roster.Report)
	// Notice is told in a sentence what keeps a plan from going on here.
	Notice func(text string)
	// Logger is River's. Without it River logs nothing.
	Logger *slog.Logger
}

// Driver submits plans and carries them out. Make it with New.
type Driver struct {
	Config
	client *river.Client[pgx.Tx]
	ctx    context.Context // ends when no step is to be begun any more

	mu      sync.Mutex
	driving map[string]drive // by plan
	said    map[string]bool
}

// drive is a plan that this process drives, by which job, and what stops it.
type drive struct {
	job  int64
	stop context.CancelFunc
}

// Migrate makes River's tables, or brings them up to date.
func Migrate(ctx context.Context, pool *pgxpool.Pool, schema string) error {
	if schema == "" {
		schema = DefaultSchema
	}
	if _, err := pool.Exec(ctx, "create schema if not exists "+pgx.Identifier{schema}.Sanitize()); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}

	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: schema, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// How often the tables are looked at. River's own messages would need a session.
const (
	poll      = 200 * time.Millisecond
	reapEvery = 15 * time.Second
	// maxPlans is how many jobs run in one process at once. Most of them sleep.
	maxPlans = 32
)

// reapQueue is a queue of its own: leases end on time however many plans wait.
const reapQueue = "rollcall_reap"

// New returns a driver. It sends nothing yet.
func New(c Config) (*Driver, error) {
	if c.Schema == "" {
		c.Schema = DefaultSchema
	}
	if c.Shards <= 0 {
		c.Shards = 8
	}
	if c.Ended == nil {
		c.Ended = func(*roster.Report) {}
	}
	if c.Notice == nil {
		c.Notice = func(string) {}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Run.Journal = c.Journal
	if c.Run.ClaimTTL <= 0 {
		c.Run.ClaimTTL = 10 * time.Second
	}

	d := &Driver{Config: c, ctx: context.Background(), driving: map[string]drive{}, said: map[string]bool{}}
	workers := river.NewWorkers()
	if err := errors.Join(river.AddWorkerSafely(workers, &planWorker{d: d}), river.AddWorkerSafely(workers, &reapWorker{d: d})); err != nil {
		return nil, err
	}

	var err error
	d.client, err = river.NewClient(riverpgxv5.New(c.Pool), &river.Config{
		Schema: c.Schema, Logger: c.Logger, Workers: workers, JobTimeout: -1,
		PollOnly: true, FetchPollInterval: poll, FetchCooldown: poll / 4,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: maxPlans}, reapQueue: {MaxWorkers: 1}},
		PeriodicJobs: []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(reapEvery),
			func() (river.JobArgs, *river.InsertOpts) { return reapArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true})},
	})
	return d, err
}

// planArgs are the arguments of a job that drives a plan.
type planArgs struct {
	Plan  string `json:"plan" river:"unique"`
	Shard int    `json:"shard" river:"unique"`
	// Since is the last record of the plan when it was submitted: what was tried after
	// it is not tried again.
	Since int64 `json:"since"`
}

// Kind implements river.JobArgs.
func (planArgs) Kind() string { return "rollcall_plan" }

// unfinished are the states of a job that will run, or runs.
var unfinished = []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled}

// InsertOpts makes a plan's shard unique while it is not finished.
func (planArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1000, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished}}
}

// reapArgs are the arguments of the job that ends leases and finds what was left.
type reapArgs struct{}

// Kind implements river.JobArgs.
func (reapArgs) Kind() string { return "rollcall_reap" }

// InsertOpts makes the job unique within its time alone: one that a dead machine left
// running must not keep the next ones away.
func (reapArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: reapQueue, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: reapEvery, ByState: unfinished}}
}

// Submit judges a plan with the run's budget, keeps it in the journal and queues it, in
// one transaction. A plan that was submitted before is the same run: what is done stays
// done, and what failed, moved or waited is tried again. Nothing is sent to a vendor but
// the reads that the budget needs.
func (d *Driver) Submit(ctx context.Context, p roster.Plan) error {
	notes, err := d.Run.Judge(ctx, p)
	if err != nil {
		return err
	}

	id := p.ID()
	return pgx.BeginFunc(ctx, d.Pool, func(tx pgx.Tx) error {
		if err := d.Journal.BeginTx(ctx, tx, p, notes...); err != nil {
			return err
		}

		since, err := d.Journal.LastTx(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := d.reopenTx(ctx, tx, id, since); err != nil {
			return err
		}
		return d.insertTx(ctx, tx, id, since)
	})
}

func (d *Driver) insertTx(ctx context.Context, tx pgx.Tx, plan string, since int64) error {
	jobs := make([]river.InsertManyParams, d.Shards)
	for i := range jobs {
		jobs[i] = river.InsertManyParams{Args: planArgs{Plan: plan, Shard: i, Since: since}}
	}
	_, err := d.client.InsertManyTx(ctx, tx, jobs)
	return err
}

// Work takes part until ctx ends. With untilIdle it also ends when no submitted plan is
// unfinished, wherever it runs. Requests under way are finished, and what is held is
// given back.
func (d *Driver) Work(ctx context.Context, untilIdle bool) error {
	d.ctx = ctx
	keep := context.WithoutCancel(ctx)

	for {
		err := d.client.Start(keep)
		if err == nil {
			break
		}
		d.notice("River cannot start yet; it is tried again")
		if pause(ctx, time.Second) != nil {
			return ctx.Err()
		}
	}
	defer func() {
		stop, cancel := context.WithTimeout(keep, 10*time.Second)
		defer cancel()
		d.client.Stop(stop)
	}()

	for pause(ctx, poll) == nil {
		if err := errors.Join(d.stopCancelled(ctx), d.sweep(ctx)); err != nil {
			continue // the database is away, and the journal has said so
		}
		if !untilIdle {
			pause(ctx, time.Second)
			continue
		}
		if n, err := d.unfinished(ctx); err == nil && n == 0 {
			return nil
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// notice says a sentence once.
func (d *Driver) notice(text string) {
	d.mu.Lock()
	said := d.said[text]
	d.said[text] = true
	d.mu.Unlock()
	if !said {
		d.Notice(text)
	}
}
