package rest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/rollcall-go/rollcall/core"
)

// Auth puts a credential on each attempt of a request.
type Auth interface {
	// Authorize adds the credential to the request and returns a mark that names
	// it. The request's headers are the attempt's own.
	Authorize(ctx context.Context, req *http.Request) (mark string, err error)
	// Renew is told that the vendor refused the credential with that mark, and
	// reports whether asking Authorize again can give another.
	Renew(mark string) bool
}

// Token is an access token or a session.
type Token struct {
	Value string
	// Expires is when it ends; zero means that the vendor did not say.
	Expires time.Time
}

// Tokens keeps one token for all callers: fetched once however many ask, again
// shortly before it ends, and again when the vendor refused it.
type Tokens struct {
	fetch  func(context.Context) (Token, error)
	flight singleflight.Group

	mu      sync.Mutex
	token   Token
	early   time.Time // when to fetch the next one in passing
	refusal refusal
}

// GoodToken reports whether a token can travel in a header.
func GoodToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return s != ""
}

// BuyToken fetches an access token with the client credentials grant: the
// credentials go into the form. Token is where call.Out puts it.
func (c *Client) BuyToken(ctx context.Context, call Request, id string, secret core.Secret, token *string) error {
	call.Anonymous = true
	call.Body = url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {id},
		"client_secret": {secret.Reveal()},
	}

	if _, err := c.Do(ctx, call); err != nil {
		return err
	}
	if !GoodToken(*token) {
		return &core.Error{Vendor: c.cfg.Vendor, Op: call.Op.Name, Class: core.ClassProtocol,
			Message: "the token service's answer holds no access_token that could be sent", Applied: core.AppliedNo}
	}
	c.KeepCredential(*token)
	return nil
}

// NewTokens returns a keeper that gets its tokens from fetch.
func NewTokens(fetch func(context.Context) (Token, error)) *Tokens {
	return &Tokens{fetch: fetch}
}

const (
	// maxEarly bounds how long before its end a token is renewed.
	maxEarly = time.Minute
	// earlyPause is how long a failed early renewal is left alone: the old
	// token still works.
	earlyPause = 30 * time.Second
	// fetchTimeout bounds a fetch, which does not end with the caller that
	// happened to start it: others wait for it too.
	fetchTimeout = time.Minute
)

// Get returns a token that is good now. The wait for one ends with the context,
// the fetch does not.
func (t *Tokens) Get(ctx context.Context) (string, error) {
	now := time.Now()
	t.mu.Lock()
	tok, early := t.token, t.early
	good := tok.Value != "" && (tok.Expires.IsZero() || now.Before(tok.Expires))
	if good && (tok.Expires.IsZero() || now.Before(early)) {
		t.mu.Unlock()
		return tok.Value, nil
	}

	// A token that still works is renewed in passing, and a failure is not repeated at once.
	refused := t.refusal.at(now)
	if good {
		t.early = now.Add(earlyPause)
	}
	t.mu.Unlock()

	switch {
	case refused != nil && good:
		return tok.Value, nil
	case refused != nil:
		return "", refused
	}

	ch := t.flight.DoChan("", func() (any, error) {
		// The bounds of the call that started it are not those of the others.
		fctx, cancel := context.WithTimeout(withoutLimits(context.WithoutCancel(ctx)), fetchTimeout)
		defer cancel()

		if other, err := t.settled(tok.Value); other != "" || err != nil {
			return other, err // it came between the look and the flight
		}

		start := time.Now()
		tok, err := t.guarded(fctx)
		t.keep(tok, err)
		tellToken(fctx, start, err)
		return tok.Value, err
	})

	if good {
		return tok.Value, nil
	}
	select {
	case res := <-ch:
		if res.Err != nil {
			return "", res.Err
		}
		return res.Val.(string), nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// withoutLimits returns a context with the client's own bounds.
func withoutLimits(ctx context.Context) context.Context {
	return core.WithMaxAttempts(core.WithMaxWait(ctx, 0), 0)
}

// settled returns the token that has taken the place of the one with that value, or
// the refusal that has.
func (t *Tokens) settled(value string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, tok := time.Now(), t.token
	if tok.Value != "" && tok.Value != value && (tok.Expires.IsZero() || now.Before(tok.Expires)) {
		return tok.Value, nil
	}
	return "", t.refusal.at(now)
}

// guarded fetches in a goroutine of its own: the source may be the caller's code, and
// one that panics there, or ends its goroutine, must not take the process along, nor
// leave all others waiting.
func (t *Tokens) guarded(ctx context.Context) (tok Token, err error) {
	done := make(chan struct{})
	err = sourceFailed("it ended without a token")
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				tok, err = Token{}, sourceFailed(fmt.Sprint(p))
			}
		}()
		tok, err = t.fetch(ctx)
	}()
	<-done
	return tok, err
}

// sourceFailed is the error of a source that broke down. The client that asked puts
// its name on it, and blanks it.
func sourceFailed(why string) error {
	return &core.Error{Op: "Token", Class: core.ClassUnauthenticated, Applied: core.AppliedNo,
		Message: "the source of the credential broke down: " + why}
}

// keep takes the token of a fetch, or remembers why there is none.
func (t *Tokens) keep(tok Token, err error) {
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.refusal = refusalOf(err, now); err != nil {
		return
	}

	t.token = tok
	if !tok.Expires.IsZero() {
		// A tenth of a short life, a minute of a long one.
		life := tok.Expires.Sub(now)
		t.early = tok.Expires.Add(-min(maxEarly, life/10))
	}
}

// Forget drops the token, whatever it is, and the memory of a refusal: the next call
// fetches one.
func (t *Tokens) Forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token, t.refusal = Token{}, refusal{}
}

// Drop forgets a token that the vendor refused, unless another has taken its
// place already.
func (t *Tokens) Drop(value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token.Value == value {
		t.token = Token{}
	}
}
