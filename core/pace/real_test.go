package pace

import (
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/internal/herd"
)

// BenchmarkRealTime runs the job of the herd tests over a loopback server in real
// time, to see that real scheduling gives what fake time promises: "N/R" is the
// time over what the limit allows, "refused" the 429s of 300 calls.
func BenchmarkRealTime(b *testing.B) {
	for _, c := range []struct {
		name    string
		vendor  func() herd.Vendor
		opts    []Option
		callers int
	}{
		{"known/bucket/64", bucket10, []Option{Limit("", 50, 10)}, 64},
		{"known/windows/64", windows50, []Option{Limit("", 50, 10)}, 64},
		{"learned/bucket/8", bucket10, nil, 8},
		{"learned/bucket/64", bucket10, nil, 64},
		{"learned/bucket/200", bucket10, nil, 200},
		{"learned/windows/8", windows50, nil, 8},
		{"learned/windows/64", windows50, nil, 64},
		{"learned/windows/200", windows50, nil, 200},
	} {
		b.Run(c.name, func(b *testing.B) {
			var d time.Duration
			var refused, jobs int
			for b.Loop() {
				took, r := realHerd(b, c.callers, c.vendor(), New(c.opts...))
				d, refused, jobs = d+took, refused+r, jobs+1
			}
			b.ReportMetric(d.Seconds()/6/float64(jobs), "N/R")
			b.ReportMetric(float64(refused)/float64(jobs), "refused")
		})
	}
}

// realHerd does 300 mutations and returns the time and the refusals.
func realHerd(t testing.TB, callers int, v herd.Vendor, g core.Governor) (time.Duration, int) {
	var mu sync.Mutex
	client, url := loopback(t, func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		ok := v.Admit(time.Now())
		mu.Unlock()
		if !ok {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	var next, refused atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range callers {
		wg.Go(func() {
			for next.Add(1) <= 300 {
				for {
					if !assert.NoError(t, g.Wait(t.Context(), "x")) {
						return
					}
					resp, err := client.Get(url)
					if !assert.NoError(t, err) {
						return
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
					if resp.StatusCode == http.StatusOK {
						g.Report("x", accepted)
						break
					}
					refused.Add(1)
					g.Report("x", core.Verdict{Refused: true, RetryAfter: time.Second})
					time.Sleep(time.Second + rand.N(100*time.Millisecond))
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start), int(refused.Load())
}
