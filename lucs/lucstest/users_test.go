package lucstest_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	. "github.com/rollcall-go/rollcall/lucs/lucstest"
)

func TestServer_Services(t *testing.T) {
	s := sample(t)
	services := s.get("/services").is(200).Array()
	require.Len(t, services, 4)
	require.Equal(t, m{
		"Id": ServiceFrench, "Name": "Helpdesk French", "SipUri": "sip:helpdesk-french@example.internal",
		"OrganizationUnit": "System/Helpdesk", "DirectionType": "InboundOutbound",
	}, services[1])

	s = newSite(t, WithServiceAddressField("ServiceSip"))
	id := s.AddService(Service{Name: "Desk", Extra: map[string]any{"Big": json.Number("12345678901234567890")}})
	require.Equal(t, m{
		"Id": id, "Name": "Desk", "ServiceSip": "sip:desk@example.internal", "OrganizationUnit": "System",
		"DirectionType": "InboundOutbound", "Big": json.Number("12345678901234567890"),
	}, s.get("/services").Array()[0])
}

func TestServer_UsersOfAService(t *testing.T) {
	s := sample(t)
	require.Equal(t, []any{UserMara, UserLea, UserAline}, simnettest.Each(s.members(ServiceFrench, ""), "Id"))
	require.Equal(t, []any{UserMara}, simnettest.Each(s.members(ServiceFrench, "?isSelectable=true"), "Id"))
	require.Equal(t, []any{UserLea, UserAline}, simnettest.Each(s.members(ServiceFrench, "?isSelectable=False"), "Id"))
	require.Len(t, s.members(ServiceFrench, "?isSelectable="), 3)
	require.Len(t, s.members(ServiceFrench, "?selectable=true"), 3, "an unknown parameter is ignored")
	s.get("/services/" + ServiceFrench + "/users?isSelectable=yes").is(400)
	for _, u := range s.members(ServiceHelpdesk, "") {
		require.ElementsMatch(t, userFields, keys(u))
	}

	s = sample(t, WithSelectableIgnored())
	require.Len(t, s.members(ServiceFrench, "?isSelectable=true"), 3)
	s = sample(t, WithSelectableParameter("onlySelectable"))
	require.Len(t, s.members(ServiceFrench, "?isSelectable=true"), 3)
	require.Len(t, s.members(ServiceFrench, "?onlySelectable=true"), 1)
}

func TestServer_FieldsThatMayDiffer(t *testing.T) {
	s := sample(t, WithPresenceField("CurrentPresence"), WithRolesWithheld(), WithReasonsWithheld(),
		WithPresenceSpelling(func(word string) string { return strings.ToLower(word) }))
	u := s.member(ServiceFrench, UserAline)
	require.Equal(t, "busy", u["CurrentPresence"])
	for _, name := range []string{"PresenceState", "Roles"} {
		require.NotContains(t, u, name)
	}
	require.Nil(t, u["NotSelectableReason"])
	require.NotContains(t, sample(t, WithPresenceField("")).member(ServiceFrench, UserAline), "PresenceState")
	require.Equal(t, "NotOnline", sample(t).member(ServiceFrench, UserAline)["NotSelectableReason"])
}

func TestServer_UnknownAndMalformedServices(t *testing.T) {
	s := sample(t)
	for _, what := range []string{"users", "tasks"} {
		s.get("/services/" + nobody + "/" + what).is(404)
		for _, id := range []string{"x", "1", "{" + ServiceFrench + "}", ServiceFrench + "0", strings.ReplaceAll(ServiceFrench, "-", "")} {
			s.get("/services/" + id + "/" + what).is(400)
		}
		s.get("/services/" + strings.ToUpper(ServiceFrench) + "/" + what).is(200)
	}
	s = sample(t, WithNotFoundStatus(400), WithMalformedIDStatus(404))
	s.get("/services/" + nobody + "/users").is(400)
	s.get("/services/x/users").is(404)
}

// full is a user as the vendor's page creates one.
func full(changes ...m) m {
	return with(m{
		"SipUri": "sip:noemi.graf@example.internal", "CurrentProfile": "Early Shift", "DefaultProfile": "Early Shift",
		"Traits": []m{{"TraitNode": "Language/French", "Attribute": "Native"}},
		"Profiles": []m{
			{"Name": "Early Shift", "Responsibilities": []m{{"TraitNode": "Language/French", "Responsibility": "High"}}},
			{"Name": "OffDuty", "Responsibilities": nil},
		},
		"Roles":                  []m{{"OrganizationUnit": "System/Helpdesk", "Role": "AdministratorAgent", "Permission": "Allow"}},
		"NumberOfSimultaneousIm": 3, "ConversationAsService": "AllConversations", "IsBusySelectable": true, "RetargetType": "NoRetarget",
	}, changes...)
}

