package coretest

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

// The fake's assignments, presence and blocks.

func (f *fake) ListTargets(ctx context.Context, q core.TargetQuery) iter.Seq2[core.Target, error] {
	const op = core.OpListTargets
	return func(yield func(core.Target, error) bool) {
		if err := f.supported(op); err != nil {
			yield(core.Target{}, err)
			return
		}
		if q.Kind != "" {
			if err := f.checkKind(op, q.Kind); err != nil {
				yield(core.Target{}, err)
				return
			}
		}
		if err := f.send(ctx, request{read: true, collection: true, do: func(*world) error { return nil }}); err != nil {
			yield(core.Target{}, f.brokeOff(op, err))
			return
		}
		for i, t := range fakeTargets {
			if q.Kind != "" && q.Kind != t.Kind || !f.matches(q.Name, t.Name) || i == 0 && f.is("a target is not listed") {
				continue
			}
			if f.is("targets have no name") {
				t.Name = ""
			}
			if !yield(t, nil) {
				return
			}
		}
	}
}

func (f *fake) ListAssignments(ctx context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	op := core.OpListAll
	switch {
	case q.UserID != "":
		op = core.OpListByUser
	case q.Target.Kind != "":
		op = core.OpListByTarget
	}
	return func(yield func(core.Assignment, error) bool) {
		rows, err := f.listLinks(ctx, op, q)
		for _, a := range rows {
			if !yield(a, nil) {
				return
			}
		}
		if err != nil {
			yield(core.Assignment{}, err)
		}
	}
}

func (f *fake) listLinks(ctx context.Context, op core.Operation, q core.AssignmentQuery) (rows []core.Assignment, err error) {
	if err := f.supported(op); err != nil {
		return nil, err
	}
	switch op {
	case core.OpListByUser:
		if err := f.checkID(op, q.UserID); err != nil {
			return nil, err
		}
		p, err := f.find(ctx, q.UserID)
		if err != nil {
			return nil, f.brokeOff(op, err)
		}
		return p.links, nil
	case core.OpListByTarget:
		if err := f.checkKind(op, q.Target.Kind); err != nil {
			return nil, err
		}
	}

	err = f.send(ctx, request{read: true, collection: op == core.OpListAll, do: func(w *world) error {
		for _, id := range w.order {
			for _, a := range w.people[id].links {
				if op == core.OpListAll && !f.is("everybody's list is empty") || op == core.OpListByTarget && a.Target.String() == q.Target.String() &&
					!f.is("listings disagree") {
					rows = append(rows, a)
				}
			}
		}
		return nil
	}})
	if err != nil {
		return nil, f.brokeOff(op, err)
	}
	return rows, nil
}

func (f *fake) checkKind(op core.Operation, k core.Kind) error {
	if _, ok := f.Capabilities().Kind(k); !ok && !f.is("any kind will do") {
		return f.border().Unsupported(op, "no such kind")
	}
	return nil
}

// checkLinks refuses what cannot be sent.
func (f *fake) checkLinks(op core.Operation, as []core.Assignment) error {
	if err := f.supported(op); err != nil {
		return err
	}
	for i, a := range as {
		if err := f.checkKind(op, a.Target.Kind); err != nil {
			return err
		}
		k, _ := f.Capabilities().Kind(a.Target.Kind)
		switch {
		case a.Level == nil:
		case k.Levels == nil && !f.is("any level will do"):
			return f.border().Unsupported(op, "no level")
		case k.Levels != nil && !k.Levels.Holds(*a.Level) && !f.is("a level out of range is sent"):
			return f.invalid(op, "no such level")
		}
		if err := f.checkID(op, a.UserID); err != nil {
			return err
		}
		for _, b := range as[:i] {
			if b.String() != a.String() && b.UserID == a.UserID && b.Target == a.Target && !f.is("of two levels the last counts") {
				return f.invalid(op, "two levels of one link")
			}
		}
	}
	return nil
}

// edit is one change of a link: whether it is so, and how it is made so. Failed says why
// it cannot be.
type edit struct {
	is     func(*person) bool
	do     func(*person)
	failed func(*person) error
}

