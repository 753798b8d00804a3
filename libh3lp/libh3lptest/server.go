package libh3lptest

import (
	"net/http"
	"net/url"
	"sync"

	"github.com/rollcall-go/rollcall/core/simtest"
	"github.com/rollcall-go/rollcall/internal/simnet"
)

// Fault is a scripted deviation; see [Server.Fault]. Its Op is one of the
// operations in the package documentation.
type Fault = simtest.Fault

// Request is one request as the simulator received it; see [Server.Requests].
type Request = simtest.Request

// Server is a simulated LibraryH3lp server with one account, and more if they are
// added. It is an http.Handler, safe for concurrent use.
type Server struct {
	cfg       config
	script    simnet.Script
	listeners simnet.Listeners

	mu sync.Mutex // never held while an answer is written
	catalogs
	names         map[string]bool  // of users and queues alike, of all accounts
	sessions      map[string]int64 // users, by cookie
	refuseLogins  bool
	ignoreUpdates bool
	lastAccount   int64
	administrator *entry
	generated     int // users by AddUsers
	past          simnet.Past[catalogs]
}

// NewServer returns a server with one account that holds nothing but its
// administrator. It serves nothing yet: call Transport or Start, or mount it.
func NewServer(opts ...Option) *Server {
	cfg := defaults()
	for _, opt := range opts {
		opt(&cfg)
	}

	s := &Server{
		script: simnet.Script{Operations: Operations()},
		cfg:    cfg, names: map[string]bool{}, sessions: map[string]int64{}, lastAccount: AccountID,
		past: simnet.Past[catalogs]{Lag: cfg.readLag}, catalogs: catalogs{users: newCatalog("user", 8451), queues: newCatalog("queue", 34814)},
	}

	s.administrator = s.seed(s.users, AccountID, object{"id": int64(AdministratorID), "name": cfg.username, "password": cfg.password})
	s.administrator.admin = true
	if cfg.folders {
		s.addFolder(s.users, AccountID, "Branches")
		s.addFolder(s.queues, AccountID, "Desks")
	}

	if cfg.sample {
		s.seedSample()
	}
	return s
}

// ServeHTTP serves the API and the presence service.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.serve(w, r, false) }

// Transport serves in memory, without a network: also in a testing/synctest
// bubble. Give it to an http.Client.
func (s *Server) Transport() http.RoundTripper {
	serve := func(plain bool) http.RoundTripper {
		return &simnet.Transport{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, plain) })}
	}
	return byScheme{https: serve(false), http: serve(true)}
}

type byScheme struct{ https, http http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t byScheme) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme == "http" {
		return t.http.RoundTrip(r)
	}
	return t.https.RoundTrip(r)
}

// Start serves everything at one free loopback port, over plain http, until
// Close.
func (s *Server) Start() (baseURL string, err error) { return s.listeners.Serve(s) }

// Close stops the listeners and waits for the requests under way. The state
// stays, and the other ways to serve go on.
func (s *Server) Close() { s.listeners.Close() }

// Fault arms faults. The first armed fault that matches a request strikes.
func (s *Server) Fault(faults ...Fault) { s.script.Add(faults...) }

// Unstruck returns the faults that have not struck as often as they were to: a
// test that armed a fault for nothing proves nothing.
func (s *Server) Unstruck() []Fault { return s.script.Unstruck() }

// Requests returns what was asked so far, of the given operations or of all.
func (s *Server) Requests(operations ...string) []Request { return s.script.Requests(operations...) }

// Reset disarms all faults and forgets the record. The state stays.
func (s *Server) Reset() { s.script.Reset() }

// call is one request on its way.
type call struct {
	request    *http.Request
	plain      bool // not over https
	body       []byte
	query      url.Values
	op         string
	method     string   // after _method
	version    string   // the path's first part
	methods    []string // what the path is served with, if not with this method
	who        *entry
	collection string // the path's second part
	of         *catalog
	id         int64 // the path's first and second id
	other      int64
	jid        jid
	handle     handler
}

type handler = func(*Server, *call) *answer

func (s *Server) serve(w http.ResponseWriter, r *http.Request, plain bool) {
	c := &call{request: r, plain: plain, op: simnet.Unknown, method: r.Method, query: r.URL.Query()}
	c.route()
	s.script.Serve(w, r, c.op, func(r *http.Request, body []byte) *answer {
		c.body, c.request = body, r
		return s.answer(c)
	})
}

func (s *Server) answer(c *call) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case c.handle == nil && c.methods == nil:
		return notFound()
	case c.handle == nil:
		return &answer{Status: http.StatusMethodNotAllowed}
	}

	// The lag, if there is one, ends when the handler has returned.
	defer s.resolve(c)()
	return c.handle(s, c)
}

// secure refuses plain http, where the scheme is known.
func secure(handle handler) handler {
	return func(s *Server, c *call) *answer {
		if c.plain {
			return s.refuse(http.StatusForbidden, "Requests are served over HTTPS.")
		}
		return handle(s, c)
	}
}

// guarded lets a request through that names the path's version and has a session.
func guarded(handle handler) handler {
	return secure(func(s *Server, c *call) *answer {
		if version := c.request.Header.Get("X-API-Version"); !s.cfg.laxVersions && version != c.version {
			if version == "" {
				return s.refuse(http.StatusBadRequest, "X-API-Version is required.")
			}
			return s.refuse(http.StatusBadRequest, "X-API-Version does not match the path.")
		}
		if c.who = s.authenticate(c.request); c.who == nil {
			return s.gone(c)
		}
		return handle(s, c)
	})
}
