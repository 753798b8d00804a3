package hostile

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/rollcall-go/rollcall/internal/heavy"
)

// What a server sends costs memory in proportion to its bytes, and no time beyond the
// caller's. Each cell of the table is one operation answered with one flood.

var floodSize = flag.Int("hostile.size", 0, "how many bytes a flood has, up to 32 MB; 0 for 4 or, of all, 8 MB")

const (
	// sampled is how many cells there are for each that is tried by default, and
	// sampledAll with -hostile.all: all of them take a day.
	sampled, sampledAll = 1201, 13
)

// floodDeadline is the caller's. On a busy machine a longer one shows more of the memory.
var floodDeadline = flag.Duration("hostile.deadline", time.Second, "the deadline of a call that is answered by a flood")

var floodEvery = flag.Int("hostile.every", 0, "try one cell of the floods in so many; 1 for all of them")

var floodPass = flag.Int("hostile.pass", -1, "try one flood of each kind with each operation: another one for each number")

// cost is what one cell cost.
type cost struct {
	heavy.Cost
	vendor, op, kind, flood string
	err                     error
}

func (c cost) String() string {
	text := fmt.Sprintf("%s: %s: %s: %s", c.vendor, c.op, c.flood, c.Cost)
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
	var kinds []string
	for k := range table {
		kinds = append(kinds, table[k].kind)
	}

	cell, op := 0, 0
	for _, v := range vendors() {
		for i := range v.ops {
			passed := heavy.Pass(kinds, op, *floodPass)
			op++
			for k := range table {
				places := []place{onAll}
				if !v.ops[i].reads {
					places = append(places, onTarget, onLook)
				}
				at := places[(i+k)%len(places)]
				cell++
				name := v.name + ": " + v.ops[i].name + ": " + table[k].name
				if *floodPass < 0 && cell%every != 0 || *floodPass >= 0 && !passed[k] || !asked(name) {
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
		peak, made, took := worst(cost.Times), worst(cost.TimesMade), worst(func(c cost) float64 { return c.Took.Seconds() })
		t.Logf("| %s | %d | %.1f | %.1f | %.1f | %s: %s |", name, len(of), peak.Times(), made.TimesMade(), took.Took.Seconds(), peak.op,
			peak.flood)
	}

	slices.SortFunc(all, func(a, b cost) int { return cmp.Compare(b.CPU, a.CPU) })
	t.Log("the ten that kept the processor busy for longest, the part of the server included")
	for _, c := range all[:min(10, len(all))] {
		t.Log(c)
	}

	n := 0
	for _, c := range all {
		if what := c.Bad(*floodDeadline); what != "" {
			if n++; n <= 400 {
				t.Errorf("%s: %s", what, c)
			}
		}
	}
	t.Logf("%d cells, %d out of bounds", len(all), n)
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
	ctx, cancel := context.WithTimeout(context.Background(), *floodDeadline)
	defer cancel()
	now := &flooded{n: n, f: f, place: at, size: size, ctx: ctx}
	s.now.Store(now)
	tr := &trial{}
	if o.before != nil {
		if err := o.before(context.Background(), store, tr); err != nil {
			panic(err)
		}
		cancel()
		ctx, cancel = context.WithTimeout(context.Background(), *floodDeadline)
		defer cancel()
		now.ctx = ctx
	}
	n.arm(&noFault, o.reads)
	if f.gzip {
		f.body(n, answer{}, 0) // packed before anything is measured
	}

	s.received.Store(0)
	trace := ""
	measured := cost{vendor: v.name, op: o.name, kind: f.kind, flood: f.name + placeName(at)}
	measured.Cost = heavy.Measure(func() { trace, err = run(ctx, o, store, tr) })
	if trace != "" {
		panic(trace)
	}
	measured.err, measured.Received = err, s.received.Load()
	n.arm(&noFault, false)
	return measured, now.hits.Load() > 0
}

func placeName(at place) string {
	return map[place]string{onAll: "", onTarget: ", to the write", onLook: ", to the look"}[at]
}
