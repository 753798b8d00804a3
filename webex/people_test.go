package webex_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// directory is a server of one person, written from the documentation alone: a PUT
// keeps what is the server's own and deletes everything else that it leaves out.
type directory struct {
	mu     sync.Mutex
	person map[string]any
	puts   []map[string]any
	// wreck, if set, changes what a PUT stores; answer what it answers.
	wreck func(map[string]any)
	// refuse says why a PUT is answered 400.
	refuse  func(map[string]any) string
	refused int
	answer  func(w http.ResponseWriter, person map[string]any)
	// userName, if set, is the login, whatever comes first.
	userName *string
}

// login is the first of the addresses, unless it is hidden or another.
func (d *directory) login() string {
	if d.userName != nil {
		return *d.userName
	}
	emails, _ := d.person["emails"].([]any)
	login, _ := emails[0].(string)
	return login
}

var serversOwn = []string{"id", "created", "lastModified", "timezone", "lastActivity", "status", "sipAddresses", "invitePending", "type"}

const whole = `{"id":"` + dana +
	`","emails":["dana.reyes@example.com","dana@old.example"],"displayName":"Dana Reyes","firstName":"Dana","lastName":"Reyes",
	"nickName":"Dana","orgId":"Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8x","roles":["Um9sZUE","Um9sZUI"],"licenses":["TGlj","QQ"],
	"phoneNumbers":[{"type":"work","value":"+15125550110","primary":true},{"type":"work_extension","value":"840110"},{"type":"mobile","value":"+1 512 555 0111"}],
	"extension":"0110","locationId":"TG9jYXRpb24","title":"Lead","department":"Care","manager":"M","managerId":"TWFu","avatar":"https://a.test/x",
	"addresses":[{"type":"work","country":"US","floor":7}],"siteUrls":["a.webex.com#attendee"],"loginEnabled":"true","invitePending":"false",
	"status":"active","lastActivity":"2026-02-04T07:01:22.031Z","created":"2026-02-03T09:15:00.000Z","lastModified":"2026-02-03T09:15:00.000Z",
	"timezone":"America/Chicago","type":"person","sipAddresses":[{"type":"enterprise","value":"d@x.test","primary":true}],
	"unheardOf":{"big":12345678901234567890,"deep":[{"a":null,"b":1.0}],"e":""},"nothing":null,"zero":0,"none":[]}`

func newDirectory(t *testing.T, settings ...setting) (*directory, *webex.Client) {
	t.Helper()
	d := &directory{person: parsed(t, whole)}
	srv := httptest.NewServer(d)
	t.Cleanup(srv.Close)
	c := client(t, webex.Config{Auth: bearer, Tier: webex.Assist, BaseURL: srv.URL + "/v1"}, append(settings, attempts(2))...)
	t.Cleanup(c.CloseIdleConnections)
	return d, c
}

func parsed(t testing.TB, doc string) (out map[string]any) {
	d := json.NewDecoder(strings.NewReader(doc))
	d.UseNumber()
	assert.NoError(t, d.Decode(&out))
	return out
}

