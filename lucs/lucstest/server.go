package lucstest

import (
	"crypto/sha1"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
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
	served    simnet.Routes[operation]
	hidden    simnet.Routes[operation] // what is answered 404, but would be served
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
	past      simnet.Past[[]*user]
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
		profiles: map[string]bool{"OffDuty": true}, people: map[string]person{}, past: simnet.Past[[]*user]{Lag: cfg.readLag},
	}

	s.addRoutes()
	if cfg.sample {
		s.seedSample()
	}
	return s
}

// table holds things by id, in the order in which they were made.
type table[T comparable] = simnet.Table[string, T]

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
	s.script.Serve(w, r, c.op, func(r *http.Request, body []byte) *simnet.Answer {
		c.body, c.request = body, r
		return s.answer(c).written(&s.cfg)
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

// call is one request on its way.
type call struct {
	request *http.Request
	op      string
	route   *simnet.Route[operation]
	allow   []string // the methods that the path has instead
	unsafe  *answer  // the answer of the web server, before the API is reached
	id      string
	query   url.Values
	body    []byte
	key     Key
	cfg     *config
	now     time.Time
}

func (s *Server) answer(c *call) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.unsafe != nil {
		return c.unsafe
	}

	c.now = time.Now()
	s.settle(c.now)
	s.asked = true

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

	if param := c.route.How.idParam; param != "" {
		if c.id = c.query.Get(param); c.id == "" {
			return invalid(param, "The parameter is required.")
		}
	}

	if c.id != "" && c.op != "Tasks.Get" { // whose identifier may be the caller's own
		if !isGUID(c.id) {
			p := invalid("id", "The value '%s' is not valid.", c.id)
			p.status = s.cfg.malformed
			return p
		}
		c.id = strings.ToLower(c.id)
	}

	if c.route.Method != http.MethodGet {
		s.remember(c.now)
	}
	a := c.route.How.handle(s, c)
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
