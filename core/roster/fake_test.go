package roster_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// world is a vendor in memory. It counts each effect, so that a write that took effect
// twice is seen, and a fault hook strikes around each write.
type world struct {
	mu       sync.Mutex
	users    map[string]core.User
	links    map[string]map[string]core.Assignment // by user, by target
	blocked  map[string]bool
	next     int
	effects  map[string]int
	writes   int
	reads    int
	strike   func(n int, op core.Operation) fault
	before   func(n int, op core.Operation)
	latency  time.Duration
	lacks    []core.Operation
	noField  core.Field // which the vendor does not have
	batch    int
	linkCost int // a create takes requests of its own for each link
	least    int
	slow     bool // changes are accepted and carried out later
	noReport bool // presence may not be read, and whether a user is blocked may
	fingered string
	walk     time.Duration // how long a list takes; one that moves meanwhile is incomplete
	moved    int           // how often the list of users moved
	walks    int           // how many lists of users were read
}

// fault is what happens to one write.
type fault string

const (
	crashBefore fault = "crash before" // the process dies, and nothing was sent
	crashAfter  fault = "crash after"  // the process dies after the effect
	lostAnswer  fault = "lost answer"  // the effect took place, and the answer is lost
	lostRequest fault = "lost request" // nothing took place, and the caller is in doubt
	refused     fault = "refused"
	forbidden   fault = "forbidden"
)

// faultKey is the context key of the fault of the one write that a context is for.
type faultKey struct{}

// errCrash is what a process that died would have seen.
var errCrash = errors.New("the process died")

func newWorld() *world {
	return &world{users: map[string]core.User{}, links: map[string]map[string]core.Assignment{}, blocked: map[string]bool{},
		effects: map[string]int{}}
}

func (w *world) add(login string, targets ...core.Target) string {
	w.next++
	id := fmt.Sprintf("u%d", w.next)
	w.users[id] = core.User{Vendor: "fake", ID: id, Login: login, Email: login, FirstName: "First", Enabled: new(true)}
	w.links[id] = map[string]core.Assignment{}
	for _, t := range targets {
		w.links[id][t.String()] = core.Assignment{UserID: id, Target: t, Level: new(1)}
	}
	return id
}

// state is everything that the vendor holds, by login, without ids.
func (w *world) state() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var lines []string
	for id, u := range w.users {
		var line strings.Builder
		line.WriteString(fmt.Sprintf("%s %s %s %v blocked=%v", u.Login, u.FirstName, u.LastName, *u.Enabled, w.blocked[id]))
		for _, t := range slices.Sorted(maps.Keys(w.links[id])) {
			line.WriteString(fmt.Sprintf(" %s@%d", t, *w.links[id][t].Level))
			if w.links[id][t].Suspended {
				line.WriteString("!")
			}
		}
		lines = append(lines, line.String())
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// twice names the effects that took place more than once.
func (w *world) twice() (out []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for what, n := range w.effects {
		if n > 1 {
			out = append(out, fmt.Sprintf("%s: %d times", what, n))
		}
	}
	return out
}

func (w *world) sent() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.writes
}

func (w *world) traffic() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.writes + w.reads
}

// write is one write request: do makes the effect and says which it was.
func (w *world) write(ctx context.Context, op core.Operation, do func() (string, error)) error {
	if w.latency > 0 {
		select {
		case <-time.After(w.latency):
		case <-ctx.Done():
			return &core.Error{Vendor: "fake", Op: string(op), Class: core.ClassCanceled, Applied: core.AppliedUnknown, Err: ctx.Err()}
		}
	}
	w.mu.Lock()
	w.writes++
	n := w.writes
	before, strike := w.before, w.strike
	w.mu.Unlock()
	if before != nil {
		before(n, op)
	}
	var f fault
	if strike != nil {
		f = strike(n, op)
	}
	if own, ok := ctx.Value(faultKey{}).(fault); ok {
		f = own
	}
	e := &core.Error{Vendor: "fake", Op: string(op), Class: core.ClassUnavailable, Applied: core.AppliedUnknown, Message: string(f)}
	switch f {
	case crashBefore:
		return errCrash
	case lostRequest:
		return e
	case refused:
		e.Class, e.Applied = core.ClassInvalid, core.AppliedNo
		return e
	case forbidden:
		e.Class, e.Applied = core.ClassPermission, core.AppliedNo
		return e
	}

	w.mu.Lock()
	what, err := do()
	if what != "" {
		w.effects[what]++
	}
	if op == core.OpCreateUser || op == core.OpDeleteUser {
		w.moved++
	}
	w.mu.Unlock()
	switch {
	case f == crashAfter:
		return errCrash
	case f == lostAnswer:
		return e
	}
	return err
}

