package roster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// advance takes a lane as far as it goes: to its end, to a step that is not done, or
// to something that it has to wait for.
func (e *engine) advance(l *lane) {
	if l.claim == nil && !e.begin(l) {
		return
	}
	e.claimAhead(l.claim)

	for l.at < len(l.steps) {
		s := l.steps[l.at]
		if good(s.result) || e.mode.leave[s.ID] {
			l.at++
			continue
		}
		if e.ctx.Err() != nil && !s.accepted && !s.underWay() {
			e.put(l, true)
			return
		}
		if s.wrong > e.since {
			e.put(l, false) // another run of the same plan has just tried it
			return
		}

		switch e.step(l, s) {
		case stepDone:
			l.at++
		case stepParked:
			return
		case stepStopped:
			e.put(l, e.ctx.Err() != nil)
			return
		}
	}

	e.lookBack(l)
	e.put(l, false)
}

// lookBack looks once more at somebody who was to leave, as the evidence of the
// receipt. A delete has looked already.
func (e *engine) lookBack(l *lane) {
	s := l.steps[len(l.steps)-1]
	blocked := slices.ContainsFunc(l.steps, func(s *state) bool { return s.Op == core.OpBlock })
	if s.Op != core.OpDeleteUser && !(blocked && s.Op != core.OpBlock) || e.resolveOnly || e.ctx.Err() != nil {
		return
	}

	r := Record{Step: s.ID, Phase: PhaseNote, Note: NoteLook, At: e.Now().UTC(), User: s.User, Message: "looked at by the delete: " +
		string(lookDone)}
	if s.Op != core.OpDeleteUser {
		at := look(e.ctx, l.account.store, s.Step)
		r.Error, r.Message = facts(at.err), "looked at again: "+string(at.state)
	}
	if err := e.Journal.Append(e.keep, l.claim, r); err != nil && !errors.Is(err, ErrFenced) {
		e.fail(err)
	}
}

// waitsForStep begins the message of a step that waits for another one.
const waitsForStep = "it waits for "

// explain notes what each step waits for that stands behind the one where a lane stopped.
func (e *engine) explain(l *lane) {
	why := l.account.stopped
	for _, s := range l.steps[min(l.at, len(l.steps)):] {
		if !s.tried && !s.unknown() && s.result == "" && !e.mode.leave[s.ID] {
			s.result, s.message = ResultWaiting, why
		}
		why = waitsForStep + s.ID
	}
}

// stepEnd says how a lane goes on after a step.
type stepEnd int

const (
	stepDone stepEnd = iota
	stepStopped
	stepParked // somebody else takes the lane on
)

// step does one step of a lane that is claimed.
func (e *engine) step(l *lane, s *state) stepEnd {
	if s.User == "" && s.found != "" {
		s.User = s.found
	}
	if s.User == "" && s.Op != core.OpCreateUser {
		s.User = l.created()
	}

	if s.accepted {
		return e.park(l, s)
	}
	if s.doubt != nil {
		if end, again := e.conclude(l, s, *s.doubt); !again {
			return end
		}
	} else if end, over := e.before(l, s); over {
		return end
	}

	if end := e.floor(l, s); end != stepDone {
		return end
	}
	defer s.leaveFloor()

	if e.joins(l, s) {
		return stepParked
	}
	return e.send(l, s)
}

// before ends a step that is not to be sent, or that has to wait: for other steps, or for
// what a look tells.
func (e *engine) before(l *lane, s *state) (end stepEnd, over bool) {
	if wait := e.waitsFor(l, s); wait != stepDone {
		return wait, true
	}
	if why := e.stopped(l.account); why != "" {
		return e.waits(l, s, why, false), true
	}
	if e.resolveOnly && !s.unknown() {
		return e.waits(l, s, "the plan has expired; make a new one", false), true
	}
	if !s.intent && (s.If == nil || checksItself(l.account.store, s.Step)) {
		return 0, false
	}

	ctx := e.during(s)
	at := look(ctx, l.account.store, s.Step)
	switch {
	case ctx.Err() != nil:
		return stepStopped, true
	case e.looksAgain(l, s, at, nil):
		return stepParked, true
	}
	return e.judgeLook(l, s, at)
}

