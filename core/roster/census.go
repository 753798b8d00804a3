package roster

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/rollcall-go/rollcall/core"
)

// Census says who is where, over all accounts of a fleet.
type Census struct {
	fleet    Fleet
	accounts map[string]*listing
	only     []string // the names that were asked for; nil means everybody
}

// listing is what was read of one account.
type listing struct {
	users    map[string]core.User // by id
	links    map[string][]core.Assignment
	presence map[string]core.Presence
	named    map[string][]string // the ids that a name means, in lower case
	absent   map[string]string   // names that nobody has; why the absence is not proven, "" where it is
	linked   bool                // links were read
	proof    Certificate
}

// Certificate states the verdict on the list of one account, and why.
type Certificate struct {
	Verdict Verdict  `json:"verdict"`
	Users   int      `json:"users"`
	Links   int      `json:"-"`
	Why     []string `json:"why"`
	// Counted is false where only some people were asked for: Users is then not the
	// account's population.
	Counted bool `json:"-"`
}

// Person is somebody, with a user at some accounts.
type Person struct {
	Key      string               `json:"person"`
	Accounts map[string]core.User `json:"accounts"`
}

// CensusOption adjusts Take.
type CensusOption func(*censusConfig)

type censusConfig struct {
	only  []string
	known func(ctx context.Context, account, name string) ([]string, error)
}

// Only asks for these people alone, by key, login, any address, or as "account:ID". It
// costs a few requests per person and account, and gives no population.
func Only(people ...string) CensusOption {
	return func(c *censusConfig) { c.only = append(c.only, people...) }
}

// KnownTo fetches people whom the lists lack by the ids under which a journal last knew
// them, before they count as gone.
func KnownTo(j Journal) CensusOption {
	return func(c *censusConfig) {
		known := sync.OnceValues(func() (map[string][]string, error) { return knownIDs(context.Background(), j) })
		c.known = func(_ context.Context, account, name string) ([]string, error) {
			all, err := known()
			return all[account+"/"+fold(name)], err
		}
	}
}

// knownIDs are the ids that a journal's plans and records name, by account and person.
func knownIDs(ctx context.Context, j Journal) (map[string][]string, error) {
	ids := map[string][]string{}
	for p, err := range j.Plans(ctx) {
		if err != nil {
			return nil, err
		}
		states, _, err := readStates(ctx, j, p, p.ID())
		if err != nil {
			return nil, err
		}
		for _, s := range states {
			for _, id := range []string{s.User, s.found} {
				for _, name := range []string{s.Person(), s.Login} {
					key := s.Account + "/" + fold(name)
					if id != "" && name != "" && !slices.Contains(ids[key], id) {
						ids[key] = append(ids[key], id)
					}
				}
			}
		}
	}
	return ids, nil
}

