package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/core"
)

// A listing is one form of W2.
type listing struct {
	work string
	walk func(ctx context.Context, r *Row, total int, each func()) error
}

func pages(size int) func(context.Context, *Row, int, func()) error {
	return func(ctx context.Context, r *Row, total int, each func()) error {
		return r.Pages(ctx, size, total, each)
	}
}

var listings = []listing{
	{"W2 list, an array", func(ctx context.Context, r *Row, total int, each func()) error { return r.Array(ctx, total, each) }},
	{"W2 list, pages of 50", pages(50)},
	{"W2 list, pages of 500", pages(500)},
}

// List is W2: 10,000 users, handled one at a time; their memory also for 100,000.
func (s *Suite) List(ctx context.Context, t *Table) error {
	rounds, memory := 9, 3
	if s.Short {
		rounds, memory = 3, 1
	}
	for _, l := range listings {
		rows, err := s.rows(HTTP)
		if err != nil {
			return err
		}
		walk := func(r *Row, total int) error {
			n := 0
			err := l.walk(ctx, r, total, func() { n++ })
			if err == nil && n != total {
				err = fmt.Errorf("%s: %s: %d users instead of %d", l.work, r.Name, n, total)
			}
			return err
		}
		for _, r := range rows {
			if err := walk(r, listed); err != nil {
				return err
			}
		}
		err = inTurns(rows, rounds, func(r *Row) error {
			c, err := costOf(func() error { return walk(r, listed) })
			t.add(l.work, "time, ms", r.Name, c.time.Seconds()*1e3)
			t.add(l.work, "client CPU, ms", r.Name, c.cpu.Seconds()*1e3)
			t.add(l.work, "MB allocated", r.Name, c.bytes/1e6)
			t.add(l.work, "k allocs", r.Name, c.allocs/1e3)
			return err
		})
		if err != nil {
			return err
		}
		err = inTurns(rows, memory, func(r *Row) error {
			peak, err := peakHeap(func() error { return walk(r, listed) })
			t.add(l.work, "peak heap, MB", r.Name, peak)
			return err
		})
		if err != nil {
			return err
		}
		err = inTurns(rows, memory, func(r *Row) error {
			live, err := s.live(ctx, r.Name, l.work, listed)
			t.add(l.work, "peak live heap, MB", r.Name, live)
			if err != nil || r.Name != Rollcall {
				return err
			}
			live, err = s.live(ctx, r.Name, l.work, 10*listed)
			t.add(l.work, "peak live heap of 100,000, MB", r.Name, live)
			return err
		})
		closeAll(rows)
		if err != nil {
			return err
		}
	}
	return nil
}

const (
	heapObjects = "/memory/classes/heap/objects:bytes"
	heapLive    = "/gc/heap/live:bytes" // what the last collection found alive
)

func readMetric(name string) uint64 {
	m := []metrics.Sample{{Name: name}}
	metrics.Read(m)
	return m[0].Value.Uint64()
}

// watch calls look every so often until the function it returns is called.
func watch(look func()) (stop func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(300 * time.Microsecond):
				look()
			}
		}
	})
	return func() { close(done); wg.Wait() }
}

// peakHeap returns how far the heap, garbage included, grew above what it was, in
// MB, with the collector as it is.
func peakHeap(work func() error) (float64, error) {
	runtime.GC()
	before := readMetric(heapObjects)
	peak := before
	stop := watch(func() { peak = max(peak, readMetric(heapObjects)) })
	err := work()
	stop()
	return float64(peak-before) / 1e6, err
}

// measureEnv makes a program that calls ServeIfAsked one measurement of memory.
const measureEnv = "ROLLCALL_BENCH_MEASURE"

type measurement struct {
	Server    serverInfo
	Row, Work string
	Total     int
}

