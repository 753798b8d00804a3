package webex_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

func TestTheTierIsWhereEachOperationWantsIt(t *testing.T) {
	for _, tier := range tiers {
		sim := webextest.NewServer(webextest.WithSampleData())
		c := over(t, sim, tier)
		boss := sim.AddSupervisors(1, simTier(tier))[0]
		more := sim.AddPeople(3)
		v := c.Supervisors
		for _, err := range v.List(t.Context(), webex.SupervisorListOptions{Name: "a&b", PhoneNumber: "+1", Order: webex.ByLastNameDesc,
			PageSize: 7}) {
			require.NoError(t, err)
		}
		flag := map[webex.Tier]string{webex.Assist: "true", webex.Basic: "false"}[tier]
		require.Equal(t, "hasCxEssentials="+flag+"&max=7&name=a%26b&order=lastName-desc&phoneNumber=%2B1&start=0",
			sim.Requests("Supervisors.List")[0].Query)
		for a, err := range v.ListAvailable(t.Context(), webex.SupervisorListOptions{}) {
			require.NoError(t, err)
			require.NotEmpty(t, a.Name())
		}
		found := false
		for a, err := range v.ListAvailableAgents(t.Context(), webex.SupervisorListOptions{}) {
			require.NoError(t, err)
			found = found || a.ID.Same(webextest.AgentLobby)
			if a.ID.Same(webextest.AgentLobby) {
				require.Equal(t, "Lobby .", a.DisplayName)
				require.Equal(t, webex.TypeWorkspace, a.Type)
			}
		}
		require.True(t, found)
		_, err := v.Get(t.Context(), webex.ID(boss))
		require.NoError(t, err)
		_, err = v.UpdateAgents(t.Context(), webex.ID(boss), webex.AgentChange{ID: webex.ID(more[0]), Action: webex.AddAgent})
		require.NoError(t, err)
		_, err = v.Create(t.Context(), webex.ID(more[1]), webex.ID(more[2]))
		require.NoError(t, err)
		for _, op := range []string{"Supervisors.ListAvailable", "Supervisors.ListAvailableAgents", "Supervisors.Get"} {
			require.Equal(t, "hasCxEssentials="+flag+"&max=100&start=0", sim.Requests(op)[0].Query, op)
		}
		for _, op := range []string{"Supervisors.UpdateAgents", "Supervisors.Create"} {
			require.Equal(t, "hasCxEssentials="+flag, sim.Requests(op)[0].Query, op)
		}
		require.JSONEq(t, `{"id":"`+more[1]+`","agents":[{"id":"`+more[2]+`"}]}`, string(sim.Requests("Supervisors.Create")[0].Body))
		require.NoError(t, v.DeleteMany(t.Context(), webex.ID(boss), webex.ID(more[1]), webex.ID(webextest.Key(boss))))
		bulk := sim.Requests("Supervisors.DeleteMany")[0]
		require.Empty(t, bulk.Query)
		require.Equal(t, `{"supervisorIds":["`+boss+`","`+more[1]+`"],"hasCxEssentials":`+flag+`}`, string(bulk.Body))
		require.Empty(t, sim.Requests("unknown"))
	}
}

func TestDeletingOneSupervisorWorksInBothTiers(t *testing.T) {
	for _, tier := range tiers {
		sim := webextest.NewServer(webextest.WithSampleData())
		boss := sim.AddSupervisors(1, simTier(tier))[0]
		left := len(sim.Supervisors(simTier(tier))) - 1
		other := webex.ID(webextest.PersonFrank)
		if tier == webex.Basic {
			other = webextest.PersonDana
		}
		c := over(t, sim, tier)
		require.NoError(t, c.Supervisors.Delete(t.Context(), webex.ID(webextest.Key(boss))))
		require.Len(t, sim.Supervisors(simTier(tier)), left)
		writes := len(sim.Requests("Supervisors.Delete", "Supervisors.DeleteMany"))
		require.Equal(t, 1, writes)

		for _, id := range []webex.ID{webex.ID(boss), other, webextest.PersonMarco} {
			err := c.Supervisors.Delete(t.Context(), id)
			require.ErrorIs(t, err, core.ErrNotFound)
			require.Equal(t, "Supervisors.Delete", resttest.ErrorOf(t, err).Op)
			require.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied)
		}
		require.Len(t, sim.Requests("Supervisors.Delete", "Supervisors.DeleteMany"), writes, "nothing is sent for who is not there")
		require.Len(t, sim.Supervisors(webextest.Assist), 2)
		require.Len(t, sim.Supervisors(webextest.Basic), 2)
	}
}

