package lucstest_test

import (
	"encoding/json"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	. "github.com/rollcall-go/rollcall/lucs/lucstest"
)

const (
	sipMara = "sip:mara.keller@example.internal"
	sipTom  = "sip:tom.brandt@example.internal"
	sipNils = "sip:nils.berger@example.internal"
)

func TestServer_TaskID(t *testing.T) {
	guid := `[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`
	for form, want := range map[TaskAnswer]string{
		TaskString: `^"` + guid + `"$`, TaskText: `^` + guid + `$`, TaskIDObject: `^{"TaskId":"` + guid + `"}$`,
		TaskObject: `^{"Id":"` + guid + `","ExternalTaskId":"t-1",.*"State":"Accepted".*}$`,
	} {
		s := sample(t, WithTaskAnswer(form))
		r := s.post("/tasks", newTask(ServiceFrench, m{"ExternalTaskId": "t-1"})).is(200)
		require.Regexp(t, want, r.Body)
		require.Equal(t, form == TaskText, r.Header.Get("Content-Type") == "text/plain; charset=utf-8")
		require.Len(t, s.get("/services/"+ServiceFrench+"/tasks").Array(), 1)
	}
}

func TestServer_WhatATaskNeeds(t *testing.T) {
	s := sample(t)
	for _, change := range []m{
		{"Service": nil}, {"Service": ""}, {"Service": "x"}, {"Service": nobody}, {"Required": nil}, {"Required": []string{"Im"}},
		{"Required": m{"Im": "false"}}, {"DistributeToAgent": nil}, {"DistributeToAgent": "true"},
		{"PreferredAgents": []string{UserMara}}, {"PreferredAgents": sipMara}, {"DistributeToAgentRONATimeoutInSeconds": -1},
	} {
		s.post("/tasks", newTask(ServiceFrench, change)).is(400)
	}
	s.post("/tasks", `{"Service":"`+ServiceFrench+`","Required":null,"DistributeToAgent":true}`).is(400)
	s.post("/tasks", nil).is(415)
	s.post("/tasks", newTask(ServiceClaims, m{"newTask": 1, "Service": nil})).is(400)
	require.Empty(t, s.get("/services/"+ServiceFrench+"/tasks").Array())
	state, _ := s.state(s.task(ServiceFrench, m{"Required": m{}, "DistributeToAgent": false}))
	require.Equal(t, "Pending", state, "not to be distributed")
	s.task(ServiceFrench, m{"ExternalTaskId": "a"})
	s.task(ServiceFrench, m{"ExternalTaskId": "a"})
	s = sample(t, WithUniqueExternalTaskIDs())
	s.task(ServiceFrench, m{"ExternalTaskId": "a"})
	s.post("/tasks", newTask(ServiceFrench, m{"ExternalTaskId": "a"})).is(409)
}

func TestServer_NobodySelectable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sample(t)
		s.block(UserMara).is(200)
		task := s.task(ServiceFrench)
		time.Sleep(24 * time.Hour)
		state, agent := s.state(task)
		require.Equal(t, "Pending", state)
		require.Nil(t, agent)
	})
}

func TestServer_UnblockDistributes(t *testing.T) {
	s := sample(t)
	s.block(UserMara).is(200)
	first, second := s.task(ServiceFrench), s.task(ServiceFrench)
	require.Equal(t, false, s.unblock(UserMara).is(200).Object()["IsSelectable"], "he has it already")
	state, agent := s.state(first)
	require.Equal(t, []any{"Accepted", sipMara}, []any{state, agent})
	state, _ = s.state(second)
	require.Equal(t, "Pending", state, "one task at a time, the oldest first")
	s.CompleteTask(first)
	state, _ = s.state(second)
	require.Equal(t, "Accepted", state)

	synctest.Test(t, func(t *testing.T) {
		s := sample(t, WithDistributionDelay(5*time.Second))
		s.block(UserMara).is(200)
		task := s.task(ServiceFrench)
		time.Sleep(time.Minute)
		require.Equal(t, true, s.unblock(UserMara).is(200).Object()["IsSelectable"])
		time.Sleep(5*time.Second - 1)
		require.Equal(t, true, s.member(ServiceFrench, UserMara)["IsSelectable"])
		time.Sleep(time.Nanosecond)
		require.Equal(t, false, s.member(ServiceFrench, UserMara)["IsSelectable"])
		state, _ := s.state(task)
		require.Equal(t, "Accepted", state)
	})
}

