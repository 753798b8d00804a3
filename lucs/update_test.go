package lucs_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

func clearing(names ...string) core.UserChange {
	change := core.UserChange{Fields: map[string]any{}}
	for _, name := range names {
		change.Fields[name] = core.Clear[any]()
	}
	return change
}

// TestAClearIsSentAsNull, because a server may keep what is left out.
func TestAClearIsSentAsNull(t *testing.T) {
	for name, opts := range map[string][]lucstest.Option{
		"replaces": {lucstest.WithDirectRoutes()},
		"merges":   {lucstest.WithDirectRoutes(), lucstest.WithMergedUpdates()},
	} {
		for _, field := range []string{"Traits", "profiles", "Roles", "DefaultProfile", "RetargetTo", "Tomorrow", "tomorrow"} {
			sim := sample(opts...)
			sim.ChangeUser(lucstest.UserMara, map[string]any{"Tomorrow": []int{1}, "RetargetTo": "sip:x@y.z"})
			s := overAs(t, sim, lucs.Dialect{Routes: direct}).Store()
			_, err := s.UpdateUser(t.Context(), lucstest.UserMara, clearing(field))
			require.NoError(t, err, "%s, %s", name, field)
			u, _ := sim.User(lucstest.UserMara)
			for member, v := range u {
				if strings.EqualFold(member, field) {
					require.Nil(t, v, "%s, %s", name, field)
				}
			}
			sent := sim.Requests("Users.Replace")
			require.Len(t, sent, 1)
			require.Contains(t, strings.ToLower(string(sent[0].Body)), strings.ToLower(`"`+field+`":null`))
		}
		sim := sample(opts...)
		s := overAs(t, sim, lucs.Dialect{Routes: direct}).Store()
		_, err := s.UpdateUser(t.Context(), lucstest.UserMara, clearing("NumberOfSimultaneousIm"))
		require.ErrorIs(t, err, core.ErrInvalid, "the server's to say")

		sim.Reset()
		_, err = s.UpdateUser(t.Context(), lucstest.UserMara, clearing("DefaultProfile", "Bogus"))
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassInvalid, core.AppliedNo}, []any{e.Class, e.Applied})
		require.Contains(t, e.Message, "Bogus")
		require.Empty(t, sim.Requests("Users.Replace"), "an unknown field is not cleared by writing everything else")
	}
}

// withUser is a server of one service that shows its one user as it is, and keeps
// what is sent in body.
func withUser(t *testing.T, user string, body *string) *lucs.Store {
	t.Helper()
	c, mt := mocked(t, lucs.Dialect{Routes: lucs.Routes{ReplaceUser: "PUT /users/{userId}"}})
	mt.RegisterResponder("GET", base+"/v1.0/services", resttest.Answer(200, `[{"Id":"`+other+`"}]`))
	mt.RegisterResponder("GET", base+"/v1.0/services/"+other+"/users", resttest.Answer(200, "["+user+"]"))
	mt.RegisterResponder("PUT", base+"/v1.0/users/"+aGUID, resttest.AnswerTo(nil, body, 200, ""))
	return c.Store()
}

func TestAClearThatDoesNotShowIsNotApplied(t *testing.T) {
	for field, shown := range map[string]string{"Traits": `[{"TraitNode":"A"}]`, "RetargetTo": `"sip:x@y.z"`, "Tomorrow": `7`, "IsBusySelectable": "true"} {
		user := `{"Id":"` + aGUID + `","SipUri":"sip:a@b.c","Profiles":[],"Roles":[],"Traits":[{"TraitNode":"A"}],"` + field + `":` + shown + `}`
		_, err := withUser(t, user, new(string)).UpdateUser(t.Context(), aGUID, clearing(field))
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied}, field)
		require.Contains(t, e.Message, field)
	}
	for field, shown := range map[string]string{"Traits": `[]`, "RetargetTo": `""`, "DefaultProfile": "null"} {
		user := `{"Id":"` + aGUID + `","SipUri":"sip:a@b.c","Profiles":[],"Roles":[],"Traits":null,"` + field + `":` + shown + `}`
		_, err := withUser(t, user, new(string)).UpdateUser(t.Context(), aGUID, clearing(field))
		require.NoError(t, err, field)
	}
}

// TestWhatWasNotReadIsNotDeleted: of the lists that a replacement would delete each
// must have been read, or be named by the caller.
func TestWhatWasNotReadIsNotDeleted(t *testing.T) {
	lists := map[string]string{"Traits": `[{"TraitNode":"A"}]`, "Profiles": `[{"Name":"P","Responsibilities":null}]`, "Roles": `[{"OrganizationUnit":"S","Role":"R","Permission":"Allow"}]`}
	doc := func(missing, value string) string {
		var user strings.Builder
		user.WriteString(`{"Id":"` + aGUID + `","SipUri":"sip:a@b.c","CurrentProfile":"P","DefaultProfile":"P"`)
		for name, list := range lists {
			switch {
			case name != missing:
				user.WriteString(`,"` + name + `":` + list)
			case value != "":
				user.WriteString(`,"` + strings.ToLower(name) + `":` + value)
			}
		}
		return user.String() + "}"
	}
	for missing := range lists {
		var body string
		s := withUser(t, doc(missing, ""), &body)
		_, err := s.UpdateUser(t.Context(), aGUID, core.UserChange{Fields: map[string]any{"AAConfiguration": "X"}})
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassIncomplete, core.AppliedNo}, []any{e.Class, e.Applied}, missing)
		require.Contains(t, e.Message, missing)
		require.Empty(t, body)
		_, err = s.UpdateUser(t.Context(), aGUID, core.UserChange{Fields: map[string]any{missing: []any{}}})
		require.NoError(t, err, "the caller says what it is to be")
		require.Contains(t, body, `"`+missing+`":[]`)
		_, err = s.UpdateUser(t.Context(), aGUID, clearing(missing))
		require.NoError(t, err)
		require.Contains(t, body, `"`+missing+`":null`)

		s = withUser(t, doc(missing, "null"), &body)
		_, err = s.UpdateUser(t.Context(), aGUID, core.UserChange{Fields: map[string]any{"CurrentProfile": "P"}})
		require.NoError(t, err, "null is what it is")
		require.Contains(t, body, `"`+missing+`":null`, "and goes back")
	}
	c, mt := mocked(t, lucs.Dialect{Routes: direct})
	mt.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		return httpmock.NewStringResponse(200, doc("Roles", "")), nil
	})
	_, err := c.Store().UpdateUser(t.Context(), aGUID, core.UserChange{Fields: map[string]any{"CurrentProfile": "Q"}})
	require.ErrorIs(t, err, core.ErrIncomplete, "also where one user can be read")
}