func (d *directory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.URL.Path == "/v1/people" && r.URL.Query().Get("id") == dana {
		// Only this look-up shows which address is the login.
		row := maps.Clone(d.person)
		if login := d.login(); login != "" {
			row["userName"] = login
		}
		json.NewEncoder(w).Encode(map[string]any{"items": []any{row}})
		return
	}
	if r.URL.Query().Get("callingData") != "true" || r.URL.Path != "/v1/people/"+dana {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	if r.Method == http.MethodPut {
		raw, _ := io.ReadAll(r.Body)
		dec := json.NewDecoder(strings.NewReader(string(raw)))
		dec.UseNumber()
		body := map[string]any{}
		if dec.Decode(&body) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if d.refuse != nil {
			if why := d.refuse(body); why != "" {
				w.WriteHeader(http.StatusBadRequest)
				json.NewEncoder(w).Encode(map[string]any{"message": why})
				return
			}
		}
		d.puts = append(d.puts, maps.Clone(body))
		for _, name := range serversOwn {
			body[name] = d.person[name]
		}
		if d.wreck != nil {
			d.wreck(body)
		}
		d.person = body
		if d.answer != nil {
			d.answer(w, body)
			return
		}
	}
	json.NewEncoder(w).Encode(d.person)
}

func TestAChangeOfOneFieldChangesOneField(t *testing.T) {
	d, c := newDirectory(t)
	u, err := c.Store().UpdateUser(t.Context(), dana, core.UserChange{LastName: core.Set("Okafor")})
	require.NoError(t, err)
	require.Equal(t, "Okafor", u.LastName)
	want := parsed(t, whole)
	want["lastName"], want["loginEnabled"] = "Okafor", true // as a boolean, which is what a write takes
	require.Equal(t, want, d.person)
	// What is the server's own is not among what was sent first.
	for _, name := range serversOwn {
		require.NotContains(t, d.puts[0], name)
	}
	require.Equal(t, true, d.puts[0]["loginEnabled"])
	// Nothing is lost in between either: all went in one write.
	require.Len(t, d.puts, 1)
}

func TestNumbersOfOtherTypesAreTheVendorsOwnAndSurvive(t *testing.T) {
	// A server that refuses them, and keeps them itself, gets the work numbers alone.
	d, c := newDirectory(t, with(webex.WithWorkNumbersAlone()))
	others := d.person["phoneNumbers"].([]any)[1:]
	work := func(p map[string]any) []any {
		list, _ := p["phoneNumbers"].([]any)
		return slices.DeleteFunc(slices.Clone(list), func(n any) bool { return n.(map[string]any)["type"] != "work" })
	}
	d.refuse = func(p map[string]any) string {
		if list, _ := p["phoneNumbers"].([]any); len(work(p)) < len(list) {
			return "phoneNumbers: only those of type work can be set"
		}
		return ""
	}
	d.wreck = func(p map[string]any) { p["phoneNumbers"] = append(work(p), others...) }
	_, err := c.Store().UpdateUser(t.Context(), dana, core.UserChange{FirstName: core.Set("D.")})
	require.NoError(t, err)
	require.Len(t, d.puts, 1)
	want := parsed(t, whole)
	want["firstName"], want["loginEnabled"] = "D.", true
	require.Equal(t, want, d.person)
	// What it refuses for another reason is not sent again.
	d.refuse = func(map[string]any) string { d.refused++; return "no" }
	_, err = c.Store().UpdateUser(t.Context(), dana, core.UserChange{FirstName: core.Set("E.")})
	require.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied)
	require.Equal(t, 1, d.refused)
	// Nor is what it refuses and does anyway.
	d.refuse = func(p map[string]any) string {
		d.refused++
		d.person["firstName"] = p["firstName"]
		return "phone service failed"
	}
	_, err = c.Store().UpdateUser(t.Context(), dana, core.UserChange{FirstName: core.Set("F."), LastName: core.Set("G.")})
	require.Equal(t, core.AppliedYes, resttest.ErrorOf(t, err).Applied)
	require.Equal(t, 2, d.refused)
	d.refuse = nil
	// Changing them is refused, because nothing would come of it.
	_, err = c.People.Modify(t.Context(), dana, func(p *webex.Person) error {
		p.PhoneNumbers[2].Value = core.Set("+15125550000")
		return nil
	})
	require.ErrorIs(t, err, core.ErrInvalid)
	_, err = c.People.Create(t.Context(), webex.Person{Emails: []string{"a@b.test"}, FirstName: core.Set("A"),
		PhoneNumbers: []webex.PhoneNumber{{Type: "fax"}}})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.Len(t, d.puts, 1)
	// Left out of a change of the work numbers, they stay.
	for _, field := range []any{[]any{map[string]any{"type": "work", "value": "+15125550177"}}, core.Clear[any]()} {
		_, err = c.Store().UpdateUser(t.Context(), dana, core.UserChange{Fields: map[string]any{"phoneNumbers": field}})
		require.NoError(t, err)
	}
	require.Len(t, d.puts, 3)
	require.Empty(t, work(d.puts[2]))
	require.Equal(t, others, d.person["phoneNumbers"])
}

