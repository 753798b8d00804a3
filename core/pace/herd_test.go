package pace

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rollcall-go/rollcall/core/internal/herd"
)

var (
	instant = [2]time.Duration{}
	network = [2]time.Duration{5 * time.Millisecond, 80 * time.Millisecond}
	far     = [2]time.Duration{200 * time.Millisecond, 300 * time.Millisecond}
	slow    = [2]time.Duration{500 * time.Millisecond, 2 * time.Second}
)

func bucket10() herd.Vendor { return &herd.Tokens{Rate: 50, Burst: 10} }
func bucket50() herd.Vendor { return &herd.Tokens{Rate: 50, Burst: 50} }
func windows50() herd.Vendor {
	return &herd.Windows{Size: 50, Length: time.Second}
}

// measure runs a job with several seeds, each with its own vendor and governor.
func measure(t *testing.T, j herd.Job, ideal time.Duration, make func() herd.Vendor, opts ...Option) *cell {
	t.Helper()
	c := &cell{ideal: ideal}
	for seed := range uint64(15) {
		synctest.Test(t, func(*testing.T) {
			j.Vendor, j.Seed = make(), seed
			c.add(j.Run("x", New(opts...)))
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
		vendor  func() herd.Vendor
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
		// When the limit is met anew near the end of so short a job, half of the seeds may
		// sleep out a last refusal; TestVendors has the same with longer jobs.
		{"learned, windows", windows50, nil, network, goal{1.25, 1.45, 36}, goal{1.20, 1.25, 60}},
		{"learned, bucket 10", bucket10, nil, far, goal{1.65, 1.70, 24}, goal{1.25, 1.50, 60}},
		{"learned, windows", windows50, nil, far, goal{1.65, 1.70, 24}, goal{1.30, 1.75, 110}},
		// Beyond the goals: with 2 s of latency 64 callers hardly reach 50/s.
		{"learned, bucket 10", bucket10, nil, slow, goal{8, 9, 24}, goal{3, 5, 150}},
		{"learned, windows", windows50, nil, slow, goal{8, 9, 24}, goal{3, 5, 150}},
	} {
		for _, callers := range []int{8, 64, 200} {
			c := measure(t, herd.Job{Callers: callers, N: 300, Latency: w.latency, RetryAfter: time.Second},
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
		vendor func() herd.Vendor
		job    herd.Job
		ideal  time.Duration
		opts   []Option
		worst  float64 // time over N/R
		share  float64 // of refused to accepted, worst
	}{
		{"2/s, burst 5", func() herd.Vendor { return &herd.Tokens{Rate: 2, Burst: 5} },
			herd.Job{N: 60, RetryAfter: time.Second}, 30 * time.Second, nil, 1.25, 0.4},
		{"2/s, burst 5, no Retry-After", func() herd.Vendor { return &herd.Tokens{Rate: 2, Burst: 5} },
			herd.Job{N: 60, Sleep: time.Second}, 30 * time.Second, nil, 1.4, 0.4},
		{"windows of 5/s", func() herd.Vendor { return &herd.Windows{Size: 5, Length: time.Second} },
			herd.Job{N: 60, RetryAfter: time.Second}, 12 * time.Second, nil, 1.4, 0.6},
		{"10/min, burst 5", func() herd.Vendor { return &herd.Tokens{Rate: 1. / 6, Burst: 5} },
			herd.Job{N: 30, RetryAfter: 6 * time.Second}, 3 * time.Minute, nil, 1.25, 0.8},
		{"windows of 300/min, Retry-After 60", func() herd.Vendor { return &herd.Windows{Size: 300, Length: time.Minute} },
			herd.Job{N: 1200, RetryAfter: time.Minute}, 4 * time.Minute, nil, 1.1, 0.15},
		{"bucket, no Retry-After", bucket10, herd.Job{N: 300, Sleep: time.Second}, 6 * time.Second, nil, 1.25, 0.2},
		{"windows, no Retry-After", windows50, herd.Job{N: 300, Sleep: time.Second}, 6 * time.Second, nil, 1.4, 0.25},
		{"refusals count", func() herd.Vendor { return &herd.Tokens{Rate: 50, Burst: 10, Punish: true} },
			herd.Job{N: 300, RetryAfter: time.Second}, 6 * time.Second, nil, 1.9, 0.2},
		{"refusals count, known", func() herd.Vendor { return &herd.Tokens{Rate: 50, Burst: 10, Punish: true} },
			herd.Job{N: 300, RetryAfter: time.Second}, 6 * time.Second, []Option{Limit("", 50, 10)}, 1.05, 0.01},
		{"500/s, burst 50", func() herd.Vendor { return &herd.Tokens{Rate: 500, Burst: 50} },
			herd.Job{N: 3000, RetryAfter: time.Second}, 6 * time.Second, nil, 1.4, 0.05},
		{"windows of 500/s", func() herd.Vendor { return &herd.Windows{Size: 500, Length: time.Second} },
			herd.Job{N: 3000, RetryAfter: time.Second}, 6 * time.Second, nil, 1.3, 0.1},
		{"told 50/s, is 10/s", func() herd.Vendor { return &herd.Tokens{Rate: 10, Burst: 10} },
			herd.Job{N: 300, RetryAfter: time.Second}, 30 * time.Second, []Option{Limit("", 50, 10)}, 1.1, 0.1},
		{"a job of 20 s, windows", windows50, herd.Job{N: 1000, RetryAfter: time.Second}, 20 * time.Second, nil, 1.10, 0.06},
		{"a long job, bucket", bucket10, herd.Job{N: 3000, RetryAfter: time.Second}, time.Minute, nil, 1.05, 0.02},
		{"a long job, windows", windows50, herd.Job{N: 3000, RetryAfter: time.Second}, time.Minute, nil, 1.08, 0.03},
	} {
		for _, latency := range [][2]time.Duration{instant, network} {
			w.job.Callers, w.job.Latency = 64, latency
			c := measure(t, w.job, w.ideal, w.vendor, w.opts...)
			t.Logf("%-34s latency to %4v: %v", w.name, latency[1], c)
			worst, refused := c.worst()
			assert.LessOrEqual(t, worst, w.worst, "%s: worst time", w.name)
			assert.LessOrEqual(t, float64(refused)/float64(w.job.N), w.share, "%s: refused", w.name)
			assert.Zero(t, c.lost, "%s: lost", w.name)
		}
	}
}

// TestLimitChanges: 50/s, 10/s from the 10th to the 30th second, 50/s again.
func TestLimitChanges(t *testing.T) {
	const s = time.Second
	for name, opts := range map[string][]Option{"learned": nil, "known": {Limit("", 50, 10)}} {
		for _, win := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				var hi, lo herd.Vendor = &herd.Tokens{Rate: 50, Burst: 10}, &herd.Tokens{Rate: 10, Burst: 10}
				if win {
					hi, lo = &herd.Windows{Size: 50, Length: s}, &herd.Windows{Size: 10, Length: s}
				}
				v := &herd.Switching{Pick: func(d time.Duration) herd.Vendor {
					if d > 10*s && d < 30*s {
						return lo
					}
					return hi
				}}
				r := herd.Job{Callers: 64, N: 2000, Vendor: v, Latency: network, RetryAfter: s}.Run("x", New(opts...))
				low, high := herd.Between(r.Accepts, 12*s, 30*s), herd.Between(r.Accepts, 48*s, 58*s)
				t.Logf("%s, windows %v: %d of 180 accepted while low, %d refused, %d of 500 when high again",
					name, win, low, herd.Between(r.Refusals, 10*s, 30*s), high)
				assert.Greater(t, low, 140)
				assert.Greater(t, high, 440)
				assert.Less(t, r.Refused, 110)
				assert.Zero(t, r.Lost)
			})
		}
	}
}
