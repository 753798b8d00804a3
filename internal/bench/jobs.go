package bench

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// Vendor is a vendor in memory that takes Latency for each write and does nothing with
// it: what a run costs beside it is the run's own.
type Vendor struct {
	core.Store
	Latency time.Duration
}

// Capabilities says that everything is offered, one request each.
func (v Vendor) Capabilities() core.Capabilities {
	c := core.Capabilities{Vendor: "bench", Operations: map[core.Operation]core.Capability{},
		Kinds: []core.KindCapability{{Kind: core.KindQueue}}}
	for _, op := range core.Operations() {
		if op != core.OpSettle {
			c.Operations[op] = core.Capability{Support: core.Native, Cost: core.Cost{Call: 1}}
		}
	}
	return c
}

// Fingerprint implements core.Fingerprinter.
func (v Vendor) Fingerprint() string { return "bench" }

// Assign makes every link.
func (v Vendor) Assign(_ context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	if v.Latency > 0 {
		time.Sleep(v.Latency)
	}
	out := make([]core.Outcome, len(as))
	for i, a := range as {
		out[i] = core.Outcome{Assignment: a, Result: core.ResultApplied}
	}
	return out, nil
}

// ListAssignments shows none.
func (v Vendor) ListAssignments(context.Context, core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	return func(func(core.Assignment, error) bool) {}
}

// PlanOf links n people to a queue, a step each.
func PlanOf(n int) roster.Plan {
	p := roster.Plan{Made: time.Unix(1764547200, 0).UTC(), Fleet: map[string]string{"bench": "bench"}}
	queue := core.Target{Kind: core.KindQueue, ID: "34814"}
	for i := range n {
		who := fmt.Sprintf("person%d@example.com", i)
		id := fmt.Sprint(100000 + i)
		p.Steps = append(p.Steps, roster.Step{ID: who + "/bench/assignments.add", Lane: "bench/" + id, Op: core.OpAssign, Account: "bench",
			User: id, Login: who,
			Links: []core.Assignment{{UserID: id, Target: queue}}, Calls: 1})
	}
	return p
}

// Apply applies a plan with a journal in a file, and returns how long that took.
func Apply(ctx context.Context, path string, p roster.Plan, v Vendor, workers int) (time.Duration, error) {
	start := time.Now()
	j, err := roster.OpenFile(path)
	if err != nil {
		return 0, err
	}
	defer j.Close()
	_, err = roster.Run{Fleet: roster.Fleet{"bench": v}, Journal: j, Workers: workers}.Apply(ctx, p)
	return time.Since(start), err
}

// FsyncTime is what one sync of the disk takes, to be read beside the numbers.
func FsyncTime(dir string) (time.Duration, error) {
	f, err := os.CreateTemp(dir, "fsync")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	var all []time.Duration
	for range 50 {
		if _, err := f.WriteString("a line that is about as long as a record of the journal\n"); err != nil {
			return 0, err
		}
		start := time.Now()
		if err := f.Sync(); err != nil {
			return 0, err
		}
		all = append(all, time.Since(start))
	}
	slices.Sort(all)
	return all[len(all)/2], nil
}

// JournalSteps writes the two records of a step, n times by each of some workers: the intent
// is waited for, and the outcome rides along. It returns what the steps took, in order.
func JournalSteps(ctx context.Context, path string, workers, n int) ([]time.Duration, error) {
	j, err := roster.OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer j.Close()
	p := PlanOf(1)
	if err := j.Begin(ctx, p); err != nil {
		return nil, err
	}

	var mu sync.Mutex
	var took []time.Duration
	var failed error
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			own, err := journalLane(ctx, j, p.ID(), fmt.Sprint("bench/", w), n)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, own...)
			if err != nil {
				failed = err
			}
		})
	}
	wait.Wait()
	slices.Sort(took)
	return took, failed
}

func journalLane(ctx context.Context, j roster.Journal, plan, lane string, n int) (took []time.Duration, err error) {
	c, err := j.Claim(ctx, roster.ClaimRequest{Plan: plan, Lanes: []string{lane}, Owner: "bench"})
	if err != nil {
		return nil, err
	}
	for range n {
		start := time.Now()
		if err := j.Append(ctx, c, roster.Record{Step: "step", Phase: roster.PhaseIntent}); err != nil {
			return took, err
		}
		if err := j.Append(ctx, c, roster.Record{Step: "step", Phase: roster.PhaseOutcome, Result: core.ResultApplied}); err != nil {
			return took, err
		}
		took = append(took, time.Since(start))
	}
	return took, nil
}

// Jobs measures the journal, the run and its resume, and writes a table.
func Jobs(ctx context.Context, dir string, w io.Writer) error {
	fsync, err := FsyncTime(dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "One sync of this disk takes %.2f ms.\n\n| what | measured | of it CPU | target |\n| --- | ---: | ---: | ---: |\n",
		ms(fsync))

	steps, err := JournalSteps(ctx, filepath.Join(dir, "steps"), 8, 500)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "| journal per step, 8 workers, p50, ms | %.2f | | ≤ 1 |\n", ms(steps[len(steps)/2]))
	fmt.Fprintf(w, "| journal per step, 8 workers, p99, ms | %.2f | | ≤ 3 |\n", ms(steps[len(steps)*99/100]))

	for _, r := range []struct {
		people, workers int
		latency         time.Duration
		target          float64
	}{{400, 8, 50 * time.Millisecond, 1.05}, {1600, 32, 20 * time.Millisecond, 1.15}} {
		took, err := Apply(ctx, filepath.Join(dir, fmt.Sprint("run", r.workers)), PlanOf(r.people), Vendor{Latency: r.latency}, r.workers)
		if err != nil {
			return err
		}
		ideal := time.Duration(r.people) * r.latency / time.Duration(r.workers)
		fmt.Fprintf(w, "| run over N·latency/workers, %v, %d workers | %.3f | | ≤ %.2f |\n", r.latency, r.workers, float64(took)/float64(ideal),
			r.target)
	}
	return jobsOf10000(ctx, dir, w)
}

// jobsOf10000 measures what a large plan takes. On a machine that others use too, the CPU
// time tells more than the time.
func jobsOf10000(ctx context.Context, dir string, w io.Writer) error {
	path, p := filepath.Join(dir, "large"), PlanOf(10_000)
	short := PlanOf(9_000)
	apply := func() error {
		_, err := Apply(ctx, path, p, Vendor{}, 16)
		return err
	}
	for _, work := range []struct {
		what, target string
		do           func() error
	}{
		{"10,000 steps, no latency, 16 workers", "2 s", apply},
		{"resume of the finished run", "0.5 s", apply},
		{"load and verify its 20,000 records and as many claims", "0.2 s", func() error {
			j, err := roster.OpenFile(path)
			if err != nil {
				return err
			}
			return j.Close()
		}},
		{"plan encode and hash, 9,000 steps", "25 ms", func() error { _, err := short.Encode(); return err }},
	} {
		start, cpu := time.Now(), cpuTime()
		if err := work.do(); err != nil {
			return err
		}
		fmt.Fprintf(w, "| %s, s | %.3f | %.3f | ≤ %s |\n", work.what, time.Since(start).Seconds(), (cpuTime() - cpu).Seconds(), work.target)
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
