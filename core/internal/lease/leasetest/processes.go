//go:build unix

package leasetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/internal/herd"
	"github.com/rollcall-go/rollcall/core/internal/lease"
)

// What a machine is told by its environment.
const (
	envVendor     = "LEASETEST_VENDOR"
	envCredential = "LEASETEST_CREDENTIAL" // empty: the machine is alone
	envTold       = "LEASETEST_TOLD"
	envCallers    = "LEASETEST_CALLERS"
	envServer     = "LEASETEST_SERVER"
)

// Maker makes the governor of a machine, of a credential that others share through the
// server at that address.
type Maker func(server, credential string, told lease.Limit) *lease.Governor

// steady is what the others are measured against: it lets one go after the other, at 98 %
// of the limit.
type steady struct {
	space time.Duration
	mu    sync.Mutex
	next  time.Time
}

// Wait implements core.Governor.
func (s *steady) Wait(context.Context, string) error {
	s.mu.Lock()
	now := time.Now()
	if s.next.Before(now) {
		s.next = now
	}
	turn := s.next
	s.next = s.next.Add(s.space)
	s.mu.Unlock()
	time.Sleep(time.Until(turn))
	return nil
}

// Report implements core.Governor.
func (s *steady) Report(string, core.Verdict) {}

// Machine is one of the machines, if this process was started as one. Call it first in
// TestMain.
func (m Maker) Machine() {
	if os.Getenv(envVendor) == "" {
		return
	}

	perSecond, _ := strconv.ParseFloat(os.Getenv(envTold), 64)
	callers, _ := strconv.Atoi(os.Getenv(envCallers))
	vendor, credential := os.Getenv(envVendor), os.Getenv(envCredential)
	if credential == "" {
		work(&steady{space: time.Duration(float64(time.Second) / 0.98 / perSecond)}, vendor, callers)
		os.Exit(0)
	}

	g := m(os.Getenv(envServer), credential, lease.Limit{PerSecond: perSecond, Burst: burst})
	send := work(g, vendor, callers)
	send(fmt.Sprint("/asked/", g.Questions()))
	os.Exit(0)
}

// work sends requests to the vendor until that says that it is enough. It returns what sends
// one more.
func work(g core.Governor, vendor string, callers int) (send func(path string) int) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}
	send = func(path string) int {
		r, err := client.Get(vendor + path)
		if err != nil {
			return http.StatusGone
		}
		r.Body.Close()
		return r.StatusCode
	}
	send("/ready") // answers when all machines are there
	time.Sleep(rand.N(200 * time.Millisecond))

	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for {
				if g.Wait(context.Background(), "x") != nil {
					return
				}
				switch send("/") {
				case http.StatusOK:
					g.Report("x", core.Verdict{})
				case http.StatusGone:
					g.Report("x", core.Verdict{})
					return
				default:
					g.Report("x", core.Verdict{Refused: true, RetryAfter: time.Second})
					time.Sleep(time.Second + rand.N(100*time.Millisecond))
				}
			}
		})
	}
	wg.Wait()
	return send
}

// Gate puts a gate before a server, and returns the gate's address and what shuts it.
type Gate func(t testing.TB, server string) (address string, set func(shut bool))

// tries: what a loaded machine spoils is tried again.
const tries = 3

// maxBack: where a new machine waits longer for its first answer, those that come back
// cannot be there in time either.
const maxBack = 500 * time.Millisecond

// TestProcesses checks the table with real processes, which share the server at the
// address: all rows that take processes, or those that are named. The bounds are over
// what a steady pace takes beside them. On a machine that is so busy that neither that
// nor the server keeps up, they are told and not judged: TestTable judges the counts.
//
// The gate cuts the way to the server.
func (m Maker) TestProcesses(t *testing.T, server string, gate Gate, only ...string) {
	var rows []row
	for _, c := range table {
		if c.empty || !c.told && c.uneven || os.Getenv(long) == "" && len(only) > 0 && !slices.Contains(only, c.name) {
			continue
		}
		rows = append(rows, c)
	}

	batches := [][]row{rows}
	seconds := 10.0
	if os.Getenv(long) != "" {
		seconds = 20
		batches = nil
		for _, c := range rows {
			batches = append(batches, []row{c})
		}
	}

	for _, batch := range batches {
		for try := 1; len(batch) > 0; try++ {
			batch = m.together(t, server, gate, batch, seconds, try == tries)
		}
	}
}

