package roster

import (
	"fmt"

	"github.com/rollcall-go/rollcall/core"
)

// An account stops when its credential is refused, and when more than maxBad of its
// last window ended steps went wrong: one vendor that fails fast must not stop the
// others, nor burn through its own list.
const (
	window = 50
	maxBad = 0.20
)

// stopped says why an account begins no steps any more, "" where it does.
func (e *engine) stopped(a *account) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return a.stopped
}

// count takes one ended step into the account's rate of errors. The caller holds mu.
func (e *engine) count(a *account, r Record) {
	bad := r.Result == core.ResultFailed || r.Result == core.ResultUnknown
	if bad && r.Error != nil && a.stopped == "" {
		switch r.Error.Class {
		case core.ClassUnauthenticated, core.ClassPermission:
			a.stopped = fmt.Sprintf("account %s stopped: %s", a.name, r.Error.Error())
		}
	}

	// Neither tells whether the account works: a step met a change, or was not begun.
	if r.Result == ResultMoved || r.Result == ResultWaiting {
		return
	}

	a.lastEnds[a.ends%window] = bad
	a.ends++
	if a.ends < window || a.stopped != "" {
		return
	}

	n := 0
	for _, b := range a.lastEnds {
		if b {
			n++
		}
	}
	if float64(n) > maxBad*window {
		a.stopped = fmt.Sprintf("account %s stopped: %d of its last %d steps went wrong", a.name, n, window)
	}
}
