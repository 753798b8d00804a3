package roster

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/rollcall-go/rollcall/core"
)

// listing is what was read of one account. Users are sorted by id, and links by user and
// target, so that a census of hundreds of thousands of links takes no more than the
// links themselves, and two of them are compared in one pass.
type listing struct {
	census  *Census
	account string

	users    []core.User
	at       map[string]int32 // positions in users, by id
	links    []core.Assignment
	linked   bool // links were read
	presence map[string]core.Presence

	asked    map[string][]string // the ids that were found under a name, in its folded form
	absent   map[string]string   // folded names that nobody has; why the absence is not proven, "" where it is
	vanished map[string]bool     // known ids of which the vendor says that there is no such user
	partial  string              // why absence from a whole list still proves nothing
	proof    Certificate
	base     *listing // of a watch: the last complete listing before this one, which is not

	mu     sync.Mutex
	strays []string // rows that no filter would have let through, in words

	once  sync.Once
	names map[string][]int32 // positions in users, by folded key, login and address
}

func newListing(c *Census, account string) *listing {
	return &listing{census: c, account: account, at: map[string]int32{}, presence: map[string]core.Presence{}, asked: map[string][]string{},
		absent: map[string]string{}, vanished: map[string]bool{}}
}

// add takes a user in, once.
func (l *listing) add(u core.User) {
	if _, twice := l.at[u.ID]; !twice {
		l.at[u.ID] = int32(len(l.users))
		l.users = append(l.users, u)
	}
}

// seal sorts what was read. Strings that are the same are kept once.
func (l *listing) seal() {
	l.users = slices.Clip(l.users)
	slices.SortFunc(l.users, func(a, b core.User) int { return strings.Compare(a.ID, b.ID) })
	for i, u := range l.users {
		l.at[u.ID] = int32(i)
	}

	targets, levels := map[core.Target]core.Target{}, map[int]*int{}
	for i := range l.links {
		a := &l.links[i]
		if at, ok := l.at[a.UserID]; ok {
			a.UserID = l.users[at].ID
		}
		if t, ok := targets[a.Target]; ok {
			a.Target = t
		} else {
			targets[a.Target] = a.Target
		}

		if a.Level == nil {
			continue
		}
		if same := levels[*a.Level]; same != nil {
			a.Level = same
		} else {
			levels[*a.Level] = a.Level
		}
	}

	l.links = slices.Clip(l.links)
	slices.SortFunc(l.links, compareLinks)
}

func compareLinks(a, b core.Assignment) int {
	return cmp.Or(strings.Compare(a.UserID, b.UserID), strings.Compare(string(a.Target.Kind), string(b.Target.Kind)),
		strings.Compare(a.Target.ID, b.Target.ID))
}

func (l *listing) user(id string) (core.User, bool) {
	if i, there := l.at[id]; there {
		return l.users[i], true
	}
	return core.User{}, false
}

// linksOf returns the links of a user. The slice is the listing's own.
func (l *listing) linksOf(id string) []core.Assignment {
	from, _ := slices.BinarySearchFunc(l.links, id, func(a core.Assignment, id string) int { return strings.Compare(a.UserID, id) })
	to := from
	for to < len(l.links) && l.links[to].UserID == id {
		to++
	}
	return l.links[from:to:to]
}

// called returns the users whose key, login or address has a folded form, beside those
// who were found when they were asked for by it.
func (l *listing) called(name string) []core.User {
	l.once.Do(l.index)
	var users []core.User
	for _, i := range l.names[name] {
		users = append(users, l.users[i])
	}

	for _, id := range l.asked[name] {
		if i, there := l.at[id]; there && !slices.Contains(l.names[name], i) {
			users = append(users, l.users[i])
		}
	}
	return users
}

func (l *listing) index() {
	l.names = make(map[string][]int32, len(l.users))
	for i, u := range l.users {
		for _, name := range l.census.namesOf(l.account, u) {
			if has := l.names[name]; len(has) == 0 || has[len(has)-1] != int32(i) {
				l.names[name] = append(has, int32(i))
			}
		}
	}
}

// namesOf are the folded names under which a user is found.
func (c *Census) namesOf(account string, u core.User) []string {
	names := make([]string, 0, 3+len(u.Aliases))
	for _, name := range append([]string{c.key(account, u), u.Login, u.Email}, u.Aliases...) {
		if name = fold(name); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// absence says why nobody's absence follows from the list, "" where it does.
func (l *listing) absence() string {
	if l.proof.Verdict != Complete {
		return "the list is " + string(l.proof.Verdict) + ": " + strings.Join(l.proof.Why, "; ")
	}
	return l.partial
}

// gone says whether it is proven that a user who is known from elsewhere is not there.
func (l *listing) gone(u core.User) bool {
	if _, there := l.at[u.ID]; there {
		return false
	}
	if l.vanished[u.ID] {
		return true
	}

	if l.census.only == nil {
		return l.absence() == ""
	}
	for _, name := range append(l.census.namesOf(l.account, u), fold(l.account+":"+u.ID)) {
		if why, asked := l.absent[name]; asked && why == "" {
			return true
		}
	}
	return false
}