func TestADeletionThatTheVendorOnlyClaims(t *testing.T) {
	for _, tier := range tiers {
		sim := webextest.NewServer(webextest.WithSampleData())
		all := sim.AddSupervisors(2, simTier(tier))
		c := over(t, sim, tier)
		claim := func() {
			sim.Fault(webextest.Fault{Op: "Supervisors.Delete", Status: 204}, webextest.Fault{Op: "Supervisors.DeleteMany", Status: 204},
				webextest.Fault{Op: "Supervisors.DeleteAll", Status: 204})
		}
		claim()
		err := c.Supervisors.Delete(t.Context(), webex.ID(all[0]))
		require.ErrorIs(t, err, core.ErrNotApplied)
		sim.Reset()
		claim()
		err = c.Supervisors.DeleteMany(t.Context(), webex.ID(all[0]), webex.ID(all[1]))
		require.ErrorIs(t, err, core.ErrNotApplied)
		require.ErrorContains(t, err, all[0])
		sim.Reset()
		claim()
		require.ErrorIs(t, c.Supervisors.DeleteAll(t.Context()), core.ErrNotApplied)
	}
}

func TestADeletionAfterALostAnswer(t *testing.T) {
	for _, tier := range tiers {
		synctest.Test(t, func(t *testing.T) {
			sim := webextest.NewServer(webextest.WithSampleData())
			boss := sim.AddSupervisors(1, simTier(tier))[0]
			sim.Fault(webextest.Fault{Op: "Supervisors.Delete", LoseAnswer: true}, webextest.Fault{Op: "Supervisors.DeleteMany", LoseAnswer: true})
			require.NoError(t, over(t, sim, tier).Supervisors.Delete(t.Context(), webex.ID(boss)))
			require.NotContains(t, sim.Supervisors(simTier(tier)), boss)
		})
	}
}

func TestABulkDeletionNeedsIds(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	c := over(t, sim, webex.Assist)
	for _, ids := range [][]webex.ID{nil, {}, {""}, {webextest.PersonDana, " "}, {"a/b"}, {"availableAgents"}} {
		err := c.Supervisors.DeleteMany(t.Context(), ids...)
		require.ErrorIs(t, err, core.ErrInvalid, "%q", ids)
		require.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied)
	}
	require.Empty(t, sim.Requests())
	require.Len(t, sim.Supervisors(webextest.Assist), 2)
}

func TestDeleteAllIsForOneTierAndIsNotRepeated(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	c := over(t, sim, webex.Basic)
	require.NoError(t, c.Supervisors.DeleteAll(t.Context()))
	require.Equal(t, `{"supervisorIds":[],"hasCxEssentials":false,"deleteAll":true}`, string(sim.Requests("Supervisors.DeleteAll")[0].Body))
	require.Empty(t, sim.Supervisors(webextest.Basic))
	require.Len(t, sim.Supervisors(webextest.Assist), 2)

	sim.Fault(webextest.Fault{Op: "Supervisors.DeleteAll", LoseAnswer: true})
	err := c.InTier(webex.Assist).Supervisors.DeleteAll(t.Context())
	require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
	require.Len(t, sim.Requests("Supervisors.DeleteAll"), 2)
}

