package liveperson_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

// renaming changes the displayName of a user.
func renaming(id int64, to string) core.UserUpdate {
	return core.UserUpdate{ID: str(id), Change: core.UserChange{DisplayName: core.Set(to)}}
}

// nickname is what the vendor holds.
func (z *centre) nickname(id int64) any {
	u, _ := z.sim.User(id)
	return u["nickname"]
}

func TestUpdateUsers_WritesManyInOneRequest(t *testing.T) {
	z := newCentre(t)
	var updates []core.UserUpdate
	for i, id := range z.sim.AddUsers(120) {
		updates = append(updates, renaming(id, fmt.Sprint("new ", i)))
	}
	for i, o := range z.s.UpdateUsers(t.Context(), updates...) {
		require.NoError(t, o.Err)
		assert.Equal(t, fmt.Sprint("new ", i), o.User.DisplayName)
		assert.Equal(t, updates[i].ID, o.User.ID)
	}
	assert.Len(t, z.sim.Requests("Users.ReplaceMany"), 3)
	assert.Len(t, z.sim.Requests("Users.Get"), 120)
	assert.Empty(t, z.sim.Requests("Users.Replace"))
}

// TestUpdateUsers_EndEachAsUpdateUserDoes: what one call refuses, or finds changed, is that
// user's alone.
func TestUpdateUsers_EndEachAsUpdateUserDoes(t *testing.T) {
	z := newCentre(t)
	ids := z.sim.AddUsers(3)
	moved := renaming(ids[0], "moved")
	moved.Change.If.Values = map[string]any{"displayName": "what it never was"}
	held := renaming(ids[1], "held")
	held.Change.If.Values = map[string]any{"displayName": z.nickname(ids[1])}
	out := z.s.UpdateUsers(t.Context(), moved, held, core.UserUpdate{ID: "no number"},
		core.UserUpdate{ID: str(ids[2]), Change: core.UserChange{Login: core.Set("another")}}, renaming(4711, "nobody"), renaming(z.a, "kept"))

	require.ErrorIs(t, out[0].Err, core.ErrRevision)
	assert.False(t, core.MaybeApplied(out[0].Err))
	assert.NotEqual(t, "moved", z.nickname(ids[0]))
	require.NoError(t, out[1].Err)
	assert.Equal(t, "held", z.nickname(ids[1]))
	require.ErrorIs(t, out[2].Err, core.ErrInvalid)
	require.ErrorIs(t, out[3].Err, core.ErrUnsupported)
	require.ErrorIs(t, out[4].Err, core.ErrNotFound)
	require.NoError(t, out[5].Err)
	assert.Equal(t, "kept", z.nickname(z.a))
	assert.Len(t, z.sim.Requests("Users.ReplaceMany"), 1)
}

// TestUpdateUsers_OneUserTwice: the second change stands on the first.
func TestUpdateUsers_OneUserTwice(t *testing.T) {
	z := newCentre(t)
	second := renaming(z.a, "second")
	second.Change.If.Values = map[string]any{"displayName": "first"}
	for _, o := range z.s.UpdateUsers(t.Context(), renaming(z.a, "first"), renaming(z.b, "other"), second) {
		require.NoError(t, o.Err)
	}
	assert.Equal(t, "second", z.nickname(z.a))
}

func TestUpdateUsers_OneThatSpoilsTheBatch(t *testing.T) {
	for name, opts := range map[string][]livepersontest.Option{"all or none": nil, "by halves": {livepersontest.WithPartialBatches()}} {
		t.Run(name, func(t *testing.T) {
			z := newCentre(t, opts...)
			gone := z.sim.AddUser(`{"loginName":"gone"}`)
			first := true // it goes between the read and the write
			z.sim.Fault(livepersontest.Fault{Op: "Users.ReplaceMany", Match: func(*http.Request, []byte) bool {
				if first {
					first = false
					z.sim.ChangeUser(gone, `{"deleted":true}`)
				}
				return false
			}})
			a := renaming(z.a, "one")
			a.Change.If.Values = map[string]any{"displayName": z.nickname(z.a)}
			out := z.s.UpdateUsers(t.Context(), a, renaming(gone, "two"), renaming(z.b, "three"))
			require.NoError(t, out[0].Err)
			require.ErrorIs(t, out[1].Err, core.ErrNotFound)
			require.NoError(t, out[2].Err)
			assert.Equal(t, "one", z.nickname(z.a))
			assert.Equal(t, "three", z.nickname(z.b))
		})
	}
}

