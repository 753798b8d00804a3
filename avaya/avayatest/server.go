package avayatest

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strconv"
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
		cfg:    cfg, clients: map[string]Client{}, sessions: map[string]*session{}, ids: newIDs(cfg.seed),
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
	if hr.Body == nil {
		hr.Body = http.NoBody
	}
	r := s.route(hr)
	s.script.Serve(w, hr, r.route.op, func(w http.ResponseWriter, _ *http.Request, body []byte) {
		r.body = body
		// The answer is finished before a byte of it is sent, so that no slow
		// reader holds the lock.
		reply := s.reply(r)
		maps.Copy(w.Header(), reply.header)
		w.WriteHeader(reply.status)
		w.Write(reply.body)
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

// A route is one operation of the API.
type route struct {
	op      string
	method  string
	service string   // user, group, match or auth
	path    []string // after the version; "*" stands for any one segment
	handle  func(*Server, *request) answer
}

var routes = []route{
	at("Token", "POST auth */protocol/openid-connect/token", (*Server).token),

	at("Users.List", "GET user accounts/*/users", (*Server).listUsers),
	at("Users.Create", "POST user accounts/*/users", (*Server).createUser),
	at("Users.Get", "GET user accounts/*/users/*", (*Server).getUser),
	at("Users.Replace", "PUT user accounts/*/users/*", (*Server).replaceUser),
	at("Users.Delete", "DELETE user accounts/*/users/*", (*Server).deleteUser),
	at("Users.Search", "POST user accounts/*/users:search", (*Server).searchUsers),
	at("Users.ListStatuses", "POST user accounts/*/users:listStatuses", (*Server).listUserStatuses),

	at("Profiles.List", "GET user accounts/*/profiles", (*Server).listProfiles),
	at("Profiles.Create", "POST user accounts/*/profiles", (*Server).createProfile),
	at("Profiles.Get", "GET user accounts/*/profiles/*", (*Server).getProfile),
	at("Profiles.Replace", "PUT user accounts/*/profiles/*", (*Server).replaceProfile),
	at("Profiles.Delete", "DELETE user accounts/*/profiles/*", (*Server).deleteProfile),
	at("Profiles.ListStatuses", "POST user accounts/*/profiles:listStatuses", (*Server).listProfileStatuses),

	at("Groups.List", "GET group accounts/*/groups", (*Server).listGroups),
	at("Groups.Get", "GET group accounts/*/groups/*", (*Server).getGroup),

	at("Queues.List", "GET match accounts/*/queues", (*Server).listQueues),
	at("Queues.Get", "GET match accounts/*/queues/*", (*Server).getQueue),

	at("Categories.List", "GET match accounts/*/categories", (*Server).listCategories),
}

func at(op, where string, handle func(*Server, *request) answer) route {
	w := strings.Fields(where)
	return route{op: op, method: w[0], service: w[1], path: strings.Split(w[2], "/"), handle: handle}
}

// A request is one request on its way through the server.
type request struct {
	*http.Request
	route   route
	version string // v1 or v1beta
	account string // from the path, "" where it has none
	id      string // the last wildcard of the path
	body    []byte
	allow   []string // for 405
}

// route finds the operation. A path that is served with another method leaves the
// methods in allow.
func (s *Server) route(hr *http.Request) *request {
	r := &request{Request: hr, route: route{op: "unknown", service: "user"}}
	service, version, segments := splitPath(hr.URL.EscapedPath())
	r.version = version
	if service == "" || version != "v1" && version != "v1beta" {
		return r
	}

	for _, rt := range routes {
		wild, ok := rt.matches(service, segments)
		if !ok {
			continue
		}
		if rt.method != hr.Method {
			r.route.service = service
			r.allow = append(r.allow, rt.method)
			continue
		}

		r.route, r.allow = rt, nil
		if len(wild) > 0 {
			r.account = wild[0]
		}
		if len(wild) > 1 {
			r.id = wild[1]
		}
		return r
	}
	return r
}

// splitPath splits a path before it unescapes the parts: an id may hold anything,
// slashes and dots included. The service is empty if no service has such a path.
func splitPath(path string) (service, version string, segments []string) {
	segments = strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, seg := range segments {
		plain, err := url.PathUnescape(seg)
		if err != nil {
			return "", "", nil
		}
		segments[i] = plain
	}

	switch {
	case len(segments) > 4 && segments[0] == "api" && segments[1] == "auth":
		return "auth", segments[2], segments[3:]
	case len(segments) > 4 && segments[0] == "api" && segments[1] == "admin":
		return segments[2], segments[3], segments[4:]
	}
	return "", "", nil
}

// matches compares a path with the route's, and returns the parts at the wildcards.
func (rt *route) matches(service string, segments []string) (wild []string, ok bool) {
	if rt.service != service || len(rt.path) != len(segments) {
		return nil, false
	}

	for i, p := range rt.path {
		switch {
		case p == "*" && segments[i] != "":
			wild = append(wild, segments[i])
		case p != segments[i]:
			return nil, false
		}
	}
	return wild, true
}

// An answer is what a handler decided. If it has a problem, that is sent instead of the rest.
type answer struct {
	status  int
	body    any
	header  http.Header
	html    string
	problem *problem
}

// A reply is an answer ready to be sent.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (s *Server) reply(r *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.sweep(s.now())
	a := s.answer(r)
	out := reply{status: a.status, header: http.Header{}}
	maps.Copy(out.header, a.header)

	switch {
	case a.problem != nil:
		out.status = a.problem.status
		out.header.Set("Content-Type", "application/problem+json")
		out.body = encode(s.renderProblem(r, a.problem))
	case a.html != "":
		out.header.Set("Content-Type", "text/html; charset=utf-8")
		out.body = []byte(a.html)
	case a.body != nil:
		out.header.Set("Content-Type", "application/json")
		out.body = encode(a.body)
	}

	if out.status != http.StatusNoContent {
		out.header.Set("Content-Length", strconv.Itoa(len(out.body)))
	}
	return out
}

// answer takes a request through the gateway to its handler.
func (s *Server) answer(r *request) answer {
	if a, stopped := s.firewall(r); stopped {
		return a
	}

	if r.route.handle == nil {
		if len(r.allow) > 0 {
			return answer{problem: methodNotAllowed(), header: http.Header{"Allow": {strings.Join(r.allow, ", ")}}}
		}
		return fail(notFound("No such resource"))
	}

	if r.route.service != "auth" {
		if a, limited := s.limited(); limited {
			return a
		}
		if p := s.authorize(r); p != nil {
			return fail(p)
		}
	}
	return s.handle(r)
}

func fail(p *problem) answer { return answer{problem: p} }

func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("avayatest: " + err.Error()) // only JSON is ever stored
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