// TestNumbersThatAReplacementWouldDelete: the page does not say that numbers of other
// types survive a write that leaves them out.
func TestNumbersThatAReplacementWouldDelete(t *testing.T) {
	change := core.UserChange{FirstName: core.Set("D.")}
	onlyWork := func(p map[string]any) string {
		for _, n := range p["phoneNumbers"].([]any) {
			if n.(map[string]any)["type"] != "work" {
				return "Only phoneNumbers of type work may be set"
			}
		}
		return ""
	}
	d, c := newDirectory(t)
	d.refuse = onlyWork
	_, err := c.Store().UpdateUser(t.Context(), dana, change)
	e := resttest.ErrorOf(t, err)
	require.Equal(t, []any{core.ClassInvalid, core.AppliedNo, 400}, []any{e.Class, e.Applied, e.Status})
	require.Contains(t, e.Hint, "WithWorkNumbersAlone")
	require.Empty(t, d.puts)
	require.Equal(t, parsed(t, whole), d.person)
	// The vendor makes one of an extension again, and nothing else is left out.
	d, c = newDirectory(t)
	d.refuse = onlyWork
	numbers := d.person["phoneNumbers"].([]any)[:2]
	d.person["phoneNumbers"] = numbers
	d.wreck = func(p map[string]any) { p["phoneNumbers"] = numbers }
	_, err = c.Store().UpdateUser(t.Context(), dana, change)
	require.NoError(t, err)
	require.Len(t, d.puts, 1)
	require.Equal(t, numbers[:1], d.puts[0]["phoneNumbers"])
	// Allowed, and lost.
	d, c = newDirectory(t, with(webex.WithWorkNumbersAlone()))
	d.refuse = onlyWork
	u, err := c.Store().UpdateUser(t.Context(), dana, change)
	e = resttest.ErrorOf(t, err)
	require.Equal(t, []any{core.ClassNotApplied, core.AppliedYes}, []any{e.Class, e.Applied})
	require.Contains(t, e.Message, "mobile +1 512 555 0111")
	require.Equal(t, "D.", u.FirstName)
	// Lost in silence.
	d, c = newDirectory(t)
	d.wreck = func(p map[string]any) { p["phoneNumbers"] = p["phoneNumbers"].([]any)[:2] }
	_, err = c.Store().UpdateUser(t.Context(), dana, change)
	e = resttest.ErrorOf(t, err)
	require.Equal(t, []any{core.ClassNotApplied, core.AppliedYes}, []any{e.Class, e.Applied})
	require.Contains(t, e.Message, "mobile")
	require.NotContains(t, e.Message, "work_extension")
	// What follows from an extension changes with it, and notations differ.
	d, c = newDirectory(t)
	d.wreck = func(p map[string]any) {
		p["phoneNumbers"] = []any{map[string]any{"type": "work_extension", "value": "840199"}, map[string]any{"type": "mobile",
			"value": "+1-512-5550111"},
			map[string]any{"type": "work", "value": "+1-512-5550110"}}
	}
	_, err = c.Store().UpdateUser(t.Context(), dana, core.UserChange{Fields: map[string]any{"extension": "0199"}})
	require.NoError(t, err)
	// And an answer that shows less than a read.
	d, c = newDirectory(t)
	d.answer = func(w http.ResponseWriter, p map[string]any) {
		p = maps.Clone(p)
		delete(p, "phoneNumbers")
		json.NewEncoder(w).Encode(p)
	}
	_, err = c.Store().UpdateUser(t.Context(), dana, change)
	require.NoError(t, err)
}

func TestWorkNumbersAreWrittenInTheFormThatIsTaken(t *testing.T) {
	for read, sent := range map[string]string{
		"+1-9195559876": "+19195559876", "+1 (919) 555.9876": "+1 (919) 555.9876", "+44 20 7946-0018": "+442079460018", "555-0100": "555-0100",
		"+19195559876": "+19195559876",
	} {
		d, c := newDirectory(t)
		d.person["phoneNumbers"].([]any)[0].(map[string]any)["value"] = read
		_, err := c.Store().UpdateUser(t.Context(), dana, core.UserChange{FirstName: core.Set("D.")})
		require.NoError(t, err, read)
		numbers := d.puts[len(d.puts)-1]["phoneNumbers"].([]any)
		require.Equal(t, sent, numbers[0].(map[string]any)["value"], read)
		require.Equal(t, "+1 512 555 0111", numbers[2].(map[string]any)["value"], "others go back as they came")
	}
}

func TestALoginThatIsNotShownIsNotWrittenOver(t *testing.T) {
	change := core.UserChange{LastName: core.Set("Okafor")}
	for _, hide := range []func(map[string]any){
		func(p map[string]any) { p["loginEnabled"] = nil },
		func(p map[string]any) { delete(p, "loginEnabled") },
	} {
		d, c := newDirectory(t)
		hide(d.person)
		_, err := c.Store().UpdateUser(t.Context(), dana, change)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassIncomplete, core.AppliedNo}, []any{e.Class, e.Applied})
		require.Contains(t, e.Error(), "WithUnseenLogin")
		require.Empty(t, d.puts)
		// A change of it needs no permission.
		d.wreck = func(p map[string]any) { assert.Equal(t, false, p["loginEnabled"]) }
		_, err = c.Store().UpdateUser(t.Context(), dana, core.UserChange{Enabled: core.Set(false)})
		require.NoError(t, err)
		// Nor does what writes nothing.
		d, c = newDirectory(t)
		hide(d.person)
		_, err = c.Store().UpdateUser(t.Context(), dana, core.UserChange{LastName: core.Set("Reyes")})
		require.NoError(t, err)
		d, c = newDirectory(t, with(webex.WithUnseenLogin()))
		hide(d.person)
		_, err = c.Store().UpdateUser(t.Context(), dana, change)
		require.NoError(t, err)
		require.NotContains(t, d.puts[0], "loginEnabled")
	}
	d, c := newDirectory(t)
	_, err := c.People.Modify(t.Context(), dana, func(p *webex.Person) error { p.LoginEnabled = core.Opt[bool]{}; return nil })
	require.ErrorIs(t, err, core.ErrInvalid)
	require.Empty(t, d.puts)
}

