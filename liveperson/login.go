package liveperson

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Login logs a user in by name and password (Login Service API). The session is
// refreshed before it ends, and opened anew, once for all callers, when the
// vendor ends it. Client.Close logs out.
//
// Use a user for this alone: a login of the same user elsewhere can end the
// session. It is not for accounts with single sign-on.
type Login struct {
	Username string
	Password core.Secret
}

const loginPath = "/api/account/{accountId}/"

var (
	// opLogin opens a session. A second one does no harm. After a refusal for the rate,
	// the vendor asks for five seconds.
	opLogin = &rest.Op{Name: "Login", Method: http.MethodPost, Path: loginPath + "login", Replay: rest.ReplaySafe, Bucket: bucketToken,
		RefusedWait: 5 * time.Second, Success: rest.Object(http.StatusOK)}
	opRefresh = &rest.Op{Name: "Login.Refresh", Method: http.MethodPost, Path: loginPath + "refresh", Replay: rest.ReplaySafe,
		Bucket:  bucketToken,
		Success: rest.Anything(http.StatusOK, http.StatusNoContent)}
	opLogout = &rest.Op{Name: "Login.Logout", Method: http.MethodPost, Path: loginPath + "logout", Replay: rest.ReplaySafe,
		Bucket:  bucketToken,
		Success: rest.Anything(http.StatusOK, http.StatusNoContent)}
)

func (l Login) prepare(c *Client) (rest.Auth, []core.Secret, error) {
	switch {
	case l.Username == "":
		return nil, nil, core.Invalid(vendor, "New", "Login.Username is missing")
	case l.Password.IsZero():
		return nil, nil, core.Invalid(vendor, "New", "Login.Password is missing")
	}
	a := &loginAuth{c: c, login: l}
	a.tokens = rest.NewTokens(a.fetch)
	return a, []core.Secret{l.Password}, nil
}

// loginAuth keeps one session.
type loginAuth struct {
	c      *Client
	login  Login
	tokens *rest.Tokens

	mu      sync.Mutex
	session *session
	closed  bool
}

// session is an open login. It is never changed.
type session struct {
	bearer, csrf, cookie string
	user                 string // the id of the user who logged in, if the vendor names it
	life                 time.Duration
	ends                 time.Time
}

// Authorize implements rest.Auth.
func (a *loginAuth) Authorize(ctx context.Context, req *http.Request) (string, error) {
	if a.isClosed() {
		return "", errClosed()
	}
	bearer, err := a.tokens.Get(ctx)
	if err != nil {
		return "", err
	}
	rest.SetBearer(req, bearer)
	return bearer, nil
}

func errClosed() error { return core.Invalid(vendor, opLogin.Name, "the client is closed") }

func (a *loginAuth) isClosed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.closed
}

// Renew implements rest.Auth: a bearer that was refused cannot be refreshed.
func (a *loginAuth) Renew(bearer string) bool {
	a.mu.Lock()
	if a.session != nil && a.session.bearer == bearer {
		a.session = nil
	}
	closed := a.closed
	a.mu.Unlock()
	a.tokens.Drop(bearer)
	return !closed
}

// fetch refreshes the session while it lives, and else opens one.
func (a *loginAuth) fetch(ctx context.Context) (rest.Token, error) {
	a.mu.Lock()
	s := a.session
	a.mu.Unlock()

	if s != nil && time.Now().Before(s.ends) {
		next := *s
		next.ends = time.Now().Add(s.life)
		err := a.post(ctx, opRefresh, s)
		if err == nil {
			return a.keep(ctx, &next)
		}
		switch core.ClassOf(err) {
		case core.ClassUnauthenticated, core.ClassPermission, core.ClassNotFound, core.ClassInvalid:
		default:
			// The session lives on; it will be tried again.
			again := time.Now().Add(time.Minute)
			if s.ends.Before(again) {
				again = s.ends
			}
			return rest.Token{Value: s.bearer, Expires: again}, nil
		}
	}

	s, err := a.open(ctx)
	if err != nil {
		return rest.Token{}, err
	}
	return a.keep(ctx, s)
}

// keep makes s the session, unless the client was closed meanwhile: then it must
// not be left open.
func (a *loginAuth) keep(ctx context.Context, s *session) (rest.Token, error) {
	a.mu.Lock()
	closed := a.closed
	if !closed {
		a.session = s
	}

	a.mu.Unlock()
	if closed {
		a.post(ctx, opLogout, s)
		return rest.Token{}, errClosed()
	}

	// A caller in the last quarter of its life refreshes it.
	return rest.Token{Value: s.bearer, Expires: s.ends.Add(-s.life / 4)}, nil
}

