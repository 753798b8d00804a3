package allclients

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/simtest"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
)

// witness keeps what an Observer, a Logger and a Transport are told.
type witness struct {
	mu     sync.Mutex
	events []core.Event
	log    strings.Builder
}

func (w *witness) observe(e core.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

func (w *witness) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

func (w *witness) options() core.ClientOptions {
	return core.ClientOptions{Account: "emea", Observer: w.observe,
		Logger: slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))}
}

// attempts are the operations of the requests that were told of.
func (w *witness) attempts() (ops []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if e.Kind == core.EventAttempt {
			ops = append(ops, e.Op)
		}
	}
	return ops
}

// count counts the events of a kind.
func (w *witness) count(kind core.EventKind) (n int) {
	for _, e := range w.events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// forget drops what was told so far.
func (w *witness) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = nil
	w.log.Reset()
}

func opsOf(requests []simtest.Request) (ops []string) {
	for _, r := range requests {
		ops = append(ops, r.Op)
	}
	return ops
}

// TestNames_AreOneVocabulary: what the record of an operation is called, events, logs,
// errors and simulators call it too.
func TestNames_AreOneVocabulary(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		for _, record := range resttest.RecordsIn(t, filepath.Join("..", "..", v.name)) {
			name := record.Name
			require.Contains(t, v.operations(), name, "the simulator does not know it")
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { isTold(t, v, name) })
				synctest.Test(t, func(t *testing.T) { isRefused(t, v, name) })
			})
		}
	})
}

// isTold checks that the events of a call are called as the simulator calls its requests.
func isTold(t *testing.T, v vendor, name string) {
	w := &witness{}
	a := v.account(t, w.options())
	call := a.calls[name]
	require.NotNil(t, call, "no call here sends it")
	_ = call(t.Context()) // some of what it asks for does not exist

	asked := opsOf(a.sim.Requests())
	require.Contains(t, asked, name)
	got := w.attempts()
	slices.Sort(asked) // requests can run at once
	slices.Sort(got)
	require.Equal(t, asked, got)
	require.Contains(t, w.log.String(), `"op":"`+name+`"`)
}

// isRefused checks that a fault of that name strikes, and what the error is then called.
func isRefused(t *testing.T, v vendor, name string) {
	a := v.account(t, core.ClientOptions{})
	a.sim.Fault(simtest.Fault{Op: name, Times: -1, Status: http.StatusForbidden, ContentType: "application/json",
		Body: `{"message":"not today"}`})
	err := a.calls[name](t.Context())
	require.Empty(t, a.sim.Unstruck())
	if name == "Login.Refresh" || name == "Login.Logout" {
		return // the session goes on, or ends, without it
	}
	e := resttest.ErrorOf(t, err)
	assert.Equal(t, name, e.Op, "%v", err)
	assert.Contains(t, err.Error(), ": "+name+": ")
}

// TestNames_ReachTheTransport: a RoundTripper names its span by the operation.
func TestNames_ReachTheTransport(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			var seen []string
			o := core.ClientOptions{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				seen = append(seen, core.OperationOf(r.Context()))
				return nil, context.Canceled
			})}
			_ = v.account(t, o).read(t.Context())
			require.NotEmpty(t, seen)
			for _, op := range seen {
				require.Contains(t, v.operations(), op)
			}
		})
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
