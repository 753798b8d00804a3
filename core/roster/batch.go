package roster

import (
	"sync"

	"github.com/rollcall-go/rollcall/core"
)

type batchKey struct {
	account string
	op      core.Operation
}

// batch are steps of several lanes that one request can hold.
type batch struct {
	account *account
	op      core.Operation
	lanes   []*lane
}

// joins puts a step into the batch of its account and operation, where the vendor
// takes many users in one write.
func (e *engine) joins(l *lane, s *state) bool {
	size := l.account.caps.Of(s.Op).Cost.Batch
	if size < 2 || s.Floor != nil || !isLinkOp(s.Op) {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	key := batchKey{l.account.name, s.Op}
	b := e.batches[key]
	if b == nil {
		b = &batch{account: l.account, op: s.Op}
		e.batches[key] = b
	}
	b.lanes = append(b.lanes, l)
	if len(b.lanes) >= size {
		e.flushNow(key)
	}
	e.rest(l)
	return true
}

func isLinkOp(op core.Operation) bool {
	switch op {
	case core.OpAssign, core.OpUnassign, core.OpSuspend, core.OpResume:
		return true
	}
	return false
}

// flushNow hands one batch to the workers. The caller holds mu.
func (e *engine) flushNow(key batchKey) {
	if b := e.batches[key]; b != nil {
		delete(e.batches, key)
		e.flushes = append(e.flushes, b)
		e.wake.Broadcast()
	}
}

// flushAccount hands an account's batches out when no lane is left that could still
// join them. The caller holds mu.
func (e *engine) flushAccount(a *account) {
	for key := range e.batches {
		if key.account == a.name {
			e.flushNow(key)
		}
	}
}

// flushRest hands all batches out, and reports whether there were any. The caller
// holds mu.
func (e *engine) flushRest() bool {
	for key := range e.batches {
		e.flushNow(key)
	}
	return len(e.flushes) > 0
}

// flush writes the steps of a batch with one call. Each lane has its own intent and
// its own outcomes.
func (e *engine) flush(b *batch) {
	e.mu.Lock()
	b.account.active += len(b.lanes)
	e.mu.Unlock()
	lanes := e.intendAll(b.lanes)
	if len(lanes) == 0 {
		return
	}
	var links []core.Assignment
	cuts := make([]int, len(lanes))
	for i, l := range lanes {
		links = append(links, ownLinks(l.steps[l.at].Step)...)
		cuts[i] = len(links)
	}

	ctx, done := e.writingAll(lanes)
	outcomes, err := linkWrite(b.account.store, b.op)(ctx, links...)
	done()
	from := 0
	for i, l := range lanes {
		var own []core.Outcome
		if len(outcomes) == len(links) {
			own = outcomes[from:cuts[i]]
		}
		r := endedLinks(links[from:cuts[i]], own, err)
		from = cuts[i]
		end, again := e.conclude(l, l.steps[l.at], r)
		e.goOn(l, end, again)
	}
}

// intendAll makes the intents of several lanes durable, with one sync where the
// journal can. Lanes that the journal refuses are put down.
func (e *engine) intendAll(lanes []*lane) []*lane {
	ok := make([]bool, len(lanes))
	var wait sync.WaitGroup
	for i, l := range lanes {
		wait.Go(func() {
			var end stepEnd
			if end, ok[i] = e.intend(l, l.steps[l.at]); !ok[i] && end == stepStopped {
				e.put(l, e.ctx.Err() != nil)
			}
		})
	}
	wait.Wait()
	var kept []*lane
	for i, l := range lanes {
		if ok[i] {
			kept = append(kept, l)
		}
	}
	return kept
}

// goOn takes a lane up again that was parked and is active again: at its next step, at
// the same one again, or to put it down.
func (e *engine) goOn(l *lane, end stepEnd, again bool) {
	if !again && end == stepParked {
		return
	}
	if !again && end != stepDone {
		e.put(l, e.ctx.Err() != nil)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !again {
		l.at++
	}
	e.ready = append(e.ready, l)
	e.wake.Signal()
}
