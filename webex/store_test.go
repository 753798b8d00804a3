package webex_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

var kim = core.UserSpec{Login: "kim@example.test", FirstName: "Kim", LastName: "Park"}

func TestACreateThatWasRefusedMayHaveBeenDone(t *testing.T) {
	for name, w := range map[string]struct {
		arm     func(*webextest.Server)
		class   core.Class
		applied core.Applied
		posts   int
	}{
		"refused and done": {func(s *webextest.Server) { s.FailAfter("People.Create", 1) }, core.ClassInvalid, core.AppliedYes, 1},
		"refused and not done": {func(s *webextest.Server) { s.Fault(webextest.Refusal("People.Create", 400, webextest.E1, 0, "no")) },
			core.ClassInvalid, core.AppliedNo, 1},
		"answer lost": {func(s *webextest.Server) { s.Fault(webextest.Fault{Op: "People.Create", LoseAnswer: true}) },
			core.ClassUnavailable, core.AppliedYes, 1},
		"request lost": {func(s *webextest.Server) { s.Fault(webextest.Fault{Op: "People.Create", Drop: true}) }, core.ClassUnavailable,
			core.AppliedUnknown, 1},
		"a proxy's page": {func(s *webextest.Server) { s.Fault(webextest.Refusal("People.Create", 502, webextest.HTML, 0, "")) },
			core.ClassUnavailable, core.AppliedUnknown, 1},
		"done, and unfindable": {func(s *webextest.Server) {
			s.FailAfter("People.Create", 1)
			s.Fault(webextest.Fault{Op: "People.List", Skip: 1, Times: -1, Status: 403})
		}, core.ClassInvalid, core.AppliedUnknown, 1},
		"forbidden": {func(s *webextest.Server) { s.Fault(webextest.Refusal("People.Create", 403, webextest.E1, 0, "no")) }, core.ClassPermission,
			core.AppliedNo, 1},
		"limited": {func(s *webextest.Server) {
			s.Fault(webextest.Fault{Op: "People.Create", Status: 429, RetryAfter: "3600"})
		}, core.ClassRateLimited, core.AppliedNo, 1},
	} {
		t.Run(name, func(t *testing.T) {
			sim := webextest.NewServer(webextest.WithSampleData())
			w.arm(sim)
			u, err := over(t, sim, webex.Assist).Store().CreateUser(t.Context(), kim)
			e := resttest.ErrorOf(t, err)
			assert.Equal(t, w.class, e.Class)
			assert.Equal(t, w.applied, e.Applied, "%v", err)
			require.Len(t, sim.Requests("People.Create"), w.posts, "a create is sent once")
			stored, there := sim.PersonByEmail(kim.Login)
			if w.applied == core.AppliedYes {
				require.True(t, there)
				require.Equal(t, stored["id"], u.ID, "whose id is needed")
				require.Contains(t, e.Hint, u.ID)
			} else {
				require.Empty(t, u.ID)
			}
		})
	}
}

func TestALoginThatIsTakenIsAConflictAndNobodyIsClaimedToBeNew(t *testing.T) {
	for _, status := range []int{409, 400} {
		sim := webextest.NewServer(webextest.WithSampleData())
		sim.Fault(webextest.Refusal("People.Create", status, webextest.E1, 0, "User already exists."))
		spec := kim
		spec.Login = "Ana.Silva@example.com"
		_, err := over(t, sim, webex.Assist).Store().CreateUser(t.Context(), spec)
		require.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied, status)
	}
}

func TestANewPersonWhoMayNotLogInCostsASecondWrite(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	s := over(t, sim, webex.Assist).Store()
	spec := kim
	spec.Enabled = core.Set(false)
	u, err := s.CreateUser(t.Context(), spec)
	require.NoError(t, err)
	require.False(t, *u.Enabled)
	stored, _ := sim.Person(u.ID)
	require.Equal(t, false, stored["loginEnabled"])
	spec.Login = "lee@example.test"
	sim.Fault(webextest.Refusal("People.Replace", 403, webextest.E1, 0, "no"))
	u, err = s.CreateUser(t.Context(), spec)
	e := resttest.ErrorOf(t, err)
	require.Equal(t, core.ClassNotApplied, e.Class)
	require.Equal(t, core.AppliedYes, e.Applied)
	require.ErrorIs(t, err, core.ErrPermission, "the cause is below")
	require.NotEmpty(t, u.ID)
}

