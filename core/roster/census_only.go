package roster

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rollcall-go/rollcall/core"
)

// readOnly reads some people of an account, with their links and their presence.
func (r *reader) readOnly(ctx context.Context) error {
	names, err := r.readPinned(ctx)
	if err != nil {
		return err
	}

	r.proof = Certificate{Verdict: Doubtful, Why: []string{"only some people were asked for"}}
	if err := r.readNamed(ctx, names); err != nil {
		return err
	}
	if err := r.readKnown(ctx, names); err != nil {
		return err
	}

	// Links are read of those who were found, so the users are sealed first.
	r.seal()
	if err := r.readLinksOf(ctx); err != nil {
		return err
	}
	r.seal()

	if len(r.strays) > 0 {
		r.proof.Verdict, r.proof.Why = Broken, append(r.strays, r.proof.Why...)
		for name := range r.absent {
			r.absent[name] = r.strays[0]
		}
	}
	if !r.proof.Counted {
		r.proof.Users = len(r.users)
	}
	return r.readPresence(ctx)
}

// readPinned fetches those who are named as "account:ID", and returns the other names,
// each once.
func (r *reader) readPinned(ctx context.Context) (names []string, err error) {
	seen := map[string]bool{}
	for _, name := range r.cfg.only {
		account, id, is := pinned(name, func(a string) bool { return r.census.fleet[a] != nil })
		switch {
		case is && account == r.account:
			u, err := r.store.GetUser(ctx, id)
			switch {
			case err == nil:
				r.add(u)
			case errors.Is(err, core.ErrNotFound), errors.Is(err, core.ErrInvalid):
				r.absent[fold(name)] = r.partial
			default:
				return nil, err
			}
		case !is && !seen[fold(name)]:
			seen[fold(name)] = true
			names = append(names, name)
		}
	}

	// A key that the census was told a user for is as good as a pin.
	for user, person := range r.census.pins {
		account, id, ok := pinned(user, func(a string) bool { return a == r.account })
		if ok && account == r.account && seen[person] {
			u, err := r.store.GetUser(ctx, id)
			if err == nil {
				r.add(u)
			} else if !errors.Is(err, core.ErrNotFound) {
				return nil, err
			}
		}
	}
	return names, nil
}

// walkFrom is the number of names from which a walk is tried before each is asked for.
// Below it a walk that turns out too long would cost more than it could save.
const walkFrom = 5

// readNamed finds the people who are asked for by name, with the fewest requests: a
// query for each login and each address, or one walk of the account. How long a walk is
// cannot be known before, so it is given up when it has cost as much as the queries
// would: together they take at most twice the least. Where a query that finds nobody
// walks the account anyway, the first such walk serves for all names that are left.
func (r *reader) readNamed(ctx context.Context, names []string) error {
	cost := r.caps.Of(core.OpListUsers).Cost
	queries := 2 * max(cost.Call, 1) * len(names)

	switch {
	case len(names) == 0:
		return nil
	case cost.Page == 0 || r.census.identify != nil:
		// Each query reads all that a walk does; and a key of the caller's own is known to no
		// vendor.
		return r.walkFor(ctx, names, -1)
	case len(names) >= walkFrom:
		if err := r.walkFor(ctx, names, queries*cost.Page); !errors.Is(err, errTooLong) {
			return err
		}
		clear(r.asked)
	}

	if !cost.Walks {
		return each(names, func(name string) error { return r.ask(ctx, name) })
	}
	for i, name := range names {
		walked, err := r.askOrMiss(ctx, name)
		switch {
		case err != nil:
			return err
		case walked && len(r.asked[fold(name)]) == 0:
			return r.walkFor(ctx, names[i:], -1)
		case walked:
			return r.walkFor(ctx, names[i+1:], -1)
		}
	}
	return nil
}

// askOrMiss looks for one person by login, and by address only where the login was
// found. It reports whether a query found nobody, which has walked the account.
func (r *reader) askOrMiss(ctx context.Context, name string) (walked bool, err error) {
	for _, q := range queriesFor(name) {
		users, err := r.query(ctx, name, q)
		if err != nil {
			return false, err
		}
		if len(users) == 0 {
			return true, nil
		}
		r.found(name, users)
	}
	return false, nil
}

// query asks for one person, without those who do not have the name.
func (r *reader) query(ctx context.Context, name string, q core.UserQuery) (users []core.User, err error) {
	for u, err := range r.store.ListUsers(ctx, q) {
		switch {
		case err != nil:
			return nil, err
		case !hasName(u, name):
			r.stray(fmt.Sprintf("asked for %s, the vendor also listed the user %s", name, u.ID))
		default:
			users = append(users, u)
		}
	}
	return users, nil
}

// ask looks for one person by login and by address.
func (r *reader) ask(ctx context.Context, name string) error {
	var users []core.User
	asked := false
	for _, q := range queriesFor(name) {
		found, err := r.query(ctx, name, q)
		if errors.Is(err, errors.ErrUnsupported) {
			continue
		}
		if err != nil {
			return err
		}
		asked, users = true, append(users, found...)
	}

	if !asked {
		return core.Unsupported(r.caps.Vendor, string(core.OpListUsers), "nobody can be looked for")
	}

	r.mu.Lock()
	defer r.mu.Unlock()
	r.found(name, users)
	if len(users) == 0 {
		r.absent[fold(name)] = r.partial
	}
	return nil
}

