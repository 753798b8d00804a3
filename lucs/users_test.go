package lucs_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/internal/wire"
	"github.com/rollcall-go/rollcall/lucs"
)

// documented is the read sample of the vendor page "Control Users", rebuilt, with
// members of a later version.
const documented = `{"Id":"` + aGUID + `","SipUri":"sip:mara.keller@example.internal","FirstName":"Mara","LastName":"Keller",
	"IsBlockedByLuwareApi":false,"CurrentProfile":"Early Shift","DefaultProfile":"Early Shift","NotReadyReason":null,"NotSelectableReason":null,
	"AAConfiguration":"AA Standard","NumberOfSimultaneousIm":2,"ConversationAsService":"ExternalConversations","IsBusySelectable":false,
	"IsBusyInAMeetingSelectable":false,"ShowAwayAsOffline":true,"BusyOnBusyInACallEnabled":false,"CanLoginToRecordingManager":false,
	"RetargetType":"NoRetarget","RetargetSource":null,"RetargetTo":null,"RetargetPrivateNumber":false,"RetargetOnlyIfInDutyProfile":false,
	"RecordingType":"Full","Traits":[{"TraitNode":"Language/French","Attribute":"Native","Since":12345678901234567890}],
	"Profiles":[{"Name":"Early Shift","Responsibilities":[{"TraitNode":"Language/French","Responsibility":"High","X":null}]},
		{"Name":"OffDuty","Responsibilities":null},{"Name":"Third","Responsibilities":[],"Y":1.50}],
	"Roles":[{"OrganizationUnit":"System/Helpdesk","Role":"AdministratorAgent","Permission":"Allow","Z":{}}],
	"IsSelectable":true,"PresenceState":"Online","Tomorrow":{"big":98765432109876543210,"nothing":null}}`

func TestAUserIsWrittenBackAsItWasRead(t *testing.T) {
	var u lucs.User
	require.NoError(t, wire.Unmarshal([]byte(documented), &u))
	require.Nil(t, u.Profiles[1].Responsibilities, "null")
	require.NotNil(t, u.Profiles[2].Responsibilities, "and an empty list is none")
	require.Empty(t, u.Profiles[2].Responsibilities)
	back, err := wire.Marshal(&u)
	require.NoError(t, err)
	require.Equal(t, members(t, documented), members(t, string(back)))
}

// members is a document with its numbers digit for digit.
func members(t *testing.T, doc string) (v any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(doc))
	d.UseNumber()
	require.NoError(t, d.Decode(&v), doc)
	return v
}

func TestAProfileWithoutResponsibilitiesIsSentWithNull(t *testing.T) {
	doc, err := wire.Marshal(lucs.Profile{Name: "OffDuty"})
	require.NoError(t, err)
	require.JSONEq(t, `{"Name":"OffDuty","Responsibilities":null}`, string(doc))
	doc, err = wire.Marshal(lucs.Profile{Name: "On", Responsibilities: []lucs.Responsibility{}})
	require.NoError(t, err)
	require.JSONEq(t, `{"Name":"On","Responsibilities":[]}`, string(doc))
}

// TestOddMembersHideNothing: a member of a kind that nobody expects is kept as it
// came, whatever it is, and the rest of the user is read.
func TestOddMembersHideNothing(t *testing.T) {
	for doc, check := range map[string]func(u *lucs.User){
		`{"Id":"x","RetargetType":"Somewhere","RecordingType":"HALF","ConversationAsService":"","NotSelectableReason":"Später"}`: func(u *lucs.User) {
			require.Equal(t, []any{lucs.RetargetType("Somewhere"), lucs.RecordingType("HALF"), lucs.NotSelectableReason("Später")},
				[]any{u.RetargetType.Or("?"), u.RecordingType.Or("?"), u.NotSelectableReason.Or("?")})
			require.True(t, u.ConversationAsService.IsSet())
		},
		`{"Id":"x","RetargetType":{"a":[1]},"RecordingType":true,"IsSelectable":"perhaps","NumberOfSimultaneousIm":1.5,"SipUri":"sip:a@b.c"}`: func(u *lucs.User) {
			require.True(t, u.RetargetType.IsZero())
			require.True(t, u.IsSelectable.IsZero())
			require.Nil(t, u.Routable(), "what cannot be read is not known")
			require.Equal(t, lucs.SIPURI("sip:a@b.c"), u.SipUri)
		},
		`{"Id":"x","Traits":"none","Profiles":[{"Name":"A","Responsibilities":"no"},7],"Roles":[null,{"Role":["x"]}]}`: func(u *lucs.User) {
			require.Nil(t, u.Traits)
			require.Len(t, u.Roles, 2)
		},
	} {
		var u lucs.User
		require.NoError(t, wire.Unmarshal([]byte(doc), &u))
		check(&u)
		back, err := wire.Marshal(&u)
		require.NoError(t, err)
		got, want := members(t, string(back)).(map[string]any), members(t, doc).(map[string]any)
		for name, v := range want {
			if name != "Roles" && name != "Profiles" {
				require.Equal(t, v, got[name], name)
			}
		}
	}
}

