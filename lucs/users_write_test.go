package lucs_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

// TestUsersCreate_RefusesAnAnswerAboutAnotherUser, who then is not taken for the new user.
func TestUsersCreate_RefusesAnAnswerAboutAnotherUser(t *testing.T) {
	tom := `{"Id":"` + aGUID + `","SipUri":"sip:tom@example.internal"}`
	for _, body := range []string{tom, "[" + tom + "]", "[" + tom + "," + tom + "]"} {
		s, mt := creating(t, body, 200, "["+tom+"]")
		u, err := s.CreateUser(t.Context(), core.UserSpec{Login: newcomer})
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{e.Class, e.Applied}, body)
		require.Contains(t, e.Message, "another user")
		require.Contains(t, e.Hint, "not finding it proves nothing")
		require.Empty(t, u.ID)
		require.Equal(t, 1, mt.GetTotalCallCount())
	}
	for _, body := range []string{`{"Id":"` + aGUID + `"}`, `[{"Id":"` + aGUID + `","SipUri":null}]`,
		`{"Id":"` + aGUID + `","SipUri":" SIP:N@example.internal"}`,
		"[" + strings.ReplaceAll(tom, aGUID, other) + `,{"Id":"` + aGUID + `","SipUri":"` + newcomer + `"}]`} {
		s, _ := creating(t, body, 200, `[{"Id":"`+aGUID+`","SipUri":"`+newcomer+`"}]`)
		u, err := s.CreateUser(t.Context(), core.UserSpec{Login: newcomer})
		require.NoError(t, err, body)
		require.Equal(t, aGUID, u.ID)
	}
}

// TestUsersCreate_ThatNoServiceShows: the answer names an id, and no list shows the user.
func TestUsersCreate_ThatNoServiceShows(t *testing.T) {
	s, _ := creating(t, `"`+aGUID+`"`, 200, "[]")
	_, err := s.CreateUser(t.Context(), core.UserSpec{Login: newcomer})
	e := resttest.ErrorOf(t, err)
	require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied})
	require.Contains(t, e.Message, "a key sees its organization units only")
}

// TestUsersCreate_NoticesThatNoUserWasMade: the server says yes, and the user who is there,
// perhaps for years, is not the one that was sent.
func TestUsersCreate_NoticesThatNoUserWasMade(t *testing.T) {
	old := `{"Id":"` + aGUID + `","SipUri":"` + newcomer + `","DefaultProfile":"Early Shift","RetargetTo":null,"NumberOfSimultaneousIm":2,
		"Traits":[{"TraitNode":"Topic/IT","Attribute":"Expert","Since":7},{"traitNode":"Language/French","attribute":"Native"}]}`
	spec := func(fields map[string]any) core.UserSpec { return core.UserSpec{Login: newcomer, Fields: fields} }
	french, it := map[string]any{"TraitNode": "Language/French", "Attribute": "Native"}, map[string]any{"TraitNode": "Topic/IT",
		"Attribute": "Expert"}
	for _, way := range []struct{ answered, listed string }{{`"` + aGUID + `"`, "[" + old + "]"}, {old, "[" + old + "]"}} {
		for _, fields := range []map[string]any{{"DefaultProfile": "Night"}, {"RetargetTo": "sip:x@y"}, {"NumberOfSimultaneousIm": 3},
			{"DefaultProfile": nil}} {
			s, _ := creating(t, way.answered, 200, way.listed)
			u, err := s.CreateUser(t.Context(), spec(fields))
			e := resttest.ErrorOf(t, err)
			require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied}, fields)
			for name := range fields {
				require.Contains(t, e.Message, name)
			}
			require.Equal(t, aGUID, u.ID, "whose id is of use")
		}
		for _, fields := range []map[string]any{nil, {"DefaultProfile": "Early Shift", "RetargetTo": nil}, {"Traits": []any{french, it}},
			{"Traits": []any{it}}, {"Traits": []any{}}, {"DefaultProfile": " early shift"}, {"RetargetTo": ""}, {"Unknown": 1}} {
			s, _ := creating(t, way.answered, 200, way.listed)
			u, err := s.CreateUser(t.Context(), spec(fields))
			require.NoError(t, err, fields)
			require.Equal(t, aGUID, u.ID)
		}
	}
}