// created is the id that a create earlier in the lane was told.
func (l *lane) created() string {
	for _, s := range l.steps {
		if s.found != "" {
			return s.found
		}
	}
	return ""
}

// judgeLook ends a step by what was seen of it, or lets it be sent.
func (e *engine) judgeLook(l *lane, s *state, at sight) (end stepEnd, over bool) {
	r := Record{Step: s.ID, Phase: PhaseOutcome, Message: at.why, Error: facts(at.err), User: at.user.ID}
	switch at.state {
	case lookOpen:
		if e.resolveOnly {
			return e.waits(l, s, "it was not done, and the plan has expired; make a new one", true), true
		}
		return 0, false

	case lookDone:
		if len(at.missing) > 0 && s.Op == core.OpCreateUser {
			return e.complete(l, s, at), true
		}
		r.Result, r.Message = core.ResultAlready, "it was so before"
		if s.intent {
			r.Result, r.Message = core.ResultApplied, "found done when it was looked at"
			r.Block = s.intended
			if s.Op == core.OpBlock && r.Block == nil {
				r.Message = "found blocked when it was looked at; what the block changed was not recorded"
			}
		}
		r.Outcomes = e.seenOutcomes(s, r.Result)
		if e.mayFail(l, s, at) {
			return e.accept(l, s, r), true
		}

	case lookMoved:
		if s.intent && at.lacking != nil {
			return e.complete(l, s, at), true
		}
		r.Result = ResultMoved
		if s.intent {
			r.Error = nil
		}

	case lookUnsure:
		if at.silent && !e.resolveOnly {
			s.doubted = s.intent
			return 0, false
		}
		r.Result = core.ResultUnknown
		if !s.intent {
			r.Result, r.Message = core.ResultFailed, "it could not be looked at, so nothing was sent: "+at.why
		}
	}
	return e.end(l, s, r), true
}

// complete adds what a create left out, because the process died between two of its
// requests: fields that are set after it, and links.
func (e *engine) complete(l *lane, s *state, at sight) stepEnd {
	if e.resolveOnly {
		r := Record{Result: core.ResultFailed, User: at.user.ID, Message: "the user was created, but not all of it, and the plan has expired: " +
			"make a new one",
			Error: &core.Error{Op: string(s.Op), Class: core.ClassNotApplied, Applied: core.AppliedYes, Message: "the user was created in part"}}
		return e.end(l, s, r)
	}

	if at.lacking != nil {
		ctx, done := e.writing(l)
		_, err := l.account.store.UpdateUser(ctx, at.user.ID, *at.lacking)
		done()
		if err != nil {
			r := ended(err)
			r.User = at.user.ID
			return e.end(l, s, r)
		}
	}

	if len(at.missing) == 0 {
		return e.end(l, s, Record{Result: core.ResultApplied, User: at.user.ID, Message: "found half made when it was looked at, and completed"})
	}
	end, again := e.link(l, s, at.user.ID, at.missing)
	if !again {
		return end
	}
	return e.send(l, s)
}

// seenOutcomes are the outcomes of links that a look found to be as asked.
func (e *engine) seenOutcomes(s *state, result core.Result) []core.Outcome {
	var outcomes []core.Outcome
	for _, a := range s.Links {
		a.UserID = s.User
		o := core.Outcome{Assignment: a, Result: result, Message: "found when it was looked at"}

		if s.If != nil && result == core.ResultApplied {
			if before := linkTo(s.If.Links, a.Target); before != nil {
				before := *before
				o.Before = &before
			}
		}
		outcomes = append(outcomes, o)
	}
	return outcomes
}

