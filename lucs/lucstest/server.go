package lucstest

import (
	"cmp"
	"crypto/sha1"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core/simtest"
	"github.com/rollcall-go/rollcall/internal/simnet"
)

// Fault is a scripted deviation; see [Server.Fault]. Its Op is one of the
// operations in the package documentation.
type Fault = simtest.Fault

// Request is one request as the simulator received it; see [Server.Requests].
type Request = simtest.Request

// Server is a simulated installation. It is an http.Handler, safe for concurrent
// use.
type Server struct {
	cfg       config
	routes    []route
	script    simnet.Script
	listeners simnet.Listeners

	mu        sync.Mutex // never held while an answer is written
	units     []string
	traits    map[string][]string // attributes, by the path of a root
	nodes     map[string]bool     // paths of traits
	profiles  map[string]bool     // whether off duty, by name
	people    map[string]person   // of the directory, by folded SIP URI
	services  table[*service]
	users     table[*user]
	tasks     table[*task]
	callbacks table[*callback]
	past      []snapshot
	asked     bool        // whether a request has come yet
	dispatch  []time.Time // when the dispatcher looks again
	issued    int         // ids
	generated int         // users by AddUsers
}

// NewServer returns an installation with the organization unit System, the off-duty
// profile OffDuty, and nothing else. It serves nothing yet: call Transport or Start,
// or mount it.
func NewServer(opts ...Option) *Server {
	cfg := defaults()
	for _, opt := range opts {
		opt(&cfg)
	}
	if cfg.keys == nil {
		cfg.keys = []Key{{Value: APIKey}}
	}

	s := &Server{
		script: simnet.Script{Operations: Operations()},
		cfg:    cfg, units: []string{rootUnit}, traits: map[string][]string{}, nodes: map[string]bool{},
		profiles: map[string]bool{"OffDuty": true}, people: map[string]person{},
	}

	for _, op := range operations {
		s.routes = append(s.routes, newRoute(op, cfg))
	}
	if cfg.sample {
		s.seedSample()
	}
	return s
}

// table holds things by id, in the order in which they were made.
type table[T any] struct {
	byID  map[string]T
	order []string
}

func (t *table[T]) put(id string, v T) {
	if t.byID == nil {
		t.byID = map[string]T{}
	}
	if _, there := t.byID[id]; !there {
		t.order = append(t.order, id)
	}
	t.byID[id] = v
}

func (t *table[T]) remove(id string) {
	delete(t.byID, id)
	t.order = slices.DeleteFunc(t.order, func(other string) bool { return other == id })
}

func (t *table[T]) all() []T {
	out := make([]T, 0, len(t.order))
	for _, id := range t.order {
		out = append(out, t.byID[id])
	}
	return out
}