func TestNamesAreReadInAnyCase(t *testing.T) {
	var u lucs.User
	require.NoError(t, wire.Unmarshal([]byte(`{"id":"`+aGUID+`","sipuri":"sip:a@b.c","ISSELECTABLE":true,"isBlockedByLuwareApi":false,
		"traits":[{"traitNode":"A/B","attribute":"x"}],"profiles":[{"name":"P","responsibilities":[{"traitnode":"A","responsibility":"Low"}]}],
		"roles":[{"organizationUnit":"System","role":"R","permission":"Deny"}],"unknownThing":1,"FirstName":"right","firstname":"wrong"}`), &u))
	require.Equal(t, aGUID, u.ID)
	require.True(t, *u.Routable())
	require.Equal(t, "A/B", u.Traits[0].TraitNode)
	require.Equal(t, lucs.ResponsibilityLevel("Low"), u.Profiles[0].Responsibilities[0].Responsibility)
	require.Equal(t, lucs.Permission("Deny"), u.Roles[0].Permission)
	require.Equal(t, "right", u.FirstName.Or(""))
	back, err := wire.Marshal(&u)
	require.NoError(t, err)
	require.Contains(t, string(back), `"SipUri":"sip:a@b.c"`, "and written as documented")
	require.Contains(t, string(back), `"unknownThing":1`)
}

func TestRoutableIsSelectableAndNotBlocked(t *testing.T) {
	yes, no, unset := core.Set(true), core.Set(false), core.Opt[bool]{}
	for _, c := range []struct {
		selectable, blocked core.Opt[bool]
		want                *bool
	}{
		{yes, no, new(true)}, {yes, yes, new(false)}, {no, no, new(false)}, {no, yes, new(false)},
		{no, unset, new(false)}, {unset, yes, new(false)}, {yes, unset, nil}, {unset, no, nil}, {unset, unset, nil},
	} {
		for _, presence := range []lucs.PresenceState{"Online", "DoNotDisturb", "Offline", "Whatever", ""} {
			u := lucs.User{IsSelectable: c.selectable, IsBlockedByLuwareApi: c.blocked, Presence: presence, NotReadyReason: core.Set("Pause")}
			require.Equal(t, c.want, u.Routable(), "%+v", c)
		}
	}
}

func TestPresenceWords(t *testing.T) {
	for word, want := range map[lucs.PresenceState]core.Availability{
		"Online": core.Available, "online": core.Available, " ONLINE ": core.Available, "IdleOnline": core.Available,
		"DoNotDisturb": core.DND, "Do Not Disturb": core.DND, "do-not_disturb": core.DND,
		"Busy": core.Busy, "IdleBusy": core.Busy, "Be Right Back": core.Away, "Temporarily Away": core.Away, "Away": core.Away,
		"Offline": core.Offline, "None": core.Unknown, "": core.Unknown, "Im Home Office": core.Unknown,
	} {
		require.Equal(t, want, word.Availability(), word)
	}
	for raw, want := range map[string]lucs.PresenceState{
		`"Online"`: "Online", `null`: "", `""`: "", `3500`: "3500", `{"Availability":"Busy","Since":1}`: "Busy", `{"x":1}`: `{"x":1}`, `[1]`: "[1]", `true`: "true",
	} {
		require.Equal(t, want, lucs.PresenceOf([]byte(raw)), raw)
	}
}