func TestLicencesThatAreSkippedOnCreationAreTold(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	s := over(t, sim, webex.Assist).Store()
	spec := kim
	spec.Enabled = core.Set(false)
	spec.Fields = map[string]any{"licenses": []string{webextest.LicenseMessaging, webextest.ID("LICENSE", "1:CV_2")}}
	u, err := s.CreateUser(t.Context(), spec)
	e := resttest.ErrorOf(t, err)
	require.Equal(t, core.ClassNotApplied, e.Class)
	require.Equal(t, core.AppliedYes, e.Applied)
	require.Contains(t, e.Message, "licenses")
	require.NotEmpty(t, u.ID)
	require.False(t, *u.Enabled, "the rest was done anyway")
}

func TestWhatACreateLacksIsRefusedBeforeAnythingIsSent(t *testing.T) {
	c, mt := mocked(t)
	s := c.Store()
	for want, specs := range map[error][]core.UserSpec{
		core.ErrInvalid: {
			{}, {FirstName: "A"}, {Login: "a@b.test"}, {Login: " ", FirstName: "A"}, {Login: "a@b.test", Email: "c@d.test", FirstName: "A"},
			{Login: "a@b.test", FirstName: "A", Enabled: core.Clear[bool]()},
			{Login: "a@b.test", FirstName: "A", Fields: map[string]any{"id": "x"}},
			{Login: "a@b.test", FirstName: "A", Fields: map[string]any{"status": "active"}},
			{Login: "a@b.test", FirstName: "A", Fields: map[string]any{"nickName": "x"}},
			{Login: "a@b.test", FirstName: "A", Fields: map[string]any{"emails": []string{}}},
			{Login: "a@b.test", FirstName: "A", Fields: map[string]any{"emails": "text"}},
			{Login: "a@b.test", FirstName: "A", Fields: map[string]any{"loginEnabled": nil}},
			{Login: "a@b.test", FirstName: "A", Fields: map[string]any{"phoneNumbers": []any{map[string]any{"type": "fax", "value": "+1"}}}},
		},
		core.ErrUnsupported: {{Login: "a@b.test", FirstName: "A", Password: core.NewSecret("hush-hush")}},
	} {
		for _, spec := range specs {
			_, err := s.CreateUser(t.Context(), spec)
			require.ErrorIs(t, err, want, "%+v", spec)
			require.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied)
		}
	}
	for want, changes := range map[error][]core.UserChange{
		core.ErrInvalid: {
			{Login: core.Clear[string]()}, {Email: core.Clear[string]()}, {DisplayName: core.Set(" ")}, {Enabled: core.Clear[bool]()},
			{Login: core.Set("a@b.test"), Email: core.Set("c@d.test")}, {Fields: map[string]any{"displayName": core.Clear[any]()}},
			{Fields: map[string]any{"created": "x"}}, {Fields: map[string]any{"emails": json.RawMessage(`[""]`)}},
		},
		core.ErrUnsupported: {{Password: core.Set(core.NewSecret("hush-hush"))}},
	} {
		for _, change := range changes {
			_, err := s.UpdateUser(t.Context(), dana, change)
			require.ErrorIs(t, err, want, "%+v", change)
			require.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied)
		}
	}
	require.Zero(t, mt.GetTotalCallCount())
}

func TestAnEmailTakesTheFirstPlaceAndTheOthersStay(t *testing.T) {
	d, c := newDirectory(t)
	s := c.Store()
	u, err := s.UpdateUser(t.Context(), dana, core.UserChange{Email: core.Set("new@example.com")})
	require.NoError(t, err)
	require.Equal(t, []any{"new@example.com", "dana@old.example"}, d.person["emails"])
	require.Equal(t, "new@example.com", u.Login)
	_, err = s.UpdateUser(t.Context(), dana, core.UserChange{Login: core.Set("dana@old.example"), Email: core.Set("Dana@old.example")})
	require.NoError(t, err)
	require.Equal(t, []any{"dana@old.example"}, d.person["emails"])
}

