package pace

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// BenchmarkAlone: what a single caller pays for a request that nothing holds up.
func BenchmarkAlone(b *testing.B) {
	g, ctx := New(), b.Context()
	b.ReportAllocs()
	for b.Loop() {
		_ = g.Wait(ctx, "users")
		g.Report("users", core.Verdict{})
	}
}

// BenchmarkTogether: the same with one caller for each processor.
func BenchmarkTogether(b *testing.B) {
	g := New()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		ctx := context.Background()
		for pb.Next() {
			_ = g.Wait(ctx, "users")
			g.Report("users", core.Verdict{})
		}
	})
}

// BenchmarkKnown: the cost under a limit that does not bind.
func BenchmarkKnown(b *testing.B) {
	g, ctx := New(Limit("", 1e9, 1)), b.Context()
	b.ReportAllocs()
	for b.Loop() {
		_ = g.Wait(ctx, "users")
		g.Report("users", core.Verdict{})
	}
}

// crowd sends n requests to a loopback server from 64 callers and returns the
// time it took. g may be nil.
func crowd(tb testing.TB, client *http.Client, url string, g core.Governor, n int) time.Duration {
	var next atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range 64 {
		wg.Go(func() {
			for next.Add(1) <= int64(n) {
				if g != nil && g.Wait(tb.Context(), "x") != nil {
					tb.Error("lost")
					return
				}
				resp, err := client.Get(url)
				if err != nil {
					tb.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				if g != nil {
					g.Report("x", core.Verdict{})
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

func loopback(tb testing.TB, h http.HandlerFunc) (*http.Client, string) {
	s := httptest.NewServer(h)
	tb.Cleanup(s.Close)
	tr := &http.Transport{MaxIdleConnsPerHost: 256}
	tb.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}, s.URL
}

// BenchmarkCrowd: 64 callers and a fast server, in rounds of 2000 requests
// without a governor, with one that has warmed up and with a new one. The
// medians of the throughput ratios should be 1, and near 1.
func BenchmarkCrowd(b *testing.B) {
	client, url := loopback(b, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	warm := New()
	crowd(b, client, url, warm, 5000)
	var warmed, cold []float64
	for b.Loop() {
		without := crowd(b, client, url, nil, 2000)
		warmed = append(warmed, float64(without)/float64(crowd(b, client, url, warm, 2000)))
		cold = append(cold, float64(without)/float64(crowd(b, client, url, New(), 2000)))
	}
	b.ReportMetric(median(warmed), "warm-ratio")
	b.ReportMetric(median(cold), "cold-ratio")
}

func median(s []float64) float64 {
	slices.Sort(s)
	return s[len(s)/2]
}
