package roster

import (
	"context"
	"errors"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// maxSends is how often one run sends one write: once, and once more where a look
// after a lost answer proves that nothing was done.
const maxSends = 2

// send does the write of a step: its intent is durable before the request leaves.
func (e *engine) send(l *lane, s *state) stepEnd {
	for {
		if end, ok := e.intend(l, s); !ok {
			return end
		}

		ctx, done := e.writing(l)
		r := e.perform(ctx, l, s)
		done()

		end, again := e.wrote(l, s, r)
		if !again {
			return end
		}
	}
}

// perform sends the next write of a step.
func (e *engine) perform(ctx context.Context, l *lane, s *state) Record {
	if s.linking {
		outcomes, err := l.account.store.Assign(ctx, s.wanted()...)
		return endedLinks(s.wanted(), outcomes, err)
	}
	step := s.Step
	if s.Op == core.OpCreateUser {
		spec := e.specOf(l, s)
		step.Spec = &spec
	}
	return perform(ctx, l.account.store, step)
}

// specOf is what a create sends: without the links where they follow in a call of their
// own, and with the password.
func (e *engine) specOf(l *lane, s *state) core.UserSpec {
	spec := *s.Spec
	if l.account.linksLater() {
		spec.Links = nil
	}
	spec.Password = e.secrets[s.Password]
	return spec
}

// linksLater reports whether the links of a new user are better made in a call that many
// users share: a create takes requests of its own for them.
func (a *account) linksLater() bool {
	return a.caps.Of(core.OpCreateUser).Cost.Link > 0 && a.caps.Of(core.OpAssign).Cost.Batch > 1
}

// wanted are the links that the next write of a step holds.
func (s *state) wanted() []core.Assignment {
	if s.linking {
		return s.missing
	}
	return ownLinks(s.Step)
}

// intend makes the intent of a step durable.
func (e *engine) intend(l *lane, s *state) (stepEnd, bool) {
	err := e.Journal.Append(e.during(s), l.claim, Record{Step: s.ID, Phase: PhaseIntent, At: e.Now().UTC(), User: s.User})
	if err != nil {
		return e.lost(l, err), false
	}
	e.mu.Lock()
	s.intent, s.result, s.message = true, "", ""
	s.sends++
	e.mu.Unlock()
	return 0, true
}

// during is the context in which a step goes on: one that has begun may be finished after
// the run's context has ended.
func (e *engine) during(s *state) context.Context {
	if s.underWay() {
		return e.write
	}
	return e.ctx
}

// lost ends the work on a lane that the journal does not keep for this run any more.
func (e *engine) lost(l *lane, err error) stepEnd {
	switch {
	case errors.Is(err, ErrFenced):
		// Somebody else holds the lane now. It is looked at again when it is free.
		e.hold(l, nil)
		e.reopen(l)
		return stepParked
	case e.ctx.Err() == nil:
		e.fail(err)
	}
	return stepStopped
}

// writeContext is the context of a write. It ends before the first claim of its lanes
// does; a claim that is renewed meanwhile moves its deadline.
type writeContext struct {
	context.Context
	lanes []*lane
}

// Deadline is the end of the first claim, as far as it is known now.
func (c writeContext) Deadline() (time.Time, bool) {
	first, ok := c.Context.Deadline()
	for _, l := range c.lanes {
		if until := l.claim.Until(); !until.IsZero() && (!ok || until.Before(first)) {
			first, ok = until, true
		}
	}
	return first, ok
}

// over reports whether a claim has run out. The monotonic and the wall clock are both
// looked at: a machine that slept stops the one, and the other may jump.
func (c writeContext) over() (left time.Duration, over bool) {
	until, _ := c.Deadline()
	left = min(time.Until(until), until.Round(0).Sub(time.Now().Round(0)))
	return left, left <= 0
}

// writing is the context of a write for some lanes.
func (e *engine) writing(lanes ...*lane) (writeContext, func()) {
	ctx, cancel := context.WithCancel(e.write)
	if lanes[0].steps[lanes[0].at].Op == core.OpBlock {
		ctx = context.WithValue(ctx, blockKey{}, func(b core.Block) error { return e.noteBlock(lanes, b) })
	}

	c := writeContext{Context: ctx, lanes: lanes}
	if _, limited := c.Deadline(); !limited {
		return c, cancel
	}

	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for {
			left, over := c.over()
			if over {
				cancel()
				return
			}
			if pauseFor(ctx, left) != nil {
				return
			}
		}
	}()
	return c, func() { cancel(); <-watched }
}

// noteBlock keeps what the block of one of some lanes is about to change.
func (e *engine) noteBlock(lanes []*lane, b core.Block) error {
	for _, l := range lanes {
		if s := l.steps[l.at]; s.User == b.UserID {
			return e.Journal.Append(e.keep, l.claim, Record{Step: s.ID, Phase: PhaseNote, Note: NoteBlock, At: e.Now().UTC(), Block: &b})
		}
	}
	return nil
}

type blockKey struct{}

// BlockLog is the function for core.ClientOptions.BlockLog of the clients of a run.
// With it the journal keeps what a block is about to change before the first write,
// so that a block whose process was killed half-way is undone exactly. Outside of a
// run it does nothing.
func BlockLog(ctx context.Context, intent core.Block) error {
	if keep, ok := ctx.Value(blockKey{}).(func(core.Block) error); ok {
		return keep(intent)
	}
	return nil
}

