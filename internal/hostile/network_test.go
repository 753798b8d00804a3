package hostile

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// call is one request, as a server sees it.
type call struct {
	method, path string
	args         map[string]string // of the route's {parameters}
	query        url.Values
	header       http.Header
	body         any // decoded JSON, or nil
}

// answer is what a server says to a call.
type answer struct {
	status int
	body   string
	header map[string]string
}

// route is one request that a server knows.
type route struct {
	pattern string // "PUT /users/{id}"
	// reads says of a route that is no GET that it changes nothing.
	reads bool
	// entry is a route that lets the client in or tells where a service is. No fault
	// strikes it.
	entry bool
	// state says that the answer to a write is itself the new state, and accepts that
	// it says no more than that the vendor will carry the change out.
	state, accepts bool
	serve          func(w *world, c *call) answer
}

func (r *route) isRead() bool { return r.reads || strings.HasPrefix(r.pattern, "GET ") }

// match reports whether a call is for the route, and fills its args.
func (r *route) match(c *call) bool {
	method, pattern, _ := strings.Cut(r.pattern, " ")
	if method != c.method {
		return false
	}
	want, got := strings.Split(pattern, "/"), strings.Split(c.path, "/")
	if len(want) != len(got) {
		return false
	}
	args := map[string]string{}
	for i, segment := range want {
		name, isParam := strings.CutPrefix(segment, "{")
		switch {
		case isParam:
			args[strings.TrimSuffix(name, "}")] = got[i]
		case segment != got[i]:
			return false
		}
	}
	c.args = args
	return true
}

// route finds the route of a call, or nil.
func (v *vendor) route(c *call) *route {
	for i := range v.routes {
		if v.routes[i].match(c) {
			return &v.routes[i]
		}
	}
	return nil
}

// network carries the requests of one store to one vendor's server, through one
// fault.
type network struct {
	v *vendor

	mu       sync.Mutex
	world    *world
	past     []moment // what was true, and until when
	fault    *fault
	armed    bool
	reading  bool // the operation under test writes nothing
	writes   int  // carried to the server since the fault was armed
	met      int  // requests that the fault concerns
	struck   int
	doubted  bool     // a write was struck whose real answer is not to be believed
	spoiled  bool     // an answer differed from the real one
	likely   bool     // a list was struck that might have been the real one
	cancel   func()   // gives the operation up
	given    bool     // it was given up
	late     int      // writes after it was given up
	trace    []string // a line on each request since the fault was armed
	unrouted []string // requests that the server does not know
}

// moment is a world that was true until a change.
type moment struct {
	until time.Time
	world *world
}

func newNetwork(v *vendor) *network { return &network{v: v, world: v.seed()} }

// arm lets the fault strike from now on.
func (n *network) arm(f *fault, reading bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fault, n.armed, n.reading, n.writes, n.past = f, true, reading, 0, nil
}

// truth returns a copy of the world.
func (n *network) truth() *world {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.world.copy()
}

// RoundTrip implements http.RoundTripper.
func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	c, err := received(req)
	if err != nil {
		return nil, err
	}
	a, wire, err := n.handle(c)
	n.note(c, a, err)
	if err == nil {
		err = req.Context().Err()
	}
	if err != nil {
		return nil, err
	}
	return wire.send(req, a)
}

// note keeps a line on a request, for who looks into one cell.
func (n *network) note(c *call, a answer, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	said := strconv.Itoa(a.status) + " " + a.body
	if err != nil {
		said = err.Error()
	}
	if n.armed {
		n.trace = append(n.trace, time.Now().Format("15:04:05.000 ")+c.method+" "+c.path+": "+said[:min(len(said), 150)])
	}
}

func received(req *http.Request) (*call, error) {
	c := &call{method: req.Method, path: req.URL.Path, query: req.URL.Query(), header: req.Header}
	if req.Body == nil {
		return c, nil
	}
	data, err := io.ReadAll(req.Body)
	req.Body.Close()
	if err != nil {
		return nil, err
	}
	json.Unmarshal(data, &c.body) // a form stays nil
	return c, nil
}