// newID returns the next GUID: the same in every run.
func (s *Server) newID() string {
	s.issued++
	h := sha1.Sum(fmt.Appendf(nil, "lucstest %d", s.issued))
	h[6] = h[6]&0x0f | 0x40
	h[8] = h[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

// ServeHTTP serves the API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{request: r, op: simnet.Unknown, cfg: &s.cfg}
	s.route(c)
	s.script.Serve(w, r, c.op, func(w http.ResponseWriter, r *http.Request, body []byte) {
		c.body, c.request = body, r
		s.answer(c).send(w, &s.cfg)
	})
}

// Transport serves in memory, without a network: also in a testing/synctest
// bubble. Give it to an http.Client.
func (s *Server) Transport() http.RoundTripper { return &simnet.Transport{Handler: s} }

// Start serves at a free loopback port, until Close. The base URL has no version, but
// the prefix of [WithBasePath].
func (s *Server) Start() (baseURL string, err error) {
	baseURL, err = s.listeners.Serve(s)
	if err != nil {
		return "", err
	}
	if s.cfg.base != "" {
		baseURL += "/" + s.cfg.base
	}
	return baseURL, nil
}

// Close stops the listeners and waits for the requests under way. The state stays,
// and the other ways to serve go on.
func (s *Server) Close() { s.listeners.Close() }

// Fault arms faults. The first armed fault that matches a request strikes.
func (s *Server) Fault(faults ...Fault) { s.script.Add(faults...) }

// Unstruck returns the faults that have not struck as often as they were to: a test
// that armed a fault for nothing proves nothing.
func (s *Server) Unstruck() []Fault { return s.script.Unstruck() }

// Requests returns what was asked so far, of the given operations or of all.
func (s *Server) Requests(operations ...string) []Request {
	return s.script.Requests(operations...)
}

// Reset disarms all faults and forgets the record. The state stays.
func (s *Server) Reset() { s.script.Reset() }

// operation is one thing that the API does.
type operation struct {
	name   string
	route  string
	off    bool // answered 404, unless told otherwise
	area   Area
	handle func(*Server, *call) *answer
}

var operations = []operation{
	{"Services.List", "GET /services", false, Provisioning, (*Server).listServices},
	{"Services.ListUsers", "GET /services/{id}/users", false, Provisioning, (*Server).listServiceUsers},
	{"Services.ListTasks", "GET /services/{id}/tasks", false, TasksManage, (*Server).listServiceTasks},
	{"Users.Create", "POST /users", false, Provisioning, (*Server).createUser},
	{"Users.Block", "POST /users/{id}/block", false, Control, (*Server).blockUser},
	{"Users.Unblock", "POST /users/{id}/unblock", false, Control, (*Server).unblockUser},
	{"Users.SetPresence", "POST /users/{id}/setpresence", false, Control, (*Server).setUserPresence},
	{"Tasks.Create", "POST /tasks", false, TasksManage, (*Server).createTask},
	{"Tasks.Get", "GET /tasks/{id}", false, TasksManage, (*Server).getTask},
	{"Callbacks.Create", "POST /callbacks", false, TasksManage, (*Server).createCallback},
	{"Callbacks.List", "GET /callbacks", false, TasksManage, (*Server).listCallbacks},
	{"Callbacks.Get", "GET /callbacks/{id}", false, TasksManage, (*Server).getCallback},
	{"Callbacks.Cancel", "POST /callbacks/{id}/cancel", false, TasksManage, (*Server).cancelCallback},
	{"Callbacks.Search", "POST /callbacks/search", false, TasksManage, (*Server).searchCallbacks},
	{"Users.List", "GET /users", true, Provisioning, (*Server).listUsers},
	{"Users.Get", "GET /users/{id}", true, Provisioning, (*Server).getUser},
	{"Users.Replace", "POST /users/{id}", true, Provisioning, (*Server).updateUser},
	{"Users.Delete", "DELETE /users/{id}", true, Provisioning, (*Server).deleteUser},
}

// route is where an operation is served.
type route struct {
	operation
	method  string
	path    []string
	idParam string
	served  bool
}

var routeForm = regexp.MustCompile(`^([A-Z]+) /([^?\s]*)(?:\?([^=\s]+)=\{id\})?$`)

func newRoute(op operation, cfg config) route {
	text, moved := cfg.routes[op.name]
	served := moved && text != "" || !moved && !op.off
	text = cmp.Or(text, op.route)
	form := routeForm.FindStringSubmatch(text)
	if form == nil {
		panic(fmt.Sprintf("lucstest: %s: %q is not a route", op.name, text))
	}

	var path []string
	for _, part := range []string{cfg.base, cfg.version, strings.Trim(form[2], "/")} {
		if part != "" {
			path = append(path, strings.Split(part, "/")...)
		}
	}
	return route{operation: op, method: form[1], path: path, idParam: form[3], served: served}
}

// call is one request on its way.
type call struct {
	request *http.Request
	op      string
	route   *route
	allow   []string // the methods that the path has instead
	unsafe  *answer  // the answer of the web server, before the API is reached
	id      string
	query   url.Values
	body    []byte
	key     Key
	cfg     *config
	now     time.Time
}

// route finds out what a request asks for. A literal segment goes before {id}.
func (s *Server) route(c *call) {
	var path []string
	for part := range strings.SplitSeq(strings.TrimPrefix(c.request.URL.EscapedPath(), "/"), "/") {
		part, err := url.PathUnescape(part)
		if err != nil {
			return
		}
		path = append(path, part)
	}

	// ASP.NET refuses these before any routing.
	if strings.ContainsAny(strings.Join(path, ""), `<>*%&:\?`) {
		c.unsafe = htmlAnswer(http.StatusBadRequest)
		return
	}

	best := -1
	for i := range s.routes {
		r := &s.routes[i]
		id, literal, ok := r.match(path)
		if !ok {
			continue
		}
		if r.method != c.request.Method {
			if r.served {
				c.allow = append(c.allow, r.method)
			}
			continue
		}
		if literal > best {
			best, c.route, c.id = literal, r, id
		}
	}

	if c.route == nil {
		return
	}
	if c.allow = nil; !c.route.served {
		c.route = nil
		return
	}

	c.op = c.route.name
}

// match reports whether a path is the route's, how many of its segments are spelt
// out, and the id in it. ASP.NET ignores the case of paths.
func (r *route) match(path []string) (id string, literal int, ok bool) {
	if len(r.path) != len(path) {
		return "", 0, false
	}
	for i, want := range r.path {
		switch {
		case want == "{id}" && path[i] != "":
			id = path[i]
		case strings.EqualFold(want, path[i]):
			literal++
		default:
			return "", 0, false
		}
	}
	return id, literal, true
}

func (s *Server) answer(c *call) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.unsafe != nil {
		return c.unsafe
	}

	c.now = time.Now()
	if s.settle(c.now); !s.asked {
		s.asked = true
		s.remember(c.now)
	}

	var err error
	if c.query, err = url.ParseQuery(c.request.URL.RawQuery); err != nil {
		return invalid("", "The query is malformed.")
	}
	if p := s.authorise(c); p != nil {
		return p
	}

	switch {
	case c.route == nil && len(c.allow) > 0:
		p := refuse(http.StatusMethodNotAllowed, "The requested resource does not support http method '%s'.", c.request.Method)
		p.allow = strings.Join(c.allow, ", ")
		return p
	case c.route == nil:
		return refuse(http.StatusNotFound, "No HTTP resource was found that matches the request URI '%s'.", c.request.URL.Path)
	case c.request.ContentLength < 0:
		return htmlAnswer(http.StatusLengthRequired)
	case !acceptsJSON(c.request.Header.Values("Accept")):
		return refuse(http.StatusNotAcceptable, "Only application/json is available.")
	}

	if c.route.idParam != "" {
		if c.id = c.query.Get(c.route.idParam); c.id == "" {
			return invalid(c.route.idParam, "The parameter is required.")
		}
	}

	if slices.Contains(c.route.path, "{id}") || c.route.idParam != "" {
		if c.op != "Tasks.Get" { // whose identifier may be the caller's own
			if !isGUID(c.id) {
				p := invalid("id", "The value '%s' is not valid.", c.id)
				p.status = s.cfg.malformed
				return p
			}
			c.id = strings.ToLower(c.id)
		}
	}

	a := c.route.handle(s, c)
	if status, ok := s.cfg.statuses[c.op]; ok && a.problem == nil {
		a.status = status
	}
	return a
}

var guidForm = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

func isGUID(text string) bool { return guidForm.MatchString(text) }

func acceptsJSON(accept []string) bool {
	if len(accept) == 0 {
		return true
	}

	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		kind, _, _ := strings.Cut(part, ";")
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case "application/json", "application/*", "*/*":
			return true
		}
	}
	return false
}