func (w *world) read() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reads++
}

// store is the adapter of a world.
type store struct{ *world }

func (s store) Fingerprint() string { return cmp.Or(s.fingered, "fake at home") }

func (s store) Close(context.Context) error { return nil }

func (s store) Capabilities() core.Capabilities {
	c := core.Capabilities{Vendor: "fake", Operations: map[core.Operation]core.Capability{},
		Kinds: []core.KindCapability{{Kind: core.KindQueue, Levels: &core.LevelRange{Min: 1, Max: 9}}, {Kind: core.KindProfile, Least: s.least}}}
	for _, op := range core.Operations() {
		k := core.Capability{Support: core.Native, Cost: core.Cost{Call: 1}}
		if slices.Contains(s.lacks, op) || op == core.OpSettle && !s.slow {
			k = core.Capability{Support: core.NotOffered, Note: "the fake lacks it"}
		}
		if isLink(op) {
			k.Cost.Batch = s.batch
		}
		if op == core.OpCreateUser {
			k.Cost.Link = s.linkCost
		}
		c.Operations[op] = k
	}
	for _, f := range core.Fields() {
		if f == s.noField {
			c.Fields = append(c.Fields, core.FieldCapability{Name: f, Note: "the fake lacks it"})
			continue
		}
		c.Fields = append(c.Fields, core.FieldCapability{Name: f, Wire: string(f), Readable: true, Settable: true, Changeable: true,
			Required: f == "login", Clearable: f != "login"})
	}
	return c
}

func isLink(op core.Operation) bool {
	return op == core.OpAssign || op == core.OpUnassign
}

func notFound(op core.Operation) error {
	return &core.Error{Vendor: "fake", Op: string(op), Class: core.ClassNotFound, Applied: core.AppliedNo, Message: "no such user"}
}

func (s store) ListUsers(_ context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	return func(yield func(core.User, error) bool) {
		s.world.read()
		s.mu.Lock()
		s.walks++
		if before := s.moved; s.walk > 0 {
			s.mu.Unlock()
			time.Sleep(s.walk)
			s.mu.Lock()
			if s.moved != before {
				s.mu.Unlock()
				yield(core.User{}, &core.Error{Vendor: "fake", Op: string(core.OpListUsers), Class: core.ClassIncomplete,
					Applied: core.AppliedNo, Message: "the list moved"})
				return
			}
		}
		var found []core.User
		for _, id := range slices.Sorted(maps.Keys(s.users)) {
			u := s.users[id]
			if (q.Login == "" || core.Fold(q.Login) == core.Fold(u.Login)) && (q.Email == "" || core.Fold(q.Email) == core.Fold(u.Email)) {
				found = append(found, u)
			}
		}
		s.mu.Unlock()
		for _, u := range found {
			if !yield(u, nil) {
				return
			}
		}
	}
}

func (s store) GetUser(_ context.Context, id string) (core.User, error) {
	s.world.read()
	s.mu.Lock()
	defer s.mu.Unlock()
	if u, ok := s.users[id]; ok {
		return u, nil
	}
	return core.User{}, notFound(core.OpGetUser)
}

func (s store) CreateUser(ctx context.Context, spec core.UserSpec) (core.User, error) {
	var u core.User
	err := s.write(ctx, core.OpCreateUser, func() (string, error) {
		for _, have := range s.users {
			if have.Login == spec.Login {
				return "", &core.Error{Vendor: "fake", Op: "users.create", Class: core.ClassConflict, Applied: core.AppliedNo,
					Message: "the login is taken"}
			}
		}
		id := s.add(spec.Login)
		u = s.users[id]
		u.FirstName, u.LastName, u.Email = spec.FirstName, spec.LastName, spec.Email
		if spec.Enabled.IsSet() {
			u.Enabled = new(spec.Enabled.Or(true))
		}
		s.users[id] = u
		for _, a := range spec.Links {
			a.UserID = id
			if a.Level == nil {
				a.Level = new(1)
			}
			s.links[id][a.Target.String()] = a
		}
		return "create " + spec.Login, nil
	})
	if err != nil {
		return core.User{}, err
	}
	return u, nil
}