func TestPendingTasksGoToWhoeverBecomesFree(t *testing.T) {
	for name, free := range map[string]func(s *site){
		"presence": func(s *site) { s.setPresence(UserAline, "Online") },
		"somebody new": func(s *site) {
			s.ChangeUser(UserPaul, `{"Traits":[{"TraitNode":"Language/French"}],"Roles":[{"OrganizationUnit":"System","Permission":"Allow"}]}`)
		},
		"end of call": func(s *site) { s.SetInConversation(UserMara, false) },
		"profile":     func(s *site) { s.ChangeUser(UserLea, m{"CurrentProfile": "Late Shift", "PresenceState": "Online"}) },
		"another unblocks": func(s *site) {
			s.SetBlocked(UserMara, true)
			s.SetInConversation(UserMara, false)
			s.SetBlocked(UserMara, false)
		},
	} {
		s := sample(t)
		s.SetInConversation(UserMara, true)
		task := s.task(ServiceFrench)
		state, _ := s.state(task)
		require.Equal(t, "Pending", state, name)
		free(s)
		state, _ = s.state(task)
		require.Equal(t, "Accepted", state, name)
	}
}

func TestServer_AfterAccepting(t *testing.T) {
	s := sample(t)
	task := s.task(ServiceFrench)
	require.Equal(t, []any{false, "Online", false, "Working"}, s.facts(UserMara))
	stored, ok := s.Task(task)
	require.True(t, ok)
	require.Equal(t, sipMara, stored["Agent"])
	s.CompleteTask(task)
	require.Equal(t, []any{false, "Online", true, nil}, s.facts(UserMara))
	state, _ := s.state(task)
	require.Equal(t, "Completed", state)

	other := s.task(ServiceFrench)
	s.block(UserMara).is(200)
	state, _ = s.state(other)
	require.Equal(t, "Accepted", state, "a block takes nothing away")
	s.CancelTask(other)
	state, _ = s.state(other)
	require.Equal(t, "Canceled", state)
	require.Equal(t, []any{true, "Online", false, "Blocked"}, s.facts(UserMara))
}

func TestServer_TheAgentDecides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sample(t, WithReaction(NoAnswer, 0))
		task := s.task(ServiceHelpdesk, m{"DistributeToAgentRONATimeoutInSeconds": 50})
		state, agent := s.state(task)
		require.Equal(t, []any{"Distributing", sipTom}, []any{state, agent}, "who has the higher responsibility")
		require.Equal(t, []any{false, "Online", false, "Working"}, s.facts(UserTom))
		time.Sleep(49 * time.Second)
		_, agent = s.state(task)
		require.Equal(t, sipTom, agent)
		time.Sleep(time.Second)
		state, agent = s.state(task)
		require.Equal(t, []any{"Distributing", sipMara}, []any{state, agent}, "the next agent")
		require.Equal(t, []any{false, "Away", false, "Rona"}, s.facts(UserTom))
		time.Sleep(50 * time.Second)
		state, agent = s.state(task)
		require.Equal(t, []any{"Pending", nil}, []any{state, agent}, "nobody is left")

		s.setPresence(UserTom, "Online").is(200)
		require.Equal(t, []any{false, "Online", false, "Rona"}, s.facts(UserTom), "not until reset")
		s.React(UserTom, Accept, 3*time.Second)
		s.ResetRONA(UserTom)
		state, _ = s.state(task)
		require.Equal(t, "Distributing", state)
		time.Sleep(3 * time.Second)
		state, agent = s.state(task)
		require.Equal(t, []any{"Accepted", sipTom}, []any{state, agent})
	})

	s := sample(t)
	s.React(UserTom, Decline, 0)
	_, agent := s.state(s.task(ServiceHelpdesk))
	require.Equal(t, sipMara, agent)
	require.Equal(t, []any{false, "Away", false, "Rona"}, s.facts(UserTom))

	s = sample(t, WithRONAResetByOnline())
	s.React(UserMara, Decline, 0)
	task := s.task(ServiceFrench)
	require.Equal(t, "Rona", s.facts(UserMara)[3])
	s.React(UserMara, Accept, 0)
	s.setPresence(UserMara, "Online").is(200)
	state, _ := s.state(task)
	require.Equal(t, "Accepted", state)
}

func TestServer_ADeletedAgentRings(t *testing.T) {
	s := sample(t, WithDirectRoutes(), WithReaction(NoAnswer, 0))
	task := s.task(ServiceFrench)
	s.do("DELETE", "/users/"+UserMara, nil).is(200)
	state, agent := s.state(task)
	require.Equal(t, []any{"Pending", nil}, []any{state, agent})
}

func TestServer_PreferredAgents(t *testing.T) {
	s := sample(t)
	agentOf := func(changes ...m) any { _, agent := s.state(s.task(ServiceHelpdesk, changes...)); return agent }
	prefer := func(only bool, addresses ...string) m {
		return m{"PreferredAgents": addresses, "ConsiderPreferredAgentsOnly": only}
	}
	require.Equal(t, sipMara, agentOf(prefer(false, "sip:nobody@example.internal", "SIP:Mara.Keller@example.internal", sipTom)))
	require.Nil(t, agentOf(prefer(true, sipMara, sipNils)), "both have no time, and nobody else will do")
	require.Equal(t, sipTom, agentOf(prefer(false, sipMara, sipNils)), "nobody of them can: the normal policy")
	s.unblock(UserNils).is(200)
	tasks := s.get("/services/" + ServiceHelpdesk + "/tasks").Array()
	require.Equal(t, []any{sipMara, sipNils, sipTom}, simnettest.Each(tasks, "Agent"))
}

