package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/pace/redispace"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/core/roster/pgroster"
	"github.com/rollcall-go/rollcall/core/roster/riverroster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// night is what a word works with.
type night struct {
	*command
	getenv func(string) string
	p      *printer

	pool    *pgxpool.Pool
	journal *pgroster.Journal
	ends    []func()
}

func (n *night) close() {
	for _, end := range slices.Backward(n.ends) {
		end()
	}
}

// patience is how long words other than work wait for a database that is away.
const patience = 15 * time.Second

// connect makes the pool. Nothing is sent yet. Errors hold no address: it may hold a
// password.
func (n *night) connect() error {
	url := n.getenv("NIGHTSHIFT_DATABASE_URL")
	if url == "" {
		return usagef("the environment variable NIGHTSHIFT_DATABASE_URL is not set")
	}

	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return usagef("NIGHTSHIFT_DATABASE_URL is no address of a PostgreSQL database")
	}

	cfg.MaxConns = max(cfg.MaxConns, int32(6+n.workers/4)) // statements are short
	if cfg.ConnConfig.RuntimeParams["application_name"] == "" {
		host, _ := os.Hostname()
		cfg.ConnConfig.RuntimeParams["application_name"] = fmt.Sprintf("nightshift %s %s/%d", n.word, host, os.Getpid())
	}

	// Nothing is prepared under a name, so that a transaction pooler can stand between.
	cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	cfg.ConnConfig.ConnectTimeout = cmp.Or(cfg.ConnConfig.ConnectTimeout, 5*time.Second)

	n.pool, err = pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		return usagef("NIGHTSHIFT_DATABASE_URL cannot be used")
	}
	n.ends = append(n.ends, n.pool.Close)
	return nil
}

// open opens the journal, whose tables must be there.
func (n *night) open(ctx context.Context) error {
	if err := n.connect(); err != nil {
		return err
	}

	wait := ctx
	if n.word != "work" {
		var cancel context.CancelFunc
		wait, cancel = context.WithTimeout(ctx, patience)
		n.ends = append(n.ends, cancel)
	}

	n.journal = pgroster.Open(n.pool, pgroster.Notice(n.p.note), pgroster.While(wait))
	err := n.journal.Ready(ctx)
	switch {
	case errors.Is(err, pgroster.ErrNotMigrated):
		return usagef("%v; nightshift migrate makes them", err)
	case err != nil:
		return clean(err, core.AppliedNo)
	}
	return nil
}

// clean is an error of the database without the address. One that another address would
// fix is wrong settings.
func clean(err error, applied core.Applied) error {
	if errors.Is(err, pgroster.ErrNewerTables) {
		return usagef("%v", pgroster.ErrNewerTables)
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && (strings.HasPrefix(pg.Code, "28") || pg.Code == "3D000") {
		return usagef("NIGHTSHIFT_DATABASE_URL cannot be used: %s", pg.Message)
	}
	return &core.Error{Op: "database", Class: core.ClassUnavailable, Message: pgroster.Reason(err), Applied: applied}
}

// run is how plans are carried out: by the accounts that the flags name, at limits that
// all machines share.
func (n *night) run() (roster.Run, error) {
	members, err := fleet.ParseMembers(n.vendor, n.accounts)
	if err != nil {
		return roster.Run{}, usagef("%v", err)
	}
	govern, err := n.governors(members)
	if err != nil {
		return roster.Run{}, err
	}

	s := fleet.Settings{Getenv: n.getenv, MaxAttempts: n.maxAttempts, MaxWait: n.maxWait, BlockLog: roster.BlockLog, Govern: govern,
		Note: n.p.note}
	if n.log {
		s.Logger = slog.New(slog.NewTextHandler(n.p.err, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}

	stores, end, err := fleet.Open(members, s, false)
	if err != nil {
		return roster.Run{}, usagef("%v", err) // a client that cannot be made has wrong settings
	}
	n.ends = append(n.ends, func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		end(ctx)
	})

	return roster.Run{Fleet: stores, Journal: n.journal, Budget: n.budget, Workers: n.workers, Secrets: jobs.Passwords(n.getenv),
		ClaimTTL: n.claimTTL, Grace: 6 * time.Second}, nil
}

// driver is the run and River.
func (n *night) driver(ctx context.Context, c riverroster.Config) (*riverroster.Driver, error) {
	if err := n.open(ctx); err != nil {
		return nil, err
	}
	run, err := n.run()
	if err != nil {
		return nil, err
	}

	run.Progress = c.Run.Progress
	c.Pool, c.Journal, c.Run, c.Notice = n.pool, n.journal, run, n.p.note
	if n.log {
		c.Logger = slog.New(slog.NewTextHandler(n.p.err, nil))
	}
	return riverroster.New(c)
}

// governors shares the limits, through Redis where there is one.
func (n *night) governors(members []fleet.Member) (func(fleet.Member) core.Governor, error) {
	told := map[string]rate{}
	for _, r := range n.rates {
		if !slices.ContainsFunc(members, func(m fleet.Member) bool { return m.Name == r.account }) {
			return nil, usagef("--rate names the account %s, which neither --vendor nor --account names", r.account)
		}
		told[r.account] = r
	}

	var rdb *redis.Client
	if url := n.getenv("NIGHTSHIFT_REDIS_URL"); url != "" {
		o, err := redis.ParseURL(url)
		if err != nil {
			return nil, usagef("NIGHTSHIFT_REDIS_URL is no address of a Redis")
		}
		redis.SetLogger(silent{})
		o.MaxRetries = -1 // the governor decides
		rdb = redis.NewClient(o)
		n.ends = append(n.ends, func() { rdb.Close() })
	}

	return func(m fleet.Member) core.Governor {
		name := fmt.Sprintf("%s-%x", m.Name, sha256.Sum256([]byte(m.Identity(n.getenv))))[:len(m.Name)+13]
		r, ok := told[m.Name]
		g := n.governor(rdb, name, r)
		if ok {
			// The limit is the account's, whatever its operations are counted as.
			return oneBucket{g}
		}
		return g
	}, nil
}

func (n *night) governor(rdb *redis.Client, name string, r rate) core.Governor {
	if rdb != nil {
		return redispace.New(rdb, name, redispace.Limit("", r.perSecond, r.burst), redispace.Notice(n.p.note))
	}
	return pgroster.NewGovernor(n.pool, name, pgroster.Limit("", r.perSecond, r.burst), pgroster.Notice(n.p.note))
}

// oneBucket counts all requests of an account together.
type oneBucket struct{ core.Governor }

// Wait implements core.Governor.
func (o oneBucket) Wait(ctx context.Context, _ string) error { return o.Governor.Wait(ctx, "all") }

// Report implements core.Governor.
func (o oneBucket) Report(_ string, v core.Verdict) { o.Governor.Report("all", v) }

// silent keeps the Redis client from writing to standard error: what is away is said
// once, by the governor.
type silent struct{}

// Printf implements the logger of package redis.
func (silent) Printf(context.Context, string, ...any) {}
