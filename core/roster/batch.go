package roster

import (
	"context"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// gather is how long the first of several lanes waits for others, so that one request
// serves all of them. Where no other lane is on its way, nobody waits.
const gather = 5 * time.Second

type batchKey struct {
	account string
	op      core.Operation
}

// batch are steps of several lanes that share a call.
type batch struct {
	account *account
	op      core.Operation
	lanes   []*lane
}

// sharing is the operation of a step's next call, and how many lanes can share it; less
// than two where none can.
func sharing(a *account, s *state) (op core.Operation, size int) {
	if op = s.Op; s.linking {
		op = core.OpAssign
	}
	if s.Floor != nil || !a.shares(op) {
		return op, 0
	}
	return op, a.caps.Of(op).Cost.Batch
}

// shares reports whether a store takes many users in one call of an operation.
func (a *account) shares(op core.Operation) (ok bool) {
	switch op {
	case core.OpCreateUser:
		_, ok = a.store.(core.BatchCreator)
	case core.OpUpdateUser:
		_, ok = a.store.(core.BatchUpdater)
	case core.OpDeleteUser:
		_, ok = a.store.(core.BatchDeleter)
	case core.OpBlock:
		_, ok = a.store.(core.BatchBlocker)
	default:
		ok = isLinkOp(op)
	}
	return ok
}

// joins puts a lane's next call into the batch of its account and operation, where
// the vendor shares requests among many users.
func (e *engine) joins(l *lane, s *state) bool {
	op, size := sharing(l.account, s)
	if size < 2 {
		return false
	}

	e.mu.Lock()
	defer e.mu.Unlock()
	key := batchKey{l.account.name, op}
	b := e.batches[key]
	if b == nil {
		b = &batch{account: l.account, op: op}
		e.batches[key] = b
		time.AfterFunc(gather, func() { e.flushLate(key, b) })
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

// flushLate hands out a batch that has waited for long enough.
func (e *engine) flushLate(key batchKey, b *batch) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.batches[key] == b {
		e.flushNow(key)
	}
}

// flushNow hands one batch to the workers. The caller holds mu.
func (e *engine) flushNow(key batchKey) {
	if b := e.batches[key]; b != nil {
		delete(e.batches, key)
		e.flushes = append(e.flushes, b)
		e.wake.Signal()
	}
}

// flushAccount hands out what an account's lanes wait for together, when no lane is left
// that could still join them. The caller holds mu.
func (e *engine) flushAccount(a *account) {
	for key := range e.batches {
		if key.account == a.name {
			e.flushNow(key)
		}
	}
	for key, g := range e.settling {
		if key.account == a.name {
			g.begin()
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

// flush makes the call that the lanes of a batch share. Each lane has its own intent
// and its own end.
func (e *engine) flush(b *batch) {
	e.mu.Lock()
	b.account.active += len(b.lanes)
	e.mu.Unlock()

	lanes := b.lanes
	if e.ctx.Err() != nil {
		lanes = e.putNotBegun(lanes)
	}

	if why := e.stopped(b.account); why != "" {
		for _, l := range lanes {
			e.goOn(l, e.waits(l, l.steps[l.at], why, false), false)
		}
		return
	}
	if lanes = e.intendAll(lanes); len(lanes) == 0 {
		return
	}

	ctx, done := e.writing(lanes...)
	records := e.share(ctx, b, lanes)
	done()

	for i, l := range lanes {
		end, again := e.wrote(l, l.steps[l.at], records[i])
		e.goOn(l, end, again)
	}
}

// putNotBegun puts the lanes down whose step has not begun, and returns the others.
func (e *engine) putNotBegun(lanes []*lane) []*lane {
	var kept []*lane
	for _, l := range lanes {
		if l.underWay() {
			kept = append(kept, l)
		} else {
			e.put(l, true)
		}
	}
	return kept
}

// share makes one call for the steps of several lanes, and returns a record for each.
func (e *engine) share(ctx context.Context, b *batch, lanes []*lane) []Record {
	var records []Record
	ids := make([]string, len(lanes))
	for i, l := range lanes {
		ids[i] = l.steps[l.at].User
	}

	switch store := b.account.store; b.op {
	case core.OpCreateUser:
		specs := make([]core.UserSpec, len(lanes))
		for i, l := range lanes {
			specs[i] = e.specOf(l, l.steps[l.at])
		}
		for _, o := range store.(core.BatchCreator).CreateUsers(ctx, specs...) {
			records = append(records, made(o.User, o.Err))
		}
	case core.OpUpdateUser:
		updates, logins := make([]core.UserUpdate, len(lanes)), make([]string, len(lanes))
		for i, l := range lanes {
			logins[i] = l.steps[l.at].Login
			updates[i] = core.UserUpdate{ID: ids[i], Change: guardedChange(l.steps[l.at].Step)}
		}
		if outcomes := store.(core.BatchUpdater).UpdateUsers(ctx, updates...); len(outcomes) == len(lanes) {
			for i, o := range outcomes {
				records = append(records, updated(logins[i], o.User, o.Err))
			}
		}
	case core.OpDeleteUser:
		for _, err := range store.(core.BatchDeleter).DeleteUsers(ctx, ids...) {
			records = append(records, deleted(err))
		}
	case core.OpBlock:
		for _, o := range store.(core.BatchBlocker).BlockUsers(ctx, ids...) {
			records = append(records, blocked(o.Block, o.Err))
		}
	default:
		return e.shareLinks(ctx, b, lanes)
	}

	if len(records) != len(lanes) {
		records = make([]Record, len(lanes))
		for i := range records {
			records[i] = ended(uncounted("user"))
		}
	}
	return records
}

// shareLinks changes the links of several lanes in one call.
func (e *engine) shareLinks(ctx context.Context, b *batch, lanes []*lane) []Record {
	var links []core.Assignment
	cuts := make([]int, len(lanes))
	for i, l := range lanes {
		links = append(links, l.steps[l.at].wanted()...)
		cuts[i] = len(links)
	}
	outcomes, err := linkWrite(b.account.store, b.op)(ctx, links...)

	records := make([]Record, len(lanes))
	from := 0
	for i := range lanes {
		var own []core.Outcome
		if len(outcomes) == len(links) {
			own = outcomes[from:cuts[i]]
		}
		records[i] = endedLinks(links[from:cuts[i]], own, err)
		from = cuts[i]
	}
	return records
}

// intendAll makes the intents of several lanes durable, with one sync where the
// journal can. Lanes that the journal refuses are put down.
func (e *engine) intendAll(lanes []*lane) []*lane {
	ok := make([]bool, len(lanes))
	var wait sync.WaitGroup

	// Side by side, so that the journal can sync them together.
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
	switch {
	case !again && end == stepParked:
		return // somebody else has it already
	case !again && end != stepDone:
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