func TestNothingToChangeIsNotWritten(t *testing.T) {
	d, c := newDirectory(t)
	u, err := c.Store().UpdateUser(t.Context(), dana, core.UserChange{LastName: core.Set("Reyes"), Enabled: core.Set(true)})
	require.NoError(t, err)
	require.Equal(t, "Reyes", u.LastName)
	_, err = c.People.Modify(t.Context(), dana, func(*webex.Person) error { return nil })
	require.NoError(t, err)
	require.Empty(t, d.puts)
}

func TestTheLocationIsNeverRewritten(t *testing.T) {
	d, c := newDirectory(t)
	for _, change := range []func(*webex.Person) error{
		func(p *webex.Person) error { p.LocationID = core.Set[webex.ID]("T3RoZXI"); return nil },
		func(p *webex.Person) error { p.LocationID = core.Opt[webex.ID]{}; return nil },
		func(p *webex.Person) error { p.ID = lobby; return nil },
	} {
		_, err := c.People.Modify(t.Context(), dana, change)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, core.ClassInvalid, e.Class)
		require.Equal(t, core.AppliedNo, e.Applied)
	}
	_, err := c.Store().UpdateUser(t.Context(), dana, core.UserChange{Fields: map[string]any{"locationId": "T3RoZXI"}})
	require.ErrorIs(t, err, core.ErrInvalid)
	_, err = c.Store().UpdateUser(t.Context(), dana, core.UserChange{Fields: map[string]any{"locationId": core.Clear[any]()}})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.Empty(t, d.puts)
	// Another form of the same id is no change: what is sent is what was read.
	d.person["locationId"] = string(hydra("us/LOCATION/31161"))
	_, err = c.People.Modify(t.Context(), dana, func(p *webex.Person) error {
		p.LocationID, p.Title = core.Set(hydra("us/LOCATION/31161")+"="), core.Set("Chief")
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, string(hydra("us/LOCATION/31161")), d.puts[0]["locationId"])
	// With the first calling licence it can be set.
	delete(d.person, "locationId")
	_, err = c.People.Modify(t.Context(), dana, func(p *webex.Person) error { p.LocationID = core.Set[webex.ID]("TmV3"); return nil })
	require.NoError(t, err)
	require.Equal(t, "TmV3", d.person["locationId"])
}

func TestAPersonWhoWasNotReadWholeIsNotWrittenBack(t *testing.T) {
	for _, person := range []string{
		`{"id":"` + dana + `"}`,
		strings.Replace(whole, `"emails":["dana.reyes@example.com","dana@old.example"],`, ``, 1),
		strings.Replace(whole, `["dana.reyes@example.com","dana@old.example"]`, `[]`, 1),
		strings.Replace(whole, `"displayName":"Dana Reyes",`, ``, 1),
		strings.Replace(whole, `"displayName":"Dana Reyes",`, `"displayName":null,`, 1),
		strings.Replace(whole, `"zero":0`, `"errors":{"licenses":{"code":"kms_failure","reason":"try later"}}`, 1),
	} {
		d, c := newDirectory(t)
		d.person = parsed(t, person)
		_, err := c.Store().UpdateUser(t.Context(), dana, core.UserChange{LastName: core.Set("X")})
		e := resttest.ErrorOf(t, err)
		require.Equal(t, core.ClassIncomplete, e.Class)
		require.Equal(t, core.AppliedNo, e.Applied)
		require.Empty(t, d.puts)
	}
}