type loginBody struct {
	Username string      `json:"username"`
	Password core.Secret `json:"password"`
}

type loginQuery struct {
	V string `url:"v"`
}

type loginAnswer struct {
	Bearer    string `json:"bearer"`
	CSRF      string `json:"csrf"`
	SessionID string `json:"sessionId"`
	// TTL is milliseconds, in the vendor's spelling.
	TTL    wire.Word `json:"sessionTTl"`
	Config whose     `json:"config"`
}

// whose is the user of a login. It is a detail, so what cannot be read is left empty.
type whose struct{ UserID wire.Word }

func (w *whose) UnmarshalJSON(data []byte) error {
	var in struct {
		UserID wire.Word `json:"userId"`
	}
	if json.Unmarshal(data, &in) == nil {
		w.UserID = in.UserID
	}
	return nil
}

// sessionLife is the vendor's default, for an answer that omits it.
const sessionLife = 8 * time.Hour

func (a *loginAuth) open(ctx context.Context) (*session, error) {
	call, err := a.c.call(ctx, opLogin, serviceLogin)
	if err != nil {
		return nil, err
	}
	var answer loginAnswer
	call.Anonymous, call.Out = true, &answer
	call.Query = loginQuery{V: "1.3"}
	call.Body = loginBody{a.login.Username, a.login.Password}
	asked := time.Now()
	res, err := a.c.rest.Do(ctx, call)
	if err != nil {
		return nil, err
	}

	if !rest.GoodToken(answer.Bearer) {
		return nil, &core.Error{Vendor: vendor, Op: opLogin.Name, Class: core.ClassProtocol,
			Message: "the login service's answer contains no usable bearer", Applied: core.AppliedNo}
	}
	s := &session{bearer: answer.Bearer, csrf: answer.CSRF, cookie: sessionCookie(res.Header, answer.SessionID), life: sessionLife,
		user: string(answer.Config.UserID)}
	if ms, ok := rest.ReadLife([]byte(answer.TTL)); ok {
		s.life = max(time.Second, ms/1000)
	}

	s.ends = asked.Add(s.life)
	a.c.rest.KeepCredential(s.bearer)
	a.c.rest.KeepCredential(s.csrf)
	a.c.rest.KeepCredential(answer.SessionID)

	for pair := range strings.SplitSeq(s.cookie, "; ") {
		_, value, _ := strings.Cut(pair, "=")
		a.c.rest.KeepCredential(value)
	}
	return s, nil
}

// sessionCookie returns the cookies to send back. The session's is documented as
// a cookie; LivePerson's own tools take it from the body.
func sessionCookie(h http.Header, sessionID string) string {
	var pairs []string
	found := false
	for _, c := range (&http.Response{Header: h}).Cookies() {
		pairs = append(pairs, c.Name+"="+c.Value)
		found = found || strings.EqualFold(c.Name, "Session_id")
	}
	if !found && sessionID != "" {
		pairs = append(pairs, "Session_id="+sessionID)
	}
	return strings.Join(pairs, "; ")
}

type csrfBody struct {
	CSRF string `json:"csrf"`
}

// userID returns the id of the user who logged in, "" if the vendor did not name it.
func (a *loginAuth) userID(ctx context.Context) (string, error) {
	if _, err := a.tokens.Get(ctx); err != nil {
		return "", err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.session == nil {
		return "", nil
	}
	return a.session.user, nil
}

// post refreshes or ends a session: both want its cookie and its csrf, and
// answer with nothing.
func (a *loginAuth) post(ctx context.Context, op *rest.Op, s *session) error {
	call, err := a.c.call(ctx, op, serviceLogin)
	if err != nil {
		return err
	}
	call.Anonymous, call.Body = true, csrfBody{s.csrf}
	call.Header = http.Header{"Cookie": {s.cookie}}
	_, err = a.c.rest.Do(ctx, call)
	return err
}

func (a *loginAuth) close(ctx context.Context) error {
	a.mu.Lock()
	s := a.session
	a.session, a.closed = nil, true
	a.mu.Unlock()
	if s == nil || !time.Now().Before(s.ends) {
		return nil
	}

	a.tokens.Drop(s.bearer)
	err := a.post(ctx, opLogout, s)
	if core.ClassOf(err) == core.ClassUnauthenticated {
		return nil // it had ended already
	}
	return err
}
