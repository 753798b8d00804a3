package roster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// Certificate states the verdict on the list of one account, and why. See "Absence must
// be proven" in README.md for the checks behind it and for what it cannot know.
type Certificate struct {
	Verdict Verdict  `json:"verdict"`
	Users   int      `json:"users"`
	Links   int      `json:"-"`
	Why     []string `json:"why"`
	// Counted is false where only some people were asked for: Users is then not the
	// account's population.
	Counted bool `json:"-"`
}

// The bounds of the checks.
const (
	maxNamed  = 3    // how many witnesses, and how many who are missing, are named
	maxProven = 5    // after so many who are there and not in the list nobody else is fetched
	shrunk    = 0.80 // a list with less than this share of last time's users is suspicious
	roundCap  = 1000 // a list of exactly a multiple may have been cut
)

// witness is somebody who is known from elsewhere than the list.
type witness struct {
	id, from string
}

// certify judges the list that was walked. The checks are the same for every vendor:
// they know the list, the capabilities and who is known, and nothing of the wire.
func (r *reader) certify(ctx context.Context, seen *roll, linked bool) error {
	c := Certificate{Verdict: Complete, Users: len(seen.ids), Links: len(r.links), Counted: true,
		Why: []string{"the list was walked to its end"}}
	doubt := func(format string, args ...any) {
		if c.Verdict != Broken {
			c.Verdict = Doubtful
		}
		c.Why = append(c.Why, fmt.Sprintf(format, args...))
	}

	known, links, err := r.known(ctx, seen)
	if err != nil {
		return err
	}
	there, err := r.fetchMissing(ctx, seen, append(slices.Clone(known), links...), &c, doubt)
	if err != nil {
		return err
	}

	// An answer that is made from the list itself is no second opinion.
	if r.viaList(core.OpListAll) {
		there = slices.DeleteFunc(there, func(w witness) bool { return strings.HasPrefix(w.from, fromLink) })
	}
	for _, w := range there[:min(len(there), maxNamed)] {
		c.Why = append(c.Why, fmt.Sprintf("%s, known from %s, is in it", w.id, w.from))
	}

	odd := r.oddShape(seen)
	total := r.caps.Of(core.OpListUsers).Total
	if total {
		c.Why = append(c.Why, "it has as many users as the vendor states")
	}
	if c.Verdict != Broken && (len(odd) > 0 || len(there) == 0 && !total) {
		if err := r.walkAgain(ctx, seen, odd, &c, doubt); err != nil {
			return err
		}
	}

	if len(seen.ids) == 0 {
		doubt("the list is empty, which proves nothing")
	}
	if len(there) < r.cfg.witnesses {
		doubt("%d known people are in the list, and %d were demanded", len(there), r.cfg.witnesses)
	}

	if linked {
		if err := r.certifyLinks(ctx, &c, doubt); err != nil {
			return err
		}
	}

	if r.partial != "" {
		c.Why = append(c.Why, r.partial)
	}
	r.proof = c
	return nil
}

const fromLink = "a link to "

// known are the people who should be in the list: the credential's own user, pins, who
// was there last time, whom the journal names; and, apart, those whom links name.
func (r *reader) known(ctx context.Context, seen *roll) (known, links []witness, err error) {
	had := map[string]bool{}
	add := func(list *[]witness, id, from string) {
		if id != "" && !had[id] {
			had[id] = true
			*list = append(*list, witness{id, from})
		}
	}

	for _, user := range slices.Sorted(maps.Keys(r.census.pins)) {
		if account, id, ok := pinned(user, func(a string) bool { return a == r.account }); ok && account == r.account {
			add(&known, id, "a pin")
		}
	}

	if before := r.before(); before != nil && len(before.users) > 0 {
		for _, u := range before.users {
			add(&known, u.ID, "the last census")
		}
	}

	if past := r.census.past; past != nil {
		for _, id := range past.users[r.account] {
			if !r.leftBefore(id) {
				add(&known, id, "the journal")
			}
		}
	}

	for _, a := range r.links {
		if !r.wasNobody(a.UserID) {
			add(&links, a.UserID, fromLink+a.Target.String())
		}
	}

	// Who the credential is costs a request, and is asked where nobody else is known.
	if self, ok := r.store.(core.Self); ok && (len(known) == 0 && (len(links) == 0 || r.viaList(core.OpListAll)) || len(seen.ids) == 0) {
		id, err := self.OwnUserID(ctx)
		switch {
		case err == nil:
			add(&known, id, "the credential")
		case ctx.Err() != nil:
			return nil, nil, err
		}
	}
	return known, links, nil
}

// leftBefore reports whether somebody was not there last time either, on a complete list:
// whoever left is not asked about every night.
func (r *reader) leftBefore(id string) bool {
	before := r.before()
	if before == nil || before.proof.Verdict != Complete || before.census.only != nil {
		return false
	}
	_, there := before.user(id)
	return !there
}

