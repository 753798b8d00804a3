package livepersontest

import (
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
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

// Server is a simulated account. It is an http.Handler, safe for concurrent use.
type Server struct {
	cfg       config
	script    simnet.Script
	listeners simnet.Listeners

	mu        sync.Mutex           // never held while an answer is written
	resources map[string]*resource // by name
	users     *resource
	skills    *resource
	groups    *resource
	profiles  *resource
	lobs      *resource
	reasons   *resource
	tokens    map[string]token
	sessions  map[string]*session // by bearer
	blocked   map[string]bool
	nonces    map[string]time.Time
	presence  map[int64]*presence
	generated int // users by AddUsers
}

// NewServer returns a simulated account with the main agent group, [RootGroup],
// and one profile for each role, the Profile constants. It has no users:
// [Username] can log in without being one. It serves nothing yet: call
// Transport, Start or StartSplit, or mount it.
func NewServer(opts ...Option) *Server {
	cfg := defaults()
	for _, opt := range opts {
		opt(&cfg)
	}
	s := &Server{
		script: simnet.Script{Operations: Operations()},
		cfg:    cfg, resources: map[string]*resource{}, tokens: map[string]token{}, sessions: map[string]*session{},
		blocked: map[string]bool{}, nonces: map[string]time.Time{}, presence: map[int64]*presence{},
	}
	s.users = s.add(s.usersResource())
	s.skills = s.add(s.skillsResource())
	s.groups = s.add(s.groupsResource())
	s.profiles = s.add(s.profilesResource())
	s.lobs = s.add(s.lobsResource())
	s.reasons = s.add(s.reasonsResource())

	s.seedAccount()
	if cfg.sample {
		s.seedSample()
	}
	return s
}

func (s *Server) add(res *resource) *resource {
	res.delay, res.lag = s.cfg.replicationDelay, s.cfg.readLag
	if res.created == 0 {
		res.created = http.StatusCreated
	}
	s.resources[res.name] = res
	return res
}

// mount says how the server was reached.
type mount struct {
	memory bool // in memory: the Host constants are the hosts
	// With two listeners: which one this is, and where both are.
	split               bool
	readOnly            bool
	readers, everything string
}

// ServeHTTP serves all services. The Domain API answers the host that the
// request was sent to.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.serve(w, r, &mount{}) }

func (s *Server) mounted(m *mount) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, m) })
}

// Transport serves in memory, without a network: also in a testing/synctest
// bubble. Give it to an http.Client.
func (s *Server) Transport() http.RoundTripper {
	return &simnet.Transport{Handler: s.mounted(&mount{memory: true})}
}

// Start serves everything at one free loopback port, until Close.
func (s *Server) Start() (baseURL string, err error) { return s.listeners.Serve(s) }

// StartSplit serves at two free loopback ports, until Close: one is the
// read-only configuration service, which serves nothing else and refuses writes;
// the other is everything else. The Domain API, at the latter, answers each
// service's own port.
func (s *Server) StartSplit() (everything, readOnly string, err error) {
	// The handlers learn their addresses before the first request can arrive:
	// the ports are not known yet.
	all, readers := &mount{split: true}, &mount{split: true, readOnly: true}
	if everything, err = s.listeners.Serve(s.mounted(all)); err != nil {
		return "", "", err
	}
	if readOnly, err = s.listeners.Serve(s.mounted(readers)); err != nil {
		return "", "", err
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	all.readers, all.everything = hostOf(readOnly), hostOf(everything)
	readers.readers, readers.everything = all.readers, all.everything
	return everything, readOnly, nil
}

func hostOf(base string) string {
	u, _ := url.Parse(base)
	return u.Host
}

// Close stops the listeners and waits for the requests under way. The state
// stays, and the other ways to serve go on.
func (s *Server) Close() { s.listeners.Close() }

// Fault arms faults. The first armed fault that matches a request strikes.
func (s *Server) Fault(faults ...Fault) { s.script.Add(faults...) }

// Unstruck returns the faults that have not struck as often as they were to: a
// test that armed a fault for nothing proves nothing.
func (s *Server) Unstruck() []Fault { return s.script.Unstruck() }

// Requests returns what was asked so far, of the given operations or of all.
func (s *Server) Requests(operations ...string) []Request {
	return s.script.Requests(operations...)
}

// Reset disarms all faults and forgets the record. The state stays.
func (s *Server) Reset() { s.script.Reset() }

// call is one request on its way.
type call struct {
	request  *http.Request
	mount    *mount
	query    url.Values
	body     []byte
	op       string
	method   string // after X-HTTP-Method-Override
	service  string // the service that the path belongs to
	account  string
	name     string // of the service that the Domain API is asked for
	id       int64
	badID    bool
	resource *resource
	readOnly bool // on the read-only host
	version  float64
	sel      *selection
	who      *principal
	handle   handler
}

type handler = func(*Server, *call) *answer

func (s *Server) serve(w http.ResponseWriter, r *http.Request, m *mount) {
	c := &call{request: r, mount: m, op: simnet.Unknown, method: r.Method}
	s.route(c)
	s.script.Serve(w, r, c.op, func(r *http.Request, body []byte) *answer {
		c.body, c.request = body, r
		return s.answer(c)
	})
}

func (s *Server) answer(c *call) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if c.query, err = url.ParseQuery(c.request.URL.RawQuery); err != nil {
		return invalid("the query: %v", err)
	}
	if only := c.onlyService(); only != "" && c.service != only || c.service == "" {
		return refuse(http.StatusNotFound, "no such path on this host")
	}
	if c.readOnly && c.method != http.MethodGet {
		return refuse(http.StatusMethodNotAllowed, "this host is read only").Set("Allow", "GET")
	}
	if c.handle == nil {
		return refuse(http.StatusMethodNotAllowed, "this path does not know the method %s", c.method)
	}
	if c.badID {
		return notFound()
	}
	return c.handle(s, c)
}

// onlyService returns the one service of the host that was asked, or "" where a
// host serves all. It also recognises the read-only host.
func (c *call) onlyService() string {
	if c.mount.split {
		switch {
		case c.mount.readOnly && c.service == readWrite:
			c.service, c.readOnly = readOnly, true
			return readOnly
		case c.mount.readOnly:
			return readOnly
		}
		return ""
	}

	service := serviceOfHost[hostname(c.request.Host)]
	if service == readOnly && c.service == readWrite {
		c.service, c.readOnly = readOnly, true
	}
	return service
}

func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(host)
}

// guarded lets a request through that is within the rate limit and authorised.
func guarded(handle handler) handler {
	return func(s *Server, c *call) *answer {
		if seconds, ok := s.cfg.rateLimit.Pass(time.Now()); !ok {
			return tooMany(s.cfg.rateLimit, seconds)
		}
		if p := s.authorise(c); p != nil {
			return p
		}
		return handle(s, c)
	}
}

var versionForm = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{1,3})?$`)

// versioned reads v and select.
func versioned(handle handler) handler {
	return func(s *Server, c *call) *answer {
		text := c.query.Get("v")
		if text == "" {
			if s.cfg.versionRequired || c.query.Has("v") {
				return invalid("v is required")
			}
			text = c.resource.defaultVersion
		}

		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !versionForm.MatchString(text) || v < 1 || v > 6 {
			return invalid("v: %q is not a version", text)
		}
		c.version = v

		if expression := c.query.Get("select"); expression != "" {
			if c.sel, err = parseSelect(expression); err != nil {
				return invalid("select: %v", err)
			}
		}
		return handle(s, c)
	}
}
