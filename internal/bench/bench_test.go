package bench_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/bench"
)

var server *bench.Server

func TestMain(m *testing.M) {
	bench.ServeIfAsked()
	var err error
	if server, err = bench.StartServer(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	server.Close()
	os.Exit(code)
}

func TestFirstBeforeLast(t *testing.T) {
	if err := bench.FirstBeforeLast(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestReport prints the table of a short run and insists on what does not depend
// on time.
func TestReport(t *testing.T) {
	if testing.Short() {
		t.Skip("takes most of a minute")
	}
	table, err := (&bench.Suite{Server: server, Short: true}).Run(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	table.Print(&out)
	t.Log("\n" + out.String())
	for _, m := range table.Misses(true) {
		t.Error(m)
	}
}

// each runs a benchmark for every row.
func each(b *testing.B, p bench.Protocol, run func(b *testing.B, r *bench.Row)) {
	sdk, err := bench.NewRollcall(server, p, core.ClientOptions{})
	if err != nil {
		b.Fatal(err)
	}
	for _, r := range []*bench.Row{
		bench.NewFloor(server, p, true), bench.NewFloor(server, p, false), bench.NewRetryablehttp(server, p), sdk,
	} {
		b.Run(strings.ReplaceAll(r.Name, ", ", "-"), func(b *testing.B) {
			b.ReportAllocs()
			run(b, r)
		})
		r.Close()
	}
}

func BenchmarkGet(b *testing.B) {
	for _, extra := range []bool{false, true} {
		b.Run(fmt.Sprintf("extra=%v", extra), func(b *testing.B) {
			each(b, bench.HTTP, func(b *testing.B, r *bench.Row) {
				for b.Loop() {
					if err := r.Get(b.Context(), extra); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func BenchmarkList(b *testing.B) {
	const total = 10_000
	b.Run("array", func(b *testing.B) {
		each(b, bench.HTTP, func(b *testing.B, r *bench.Row) {
			for b.Loop() {
				if err := r.Array(b.Context(), total, func() {}); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
	for _, size := range []int{50, 500} {
		b.Run(fmt.Sprintf("pages=%d", size), func(b *testing.B) {
			each(b, bench.HTTP, func(b *testing.B, r *bench.Row) {
				for b.Loop() {
					if err := r.Pages(b.Context(), size, total, func() {}); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// BenchmarkCrowd is one get by each of 64 callers an iteration.
func BenchmarkCrowd(b *testing.B) {
	const callers = 64
	for _, p := range bench.Protocols {
		b.Run(strings.ReplaceAll(string(p), ", ", "-"), func(b *testing.B) {
			each(b, p, func(b *testing.B, r *bench.Row) {
				var failed atomic.Pointer[error]
				for b.Loop() {
					var wg sync.WaitGroup
					for range callers {
						wg.Go(func() {
							if err := r.Get(b.Context(), false); err != nil {
								failed.Store(&err)
							}
						})
					}
					wg.Wait()
				}
				if err := failed.Load(); err != nil {
					b.Fatal(*err)
				}
			})
		})
	}
}