func TestAnswersOfAReplacement(t *testing.T) {
	change := core.UserChange{LastName: core.Set("Okafor")}
	for name, answer := range map[string]func(http.ResponseWriter, map[string]any){
		"nothing":         func(w http.ResponseWriter, _ map[string]any) { w.WriteHeader(http.StatusNoContent) },
		"an empty object": func(w http.ResponseWriter, _ map[string]any) { fmt.Fprint(w, `{}`) },
		"just the id":     func(w http.ResponseWriter, _ map[string]any) { fmt.Fprint(w, `{"id":"`+danaKey+`"}`) },
		"no such body":    func(w http.ResponseWriter, _ map[string]any) { w.WriteHeader(http.StatusAccepted); fmt.Fprint(w, ` `) },
		"as it was before": func(w http.ResponseWriter, p map[string]any) {
			p = maps.Clone(p)
			p["lastName"] = "Reyes"
			json.NewEncoder(w).Encode(p)
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, c := newDirectory(t)
			d.answer = answer
			u, err := c.Store().UpdateUser(t.Context(), dana, change)
			require.NoError(t, err)
			require.Equal(t, "Okafor", u.LastName)
			require.Equal(t, "dana.reyes@example.com", u.Login)
			require.Len(t, d.puts, 1)
		})
	}
	d, c := newDirectory(t)
	d.answer = func(w http.ResponseWriter, _ map[string]any) {
		fmt.Fprint(w, `{"id":"`+lobby+`","displayName":"Lobby"}`)
	}
	_, err := c.Store().UpdateUser(t.Context(), dana, change)
	require.NoError(t, err, "the person was looked at, and shows it")
	for _, body := range []string{`<html>`, `{"id":`, `[1]`, `{"id":"` + dana + `","emails":true}`} {
		d.answer = func(w http.ResponseWriter, _ map[string]any) { fmt.Fprint(w, body) }
		d.person["lastName"] = "Reyes"
		_, err := c.Store().UpdateUser(t.Context(), dana, change)
		require.NoError(t, err, "the person was looked at, and shows it: %s", body)
		// One that does not show it leaves it in doubt.
		d.wreck = func(p map[string]any) { p["lastName"] = "Reyes" }
		_, err = c.Store().UpdateUser(t.Context(), dana, core.UserChange{LastName: core.Set("Adams")})
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{e.Class, e.Applied}, body)
		d.wreck = nil
	}
}

func TestWhatWasNotDoneIsTold(t *testing.T) {
	d, c := newDirectory(t)
	d.wreck = func(p map[string]any) { p["licenses"] = []any{"TGlj"} }
	u, err := c.Store().UpdateUser(t.Context(), dana, core.UserChange{Fields: map[string]any{"licenses": []string{"TGlj", "QQ", "Qg"}}})
	e := resttest.ErrorOf(t, err)
	require.Equal(t, core.ClassNotApplied, e.Class)
	require.Contains(t, e.Message, "licenses")
	require.Equal(t, dana, u.ID, "the user as it now is comes along")
	// Also where the licence was not what the change was about.
	d, c = newDirectory(t)
	d.wreck = func(p map[string]any) { p["licenses"] = []any{"TGlj"} }
	_, err = c.Store().UpdateUser(t.Context(), dana, core.UserChange{LastName: core.Set("Z")})
	e = resttest.ErrorOf(t, err)
	require.Equal(t, core.ClassNotApplied, e.Class)
	require.Equal(t, core.AppliedYes, e.Applied)
	// And of a plain field: some of it done, or none.
	d, c = newDirectory(t)
	d.wreck = func(p map[string]any) { p["lastName"] = "Reyes" }
	_, err = c.Store().UpdateUser(t.Context(), dana, core.UserChange{LastName: core.Set("Z"), FirstName: core.Set("Y")})
	e = resttest.ErrorOf(t, err)
	require.Equal(t, core.AppliedYes, e.Applied)
	require.Contains(t, e.Message, "lastName")
	require.NotContains(t, e.Message, "firstName")
	_, err = c.Store().UpdateUser(t.Context(), dana, core.UserChange{LastName: core.Set("Z")})
	require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied, "it may come later")
	d.wreck = func(p map[string]any) { p["loginEnabled"] = true }
	made, err := c.Store().Block(t.Context(), dana)
	require.ErrorIs(t, err, core.ErrNotApplied)
	require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
	require.Equal(t, []string{"loginEnabled"}, made.Changed, "what may have been done is in the record")
	// What is shown neither before nor afterwards may be as it was sent.
	d.wreck = func(p map[string]any) { delete(p, "loginEnabled") }
	delete(d.person, "loginEnabled")
	_, err = c.Store().Block(t.Context(), dana)
	require.ErrorIs(t, err, core.ErrNotApplied)
	require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
}

