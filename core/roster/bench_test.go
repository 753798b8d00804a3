package roster_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// fsyncTime is what one sync of the disk takes, to be read beside the numbers.
func fsyncTime(b *testing.B) time.Duration {
	f, err := os.Create(filepath.Join(b.TempDir(), "f"))
	require.NoError(b, err)
	defer f.Close()
	var all []time.Duration
	for range 50 {
		f.WriteString("a line that is about as long as a record of the journal\n")
		start := time.Now()
		require.NoError(b, f.Sync())
		all = append(all, time.Since(start))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func perMS(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// BenchmarkJournal is one step's two records: the intent is waited for, the outcome
// rides along.
func BenchmarkJournal(b *testing.B) {
	for _, workers := range []int{1, 8, 32} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			disk := fsyncTime(b)
			j := open(b, filepath.Join(b.TempDir(), "j"))
			p := planOf(b, town(), roster.Want{Blocked: []string{"shut0@x.test"}})
			require.NoError(b, j.Begin(b.Context(), p))
			var mu sync.Mutex
			var took []time.Duration
			var wait sync.WaitGroup
			b.ResetTimer()
			for w := range workers {
				wait.Go(func() {
					c, err := j.Claim(context.Background(), roster.ClaimRequest{Plan: p.ID(), Lanes: []string{fmt.Sprint(w)}, Owner: "bench"})
					if err != nil {
						b.Error(err)
						return
					}
					for range b.N / workers {
						start := time.Now()
						err := j.Append(context.Background(), c, roster.Record{Step: "step", Phase: roster.PhaseIntent})
						if err == nil {
							err = j.Append(context.Background(), c, roster.Record{Step: "step", Phase: roster.PhaseOutcome, Result: core.ResultApplied})
						}
						if err != nil {
							b.Error(err)
							return
						}
						mu.Lock()
						took = append(took, time.Since(start))
						mu.Unlock()
					}
				})
			}
			wait.Wait()
			slices.Sort(took)
			if n := len(took); n > 0 {
				b.ReportMetric(perMS(took[n/2]), "p50-ms")
				b.ReportMetric(perMS(took[n*99/100]), "p99-ms")
			}
			b.ReportMetric(perMS(disk), "fsync-ms")
		})
	}
}

// BenchmarkRun compares a run with people × latency / workers.
func BenchmarkRun(b *testing.B) {
	for _, c := range []struct {
		people, workers int
		latency         time.Duration
	}{{400, 8, 50 * time.Millisecond}, {1600, 32, 20 * time.Millisecond}, {10000, 16, 0}} {
		b.Run(fmt.Sprintf("people=%d/workers=%d/latency=%s", c.people, c.workers, c.latency), func(b *testing.B) {
			w, people := crowd(c.people)
			p := planOf(b, w, roster.Want{Members: []roster.Members{{Account: "fake", Target: q2, Mode: roster.Add, People: people}}})
			w.latency = c.latency
			for b.Loop() {
				for _, links := range w.links {
					delete(links, q2.String())
				}
				r := runOn(w, open(b, filepath.Join(b.TempDir(), "j")))
				r.Workers = c.workers
				start := time.Now()
				_, err := r.Apply(b.Context(), p)
				require.NoError(b, err)
				if c.latency > 0 {
					ideal := time.Duration(c.people) * c.latency / time.Duration(c.workers)
					b.ReportMetric(float64(time.Since(start))/float64(ideal), "of-ideal")
				}
			}
		})
	}
}

// BenchmarkOverhead compares a run with the same sleeps in a bare loop of the same run, so
// that it says something on a machine that does other things too.
func BenchmarkOverhead(b *testing.B) {
	const people, workers, latency = 1600, 32, 20 * time.Millisecond
	w, names := crowd(people)
	p := planOf(b, w, roster.Want{Members: []roster.Members{{Account: "fake", Target: q2, Mode: roster.Add, People: names}}})
	w.latency = latency
	for b.Loop() {
		for _, links := range w.links {
			delete(links, q2.String())
		}
		r := runOn(w, open(b, filepath.Join(b.TempDir(), "j")))
		r.Workers = workers
		start := time.Now()
		_, err := r.Apply(b.Context(), p)
		require.NoError(b, err)
		took := time.Since(start)

		start = time.Now()
		var wait sync.WaitGroup
		for range workers {
			wait.Go(func() {
				for range people / workers {
					time.Sleep(latency)
				}
			})
		}
		wait.Wait()
		b.ReportMetric(float64(took)/float64(time.Since(start)), "of-bare")
	}
}

func renamed(people []string) map[string]map[string]core.UserChange {
	changes := map[string]map[string]core.UserChange{}
	for _, name := range people {
		changes[name] = map[string]core.UserChange{"fake": {LastName: core.Set("Renamed")}}
	}
	return changes
}

// BenchmarkResumeFinished opens, verifies and applies a plan of 10,000 steps that is
// done.
func BenchmarkResumeFinished(b *testing.B) {
	w, people := crowd(10000)
	p := planOf(b, w, roster.Want{Change: renamed(people)})
	path := filepath.Join(b.TempDir(), "j")
	j := open(b, path)
	r := runOn(w, j)
	r.Workers = 16
	_, err := r.Apply(b.Context(), p)
	require.NoError(b, err)
	j.Close()
	b.ReportAllocs()
	for b.Loop() {
		j := open(b, path)
		_, err := runOn(w, j).Apply(b.Context(), p)
		require.NoError(b, err)
		j.Close()
	}
}

func BenchmarkPlanEncode(b *testing.B) {
	_, people := crowd(9000)
	w, _ := crowd(9000)
	p := planOf(b, w, roster.Want{Blocked: people})
	for b.Loop() {
		_, err := p.Encode()
		require.NoError(b, err)
	}
}
