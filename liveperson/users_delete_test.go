package liveperson_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func TestUsersDelete_OfAUserThatIsGone(t *testing.T) {
	sim := livepersontest.NewServer()
	id := sim.AddUser(`{"loginName":"a"}`)
	c := over(t, sim)
	require.NoError(t, c.Users.Delete(t.Context(), id, liveperson.AnyRevision))
	require.ErrorIs(t, c.Users.Delete(t.Context(), id, liveperson.AnyRevision), core.ErrNotFound)
	require.ErrorIs(t, c.Store().DeleteUser(t.Context(), str(id)), core.ErrNotFound)
	require.ErrorIs(t, c.Users.DeleteMany(t.Context(), []int64{id}, liveperson.AnyRevision), core.ErrNotFound)
	_, err := c.Store().GetUser(t.Context(), str(id))
	require.ErrorIs(t, err, core.ErrNotFound)

	// A lost answer and then a 404: it was us.
	synctest.Test(t, func(t *testing.T) {
		sim := livepersontest.NewServer()
		id := sim.AddUser(`{"loginName":"a"}`)
		sim.Fault(livepersontest.Fault{Op: "Users.Delete", LoseAnswer: true})
		require.NoError(t, over(t, sim).Users.Delete(t.Context(), id, liveperson.AnyRevision))
		assert.Len(t, sim.Requests("Users.Delete"), 2)
	})
}