// each makes one change after the other.
func (f *fake) each(ctx context.Context, op core.Operation, as []core.Assignment, of func(core.Assignment) edit) ([]core.Outcome, error) {
	if err := f.checkLinks(op, as); err != nil {
		return nil, err
	}
	out := make([]core.Outcome, len(as))
	for i, a := range as {
		out[i] = f.one(ctx, op, a, of(a))
		out[i].Assignment = a
	}
	if f.is("outcomes are sorted") {
		slices.SortStableFunc(out, func(a, b core.Outcome) int { return strings.Compare(a.Assignment.UserID, b.Assignment.UserID) })
	}

	switch {
	case f.is("partial is nil"):
		return out, nil
	case f.is("partial is the first cause"):
		for _, o := range out {
			if o.Err != nil {
				return out, o.Err
			}
		}
	}
	if err := storekit.OutcomesError(fakeVendor, string(op), out); err != nil {
		return out, f.named(op, err)
	}
	return out, nil
}

func (f *fake) one(ctx context.Context, op core.Operation, a core.Assignment, e edit) (out core.Outcome) {
	p, err := f.find(ctx, a.UserID)
	if err == nil && e.failed != nil {
		err = e.failed(p)
	}
	if err != nil {
		out.Fail(f.named(op, err))
		return out
	}
	if i := p.link(a.Target); i >= 0 {
		out.Before = new(p.links[i])
	} else if i := slices.IndexFunc(p.links, func(b core.Assignment) bool {
		return b.Target.Kind == core.KindProfile
	}); i >= 0 && a.Target.Kind == core.KindProfile {
		out.Before = new(p.links[i])
	}
	if f.is("before is not told") {
		out.Before = nil
	}

	if e.is(p) {
		if f.is("assigning resumes") || f.is("a missing level resets") {
			f.make(ctx, op, p, e.do, e.is)
		}
		if out.Result = core.ResultAlready; f.is("already is applied") {
			out.Result = core.ResultApplied
		}
		return out
	}
	out.Result = core.ResultApplied
	if f.is("applied is a lie") {
		return out
	}
	if err := f.make(ctx, op, p, e.do, e.is); err != nil {
		out.Fail(err)
	}
	return out
}

func (f *fake) Assign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return f.each(ctx, core.OpAssign, as, func(a core.Assignment) edit {
		return edit{
			is: func(p *person) bool {
				i := p.link(a.Target)
				return i >= 0 && (a.Level == nil || p.links[i].Level != nil && *p.links[i].Level == *a.Level)
			},
			do: func(p *person) { f.assign(p, a) },
		}
	})
}

func (f *fake) assign(p *person, a core.Assignment) {
	if i := p.link(a.Target); i >= 0 {
		if a.Level != nil || f.is("a missing level resets") {
			p.links[i].Level = a.Level
		}
		if f.is("assigning resumes") {
			p.links[i].Suspended = false
		}
		return
	}
	if a.Target.Kind == core.KindProfile && !f.is("a single-valued kind holds two") {
		p.links = slices.DeleteFunc(p.links, func(b core.Assignment) bool { return b.Target.Kind == core.KindProfile })
	}
	if f.is("assigning replaces") {
		p.links = nil
	}
	p.links = append(p.links, a)
}

func (f *fake) Unassign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	for _, a := range as {
		if a.Target.Kind == core.KindProfile && !f.is("a profile is taken away") {
			return nil, f.border().Unsupported(core.OpUnassign, "a profile can only be exchanged")
		}
	}
	return f.each(ctx, core.OpUnassign, as, func(a core.Assignment) edit {
		return edit{
			is: func(p *person) bool { return p.link(a.Target) < 0 },
			do: func(p *person) {
				p.links = slices.DeleteFunc(p.links, func(b core.Assignment) bool { return b.Target.String() == a.Target.String() })
			},
		}
	})
}

func (f *fake) suspend(ctx context.Context, op core.Operation, as []core.Assignment, to bool) ([]core.Outcome, error) {
	return f.each(ctx, op, as, func(a core.Assignment) edit {
		return edit{
			is: func(p *person) bool { i := p.link(a.Target); return i >= 0 && p.links[i].Suspended == to },
			do: func(p *person) {
				if i := p.link(a.Target); i >= 0 {
					p.links[i].Suspended = to
				} else {
					p.links = append(p.links, core.Assignment{UserID: a.UserID, Target: a.Target, Suspended: to})
				}
			},
			failed: func(p *person) error {
				if p.link(a.Target) < 0 && !f.is("suspending links") {
					return f.invalid(op, "no link")
				}
				return nil
			},
		}
	})
}