// TestUpdateUsers_PartOfARefusedBatchWasWritten: the vendor refuses a batch that it has
// carried out in part. What shows is done, and not somebody else's doing.
func TestUpdateUsers_PartOfARefusedBatchWasWritten(t *testing.T) {
	z := newCentre(t)
	z.sim.Fault(livepersontest.Fault{Op: "Users.ReplaceMany", Status: http.StatusBadRequest, Match: func(*http.Request, []byte) bool {
		z.sim.ChangeUser(z.a, `{"nickname":"one"}`)
		return true
	}})
	a, b := renaming(z.a, "one"), renaming(z.b, "two")
	a.Change.If.Values = map[string]any{"displayName": z.nickname(z.a)}
	for _, o := range z.s.UpdateUsers(t.Context(), a, b) {
		require.NoError(t, o.Err)
	}
	assert.Len(t, z.sim.Requests("Users.Replace"), 1, "of the other")
}

func TestUpdateUsers_UnderContention(t *testing.T) {
	z := newCentre(t)
	z.sim.Fault(livepersontest.Fault{Op: "Users.ReplaceMany", Times: -1, Match: func(*http.Request, []byte) bool {
		z.sim.BumpRevision("users")
		return false
	}})
	for _, o := range z.s.UpdateUsers(t.Context(), renaming(z.a, "one"), renaming(z.b, "two")) {
		require.NoError(t, o.Err)
	}
	assert.Len(t, z.sim.Requests("Users.ReplaceMany"), 4, "then one by one")
	assert.Len(t, z.sim.Requests("Users.Replace"), 2)
}

// TestUpdateUsers_ForeignChangeBetweenReadAndWrite: it survives, and ends that user's
// change alone.
func TestUpdateUsers_ForeignChangeBetweenReadAndWrite(t *testing.T) {
	z := newCentre(t)
	first := true
	z.sim.Fault(livepersontest.Fault{Op: "Users.ReplaceMany", Match: func(*http.Request, []byte) bool {
		if first {
			first = false
			z.sim.ChangeUser(z.a, `{"nickname":"foreign"}`)
		}
		return false
	}})
	a := renaming(z.a, "ours")
	a.Change.If.Values = map[string]any{"displayName": z.nickname(z.a)}
	out := z.s.UpdateUsers(t.Context(), a, renaming(z.b, "two"), renaming(z.sim.AddUsers(1)[0], "three"))
	require.ErrorIs(t, out[0].Err, core.ErrRevision)
	assert.False(t, core.MaybeApplied(out[0].Err))
	require.NoError(t, out[1].Err)
	require.NoError(t, out[2].Err)
	assert.Equal(t, "foreign", z.nickname(z.a))
}

func TestUpdateUsers_LostAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := newCentre(t, livepersontest.WithFullLists())
		z.sim.Fault(livepersontest.Fault{Op: "Users.ReplaceMany", LoseAnswer: true})
		for _, o := range z.s.UpdateUsers(t.Context(), renaming(z.a, "one"), renaming(z.b, "two")) {
			require.NoError(t, o.Err, "it shows")
		}
		assert.Empty(t, z.sim.Unstruck())

		// What nobody shows stays in doubt.
		z.sim.Fault(livepersontest.Fault{Op: "Users.ReplaceMany", Times: -1, LoseAnswer: true})
		hidden := core.UserChange{FirstName: core.Set("New"), LastName: core.Set("Name")}
		for _, o := range z.s.UpdateUsers(t.Context(), core.UserUpdate{ID: str(z.a), Change: hidden}, core.UserUpdate{ID: str(z.b),
			Change: hidden}) {
			require.Error(t, o.Err)
			assert.True(t, core.MaybeApplied(o.Err))
		}
	})
}

