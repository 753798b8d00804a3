package lucs_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

// TestAnIDHasOneSpelling: .NET writes one id in several ways, and takes any of them.
// The adapter gives out one, so that what one call says of a user can be joined with
// what another says.
func TestAnIDHasOneSpelling(t *testing.T) {
	braced := func(id string) string { return "{" + strings.ToUpper(id) + "}" }
	for _, dialect := range []lucs.Dialect{{}, {Routes: direct}} {
		sim := sample(lucstest.WithIDSpelling(braced), lucstest.WithDirectRoutes())
		s := overAs(t, sim, dialect).Store()
		mara := lucstest.UserMara
		for _, id := range []string{mara, strings.ToUpper(mara), braced(mara), "{" + mara + "}"} {
			u, err := s.GetUser(t.Context(), id)
			require.NoError(t, err, id)
			require.Equal(t, mara, u.ID)
			require.Equal(t, braced(mara), u.Native.(*lucs.User).ID, "the vendor's own value is as it came")
			made, err := s.Block(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, mara, made.UserID)
			p, err := s.Presence(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, mara, p.UserID)
			require.True(t, *p.Blocked)
			require.NoError(t, s.Unblock(t.Context(), id, made))
			require.NoError(t, s.SetPresence(t.Context(), id, core.Busy))
		}
		users, err := core.Collect(s.ListUsers(t.Context(), core.UserQuery{}))
		require.NoError(t, err)
		for _, u := range users {
			require.Equal(t, strings.ToLower(strings.Trim(u.ID, "{}")), u.ID)
		}
		mine, err := core.Collect(s.ListAssignments(t.Context(), core.AssignmentQuery{UserID: braced(mara)}))
		require.NoError(t, err)
		require.NotEmpty(t, mine)
		for _, target := range []string{mine[0].Target.ID, braced(mine[0].Target.ID)} {
			all, err := core.Collect(s.ListAssignments(t.Context(), core.AssignmentQuery{Target: core.Target{Kind: core.KindQueue, ID: target}}))
			require.NoError(t, err)
			all[0].Target.Name = mine[0].Target.Name
			ids := map[core.Assignment]bool{}
			for _, a := range all {
				a.Target.Name = mine[0].Target.Name
				ids[a] = true
			}
			require.True(t, ids[mine[0]], "%v is not among %v", mine[0], all)
		}
		made, err := s.CreateUser(t.Context(), core.UserSpec{Login: newcomer})
		require.NoError(t, err)
		require.Equal(t, strings.ToLower(strings.Trim(made.ID, "{}")), made.ID)
		for _, r := range sim.Requests() {
			require.NotContains(t, r.Path, "{", "a path has the bare id")
		}
	}
}

// listing is a server of two services, whose users are given.
func listing(t *testing.T, services, first, second string) *lucs.Store {
	t.Helper()
	c, mt := mocked(t, lucs.Dialect{})
	mt.RegisterResponder("GET", base+"/v1.0/services", resttest.Answer(200, services))
	mt.RegisterResponder("GET", base+"/v1.0/services/"+other+"/users", resttest.Answer(200, first))
	mt.RegisterResponder("GET", base+"/v1.0/services/2/users", resttest.Answer(200, second))
	return c.Store()
}

func TestWhoIsListedTwiceComesOnce(t *testing.T) {
	u := func(id string) string { return `{"Id":"` + id + `"}` }
	twice := "[" + u(aGUID) + "," + u(other) + "," + u("{"+strings.ToUpper(aGUID)+"}") + "]"
	s := listing(t, `[{"Id":"`+other+`"},{"Id":"{`+other+`}"},{"Id":"2"}]`, twice, twice)
	links, err := core.Collect(s.ListAssignments(t.Context(), core.AssignmentQuery{Target: core.Target{Kind: core.KindQueue, ID: other}}))
	require.ErrorIs(t, err, core.ErrIncomplete, "another may be missing")
	require.Len(t, links, 2)
	for _, q := range []core.AssignmentQuery{{UserID: aGUID}, {}} {
		_, err = core.Collect(s.ListAssignments(t.Context(), q))
		require.ErrorIs(t, err, core.ErrIncomplete, "and so of services")
	}
	_, err = core.Collect(s.ListUsers(t.Context(), core.UserQuery{}))
	require.ErrorIs(t, err, core.ErrIncomplete)

	once := "[" + u(aGUID) + "," + u(other) + "]"
	s = listing(t, `[{"Id":"`+other+`"},{"Id":"2"}]`, once, once)
	users, err := core.Collect(s.ListUsers(t.Context(), core.UserQuery{}))
	require.NoError(t, err)
	require.Len(t, users, 2, "who is in two services is one")
}

func TestALoginThatOnlyOneServiceShowsIsFound(t *testing.T) {
	s := listing(t, `[{"Id":"`+other+`"},{"Id":"2"}]`, `[{"Id":"`+aGUID+`","SipUri":null}]`, `[{"Id":"`+aGUID+`","SipUri":"`+newcomer+`"}]`)
	users, err := core.Collect(s.ListUsers(t.Context(), core.UserQuery{Login: newcomer}))
	require.NoError(t, err)
	require.Len(t, users, 1)
	require.Equal(t, []string{aGUID, newcomer}, []string{users[0].ID, users[0].Login})
	users, err = core.Collect(s.ListUsers(t.Context(), core.UserQuery{}))
	require.NoError(t, err)
	require.Len(t, users, 1)
}

// TestABlankKeyIsNone, and blanks around one are not part of it: HTTP takes them off.
func TestABlankKeyIsNone(t *testing.T) {
	for _, blank := range []string{"", " ", " \t\n "} {
		_, err := lucs.New(lucs.Config{BaseURL: base, Auth: lucs.APIKey{Key: core.NewSecret(blank)}})
		require.ErrorIs(t, err, core.ErrInvalid)
		require.Contains(t, err.Error(), "APIKey.Key is missing")
	}
	sim := sample()
	c, err := lucs.New(lucs.Config{BaseURL: lucstest.Origin, Auth: lucs.APIKey{Key: core.NewSecret(" " + lucstest.APIKey + " ")},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()}})
	require.NoError(t, err)
	sim.Fault(lucstest.Fault{Op: "Services.List", Status: 403, Body: `{"Message":"(` + lucstest.APIKey + `)"}`})
	_, err = core.Collect(c.Services.List(t.Context()))
	require.Equal(t, "([redacted])", resttest.ErrorOf(t, err).Message)
	_, err = core.Collect(c.Services.List(t.Context()))
	require.NoError(t, err)
}
