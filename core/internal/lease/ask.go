package lease

import (
	"context"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// question asks the server, in the background. The caller holds mu.
func (b *bucket) question(kind, n int) {
	b.ask[kind] = true
	a, id := b.prepare(kind, n)
	patience := b.patience()
	go func() {
		g, err := b.take(a, patience)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.ask[kind] = false
		b.answer(id, a, g, err)
	}()
}

// prepare makes a question and its number, with all that is to be reported. The caller
// holds mu.
func (b *bucket) prepare(kind, n int) (a Ask, id int) {
	a = Ask{
		Bucket: b.name, Machine: b.g.me, N: n, Urgent: kind == urgent, Block: b.g.Block,
		Accepted: b.accepted, Fresh: b.fresh, Refused: b.refused, RetryAfter: b.retryAfter,
		UnderWay: b.out, Queued: b.queued, Away: b.away != nil,
		Told: b.told, Epoch: b.epoch, Rate: b.rate, Next: max(0, time.Until(b.ends)),
	}
	b.accepted, b.fresh, b.refused, b.queued = 0, 0, 0, false
	b.asked++
	return a, b.asked
}

func (b *bucket) take(a Ask, patience time.Duration) (Grant, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return b.g.Server.Take(ctx, a)
}

// patience is how long an answer is waited for. At first that is longer: a machine that
// does not know the others yet would take too much for itself. So it is while the server is
// away: nobody waits for that answer, and all machines connect at once. The caller holds mu.
func (b *bucket) patience() time.Duration {
	if b.away != nil || b.met.IsZero() || time.Since(b.met) < acquainted {
		return max(b.g.Patience, longPatience)
	}
	return b.g.Patience
}

// answer processes the server's answer. The caller holds mu.
func (b *bucket) answer(id int, a Ask, g Grant, err error) {
	now := time.Now()
	if err != nil {
		b.accepted, b.fresh, b.refused, b.queued = b.accepted+a.Accepted, b.fresh+a.Fresh, b.refused+a.Refused, b.queued || a.Queued
		b.goAway(err)
		return
	}

	b.learn(id, g, now)
	if a.Away && g.Rejoin > 0 {
		b.rejoin(g.Rejoin)
		return
	}
	b.comeBack()

	kind := bulk
	if a.Urgent {
		kind = urgent
	}

	if a.N > 0 {
		b.retry[kind] = now.Add(g.Retry)
	}
	for i := range g.K {
		at := now.Add(max(0, g.First+time.Duration(i)*g.Spacing))
		b.slots[kind] = append(b.slots[kind], at)
		b.ends = at.Add(g.Spacing)
	}
	b.refuseLate(now)
	b.pump(now)
}

// learn takes the pace from the server's answer, unless a later answer came first.
func (b *bucket) learn(id int, g Grant, now time.Time) {
	if g.At < b.at && now.Sub(b.heard) < maxStale {
		return
	}
	if g.Epoch != b.epoch {
		// What is under way left before the cut, and so will what was leased before it.
		b.stale, b.staleUntil = b.out+len(b.slots[bulk])+len(b.slots[urgent]), now.Add(maxStale)
		b.fresh, b.refused = 0, 0
	}

	if g.Open && !b.open {
		b.window = window{size: max(windowStart, windowOpened/max(1, g.Machines)) + b.out}
	}
	if b.met.IsZero() {
		b.met = now
	}

	b.at, b.heard, b.rate, b.epoch, b.machines = g.At, now, g.Rate, g.Epoch, max(1, g.Machines)
	b.refusing, b.open = g.Refusing, g.Open
	b.known = id >= b.needed

	if b.told.PerSecond > 0 && g.Told != b.told && b.g.differs.CompareAndSwap(false, true) {
		b.g.Notice("another machine was told another rate limit; the lowest one counts")
	}
}

// refuseLate ends the callers whose turn comes too late, as soon as that is known.
func (b *bucket) refuseLate(now time.Time) {
	if !b.paced() {
		return
	}
	for kind := range kinds {
		for at := b.wants[kind].Front(); at != nil; {
			w := at.Value.(*waiter)
			at = at.Next()
			if w.checked {
				continue
			}
			w.checked = true

			// Out of the queue while it is judged: turn counts everybody who is in it.
			b.wants[kind].Remove(w.place)
			if w.err = b.tooLate(w, now); w.err != nil {
				close(w.ready)
				continue
			}

			if at == nil {
				w.place = b.wants[kind].PushBack(w)
			} else {
				w.place = b.wants[kind].InsertBefore(w, at)
			}
		}
	}
}

// report takes a verdict.
func (b *bucket) report(v core.Verdict) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.out = max(0, b.out-1)

	fresh := true
	if b.stale > 0 && now.Before(b.staleUntil) {
		b.stale--
		fresh = false
	}

	if b.away != nil {
		b.away.Report(b.name, v)
	}

	switch {
	case v.Refused && fresh:
		b.refused++
		b.retryAfter = v.RetryAfter
		if b.rate == 0 {
			b.known, b.needed = false, b.asked+1 // the next answer brings a pace
			b.slots = [kinds][]time.Time{}
		}
		b.send(0)
	case v.Refused:
	default:
		b.accepted++
		if fresh {
			b.fresh++
		}
		if b.open {
			b.window.accepted(b.out + 1)
		}
		switch {
		case b.refusing && fresh:
			b.send(0) // every caller waits for this
		case b.rate == 0 && (!b.open || b.window.size < windowBusy):
			b.send(Block / 4) // the first refusal is near
		case b.told.PerSecond == 0 || b.rate < 0.97*b.told.PerSecond:
			b.send(Block)
		}
	}

	if b.waiting() > 0 {
		b.pump(now)
	}
}

// send reports after a while, if no question has taken the report along. The caller
// holds mu.
func (b *bucket) send(after time.Duration) {
	if b.away != nil || b.reporting && after > 0 {
		return
	}
	b.later(after, &b.reporting, func() bool { return b.accepted+b.refused > 0 && b.away == nil })
}

// later asks for no slots after a while: the question reports, and finds out how the
// server is. Coming is set until then. Nothing is asked unless it is still wanted. The
// caller holds mu.
func (b *bucket) later(after time.Duration, coming *bool, wanted func() bool) {
	*coming = true
	time.AfterFunc(after, func() {
		b.mu.Lock()
		*coming = false
		if !wanted() {
			b.mu.Unlock()
			return
		}

		a, id := b.prepare(bulk, 0)
		patience := b.patience()
		b.mu.Unlock()
		g, err := b.take(a, patience)

		b.mu.Lock()
		defer b.mu.Unlock()
		b.answer(id, a, g, err)
	})
}
