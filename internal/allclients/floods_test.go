package allclients

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/heavy"
)

// Every operation of every client, the ones that no store uses included, is answered with
// floods, as the operations of the stores are in internal/hostile.
//
//	go test ./internal/allclients -run Floods -v                      a few cells
//	go test ./internal/allclients -run Floods -v -floods.every 1 -floods.only 'webex: Queues'

var (
	floodEvery = flag.Int("floods.every", 0, "try one flood in so many; 1 for all of them, 0 for a few or, with ROLLCALL_HOSTILE=all, "+
		"some more")
	floodSize = flag.Int("floods.size", 4100<<10, "how many bytes a flood has, up to 32 MB")
	floodPass = flag.Int("floods.pass", -1, "try one flood of each kind with each operation: another one for each number")
	floodOnly = flag.String("floods.only", "", "try only the floods whose name the regular expression matches")
)

// floodDeadline is that of a call.
const floodDeadline = time.Second

// flood makes a body of a real one.
type flood struct {
	name, kind string
	body       func(real string, size int) heavy.Flow
}

func floods(turn *int) []flood {
	all := []flood{
		{"a crowd", "others", heavy.Crowded},
		{"members again and again", "others", heavy.Repeated},
	}
	for _, shape := range heavy.Shapes() {
		for _, spot := range heavy.Spots(turn) {
			kind := "in place of " + spot.Name
			all = append(all, flood{shape.Name + " " + kind, kind, func(real string, size int) heavy.Flow {
				return heavy.Placed(real, spot, shape, size)
			}})
		}
	}
	return all
}

// TestFloods_CostInProportion: what a server answers costs memory in proportion to its
// bytes, and no time beyond the caller's.
func TestFloods_CostInProportion(t *testing.T) {
	every := 1601
	if os.Getenv("ROLLCALL_HOSTILE") == "all" {
		every = 41
	}
	if *floodOnly != "" {
		every = 1
	}
	every = cmp.Or(*floodEvery, every)
	asked := regexp.MustCompile(*floodOnly)

	var all []drowned
	turn, cell, nth := 0, 0, 0
	table := floods(&turn)
	var kinds []string
	for _, f := range table {
		kinds = append(kinds, f.kind)
	}

	for _, v := range vendors {
		for _, op := range slices.Sorted(maps.Keys(v.account(t, core.ClientOptions{}).calls)) {
			if op == "Login.Refresh" {
				continue // it waits for most of an hour, and what is measured here is real time
			}
			passed := heavy.Pass(kinds, nth, *floodPass)
			nth++
			for k, f := range table {
				name := v.name + ": " + op + ": " + f.name
				cell++
				if *floodPass < 0 && cell%every != 0 || *floodPass >= 0 && !passed[k] || !asked.MatchString(name) {
					continue
				}
				turn = cell // whichever cells were tried before
				cost, err := drown(t, v, op, f)
				all = append(all, drowned{cost, name, v.name + " | " + f.kind})
				if what := cost.Bad(floodDeadline); what != "" {
					t.Errorf("%s: %s: %s: %v", what, name, cost, err)
				}
				if *floodOnly != "" {
					t.Logf("%s: %s: %v", name, cost, err)
				}
			}
		}
	}
	require.NotEmpty(t, all)
	printDrowned(t, all)
}

// drowned is what one cell cost.
type drowned struct {
	heavy.Cost
	name, group string
}

// printDrowned prints the worst of each vendor and kind of flood, and the slowest.
func printDrowned(t *testing.T, all []drowned) {
	t.Helper()
	worst, n := map[string]drowned{}, map[string]int{}
	for _, d := range all {
		n[d.group]++
		if w, ok := worst[d.group]; !ok || d.Times() > w.Times() {
			worst[d.group] = d
		}
	}
	for _, group := range slices.Sorted(maps.Keys(worst)) {
		d := worst[group]
		t.Logf("| %s | %d | %.1f | %.1f | %.1f | %s |", group, n[group], d.Times(), d.TimesMade(), d.Took.Seconds(), d.name)
	}

	slices.SortFunc(all, func(a, b drowned) int { return cmp.Compare(b.CPU, a.CPU) })
	for _, d := range all[:min(10, len(all))] {
		t.Logf("%s: %s", d.name, d.Cost)
	}
	t.Logf("%d cells", len(all))
}

// drown answers the requests of one operation with a flood.
func drown(t *testing.T, v vendor, op string, f flood) (heavy.Cost, error) {
	t.Helper()
	var received atomic.Int64
	plain := v.account(t, core.ClientOptions{})
	flooded := roundTripper(func(req *http.Request) (*http.Response, error) {
		res, err := plain.sim.Transport().RoundTrip(req)
		if err != nil || core.OperationOf(req.Context()) != op {
			return res, err
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return nil, err
		}
		res.Body = io.NopCloser(bytes.NewReader(body))
		if flow := f.body(string(body), *floodSize); flow != nil {
			if res.StatusCode == http.StatusNoContent {
				res.StatusCode = http.StatusOK
			}
			res.Body, res.ContentLength = poured(flow, &received), -1
			res.Header.Del("Content-Length")
			res.Header.Set("Content-Type", "application/json;charset=UTF-8")
		}
		return res, nil
	})
	a := v.account(t, core.ClientOptions{Transport: flooded})

	ctx, cancel := context.WithTimeout(t.Context(), floodDeadline)
	defer cancel()
	var err error
	cost := heavy.Measure(func() { err = a.calls[op](ctx) })
	cost.Received = received.Load()
	return cost, err
}

// poured is a body that is made as it is read.
func poured(flow heavy.Flow, n *atomic.Int64) io.ReadCloser {
	r, w := io.Pipe()
	go func() { w.CloseWithError(flow.Send(w)) }()
	return heavy.Counted(r, n)
}