func TestVendorFieldsAreSetAndClearedByTheirWireName(t *testing.T) {
	d, c := newDirectory(t)
	_, err := c.Store().UpdateUser(t.Context(), dana, core.UserChange{FirstName: core.Clear[string](), Roles: core.Clear[[]string](),
		Fields: map[string]any{
			"title": "Chief", "department": core.Clear[any](), "unheardOf": map[string]any{"big": json.Number("98765432109876543210")},
			"new": []int{1}, "avatar": core.Opt[any]{},
		}})
	require.NoError(t, err)
	want := parsed(t, whole)
	delete(want, "department")
	delete(want, "firstName")
	want["title"], want["roles"], want["loginEnabled"] = "Chief", []any{}, true
	want["unheardOf"], want["new"] = map[string]any{"big": json.Number("98765432109876543210")}, []any{json.Number("1")}
	require.Equal(t, want, d.person)
}

func TestListedUsersMatchExactly(t *testing.T) {
	c, mt := mocked(t)
	var seen http.Request
	// A server that finds too much.
	mt.RegisterResponder("GET", base+"/people", resttest.AnswerTo(&seen, nil, 200, `{"items":[{"id":"1","emails":["ana@x.test","b@x.test"]},`+
		`{"id":"2","emails":["b@x.test"]},{"id":"3"},{"id":"4","emails":["B@x.test"]}]}`))
	users, err := core.Collect(c.Store().ListUsers(t.Context(), core.UserQuery{Login: "b@x.test"}))
	require.NoError(t, err)
	require.Len(t, users, 3, "any address finds the person, in any case, and nothing else does")
	require.Equal(t, []string{"1", "2", "4"}, []string{users[0].ID, users[1].ID, users[2].ID})
	require.Equal(t, "ana@x.test", users[0].Login)
	require.Nil(t, users[0].Enabled, "the credential is not shown it")
	require.Equal(t, "b@x.test", seen.URL.Query().Get("email"))
	users, err = core.Collect(c.Store().ListUsers(t.Context(), core.UserQuery{Login: "b@x.test", Email: "ana@x.test"}))
	require.NoError(t, err)
	require.Len(t, users, 1, "who has both")
	users, err = core.Collect(c.Store().ListUsers(t.Context(), core.UserQuery{}))
	require.NoError(t, err)
	require.Len(t, users, 4)
}

func TestPresenceIsReadFromTheStatus(t *testing.T) {
	for status, want := range map[string]core.Availability{
		"active": core.Available, "call": core.Busy, "DoNotDisturb": core.DND, "donotdisturb": core.DND, "inactive": core.Away,
		"meeting":     core.Busy,
		"OutOfOffice": core.Away, "pending": core.Offline, "presenting": core.Busy, "unknown": core.Unknown, "napping": core.Unknown,
	} {
		c, mt := mocked(t)
		mt.RegisterResponder("GET", base+"/people/"+dana, resttest.Answer(200, `{"id":"`+dana+`","loginEnabled":"TRUE","status":"`+status+`"}`))
		p, err := c.Store().Presence(t.Context(), dana)
		require.NoError(t, err)
		require.Equal(t, core.Presence{UserID: dana, Availability: want, Raw: status, Blocked: new(false)}, p)
	}
	// What is not there is unknown, and not offline.
	for _, more := range []string{``, `,"status":null`, `,"status":""`} {
		c, mt := mocked(t)
		mt.RegisterResponder("GET", base+"/people/"+dana, resttest.Answer(200, `{"id":"`+dana+`"`+more+`}`))
		p, err := c.Store().Presence(t.Context(), dana)
		require.NoError(t, err)
		require.Equal(t, core.Unknown, p.Availability)
		require.Empty(t, p.Raw)
		require.Nil(t, p.Blocked)
		require.Nil(t, p.Routable)
		require.Contains(t, p.Reason, "does not show")
	}
}

