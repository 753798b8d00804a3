package coretest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/rollcall-go/rollcall/core"
)

// assigner is one of the four changes of assignments.
type assigner = func(context.Context, ...core.Assignment) ([]core.Outcome, error)

var availabilities = []core.Availability{core.Available, core.Busy, core.Away, core.DND, core.Offline}

func (s *suite) presence(id string) core.Presence {
	s.Helper()
	p, err := s.Store.Presence(s.Context(), id)
	s.ok(err, "the presence of %s", id)
	s.equal(id, p.UserID, "the presence's user")
	if !slices.Contains(availabilities, p.Availability) && p.Availability != core.Unknown {
		s.Errorf("there is no availability %q", p.Availability)
	}
	return p
}

func checkPresence(s *suite) {
	s.need(core.OpPresence)
	s.presence(s.UserID)

	if !s.offers(core.OpSetPresence) {
		return
	}
	if len(s.Availabilities) == 0 {
		s.Fatalf("the Fixture names no Availabilities: the store offers %s", core.OpSetPresence)
	}

	for _, to := range availabilities {
		if !slices.Contains(s.Availabilities, to) {
			s.quiet("setting presence "+string(to), func() {
				s.unsupported(s.Store.SetPresence(s.Context(), s.UserID, to), core.OpSetPresence, "setting presence "+string(to))
			})
			continue
		}

		other := s.presence(s.OtherID)
		s.ok(s.Store.SetPresence(s.Context(), s.UserID, to), "setting presence %s", to)
		s.equal(to, s.presence(s.UserID).Availability, "the presence after setting it")
		s.equal(other, s.presence(s.OtherID), "the presence of another user")
	}

	for _, to := range []core.Availability{core.Unknown, "", "lunch"} {
		s.quiet("setting a presence that is none", func() {
			err := s.Store.SetPresence(s.Context(), s.UserID, to)
			if err == nil || core.ClassOf(err) != core.ClassInvalid && core.ClassOf(err) != core.ClassUnsupported {
				s.Errorf("setting presence %q: want an error of class invalid or unsupported, got %v", to, err)
			}
		})
	}
}

// blocked checks what presence says, where it says anything.
func (s *suite) blocked(want bool, id, when string) {
	s.Helper()
	if !s.offers(core.OpPresence) {
		return
	}
	if b := s.presence(id).Blocked; b != nil && *b != want {
		s.Errorf("%s: blocked is %v, want %v", when, *b, want)
	}
}

// block blocks a user and takes the record through JSON, as a caller who keeps
// it for later does.
func (s *suite) block(id string) core.Block {
	s.Helper()
	made, err := s.Store.Block(s.Context(), id)
	s.ok(err, "blocking %s", id)
	s.equal(id, made.UserID, "the user in the block's record")
	s.equal(s.caps.Vendor, made.Vendor, "the vendor in the block's record")
	s.equal(s.Account, made.Account, "the account in the block's record")

	data, err := json.Marshal(made)
	s.ok(err, "the record as JSON")
	var back core.Block
	s.ok(json.Unmarshal(data, &back), "the record from JSON")
	s.equal(asJSON(made), asJSON(back), "the record after JSON")
	return back
}

func checkBlock(s *suite) {
	s.need(core.OpBlock, core.OpUnblock)
	before, other := s.linksOf(s.UserID), s.linksOf(s.OtherID)
	s.blocked(false, s.UserID, "before")
	made := s.block(s.UserID)
	if len(made.Changed) == 0 {
		s.Errorf("blocking changed nothing, and gave no error")
	}
	s.blocked(true, s.UserID, "after blocking")
	s.blocked(false, s.OtherID, "after blocking another user")

	again := s.block(s.UserID)
	if len(again.Changed) != 0 {
		s.Errorf("blocking a blocked user changed %v", again.Changed)
	}
	s.ok(s.Store.Unblock(s.Context(), s.UserID, again), "unblocking what changed nothing")
	s.blocked(true, s.UserID, "after unblocking a block that had changed nothing")

	s.ok(s.Store.Unblock(s.Context(), s.UserID, made), "unblocking")
	s.blocked(false, s.UserID, "after unblocking")
	s.equal(before, s.linksOf(s.UserID), "the assignments after a block that was lifted")

	s.block(s.UserID)
	if s.offers(core.OpLiftBlocks) {
		s.ok(s.Store.LiftBlocks(s.Context(), s.UserID), "lifting every block")
		s.blocked(false, s.UserID, "after lifting every block")
		s.ok(s.Store.LiftBlocks(s.Context(), s.UserID), "lifting every block of a user who has none")
	}
	s.equal(other, s.linksOf(s.OtherID), "the assignments of another user")

	if s.NothingToBlock != "" {
		_, err := s.Store.Block(s.Context(), s.NothingToBlock)
		s.is(err, core.ErrNotApplied, core.OpBlock, "blocking a user with nothing to block")
	}
}

