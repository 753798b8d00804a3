package hostile

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"maps"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What a server sends costs memory in proportion to its bytes, and no time beyond the
// caller's. Each cell of the table is one operation answered with one flood.

var floodSize = flag.Int("hostile.size", 0, "how many bytes a flood has, up to 32 MB; 0 for 4 or, of all, 8 MB")

const (
	// maxTimes is how much memory may be in use at once for each byte received, garbage
	// included, and maxMade how much is allocated in all, over all that a call does with
	// its answers: it reads some of them several times.
	maxTimes, maxMade = 8, 24
	// little is what any call may use.
	little = 16 << 20
	// floodDeadline is the caller's, and floodGrace how much later it may be.
	floodDeadline = time.Second
	floodGrace    = time.Second
	// sampled is how many cells there are for each that is tried by default, and
	// sampledAll with -hostile.all: all of them take a day.
	sampled, sampledAll = 1201, 13
)

var floodEvery = flag.Int("hostile.every", 0, "try each so manieth cell of the floods; 1 for all of them")

// cost is what one cell cost.
type cost struct {
	vendor, op, kind, flood string
	received                int64
	peak, made              int64
	took, starved           time.Duration
	cpu                     time.Duration // of this process, the server's part in it included
	err                     error
}

// bad says what is out of proportion, or "".
func (c cost) bad() string {
	var out []string
	if c.peak > maxTimes*c.received+little {
		out = append(out, fmt.Sprintf("%.1f MB at once", mega(c.peak)))
	}
	if c.made > maxMade*c.received+little {
		out = append(out, fmt.Sprintf("%.1f MB in all", mega(c.made)))
	}
	// On a machine that does something else, what was late was not busy.
	if c.took > floodDeadline+floodGrace && (c.cpu > floodGrace || c.starved < floodGrace/10) {
		out = append(out, "it took "+c.took.Round(time.Millisecond).String())
	}
	return strings.Join(out, ", ")
}

func mega(n int64) float64 { return float64(n) / (1 << 20) }

func (c cost) String() string {
	text := fmt.Sprintf("%s: %s: %s: %.2f MB received, peak %.1f MB, made %.1f MB, %v, CPU %v", c.vendor, c.op, c.flood, mega(c.received), mega(c.peak), mega(c.made),
		c.took.Round(time.Millisecond), c.cpu.Round(time.Millisecond))
	if c.err != nil {
		e := c.err.Error()
		text += ": " + e[:min(len(e), 150)]
	}
	return text
}

// TestBounds answers operations with floods, and prints what they cost.
func TestBounds(t *testing.T) {
	size, every := 4<<20, sampled
	if *only != "" {
		every = 1
	}
	if *allCells {
		size, every = 8<<20, sampledAll
	}
	size, every = cmp.Or(*floodSize, size), cmp.Or(*floodEvery, every)

	s, asked := newFloodServer(t), asksFor(t)
	table := floods()
	var all []cost
	cell := 0
	for _, v := range vendors() {
		for i := range v.ops {
			for k := range table {
				places := []place{onAll}
				if !v.ops[i].reads {
					places = append(places, onTarget, onLook)
				}
				at := places[(i+k)%len(places)]
				cell++
				name := v.name + ": " + v.ops[i].name + ": " + table[k].name
				if cell%every != 0 || !asked(name) {
					continue
				}
				turn = cell // whichever cells were tried before
				if c, struck := s.try(v, &v.ops[i], &table[k], at, size); struck {
					if all = append(all, c); *only != "" {
						t.Log(c)
					}
				}
			}
		}
	}
	printCosts(t, all)
}

func printCosts(t *testing.T, all []cost) {
	t.Helper()
	t.Log("the worst of each vendor and kind of flood: how many, memory at once and in all for each byte received, seconds")
	groups := map[string][]cost{}
	for _, c := range all {
		groups[c.vendor+" | "+c.kind] = append(groups[c.vendor+" | "+c.kind], c)
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		of := groups[name]
		worst := func(key func(cost) float64) cost {
			return slices.MaxFunc(of, func(a, b cost) int { return cmp.Compare(key(a), key(b)) })
		}
		peak, made, took := worst(cost.times), worst(cost.timesMade), worst(cost.seconds)
		t.Logf("| %s | %d | %.1f | %.1f | %.1f | %s: %s |", name, len(of), peak.times(), made.timesMade(), took.seconds(), peak.op, peak.flood)
	}

	n := 0
	for _, c := range all {
		if what := c.bad(); what != "" {
			if n++; n <= 400 {
				t.Errorf("%s: %s", what, c)
			}
		}
	}
	t.Logf("%d cells, %d out of bounds", len(all), n)
}

// times is how much memory was in use at once for each byte received, beyond what is
// little, and timesMade how much was allocated in all.
func (c cost) times() float64     { return beyond(c.peak, c.received) }
func (c cost) timesMade() float64 { return beyond(c.made, c.received) }
func (c cost) seconds() float64   { return c.took.Seconds() }

func beyond(n, received int64) float64 {
	return float64(max(0, n-little)) / float64(max(received, 1<<20))
}

// try runs one operation against one flood.
func (s *floodServer) try(v *vendor, o *op, f *flood, at place, size int) (cost, bool) {
	n := newNetwork(v)
	if o.setup != nil {
		o.setup(n.world)
	}
	transport := s.transport()
	defer transport.CloseIdleConnections()
	store, err := v.store(unpacking{transport, &s.received})
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), floodDeadline)
	defer cancel()
	now := &flooded{n: n, f: f, place: at, size: size, ctx: ctx}
	s.now.Store(now)
	tr := &trial{}
	if o.before != nil {
		if err := o.before(context.Background(), store, tr); err != nil {
			panic(err)
		}
		cancel()
		ctx, cancel = context.WithTimeout(context.Background(), floodDeadline)
		defer cancel()
		now.ctx = ctx
	}
	n.arm(&noFault, o.reads)
	if f.gzip {
		f.body(n, answer{}, 0) // packed before anything is measured
	}

	s.received.Store(0)
	trace := ""
	measured := measure(func() { trace, err = run(ctx, o, store, tr) })
	if trace != "" {
		panic(trace)
	}
	measured.vendor, measured.op, measured.flood, measured.err = v.name, o.name, f.name+placeName(at), err
	measured.kind = f.kind
	measured.received = s.received.Load()
	n.arm(&noFault, false)
	return measured, now.hits.Load() > 0
}

func placeName(at place) string {
	return map[place]string{onAll: "", onTarget: ", to the write", onLook: ", to the look"}[at]
}

// slice is how long a goroutine that sleeps for a millisecond may be late. What is beyond
// is the machine's doing, which runs something else.
const slice = 20 * time.Millisecond

// measure runs f alone in the process.
func measure(f func()) cost {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	stop, done := make(chan bool), make(chan int64)
	var starved time.Duration
	go func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		peak := int64(0)
		for last := time.Now(); ; {
			metrics.Read(sample)
			if gap := time.Since(last) - slice; gap > 0 {
				starved += gap
			}
			last = time.Now()
			peak = max(peak, int64(sample[0].Value.Uint64()))
			select {
			case <-stop:
				done <- peak
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	start, busy := time.Now(), cpuTime()
	f()
	took := time.Since(start)
	busy = cpuTime() - busy
	stop <- true
	peak := <-done
	runtime.ReadMemStats(&after)
	return cost{peak: peak - int64(before.HeapAlloc), made: int64(after.TotalAlloc - before.TotalAlloc),
		took: max(0, took-starved), starved: starved, cpu: busy}
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
