package webex_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/jarcoal/httpmock"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/internal/simnet"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// simTier is the simulator's word for a tier.
func simTier(t webex.Tier) webextest.Tier { return webextest.Tier(t == webex.Assist) }

var tiers = []webex.Tier{webex.Assist, webex.Basic}

// linksTo makes assignments of users to one target.
func linksTo(kind core.Kind, id string, users ...string) (as []core.Assignment) {
	for _, u := range users {
		as = append(as, core.Assignment{UserID: u, Target: core.Target{Kind: kind, ID: id}})
	}
	return as
}

func results(outcomes []core.Outcome) (out []core.Result) {
	for _, o := range outcomes {
		out = append(out, o.Result)
	}
	return out
}

func times[T any](n int, v T) []T { return slices.Repeat([]T{v}, n) }

// withPadding gives an id the padding that base64 asks for.
func withPadding(id string) string { return id + strings.Repeat("=", (4-len(id)%4)%4) }

// The request and the answer of the vendor's own page.
const (
	seedSupervisor = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8zZjFjMmE3MC01YjFlLTRjMWQtOWE1Mi0wYzZmN2UyYjFhMDE"
	seedFirst      = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS85NTA4OTc4ZC05YmFkLTRmYWEtYTljNC0wOWQ4NWQ4ZmRjZTY"
	seedSecond     = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS9iYzIyMTRlNi0zYzdlLTRkZDAtOTc3Yy0zNzRlOWE2ZDk4MWM"
	seedFirstUUID  = "9508978d-9bad-4faa-a9c4-09d85d8fdce6"
	seedSecondUUID = "bc2214e6-3c7e-4dd0-977c-374e9a6d981c"
	seedMessage    = "[Error 6612] Agent " + seedFirstUUID + " is already assigned to the supervisor."
)

func TestThePagesOwnRequestAndItsDuplicate(t *testing.T) {
	for told, id := range map[string]string{"hydra": seedFirst, "padded": withPadding(seedFirst), "uuid": seedFirstUUID,
		"workspace": webextest.ID("PLACE", seedFirstUUID)} {
		for asked, users := range map[string][2]string{"hydra": {seedFirst, seedSecond}, "padded": {withPadding(seedFirst), withPadding(seedSecond)},
			"uuid": {seedFirstUUID, strings.ToUpper(seedSecondUUID)}} {
			t.Run(asked+" told as "+told, func(t *testing.T) {
				c, mt := mocked(t)
				var seen http.Request
				var body string
				mt.RegisterResponder("PUT", "=~/supervisors/", resttest.AnswerTo(&seen, &body, http.StatusPartialContent,
					`{"supervisorAgentStatus":[{"id":"`+id+`","status":"DUPLICATE","message":"`+seedMessage+`"}]}`))
				mt.RegisterResponder("GET", "=~/supervisors/", resttest.Answer(200, `{"agents":[{"id":"`+seedFirst+`"},{"id":"`+seedSecond+`"}]}`))
				as := linksTo(core.KindSupervisor, withPadding(seedSupervisor), users[0], users[1])
				outcomes, err := c.Store().Assign(t.Context(), as...)
				require.NoError(t, err)
				require.Equal(t, []core.Outcome{
					{Assignment: as[0], Result: core.ResultAlready, Code: "DUPLICATE", Message: seedMessage, Before: &as[0]},
					{Assignment: as[1], Result: core.ResultApplied},
				}, outcomes)
				require.Equal(t, "/v1/telephony/config/supervisors/"+seedSupervisor, seen.URL.Path)
				require.Equal(t, "hasCxEssentials=true", seen.URL.RawQuery)
				require.Equal(t, `{"agents":[{"id":"`+seedFirst+`","action":"ADD"},{"id":"`+seedSecond+`","action":"ADD"}]}`, body)
				require.Equal(t, 2, mt.GetTotalCallCount(), "one write, one look, and nothing else")
			})
		}
	}
}

func TestOneRefusalAmongOthersIsItsOwn(t *testing.T) {
	for _, form := range []webextest.StatusID{webextest.AsSent, webextest.AsUUID, webextest.AsPeople, webextest.AsPlace, webextest.AsPadded, webextest.AsUnknown} {
		for _, tier := range tiers {
			sim := webextest.NewServer(webextest.WithSampleData(), webextest.WithStatusIDs(form))
			crew := sim.AddPeople(5)
			boss := sim.AddSupervisors(1, simTier(tier))[0]
			store := over(t, sim, tier).Store()
			_, err := store.Assign(t.Context(), linksTo(core.KindSupervisor, boss, crew[1])...)
			require.NoError(t, err)
			sim.Refuse("", "", crew[3])
			sim.Reset()
			as := linksTo(core.KindSupervisor, boss, crew[0], crew[1], crew[2], crew[3], crew[4])
			outcomes, err := store.Assign(t.Context(), as...)
			require.ErrorIs(t, err, core.ErrPartial)
			for i, o := range outcomes {
				require.Equal(t, as[i], o.Assignment)
			}
			require.Equal(t, []core.Result{core.ResultApplied, core.ResultAlready, core.ResultApplied, core.ResultFailed, core.ResultApplied},
				results(outcomes), "%v %v", form, tier)
			require.Equal(t, "NOT_AVAILABLE", outcomes[3].Code)
			require.Equal(t, "[Error 6612] Agent "+webextest.Key(crew[3])+" is not available.", outcomes[3].Message)
			require.Equal(t, core.AppliedNo, resttest.ErrorOf(t, outcomes[3].Err).Applied)
			require.Len(t, sim.Requests("Supervisors.UpdateAgents"), 1)
			require.Len(t, sim.SupervisedAgents(simTier(tier), boss), 5)
		}
	}
}

// TestAThousandAgentsOverFortySupervisors: one write per supervisor and chunk, and
// each refusal at its own agent, in the order asked.
func TestAThousandAgentsOverFortySupervisors(t *testing.T) {
	for chunk, writes := range map[int]int{0: 40, 25: 40, 10: 120, 1: 1000} {
		t.Run(fmt.Sprint("chunks of ", chunk), func(t *testing.T) {
			sim := webextest.NewServer(webextest.WithStatusIDs(webextest.AsUUID))
			bosses, crew := sim.AddSupervisors(40, webextest.Assist), sim.AddPeople(1000)
			var as []core.Assignment
			want := make([]core.Result, len(crew))
			for i, user := range crew {
				as = append(as, linksTo(core.KindSupervisor, bosses[i%40], user)...)
				want[i] = core.ResultApplied
				if i%7 == 3 {
					want[i] = core.ResultFailed
					sim.Refuse("NOT_AVAILABLE", "no: "+user, user)
				}
			}
			store := over(t, sim, webex.Assist, with(webex.WithChunk(chunk))).Store()
			outcomes, err := store.Assign(t.Context(), as...)
			require.ErrorIs(t, err, core.ErrPartial)
			require.Equal(t, want, results(outcomes))
			for i, o := range outcomes {
				require.Equal(t, as[i], o.Assignment)
				if want[i] == core.ResultFailed {
					require.Equal(t, "NOT_AVAILABLE", o.Code)
					require.Equal(t, "no: "+crew[i], o.Message)
				}
			}
			require.Len(t, sim.Requests("Supervisors.UpdateAgents"), writes)
			require.LessOrEqual(t, len(sim.Requests("Supervisors.Get")), 40*2, "and each is looked at once, a page and its end")
			for i, user := range crew {
				require.Equal(t, want[i] == core.ResultApplied, slices.Contains(sim.SupervisedAgents(webextest.Assist, bosses[i%40]), user))
			}
		})
	}
}

