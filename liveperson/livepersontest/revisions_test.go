package livepersontest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

// TestWithReadLag_ShowsWritesLater: reads of both hosts are of a while ago, and writes are answered as of now.
func TestWithReadLag_ShowsWritesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t, livepersontest.WithReadLag(10*time.Second))
		id := c.AddUser(m{"loginName": "a"})
		nick := func(base string) any {
			return c.get(base + "users/" + text(id) + "?v=6.0").is(200).Object()["nickname"]
		}
		revision := c.Revision("users")
		user := c.read(id)
		require.Equal(t, "new", c.put(with(user, m{"nickname": "new"})).is(200).Object()["nickname"])
		require.Equal(t, []any{"a", "a"}, []any{nick(reader), nick(writer)})
		require.Equal(t, revision+1, c.Revision("users"))
		created := c.create(agent("created"))
		c.get(writer + "users/" + text(created) + "?v=6.0").is(404)
		time.Sleep(10 * time.Second)
		require.Equal(t, []any{"new", "new"}, []any{nick(reader), nick(writer)})
		c.get(writer + "users/" + text(created) + "?v=6.0").is(200)

		c.LagReads(time.Minute)
		require.Equal(t, "new", nick(writer), "nothing older than now")
		c.put(with(user, m{"nickname": "newer"})).is(200)
		require.Equal(t, "new", nick(writer))
		c.LagReads(0)
		require.Equal(t, "newer", nick(writer))
	})
}
