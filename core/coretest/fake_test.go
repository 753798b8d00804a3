package coretest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

// fake is a small store in memory: queues with levels and suspension, a profile
// that is single-valued, presence and blocks. Flaws break it on purpose.
type fake struct {
	users    map[string]*person
	order    []string
	next     int
	requests int
	refuse   bool
	flaw     string
	bare     bool // offers lists and nothing else

	strike  int // the request that is disturbed
	disturb Disturbance
	lose    error // what the operation under way ends with, though it was carried out
}

type person struct {
	u       core.User
	links   []core.Assignment
	present core.Availability
	blocked bool
	shut    map[string]bool // links that the block suspended
	extra   string
}

const fakeVendor = "fake"

func newFake(flaw string, bare bool) *fake {
	f := &fake{users: map[string]*person{}, flaw: flaw, bare: bare}
	for _, name := range []string{"Ada", "Bo", "Cy"} {
		f.next++
		id := fmt.Sprint("u", f.next)
		mail := strings.ToLower(name) + "@example.com"
		f.users[id] = &person{u: core.User{Vendor: fakeVendor, ID: id, Login: mail, FirstName: name, LastName: "Test", Email: mail,
			Roles: []string{"Agent"}, Enabled: new(true), Native: f}, present: core.Available, extra: "x"}
		f.order = append(f.order, id)
	}
	return f
}

func (f *fake) fixture() Fixture {
	fx := Fixture{Store: f, UserID: "u1", OtherID: "u2", UnknownID: "u999", ImpossibleIDs: []string{"x1"},
		Fields: map[FieldName]Field{
			Login: {To: "ada.new@example.com", Required: true}, FirstName: {To: "Adele", Required: true},
			LastName: {To: "Tester", Required: true}, Email: {To: "ada.mail@example.com", Clears: true},
			Enabled: {To: false}, Roles: {To: []string{"Supervisor", "Agent"}, Clears: true, Wire: []string{"roles"}},
		},
		Spec: func(n int) core.UserSpec {
			return core.UserSpec{Login: fmt.Sprintf("new%d@example.com", n), FirstName: "New", LastName: "User", Password: core.NewSecret("open-sesame")}
		},
		Targets: map[core.Kind][]core.Target{
			core.KindQueue:   {{Kind: core.KindQueue, ID: "q1"}, {Kind: core.KindQueue, ID: "q2"}},
			core.KindProfile: {{Kind: core.KindProfile, ID: "p1"}, {Kind: core.KindProfile, ID: "p2"}},
			core.KindSkill:   {{Kind: core.KindSkill, ID: "s1"}},
		},
		Levels:         map[core.Kind][2]int{core.KindQueue: {1, 2}},
		Availabilities: []core.Availability{core.Available, core.Away, core.Offline},
		Requests:       func() int { return f.requests },
		Refuse:         func() { f.refuse = true },
		Disturb:        func(skip int, d Disturbance) { f.strike, f.disturb = f.requests+1+skip, d },
		Stored: func(id string) map[string]any {
			p := f.users[id]
			return map[string]any{"extra": p.extra, "roles": slices.Clone(p.u.Roles)}
		},
	}
	if f.bare {
		fx.Targets, fx.Spec = nil, nil
	}
	return fx
}

func (f *fake) is(flaw string) bool { return f.flaw == flaw }

func (f *fake) Capabilities() core.Capabilities {
	c := core.Capabilities{Vendor: fakeVendor, Operations: map[core.Operation]core.Capability{}}
	for _, op := range core.Operations() {
		c.Operations[op] = core.Capability{Support: core.Native}
		if op == core.OpSettle || f.bare && op != core.OpListUsers && op != core.OpGetUser {
			c.Operations[op] = core.Capability{Support: core.NotOffered, Note: "not here"}
		}
	}
	if !f.bare {
		c.Kinds = []core.KindCapability{{Kind: core.KindProfile, Single: true}, {Kind: core.KindSkill}, {Kind: core.KindQueue, Level: "1..3"}}
	}
	if f.is("a note is missing") {
		c.Operations[core.OpSettle] = core.Capability{Support: core.NotOffered}
	}
	return c
}

