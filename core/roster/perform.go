package roster

import (
	"context"
	"errors"

	"github.com/rollcall-go/rollcall/core"
)

// perform sends the write of one step and says what came of it. Its result is
// unknown where the error leaves open whether the change was made.
func perform(ctx context.Context, store core.Store, s Step) Record {
	switch s.Op {
	case core.OpCreateUser:
		u, err := store.CreateUser(ctx, *s.Spec)
		return made(u, err)

	case core.OpUpdateUser:
		u, err := store.UpdateUser(ctx, s.User, guardedChange(s))
		return updated(s.Login, u, err)

	case core.OpDeleteUser:
		if guarded, ok := store.(core.GuardedDeleter); ok && s.If != nil {
			return deleted(guarded.DeleteUserIf(ctx, s.User, core.Precondition{Revision: s.If.Revision, Values: s.If.Values}))
		}
		return deleted(store.DeleteUser(ctx, s.User))

	case core.OpBlock:
		return blocked(store.Block(ctx, s.User))

	case core.OpUnblock:
		return ended(store.Unblock(ctx, s.User, *s.Block))
	}

	links := ownLinks(s)
	outcomes, err := linkWrite(store, s.Op)(ctx, links...)
	return endedLinks(links, outcomes, err)
}

// made is the record of a create.
func made(u core.User, err error) Record {
	r := ended(err)
	r.User = u.ID
	return r
}

// guardedChange is what an update sends: the change, if what the planner saw still holds.
func guardedChange(s Step) core.UserChange {
	change := *s.Change
	if s.If != nil {
		change.If = core.Precondition{Revision: s.If.Revision, Values: s.If.Values}
	}
	return change
}

// updated is the record of an update of somebody who had a login.
func updated(login string, u core.User, err error) Record {
	r := guarded(ended(err))
	if err == nil && login != "" && u.Login != "" && fold(u.Login) != fold(login) {
		r.Login = u.Login
	}
	return r
}

// deleted is the record of a delete.
func deleted(err error) Record {
	if errors.Is(err, core.ErrNotFound) {
		return Record{Result: core.ResultAlready, Message: "the user was gone before"}
	}
	return guarded(ended(err))
}

// guarded is the record of a write with a precondition: one that does not hold any more
// is a world that has moved.
func guarded(r Record) Record {
	if r.Error != nil && r.Error.Class == core.ClassRevision && r.Result == core.ResultFailed {
		r.Result = ResultMoved
	}
	return r
}

// checksItself reports whether the write of a step checks what the planner saw, so that
// no look is needed before it.
func checksItself(store core.Store, s Step) bool {
	switch s.Op {
	case core.OpUpdateUser:
		return true
	case core.OpDeleteUser:
		_, ok := store.(core.GuardedDeleter)
		return ok
	}
	return false
}

// ended is the record of a write that returned an error, or nil.
func ended(err error) Record {
	if err == nil {
		return Record{Result: core.ResultApplied}
	}
	r := Record{Result: core.ResultFailed, Error: facts(err), Message: err.Error()}
	if r.Error.Applied == core.AppliedUnknown {
		r.Result = core.ResultUnknown
	}
	return r
}

// blocked is the record of a block. It keeps what the block changed, also of one that ended
// half-way.
func blocked(made core.Block, err error) Record {
	r := ended(err)
	if len(made.Changed) > 0 {
		r.Block = &made
	}

	switch {
	case err == nil && len(made.Changed) == 0:
		r.Result, r.Message = core.ResultAlready, "the user was blocked before"
	case errors.Is(err, core.ErrNotApplied) && appliedOf(r.Error) == core.AppliedNo:
		// Nobody gives work to somebody who is linked to nothing.
		r = Record{Result: core.ResultAlready, Message: r.Error.Words()}
	}
	return r
}

// ownLinks are the links of a step with their user.
func ownLinks(s Step) []core.Assignment {
	links := make([]core.Assignment, len(s.Links))
	for i, a := range s.Links {
		a.UserID = s.User
		links[i] = a
	}
	return links
}

type writeLinks = func(context.Context, ...core.Assignment) ([]core.Outcome, error)

func linkWrite(store core.Store, op core.Operation) writeLinks {
	switch op {
	case core.OpUnassign:
		return store.Unassign
	case core.OpSuspend:
		return store.Suspend
	case core.OpResume:
		return store.Resume
	}
	return store.Assign
}

// endedLinks is the record of a write of links: one outcome for each, and a result
// for all of them. A call that returns no outcomes was refused as a whole.
func endedLinks(links []core.Assignment, outcomes []core.Outcome, err error) Record {
	if len(outcomes) != len(links) {
		if err == nil {
			err = uncounted("link")
		}
		return ended(err)
	}

	r := Record{Result: core.ResultAlready, Outcomes: outcomes}
	for _, o := range outcomes {
		r.Result = worse(r.Result, o.Result)
		if !o.Done() && r.Error == nil {
			r.Error, r.Message = facts(o.Err), o.Message
		}
	}
	return r
}

// uncounted is the error of a store that did not tell how each part of a call ended.
func uncounted(what string) error {
	return &core.Error{Class: core.ClassProtocol, Message: "the store did not tell an outcome for each " + what, Applied: core.AppliedUnknown}
}

// worse is the result of two changes together.
func worse(a, b core.Result) core.Result {
	rank := map[core.Result]int{core.ResultAlready: 0, core.ResultApplied: 1, core.ResultFailed: 2, core.ResultUnknown: 3}
	if rank[b] > rank[a] {
		return b
	}
	return a
}