func TestThePresenceIsWhereverTheServerHasIt(t *testing.T) {
	for member, d := range map[string]lucs.Dialect{
		"PresenceState": {}, "Presence": {}, "currentpresence": {}, "PresenceStatus": {},
		"SfbState": {PresenceNames: []string{"sfbstate"}},
	} {
		c, mt := mocked(t, d)
		mt.RegisterNoResponder(resttest.Answer(200, `[{"Id":"`+aGUID+`","`+member+`":"Off Work"}]`))
		users, err := core.Collect(c.Services.ListUsers(t.Context(), other, lucs.ServiceUserListOptions{}))
		require.NoError(t, err)
		require.Equal(t, lucs.PresenceState("Off Work"), users[0].Presence)
		require.JSONEq(t, `"Off Work"`, string(users[0].Extra[member]), "and goes back with the rest")
	}
}

func TestSelectableUsersAreFilteredHereToo(t *testing.T) {
	c, mt := mocked(t, lucs.Dialect{SelectableParameter: "only"})
	var seen http.Request
	mt.RegisterNoResponder(resttest.AnswerTo(&seen, nil, 200, `[{"Id":"1","IsSelectable":true},{"Id":"2","IsSelectable":false},{"Id":"3"},{"Id":"4","IsSelectable":"true"}]`))
	users, err := core.Collect(c.Services.ListUsers(t.Context(), other, lucs.ServiceUserListOptions{Selectable: true}))
	require.NoError(t, err)
	require.Equal(t, "only=true", seen.URL.RawQuery)
	require.Equal(t, []string{"1", "4"}, []string{users[0].ID, users[1].ID})
	require.Len(t, users, 2)
	_, err = core.Collect(c.Services.ListUsers(t.Context(), other, lucs.ServiceUserListOptions{}))
	require.NoError(t, err)
	require.Empty(t, seen.URL.RawQuery)
}

// TestWhatBlockMayAnswer: one object, an array, a part, nothing, or a word.
func TestWhatBlockMayAnswer(t *testing.T) {
	for body, blocked := range map[string]core.Opt[bool]{
		documented: core.Set(false), "[" + documented + "]": core.Set(false),
		`{"IsBlockedByLuwareApi":true}`:   core.Set(true),
		`[{"isBlockedByLuwareApi":true}]`: core.Set(true),
		`[{"Id":"` + other + `"},{"Id":"` + strings.ToUpper(aGUID) + `","IsBlockedByLuwareApi":true}]`: core.Set(true),
		`[{"Id":"` + other + `"},{"Id":"` + other + `"}]`:                                              {},
		"": {}, " ": {}, "null": {}, "true": {}, `"done"`: {}, "OK": {}, "[]": {}, "{}": {},
	} {
		c, mt := mocked(t, lucs.Dialect{})
		mt.RegisterResponder("POST", base+"/v1.0/users/"+aGUID+"/block", resttest.Answer(200, body))
		u, err := c.Users.Block(t.Context(), aGUID)
		require.NoError(t, err, body)
		require.True(t, strings.EqualFold(aGUID, u.ID), body)
		require.Equal(t, blocked, u.IsBlockedByLuwareApi, body)
	}
	for _, body := range []string{`{"Id":"` + other + `"}`, `[{"Id":"` + other + `"}]`, `{"Id":`, `[{]`, "<html></html>"} {
		c, mt := mocked(t, lucs.Dialect{})
		mt.RegisterNoResponder(resttest.Answer(200, body))
		_, err := c.Users.Block(t.Context(), aGUID)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{e.Class, e.Applied}, body)
	}
}

