package bench

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Table holds what was measured, sample by sample.
type Table struct {
	lines []*line
}

// A line is one measure of one piece of work.
type line struct {
	work, measure string
	samples       map[string][]float64 // by row
}

func (t *Table) add(work, measure, row string, value float64) {
	i := slices.IndexFunc(t.lines, func(l *line) bool { return l.work == work && l.measure == measure })
	if i < 0 {
		i = len(t.lines)
		t.lines = append(t.lines, &line{work, measure, map[string][]float64{}})
	}
	t.lines[i].samples[row] = append(t.lines[i].samples[row], value)
}

// A goal is what we ask of a measure.
type goal struct {
	work, measure string // work is the beginning of the name
	must, aim     float64
	more          bool // at least, not at most
	absolute      bool // not a ratio to the floor
	steady        bool // the same on a busy machine, so that CI can insist
}

// goals are looked through in order: the first that fits is taken.
var goals = []goal{
	{work: "W1", measure: "time, µs", must: 1.05, aim: 0.95},
	{work: "W1", measure: "client CPU, µs", must: 1.03, aim: 0.92},
	{work: "W1", measure: "B/op", must: 0.70, aim: 0.62, steady: true},
	{work: "W1", measure: "allocs/op", must: 1.00, aim: 0.85, steady: true},
	{work: "W2", measure: "time, ms", must: 0.85, aim: 0.45},
	{work: "W2 list, an array", measure: "peak heap, MB", must: 0.15, aim: 0.13},
	// Pages of 500 are asked for by the caller, who then holds one of them.
	{work: "W2 list, an array", measure: "peak live heap, MB", must: 0.25, aim: 0.15, absolute: true},
	{work: "W2 list, an array", measure: "peak live heap of 100,000, MB", must: 0.25, aim: 0.15, absolute: true},
	// In pages 8 bytes of each row are remembered, to find one that comes twice.
	{work: "W2 list, pages of 50 ", measure: "peak live heap, MB", must: 0.25 + 0.08, aim: 0.15 + 0.08, absolute: true},
	{work: "W2 list, pages of 50 ", measure: "peak live heap of 100,000, MB", must: 0.25 + 0.8, aim: 0.15 + 0.8, absolute: true},
	{work: "W3", measure: "requests/s", must: 0.93, aim: 1.05, more: true},
	{work: "W3", measure: "client CPU, µs", must: 1.05, aim: 0.90},
	{work: "W3", measure: "p99, ms", must: 1.15, aim: 1.00},
	{work: "W3", measure: "new connections per 1,000", must: 1, aim: 0, absolute: true, steady: true},
	{work: "W4 limit known", measure: "time over N/R", must: 1.05, aim: 1.03, absolute: true},
	{work: "W4 limit known", measure: "429s, % of calls", must: 5, aim: 1, absolute: true},
	{work: "W4 limit not known, bucket", measure: "time over N/R", must: 1.25, aim: 1.15, absolute: true},
	{work: "W4 limit not known, windows", measure: "time over N/R", must: 1.40, aim: 1.15, absolute: true},
	{work: "W4", measure: "429s, % of calls", must: 30, aim: 20, absolute: true},
	{work: "W4", measure: "calls lost", must: 0, aim: 0, absolute: true, steady: true},
}

func goalOf(l *line) (goal, bool) {
	for _, g := range goals {
		if g.measure == l.measure && strings.HasPrefix(l.work+" ", g.work) {
			return g, true
		}
	}
	// What has no goal and is not comparable stands for itself.
	return goal{absolute: strings.HasPrefix(l.work, "W4") || strings.HasPrefix(l.measure, "peak live heap")}, false
}

// Run does all the work, or what of W1 to W4 is named in only.
func (s *Suite) Run(ctx context.Context, only []string) (*Table, error) {
	t := &Table{}
	for _, w := range []struct {
		name string
		run  func(context.Context, *Table) error
	}{{"W1", s.Get}, {"W2", s.List}, {"W3", s.Crowd}, {"W4", s.Limit}} {
		if len(only) > 0 && !slices.Contains(only, w.name) {
			continue
		}
		if err := w.run(ctx, t); err != nil {
			return t, fmt.Errorf("%s: %w", w.name, err)
		}
	}
	return t, nil
}

// Print writes the table as Markdown. A cell is the median over the rounds of
// the ratio to the floor in the same round, with the quartiles behind it; where
// the goal is no ratio it is the value itself.
func (t *Table) Print(w io.Writer) {
	fmt.Fprintln(w, "| work | measure | floor | rollcall | retryablehttp | floor, default transport | must | aim |")
	fmt.Fprintln(w, "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
	for _, l := range t.lines {
		g, has := goalOf(l)
		must, aim := "", ""
		if has {
			sign := "≤ "
			if g.more {
				sign = "≥ "
			}
			must, aim = sign+short(g.must), sign+short(g.aim)
		}
		floor := ""
		if f := l.samples[Floor]; f != nil {
			floor = short(median(f))
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", l.work, l.measure, floor,
			l.cell(Rollcall, g), l.cell(Retryablehttp, g), l.cell(FloorDefault, g), must, aim)
	}
}

// values returns a row's samples as its goal is stated: by round, over the floor.
func (l *line) values(row string, g goal) []float64 {
	v := slices.Clone(l.samples[row])
	if !g.absolute {
		for i := range v {
			v[i] /= l.samples[Floor][i]
		}
	}
	slices.Sort(v)
	return v
}

func (l *line) cell(row string, g goal) string {
	v := l.values(row, g)
	if len(v) == 0 {
		return ""
	}
	unit := " ×"
	if g.absolute {
		unit = ""
	}
	low, high := short(v[len(v)/4]), short(v[(len(v)-1)*3/4])
	if len(v) < 4 {
		low, high = short(v[0]), short(v[len(v)-1])
	}
	if low == high {
		return short(median(v)) + unit
	}
	return fmt.Sprintf("%s%s [%s–%s]", short(median(v)), unit, low, high)
}

// Misses says which goals rollcall does not meet; with steady, only of those
// that do not depend on time.
func (t *Table) Misses(steady bool) []string {
	var misses []string
	for _, l := range t.lines {
		g, has := goalOf(l)
		v := l.values(Rollcall, g)
		if !has || len(v) == 0 || steady && !g.steady {
			continue
		}
		got := median(v)
		if l.measure == "calls lost" {
			got = v[len(v)-1] // none, ever
		}
		if g.more && got < g.must || !g.more && got > g.must {
			misses = append(misses, fmt.Sprintf("%s, %s: %s, must be %s", l.work, l.measure, short(got), short(g.must)))
		}
	}
	return misses
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	n := len(v)
	if n == 0 {
		return 0
	}
	return (v[(n-1)/2] + v[n/2]) / 2
}

func short(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.2f", v), ".00")
}
