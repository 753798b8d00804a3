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
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// Census says who is where, over all accounts of a fleet. It is a value: it can be
// written, read back, compared and planned against. It never changes once it is taken.
type Census struct {
	fleet    Fleet
	accounts map[string]*listing
	only     []string // the names that were asked for; nil means everybody
	identify func(account string, u core.User) string
	pins     map[string]string // by "account:ID"
	begun    time.Time
	ended    time.Time
	past     *history // nil without a journal
	maxFlips int
}

// Person is somebody, with a user at some accounts.
type Person struct {
	Key      string               `json:"person"`
	Accounts map[string]core.User `json:"accounts"`
}

// CensusOption adjusts Take.
type CensusOption func(*censusConfig)

type censusConfig struct {
	only      []string
	identify  func(account string, u core.User) string
	pins      map[string]string
	before    *Census
	journal   Journal
	witnesses int
	presence  bool
	maxFlips  int
}

// Only asks for these people alone, by key, login, any address, or as "account:ID". At
// each account it takes what costs fewer requests: two queries per name, or one walk of
// the account. Their links and their presence are read too.
func Only(people ...string) CensusOption {
	return func(c *censusConfig) { c.only = append(c.only, people...) }
}

// By names the person behind a user with a function of your own, by an employee number for
// example. Where it returns "" the key is the usual one: the address, else the login.
func By(identify func(account string, u core.User) string) CensusOption {
	return func(c *censusConfig) { c.identify = identify }
}

// Pins names the people behind single users: keys of people by "account:ID". A pin is also
// a witness: the user is known, so a list that lacks it is short.
func Pins(pins map[string]string) CensusOption {
	return func(c *censusConfig) {
		if c.pins == nil {
			c.pins = map[string]string{}
		}
		maps.Copy(c.pins, pins)
	}
}

// Since compares with an earlier census: whoever was in it and is not in the list now is
// fetched by id before the person counts as gone. It costs nothing on a day when nobody
// vanished.
func Since(before *Census) CensusOption {
	return func(c *censusConfig) { c.before = before }
}

// KnownTo does the same with the people whom the plans of a journal name. The journal
// also tells Want.Plan which fields somebody else keeps changing back, and Want.Drift
// what was applied last.
func KnownTo(j Journal) CensusOption {
	return func(c *censusConfig) { c.journal = j }
}

// Witness demands that n known people are in a list before it counts as complete: two
// walks that agree prove that a list is stable, not that it is complete.
func Witness(n int) CensusOption {
	return func(c *censusConfig) { c.witnesses = n }
}

// WithPresence reads the presence of everybody, one call per user. Only does it anyway.
func WithPresence() CensusOption {
	return func(c *censusConfig) { c.presence = true }
}

// Take takes a census of a fleet, all accounts at once. An account that cannot be read
// is an error, because a census with a hole would be read as people who are gone; the
// census that is returned with it has the other accounts.
//
// It takes one walk of the users and one of all links per account; a second walk of the
// users where nothing else proves that the list is whole; and one request for each
// person who is known and is not in the list.
func Take(ctx context.Context, f Fleet, opts ...CensusOption) (*Census, error) {
	cfg := censusConfig{maxFlips: defaultFlips}
	for _, opt := range opts {
		opt(&cfg)
	}

	c := &Census{fleet: f, accounts: map[string]*listing{}, only: cfg.only, identify: cfg.identify, pins: foldPins(cfg.pins),
		begun: time.Now(), maxFlips: cfg.maxFlips}

	if cfg.journal != nil {
		past, err := readHistory(ctx, cfg.journal)
		if err != nil {
			return nil, err
		}
		c.past = past
	}

	var wait sync.WaitGroup
	errs := make([]error, 0, len(f))
	var mu sync.Mutex
	for account, store := range f {
		wait.Go(func() {
			l := newListing(c, account)
			err := (&reader{listing: l, store: store, caps: store.Capabilities(), cfg: cfg}).read(ctx)
			if err != nil {
				l = newListing(c, account) // what was read of it is half a list
				l.proof = Certificate{Verdict: Broken, Why: []string{"the account could not be read: " + err.Error()}}
				err = fmt.Errorf("census of %s: %w", account, err)
			}

			mu.Lock()
			defer mu.Unlock()
			c.accounts[account] = l
			if err != nil {
				errs = append(errs, err)
			}
		})
	}
	wait.Wait()
	c.ended = time.Now()
	return c, errors.Join(errs...)
}

func foldPins(pins map[string]string) map[string]string {
	out := make(map[string]string, len(pins))
	for user, person := range pins {
		out[user] = fold(person)
	}
	return out
}

// key is the key of the person behind a user.
func (c *Census) key(account string, u core.User) string {
	if len(c.pins) > 0 {
		if person := c.pins[account+":"+u.ID]; person != "" {
			return person
		}
	}

	if c.identify != nil {
		if person := fold(c.identify(account, u)); person != "" {
			return person
		}
	}
	return keyOf(account, u)
}

// Fleet returns the stores that the census was taken of.
func (c *Census) Fleet() Fleet { return c.fleet }

// Taken returns when the census was begun and ended: what it says was so at some moment
// between the two. Both are zero for one that was read back.
func (c *Census) Taken() (begun, ended time.Time) { return c.begun, c.ended }

// Accounts returns the names of the accounts, sorted.
func (c *Census) Accounts() []string { return slices.Sorted(maps.Keys(c.accounts)) }

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

// Links returns the assignments of a user, by target.
func (c *Census) Links(account, userID string) []core.Assignment {
	if l := c.accounts[account]; l != nil {
		return slices.Clone(l.linksOf(userID))
	}
	return nil
}

