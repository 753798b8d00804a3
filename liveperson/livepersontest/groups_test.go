package livepersontest_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestServer_AgentGroups(t *testing.T) {
	c := newCentre(t)
	groups := writer + "agentGroups"
	root := c.get(groups + "/-1?v=4.0").is(200)
	require.Equal(t, []any{"Main Group", nil}, []any{root.Object()["name"], root.Object()["parentGroupId"]})
	require.Equal(t, "1", root.Header.Get("eTag"))
	require.Empty(t, root.Header.Get("ac-revision"))
	c.get(groups+"?v=4.0", "If-Match", "1").is(304)
	c.do("DELETE", groups+"/-1?v=4.0", nil).is(400)

	r := c.do("POST", groups+"?v=4.0", m{"name": "tier-1", "isEnabled": "true", "parentGroupId": "-1"}).is(201)
	below := c.do("POST", groups+"?v=4.0", m{"name": "tier-1a", "isEnabled": true, "parentGroupId": r.id()}).is(201)
	one := groups + "/" + text(r.id()) + "?v=4.0"
	for _, bad := range []m{{"name": "x", "isEnabled": true}, {"name": "x", "parentGroupId": -1}, {"isEnabled": true, "parentGroupId": -1},
		{"name": "x", "isEnabled": true, "parentGroupId": 5}, {"name": "tier-1", "isEnabled": true, "parentGroupId": -1}} {
		c.do("POST", groups+"?v=4.0", bad).is(400)
	}
	c.do("PUT", one, with(r.Object(), m{"parentGroupId": below.id()})).is(400) // a circle
	c.do("PUT", groups+"/-1?v=4.0", with(root.Object(), m{"description": "all"})).is(200)
	c.do("PUT", groups+"/-1?v=4.0", with(root.Object(), m{"parentGroupId": r.id()})).is(400)
	c.do("PUT", one, with(r.Object(), m{"name": "first line"})).is(200)
	c.do("DELETE", one, nil).is(400) // a group is below it
	c.do("DELETE", groups+"/"+text(below.id())+"?v=4.0", nil).is(200)
	user := c.create(agent("a", m{"memberOf": m{"agentGroupId": r.id()}}))
	c.do("DELETE", one, nil).is(400)
	c.do("DELETE", userURL(user), nil).is(200)
	c.do("DELETE", one, nil).is(200)
}
