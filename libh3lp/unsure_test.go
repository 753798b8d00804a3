package libh3lp_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// inTurn answers with each in its turn, and then with the last.
func inTurn(responders ...httpmock.Responder) httpmock.Responder {
	return func(r *http.Request) (*http.Response, error) {
		next := responders[0]
		if len(responders) > 1 {
			responders = responders[1:]
		}
		return next(r)
	}
}

// TestGoneAfterALostAttempt: a 404 to a repeat is a yes only where a list agrees.
func TestGoneAfterALostAttempt(t *testing.T) {
	type look struct {
		status int
		body   string
	}
	user, link := `[{"id":5,"name":"u"}]`, `[{"queueId":7,"userId":5,"enabled":true}]`
	for name, c := range map[string]struct {
		users, links look
		class        core.Class // none: done
		applied      core.Applied
	}{
		"absent":           {users: look{200, `[{"id":6,"name":"v"}]`}, links: look{200, `[{"queueId":8,"userId":5,"enabled":true}]`}},
		"the last":         {users: look{200, `[]`}, links: look{200, `[]`}},
		"still there":      {look{200, user}, look{200, link}, core.ClassNotApplied, core.AppliedUnknown},
		"no look":          {look{403, ``}, look{403, ``}, core.ClassPermission, core.AppliedUnknown},
		"a look that ends": {look{200, `[{"id":6,"na`}, look{200, `[{"queueId":8,"use`}, core.ClassIncomplete, core.AppliedUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c0, mt := mocked(t, attempts(2))
				for _, path := range []string{"/users/5", "/users/5/assignments/7", "/queues/7/operators/5"} {
					mt.RegisterResponder("DELETE", api+path, inTurn(resttest.Answer(502, ``), resttest.Answer(404, `{"success": null, "message": "No such thing"}`),
						resttest.Answer(502, ``), resttest.Answer(404, `{"success": null}`)))
				}
				mt.RegisterResponder("GET", api+"/users", resttest.Answer(c.users.status, c.users.body))
				mt.RegisterResponder("GET", api+"/users/5/assignments", resttest.Answer(c.links.status, c.links.body))
				for what, err := range map[string]error{
					"Users.Delete":       c0.Users.Delete(t.Context(), 5),
					"Assignments.Delete": c0.Assignments.Delete(t.Context(), 5, 7),
					"Operators.Delete":   c0.Operators.Delete(t.Context(), 7, 5),
				} {
					if c.class == "" {
						require.NoError(t, err, what)
						continue
					}
					e := resttest.ErrorOf(t, err)
					require.Equal(t, []any{what, c.applied}, []any{e.Op, e.Applied}, what)
					if c.class != core.ClassIncomplete {
						require.Equal(t, c.class, e.Class, what)
					}
				}
			})
		})
	}
	// Whoever is gone has no links.
	synctest.Test(t, func(t *testing.T) {
		for _, said := range []httpmock.Responder{resttest.Answer(404, `{"success": null}`), resttest.Answer(200, `{"success": null, "message": "Who?"}`)} {
			c, mt := mocked(t, attempts(2))
			mt.RegisterResponder("DELETE", api+"/users/5/assignments/7", inTurn(resttest.Answer(502, ``), resttest.Answer(404, `{"success": null}`)))
			mt.RegisterResponder("GET", api+"/users/5/assignments", said)
			mt.RegisterResponder("GET", api+"/users/5", resttest.Answer(404, `{"success": null}`))
			require.NoError(t, c.Assignments.Delete(t.Context(), 5, 7))
		}
	})
	// And through the adapter, what is still there is not said to be gone.
	synctest.Test(t, func(t *testing.T) {
		sim, user, before := staffed(t, 1)
		sim.Fault(libh3lptest.Fault{Op: "Assignments.Delete", Status: 502}, libh3lptest.Fault{Op: "Assignments.Delete", Status: 404, Body: `{"success": null}`, ContentType: "application/json"})
		out, err := over(t, sim).Store().Unassign(t.Context(), core.Assignment{UserID: user, Target: core.Target{Kind: core.KindQueue, ID: "34814"}})
		require.ErrorIs(t, err, core.ErrNotApplied)
		require.Equal(t, []any{core.ResultUnknown, "not_applied"}, []any{out[0].Result, out[0].Code}, "a 404 and a list that contradict each other are no certain no")
		require.Equal(t, before, statesOf(t, sim, user))
	})
}

