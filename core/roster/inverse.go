package roster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// Inverse is the plan that takes back what the records say was done: in reverse order,
// restricted to what was changed, and only where it is still as it was left. What
// cannot be taken back is a gap. The same records give the same plan.
func (p Plan) Inverse(done []Record) Plan {
	id := p.ID()
	states := make(map[string]*state, len(p.Steps))
	for i, s := range p.Steps {
		states[s.ID] = &state{Step: s, index: i}
	}

	inv := inverter{ids: map[string]bool{}, of: map[string]string{},
		plan: Plan{Why: "undo of " + id, Actor: p.Actor, Made: p.Made, Fleet: p.Fleet, Population: p.Population, Undoes: id}}
	for _, r := range done {
		if s := states[r.Step]; s != nil {
			s.take(r)
			if r.Phase == PhaseOutcome && r.At.After(inv.plan.Made) {
				inv.plan.Made = r.At
			}
		}
	}

	users := map[string]string{} // by lane: what a create was told
	for _, s := range p.Steps {
		if found := states[s.ID].found; found != "" {
			users[s.Lane] = found
		}
	}

	gone := map[string]bool{} // lanes whose user was deleted: there is nobody to give anything back to
	for _, s := range p.Steps {
		gone[s.Lane] = gone[s.Lane] || s.Op == core.OpDeleteUser && good(states[s.ID].result)
	}

	for _, s := range slices.Backward(p.Steps) {
		at := states[s.ID]
		if gone[s.Lane] && s.Op != core.OpDeleteUser {
			continue
		}
		if at.User == "" {
			at.User = users[s.Lane]
		}
		inv.add(at)
	}
	inv.order(p.Steps)
	return inv.plan
}

type inverter struct {
	plan Plan
	ids  map[string]bool
	of   map[string]string // the last inverse step, by the step that it takes back
}

func (v *inverter) gap(s *state, why string) {
	v.plan.Gaps = append(v.plan.Gaps, Gap{Account: s.Account, Person: s.Person(), Op: s.Op, Why: why})
}

// step adds one inverse step.
func (v *inverter) step(s *state, op core.Operation) *Step {
	id := stepID(s.Person(), s.Account, op)
	for n := 2; v.ids[id]; n++ {
		id = stepID(s.Person(), s.Account, op) + fmt.Sprintf("#%d", n)
	}
	v.ids[id] = true
	v.of[s.ID] = id
	v.plan.Steps = append(v.plan.Steps, Step{ID: id, Lane: laneOf(s.Account, s.User, s.Login), Op: op,
		Account: s.Account, User: s.User, Login: s.Login, Calls: s.Calls})
	return &v.plan.Steps[len(v.plan.Steps)-1]
}

// add takes one step back.
func (v *inverter) add(s *state) {
	if s.unknown() {
		v.gap(s, "whether it was done is not known; apply the plan again to find out")
		return
	}

	changed := s.result == core.ResultApplied || s.block != nil || slices.ContainsFunc(s.outcomes, func(o core.Outcome) bool {
		return o.Result == core.ResultApplied
	})
	if s.Op == core.OpCreateUser && s.found != "" && s.applied == core.AppliedYes {
		changed = true // the user is there, only not all of it
	}
	if !changed {
		return
	}

	switch s.Op {
	case core.OpCreateUser:
		d := v.step(s, core.OpDeleteUser)
		if s.Spec.Login != "" {
			d.If = &Seen{Values: map[string]any{"login": s.Spec.Login}}
		}
	case core.OpUpdateUser:
		v.update(s)
	case core.OpDeleteUser:
		v.gap(s, "a user who was deleted cannot be brought back")
	case core.OpBlock:
		v.unblock(s)
	case core.OpUnblock:
		v.step(s, core.OpBlock)
	default:
		v.links(s)
	}
}

// update sets the fields back to what they were.
func (v *inverter) update(s *state) {
	change, left := core.UserChange{}, map[string]any{}
	before := map[string]any{}
	if s.If != nil {
		before = s.If.Values
	}

	for _, f := range core.Fields() {
		value, named := s.Change.Field(f)
		was, known := before[string(f)]
		switch {
		case !named:
		case !known:
			v.gap(s, fmt.Sprintf("what %s was before is not known", f))
		default:
			setField(&change, f, was)
			left[string(f)] = value
		}
	}

	for name, value := range s.Change.Fields {
		was, known := before[name]
		if !known {
			v.gap(s, fmt.Sprintf("what %s was before is not known", name))
			continue
		}
		if change.Fields == nil {
			change.Fields = map[string]any{}
		}
		change.Fields[name], left[name] = was, value
	}

	// What was left is what has to be there still: a foreign edit survives.
	if len(left) == 0 {
		return
	}
	u := v.step(s, core.OpUpdateUser)
	u.Change, u.If = &change, &Seen{Values: left}
}