// ask is one request to the vendor.
func (f *fake) ask(ctx context.Context, op string) error {
	if err := ctx.Err(); err != nil && !f.is("context is ignored") {
		return &core.Error{Vendor: fakeVendor, Op: op, Class: core.ClassCanceled, Err: err, Applied: core.AppliedNo}
	}
	f.requests++
	if f.refuse {
		return &core.Error{Vendor: fakeVendor, Op: op, Class: core.ClassPermission, Status: 403, Applied: core.AppliedNo}
	}
	if f.requests == f.strike {
		return f.struck(ctx, op)
	}
	return nil
}

// struck is what a good client makes of a request that is disturbed: reads and
// refusals are repeated, and of a write whose end was not seen nothing is known.
func (f *fake) struck(ctx context.Context, op string) error {
	d := f.disturb
	read := strings.HasSuffix(op, ".List") || strings.HasSuffix(op, ".Get")
	fail := func(class core.Class, applied core.Applied) error {
		if read {
			applied = core.AppliedNo
		}
		return &core.Error{Vendor: fakeVendor, Op: op, Class: class, Status: d.Status, Applied: applied}
	}
	f.lose = nil
	switch {
	case d.Status == 429 && f.is("gives up on 429"):
		return fail(core.ClassRateLimited, core.AppliedNo)
	case d.Delay > 0 && d.Delay < time.Minute && f.is("slow is an error"):
		return fail(core.ClassUnavailable, core.AppliedUnknown)
	case d.Delay > 0:
		var end <-chan struct{}
		if !f.is("patience has no end") {
			end = ctx.Done()
		}
		select {
		case <-time.After(d.Delay):
		case <-end:
			err := fail(core.ClassCanceled, core.AppliedUnknown).(*core.Error)
			err.Err = ctx.Err()
			return err
		}
	case read && f.is("reads are not repeated"):
		return fail(core.ClassUnavailable, core.AppliedNo)
	case !read && d.Status == 500:
		return fail(core.ClassUnavailable, core.AppliedUnknown)
	case !read && f.is("a lost answer is a no"):
		f.lose = fail(core.ClassUnavailable, core.AppliedNo)
	case !read && f.is("a lost answer is a yes"):
		return fail(core.ClassNotApplied, core.AppliedYes)
	case !read && (d.LoseAnswer || d.CutBody):
		f.lose = fail(core.ClassUnavailable, core.AppliedUnknown)
	}
	return nil
}

// lost is what an operation that was carried out ends with.
func (f *fake) lost() error {
	err := f.lose
	f.lose = nil
	return err
}

// supported refuses what a bare fake lacks.
func (f *fake) supported(op string) error {
	if f.bare {
		if f.is("unsupported sends") {
			f.requests++
		}
		if f.is("unsupported is plain") {
			return errors.New("not here")
		}
		return core.Unsupported(fakeVendor, op, "not here")
	}
	return nil
}

func checkID(op, id string) error {
	if len(id) < 2 || id[0] != 'u' || strings.ContainsAny(id, "./\x00\n") {
		return core.Invalid(fakeVendor, op, "the id is impossible")
	}
	return nil
}

// find asks for a user.
func (f *fake) find(ctx context.Context, op, id string) (*person, error) {
	if !f.is("impossible ids are sent") {
		if err := checkID(op, id); err != nil {
			return nil, err
		}
	}
	if err := f.ask(ctx, op); err != nil {
		return nil, err
	}
	p := f.users[id]
	if p == nil {
		if f.is("not found is invalid") {
			return nil, core.Invalid(fakeVendor, op, "no user")
		}
		return nil, &core.Error{Vendor: fakeVendor, Op: op, Class: core.ClassNotFound, Status: 404, Message: "no user", Applied: core.AppliedNo}
	}
	return p, nil
}

func (f *fake) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	if f.is("list is eager") {
		f.requests++
	}
	done := false
	return func(yield func(core.User, error) bool) {
		if f.is("list runs once") && done {
			return
		}
		done = true
		if err := f.ask(ctx, "Users.List"); err != nil {
			if !f.is("list ends silently") {
				yield(core.User{}, err)
			}
			return
		}
		for i, id := range f.order {
			u := f.show(f.users[id])
			match := func(want, got string) bool {
				if f.is("find by prefix") {
					return strings.HasPrefix(got, want)
				}
				return want == "" || want == got
			}
			if f.is("list is short") && i > 0 || f.is("a cut list is short") && f.disturb.CutBody && f.requests == f.strike && i > 0 {
				return
			}
			if match(q.Login, u.Login) && match(q.Email, u.Email) && !yield(u, nil) {
				return
			}
		}
	}
}

