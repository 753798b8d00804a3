package liveperson_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

// newcomer is a spec that the simulator accepts.
func newcomer(login string) core.UserSpec {
	return core.UserSpec{Login: login, FirstName: "New", LastName: "Comer", DisplayName: "Newt", Email: login + "@example.test",
		Password: core.NewSecret("Init-pass-01"), Fields: map[string]any{"maxChats": 2},
		Links: []core.Assignment{{Target: core.Target{Kind: core.KindProfile, ID: str(livepersontest.ProfileAgent)}},
			{Target: core.Target{Kind: core.KindGroup, ID: "-1"}}}}
}

// TestReadsThatLag: every operation ends applied, and what a client has written itself
// is never undone by a read that is older.
func TestReadsThatLag(t *testing.T) {
	for name, opts := range map[string][]livepersontest.Option{
		"answers are the state": {livepersontest.WithReadLag(time.Second)},
		"empty deletes":         {livepersontest.WithReadLag(time.Second), livepersontest.WithEmptyDeletes()},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				z := newCentre(t, opts...)
				_, err := z.s.UpdateUser(t.Context(), str(z.a), core.UserChange{DisplayName: core.Set("Anna")})
				require.NoError(t, err)
				_, err = z.s.UpdateUser(t.Context(), str(z.a), core.UserChange{Email: core.Set("anna@example.test")})
				require.NoError(t, err)
				outcomes, err := z.s.Assign(t.Context(), assignment(z.a, core.KindSkill, z.s2), assignment(z.b, core.KindSkill, z.s2))
				require.NoError(t, err)
				assert.Equal(t, []core.Result{core.ResultApplied, core.ResultApplied}, results(outcomes))
				outcomes, err = z.s.Unassign(t.Context(), assignment(z.a, core.KindSkill, z.s1))
				require.NoError(t, err)
				assert.Equal(t, []core.Result{core.ResultApplied}, results(outcomes))
				made, err := z.s.Block(t.Context(), str(z.a))
				require.NoError(t, err)
				assert.Equal(t, []string{"isEnabled", "disabledManually"}, made.Changed)
				require.NoError(t, z.s.Unblock(t.Context(), str(z.a), made))

				u, _ := z.sim.User(z.a)
				assert.Equal(t, "Anna", u["nickname"])
				assert.Equal(t, "anna@example.test", u["email"])
				assert.Equal(t, []int64{z.s2}, u["skillIds"])
				assert.Equal(t, true, u["isEnabled"])

				// One who was just made is not seen for a second.
				born, err := z.s.CreateUser(t.Context(), newcomer("new.one"))
				require.NoError(t, err)
				_, err = z.s.UpdateUser(t.Context(), born.ID, core.UserChange{DisplayName: core.Set("Nena")})
				require.NoError(t, err)
				_, err = z.s.GetUser(t.Context(), born.ID)
				require.NoError(t, err)
				require.NoError(t, z.s.DeleteUser(t.Context(), born.ID))
				stored, _ := z.sim.User(parse(t, born.ID))
				assert.Equal(t, "Nena", stored["nickname"])
				assert.Equal(t, true, stored["deleted"])
			})
		})
	}
}

// TestReadsThatLagForEver: what was accepted is told by the answer, or is in doubt, and
// never a no.
func TestReadsThatLagForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := newCentre(t, livepersontest.WithReadLag(time.Hour), livepersontest.WithEmptyDeletes())
		for _, change := range []core.UserChange{{DisplayName: core.Set("Anna")}, {Email: core.Set("anna@example.test")}} {
			_, err := z.s.UpdateUser(t.Context(), str(z.a), change)
			require.NoError(t, err)
		}
		u, _ := z.sim.User(z.a)
		assert.Equal(t, []any{"Anna", "anna@example.test"}, []any{u["nickname"], u["email"]})

		start := time.Now()
		err := z.s.DeleteUser(t.Context(), str(z.b))
		require.ErrorIs(t, err, core.ErrNotApplied)
		assert.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
		assert.Equal(t, 5*time.Second, time.Since(start), "the default")
	})
}

