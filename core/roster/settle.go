package roster

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// settleGroup are lanes whose latest change the vendor has accepted and not finished.
type settleGroup struct {
	key     batchKey
	account *account
	lanes   []*lane
	full    chan struct{} // closed when nobody else is waited for
	once    sync.Once
}

// begin ends the gathering.
func (g *settleGroup) begin() { g.once.Do(func() { close(g.full) }) }

// settles reports whether an account carries an operation out later.
func (e *engine) settles(a *account, op core.Operation) bool {
	switch op {
	case core.OpCreateUser, core.OpUpdateUser, core.OpDeleteUser:
		_, ok := a.store.(core.Settler)
		return ok && a.caps.Of(core.OpSettle).Support != core.NotOffered
	}
	return false
}

// mayFail reports whether a change of ours that a look found done may still fail: the
// vendor shows what it has accepted before it has carried all of it out.
func (e *engine) mayFail(l *lane, s *state, at sight) bool {
	return s.intent && (s.Op != core.OpDeleteUser || at.leaving) && e.settles(l.account, s.Op)
}

// accept records that the vendor has accepted a change, and waits for its end.
func (e *engine) accept(l *lane, s *state, r Record) stepEnd {
	err := e.Journal.Append(e.keep, l.claim, Record{Step: s.ID, Phase: PhaseAccepted, At: e.Now().UTC(), User: r.User})
	if err != nil {
		return e.lost(l, err)
	}

	e.mu.Lock()
	s.accepted = true
	if r.User != "" {
		s.User, s.found = r.User, r.User
	}
	e.mu.Unlock()
	return e.park(l, s)
}

// park hands a lane to those who wait for accepted changes. No worker is held.
func (e *engine) park(l *lane, s *state) stepEnd {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ctx.Err() != nil {
		return stepStopped
	}

	key := batchKey{l.account.name, s.Op}
	g := e.settling[key]
	if g == nil {
		g = &settleGroup{key: key, account: l.account, full: make(chan struct{})}
		e.settling[key] = g
		e.settlers.Go(func() { e.settle(g) })
	}

	g.lanes = append(g.lanes, l)
	e.off++
	e.rest(l)
	return stepParked
}

// settle gathers for a while, because one poll watches many, and then waits for all that
// came.
func (e *engine) settle(g *settleGroup) {
	late := time.AfterFunc(gather, g.begin)
	select {
	case <-g.full:
	case <-e.settleCtx.Done():
	}
	late.Stop()

	e.mu.Lock()
	delete(e.settling, g.key)
	e.mu.Unlock()

	opts := []core.SettleOption{core.SettleWait(e.Settle), core.SettleAfter(changeOf(g.key.op))}
	byID := map[string]*lane{}
	for _, l := range g.lanes {
		byID[l.steps[l.at].User] = l
	}

	many, ok := g.account.store.(core.BatchSettler)
	if !ok {
		one := g.account.store.(core.Settler)
		for id, l := range byID {
			e.settlers.Go(func() {
				s, err := one.Settle(e.settleCtx, id, opts...)
				e.settled(l, s, err)
			})
		}
		return
	}
	e.settleMany(many, byID, opts)
}

func (e *engine) settleMany(store core.BatchSettler, byID map[string]*lane, opts []core.SettleOption) {
	ids := make([]string, 0, len(byID))
	for id := range byID {
		ids = append(ids, id)
	}

	var end error = &core.Error{Op: string(core.OpSettle), Class: core.ClassProtocol, Applied: core.AppliedUnknown,
		Message: "the store ended the wait without a word about the user"}
	for s, err := range store.SettleAll(e.settleCtx, ids, opts...) {
		l := byID[s.UserID]
		if l == nil {
			if err != nil {
				end = err
			}
			continue
		}
		delete(byID, s.UserID)
		e.settled(l, s, err)
	}

	// The store omitted the others.
	for _, l := range byID {
		e.settled(l, core.Settlement{}, end)
	}
}

func changeOf(op core.Operation) core.Change {
	switch op {
	case core.OpCreateUser:
		return core.Created
	case core.OpUpdateUser:
		return core.Updated
	case core.OpDeleteUser:
		return core.Deleted
	}
	return core.AnyChange
}

// settled ends a step that the vendor carried out later.
func (e *engine) settled(l *lane, at core.Settlement, err error) {
	e.mu.Lock()
	e.off--
	l.account.active++
	s := l.steps[l.at]
	e.mu.Unlock()

	r := Record{Step: s.ID, Phase: PhaseOutcome, Result: core.ResultApplied, User: s.User}
	switch {
	case err != nil && (e.settleCtx.Err() != nil || errors.Is(err, context.Canceled)):
		e.goOn(l, stepStopped, false) // it stays accepted, for the next run
		return
	case errors.Is(err, core.ErrFailed):
		r.Result, r.Error, r.Message = core.ResultFailed, facts(err), err.Error()
	case err != nil:
		r.Result, r.Error, r.Message = core.ResultUnknown, facts(err), "it was accepted, and its end is not known: "+err.Error()
	case at.State == core.Deferred:
		r.Message = "the vendor has put it off"
	case at.State == core.Gone && s.Op != core.OpDeleteUser:
		r.Result, r.Message = core.ResultFailed, "it was accepted, and the user is gone"
	}

	end := e.end(l, s, r)
	e.goOn(l, end, false)
}