func TestCreateSendsWhatWasSetAndNothingComputed(t *testing.T) {
	c, mt := mocked(t, lucs.Dialect{})
	var body string
	mt.RegisterResponder("POST", base+"/v1.0/users", resttest.AnswerTo(nil, &body, 200, documented))
	mt.RegisterResponder("GET", base+"/v1.0/services", resttest.Answer(200, `[{"Id":"`+other+`"}]`))
	mt.RegisterResponder("GET", base+"/v1.0/services/"+other+"/users", resttest.Answer(200, "["+documented+"]"))
	made, err := c.Users.Create(t.Context(), lucs.User{
		ID: other, SipUri: " sip:mara.keller@example.internal ", IsSelectable: core.Set(true), IsBlockedByLuwareApi: core.Set(true),
		NotReadyReason: core.Set("x"), NotSelectableReason: core.Clear[lucs.NotSelectableReason](), RetargetTo: core.Clear[string](),
		Profiles: []lucs.Profile{{Name: "OffDuty"}}, Traits: []lucs.Trait{}, IsBusySelectable: core.Set(false),
		Extra: core.Extra{"Tomorrow": json.RawMessage("1"), "presencestate": json.RawMessage(`"Online"`), "isselectable": json.RawMessage("true")},
	})
	require.ErrorIs(t, err, core.ErrNotApplied, "the answer is the documented one")
	require.Contains(t, err.Error(), "does not show what was sent: Tomorrow;")
	require.JSONEq(t, `{"SipUri":"sip:mara.keller@example.internal","IsBusySelectable":false,"RetargetTo":null,"Traits":[],
		"Profiles":[{"Name":"OffDuty","Responsibilities":null}],"Tomorrow":1}`, body)
	require.Equal(t, []any{aGUID, lucs.PresenceOnline, "Mara"}, []any{made.ID, made.Presence, made.FirstName.Or("")})
	require.Empty(t, made.Warnings())
}

func TestWhatCreateMayAnswer(t *testing.T) {
	for body, id := range map[string]string{
		documented: aGUID, "[" + documented + "]": aGUID, `"` + aGUID + `"`: aGUID, aGUID: aGUID, `{"id":"` + aGUID + `"}`: aGUID,
	} {
		c, mt := mocked(t, lucs.Dialect{})
		mt.RegisterResponder("POST", base+"/v1.0/users", resttest.Answer(201, body))
		mt.RegisterResponder("GET", base+"/v1.0/services", resttest.Answer(200, `[{"Id":"`+other+`"}]`))
		mt.RegisterResponder("GET", base+"/v1.0/services/"+other+"/users", resttest.Answer(200, "["+documented+"]"))
		made, err := c.Users.Create(t.Context(), lucs.User{SipUri: "sip:mara.keller@example.internal", CurrentProfile: core.Set("Early Shift"), Extra: core.Extra{"X": json.RawMessage("1")}})
		require.NoError(t, err, body)
		require.Equal(t, id, made.ID)
		require.Equal(t, lucs.SIPURI("sip:mara.keller@example.internal"), made.SipUri)
		require.JSONEq(t, "1", string(made.Extra["X"]), "what the answer leaves out is as it was sent")
	}
}

func TestCreateIsNotRepeatedWhereItMayHaveBeenDone(t *testing.T) {
	for name, r := range map[string]httpmock.Responder{
		"lost":        httpmock.NewErrorResponder(http.ErrServerClosed),
		"bad gateway": resttest.Answer(502, ""),
		"a page":      resttest.Answer(200, "<html>"),
	} {
		c, mt := mocked(t, lucs.Dialect{}, attempts(4))
		mt.RegisterNoResponder(r)
		_, err := c.Users.Create(t.Context(), lucs.User{SipUri: "sip:a@b.c"})
		e := resttest.ErrorOf(t, err)
		require.Equal(t, core.AppliedUnknown, e.Applied, name)
		require.Contains(t, e.Hint, "not finding it proves nothing")
		require.Equal(t, 1, mt.GetTotalCallCount(), name)
	}
}

func TestImpossibleUsersAreNotSent(t *testing.T) {
	c, mt := mocked(t, lucs.Dialect{Routes: direct})
	for _, sip := range []string{"", "mara", "mara@example.internal", "sip:", "sip:mara", "sip:@x", "sip:a b@x", "tel:+41", "sip:a@x y"} {
		_, err := c.Users.Create(t.Context(), lucs.User{SipUri: lucs.SIPURI(sip)})
		require.ErrorIs(t, err, core.ErrInvalid, sip)
	}
	for _, id := range []string{"", "..", "sip:a@b.c", "42", "{" + aGUID, "{" + aGUID + "x}", aGUID + "x", strings.Replace(aGUID, "1", "g", 1)} {
		_, err := c.Users.Block(t.Context(), id)
		require.ErrorIs(t, err, core.ErrInvalid, id)
		_, err = c.Users.Get(t.Context(), id)
		require.ErrorIs(t, err, core.ErrInvalid, id)
		require.ErrorIs(t, c.Users.Delete(t.Context(), id), core.ErrInvalid, id)
		require.ErrorIs(t, c.Users.SetPresence(t.Context(), id, "Busy"), core.ErrInvalid, id)
		_, err = core.Collect(c.Services.ListUsers(t.Context(), id, lucs.ServiceUserListOptions{}))
		require.ErrorIs(t, err, core.ErrInvalid, id)
	}
	require.ErrorIs(t, c.Users.SetPresence(t.Context(), aGUID, ""), core.ErrInvalid)
	_, err := c.Users.Replace(t.Context(), lucs.User{ID: aGUID, SipUri: "sip:a@b.c"})
	require.ErrorIs(t, err, core.ErrIncomplete, "a user that was not read in full")
	require.Zero(t, mt.GetTotalCallCount())
}

