package pace

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

var (
	instant = [2]time.Duration{}
	network = [2]time.Duration{5 * time.Millisecond, 80 * time.Millisecond}
	far     = [2]time.Duration{200 * time.Millisecond, 300 * time.Millisecond}
	slow    = [2]time.Duration{500 * time.Millisecond, 2 * time.Second}
)

func bucket10() vendor { return &tokens{rate: 50, burst: 10} }
func bucket50() vendor { return &tokens{rate: 50, burst: 50} }
func windows50() vendor {
	return &windows{size: 50, length: time.Second}
}

// measure runs a job with several seeds, each with its own vendor and governor.
func measure(t *testing.T, j job, ideal time.Duration, make func() vendor, opts ...Option) *cell {
	t.Helper()
	c := &cell{ideal: ideal}
	for seed := range uint64(15) {
		synctest.Test(t, func(*testing.T) {
			j.vendor, j.seed = make(), seed
			c.add(j.run(New(opts...), "x"))
		})
	}
	return c
}

// goal is what a cell must keep: medians and bad seeds.
type goal struct {
	median, worst float64 // time over N/R
	refused       int     // worst
}

// TestHerd is the job that internal/bench measures: 300 mutations at 50 a second.
// A refusal among the last requests costs its own wait of a second, which is
// 0.17 of the ideal time; hence medians and worst are apart.
func TestHerd(t *testing.T) {
	known := func(burst int) []Option { return []Option{Limit("", 50, burst)} }
	for _, w := range []struct {
		name    string
		vendor  func() vendor
		opts    []Option
		latency [2]time.Duration
		few     goal // 8 callers
		many    goal // 64 and 200
	}{
		{"known, bucket 10", bucket10, known(10), instant, goal{1.03, 1.03, 0}, goal{1.03, 1.03, 0}},
		{"known, bucket 50", bucket50, known(50), instant, goal{1.03, 1.03, 0}, goal{1.03, 1.03, 0}},
		{"known, windows", windows50, known(50), instant, goal{1.03, 1.03, 0}, goal{1.03, 1.03, 0}},
		{"known, bucket 10", bucket10, known(10), network, goal{1.05, 1.05, 3}, goal{1.05, 1.05, 3}},
		{"known, bucket 50", bucket50, known(50), network, goal{1.05, 1.05, 3}, goal{1.05, 1.05, 3}},
		{"known, windows", windows50, known(50), network, goal{1.05, 1.22, 4}, goal{1.05, 1.22, 4}},
		{"learned, bucket 10", bucket10, nil, instant, goal{1.05, 1.20, 36}, goal{1.05, 1.20, 60}},
		{"learned, bucket 50", bucket50, nil, instant, goal{1.05, 1.20, 36}, goal{1.05, 1.20, 60}},
		{"learned, windows", windows50, nil, instant, goal{1.15, 1.25, 36}, goal{1.15, 1.25, 60}},
		// Now and then most of the 8 callers sleep out a refusal at the same time.
		{"learned, bucket 10", bucket10, nil, network, goal{1.15, 1.60, 36}, goal{1.15, 1.25, 60}},
		{"learned, bucket 50", bucket50, nil, network, goal{1.15, 1.25, 36}, goal{1.15, 1.25, 60}},
		{"learned, windows", windows50, nil, network, goal{1.25, 1.45, 36}, goal{1.15, 1.25, 60}},
		{"learned, bucket 10", bucket10, nil, far, goal{1.65, 1.70, 24}, goal{1.25, 1.50, 60}},
		{"learned, windows", windows50, nil, far, goal{1.65, 1.70, 24}, goal{1.30, 1.75, 110}},
		// Beyond the goals: with 2 s of latency 64 callers hardly reach 50/s.
		{"learned, bucket 10", bucket10, nil, slow, goal{8, 9, 24}, goal{3, 5, 150}},
		{"learned, windows", windows50, nil, slow, goal{8, 9, 24}, goal{3, 5, 150}},
	} {
		for _, callers := range []int{8, 64, 200} {
			c := measure(t, job{callers: callers, n: 300, latency: w.latency, retryAfter: time.Second},
				6*time.Second, w.vendor, w.opts...)
			t.Logf("%-18s latency to %4v, %3d callers: %v", w.name, w.latency[1], callers, c)
			goal := w.many
			if callers == 8 {
				goal = w.few
			}
			median, _ := c.median()
			worst, refused := c.worst()
			assert.LessOrEqual(t, median, goal.median, "%s, %d: median time", w.name, callers)
			assert.LessOrEqual(t, worst, goal.worst, "%s, %d: worst time", w.name, callers)
			assert.LessOrEqual(t, refused, goal.refused, "%s, %d: refused", w.name, callers)
			assert.Zero(t, c.lost, "%s, %d: lost", w.name, callers)
		}
	}
}

