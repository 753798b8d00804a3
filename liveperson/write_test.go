package liveperson_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/liveperson"
)

func TestWrite_IsInDoubtWhateverFollowsALostOne(t *testing.T) {
	read := says(200, whole(5, ""), "ac-revision", "3")
	reread := says(200, whole(5, ""), "ac-revision", "4")
	stale := says(412, "")
	var cancel context.CancelFunc
	ended := func(r *http.Request) (*http.Response, error) { cancel(); return nil, r.Context().Err() }
	n := 10
	moving := func(r *http.Request) (*http.Response, error) {
		n++
		return says(200, whole(5, ""), "ac-revision", fmt.Sprint(n))(r)
	}
	for name, c := range map[string]struct {
		get, put []step
		class    core.Class
	}{
		"then a read of 500":           {[]step{read, says(500, "")}, []step{lost, stale}, core.ClassUnavailable},
		"then a read of 401":           {[]step{read, says(401, "")}, []step{lost, stale}, core.ClassUnauthenticated},
		"then a read of 403":           {[]step{read, says(403, "")}, []step{lost, stale}, core.ClassPermission},
		"then a read of 404":           {[]step{read, says(404, "")}, []step{lost, stale}, core.ClassNotFound},
		"then a short read":            {[]step{read, says(200, shortOf(5))}, []step{lost, stale}, core.ClassIncomplete},
		"then a read of one deleted":   {[]step{read, says(200, whole(5, `,"deleted":true`))}, []step{lost, stale}, core.ClassNotFound},
		"then the end of the context":  {[]step{read, ended}, []step{lost, stale}, core.ClassCanceled},
		"then a write of 400":          {[]step{read, reread}, []step{lost, stale, says(400, "")}, core.ClassInvalid},
		"then a write of 403":          {[]step{read, reread}, []step{lost, stale, says(403, "")}, core.ClassPermission},
		"then a write of 429 too long": {[]step{read, reread}, []step{lost, stale, says(429, "", "Retry-After", "99999")}, core.ClassRateLimited},
		"then stale to the end":        {[]step{read, moving}, []step{lost, stale}, core.ClassRevision},
		"then stale at one revision":   {[]step{read, reread}, []step{lost, stale}, core.ClassRevision},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				// again returns a store before which the story is still to come.
				again := func() (*liveperson.Store, context.Context) {
					client, mt := mocked(t, attempts(2), option(liveperson.WithModifyTries(3)))
					mt.RegisterResponder("GET", at(5), inTurn(c.get...))
					mt.RegisterResponder("PUT", at(5), inTurn(c.put...))
					var ctx context.Context
					ctx, cancel = context.WithCancel(t.Context())
					return client.Store(), ctx
				}
				s, ctx := again()
				_, err := s.UpdateUser(ctx, "5", core.UserChange{DisplayName: core.Set("new")})
				e := resttest.ErrorOf(t, err)
				assert.Equal(t, c.class, e.Class)
				assert.Equal(t, core.AppliedUnknown, e.Applied)
				assert.Contains(t, e.Hint, "an earlier write of this call may have been carried out")

				s, ctx = again()
				made, err := s.Block(ctx, "5")
				assert.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
				assert.True(t, core.MaybeApplied(err))
				assert.Equal(t, []string{"isEnabled", "disabledManually"}, made.Changed, "its record must lift it anyway")
			})
		})
	}
}

// TestWrite_ASuccessThatCannotBeReadBack: the write was accepted, so it did not fail.
func TestWrite_ASuccessThatCannotBeReadBack(t *testing.T) {
	read := func(id int64) step { return says(200, whole(id, ""), "ac-revision", "3") }
	now := func(id int64) step { return says(200, whole(id, `,"skillIds":[1,9]`), "ac-revision", "4") }
	bad := says(500, "")
	shorts := "[" + strings.Join([]string{shortOf(5), shortOf(6), shortOf(7)}, ",") + "]"
	all := func(r core.Result) []core.Result { return []core.Result{r, r, r} }
	for name, c := range map[string]struct {
		put  string
		get  func(id int64) step
		want []core.Result
	}{
		"an empty answer, and nothing can be read": {"", func(id int64) step { return inTurn(read(id), bad) }, all(core.ResultUnknown)},
		"short users, and one cannot be read": {shorts, func(id int64) step {
			if id == 7 {
				return inTurn(read(id), bad)
			}
			return inTurn(read(id), now(id))
		}, []core.Result{core.ResultApplied, core.ResultApplied, core.ResultUnknown}},
		"short users, and the first cannot be read": {shorts, func(id int64) step {
			if id == 5 {
				return inTurn(read(id), bad)
			}
			return inTurn(read(id), now(id))
		}, []core.Result{core.ResultUnknown, core.ResultApplied, core.ResultApplied}},
		"short users, and one is refused": {shorts, func(id int64) step {
			if id == 6 {
				return inTurn(read(id), says(403, ""), now(id))
			}
			return inTurn(read(id), now(id))
		}, []core.Result{core.ResultApplied, core.ResultUnknown, core.ResultApplied}},
	} {
		t.Run(name, func(t *testing.T) {
			client, mt := mocked(t)
			var as []core.Assignment
			for _, id := range []int64{5, 6, 7} {
				mt.RegisterResponder("GET", at(id), c.get(id))
				as = append(as, assignment(id, core.KindSkill, 9))
			}
			mt.RegisterResponder("PUT", usersURL, says(200, c.put, "ac-revision", "4"))
			outcomes, _ := client.Store().Assign(t.Context(), as...)
			assert.Equal(t, c.want, results(outcomes))
		})
	}
	client, mt := mocked(t)
	mt.RegisterResponder("GET", at(5), inTurn(read(5), bad))
	mt.RegisterResponder("PUT", at(5), says(200, ""))
	outcomes, err := client.Store().Assign(t.Context(), assignment(5, core.KindSkill, 9))
	require.ErrorIs(t, err, core.ErrPartial)
	assert.Equal(t, core.ResultUnknown, outcomes[0].Result)
	assert.Contains(t, outcomes[0].Message, "the vendor accepted the change")
}