// TestUsersCreate_WithoutAnID is in doubt: who has the SipUri may have been there before, and
// is not looked for.
func TestUsersCreate_WithoutAnID(t *testing.T) {
	there := `[{"Id":"` + aGUID + `","SipUri":"` + newcomer + `"}]`
	for _, body := range []string{"", `"x"`, "5", "null", `{"a":1}`, "[]", `{"Id":"","SipUri":"` + newcomer + `"}`,
		`{"Id":"00000000-0000-0000-0000-000000000000"}`} {
		s, mt := creating(t, body, 200, there)
		u, err := s.CreateUser(t.Context(), core.UserSpec{Login: newcomer})
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown, 200}, []any{e.Class, e.Applied, e.Status}, body)
		require.Contains(t, e.Hint, "look for its SipUri")
		require.Empty(t, u.ID)
		require.Equal(t, 1, mt.GetTotalCallCount())
	}
	// An object with a message is the server's no.
	for body, says := range map[string]string{
		`{"Message":"not in the directory, key ` + key + `","Success":false}`: "not in the directory, key [redacted]",
		`{"Id":"","message":"exists"}`:                                        "exists",
		`{"Success":false}`:                                                   "Success: false",
		`[{"Error":"no"}]`:                                                    "no",
	} {
		s, mt := creating(t, body, 200, there)
		u, err := s.CreateUser(t.Context(), core.UserSpec{Login: newcomer})
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{e.Class, e.Applied}, body)
		require.Contains(t, e.Message, says)
		require.Empty(t, u.ID)
		require.Equal(t, 1, mt.GetTotalCallCount())
	}
}

// TestUsersCreate_AtAServerThatNamesNoID, and that the Dialect tells of, is looked behind: who was not
// there before and shows afterwards is the new user.
func TestUsersCreate_AtAServerThatNamesNoID(t *testing.T) {
	dialect := lucs.Dialect{CreateNamesNoID: true}
	there := `[{"Id":"` + aGUID + `","SipUri":"` + strings.ToUpper(newcomer) + `","DefaultProfile":"Early"}]`
	server := func(makes bool, status int, answered string) (*lucs.Store, *int) {
		c, mt := mocked(t, dialect)
		users, posts := "[]", 0
		mt.RegisterResponder("GET", base+"/v1.0/services", resttest.Answer(200, `[{"Id":"`+other+`"}]`))
		mt.RegisterResponder("GET", base+"/v1.0/services/"+other+"/users", func(r *http.Request) (*http.Response, error) {
			return httpmock.NewStringResponse(200, users), nil
		})
		mt.RegisterResponder("POST", base+"/v1.0/users", func(*http.Request) (*http.Response, error) {
			if posts++; makes {
				users = there
			}
			return httpmock.NewStringResponse(status, answered), nil
		})
		return c.Store(), &posts
	}
	spec := core.UserSpec{Login: newcomer, Fields: map[string]any{"DefaultProfile": "early"}}
	for _, lost := range []bool{false, true} {
		status := 204
		if lost {
			status = 502
		}
		s, posts := server(true, status, "")
		u, err := s.CreateUser(t.Context(), spec)
		require.NoError(t, err)
		require.Equal(t, aGUID, u.ID)
		require.Equal(t, 1, *posts)

		_, err = s.CreateUser(t.Context(), spec)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassConflict, core.AppliedNo}, []any{e.Class, e.Applied}, "who is there is not made again")
		require.Equal(t, 1, *posts)

		s, _ = server(false, status, "")
		_, err = s.CreateUser(t.Context(), spec)
		require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
		require.NotErrorIs(t, err, core.ErrNotFound)
	}
}

