package libh3lp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/libh3lp"
)

// TestAccepted_AWriteOnlyFieldAndAnEmptyAnswer: no look can tell what came of it.
func TestAccepted_AWriteOnlyFieldAndAnEmptyAnswer(t *testing.T) {
	c, mt := mocked(t)
	put := func(status int, body string) {
		mt.RegisterResponder("PUT", api+"/users/5", resttest.Answer(status, body))
	}
	mt.RegisterResponder("GET", api+"/users/5", resttest.Answer(200, `{"id":5,"name":"u","email":"e@x.example"}`))
	secret, folder := core.NewSecret("another-pass"), core.Extra{"parent_id": []byte("7")}
	changes := map[string]libh3lp.UserUpdate{
		"password": {Password: secret}, "parent_id": {Extra: folder},
		"parent_id, password": {Password: secret, Extra: folder, Email: core.Set("e@x.example")},
	}
	for _, body := range []string{``, ` `, `null`, `[]`, `[null]`, `[{}]`, `[{"name":"u","email":"e@x.example"}]`} {
		put(200, body)
		for names, change := range changes {
			u, err := c.Users.Update(t.Context(), 5, change)
			e := resttest.ErrorOf(t, err)
			require.Equal(t, []any{"Users.Update", core.ClassProtocol, core.AppliedUnknown, 200, 1}, []any{e.Op, e.Class, e.Applied, e.Status,
				e.Attempts}, "%q %s", body, names)
			require.Contains(t, e.Message, "whether it took "+names)
			require.Equal(t, "u", u.Name, "beside the user as it is")
		}
		_, err := c.Users.Update(t.Context(), 5, libh3lp.UserUpdate{Email: core.Set("e@x.example")})
		require.NoError(t, err, "what is shown is seen: %q", body)
		_, err = c.Users.Update(t.Context(), 5, libh3lp.UserUpdate{Email: core.Set("f@x.example"), Password: secret})
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied})
		require.Contains(t, e.Message, "email (it is")
		require.Contains(t, e.Message, "whether it took password")
	}
	for _, yes := range []struct {
		status int
		body   string
	}{{204, ``}, {200, `{"success": true}`}, {200, `[{"success": "true"}]`}, {200, `{"id":5}`},
		{200, `[{"id":5,"name":"u","email":"e@x.example"}]`}} {
		put(yes.status, yes.body)
		for _, change := range changes {
			_, err := c.Users.Update(t.Context(), 5, change)
			require.NoError(t, err, yes.body)
		}
	}
	// An object that is neither a success, nor a refusal, nor a user.
	put(200, `{}`)
	_, err := c.Users.Update(t.Context(), 5, changes["password"])
	require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{resttest.ErrorOf(t, err).Class, resttest.ErrorOf(t, err).Applied})
}
