package hostile

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/heavy"
)

// flood is an answer that is meant to cost whoever reads it.
type flood struct {
	name   string
	kind   string
	status int // 0 for that of the real answer
	header http.Header
	// body is what is written in place of the real answer. One that is nil, or returns
	// nil, leaves it.
	body func(n *network, real answer, size int) heavy.Flow
	// raw writes all of the answer, from the status line on.
	raw  func(w io.Writer, size int)
	drip time.Duration // between the parts of a body that does not end
	gzip bool
}

// turn rotates through the places of members, so that the cells of a table meet all.
var turn int

// floods is the table.
func floods() []flood {
	var all []flood
	for _, sh := range heavy.Shapes() {
		for _, s := range heavy.Spots(&turn) {
			all = append(all, flood{name: sh.Name + " in place of " + s.Name, kind: "in place of " + s.Name, body: func(_ *network, a answer,
				size int) heavy.Flow {
				return heavy.Placed(a.body, s, sh, size)
			}})
		}
		all = append(all, refusing(400, sh), refusing(200, sh))
	}
	all = append(all,
		flood{name: "a crowd", body: func(_ *network, a answer, size int) heavy.Flow { return heavy.Crowded(a.body, size) }},
		flood{name: "members again and again", body: func(_ *network, a answer, size int) heavy.Flow { return heavy.Repeated(a.body, size) }},
		flood{name: "a page", body: func(_ *network, _ answer, size int) heavy.Flow {
			return heavy.Flow{heavy.Once("<html><body>"), heavy.About("<p>no</p>", size)}
		}},
		flood{name: "a page, 404", status: 404, body: func(_ *network, _ answer, size int) heavy.Flow {
			return heavy.Flow{heavy.Once("<html><body>"), heavy.About("<p>no</p>", size)}
		}},
		flood{name: "nothing but bytes", body: func(_ *network, _ answer, size int) heavy.Flow {
			return heavy.Flow{heavy.About("\xff\xfe\x00", size)}
		}},
		flood{name: "Latin-1", header: http.Header{"Content-Type": {"application/json; charset=iso-8859-1"}},
			body: func(_ *network, _ answer, size int) heavy.Flow {
				return heavy.Between(`["`, heavy.About("\xe9", size), "", `"]`)
			}},
		flood{name: "UTF-16", header: http.Header{"Content-Type": {"application/json; charset=utf-16"}},
			body: func(_ *network, _ answer, size int) heavy.Flow { return heavy.Flow{heavy.About("\x00a", size)} }},
	)
	all = append(all, transports()...)
	for i := range all {
		all[i].kind = cmp.Or(all[i].kind, "others")
	}
	return append(all, headers()...)
}

// refusing is an error of the vendor's own form, in which every text is a flood, in turn.
func refusing(status int, sh heavy.Shape) flood {
	return flood{name: fmt.Sprintf("%d, own words: %s", status, sh.Name), kind: "a refusal", status: status, body: func(n *network, _ answer,
		size int) heavy.Flow {
		s := heavy.Spots(&turn)[2]
		return heavy.Placed(n.v.refuse(400).body, s, sh, size)
	}}
}