func TestARefusalMayHaveChangedSomething(t *testing.T) {
	change := core.UserChange{LastName: core.Set("Okafor"), Roles: core.Set([]string{webextest.RoleFullAdminID})}
	run := func(arm func(*webextest.Server)) (*core.Error, map[string]any) {
		sim := webextest.NewServer(webextest.WithSampleData())
		arm(sim)
		_, err := over(t, sim, webex.Assist, attempts(1)).Store().UpdateUser(t.Context(), webextest.PersonAna, change)
		require.Empty(t, sim.Unstruck())
		p, _ := sim.Person(webextest.PersonAna)
		return resttest.ErrorOf(t, err), p
	}
	// Half of it was done, as the documentation warns.
	e, p := run(func(sim *webextest.Server) { sim.FailAfter("People.Replace", 1) })
	require.Equal(t, core.ClassInvalid, e.Class)
	require.Equal(t, core.AppliedYes, e.Applied)
	require.Contains(t, e.Hint, "roles")
	require.Equal(t, "Okafor", p["lastName"])
	// None was.
	e, _ = run(func(sim *webextest.Server) {
		sim.Fault(webextest.Refusal("People.Replace", 400, webextest.E1, 0, "no"))
	})
	require.Equal(t, core.AppliedNo, e.Applied)
	// It cannot be seen.
	e, _ = run(func(sim *webextest.Server) {
		sim.FailAfter("People.Replace", 1)
		sim.Fault(webextest.Fault{Op: "People.Get", Skip: 1, Times: -1, Status: 403})
	})
	require.Equal(t, core.AppliedUnknown, e.Applied)
	// All was, and the answer was lost: the person shows it.
	sim := webextest.NewServer(webextest.WithSampleData())
	sim.Fault(webextest.Fault{Op: "People.Replace", LoseAnswer: true})
	u, err := over(t, sim, webex.Assist, attempts(1)).Store().UpdateUser(t.Context(), webextest.PersonAna, change)
	require.NoError(t, err)
	require.Equal(t, "Okafor", u.LastName)
	// Refused for another reason, nothing was looked at.
	e, _ = run(func(sim *webextest.Server) {
		sim.Fault(webextest.Refusal("People.Replace", 403, webextest.E1, 0, "no"))
	})
	require.Equal(t, core.AppliedNo, e.Applied)
}

func TestWritersOfOnePersonTakeTurns(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	c := over(t, sim, webex.Assist)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			form := []string{webextest.PersonAna, webextest.Key(webextest.PersonAna), padded(webextest.PersonAna)}[i%3]
			_, err := c.People.Modify(t.Context(), webex.ID(form), func(p *webex.Person) error {
				p.SiteURLs = append(p.SiteURLs, fmt.Sprintf("s%d.webex.com#attendee", i))
				return nil
			})
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	p, err := c.People.Get(t.Context(), webextest.PersonAna)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(p.SiteURLs), 20, "no change of another was lost")
}

func TestATurnThatNeverComesEndsWithTheContext(t *testing.T) {
	_, c := newDirectory(t)
	_, err := c.People.Modify(t.Context(), dana, func(*webex.Person) error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err := c.People.Modify(ctx, dana, func(*webex.Person) error { return nil })
		return err
	})
	e := resttest.ErrorOf(t, err)
	require.Equal(t, core.ClassCanceled, e.Class)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	own := errors.New("changed my mind")
	_, err = c.People.Modify(t.Context(), dana, func(*webex.Person) error { return own })
	require.Equal(t, own, err)
}

func TestSitesAreRemovedWithAllTypesShown(t *testing.T) {
	c, mt := mocked(t)
	var seen http.Request
	mt.RegisterResponder("GET", base+"/people/"+dana, resttest.Answer(200, whole))
	mt.RegisterResponder("GET", base+"/people", resttest.Answer(200, `{"items":[{"id":"`+dana+`","userName":"dana.reyes@example.com"}]}`))
	mt.RegisterResponder("PUT", base+"/people/"+dana, resttest.AnswerTo(&seen, nil, 200, strings.Replace(whole, `"a.webex.com#attendee"`, ``,
		1)))
	_, err := c.People.Modify(t.Context(), dana, func(p *webex.Person) error { p.SiteURLs = []string{}; return nil })
	require.NoError(t, err)
	require.Equal(t, "true", seen.URL.Query().Get("showAllTypes"))
	other := client(t, webex.Config{ClientOptions: core.ClientOptions{Transport: mt}, Auth: bearer, BaseURL: base, Tier: webex.Assist})
	_, err = other.People.Modify(t.Context(), dana, func(p *webex.Person) error { p.Title = core.Set("lead"); return nil })
	require.NoError(t, err)
	require.Empty(t, seen.URL.Query().Get("showAllTypes"))
}

