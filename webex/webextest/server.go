package webextest

import (
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core/simtest"
	"github.com/rollcall-go/rollcall/internal/simnet"
)

// The address of the in-memory transport, which answers any other host too.
const (
	Origin  = "https://webexapis.com"
	BaseURL = Origin + "/v1"
)

// Fault is a scripted deviation; see [Server.Fault]. Its Op is one of the
// operations in the package documentation.
type Fault = simtest.Fault

// Request is one request as the simulator received it; see [Server.Requests].
type Request = simtest.Request

// Tier selects one of the two sets of queues and supervisors, which do not see
// each other. On the wire it is hasCxEssentials.
type Tier bool

// The tiers.
const (
	Basic  Tier = false
	Assist Tier = true // Customer Assist
)

// Server is a simulated organisation. It is an http.Handler, safe for concurrent
// use.
type Server struct {
	cfg       config
	script    simnet.Script
	listeners simnet.Listeners

	mu        sync.Mutex // never held while an answer is written
	keys      int
	tracking  int
	licences  []*licence
	locations []*location
	state
	devices   []*device // workspaces and virtual lines
	tokens    map[string]*Token
	refresh   map[string]*refreshToken
	codes     map[string]bool
	refusals  map[string]refusal // by the agent's key
	ignored   map[string]bool
	failures  map[string]int // of FailAfter, by operation
	generated int
	past      simnet.Past[state]
}

// NewServer returns a simulated organisation, [OrgID], with two locations, the
// licences and one person, the administrator [PersonNora], who owns [Bearer]. It
// serves nothing yet: call Transport or Start, or mount it.
func NewServer(opts ...Option) *Server {
	cfg := defaults()
	for _, opt := range opts {
		opt(&cfg)
	}
	s := &Server{
		script: simnet.Script{Operations: Operations()},
		cfg:    cfg, state: state{supervisors: map[Tier][]*supervisor{}}, past: simnet.Past[state]{Lag: cfg.readLag},
		tokens: map[string]*Token{}, refresh: map[string]*refreshToken{}, codes: map[string]bool{},
		refusals: map[string]refusal{}, ignored: map[string]bool{}, failures: map[string]int{},
	}

	s.seedOrganisation()
	if cfg.sample {
		s.seedSample()
	}
	s.AddPeople(cfg.people)
	for _, c := range cfg.crews {
		s.AddSupervisors(c.supervisors, c.tier)
		s.AddPeople(c.agents)
	}
	return s
}

// ServeHTTP serves everything. Next links lead to the host that the request was
// sent to, unless [WithPublicURL] says otherwise.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	s.serve(w, r, scheme+r.Host)
}

// Transport serves in memory, without a network: also in a testing/synctest
// bubble. Give it to an http.Client.
func (s *Server) Transport() http.RoundTripper {
	return &simnet.Transport{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, r, "https://"+r.Host)
	})}
}

// Start serves at a free loopback port, until Close. The base URL ends in /v1, as
// [BaseURL] does.
func (s *Server) Start() (baseURL string, err error) {
	base, err := s.listeners.Serve(s)
	if err != nil {
		return "", err
	}
	return base + "/v1", nil
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
	origin   string
	tracking string
	query    url.Values
	body     []byte
	route    *simnet.Route[operation]
	op       *operation        // what the route says of it
	allow    []string          // the methods of the path, if it has not this one
	path     map[string]string // the variable parts of the path
	who      *Token
	tier     Tier
}

// admin reports whether the caller sees what only administrators see.
func (c *call) admin() bool { return c.who.Role != PlainUser && c.who.has("spark-admin:people_read") }

func (s *Server) serve(w http.ResponseWriter, r *http.Request, origin string) {
	c := &call{request: r, origin: origin, tracking: s.newTracking()}
	op := c.find()
	// A fault's answer carries a tracking id too.
	w.Header().Set("Trackingid", c.tracking)
	s.script.Serve(w, r, op, func(r *http.Request, body []byte) *simnet.Answer {
		c.body, c.request = body, r
		return s.answer(c).written(c)
	})
}

func (s *Server) answer(c *call) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()

	if c.route == nil && c.allow == nil {
		return refuse(http.StatusNotFound, "The requested resource could not be found.")
	}
	if c.route == nil {
		return refuse(http.StatusMethodNotAllowed, "The method %s is not supported by this resource.", c.request.Method)
	}

	var err error
	if c.query, err = url.ParseQuery(c.request.URL.RawQuery); err != nil {
		return refuse(http.StatusBadRequest, "The query cannot be read: %v", err)
	}

	if !c.op.open {
		if seconds, ok := s.cfg.rateLimit.Pass(time.Now()); !ok {
			return tooMany(s.cfg.rateLimit, seconds)
		}
	}
	if a := s.authorise(c); a != nil {
		return a
	}

	if a := s.sendable(c); a != nil {
		return a
	}
	if a := s.readTier(c); a != nil {
		return a
	}
	if a := s.checkOrg(c); a != nil {
		return a
	}

	return s.carryOut(c)
}

// checkOrg accepts the organisation's own id, or none.
func (s *Server) checkOrg(c *call) *answer {
	if !c.query.Has("orgId") {
		return nil
	}
	if kind, key, ok := parseID(c.query.Get("orgId")); !ok || kind != organization || key != OrgKey {
		return c.refuse(s.cfg.unknownOrg, 0, "The organization is not one that you may act for.")
	}
	return nil
}

func (s *Server) readTier(c *call) *answer {
	flag, a := c.flag("hasCxEssentials")
	if a != nil || !c.op.tiered {
		return a
	}
	c.tier = Tier(flag)
	return nil
}