// TestAWriteOnlyFieldAndAnAnswerThatSaysNothing: no look can tell what came of it.
func TestAWriteOnlyFieldAndAnAnswerThatSaysNothing(t *testing.T) {
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
			require.Equal(t, []any{"Users.Update", core.ClassProtocol, core.AppliedUnknown, 200, 1}, []any{e.Op, e.Class, e.Applied, e.Status, e.Attempts}, "%q %s", body, names)
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
	}{{204, ``}, {200, `{"success": true}`}, {200, `[{"success": "true"}]`}, {200, `{"id":5}`}, {200, `[{"id":5,"name":"u","email":"e@x.example"}]`}} {
		put(yes.status, yes.body)
		for _, change := range changes {
			_, err := c.Users.Update(t.Context(), 5, change)
			require.NoError(t, err, yes.body)
		}
	}
	// An object that is neither a yes, nor a no, nor a user.
	put(200, `{}`)
	_, err := c.Users.Update(t.Context(), 5, changes["password"])
	require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{resttest.ErrorOf(t, err).Class, resttest.ErrorOf(t, err).Applied})
}

// TestWordsAloneAreNoProofOfAbsence: what a refusal in a 200 seems to say is
// believed where a look agrees.
func TestWordsAloneAreNoProofOfAbsence(t *testing.T) {
	for _, words := range []string{"Cannot delete: no such folder", "There is no mailbox at that address", "The folder does not exist", "not found", "Unknown queue", "It no longer exists"} {
		refusal := resttest.Answer(200, `{"success": null, "message": "`+words+`"}`)
		c, mt := mocked(t)
		for _, path := range []string{"POST /users", "PUT /users/5", "DELETE /users/5", "POST /users/5/assignments", "PUT /users/5/assignments/7", "DELETE /users/5/assignments/7", "GET /queues"} {
			method, path, _ := cut(path)
			mt.RegisterResponder(method, api+path, refusal)
		}
		there := func(yes bool) {
			list, get := `[{"id":6,"name":"v"}]`, `null`
			if yes {
				list, get = `[{"id":5,"name":"u"}]`, `{"id":5,"name":"u"}`
			}
			mt.RegisterResponder("GET", api+"/users", resttest.Answer(200, list))
			mt.RegisterResponder("GET", api+"/users/5", resttest.Answer(200, get))
		}
		class := func(want core.Class, err error) {
			t.Helper()
			e := resttest.ErrorOf(t, err)
			require.Equal(t, []any{want, core.AppliedNo}, []any{e.Class, e.Applied}, "%s: %v", words, err)
		}
		second := func(_ any, err error) error { return err }
		update := func() error {
			return second(c.Users.Update(t.Context(), 5, libh3lp.UserUpdate{Email: core.Set("e@x.example")}))
		}
		there(true)
		class(core.ClassInvalid, c.Users.Delete(t.Context(), 5))
		class(core.ClassInvalid, update())
		class(core.ClassInvalid, second(c.Users.Create(t.Context(), libh3lp.NewUser{Name: "u", Password: core.NewSecret("another-pass")})))
		class(core.ClassInvalid, second(core.Collect(c.Queues.List(t.Context()))))
		class(core.ClassInvalid, c.Assignments.Create(t.Context(), 5, 7))
		class(core.ClassInvalid, second(c.Assignments.Update(t.Context(), 5, 7, true)))
		class(core.ClassInvalid, c.Assignments.Delete(t.Context(), 5, 7))
		there(false)
		class(core.ClassNotFound, c.Users.Delete(t.Context(), 5))
		class(core.ClassNotFound, update())
		for _, body := range []string{`[{"id":6,"name`, `<html>`} {
			mt.RegisterResponder("GET", api+"/users", resttest.Answer(200, body))
			mt.RegisterResponder("GET", api+"/users/5", resttest.Answer(200, body))
			class(core.ClassInvalid, c.Users.Delete(t.Context(), 5))
			class(core.ClassInvalid, update())
		}
	}
	// The adapter asks after a link.
	sim, user, _ := staffed(t, 2)
	no := libh3lptest.Fault{Op: "Assignments.Update", Status: 200, Body: `{"success": null, "message": "no such resource connected"}`, ContentType: "application/json"}
	sim.Fault(no)
	store := over(t, sim).Store()
	a := core.Assignment{UserID: user, Target: core.Target{Kind: core.KindQueue, ID: "34814"}}
	out, err := store.Suspend(t.Context(), a)
	require.ErrorIs(t, err, core.ErrPartial)
	require.Equal(t, []any{core.ResultFailed, "invalid"}, []any{out[0].Result, out[0].Code})
	no.Match = func(*http.Request, []byte) bool { sim.RemoveLink(8451, 34814); return true }
	sim.Fault(no)
	out, err = store.Suspend(t.Context(), a)
	require.ErrorIs(t, err, core.ErrPartial)
	require.Equal(t, []any{core.ResultFailed, "not_found"}, []any{out[0].Result, out[0].Code}, "it went meanwhile")
}

