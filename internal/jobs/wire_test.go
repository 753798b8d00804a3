package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core/simtest"
)

// strike is what happens to one request.
type strike string

const (
	crashBefore strike = "crash before" // the process dies, and nothing was sent
	crashAfter  strike = "crash after"  // the process dies after the effect
	lostAnswer  strike = "lost answer"  // the effect took place, and the answer is lost
	lostRequest strike = "lost request" // nothing took place, and the client cannot tell
)

var (
	errCrash = errors.New("the process died")
	errLost  = errors.New("the connection broke")
)

// wire stands between a client and its simulator.
type wire struct {
	to      http.RoundTripper
	latency time.Duration

	mu   sync.Mutex
	n    int  // requests so far
	dead bool // the process died
	// strikes, if set, decides about the n-th request. It is called before it leaves.
	strikes func(n int, r *http.Request) strike
	// refuse, if set, decides whether a request is refused for its credential (403).
	refuse  func() bool
	refused int
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	if w.dead {
		w.mu.Unlock()
		return nil, errCrash
	}
	w.n++
	var s strike
	if w.strikes != nil {
		s = w.strikes(w.n, r)
	}
	w.dead = s == crashBefore || s == crashAfter
	refuse := w.refuse != nil && w.refuse()
	if refuse {
		w.refused++
	}
	w.mu.Unlock()
	if refuse {
		return &http.Response{StatusCode: http.StatusForbidden, Status: "403 Forbidden", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Request: r,
			Header:  http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(`{"message":"no access"}`))}, nil
	}

	if w.latency > 0 {
		select {
		case <-time.After(w.latency):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	switch s {
	case crashBefore:
		return nil, errCrash
	case lostRequest:
		return nil, errLost
	}
	res, err := w.to.RoundTrip(r)
	if err != nil || s == "" {
		return res, err
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
	if s == crashAfter {
		return nil, errCrash
	}
	return nil, errLost
}

func (w *wire) isDead() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dead
}

// isWrite reports whether a request may change something.
func (s *site) isWrite(method, path string) bool {
	if method == http.MethodGet || method == http.MethodHead {
		return false
	}
	return !slices.ContainsFunc([]string{"token", "login", ":search", "statuses", "Statuses"}, func(part string) bool {
		return strings.Contains(path, part)
	})
}

// writes are the changes that the simulator carried out, by what they were. A request
// that holds many changes counts as all of them.
func (s *site) writes() map[string]int {
	out := map[string]int{}
	for _, r := range s.sim.Requests() {
		if r.Status >= 200 && r.Status < 300 && s.isWrite(r.Method, r.Path) {
			for _, part := range parts(r) {
				out[r.Method+" "+r.Path+" "+part]++
			}
		}
	}
	return out
}

// parts are the elements of a body that is a list, or else the body.
func parts(r simtest.Request) []string {
	var list []json.RawMessage
	if json.Unmarshal(r.Body, &list) != nil {
		return []string{string(r.Body)}
	}
	var out []string
	for _, part := range list {
		out = append(out, string(part))
	}
	return out
}

// twice names the changes that were carried out more than once.
func (s *site) twice() (out []string) {
	for what, n := range s.writes() {
		if n > 1 {
			out = append(out, fmt.Sprintf("%d times: %.300s", n, what))
		}
	}
	return out
}
