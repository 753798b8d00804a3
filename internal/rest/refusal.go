package rest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// refusal is what the token endpoint said last, where it gave no token, and until
// when that counts for all callers. Asking on at full speed would get nobody a token,
// and may lock the account.
type refusal struct {
	err   error
	until time.Time
}

const (
	// refusedKept is how long a refused credential is not tried again: it does not
	// change while a client lives, but somebody may fix it at the vendor.
	refusedKept = time.Minute
	// askedKept bounds what a Retry-After can ask for: one that is absurd must not
	// lock a client out for good.
	askedKept = 15 * time.Minute
	// oddKept is for an answer that makes no sense, such as a login page.
	oddKept = 5 * time.Second
)

// refusalOf says whether a failed fetch is remembered. Only what the vendor answered
// is: a source of the caller's own, or a lost connection, is tried again.
func refusalOf(err error, now time.Time) refusal {
	e, ok := err.(*core.Error)
	if !ok || e.Status == 0 {
		return refusal{}
	}

	kept := time.Duration(0)
	switch {
	case e.RetryAfter > 0:
		kept = min(e.RetryAfter, askedKept)
	case e.Class == core.ClassProtocol:
		kept = oddKept
	case e.Status == http.StatusTooManyRequests:
		kept = oddKept
	case e.Class == core.ClassUnauthenticated, e.Class == core.ClassPermission, e.Class == core.ClassInvalid:
		kept = refusedKept
	}

	if kept == 0 {
		return refusal{}
	}
	return refusal{err, now.Add(kept)}
}

// at returns the error that a caller gets at that time, or nil.
func (r refusal) at(now time.Time) error {
	if r.err == nil || !now.Before(r.until) {
		return nil
	}
	e, ok := errors.AsType[*core.Error](r.err)
	if !ok {
		return r.err
	}

	e = new(*e) // others got the same
	if e.Applied != core.AppliedNo {
		e.Applied, e.Hint = core.AppliedNo, "" // a doubt about a token is none about the caller's change
	}

	again := fmt.Sprintf("nothing was sent: the refusal is remembered, and asked about again in %s", r.until.Sub(now).Round(time.Millisecond))
	e.Hint = strings.TrimPrefix(e.Hint+"; "+again, "; ")
	return e
}

// DefaultLife is how long a token is taken to live where the vendor does not say.
const DefaultLife = time.Hour

// ReadLife reads the seconds of an expires_in, in whatever form they come: a whole
// number, a fraction, a text. Of anything else ok is false, and the token is as good
// as one without: see Life.
func ReadLife(raw json.RawMessage) (life time.Duration, ok bool) {
	const maxSeconds = 1 << 31
	seconds, err := strconv.ParseFloat(strings.Trim(strings.TrimSpace(string(raw)), `" `), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || math.IsNaN(seconds) || seconds <= 0 {
		return 0, false
	}
	return time.Duration(min(seconds, maxSeconds) * float64(time.Second)), true
}

// Life is ReadLife, and DefaultLife for what cannot be read.
func Life(raw json.RawMessage) time.Duration {
	life, _ := ReadLife(raw)
	return cmp.Or(life, DefaultLife)
}
