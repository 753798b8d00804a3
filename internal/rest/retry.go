package rest

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

const (
	backoffBase = 500 * time.Millisecond
	maxBackoff  = 15 * time.Second
	// maxRefused bounds the wait after a 429 that names none.
	maxRefused = 30 * time.Second
)

// check is go-retryablehttp's policy. The decision is made on the raw outcome;
// the error is built afterwards.
func (x *exchange) check(_ context.Context, _ *http.Response, _ error) (bool, error) {
	again := x.decide()
	if again && x.wait > 0 {
		x.resting = time.Now()
	}
	return again, nil
}

// decide reports whether to send again, and sets the wait before it.
func (x *exchange) decide() bool {
	if x.fault != nil {
		return x.decideFault()
	}
	if x.status != http.StatusTooManyRequests {
		x.refusals = 0
	}
	if x.sessionEnded() {
		return x.reopen()
	}

	switch x.status {
	case http.StatusUnauthorized:
		auth := x.client.cfg.Auth
		again := auth != nil && !x.req.Anonymous && !x.renewed && auth.Renew(x.mark)
		own := x.stranger() == ""
		if !own {
			x.markInDoubt(x.whatCame()) // a repeat may still be safe, with the new credential
		}
		// The one answer after which even a create is sent again: with a bad
		// credential nothing was done.
		if !again || !own && x.op.Replay == Once {
			return false
		}
		x.renewed, x.wait = true, 0
		return true

	case http.StatusTooManyRequests:
		wait := x.asked
		if wait <= 0 {
			wait = cmp.Or(x.op.RefusedWait, x.client.cfg.RefusedWait)
			if x.named {
				wait = min(wait, time.Second) // "at once" is taken at its word, nearly
			} else {
				wait = min(maxRefused, wait<<min(x.refusals, 10))
			}
		}
		x.refusals++
		x.free++
		return x.sleepable(wait) && x.paced(wait)

	case http.StatusLocked, http.StatusServiceUnavailable:
		switch {
		case x.named && x.isPage():
			return x.repeat(max(x.asked, time.Second)) // a proxy that lost the backend may answer so
		case x.named: // refused before doing it
			return x.again(max(x.asked, time.Second))
		}
		if x.status == http.StatusServiceUnavailable {
			return x.repeat(0)
		}

	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return x.repeat(x.asked)
	}

	if x.status/100 != 2 && !x.certain() {
		x.markInDoubt(x.whatCame())
	}
	return false
}

// certain reports a refusal, in the API's own words, of what was not done. A redirect
// is none: many servers answer so when they have carried out a POST. Nor is a status
// of 500 or above, which is not known to come before the deed.
func (x *exchange) certain() bool {
	return x.status >= 400 && x.status < 500 && x.stranger() == ""
}

// sessionEnded reports an answer below 400 that tells that the session has ended.
func (x *exchange) sessionEnded() bool {
	cfg := &x.client.cfg
	if cfg.SessionEnded == nil || cfg.Auth == nil || x.req.Anonymous || x.status >= 400 || x.cut != nil {
		return false
	}
	if x.stream && !x.whole && x.status/100 == 2 {
		return false
	}
	return cfg.SessionEnded(x.status, x.header, x.bytes())
}

// reopen renews the credential after such an answer, once, and reports whether to
// send again. A redirect or a page does not say that nothing was done, as a 401 does,
// or a refusal in the API's own words.
func (x *exchange) reopen() bool {
	if x.status/100 != 2 || !json.Valid(x.bytes()) {
		x.markInDoubt(x.statusLine() + " that ends the session")
	}
	if x.renewed || !x.client.cfg.Auth.Renew(x.mark) || x.op.Replay == Once {
		return false
	}
	x.renewed, x.wait = true, 0
	return true
}

// decideFault judges an attempt that has no answer.
func (x *exchange) decideFault() bool {
	x.refusals = 0
	if _, ok := errors.AsType[*unsent](x.fault); ok {
		return false
	}

	if neverSent(x.fault) {
		if untrusted(x.fault) || wantsProxyLogin(x.fault) || x.ctx.Err() != nil {
			return false
		}
		return x.again(x.backoff())
	}

	if x.ctx.Err() != nil {
		x.markInDoubt(x.whatCame())
		return false
	}
	return x.repeat(0)
}

// repeat is for outcomes that leave open whether the request was carried out.
func (x *exchange) repeat(floor time.Duration) bool {
	x.markInDoubt(x.whatCame())
	return x.op.Replay != Once && x.again(max(floor, x.backoff()))
}

// again is for what costs an attempt: it asks for a wait, and pays for the retry
// if the wait may be slept.
func (x *exchange) again(wait time.Duration) bool {
	if x.tries() >= x.maxAttempts() || !x.sleepable(wait) || !x.client.budget.take() {
		return false
	}
	x.retries++
	return true
}

// maxAttempts and maxWait are the call's own bounds, or else the client's.
func (x *exchange) maxAttempts() int {
	return cmp.Or(core.CallLimitsOf(x.ctx).MaxAttempts, x.client.cfg.MaxAttempts)
}

func (x *exchange) maxWait() time.Duration {
	return cmp.Or(core.CallLimitsOf(x.ctx).MaxWait, x.client.cfg.MaxWait)
}

// tries counts the attempts that were not refused for the rate.
func (x *exchange) tries() int { return x.attempts - x.free }

// backoff is full jitter under a doubling ceiling.
func (x *exchange) backoff() time.Duration {
	ceiling := min(maxBackoff, backoffBase<<min(x.tries()-1, 10))
	return rand.N(ceiling) + time.Millisecond
}

// sleepable takes the wait, or refuses it when it is longer than the cap, or than
// what is left to the deadline: sleeping first and failing then helps nobody.
func (x *exchange) sleepable(d time.Duration) bool {
	limit := x.maxWait()
	if deadline, ok := x.ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline))
	}
	x.wait = d
	return d <= limit
}

// paced bounds all waits for the rate of a call that has no deadline.
func (x *exchange) paced(d time.Duration) bool {
	if _, ok := x.ctx.Deadline(); ok {
		return true
	}

	limit := x.client.cfg.MaxPacing
	if own := core.CallLimitsOf(x.ctx).MaxWait; own > limit {
		limit = own // a single wait that the caller allows is slept
	}

	waited := time.Since(x.start)
	if d > limit-waited {
		x.overpaced = waited
		return false
	}
	return true
}

// untrusted reports a TLS failure that a retry will not fix.
func untrusted(err error) bool {
	var (
		record    tls.RecordHeaderError
		cert      *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
	)
	return errors.As(err, &record) || errors.As(err, &cert) || errors.As(err, &authority) ||
		errors.As(err, &hostname) || errors.As(err, &invalid)
}
