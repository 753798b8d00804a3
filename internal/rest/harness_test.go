package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/leaktest"
	"github.com/rollcall-go/rollcall/internal/simnet"
)

// TestMain fails the package where goroutines of ours are left at the end.
func TestMain(m *testing.M) { leaktest.Main(m) }

// The operations of the tests, one for each replay class.
var (
	opGet    = &Op{Name: "Things.Get", Method: http.MethodGet, Path: "/things/{id}", Replay: Safe, Bucket: "api"}
	opList   = &Op{Name: "Things.List", Method: http.MethodGet, Path: "/things", Replay: Safe, Bucket: "api"}
	opPut    = &Op{Name: "Things.Replace", Method: http.MethodPut, Path: "/things/{id}", Replay: ReplaySafe, Bucket: "api"}
	opAdd    = &Op{Name: "Things.Add", Method: http.MethodPost, Path: "/things/{id}", Replay: Detectable, Bucket: "api"}
	opCreate = &Op{Name: "Things.Create", Method: http.MethodPost, Path: "/things/{id}", Replay: Once, Bucket: "api"}
)

var opsByClass = []*Op{opGet, opPut, opAdd, opCreate}

type thing struct {
	ID   string     `json:"id"`
	Name string     `json:"name,omitempty"`
	More core.Extra `json:"-"`
}

var testBase = mustURL("https://vendor.example/api")

func mustURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

// step answers one request: with a handler, or with an error as the transport
// would give it. A handler runs in its own goroutine and must not end the test.
type step struct {
	serve http.HandlerFunc
	err   error
}

// sent is one request as it left the client.
type sent struct {
	Method, URL string
	Header      http.Header
	Body        string
	At          time.Time
}

// peer is the other side of a conversation, in memory. The last step answers
// all further requests.
type peer struct {
	mu    sync.Mutex
	log   []sent
	steps []step
}

func talk(steps ...step) *peer { return &peer{steps: steps} }

func (p *peer) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		req.Body.Close()
	}
	p.mu.Lock()
	s := p.steps[min(len(p.log), len(p.steps)-1)]
	if len(p.log) >= 3000 {
		s = says(http.StatusTeapot, "this goes on for ever") // a test that fails instead of hanging
	}
	p.log = append(p.log, sent{req.Method, req.URL.String(), req.Header.Clone(), string(body), time.Now()})
	p.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	in := req.Clone(req.Context())
	in.Body = io.NopCloser(bytes.NewReader(body))
	return (&simnet.Transport{Handler: s.serve}).RoundTrip(in)
}

func (p *peer) sends() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.log)
}

func (p *peer) all() []sent {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]sent(nil), p.log...)
}

// says answers with a status and a body; headers come in pairs.
func says(status int, body string, headers ...string) step {
	return step{serve: func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}}
}

// cuts announces a whole body and breaks off in the middle of it.
func cuts(status int, body string) step {
	return step{serve: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		io.WriteString(w, body[:len(body)/2])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}}
}

// hangs never answers.
func hangs() step {
	return step{serve: func(_ http.ResponseWriter, r *http.Request) { broken(r) }}
}

// broken waits until the client gives up.
func broken(r *http.Request) {
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// loses breaks the connection before a byte of the answer.
func loses() step {
	return step{serve: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }}
}

func undialled() step {
	return step{err: &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}}
}

func times(n int, s step) []step {
	out := make([]step, n)
	for i := range out {
		out[i] = s
	}
	return out
}

const okBody = `{"id":"t1","name":"one"}`

func ok() step { return says(200, okBody) }

// newClient returns a conversation with a peer; set may change its config.
func newClient(rt http.RoundTripper, set ...func(*Config)) *Client {
	cfg := Config{Vendor: "acme", Transport: rt, MaxAttempts: 3, RequestIDHeaders: []string{"X-Request-Id"}}
	for _, f := range set {
		f(&cfg)
	}
	return New(cfg)
}

// call is a request of the operation as a vendor's method would make it.
func call(op *Op, out any) Request {
	r := Request{Op: op, Base: testBase, Out: out}
	if op != opList {
		r.Args = []string{"t1"}
	}
	if op.Replay != Safe {
		r.Body = map[string]any{"n": 1}
	}
	return r
}

// do sends one call of the operation and wants a thing back.
func do(ctx context.Context, c *Client, op *Op) error {
	var out thing
	_, err := c.Do(ctx, call(op, &out))
	if err == nil && out.ID == "" {
		return errors.New("a success without its value")
	}
	return err
}

// failure asserts that err is a *core.Error and returns it.
func failure(t testing.TB, err error) *core.Error {
	t.Helper()
	require.Error(t, err)
	e, is := errors.AsType[*core.Error](err)
	require.True(t, is, "every error is a *core.Error, this is %T: %v", err, err)
	require.Equal(t, "acme", e.Vendor)
	require.NotContains(t, e.Error(), "\n")
	require.Contains(t, []core.Applied{core.AppliedNo, core.AppliedYes, core.AppliedUnknown}, e.Applied)
	return e
}

// appliedAfter is what is known after an ambiguous end.
func appliedAfter(op *Op) core.Applied {
	if op.Replay == Safe {
		return core.AppliedNo
	}
	return core.AppliedUnknown
}

// meter is a governor that counts.
type meter struct {
	mu       sync.Mutex
	waits    []string
	verdicts []core.Verdict
	refuse   error
}

func (m *meter) Wait(_ context.Context, bucket string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waits = append(m.waits, bucket)
	return m.refuse
}

func (m *meter) Report(_ string, v core.Verdict) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.verdicts = append(m.verdicts, v)
}

// bearer authorizes with tokens that it fetches, as vendors do.
type bearer struct{ tokens *Tokens }

func (b *bearer) Authorize(ctx context.Context, req *http.Request) (string, error) {
	token, err := b.tokens.Get(ctx)
	if err != nil {
		return "", err
	}
	req.Header["Authorization"] = []string{"Bearer " + token}
	return token, nil
}

func (b *bearer) Renew(mark string) bool {
	b.tokens.Drop(mark)
	return true
}

// numbered fetches the tokens tok-1, tok-2, … and counts.
type numbered struct {
	mu   sync.Mutex
	n    int
	life time.Duration
	slow time.Duration
}

func (f *numbered) fetch(ctx context.Context) (Token, error) {
	if f.slow > 0 {
		select {
		case <-time.After(f.slow):
		case <-ctx.Done():
			return Token{}, ctx.Err()
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	tok := Token{Value: "tok-" + strconv.Itoa(f.n)}
	if f.life > 0 {
		tok.Expires = time.Now().Add(f.life)
	}
	return tok, nil
}

func (f *numbered) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n
}

// fixed is an API key: it cannot be renewed.
type fixed string

func (f fixed) Authorize(_ context.Context, req *http.Request) (string, error) {
	req.Header["Authorization"] = []string{"Bearer " + string(f)}
	return "", nil
}

func (fixed) Renew(string) bool { return false }