// TestUsersCreate_WhoseCallerGivesUp: its end is the caller's, and its change unknown.
func TestUsersCreate_WhoseCallerGivesUp(t *testing.T) {
	sim := sample(lucstest.WithCreateAnswer(lucstest.AnswerEmpty))
	ctx, cancel := context.WithCancel(t.Context())
	created := false
	sim.Fault(lucstest.Fault{Match: func(r *http.Request, _ []byte) bool {
		if created {
			cancel()
		}
		created = created || r.Method == http.MethodPost
		return false
	}})
	_, err := overAs(t, sim, lucs.Dialect{CreateNamesNoID: true}).Store().CreateUser(ctx, core.UserSpec{Login: newcomer})
	e := resttest.ErrorOf(t, err)
	require.Equal(t, []any{core.ClassCanceled, core.AppliedUnknown}, []any{e.Class, e.Applied})
	require.ErrorIs(t, err, ctx.Err())
}

// TestUsersDelete_IsReadBack: a server that says yes in any words and does
// nothing is found out, with a route for one user and without.
func TestUsersDelete_IsReadBack(t *testing.T) {
	for _, routes := range []lucs.Routes{direct, {DeleteUser: direct.DeleteUser}} {
		for _, body := range []string{"", `{}`, `"denied"`, `false`, `{"Message":"denied"}`, `{"success":false}`, `{"result":"error"}`} {
			sim := sample(lucstest.WithDirectRoutes())
			sim.Fault(lucstest.Fault{Op: "Users.Delete", Status: 200, Body: body, Times: -1})
			err := overAs(t, sim, lucs.Dialect{Routes: routes}, func(cfg *lucs.Config) { cfg.ReadBack = -1 }).Store().DeleteUser(t.Context(),
				lucstest.UserMara)
			e := resttest.ErrorOf(t, err)
			require.Equal(t, core.AppliedUnknown, e.Applied, body)
			require.Contains(t, []core.Class{core.ClassNotApplied, core.ClassProtocol}, e.Class, body)
		}
	}
}

// TestUsersDelete_AfterALostAnswer: with a route for one user a 404 about it tells; the
// services, which may have no users, do not.
func TestUsersDelete_AfterALostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for routes, want := range map[*lucs.Routes]core.Applied{&direct: core.AppliedYes, {DeleteUser: direct.DeleteUser}: core.AppliedUnknown} {
			sim := sample(lucstest.WithDirectRoutes())
			sim.Fault(lucstest.Fault{Op: "Users.Delete", LoseAnswer: true, Times: 1})
			err := overAs(t, sim, lucs.Dialect{Routes: *routes}, attempts(1)).Store().DeleteUser(t.Context(), lucstest.UserMara)
			if want == core.AppliedYes {
				require.NoError(t, err)
				continue
			}
			require.Equal(t, want, resttest.ErrorOf(t, err).Applied)
		}
	})
}

// TestUsersWrite_ARefusalAfterTheEffect: a page, half an answer or a redirect may come
// after the change, and what shows then counts.
func TestUsersWrite_ARefusalAfterTheEffect(t *testing.T) {
	for name, answer := range map[string]httpmock.Responder{
		"a firewall's page": resttest.Answer(403, "<!DOCTYPE html><h1>Blocked</h1>"),
		"half an answer":    resttest.Answer(400, `{"Message":"bo`),
		"a redirect":        resttest.Answer(302, "", "Location", "/elsewhere"),
		"denied, 200":       resttest.Answer(200, `{"Message":"denied"}`),
	} {
		for _, done := range []bool{true, false} {
			c, mt := mocked(t, lucs.Dialect{Routes: direct})
			im := "1"
			mt.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodPost {
					if done {
						im = "5"
					}
					return answer(r)
				}
				return httpmock.NewStringResponse(200, `{"Id":"`+aGUID+`","SipUri":"`+newcomer+`","Traits":[],"Profiles":[],"Roles":[],`+
					`"NumberOfSimultaneousIm":`+im+`}`), nil
			})
			_, err := c.Store().UpdateUser(t.Context(), aGUID, set("NumberOfSimultaneousIm", 5))
			if done {
				require.NoError(t, err, name)
				continue
			}
			require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied, name)
		}
	}
}
