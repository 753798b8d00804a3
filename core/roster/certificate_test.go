package roster_test

import (
	"context"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// listed is a store whose lists are what a test makes of them.
type listed struct {
	store
	users func(n int, all []core.User) []core.User // n counts the walks
	links func(all []core.Assignment) []core.Assignment
	self  string
	via   map[core.Operation]core.Operation
	walks *int
	total bool
}

func (l listed) Capabilities() core.Capabilities {
	caps := l.store.Capabilities()
	for op, via := range l.via {
		c := caps.Operations[op]
		c.Via = via
		caps.Operations[op] = c
	}
	c := caps.Operations[core.OpListUsers]
	c.Total, c.Cost.Page = l.total, 7
	caps.Operations[core.OpListUsers] = c
	return caps
}

func (l listed) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	return func(yield func(core.User, error) bool) {
		all, _ := core.Collect(l.store.ListUsers(ctx, q))
		*l.walks++
		if l.users != nil {
			all = l.users(*l.walks, all)
		}
		for _, u := range all {
			if !yield(u, nil) {
				return
			}
		}
	}
}

func (l listed) ListAssignments(ctx context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		all, _ := core.Collect(l.store.ListAssignments(ctx, q))
		if l.links != nil {
			all = l.links(all)
		}
		for _, a := range all {
			if !yield(a, nil) {
				return
			}
		}
	}
}

func (l listed) OwnUserID(context.Context) (string, error) {
	if l.self == "" {
		return "", core.ErrUnsupported
	}
	return l.self, nil
}

func noLinks([]core.Assignment) []core.Assignment { return nil }

// without leaves a user out of every walk.
func without(ids ...string) func(int, []core.User) []core.User {
	return func(_ int, all []core.User) (out []core.User) {
		for _, u := range all {
			if !strings.Contains(" "+strings.Join(ids, " ")+" ", " "+u.ID+" ") {
				out = append(out, u)
			}
		}
		return out
	}
}

func TestCertificate_EachCheckFindsItsLie(t *testing.T) {
	before := func(n int) *roster.Census {
		w, _ := crowd(n)
		return take(t, roster.Fleet{"fake": store{w}})
	}
	for _, c := range []struct {
		name    string
		people  int
		store   listed
		opts    []roster.CensusOption
		verdict roster.Verdict
		why     string
		walks   int
	}{
		{"known by links", 10, listed{}, nil, roster.Complete, "u1, known from a link to queue:q1, is in it", 1},
		{"nobody known: a second walk", 10, listed{links: noLinks}, nil, roster.Complete, "nobody in it is known from elsewhere, and a second " +
			"walk showed the same users", 2},
		{"a total that was met", 10, listed{links: noLinks, total: true}, nil, roster.Complete, "as many users as the vendor states", 1},
		{"1: the credential's own user is missing", 10, listed{links: noLinks, self: "u3", users: without("u3")}, nil, roster.Broken,
			"u3, known from the credential, is there and the list lacks it", 1},
		{"1: a pinned user is missing", 10, listed{links: noLinks, users: without("u3")},
			[]roster.CensusOption{roster.Pins(map[string]string{"fake:u3": "x"})}, roster.Broken, "u3, known from a pin, is there", 1},
		{"1: an empty 200", 10, listed{links: noLinks, users: func(int, []core.User) []core.User { return nil }}, nil, roster.Doubtful,
			"the list is empty", 2},
		{"2: somebody of the last census is missing", 10, listed{links: noLinks, users: without("u3")},
			[]roster.CensusOption{roster.Since(before(10))}, roster.Broken, "u3, known from the last census, is there", 1},
		{"2: it cannot be told another way", 10, listed{links: noLinks, via: map[core.Operation]core.Operation{core.OpGetUser: core.OpListUsers}},
			[]roster.CensusOption{roster.Since(before(11))}, roster.Doubtful, "looking for it reads the same list", 1},
		{"3: a link names somebody who is missing", 10, listed{users: without("u3")}, nil, roster.Broken,
			"u3, known from a link to queue:q1, is there", 1},
		{"3: links from the same walk are no witnesses", 10, listed{via: map[core.Operation]core.Operation{core.OpListAll: core.OpListUsers}},
			nil, roster.Complete, "a second walk", 2},
		{"4: a full last page", 14, listed{users: func(n int, all []core.User) []core.User { return all[:15-n] }}, nil, roster.Doubtful,
			"it ends with a full page of 7, and a second walk showed other users (13)", 2},
		{"4: a round cap", 1200, listed{users: func(n int, all []core.User) []core.User { return all[:1001-n] }, links: noLinks}, nil,
			roster.Doubtful, "exactly 1000 users, and a second walk showed other users (999)", 2},
		{"4: many fewer than last time", 6, listed{users: func(n int, all []core.User) []core.User { return all[:7-n] }},
			[]roster.CensusOption{roster.Since(before(10))}, roster.Doubtful, "it had 10 users last time and has 6, and a second walk showed " +
				"other users (5)", 2},
		{"4: many fewer, and all of them gone", 5, listed{}, []roster.CensusOption{roster.Since(before(10))}, roster.Complete,
			"it had 10 users last time and has 5, and a second walk showed the same", 2},
		{"4: a login twice", 10, listed{users: func(n int, all []core.User) []core.User {
			all[1].Login = all[0].Login
			return all[:11-n]
		}}, nil, roster.Doubtful, "u1 and u10 have the same login, and a second walk showed other users", 2},
		{"more is demanded", 10, listed{links: noLinks}, []roster.CensusOption{roster.Witness(1)}, roster.Doubtful,
			"0 known people are in the list, and 1 were demanded", 2},
		{"enough is known", 10, listed{links: noLinks, self: "u1"}, []roster.CensusOption{roster.Witness(1)}, roster.Complete,
			"u1, known from the credential", 1},
		{"links: many fewer", 10, listed{links: func(all []core.Assignment) []core.Assignment { return all[:len(all)/2] }},
			[]roster.CensusOption{roster.Since(before(10))}, roster.Complete, "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, _ := crowd(c.people)
			c.store.store, c.store.walks = store{w}, new(int)
			proof := take(t, roster.Fleet{"fake": c.store}, c.opts...).Proof("fake")
			assert.Equal(t, c.verdict, proof.Verdict, "%v", proof.Why)
			assert.Contains(t, strings.Join(proof.Why, "\n"), c.why)
			assert.Equal(t, c.walks, *c.store.walks, "walks")
		})
	}
}

