// Package simnet is what the vendors' simulators share: scripted faults, a
// record of what was asked, the reading of JSON, and an in-memory transport that
// works inside testing/synctest.
package simnet

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core/simtest"
)

// Unknown is the operation of a request that a simulator does not serve.
const Unknown = "unknown"

// Script holds a simulator's faults and its record. The zero value is ready.
type Script struct {
	// Operations, if set, names all that the simulator serves. A fault for another and
	// a question about another prove nothing, and panic.
	Operations []string

	mu     sync.Mutex
	faults []*armed
	log    []simtest.Request
}

type armed struct {
	simtest.Fault
	count Count
}

// Check panics if the simulator does not serve one of the operations.
func (s *Script) Check(operations ...string) {
	for _, op := range operations {
		if s.Operations == nil || op == Unknown || slices.Contains(s.Operations, op) {
			continue
		}

		hint := ""
		if i := slices.IndexFunc(s.Operations, func(o string) bool { return strings.EqualFold(o, op) }); i >= 0 {
			hint = ": it is " + strconv.Quote(s.Operations[i])
		}
		panic("the simulator has no operation " + strconv.Quote(op) + hint)
	}
}

// Add arms faults. The first armed fault that matches a request strikes.
func (s *Script) Add(faults ...simtest.Fault) {
	for _, f := range faults {
		if f.Op != "" {
			s.Check(f.Op)
		}
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		s.faults = append(s.faults, &armed{Fault: f})
	}
}

// Reset disarms all faults and forgets the record.
func (s *Script) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults, s.log = nil, nil
}

// Unstruck returns the faults that have not struck as often as they were told
// to: a test that armed a fault for nothing proves nothing.
func (s *Script) Unstruck() []simtest.Fault {
	s.mu.Lock()
	defer s.mu.Unlock()

	var left []simtest.Fault
	for _, a := range s.faults {
		if a.count.Left(a.Times) {
			left = append(left, a.Fault)
		}
	}
	return left
}

// Requests returns what was asked so far, of the given operations or of all.
func (s *Script) Requests(op ...string) []simtest.Request {
	s.Check(op...)
	s.mu.Lock()
	defer s.mu.Unlock()

	var out []simtest.Request
	for _, r := range s.log {
		if len(op) == 0 || slices.Contains(op, r.Op) {
			out = append(out, r)
		}
	}
	return out
}

// Count decides which matches are struck: the first skip are not, then as many as times
// says are, where 0 means one and -1 all. The caller guards it with a lock.
type Count struct{ seen, struck int }

// Strikes counts one match, and reports whether it is struck.
func (c *Count) Strikes(skip, times int) bool {
	if c.seen++; c.seen <= skip || times >= 0 && c.struck >= max(1, times) {
		return false
	}
	c.struck++
	return true
}

// Left reports whether it struck less often than it was told to.
func (c *Count) Left(times int) bool { return c.struck < max(1, times) }

// maxBody bounds what a simulator reads of one request.
const maxBody = 16 << 20

// Serve records the request and applies the fault that matches. Otherwise it sends what
// the simulator answers, which gets the request's body and also finds it unread.
func (s *Script) Serve(w http.ResponseWriter, r *http.Request, op string, answer func(r *http.Request, body []byte) *Answer) {
	s.Check(op)
	body := Peek(r)
	f, index := s.record(r, op, body)
	r.Body = unread(body)

	// First what happens before the request has any effect.
	if f.Delay > 0 {
		select {
		case <-time.After(f.Delay):
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
	if f.Drop {
		panic(http.ErrAbortHandler)
	}

	maps.Copy(w.Header(), f.Header)
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}

	switch {
	case f.Status != 0:
		if f.Effect {
			answer(r, body)
		}
		if f.ContentType != "" {
			w.Header().Set("Content-Type", f.ContentType)
		}
		s.answered(index, f.Status)
		w.WriteHeader(f.Status)
		io.WriteString(w, f.Body)
	case f.LoseAnswer:
		answer(r, body)
		panic(http.ErrAbortHandler)
	case f.CutBody > 0:
		a := answer(r, body)
		s.answered(index, a.Status)
		a.cut(w, f.CutBody)
	default:
		a := answer(r, body)
		s.answered(index, a.Status)
		a.send(w)
	}
}

// Peek reads the body of a request, and leaves it unread.
func Peek(r *http.Request) []byte {
	if r.Body == nil { // a request that no server has read
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler) // the client went away in the middle of its request
	}
	r.Body = unread(body)
	return body
}

func (s *Script) record(r *http.Request, op string, body []byte) (simtest.Fault, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, simtest.Request{
		Op: op, Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery,
		Header: r.Header.Clone(), Body: body, At: time.Now(),
	})

	for _, a := range s.faults {
		if a.Op != "" && a.Op != op || !a.matches(r, body) {
			continue
		}
		if a.count.Strikes(a.Skip, a.Times) {
			return a.Fault, len(s.log) - 1
		}
	}
	return simtest.Fault{}, len(s.log) - 1
}

func (a *armed) matches(r *http.Request, body []byte) bool {
	if a.Match == nil {
		return true
	}
	r.Body = unread(body)
	return a.Match(r, body)
}

func unread(body []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(body)) }

func (s *Script) answered(index, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if index < len(s.log) {
		s.log[index].Status = status
	}
}