// TestTheRecordOfABlockThatNobodySaw: every answer to the write is lost, and the look
// afterwards fails; the record must undo it anyway.
func TestTheRecordOfABlockThatNobodySaw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := webextest.NewServer(webextest.WithSampleData())
		s := over(t, sim, webex.Assist).Store()
		sim.Fault(webextest.Fault{Op: "People.Replace", Times: -1, LoseAnswer: true}, webextest.Fault{Op: "People.Get", Skip: 1, Times: 4,
			Status: 503})
		made, err := s.Block(t.Context(), webextest.PersonAna)
		require.Error(t, err)
		require.True(t, core.MaybeApplied(err), "%v", err)
		require.Equal(t, []string{"loginEnabled"}, made.Changed)
		stored, _ := sim.Person(webextest.PersonAna)
		require.Equal(t, false, stored["loginEnabled"])
		sim.Reset()
		require.NoError(t, s.Unblock(t.Context(), webextest.PersonAna, made))
		stored, _ = sim.Person(webextest.PersonAna)
		require.Equal(t, true, stored["loginEnabled"])
	})
}

func TestABlockIsUndoneByItsRecordAlone(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData(), webextest.WithStringBooleans())
	s := over(t, sim, webex.Assist).Store()
	made, err := s.Block(t.Context(), webextest.PersonAna)
	require.NoError(t, err)
	require.Equal(t, []string{"loginEnabled"}, made.Changed)
	again, err := s.Block(t.Context(), webextest.PersonAna)
	require.NoError(t, err)
	require.Equal(t, []string{}, again.Changed, "another writer's change is not ours to undo")
	require.NoError(t, s.Unblock(t.Context(), webextest.PersonAna, again))
	p, err := s.Presence(t.Context(), webextest.PersonAna)
	require.NoError(t, err)
	require.True(t, *p.Blocked)
	require.Contains(t, p.Reason, "login is disabled")
	require.NoError(t, s.Unblock(t.Context(), webextest.Key(webextest.PersonAna), made), "the id in another form")
	stored, _ := sim.Person(webextest.PersonAna)
	require.Equal(t, true, stored["loginEnabled"])

	for _, bad := range []core.Block{
		{Vendor: "avaya", UserID: webextest.PersonAna, Changed: []string{"loginEnabled"}},
		{Vendor: "webex", UserID: webextest.PersonBen, Changed: []string{"loginEnabled"}},
		{Vendor: "webex", UserID: webextest.PersonAna, Changed: []string{"licenses"}},
	} {
		require.ErrorIs(t, s.Unblock(t.Context(), webextest.PersonAna, bad), core.ErrInvalid)
	}
	err = s.SetPresence(t.Context(), webextest.PersonAna, core.Away)
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.ErrorContains(t, err, "no API sets it")
}

func TestCapabilitiesSpeakOfEveryOperation(t *testing.T) {
	caps := webex.Capabilities()
	require.Equal(t, "webex", caps.Vendor)
	require.False(t, caps.Revisions)
	for _, op := range core.Operations() {
		c, there := caps.Operations[op]
		require.True(t, there, op)
		switch c.Support {
		case core.Native:
			require.NotEmpty(t, c.Permissions, op)
		default:
			require.NotEmpty(t, c.Note, op)
		}
	}
	c, _ := mocked(t)
	require.Equal(t, caps, c.Store().Capabilities())
}

func TestNoSecretOfAClientIsRepeated(t *testing.T) {
	c, mt := mocked(t)
	for _, text := range []string{webextest.Bearer, "Bearer " + webextest.Bearer} {
		mt.RegisterResponder("GET", base+"/people/"+dana, resttest.Answer(403, `{"message":"no: `+text+`","trackingId":"`+webextest.Bearer+
			`","errorCode":"`+webextest.Bearer+`"}`))
		_, err := c.People.Get(t.Context(), dana)
		require.False(t, strings.Contains(err.Error(), webextest.Bearer), "%v", err)
	}
}