// strays is a store that lists the links of others too.
type strays struct {
	store
	users, links bool
}

func (s strays) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	if s.users {
		q = core.UserQuery{}
	}
	return s.store.ListUsers(ctx, q)
}

func (s strays) ListAssignments(ctx context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	if s.links {
		q = core.AssignmentQuery{}
	}
	return s.store.ListAssignments(ctx, q)
}

func (s strays) Capabilities() core.Capabilities {
	return metered{store: s.store, cost: core.Cost{Call: 1, Page: 100}}.Capabilities()
}

func TestCertificate_AFilterThatIsLostIsFound(t *testing.T) {
	for _, s := range []strays{{users: true}, {links: true}} {
		w, people := crowd(10)
		s.store = store{w}
		c := take(t, roster.Fleet{"fake": s}, roster.Only(people[0]))
		assert.Equal(t, roster.Broken, c.Proof("fake").Verdict)
		assert.Contains(t, strings.Join(c.Proof("fake").Why, "\n"), "the filter was lost")
		p, err := roster.Want{Gone: people[:1]}.Plan(c)
		require.NoError(t, err)
		for _, step := range p.Steps {
			assert.Equal(t, core.OpBlock, step.Op)
		}
		assert.Len(t, p.Gaps, 1)
	}
}

func TestCertificate_AbsenceIsProvenPersonByPerson(t *testing.T) {
	w, people := crowd(10)
	before := take(t, roster.Fleet{"fake": store{w}})
	delete(w.users, "u3")
	delete(w.links, "u3")
	var walks int
	lying := listed{store: store{w}, users: without("u5"), walks: &walks}

	// The list is broken, because u5 is there; u3 answers "not found" and is gone.
	after := take(t, roster.Fleet{"fake": lying}, roster.Since(before))
	require.Equal(t, roster.Broken, after.Proof("fake").Verdict)
	assert.Equal(t, []string{"gone u3 First → -"}, told(after, before))

	// An exact entry takes nobody away on it, and a removal by name neither.
	for _, m := range []roster.Members{
		{Account: "fake", Target: q1, Mode: roster.Exact, People: people[:1], Within: roster.Everyone},
		{Account: "fake", Target: q1, Mode: roster.Exact, People: people[:1], Within: people},
		{Account: "fake", Target: q1, Mode: roster.Remove, People: people[:1]},
	} {
		p, err := roster.Want{Members: []roster.Members{m}}.Plan(after)
		require.NoError(t, err)
		assert.Empty(t, p.Steps)
		require.NotEmpty(t, p.Gaps)
		assert.Contains(t, p.Gaps[0].Why, "u5, known from")
	}
}

func TestTake_AnAccountThatCannotBeReadIsToldBesideTheOthers(t *testing.T) {
	w, _ := crowd(3)
	c, err := roster.Take(t.Context(), roster.Fleet{"good": store{w}, "bad": unreadable{store{newWorld()}}})
	require.ErrorIs(t, err, core.ErrUnavailable)
	assert.Equal(t, roster.Complete, c.Proof("good").Verdict)
	assert.Equal(t, roster.Broken, c.Proof("bad").Verdict)
}

type unreadable struct{ store }

func (unreadable) ListUsers(context.Context, core.UserQuery) iter.Seq2[core.User, error] {
	return func(yield func(core.User, error) bool) {
		yield(core.User{}, &core.Error{Vendor: "fake", Class: core.ClassUnavailable})
	}
}

func TestCertificate_WhoLeftIsNotAskedAboutEveryNight(t *testing.T) {
	w, people := crowd(10)
	j := newJournal(t)
	f := roster.Fleet{"fake": store{w}}
	p := planOf(t, w, roster.Want{Blocked: people[:2]})
	_, err := runOn(w, j).Apply(t.Context(), p)
	require.NoError(t, err)
	delete(w.users, "u1") // by hand
	delete(w.links, "u1")

	reads := func(opts ...roster.CensusOption) (*roster.Census, int) {
		n := w.traffic()
		c := take(t, f, append(opts, roster.KnownTo(j))...)
		return c, w.traffic() - n
	}
	first, n := reads()
	assert.Equal(t, 3, n, "the users, the links, and who is missing")
	_, n = reads(roster.Since(first))
	assert.Equal(t, 2, n)
}
