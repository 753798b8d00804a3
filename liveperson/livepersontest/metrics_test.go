package livepersontest_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

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

func TestAgentView_WhoIsInIt(t *testing.T) {
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

func TestAgentView_VisibilityAndPermission(t *testing.T) {
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

func TestAgentView_PagesAndRecords(t *testing.T) {
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
		for _, bad := range []string{"?offset=951", "?offset=1&limit=1000", "?limit=1001", "?limit=0", "?offset=-1", "?limit=x", "?sort=agentId",
			"?sort=agentId:up"} {
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
		brief := c.do("POST", viewURL+"?limit=1", with(view(nil), m{"includeAgentMetadata": "false",
			"metricsToRetrieveCurrentValue": []string{"agent_current_status"}}))
		require.Equal(t, m{"agentId": text(first), "agentGroupId": json.Number("-1"), "agentCurrentStatus": "AWAY"},
			brief.is(200).Object()["agentViewRecords"].([]any)[0])
	})
}

func TestAgentView_DisabledUsersDisappear(t *testing.T) {
	c := newCentre(t)
	id := c.create(agent("a"))
	c.SetPresence(id, Online, "")
	require.Equal(t, []string{text(id)}, c.view(nil))
	c.put(with(c.read(id), m{"isEnabled": false, "disabledManually": nil})).is(200)
	require.Empty(t, c.view(m{"effectiveAgentStatus": []string{"ONLINE", "OFFLINE", "AWAY", "BACK_SOON"}}))
	c.put(with(c.read(id), m{"isEnabled": true, "disabledManually": nil})).is(200)
	require.Equal(t, []string{text(id)}, c.view(nil))
}

func TestAgentView_NoAPISetsPresence(t *testing.T) {
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
