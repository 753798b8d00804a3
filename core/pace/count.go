package pace

import "time"

// forgotten: a request without a verdict for so long is not waited for any
// more (twice as long at most).
const forgotten = time.Minute

// outstanding counts requests without a verdict, in two generations. A report
// takes from the young one first, so what is never reported stays in the old
// one and goes with it.
type outstanding struct {
	young, old int
	turned     time.Duration
}

func (o *outstanding) count() int { return o.young + o.old }

func (o *outstanding) add() { o.young++ }

func (o *outstanding) sub() {
	switch {
	case o.young > 0:
		o.young--
	case o.old > 0:
		o.old--
	}
}

func (o *outstanding) age(now time.Duration) {
	if now-o.turned < forgotten {
		return
	}
	if now-o.turned > 2*forgotten {
		o.young = 0
	}
	o.young, o.old, o.turned = 0, o.young, now
}

// recentSlots is how finely recent counts.
const recentSlots = 20

// recent counts what happened during the last span of time, in slots.
type recent struct {
	slot  time.Duration // a twentieth of the span
	slots [recentSlots]uint32
	last  int64 // number of the newest slot
}

func newRecent(span time.Duration) recent { return recent{slot: span / recentSlots} }

func (r *recent) add(now time.Duration) {
	r.turn(now)
	r.slots[r.last%recentSlots]++
}

func (r *recent) sum(now time.Duration) int {
	r.turn(now)
	sum := 0
	for _, n := range r.slots {
		sum += int(n)
	}
	return sum
}

// turn clears the slots that time has passed over.
func (r *recent) turn(now time.Duration) {
	n := int64(now / r.slot)
	if n-r.last > recentSlots {
		r.last = n - recentSlots
	}
	for r.last < n {
		r.last++
		r.slots[r.last%recentSlots] = 0
	}
}