// live returns the most that is alive during a walk, in MB, above what was alive
// before it. It is measured in a process of its own whose collector stops the
// world: a concurrent one takes what is allocated beside it for alive.
func (s *Suite) live(ctx context.Context, row, work string, total int) (float64, error) {
	task, err := json.Marshal(measurement{s.Server.serverInfo, row, work, total})
	if err != nil {
		return 0, err
	}
	exe, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, exe)
	cmd.Env = append(os.Environ(), measureEnv+"="+string(task), "GODEBUG=gcstoptheworld=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(string(out), 64)
}

func measureIfAsked() {
	task := os.Getenv(measureEnv)
	if task == "" {
		return
	}
	live, err := measure(task)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Print(live)
	os.Exit(0)
}

func measure(task string) (float64, error) {
	var m measurement
	if err := json.Unmarshal([]byte(task), &m); err != nil {
		return 0, err
	}
	rows, err := (&Suite{Server: &Server{serverInfo: m.Server}}).rows(HTTP)
	if err != nil {
		return 0, err
	}
	r := rows[slices.IndexFunc(rows, func(r *Row) bool { return r.Name == m.Row })]
	l := listings[slices.IndexFunc(listings, func(l listing) bool { return l.work == m.Work })]
	// The first walk opens the connection and makes what the client makes once.
	if err := l.walk(context.Background(), r, listed, func() {}); err != nil {
		return 0, err
	}
	return peakLive(m.Total, func(each func()) error { return l.walk(context.Background(), r, m.Total, each) })
}

// peakLive looks at what eager collections find alive, and at forty that it
// forces itself on the way.
func peakLive(total int, walk func(each func()) error) (float64, error) {
	for range 3 { // pools need two to be empty
		runtime.GC()
	}
	debug.SetGCPercent(10)
	before := readMetric(heapLive)
	var peak atomic.Uint64
	look := func() {
		if live := readMetric(heapLive); live > peak.Load() {
			peak.Store(live)
		}
	}
	stop := watch(look)
	n := 0
	err := walk(func() {
		if n++; n%(total/40) == total/80 {
			runtime.GC()
			look()
		}
	})
	stop()
	return (float64(peak.Load()) - float64(before)) / 1e6, err
}

// FirstBeforeLast proves that a walk hands the first user out before the last has
// arrived: the server holds the second half back until the first user was seen.
func FirstBeforeLast(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	seen := make(chan struct{})
	all := newUsers(arrayUser)
	paged := newUsers(avayaUser)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wait := func() {
			select {
			case <-seen:
			case <-r.Context().Done():
			}
		}
		switch {
		case r.Method == http.MethodPost:
			send(w, 200, []byte(`{"access_token":"bench-token","expires_in":3600}`))
		case r.URL.Path == "/array/100":
			_, _ = fmt.Fprintf(w, "[%s,", all.run(0, 50))
			w.(http.Flusher).Flush()
			wait()
			_, _ = fmt.Fprintf(w, "%s]", all.run(50, 100))
		case r.FormValue("pageNumber") == "1":
			send(w, 200, paged.page(1, 50, 100)...)
		default:
			wait()
			send(w, 200, paged.page(2, 50, 100)...)
		}
	}))
	defer server.Close()

	array, err := newArrayClient(server.URL)
	if err != nil {
		return err
	}
	n := 0
	err = array.walk(ctx, 100, func() {
		if n++; n == 1 {
			close(seen)
		}
	})
	if err != nil || n != 100 {
		return errors.Join(fmt.Errorf("the array came to its end after %d users", n), err)
	}

	seen, n = make(chan struct{}), 0
	client, err := avaya.New(avaya.Config{BaseURL: server.URL, AccountID: "ABCDEF", AppKey: core.NewSecret("bench-app-key"),
		Auth: avaya.ClientCredentials{ID: "bench", Secret: core.NewSecret("bench-secret")}})
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	for _, err = range client.Users.List(ctx, avaya.UserListOptions{}) {
		if err != nil {
			break
		}
		if n++; n == 1 {
			close(seen)
		}
	}
	if err != nil || n != 100 {
		return errors.Join(fmt.Errorf("the pages came to their end after %d users", n), err)
	}
	return nil
}