func TestTheSameAgentInTwoFormsIsSentOnce(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	boss := sim.AddSupervisors(1, webextest.Assist)[0]
	user := sim.AddPeople(1)[0]
	as := linksTo(core.KindSupervisor, boss, user, webextest.Key(user), withPadding(user))
	as[1].Target.ID = webextest.Key(boss)
	outcomes, err := over(t, sim, webex.Assist).Store().Assign(t.Context(), as...)
	require.NoError(t, err)
	require.Equal(t, []core.Result{core.ResultApplied, core.ResultAlready, core.ResultAlready}, results(outcomes))
	for i := range as {
		require.Equal(t, as[i], outcomes[i].Assignment, "as the caller gave it")
	}
	put := sim.Requests("Supervisors.UpdateAgents")
	require.Len(t, put, 1)
	require.JSONEq(t, `{"agents":[{"id":"`+user+`","action":"ADD"}]}`, string(put[0].Body))
}

func TestADuplicateAfterALostAnswerIsDone(t *testing.T) {
	for name, c := range map[string]struct {
		fault webextest.Fault
		want  core.Result
	}{
		"lost":           {webextest.Fault{LoseAnswer: true}, core.ResultApplied},
		"cut":            {webextest.Fault{CutBody: 3}, core.ResultApplied},
		"502 and undone": {webextest.Fault{Status: http.StatusBadGateway}, core.ResultApplied},
		"429":            {webextest.Fault{Status: http.StatusTooManyRequests, RetryAfter: "rand(30),add(30)"}, core.ResultAlready},
		"423":            {webextest.Fault{Status: http.StatusLocked, RetryAfter: "2"}, core.ResultAlready},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := webextest.NewServer(webextest.WithSampleData())
				user := sim.AddPeople(1)[0]
				c.fault.Op = "Supervisors.UpdateAgents"
				sim.Fault(c.fault)
				client := over(t, sim, webex.Assist)
				// Ana is Dana's already, the other is not.
				outcomes, err := client.Store().Assign(t.Context(), linksTo(core.KindSupervisor, webextest.PersonDana, webextest.PersonAna, user)...)
				require.NoError(t, err)
				require.Equal(t, []core.Result{c.want, core.ResultApplied}, results(outcomes))
				require.Len(t, sim.Requests("Supervisors.UpdateAgents"), 2)
				require.Empty(t, sim.Unstruck())
			})
		})
	}
}

func TestAWriteWhoseEndNobodySawIsUnknown(t *testing.T) {
	for name, fault := range map[string]webextest.Fault{
		"502":               {Status: http.StatusBadGateway},
		"a page":            {Status: http.StatusPartialContent, ContentType: "text/html", Body: "<html>hello</html>"},
		"206 without":       {Status: http.StatusPartialContent},
		"206 of nothing":    {Status: http.StatusPartialContent, Body: `{}`},
		"206 of null":       {Status: http.StatusPartialContent, Body: `null`},
		"206 with a string": {Status: http.StatusPartialContent, Body: `{"supervisorAgentStatus":"x"}`},
		"206 of strangers":  {Status: http.StatusPartialContent, Body: `{"supervisorAgentStatus":[{"id":"x","status":"DUPLICATE","message":"?"}]}`},
		"206 half":          {Status: http.StatusPartialContent, Body: `{"supervisorAgentStatus":[{"id":`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := webextest.NewServer(webextest.WithSampleData())
				fault.Op = "Supervisors.UpdateAgents"
				sim.Fault(fault)
				store := over(t, sim, webex.Assist, attempts(1)).Store()
				outcomes, err := store.Assign(t.Context(), linksTo(core.KindSupervisor, webextest.PersonDana, webextest.PersonBen, webextest.PersonDev)...)
				require.ErrorIs(t, err, core.ErrPartial)
				require.Equal(t, times(2, core.ResultUnknown), results(outcomes))
				for _, o := range outcomes {
					require.NotEmpty(t, o.Code)
					require.NotEmpty(t, o.Message)
					require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, o.Err).Applied)
				}
				require.Empty(t, sim.Unstruck())
			})
		})
	}
}

func TestARefusalOfTheWholeWriteIsTheOutcomeOfAll(t *testing.T) {
	for name, c := range map[string]struct {
		fault webextest.Fault
		class core.Class
		sends int
	}{
		"403":               {webextest.Fault{Status: 403}, core.ClassPermission, 1},
		"409":               {webextest.Fault{Status: 409}, core.ClassConflict, 3},
		"423 without":       {webextest.Fault{Status: 423}, core.ClassUnavailable, 1},
		"423 too long":      {webextest.Fault{Status: 423, RetryAfter: "9999"}, core.ClassUnavailable, 1},
		"429 too long":      {webextest.Fault{Status: 429, RetryAfter: "9999"}, core.ClassRateLimited, 1},
		"405":               {webextest.Fault{Status: 405}, core.ClassInvalid, 3},
		"an error in a 200": {webextest.Fault{Status: 200, Body: `{"message":"no","errorCode":25008}`}, core.ClassInvalid, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := webextest.NewServer(webextest.WithSampleData())
				c.fault.Op, c.fault.Times, c.fault.ContentType = "Supervisors.UpdateAgents", -1, "application/json"
				if c.fault.Body == "" {
					c.fault.Body = `{"message":"no","trackingId":"T1"}`
				}
				sim.Fault(c.fault)
				outcomes, err := over(t, sim, webex.Assist).Store().Assign(t.Context(),
					linksTo(core.KindSupervisor, webextest.PersonDana, webextest.PersonBen, webextest.PersonDev)...)
				require.ErrorIs(t, err, core.ErrPartial)
				require.Equal(t, times(2, core.ResultFailed), results(outcomes))
				for _, o := range outcomes {
					e := resttest.ErrorOf(t, o.Err)
					require.Equal(t, c.class, e.Class)
					require.Equal(t, core.AppliedNo, e.Applied)
				}
				require.Len(t, sim.Requests("Supervisors.UpdateAgents"), c.sends)
			})
		})
	}
}

// TestOneAgentForWhomAllAreRefusedIsFound: where the vendor refuses a write as a whole,
// the others are done anyway.
func TestOneAgentForWhomAllAreRefusedIsFound(t *testing.T) {
	for _, status := range []int{http.StatusBadRequest, http.StatusNotFound} {
		sim := webextest.NewServer(webextest.WithUnknownAgentStatus(status))
		boss, crew := sim.AddSupervisors(1, webextest.Assist)[0], sim.AddPeople(100)
		crew[37] = webextest.ID("PEOPLE", "00000000-1111-4222-8333-444444444444")
		outcomes, err := over(t, sim, webex.Assist).Store().Assign(t.Context(), linksTo(core.KindSupervisor, boss, crew...)...)
		require.ErrorIs(t, err, core.ErrPartial)
		for i, o := range outcomes {
			if i == 37 {
				require.Equal(t, core.ResultFailed, o.Result)
				require.Equal(t, status, resttest.ErrorOf(t, o.Err).Status)
				continue
			}
			require.Equal(t, core.ResultApplied, o.Result, i)
		}
		require.Less(t, len(sim.Requests()), 20)
	}
}

func TestHalvingHasABound(t *testing.T) {
	sim := webextest.NewServer()
	boss, crew := sim.AddSupervisors(1, webextest.Assist)[0], sim.AddPeople(1000)
	sim.Fault(webextest.Fault{Op: "Supervisors.UpdateAgents", Times: -1, Status: 400, ContentType: "application/json", Body: `{"message":"no"}`})
	outcomes, err := over(t, sim, webex.Assist).Store().Assign(t.Context(), linksTo(core.KindSupervisor, boss, crew...)...)
	require.ErrorIs(t, err, core.ErrPartial)
	require.Equal(t, times(1000, core.ResultFailed), results(outcomes))
	require.Less(t, len(sim.Requests()), 100)
}

