package gate

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
)

// TestRealTime runs the W4 job over a loopback server in real time, to see that
// real scheduling gives what fake time promises. The bounds are the goals; on
// a busy machine they leave room.
func TestRealTime(t *testing.T) {
	if testing.Short() {
		t.Skip("takes about 7 seconds")
	}
	for _, c := range []struct {
		name    string
		vendor  func() vendor
		opts    []Option
		callers int
		time    float64
		refused int
	}{
		{"known, bucket", bucket10, []Option{Limit("", 50, 10)}, 64, 1.05, 15},
		{"known, windows", windows50, []Option{Limit("", 50, 10)}, 64, 1.25, 15},
		{"learned, bucket", bucket10, nil, 8, 1.25, 36},
		{"learned, bucket", bucket10, nil, 64, 1.25, 90},
		{"learned, bucket", bucket10, nil, 200, 1.25, 90},
		{"learned, windows", windows50, nil, 8, 1.40, 36},
		{"learned, windows", windows50, nil, 64, 1.40, 90},
		{"learned, windows", windows50, nil, 200, 1.40, 90},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, refused := realHerd(t, c.callers, c.vendor(), New(c.opts...))
			ratio := d.Seconds() / 6
			t.Logf("%s, %d callers: %.2f / %d", c.name, c.callers, ratio, refused)
			assert.LessOrEqual(t, ratio, c.time)
			assert.LessOrEqual(t, refused, c.refused)
		})
	}
}

// realHerd does 300 mutations and returns the time and the refusals.
func realHerd(t *testing.T, callers int, v vendor, g core.Governor) (time.Duration, int) {
	var mu sync.Mutex
	client, url := loopback(t, func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		ok := v.admit(time.Now())
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