// together runs rows side by side and returns those that are to be tried again.
func (m Maker) together(t *testing.T, server string, gate Gate, rows []row, seconds float64, last bool) (again []row) {
	t.Helper()
	alone := &group{row: row{name: "alone", told: true, vendor: tokens}, seconds: seconds}
	all := []*group{alone}
	for _, c := range rows {
		all = append(all, &group{row: c, seconds: seconds, credential: fmt.Sprintf("test-%016x", rand.Uint64()), server: server, gate: gate,
			maker: m})
	}

	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for _, g := range all {
		g.open(t, &ready, start)
	}
	for _, g := range all {
		g.launch(t)
	}
	ready.Wait()
	close(start)

	// What a question takes here and now: that of a credential nobody else uses.
	told := lease.Limit{PerSecond: 1000, Burst: burst}
	trips := overtake(fresh(func() core.Governor { return m(server, fmt.Sprintf("test-%016x", rand.Uint64()), told) }))

	for _, g := range all {
		done.Go(g.run)
	}
	done.Wait()
	alone.trips = trips()

	slowest := slices.Max(append(alone.trips, 0))
	busy := alone.time() > 1.10 || alone.share() > 0.01 || slowest > lease.Block
	for _, g := range all[1:] {
		what, good := g.verdict(alone)
		t.Logf("%s: %s", g.name, what)
		switch {
		case good:
		case g.accepted < g.n():
			t.Errorf("%s: only %d of %d requests were accepted", g.name, g.accepted, g.n())
		case last && (busy || g.back > maxBack):
			t.Logf("%s is not judged: the machine is busy (a steady pace takes %.2f times the ideal, the slowest question %v, and one of a new "+
				"machine %v)",
				g.name, alone.time(), slowest, g.back)
		case last:
			t.Errorf("%s: %s", g.name, what)
		default:
			again = append(again, g.row)
		}
	}
	return again
}

// group are the machines of a row, and their vendor.
type group struct {
	row
	maker              Maker
	server, credential string
	gate               Gate
	seconds            float64
	shut               func(bool)
	processes          []*exec.Cmd
	urgents, trips     []time.Duration
	woken              time.Time
	back               time.Duration // what a new machine's first question took when the server was back

	url                        string
	mu                         sync.Mutex
	first, last                time.Time
	accepted, refused, awakens int
	asked                      int // questions of all machines
}

func (g *group) rate() float64 {
	if g.told {
		return 50 // so that a moment's stall of the machine is within the burst
	}
	return 100
}

func (g *group) n() int { return int(g.seconds * g.rate()) }

func (g *group) time() float64 { return g.last.Sub(g.first).Seconds() / g.seconds }

// open starts the vendor.
func (g *group) open(t *testing.T, ready *sync.WaitGroup, start chan struct{}) {
	g.shut = func(bool) {}
	if g.away {
		g.server, g.shut = g.gate(t, g.server)
	}

	ready.Add(g.machines())
	vendor := g.vendor(g.rate())
	mux := http.NewServeMux()
	mux.HandleFunc("/{machine}/ready", func(http.ResponseWriter, *http.Request) {
		ready.Done()
		<-start
	})
	mux.HandleFunc("/{machine}/asked/{n}", func(_ http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.PathValue("n"))
		g.mu.Lock()
		g.asked += n
		g.mu.Unlock()
	})
	mux.HandleFunc("/{machine}/", func(w http.ResponseWriter, r *http.Request) {
		status := g.admit(vendor, r.PathValue("machine") == "0")
		time.Sleep(30 * time.Millisecond)
		w.WriteHeader(status)
	})

	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	g.url = s.URL
}