func (v *inverter) unblock(s *state) {
	if s.block == nil || len(s.block.Changed) == 0 {
		v.gap(s, "what the block changed was not recorded; set ClientOptions.BlockLog to roster.BlockLog")
		return
	}
	u := v.step(s, core.OpUnblock)
	u.Block, u.If = s.block, &Seen{Blocked: new(true)}
}

// links takes back the links that were changed, each as its outcome tells.
func (v *inverter) links(s *state) {
	var remove, put, suspend, resume []core.Assignment
	var left, now []core.Assignment // as they were left: of removes, and of those put back
	for _, o := range s.outcomes {
		a := o.Assignment
		a.UserID = s.User
		if o.Result != core.ResultApplied {
			continue
		}
		switch {
		case s.Op == core.OpSuspend:
			resume = append(resume, a)
		case s.Op == core.OpResume:
			suspend = append(suspend, a)
		case s.Op == core.OpUnassign:
			before := a
			if s.If != nil && linkTo(s.If.Links, a.Target) != nil {
				before = *linkTo(s.If.Links, a.Target)
			}
			if o.Before != nil {
				before = *o.Before
			}
			put = append(put, core.Assignment{UserID: s.User, Target: before.Target, Level: before.Level})
			if before.Suspended {
				suspend = append(suspend, core.Assignment{UserID: s.User, Target: before.Target})
			}
		case o.Before == nil:
			remove, left = append(remove, core.Assignment{UserID: s.User, Target: a.Target}), append(left, a)
		default:
			put = append(put, core.Assignment{UserID: s.User, Target: o.Before.Target, Level: o.Before.Level})
			now = append(now, a)
		}
	}

	for _, back := range []struct {
		op    core.Operation
		links []core.Assignment
		seen  *Seen
	}{
		{core.OpAssign, put, &Seen{Links: now}},
		{core.OpSuspend, suspend, nil},
		{core.OpResume, resume, nil},
		{core.OpUnassign, remove, &Seen{Links: left}},
	} {
		if len(back.links) > 0 {
			step := v.step(s, back.op)
			step.Links, step.If = back.links, back.seen
		}
	}
}

// order turns dependencies around: what a step came after is taken back after it.
func (v *inverter) order(steps []Step) {
	for _, s := range steps {
		later := v.of[s.ID]
		for _, first := range s.After {
			i := slices.IndexFunc(v.plan.Steps, func(b Step) bool { return b.ID == v.of[first] })
			if later != "" && i >= 0 {
				v.plan.Steps[i].After = append(v.plan.Steps[i].After, later)
			}
		}
	}
}

// recordsOf reads what a journal knows of one plan.
func recordsOf(ctx context.Context, j Journal, plan string) ([]Record, error) {
	return core.Collect(j.Records(ctx, Query{Plan: plan}))
}

// Undo takes back what a plan of the journal did, as far as it is still as the plan
// left it. Called again it resumes. What is unknown is looked at first. The budget
// counts for it as for any plan. A plan that the journal does not know is
// core.ErrNotFound; else the errors and the requests are those of Apply.
func (r Run) Undo(ctx context.Context, plan string) (*Report, error) {
	r = r.withDefaults()
	p, err := r.find(ctx, "undo", plan)
	if err != nil {
		return nil, err
	}
	inverse, _, err := r.inverse(ctx, p)
	if err != nil {
		return nil, err
	}
	return r.apply(ctx, inverse, mode{budget: true, forever: true})
}

// inverse finds out what is unknown of a plan, and returns its inverse.
func (r Run) inverse(ctx context.Context, p Plan) (inverse Plan, unknown bool, err error) {
	e, err := r.open(ctx, p, mode{forever: true})
	if err != nil {
		return Plan{}, false, err
	}

	if e.doubts() {
		e.resolveOnly, e.Progress = true, nil
		var left *Unfinished
		if _, err := e.run(ctx); err != nil && !errors.As(err, &left) {
			return Plan{}, false, err
		}
	}

	records, err := recordsOf(ctx, r.Journal, e.id)
	return p.Inverse(records), e.doubts(), err
}

// doubts reports whether the outcome of a step is not known.
func (e *engine) doubts() bool {
	for _, s := range e.steps {
		if s.unknown() {
			return true
		}
	}
	return false
}

