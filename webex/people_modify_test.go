package webex_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/webex"
)

// TestUpdateUser_KeepsTheLoginFirst: the order in which addresses are read is not
// promised, and that in which they are written says which one is the login.
func TestUpdateUser_KeepsTheLoginFirst(t *testing.T) {
	d, c := newDirectory(t)
	d.userName = new("Dana@old.example")
	s := c.Store()
	_, err := s.UpdateUser(t.Context(), dana, core.UserChange{LastName: core.Set("Souza")})
	require.NoError(t, err)
	require.Equal(t, []any{"dana@old.example", "dana.reyes@example.com"}, d.puts[0]["emails"])

	// A new login takes the place of the old one, wherever that is.
	d, c = newDirectory(t)
	d.userName = new("dana@old.example")
	_, err = c.Store().UpdateUser(t.Context(), dana, core.UserChange{Login: core.Set("new@example.com")})
	require.NoError(t, err)
	require.Equal(t, []any{"new@example.com", "dana.reyes@example.com"}, d.puts[0]["emails"])
}

func TestUpdateUser_RefusesWhereTheLoginIsUnclear(t *testing.T) {
	for _, userName := range []string{"", "somebody@else.example"} {
		d, c := newDirectory(t)
		d.userName = &userName
		s := c.Store()
		for _, change := range []core.UserChange{{LastName: core.Set("Souza")}, {Login: core.Set("new@example.com")},
			{Enabled: core.Set(false)}} {
			_, err := s.UpdateUser(t.Context(), dana, change)
			e := resttest.ErrorOf(t, err)
			require.Equal(t, []any{core.ClassIncomplete, core.AppliedNo, "users.update"}, []any{e.Class, e.Applied, e.Op})
			require.Empty(t, d.puts)
		}
		// Nothing is unclear where the caller names all of them, or there is one.
		_, err := s.UpdateUser(t.Context(), dana, core.UserChange{Fields: map[string]any{"emails": []string{"dana@old.example",
			"dana.reyes@example.com"}}})
		require.NoError(t, err)
		d, c = newDirectory(t)
		d.userName, d.person["emails"] = &userName, []any{"dana.reyes@example.com"}
		_, err = c.Store().UpdateUser(t.Context(), dana, core.UserChange{LastName: core.Set("Souza")})
		require.NoError(t, err)
	}
}

func TestPerson_LoginIsTheUserNameWhereItIsShown(t *testing.T) {
	p := webex.Person{Emails: []string{"a@x.test", "b@x.test"}}
	require.Equal(t, "a@x.test", p.Login())
	p.UserName = core.Set("B@x.test")
	require.Equal(t, "b@x.test", p.Login())
	p.UserName = core.Set("c@x.test")
	require.Equal(t, "a@x.test", p.Login())
}

func TestUpdateUser_WritesOnlyWhereThePreconditionHolds(t *testing.T) {
	d, c := newDirectory(t)
	s := c.Store()
	holds := map[string]any{"login": "Dana.Reyes@example.com", "lastName": "reyes", "title": "Lead", "roles": []string{"Um9sZUI", "Um9sZUE"},
		"enabled": true, "absent": nil}
	for name, v := range map[string]any{"lastName": "Okafor", "title": nil, "roles": []string{"Um9sZUI"}, "enabled": false} {
		seen := map[string]any{}
		maps.Copy(seen, holds)
		seen[name] = v
		_, err := s.UpdateUser(t.Context(), dana, core.UserChange{FirstName: core.Set("D."), If: core.Precondition{Values: seen}})
		require.ErrorIs(t, err, core.ErrRevision, name)
		require.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied)
	}
	require.Empty(t, d.puts)
	_, err := s.UpdateUser(t.Context(), dana, core.UserChange{FirstName: core.Set("D."), If: core.Precondition{Values: holds}})
	require.NoError(t, err)
	_, err = s.UpdateUser(t.Context(), dana, core.UserChange{FirstName: core.Set("E."), If: core.Precondition{Revision: "7"}})
	require.ErrorIs(t, err, core.ErrRevision)
}