func (g *group) admit(vendor herd.Vendor, first bool) int {
	g.mu.Lock()
	defer g.mu.Unlock()

	now := time.Now()
	if g.first.IsZero() {
		g.first = now
	}
	if first && !g.woken.IsZero() && now.Sub(g.woken) < lease.Block {
		g.awakens++
	}

	switch {
	case g.accepted == g.n():
		return http.StatusGone
	case vendor.Admit(now):
		g.accepted++
		g.last = now
		return http.StatusOK
	}
	g.refused++
	return http.StatusTooManyRequests
}

func (g *group) machines() int {
	if g.credential == "" {
		return 1
	}
	return machines
}

func (g *group) callers(machine int) int {
	switch {
	case g.credential == "":
		return machines * callers
	case g.urgent:
		return 800 / machines
	case g.uneven && machine == 0:
		return 10 * callers
	}
	return callers
}

func (g *group) launch(t *testing.T) {
	for i := range g.machines() {
		told := 0.0
		if g.told {
			told = g.rate()
		}

		p := exec.Command(os.Args[0])
		p.Env = append(os.Environ(), fmt.Sprintf("%s=%s/%d", envVendor, g.url, i), envCredential+"="+g.credential, envServer+"="+g.server,
			fmt.Sprint(envTold, "=", told), fmt.Sprint(envCallers, "=", g.callers(i)))
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}

		t.Cleanup(func() { p.Process.Kill() })
		g.processes = append(g.processes, p)
	}
}

// run does to the machines what the row says, and waits for their end.
func (g *group) run() {
	stop := func() []time.Duration { return nil }
	switch {
	case g.away:
		time.Sleep(3 * time.Second)
		g.shut(true)
		time.Sleep(3 * time.Second)
		g.shut(false)
		at := time.Now()
		g.maker(g.server, fmt.Sprintf("test-%016x", rand.Uint64()), lease.Limit{PerSecond: 1000, Burst: burst}).Wait(context.Background(), "x")
		g.back = time.Since(at)
	case g.stopped:
		time.Sleep(3 * time.Second)
		g.processes[0].Process.Signal(syscall.SIGSTOP)
		time.Sleep(5 * time.Second)
		g.mu.Lock()
		g.woken = time.Now()
		g.mu.Unlock()
		g.processes[0].Process.Signal(syscall.SIGCONT)
	case g.urgent:
		told := lease.Limit{PerSecond: g.rate(), Burst: burst}
		stop = overtake(g.maker(g.server, g.credential, told))
	}

	for _, p := range g.processes {
		p.Wait()
	}
	g.urgents = stop()
}

// fresh is a governor that nobody has used before, at each call.
type fresh func() core.Governor

// Wait implements core.Governor.
func (f fresh) Wait(ctx context.Context, bucket string) error { return f().Wait(ctx, bucket) }

// Report implements core.Governor.
func (f fresh) Report(string, core.Verdict) {}

// share is the part of the requests that was refused.
func (g *group) share() float64 { return float64(g.refused) / float64(g.n()) }

// verdict says how the row went, and whether that is good. A steady pace takes
// 1.02 times the ideal, and nothing is refused: what it takes more is the machine's.
func (g *group) verdict(alone *group) (what string, good bool) {
	most, refused := g.maxTime*max(1, alone.time()/1.02), g.row.refused+alone.share()
	what = fmt.Sprintf("%.2f times the ideal (at most %.2f), %.1f %% refused (at most %.1f %%), %.2f round trips a call", g.time(), most,
		100*g.share(), 100*refused, float64(g.asked)/float64(g.accepted+g.refused))
	good = g.time() <= most && g.share() <= refused && g.accepted == g.n()

	if g.stopped {
		most := int(g.rate()*lease.Block.Seconds()) + 2
		what += fmt.Sprintf(", %d requests just after it woke (at most %d)", g.awakens, most)
		good = good && g.awakens <= most
	}

	if g.urgent {
		wait, trip := median(g.urgents), median(alone.trips)
		what += fmt.Sprintf(", an urgent call waits for %v, and a question takes %v (medians)", wait.Round(time.Microsecond),
			trip.Round(time.Microsecond))
		good = good && len(g.urgents) > 0 && wait <= trip+time.Millisecond
	}
	return what, good
}
