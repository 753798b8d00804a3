package roster

import (
	"errors"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

const (
	// maxLooks is how often one run looks again at a step whose look met a list that moved.
	maxLooks = 3

	// lookPause is how long a run waits before the second of them. The third waits twice as long.
	lookPause = 2 * time.Second
)

// looksAgain puts a lane aside whose look met a list that moved, and reports whether it did.
// A doubt is what the write returned whose end is looked for.
//
// A list of several pages moves while users are created and deleted, and this run does just
// that. Looked at again at once, it would move again; so the lane waits until the others rest.
// Lists move for other reasons, too. That is why the looks are few, and the last one counts.
func (e *engine) looksAgain(l *lane, s *state, at sight, doubt *Record) bool {
	if at.state != lookUnsure || !errors.Is(at.err, core.ErrIncomplete) || s.looks == maxLooks || e.ctx.Err() != nil {
		s.doubt = nil
		return false
	}

	e.mu.Lock()
	defer e.mu.Unlock()
	s.looks++
	s.doubt = doubt
	e.unsure = append(e.unsure, l)
	e.rest(l)
	return true
}

// lookNext offers one lane that was put aside, and reports whether there was any. One at a
// time: what it sends would move the list for the others. Lanes that other runs hold are not
// waited for, because those runs may wait for ours. The caller holds mu, and the lanes of this
// run rest.
func (e *engine) lookNext() bool {
	if len(e.unsure) == 0 {
		return false
	}
	l := e.unsure[0]
	e.unsure = e.unsure[1:]

	e.offerAfter(l, time.Duration(l.steps[l.at].looks-1)*lookPause, &e.off)
	return true
}

// lookNow offers all lanes that were put aside, because the run is about to end, and reports
// whether there were any. The caller holds mu.
func (e *engine) lookNow() bool {
	any := len(e.unsure) > 0
	for _, l := range e.unsure {
		e.offer(l)
	}
	e.unsure = nil
	return any
}
