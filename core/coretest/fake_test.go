package coretest

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/adapter"
	"github.com/rollcall-go/rollcall/internal/evidence"
)

// fake is a small store in memory: queues with levels and suspension, a profile
// that is single-valued, presence and blocks. It keeps all rules; a flaw breaks one of
// them on purpose.
type fake struct {
	server  *server
	flaw    string
	bare    bool // offers lists and nothing else
	settles bool
	patient time.Duration // how long a change is looked for
	log     *BlockLog
	short   bool // the next list is cut short, by a flaw
	walked  bool
}

const fakeVendor = "fake"

var fakeAvailabilities = []core.Availability{core.Available, core.Away, core.Offline}

func newFake(flaw string, bare bool) *fake {
	return &fake{server: newServer(), flaw: flaw, bare: bare, log: &BlockLog{}}
}

// settling is a fake that settles.
type settling struct{ *fake }

func (f *fake) store() core.Store {
	if f.settles {
		return settling{f}
	}
	return f
}

func (f *fake) is(flaw string) bool { return f.flaw == flaw }

func (f *fake) Close(context.Context) error { return nil }

func (f *fake) border() adapter.Border {
	if f.is("the account is not named") {
		return adapter.Border{Vendor: fakeVendor}
	}
	return adapter.Border{Vendor: fakeVendor, Account: "emea"}
}

// named is an error as it leaves the store.
func (f *fake) named(op core.Operation, err error) error {
	if f.is("an error names another operation") {
		op = "Users.Get"
	}
	return f.border().Error(op, err)
}

func (f *fake) invalid(op core.Operation, why string) error {
	return f.named(op, f.border().Invalid(op, why))
}

func (f *fake) Capabilities() core.Capabilities {
	c := core.Capabilities{Vendor: fakeVendor, Operations: map[core.Operation]core.Capability{}}
	for _, op := range core.Operations() {
		c.Operations[op] = core.Capability{Support: core.Native, Cost: core.Cost{Call: 3}}
		if op == core.OpSettle && !f.settles || f.bare && op != core.OpListUsers && op != core.OpGetUser {
			c.Operations[op] = core.Capability{Support: core.NotOffered, Note: "not here"}
		}
	}
	for _, op := range []core.Operation{core.OpListUsers, core.OpListTargets, core.OpListAll, core.OpListByUser, core.OpListByTarget,
		core.OpGetUser, core.OpPresence} {
		if c.Of(op).Support == core.Native {
			c.Operations[op] = core.Capability{Support: core.Native, Cost: core.Cost{Call: 1}}
		}
	}
	for _, op := range []core.Operation{core.OpAssign, core.OpUnassign, core.OpSuspend, core.OpResume} {
		if !f.bare {
			c.Operations[op] = core.Capability{Support: core.Native, Cost: core.Cost{Link: 3}}
		}
	}
	for _, name := range core.Fields() {
		c.Fields = append(c.Fields, f.field(name))
	}
	if !f.bare {
		c.Kinds = []core.KindCapability{{Kind: core.KindProfile, Single: true}, {Kind: core.KindSkill},
			{Kind: core.KindQueue, Level: "1..3", Levels: &core.LevelRange{Min: 1, Max: 3}}}
		c.Revisions = true
	}
	switch {
	case f.is("a note is missing"):
		c.Operations[core.OpBlock] = core.Capability{Support: core.NotOffered}
	case f.is("a field is not told"):
		c.Fields = c.Fields[1:]
	case f.is("a field has no name of the vendor's"):
		c.Fields[0].Wire = ""
	case f.is("the cost is not told"):
		c.Operations[core.OpGetUser] = core.Capability{Support: core.Native}
	}
	return c
}

func (f *fake) field(name core.Field) core.FieldCapability {
	if name == "displayName" {
		return core.FieldCapability{Name: name, Note: "no display names"}
	}
	c := core.FieldCapability{Name: name, Wire: "Wire-" + string(name), Readable: true}
	if name == "roles" {
		c.Wire = "roles"
	}
	if !f.bare {
		c.Settable, c.Changeable = true, true
		c.Required = name == "login" || name == "firstName" || name == "lastName"
		c.Clearable = name == "email" || name == "roles"
	}
	return c
}

