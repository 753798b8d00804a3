package libh3lp

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// Credentials is one of Login and Basic.
type Credentials interface {
	// prepare checks the values and returns what puts them on requests, and the
	// secrets that no error may repeat.
	prepare(c *Client) (rest.Auth, []core.Secret, error)
}

// Login logs in by name and password: those of the top-level account, or of a user who
// may administer others. The session is opened once for all callers, and once more when
// the vendor has ended it.
type Login struct {
	Username string
	Password core.Secret
}

func (l Login) prepare(c *Client) (rest.Auth, []core.Secret, error) {
	if err := complete("Login", l.Username, l.Password); err != nil {
		return nil, nil, err
	}
	c.username = l.Username
	return newSession(c, l.Username, l.Password), []core.Secret{l.Password}, nil
}

// Basic sends name and password with every request (HTTP Basic) instead of logging in
// once. The vendor's pages contradict each other about whether this works
// ("Authentication": not finished; "Request Formats": supported), and no client is known
// that uses it.
type Basic struct {
	Username string
	Password core.Secret
}

func (b Basic) prepare(c *Client) (rest.Auth, []core.Secret, error) {
	if err := complete("Basic", b.Username, b.Password); err != nil {
		return nil, nil, err
	}
	c.username = b.Username
	if strings.Contains(b.Username, ":") {
		return nil, nil, core.Invalid(vendor, "New", "Basic.Username contains a colon, which would separate it from the password")
	}

	pair := base64.StdEncoding.EncodeToString([]byte(b.Username + ":" + b.Password.Reveal()))
	return basicAuth{core.NewSecret("Basic " + pair)}, []core.Secret{b.Password, core.NewSecret(pair)}, nil
}

// complete refuses an incomplete credential.
func complete(name, username string, password core.Secret) error {
	switch {
	case username == "":
		return core.Invalid(vendor, "New", name+".Username is missing")
	case password.IsZero():
		return core.Invalid(vendor, "New", name+".Password is missing")
	}
	return nil
}

// opLogin opens a session. A second one does no harm.
var opLogin = &rest.Op{Name: "Login", Method: http.MethodPost, Path: v1 + "/auth/login", Replay: rest.ReplaySafe, Bucket: bucketLogin,
	Success: rest.Object(200).Has("success")}

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

	call.Check = func(body []byte) *core.Error {
		e := inspect(body)
		if v, _ := judge(body); e == nil && v.complains() {
			e = v.refusal() // of a failed login, a reason without "success" has been seen
		}
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
		return "", &core.Error{Vendor: vendor, Op: opLogin.Name, Class: core.ClassProtocol, Status: res.Status, RequestID: res.RequestID,
			Attempts: res.Attempts,
			Message:  "the login was accepted, but no session came with it", Applied: core.AppliedNo}
	}
	s.c.rest.KeepCredential(cookie)
	_, value, _ := strings.Cut(cookie, "=")
	s.c.rest.KeepCredential(value)
	return cookie, nil
}

// asLogin corrects the class of a failed login: to a caller who asked for a user, a 404
// would look like a missing user.
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

// cookieOf returns the session's cookie as it is sent back: by its name, or else the
// first one. It is cut out of the header by hand, so that an odd attribute or value
// cannot lose it.
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
			found = pair // the last one wins, as in a browser
		}
	}

	if found == "" {
		return first
	}
	return found
}

// basicAuth puts name and password on each request.
type basicAuth struct{ header core.Secret }

// Authorize implements rest.Auth.
func (b basicAuth) Authorize(_ context.Context, req *http.Request) (string, error) {
	req.Header["Authorization"] = []string{b.header.Reveal()}
	return "", nil
}

// Renew implements rest.Auth.
func (basicAuth) Renew(string) bool { return false }
