package livepersontest_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func TestLine41Skills(t *testing.T) {
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
	c.do("POST", skills+"?v=4.0", m{"name": "x", "skillRoutingConfiguration": []m{{"priority": 1, "splitPercentage": 1, "agentGroupId": 5}}}).is(400)
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

func TestLine42AgentGroups(t *testing.T) {
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

func TestLine43Profiles(t *testing.T) {
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

func TestLine44LOBs(t *testing.T) {
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

func TestLine45StatusReasons(t *testing.T) {
	c := newCentre(t)
	r := c.do("POST", reasons+"?v=1.0", m{"text": "lunch", "state": "Away", "enabled": true}).is(200)
	require.Equal(t, m{"id": json.Number(text(r.id())), "text": "lunch", "state": "Away", "enabled": true, "order": nil, "deleted": false}, r.Object())
	require.NotEmpty(t, r.Header.Get("ac-revision"))
	require.Len(t, c.do("POST", reasons, []m{{"text": "a", "state": "Online"}, {"text": "b", "state": "Occupied"}}).is(200).Array(), 2)
	for _, bad := range []m{{"text": "lunch", "state": "Away"}, {"text": "x", "state": "AWAY"}, {"name": "x", "state": "Away"}, {"text": strings.Repeat("x", 101), "state": "Away"}} {
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

// view asks for the last hour, with these further filters.
func view(filters m) m {
	f := m{"time": m{"from": time.Now().Add(-time.Hour).UnixMilli(), "to": time.Now().UnixMilli()}}
	maps.Copy(f, filters)
	return m{"filters": f}
}

func (c *centre) view(filters m) []string {
	c.t.Helper()
	var answer struct {
		Metadata         struct{ Count int }
		AgentViewRecords []struct{ AgentID string }
	}
	c.do("POST", viewURL+"?limit=1000", view(filters)).is(200).Decode(&answer)
	var ids []string
	for _, r := range answer.AgentViewRecords {
		ids = append(ids, r.AgentID)
	}
	require.Len(c.t, ids, answer.Metadata.Count)
	return ids
}

func TestLine46WhoIsInTheAgentView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sub := int64(27700000990)
		c := newCentre(t, WithVisibleGroups(RootGroup, sub))
		hidden := c.AddGroup(m{"name": "hidden"})
		c.AddGroup(m{"name": "sub", "id": sub})
		add := func(login, status string, fields m) string {
			id := c.AddUser(with(m{"loginName": login}, fields))
			if status != "" {
				c.SetPresence(id, status, "")
			}
			return text(id)
		}
		online, away, back := add("online", Online, nil), add("away", Away, nil), add("back", BackSoon, nil)
		left := add("left", Offline, nil)
		inSub := add("in sub", Online, m{"memberOf": m{"agentGroupId": sub}, "userTypeId": 2, "skillIds": []int{7}})
		add("never", "", nil)
		add("hidden", Online, m{"memberOf": m{"agentGroupId": hidden}})
		add("no slots", Online, m{"maxAsyncChats": 0})
		add("disabled", Online, m{"isEnabled": false})
		add("deleted", Online, nil)
		gone, _ := c.UserByLogin("deleted")
		c.ChangeUser(gone["id"].(int64), m{"deleted": true})

		require.Equal(t, []string{online, away, back, inSub}, c.view(nil))
		require.Equal(t, []string{left}, c.view(m{"effectiveAgentStatus": []string{"OFFLINE"}}))
		require.Equal(t, []string{away}, c.view(m{"effectiveAgentStatus": []string{"AWAY"}}))
		require.Equal(t, []string{back}, c.view(m{"agentIds": []string{back, left}}))
		require.Equal(t, []string{inSub}, c.view(m{"agentGroupIds": []string{text(sub)}}))
		require.Equal(t, []string{inSub}, c.view(m{"agentSkillIds": []string{"7"}}))
		require.Equal(t, []string{inSub}, c.view(m{"userTypes": []string{"BOT"}}))
		time.Sleep(90 * time.Minute)
		require.Empty(t, c.view(m{"effectiveAgentStatus": []string{"OFFLINE"}}), "left before the window")
		require.Equal(t, []string{online, away, back, inSub}, c.view(nil))

		now := time.Now().UnixMilli()
		const day = 24 * 60 * 60 * 1000
		for _, bad := range []m{
			{}, {"filters": m{}}, {"filters": m{"time": m{"from": now}}}, {"filters": m{"time": m{"from": now - day - 1, "to": now}}},
			{"filters": m{"time": m{"from": now, "to": now - 1}}}, view(m{"effectiveAgentStatus": []string{"Online"}}),
			view(m{"agentIds": []int{1}}), with(view(nil), m{"metricsToRetrieveCurrentValue": []string{"mood"}}),
			with(view(nil), m{"includeAgentMetadata": "perhaps"}),
		} {
			c.do("POST", viewURL, bad).is(400)
		}
		c.do("POST", viewURL, m{"filters": m{"time": m{"from": now - day, "to": now}}}).is(200)
	})
}

func TestLine46VisibilityAndPermission(t *testing.T) {
	c := newCentre(t, WithSampleData())
	all := c.view(nil)
	require.Len(t, all, 14)
	manager := *c
	manager.bearer = c.login("leon.varga", SeedPassword).is(200).Object()["bearer"].(string)
	managed := manager.view(nil)
	require.NotEmpty(t, managed)
	require.Less(t, len(managed), len(all), "an agent manager sees its own groups")

	c = newCentre(t, WithForbidden("AgentView.Get"))
	c.do("POST", viewURL, view(nil)).is(403)
	c.bearer = ""
	c.do("POST", viewURL, view(nil)).is(401)
	c = newCentre(t, WithScopes("other"))
	c.bearer = c.token()
	c.do("POST", viewURL, view(nil)).is(200)
}

func TestLine47AgentViewPagesAndRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t)
		skill := c.AddSkill(m{"name": "billing"})
		for _, id := range c.AddUsers(60) {
			c.SetPresence(id, Online, "")
		}
		first := c.AddUser(m{"loginName": "z", "id": 5000000000, "skillIds": []int64{skill}, "nickname": "Zed"})
		c.SetPresence(first, Away, "725")
		c.SetConversations(first, 2, 1)
		page := func(query string) (ids []string, answer m) {
			answer = c.do("POST", viewURL+query, view(nil)).is(200).Object()
			for _, r := range answer["agentViewRecords"].([]any) {
				ids = append(ids, r.(m)["agentId"].(string))
			}
			return ids, answer
		}
		ids, answer := page("")
		require.Len(t, ids, 50)
		require.Equal(t, json.Number("61"), answer["metadata"].(m)["count"])
		require.Contains(t, answer["metadata"], "next")
		require.NotContains(t, answer["metadata"].(m)["self"].(m)["href"], HostWorkspace)
		rest, _ := page("?offset=50&limit=50&sort=agentId:asc")
		require.Len(t, rest, 11)
		require.Len(t, slices.Compact(slices.Sorted(slices.Values(append(ids, rest...)))), 61)
		down, _ := page("?limit=1000&sort=agentId:desc")
		slices.Reverse(down)
		require.Equal(t, append(ids, rest...), down)
		busiest, _ := page("?limit=1&sort=agentLoad:desc")
		require.Equal(t, []string{text(first)}, busiest)
		for _, bad := range []string{"?offset=951", "?offset=1&limit=1000", "?limit=1001", "?limit=0", "?offset=-1", "?limit=x", "?sort=agentId", "?sort=agentId:up"} {
			c.do("POST", viewURL+bad, view(nil)).is(400)
		}
		page("?offset=950")

		now := json.Number(text(time.Now().UnixMilli()))
		require.Equal(t, m{
			"agentId": text(first), "agentGroupId": json.Number("-1"),
			"agentCurrentStatus": "AWAY", "agentCurrentStatusStartTime": now,
			"agentCurrentStatusReasonId": "725", "agentCurrentStatusReasonStartTime": now,
			"activeConversations": json.Number("1"), "assignedConversations": json.Number("2"), "agentLoad": json.Number("0.2"),
			"availableSlots": json.Number("8"), "maxSlots": json.Number("10"),
			"pendingAgentResponse": json.Number("0"), "pendingAgentResponseRate": json.Number("0"),
			"agentMetadata": m{"agentName": "Zed", "agentNickname": "Zed", "agentLoginName": "z", "agentGroupName": "Main Group",
				"configuredMaxSlots": json.Number("10"), "agentSkills": []any{m{"skillId": json.Number(text(skill)), "skillName": "billing"}}},
		}, answer["agentViewRecords"].([]any)[0])
		brief := c.do("POST", viewURL+"?limit=1", with(view(nil), m{"includeAgentMetadata": "false", "metricsToRetrieveCurrentValue": []string{"agent_current_status"}}))
		require.Equal(t, m{"agentId": text(first), "agentGroupId": json.Number("-1"), "agentCurrentStatus": "AWAY"},
			brief.is(200).Object()["agentViewRecords"].([]any)[0])
	})
}