func TestUpdateUsers_RefusedCredentialEndsTheReading(t *testing.T) {
	z := newCentre(t)
	ids := z.sim.AddUsers(40)
	z.sim.Fault(livepersontest.Fault{Op: "Users.Get", Status: http.StatusUnauthorized, Times: -1})
	var updates []core.UserUpdate
	for _, id := range ids {
		updates = append(updates, renaming(id, "x"))
	}
	for _, o := range z.s.UpdateUsers(t.Context(), updates...) {
		require.ErrorIs(t, o.Err, core.ErrUnauthenticated)
	}
	assert.Less(t, len(z.sim.Requests("Users.Get")), 40)
	assert.Empty(t, z.sim.Requests("Users.ReplaceMany"))
}

// hire is the spec of a new agent.
func hire(login string) core.UserSpec {
	return core.UserSpec{Login: login, FirstName: login, LastName: "Park", DisplayName: login, Email: login + "@example.test",
		Password: core.NewSecret("Init-pass-01"), Fields: map[string]any{"profileIds": []int64{livepersontest.ProfileAgent}, "maxChats": 2,
			"memberOf": map[string]any{"agentGroupId": liveperson.MainGroup}}}
}

func TestCreateUsers_OneThatCannotBeSentStopsNobody(t *testing.T) {
	z := newCentre(t)
	bad := hire("bad")
	bad.Email = ""

	out := z.s.CreateUsers(t.Context(), hire("kim"), bad, hire("noor"))

	require.NoError(t, out[0].Err)
	require.ErrorIs(t, out[1].Err, core.ErrInvalid)
	require.NoError(t, out[2].Err)
	assert.Equal(t, []string{"kim", "", "noor"}, []string{out[0].User.Login, out[1].User.Login, out[2].User.Login})
	assert.Len(t, z.sim.Requests("Users.CreateMany"), 1)
}

// TestCreateUsers_ARefusalOfAllIsTriedOneByOne: who is there already is told from those who
// were not made.
func TestCreateUsers_ARefusalOfAllIsTriedOneByOne(t *testing.T) {
	z := newCentre(t)
	z.sim.AddUser(`{"loginName":"noor"}`)

	out := z.s.CreateUsers(t.Context(), hire("kim"), hire("noor"), hire("lee"))

	require.NoError(t, out[0].Err)
	require.ErrorIs(t, out[1].Err, core.ErrConflict)
	assert.True(t, core.MaybeApplied(out[1].Err), "the refused batch may have made it")
	require.NoError(t, out[2].Err)
	assert.Len(t, z.sim.Requests("Users.Create"), 2)
}

// TestCreateUsers_ARefusalThatCannotBeLookedAt: whether the batch was applied in part is not
// known, and nobody is sent again.
func TestCreateUsers_ARefusalThatCannotBeLookedAt(t *testing.T) {
	z := newCentre(t)
	z.sim.Fault(livepersontest.Fault{Op: "Users.CreateMany", Status: http.StatusBadRequest},
		livepersontest.Fault{Op: "Users.List", Status: http.StatusForbidden, Times: -1})

	for _, o := range z.s.CreateUsers(t.Context(), hire("kim"), hire("noor")) {
		require.ErrorIs(t, o.Err, core.ErrInvalid)
		assert.True(t, core.MaybeApplied(o.Err))
		e, _ := errors.AsType[*core.Error](o.Err)
		assert.Contains(t, e.Doubt, "applied in part")
	}
	assert.Empty(t, z.sim.Requests("Users.Create"))
}

func TestCreateUsers_ARefusedCredentialIsTriedOnce(t *testing.T) {
	z := newCentre(t)
	z.sim.Fault(livepersontest.Fault{Op: "Users.CreateMany", Status: http.StatusForbidden, Times: -1})

	for _, o := range z.s.CreateUsers(t.Context(), hire("kim"), hire("noor")) {
		require.ErrorIs(t, o.Err, core.ErrPermission)
		assert.False(t, core.MaybeApplied(o.Err))
	}
	assert.Len(t, z.sim.Requests("Users.CreateMany", "Users.Create", "Users.List"), 1)
}

