package hostile

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/rollcall-go/rollcall/core"
	"github.com/stretchr/testify/require"
)

var allCells = flag.Bool("hostile.all", os.Getenv("ROLLCALL_HOSTILE") == "all", "try all cells, and not a fifth of them")

var only = flag.String("hostile.only", "", `with -v, try and print the cells whose name ("webex: delete: lost, after") this regular `+
	`expression finds`)

// asksFor returns what tells whether -hostile.only asks for a cell.
func asksFor(t *testing.T) func(name string) bool {
	t.Helper()
	wanted, err := regexp.Compile(*only)
	require.NoError(t, err, "-hostile.only")
	return wanted.MatchString
}

func vendors() []*vendor {
	return []*vendor{avayaVendor(), libh3lpVendor(), livepersonVendor(), lucsVendor(), lucsBareVendor(), webexVendor(), webexMakingVendor()}
}

// tryIn is try in a bubble of its own.
func tryIn(t *testing.T, v *vendor, o *op, f *fault, wrap func(core.Store) core.Store) (r result) {
	t.Helper()
	synctest.Test(t, func(*testing.T) { r = try(v, o, f, wrap) })
	return r
}

// TestNoFault is the proof of the servers: without a fault every operation ends well,
// asks for nothing that the server does not know, and does what it should.
func TestNoFault(t *testing.T) {
	for _, v := range vendors() {
		for _, o := range slices.Concat(v.ops, v.lagOps) {
			t.Run(v.name+"/"+o.name, func(t *testing.T) {
				var n *network
				w := *v
				w.store = func(rt http.RoundTripper) (core.Store, error) { n = rt.(*network); return v.store(rt) }
				r := tryIn(t, &w, &o, &noFault, nil)
				require.Empty(t, r.findings)
				require.NoError(t, r.err)
				require.Empty(t, n.unrouted)
				require.True(t, r.struck, "no request was met")
				require.Equal(t, o.reads, r.writes == 0)
				require.Equal(t, o.creates != "", n.world.creates[o.creates] == 1)
				require.Zero(t, n.late)
			})
		}
	}
}

// TestTable: faults have names of their own, and there are enough.
func TestTable(t *testing.T) {
	names := map[string]bool{}
	for _, f := range faults() {
		require.False(t, names[f.name], f.name)
		names[f.name] = true
	}
	require.Greater(t, len(names), 200)
}

// TestTable_FifthCoversAll: a fifth of the cells has every operation, and every fault
// at some vendor.
func TestTable_FifthCoversAll(t *testing.T) {
	table := faults()
	met := map[string]bool{}
	for _, v := range vendors() {
		for i, o := range v.ops {
			n := 0
			for k := range table {
				if o.takes(&table[k]) && inFifth(i, k) {
					n++
					met[table[k].name] = true
				}
			}
			require.Positive(t, n, "%s: %s", v.name, o.name)
		}
	}
	require.Len(t, met, len(table))
}

// takes reports whether a fault makes sense for the operation.
func (o *op) takes(f *fault) bool { return !o.reads || f.forReads() }

// fifth is how many cells there are for each that is tried by default.
const fifth = 5

func inFifth(op, fault int) bool { return (op+fault)%fifth == 0 }

// isTried reports whether a cell is tried: with -short, a fifth of the fifth.
func isTried(op, fault int) bool {
	if testing.Short() {
		return (op+fault)%(fifth*fifth) == 0
	}
	return *allCells || inFifth(op, fault)
}

// TestOnly shows single cells: see -hostile.only.
func TestOnly(t *testing.T) {
	if *only == "" {
		t.Skip("no cell is asked for by -hostile.only")
	}
	asked := asksFor(t)
	for _, v := range vendors() {
		for _, o := range v.ops {
			for _, f := range faults() {
				if name := v.name + ": " + o.name + ": " + f.name; o.takes(&f) && asked(name) {
					r := tryIn(t, v, &o, &f, nil)
					t.Logf("%s\n%s\nerror: %v\n%s", name, strings.Join(r.trace, "\n"), r.err, r.findings)
				}
			}
		}
	}
}