func TestModifyWritesBackTheWholeUser(t *testing.T) {
	c, mt := mocked(t, lucs.Dialect{Routes: lucs.Routes{ReplaceUser: "PUT /users/{userId}"}})
	mt.RegisterResponder("GET", base+"/v1.0/services", resttest.Answer(200, `[{"Id":"`+other+`"}]`))
	var body string
	keeps := true
	mt.RegisterResponder("GET", base+"/v1.0/services/"+other+"/users", func(*http.Request) (*http.Response, error) {
		if body != "" && keeps {
			return httpmock.NewStringResponse(200, "["+body+"]"), nil
		}
		return httpmock.NewStringResponse(200, "["+documented+"]"), nil
	})
	mt.RegisterResponder("PUT", base+"/v1.0/users/"+aGUID, resttest.AnswerTo(nil, &body, 200, ""))
	got, err := c.Users.Modify(t.Context(), aGUID, func(u *lucs.User) error {
		u.Traits = append(u.Traits, lucs.Trait{TraitNode: "Topic/IT"})
		return nil
	})
	require.NoError(t, err)
	require.Len(t, got.Traits, 2, "an answer without a body is read again")
	want := members(t, documented).(map[string]any)
	want["Traits"] = append(want["Traits"].([]any), map[string]any{"TraitNode": "Topic/IT"})
	require.Equal(t, want, members(t, body))

	// What the user then does not show was not applied, whatever the server said.
	keeps = false
	_, err = c.Store().UpdateUser(t.Context(), aGUID, core.UserChange{Fields: map[string]any{"DefaultProfile": "Late Shift", "CurrentProfile": "Early Shift"}})
	e := resttest.ErrorOf(t, err)
	require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied})
	require.Contains(t, e.Message, "DefaultProfile")
	require.NotContains(t, e.Message, "CurrentProfile")
}

func TestA401IsReturnedOnce(t *testing.T) {
	for _, body := range []string{"", `{"Message":"denied"}`, "<html><title>401</title></html>"} {
		c, mt := mocked(t, lucs.Dialect{}, attempts(5))
		mt.RegisterNoResponder(resttest.Answer(401, body, "WWW-Authenticate", "Negotiate"))
		for i, do := range []func() error{
			func() error { _, err := core.Collect(c.Services.List(t.Context())); return err },
			func() error { _, err := c.Users.Block(t.Context(), aGUID); return err },
			func() error { _, err := c.Users.Create(t.Context(), lucs.User{SipUri: "sip:a@b.c"}); return err },
			func() error { return c.Store().SetPresence(t.Context(), aGUID, core.DND) },
		} {
			err := do()
			e := resttest.ErrorOf(t, err)
			require.Equal(t, []any{core.ClassUnauthenticated, 401, 1}, []any{e.Class, e.Status, e.Attempts})
			require.Equal(t, i+1, mt.GetTotalCallCount())
		}
	}
}

// TestUsersGet_AnErrorIsNoUser: an object without an id is none, whatever the status.
func TestUsersGet_AnErrorIsNoUser(t *testing.T) {
	for _, body := range []string{`{}`, `{"error":"denied"}`, `[{}]`, `{"Id":""}`, `{"data":{"Id":"` + aGUID + `"}}`} {
		c, mt := mocked(t, lucs.Dialect{Routes: direct})
		mt.RegisterNoResponder(resttest.Answer(200, body))
		_, err := c.Store().GetUser(t.Context(), aGUID)
		require.ErrorIs(t, err, core.ErrProtocol, body)
		_, err = c.Store().Presence(t.Context(), aGUID)
		require.ErrorIs(t, err, core.ErrProtocol, body)
	}
}