func (f *fake) Suspend(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return f.suspend(ctx, core.OpSuspend, as, true)
}

func (f *fake) Resume(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return f.suspend(ctx, core.OpResume, as, false)
}

func (f *fake) Presence(ctx context.Context, id string) (core.Presence, error) {
	const op = core.OpPresence
	p, err := f.look(ctx, op, id)
	if err != nil {
		return core.Presence{}, err
	}
	out := core.Presence{UserID: id, Availability: p.present, Blocked: new(p.blocked)}
	if f.is("a block is a presence") && p.blocked {
		out.Blocked = new(false)
	}
	return out, nil
}

// look checks and reads a user for an operation.
func (f *fake) look(ctx context.Context, op core.Operation, id string) (*person, error) {
	if err := f.supported(op); err != nil {
		return nil, err
	}
	if err := f.checkID(op, id); err != nil {
		return nil, err
	}
	p, err := f.find(ctx, id)
	return p, f.named(op, err)
}

func (f *fake) SetPresence(ctx context.Context, id string, to core.Availability) error {
	const op = core.OpSetPresence
	if err := f.supported(op); err != nil {
		return err
	}
	if to == core.Busy && f.is("busy is made away") {
		to = core.Away
	}
	if !slices.Contains(fakeAvailabilities, to) {
		return f.border().Unsupported(op, "no such presence")
	}
	p, err := f.look(ctx, op, id)
	if err != nil {
		return err
	}
	return f.make(ctx, op, p, func(p *person) { p.present = to }, func(p *person) bool { return p.present == to })
}

func (f *fake) Block(ctx context.Context, id string) (core.Block, error) {
	const op = core.OpBlock
	p, err := f.look(ctx, op, id)
	if err != nil {
		return core.Block{}, err
	}
	b := core.Block{Vendor: fakeVendor, Account: "emea", UserID: id}
	if p.blocked && !f.is("a second block claims the first") {
		return b, nil
	}
	shut := map[string]bool{}
	for _, a := range p.links {
		if !a.Suspended {
			shut[a.Target.ID] = true
		}
	}
	record := b
	record.Changed = append([]string{"block"}, sortedKeys(shut)...)

	if !f.is("the log is told afterwards") && !f.is("the log is not told") {
		if err := f.log.Log(ctx, record); err != nil {
			return b, f.named(op, &core.Error{Class: core.ClassFailed, Applied: core.AppliedNo, Err: err})
		}
	}
	err = f.make(ctx, op, p, func(p *person) { f.shut(p, shut) }, func(p *person) bool { return p.blocked })
	if f.is("the log is told afterwards") {
		err = errors.Join(err, f.log.Log(ctx, record))
	}
	switch {
	case err == nil, core.MaybeApplied(err) && !f.is("the record of a failed block is lost"):
		return record, err
	}
	return b, err
}

func (f *fake) shut(p *person, shut map[string]bool) {
	p.blocked = true
	for i := range p.links {
		if shut[p.links[i].Target.ID] {
			p.links[i].Suspended = true
		}
	}
}

func (f *fake) Unblock(ctx context.Context, id string, made ...core.Block) error {
	const op = core.OpUnblock
	if err := f.supported(op); err != nil {
		return err
	}
	if err := f.checkID(op, id); err != nil {
		return err
	}
	var changed []string
	for _, b := range made {
		changed = append(changed, b.Changed...)
	}
	if f.is("unblock lifts all") {
		changed = []string{"block"}
	}
	if len(changed) == 0 {
		return nil
	}
	return f.lift(ctx, op, id, func(id string) bool { return slices.Contains(changed, id) || f.is("unblock resumes all") })
}

func (f *fake) LiftBlocks(ctx context.Context, id string) error {
	if err := f.supported(core.OpLiftBlocks); err != nil {
		return err
	}
	return f.lift(ctx, core.OpLiftBlocks, id, func(string) bool { return true })
}

// lift lifts the block and resumes the links that shut names.
func (f *fake) lift(ctx context.Context, op core.Operation, id string, shut func(target string) bool) error {
	p, err := f.look(ctx, op, id)
	if err != nil {
		return err
	}
	return f.make(ctx, op, p, func(p *person) {
		p.blocked = false
		for i := range p.links {
			if shut(p.links[i].Target.ID) {
				p.links[i].Suspended = false
			}
		}
	}, func(p *person) bool { return !p.blocked })
}