// TestAnAnswerAboutAnotherPersonIsNoCreation: above all, that person is not blocked.
func TestAnAnswerAboutAnotherPersonIsNoCreation(t *testing.T) {
	spec := kim
	spec.Enabled = core.Set(false)
	for name, w := range map[string]struct {
		listed, made, read string
		class              core.Class
	}{
		"another": {``, `{"id":"` + dana + `","emails":["dana@x.test","kim@example.test"],"displayName":"D","loginEnabled":true}`, ``,
			core.ClassProtocol},
		"another, when read": {``, `{"id":"` + dana + `"}`, `{"id":"` + dana + `","emails":["dana@x.test"],"displayName":"D"}`,
			core.ClassProtocol},
		"who was there": {`{"id":"` + dana + `","emails":["Kim@example.test"]}`, `{"id":"` + danaKey + `","emails":["kim@example.test"],` +
			`"displayName":"D"}`, ``, core.ClassConflict},
	} {
		t.Run(name, func(t *testing.T) {
			c, mt := mocked(t)
			mt.RegisterResponder("GET", base+"/people", resttest.Answer(200, `{"items":[`+w.listed+`]}`))
			mt.RegisterResponder("POST", base+"/people", resttest.Answer(200, w.made, "Trackingid", "ROUTER_7"))
			mt.RegisterResponder("GET", base+"/people/"+dana, resttest.Answer(200, w.read))
			u, err := c.Store().CreateUser(t.Context(), spec)
			e := resttest.ErrorOf(t, err)
			require.Equal(t, []any{w.class, core.AppliedUnknown}, []any{e.Class, e.Applied})
			require.Empty(t, u.ID)
			require.Zero(t, mt.GetCallCountInfo()["PUT "+base+"/people/"+dana])
		})
	}
	// The same address in other letters is the same.
	c, mt := mocked(t)
	mt.RegisterResponder("GET", base+"/people", resttest.Answer(200, `{"items":[]}`))
	mt.RegisterResponder("POST", base+"/people", resttest.Answer(200, `{"id":"`+dana+`","emails":["KIM@example.test"],"displayName":"Kim `+
		`Park","firstName":"Kim","lastName":"Park"}`))
	u, err := c.Store().CreateUser(t.Context(), kim)
	require.NoError(t, err)
	require.Equal(t, dana, u.ID)
}

func TestFieldsThatACreateDroppedAreTold(t *testing.T) {
	spec := kim
	spec.Fields = map[string]any{"title": "Lead", "department": "Care", "extension": "0110", "siteUrls": []string{"a.webex.com#attendee"},
		"phoneNumbers": []any{map[string]any{"type": "work", "value": "+15125550110"}}, "tomorrow": map[string]any{"x": 1}}
	short := `{"id":"` + dana + `","emails":["kim@example.test"],"displayName":"Kim Park","firstName":"Kim","lastName":"Park"`
	full := short + `,"title":"Lead","department":"Care","extension":"0110","siteUrls":["a.webex.com#attendee"],"tomorrow":{"x":1,"y":2},
		"phoneNumbers":[{"type":"work","value":"+1-5125550110","primary":true},{"type":"work_extension","value":"840110"}]}`
	for read, missing := range map[string][]string{
		full:        nil,
		short + `}`: {"department", "extension", "phoneNumbers", "siteUrls", "title", "tomorrow"},
	} {
		c, mt := mocked(t)
		mt.RegisterResponder("GET", base+"/people", resttest.Answer(200, `{"items":[]}`))
		mt.RegisterResponder("POST", base+"/people", resttest.Answer(200, short+`}`))
		mt.RegisterResponder("GET", base+"/people/"+dana, resttest.Answer(200, read))
		u, err := c.Store().CreateUser(t.Context(), spec)
		require.Equal(t, dana, u.ID)
		require.GreaterOrEqual(t, mt.GetCallCountInfo()["GET "+base+"/people/"+dana], 1, "looked at")
		if missing == nil {
			require.NoError(t, err, "the answer to a create may say less than a read")
			continue
		}
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassNotApplied, core.AppliedYes}, []any{e.Class, e.Applied})
		for _, name := range missing {
			require.Contains(t, e.Message, name)
		}
		require.NotContains(t, e.Message, "firstName")
	}
	// In doubt if the look fails.
	c, mt := mocked(t)
	mt.RegisterResponder("GET", base+"/people", resttest.Answer(200, `{"items":[]}`))
	mt.RegisterResponder("POST", base+"/people", resttest.Answer(200, short+`}`))
	mt.RegisterResponder("GET", base+"/people/"+dana, resttest.Answer(403, `{}`))
	u, err := c.Store().CreateUser(t.Context(), spec)
	require.Equal(t, core.AppliedYes, resttest.ErrorOf(t, err).Applied)
	require.Equal(t, dana, u.ID)
}