// Presence returns the presence of a user, where it was read.
func (c *Census) Presence(account, userID string) (core.Presence, bool) {
	if l := c.accounts[account]; l != nil {
		p, read := l.presence[userID]
		return p, read
	}
	return core.Presence{}, false
}

// People walks everybody who was found, by key. Users of one account that share a key
// come one by one, each as "account:ID".
func (c *Census) People() iter.Seq[Person] {
	return func(yield func(Person) bool) {
		for p := range c.people() {
			if !yield(p.Person) {
				return
			}
		}
	}
}

// listed is a person of a census, and the key that the person shares with others.
type listed struct {
	Person
	ambiguous string
}

// people walks everybody by key.
func (c *Census) people() iter.Seq[listed] {
	type row struct {
		key, account string
		at           int32
	}
	return func(yield func(listed) bool) {
		var rows []row
		for _, account := range c.Accounts() {
			for i, u := range c.accounts[account].users {
				rows = append(rows, row{c.key(account, u), account, int32(i)})
			}
		}
		slices.SortStableFunc(rows, func(a, b row) int { return strings.Compare(a.key, b.key) })

		for from := 0; from < len(rows); {
			to := from + 1
			for to < len(rows) && rows[to].key == rows[from].key {
				to++
			}

			at := map[string][]core.User{}
			for _, r := range rows[from:to] {
				at[r.account] = append(at[r.account], c.accounts[r.account].users[r.at])
			}
			for _, p := range persons(rows[from].key, at) {
				if !yield(p) {
					return
				}
			}
			from = to
		}
	}
}

func persons(key string, at map[string][]core.User) []listed {
	one := listed{Person: Person{Key: key, Accounts: map[string]core.User{}}}
	var all []listed
	for _, account := range slices.Sorted(maps.Keys(at)) {
		users := at[account]
		if len(users) == 1 {
			one.Accounts[account] = users[0]
			continue
		}
		for _, u := range users { // by id, as they are listed
			all = append(all, listed{Person{Key: account + ":" + u.ID, Accounts: map[string]core.User{account: u}}, key})
		}
	}

	if len(one.Accounts) > 0 {
		all = append([]listed{one}, all...)
	}
	return all
}

// Person returns who is meant by a key, a login, an address or "account:ID". If that is two
// users of one account, or two people, the error is *Ambiguous; if nobody, core.ErrNotFound.
func (c *Census) Person(name string) (Person, error) {
	found := c.find(name)
	if err := c.ambiguity(name, found); err != nil {
		return Person{}, err
	}

	p := Person{Accounts: map[string]core.User{}}
	for _, account := range slices.Sorted(maps.Keys(found)) {
		u := found[account][0]
		p.Accounts[account] = u
		if p.Key == "" {
			p.Key = c.key(account, u)
		}
	}

	if len(p.Accounts) == 0 {
		return Person{}, &core.Error{Op: "census", Class: core.ClassNotFound, Message: "nobody is called " + name, Applied: core.AppliedNo}
	}
	return p, nil
}

// ambiguity is the error of a name that means two users of one account, or two people.
func (c *Census) ambiguity(name string, found map[string][]core.User) error {
	first, person := "", ""
	for _, account := range slices.Sorted(maps.Keys(found)) {
		users := found[account]
		if len(users) > 1 {
			return ambiguous(name, account, users)
		}

		switch key := c.key(account, users[0]); {
		case first == "":
			first, person = account, key
		case key != person:
			return &Ambiguous{Name: name, Pins: []string{first + ":" + found[first][0].ID, account + ":" + users[0].ID}}
		}
	}
	return nil
}

func ambiguous(name, account string, users []core.User) error {
	ids, pins := make([]string, len(users)), make([]string, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	slices.Sort(ids)
	for i, id := range ids {
		pins[i] = account + ":" + id
	}
	return &Ambiguous{Name: name, Account: account, IDs: ids, Pins: pins}
}

// find returns the users that a name means, by account: those who have it as key, login
// or address, and at the other accounts those who are the same person by their key.
func (c *Census) find(name string) map[string][]core.User {
	found := map[string][]core.User{}
	if account, id, ok := pinned(name, func(a string) bool { return c.accounts[a] != nil }); ok {
		l := c.accounts[account]
		u, there := l.user(id)
		if !there && isGUID(id) {
			if i := slices.IndexFunc(l.users, func(u core.User) bool { return sameID(u.ID, id) }); i >= 0 {
				u, there = l.users[i], true
			}
		}

		if there {
			found[account] = []core.User{u}
		}
		return found
	}

	keys := map[string]bool{}
	for account, l := range c.accounts {
		if users := l.called(fold(name)); len(users) > 0 {
			found[account] = users
			for _, u := range users {
				keys[c.key(account, u)] = true
			}
		}
	}

	// At the other accounts: those who are the same person by their key.
	for account, l := range c.accounts {
		if len(found[account]) > 0 {
			continue
		}
		for key := range keys {
			for _, u := range l.called(key) {
				if c.key(account, u) == key {
					found[account] = append(found[account], u)
				}
			}
		}
		if len(found[account]) == 0 {
			delete(found, account)
		}
	}
	return found
}

// absence says whether it is proven that a name means nobody at an account: "" where
// it is, else why not.
func (c *Census) absence(account, name string) string {
	l := c.accounts[account]
	if why, asked := l.absent[fold(name)]; asked {
		return why
	}
	if c.only != nil {
		return "the person was not asked for"
	}
	return l.absence()
}
