package rest

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// FuzzHeaders: whatever stands before a body, a call ends, in a success or in a typed
// error, and no single wait is longer than MaxWait.
func FuzzHeaders(f *testing.F) {
	for _, lines := range []string{
		"Retry-After: 5", "Retry-After: -1\nRetry-After: 99999999999999999999", "Retry-After: rand(30),add(30)",
		"Retry-After: Sun, 06 Nov 1994 08:49:37 GMT",
		"Retry-After: Sunday, 06-Nov-94 08:49:37 GMT\nDate: Sun Nov  6 08:49:37 1994", "Retry-After: 4102444800\nDate: nonsense",
		"Date: Thu, 01 Jan 1970 00:00:00 GMT\nRetry-After: 1e9",
		`Link: <https://vendor.example/next>; rel="next"`, "Link: <,<,<;,;\"", "ETag: \"a\", W/\"b\nEtag: ",
		"Content-Type: text/html; charset=\"iso-8859-1", "Content-Type: ;;;=\nContent-Type: application/json",
		"Location: //evil.example/\nLocation: \x01", "Location: /things/t1", "Location: http://[::1", "Ac-Revision: 18446744073709551616",
		"Content-Encoding: gzip", "Content-Range: items 0-1/*",
		"Set-Cookie: a=b; Path=/\nSet-Cookie: =;", "Www-Authenticate: Bearer realm=\"", "X-Request-Id: " + strings.Repeat("a b", 400),
		"Retry-After: " + strings.Repeat("9", 5000),
		"Trailer: Retry-After", "Transfer-Encoding: chunked", "Content-Length: -5",
	} {
		for _, status := range []int{200, 204, 206, 302, 304, 400, 401, 404, 429, 503} {
			f.Add(status, lines, okBody, byte(status))
		}
	}
	f.Fuzz(func(t *testing.T, status int, lines, body string, which byte) {
		if status < 100 || status > 999 || len(lines) > 1<<16 || len(body) > 1<<12 {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			answeredWith(t, status, headerOf(lines), body, opsByClass[int(which)%len(opsByClass)])
		})
	})
}

// headerOf reads lines as a transport does that checks nothing.
func headerOf(lines string) http.Header {
	h := http.Header{}
	for line := range strings.SplitSeq(lines, "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			h.Add(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
	return h
}

// canned answers every request alike.
type canned struct {
	status int
	header http.Header
	body   string
}

// RoundTrip implements http.RoundTripper.
func (c canned) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		io.Copy(io.Discard, req.Body)
	}
	return &http.Response{StatusCode: c.status, Header: c.header.Clone(), ContentLength: -1, Body: io.NopCloser(strings.NewReader(c.body)),
		Request: req}, nil
}

func answeredWith(t *testing.T, status int, header http.Header, body string, op *Op) {
	t.Helper()
	const maxWait, maxPacing = 5 * time.Second, 20 * time.Second
	c := newClient(canned{status, header, body}, func(c *Config) {
		c.MaxWait, c.MaxPacing, c.Revisions = maxWait, maxPacing, true
		c.Auth = &bearer{NewTokens(new(numbered).fetch)}
		c.Observer = func(e core.Event) {
			if e.Kind == core.EventWait && e.Took > maxWait {
				t.Errorf("a wait of %v", e.Took)
			}
		}
	})
	for _, again := range []func(context.Context) error{
		func(ctx context.Context) error { _, err := c.Do(ctx, call(op, new(thing))); return err },
		func(ctx context.Context) error {
			_, err := walk(List[thing](ctx, c, call(opList, nil), nil))
			return err
		},
	} {
		start := time.Now()
		err := again(t.Context())
		require.LessOrEqual(t, time.Since(start), 2*maxPacing)
		if err != nil {
			e := failure(t, err)
			require.GreaterOrEqual(t, e.RetryAfter, time.Duration(0))
		}
	}
}
