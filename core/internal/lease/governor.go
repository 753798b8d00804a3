package lease

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

var (
	_ core.Governor   = (*Governor)(nil)
	_ core.Forecaster = (*Governor)(nil)
)

// Config is what a governor is made from.
type Config struct {
	Server Server
	// Limits are told by bucket; "" holds for all others.
	Limits map[string]Limit
	// Fallback paces while the server is away: at so many requests a second, or with 0
	// by what it learns itself.
	Fallback func(perSecond float64) core.Governor
	// Notice is told once when the server is away, once when it is back, and once of a
	// limit that another machine was told differently.
	Notice func(text string)
	// Block is how long the moments reach that are leased at once, for a server that knows
	// Ask.Block.
	Block time.Duration
	// Patience is how long an answer is waited for before the server counts as away.
	Patience time.Duration
}

// Governor shares a pace with other machines.
type Governor struct {
	Config
	me      string
	away    atomic.Bool
	differs atomic.Bool
	buckets sync.Map // of *bucket
}

// New returns a governor. It sends nothing yet.
func New(c Config) *Governor {
	if c.Notice == nil {
		c.Notice = func(string) {}
	}
	if c.Block <= 0 {
		c.Block = Block
	}
	if c.Patience <= 0 {
		c.Patience = 300 * time.Millisecond
	}
	var id [8]byte
	rand.Read(id[:])
	return &Governor{Config: c, me: hex.EncodeToString(id[:])}
}

func (g *Governor) bucket(name string) *bucket {
	if b, ok := g.buckets.Load(name); ok {
		return b.(*bucket)
	}
	told, ok := g.Limits[name]
	if !ok {
		told = g.Limits[""]
	}
	b, _ := g.buckets.LoadOrStore(name, newBucket(g, name, told))
	return b.(*bucket)
}

// Wait implements core.Governor.
func (g *Governor) Wait(ctx context.Context, bucket string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return g.bucket(bucket).wait(ctx)
}

// Report implements core.Governor.
func (g *Governor) Report(bucket string, v core.Verdict) { g.bucket(bucket).report(v) }

// Forecast implements core.Forecaster. It supposes that the other machines ask for as
// much as this one.
func (g *Governor) Forecast(bucket string, n int) (time.Duration, bool) {
	return g.bucket(bucket).forecast(n)
}

// Questions is how many questions it has sent to the server.
func (g *Governor) Questions() (n int) {
	for _, b := range g.buckets.Range {
		b := b.(*bucket)
		b.mu.Lock()
		n += b.asked
		b.mu.Unlock()
	}
	return n
}

func (g *Governor) isAway(err error) {
	if g.away.CompareAndSwap(false, true) {
		g.Notice("the shared rate limit cannot be reached; each machine keeps to its share of the last pace")
	}
}

func (g *Governor) isBack() {
	if g.away.CompareAndSwap(true, false) {
		g.Notice("the shared rate limit is back")
	}
}