func TestLine48DisabledUsersDisappear(t *testing.T) {
	c := newCentre(t)
	id := c.create(agent("a"))
	c.SetPresence(id, Online, "")
	require.Equal(t, []string{text(id)}, c.view(nil))
	c.put(with(c.read(id), m{"isEnabled": false, "disabledManually": nil})).is(200)
	require.Empty(t, c.view(m{"effectiveAgentStatus": []string{"ONLINE", "OFFLINE", "AWAY", "BACK_SOON"}}))
	c.put(with(c.read(id), m{"isEnabled": true, "disabledManually": nil})).is(200)
	require.Equal(t, []string{text(id)}, c.view(nil))
}

func TestLine49NobodySetsAnotherOnesPresence(t *testing.T) {
	c := newCentre(t)
	id := c.create(agent("a"))
	c.SetPresence(id, Away, "")
	body := m{"availability": "ONLINE"}
	for _, url := range []string{
		writer + "users/" + text(id) + "/availability?v=6.0", viewURL + "/" + text(id),
		loginURL + "/agentSession/" + text(id) + "/availability?v=1&NC=true",
	} {
		for _, method := range []string{"POST", "PUT", "PATCH"} {
			c.do(method, url, body).is(404)
		}
	}
	c.do("PUT", viewURL, body).is(405)
	c.put(with(c.read(id), m{"status": "ONLINE", "availability": "ONLINE"})).is(200)
	require.Equal(t, []string{text(id)}, c.view(m{"effectiveAgentStatus": []string{"AWAY"}}))
	require.Equal(t, "unknown", c.Requests()[1+1].Op)
}