func TestServer_CreateUser(t *testing.T) {
	s := sample(t)
	u := s.post("/users", full(m{"AAConfiguration": "AA All On"})).is(200).Object()
	require.Regexp(t, `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, u["Id"])
	require.ElementsMatch(t, userFields, keys(u))
	require.Equal(t, "AA All On", u["AAConfiguration"])
	require.Equal(t, json.Number("3"), u["NumberOfSimultaneousIm"])
	require.Equal(t, []any{m{"TraitNode": "Language/French", "Attribute": "Native"}}, u["Traits"])
	require.Equal(t, u, s.member(ServiceFrench, u["Id"].(string)))
	require.Len(t, s.members(ServiceFrench, ""), 4)

	least := s.post("/users", m{"SipUri": " sip:least@example.internal "}).is(200).Object()
	require.Equal(t, "sip:least@example.internal", least["SipUri"])
	require.Nil(t, least["Traits"])

	s = sample(t, WithCreateAnswer(AnswerPartial))
	require.ElementsMatch(t, []string{"Id", "IsBlockedByLuwareApi", "IsSelectable"}, keys(s.post("/users", full()).is(200).Object()))
	s = sample(t, WithCreateAnswer(AnswerEmpty))
	require.Empty(t, s.post("/users", full()).is(200).Body)
	s = sample(t, WithCreateAnswer(AnswerArray))
	require.Len(t, s.post("/users", full()).is(200).Array(), 1)
}

func TestServer_ReferencesMustExist(t *testing.T) {
	s := sample(t)
	for name, change := range map[string]m{
		"Night Shift":  {"CurrentProfile": "Night Shift"},
		"Day Shift":    {"DefaultProfile": "Day Shift"},
		"Weekend":      {"Profiles": []m{{"Name": "Weekend"}}},
		"Topic/Cars":   {"Profiles": []m{{"Name": "OffDuty", "Responsibilities": []m{{"TraitNode": "Topic/Cars", "Responsibility": "High"}}}}},
		"Topic/IT":     {"Profiles": []m{{"Name": "OffDuty", "Responsibilities": []m{{"TraitNode": "Topic/IT"}}}}},
		"Language/Iti": {"Traits": []m{{"TraitNode": "Language/Iti", "Attribute": "Native"}}},
		"Expert":       {"Traits": []m{{"TraitNode": "Language/French", "Attribute": "Expert"}}},
		"System/Sales": {"Roles": []m{{"OrganizationUnit": "System/Sales", "Role": "AdministratorAgent", "Permission": "Allow"}}},
		"System":       {"Roles": []m{{"OrganizationUnit": "System", "Role": "AdministratorAgent"}}},
	} {
		require.Contains(t, s.post("/users", full(change)).is(400).message(), name)
	}
	s.AddProfile("Night Shift", false)
	s.AddTrait("Topic/Cars")
	s.AddTrait("Skill/Deep/Deeper", "Yes")
	s.AddOrganizationUnit("System/Sales/North")
	s.post("/users", full(m{
		"CurrentProfile": "Night Shift",
		"Traits":         []m{{"TraitNode": "Topic/Cars", "Attribute": "Expert"}, {"TraitNode": "Skill/Deep", "Attribute": "Yes"}},
		"Roles":          []m{{"OrganizationUnit": "System/Sales", "Role": "AdministratorAgent", "Permission": "Allow"}},
	})).is(200)
}

func TestServer_SipUri(t *testing.T) {
	s := sample(t)
	for _, address := range []any{nil, "", "mara", "mara@example.internal", "sip:", "sip:mara", "sip:@x", "sip:a b@c", "tel:+41", 7} {
		s.post("/users", full(m{"SipUri": address})).is(400)
	}
	s.post("/users", full(m{"SipUri": "SIP:Mara.Keller@EXAMPLE.internal"})).is(409)
	require.Len(t, s.Users(), 11)
	s = sample(t, WithDuplicateStatus(400))
	require.Contains(t, s.post("/users", full(m{"SipUri": "sip:mara.keller@example.internal"})).is(400).message(), "mara.keller")
}

func TestServer_ComputedFieldsAreIgnored(t *testing.T) {
	u := sample(t).post("/users", full(m{
		"Id": UserMara, "IsBlockedByLuwareApi": true, "IsSelectable": true, "PresenceState": "Online", "NotReadyReason": "x", "FirstName": "X",
	})).is(200).Object()
	require.NotEqual(t, UserMara, u["Id"])
	require.Equal(t, []any{false, false, "Offline", nil, "Noemi"},
		[]any{u["IsBlockedByLuwareApi"], u["IsSelectable"], u["PresenceState"], u["NotReadyReason"], u["FirstName"]})

	s := sample(t, WithComputedFieldsRefused(), WithDirectRoutes())
	for _, name := range []string{"Id", "IsBlockedByLuwareApi", "IsSelectable", "PresenceState", "notReadyReason", "FirstName"} {
		require.Contains(t, s.post("/users", full(m{name: false})).is(400).message(), name)
	}
	s.post("/users/"+UserMara, s.get("/users/"+UserMara).Object()).is(400)
	s.post("/users", full(m{"Wing": "B"})).is(200)
}

func TestServer_NamesComeFromTheDirectory(t *testing.T) {
	s := sample(t)
	u := s.post("/users", full(m{"SipUri": "sip:Noemi.Graf@example.internal"})).is(200).Object()
	require.Equal(t, []any{"Noemi", "Graf"}, []any{u["FirstName"], u["LastName"]})
	u = s.post("/users", full(m{"SipUri": "sip:stranger@example.internal"})).is(200).Object()
	require.Equal(t, []any{nil, nil}, []any{u["FirstName"], u["LastName"]})
	s.AddPerson("sip:later@example.internal", "La", "Ter")
	require.Equal(t, "La", s.post("/users", full(m{"SipUri": "sip:later@example.internal"})).is(200).Object()["FirstName"])
}

func TestServer_MembershipIsWorkedOut(t *testing.T) {
	s := sample(t)
	has := func() bool {
		for _, u := range s.members(ServiceClaims, "") {
			if u["Id"] == UserTom {
				return true
			}
		}
		return false
	}
	topic := []m{{"TraitNode": "Topic/Claims", "Attribute": "Trained"}}
	role := func(unit, permission string) m {
		return m{"OrganizationUnit": unit, "Role": "AdministratorAgent", "Permission": permission}
	}
	require.False(t, has())
	s.ChangeUser(UserTom, m{"Traits": topic})
	require.False(t, has(), "another organization unit")
	s.ChangeUser(UserTom, m{"Roles": []m{role("System", "Allow")}})
	require.True(t, has(), "roles are inherited downward")
	s.ChangeUser(UserTom, m{"Roles": []m{role("System", "Allow"), role("System/Insurance Services", "Deny")}})
	require.False(t, has())
	s.ChangeUser(UserTom, m{"Roles": []m{role("System/Insurance Services", "Allow")}})
	require.True(t, has())
	s.ChangeUser(UserTom, m{"Profiles": []m{{"Name": "OffDuty", "Responsibilities": nil}}})
	require.False(t, has(), "nothing but an off-duty profile")
	s.ChangeUser(UserTom, m{"Profiles": []m{{"Name": "Late Shift", "Responsibilities": nil}}})
	require.True(t, has())
	s.ChangeUser(UserTom, m{"Traits": nil})
	require.False(t, has())
	s.ChangeUser(UserTom, m{"Traits": []m{{"TraitNode": "Topic/Claims/Cars", "Attribute": "Trained"}}})
	require.True(t, has(), "a trait below the one that is asked for")
	s.ChangeUser(UserTom, m{"Traits": []m{{"TraitNode": "Topic/ClaimsNot", "Attribute": "Trained"}}})
	require.False(t, has())
}

func TestServer_UndocumentedRoutes(t *testing.T) {
	s := sample(t)
	for _, r := range everything()[14:] {
		s.do(r.method, r.path, nil).is(404)
	}
	s.do("PUT", "/users/"+UserMara, m{}).is(404)
	s.do("PATCH", "/users/"+UserMara, m{}).is(404)

	s = sample(t, WithDirectRoutes())
	require.Len(t, s.get("/users").is(200).Array(), 11)
	require.Equal(t, UserKarl, s.get("/users/" + UserKarl).is(200).Object()["Id"])
	require.Len(t, s.get("/users?isSelectable=true").Array(), 4)
	s.get("/users/" + nobody).is(404)
	s.get("/users/x").is(400)

	// An update replaces the whole user, fields of a later version included.
	s.ChangeUser(UserMara, m{"Badge": m{"n": 1}, "Wing": "B"})
	u := s.get("/users/" + UserMara).Object()
	require.Equal(t, m{"n": json.Number("1")}, u["Badge"])
	delete(u, "Wing")
	u["NumberOfSimultaneousIm"], u["IsBlockedByLuwareApi"] = 5, true
	u = s.post("/users/"+UserMara, u).is(200).Object()
	require.Equal(t, json.Number("5"), u["NumberOfSimultaneousIm"])
	require.Equal(t, m{"n": json.Number("1")}, u["Badge"])
	require.NotContains(t, u, "Wing")
	require.Equal(t, []any{false, true, "Online", "Mara"}, []any{u["IsBlockedByLuwareApi"], u["IsSelectable"], u["PresenceState"],
		u["FirstName"]})
	require.Len(t, u["Traits"], 2)
	u = s.post("/users/"+UserMara, m{"SipUri": "sip:mara.keller@example.internal"}).is(200).Object()
	require.Nil(t, u["Traits"])
	s.post("/users/"+UserMara, m{"SipUri": "sip:tom.brandt@example.internal"}).is(409)
	s.post("/users/"+UserMara, m{"NumberOfSimultaneousIm": 1}).is(400)
	s.post("/users/"+nobody, u).is(404)

	require.Empty(t, s.do("DELETE", "/users/"+UserMara, nil).is(200).Body)
	s.do("DELETE", "/users/"+UserMara, nil).is(404)
	s.block(UserMara).is(404)

	s = sample(t, WithDirectRoutes(), WithMergedUpdates())
	s.ChangeUser(UserMara, m{"Wing": "B"})
	u = s.post("/users/"+UserMara, m{"IsBusySelectable": true, "Profiles": []m{{"Name": "OffDuty"}}}).is(200).Object()
	require.Equal(t, true, u["IsBusySelectable"])
	require.Equal(t, "B", u["Wing"])
	require.Len(t, u["Traits"], 2)
	require.Equal(t, []any{m{"Name": "OffDuty", "Responsibilities": nil}}, u["Profiles"])
}

func TestReadsMayLagBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sample(t, WithReadLag(time.Minute), WithDirectRoutes())
		flag := func() any {
			u := s.member(ServiceFrench, UserMara)
			require.Equal(t, u, s.get("/users/"+UserMara).Object())
			return u["IsBlockedByLuwareApi"]
		}
		require.Equal(t, false, flag())
		require.Equal(t, true, s.block(UserMara).is(200).Object()["IsBlockedByLuwareApi"])
		require.Equal(t, false, flag())
		time.Sleep(30 * time.Second)
		s.post("/users", full()).is(200)
		require.Len(t, s.members(ServiceFrench, ""), 3)
		time.Sleep(30 * time.Second)
		require.Equal(t, true, flag())
		require.Len(t, s.members(ServiceFrench, ""), 3)
		time.Sleep(30 * time.Second)
		require.Len(t, s.members(ServiceFrench, ""), 4)
		u, _ := s.User(UserMara)
		require.Equal(t, true, u["IsBlockedByLuwareApi"])
	})
}

func TestSeeding(t *testing.T) {
	s := sample(t)
	require.Len(t, s.Users(), 11)
	ids := s.AddUsers(500, ServiceClaims)
	require.Len(t, s.members(ServiceClaims, ""), 4+500)
	u, ok := s.UserBySIP("SIP:agent500@example.internal")
	require.True(t, ok)
	require.Equal(t, ids[499], u["Id"])
	require.Equal(t, true, u["IsSelectable"])
	_, ok = s.UserBySIP("sip:none@example.internal")
	require.False(t, ok)
	_, ok = s.User(nobody)
	require.False(t, ok)
	_, ok = s.Task(nobody)
	require.False(t, ok)

	id := s.AddUser(`{"SipUri":"sip:odd@example.internal","Id":"ABCDEF01-0000-4000-8000-000000000001","PresenceState":"Out to lunch",` +
		`"FirstName":"Odd","x":1e400}`)
	require.Equal(t, "abcdef01-0000-4000-8000-000000000001", id)
	u, _ = s.User(id)
	require.Equal(t, "Out to lunch", u["PresenceState"])
	require.Equal(t, "Odd", u["FirstName"])
	require.Equal(t, json.Number("1e400"), u["x"])
	s.ChangeUser(id, `{"x":null,"y":2,"NotReadyReason":"Pause"}`)
	u, _ = s.User(id)
	require.NotContains(t, u, "x")
	require.Equal(t, "Pause", u["NotReadyReason"])
	for _, wrong := range []func(){
		func() { s.AddUser(m{}) }, func() { s.AddUser("{") }, func() { s.AddUser(m{"SipUri": "sip:a@b", "Id": "x"}) },
		func() { s.AddUser(m{"SipUri": "sip:a@b", "Id": id}) }, func() { s.ChangeUser(nobody, m{}) },
		func() { s.AddService(Service{ID: "x"}) }, func() { s.AddService(Service{ID: ServiceFrench}) },
		func() { s.AddUsers(1, nobody) }, func() { s.CompleteTask(nobody) }, func() { WithIgnored("Users.Create") },
	} {
		require.Panics(t, wrong)
	}
}

func TestSampleIsAsTheConstantsSay(t *testing.T) {
	s := sample(t)
	services := map[string][]any{}
	for _, v := range s.get("/services").Array() {
		services[v["Id"].(string)] = simnettest.Each(s.members(v["Id"].(string), ""), "Id")
	}
	require.Equal(t, map[string][]any{
		ServiceHelpdesk: {UserMara, UserTom, UserLea, UserNils, UserRita},
		ServiceFrench:   {UserMara, UserLea, UserAline},
		ServiceClaims:   {UserSara, UserJonas, UserEva, UserRita},
		ServicePolicies: {UserEva, UserPaul, UserRita},
	}, services)
	states := map[string][]any{}
	for _, u := range s.Users() {
		states[u["Id"].(string)] = []any{u["IsSelectable"], u["IsBlockedByLuwareApi"], u["PresenceState"], u["NotSelectableReason"],
			u["NotReadyReason"]}
	}
	require.Equal(t, map[string][]any{
		UserMara: {true, false, "Online", nil, nil}, UserTom: {true, false, "Online", nil, nil},
		UserLea: {false, false, "Offline", "OffDuty", nil}, UserNils: {false, true, "Online", "Blocked", nil},
		UserAline: {false, false, "Busy", "NotOnline", nil}, UserSara: {true, false, "Busy", nil, nil},
		UserJonas: {false, false, "Away", "Rona", nil},
		UserEva:   {false, false, "DoNotDisturb", "NotOnline", "Sonderarbeit / Special Duty"},
		UserPaul:  {true, false, "Online", nil, nil}, UserRita: {false, false, "BeRightBack", "NotOnline", "Pause"},
		UserKarl: {false, false, "Offline", "OffDuty", nil},
	}, states)
}

func TestServer_Block(t *testing.T) {
	s := sample(t)
	u := s.block(UserMara).is(200).Object()
	require.Equal(t, UserMara, u["Id"])
	require.Equal(t, []any{true, "Online", false, "Blocked"}, s.facts(UserMara))
	require.Empty(t, s.members(ServiceFrench, "?isSelectable=true"))
	s.block(UserEva).is(200)
	require.Equal(t, []any{true, "DoNotDisturb", false, "NotOnline"}, s.facts(UserEva))

	s = sample(t, WithBlockedSelectable())
	s.block(UserMara).is(200)
	require.Equal(t, []any{true, "Online", true, nil}, s.facts(UserMara))
	state, _ := s.state(s.task(ServiceFrench))
	require.Equal(t, "Pending", state, "the dispatcher knows better")
}

func TestServer_Unblock(t *testing.T) {
	s := sample(t)
	require.Equal(t, []any{true, "Online", false, "Blocked"}, s.facts(UserNils))
	require.Equal(t, false, s.unblock(UserNils).is(200).Object()["IsBlockedByLuwareApi"])
	require.Equal(t, []any{false, "Online", true, nil}, s.facts(UserNils))
	s.block(UserEva).is(200)
	s.unblock(UserEva).is(200)
	require.Equal(t, []any{false, "DoNotDisturb", false, "NotOnline"}, s.facts(UserEva), "unblocked is not selectable")
}

func TestServer_BlockTwiceAndUnknown(t *testing.T) {
	s := sample(t)
	for range 2 {
		require.Equal(t, true, s.block(UserMara).is(200).Object()["IsBlockedByLuwareApi"])
	}
	for range 2 {
		require.Equal(t, false, s.unblock(UserMara).is(200).Object()["IsBlockedByLuwareApi"])
	}
	for _, verb := range []string{"block", "unblock"} {
		s.post("/users/"+nobody+"/"+verb, nil).is(404)
		s.post("/users/x/"+verb, nil).is(400)
		s.get("/users/" + UserMara + "/" + verb).is(405)
	}
	s.setPresence(nobody, "Away").is(404)
	sample(t, WithNotFoundStatus(500)).block(nobody).is(500)
}

func TestServer_ReportsSuccessAndDoesNothing(t *testing.T) {
	all := []string{"Users.Block", "Users.Unblock", "Users.SetPresence"}
	for _, c := range []struct {
		opt         Option
		shows, then any
	}{{WithIgnored(all...), false, true}, {WithPretended(all...), true, false}} {
		s := sample(t, c.opt)
		require.Equal(t, c.shows, s.block(UserMara).is(200).Object()["IsBlockedByLuwareApi"])
		require.Equal(t, c.then, s.unblock(UserNils).is(200).Object()["IsBlockedByLuwareApi"])
		require.Empty(t, s.setPresence(UserMara, "Away").is(200).Body)
		require.Equal(t, []any{false, "Online", true, nil}, s.facts(UserMara))
		require.Equal(t, true, s.member(ServiceHelpdesk, UserNils)["IsBlockedByLuwareApi"])
		s.block(nobody).is(404)
		s.setPresence(UserMara, "Nonesuch").is(400)
	}
	s := sample(t, WithIgnored("Users.Unblock"))
	s.block(UserMara).is(200)
	s.unblock(UserMara).is(200)
	require.Equal(t, true, s.facts(UserMara)[0])
}

func TestServer_WhoIsSelectable(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(s *site)
		want any
		why  any
	}{
		"online":              {func(*site) {}, true, nil},
		"off duty":            {func(s *site) { s.ChangeUser(UserMara, m{"CurrentProfile": "OffDuty"}) }, false, "OffDuty"},
		"default profile":     {func(s *site) { s.ChangeUser(UserMara, m{"CurrentProfile": nil}) }, true, nil},
		"no profile":          {func(s *site) { s.ChangeUser(UserMara, m{"CurrentProfile": nil, "DefaultProfile": nil}) }, false, "OffDuty"},
		"an unknown profile":  {func(s *site) { s.ChangeUser(UserMara, m{"CurrentProfile": "Gone"}) }, false, "OffDuty"},
		"away":                {func(s *site) { s.SetPresence(UserMara, "Away") }, false, "NotOnline"},
		"an unknown presence": {func(s *site) { s.SetPresence(UserMara, "IdleOnline") }, false, "NotOnline"},
		"busy":                {func(s *site) { s.SetPresence(UserMara, "Busy") }, false, "NotOnline"},
		"busy but selectable": {busy(m{"IsBusySelectable": true}, false), true, nil},
		"in a meeting":        {busy(m{"IsBusySelectable": true}, true), false, "NotOnline"},
		"selectable in it":    {busy(m{"IsBusySelectable": true, "IsBusyInAMeetingSelectable": true}, true), true, nil},
		"only in a meeting":   {busy(m{"IsBusyInAMeetingSelectable": true}, true), false, "NotOnline"},
		"in a conversation":   {func(s *site) { s.SetInConversation(UserMara, true) }, false, "Working"},
		"out of it":           {func(s *site) { s.SetInConversation(UserMara, true); s.SetInConversation(UserMara, false) }, true, nil},
		"with a task":         {func(s *site) { s.task(ServiceFrench) }, false, "Working"},
		"blocked":             {func(s *site) { s.SetBlocked(UserMara, true) }, false, "Blocked"},
		"with a reason":       {func(s *site) { s.SetNotReadyReason(UserMara, "Pause") }, true, nil},
		"RONA":                {func(s *site) { s.React(UserMara, Decline, 0); s.task(ServiceFrench) }, false, "Rona"},
		"online again in RONA": {func(s *site) { s.React(UserMara, Decline, 0); s.task(ServiceFrench); s.setPresence(UserMara, "Online") }, false,
			"Rona"},
	} {
		t.Run(name, func(t *testing.T) {
			s := sample(t)
			c.do(s)
			u := s.member(ServiceFrench, UserMara)
			require.Equal(t, c.want, u["IsSelectable"])
			require.Equal(t, c.why, u["NotSelectableReason"])
			require.Equal(t, c.want, len(s.members(ServiceFrench, "?isSelectable=true")) == 1)
		})
	}
	s := sample(t)
	s.SetNotReadyReason(UserMara, "Pause")
	s.SetNotReadyReason(UserMara, "")
	require.Nil(t, s.member(ServiceFrench, UserMara)["NotReadyReason"])
}