func TestASupervisorIsMadeOnlyWhereThatIsAllowed(t *testing.T) {
	for _, tier := range tiers {
		for name, c := range map[string]struct {
			opts   []setting
			sends  []string
			result core.Result
		}{
			"not":           {nil, []string{"Supervisors.UpdateAgents", "People.List", "Supervisors.Get"}, core.ResultFailed},
			"allowed":       {[]setting{with(webex.WithCreateSupervisor())}, []string{"Supervisors.UpdateAgents", "People.List", "Supervisors.Get", "Supervisors.Create", "Supervisors.Get"}, core.ResultApplied},
			"and in chunks": {[]setting{with(webex.WithCreateSupervisor()), with(webex.WithChunk(2))}, []string{"Supervisors.UpdateAgents", "People.List", "Supervisors.Get", "Supervisors.Create", "Supervisors.UpdateAgents", "Supervisors.Get"}, core.ResultApplied},
		} {
			t.Run(tier.String()+" "+name, func(t *testing.T) {
				sim := webextest.NewServer()
				all := sim.AddPeople(4)
				boss, crew := all[0], all[1:]
				outcomes, err := over(t, sim, tier, c.opts...).Store().Assign(t.Context(), linksTo(core.KindSupervisor, boss, crew...)...)
				require.Equal(t, times(3, c.result), results(outcomes))
				var sends []string
				for _, r := range sim.Requests() {
					sends = append(sends, r.Op)
				}
				require.Equal(t, c.sends, sends)
				if c.result == core.ResultApplied {
					require.NoError(t, err)
					require.Equal(t, crew, sim.SupervisedAgents(simTier(tier), boss))
					return
				}
				require.ErrorIs(t, err, core.ErrNotFound)
				require.Contains(t, outcomes[0].Message, "WithCreateSupervisor")
				require.Empty(t, sim.Supervisors(simTier(tier)))
			})
		}
	}
}

func TestASupervisorWhoIsMadeWithRefusals(t *testing.T) {
	sim := webextest.NewServer()
	all := sim.AddPeople(4)
	sim.Refuse("", "", all[2])
	outcomes, err := over(t, sim, webex.Basic, with(webex.WithCreateSupervisor())).Store().Assign(t.Context(), linksTo(core.KindSupervisor, all[0], all[1:]...)...)
	require.ErrorIs(t, err, core.ErrPartial)
	require.Equal(t, []core.Result{core.ResultApplied, core.ResultFailed, core.ResultApplied}, results(outcomes))
	require.Equal(t, "NOT_AVAILABLE", outcomes[1].Code)
	require.Equal(t, []string{all[1], all[3]}, sim.SupervisedAgents(webextest.Basic, all[0]))
}

func TestACreationWhoseAnswerGotLostIsNotRepeated(t *testing.T) {
	sim := webextest.NewServer()
	all := sim.AddPeople(2)
	sim.Fault(webextest.Fault{Op: "Supervisors.Create", LoseAnswer: true})
	outcomes, err := over(t, sim, webex.Basic, with(webex.WithCreateSupervisor())).Store().Assign(t.Context(), linksTo(core.KindSupervisor, all[0], all[1])...)
	require.NoError(t, err, "the supervisor was looked at")
	require.Equal(t, []core.Result{core.ResultApplied}, results(outcomes))
	require.Len(t, sim.Requests("Supervisors.Create"), 1)
}

func TestTheOtherTierIsNotFoundAndSaysSo(t *testing.T) {
	for _, status := range []int{http.StatusNotFound, http.StatusBadRequest} {
		sim := webextest.NewServer(webextest.WithSampleData(), webextest.WithWrongTierStatus(status))
		store := over(t, sim, webex.Basic).Store()
		for name, do := range map[string]func(context.Context, ...core.Assignment) ([]core.Outcome, error){"assign": store.Assign, "unassign": store.Unassign} {
			outcomes, err := do(t.Context(), linksTo(core.KindSupervisor, webextest.PersonDana, webextest.PersonAna)...)
			require.ErrorIs(t, err, core.ErrPartial, name)
			require.Equal(t, []core.Result{core.ResultFailed}, results(outcomes), "%s %d", name, status)
			require.ErrorIs(t, err, core.ErrNotFound)
			require.Contains(t, outcomes[0].Message, "in assist cannot be seen", name)
			outcomes, err = do(t.Context(), linksTo(core.KindQueue, webextest.QueueSupport, webextest.PersonAna)...)
			require.ErrorIs(t, err, core.ErrNotFound, name)
			require.Equal(t, []core.Result{core.ResultFailed}, results(outcomes), name)
			require.Contains(t, outcomes[0].Message, "in assist cannot be seen", name)
		}
		_, err := core.Collect(store.ListAssignments(t.Context(), core.AssignmentQuery{Target: core.Target{Kind: core.KindSupervisor, ID: webextest.PersonDana}}))
		require.ErrorIs(t, err, core.ErrNotFound)
		require.ErrorContains(t, err, "in assist cannot be seen")
		require.Equal(t, []string{webextest.PersonAna, webextest.AgentLobby}, sim.SupervisedAgents(webextest.Assist, webextest.PersonDana))
		require.Empty(t, sim.Requests("Supervisors.Create", "Queues.ReplaceAgents"))
	}
}

func TestTheLastAgentStaysUnlessAllowed(t *testing.T) {
	for _, tier := range tiers {
		t.Run(tier.String(), func(t *testing.T) {
			sim := webextest.NewServer(webextest.WithTelephonyPages(2, 2))
			all := sim.AddPeople(5)
			boss := sim.AddSupervisor(simTier(tier), all[0], all[1:4]...)
			c := over(t, sim, tier)
			remove := func(s *webex.Store, users ...string) []core.Outcome {
				outcomes, err := s.Unassign(t.Context(), linksTo(core.KindSupervisor, boss, users...)...)
				if err != nil {
					require.ErrorIs(t, err, core.ErrPartial)
				}
				return outcomes
			}
			// Whoever is not there does not count.
			require.Equal(t, []core.Result{core.ResultApplied, core.ResultAlready}, results(remove(c.Store(), all[1], all[4])))
			// All that are left, in any form, and one who is not there.
			got := remove(c.Store(), webextest.Key(all[3]), all[4], withPadding(all[2]))
			require.Equal(t, []core.Result{core.ResultFailed, core.ResultAlready, core.ResultFailed}, results(got))
			for _, i := range []int{0, 2} {
				e := resttest.ErrorOf(t, got[i].Err)
				require.Equal(t, core.ClassInvalid, e.Class)
				require.Equal(t, core.AppliedNo, e.Applied)
				require.Contains(t, got[i].Message, "WithDeleteSupervisor")
			}
			require.Len(t, sim.Requests("Supervisors.UpdateAgents"), 1)
			require.Equal(t, all[2:4], sim.SupervisedAgents(simTier(tier), boss))

			require.Equal(t, times(2, core.ResultApplied), results(remove(over(t, sim, tier, with(webex.WithDeleteSupervisor())).Store(), all[2], all[3])))
			require.Empty(t, sim.Supervisors(simTier(tier)))
		})
	}
}

func TestARemovalThatStandsOnAnIncompleteReadIsRefused(t *testing.T) {
	sim := webextest.NewServer(webextest.WithTelephonyPages(2, 2))
	all := sim.AddPeople(6)
	boss := sim.AddSupervisor(webextest.Assist, all[0], all[1:]...)
	sim.Fault(webextest.Fault{Op: "Supervisors.Get", Skip: 1, Times: -1, Status: http.StatusBadRequest, ContentType: "application/json", Body: `{"message":"no"}`})
	outcomes, err := over(t, sim, webex.Assist).Store().Unassign(t.Context(), linksTo(core.KindSupervisor, boss, all[1])...)
	require.ErrorIs(t, err, core.ErrPartial)
	e := resttest.ErrorOf(t, outcomes[0].Err)
	require.Equal(t, core.ClassIncomplete, e.Class)
	require.Equal(t, core.AppliedNo, e.Applied)
	require.Equal(t, core.ResultFailed, outcomes[0].Result)
	require.Empty(t, sim.Requests("Supervisors.UpdateAgents"))
}

