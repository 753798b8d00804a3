package liveperson

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

var (
	_ core.BatchCreator = (*Store)(nil)
	_ core.BatchUpdater = (*Store)(nil)
	_ core.BatchDeleter = (*Store)(nil)
	_ core.BatchBlocker = (*Store)(nil)
)

// CreateUsers implements core.BatchCreator: one request makes 50 users. Where the vendor
// refuses them as a whole, those that are not there are made one by one, because it is
// not documented which of them a refusal is for, nor whether others were made. One that is
// there then is core.ErrConflict.
func (s *Store) CreateUsers(ctx context.Context, specs ...core.UserSpec) []core.UserOutcome {
	out := make([]core.UserOutcome, len(specs))
	var users []User
	var at []int // of users in specs
	for i, spec := range specs {
		u, err := s.newUser(spec)
		if err == nil {
			err = s.c.Users.requireNew(opCreateUsers, &u)
		}
		if err != nil {
			out[i].Err = s.border.Error(core.OpCreateUser, err)
			continue
		}
		users, at = append(users, u), append(at, i)
	}

	for len(users) > 0 {
		n := min(perBatch, len(users))
		s.createBatch(ctx, users[:n], func(i int, u *User, err error) {
			if u != nil {
				out[at[i]].User = s.table.Neutral(u)
			}
			out[at[i]].Err = s.border.Error(core.OpCreateUser, err)
		})
		users, at = users[n:], at[n:]
	}
	return out
}

// createBatch creates some users in one request, and returns how each one ended.
func (s *Store) createBatch(ctx context.Context, users []User, ended func(i int, u *User, err error)) {
	made, err := s.c.Users.CreateMany(ctx, users)
	b, partly := errors.AsType[*BatchError](err)
	switch {
	case err != nil && !partly && refusedTogether(err):
		s.createEach(ctx, users, err, ended)
		return
	case err != nil && !partly:
		for i := range users {
			ended(i, nil, err)
		}
		return
	}

	for i := range users {
		switch {
		case !partly || b.Results[i].Done && b.Results[i].Err == nil:
			ended(i, made[i], nil)
		case b.Results[i].Done:
			ended(i, made[i], b.Results[i].Err)
		default:
			ended(i, nil, unanswered(b))
		}
	}
}

// unanswered is the error of a user whom the answer to a batch omits.
func unanswered(b *BatchError) error {
	e := new(*b.Err)
	e.Applied = core.AppliedUnknown
	return e
}

// refusedTogether reports a refusal of several users that may be because of one of them.
func refusedTogether(err error) bool {
	e, ok := errors.AsType[*core.Error](err)
	return ok && e.Applied == core.AppliedNo && e.Attempts > 0 && e.Class != core.ClassPermission && oneTellsMore(err)
}

// createEach creates users one by one that were refused together, except those that
// already exist.
func (s *Store) createEach(ctx context.Context, users []User, refusal error, ended func(i int, u *User, err error)) {
	there := map[string]bool{}
	for u, err := range s.living(ctx) {
		if err != nil {
			for i := range users {
				ended(i, nil, s.unsure(refusal, "a refused batch may have been applied in part, and the users could not be listed"))
			}
			return
		}
		there[core.FoldAddress(u.LoginName)] = true
	}

	for i := range users {
		if there[core.FoldAddress(users[i].LoginName)] {
			e := s.c.failed(opCreateUsers.Name, core.ClassConflict, core.AppliedUnknown, "a user with the login "+users[i].LoginName+
				" already exists")
			e.Doubt, e.Hint = "a refused batch may have been applied in part", "read the user to see whose it is"
			ended(i, nil, e)
			continue
		}
		u, err := s.c.Users.Create(ctx, users[i])
		ended(i, u, err)
	}
}

// unsure reports an error that leaves open whether anything was done.
func (s *Store) unsure(err error, doubt string) error {
	e, ok := errors.AsType[*core.Error](err)
	if !ok {
		return err
	}
	e = new(*e)
	e.Applied, e.Doubt = core.AppliedUnknown, doubt
	return e
}

// UpdateUsers implements core.BatchUpdater: each user is read, and 50 are written in one
// request, under the oldest revision of their reads. Where the vendor refuses them as a
// whole, for one of them perhaps, they are written one by one.
func (s *Store) UpdateUsers(ctx context.Context, updates ...core.UserUpdate) []core.UserOutcome {
	const op = core.OpUpdateUser
	out := make([]core.UserOutcome, len(updates))
	var asked []*modification
	var at, again []int // of asked in updates; of users who are named a second time
	seen := map[int64]bool{}
	for i, update := range updates {
		m, err := s.changing(update.ID, update.Change)
		switch {
		case err != nil:
			out[i].Err = s.border.Error(op, err)
		case seen[m.id]:
			again = append(again, i)
		default:
			seen[m.id] = true
			asked, at = append(asked, m), append(at, i)
		}
	}

	for len(asked) > 0 {
		n := min(perBatch, len(asked))
		users, errs := s.c.Users.modifyMany(ctx, asked[:n])
		for k, u := range users {
			if u != nil {
				out[at[k]].User = s.table.Neutral(u)
			}
			out[at[k]].Err = s.border.Error(op, errs[k])
		}
		asked, at = asked[n:], at[n:]
	}

	for _, i := range again {
		out[i].User, out[i].Err = s.UpdateUser(ctx, updates[i].ID, updates[i].Change)
	}
	return out
}

