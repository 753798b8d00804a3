package roster_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// metronome lets one request of a bucket leave a second.
type metronome struct{ bucket string }

func (m metronome) Wait(context.Context, string) error   { return nil }
func (m metronome) Report(bucket string, v core.Verdict) {}
func (m metronome) Forecast(bucket string, n int) (time.Duration, bool) {
	return time.Duration(n) * time.Second, bucket == m.bucket
}

// bucketed is a store that says in which bucket its requests are.
type bucketed struct {
	store
	bucket string
}

func (b bucketed) Capabilities() core.Capabilities {
	c := b.store.Capabilities()
	for op, k := range c.Operations {
		k.Bucket = b.bucket
		c.Operations[op] = k
	}
	return c
}

func TestForecast_AsksForTheRightBucket(t *testing.T) {
	w := town()
	p := planOf(t, w, roster.Want{Blocked: []string{"shut0@x.test", "shut1@x.test"}})
	governors := map[string]core.Governor{"fake": metronome{"api"}}

	told := roster.Fleet{"fake": bucketed{store{w}, "api"}}.Forecast(p, governors)
	assert.Equal(t, roster.Forecast{Calls: map[string]int{"fake": 2}, Took: 2 * time.Second, Known: true}, told)

	for name, f := range map[string]roster.Forecast{
		"another bucket":    roster.Fleet{"fake": bucketed{store{w}, "elsewhere"}}.Forecast(p, governors),
		"several buckets":   roster.Fleet{"fake": bucketed{store{w}, ""}}.Forecast(p, governors),
		"no governor":       roster.Fleet{"fake": bucketed{store{w}, "api"}}.Forecast(p, nil),
		"without the fleet": p.Forecast(governors),
	} {
		assert.Equal(t, roster.Forecast{Calls: map[string]int{"fake": 2}}, f, name)
	}
}
