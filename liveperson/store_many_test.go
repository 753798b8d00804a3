package liveperson_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
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
