package libh3lp

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// opLogin opens a session. A second one does no harm.
var opLogin = &rest.Op{Name: "Login", Method: http.MethodPost, Path: v1 + "/auth/login", Replay: rest.ReplaySafe, Bucket: bucketLogin}

// sessionCookie is what the cookie of a session is called.
const sessionCookie = "libraryh3lp-session"

// session keeps one session: a cookie, opened once for all callers with a form
// login, and once more when the vendor has ended it. The cookie is kept here and
// not in a jar, because at times its attributes did not fit its host.
type session struct {
	c        *Client
	username string
	password core.Secret
	tokens   *rest.Tokens
}

func newSession(c *Client, username string, password core.Secret) *session {
	s := &session{c: c, username: username, password: password}
	s.tokens = rest.NewTokens(s.open)
	return s
}

// Authorize implements rest.Auth.
func (s *session) Authorize(ctx context.Context, req *http.Request) (string, error) {
	cookie, err := s.tokens.Get(ctx)
	if err != nil {
		return "", err
	}
	req.Header["Cookie"] = []string{cookie}
	return cookie, nil
}

// Renew implements rest.Auth.
func (s *session) Renew(cookie string) bool {
	s.tokens.Drop(cookie)
	return true
}

func (s *session) forget() { s.tokens.Forget() }

// open logs in. Nothing says how long a session lives.
func (s *session) open(ctx context.Context) (rest.Token, error) {
	cookie, err := s.login(ctx)
	return rest.Token{Value: cookie}, err
}

func (s *session) login(ctx context.Context) (string, error) {
	call := s.c.call(opLogin)
	call.Anonymous = true
	call.Body = url.Values{"username": {s.username}, "password": {s.password.Reveal()}}
	call.Out = new(acknowledged)
	call.Check = func(body []byte) *core.Error {
		e := inspectYes(body)
		if e != nil {
			e.Class = core.ClassUnauthenticated
			e.Hint = "the login was refused: check the user name and the password, and that they belong to this region"
		}
		return e
	}
	res, err := s.c.rest.Do(ctx, call)
	if err != nil {
		return "", asLogin(err)
	}
	cookie := cookieOf(res.Header)
	if cookie == "" {
		return "", &core.Error{Vendor: vendor, Op: opLogin.Name, Class: core.ClassProtocol, Status: res.Status, RequestID: res.RequestID, Attempts: res.Attempts,
			Message: "the login was accepted, and no session came with it", Applied: core.AppliedNo}
	}
	s.c.rest.KeepCredential(cookie)
	_, value, _ := strings.Cut(cookie, "=")
	s.c.rest.KeepCredential(value)
	return cookie, nil
}

// asLogin corrects what the HTTP status says where a login fails: to callers who
// asked for a user, a 404 would look like the user's absence.
func asLogin(err error) error {
	e, ok := errors.AsType[*core.Error](err)
	if !ok {
		return err
	}
	if e.Applied != core.AppliedNo {
		e.Applied, e.Hint = core.AppliedNo, "" // a login changes nothing that was asked for
	}
	switch {
	case e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed || e.Status == http.StatusGone:
		e.Class, e.Hint = core.ClassProtocol, "there is no LibraryH3lp login at this address: check the base URL"
	case e.Class == core.ClassInvalid || e.Class == core.ClassPermission:
		e.Class = core.ClassUnauthenticated
	}
	return e
}

// cookieOf returns the session's cookie as it is sent back: by its name, or the
// first there is. It is cut out of the header by hand, so that no attribute and no
// odd value can lose it.
func cookieOf(h http.Header) string {
	first, found := "", ""
	for _, line := range h.Values("Set-Cookie") {
		pair, _, _ := strings.Cut(line, ";")
		pair = strings.TrimSpace(pair)
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" || value == "" || !rest.GoodToken(pair) {
			continue
		}
		if first == "" {
			first = pair
		}
		if strings.EqualFold(name, sessionCookie) {
			found = pair // the last, as a browser would have it
		}
	}
	if found == "" {
		return first
	}
	return found
}

// basicAuth sends name and password with each request.
type basicAuth struct {
	username string
	password core.Secret
}

// Authorize implements rest.Auth.
func (b *basicAuth) Authorize(_ context.Context, req *http.Request) (string, error) {
	req.SetBasicAuth(b.username, b.password.Reveal())
	return "", nil
}

// Renew implements rest.Auth.
func (b *basicAuth) Renew(string) bool { return false }
