package livepersontest_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func TestServer_Profiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t)
		profiles := writer + "profiles"
		c.create(agent("a"))
		list := c.get(profiles + "?v=4.0&select=$all").is(200)
		roles := map[string]string{}
		for _, p := range list.Array() {
			roles[p["name"].(string)] = p["roleTypeId"].(json.Number).String() + " " + p["numOfAssignedUsers"].(json.Number).String()
		}
		require.Equal(t, map[string]string{"Administrator": "1 0", "Agent": "2 1", "Agent Manager": "3 0", "Campaign Manager": "4 0"}, roles)
		modified := list.Header.Get("X-LP-Last-Modified")
		require.Regexp(t, `^\d{12}`, modified)
		require.Empty(t, list.Header.Get("ac-revision"))
		c.get(profiles+"?v=4.0", "X-LP-Last-Modified", modified).is(304)
		p := c.get(profiles + "/" + text(ProfileAgent) + "?v=4.0").is(200).Object()
		c.do("PUT", profiles+"/"+text(ProfileAgent)+"?v=4.0", with(p, m{"description": "d"}), "X-LP-Last-Modified", modified).is(200)
		c.do("PUT", profiles+"/"+text(ProfileAgent)+"?v=4.0", p, "X-LP-Last-Modified", modified).is(412)
		c.get(profiles+"?v=4.0", "X-LP-Last-Modified", modified).is(200)
		c.do("DELETE", profiles+"/"+text(ProfileAgent)+"?v=4.0", nil).is(400) // in use
		c.do("POST", profiles+"?v=4.0", with(p, m{"name": "new", "roleTypeId": 9})).is(400)
		r := c.do("POST", profiles+"?v=4.0", with(p, m{"name": "new", "roleTypeId": 5})).is(201)
		require.Equal(t, "LPA", r.Object()["roleTypeName"])
		c.do("DELETE", profiles+"/"+text(r.id())+"?v=4.0", nil).is(200)
	})
}