func TestLine50Faults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t)
		users := writer + "users?v=6.0"
		c.Fault(
			Fault{Op: "Users.List", Status: 429},
			Fault{Op: "Users.List", Status: 429, RetryAfter: "7"},
			Fault{Op: "Users.List", Status: 500, Times: 2},
			Fault{Op: "Users.List", Status: 503, Body: "<html>down</html>", ContentType: "text/html"},
			Fault{Op: "Users.List", Delay: time.Minute},
			Fault{Op: "Users.List", CutBody: 1},
			Fault{Op: "Users.Create", Drop: true},
			Fault{Op: "Users.Create", LoseAnswer: true},
			Fault{Op: "LOBs.Delete", Status: 500},
		)
		require.Empty(t, c.get(users).is(429).Header.Get("Retry-After"))
		require.Equal(t, "7", c.get(users).is(429).Header.Get("Retry-After"))
		require.Empty(t, c.get(users).is(500).Body)
		c.get(users).is(500)
		require.Equal(t, "<html>down</html>", c.get(users).is(503).Body)
		start := time.Now()
		c.get(users).is(200)
		require.Equal(t, time.Minute, time.Since(start))
		_, err := c.try("GET", users, nil)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		_, err = c.try("POST", users, agent("dropped"))
		require.Error(t, err)
		_, err = c.try("POST", users, agent("lost"))
		require.Error(t, err)
		c.get(users).is(200)
		require.Len(t, c.Users(), 1)
		require.Equal(t, "lost", c.Users()[0]["loginName"], "the connection broke after the write was applied")
		require.Len(t, c.Unstruck(), 1)
		require.Len(t, c.Requests("Users.Create", "Users.List"), 10)
		c.Reset()
		require.Empty(t, c.Unstruck())
		require.Empty(t, c.Requests())
	})
}

func TestLine50RateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		users := writer + "users?v=6.0"
		c := newCentre(t, WithRateLimit(2, 6*time.Second, true))
		c.get(users).is(200)
		c.get(users).is(200)
		refused := c.get(users).is(429)
		require.Equal(t, "3", refused.Header.Get("Retry-After"))
		require.Equal(t, "application/json;charset=utf-8", refused.Header.Get("Content-Type"))
		time.Sleep(3 * time.Second)
		c.get(users).is(200)
		c.get(users).is(429)
		c.get(domain + "baseURI.json?version=1.0").is(200)
		c.token()
		c = newCentre(t, WithRateLimit(1, time.Second, false))
		c.get(users).is(200)
		require.Empty(t, c.do("POST", viewURL, view(nil)).is(429).Header.Get("Retry-After"))
	})
}

