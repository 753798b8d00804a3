package bench_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-go/rollcall/internal/bench"
)

// TestJobs prints the table of the journal, the run and its resume.
func TestJobs(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	var out strings.Builder
	if err := bench.Jobs(t.Context(), t.TempDir(), &out); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + out.String())
}

// BenchmarkJournal is one step's two records by each of some workers.
func BenchmarkJournal(b *testing.B) {
	for _, workers := range []int{1, 8, 32} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			b.ReportAllocs()
			took, err := bench.JournalSteps(b.Context(), filepath.Join(b.TempDir(), "j"), workers, max(1, b.N/workers))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
			b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
		})
	}
}

// BenchmarkApply is a run of 10,000 steps, and BenchmarkResume the same again when it is
// finished.
func BenchmarkApply(b *testing.B) {
	p := bench.PlanOf(10_000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := bench.Apply(b.Context(), filepath.Join(b.TempDir(), fmt.Sprint(i)), p, bench.Vendor{}, 16); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkResume(b *testing.B) {
	p, path := bench.PlanOf(10_000), filepath.Join(b.TempDir(), "j")
	if _, err := bench.Apply(b.Context(), path, p, bench.Vendor{}, 16); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := bench.Apply(b.Context(), path, p, bench.Vendor{}, 16); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRun compares a run with people × latency / workers.
func BenchmarkRun(b *testing.B) {
	const people, workers, latency = 400, 8, 50 * time.Millisecond
	p := bench.PlanOf(people)
	for i := 0; b.Loop(); i++ {
		took, err := bench.Apply(b.Context(), filepath.Join(b.TempDir(), fmt.Sprint(i)), p, bench.Vendor{Latency: latency}, workers)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(took)/float64(people*latency/workers), "of-ideal")
	}
}