// afterwards answers some requests otherwise, once they have been carried out.
type afterwards struct {
	http.RoundTripper
	answer func(*http.Request) *http.Response
}

func (a afterwards) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := a.RoundTripper.RoundTrip(r)
	if other := a.answer(r); err == nil && other != nil {
		res.Body.Close()
		other.Request = r
		return other, nil
	}
	return res, err
}

// TestABlockOfANewPersonWhoseAnswerMisleads: it was done, whatever the answer says.
func TestABlockOfANewPersonWhoseAnswerMisleads(t *testing.T) {
	spec := kim
	spec.Enabled = core.Set(false)
	for name, w := range map[string]struct {
		status int
		body   string
	}{"refused": {400, `{"message":"no"}`}, "a page": {200, `<html>`}, "broken": {500, ``}} {
		t.Run(name, func(t *testing.T) {
			sim := webextest.NewServer(webextest.WithSampleData())
			c := over(t, sim, webex.Assist, attempts(1), transport(afterwards{sim.Transport(), func(r *http.Request) *http.Response {
				if r.Method != http.MethodPut {
					return nil
				}
				return &http.Response{StatusCode: w.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(w.body))}
			}}))
			u, err := c.Store().CreateUser(t.Context(), spec)
			require.NoError(t, err)
			require.False(t, *u.Enabled)
		})
	}
	// Not seen: in doubt.
	sim := webextest.NewServer(webextest.WithSampleData())
	sim.Fault(webextest.Fault{Op: "People.Replace", LoseAnswer: true}, webextest.Fault{Op: "People.Get", Skip: 1, Times: 2, Status: 403})
	u, err := over(t, sim, webex.Assist, attempts(1)).Store().CreateUser(t.Context(), spec)
	e := resttest.ErrorOf(t, err)
	require.Equal(t, []any{core.ClassNotApplied, core.AppliedYes}, []any{e.Class, e.Applied})
	require.Contains(t, e.Message, "not known")
	require.NotContains(t, e.Message, "could not be set")
	require.NotEmpty(t, u.ID)
	// Cut short.
	synctest.Test(t, func(t *testing.T) {
		sim := webextest.NewServer(webextest.WithSampleData())
		sim.Fault(webextest.Fault{Op: "People.Replace", Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		u, err := over(t, sim, webex.Assist).Store().CreateUser(ctx, spec)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassCanceled, core.AppliedYes}, []any{e.Class, e.Applied})
		require.Contains(t, e.Message, "not known")
		require.NotEmpty(t, u.ID)
	})
}

func TestAFieldThatNobodyKnowsCannotBeCleared(t *testing.T) {
	d, c := newDirectory(t)
	for _, name := range []string{"lastname", "", "unheardof", "zero "} {
		_, err := c.Store().UpdateUser(t.Context(), dana, core.UserChange{LastName: core.Set("X"),
			Fields: map[string]any{name: core.Clear[any]()}})
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassInvalid, core.AppliedNo}, []any{e.Class, e.Applied}, name)
		require.Contains(t, e.Message, `"`+name+`"`)
	}
	require.Empty(t, d.puts)
	// What the person has, or could have.
	delete(d.person, "title")
	_, err := c.Store().UpdateUser(t.Context(), dana, core.UserChange{Fields: map[string]any{"title": core.Clear[any](),
		"unheardOf": core.Clear[any](), "nothing": core.Clear[any]()}})
	require.NoError(t, err)
	require.NotContains(t, d.person, "unheardOf")
}

