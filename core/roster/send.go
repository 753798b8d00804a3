package roster

import (
	"context"
	"errors"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// maxSends is how often one run sends one step: once, and once more where a look
// after a lost answer proves that nothing was done.
const maxSends = 2

// send does the write of a step: its intent is durable before the request leaves.
func (e *engine) send(l *lane, s *state) stepEnd {
	for {
		if end, ok := e.intend(l, s); !ok {
			return end
		}
		ctx, done := e.writing(l, s)
		r := perform(ctx, l.account.store, s.Step, e.secrets[s.Password])
		done()
		if r.Result == core.ResultApplied && e.settles(l.account, s.Op) {
			return e.accept(l, s, r)
		}
		end, again := e.conclude(l, s, r)
		if !again {
			return end
		}
	}
}

// intend makes the intent of a step durable.
func (e *engine) intend(l *lane, s *state) (stepEnd, bool) {
	err := e.Journal.Append(e.ctx, l.claim, Record{Step: s.ID, Phase: PhaseIntent, At: e.Now().UTC(), User: s.User})
	if err != nil {
		return e.lost(l, err), false
	}
	e.mu.Lock()
	s.intent, s.result, s.message = true, "", ""
	s.sends++
	e.mu.Unlock()
	return 0, true
}

// lost ends the work on a lane that the journal does not keep for this run any more.
func (e *engine) lost(l *lane, err error) stepEnd {
	switch {
	case errors.Is(err, ErrFenced):
		// Somebody else holds the lane now. It is looked at again when it is free.
		e.hold(l, nil)
		e.later(l)
		return stepParked
	case e.ctx.Err() == nil:
		e.fail(err)
	}
	return stepStopped
}

// writing is the context of a write: it ends before the claim does.
func (e *engine) writing(l *lane, s *state) (context.Context, func()) {
	ctx, cancel := context.WithCancel(e.write)
	if until := l.claim.Until(); !until.IsZero() {
		// The monotonic and the wall clock are both looked at: a machine that slept stops
		// the one, and the other may jump.
		ctx, cancel = context.WithDeadline(e.write, until)
		if !time.Now().Round(0).Before(until.Round(0)) {
			cancel()
		}
	}
	if s.Op == core.OpBlock {
		ctx = context.WithValue(ctx, blockKey{}, func(b core.Block) error {
			return e.Journal.Append(e.keep, l.claim, Record{Step: s.ID, Phase: PhaseNote, Note: NoteBlock, At: e.Now().UTC(), Block: &b})
		})
	}
	return ctx, cancel
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

// conclude ends a step whose write has returned. An end that leaves anything open is
// looked at first: what is found done was done by us, and what is certainly not done
// may be sent again.
func (e *engine) conclude(l *lane, s *state, r Record) (end stepEnd, again bool) {
	conflict := s.Op == core.OpCreateUser && r.Error != nil && r.Error.Class == core.ClassConflict
	if good(r.Result) || r.Result == ResultMoved || !conflict && appliedOf(r.Error) == core.AppliedNo && r.Result != core.ResultUnknown {
		return e.end(l, s, r), false
	}
	if s.User == "" {
		s.User = r.User
	}
	at := look(e.write, l.account.store, s.Step)
	switch {
	case at.state == lookDone && len(at.missing) > 0 && s.Op == core.OpCreateUser && !conflict:
		return e.completeCreate(l, s, at), false

	case at.state == lookDone && len(at.missing) == 0:
		found := Record{Result: core.ResultApplied, Message: "the answer was lost or bad, and it was found done: " + r.Message,
			User: at.user.ID, Block: r.Block, Outcomes: e.foundOutcomes(s, r)}
		if conflict {
			found.Result, found.Message = core.ResultAlready, "somebody else created just this user"
		}
		return e.end(l, s, found), false

	case at.state == lookOpen && r.Result == core.ResultUnknown && s.sends < maxSends && e.write.Err() == nil:
		return 0, true
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

// completeCreate adds the links that a create left out, for example because the
// process died between the two.
func (e *engine) completeCreate(l *lane, s *state, at sight) stepEnd {
	outcomes, err := l.account.store.Assign(e.write, at.missing...)
	r := endedLinks(at.missing, outcomes, err)
	r.User = at.user.ID
	if good(r.Result) {
		r.Result, r.Message = core.ResultApplied, "the user was found, and the links that were missing were added"
	}
	return e.end(l, s, r)
}