// TestCreateUsers_HalfAnAnswer: it shows the first user, and omits the second.
func TestCreateUsers_HalfAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := newCentre(t)
		z.sim.Fault(livepersontest.Fault{Op: "Users.CreateMany", Effect: true, Status: http.StatusOK, ContentType: "application/json",
			Body: `[{"id":4711,"loginName":"kim","nickname":"kim","email":"kim@example.test"}]`})

		out := z.s.CreateUsers(t.Context(), hire("kim"), hire("noor"))

		for _, o := range out {
			require.Error(t, o.Err)
			assert.True(t, core.MaybeApplied(o.Err), "%v", o.Err)
		}
	})
}

func TestDeleteUsers_EndsEachByItself(t *testing.T) {
	z := newCentre(t)

	errs := z.s.DeleteUsers(t.Context(), str(z.a), "no number", str(z.b), "4711")

	require.NoError(t, errs[0])
	require.ErrorIs(t, errs[1], core.ErrInvalid)
	require.NoError(t, errs[2])
	require.ErrorIs(t, errs[3], core.ErrNotFound)
	for _, id := range []int64{z.a, z.b} {
		u, _ := z.sim.User(id)
		assert.Equal(t, true, u["deleted"])
	}
}

func TestDeleteUsers_ARefusedCredentialIsTriedOnce(t *testing.T) {
	z := newCentre(t)
	z.sim.Fault(livepersontest.Fault{Op: "Users.DeleteMany", Status: http.StatusUnauthorized, Times: -1})

	for _, err := range z.s.DeleteUsers(t.Context(), str(z.a), str(z.b)) {
		require.ErrorIs(t, err, core.ErrUnauthenticated)
	}
	assert.Empty(t, z.sim.Requests("Users.Delete"))
}

func TestDeleteUsers_WaitsForItsTurnNoLongerThanItsContext(t *testing.T) {
	z := newCentre(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	for _, err := range z.s.DeleteUsers(ctx, str(z.a), str(z.b)) {
		require.ErrorIs(t, err, core.ErrCanceled)
	}
	assert.Empty(t, z.sim.Requests())
}

// TestBlockUsers_OneThatCannotBeLoggedIsNotBlocked, and the others are.
func TestBlockUsers_OneThatCannotBeLoggedIsNotBlocked(t *testing.T) {
	z := newCentre(t)
	full := errors.New("the log is full")
	s := over(t, z.sim, func(cfg *liveperson.Config, _ *[]liveperson.Option) {
		cfg.BlockLog = func(_ context.Context, b core.Block) error {
			if b.UserID == str(z.b) {
				return full
			}
			return nil
		}
	}).Store()
	idle := z.sim.AddUser(`{"loginName":"idle","isEnabled":false}`)

	out := s.BlockUsers(t.Context(), str(z.a), str(z.b), "no number", str(idle))

	require.NoError(t, out[0].Err)
	assert.NotEmpty(t, out[0].Block.Changed)
	require.ErrorIs(t, out[1].Err, full)
	assert.Empty(t, out[1].Block.Changed)
	require.ErrorIs(t, out[2].Err, core.ErrInvalid)
	require.NoError(t, out[3].Err)
	assert.Empty(t, out[3].Block.Changed, "it was blocked before")

	blocked, _ := z.sim.User(z.a)
	free, _ := z.sim.User(z.b)
	assert.Equal(t, []any{false, true}, []any{blocked["isEnabled"], free["isEnabled"]})
}

// TestBlockUsers_ALostAnswerKeepsTheRecord: what may have been changed is in it.
func TestBlockUsers_ALostAnswerKeepsTheRecord(t *testing.T) {
	z := newCentre(t)
	s := over(t, z.sim, attempts(1)).Store()
	z.sim.Fault(livepersontest.Fault{Op: "Users.ReplaceMany", Times: -1, LoseAnswer: true},
		livepersontest.Fault{Op: "Users.Replace", Times: -1, LoseAnswer: true})

	for _, o := range s.BlockUsers(t.Context(), str(z.a), str(z.b)) {
		assert.NotEmpty(t, o.Block.Changed, "%v", o.Err)
	}
}
