package livepersontest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestServer_StatusReasons(t *testing.T) {
	c := newCentre(t)
	r := c.do("POST", reasons+"?v=1.0", m{"text": "lunch", "state": "Away", "enabled": true}).is(200)
	require.Equal(t, m{"id": json.Number(text(r.id())), "text": "lunch", "state": "Away", "enabled": true, "order": nil, "deleted": false},
		r.Object())
	require.NotEmpty(t, r.Header.Get("ac-revision"))
	require.Len(t, c.do("POST", reasons, []m{{"text": "a", "state": "Online"}, {"text": "b", "state": "Occupied"}}).is(200).Array(), 2)
	for _, bad := range []m{{"text": "lunch", "state": "Away"}, {"text": "x", "state": "AWAY"}, {"name": "x", "state": "Away"},
		{"text": strings.Repeat("x", 101), "state": "Away"}} {
		c.do("POST", reasons, bad).is(400)
	}
	one := reasons + "/" + text(r.id())
	c.do("POST", one, with(r.Object(), m{"enabled": false}), "X-HTTP-Method-Override", "PUT", "If-Match", "2").is(200)
	c.do("PUT", one, r.Object(), "If-Match", "2").is(412)
	require.Equal(t, false, c.get(one).is(200).Object()["enabled"])
	c.do("DELETE", one, nil).is(200)
	require.Len(t, c.get(reasons).Array(), 2)
	require.Len(t, c.get(reasons+"?include_deleted=true").Array(), 3)
	c.get(reasons + "?v=x").is(400)
	c.do("PUT", reasons, "[]").is(405)
	c.get(writer + "status-reasons").is(404)
}
