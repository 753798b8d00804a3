package pace

import "time"

const (
	// windowStart: requests that may be under way before the first answer. A
	// crowd that meets a small burst then draws a handful of refusals, not one
	// for each caller.
	windowStart = 4
	// windowStep: accepted requests for each further place. The window is then
	// a quarter of what has been accepted, so at the first refusal at most
	// about that many more are on their way.
	windowStep = 4
	// windowTrickle: one more place each 10 ms when no answer comes. A slow
	// server would otherwise let the crowd in only answer by answer; 100 more
	// requests a second is a rate most vendors bear for a moment.
	windowTrickle = 10 * time.Millisecond
	// windowOpen: beyond so many places there is no crowd to hold back.
	windowOpen = 1024
	// windowIdle: after such a silence the next crowd is met like the first.
	windowIdle = 30 * time.Second
)

// window limits how many requests without a verdict may be under way while no
// pace is known: a slow start.
type window struct {
	size int
	step int           // accepted since the last new place
	last time.Duration // the last request that left through a full window
	seen time.Duration // the last report
}

func (w *window) reset(underWay int) { w.size, w.step = windowStart+underWay, 0 }

func (w *window) room(underWay int) bool { return underWay < w.size || w.size >= windowOpen }

func (w *window) trickle() time.Duration { return w.last + windowTrickle }

// take books a request that leaves at now; through a full window it takes a
// new place.
func (w *window) take(now time.Duration, underWay int) {
	if !w.room(underWay) {
		w.size++
	}
	w.last = now
}

// accepted grows the window, if it is used: one that is at least half full.
func (w *window) accepted(underWay int) {
	if underWay < w.size/2 {
		return
	}
	if w.step++; w.step == windowStep {
		w.step = 0
		w.size = min(w.size+1, windowOpen)
	}
}

// grown says whether a silence would change the window.
func (w *window) grown() bool { return w.size > windowStart }

func (w *window) idle(now time.Duration) {
	if now-w.seen > windowIdle {
		w.reset(0)
	}
}
