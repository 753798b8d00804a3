package liveperson_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
)

func TestStoreAssign_IsInDoubtWhateverFollowsALostOne(t *testing.T) {
	for name, after := range map[string]step{"500": says(500, ""), "401": says(401, ""), "403": says(403, ""), "404": says(404, ""),
		"short": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, mt := mocked(t, attempts(2))
				var as []core.Assignment
				for id := range int64(3) {
					id += 5
					then := after
					if then == nil {
						then = says(200, shortOf(id))
					}
					mt.RegisterResponder("GET", at(id), inTurn(says(200, whole(id, ""), "ac-revision", "3"), then))
					mt.RegisterResponder("PUT", at(id), inTurn(lost, says(412, "")))
					as = append(as, assignment(id, core.KindSkill, 9))
				}
				mt.RegisterResponder("PUT", usersURL, inTurn(lost, says(412, "")))
				outcomes, err := client.Store().Assign(t.Context(), as[0])
				require.ErrorIs(t, err, core.ErrPartial)
				assert.Equal(t, []core.Result{core.ResultUnknown}, results(outcomes))

				mt.RegisterResponder("GET", at(5), inTurn(says(200, whole(5, ""), "ac-revision", "3"), after0(after, 5)))
				outcomes, err = client.Store().Assign(t.Context(), as...)
				require.ErrorIs(t, err, core.ErrPartial)
				assert.Equal(t, []core.Result{core.ResultUnknown, core.ResultUnknown, core.ResultUnknown}, results(outcomes))
			})
		})
	}
}

func TestStoreAssign_ALostAndThenRefusedBatchIsInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, mt := mocked(t, attempts(2))
		for _, id := range []int64{5, 6} {
			mt.RegisterResponder("GET", at(id), inTurn(says(200, whole(id, ""), "ac-revision", "3"), says(200, whole(id, ""), "ac-revision", "4")))
			mt.RegisterResponder("PUT", at(id), says(400, ""))
		}
		mt.RegisterResponder("PUT", usersURL, inTurn(lost, says(412, ""), says(400, "")))
		outcomes, err := client.Store().Assign(t.Context(), assignment(5, core.KindSkill, 9), assignment(6, core.KindSkill, 9))
		require.ErrorIs(t, err, core.ErrInvalid)
		assert.Equal(t, []core.Result{core.ResultUnknown, core.ResultUnknown}, results(outcomes))
	})
}

func TestStoreAssign_TheSameTwiceInOneCall(t *testing.T) {
	for name, c := range map[string]struct {
		put  step
		want core.Result
	}{"refused": {says(400, ""), core.ResultFailed}, "lost": {lost, core.ResultUnknown}, "done": {says(200, whole(5, `,"skillIds":[1,9]`)),
		core.ResultApplied}} {
		t.Run(name, func(t *testing.T) {
			client, mt := mocked(t)
			mt.RegisterResponder("GET", at(5), says(200, whole(5, ""), "ac-revision", "3"))
			mt.RegisterResponder("PUT", at(5), c.put)
			a := assignment(5, core.KindSkill, 9)
			named := a
			named.Target.Name = "nine"
			outcomes, _ := client.Store().Assign(t.Context(), a, assignment(5, core.KindSkill, 1), named)
			again := c.want
			if again == core.ResultApplied {
				again = core.ResultAlready
			}
			assert.Equal(t, []core.Result{c.want, core.ResultAlready, again}, results(outcomes))
			assert.Equal(t, "nine", outcomes[2].Assignment.Target.Name)
			assert.Equal(t, outcomes[0].Message, outcomes[2].Message)
		})
	}
}

func TestStoreAssign_ARefusedCredentialFailsAll(t *testing.T) {
	client, mt := mocked(t)
	mt.RegisterRegexpResponder("GET", anyUserURL, says(401, `{"error":{"message":"no"}}`))
	var as []core.Assignment
	for id := range int64(120) {
		as = append(as, assignment(id+5, core.KindSkill, 9))
	}
	outcomes, err := client.Store().Assign(t.Context(), as...)
	require.ErrorIs(t, err, core.ErrUnauthenticated)
	for _, o := range outcomes {
		require.Equal(t, core.ResultFailed, o.Result)
		require.ErrorIs(t, o.Err, core.ErrUnauthenticated)
	}
	assert.LessOrEqual(t, mt.GetTotalCallCount(), 8, "those that were under way at once")
	assert.Zero(t, resttest.ErrorOf(t, outcomes[119].Err).Attempts)

	// Also where the users were written, and are to be looked at.
	mt.Reset()
	var users []string
	for _, a := range as[:50] {
		id := parse(t, a.UserID)
		users = append(users, shortOf(id))
		mt.RegisterResponder("GET", at(id), inTurn(says(200, whole(id, "")), says(401, "")))
	}
	mt.RegisterResponder("PUT", usersURL, says(200, "["+strings.Join(users, ",")+"]"))
	outcomes, err = client.Store().Assign(t.Context(), as[:50]...)
	require.ErrorIs(t, err, core.ErrUnauthenticated)
	for _, o := range outcomes {
		require.Equal(t, core.ResultUnknown, o.Result)
	}
	assert.LessOrEqual(t, mt.GetTotalCallCount(), 50+1+8, "those that were under way at once")
}