// TestClearingWhatNobodyEverSaw: an unknown field that is not shown may be anything.
func TestClearingWhatNobodyEverSaw(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("PUT", api+"/users/5", resttest.Answer(200, `[{"id":5,"name":"u"}]`))
	mt.RegisterResponder("GET", api+"/users/5", resttest.Answer(200, `{"id":5,"name":"u","nick":null}`))
	for _, value := range []string{`null`, `false`, `"false"`, `""`} {
		_, err := c.Users.Update(t.Context(), 5, libh3lp.UserUpdate{Extra: core.Extra{"Email": []byte(value)}})
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied}, value)
		require.Contains(t, e.Message, "does not show Email")
		_, err = c.Users.Update(t.Context(), 5, libh3lp.UserUpdate{Extra: core.Extra{"nick": []byte(value)}})
		require.NoError(t, err, "shown, and empty: %s", value)
	}
	_, err := c.Users.Update(t.Context(), 5, libh3lp.UserUpdate{Email: core.Clear[string]()})
	require.NoError(t, err, "every user has one, if it has one")
	mt.RegisterResponder("PUT", api+"/queues/7", resttest.Answer(200, `[{"id":7,"name":"q"}]`))
	mt.RegisterResponder("GET", api+"/queues/7", resttest.Answer(200, `{"id":7,"name":"q"}`))
	_, err = c.Queues.Update(t.Context(), 7, libh3lp.QueueUpdate{Transcripts: core.Set(libh3lp.Flag(false)), Avatar: core.Clear[string](), Email: core.Clear[string]()})
	require.NoError(t, err)
}

// TestFieldsThatACreateDrops: those that neither the answer nor a read shows.
func TestFieldsThatACreateDrops(t *testing.T) {
	c, mt := mocked(t)
	post := func(body string) { mt.RegisterResponder("POST", api+"/users", resttest.Answer(200, body)) }
	get := func(body string) { mt.RegisterResponder("GET", api+"/users/3", resttest.Answer(200, body)) }
	create := func(fields core.Extra) (*libh3lp.User, error) {
		return c.Users.Create(t.Context(), libh3lp.NewUser{Name: "u", Password: core.NewSecret("another-pass"), ParentID: core.Set[int64](77), Extra: fields})
	}
	post(`[{"id":3,"type":"user","name":"u","email":null}]`)
	_, err := create(nil)
	require.NoError(t, err)
	require.Zero(t, mt.GetCallCountInfo()["GET "+api+"/users/3"], "nothing to look for")
	fields := core.Extra{"enabled": []byte("false"), "bogus": []byte("1"), "nick": []byte(`"n"`)}
	get(`{"id":3,"type":"user","name":"u","nick":"n"}`)
	u, err := create(fields)
	e := resttest.ErrorOf(t, err)
	require.Equal(t, []any{"Users.Create", core.ClassNotApplied, core.AppliedYes}, []any{e.Op, e.Class, e.Applied})
	require.Contains(t, e.Message, "created with the id 3; the vendor reported success; it does not show bogus, enabled")
	require.NotContains(t, e.Message, "nick")
	require.Equal(t, int64(3), u.ID)
	get(`{"id":3,"type":"user","name":"u","nick":"n","bogus":1,"enabled":null}`)
	_, err = create(fields)
	require.NoError(t, err, "a read shows them")
	post(`[{"id":3,"type":"user","name":"u","email":null,"nick":"n"}]`)
	get(`{"id":3,"type":"user","name":"u","bogus":1,"enabled":null}`)
	_, err = create(fields)
	require.NoError(t, err, "one is shown here and the others there")
}