func TestTheNormalPolicy(t *testing.T) {
	s := sample(t)
	s.ChangeUser(UserMara,
		m{"Profiles": []m{{"Name": "Early Shift", "Responsibilities": []m{{"TraitNode": "Topic/IT", "Responsibility": "High"}}}}})
	next := func() any {
		task := s.task(ServiceHelpdesk)
		_, agent := s.state(task)
		s.CompleteTask(task)
		return agent
	}
	first := next()
	require.Equal(t, sipMara, first, "as responsible as Tom, and before him by name")
	require.Equal(t, sipTom, next(), "who has waited longer")
	require.Equal(t, sipMara, next())
}

func TestServer_QueueLimit(t *testing.T) {
	s := sample(t)
	s.block(UserSara).is(200)
	s.task(ServicePolicies, m{"DistributeToAgent": false}) // which waits at another service
	first := s.task(ServiceClaims)
	s.task(ServiceClaims)
	s.post("/tasks", newTask(ServiceClaims)).is(409)
	require.Len(t, s.get("/services/"+ServiceClaims+"/tasks").Array(), 2)
	s.task(ServiceFrench)
	s.unblock(UserSara).is(200)
	state, _ := s.state(first)
	require.Equal(t, "Accepted", state)
	s.task(ServiceClaims)
	s.post("/tasks", newTask(ServiceClaims)).is(409)

	s = sample(t, WithOverLimitStatus(400))
	s.block(UserSara).is(200)
	s.task(ServiceClaims)
	s.task(ServiceClaims)
	require.Contains(t, s.post("/tasks", newTask(ServiceClaims)).is(400).message(), "Claims")
}

func TestServer_TaskLists(t *testing.T) {
	s := sample(t)
	body := newTask(ServiceFrench, m{
		"ExternalTaskId": "ticket-48113", "Caller": "Ticket 48113", "PreferredAgents": []string{sipMara},
		"DistributeToAgentRONATimeoutInSeconds": 30,
	})
	var id string
	s.post("/tasks", body).is(200).Decode(&id)
	s.task(ServiceHelpdesk)
	list := s.get("/services/" + ServiceFrench + "/tasks").is(200).Array()
	require.Len(t, list, 1)
	require.Equal(t, m{
		"Id": id, "ExternalTaskId": "ticket-48113", "Service": ServiceFrench, "Caller": "Ticket 48113",
		"PreferredAgents": []any{sipMara}, "ConsiderPreferredAgentsOnly": false, "DistributeToAgent": true,
		"DistributeToAgentRONATimeoutInSeconds": json.Number("30"), "State": "Accepted", "Agent": sipMara,
		"Required": m{"Im": false, "Audio": false, "Video": false, "DesktopSharing": false, "ConversationContext": false},
	}, list[0])
	require.Equal(t, list[0], s.get("/tasks/"+id).is(200).Object())
	require.Equal(t, list[0], s.get("/tasks/ticket-48113").is(200).Object())
	s.get("/tasks/ticket-1").is(404)
	s.get("/tasks/" + nobody).is(404)

	s = sample(t, WithTaskArray())
	id = s.task(ServiceFrench)
	require.Equal(t, id, s.get("/tasks/" + id).is(200).Array()[0]["Id"])
}

// Whatever many do at once, a task has at most one agent, and an agent one task.
func TestManyAtOnce(t *testing.T) {
	s := sample(t)
	ids := s.AddUsers(8, ServiceHelpdesk)
	var group sync.WaitGroup
	for i, id := range ids {
		group.Go(func() {
			for range 20 {
				for _, r := range []struct {
					path string
					body any
				}{
					{"/users/" + id + "/block", nil}, {"/tasks", newTask(ServiceHelpdesk)}, {"/users/" + id + "/unblock", nil},
					{"/users/" + id + "/setpresence", `"Online"`}, {"/callbacks", newCallback()},
				} {
					if reply, err := s.try("POST", r.path, r.body); err != nil || reply.Status != 200 {
						t.Errorf("%d: %s: %v %+v", i, r.path, err, reply)
					}
				}
				s.User(id)
				s.Requests("Tasks.Create")
			}
		})
	}
	group.Wait()
	has := map[any]int{}
	states := map[any]int{}
	for _, task := range s.get("/services/" + ServiceHelpdesk + "/tasks").is(200).Array() {
		if states[task["State"]]++; task["Agent"] != nil {
			has[task["Agent"]]++
		}
	}
	require.Len(t, has, 2+len(ids), "everybody who can work does")
	for agent, n := range has {
		require.Equal(t, 1, n, agent)
	}
	require.Equal(t, map[any]int{"Accepted": 10, "Pending": 8*20 - 10}, states)
}
