package livepersontest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func TestSample_HasWhatItPromises(t *testing.T) {
	c := newCentre(t, WithSampleData())
	users := c.Users()
	require.Len(t, users, 25)
	for _, u := range users {
		require.True(t, strings.HasSuffix(u["email"].(string), "@example.test"))
		// What is there can be written back as it is.
		id := u["id"].(int64)
		c.put(c.read(id)).is(200)
		after := c.stored(id)
		delete(after, "dateUpdated")
		delete(u, "dateUpdated")
		require.Equal(t, u, after)
	}
	for collection, n := range map[string]int{"skills": 4, "agentGroups": 3, "profiles": 5, "lobs": 2} {
		require.Len(t, c.get(writer+collection+"?v=4.0").Array(), n)
	}
	u, ok := c.UserByLogin("nadia.kovar")
	require.True(t, ok)
	u["skillIds"].([]int64)[0] = 1
	u["memberOf"].(m)["agentGroupId"] = 1
	require.NotEqual(t, u, c.stored(u["id"].(int64)), "the caller's own copy")
	_, ok = c.UserByLogin("nobody")
	require.False(t, ok)
}