// TestALinkWhoseStateIsNotShown is looked for: absent is off in a list, and nothing in
// the answer to a change.
func TestALinkWhoseStateIsNotShown(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("PUT", api+"/users/5/assignments/7", resttest.Answer(200, `[{"queueId":7,"queue":"q","userId":5,"user":"u"}]`))
	links := func(body string) {
		mt.RegisterResponder("GET", api+"/users/5/assignments", resttest.Answer(200, body))
	}
	links(`[{"queueId":7,"userId":5,"enabled":true}]`)
	_, err := c.Assignments.Update(t.Context(), 5, 7, false)
	require.ErrorIs(t, err, core.ErrNotApplied)
	l, err := c.Assignments.Update(t.Context(), 5, 7, true)
	require.NoError(t, err)
	require.True(t, bool(l.Enabled))
	links(`[{"queueId":7,"userId":5}]`)
	_, err = c.Assignments.Update(t.Context(), 5, 7, false)
	require.NoError(t, err)
	links(`[`)
	_, err = c.Assignments.Update(t.Context(), 5, 7, false)
	require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
}

// TestAnElementWithoutAnID is no refusal: an array is a yes, of nobody knows what.
func TestAnElementWithoutAnID(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("GET", api+"/users", resttest.Answer(200, `[{"id":3,"name":"u"}]`))
	for _, body := range []string{`[{"type":"user","name":"u"}]`, `[{}]`, `[{"name":"u","message":""}]`} {
		mt.RegisterResponder("POST", api+"/users", resttest.Answer(200, body))
		_, err := c.Users.Create(t.Context(), libh3lp.NewUser{Name: "u", Password: core.NewSecret("another-pass")})
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{e.Class, e.Applied}, body)
		mt.RegisterResponder("POST", api+"/users/5/assignments", resttest.Answer(200, body))
		e = resttest.ErrorOf(t, c.Assignments.Create(t.Context(), 5, 7))
		require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{e.Class, e.Applied}, body)
	}
	mt.RegisterResponder("PUT", api+"/users/5", resttest.Answer(200, `[{"name":"u","email":"e@x.example"}]`))
	mt.RegisterResponder("GET", api+"/users/5", resttest.Answer(200, `{"id":5,"name":"u","email":"e@x.example"}`))
	_, err := c.Users.Update(t.Context(), 5, libh3lp.UserUpdate{Email: core.Set("e@x.example")})
	require.NoError(t, err, "a read shows it")
	for _, body := range []string{`{"success":true}`, `{"id":0,"name":"u"}`} {
		mt.RegisterResponder("GET", api+"/users/5", resttest.Answer(200, body))
		_, err = c.Users.Get(t.Context(), 5)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassProtocol, 200, 1}, []any{e.Class, e.Status, e.Attempts}, body)
	}
}

// TestRemovingWhatCannotBeThere says the same from whichever side the links are read.
func TestRemovingWhatCannotBeThere(t *testing.T) {
	for _, missing := range []libh3lptest.Missing{libh3lptest.MissingNotFound, libh3lptest.MissingFailure, libh3lptest.MissingNull, libh3lptest.MissingEmptyArray} {
		sim, user, _ := staffed(t, 2, libh3lptest.WithMissing(missing), libh3lptest.WithAdministratorHidden())
		store := over(t, sim).Store()
		others := sim.AddUsers(3)
		queue := sim.AddQueue(`{"name":"empty"}`)
		remove := func(as ...core.Assignment) (out []any) {
			t.Helper()
			outcomes, _ := store.Unassign(t.Context(), as...)
			for _, o := range outcomes {
				out = append(out, string(o.Result)+o.Code)
			}
			return out
		}
		at := func(user, queue string) core.Assignment {
			return core.Assignment{UserID: user, Target: core.Target{Kind: core.KindQueue, ID: queue}}
		}
		q, no := str(queue), "failednot_found"
		require.Equal(t, []any{no}, remove(at(user, "99")), "%v", missing)
		require.Equal(t, []any{no, no}, remove(at(user, "99"), at(str(others[0]), "99")), "%v", missing)
		require.Equal(t, []any{no}, remove(at("9999", q)), "%v", missing)
		require.Equal(t, []any{"already", no, "already"}, remove(at(user, q), at("9999", q), at(str(others[0]), q)), "%v", missing)
		require.Equal(t, []any{"already"}, remove(at(user, q)), "%v", missing)
		require.Equal(t, []any{"already", no}, remove(at(user, q), at(user, "99")), "%v", missing)
		sim.Reset()
		require.Equal(t, []any{"already", "already", "already"}, remove(at(user, q), at(str(others[0]), q), at(str(others[1]), q)))
		require.Len(t, sim.Requests("Users.List"), 1, "one read for all")
		require.Empty(t, sim.Requests("Users.Get"))
		// Where nobody can look, there is still no such link.
		sim.Fault(libh3lptest.Fault{Op: "Queues.Get", Status: 403, Times: -1}, libh3lptest.Fault{Op: "Users.Get", Status: 403, Times: -1}, libh3lptest.Fault{Op: "Users.List", Status: 403, Times: -1})
		require.Equal(t, []any{"already"}, remove(at(user, q)))
		require.Equal(t, []any{"already", "already"}, remove(at(user, q), at(str(others[0]), q)))
	}
}

