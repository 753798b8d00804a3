package pgroster

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/internal/lease"
	"github.com/rollcall-go/rollcall/core/pace"
)

var (
	_ core.Governor   = (*Governor)(nil)
	_ core.Forecaster = (*Governor)(nil)
)

// Governor paces the requests of one credential over all machines that use its name,
// through PostgreSQL. Where there is a Redis, core/pace/redispace does the same with
// less delay. Make it with NewGovernor; it is safe for concurrent use and has nothing
// to close.
type Governor struct{ lease *lease.Governor }

// Limit tells a governor the vendor's limit for a bucket: perSecond requests in the long
// run, and burst at once. The governor stays 2 % under it. The empty name stands for
// every bucket that has no limit of its own. Of machines that are told different limits
// the lowest counts.
func Limit(bucket string, perSecond float64, burst int) Option {
	return func(o *options) { o.limits[bucket] = lease.Limit{PerSecond: perSecond, Burst: max(1, burst)} }
}

// NewGovernor returns a governor of the credential with that name, in a database whose
// tables Migrate has made. It sends nothing yet.
//
// While the database is away each machine keeps to its share of the last pace.
func NewGovernor(pool *pgxpool.Pool, name string, opts ...Option) *Governor {
	o := optionsOf(opts)
	return &Governor{lease.New(lease.Config{
		Server: server{newDB(pool, o.schema), name}, Limits: o.limits, Notice: o.notice, Patience: time.Second,
		Fallback: fallback,
	})}
}

// fallback paces this machine alone. A pace of 0 is learned.
func fallback(perSecond float64) core.Governor { return pace.New(pace.Limit("", perSecond, 1)) }

// Wait blocks until one request of the bucket may be sent. It returns the context's
// error when that ends first, and core.LateTurn at once where the turn would come after
// the deadline.
func (g *Governor) Wait(ctx context.Context, bucket string) error { return g.lease.Wait(ctx, bucket) }

// Report tells how the vendor took a request that Wait let through. It never blocks.
func (g *Governor) Report(bucket string, v core.Verdict) { g.lease.Report(bucket, v) }

// Forecast tells how long n further requests take, if the other machines ask for as
// much as this one. It is false while there is no pace.
func (g *Governor) Forecast(bucket string, n int) (time.Duration, bool) {
	return g.lease.Forecast(bucket, n)
}

// server keeps the pace in an unlogged table.
type server struct {
	db   db
	name string
}

// Take implements lease.Server: one statement, which uses the database's own clock.
func (s server) Take(ctx context.Context, a lease.Ask) (lease.Grant, error) {
	return grantOf(s.db.row(ctx, takeText, s.args(a)...))
}

const takeText = `select k, first, spacing, retry, rate, epoch, machines, told, burst, at, streak, open, $.rejoin($1, $2, $17, $18, $19)
	from $.take($1, $2, $3, $4::int, $5, $6, $7, $8::int, $9, $10::int, $11, $12, $13::int, $14, $15, $16)`

func (s server) args(a lease.Ask) []any {
	return []any{s.name, a.Bucket, a.Machine, a.N, a.Urgent, a.Accepted, a.Fresh, a.Refused, a.RetryAfter.Seconds(), a.UnderWay, a.Queued,
		a.Told.PerSecond, a.Told.Burst, a.Epoch, a.Rate, a.Next.Seconds(),
		a.Away, lease.RejoinAfter.Seconds(), lease.RejoinWithin.Seconds()}
}

func grantOf(row pgx.Row) (g lease.Grant, err error) {
	var first, spacing, retry, at, rejoin float64
	var streak int
	err = row.Scan(&g.K, &first, &spacing, &retry, &g.Rate, &g.Epoch, &g.Machines, &g.Told.PerSecond, &g.Told.Burst, &at, &streak, &g.Open, &rejoin)
	if err != nil {
		return lease.Grant{}, err
	}
	g.First, g.Spacing, g.Retry, g.Rejoin = seconds(first), seconds(spacing), seconds(retry), seconds(rejoin)
	g.Refusing, g.At = streak > 0, int64(at*1e6)
	return g, nil
}

func seconds(v float64) time.Duration { return time.Duration(v * float64(time.Second)) }
