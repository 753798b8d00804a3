package lucstest_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/lucs/lucstest"
)

func TestAnswer_ListsAreBareArrays(t *testing.T) {
	s := newSite(t)
	require.Equal(t, "[]", s.get("/services").is(200).Body)
	require.Equal(t, "[]", s.get("/callbacks").is(200).Body)
	id := s.AddService(Service{Name: "Empty"})
	require.Equal(t, "[]", s.get("/services/"+id+"/users").is(200).Body)
	require.Equal(t, "[]", s.get("/services/"+id+"/tasks").is(200).Body)
	require.Equal(t, "[]", s.post("/callbacks/search", m{}).is(200).Body)
	require.Len(t, s.get("/services").Array(), 1)
}

func TestAnswer_NamesAndNulls(t *testing.T) {
	s := sample(t)
	u := s.member(ServiceFrench, UserMara)
	require.ElementsMatch(t, userFields, keys(u))
	for _, name := range []string{"NotReadyReason", "NotSelectableReason", "RetargetSource", "RetargetTo"} {
		require.Nil(t, u[name], name)
	}
	profiles := u["Profiles"].([]any)
	require.NotEmpty(t, profiles[0].(m)["Responsibilities"])
	require.Contains(t, profiles[1], "Responsibilities")
	require.Nil(t, profiles[1].(m)["Responsibilities"], "an off-duty profile has null")

	created := s.post("/users", `{"SipUri":"sip:new@example.internal","Profiles":[{"Name":"OffDuty"},{"Name":"Early Shift",`+
		`"Responsibilities":[]}]}`).is(200)
	require.Contains(t, created.Body, `"Profiles":[{"Name":"OffDuty","Responsibilities":null},{"Name":"Early Shift","Responsibilities":[]}]`)
	require.Contains(t, created.Body, `"Traits":null`)
	require.Contains(t, created.Body, `"CurrentProfile":null`)
}

func TestAnswer_OtherSpellings(t *testing.T) {
	s := sample(t, WithCamelCase())
	s.ChangeUser(UserMara, m{"Quoted\"X": "A\\\":", "NotReadyReason": `"Pause":`, "y": m{"Deep": []m{{"Er": 1}}}})
	u := s.get("/services/" + ServiceFrench + "/users").is(200).Array()[0]
	require.Equal(t, UserMara, u["id"])
	require.Equal(t, `"Pause":`, u["notReadyReason"])
	require.Equal(t, "A\\\":", u["quoted\"X"])
	require.Equal(t, m{"deep": []any{m{"er": json.Number("1")}}}, u["y"])
	require.Equal(t, "Native", u["traits"].([]any)[0].(m)["attribute"])
	require.Contains(t, s.block(nobody).is(404).Object(), "message")
	require.Regexp(t, `^"[0-9a-f-]{36}"$`, s.post("/tasks", newTask(ServiceFrench)).is(200).Body)

	s = sample(t, WithIDSpelling(strings.ToUpper))
	require.Equal(t, strings.ToUpper(UserMara), s.members(ServiceFrench, "")[0]["Id"])
	require.Equal(t, strings.ToUpper(ServiceHelpdesk), s.get("/services").Array()[0]["Id"])
	require.Equal(t, strings.ToUpper(UserMara), s.block(UserMara).Object()["Id"])
	task := s.task(strings.ToUpper(ServiceFrench))
	require.Equal(t, strings.ToUpper(task), task)
	require.Equal(t, strings.ToUpper(ServiceFrench), s.get("/tasks/" + task).is(200).Object()["Service"])
	k := s.post("/callbacks", newCallback()).is(200).Object()
	require.Equal(t, strings.ToUpper(ServiceFrench), k["ServiceId"])
	s.post("/callbacks/"+k["Id"].(string)+"/cancel", nil).is(200)
}

func TestAnswer_TypesAreReal(t *testing.T) {
	s := sample(t)
	u := s.member(ServiceFrench, UserMara)
	require.IsType(t, true, u["IsSelectable"])
	require.IsType(t, true, u["ShowAwayAsOffline"])
	require.Equal(t, json.Number("2"), u["NumberOfSimultaneousIm"])
	k := s.post("/callbacks", newCallback()).is(200).Object()
	require.Equal(t, json.Number("60"), k["SecondsBetweenRetries"])

	// And so they must be in requests.
	for _, wrong := range []m{
		{"IsBusySelectable": "true"}, {"NumberOfSimultaneousIm": "2"}, {"Traits": m{}}, {"CurrentProfile": 7},
		{"IsBusySelectable": nil}, {"NumberOfSimultaneousIm": nil}, {"NumberOfSimultaneousIm": -1}, {"RetargetType": nil},
	} {
		body := m{"SipUri": "sip:wrong@example.internal"}
		maps.Copy(body, wrong)
		s.post("/users", body).is(400)
	}
	for _, body := range []string{"", "{", "[]", "null", `"x"`, `{"SipUri":"sip:a@b.c"} {}`, "<xml/>"} {
		s.post("/users", body).is(400)
	}
}