// TestVendors are other limits than the one which the goals are about.
func TestVendors(t *testing.T) {
	for _, w := range []struct {
		name   string
		vendor func() vendor
		job    job
		ideal  time.Duration
		opts   []Option
		worst  float64 // time over N/R
		share  float64 // of refused to accepted, worst
	}{
		{"2/s, burst 5", func() vendor { return &tokens{rate: 2, burst: 5} },
			job{n: 60, retryAfter: time.Second}, 30 * time.Second, nil, 1.25, 0.4},
		{"2/s, burst 5, no Retry-After", func() vendor { return &tokens{rate: 2, burst: 5} },
			job{n: 60, sleep: time.Second}, 30 * time.Second, nil, 1.4, 0.4},
		{"windows of 5/s", func() vendor { return &windows{size: 5, length: time.Second} },
			job{n: 60, retryAfter: time.Second}, 12 * time.Second, nil, 1.4, 0.6},
		{"10/min, burst 5", func() vendor { return &tokens{rate: 1. / 6, burst: 5} },
			job{n: 30, retryAfter: 6 * time.Second}, 3 * time.Minute, nil, 1.25, 0.8},
		{"windows of 300/min, Retry-After 60", func() vendor { return &windows{size: 300, length: time.Minute} },
			job{n: 1200, retryAfter: time.Minute}, 4 * time.Minute, nil, 1.1, 0.15},
		{"bucket, no Retry-After", bucket10, job{n: 300, sleep: time.Second}, 6 * time.Second, nil, 1.25, 0.2},
		{"windows, no Retry-After", windows50, job{n: 300, sleep: time.Second}, 6 * time.Second, nil, 1.4, 0.25},
		{"refusals count", func() vendor { return &tokens{rate: 50, burst: 10, punish: true} },
			job{n: 300, retryAfter: time.Second}, 6 * time.Second, nil, 1.9, 0.2},
		{"refusals count, known", func() vendor { return &tokens{rate: 50, burst: 10, punish: true} },
			job{n: 300, retryAfter: time.Second}, 6 * time.Second, []Option{Limit("", 50, 10)}, 1.05, 0.01},
		{"500/s, burst 50", func() vendor { return &tokens{rate: 500, burst: 50} },
			job{n: 3000, retryAfter: time.Second}, 6 * time.Second, nil, 1.4, 0.05},
		{"windows of 500/s", func() vendor { return &windows{size: 500, length: time.Second} },
			job{n: 3000, retryAfter: time.Second}, 6 * time.Second, nil, 1.3, 0.1},
		{"told 50/s, is 10/s", func() vendor { return &tokens{rate: 10, burst: 10} },
			job{n: 300, retryAfter: time.Second}, 30 * time.Second, []Option{Limit("", 50, 10)}, 1.1, 0.1},
		{"a long job, bucket", bucket10, job{n: 3000, retryAfter: time.Second}, time.Minute, nil, 1.05, 0.02},
		{"a long job, windows", windows50, job{n: 3000, retryAfter: time.Second}, time.Minute, nil, 1.08, 0.03},
	} {
		for _, latency := range [][2]time.Duration{instant, network} {
			w.job.callers, w.job.latency = 64, latency
			c := measure(t, w.job, w.ideal, w.vendor, w.opts...)
			t.Logf("%-34s latency to %4v: %v", w.name, latency[1], c)
			worst, refused := c.worst()
			assert.LessOrEqual(t, worst, w.worst, "%s: worst time", w.name)
			assert.LessOrEqual(t, float64(refused)/float64(w.job.n), w.share, "%s: refused", w.name)
			assert.Zero(t, c.lost, "%s: lost", w.name)
		}
	}
}

// between counts the moments from a to b.
func between(moments []time.Duration, a, b time.Duration) (n int) {
	for _, m := range moments {
		if m >= a && m < b {
			n++
		}
	}
	return n
}

// TestLimitChanges: 50/s, 10/s from the 10th to the 30th second, 50/s again.
func TestLimitChanges(t *testing.T) {
	const s = time.Second
	for name, opts := range map[string][]Option{"learned": nil, "known": {Limit("", 50, 10)}} {
		for _, win := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				var hi, lo vendor = &tokens{rate: 50, burst: 10}, &tokens{rate: 10, burst: 10}
				if win {
					hi, lo = &windows{size: 50, length: s}, &windows{size: 10, length: s}
				}
				v := &switching{pick: func(d time.Duration) vendor {
					if d > 10*s && d < 30*s {
						return lo
					}
					return hi
				}}
				r := job{callers: 64, n: 2000, vendor: v, latency: network, retryAfter: s}.run(New(opts...), "x")
				low, high := between(r.accepts, 12*s, 30*s), between(r.accepts, 48*s, 58*s)
				t.Logf("%s, windows %v: %d of 180 accepted while low, %d refused, %d of 500 when high again",
					name, win, low, between(r.refusals, 10*s, 30*s), high)
				assert.Greater(t, low, 140)
				assert.Greater(t, high, 440)
				assert.Less(t, r.refused, 110)
				assert.Zero(t, r.lost)
			})
		}
	}
}
