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

// TestEntryDelete_GoneAfterALostAttempt: a 404 to a repeat is a success only if a list agrees.
func TestEntryDelete_GoneAfterALostAttempt(t *testing.T) {
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
					mt.RegisterResponder("DELETE", api+path, inTurn(resttest.Answer(502, ``),
						resttest.Answer(404, `{"success": null, "message": "No such thing"}`),
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
		for _, said := range []httpmock.Responder{resttest.Answer(404, `{"success": null}`),
			resttest.Answer(200, `{"success": null, "message": "Who?"}`)} {
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
		sim.Fault(libh3lptest.Fault{Op: "Assignments.Delete", Status: 502}, libh3lptest.Fault{Op: "Assignments.Delete", Status: 404,
			Body: `{"success": null}`, ContentType: "application/json"})
		out, err := over(t, sim).Store().Unassign(t.Context(), core.Assignment{UserID: user, Target: core.Target{Kind: core.KindQueue,
			ID: "34814"}})
		require.ErrorIs(t, err, core.ErrNotApplied)
		require.Equal(t, []any{core.ResultUnknown, "not_applied"}, []any{out[0].Result, out[0].Code},
			"a 404 and a list that contradict each other are no certain no")
		require.Equal(t, before, statesOf(t, sim, user))
	})
}

// TestEntry_WordsAloneDoNotProveAbsence: what a refusal in a 200 seems to say is
// believed where a look agrees.
func TestEntry_WordsAloneDoNotProveAbsence(t *testing.T) {
	for _, words := range []string{"Cannot delete: no such folder", "There is no mailbox at that address", "The folder does not exist",
		"not found", "Unknown queue", "It no longer exists"} {
		refusal := resttest.Answer(200, `{"success": null, "message": "`+words+`"}`)
		c, mt := mocked(t)
		for _, path := range []string{"POST /users", "PUT /users/5", "DELETE /users/5", "POST /users/5/assignments", "PUT /users/5/assignments/7",
			"DELETE /users/5/assignments/7", "GET /queues"} {
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
	no := libh3lptest.Fault{Op: "Assignments.Update", Status: 200, Body: `{"success": null, "message": "no such resource connected"}`,
		ContentType: "application/json"}
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

// TestEntryUpdate_ClearsAnUnseenField: an unknown field that is not shown may be anything.
func TestEntryUpdate_ClearsAnUnseenField(t *testing.T) {
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
	_, err = c.Queues.Update(t.Context(), 7, libh3lp.QueueUpdate{Transcripts: core.Set(libh3lp.Flag(false)), Avatar: core.Clear[string](),
		Email: core.Clear[string]()})
	require.NoError(t, err)
}

// TestEntryCreate_ReportsDroppedFields: those that neither the answer nor a read shows.
func TestEntryCreate_ReportsDroppedFields(t *testing.T) {
	c, mt := mocked(t)
	post := func(body string) { mt.RegisterResponder("POST", api+"/users", resttest.Answer(200, body)) }
	get := func(body string) { mt.RegisterResponder("GET", api+"/users/3", resttest.Answer(200, body)) }
	create := func(fields core.Extra) (*libh3lp.User, error) {
		return c.Users.Create(t.Context(), libh3lp.NewUser{Name: "u", Password: core.NewSecret("another-pass"), ParentID: core.Set[int64](77),
			Extra: fields})
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

// TestEntryDelete_APageAfterALostAttempt is no word of the vendor; the list has one.
func TestEntryDelete_APageAfterALostAttempt(t *testing.T) {
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