func (f *fake) show(p *person) core.User {
	u := p.u
	u.Roles, u.Enabled = slices.Clone(u.Roles), new(*u.Enabled)
	if f.is("vendor is not named") {
		u.Vendor = ""
	}
	return u
}

func (f *fake) GetUser(ctx context.Context, id string) (core.User, error) {
	p, err := f.find(ctx, "Users.Get", id)
	if err != nil {
		return core.User{}, err
	}
	return f.show(p), nil
}

func (f *fake) CreateUser(ctx context.Context, spec core.UserSpec) (core.User, error) {
	const op = "Users.Create"
	if err := f.supported(op); err != nil {
		return core.User{}, err
	}
	if spec.DisplayName != "" && !f.is("a missing field is dropped") {
		return core.User{}, core.Unsupported(fakeVendor, op, "no display names")
	}
	if spec.Login == "" || spec.FirstName == "" || spec.LastName == "" && !f.is("create lacks a field") {
		return core.User{}, core.Invalid(fakeVendor, op, "a field is required")
	}
	if err := f.ask(ctx, op); err != nil {
		return core.User{}, err
	}
	for _, p := range f.users {
		if p.u.Login == spec.Login {
			return core.User{}, &core.Error{Vendor: fakeVendor, Op: op, Class: core.ClassConflict, Status: 409, Applied: core.AppliedNo}
		}
	}
	f.next++
	id := fmt.Sprint("u", f.next)
	p := &person{u: core.User{Vendor: fakeVendor, ID: id, Login: spec.Login, FirstName: spec.FirstName, LastName: spec.LastName,
		Email: spec.Email, Roles: spec.Roles, Enabled: new(spec.Enabled.Or(true)), Native: f}, present: core.Offline}
	if f.is("the password shows") {
		p.u.Native = spec.Password.Reveal()
	}
	f.users[id], f.order = p, append(f.order, id)
	if err := f.lost(); err != nil {
		if f.is("a create is sent twice") {
			f.next++
			f.users[fmt.Sprint("u", f.next)], f.order = p, append(f.order, fmt.Sprint("u", f.next))
		}
		return core.User{}, err
	}
	return f.show(p), nil
}

func (f *fake) UpdateUser(ctx context.Context, id string, c core.UserChange) (core.User, error) {
	const op = "Users.Update"
	if err := f.supported(op); err != nil {
		return core.User{}, err
	}
	if !c.DisplayName.IsZero() && !f.is("a missing field is dropped") {
		return core.User{}, core.Unsupported(fakeVendor, op, "no display names")
	}
	if !f.is("required is cleared") && (c.Login.IsClear() || c.FirstName.IsClear() || c.LastName.IsClear()) {
		return core.User{}, core.Invalid(fakeVendor, op, "a field is required")
	}
	p, err := f.find(ctx, op, id)
	if err != nil {
		return core.User{}, err
	}
	for _, o := range []struct {
		to *string
		o  core.Opt[string]
	}{{&p.u.Login, c.Login}, {&p.u.FirstName, c.FirstName}, {&p.u.LastName, c.LastName}, {&p.u.Email, c.Email}} {
		switch {
		case o.o.IsClear() && !f.is("clear keeps"):
			*o.to = ""
		case o.o.IsSet():
			*o.to = o.o.Or("")
		}
	}
	if c.Enabled.IsSet() {
		p.u.Enabled = new(c.Enabled.Or(true))
	}
	switch {
	case c.Roles.IsClear(), c.Roles.IsZero() && f.is("absent means empty"):
		p.u.Roles = nil
	case c.Roles.IsSet():
		p.u.Roles = c.Roles.Or(nil)
	}
	if f.is("unknown fields are lost") {
		p.extra = ""
	}
	return f.show(p), f.lost()
}

func (f *fake) DeleteUser(ctx context.Context, id string) error {
	const op = "Users.Delete"
	if err := f.supported(op); err != nil {
		return err
	}
	if _, err := f.find(ctx, op, id); err != nil {
		if f.is("delete of a gone user is fine") && errors.Is(err, core.ErrNotFound) {
			return nil
		}
		return err
	}
	delete(f.users, id)
	f.order = slices.DeleteFunc(f.order, func(x string) bool { return x == id })
	return f.lost()
}