// TestALinkThatIsListedTwice may stand in the place of another: the list is incomplete, and
// no write depends on it.
func TestALinkThatIsListedTwice(t *testing.T) {
	row := func(enabled string) string {
		return `{"queueId":7,"queue":"q","userId":5,"user":"u","enabled":` + enabled + `}`
	}
	c, mt := mocked(t)
	puts := 0
	mt.RegisterResponder("PUT", api+"/users/5/assignments/7", func(r *http.Request) (*http.Response, error) {
		puts++
		return resttest.Answer(200, `[`+row("null")+`]`)(r)
	})
	links := func(body string) {
		mt.RegisterResponder("GET", api+"/users/5/assignments", resttest.Answer(200, body))
	}
	// A folder is no link, whatever else it is.
	links(`[{"type":"folder","id":-3,"name":"F"},` + row("true") + `,{"type":"Folder","queueId":-3,"userId":5,"enabled":true}]`)
	b, err := c.Store().Block(t.Context(), "5")
	require.NoError(t, err)
	require.Equal(t, []string{"queue:7"}, b.Changed)
	require.Equal(t, 1, puts)

	a := core.Assignment{UserID: "5", Target: core.Target{Kind: core.KindQueue, ID: "7"}}
	for _, rows := range []string{row("true") + "," + row("true"), row("null") + "," + row("true"), row("true") + "," + row("null")} {
		links("[" + rows + "]")
		all, err := core.Collect(c.Assignments.List(t.Context(), 5))
		require.ErrorIs(t, err, core.ErrIncomplete)
		require.Len(t, all, 1, "each row once")
		_, err = c.Store().Block(t.Context(), "5")
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassIncomplete, core.AppliedNo}, []any{e.Class, e.Applied})
		require.Contains(t, e.Message, "twice")
		out, err := c.Store().Suspend(t.Context(), a)
		require.ErrorIs(t, err, core.ErrPartial)
		require.Equal(t, []any{core.ResultFailed, "incomplete"}, []any{out[0].Result, out[0].Code})
		require.Equal(t, 1, puts, "nothing is sent")
	}
	mt.RegisterResponder("GET", api+"/users", resttest.Answer(200, `[{"id":5,"name":"u"},{"id":6,"name":"v"},{"id":5,"name":"u"}]`))
	users, err := core.Collect(c.Users.List(t.Context()))
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.Len(t, users, 2)

	// A folder that comes twice stands in the place of somebody too.
	mt.RegisterResponder("GET", api+"/users", resttest.Answer(200, `[{"id":7,"type":"folder","name":"F"},{"id":7,"name":"u"},{"id":7,"type":"Folder","name":"F"}]`))
	users, err = core.Collect(c.Users.List(t.Context()))
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.Len(t, users, 1)
	links(`[{"type":"folder","id":-3,"name":"F"},` + row("true") + `,{"type":"folder","id":-3,"name":"F"}]`)
	_, err = core.Collect(c.Assignments.List(t.Context(), 5))
	require.ErrorIs(t, err, core.ErrIncomplete)
}

// TestAPageAfterALostDeletion is no word of the vendor; the list has one.
func TestAPageAfterALostDeletion(t *testing.T) {
	for listed, done := range map[string]bool{`[{"id":6,"name":"v"}]`: true, `[{"id":5,"name":"u"}]`: false} {
		synctest.Test(t, func(t *testing.T) {
			c, mt := mocked(t, attempts(2))
			mt.RegisterResponder("DELETE", api+"/users/5", inTurn(resttest.Answer(502, ``), resttest.Answer(404, `<html>`)))
			mt.RegisterResponder("GET", api+"/users", resttest.Answer(200, listed))
			err := c.Users.Delete(t.Context(), 5)
			if done {
				require.NoError(t, err)
				return
			}
			e := resttest.ErrorOf(t, err)
			require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{e.Class, e.Applied})
		})
	}
}