func TestEachAgentHasItsResultAndTheErrorCountsThem(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	sim.Refuse("NOT_AVAILABLE", "no way", webextest.PersonBen)
	c := over(t, sim, webex.Assist)
	got, err := c.Supervisors.UpdateAgents(t.Context(), webextest.PersonDana,
		webex.AgentChange{ID: webextest.PersonDev, Action: webex.AddAgent},
		webex.AgentChange{ID: webex.ID(webextest.Key(webextest.PersonBen)), Action: webex.AddAgent},
		webex.AgentChange{ID: webextest.AgentLobby, Action: webex.DeleteAgent},
		webex.AgentChange{ID: webextest.PersonAna, Action: webex.AddAgent})
	require.ErrorIs(t, err, core.ErrPartial)
	require.EqualError(t, err, "webex: Supervisors.UpdateAgents: partly done: 206 Partial Content (NOT_AVAILABLE): 2 of 4 agents not "+
		"changed; first: "+
		webextest.Key(webextest.PersonBen)+": no way [request "+resttest.ErrorOf(t, err).RequestID+"]; applied: yes")
	require.Equal(t, []webex.AgentState{webex.AgentDone, webex.AgentRefused, webex.AgentDone, webex.AgentRefused},
		[]webex.AgentState{got[0].State, got[1].State, got[2].State, got[3].State})
	require.Equal(t, webex.AgentDuplicate, got[3].Status)
	require.Equal(t, []string{webextest.PersonAna, webextest.PersonDev}, sim.SupervisedAgents(webextest.Assist, webextest.PersonDana))

	got, err = c.Supervisors.UpdateAgents(t.Context(), webextest.PersonDana, webex.AgentChange{ID: webextest.PersonAna,
		Action: webex.AddAgent})
	require.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied, "all were refused")
	require.Len(t, got, 1)
}

func TestWritesOfAgentsThatMakeNoSense(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	v := over(t, sim, webex.Assist).Supervisors
	const ana, dana = webextest.PersonAna, webextest.PersonDana
	for name, changes := range map[string][]webex.AgentChange{
		"none": nil, "no action": {{ID: ana}}, "another action": {{ID: ana, Action: "add"}}, "no id": {{Action: webex.AddAgent}},
		"twice": {{ID: ana, Action: webex.AddAgent}, {ID: webex.ID(webextest.Key(ana)), Action: webex.DeleteAgent}},
	} {
		_, err := v.UpdateAgents(t.Context(), dana, changes...)
		require.ErrorIs(t, err, core.ErrInvalid, name)
	}
	_, err := v.UpdateAgents(t.Context(), "..", webex.AgentChange{ID: ana, Action: webex.AddAgent})
	require.ErrorIs(t, err, core.ErrInvalid)
	_, err = v.Create(t.Context(), dana)
	require.ErrorIs(t, err, core.ErrInvalid)
	_, err = v.Create(t.Context(), "", ana)
	require.ErrorIs(t, err, core.ErrInvalid)
	require.Empty(t, sim.Requests())
	_, err = v.Create(t.Context(), dana, ana)
	require.ErrorIs(t, err, core.ErrConflict, "already one")
}

func TestGetReadsAllPagesOfAgents(t *testing.T) {
	for name, opts := range map[string][]webextest.Option{"offsets": nil, "links": {webextest.WithSupervisorLinks()}} {
		sim := webextest.NewServer(append(opts, webextest.WithTelephonyPages(2, 3))...)
		all := sim.AddPeople(11)
		sim.AddSupervisor(webextest.Basic, all[0], all[1:]...)
		c := over(t, sim, webex.Basic)
		d, err := c.Supervisors.Get(t.Context(), webex.ID(all[0]))
		require.NoError(t, err, name)
		require.Len(t, d.Agents, 10)
		for i, a := range d.Agents {
			require.Equal(t, webex.ID(all[i+1]), a.ID)
		}
		_, err = c.InTier(webex.Assist).Supervisors.Get(t.Context(), webex.ID(all[0]))
		require.ErrorIs(t, err, core.ErrNotFound)
	}
}