func (f *fake) ListAssignments(ctx context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		const op = "Assignments.List"
		if err := f.supported(op); err != nil {
			yield(core.Assignment{}, err)
			return
		}
		if q.UserID != "" {
			p, err := f.find(ctx, op, q.UserID)
			if err != nil {
				yield(core.Assignment{}, err)
				return
			}
			for _, a := range p.links {
				if !yield(a, nil) {
					return
				}
			}
			return
		}
		if q.Target.Kind == "" {
			yield(core.Assignment{}, core.Invalid(fakeVendor, op, "nothing is asked for"))
			return
		}
		if err := f.kind(op, q.Target.Kind); err != nil {
			yield(core.Assignment{}, err)
			return
		}
		if err := f.ask(ctx, op); err != nil {
			yield(core.Assignment{}, err)
			return
		}
		for _, id := range f.order {
			for _, a := range f.users[id].links {
				if a.Target == q.Target && !f.is("listings disagree") && !yield(a, nil) {
					return
				}
			}
		}
	}
}

func (f *fake) kind(op string, k core.Kind) error {
	if _, ok := f.Capabilities().Kind(k); !ok && !f.is("any kind will do") {
		return core.Unsupported(fakeVendor, op, "no such kind")
	}
	return nil
}

// each makes one change after the other.
func (f *fake) each(ctx context.Context, op string, as []core.Assignment, do func(*person, core.Assignment) core.Outcome) ([]core.Outcome, error) {
	if err := f.supported(op); err != nil {
		return nil, err
	}
	for _, a := range as {
		if err := f.kind(op, a.Target.Kind); err != nil {
			return nil, err
		}
		if a.Level != nil && a.Target.Kind != core.KindQueue && !f.is("any level will do") {
			return nil, core.Unsupported(fakeVendor, op, "no level")
		}
		if !f.is("impossible ids are sent") {
			if err := checkID(op, a.UserID); err != nil {
				return nil, err
			}
		}
	}
	out := make([]core.Outcome, len(as))
	for i, a := range as {
		p, err := f.find(ctx, op, a.UserID)
		if err != nil {
			out[i].Fail(err)
		} else {
			out[i] = do(p, a)
			if err := f.lost(); err != nil {
				out[i] = core.Outcome{}
				out[i].Fail(err)
			}
		}
		out[i].Assignment = a
	}
	if f.is("outcomes are sorted") {
		slices.SortStableFunc(out, func(a, b core.Outcome) int { return strings.Compare(a.Assignment.UserID, b.Assignment.UserID) })
	}
	if f.is("partial is nil") {
		return out, nil
	}
	if f.is("partial is the first cause") {
		for _, o := range out {
			if o.Err != nil {
				return out, o.Err
			}
		}
	}
	return out, storekit.OutcomesError(fakeVendor, op, out)
}

func (p *person) link(t core.Target) int {
	return slices.IndexFunc(p.links, func(a core.Assignment) bool { return a.Target == t })
}

var (
	applied = core.Outcome{Result: core.ResultApplied}
	already = core.Outcome{Result: core.ResultAlready}
)

func (f *fake) Assign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return f.each(ctx, "Assignments.Assign", as, func(p *person, a core.Assignment) core.Outcome {
		if i := p.link(a.Target); i >= 0 {
			if f.is("assigning resumes") {
				p.links[i].Suspended = false
			}
			if a.Level == nil || p.links[i].Level != nil && *p.links[i].Level == *a.Level {
				if f.is("a missing level resets") {
					p.links[i].Level = nil
				}
				if f.is("already is applied") {
					return applied
				}
				return already
			}
			p.links[i].Level = a.Level
			return applied
		}
		out := applied
		if a.Target.Kind == core.KindProfile {
			p.links = slices.DeleteFunc(p.links, func(b core.Assignment) bool {
				if b.Target.Kind == core.KindProfile && !f.is("a move does not say from where") {
					out.Message = "moved from " + b.Target.ID
				}
				return b.Target.Kind == core.KindProfile && !f.is("a single-valued kind holds two")
			})
		}
		if f.is("assigning replaces") {
			p.links = nil
		}
		if !f.is("applied is a lie") {
			p.links = append(p.links, a)
		}
		return out
	})
}

