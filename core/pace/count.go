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

const (
	recentSlot  = 50 * time.Millisecond
	recentSlots = int(time.Second / recentSlot)
)

// recent counts what was accepted during the last second, in slots.
type recent struct {
	slots [recentSlots]uint32
	last  int64 // number of the newest slot
}

func (r *recent) add(now time.Duration) {
	r.turn(now)
	r.slots[r.last%int64(recentSlots)]++
}

func (r *recent) perSecond(now time.Duration) float64 {
	r.turn(now)
	var sum uint32
	for _, n := range r.slots {
		sum += n
	}
	return float64(sum)
}

// turn clears the slots that time has passed over.
func (r *recent) turn(now time.Duration) {
	n := int64(now / recentSlot)
	if n-r.last > int64(recentSlots) {
		r.last = n - int64(recentSlots)
	}
	for r.last < n {
		r.last++
		r.slots[r.last%int64(recentSlots)] = 0
	}
}