// wasNobody reports whether a link named the same id last time and was found to name no
// user then, a room for example: it is not asked about every night.
func (r *reader) wasNobody(id string) bool {
	before := r.before()
	if before == nil || before.proof.Verdict != Complete || len(before.linksOf(id)) == 0 {
		return false
	}
	_, user := before.user(id)
	return !user
}

// viaList reports whether an operation's answers are made from the list of users, so
// that they are no second opinion of it.
func (r *reader) viaList(op core.Operation) bool { return r.caps.Of(op).Via == core.OpListUsers }

// fetchMissing fetches by id each known user who is missing from the list. If the vendor
// returns the user, the list is short; if it answers that there is no such user, that
// person has left. It returns the known users who are in the list.
func (r *reader) fetchMissing(ctx context.Context, seen *roll, known []witness, c *Certificate,
	doubt func(string, ...any)) (there []witness, err error) {
	proven, unsure := 0, 0
	for _, w := range known {
		if seen.has(w.id) {
			there = append(there, w)
			continue
		}
		if proven >= maxProven {
			continue // the list is broken; nobody is taken for gone anyway
		}

		_, err := r.store.GetUser(ctx, w.id)
		switch {
		case err == nil:
			proven++
			c.Verdict = Broken
			c.Why = append(c.Why, fmt.Sprintf("%s, known from %s, is there and the list lacks it", w.id, w.from))
		case errors.Is(err, core.ErrNotFound) && !r.viaList(core.OpGetUser):
			r.vanished[w.id] = true
		case errors.Is(err, core.ErrInvalid):
			// A link may name something that is no user, a room for example.
		case ctx.Err() != nil:
			return nil, err
		default:
			if unsure++; unsure > maxNamed {
				continue
			}
			why := "looking for it reads the same list"
			if !errors.Is(err, core.ErrNotFound) {
				why = err.Error()
			}
			doubt("%s, known from %s, is not in it, and whether it is gone cannot be known: %s", w.id, w.from, why)
		}
	}
	return there, nil
}

// oddShape says what makes a list look cut.
func (r *reader) oddShape(seen *roll) (odd []string) {
	n, page := len(seen.ids), r.caps.Of(core.OpListUsers).Cost.Page
	switch {
	case n == 0:
		return []string{"it is empty"}
	case n%roundCap == 0:
		odd = append(odd, fmt.Sprintf("it has exactly %d users", n))
	case page > 1 && n%page == 0:
		odd = append(odd, fmt.Sprintf("it ends with a full page of %d", page))
	}

	if before := r.before(); before != nil && before.proof.Counted && float64(n) < shrunk*float64(before.proof.Users) {
		odd = append(odd, fmt.Sprintf("it had %d users last time and has %d", before.proof.Users, n))
	}
	if seen.twice != "" {
		odd = append(odd, seen.twice)
	}
	return odd
}

// walkAgain walks the list a second time. The same users take the suspicion from it.
func (r *reader) walkAgain(ctx context.Context, seen *roll, odd []string, c *Certificate, doubt func(string, ...any)) error {
	why := cmp.Or(strings.Join(odd, ", "), "nobody in it is known from elsewhere")
	again, err := r.walk(ctx, -1, func(core.User) {})
	switch {
	case err != nil && ctx.Err() != nil:
		return err
	case err != nil:
		doubt("%s, and a second walk failed: %v", why, err)
	case !maps.Equal(seen.ids, again.ids):
		doubt("%s, and a second walk showed other users (%d)", why, len(again.ids))
	default:
		c.Why = append(c.Why, why+", and a second walk showed the same users")
	}
	return nil
}

// certifyLinks judges the list of links by its shape alone: it has no witnesses but the
// last census.
func (r *reader) certifyLinks(ctx context.Context, c *Certificate, doubt func(string, ...any)) error {
	for _, s := range r.strays {
		c.Verdict = Broken
		c.Why = append(c.Why, s)
	}

	n, odd := len(r.links), ""
	switch before := r.before(); {
	case n > 0 && n%roundCap == 0:
		odd = fmt.Sprintf("there are exactly %d links", n)
	case before != nil && before.linked && before.census.only == nil && float64(n) < shrunk*float64(len(before.links)):
		odd = fmt.Sprintf("there were %d links last time and are %d", len(before.links), n)
	}
	if odd == "" || !r.offers(core.OpListAll) {
		return nil
	}

	again := 0
	for _, err := range r.store.ListAssignments(ctx, core.AssignmentQuery{}) {
		if err != nil {
			doubt("%s, and a second walk of the links failed: %v", odd, err)
			return ctx.Err()
		}
		again++
	}
	if again != n || n == 0 {
		doubt("%s, and a second walk of the links showed %d", odd, again)
	}
	return nil
}