func (f *fake) Unassign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	for _, a := range as {
		if a.Target.Kind == core.KindProfile && !f.is("a profile is taken away") {
			return nil, core.Unsupported(fakeVendor, "Assignments.Unassign", "a profile can only be exchanged")
		}
	}
	return f.each(ctx, "Assignments.Unassign", as, func(p *person, a core.Assignment) core.Outcome {
		i := p.link(a.Target)
		if i < 0 {
			return already
		}
		p.links = slices.Delete(p.links, i, i+1)
		return applied
	})
}

func (f *fake) suspend(ctx context.Context, op string, as []core.Assignment, to bool) ([]core.Outcome, error) {
	return f.each(ctx, op, as, func(p *person, a core.Assignment) core.Outcome {
		i := p.link(a.Target)
		switch {
		case i < 0 && f.is("suspending links"):
			p.links = append(p.links, core.Assignment{UserID: a.UserID, Target: a.Target, Suspended: to})
			return applied
		case i < 0:
			return core.Outcome{Result: core.ResultFailed, Code: "no-link", Err: core.Invalid(fakeVendor, op, "no link")}
		case p.links[i].Suspended == to:
			return already
		}
		p.links[i].Suspended = to
		return applied
	})
}

func (f *fake) Suspend(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return f.suspend(ctx, "Assignments.Suspend", as, true)
}

func (f *fake) Resume(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return f.suspend(ctx, "Assignments.Resume", as, false)
}

func (f *fake) Presence(ctx context.Context, id string) (core.Presence, error) {
	const op = "Presence.Get"
	if err := f.supported(op); err != nil {
		return core.Presence{}, err
	}
	p, err := f.find(ctx, op, id)
	if err != nil {
		return core.Presence{}, err
	}
	out := core.Presence{UserID: id, Availability: p.present, Blocked: new(p.blocked)}
	if f.is("a block is a presence") && p.blocked {
		out.Blocked = new(false)
	}
	return out, nil
}

func (f *fake) SetPresence(ctx context.Context, id string, to core.Availability) error {
	const op = "Presence.Set"
	if err := f.supported(op); err != nil {
		return err
	}
	if !slices.Contains(f.fixture().Availabilities, to) {
		if f.is("busy is made away") && to == core.Busy {
			to = core.Away
		} else {
			return core.Unsupported(fakeVendor, op, "no such presence")
		}
	}
	p, err := f.find(ctx, op, id)
	if err != nil {
		return err
	}
	p.present = to
	return f.lost()
}

func (f *fake) Block(ctx context.Context, id string) (core.Block, error) {
	const op = "Presence.Block"
	if err := f.supported(op); err != nil {
		return core.Block{}, err
	}
	p, err := f.find(ctx, op, id)
	if err != nil {
		return core.Block{}, err
	}
	b := core.Block{Vendor: fakeVendor, UserID: id}
	if p.blocked && !f.is("a second block claims the first") {
		return b, nil
	}
	if !p.blocked {
		p.blocked, p.shut = true, map[string]bool{}
		for i := range p.links {
			if !p.links[i].Suspended {
				p.links[i].Suspended, p.shut[p.links[i].Target.ID] = true, true
			}
		}
	}
	b.Changed = append([]string{"block"}, slices.Sorted(maps.Keys(p.shut))...)
	err = f.lost()
	if err != nil && f.is("the record of a failed block is lost") {
		return core.Block{}, err
	}
	return b, err
}

func (f *fake) Unblock(ctx context.Context, id string, made ...core.Block) error {
	const op = "Presence.Unblock"
	if err := f.supported(op); err != nil {
		return err
	}
	p, err := f.find(ctx, op, id)
	if err != nil {
		return err
	}
	var changed []string
	for _, b := range made {
		changed = append(changed, b.Changed...)
	}
	if len(made) == 0 {
		changed = append([]string{"block"}, slices.Collect(maps.Keys(p.shut))...)
	}
	if !slices.Contains(changed, "block") && !f.is("unblock lifts all") {
		return nil
	}
	p.blocked = false
	for i := range p.links {
		if slices.Contains(changed, p.links[i].Target.ID) || f.is("unblock resumes all") {
			p.links[i].Suspended = false
		}
	}
	return f.lost()
}

func (f *fake) Close(context.Context) error { return nil }

func (f *fake) ListTargets(context.Context, core.TargetQuery) iter.Seq2[core.Target, error] {
	return func(func(core.Target, error) bool) {}
}

func (f *fake) LiftBlocks(ctx context.Context, userID string) error { return f.Unblock(ctx, userID) }
