package lucs_test

import (
	"context"
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

const newcomer = "sip:n@example.internal"

// creating is a server that gives a create the answer, and whose one service
// answers with a status and the users.
func creating(t *testing.T, answered string, status int, users string) (*lucs.Store, *httpmock.MockTransport) {
	t.Helper()
	c, mt := mocked(t, lucs.Dialect{})
	mt.RegisterResponder("POST", base+"/v1.0/users", resttest.Answer(200, answered))
	mt.RegisterResponder("GET", base+"/v1.0/services", resttest.Answer(200, `[{"Id":"`+other+`"}]`))
	mt.RegisterResponder("GET", base+"/v1.0/services/"+other+"/users", resttest.Answer(status, users))
	return c.Store(), mt
}

// TestTheAnswerToACreateMayBeAboutSomebodyElse, who then is not taken for the new user.
func TestTheAnswerToACreateMayBeAboutSomebodyElse(t *testing.T) {
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
	for _, body := range []string{`{"Id":"` + aGUID + `"}`, `[{"Id":"` + aGUID + `","SipUri":null}]`, `{"Id":"` + aGUID + `","SipUri":" SIP:N@example.internal"}`,
		"[" + strings.ReplaceAll(tom, aGUID, other) + `,{"Id":"` + aGUID + `","SipUri":"` + newcomer + `"}]`} {
		s, _ := creating(t, body, 200, "[]")
		u, err := s.CreateUser(t.Context(), core.UserSpec{Login: newcomer})
		require.NoError(t, err, body)
		require.Equal(t, aGUID, u.ID)
	}
}

// TestACreateThatMadeNobodyIsSeen: the server says yes, and the user who is there,
// perhaps for years, is not the one that was sent.
func TestACreateThatMadeNobodyIsSeen(t *testing.T) {
	old := `{"Id":"` + aGUID + `","SipUri":"` + newcomer + `","DefaultProfile":"Early Shift","RetargetTo":null,"NumberOfSimultaneousIm":2,
		"Traits":[{"TraitNode":"Topic/IT","Attribute":"Expert","Since":7},{"traitNode":"Language/French","attribute":"Native"}]}`
	spec := func(fields map[string]any) core.UserSpec { return core.UserSpec{Login: newcomer, Fields: fields} }
	french, it := map[string]any{"TraitNode": "Language/French", "Attribute": "Native"}, map[string]any{"TraitNode": "Topic/IT", "Attribute": "Expert"}
	for _, way := range []struct{ answered, listed string }{{"", "[" + old + "]"}, {old, "[]"}} {
		for _, fields := range []map[string]any{{"DefaultProfile": "Night"}, {"RetargetTo": "sip:x@y"}, {"NumberOfSimultaneousIm": 3}, {"Traits": []any{it, it}},
			{"DefaultProfile": nil}} {
			s, _ := creating(t, way.answered, 200, way.listed)
			u, err := s.CreateUser(t.Context(), spec(fields))
			e := resttest.ErrorOf(t, err)
			applied := core.AppliedUnknown // it was looked for, and may be old
			if way.answered != "" {
				applied = core.AppliedYes
			}
			require.Equal(t, []any{core.ClassNotApplied, applied}, []any{e.Class, e.Applied}, fields)
			for name := range fields {
				require.Contains(t, e.Message, name)
			}
			require.Equal(t, aGUID, u.ID, "whose id is of use")
		}
		for _, fields := range []map[string]any{nil, {"DefaultProfile": "Early Shift", "RetargetTo": nil}, {"Traits": []any{french, it}}, {"Traits": []any{it}}, {"Traits": []any{}}, {"DefaultProfile": " early shift"}, {"RetargetTo": ""}, {"Unknown": 1}} {
			s, _ := creating(t, way.answered, 200, way.listed)
			u, err := s.CreateUser(t.Context(), spec(fields))
			require.NoError(t, err, fields)
			require.Equal(t, aGUID, u.ID)
		}
	}
}

// TestACreateWithoutAnID says what is known: that nothing is, what the server said,
// and whether the user could be looked for.
func TestACreateWithoutAnID(t *testing.T) {
	for _, body := range []string{"", `"x"`, "5", "null", `{"a":1}`, "[]", `{"Id":"","SipUri":"` + newcomer + `"}`, `{"Id":"00000000-0000-0000-0000-000000000000"}`} {
		s, _ := creating(t, body, 200, "[]")
		_, err := s.CreateUser(t.Context(), core.UserSpec{Login: newcomer})
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown, 200}, []any{e.Class, e.Applied, e.Status}, body)
		require.Contains(t, e.Message, "no service that the key sees holds the user")
		require.NotContains(t, e.Message, "accepted")
		for _, status := range []int{500, 401} {
			s, _ := creating(t, body, status, `{"Message":"broken"}`)
			_, err := s.CreateUser(t.Context(), core.UserSpec{Login: newcomer})
			e := resttest.ErrorOf(t, err)
			require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{e.Class, e.Applied}, body)
			require.NotContains(t, e.Message, "holds the user")
			require.Contains(t, e.Message, "reading the users of service "+other+" failed: broken")
		}
	}
	// An object with a message is the server's no, and who is found then is not new.
	there := `[{"Id":"` + aGUID + `","SipUri":"` + newcomer + `"}]`
	for body, says := range map[string]string{
		`{"Message":"not in the directory, key ` + key + `","Success":false}`: "not in the directory, key [redacted]",
		`{"Id":"","message":"exists"}`:                                        "exists",
		`{"Success":false}`:                                                   "Success: false",
		`[{"Error":"no"}]`:                                                    "no",
	} {
		for _, users := range []string{"[]", there} {
			s, _ := creating(t, body, 200, users)
			u, err := s.CreateUser(t.Context(), core.UserSpec{Login: newcomer})
			e := resttest.ErrorOf(t, err)
			require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{e.Class, e.Applied}, body)
			require.Contains(t, e.Message, says)
			require.Equal(t, users == there, strings.Contains(e.Message, "service shows a user with this SipUri"), e.Message)
			require.Equal(t, users == there, u.ID == aGUID)
		}
	}
	s, _ := creating(t, `{"Message":"created","Success":true}`, 200, there)
	u, err := s.CreateUser(t.Context(), core.UserSpec{Login: newcomer})
	require.NoError(t, err)
	require.Equal(t, aGUID, u.ID)
}