// Take takes a census of a fleet, all accounts at once. An account that cannot be read
// is an error: a census with a hole would be read as people who are gone.
func Take(ctx context.Context, f Fleet, opts ...CensusOption) (*Census, error) {
	var cfg censusConfig
	for _, opt := range opts {
		opt(&cfg)
	}
	c := &Census{fleet: f, accounts: map[string]*listing{}, only: cfg.only}

	var wait sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	for account, store := range f {
		l := &listing{users: map[string]core.User{}, links: map[string][]core.Assignment{}, presence: map[string]core.Presence{},
			named: map[string][]string{}, absent: map[string]string{}}
		c.accounts[account] = l
		wait.Go(func() {
			var err error
			if cfg.only == nil {
				err = l.readAll(ctx, store)
			} else {
				err = l.readOnly(ctx, account, store, cfg)
			}
			l.index()
			if err != nil {
				mu.Lock()
				errs = append(errs, fmt.Errorf("census of %s: %w", account, err))
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return c, errors.Join(errs...)
}

// readAll reads all users of an account, and all links where they can be listed.
func (l *listing) readAll(ctx context.Context, store core.Store) error {
	caps := store.Capabilities()
	for u, err := range store.ListUsers(ctx, core.UserQuery{}) {
		if err != nil {
			return err
		}
		l.users[u.ID] = u
	}
	n := 0
	if caps.Of(core.OpListAll).Support != core.NotOffered {
		for a, err := range store.ListAssignments(ctx, core.AssignmentQuery{}) {
			if err != nil {
				return err
			}
			l.links[a.UserID] = append(l.links[a.UserID], a)
			n++
		}
		l.linked = true
	}
	l.proof = l.certify(caps, n)
	return nil
}

// certify gives a first verdict: a list that was walked to its end is complete where
// the vendor names nobody whom it can miss and no link names somebody who is not in it.
func (l *listing) certify(caps core.Capabilities, links int) Certificate {
	c := Certificate{Verdict: Complete, Users: len(l.users), Links: links, Counted: true, Why: []string{"the list was walked to its end"}}
	switch {
	case len(l.users) == 0:
		c.Verdict, c.Why = Doubtful, []string{"the list is empty"}
	case caps.Of(core.OpListUsers).Partial:
		c.Verdict, c.Why = Doubtful, []string{"the vendor's list can miss somebody without saying so"}
	}
	for _, id := range slices.Sorted(maps.Keys(l.links)) {
		if _, listed := l.users[id]; !listed {
			c.Verdict = Broken
			c.Why = append(c.Why, "a link names the user "+id+", who is not in the list")
		}
	}
	return c
}

// readOnly reads some people of an account, with their links and their presence.
func (l *listing) readOnly(ctx context.Context, account string, store core.Store, cfg censusConfig) error {
	caps := store.Capabilities()
	for _, name := range cfg.only {
		users, err := lookup(ctx, account, store, name)
		if err != nil {
			return err
		}
		if len(users) == 0 {
			if users, err = l.lastKnown(ctx, account, store, name, cfg); err != nil {
				return err
			}
		}
		for _, u := range users {
			l.users[u.ID] = u
			l.named[fold(name)] = append(l.named[fold(name)], u.ID)
		}
		if len(users) == 0 {
			l.absent[name] = ""
			if caps.Of(core.OpListUsers).Partial {
				l.absent[name] = "the vendor's list can miss somebody without saying so"
			}
		}
	}
	l.proof = Certificate{Verdict: Doubtful, Users: len(l.users), Why: []string{"only some people were asked for"}}
	return l.readDetails(ctx, store, caps)
}

// lastKnown fetches somebody who is in no list by the ids that are known.
func (l *listing) lastKnown(ctx context.Context, account string, store core.Store, name string, cfg censusConfig) ([]core.User, error) {
	if cfg.known == nil {
		return nil, nil
	}
	ids, err := cfg.known(ctx, account, name)
	if err != nil {
		return nil, err
	}
	var users []core.User
	for _, id := range ids {
		u, err := store.GetUser(ctx, id)
		switch {
		case err == nil:
			users = append(users, u)
		case !errors.Is(err, core.ErrNotFound):
			return nil, err
		}
	}
	return users, nil
}

func (l *listing) readDetails(ctx context.Context, store core.Store, caps core.Capabilities) error {
	for _, id := range slices.Sorted(maps.Keys(l.users)) {
		if caps.Of(core.OpListByUser).Support != core.NotOffered {
			links, err := core.Collect(store.ListAssignments(ctx, core.AssignmentQuery{UserID: id}))
			if err != nil {
				return err
			}
			l.links[id], l.linked = links, true
		}
		if caps.Of(core.OpPresence).Support != core.NotOffered {
			p, err := store.Presence(ctx, id)
			if err != nil {
				return err
			}
			l.presence[id] = p
		}
	}
	return nil
}

// lookup finds the users of one account that a name means: by id where it is
// "account:ID", else by login and by any address.
func lookup(ctx context.Context, account string, store core.Store, name string) ([]core.User, error) {
	if of, id, ok := pinned(name, func(a string) bool { return a == account }); ok && of == account {
		u, err := store.GetUser(ctx, id)
		if errors.Is(err, core.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return []core.User{u}, nil
	}

	var users []core.User
	asked := false
	for _, q := range []core.UserQuery{{Login: name}, {Email: name}} {
		found, err := core.Collect(store.ListUsers(ctx, q))
		if errors.Is(err, errors.ErrUnsupported) {
			continue
		}
		if err != nil {
			return nil, err
		}
		asked = true
		for _, u := range found {
			if !slices.ContainsFunc(users, func(have core.User) bool { return have.ID == u.ID }) {
				users = append(users, u)
			}
		}
	}
	if !asked {
		return nil, core.Unsupported(store.Capabilities().Vendor, string(core.OpListUsers), "nobody can be looked for")
	}
	return users, nil
}

// Fleet returns the stores that the census was taken of.
func (c *Census) Fleet() Fleet { return c.fleet }

// Proof returns the certificate of an account's list.
func (c *Census) Proof(account string) Certificate {
	if l := c.accounts[account]; l != nil {
		return l.proof
	}
	return Certificate{Verdict: Broken, Why: []string{"the account was not asked"}}
}

// Absent returns the names that were asked for with Only and that nobody has at any
// account. A misspelt name must not pass unseen.
func (c *Census) Absent() []string {
	var absent []string
	for _, name := range c.only {
		if len(c.find(name)) == 0 {
			absent = append(absent, name)
		}
	}
	return absent
}

// People walks everybody who was found, by key. Users of one account that share a key
// come one by one.
func (c *Census) People() iter.Seq[Person] {
	return func(yield func(Person) bool) {
		byKey := map[string]map[string][]core.User{}
		for _, account := range slices.Sorted(maps.Keys(c.accounts)) {
			for _, u := range c.accounts[account].users {
				key := keyOf(account, u)
				if byKey[key] == nil {
					byKey[key] = map[string][]core.User{}
				}
				byKey[key][account] = append(byKey[key][account], u)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(byKey)) {
			for _, p := range persons(key, byKey[key]) {
				if !yield(p) {
					return
				}
			}
		}
	}
}

func persons(key string, at map[string][]core.User) []Person {
	one := Person{Key: key, Accounts: map[string]core.User{}}
	var all []Person
	for _, account := range slices.Sorted(maps.Keys(at)) {
		users := at[account]
		if len(users) == 1 {
			one.Accounts[account] = users[0]
			continue
		}
		slices.SortFunc(users, func(a, b core.User) int { return strings.Compare(a.ID, b.ID) })
		for _, u := range users {
			all = append(all, Person{Key: account + ":" + u.ID, Accounts: map[string]core.User{account: u}})
		}
	}
	if len(one.Accounts) > 0 {
		all = append([]Person{one}, all...)
	}
	return all
}

// Person returns who is meant by a key, a login, an address or "account:ID". Two users
// of one account are *Ambiguous, and nobody is core.ErrNotFound.
func (c *Census) Person(name string) (Person, error) {
	p := Person{Accounts: map[string]core.User{}}
	for account, users := range c.find(name) {
		if len(users) > 1 {
			return Person{}, ambiguous(name, account, users)
		}
		p.Accounts[account] = users[0]
	}
	if len(p.Accounts) == 0 {
		return Person{}, &core.Error{Op: "census", Class: core.ClassNotFound, Message: "nobody is called " + name, Applied: core.AppliedNo}
	}
	p.Key = c.keyFor(name, p.Accounts)
	return p, nil
}

func ambiguous(name, account string, users []core.User) error {
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	slices.Sort(ids)
	return &Ambiguous{Name: name, Account: account, IDs: ids}
}

// keyFor is the key of a person who was found under a name: the first account's, in
// the order of their names, so that it is the same every time.
func (c *Census) keyFor(name string, at map[string]core.User) string {
	for _, account := range slices.Sorted(maps.Keys(at)) {
		return keyOf(account, at[account])
	}
	return fold(name)
}

// find returns the users that a name means, by account.
func (c *Census) find(name string) map[string][]core.User {
	found := map[string][]core.User{}
	if account, id, ok := pinned(name, func(a string) bool { return c.accounts[a] != nil }); ok {
		if u, there := c.accounts[account].users[id]; there {
			found[account] = []core.User{u}
		}
		return found
	}
	key := fold(name)
	for account, l := range c.accounts {
		for _, id := range l.named[key] {
			found[account] = append(found[account], l.users[id])
		}
	}
	return found
}

// index notes under which names each user is found, beside those that were asked for.
func (l *listing) index() {
	for _, id := range slices.Sorted(maps.Keys(l.users)) {
		u := l.users[id]
		for _, name := range []string{fold(u.Login), fold(u.Email)} {
			if name != "" && !slices.Contains(l.named[name], id) {
				l.named[name] = append(l.named[name], id)
			}
		}
	}
}

// absence says whether it is proven that a name means nobody at an account: "" where
// it is, else why not.
func (c *Census) absence(account, name string) string {
	l := c.accounts[account]
	if why, asked := l.absent[name]; asked {
		return why
	}
	if c.only != nil {
		return "the person was not asked for"
	}
	if l.proof.Verdict != Complete {
		return "the list is " + string(l.proof.Verdict) + ": " + strings.Join(l.proof.Why, "; ")
	}
	return ""
}
