package libh3lptest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
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

	mu            sync.Mutex // never held while an answer is written
	users         *catalog
	queues        *catalog
	names         map[string]bool // of users and queues alike, of all accounts
	sessions      map[string]session
	refuseLogins  bool
	ignoreUpdates bool
	lastAccount   int64
	administrator *entry
	generated     int // users by AddUsers
	past          []past
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
		cfg:    cfg, names: map[string]bool{}, sessions: map[string]session{}, lastAccount: AccountID,
		users: newCatalog("user", 8451), queues: newCatalog("queue", 34814),
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
	request *http.Request
	plain   bool // not over https
	body    []byte
	query   url.Values
	op      string
	method  string // after _method
	version string // the path's first part
	known   bool   // the path is served, perhaps with other methods
	who     *entry
	catalog string // users or queues, where the path names one of them
	of      *catalog
	id      int64 // the path's first and second id
	other   int64
	jid     jid
	handle  func(*call) *answer
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, plain bool) {
	c := &call{request: r, plain: plain, op: simnet.Unknown, method: r.Method, query: r.URL.Query()}
	s.route(c)
	s.script.Serve(w, r, c.op, func(w http.ResponseWriter, r *http.Request, body []byte) {
		c.body, c.request = body, r
		s.answer(c).send(w)
	})
}

func (s *Server) answer(c *call) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !c.known:
		return notFound()
	case c.handle == nil:
		return &answer{status: http.StatusMethodNotAllowed}
	}

	// The lag, if there is one, ends when the handler has returned.
	defer s.resolve(c)()
	return c.handle(c)
}

// The versions of the API, which are the first parts of its paths.
const (
	v1 = "2011-12-03"
	v2 = "2013-07-21"
	v3 = "2016-02-10"
)

// route finds out what a request asks for. It leaves c.known false for an unknown
// path, and c.handle nil for an unknown method.
func (s *Server) route(c *call) {
	var path []string
	for part := range strings.SplitSeq(strings.TrimPrefix(c.request.URL.EscapedPath(), "/"), "/") {
		part, err := url.PathUnescape(part)
		if err != nil {
			return
		}
		path = append(path, part)
	}

	switch {
	case len(path) == 1 && path[0] == "login":
		c.serve("LoginPage", map[string]func(*call) *answer{http.MethodGet: func(*call) *answer { return loginPage(http.StatusOK) }})
	case path[0] == "presence":
		s.routePresence(c, path[1:])
	case len(path) > 1 && (path[0] == v1 || path[0] == v2 || path[0] == v3):
		c.version = path[0]
		if c.method == http.MethodPost && c.query.Has("_method") {
			c.method = c.query.Get("_method")
		}
		s.routeAPI(c, path[1:])
	}
}

func (s *Server) routeAPI(c *call, path []string) {
	switch strings.Join(path, "/") {
	case "auth/login":
		c.serve("Login", map[string]func(*call) *answer{http.MethodPost: s.secure(s.login)})
		return
	case "auth/verify":
		c.serve("Verify", map[string]func(*call) *answer{http.MethodGet: s.secure(s.verify)})
		return
	}

	name, ok := c.readPath(path)
	if !ok {
		return
	}

	handlers := map[string]func(*call) *answer{}
	for _, o := range s.operations(c.version, name, len(path)) {
		for _, method := range o.methods {
			if handlers[method] = s.guarded(o.handle); method == c.method {
				c.op = title(name) + "." + o.name
			}
		}
	}
	c.known, c.handle = len(handlers) > 0, handlers[c.method]
}

// readPath reads the catalog and the ids of a path, and returns the name of the
// collection that the path ends in.
func (c *call) readPath(path []string) (name string, ok bool) {
	links := ""
	switch path[0] {
	case "users":
		c.catalog, links = "users", "assignments"
	case "queues":
		c.catalog, links = "queues", "operators"
	}
	if c.catalog == "" || len(path) > 4 || len(path) > 2 && path[2] != links {
		return "", false
	}

	if len(path) > 1 {
		if c.id, ok = parseID(path[1]); !ok {
			return "", false
		}
	}
	if len(path) > 3 {
		if c.other, ok = parseID(path[3]); !ok {
			return "", false
		}
	}
	if len(path) > 2 {
		return links, true
	}
	return path[0], true
}

// operation is what some methods of a path do.
type operation struct {
	name    string
	methods []string
	handle  func(*call) *answer
}

// operations returns what is served at the paths of a collection with this many parts.
func (s *Server) operations(version, collection string, parts int) []operation {
	get, put := []string{http.MethodGet}, []string{http.MethodPut}
	post, remove := []string{http.MethodPost}, []string{http.MethodDelete}
	update := []string{http.MethodPut, http.MethodPatch}

	switch {
	case version == v2 && collection == "operators" && parts == 3:
		return []operation{{"List", get, s.listOperatorsV2}}
	case version == v2 && collection == "operators" && parts == 4:
		return []operation{{"Update", update, s.updateOperatorV2}}
	case version == v2 && parts == 1:
		return []operation{{"List", get, s.listV2}}
	case version != v1:
		return nil
	}

	switch parts {
	case 1:
		return []operation{{"List", get, s.list}, {"Create", post, s.create}}
	case 2:
		return []operation{{"Get", get, s.get}, {"Update", update, s.update}, {"Delete", remove, s.delete}}
	case 3:
		return []operation{{"List", get, s.listLinks}, {"Create", post, s.createLink}}
	case 4:
		return []operation{{"Update", put, s.updateLink}, {"Delete", remove, s.deleteLink}}
	}
	return nil
}

// serve is for paths whose methods are one operation.
func (c *call) serve(op string, handlers map[string]func(*call) *answer) {
	c.known = true
	if c.handle = handlers[c.method]; c.handle != nil {
		c.op = op
	}
}

func parseID(text string) (int64, bool) {
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil && strconv.FormatInt(id, 10) == text
}

// secure refuses plain http, where the scheme is known.
func (s *Server) secure(handle func(*call) *answer) func(*call) *answer {
	return func(c *call) *answer {
		if c.plain {
			return s.refuse(http.StatusForbidden, "Requests are served over HTTPS.")
		}
		return handle(c)
	}
}

// guarded lets a request through that names the path's version and has a session.
func (s *Server) guarded(handle func(*call) *answer) func(*call) *answer {
	return s.secure(func(c *call) *answer {
		if version := c.request.Header.Get("X-API-Version"); !s.cfg.laxVersions && version != c.version {
			if version == "" {
				return s.refuse(http.StatusBadRequest, "X-API-Version is required.")
			}
			return s.refuse(http.StatusBadRequest, "X-API-Version does not match the path.")
		}
		if c.who = s.authenticate(c.request); c.who == nil {
			return s.gone(c)
		}
		return handle(c)
	})
}
