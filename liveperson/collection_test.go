package liveperson_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func TestUsersList_18000UsersInConstantMemory(t *testing.T) {
	sim := livepersontest.NewServer()
	sim.AddUsers(18_000)
	c := over(t, sim)
	var head liveperson.Head[liveperson.User]
	n, logins := 0, 0
	var early, late uint64
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for u, err := range c.Users.List(t.Context(), liveperson.UserListOptions{Head: &head}) {
		require.NoError(t, err)
		if n++; u.LoginName != "" && u.Revision == head.Revision {
			logins++
		}
		switch n {
		case 1000:
			early = heap()
		case 17_000:
			late = heap()
		}
	}
	assert.Equal(t, 18_000, n)
	assert.Equal(t, 18_000, logins)
	assert.Less(t, int64(late)-int64(early), int64(1<<20), "the heap grew with the list")
	assert.NotEmpty(t, head.Revision)

	// A second list with the revision in hand.
	known := head.Revision
	for range c.Users.List(t.Context(), liveperson.UserListOptions{Known: known, Head: &head}) {
		t.Fatal("something was decoded")
	}
	assert.True(t, head.Unchanged)
	assert.Equal(t, known, head.Revision)
	lists := sim.Requests("Users.List")
	require.Len(t, lists, 2)
	assert.Equal(t, 304, lists[1].Status)
	assert.Contains(t, lists[0].Query, "select=%24all")

	// And once something has changed, everything again.
	sim.BumpRevision("users")
	n = 0
	for _, err := range c.Users.List(t.Context(), liveperson.UserListOptions{Known: known, Head: &head}) {
		require.NoError(t, err)
		n++
	}
	assert.Equal(t, 18_000, n)
	assert.False(t, head.Unchanged)
	// -1 forces.
	for _, err := range c.Users.List(t.Context(), liveperson.UserListOptions{Known: liveperson.AnyRevision}) {
		require.NoError(t, err)
		n--
		if n == 17_000 {
			break // early stop
		}
	}
}
