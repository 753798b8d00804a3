package libh3lp_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// TestWordsAloneAreNoProofOfAbsence: what a refusal in a 200 seems to say is
// believed where a look agrees.
func TestWordsAloneAreNoProofOfAbsence(t *testing.T) {
	for _, words := range []string{"Cannot delete: no such folder", "There is no mailbox at that address", "The folder does not exist", "not found", "Unknown queue", "It no longer exists"} {
		refusal := answer(nil, nil, 200, `{"success": null, "message": "`+words+`"}`)
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
			mt.RegisterResponder("GET", api+"/users", answer(nil, nil, 200, list))
			mt.RegisterResponder("GET", api+"/users/5", answer(nil, nil, 200, get))
		}
		class := func(want core.Class, err error) {
			t.Helper()
			e := coreError(t, err)
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
			mt.RegisterResponder("GET", api+"/users", answer(nil, nil, 200, body))
			mt.RegisterResponder("GET", api+"/users/5", answer(nil, nil, 200, body))
			class(core.ClassInvalid, c.Users.Delete(t.Context(), 5))
			class(core.ClassInvalid, update())
		}
	}
	// The adapter asks after a link.
	sim, user, _ := staffed(t, 2)
	no := libh3lptest.Fault{Op: "assignments.update", Status: 200, Body: `{"success": null, "message": "no such resource connected"}`, ContentType: "application/json"}
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