// Reap undoes the leases that are due. What failed stays due and is tried again by the
// next Reap, which returns an *Unfinished as long as one is overdue. What moved is
// reported once and closed: a foreign edit survives. A state that another plan holds
// is left alone until that hold ends. Neither Expires nor the budget counts. Where nothing is
// due it sends nothing; else the requests are those of Apply, of each inverse.
func (r Run) Reap(ctx context.Context) ([]*Report, error) {
	r = r.withDefaults()
	if r.Journal == nil {
		return nil, refuse("reap", "a run needs a journal")
	}

	due, err := core.Collect(r.Journal.Due(ctx, r.Now()))
	if err != nil {
		return nil, err
	}

	var reports []*Report
	var errs []error
	for _, p := range due {
		report, err := r.reap(ctx, p)
		if report != nil {
			reports = append(reports, report)
		}
		if err != nil {
			errs = append(errs, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return reports, errors.Join(errs...)
}

// reap ends one lease.
func (r Run) reap(ctx context.Context, p Plan) (*Report, error) {
	inverse, unknown, err := r.inverse(ctx, p)
	if err != nil {
		return nil, err
	}

	id := p.ID()
	held, err := r.holds(ctx, id)
	if err != nil {
		return nil, err
	}
	past, _, err := readStates(ctx, r.Journal, inverse, inverse.ID())
	if err != nil {
		return nil, err
	}

	leave, postponed := map[string]bool{}, false
	for _, s := range inverse.Steps {
		until, isHeld := held.until(s)
		postponed = postponed || isHeld && !until.IsZero()
		leave[s.ID] = isHeld || past[s.ID].result == ResultMoved
	}

	report, err := r.apply(ctx, inverse, mode{forever: true, leave: leave, note: "the lease of " + id + " has ended"})
	if report == nil || postponed || report.Failed+report.Unknown+report.Waiting+report.Open > 0 {
		return report, err
	}
	if unknown {
		return report, errors.Join(err, fmt.Errorf("the lease of %s cannot be ended yet: what some of its steps did is not known", id))
	}

	for _, g := range inverse.Gaps {
		if g.Op == core.OpBlock {
			return report, errors.Join(err, fmt.Errorf("the lease of %s cannot be ended: %s at %s: %s", id, g.Person, g.Account, g.Why))
		}
	}

	closed := Record{Plan: id, Phase: PhaseNote, Note: NoteClosed, At: r.Now().UTC(), Owner: r.Owner}
	return report, errors.Join(err, r.Journal.Append(ctx, nil, closed))
}

// holdings are the states that other plans hold.
type holdings []holding

type holding struct {
	Hold
	end time.Time // zero: for good
}

// holds are the states that the other plans of the journal ask for and that are so.
func (r Run) holds(ctx context.Context, plan string) (holdings, error) {
	var plans []Plan
	undone := map[string]bool{}
	for q, err := range r.Journal.Plans(ctx) {
		if err != nil {
			return nil, err
		}
		if q.Undoes != "" {
			undone[q.Undoes] = true
		}
		plans = append(plans, q)
	}

	var held holdings
	for _, q := range plans {
		id := q.ID()
		over := !q.Until.IsZero() && !q.Until.After(r.Now())
		if id == plan || q.Undoes != "" || undone[id] || over {
			continue
		}

		for _, h := range q.Holds {
			held = append(held, holding{h, q.Until})
		}

		states, _, err := readStates(ctx, r.Journal, q, id)
		if err != nil {
			return nil, err
		}
		for _, s := range states {
			if good(s.result) && (s.Op == core.OpBlock || s.Op == core.OpAssign) {
				held = append(held, holding{Hold{Account: s.Account, User: s.User, Op: s.Op, Links: s.Links}, q.Until})
			}
		}
	}
	return held, nil
}

// until says how long others hold what an inverse step would take away: the zero time
// stands for good.
func (h holdings) until(s Step) (end time.Time, held bool) {
	for _, x := range h {
		if x.Account != s.Account || x.User != s.User || !takes(s, x.Hold) {
			continue
		}

		if x.end.IsZero() {
			return time.Time{}, true
		}
		held = true
		if x.end.After(end) {
			end = x.end
		}
	}
	return end, held
}

func takes(s Step, h Hold) bool {
	switch {
	case s.Op == core.OpUnblock:
		return h.Op == core.OpBlock
	case s.Op == core.OpUnassign && h.Op == core.OpAssign:
		return slices.ContainsFunc(s.Links, func(a core.Assignment) bool { return linkTo(h.Links, a.Target) != nil })
	}
	return false
}