// wrote goes on with a step whose write has returned. Again means that it is to be
// written again.
func (e *engine) wrote(l *lane, s *state, r Record) (end stepEnd, again bool) {
	switch {
	case s.linking:
		r = linked(s, r)
	case s.doubted && s.Op == core.OpBlock && r.Result == core.ResultAlready:
		r = Record{Result: core.ResultApplied, Block: s.intended, Message: "found done by the write: an earlier one was not answered"}
	case r.Result != core.ResultApplied:
	case e.settles(l.account, s.Op):
		return e.accept(l, s, r), false
	case s.Op == core.OpCreateUser && l.account.linksLater() && len(s.Spec.Links) > 0:
		return e.link(l, s, r.User, s.Spec.Links)
	}
	return e.conclude(l, s, r)
}

// link adds the links of a user who was created or found.
func (e *engine) link(l *lane, s *state, user string, links []core.Assignment) (end stepEnd, again bool) {
	e.mu.Lock()
	if !s.linking {
		s.linking, s.sends = true, 0
	}
	s.User, s.found, s.missing = user, user, make([]core.Assignment, len(links))
	for i, a := range links {
		a.UserID = user
		s.missing[i] = a
	}
	e.mu.Unlock()

	if e.joins(l, s) {
		return stepParked, false
	}
	return 0, true
}

// linked is the record of a create whose links have followed. Whatever became of them,
// there is a user.
func linked(s *state, r Record) Record {
	r.User = s.User
	switch {
	case good(r.Result):
		r.Result = core.ResultApplied
	case r.Error != nil && r.Error.Applied != core.AppliedUnknown:
		r.Error = new(*r.Error)
		r.Error.Applied = core.AppliedYes
		r.Message = "the user was created, and not all of its links: " + r.Message
	}
	return r
}

// conclude ends a step whose write has returned. An end that leaves anything open is
// looked at first: what is found done was done by us, and what is certainly not done
// may be sent again.
func (e *engine) conclude(l *lane, s *state, r Record) (end stepEnd, again bool) {
	conflict := s.Op == core.OpCreateUser && r.Error != nil && r.Error.Class == core.ClassConflict
	refused := r.Result == ResultMoved && s.If != nil
	certain := appliedOf(r.Error) == core.AppliedNo || s.linking && appliedOf(r.Error) == core.AppliedYes
	if good(r.Result) || !refused && !conflict && certain && r.Result != core.ResultUnknown {
		return e.end(l, s, r), false
	}

	if s.User == "" {
		s.User = r.User
	}
	at := look(e.write, l.account.store, s.Step)
	if e.looksAgain(l, s, at, &r) {
		return stepParked, false
	}
	if refused {
		return e.concludeMoved(l, s, r, at)
	}

	switch {
	case at.state == lookDone && len(at.missing) > 0 && s.Op == core.OpCreateUser && !conflict && (!s.linking || s.sends < maxSends) &&
		e.write.Err() == nil:
		return e.link(l, s, at.user.ID, at.missing)

	case at.state == lookMoved && at.lacking != nil && !conflict && !s.linking && e.write.Err() == nil:
		return e.complete(l, s, at), false

	case at.state == lookDone && len(at.missing) == 0:
		found := Record{Result: core.ResultApplied, Message: "the answer was lost or bad, and it was found done: " + r.Message,
			User: at.user.ID, Block: r.Block, Outcomes: e.foundOutcomes(s, r)}
		if conflict {
			found.Result, found.Message = core.ResultAlready, "somebody else created just this user"
		} else if e.mayFail(l, s, at) {
			return e.accept(l, s, found), false
		}
		return e.end(l, s, found), false

	case (at.state == lookOpen || at.silent) && r.Result == core.ResultUnknown && s.sends < maxSends && e.write.Err() == nil:
		s.doubted = at.silent
		return 0, true
	}
	return e.end(l, s, r), false
}

// concludeMoved ends a step whose write was refused because something is not as the
// planner saw it: it may be as the step would leave it, or half of it.
func (e *engine) concludeMoved(l *lane, s *state, r Record, at sight) (end stepEnd, again bool) {
	switch {
	case at.state == lookDone:
		r = Record{Result: core.ResultAlready, Message: "it was so before", User: at.user.ID}
	case at.state == lookOpen && s.Op == core.OpUpdateUser && s.sends < maxSends && e.write.Err() == nil:
		s.If = &Seen{Values: at.seen.Values, Links: s.If.Links, Blocked: s.If.Blocked}
		return 0, true
	case at.state == lookMoved:
		r.Message = at.why
	}
	return e.end(l, s, r), false
}

// foundOutcomes are the outcomes of links that were found done after a bad answer.
// What was told of a link is kept.
func (e *engine) foundOutcomes(s *state, r Record) []core.Outcome {
	found := e.seenOutcomes(s, core.ResultApplied)
	if len(r.Outcomes) != len(found) {
		return found
	}

	for i, o := range r.Outcomes {
		if o.Done() {
			found[i] = o
		} else if o.Before != nil {
			found[i].Before = o.Before
		}
	}
	return found
}
