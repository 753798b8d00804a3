package redispace

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/internal/lease"
	"github.com/rollcall-go/rollcall/core/pace"
)

var (
	_ core.Governor   = (*Governor)(nil)
	_ core.Forecaster = (*Governor)(nil)
)

// Governor paces the requests of one credential over all machines that use its name.
// Make it with New; it is safe for concurrent use and has nothing to close.
type Governor struct{ lease *lease.Governor }

// Option configures a Governor.
type Option func(*config)

type config struct {
	lease.Config
	prefix string
}

// Limit tells the vendor's limit for a bucket: perSecond requests in the long run, and
// burst at once. The governor stays 2 % under it. The empty name stands for every
// bucket that has no limit of its own. Of machines that are told different limits the
// lowest counts.
func Limit(bucket string, perSecond float64, burst int) Option {
	return func(c *config) { c.Limits[bucket] = lease.Limit{PerSecond: perSecond, Burst: max(1, burst)} }
}

// Notice is told in a sentence, once each, when Redis is away, when it is back, and
// when another machine was told another limit.
func Notice(f func(text string)) Option { return func(c *config) { c.Notice = f } }

// DefaultPrefix is what the keys in Redis begin with, unless Prefix says otherwise.
const DefaultPrefix = "rollcall:"

// Prefix sets what the keys in Redis begin with. Machines share a pace only under one
// prefix.
func Prefix(text string) Option { return func(c *config) { c.prefix = text } }

// The bounds of Lease, and what it is unless set.
const (
	minLease     = 20 * time.Millisecond
	maxLease     = time.Second
	DefaultLease = lease.Block
)

// Lease sets how far ahead a machine is leased moments, DefaultLease unless set; it is kept
// between 20 ms and a second. A longer one costs fewer round trips; a machine that dies or
// stalls then loses more of the limit, and turns between machines are coarser.
func Lease(ahead time.Duration) Option {
	return func(c *config) { c.Block = min(max(ahead, minLease), maxLease) }
}

// New returns a governor of the credential with that name. It sends nothing yet.
func New(rdb redis.UniversalClient, name string, opts ...Option) *Governor {
	c := config{Config: lease.Config{Limits: map[string]lease.Limit{}, Fallback: fallback}, prefix: DefaultPrefix}
	for _, opt := range opts {
		if opt != nil {
			opt(&c)
		}
	}
	c.Server = server{rdb, c.prefix, name}
	return &Governor{lease.New(c.Config)}
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

//go:embed take.lua
var takeLua string

var take = redis.NewScript(takeLua)

// server keeps the pace in Redis: a hash for each bucket, and the set of its machines.
type server struct {
	rdb          redis.UniversalClient
	prefix, name string
}

// Take implements lease.Server: one script, which uses Redis's own clock.
func (s server) Take(ctx context.Context, a lease.Ask) (lease.Grant, error) {
	reply, err := take.Run(ctx, s.rdb, keysOf(s.prefix, s.name, a.Bucket), argsOf(a)...).Slice()
	if err != nil {
		return lease.Grant{}, err
	}
	return grantOf(reply)
}

// keysOf are the keys of a bucket. Both have one hash tag, so that a cluster keeps them
// together.
func keysOf(prefix, name, bucket string) []string {
	tag := fmt.Sprintf("%s{%s|%s}", prefix, name, bucket)
	return []string{tag + ":pace", tag + ":machines"}
}

// argsOf and grantOf are the script's arguments and its answer.
func argsOf(a lease.Ask) []any {
	return []any{a.Machine, a.N, flag(a.Urgent), a.Accepted, a.Fresh, a.Refused, a.RetryAfter.Microseconds(), a.UnderWay, flag(a.Queued),
		a.Told.PerSecond, a.Told.Burst, a.Epoch, a.Rate, a.Next.Microseconds(),
		flag(a.Away), lease.RejoinAfter.Microseconds(), lease.RejoinWithin.Microseconds(),
		cmp.Or(a.Block, DefaultLease).Microseconds()}
}

func grantOf(reply []any) (lease.Grant, error) {
	if len(reply) != 13 {
		return lease.Grant{}, fmt.Errorf("the script answered with %d values", len(reply))
	}

	v := make([]float64, len(reply))
	for i, r := range reply {
		var err error
		if v[i], err = strconv.ParseFloat(fmt.Sprint(r), 64); err != nil {
			return lease.Grant{}, err
		}
	}

	return lease.Grant{
		K: int(v[0]), First: micros(v[1]), Spacing: micros(v[2]), Retry: micros(v[3]), Rate: v[4],
		Epoch: int64(v[5]), Machines: int(v[6]), Told: lease.Limit{PerSecond: v[7], Burst: int(v[8])}, At: int64(v[9]), Refusing: v[10] > 0,
		Open:   v[11] > 0,
		Rejoin: micros(v[12]),
	}, nil
}

func flag(on bool) int {
	if on {
		return 1
	}
	return 0
}

func micros(v float64) time.Duration { return time.Duration(v * float64(time.Microsecond)) }