func TestPeopleAreListedByIDInPortions(t *testing.T) {
	sim := webextest.NewServer()
	added := sim.AddPeople(200)
	c := over(t, sim, webex.Assist)
	var ids []webex.ID
	for i, id := range added {
		ids = append(ids, webex.ID(id))
		if i%50 == 0 {
			ids = append(ids, webex.NewID(webex.TypePerson, fmt.Sprintf("00000000-0000-4000-8000-0000000000%02d", i/50)))
		}
	}
	var missing []webex.ID
	got, err := core.Collect(c.People.List(t.Context(), webex.PersonListOptions{IDs: ids, NotFound: &missing}))
	require.NoError(t, err)
	require.Len(t, got, 200)
	require.Len(t, missing, 4)
	require.Len(t, sim.Requests("People.List"), 3)
	for _, p := range got {
		require.True(t, p.Status.IsZero(), "a list by id has no presence")
		require.True(t, slices.Contains(added, string(p.ID)))
	}
	_, err = core.Collect(c.People.List(t.Context(), webex.PersonListOptions{IDs: ids}))
	require.ErrorIs(t, err, core.ErrNotFound)
	_, err = core.Collect(c.People.List(t.Context(), webex.PersonListOptions{IDs: []webex.ID{"a,b"}}))
	require.ErrorIs(t, err, core.ErrInvalid)
}

func TestTheQueryOfAList(t *testing.T) {
	for _, w := range []struct {
		q    webex.PersonListOptions
		want string
	}{
		{webex.PersonListOptions{}, "callingData=true&max=100"},
		{webex.PersonListOptions{PageSize: 500}, "callingData=true&max=100"},
		{webex.PersonListOptions{PageSize: 500, WithoutCallingData: true}, "max=500"},
		{webex.PersonListOptions{PageSize: 5000, WithoutCallingData: true, WithoutStatus: true}, "excludeStatus=true&max=1000"},
		{webex.PersonListOptions{WithoutCallingData: true}, "max=100"},
		{webex.PersonListOptions{LocationID: "TG9j"}, "callingData=true&locationId=TG9j&max=50"},
		{webex.PersonListOptions{PageSize: 20, Email: "a+b@c.test", DisplayName: "A", Roles: []webex.ID{"cg", "cQ"}},
			"callingData=true&displayName=A&email=a%2Bb%40c.test&max=20&roles=cg%2CcQ"},
	} {
		c, mt := mocked(t)
		var seen http.Request
		mt.RegisterResponder("GET", base+"/people", resttest.AnswerTo(&seen, nil, 200, `{"items":[]}`))
		_, err := core.Collect(c.People.List(t.Context(), w.q))
		require.NoError(t, err)
		require.Equal(t, w.want, seen.URL.RawQuery)
	}
	c, mt := mocked(t)
	for _, q := range []webex.PersonListOptions{{LocationID: "a/b"}, {Roles: []webex.ID{"a,b"}}} {
		_, err := core.Collect(c.People.List(t.Context(), q))
		require.ErrorIs(t, err, core.ErrInvalid)
	}
	require.Zero(t, mt.GetTotalCallCount())
}

func TestTheOrganisationOfAPartnersCustomer(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	c := client(t, webex.Config{ClientOptions: core.ClientOptions{Transport: sim.Transport()}, Auth: bearer, Tier: webex.Assist,
		OrgID: webextest.OrgKey})
	_, err := core.Collect(c.People.List(t.Context(), webex.PersonListOptions{}))
	require.NoError(t, err)
	p, err := c.People.Create(t.Context(), webex.Person{Emails: []string{"a@b.test"}, FirstName: core.Set("A")})
	require.NoError(t, err)
	require.NoError(t, c.People.Delete(t.Context(), p.ID))
	for _, r := range sim.Requests("People.List") {
		require.Contains(t, r.Query, "orgId="+webextest.OrgID)
	}
	require.Contains(t, string(sim.Requests("People.Create")[0].Body), `"orgId":"`+webextest.OrgID+`"`)
	require.NotContains(t, sim.Requests("People.Delete")[0].Query, "orgId")
}

func TestDeletingIsSafeToRepeat(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	c := over(t, sim, webex.Assist)
	sim.Fault(webextest.Fault{Op: "People.Delete", LoseAnswer: true})
	require.NoError(t, c.People.Delete(t.Context(), webextest.PersonMarco))
	require.Len(t, sim.Requests("People.Delete"), 2)
	require.ErrorIs(t, c.People.Delete(t.Context(), webextest.PersonMarco), core.ErrNotFound)
}