func TestRemovalsAfterALostAnswer(t *testing.T) {
	for _, status := range []string{"", "NOT_ASSIGNED"} {
		synctest.Test(t, func(t *testing.T) {
			var opts []webextest.Option
			if status != "" {
				opts = append(opts, webextest.WithUnassignStatus(status))
			}
			sim := webextest.NewServer(opts...)
			all := sim.AddPeople(4)
			boss := sim.AddSupervisor(webextest.Assist, all[0], all[1:]...)
			sim.Fault(webextest.Fault{Op: "Supervisors.UpdateAgents", LoseAnswer: true})
			c := over(t, sim, webex.Assist)
			outcomes, err := c.Store().Unassign(t.Context(), linksTo(core.KindSupervisor, boss, all[1])...)
			require.NoError(t, err)
			require.True(t, outcomes[0].Done(), "%+v", outcomes[0])

			// And where the supervisor went with it.
			allowed := over(t, sim, webex.Assist, with(webex.WithDeleteSupervisor()))
			sim.Fault(webextest.Fault{Op: "Supervisors.UpdateAgents", LoseAnswer: true})
			outcomes, err = allowed.Store().Unassign(t.Context(), linksTo(core.KindSupervisor, boss, all[2:]...)...)
			require.NoError(t, err)
			require.Equal(t, times(2, core.ResultApplied), results(outcomes))
			require.Empty(t, sim.Supervisors(webextest.Assist))
		})
	}
}

func TestAssign_LooksWhetherTheAnswerIsTrue(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	crew := sim.AddPeople(3)
	sim.Ignore(crew[1])
	c := over(t, sim, webex.Assist)
	as := linksTo(core.KindSupervisor, webextest.PersonDana, crew...)
	outcomes, err := c.Store().Assign(t.Context(), as...)
	require.ErrorIs(t, err, core.ErrNotApplied)
	require.Equal(t, []core.Result{core.ResultApplied, core.ResultUnknown, core.ResultApplied}, results(outcomes))

	sim.Ignore(crew[0])
	outcomes, err = c.Store().Unassign(t.Context(), as[0], as[2])
	require.ErrorIs(t, err, core.ErrNotApplied)
	require.Equal(t, []core.Result{core.ResultUnknown, core.ResultApplied}, results(outcomes))
}

func TestAssign_ALookDecidesWhatGotLost(t *testing.T) {
	for name, c := range map[string]struct {
		fault webextest.Fault
		want  core.Result
	}{
		"done":            {webextest.Fault{LoseAnswer: true}, core.ResultApplied},
		"not done":        {webextest.Fault{Status: http.StatusBadGateway}, core.ResultUnknown},
		"done, unreadble": {webextest.Fault{CutBody: 1}, core.ResultApplied},
	} {
		synctest.Test(t, func(t *testing.T) {
			sim := webextest.NewServer(webextest.WithSampleData())
			c.fault.Op = "Supervisors.UpdateAgents"
			sim.Fault(c.fault)
			store := over(t, sim, webex.Assist, attempts(1)).Store()
			outcomes, _ := store.Assign(t.Context(), linksTo(core.KindSupervisor, webextest.PersonDana, webextest.PersonBen)...)
			require.Equal(t, []core.Result{c.want}, results(outcomes), name)
		})
	}
}

func TestListingTheLinksOfAnAgent(t *testing.T) {
	for name, opts := range map[string][]webextest.Option{"": nil, "small pages": {webextest.WithTelephonyPages(1, 1)},
		"links": {webextest.WithTelephonyPages(1, 1), webextest.WithSupervisorLinks()}, "start is ignored": {webextest.WithStartIgnored()}} {
		t.Run(name, func(t *testing.T) {
			sim := webextest.NewServer(append(opts, webextest.WithSampleData())...)
			store := over(t, sim, webex.Assist).Store()
			list := func(q core.AssignmentQuery) (out []string) {
				all, err := core.Collect(store.ListAssignments(t.Context(), q))
				require.NoError(t, err)
				for _, a := range all {
					text := string(a.Target.Kind) + " " + a.Target.Name
					if q.UserID == "" {
						text = a.UserID
					}
					if a.Level != nil {
						text += fmt.Sprint(" @", *a.Level)
					}
					if a.Suspended {
						text += " suspended"
					}
					out = append(out, text)
				}
				return out
			}
			require.Equal(t, []string{"queue Support @1", "queue Billing suspended", "supervisor Dana Reyes"}, list(core.AssignmentQuery{UserID: webextest.PersonAna}))
			require.Equal(t, []string{"queue Support @3 suspended", "supervisor Erin " + lastName(sim, webextest.PersonErin)}, list(core.AssignmentQuery{UserID: webextest.Key(webextest.PersonCarla)}))
			require.Equal(t, []string{"queue Support @5", "supervisor Dana Reyes"}, list(core.AssignmentQuery{UserID: webextest.AgentLobby}), "a workspace")
			require.Empty(t, list(core.AssignmentQuery{UserID: webextest.PersonMarco}))
			lobby := webextest.ID("PEOPLE", webextest.Key(webextest.AgentLobby))
			require.Equal(t, []string{webextest.PersonAna, lobby}, list(core.AssignmentQuery{Target: core.Target{Kind: core.KindSupervisor, ID: webextest.PersonDana}}))
			require.Equal(t, []string{webextest.PersonAna + " @1", webextest.PersonBen + " @2", webextest.PersonCarla + " @3 suspended", lobby + " @5"},
				list(core.AssignmentQuery{Target: core.Target{Kind: core.KindQueue, ID: webextest.Key(webextest.QueueSupport)}}))
		})
	}
}

func lastName(sim *webextest.Server, id string) string {
	p, _ := sim.Person(id)
	return p["lastName"].(string)
}

func TestListingWhatIsNotThere(t *testing.T) {
	for _, tier := range tiers {
		sim := webextest.NewServer(webextest.WithSampleData())
		store := over(t, sim, tier).Store()
		nobody := webextest.ID("PEOPLE", "00000000-1111-4222-8333-444444444444")
		for _, q := range []core.AssignmentQuery{
			{UserID: nobody}, {Target: core.Target{Kind: core.KindSupervisor, ID: nobody}},
			{Target: core.Target{Kind: core.KindSupervisor, ID: webextest.PersonMarco}},
			{Target: core.Target{Kind: core.KindQueue, ID: webextest.ID("CALL_QUEUE", "00000000-1111-4222-8333-444444444444")}},
		} {
			all, err := core.Collect(store.ListAssignments(t.Context(), q))
			require.ErrorIs(t, err, core.ErrNotFound, "%+v", q)
			require.Empty(t, all)
			require.Contains(t, resttest.ErrorOf(t, err).Op, "assignments.list-by-")
		}
	}
}

// rawQueue is a server with one queue, which believes the vendor's page and
// nothing else: a PUT replaces the agents by exactly what came.
type rawQueue struct {
	mu     sync.Mutex
	agents []map[string]json.RawMessage
	bodies []string
	// before, if set, runs before a PUT is carried out; it may answer instead.
	before func(w http.ResponseWriter, body []byte) bool
	// details, if set, is answered instead of the queue; read runs before.
	details string
	read    func()
}

const (
	rawLocation = "Y2lzY29zcGFyazovL3VzL0xPQ0FUSU9OLzMxMTYx"
	rawQueueID  = "Y2lzY29zcGFyazovL3VzL0NBTExfUVVFVUUvMjQ2OGFjZTAtMTM1Ny00OWJkLThmMDItMTM1NzliZGYyNDA4"
)