func (s store) UpdateUser(ctx context.Context, id string, change core.UserChange) (core.User, error) {
	var u core.User
	err := s.write(ctx, core.OpUpdateUser, func() (string, error) {
		var ok bool
		if u, ok = s.users[id]; !ok {
			return "", notFound(core.OpUpdateUser)
		}
		for name, value := range change.If.Values {
			var c core.UserChange
			c.SetField(core.Field(name), value)
			if len(c.Unmet(u)) > 0 {
				return "", &core.Error{Vendor: "fake", Op: "users.update", Class: core.ClassRevision, Applied: core.AppliedNo}
			}
		}
		if len(change.Unmet(u)) == 0 {
			return "", nil
		}
		for _, f := range core.Fields() {
			if value, named := change.Field(f); named {
				u.SetField(f, value)
			}
		}
		s.users[id] = u
		return fmt.Sprintf("update %s %s", id, u.LastName), nil
	})
	return u, err
}

func (s store) DeleteUser(ctx context.Context, id string) error {
	return s.write(ctx, core.OpDeleteUser, func() (string, error) {
		if _, ok := s.users[id]; !ok {
			return "", notFound(core.OpDeleteUser)
		}
		delete(s.users, id)
		delete(s.links, id)
		delete(s.blocked, id)
		return "delete " + id, nil
	})
}

func (s store) ListTargets(context.Context, core.TargetQuery) iter.Seq2[core.Target, error] {
	return func(func(core.Target, error) bool) {}
}

func (s store) ListAssignments(_ context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		s.world.read()
		s.mu.Lock()
		var found []core.Assignment
		for _, id := range slices.Sorted(maps.Keys(s.links)) {
			for _, t := range slices.Sorted(maps.Keys(s.links[id])) {
				a := s.links[id][t]
				if (q.UserID == "" || q.UserID == id) && (q.UserID != "" || q.Target.ID == "" || q.Target.String() == t) {
					found = append(found, a)
				}
			}
		}
		s.mu.Unlock()
		for _, a := range found {
			if !yield(a, nil) {
				return
			}
		}
	}
}

// edit changes links in one request.
func (s store) edit(ctx context.Context, op core.Operation, as []core.Assignment, one func(a core.Assignment) (core.Outcome,
	string)) ([]core.Outcome, error) {
	outcomes := make([]core.Outcome, len(as))
	err := s.write(ctx, op, func() (string, error) {
		for i, a := range as {
			var what string
			outcomes[i] = core.Outcome{Assignment: a, Result: core.ResultFailed, Err: notFound(op), Message: "no such user"}
			if _, ok := s.users[a.UserID]; ok {
				outcomes[i], what = one(a)
			}
			if what != "" {
				s.effects[what]++
			}
		}
		return "", nil
	})
	if err != nil {
		for i := range outcomes {
			outcomes[i] = core.Outcome{Assignment: as[i]}
			outcomes[i].Fail(err)
			if errors.Is(err, errCrash) {
				outcomes[i].Result = core.ResultUnknown
			}
		}
	}
	for _, o := range outcomes {
		if !o.Done() {
			return outcomes, &core.PartialError{Vendor: "fake", Op: string(op), Outcomes: outcomes}
		}
	}
	return outcomes, nil
}

func (s store) Assign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.edit(ctx, core.OpAssign, as, func(a core.Assignment) (core.Outcome, string) {
		o := core.Outcome{Assignment: a, Result: core.ResultAlready}
		is, there := s.links[a.UserID][a.Target.String()]
		if there && (a.Level == nil || *a.Level == *is.Level) {
			return o, ""
		}
		if there {
			o.Before = &is
		}
		if a.Level == nil {
			a.Level = new(1)
		}
		s.links[a.UserID][a.Target.String()] = a
		o.Result = core.ResultApplied
		return o, "assign " + a.String()
	})
}