func TestAnswer_NamesOfRequests(t *testing.T) {
	s := sample(t)
	u := s.post("/users", `{"sipUri":"sip:low@example.internal","ISBUSYSELECTABLE":true,"Wings":2}`).is(200).Object()
	require.Equal(t, true, u["IsBusySelectable"])
	require.NotContains(t, u, "Wings")
	s.post("/users/"+UserMara+"/setpresence", `{"presencestate":"Away","x":1}`).is(200)

	s = sample(t, WithUnknownFieldsKept())
	u = s.post("/users", `{"SipUri":"sip:low@example.internal","Wings":12345678901234567890,"isselectable":true}`).is(200).Object()
	require.Equal(t, json.Number("12345678901234567890"), u["Wings"])
	require.NotContains(t, u, "isselectable")

	s = sample(t, WithExactNames())
	s.post("/users", m{"sipUri": "sip:low@example.internal"}).is(400)
	s.post("/tasks", newTask(ServiceFrench, m{"preferredAgents": []string{}})).is(400)
	s.post("/users", full(m{"wings": 2})).is(200)
	s.post("/tasks", newTask(ServiceFrench)).is(200)
	s.post("/callbacks", newCallback()).is(200)
}

func TestAnswer_SuccessIs200(t *testing.T) {
	s := sample(t)
	s.post("/users", m{"SipUri": "sip:new@example.internal"}).is(200)
	id := s.post("/callbacks", newCallback()).is(200).Object()["Id"].(string)
	s.post("/callbacks/"+id+"/cancel", nil).is(200)
	s.post("/tasks", newTask(ServiceFrench)).is(200)

	s = sample(t, WithSuccessStatus(201, "Users.Create", "Tasks.Create"), WithSuccessStatus(204, "Users.SetPresence"))
	s.post("/users", m{"SipUri": "sip:new@example.internal"}).is(201)
	s.post("/tasks", newTask(ServiceFrench)).is(201)
	require.Empty(t, s.setPresence(UserMara, "Away").is(204).Header.Get("Content-Length"))
	s.post("/users", m{}).is(400)
}

func TestAnswer_SetPresenceAnswersNothing(t *testing.T) {
	r := sample(t).setPresence(UserMara, "DoNotDisturb").is(200)
	require.Empty(t, r.Body)
	require.Equal(t, "0", r.Header.Get("Content-Length"))
	require.Empty(t, r.Header.Get("Content-Type"))
}

func TestAnswer_FormsOfTheBlockAnswer(t *testing.T) {
	for form, check := range map[Answer]func(r *reply){
		AnswerObject: func(r *reply) { require.ElementsMatch(t, userFields, keys(r.Object())) },
		AnswerArray: func(r *reply) {
			require.Len(t, r.Array(), 1)
			require.ElementsMatch(t, userFields, keys(r.Array()[0]))
		},
		AnswerPartial: func(r *reply) {
			require.Equal(t, m{"Id": UserMara, "IsBlockedByLuwareApi": true, "IsSelectable": false}, r.Object())
		},
		AnswerEmpty: func(r *reply) { require.Equal(t, "0", r.Header.Get("Content-Length")) },
	} {
		s := sample(t, WithControlAnswer(form))
		check(s.block(UserMara).is(200))
		require.Equal(t, true, s.member(ServiceFrench, UserMara)["IsBlockedByLuwareApi"])
		s.unblock(UserMara).is(200)
		require.Equal(t, false, s.member(ServiceFrench, UserMara)["IsBlockedByLuwareApi"])
	}
}

func TestAnswer_NoRevisions(t *testing.T) {
	s := sample(t)
	for _, r := range []*reply{
		s.get("/services"), s.post("/users", m{"SipUri": "sip:new@example.internal"}),
		s.post("/users/"+UserMara+"/block", nil, "If-Match", `"stale"`),
	} {
		r.is(200)
		for _, name := range []string{"ETag", "Location", "Last-Modified"} {
			require.Empty(t, r.Header.Get(name))
		}
	}
}