// supported refuses what a bare fake lacks.
func (f *fake) supported(op core.Operation) error {
	if !f.bare {
		return nil
	}
	if f.is("unsupported sends") {
		f.server.requests++
	}
	if f.is("unsupported is plain") {
		return errors.New("not here")
	}
	return f.border().Unsupported(op, "not here")
}

func (f *fake) checkID(op core.Operation, id string) error {
	if !f.is("impossible ids are sent") && (len(id) < 2 || id[0] != 'u' || strings.ContainsAny(id, "./\x00\n")) {
		return f.invalid(op, "the id is impossible")
	}
	return nil
}

// find reads a user.
func (f *fake) find(ctx context.Context, id string) (out *person, err error) {
	err = f.send(ctx, request{read: true, do: func(w *world) error {
		p := w.people[id]
		switch {
		case p == nil && f.is("not found is invalid"):
			return &core.Error{Class: core.ClassInvalid, Applied: core.AppliedNo}
		case p == nil:
			return &core.Error{Class: core.ClassNotFound, Status: 404, Message: "no user", Applied: core.AppliedNo}
		}
		out = p.clone()
		return nil
	}})
	return out, err
}

// make writes to one user and looks at it, the user being as it was read before.
func (f *fake) make(ctx context.Context, op core.Operation, was *person, do func(*person), shows func(*person) bool) error {
	id := was.u.ID
	write := func(w *world) error {
		if w.people[id] == nil {
			return &core.Error{Class: core.ClassNotFound, Status: 404, Applied: core.AppliedNo}
		}
		if f.is("own writes are forgotten") {
			w.people[id] = was // the user as it was read, and written whole
		}
		do(w.people[id])
		w.people[id].u.Revision += "1"
		return nil
	}
	return f.effect(ctx, op, shows(was), write, func(ctx context.Context) (bool, error) {
		p, err := f.find(ctx, id)
		return err == nil && shows(p), err
	})
}

// effect writes and looks whether it shows.
func (f *fake) effect(ctx context.Context, op core.Operation, was bool, write func(*world) error, shows func(context.Context) (bool,
	error)) error {
	look := evidence.ReadBack{For: f.patient}
	if f.is("a change is looked at once") {
		look.For = -1
	}
	believed := false
	err := look.Make(ctx, evidence.Effect{Vendor: fakeVendor, Op: string(op), Was: was, Shows: shows,
		Certain: func() bool { return f.is("what does not show counts as a refusal") },
		Write: func(ctx context.Context) (bool, error) {
			err := f.send(ctx, request{do: write, collection: op == core.OpCreateUser})
			believed = err == errBelieved
			if believed {
				err = nil
			}
			return believed || f.is("nothing is looked at"), err
		}})
	return f.named(op, err)
}

func (f *fake) show(p *person) core.User {
	u := p.clone().u
	u.Vendor, u.Account, u.Native = fakeVendor, "emea", f
	u.Revision = "r" + u.Revision
	if f.is("vendor is not named") {
		u.Vendor = ""
	}
	return u
}

func (f *fake) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	if f.is("list is eager") {
		f.server.requests++
	}
	return func(yield func(core.User, error) bool) {
		if f.is("list runs once") && f.walked {
			return
		}
		f.walked = true
		var rows []core.User
		err := f.send(ctx, request{read: true, collection: true, do: func(w *world) error {
			for _, id := range w.order {
				rows = append(rows, f.show(w.people[id]))
			}
			return nil
		}})
		if f.is("list is short") || f.short {
			rows, f.short = rows[:min(1, len(rows))], false
		}
		if f.server.repeat {
			rows[len(rows)-1] = rows[0]
		}
		f.yieldUsers(q, rows, err, yield)
	}
}

func (f *fake) yieldUsers(q core.UserQuery, rows []core.User, err error, yield func(core.User, error) bool) {
	if err != nil {
		if !f.is("list ends silently") {
			yield(core.User{}, f.brokeOff(core.OpListUsers, err))
		}
		return
	}
	seen := map[string]bool{}
	for _, u := range rows {
		if seen[u.ID] && !f.is("a repeated row is handed out") {
			yield(core.User{}, f.named(core.OpListUsers, &core.Error{Class: core.ClassIncomplete, Applied: core.AppliedNo,
				Message: "a row came twice"}))
			return
		}
		seen[u.ID] = true
		if f.matches(q.Login, u.Login) && f.matches(q.Email, u.Email) && !yield(u, nil) {
			return
		}
	}
}