// headers are floods of what comes before the body.
func headers() []flood {
	const big = 900 << 10
	many := func(line string) []string {
		return strings.Split(strings.Repeat(line+"\n", big/(len(line)+8))+line, "\n")
	}
	var all []flood
	for _, h := range []struct {
		name, key string
		values    []string
	}{
		{"Link: commas", "Link", []string{strings.Repeat(",", big)}},
		{"Link: opened", "Link", []string{strings.Repeat("<,", big/2)}},
		{"Link: closed", "Link", []string{strings.Repeat(">;", big/2)}},
		{"Link: quotes", "Link", []string{"<a>;" + strings.Repeat(`rel="next`, big/9)}},
		{"Link: parameters", "Link", []string{"<a>" + strings.Repeat(`;a="b"`, big/6)}},
		{"Link: links", "Link", []string{strings.Repeat(`<https://webex.example/v1/people?after=1>; rel="last",`, big/54)}},
		{"Link: next links", "Link", []string{strings.Repeat(`<https://webex.example/v1/people?after=1>; rel="next",`, big/54)}},
		{"Link: a long one", "Link", []string{"<https://webex.example/v1/people?after=" + strings.Repeat("a", big) + `>; rel="next"`}},
		{"Link: a query", "Link", []string{"<https://webex.example/v1/people?after=1&" + strings.Repeat("a=1&", big/4) + `>; rel="next"`}},
		{"Link: lines", "Link", many(`<a>; rel="x"`)},
		{"Retry-After: digits", "Retry-After", []string{strings.Repeat("9", big)}},
		{"Retry-After: sums", "Retry-After", []string{strings.Repeat("rand(30),add(30),", big/17)}},
		{"Retry-After: brackets", "Retry-After", []string{strings.Repeat("(", big)}},
		{"Retry-After: lines", "Retry-After", many("1")},
		{"Retry-After: a date", "Retry-After", []string{"Mon, " + strings.Repeat("0", big)}},
		{"Date", "Date", []string{strings.Repeat("Mon, 0", big/6)}},
		{"Content-Type", "Content-Type", []string{"application/json;" + strings.Repeat("a=b;", big/4) + "charset=utf-8"}},
		{"Content-Type: a charset", "Content-Type", []string{"application/json;charset=" + strings.Repeat("a", big)}},
		{"ids of requests", "Trackingid", []string{strings.Repeat("QUJDREVGR0hJ%41", big/15)}},
		{"ids of requests, of blanks", "X-Request-Id", []string{strings.Repeat("a b", big/3)}},
		{"cookies", "Set-Cookie", many("a=b; Path=/")},
		{"a cookie", "Set-Cookie", []string{"a=" + strings.Repeat("b; c=", big/5)}},
		{"challenges", "Www-Authenticate", []string{strings.Repeat(`Bearer realm="a",`, big/17)}},
		{"an entity tag", "Etag", []string{`"` + strings.Repeat("a", big) + `"`}},
		{"a revision", "Ac-Revision", []string{strings.Repeat("1", big)}},
		{"a revision", "Revision", []string{strings.Repeat("1", big)}},
		{"a total", "X-Total-Count", []string{strings.Repeat("9", big)}},
		{"a range", "Content-Range", []string{"items 0-1/" + strings.Repeat("9", big)}},
		{"a location", "Location", []string{"/" + strings.Repeat("a/", big/2)}},
		{"unknown ones", "X-Unknown", many("a")},
		{"warnings", "Warning", many(`299 - "a"`)},
	} {
		for _, status := range []int{0, 302, 400, 401, 429, 503} {
			all = append(all, flood{name: fmt.Sprintf("header %s, %d", h.name, status), kind: "headers", status: status,
				header: http.Header{h.key: h.values}})
		}
	}
	return all
}

// transports are floods of what carries the answer.
func transports() []flood {
	raw := func(name, text string, body func(w io.Writer, size int)) flood {
		return flood{name: name, kind: "the transport", raw: func(w io.Writer, size int) {
			if _, err := io.WriteString(w, text); err == nil && body != nil {
				body(w, size)
			}
		}}
	}
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	write := func(parts ...heavy.Piece) func(io.Writer, int) {
		return func(w io.Writer, size int) { heavy.Flow(parts).Send(w) }
	}
	return []flood{
		raw("announced: 1 TB", head+"Content-Length: 1099511627776\r\n\r\n[{", nil),
		raw("announced: 32 MB", head+"Content-Length: 33554432\r\n\r\n[{", nil),
		raw("announced: 32 MB of an error", "HTTP/1.1 400 Bad\r\nContent-Length: 33554432\r\n\r\n[{", nil),
		raw("announced: a chunk of 1 TB", head+"Transfer-Encoding: chunked\r\n\r\n10000000000\r\n[{", nil),
		raw("chunks of a byte", head+"Transfer-Encoding: chunked\r\n\r\n", write(heavy.About("1\r\n \r\n", 4<<20))),
		raw("chunks with extensions", head+"Transfer-Encoding: chunked\r\n\r\n", write(heavy.About("1;"+strings.Repeat("a", 200)+"\r\n \r\n",
			4<<20))),
		raw("trailers", head+"Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n", write(heavy.About("A: b\r\n", 4<<20))),
		raw("headers without end", head, write(heavy.About("A: b\r\n", 64<<20))),
		raw("a header without end", head+"A: ", write(heavy.About("b", 64<<20))),
		raw("a status without end", "HTTP/1.1 200 ", write(heavy.About("b", 64<<20))),
		raw("news", "", write(heavy.About("HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n", 64<<20))),
		{name: "a body without end", body: func(*network, answer, int) heavy.Flow {
			return heavy.Flow{heavy.Once("["), heavy.About("[],", 1<<40)}
		}},
		{name: "an error without end", status: 400, body: func(*network, answer, int) heavy.Flow {
			return heavy.Flow{heavy.Once("["), heavy.About("[],", 1<<40)}
		}},
		{name: "a body that drips", drip: 20 * time.Millisecond},
		{name: "an error that drips", status: 503, drip: 20 * time.Millisecond},
		{name: "a list that drips", drip: 20 * time.Millisecond, body: func(*network, answer, int) heavy.Flow {
			return heavy.Flow{heavy.Once("[")}
		}},
		zipped("zipped: empty objects", heavy.Flow{heavy.Once("["), heavy.About("{},", 1<<28)}),
		zipped("zipped: empty users", heavy.Flow{heavy.Once(`{"users":[`), heavy.About("{},", 1<<28)}),
		zipped("zipped: empty items", heavy.Flow{heavy.Once(`{"items":[`), heavy.About("{},", 1<<28)}),
		zipped("zipped: blanks", heavy.Flow{heavy.About(" ", 1<<28)}),
		zipped("zipped: a text", heavy.Flow{heavy.Once(`"`), heavy.About("a", 1<<28)}),
		zipped("zipped: nesting", heavy.Flow{heavy.About("[", 1<<28)}),
	}
}

