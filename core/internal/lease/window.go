package lease

import "time"

const (
	// windowStart: requests that may be under way on this machine at least.
	windowStart = 2
	// windowOpened: requests that may be under way on all machines when the server lets
	// them go by themselves.
	windowOpened = 64
	// windowStep: accepted requests for each further place.
	windowStep = 4
	// windowTrickle: one more place each 10 ms when no answer comes.
	windowTrickle = 10 * time.Millisecond
	// windowBusy: up to so many places the server is told often what was accepted.
	windowBusy = 64
	// windowOpen: beyond so many places there is no crowd to hold back.
	windowOpen = 1024
)

// window limits the requests under way while no pace is known: a slow start.
type window struct {
	size int
	step int       // accepted since the last new place
	last time.Time // the last request that left
}

func (w *window) room(out int) bool { return out < w.size || w.size >= windowOpen }

// accepted grows the window, if it is used.
func (w *window) accepted(out int) {
	if out < w.size/2 {
		return
	}
	if w.step++; w.step == windowStep {
		w.step = 0
		w.size = min(w.size+1, windowOpen)
	}
}

// pumpWindow lets callers go while there is no pace.
func (b *bucket) pumpWindow(now time.Time) {
	for b.waiting() > 0 {
		if !b.window.room(b.out) {
			if next := b.window.last.Add(windowTrickle); next.After(now) {
				b.alarm(now, next)
				return
			}
			b.window.size++
		}

		b.window.last = now
		b.pop(urgent, nil)
	}
	b.alarm(now, time.Time{})
}