func (s *rawQueue) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.Method + " " + r.URL.Path {
	case "GET /v1/telephony/config/queues":
		if r.URL.Query().Get("start") != "0" {
			io.WriteString(w, `{"queues":[]}`)
			return
		}
		io.WriteString(w, `{"queues":[{"id":"`+withPadding(rawQueueID)+`","name":"Support","locationId":"`+rawLocation+`","hasCxEssentials":"true","enabled":true}]}`)
	case "GET /v1/telephony/config/locations/" + rawLocation + "/queues/" + rawQueueID:
		if s.read != nil {
			s.read()
		}
		if s.details != "" {
			io.WriteString(w, s.details)
			return
		}
		list, _ := json.Marshal(s.agents)
		io.WriteString(w, `{"id":"`+rawQueueID+`","name":"Support","callPolicies":{"routingType":"SKILL_BASED","policy":"CIRCULAR"},"agents":`+string(list)+`}`)
	case "PUT /v1/telephony/config/locations/" + rawLocation + "/queues/" + rawQueueID:
		body, _ := io.ReadAll(r.Body)
		s.bodies = append(s.bodies, string(body))
		if s.before != nil && s.before(w, body) {
			return
		}
		var in map[string]json.RawMessage
		if json.Unmarshal(body, &in) != nil || len(in) != 1 || in["agents"] == nil {
			w.WriteHeader(400)
			return
		}
		s.agents = nil
		json.Unmarshal(in["agents"], &s.agents)
		w.WriteHeader(204)
	default:
		w.WriteHeader(404)
	}
}

func newRawQueue(t testing.TB, agents ...string) (*rawQueue, *webex.Client) {
	t.Helper()
	s := &rawQueue{}
	for _, a := range agents {
		var m map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(a), &m))
		s.agents = append(s.agents, m)
	}
	c := client(t, webex.Config{ClientOptions: core.ClientOptions{Transport: &simnet.Transport{Handler: s}}, Auth: bearer, BaseURL: base, Tier: webex.Assist})
	return s, c
}

func TestNobodyElseInTheQueueIsTouched(t *testing.T) {
	s, c := newRawQueue(t,
		`{"id":"`+seedFirst+`","firstName":"Ana","lastName":"Silva","extension":"1060","type":"PEOPLE","location":{"id":"x"},"skillLevel":1,"joinEnabled":false,
			"weight":null,"hasCxEssentials":true,"esn":null,"unheardOf":{"big":12345678901234567890,"n":null},"later":[1.50]}`,
		`{"id":"`+seedSupervisor+`","skillLevel":2.0}`)
	user := webextest.ID("PEOPLE", "11111111-2222-4333-8444-555555555555")
	target := core.Target{Kind: core.KindQueue, ID: webextest.Key(rawQueueID)}
	outcomes, err := c.Store().Assign(t.Context(), core.Assignment{UserID: user, Target: target, Level: new(4)})
	require.NoError(t, err)
	require.Equal(t, []core.Result{core.ResultApplied}, results(outcomes))
	first := `{"id":"` + seedFirst + `","weight":null,"skillLevel":1,"joinEnabled":false,"later":[1.50],"unheardOf":{"big":12345678901234567890,"n":null}}`
	require.Equal(t, `{"agents":[`+first+`,{"id":"`+seedSupervisor+`","skillLevel":2},{"id":"`+user+`","skillLevel":4}]}`, s.bodies[0])

	outcomes, err = c.Store().Unassign(t.Context(), core.Assignment{UserID: seedSupervisor, Target: target})
	require.NoError(t, err)
	require.Equal(t, []core.Result{core.ResultApplied}, results(outcomes))
	require.Equal(t, `{"agents":[`+first+`,{"id":"`+user+`","skillLevel":4}]}`, s.bodies[1])

	outcomes, err = c.Store().Assign(t.Context(), core.Assignment{UserID: webextest.Key(user), Target: target, Level: new(4)},
		core.Assignment{UserID: seedFirst, Target: target, Level: new(9)})
	require.NoError(t, err)
	require.Equal(t, []core.Result{core.ResultAlready, core.ResultApplied}, results(outcomes))
	require.Equal(t, "the level was 1", outcomes[1].Message)

	// The last one too: an empty list, and no null.
	outcomes, err = c.Store().Unassign(t.Context(), linksTo(core.KindQueue, rawQueueID, user, seedFirst)...)
	require.NoError(t, err)
	require.Equal(t, times(2, core.ResultApplied), results(outcomes))
	require.Equal(t, `{"agents":[]}`, s.bodies[3])
}

func TestAQueueThatCannotBeReadWholeIsNotWritten(t *testing.T) {
	for name, details := range map[string]string{
		"no agents":     `{"id":"` + rawQueueID + `","name":"Support"}`,
		"null agents":   `{"id":"` + rawQueueID + `","agents":null}`,
		"broken agents": `{"id":"` + rawQueueID + `","agents":[],"errors":{"agents":{"code":"kms_failure","reason":"no"}}}`,
		"another queue": `{"id":"` + seedFirst + `","agents":[]}`,
		"half an agent": `{"id":"` + rawQueueID + `","agents":[{"firstName":"Ana"}]}`,
		"half":          `{"id":"` + rawQueueID + `","agents":[{"id":"x"}`,
		"a page":        `<html>`,
		"a list":        `[]`,
	} {
		s, c := newRawQueue(t)
		s.details = details
		outcomes, err := c.Store().Assign(t.Context(), linksTo(core.KindQueue, rawQueueID, seedFirst)...)
		require.ErrorIs(t, err, core.ErrPartial, name)
		e := resttest.ErrorOf(t, outcomes[0].Err)
		require.Equal(t, core.AppliedNo, e.Applied, name)
		require.Contains(t, []core.Class{core.ClassIncomplete, core.ClassProtocol}, e.Class, name)
		if strings.HasSuffix(name, " agents") {
			require.Equal(t, core.ClassIncomplete, e.Class, name)
		}
		require.Empty(t, s.bodies, name)
		_, err = c.Queues.ModifyAgents(t.Context(), rawLocation, rawQueueID, func(*[]webex.QueueMember) error { t.Error("called"); return nil })
		require.Error(t, err, name)
		_, err = core.Collect(c.Store().ListAssignments(t.Context(), core.AssignmentQuery{Target: core.Target{Kind: core.KindQueue, ID: rawQueueID}}))
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "written", "a list was asked for")
	}
}

func TestChangesOfOneQueueTakeTurns(t *testing.T) {
	s, c := newRawQueue(t, `{"id":"`+seedFirst+`","keep":1}`)
	store := c.Store()
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			user := fmt.Sprintf("00000000-0000-4000-8000-%012d", i)
			outcomes, err := store.Assign(context.Background(), linksTo(core.KindQueue, rawQueueID, user)...)
			if err != nil || outcomes[0].Result != core.ResultApplied {
				t.Errorf("%v %v", outcomes, err)
			}
		})
	}
	wg.Wait()
	require.Len(t, s.agents, 31)
	require.Equal(t, "1", string(s.agents[0]["keep"]))
}