func (s store) Unassign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.edit(ctx, core.OpUnassign, as, func(a core.Assignment) (core.Outcome, string) {
		is, there := s.links[a.UserID][a.Target.String()]
		if !there {
			return core.Outcome{Assignment: a, Result: core.ResultAlready}, ""
		}
		delete(s.links[a.UserID], a.Target.String())
		return core.Outcome{Assignment: a, Result: core.ResultApplied, Before: &is}, "unassign " + a.String()
	})
}

func (s store) suspend(ctx context.Context, op core.Operation, to bool, as []core.Assignment) ([]core.Outcome, error) {
	return s.edit(ctx, op, as, func(a core.Assignment) (core.Outcome, string) {
		is := s.links[a.UserID][a.Target.String()]
		if is.Suspended == to {
			return core.Outcome{Assignment: a, Result: core.ResultAlready}, ""
		}
		before := is
		is.Suspended = to
		s.links[a.UserID][a.Target.String()] = is
		return core.Outcome{Assignment: a, Result: core.ResultApplied, Before: &before}, string(op) + " " + a.String()
	})
}

func (s store) Suspend(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.suspend(ctx, core.OpSuspend, true, as)
}

func (s store) Resume(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.suspend(ctx, core.OpResume, false, as)
}

func (s store) Presence(_ context.Context, id string) (core.Presence, error) {
	s.world.read()
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.users[id]; !ok {
		return core.Presence{}, notFound(core.OpPresence)
	}
	p := core.Presence{UserID: id, Availability: core.Available, Blocked: new(s.blocked[id])}
	if s.noReport {
		p.Availability = core.Unknown
		return p, &core.Error{Vendor: "fake", Op: string(core.OpPresence), Class: core.ClassPermission, Applied: core.AppliedNo,
			Message: "not yours to read"}
	}
	return p, nil
}

func (s store) SetPresence(context.Context, string, core.Availability) error {
	return errors.ErrUnsupported
}

func (s store) Block(ctx context.Context, id string) (core.Block, error) {
	b := core.Block{Vendor: "fake", UserID: id, Changed: []string{}}
	s.mu.Lock()
	was := s.blocked[id]
	s.mu.Unlock()
	if !was {
		if err := blockLog(ctx, core.Block{Vendor: "fake", UserID: id, Changed: []string{"shut"}}); err != nil {
			return b, err
		}
	}
	err := s.write(ctx, core.OpBlock, func() (string, error) {
		if _, ok := s.users[id]; !ok {
			return "", notFound(core.OpBlock)
		}
		if s.blocked[id] {
			return "", nil
		}
		s.blocked[id] = true
		b.Changed = append(b.Changed, "shut")
		return "block " + id, nil
	})
	return b, err
}

func (s store) Unblock(ctx context.Context, id string, made ...core.Block) error {
	return s.write(ctx, core.OpUnblock, func() (string, error) {
		if !s.blocked[id] || len(made) == 0 || len(made[0].Changed) == 0 {
			return "", nil
		}
		s.blocked[id] = false
		return "unblock " + id, nil
	})
}

func (s store) LiftBlocks(context.Context, string) error { return errors.ErrUnsupported }

// slowStore is a store whose vendor carries changes out later.
type slowStore struct {
	store
	polls *int
	never bool // nothing settles until the context ends
}

func (s slowStore) Settle(context.Context, string, ...core.SettleOption) (core.Settlement, error) {
	return core.Settlement{}, errors.ErrUnsupported
}

func (s slowStore) SettleAll(ctx context.Context, ids []string, _ ...core.SettleOption) iter.Seq2[core.Settlement, error] {
	return func(yield func(core.Settlement, error) bool) {
		s.mu.Lock()
		*s.polls++
		s.mu.Unlock()
		if s.never {
			<-ctx.Done()
			yield(core.Settlement{}, ctx.Err())
			return
		}
		for _, id := range ids {
			if !yield(core.Settlement{UserID: id, State: core.Settled}, nil) {
				return
			}
		}
	}
}