// handle finds the route and serves the call, through the fault where that strikes.
func (n *network) handle(c *call) (answer, wire, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	r := n.v.route(c)
	if r == nil {
		n.unrouted = append(n.unrouted, c.method+" "+c.path)
		return n.v.refuse(http.StatusNotFound), wire{}, nil
	}

	write := !r.isRead() && !r.entry
	strikes := n.armed && !r.entry && n.fault.strikes(n, write)
	if write {
		n.writes++
	}
	if write && n.given {
		n.late++
	}
	if !strikes {
		return n.serve(r, c, write), wire{}, nil
	}
	f := n.fault.now(n)
	n.struck++
	if write && !r.accepts && (!r.state || f.bare) {
		n.doubted = true
	}
	if f.cancels {
		n.given = true
		n.cancel()
	}
	if f.unsent {
		return answer{}, wire{}, errUnsent
	}
	if (f.lost || f.cancels) && !f.effect {
		return answer{}, wire{}, errLost
	}

	// Without effect the call is served in a copy of the world.
	var a answer
	if write && !f.effect {
		a = r.serve(n.world.copy(), c)
	} else {
		a = n.serve(r, c, write)
	}
	if f.lost {
		return answer{}, wire{}, errLost
	}
	if f.spoil == nil {
		return a, f.wire, nil
	}
	real := a
	a = f.spoil(n, real)
	if a.status != real.status || a.body != real.body {
		n.spoiled = true
	}
	if isList(real.body) && a.body == aList.body {
		n.likely = true
	}
	return a, f.wire, nil
}

func isList(body string) bool { return strings.HasPrefix(body, "[") && json.Valid([]byte(body)) }

// serve serves a call in the true world, or a read in the one that the fault's lag
// still shows.
func (n *network) serve(r *route, c *call, write bool) answer {
	if !write {
		return r.serve(n.shown(), c)
	}
	before := n.world.copy()
	a := r.serve(n.world, c)
	n.past = append(n.past, moment{time.Now(), before})
	return a
}

// shown is the world that reads see.
func (n *network) shown() *world {
	if !n.armed || n.fault.lag == 0 {
		return n.world
	}
	for _, m := range n.past {
		if n.fault.lag < 0 || time.Since(m.until) < n.fault.lag {
			return m.world
		}
	}
	return n.world
}

// errUnsent is what it looks like that there is no connection.
var errUnsent = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}

// errLost is what a broken connection looks like to a client.
var errLost = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

// wire is what happens to an answer on its way. The zero value is nothing.
type wire struct {
	cut    bool          // the connection breaks in the middle of the body
	length int           // added to the Content-Length
	delay  time.Duration // before the answer
	drip   time.Duration // before each byte of the body
}

// send makes the answer a response.
func (x wire) send(req *http.Request, a answer) (*http.Response, error) {
	if err := sleep(req.Context(), x.delay); err != nil {
		return nil, err
	}
	header := http.Header{"Content-Type": {"application/json;charset=UTF-8"}, "Date": {time.Now().UTC().Format(http.TimeFormat)}}
	if strings.HasPrefix(a.body, "<") {
		header.Set("Content-Type", "text/html")
	}
	for name, value := range a.header {
		header.Set(name, value)
	}
	length := len(a.body) + x.length
	header.Set("Content-Length", strconv.Itoa(length))
	end := io.EOF
	if x.cut {
		a.body, end = a.body[:len(a.body)/2], io.ErrUnexpectedEOF
	} else if x.length > 0 {
		end = io.ErrUnexpectedEOF
	} else if x.length < 0 {
		a.body = a.body[:max(length, 0)]
	}
	return &http.Response{
		Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header, ContentLength: int64(max(length, 0)), Request: req,
		Body: &body{ctx: req.Context(), rest: a.body, drip: x.drip, end: end},
	}, nil
}

// body is the body of a response.
type body struct {
	ctx  context.Context
	rest string
	drip time.Duration
	end  error
}

func (b *body) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if b.rest == "" {
		return 0, b.end
	}
	if b.drip > 0 {
		p = p[:min(len(p), 1)]
		if err := sleep(b.ctx, b.drip); err != nil {
			return 0, err
		}
	}
	k := copy(p, b.rest)
	b.rest = b.rest[k:]
	return k, nil
}

func (b *body) Close() error { return nil }

// sleep waits, and no longer than the context lasts.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ok is a successful answer with a JSON body.
func ok(status int, v any) answer { return answer{status: status, body: text(v)} }

// none is a successful answer without a body.
func none(status int) answer { return answer{status: status} }