func TestAListOfAnotherShapeIsNoEmptyList(t *testing.T) {
	for body, class := range map[string]core.Class{
		`{}`: core.ClassProtocol, `{"items":[]}`: core.ClassProtocol, `[]`: core.ClassProtocol, `{"supervisors":{}}`: core.ClassProtocol,
		`{"supervisors":[{"firstName":"x"}]}`: core.ClassProtocol, `<html>`: core.ClassProtocol, ``: core.ClassProtocol,
		`{"supervisors":null}`: "", `{"supervisors":[]}`: "", `{"supervisors":[],"more":1}`: "",
	} {
		c, mt := mocked(t)
		mt.RegisterResponder("GET", "=~/supervisors", resttest.Answer(http.StatusOK, body))
		all, err := core.Collect(c.Supervisors.List(t.Context(), webex.SupervisorListOptions{}))
		require.Equal(t, class, core.ClassOf(err), "%s: %v", body, err)
		require.Empty(t, all)
	}
}

func TestTolerantSupervisors(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("GET", "=~start=0", resttest.Answer(http.StatusOK, `{"supervisors":[{"id":"`+seedFirstUUID+
		`","firstName":"Dana","lastName":".",
		"agentCount":"2.0","hasCxEssentials":"true","extension":110,"more":{"x":1}}]}`))
	mt.RegisterResponder("GET", "=~start=1", resttest.Answer(http.StatusNotFound, ``))
	all, err := core.Collect(c.Supervisors.List(t.Context(), webex.SupervisorListOptions{}))
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, core.Set(2), all[0].AgentCount)
	require.Equal(t, core.Set(true), all[0].HasCxEssentials)
	require.Equal(t, "110", all[0].Extension)
	require.Equal(t, "Dana", all[0].Name())
	require.JSONEq(t, `{"x":1}`, string(all[0].Extra["more"]))
}

// TestAnAnswerAboutAnotherIsNotStoodOn: the guard of the last agent reads the agents of
// a supervisor, and those of another prove nothing about it.
func TestAnAnswerAboutAnotherIsNotStoodOn(t *testing.T) {
	c, mt := mocked(t)
	path := base + "/telephony/config/supervisors/" + seedSupervisor
	page := func(id string) string {
		return `{` + id + `"agents":[{"id":"` + seedFirst + `"},{"id":"` + seedSecond + `"}]}`
	}
	again := func(body string) {
		mt.RegisterResponder("GET", path, func(r *http.Request) (*http.Response, error) {
			if r.URL.Query().Get("start") != "0" {
				return resttest.Answer(404, `{}`)(r)
			}
			return resttest.Answer(200, body, "Trackingid", "ROUTER_7")(r)
		})
	}
	again(page(`"id":"` + lobby + `",`))
	outcomes, err := c.Store().Unassign(t.Context(), linksTo(core.KindSupervisor, seedSupervisor, seedFirst)...)
	require.ErrorIs(t, err, core.ErrPartial)
	e := resttest.ErrorOf(t, outcomes[0].Err)
	require.Equal(t, []any{core.ClassProtocol, core.AppliedNo, 200, "ROUTER_7"}, []any{e.Class, e.Applied, e.Status, e.RequestID})
	require.Zero(t, mt.GetCallCountInfo()["PUT "+path], "nothing was written")
	_, err = c.Supervisors.Get(t.Context(), seedSupervisor)
	require.ErrorIs(t, err, core.ErrProtocol)
	for _, id := range []string{``, `"id":null,`, `"id":"` + webextest.Key(seedSupervisor) + `",`, `"id":"` + withPadding(seedSupervisor) +
		`",`} {
		again(page(id))
		d, err := c.Supervisors.Get(t.Context(), seedSupervisor)
		require.NoError(t, err, id)
		require.Len(t, d.Agents, 2)
	}
	// The same of an agent and its queues.
	mt.RegisterResponder("GET", base+"/telephony/config/queues/agents/"+seedFirst,
		resttest.Answer(200, `{"agent":{"id":"`+seedSecond+`"},"queues":[{"id":"q"}]}`))
	_, err = c.QueueAgents.Get(t.Context(), seedFirst)
	require.ErrorIs(t, err, core.ErrProtocol)
	_, err = c.Store().Suspend(t.Context(), linksTo(core.KindQueue, rawQueueID, seedFirst)...)
	require.ErrorIs(t, err, core.ErrProtocol)
}