func TestOperationNames(t *testing.T) {
	c := newCentre(t, WithSampleData())
	for _, r := range []struct{ op, method, url string }{
		{"Domain.Get", "GET", domain + "sentinel/baseURI.json?version=1.0"}, {"Domain.List", "GET", domain + "baseURI.json?version=1.0"},
		{"Token", "POST", tokenURL}, {"Login", "POST", loginURL + "/login"}, {"Login.Refresh", "POST", loginURL + "/refresh"},
		{"Login.Logout", "POST", loginURL + "/logout"}, {"AgentView.Get", "POST", viewURL},
		{"Users.ResetPassword", "PUT", writer + "users/1/resetPassword"}, {"unknown", "PUT", writer + "users/1/changePassword"},
		{"unknown", "PATCH", writer + "users"}, {"unknown", "GET", writer + "users/"}, {"unknown", "GET", writer + "robots"},
		{"unknown", "GET", "https://" + HostReadWrite + "/"}, {"StatusReasons.List", "GET", reasons}, {"StatusReasons.Get", "GET", reasons + "/1"},
	} {
		c.do(r.method, r.url, nil)
		require.Equal(t, r.op, c.Requests()[len(c.Requests())-1].Op, r.url)
	}
	for name, resource := range map[string]string{"Users": "users", "Skills": "skills", "AgentGroups": "agentGroups", "Profiles": "profiles", "LOBs": "lobs"} {
		for _, r := range [][3]string{{"List", "GET", ""}, {"Create", "POST", ""}, {"ReplaceMany", "PUT", ""}, {"DeleteMany", "DELETE", ""},
			{"Get", "GET", "/1"}, {"Replace", "PUT", "/1"}, {"Delete", "DELETE", "/1"}} {
			c.do(r[1], writer+resource+r[2], nil)
			require.Equal(t, name+"."+r[0], c.Requests()[len(c.Requests())-1].Op)
		}
	}
}

func TestSampleData(t *testing.T) {
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

func TestManyUsersAreStreamed(t *testing.T) {
	sim := NewServer()
	ids := sim.AddUsers(18000)
	require.Len(t, ids, 18000)
	req, err := http.NewRequestWithContext(t.Context(), "GET", reader+"users?v=6.0&select=$all", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+Bearer)
	res, err := sim.Transport().RoundTrip(req)
	require.NoError(t, err)
	defer res.Body.Close()
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	dec := json.NewDecoder(res.Body)
	_, err = dec.Token()
	require.NoError(t, err)
	n := 0
	for ; dec.More(); n++ {
		var u struct{ ID int64 }
		require.NoError(t, dec.Decode(&u))
		require.Equal(t, ids[n], u.ID)
		if n == 9000 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			require.Less(t, int64(now.HeapAlloc)-int64(before.HeapAlloc), int64(2<<20))
		}
	}
	require.Equal(t, 18000, n)
}

func TestConcurrentUse(t *testing.T) {
	c := newCentre(t, WithSampleData())
	ids := c.AddUsers(50)
	done := make(chan error)
	for i := range 8 {
		go func() {
			var err error
			for j := range 20 {
				if _, e := c.try("GET", reader+"users?v=6.0&select=$all", nil); e != nil {
					err = e
				}
				if _, e := c.try("DELETE", userURL(ids[(i*20+j)%50]), nil); e != nil {
					err = e
				}
				c.ChangeUser(ids[j], m{"nickname": "x"})
				c.Users()
			}
			done <- err
		}()
	}
	for range 8 {
		require.NoError(t, <-done)
	}
}

func TestMountedBelowAPrefix(t *testing.T) {
	sim := NewServer()
	mux := http.NewServeMux()
	mux.Handle("/sim/", http.StripPrefix("/sim", sim))
	c := newCentre(t)
	c.client = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		return serveOnce(mux, r), nil
	})}
	r := c.get("http://own.test:8080/sim" + account + "/service/sentinel/baseURI.json?version=1.0").is(200)
	require.Equal(t, "own.test:8080", r.Object()["baseURI"])
	url := "https://own.test/sim" + account + "/configuration/le-users/users?v=6.0"
	c.get(url, "Authorization", sign("GET", url)).is(200)
}

func TestSeedingPanics(t *testing.T) {
	sim := NewServer()
	sim.AddUser(`{"loginName":"a"}`)
	for _, bad := range []any{`{`, `[]`, m{}, m{"loginName": "a"}, m{"loginName": "b", "isEnabled": "perhaps"}, func() {}} {
		require.Panics(t, func() { sim.AddUser(bad) })
	}
	require.Panics(t, func() { sim.SetPresence(5, Online, "") })
	require.Panics(t, func() { sim.ChangeUser(5, m{}) })
	require.Panics(t, func() { sim.Revision("robots") })
}