// TestStore_EndsAppliedIfReadsLag: every write is waited for until it shows.
func TestStore_EndsAppliedIfReadsLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s := lagging(t, time.Second)
		made, err := s.CreateUser(t.Context(), core.UserSpec{Login: "kim@example.test", FirstName: "Kim", Enabled: core.Set(false),
			Fields: map[string]any{"licenses": []string{webextest.LicenseProfessional, webextest.LicenseAssist},
				"locationId": webextest.LocationAustin, "extension": "1099"},
			Links: []core.Assignment{{Target: core.Target{Kind: core.KindQueue, ID: webextest.QueueSupport}, Level: new(2)}}})
		require.NoError(t, err)
		require.False(t, *made.Enabled)

		_, err = s.UpdateUser(t.Context(), made.ID, core.UserChange{LastName: core.Set("Park")})
		require.NoError(t, err)
		require.NoError(t, s.LiftBlocks(t.Context(), made.ID))
		block, err := s.Block(t.Context(), made.ID)
		require.NoError(t, err)
		require.Equal(t, []string{"loginEnabled"}, block.Changed)
		again, err := s.Block(t.Context(), made.ID)
		require.NoError(t, err)
		require.Empty(t, again.Changed, "the vendor has said so")
		require.NoError(t, s.Unblock(t.Context(), made.ID, block))

		for kind, id := range map[core.Kind]string{core.KindQueue: webextest.QueueSupport, core.KindSupervisor: webextest.PersonDana} {
			link := core.Assignment{UserID: made.ID, Target: core.Target{Kind: kind, ID: id}}
			if kind == core.KindQueue {
				outcomes, err := s.Suspend(t.Context(), link)
				require.NoError(t, err)
				require.Equal(t, []core.Result{core.ResultApplied}, results(outcomes))
				outcomes, err = s.Resume(t.Context(), link)
				require.NoError(t, err)
				require.Equal(t, []core.Result{core.ResultApplied}, results(outcomes))
			} else {
				outcomes, err := s.Assign(t.Context(), link)
				require.NoError(t, err)
				require.Equal(t, []core.Result{core.ResultApplied}, results(outcomes))
			}
			outcomes, err := s.Unassign(t.Context(), link)
			require.NoError(t, err)
			require.Equal(t, []core.Result{core.ResultApplied}, results(outcomes), kind)
		}
		require.NoError(t, s.DeleteUser(t.Context(), made.ID))
	})
}

// TestStore_StaysInDoubtIfReadsNeverCatchUp: it may still come, and the next write builds on it.
func TestStore_StaysInDoubtIfReadsNeverCatchUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, s := lagging(t, 24*time.Hour)
		link := core.Assignment{UserID: webextest.PersonDev, Target: core.Target{Kind: core.KindQueue, ID: webextest.QueueSupport}}
		outcomes, err := s.Assign(t.Context(), link)
		e := resttest.ErrorOf(t, outcomes[0].Err)
		require.ErrorIs(t, err, core.ErrNotApplied)
		require.Equal(t, []any{core.ResultUnknown, core.AppliedUnknown}, []any{outcomes[0].Result, e.Applied})

		began := time.Now()
		other := core.Assignment{UserID: webextest.PersonErin, Target: link.Target}
		_, err = s.Assign(t.Context(), other)
		require.ErrorIs(t, err, core.ErrNotApplied)
		require.LessOrEqual(t, time.Since(began), 6*time.Second)
		for _, a := range []core.Assignment{link, other} {
			_, there := sim.QueueAgent(webextest.QueueSupport, a.UserID)
			require.True(t, there, "a stale read does not undo the first")
		}

		dana := core.Target{Kind: core.KindSupervisor, ID: webextest.PersonDana}
		outcomes, err = s.Assign(t.Context(), core.Assignment{UserID: webextest.PersonBen, Target: dana})
		require.ErrorIs(t, err, core.ErrNotApplied)
		require.Equal(t, []core.Result{core.ResultUnknown}, results(outcomes))

		err = s.DeleteUser(t.Context(), webextest.PersonMarco)
		require.ErrorIs(t, err, core.ErrNotApplied)
		require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
	})
}
