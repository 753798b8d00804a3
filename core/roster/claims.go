package roster

import (
	"errors"
	"math/rand/v2"
	"slices"
	"time"
)

// begin claims a lane, unless others have finished it.
func (e *engine) begin(l *lane) bool {
	e.catchUp()
	if e.finished(l) {
		e.put(l, false)
		return false
	}
	return e.take(l)
}

// take claims a lane. One that somebody else holds comes back later.
func (e *engine) take(l *lane) bool {
	if why := e.stopped(l.account); why != "" {
		e.put(l, false)
		return false
	}

	claim, err := e.Journal.Claim(e.ctx, ClaimRequest{Plan: e.id, Lanes: []string{l.name}, Owner: e.Owner, TTL: e.ClaimTTL})
	switch {
	case errors.Is(err, ErrNothing) && e.resolveOnly:
		e.put(l, true) // its holder will find out
		return false
	case errors.Is(err, ErrNothing):
		e.elsewhere()
		e.later(l)
		return false
	case err != nil:
		if e.ctx.Err() == nil {
			e.fail(err)
		}
		e.put(l, true)
		return false
	}

	e.hold(l, claim)
	l.delay = 0
	known := l.known()
	if claim.Last() <= known {
		return true
	}

	// Somebody else was here since this run read the journal. What counts is the lane's
	// own last record: a database numbers records before it shows them.
	e.elsewhere()
	for r, err := range e.Journal.Records(e.ctx, Query{Plan: e.id, Lane: l.name, After: known}) {
		if err != nil {
			e.fail(err)
			e.put(l, true)
			return false
		}
		if s := e.steps[r.Step]; s != nil {
			s.take(r)
		}
	}
	return true
}

// claimAhead claims the next lane while a worker is busy with one that it holds, so that the
// journal's answer is there when it is needed. At most one lane per worker is held in this
// way. Where claims last as long as the process they cost nothing, and none is made early.
func (e *engine) claimAhead(held *Claim) {
	e.mu.Lock()
	defer e.mu.Unlock()

	enough := len(e.ahead)+e.claiming >= e.Workers
	if enough || len(e.ready) == 0 || held == nil || held.Until().IsZero() || e.ctx.Err() != nil {
		return
	}
	l := e.ready[0]
	e.ready = e.ready[1:]
	if l.claim != nil { // it came back from a pause
		e.ahead = append(e.ahead, l)
		return
	}

	e.claiming++
	e.off++
	e.frees.Go(func() {
		ok := e.begin(l)

		e.mu.Lock()
		defer e.mu.Unlock()
		e.claiming--
		e.off--
		if ok {
			e.ahead = append(e.ahead, l)
		}
		e.wake.Broadcast()
	})
}

// elsewhere goes on at another place of the plan, because another run is here: the two would
// ask for the same lanes from now on.
func (e *engine) elsewhere() {
	if !e.mode.driven {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if n := len(e.ready); n > 1 {
		k := rand.IntN(n)
		e.ready = slices.Concat(e.ready[k:], e.ready[:k])
	}
}

// catchUpEvery is how often a run reads what others did.
const catchUpEvery = 200 * time.Millisecond

// catchUp reads what other runs of the plan did meanwhile, so that lanes which they
// finished need no claim. Only waiting lanes learn from it: whatever it misses shows
// when a lane is claimed.
func (e *engine) catchUp() {
	if !e.mode.driven || !e.reading.TryLock() {
		return
	}
	defer e.reading.Unlock()

	if time.Since(e.readAt) < catchUpEvery {
		return
	}

	var news []Record
	for r, err := range e.Journal.Records(e.ctx, Query{Plan: e.id, After: e.read}) {
		if err != nil {
			break
		}
		news = append(news, r)
	}
	e.readAt = time.Now()

	e.mu.Lock()
	defer e.mu.Unlock()
	waiting := make(map[*lane]bool, len(e.ready))
	for _, l := range e.ready {
		waiting[l] = l.claim == nil
	}
	for _, r := range news {
		e.read = r.Seq
		if s := e.steps[r.Step]; s != nil && waiting[s.lane] {
			known := s.seq
			s.take(r)
			s.seq = known // a record that was numbered before and shows later may be missing
		}
	}
}

// known is the Seq of the last record of the lane that this run has read.
func (l *lane) known() (seq int64) {
	for _, s := range l.steps {
		seq = max(seq, s.seq)
	}
	return seq
}

// later takes a lane from its worker, and offers it again after a pause.
func (e *engine) later(l *lane) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rest(l)
	e.again(l)
}

// again offers a lane after a pause that grows. The caller holds mu.
func (e *engine) again(l *lane) {
	l.delay = min(max(2*l.delay, 50*time.Millisecond), 500*time.Millisecond)
	e.offerAfter(l, l.delay, &e.delayed)
}

// offerAfter offers a lane after a pause, and counts it until then. The caller holds mu.
func (e *engine) offerAfter(l *lane, pause time.Duration, count *int) {
	*count++
	time.AfterFunc(pause, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		*count--
		e.offer(l)
	})
}

// put puts a lane down for good, in this run. An open one stays for the next. Nobody waits
// for the journal to give it back.
func (e *engine) put(l *lane, open bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rest(l)
	if l.claim == nil {
		e.down(l, open)
		return
	}

	claim := l.claim
	e.off++
	e.frees.Go(func() {
		err := e.Journal.Free(e.keep, claim)

		e.mu.Lock()
		defer e.mu.Unlock()
		e.off--
		l.claim = nil
		delete(e.held, l)

		switch {
		case errors.Is(err, ErrFenced) && e.ctx.Err() == nil:
			e.forget(l)
			e.again(l)
			return
		case err != nil && !errors.Is(err, ErrFenced):
			e.failed(err)
		}
		e.down(l, open)
	})
}

// down ends a lane in this run. The caller holds mu.
func (e *engine) down(l *lane, open bool) {
	if !open {
		e.explain(l)
	}
	e.leave(l)
}

// reopen offers a lane again whose claim this run has lost. What is true is read and
// looked at when it is claimed again.
func (e *engine) reopen(l *lane) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.forget(l)
	e.rest(l)
	e.again(l)
}

// forget drops what this run knows of a lane, because the journal may not have kept all of
// its outcomes. The caller holds mu.
func (e *engine) forget(l *lane) {
	l.at = 0
	for _, s := range l.steps {
		if good(s.result) {
			l.account.done--
			e.ended--
		}
		*s = state{Step: s.Step, index: s.index, lane: l, floor: s.floor}
	}
}