func TestWhatTheQueueDoesNotShowIsNotApplied(t *testing.T) {
	s, c := newRawQueue(t, `{"id":"`+seedFirst+`"}`, `{"id":"`+seedSupervisor+`"}`)
	// Another writer writes at the same time, and last.
	s.before = func(w http.ResponseWriter, body []byte) bool { w.WriteHeader(204); return true }
	outcomes, err := c.Store().Assign(t.Context(), linksTo(core.KindQueue, rawQueueID, seedSecond, seedFirst)...)
	require.ErrorIs(t, err, core.ErrNotApplied)
	require.Equal(t, []core.Result{core.ResultUnknown, core.ResultAlready}, results(outcomes))
	require.Equal(t, "not_applied", outcomes[0].Code)

	// Asked again, it is written again: what this client wrote is no evidence.
	outcomes, err = c.Store().Assign(t.Context(), linksTo(core.KindQueue, rawQueueID, seedSecond)...)
	require.ErrorIs(t, err, core.ErrNotApplied)
	require.Equal(t, []core.Result{core.ResultUnknown}, results(outcomes))
	require.Len(t, s.bodies, 2)

	// The vendor drops another agent on the way.
	s.before = func(w http.ResponseWriter, body []byte) bool {
		s.agents = []map[string]json.RawMessage{{"id": json.RawMessage(`"` + seedSecond + `"`)}, {"id": json.RawMessage(`"` + seedFirst + `"`)}}
		w.WriteHeader(204)
		return true
	}
	outcomes, err = c.Store().Assign(t.Context(), linksTo(core.KindQueue, rawQueueID, seedSecond)...)
	require.NoError(t, err)
	require.Contains(t, outcomes[0].Message, seedSupervisor+" is missing")
}

func TestALostWriteOfAQueueIsUnknown(t *testing.T) {
	s, c := newRawQueue(t, `{"id":"`+seedFirst+`"}`)
	s.before = func(w http.ResponseWriter, body []byte) bool { w.WriteHeader(500); return true }
	synctest.Test(t, func(t *testing.T) {
		outcomes, err := c.Store().Assign(t.Context(), linksTo(core.KindQueue, rawQueueID, seedSecond)...)
		require.ErrorIs(t, err, core.ErrPartial)
		require.Equal(t, []core.Result{core.ResultUnknown}, results(outcomes))
		require.Greater(t, len(s.bodies), 1, "it is sent again")
		require.Equal(t, s.bodies[0], s.bodies[1])
	})
}

func TestAQueueThatRefusesOneAgentTakesTheOthers(t *testing.T) {
	for _, tier := range tiers {
		sim := webextest.NewServer(webextest.WithSampleData())
		crew := sim.AddPeople(40)
		queue := sim.AddQueue(simTier(tier), "Big", map[string]any{"agents": []any{map[string]any{"id": webextest.PersonBen}}})
		sim.Refuse("", "", crew[11])
		outcomes, err := over(t, sim, tier).Store().Assign(t.Context(), linksTo(core.KindQueue, queue, crew...)...)
		require.ErrorIs(t, err, core.ErrInvalid)
		want := times(40, core.ResultApplied)
		want[11] = core.ResultFailed
		require.Equal(t, want, results(outcomes))
		require.Contains(t, outcomes[11].Message, "is not available")
		for i, user := range append(crew, webextest.PersonBen) {
			_, there := sim.QueueAgent(queue, user)
			require.Equal(t, i != 11, there, i)
		}
		require.Less(t, len(sim.Requests("Queues.ReplaceAgents")), 15)
	}
}

func TestLevelsAreForQueuesThatRouteBySkill(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	store := over(t, sim, webex.Basic).Store()
	outcomes, err := store.Assign(t.Context(),
		core.Assignment{UserID: webextest.PersonFrank, Target: core.Target{Kind: core.KindQueue, ID: webextest.QueueOrders}, Level: new(2)},
		core.Assignment{UserID: webextest.PersonOmar, Target: core.Target{Kind: core.KindQueue, ID: webextest.QueueOrders}})
	require.ErrorIs(t, err, core.ErrPartial)
	require.Equal(t, []core.Result{core.ResultFailed, core.ResultApplied}, results(outcomes))
	require.Equal(t, "unsupported", outcomes[0].Code)
	for _, level := range []int{0, -1} {
		sim.Reset()
		_, err = store.Assign(t.Context(), core.Assignment{UserID: webextest.PersonFrank, Target: core.Target{Kind: core.KindQueue, ID: webextest.QueueOrders}, Level: &level})
		require.ErrorIs(t, err, core.ErrInvalid)
		require.Empty(t, sim.Requests())
	}
	_, err = store.Assign(t.Context(), core.Assignment{UserID: webextest.PersonFrank, Target: core.Target{Kind: core.KindQueue, ID: webextest.QueueOrders}, Level: new(1)},
		core.Assignment{UserID: webextest.Key(webextest.PersonFrank), Target: core.Target{Kind: core.KindQueue, ID: webextest.QueueOrders}, Level: new(2)})
	require.ErrorIs(t, err, core.ErrInvalid, "at two levels at once")
}

func TestTheLocationOfAQueueIsLookedUpOnce(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	c := over(t, sim, webex.Assist)
	as := append(linksTo(core.KindQueue, webextest.QueueSupport, webextest.PersonDev), linksTo(core.KindQueue, webextest.QueueBilling, webextest.PersonBen)...)
	_, err := c.Store().Assign(t.Context(), as...)
	require.NoError(t, err)
	_, err = c.Store().Unassign(t.Context(), as...)
	require.NoError(t, err)
	require.Len(t, sim.Requests("Queues.List"), 1)

	// One that moved is looked for again, once.
	sim.Fault(webextest.Fault{Op: "Queues.Get", Status: 404})
	outcomes, err := c.Store().Assign(t.Context(), as[0])
	require.ErrorIs(t, err, core.ErrNotFound)
	require.Equal(t, []core.Result{core.ResultFailed}, results(outcomes))
	require.Len(t, sim.Requests("Queues.List"), 2)
	_, err = c.Store().Assign(t.Context(), as[0])
	require.NoError(t, err)
	require.Len(t, sim.Requests("Queues.List"), 2)
}

func TestSuspendAndResumeAreTheJoinState(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	store := over(t, sim, webex.Assist).Store()
	as := append(linksTo(core.KindQueue, webextest.QueueSupport, webextest.PersonAna, webextest.PersonCarla, webextest.PersonDev, webextest.AgentLobby),
		linksTo(core.KindQueue, webextest.QueueBilling, webextest.PersonAna, webextest.PersonDev)...)
	outcomes, err := store.Suspend(t.Context(), as...)
	require.ErrorIs(t, err, core.ErrNotFound)
	require.Equal(t, []core.Result{core.ResultApplied, core.ResultAlready, core.ResultFailed, core.ResultApplied, core.ResultAlready, core.ResultApplied}, results(outcomes))
	require.Equal(t, "the user is not an agent of this queue", resttest.ErrorOf(t, outcomes[2].Err).Message)
	for _, r := range sim.Requests("QueueAgents.UpdateSettings") {
		require.Equal(t, "hasCxEssentials=true", r.Query)
	}
	require.Len(t, sim.Requests("QueueAgents.UpdateSettings"), 3, "one an agent")
	for i, user := range []string{webextest.PersonAna, webextest.PersonBen, webextest.AgentLobby} {
		m, _ := sim.QueueAgent(webextest.QueueSupport, user)
		require.Equal(t, i == 1, m["joinEnabled"], user)
	}

	outcomes, err = store.Resume(t.Context(), as[0], as[4])
	require.NoError(t, err)
	require.Equal(t, times(2, core.ResultApplied), results(outcomes))
	require.Len(t, sim.Requests("QueueAgents.UpdateSettings"), 4, "both queues of the agent in one")

	_, err = store.Suspend(t.Context(), append(as, linksTo(core.KindSupervisor, webextest.PersonDana, webextest.PersonAna)...)...)
	require.ErrorIs(t, err, core.ErrUnsupported)
}