// TestACreateWhoseCallerGoes: its end is the caller's, and its change unknown.
func TestACreateWhoseCallerGoes(t *testing.T) {
	sim := sample(lucstest.WithCreateAnswer(lucstest.AnswerEmpty))
	ctx, cancel := context.WithCancel(t.Context())
	sim.Fault(lucstest.Fault{Op: "services.list", Match: func(*http.Request, []byte) bool { cancel(); return false }})
	_, err := over(t, sim).Store().CreateUser(ctx, core.UserSpec{Login: newcomer})
	e := resttest.ErrorOf(t, err)
	require.Equal(t, []any{core.ClassCanceled, core.AppliedUnknown}, []any{e.Class, e.Applied})
	require.ErrorIs(t, err, ctx.Err())
}

// TestAnswersBehindAMark: a byte order mark is no part of an answer.
func TestAnswersBehindAMark(t *testing.T) {
	s, mt := creating(t, "\xef\xbb\xbf"+`{"Id":"`+aGUID+`","SipUri":"`+newcomer+`"}`, 200, "[]")
	u, err := s.CreateUser(t.Context(), core.UserSpec{Login: newcomer})
	require.NoError(t, err)
	require.Equal(t, aGUID, u.ID)
	require.Equal(t, 1, mt.GetTotalCallCount())
	var id lucs.TaskID
	require.NoError(t, id.ReadBody([]byte("\xef\xbb\xbf\""+aGUID+"\"")))
	require.Equal(t, lucs.TaskID(aGUID), id)
}
