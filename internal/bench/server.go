package bench

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// serverEnv makes a program that calls ServeIfAsked the server.
const serverEnv = "ROLLCALL_BENCH_SERVER"

// ServeIfAsked turns this process into the server, or into one measurement of
// memory, if it was started as that, and then does not return. It must be called
// first in main or TestMain.
func ServeIfAsked() {
	measureIfAsked()
	if os.Getenv(serverEnv) == "" {
		return
	}
	v := newVendor()
	info := serverInfo{URL: map[Protocol]string{}}
	for _, p := range Protocols {
		s := httptest.NewUnstartedServer(v)
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				v.conns.Add(1)
			}
		}
		if p == HTTP {
			s.Start()
		} else {
			s.EnableHTTP2 = p == H2
			s.StartTLS()
			info.Cert = s.Certificate().Raw // the same for all
		}
		info.URL[p] = s.URL
	}
	info.Control = httptest.NewServer(http.HandlerFunc(v.control)).URL
	if err := json.NewEncoder(os.Stdout).Encode(info); err != nil {
		os.Exit(1)
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // ends with the process that started us
	os.Exit(0)
}

// A Protocol is how requests travel.
type Protocol string

// The protocols.
const (
	HTTP Protocol = "HTTP"
	TLS  Protocol = "TLS, HTTP/1.1"
	H2   Protocol = "TLS, HTTP/2"
)

// Protocols are all of them.
var Protocols = []Protocol{HTTP, TLS, H2}

type serverInfo struct {
	URL     map[Protocol]string
	Control string
	Cert    []byte
}

// A Server is the server process, seen from here.
type Server struct {
	serverInfo
	Roots *x509.CertPool
	cmd   *exec.Cmd
	stdin io.Closer
}

// StartServer starts this program again, as the server.
func StartServer() (*Server, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), serverEnv+"=1")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &Server{cmd: cmd, stdin: stdin, Roots: x509.NewCertPool()}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &s.serverInfo)
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("the server did not start: %w", err)
	}
	cert, err := x509.ParseCertificate(s.Cert)
	if err != nil {
		s.Close()
		return nil, err
	}
	s.Roots.AddCert(cert)
	return s, nil
}

// Close ends the server.
func (s *Server) Close() {
	_ = s.stdin.Close()
	_ = s.cmd.Wait()
}

// Conns returns how many connections the server has seen so far.
func (s *Server) Conns() (int, error) {
	var n int
	return n, s.ask("/conns", &n)
}

// Limit sets up a fresh rate limit, which holds below URL/limit/id.
func (s *Server) Limit(id string, l LimitKind) error {
	return s.ask("/limit?id="+id+"&kind="+string(l), nil)
}

// Refused returns how many requests that limit has refused.
func (s *Server) Refused(id string) (int, error) {
	var n int
	return n, s.ask("/refused?id="+id, &n)
}

func (s *Server) ask(path string, out any) error {
	res, err := http.Get(s.Control + path)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if out == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(out)
}

// vendor is the handler: it sends bytes that are there already, so that what is
// measured is the client.
type vendor struct {
	conns       atomic.Int64
	one, extra  []byte
	avaya, bare users

	mu     sync.Mutex
	limits map[string]*limiter
}

func newVendor() *vendor {
	return &vendor{
		one: avayaUser(7), extra: avayaUserExtra(7),
		avaya: newUsers(avayaUser), bare: newUsers(arrayUser),
		limits: map[string]*limiter{},
	}
}

// ServeHTTP serves, by the first segment of the path:
//
//	/extra/...       the user with unknown fields
//	/pages/total/... an Avaya listing of so many users
//	/array/total     a bare array of so many users
//	/limit/id/...    a user, within a rate limit
//	/...             the user
//
// and a token wherever one is asked for.
func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.URL.Path, "/protocol/openid-connect/token") {
		send(w, 200, []byte(`{"access_token":"eyJhbGciOiJSUzI1NiJ9.bench-token","expires_in":3600,"token_type":"Bearer"}`))
		return
	}
	head, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	argument, _, _ := strings.Cut(rest, "/")
	number, _ := strconv.Atoi(argument)
	switch head {
	case "extra":
		send(w, 200, v.extra)
	case "pages":
		_, _ = io.Copy(io.Discard, r.Body)
		q := r.URL.Query()
		page, _ := strconv.Atoi(q.Get("pageNumber"))
		size, _ := strconv.Atoi(q.Get("pageSize"))
		send(w, 200, v.avaya.page(page, size, number)...)
	case "array":
		send(w, 200, v.bare.array(number)...)
	case "limit":
		_, _ = io.Copy(io.Discard, r.Body)
		if !v.limiter(argument).admit(time.Now()) {
			w.Header().Set("Retry-After", "1")
			send(w, 429, []byte(`{"title":"Too Many Requests","status":429}`))
			return
		}
		time.Sleep(serviceTime)
		send(w, 202, v.one)
	default:
		send(w, 200, v.one)
	}
}

func send(w http.ResponseWriter, status int, parts ...[]byte) {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	h := w.Header()
	h["Content-Type"] = []string{"application/json"}
	h["X-Request-Id"] = []string{"bench-0001"}
	h["Content-Length"] = []string{strconv.Itoa(n)}
	w.WriteHeader(status)
	for _, p := range parts {
		if _, err := w.Write(p); err != nil {
			return
		}
	}
}

func (v *vendor) control(w http.ResponseWriter, r *http.Request) {
	id := r.FormValue("id")
	answer := int64(0)
	switch r.URL.Path {
	case "/conns":
		answer = v.conns.Load()
	case "/limit":
		v.mu.Lock()
		v.limits[id] = &limiter{kind: LimitKind(r.FormValue("kind")), tokens: limitBurst}
		v.mu.Unlock()
	case "/refused":
		answer = int64(v.limiter(id).refusals())
	}
	send(w, 200, []byte(strconv.FormatInt(answer, 10)))
}

func (v *vendor) limiter(id string) *limiter {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.limits[id]
}

// A LimitKind is how a vendor counts.
type LimitKind string

// The kinds: a token bucket, and windows that begin with the first request.
const (
	Bucket  LimitKind = "bucket"
	Windows LimitKind = "windows"
)

const (
	limitRate  = 50 // a second
	limitBurst = 10 // of the bucket

	// serviceTime is what a mutation takes that is let through. The tables of the
	// performance guide fit a vendor with about this much; without any, callers
	// who heed Retry-After stay in step for the whole job, which none do in life.
	serviceTime = 20 * time.Millisecond
)

type limiter struct {
	kind LimitKind

	mu      sync.Mutex
	refused int
	tokens  float64   // bucket
	last    time.Time // bucket: when the tokens were counted; windows: when the first began
	window  int       // windows: which one it is
	used    int       // of it
}

func (l *limiter) refusals() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refused
}

func (l *limiter) admit(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last.IsZero() {
		l.last = now
	}
	ok := false
	if l.kind == Bucket {
		l.tokens = math.Min(limitBurst, l.tokens+now.Sub(l.last).Seconds()*limitRate)
		l.last = now
		if ok = l.tokens >= 1; ok {
			l.tokens--
		}
	} else {
		if w := int(now.Sub(l.last) / time.Second); w != l.window {
			l.window, l.used = w, 0
		}
		if ok = l.used < limitRate; ok {
			l.used++
		}
	}
	if !ok {
		l.refused++
	}
	return ok
}