func TestANewAgentCanBeAssignedSuspended(t *testing.T) {
	s, c := newRawQueue(t, `{"id":"`+seedFirst+`","joinEnabled":true}`)
	target := core.Target{Kind: core.KindQueue, ID: rawQueueID}
	outcomes, err := c.Store().Assign(t.Context(), core.Assignment{UserID: seedSecond, Target: target, Suspended: true},
		core.Assignment{UserID: seedFirst, Target: target, Suspended: true})
	require.NoError(t, err)
	require.Equal(t, times(2, core.ResultApplied), results(outcomes))
	require.Equal(t, `{"agents":[{"id":"`+seedFirst+`","joinEnabled":false},{"id":"`+seedSecond+`","joinEnabled":false}]}`, s.bodies[0])
	_, err = c.Store().Assign(t.Context(), core.Assignment{UserID: seedSecond, Target: core.Target{Kind: core.KindSupervisor, ID: seedSupervisor}, Suspended: true})
	require.ErrorIs(t, err, core.ErrUnsupported)
}

// TestSuspendTakesTurnsWithChangesOfTheQueue: a change of the queue's agents writes
// the join states that it has read, however long ago.
func TestSuspendTakesTurnsWithChangesOfTheQueue(t *testing.T) {
	for name, starts := range map[string][2]time.Duration{"assign first": {0, time.Second}, "suspend first": {time.Second, 0}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := webextest.NewServer(webextest.WithSampleData())
				store := over(t, sim, webex.Assist).Store()
				sim.Fault(webextest.Fault{Op: "Queues.ReplaceAgents", Delay: 40 * time.Second}, webextest.Fault{Op: "QueueAgents.UpdateSettings", Delay: 10 * time.Second})
				var wg sync.WaitGroup
				for i, do := range []func() error{
					func() error {
						_, err := store.Assign(t.Context(), linksTo(core.KindQueue, webextest.QueueSupport, webextest.PersonDev)...)
						return err
					},
					func() error {
						_, err := store.Suspend(t.Context(), linksTo(core.KindQueue, webextest.Key(webextest.QueueSupport), webextest.PersonAna)...)
						return err
					},
				} {
					wg.Go(func() {
						time.Sleep(starts[i])
						if err := do(); err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				for user, joined := range map[string]bool{webextest.PersonAna: false, webextest.PersonDev: true} {
					m, there := sim.QueueAgent(webextest.QueueSupport, user)
					require.True(t, there)
					require.Equal(t, joined, m["joinEnabled"])
				}
			})
		})
	}
}

func TestAJoinStateThatDoesNotShowIsNotApplied(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	sim.Fault(webextest.Fault{Op: "QueueAgents.UpdateSettings", Status: 204})
	outcomes, err := over(t, sim, webex.Assist).Store().Suspend(t.Context(), linksTo(core.KindQueue, webextest.QueueSupport, webextest.PersonAna)...)
	require.ErrorIs(t, err, core.ErrNotApplied)
	require.Equal(t, []core.Result{core.ResultUnknown}, results(outcomes))
	// Nor is that of an agent who is out of the queue meanwhile.
	sim = webextest.NewServer(webextest.WithSampleData())
	sim.Fault(webextest.Fault{Op: "QueueAgents.UpdateSettings", Match: func(*http.Request, []byte) bool {
		sim.ChangeQueueAgents(webextest.QueueSupport)
		return true
	}, Status: 204})
	outcomes, err = over(t, sim, webex.Assist).Store().Suspend(t.Context(), linksTo(core.KindQueue, webextest.QueueSupport, webextest.PersonAna)...)
	require.ErrorIs(t, err, core.ErrNotApplied)
	require.Equal(t, []core.Result{core.ResultUnknown}, results(outcomes))
}

// TestACallThatEndsInTheMiddle: what was not sent is failed and not applied.
func TestACallThatEndsInTheMiddle(t *testing.T) {
	sim := webextest.NewServer()
	boss, crew := sim.AddSupervisors(1, webextest.Assist)[0], sim.AddPeople(6)
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	mt := httpmock.NewMockTransport()
	inner := sim.Transport()
	mt.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		if n++; n == 2 {
			cancel()
			return nil, context.Canceled
		}
		return inner.RoundTrip(r)
	})
	c := client(t, webex.Config{ClientOptions: core.ClientOptions{Transport: mt}, Auth: bearer, Tier: webex.Assist}, with(webex.WithChunk(2)))
	outcomes, err := c.Store().Assign(ctx, linksTo(core.KindSupervisor, boss, crew...)...)
	require.ErrorIs(t, err, core.ErrCanceled)
	require.Equal(t, []core.Result{core.ResultUnknown, core.ResultUnknown, core.ResultUnknown, core.ResultUnknown, core.ResultFailed, core.ResultFailed}, results(outcomes))
	require.Equal(t, core.AppliedNo, resttest.ErrorOf(t, outcomes[4].Err).Applied)
}

func BenchmarkAssignThousand(b *testing.B) {
	sim := webextest.NewServer()
	bosses, crew := sim.AddSupervisors(40, webextest.Assist), sim.AddPeople(1000)
	var as []core.Assignment
	for i, user := range crew {
		as = append(as, linksTo(core.KindSupervisor, bosses[i%40], user)...)
	}
	store := over(b, sim, webex.Assist).Store()
	b.ReportAllocs()
	for b.Loop() {
		sim.Reset()
		if _, err := store.Assign(b.Context(), as...); err != nil {
			b.Fatal(err)
		}
	}
}

// TestAWriteThatNobodySawIsNotBuiltOn: where one half of a write was accepted and
// could not be looked at, the other half begins with a read of its own.
func TestAWriteThatNobodySawIsNotBuiltOn(t *testing.T) {
	s, c := newRawQueue(t, `{"id":"`+seedFirst+`","keep":1}`)
	const good, bad, late = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002", "00000000-0000-4000-8000-000000000003"
	writes, reads := 0, 0
	s.before = func(w http.ResponseWriter, body []byte) bool {
		if writes++; strings.Contains(string(body), webextest.ID("PEOPLE", bad)) {
			w.WriteHeader(400)
			return true
		}
		s.details = "{}" // once
		return false
	}
	s.read = func() {
		if reads++; reads == 3 {
			s.details = ""
		}
	}
	outcomes, err := c.Store().Assign(t.Context(), linksTo(core.KindQueue, rawQueueID, good, bad, late)...)
	require.ErrorIs(t, err, core.ErrPartial)
	require.Equal(t, []core.Result{core.ResultUnknown, core.ResultFailed}, results(outcomes)[:2])
	var ids []string
	for _, a := range s.agents {
		ids = append(ids, webextest.Key(strings.Trim(string(a["id"]), `"`)))
	}
	require.Equal(t, []string{seedFirstUUID, good, late}, ids)
}

func TestAnAgentsQueueThatSaysLittle(t *testing.T) {
	s, _ := newRawQueue(t, `{"id":"`+seedFirst+`","joinEnabled":false,"skillLevel":"3"}`)
	c, err := webex.New(webex.Config{Auth: bearer, BaseURL: base, Tier: webex.Assist, ClientOptions: core.ClientOptions{Transport: &simnet.Transport{Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			switch {
			case strings.HasSuffix(r.URL.Path, "/queues/agents/"+seedFirst):
				if r.URL.Query().Get("start") != "0" {
					w.WriteHeader(404)
					return
				}
				io.WriteString(w, `{"queues":[{"id":"`+rawQueueID+`","locationId":"`+rawLocation+`"}]}`)
			case strings.HasSuffix(r.URL.Path, "/supervisors"):
				io.WriteString(w, `{"supervisors":[]}`)
			default:
				s.ServeHTTP(w, r)
			}
		})}}})
	require.NoError(t, err)
	all, err := core.Collect(c.Store().ListAssignments(t.Context(), core.AssignmentQuery{UserID: withPadding(seedFirst)}))
	require.NoError(t, err)
	require.Equal(t, []core.Assignment{{UserID: seedFirst, Target: core.Target{Kind: core.KindQueue, ID: rawQueueID}, Level: new(3), Suspended: true}}, all)
}