// TestMatrix tries every operation with every fault.
func TestMatrix(t *testing.T) {
	table := faults()
	counts := newTally()
	var wrong []finding
	for _, v := range vendors() {
		for i := range v.ops {
			o := &v.ops[i]
			for k := range table {
				f := &table[k]
				if !o.takes(f) || !isTried(i, k) {
					continue
				}
				wrong = append(wrong, counts.add(v.name, tryIn(t, v, o, f, nil))...)
			}
		}
	}
	t.Logf("%d operations, %d faults\n%s", counts.ops(), len(table), counts)
	report(t, wrong)
}

// maxPrinted bounds how many wrong claims are printed, where not all cells are asked for.
const maxPrinted = 500

// report prints what is wrong, and fails unless it is excused.
func report(t *testing.T, wrong []finding) {
	t.Helper()
	for i, f := range wrong {
		if i == maxPrinted && !*allCells {
			t.Logf("and %d more", len(wrong)-i)
			break
		}
		t.Log(f)
	}
	wrong = slices.DeleteFunc(slices.Clone(wrong), func(f finding) bool { return f.excuse() != "" })
	for _, f := range wrong[:min(len(wrong), 10)] {
		t.Error(f)
	}
	if len(wrong) > 0 {
		t.Errorf("%d claims are wrong", len(wrong))
	}
}

// tally counts cells and what was found in them.
type tally struct {
	cells, hold, believed map[string]int
	kinds                 map[string]map[kind]int
	vendors               []string
	names                 map[string]bool
}

func newTally() *tally {
	return &tally{cells: map[string]int{}, hold: map[string]int{}, believed: map[string]int{}, kinds: map[string]map[kind]int{},
		names: map[string]bool{}}
}

// add counts a cell and returns what in it is wrong and no believed lie.
func (c *tally) add(vendor string, r result) []finding {
	if c.kinds[vendor] == nil {
		c.kinds[vendor] = map[kind]int{}
		c.vendors = append(c.vendors, vendor)
	}
	if !r.struck && len(r.findings) == 0 {
		return nil // there was no request that the fault could strike
	}
	c.cells[vendor]++
	wrong := slices.DeleteFunc(slices.Clone(r.findings), func(f finding) bool { return f.believed })
	switch {
	case len(wrong) > 0:
	case len(r.findings) > 0:
		c.believed[vendor]++
		fallthrough
	default:
		c.hold[vendor]++
	}
	for _, f := range wrong {
		c.kinds[vendor][f.kind]++
	}
	return wrong
}

func (c *tally) ops() (n int) {
	for _, v := range vendors() {
		if c.cells[v.name] > 0 {
			n += len(v.ops)
		}
	}
	return n
}

// String is a table with a column for each vendor.
func (c *tally) String() string {
	var b strings.Builder
	row := func(name string, of func(vendor string) int) {
		fmt.Fprintf(&b, "%-40s", name)
		sum := 0
		for _, v := range c.vendors {
			sum += of(v)
			fmt.Fprintf(&b, "%21d", of(v))
		}
		fmt.Fprintf(&b, "%8d\n", sum)
	}
	fmt.Fprintf(&b, "%-40s", "")
	for _, v := range c.vendors {
		fmt.Fprintf(&b, "%21s", v)
	}
	fmt.Fprintf(&b, "%8s\n", "all")
	row("cells tried", func(v string) int { return c.cells[v] })
	row("cells that hold", func(v string) int { return c.hold[v] })
	for _, k := range kinds {
		row("  "+string(k), func(v string) int { return c.kinds[v][k] })
	}
	row("believed lies (among those that hold)", func(v string) int { return c.believed[v] })
	return b.String()
}

// classOf names what a call ended with.
func classOf(err error) string {
	if err == nil {
		return "no error"
	}
	if p, ok := err.(*core.PartialError); ok {
		for _, o := range p.Outcomes {
			if e, ok := errors.AsType[*core.Error](o.Err); ok {
				return fmt.Sprintf("%s %s, %s", o.Result, e.Class, cmp.Or(e.Applied, "-"))
			}
			if !o.Done() {
				return string(o.Result)
			}
		}
	}
	if e, ok := err.(*core.Error); ok {
		return fmt.Sprintf("%s, %s", e.Class, cmp.Or(e.Applied, "-"))
	}
	return fmt.Sprintf("%T", err)
}