func checkUnblockJust(s *suite) {
	s.need(core.OpBlock, core.OpUnblock, core.OpAssign, core.OpSuspend)
	for _, k := range s.plain() {
		if len(s.Targets[k.Kind]) < 2 {
			continue
		}

		open, shut := s.Targets[k.Kind][0], s.Targets[k.Kind][1]
		as := []core.Assignment{{UserID: s.UserID, Target: open}, {UserID: s.UserID, Target: shut}}
		_, err := s.Store.Assign(s.Context(), as...)
		s.ok(err, "assigning")
		if _, err = s.Store.Suspend(s.Context(), as[1]); errors.Is(err, errors.ErrUnsupported) {
			continue
		}
		s.ok(err, "suspending")
		before := s.linksOf(s.UserID)
		made := s.block(s.UserID)
		s.ok(s.Store.Unblock(s.Context(), s.UserID, made), "unblocking")
		s.equal(before, s.linksOf(s.UserID), "the links, one of them suspended before the block")
		return
	}
	s.Skipf("the vendor has no kind with two targets whose links can be suspended")
}

// checkNoRecord: Unblock takes back what records say, and LiftBlocks the rest.
func checkNoRecord(s *suite) {
	s.need(core.OpBlock, core.OpUnblock)
	s.block(s.UserID)
	s.quiet("unblocking without a record", func() {
		s.ok(s.Store.Unblock(s.Context(), s.UserID), "unblocking without a record")
	})
	s.blocked(true, s.UserID, "after unblocking without a record")
}

var errLog = errors.New("the log is full")

// checkBlockLog: the log is told before the first write, and can prevent it.
func checkBlockLog(s *suite) {
	s.need(core.OpBlock)
	if s.BlockLog == nil {
		s.Skipf("the Fixture has no BlockLog")
	}
	before := s.linksOf(s.UserID)

	s.BlockLog.fail(errLog)
	_, err := s.Store.Block(s.Context(), s.UserID)
	if !errors.Is(err, errLog) {
		s.Errorf("blocking, with a log that fails: want its error, got %v", err)
	}
	s.blocked(false, s.UserID, "after the log failed")
	s.equal(before, s.linksOf(s.UserID), "the assignments after the log failed")
	s.equal(0, len(s.BlockLog.told()), "what a log that failed holds")

	s.BlockLog.fail(nil)
	made := s.block(s.UserID)
	intents := s.BlockLog.told()
	if len(intents) != 1 {
		s.Fatalf("the log was told %d intents of one block", len(intents))
	}
	s.equal(asJSON(core.Block{Vendor: made.Vendor, Account: made.Account, UserID: made.UserID}),
		asJSON(core.Block{Vendor: intents[0].Vendor, Account: intents[0].Account, UserID: intents[0].UserID}), "whom the intent of a block names")
	for _, what := range made.Changed {
		if !slices.Contains(intents[0].Changed, what) {
			s.Errorf("the block changed %q, which its intent %v does not name", what, intents[0].Changed)
		}
	}

	if s.offers(core.OpUnblock) {
		s.ok(s.Store.Unblock(s.Context(), s.UserID, intents[0]), "unblocking with the intent, as after a crash")
		s.blocked(false, s.UserID, "after unblocking with the intent")
		s.equal(before, s.linksOf(s.UserID), "the assignments after unblocking with the intent")
	}
}