// TestListAssignments_WhatAListNamesAndIsNotFound: a queue or a supervisor of a list that
// cannot be found leaves the list incomplete, and is never skipped.
func TestListAssignments_WhatAListNamesAndIsNotFound(t *testing.T) {
	for _, op := range []string{"Queues.Get", "Supervisors.Get"} {
		for _, q := range []core.AssignmentQuery{{}, {UserID: webextest.PersonCarla}} {
			sim := webextest.NewServer(webextest.WithSampleData())
			sim.Fault(webextest.Fault{Op: op, Times: -1, Status: http.StatusNotFound})
			_, err := core.Collect(over(t, sim, webex.Assist).Store().ListAssignments(t.Context(), q))
			require.ErrorIs(t, err, core.ErrIncomplete, "%s of %+v", op, q)
			require.NotErrorIs(t, err, core.ErrNotFound, "%s of %+v", op, q)
			require.Equal(t, http.StatusNotFound, resttest.ErrorOf(t, err).Status)
		}
	}
}

func TestAListThatBreaksOffEndsWithAnError(t *testing.T) {
	for _, op := range []string{"QueueAgents.Get", "Queues.Get", "Supervisors.List", "Supervisors.Get", "Queues.List"} {
		sim := webextest.NewServer(webextest.WithSampleData(), webextest.WithTelephonyPages(1, 1))
		sim.Fault(webextest.Fault{Op: op, Skip: 1, Times: -1, Status: http.StatusBadRequest, ContentType: "application/json", Body: `{"message":"no"}`})
		q := core.AssignmentQuery{UserID: webextest.PersonAna}
		if op == "Queues.List" {
			q = core.AssignmentQuery{Target: core.Target{Kind: core.KindQueue, ID: webextest.QueueBilling}}
		}
		_, err := core.Collect(over(t, sim, webex.Assist).Store().ListAssignments(t.Context(), q))
		require.ErrorIs(t, err, core.ErrInvalid, op)
		require.Contains(t, resttest.ErrorOf(t, err).Op, "assignments.list-by-")
	}
}

func TestAQueueThatDoesNotSayHowItRoutesTakesLevels(t *testing.T) {
	s, c := newRawQueue(t)
	s.details = `{"id":"` + rawQueueID + `","agents":[{"id":"` + seedFirst + `"},{"id":"` + seedFirstUUID + `"}]}`
	s.before = func(w http.ResponseWriter, _ []byte) bool {
		s.details = strings.TrimSuffix(s.details, "]}") + `,{"id":"` + seedSecondUUID + `","skillLevel":"2"}]}`
		w.WriteHeader(200)
		return true
	}
	outcomes, err := c.Store().Assign(t.Context(), core.Assignment{UserID: seedSecond, Target: core.Target{Kind: core.KindQueue, ID: rawQueueID}, Level: new(2)})
	require.NoError(t, err)
	require.Equal(t, []core.Result{core.ResultApplied}, results(outcomes))
	require.Equal(t, `{"agents":[{"id":"`+seedFirst+`"},{"id":"`+seedSecond+`","skillLevel":2}]}`, s.bodies[0], "one id is sent once")
	require.Empty(t, outcomes[0].Message, "and no user is missing")
}

func TestAnAgentWhomAQueueHoldsTwiceIsTakenOut(t *testing.T) {
	s, c := newRawQueue(t, `{"id":"`+seedFirst+`","skillLevel":3}`, `{"id":"`+seedSecond+`"}`, `{"id":"`+seedFirstUUID+`"}`, `{"id":"`+withPadding(seedFirst)+`"}`)
	links, err := core.Collect(c.Store().ListAssignments(t.Context(), core.AssignmentQuery{Target: core.Target{Kind: core.KindQueue, ID: rawQueueID}}))
	require.NoError(t, err)
	require.Len(t, links, 2)
	outcomes, err := c.Store().Unassign(t.Context(), linksTo(core.KindQueue, rawQueueID, seedFirst)...)
	require.NoError(t, err)
	require.Equal(t, []core.Result{core.ResultApplied}, results(outcomes))
	require.Equal(t, []string{`{"agents":[{"id":"` + seedSecond + `"}]}`}, s.bodies)
	s, c = newRawQueue(t, `{"id":"`+seedFirst+`","skillLevel":3}`, `{"id":"`+seedFirstUUID+`"}`)
	q, err := c.Queues.ModifyAgents(t.Context(), rawLocation, rawQueueID, func(agents *[]webex.QueueMember) error {
		*agents = append(*agents, webex.QueueMember{ID: seedSecond})
		return nil
	})
	require.NoError(t, err)
	require.Len(t, q.Agents.Or(nil), 2)
	require.Equal(t, []string{`{"agents":[{"id":"` + seedFirst + `","skillLevel":3},{"id":"` + seedSecond + `"}]}`}, s.bodies)
}

// TestAQueueWhosePlaceIsNotToldIsNotMissing: it is in the list.
func TestAQueueWhosePlaceIsNotToldIsNotMissing(t *testing.T) {
	place := ``
	c, mt := mocked(t)
	mt.RegisterResponder("GET", base+"/telephony/config/queues", func(r *http.Request) (*http.Response, error) {
		if r.URL.Query().Get("start") != "0" {
			return resttest.Answer(200, `{"queues":[]}`)(r)
		}
		return resttest.Answer(200, `{"queues":[{"id":"`+rawQueueID+`"`+place+`}]}`)(r)
	})
	mt.RegisterResponder("GET", base+"/telephony/config/locations/"+rawLocation+"/queues/"+rawQueueID, resttest.Answer(200, `{"id":"`+rawQueueID+`","agents":[]}`))
	s, q := c.Store(), core.AssignmentQuery{Target: core.Target{Kind: core.KindQueue, ID: rawQueueID}}
	_, err := core.Collect(s.ListAssignments(t.Context(), q))
	require.ErrorIs(t, err, core.ErrIncomplete)
	outcomes, err := s.Assign(t.Context(), linksTo(core.KindQueue, rawQueueID, seedFirst)...)
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.Equal(t, core.AppliedNo, resttest.ErrorOf(t, outcomes[0].Err).Applied)
	// It is asked for again.
	place = `,"locationId":"` + rawLocation + `"`
	_, err = core.Collect(s.ListAssignments(t.Context(), q))
	require.NoError(t, err)
	q.Target.ID = webextest.ID("CALL_QUEUE", "nowhere")
	_, err = core.Collect(s.ListAssignments(t.Context(), q))
	require.ErrorIs(t, err, core.ErrNotFound)
}

// TestAQueueWhoseAgentsAreNotShownTellsNoLevel: none and unknown are not the same.
func TestAQueueWhoseAgentsAreNotShownTellsNoLevel(t *testing.T) {
	for _, details := range []string{`null`, `{"id":"` + rawQueueID + `"}`, `{"id":"` + rawQueueID + `","agents":[],"errors":{"agents":{"code":"x"}}}`} {
		c, mt := mocked(t)
		mt.RegisterResponder("GET", base+"/telephony/config/queues/agents/"+seedFirst, func(r *http.Request) (*http.Response, error) {
			if r.URL.Query().Get("start") != "0" {
				return resttest.Answer(404, `{}`)(r)
			}
			return resttest.Answer(200, `{"queues":[{"id":"`+rawQueueID+`","locationId":"`+rawLocation+`"}]}`)(r)
		})
		mt.RegisterResponder("GET", base+"/telephony/config/locations/"+rawLocation+"/queues/"+rawQueueID, resttest.Answer(200, details))
		_, err := core.Collect(c.Store().ListAssignments(t.Context(), core.AssignmentQuery{UserID: seedFirst}))
		require.Contains(t, []core.Class{core.ClassIncomplete, core.ClassProtocol}, core.ClassOf(err), details)
	}
}
