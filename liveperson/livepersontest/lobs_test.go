package livepersontest_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestServer_LOBs(t *testing.T) {
	c := newCentre(t)
	lobs := writer + "lobs"
	r := c.do("POST", lobs+"?v=4.0", m{"name": "retail"}).is(201)
	one := lobs + "/" + text(r.id()) + "?v=4.0"
	c.do("POST", lobs+"?v=4.0", m{"name": "retail"}).is(400)
	c.do("PUT", one, with(r.Object(), m{"name": "shops"})).is(200)
	require.Equal(t, "shops", c.get(one).is(200).Object()["name"])
	require.ElementsMatch(t, []string{"id", "deleted", "name"}, keys(c.get(lobs + "?v=4.0").Array()[0]))
	c.do("POST", lobs+"?v=4.0", m{"name": "retail"}).is(201)
	c.do("PUT", lobs+"?v=4.0", []m{with(r.Object(), m{"name": "retail"})}).is(400) // taken
	user := c.create(agent("a", m{"lobIds": []int64{r.id()}}))
	c.do("DELETE", one, nil).is(400)
	c.do("DELETE", userURL(user), nil).is(200)
	c.do("DELETE", lobs+"?v=4.0", []string{text(r.id())}).is(200)
	c.get(one).is(404)
}