var zips = map[string][]byte{}

// zipped is a small body that is a large one. It is packed once.
func zipped(name string, f heavy.Flow) flood {
	return flood{name: name, kind: "zipped", header: http.Header{"Content-Encoding": {"gzip"}}, gzip: true, body: func(*network, answer,
		int) heavy.Flow {
		if zips[name] == nil {
			var b bytes.Buffer
			w := gzip.NewWriter(&b)
			f.Send(w)
			w.Close()
			zips[name] = b.Bytes()
		}
		return heavy.Flow{heavy.Once(string(zips[name]))}
	}}
}

// floodServer is a server over TCP in front of a network, which answers the requests that
// a flood strikes with that.
type floodServer struct {
	listener net.Listener
	now      atomic.Pointer[flooded]
	received atomic.Int64 // by the client, unpacked
}

// flooded is what the server does for one call.
type flooded struct {
	n     *network
	f     *flood
	place place
	size  int
	ctx   context.Context
	hits  atomic.Int64
}

func newFloodServer(t *testing.T) *floodServer {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &floodServer{listener: listener}
	server := &http.Server{Handler: s}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return s
}

// transport is the transport that clients bring, but for its connections: they lead to
// the server, and need no certificate.
func (s *floodServer) transport() *http.Transport {
	t := core.NewTransport()
	t.Proxy = nil
	t.DialTLSContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.listener.Addr().String())
		return countedConn{conn, &s.received}, err
	}
	t.TLSClientConfig = &tls.Config{}
	return t
}

type countedConn struct {
	net.Conn
	n *atomic.Int64
}

func (c countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// unpacking counts what bodies hold beyond what came over the wire.
type unpacking struct {
	http.RoundTripper
	n *atomic.Int64
}

func (u unpacking) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := u.RoundTripper.RoundTrip(req)
	if err == nil && res.Uncompressed {
		res.Body = heavy.Counted(res.Body, u.n)
	}
	return res, err
}

// maxSentBack is how much of what a client sends is looked into. What it sends back of a
// flood is refused unread: to read it would cost this process, which is measured, more
// than the client took.
const maxSentBack = 64 << 10

// ServeHTTP implements http.Handler.
func (s *floodServer) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	now := s.now.Load()
	if req.ContentLength > maxSentBack {
		io.Copy(io.Discard, req.Body)
		writeAnswer(w, now.n.v.refuse(http.StatusBadRequest))
		return
	}
	c, err := received(req)
	if err != nil {
		return
	}
	real, strikes := now.serve(c)
	if !strikes {
		writeAnswer(w, real)
		return
	}
	now.hits.Add(1)
	now.write(w, real)
}

// serve serves a call by the network, and reports whether the flood strikes it.
func (c *flooded) serve(in *call) (answer, bool) {
	r := c.n.v.route(in)
	c.n.mu.Lock()
	writes, armed := c.n.writes, c.n.armed
	c.n.mu.Unlock()
	a, _, _ := c.n.handle(in)
	if r == nil || r.entry || !armed {
		return a, false
	}
	switch write := !r.isRead(); c.place {
	case onTarget:
		return a, write || c.n.reading
	case onLook:
		return a, !write && writes > 0
	}
	return a, true
}

func writeAnswer(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	io.WriteString(w, a.body)
}

func (c *flooded) write(w http.ResponseWriter, real answer) {
	f := c.f
	if f.raw != nil {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		stop := context.AfterFunc(c.ctx, func() { conn.Close() })
		defer stop()
		f.raw(conn, c.size)
		io.Copy(io.Discard, conn) // until the client gives up
		return
	}

	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	maps.Copy(w.Header(), f.header)
	status := real.status
	if f.status != 0 {
		status = f.status
	}
	if status == http.StatusNoContent && f.body != nil {
		status = http.StatusOK
	}
	var body heavy.Flow
	if f.body != nil {
		body = f.body(c.n, real, c.size)
	}
	if body == nil {
		body = heavy.Flow{heavy.Once(real.body)}
	}
	w.WriteHeader(status)
	if status == http.StatusNoContent {
		return
	}
	if body.Send(w) != nil {
		return
	}
	for f.drip > 0 && c.ctx.Err() == nil {
		time.Sleep(f.drip)
		if _, err := io.WriteString(w, " "); err != nil {
			return
		}
		w.(http.Flusher).Flush()
	}
}