func (f *fake) brokeOff(op core.Operation, err error) error {
	switch {
	case f.is("a list breaks off like a read"):
		return f.named(op, err)
	case f.is("a list that breaks off hides its cause"):
		return f.named(op, &core.Error{Class: core.ClassIncomplete, Applied: core.AppliedNo})
	}
	return f.named(op, storekit.Incomplete(fakeVendor, string(op), err, false))
}

func (f *fake) matches(want, got string) bool {
	switch {
	case want == "":
		return true
	case f.is("find by prefix"):
		return strings.HasPrefix(got, want)
	case f.is("case counts"):
		return want == got
	case f.is("composition counts"):
		return strings.EqualFold(strings.TrimSpace(want), got)
	}
	return core.Fold(want) == core.Fold(got)
}

func (f *fake) GetUser(ctx context.Context, id string) (core.User, error) {
	if err := f.checkID(core.OpGetUser, id); err != nil {
		return core.User{}, err
	}
	if f.is("it costs more") {
		f.server.requests++
	}
	if f.is("the fifth of nine requests lies") {
		for i := range 8 {
			if _, err := f.find(ctx, id); err != nil && i == 4 {
				return core.User{}, f.named(core.OpGetUser, &core.Error{Class: core.ClassNotFound, Applied: core.AppliedNo})
			}
		}
	}
	p, err := f.find(ctx, id)
	if err != nil {
		return core.User{}, f.named(core.OpGetUser, err)
	}
	return f.show(p), nil
}

// checkChange refuses what cannot be sent.
func (f *fake) checkChange(op core.Operation, c core.UserChange) error {
	if _, named := c.Field("displayName"); named && !f.is("a missing field is dropped") {
		return f.border().Unsupported(op, "no display names")
	}
	for _, name := range core.Fields() {
		v, named := c.Field(name)
		if named && v == nil && !f.field(name).Clearable && !f.is("required is cleared") {
			return f.invalid(op, string(name)+" is required")
		}
	}
	for _, v := range c.Fields {
		if _, isInt := v.(int); !isInt && f.is("numbers from JSON are refused") {
			return f.invalid(op, "no number")
		}
	}
	return nil
}

func (f *fake) CreateUser(ctx context.Context, spec core.UserSpec) (core.User, error) {
	const op = core.OpCreateUser
	if err := f.supported(op); err != nil {
		return core.User{}, err
	}
	if err := f.checkChange(op, spec.Change()); err != nil {
		return core.User{}, err
	}
	if spec.Login == "" || spec.FirstName == "" || spec.LastName == "" && !f.is("create lacks a field") {
		return core.User{}, f.invalid(op, "a field is required")
	}
	for _, link := range spec.Links {
		if err := f.checkKind(op, link.Target.Kind); err != nil && !f.is("links are not checked") {
			return core.User{}, err
		}
	}

	p := &person{u: core.User{Enabled: new(spec.Enabled.Or(true))}, present: core.Offline}
	f.apply(p, spec.Change())
	if !f.is("links are dropped") {
		p.links = slices.Clone(spec.Links)
	}
	err := f.create(ctx, p, spec.Login)
	if err != nil {
		return core.User{}, err
	}
	u := f.show(p)
	if f.is("the password shows") {
		for _, p := range f.server.truth.people {
			p.u.LastName = spec.Password.Reveal()
		}
	}
	return u, nil
}

func (f *fake) create(ctx context.Context, p *person, login string) error {
	const op = core.OpCreateUser
	write := func(w *world) error {
		for _, other := range w.people {
			if other.u.Login == login {
				return &core.Error{Class: core.ClassConflict, Status: 409, Applied: core.AppliedNo}
			}
		}
		w.add(p)
		for i := range p.links {
			p.links[i].UserID = p.u.ID
		}
		if f.server.disturb.LoseAnswer && f.server.requests == f.server.strike && f.is("a create is sent twice") {
			w.add(p.clone())
		}
		return nil
	}
	if f.is("new is gone") || f.is("new and not shown is not found") {
		err := f.send(ctx, request{do: write, collection: true})
		if err == nil && f.is("new and not shown is not found") {
			_, err = f.find(ctx, p.u.ID)
		}
		return f.named(op, err)
	}
	return f.effect(ctx, op, false, write, func(ctx context.Context) (bool, error) {
		if p.u.ID == "" {
			return false, nil
		}
		_, err := f.find(ctx, p.u.ID)
		if errors.Is(err, core.ErrNotFound) {
			return false, nil
		}
		return err == nil, err
	})
}