// found notes who was found under a name, each once. The caller holds mu where others
// read too.
func (r *reader) found(name string, users []core.User) {
	for _, u := range users {
		r.add(u)
		if ids := r.asked[fold(name)]; !slices.Contains(ids, u.ID) {
			r.asked[fold(name)] = append(ids, u.ID)
		}
	}
}

// walkFor walks the account once and keeps those who are asked for. The list has a
// certificate of its own, on which the absence of the others rests.
func (r *reader) walkFor(ctx context.Context, names []string, limit int) error {
	wanted := map[string][]core.User{}
	for _, name := range names {
		wanted[fold(name)] = nil
	}

	seen, err := r.walk(ctx, limit, func(u core.User) {
		for _, name := range r.census.namesOf(r.account, u) {
			if found, is := wanted[name]; is {
				wanted[name] = append(found, u)
			}
		}
	})
	if err != nil {
		return err
	}
	if err := r.certify(ctx, seen, false); err != nil {
		return err
	}

	for name, users := range wanted {
		r.found(name, users)
		if len(users) == 0 {
			r.absent[name] = r.absence()
		}
	}
	return nil
}

// readKnown fetches those who were not found by the ids under which they were known.
// One who answers and still has the name proves that the vendor's list is short.
func (r *reader) readKnown(ctx context.Context, names []string) error {
	for _, name := range names {
		if _, missing := r.absent[fold(name)]; !missing {
			continue
		}

		for _, id := range r.idsKnown(name) {
			u, err := r.store.GetUser(ctx, id)
			switch {
			case err == nil:
				r.found(name, []core.User{u})
				delete(r.absent, fold(name))
				if hasName(u, name) {
					r.proof.Verdict = Broken
					r.proof.Why = append([]string{fmt.Sprintf("%s (%s) is there, and the list lacks it", name, id)}, r.proof.Why...)
				}
			case errors.Is(err, core.ErrNotFound):
				r.vanished[id] = r.caps.Of(core.OpGetUser).Via != core.OpListUsers
			default:
				return err
			}
		}
	}
	return nil
}

// idsKnown are the ids that a name meant in an earlier census and in the journal.
func (r *reader) idsKnown(name string) []string {
	var ids []string
	if before := r.before(); before != nil {
		for _, u := range before.called(fold(name)) {
			ids = append(ids, u.ID)
		}
	}
	if past := r.census.past; past != nil {
		ids = append(ids, past.ids[r.account+"/"+fold(name)]...)
	}
	return unique(ids)
}

func unique(words []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, w := range words {
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}

// before is the account in the earlier census, nil where there is none.
func (r *reader) before() *listing {
	if r.cfg.before == nil {
		return nil
	}
	return r.cfg.before.accounts[r.account]
}

// readLinksOf reads the links of the people who were found: one by one, or everybody's
// at once where that takes fewer requests.
func (r *reader) readLinksOf(ctx context.Context) error {
	one, err := r.offers(core.OpListByUser), error(nil)
	all := r.offers(core.OpListAll) && len(r.users) > 0

	if one && all {
		if all, err = r.allIsCheaper(ctx); err != nil {
			return err
		}
	}

	switch {
	case all:
		r.linked = true
		for a, err := range r.store.ListAssignments(ctx, core.AssignmentQuery{}) {
			if err != nil {
				return err
			}
			if _, asked := r.at[a.UserID]; asked {
				r.links = append(r.links, a)
			}
		}
	case one:
		r.linked = true
		return each(r.users, func(u core.User) error { return r.listLinks(ctx, core.AssignmentQuery{UserID: u.ID}) })
	}
	return nil
}

// allIsCheaper compares the links of each user with those of everybody by what they cost.
// The targets are counted where the costs depend on them; the rows of a list are the
// account's users, where these were counted.
func (r *reader) allIsCheaper(ctx context.Context) (bool, error) {
	users := len(r.users)
	one, all := r.caps.Of(core.OpListByUser).Cost, r.caps.Of(core.OpListAll).Cost
	if users < 2 {
		return false, nil
	}

	targets := 0
	if one.Target+all.Target > 0 {
		// The targets are not counted where that costs as much as it could save.
		if users*one.Call <= all.Call+r.caps.Of(core.OpListTargets).Cost.Call || !r.offers(core.OpListTargets) {
			return one.Target > 0 && one.Target >= all.Target && one.Call >= all.Call, nil
		}
		for _, err := range r.store.ListTargets(ctx, core.TargetQuery{}) {
			if err != nil {
				return false, err
			}
			targets++
		}
	}

	pages := 0
	if all.Page > 0 {
		if !r.proof.Counted && all.Target == 0 {
			return false, nil // how long the list is cannot be known
		}
		pages = r.proof.Users / all.Page
	}

	return all.Call+all.Target*targets+pages <= users*(one.Call+one.User+one.Target*targets), nil
}