// waitsFor holds a lane back until the steps of other lanes are done that come first.
func (e *engine) waitsFor(l *lane, s *state) stepEnd {
	e.mu.Lock()
	defer e.mu.Unlock()

	for _, id := range s.After {
		first := e.steps[id]
		if good(first.result) {
			continue
		}
		if first.lane.ended || first.tried {
			// waits takes mu itself.
			e.mu.Unlock()
			defer e.mu.Lock()
			return e.waits(l, s, waitsForStep+id, false)
		}

		// Nobody else has to wait for a lane that does nothing.
		claim := l.claim
		l.claim = nil
		delete(e.held, l)
		e.after[id] = append(e.after[id], l)
		e.rest(l)

		err := e.Journal.Free(e.keep, claim)
		if errors.Is(err, ErrFenced) {
			e.forget(l)
		} else if err != nil && e.fatal == nil {
			e.fatal = err
		}
		return stepParked
	}
	return stepDone
}

// waits ends a step that is not begun. It is recorded where something was tried.
func (e *engine) waits(l *lane, s *state, why string, record bool) stepEnd {
	if record {
		return e.end(l, s, Record{Step: s.ID, Phase: PhaseOutcome, Result: ResultWaiting, Message: why})
	}

	e.mu.Lock()
	if !s.unknown() {
		s.result, s.message = ResultWaiting, why
	}
	s.tried = true
	e.mu.Unlock()

	e.tell(l, s)
	return stepStopped
}

// floor waits until a target has more people than its floor.
func (e *engine) floor(l *lane, s *state) stepEnd {
	if s.Floor == nil {
		return stepDone
	}

	pause := 100 * time.Millisecond
	for end := e.Now().Add(e.FloorWait); ; pause = min(2*pause, 5*time.Second) {
		s.enterFloor(e)
		n, counted, err := staffed(e.ctx, l.account.store, *s.Floor, s.User)
		if err == nil && (!counted || n > s.Floor.Least) {
			return stepDone // and the floor is left when the step is done
		}
		s.leaveFloor()

		if err != nil {
			if e.ctx.Err() != nil {
				return stepStopped
			}
			return e.end(l, s, Record{Step: s.ID, Phase: PhaseOutcome, Result: core.ResultFailed, Error: facts(err),
				Message: "the floor could not be looked at, so nothing was sent: " + err.Error()})
		}
		if !e.Now().Before(end) {
			return e.waits(l, s, fmt.Sprintf("it would leave %d in %s", n-1, s.Floor.Target), true)
		}
		if pauseFor(e.ctx, pause) != nil {
			return stepStopped
		}
	}
}

func pauseFor(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// end records the outcome of a step and says how the lane goes on.
func (e *engine) end(l *lane, s *state, r Record) stepEnd {
	r.Step, r.Phase = s.ID, PhaseOutcome
	if r.At.IsZero() {
		r.At = e.Now().UTC()
	}
	if r.Message == "" && r.Error != nil {
		r.Message = r.Error.Error()
	}

	switch err := e.Journal.Append(e.keep, l.claim, r); {
	case errors.Is(err, ErrFenced):
		return e.lost(l, err)
	case err != nil:
		e.fail(err)
		return stepStopped
	}

	e.mu.Lock()
	s.tried = true
	s.take(r)
	if good(r.Result) {
		l.account.done++
		e.ended++
	}
	e.count(l.account, r)
	if good(s.result) {
		e.wakeAfter(s)
	}
	e.mu.Unlock()

	e.tell(l, s)
	if good(r.Result) {
		return stepDone
	}
	return stepStopped
}

// tell reports a step's end to whoever watches.
func (e *engine) tell(l *lane, s *state) {
	if e.Progress == nil {
		return
	}
	e.report.Lock()
	defer e.report.Unlock()
	e.mu.Lock()
	ev := Event{Plan: e.id, StepReport: s.report(), Account: l.account.name, Done: e.ended, Total: len(e.plan.Steps),
		AccountDone: l.account.done, AccountTotal: l.account.total}
	e.mu.Unlock()
	e.Progress(ev)
}
