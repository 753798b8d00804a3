package roster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/rollcall-go/rollcall/core"
)

// reader reads one account into a listing.
type reader struct {
	*listing
	store core.Store
	caps  core.Capabilities
	cfg   censusConfig
}

// roll is what one walk of the users showed.
type roll struct {
	ids    map[string]struct{}
	logins map[string]string // an id by folded login
	twice  string            // two users with one login, in words
}

func newRoll() *roll { return &roll{ids: map[string]struct{}{}, logins: map[string]string{}} }

// take notes one row, and says whether it is new.
func (r *roll) take(u core.User) bool {
	if _, repeated := r.ids[u.ID]; repeated {
		return false
	}
	r.ids[u.ID] = struct{}{}
	login := fold(u.Login)
	if other, has := r.logins[login]; has && login != "" {
		r.twice = fmt.Sprintf("%s and %s have the same login", other, u.ID)
	}
	r.logins[login] = u.ID
	return true
}

func (r *roll) has(id string) bool { _, there := r.ids[id]; return there }

func (r *reader) offers(op core.Operation) bool { return r.caps.Of(op).Support != core.NotOffered }

func (r *reader) read(ctx context.Context) error {
	if list := r.caps.Of(core.OpListUsers); list.Partial {
		r.partial = "the vendor's list can miss somebody without saying so"
	}

	if r.cfg.only != nil {
		return r.readOnly(ctx)
	}

	seen, err := r.walk(ctx, -1, func(u core.User) { r.add(u) })
	if err != nil {
		return err
	}

	// Links name users who should be in the list, so they are read before it is judged.
	if err := r.readLinks(ctx); err != nil {
		return err
	}
	r.seal()
	if err := r.certify(ctx, seen, true); err != nil {
		return err
	}

	if r.cfg.presence {
		return r.readPresence(ctx)
	}
	return nil
}

// errTooLong ends a walk that takes more requests than asking for each name does.
var errTooLong = errors.New("the list is longer than it is worth")

// walk hands out each user of the account once. It stops behind limit rows, if there is
// a limit.
func (r *reader) walk(ctx context.Context, limit int, each func(core.User)) (*roll, error) {
	seen := newRoll()
	for u, err := range r.store.ListUsers(ctx, core.UserQuery{}) {
		if err != nil {
			return nil, err
		}
		if limit >= 0 && len(seen.ids) >= limit {
			return nil, errTooLong
		}
		if seen.take(u) {
			each(u)
		}
	}
	return seen, nil
}

// readLinks reads the links of everybody: with one listing where the vendor has one,
// else by target, else by user.
func (r *reader) readLinks(ctx context.Context) error {
	switch {
	case r.offers(core.OpListAll):
		r.linked = true
		return r.listLinks(ctx, core.AssignmentQuery{})
	case r.offers(core.OpListTargets) && r.offers(core.OpListByTarget):
		targets, err := core.Collect(r.store.ListTargets(ctx, core.TargetQuery{}))
		if err != nil {
			return err
		}
		r.linked = true
		return each(targets, func(t core.Target) error { return r.listLinks(ctx, core.AssignmentQuery{Target: t}) })
	case r.offers(core.OpListByUser):
		r.linked = true
		return each(r.users, func(u core.User) error { return r.listLinks(ctx, core.AssignmentQuery{UserID: u.ID}) })
	}
	return nil
}

// listLinks adds the links of one listing. One that the query does not ask for says that
// the vendor lost the filter.
func (r *reader) listLinks(ctx context.Context, q core.AssignmentQuery) error {
	var found []core.Assignment
	for a, err := range r.store.ListAssignments(ctx, q) {
		if err != nil {
			return err
		}
		if q.UserID != "" && a.UserID != q.UserID || q.UserID == "" && q.Target.ID != "" && !sameTarget(a.Target, q.Target) {
			r.stray(fmt.Sprintf("asked for the links of %s%s, the vendor also listed %s", q.UserID, q.Target.ID, a))
			continue
		}
		found = append(found, a)
	}

	r.mu.Lock()
	defer r.mu.Unlock()
	r.links = append(r.links, found...)
	return nil
}

// stray notes a row that no filter would have let through.
func (r *reader) stray(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.strays) < maxNamed {
		r.strays = append(r.strays, what+": the filter was lost")
	}
}

func (r *reader) readPresence(ctx context.Context) error {
	if !r.offers(core.OpPresence) {
		return nil
	}
	return each(r.users, func(u core.User) error {
		p, err := r.store.Presence(ctx, u.ID)
		if errors.Is(err, core.ErrNotFound) {
			return nil // whoever left since the list was read has none
		}
		if err != nil {
			return err
		}

		r.mu.Lock()
		defer r.mu.Unlock()
		r.presence[u.ID] = p
		return nil
	})
}

// readWorkers is how many single reads of one account are under way at once. The
// client's governor paces them.
const readWorkers = 8

// each does something for every item, several at once, and ends at the first error.
func each[T any](items []T, do func(T) error) error {
	var wait sync.WaitGroup
	var mu sync.Mutex
	var first error
	next := 0

	for range min(readWorkers, len(items)) {
		wait.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				stop := first != nil || i >= len(items)
				mu.Unlock()
				if stop {
					return
				}
				if err := do(items[i]); err != nil {
					mu.Lock()
					if first == nil {
						first = err
					}
					mu.Unlock()
				}
			}
		})
	}

	wait.Wait()
	return first
}

// lookup finds the users of one account that a name means: by id where it is
// "account:ID", else by login and by any address.
func lookup(ctx context.Context, account string, store core.Store, name string) ([]core.User, error) {
	c := &Census{fleet: Fleet{account: store}, only: []string{name}}
	r := &reader{listing: newListing(c, account), store: store, caps: store.Capabilities(), cfg: censusConfig{only: c.only}}
	names, err := r.readPinned(ctx)
	if err == nil && len(names) > 0 {
		err = r.ask(ctx, name)
	}
	return r.users, err
}

// queriesFor are the queries that find a person by a name. No vendor keeps an address
// with a scheme.
func queriesFor(name string) []core.UserQuery {
	address := name
	if scheme, rest, ok := strings.Cut(name, ":"); ok && isScheme(scheme) {
		address = rest
	}
	return []core.UserQuery{{Login: name}, {Email: address}}
}

// hasName reports whether a user shows a name as login or address.
func hasName(u core.User, name string) bool {
	name = fold(name)
	return name == fold(u.Login) || name == fold(u.Email) || slices.ContainsFunc(u.Aliases, func(a string) bool { return fold(a) == name })
}