// apply makes a change true of a person.
func (f *fake) apply(p *person, c core.UserChange) {
	for _, name := range core.Fields() {
		v, named := c.Field(name)
		switch {
		case !named && name == "roles" && f.is("absent means empty"):
			p.u.Roles = nil
		case !named, v == nil && f.is("clear keeps"), name == "displayName":
		default:
			p.u.SetField(name, v)
		}
	}
	if f.is("unknown fields are lost") {
		p.extra = ""
	}
}

func (f *fake) UpdateUser(ctx context.Context, id string, c core.UserChange) (core.User, error) {
	const op = core.OpUpdateUser
	if err := f.supported(op); err != nil {
		return core.User{}, err
	}
	if err := f.checkID(op, id); err != nil {
		return core.User{}, err
	}
	if err := f.checkChange(op, c); err != nil {
		return core.User{}, err
	}
	p, err := f.find(ctx, id)
	if err != nil {
		return core.User{}, f.named(op, err)
	}
	if !f.holds(p, c.If) && !f.is("the precondition is ignored") {
		return core.User{}, f.named(op, &core.Error{Class: core.ClassRevision, Applied: core.AppliedNo})
	}
	c.If = core.Precondition{}

	err = f.make(ctx, op, p, func(p *person) { f.apply(p, c) }, func(p *person) bool { return len(c.Unmet(p.u)) == 0 })
	if err != nil {
		return core.User{}, err
	}
	f.apply(p, c)
	return f.show(p), nil
}

func (f *fake) holds(p *person, if_ core.Precondition) bool {
	is := f.show(p)
	if if_.Revision != "" && if_.Revision != is.Revision && !f.is("the revision is ignored") {
		return false
	}
	for name, want := range if_.Values {
		name = strings.TrimPrefix(name, "Wire-")
		if asJSON(inOneOrder(want)) != asJSON(valueOf(is, core.Field(name))) {
			return false
		}
	}
	return true
}

func (f *fake) DeleteUser(ctx context.Context, id string) error {
	const op = core.OpDeleteUser
	if err := f.supported(op); err != nil {
		return err
	}
	if err := f.checkID(op, id); err != nil {
		return err
	}
	if _, err := f.find(ctx, id); err != nil {
		if f.is("delete of a gone user is fine") && errors.Is(err, core.ErrNotFound) {
			return nil
		}
		return f.named(op, err)
	}
	return f.effect(ctx, op, false, func(w *world) error {
		delete(w.people, id)
		w.order = slices.DeleteFunc(w.order, func(x string) bool { return x == id })
		return nil
	}, func(ctx context.Context) (bool, error) {
		_, err := f.find(ctx, id)
		if errors.Is(err, core.ErrNotFound) {
			return true, nil
		}
		return false, err
	})
}

// Settle waits until a user shows.
func (f settling) Settle(ctx context.Context, id string, opts ...core.SettleOption) (core.Settlement, error) {
	const op = core.OpSettle
	var c core.SettleConfig
	for _, o := range opts {
		o(&c)
	}
	if err := f.checkID(op, id); err != nil {
		return core.Settlement{}, err
	}

	out := core.Settlement{UserID: id, State: core.Settled}
	for {
		_, err := f.find(ctx, id)
		gone := errors.Is(err, core.ErrNotFound)
		switch {
		case gone && c.After == core.Created && !f.is("new is gone"):
			time.Sleep(100 * time.Millisecond)
		case gone:
			out.State = core.Gone
			return out, nil
		case core.ClassOf(err) == core.ClassProtocol:
			time.Sleep(100 * time.Millisecond)
		default:
			return out, f.named(op, err)
		}
	}
}
