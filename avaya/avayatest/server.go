package avayatest

import (
	"net/http"
	"strings"
	"sync"

	"github.com/rollcall-go/rollcall/core/simtest"
	"github.com/rollcall-go/rollcall/internal/simnet"
)

// Fault is a scripted deviation; see [Server.Fault]. Its Op is one of the operations
// in the package documentation.
type Fault = simtest.Fault

// Request is one request as the server received it.
type Request = simtest.Request

// Server is a simulated account. It is an http.Handler, safe for concurrent use.
type Server struct {
	cfg       config
	script    simnet.Script
	listeners simnet.Listeners

	mu       sync.Mutex
	clients  map[string]Client
	sessions map[string]*session
	ids      ids

	users      table[*user]
	logins     map[string]string // loginId to userId
	emails     map[string]string // emailId to userId
	profiles   table[*profile]
	groups     table[*thing]
	queues     table[*thing]
	categories table[*thing]
	inflight   []*operation
	gone       map[string]tombstone
	failures   []*armedFailure

	lagging // reads, with WithReadLag
}

// NewServer returns a simulated account, [AccountID], that is empty. It serves nothing
// yet: call Transport or Start, or mount it.
func NewServer(opts ...Option) *Server {
	cfg := defaults()
	for _, opt := range opts {
		opt(&cfg)
	}

	s := &Server{
		script: simnet.Script{Operations: Operations()},
		cfg:    cfg, clients: map[string]Client{}, sessions: map[string]*session{}, ids: newIDs(),
		logins: map[string]string{}, emails: map[string]string{}, gone: map[string]tombstone{},
	}

	s.AddClient(Client{ID: cfg.clientID, Secret: cfg.clientSecret})
	if cfg.sample {
		s.seedSample()
	}
	if cfg.readLag > 0 {
		s.replica = NewServer(append(opts, WithReadLag(0))...)
	}
	return s
}

// ServeHTTP serves all services.
func (s *Server) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	r := route(hr)
	s.script.Serve(w, hr, r.op, func(_ *http.Request, body []byte) *simnet.Answer {
		r.body = body
		return s.reply(r)
	})
}

// Transport serves in memory, without a network: also in a testing/synctest
// bubble. Give it to an http.Client.
func (s *Server) Transport() http.RoundTripper { return &simnet.Transport{Handler: s} }

// Start serves at a free loopback port, until Close.
func (s *Server) Start() (baseURL string, err error) { return s.listeners.Serve(s) }

// Close stops the listeners and waits for the requests under way. The state
// stays, and the other ways to serve go on.
func (s *Server) Close() { s.listeners.Close() }

// Fault arms faults. The first armed fault that matches a request strikes.
func (s *Server) Fault(faults ...Fault) { s.script.Add(faults...) }

// Requests returns what was asked so far, of the given operations or of all.
func (s *Server) Requests(operations ...string) []Request { return s.script.Requests(operations...) }

// Reset disarms all faults and forgets the record. The state stays.
func (s *Server) Reset() { s.script.Reset() }

// Unstruck returns the faults that have not struck as often as they were to:
// a test that armed a fault for nothing proves nothing. See also
// [Server.Unfailed].
func (s *Server) Unstruck() []Fault { return s.script.Unstruck() }

// A request is one request on its way through the server.
type request struct {
	*http.Request
	op      string
	handle  handler
	service string // user, group, match or auth
	version string // v1 or v1beta
	account string // from the path, "" where it has none
	id      string // the last part of the path, if it names one thing
	body    []byte
	allow   []string // for 405
}

// An answer is what a handler decided. If it has a problem, that is sent instead of the rest.
type answer struct {
	status  int
	body    any
	header  map[string]string
	html    string
	problem *problem
}

// reply carries a request out.
func (s *Server) reply(r *request) (out *simnet.Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.sweep(s.now())
	a := s.answer(r)

	switch {
	case a.problem != nil:
		out = simnet.JSON(a.problem.status, "application/problem+json", s.renderProblem(r, a.problem))
	case a.html != "":
		out = simnet.Text(a.status, "text/html; charset=utf-8", a.html)
	case a.body != nil:
		out = simnet.JSON(a.status, "application/json", a.body)
	default:
		out = &simnet.Answer{Status: a.status}
	}

	for name, value := range a.header {
		out.Set(name, value)
	}
	return out
}

// answer takes a request through the gateway to its handler.
func (s *Server) answer(r *request) answer {
	if r.handle == nil {
		if len(r.allow) > 0 {
			return answer{problem: methodNotAllowed(), header: map[string]string{"Allow": strings.Join(r.allow, ", ")}}
		}
		return fail(notFound("No such resource"))
	}

	if r.service != "auth" {
		if a, limited := s.limited(); limited {
			return a
		}
		if p := s.authorize(r); p != nil {
			return fail(p)
		}
	}
	return s.carryOut(r)
}

func fail(p *problem) answer { return answer{problem: p} }