// DeleteUsers implements core.BatchDeleter: one request removes 50 users, and those that
// the answer does not show as deleted are looked at. Where the vendor refuses them as a
// whole, for one that it does not know perhaps, they are removed one by one.
func (s *Store) DeleteUsers(ctx context.Context, ids ...string) []error {
	out := make([]error, len(ids))
	var known []int64
	var at []int
	for i, id := range ids {
		n, err := s.parseID(core.OpDeleteUser, "the user", id)
		if out[i] = err; err == nil {
			known, at = append(known, n), append(at, i)
		}
	}

	for len(known) > 0 {
		n := min(perBatch, len(known))
		for i, err := range s.deleteBatch(ctx, known[:n]) {
			out[at[i]] = s.border.Error(core.OpDeleteUser, err)
		}
		known, at = known[n:], at[n:]
	}
	return out
}

func (s *Store) deleteBatch(ctx context.Context, ids []int64) []error {
	errs := make([]error, len(ids))
	// A deletion moves the account's revision: without turns, a batch that has just been
	// read would have to be read again.
	unlock, err := s.c.turn(ctx, string(core.OpDeleteUser))
	if err != nil {
		for i := range errs {
			errs[i] = err
		}
		return errs
	}

	err = s.c.Users.DeleteMany(ctx, ids, AnyRevision)
	unlock()
	b, partly := errors.AsType[*BatchError](err)
	for i, id := range ids {
		switch {
		case err == nil || partly && b.Results[i].Done:
		case partly:
			errs[i] = unanswered(b)
		case refusedTogether(err):
			errs[i] = s.c.Users.Delete(ctx, id, AnyRevision)
		default:
			errs[i] = err
		}
	}
	return errs
}

// BlockUsers implements core.BatchBlocker: each user is read, and 50 are written in one
// request.
func (s *Store) BlockUsers(ctx context.Context, ids ...string) []core.BlockOutcome {
	const op = core.OpBlock
	out := make([]core.BlockOutcome, len(ids))
	var asked []core.Assignment // the engine of links knows how to write many users
	var at []int
	for i, id := range ids {
		out[i].Block = core.Block{Vendor: vendor, Account: s.border.Account, UserID: id, Changed: []string{}}
		if _, out[i].Err = s.parseID(op, "the user", id); out[i].Err == nil {
			asked, at = append(asked, core.Assignment{UserID: id}), append(at, i)
		}
	}

	b := &blocking{s: s, changed: map[int64][]string{}}
	outcomes, err := b.engine().Make(ctx, asked...)
	for k, i := range at {
		if len(outcomes) != len(asked) {
			out[i].Err = err
			continue
		}
		o := outcomes[k]
		if id, _ := parseID(ids[i]); o.Result == core.ResultApplied || o.Err != nil && (core.MaybeApplied(o.Err) ||
			core.ClassOf(o.Err) == core.ClassNotApplied) {
			out[i].Block.Changed = append(out[i].Block.Changed, b.of(id)...)
		}
		out[i].Err = o.Err
	}
	return out
}

// blocking disables many users.
type blocking struct {
	s       *Store
	mu      sync.Mutex
	changed map[int64][]string // what a block changes, by user
}

func (b *blocking) of(id int64) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed[id]
}

func (b *blocking) engine() adapter.Links[int64, *draft] {
	const op = core.OpBlock
	l := b.s.links(op, nil)
	l.Check = func(a core.Assignment) (int64, error) { return b.s.parseID(op, "the user", a.UserID) }
	l.Same = func(a core.Assignment) string { return a.UserID }
	l.Edit = func(d *draft, _ core.Assignment) (adapter.Edit, error) {
		changed := disable(d.user)
		if len(changed) == 0 {
			return adapter.Edit{}, nil
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.changed[d.user.ID] = changed
		return adapter.Edit{Changed: true}, nil
	}
	l.Write = func(ctx context.Context, id int64, d *draft, as []core.Assignment) (adapter.Answer[*draft], error) {
		if err := b.intend(ctx, id); err != nil {
			return adapter.Answer[*draft]{}, err
		}
		return b.s.replace(ctx, id, d, as)
	}
	l.WriteMany = b.writeMany
	return l
}

// writeMany writes the users of a batch whose block could be logged.
func (b *blocking) writeMany(ctx context.Context, edited []adapter.Edited[int64, *draft]) ([]adapter.Answer[*draft], []error) {
	answers, errs := make([]adapter.Answer[*draft], len(edited)), make([]error, len(edited))
	var logged []adapter.Edited[int64, *draft]
	var at []int
	for i, e := range edited {
		if errs[i] = b.intend(ctx, e.Owner); errs[i] == nil {
			logged, at = append(logged, e), append(at, i)
		}
	}

	written, failed := b.s.replaceMany(ctx, logged)
	for k, i := range at {
		answers[i], errs[i] = written[k], failed[k]
	}
	return answers, errs
}

func (b *blocking) intend(ctx context.Context, id int64) error {
	return b.s.intend(ctx, nil, core.Block{Vendor: vendor, Account: b.s.border.Account, UserID: itoa(id), Changed: slices.Clone(b.of(id))})
}

// disable blocks a user, and names the fields that it changed: none, if the user was
// disabled before.
func disable(u *User) []string {
	if enabled, known := u.IsEnabled.Get(); known && !enabled {
		return nil
	}
	changed := []string{blockEnabled}
	if manually, known := u.DisabledManually.Get(); !known || !manually {
		changed = append(changed, blockManually)
	}
	u.IsEnabled, u.DisabledManually = core.Set(false), core.Set(true)
	return changed
}