func TestReplaceDeletesWhatItLeavesOut(t *testing.T) {
	d, c := newDirectory(t)
	_, err := c.People.Replace(t.Context(), webex.Person{ID: dana, Emails: []string{"d@x.test"}})
	require.ErrorIs(t, err, core.ErrInvalid)
	got, err := c.People.Replace(t.Context(), webex.Person{ID: danaKey, Emails: []string{"d@x.test"}, DisplayName: core.Set("D")})
	require.NoError(t, err)
	require.Equal(t, []string{"d@x.test"}, got.Emails)
	require.NotContains(t, d.person, "licenses")
}

// TestAChangeThatCameOutOtherwiseWasApplied: what moved was applied, even where it is
// not what was asked for.
func TestAChangeThatCameOutOtherwiseWasApplied(t *testing.T) {
	stored := func(name string, v any) func(map[string]any) { return func(p map[string]any) { p[name] = v } }
	for name, w := range map[string]struct {
		wreck   func(map[string]any)
		change  core.UserChange
		applied core.Applied // empty: done
		says    string
	}{
		"a placeholder for no last name": {stored("lastName", "."), core.UserChange{LastName: core.Clear[string]()}, "", ""},
		"blanks put together":            {stored("displayName", "A B"), core.UserChange{DisplayName: core.Set("A  B")}, "", ""},
		"an implied licence": {stored("licenses", []any{"SW1w", "QQ"}),
			core.UserChange{Fields: map[string]any{"licenses": []string{"QQ"}}}, "", ""},
		"a licence that stays": {stored("licenses", []any{"TGlj", "QQ"}),
			core.UserChange{Fields: map[string]any{"licenses": []string{"QQ"}}}, core.AppliedUnknown, "licenses"},
		"sites in another order": {stored("siteUrls", []any{"c.webex.com", "b.webex.com", "a.webex.com#attendee"}),
			core.UserChange{Fields: map[string]any{"siteUrls": []string{"a.webex.com#attendee", "b.webex.com"}}}, "", ""},
		"a national number": {stored("phoneNumbers", []any{map[string]any{"type": "work", "value": "+15125550161"},
			map[string]any{"type": "mobile", "value": "+1 512 555 0111"}}),
			core.UserChange{Fields: map[string]any{"phoneNumbers": []any{map[string]any{"type": "work", "value": "0512 555 0161"}}}}, "", ""},
		"no number of the extension": {stored("phoneNumbers", []any{map[string]any{"type": "work", "value": "+15125550110"},
			map[string]any{"type": "mobile", "value": "+1 512 555 0111"}}),
			core.UserChange{FirstName: core.Set("D")}, "", ""},
		"a role more": {stored("roles", []any{"Um9sZUE", "Um9sZUM"}), core.UserChange{Roles: core.Set([]string{"Um9sZUE"})},
			core.AppliedYes, "roles"},
		"the addresses in another order": {stored("emails", []any{"dana@old.example", "c@x.test"}), core.UserChange{Login: core.Set("c@x.test")},
			core.AppliedYes, "order"},
		"and none of them new": {stored("emails", []any{"dana.reyes@example.com", "dana@old.example"}),
			core.UserChange{Fields: map[string]any{"emails": []string{"dana@old.example", "Dana.Reyes@example.com"}}}, core.AppliedUnknown, "order"},
		"other addresses rearranged": {stored("emails", []any{"c@x.test", "B@x.test", "a@x.test"}),
			core.UserChange{Fields: map[string]any{"emails": []string{"c@x.test", "a@x.test", "b@x.test"}}}, "", ""},
		"an address less": {stored("emails", []any{"c@x.test"}), core.UserChange{Login: core.Set("c@x.test")}, core.AppliedYes, "emails"},
		"nothing":         {stored("displayName", "Dana Reyes"), core.UserChange{DisplayName: core.Set("Z")}, core.AppliedUnknown, "displayName"},
	} {
		t.Run(name, func(t *testing.T) {
			d, c := newDirectory(t)
			d.wreck = w.wreck
			_, err := c.Store().UpdateUser(t.Context(), dana, w.change)
			if w.applied == "" {
				require.NoError(t, err)
				return
			}
			e := resttest.ErrorOf(t, err)
			require.Equal(t, []any{core.ClassNotApplied, w.applied}, []any{e.Class, e.Applied})
			require.Contains(t, e.Message, w.says)
		})
	}
}
