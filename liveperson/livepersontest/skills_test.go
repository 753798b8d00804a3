package livepersontest_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func TestServer_Skills(t *testing.T) {
	c := newCentre(t, WithFullLists())
	skills := writer + "skills"
	lob := c.AddLOB(m{"name": "l"})
	r := c.do("POST", skills+"?v=4.0", m{"name": "billing", "lobIds": []int64{lob}, "future": 1,
		"skillRoutingConfiguration": []m{{"priority": 1, "splitPercentage": 100, "agentGroupId": "-1"}}}).is(201)
	require.Contains(t, r.Header.Get("location"), "/skills/"+text(r.id()))
	require.NotEmpty(t, r.Header.Get("ac-revision"))
	got := r.Object()
	require.Equal(t, []any{json.Number("120"), true, nil}, []any{got["maxWaitTime"], got["canTransfer"], got["skillTransferList"]})
	require.ElementsMatch(t, []string{"id", "deleted", "name"}, keys(c.get(skills + "?v=4.0").Array()[0]))
	require.Contains(t, c.get(skills + "?v=4.0&select=$all").Array()[0], "future")

	one := skills + "/" + text(r.id()) + "?v=4.0"
	got["description"] = "bills"
	c.do("PUT", one, got, "If-Match", r.Header.Get("ac-revision")).is(200)
	c.do("PUT", one, got, "If-Match", r.Header.Get("ac-revision")).is(412)
	require.Equal(t, "bills", c.get(one).is(200).Object()["description"])
	c.do("POST", skills+"?v=4.0", m{"name": "billing"}).is(400)
	c.do("POST", skills+"?v=4.0", m{"name": ""}).is(400)
	c.do("POST", skills+"?v=4.0", m{"name": "x", "lobIds": []int{5}}).is(400)
	c.do("POST", skills+"?v=4.0", m{"name": "x", "skillRoutingConfiguration": []m{{"priority": 1}}}).is(400)
	c.do("POST", skills+"?v=4.0", m{"name": "x", "skillRoutingConfiguration": []m{{"priority": 1, "splitPercentage": 1,
		"agentGroupId": 5}}}).is(400)
	require.Len(t, c.do("POST", skills+"?v=4.0", []m{{"name": "x"}, {"name": "y"}}).is(201).Array(), 2)

	user := c.create(agent("a", m{"skillIds": []int64{r.id()}}))
	refused := c.do("DELETE", one, nil).is(400).Object()
	require.Equal(t, "skill-dependencies", refused["type"])
	require.Contains(t, refused["message"], "skill cannot be deleted because it is assigned to the following entities: users")
	c.do("DELETE", skills+"?v=4.0", []string{text(r.id())}).is(400)
	c.do("DELETE", userURL(user), nil).is(200)
	c.do("DELETE", skills+"?v=4.0", []string{text(r.id())}).is(200)
	c.get(one).is(404)
	c.do("POST", skills+"?v=4.0", m{"name": "billing"}).is(201) // the name is free again
}