// TestReadsAndAnswersThatLag: some services answer a write with what was there before.
func TestReadsAndAnswersThatLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, mt := mocked(t, readBack(0))
		var written time.Time
		now := with(full, map[string]string{"isEnabled": "false", "disabledManually": "true"})
		answer := lagging(&written, says(200, full, "ac-revision", "3"), says(200, now, "ac-revision", "4"))
		mt.RegisterResponder("GET", at(5), answer)
		mt.RegisterResponder("PUT", at(5), writing(&written, answer))

		made, err := c.Store().Block(t.Context(), "5")
		require.NoError(t, err)
		assert.Equal(t, []string{"isEnabled", "disabledManually"}, made.Changed)

		// For ever: the record holds what may have been changed.
		c, mt = mocked(t, readBack(0))
		mt.RegisterResponder("GET", at(5), says(200, full))
		mt.RegisterResponder("PUT", at(5), says(200, full))
		made, err = c.Store().Block(t.Context(), "5")
		require.ErrorIs(t, err, core.ErrNotApplied)
		assert.Equal(t, []string{"isEnabled", "disabledManually"}, made.Changed)
	})
}

// TestACreateThatDoesNotShow: it was answered with an id, and is waited for.
func TestACreateThatDoesNotShow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, mt := mocked(t, readBack(0))
		var written time.Time
		mt.RegisterResponder("POST", usersURL, writing(&written, says(201, `{"id":77}`)))
		mt.RegisterResponder("GET", at(77), lagging(&written, says(404, notFound), showing("a")))
		u, err := c.Users.Create(t.Context(), newUser("a"))
		require.NoError(t, err)
		assert.Equal(t, "nick a", u.Nickname.Or(""))

		mt.RegisterResponder("GET", at(77), says(404, notFound))
		u, err = c.Users.Create(t.Context(), newUser("a"))
		require.ErrorIs(t, err, core.ErrNotApplied)
		require.NotErrorIs(t, err, core.ErrNotFound)
		e := resttest.ErrorOf(t, err)
		assert.Equal(t, core.AppliedYes, e.Applied)
		assert.Equal(t, "the user 77 was created, but does not show yet", e.Message)
		assert.Equal(t, int64(77), u.ID)
	})
}

// lagging answers with before until a second after the write, and then with after.
func lagging(written *time.Time, before, after step) step {
	return func(r *http.Request) (*http.Response, error) {
		if written.IsZero() || time.Since(*written) < time.Second {
			return before(r)
		}
		return after(r)
	}
}

func writing(written *time.Time, s step) step {
	return func(r *http.Request) (*http.Response, error) {
		*written = time.Now()
		return s(r)
	}
}

// TestUpdateUser_EndsAfterALostAnswer: a server that carries every write out and loses
// every answer is written to once for each attempt, and no more.
func TestUpdateUser_EndsAfterALostAnswer(t *testing.T) {
	for name, fault := range map[string]livepersontest.Fault{
		"lost": {LoseAnswer: true}, "cut": {CutBody: 20},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				z := newCentre(t)
				fault.Op, fault.Times = "Users.Replace", -1
				z.sim.Fault(fault)
				u, err := z.s.UpdateUser(t.Context(), str(z.a), core.UserChange{DisplayName: core.Set("Anna")})
				require.NoError(t, err)
				assert.Equal(t, "Anna", u.DisplayName)
				assert.LessOrEqual(t, len(z.sim.Requests("Users.Replace")), 4)

				_, err = z.c.Users.Modify(t.Context(), z.a, func(u *liveperson.User) error {
					u.Description = core.Set(u.Description.Or("") + "+")
					return nil
				})
				require.NoError(t, err)
				stored, _ := z.sim.User(z.a)
				assert.Equal(t, "+", stored["description"], "once, though it would not stand a repeat")
			})
		})
	}
}
