package webex_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

func TestQueuesOfOneTierAndLocation(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData(), webextest.WithStringBooleans(), webextest.WithTelephonyPages(1, 1))
	c := over(t, sim, webex.Basic)
	names := func(q webex.QueueListOptions) (out []string) {
		all, err := core.Collect(c.Queues.List(t.Context(), q))
		require.NoError(t, err)
		for _, e := range all {
			require.Equal(t, core.Set(false), e.HasCxEssentials)
			out = append(out, e.Name)
		}
		return out
	}
	require.Equal(t, []string{"Orders", "Front desk", "Night"}, names(webex.QueueListOptions{}))
	require.Equal(t, []string{"Orders"}, names(webex.QueueListOptions{LocationID: webextest.LocationPorto}))
	require.Equal(t, []string{"Night"}, names(webex.QueueListOptions{Name: "igh"}))
	q, err := c.Queues.Get(t.Context(), webextest.LocationPorto, webextest.QueueOrders)
	require.NoError(t, err)
	require.Equal(t, webex.RoutingPriority, q.CallPolicies.RoutingType)
	require.Contains(t, q.Extra, "queueSettings")
	members, _ := q.Agents.Get()
	require.Len(t, members, 4)
	require.Equal(t, "Gita", members[0].Name()[:4])
	_, err = c.Queues.Get(t.Context(), webextest.LocationAustin, webextest.QueueSupport)
	require.ErrorIs(t, err, core.ErrNotFound)
	require.ErrorContains(t, err, "in assist cannot be seen")
	for _, bad := range []webex.ID{"", "..", "a/b"} {
		sim.Reset()
		_, err = c.Queues.Get(t.Context(), bad, webextest.QueueOrders)
		require.ErrorIs(t, err, core.ErrInvalid)
		_, err = c.Queues.Get(t.Context(), webextest.LocationPorto, bad)
		require.ErrorIs(t, err, core.ErrInvalid)
		require.Empty(t, sim.Requests())
	}
}

func TestReplaceAgentsIsTheWholeMembership(t *testing.T) {
	s, c := newRawQueue(t, `{"id":"`+seedFirst+`","x":1}`)
	require.NoError(t, c.Queues.ReplaceAgents(t.Context(), rawLocation, rawQueueID, []webex.QueueMember{
		{ID: seedSecondUUID, SkillLevel: core.Set(3), JoinEnabled: core.Set(false)}, {ID: seedSupervisor, Weight: core.Set("50")},
	}))
	require.Equal(t, `{"agents":[{"id":"`+seedSecond+`","skillLevel":3,"joinEnabled":false},{"id":"`+seedSupervisor+`","weight":"50"}]}`,
		s.bodies[0])
	require.NoError(t, c.Queues.ReplaceAgents(t.Context(), rawLocation, rawQueueID, nil))
	require.Equal(t, `{"agents":[]}`, s.bodies[1])
	for _, agents := range [][]webex.QueueMember{{{}}, {{ID: seedFirst}, {ID: seedFirstUUID}}, {{ID: "a/b"}}} {
		require.ErrorIs(t, c.Queues.ReplaceAgents(t.Context(), rawLocation, rawQueueID, agents), core.ErrInvalid)
	}
	require.Len(t, s.bodies, 2)
}

func TestModifyAgents(t *testing.T) {
	s, c := newRawQueue(t, `{"id":"`+seedFirst+`","firstName":"Ana","x":1}`, `{"id":"`+seedSecond+`"}`)
	modify := func(change func(*[]webex.QueueMember) error) (*webex.Queue, error) {
		return c.Queues.ModifyAgents(t.Context(), rawLocation, rawQueueID, change)
	}
	q, err := modify(func(agents *[]webex.QueueMember) error { (*agents)[0].JoinEnabled = core.Set(false); return nil })
	require.NoError(t, err)
	require.Equal(t, `{"agents":[{"id":"`+seedFirst+`","joinEnabled":false,"x":1},{"id":"`+seedSecond+`"}]}`, s.bodies[0])
	list, _ := q.Agents.Get()
	require.Equal(t, core.Set(false), list[0].JoinEnabled)

	_, err = modify(func(*[]webex.QueueMember) error { return nil })
	require.NoError(t, err)
	oops := errors.New("oops")
	_, err = modify(func(agents *[]webex.QueueMember) error { *agents = nil; return oops })
	require.Equal(t, oops, err)
	require.Len(t, s.bodies, 1, "nothing to write")

	s.before = func(w http.ResponseWriter, _ []byte) bool { w.WriteHeader(204); return true }
	_, err = modify(func(agents *[]webex.QueueMember) error { *agents = (*agents)[:1]; return nil })
	require.ErrorIs(t, err, core.ErrNotApplied)
	require.ErrorContains(t, err, seedSecond+" is still there")

	s, c = newRawQueue(t, `{"id":"`+seedFirst+`"}`, `{"id":"`+seedSecond+`"}`)
	s.before = func(w http.ResponseWriter, _ []byte) bool { w.WriteHeader(204); return true }
	_, err = modify(func(agents *[]webex.QueueMember) error { (*agents)[0].SkillLevel = core.Set(7); return nil })
	require.NoError(t, err, "what the vendor omits proves nothing")

	s.before = func(w http.ResponseWriter, _ []byte) bool { s.details = "{}"; w.WriteHeader(204); return true }
	_, err = modify(func(agents *[]webex.QueueMember) error { *agents = nil; return nil })
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
}

func TestQueueAgents(t *testing.T) {
	for name, opts := range map[string][]webextest.Option{"": nil, "small pages": {webextest.WithTelephonyPages(1, 1)}} {
		sim := webextest.NewServer(append(opts, webextest.WithSampleData())...)
		c := over(t, sim, webex.Assist)
		list := func(q webex.QueueAgentListOptions) (out []webex.ID) {
			all, err := core.Collect(c.QueueAgents.List(t.Context(), q))
			require.NoError(t, err)
			for _, a := range all {
				out = append(out, a.ID)
			}
			return out
		}
		require.Len(t, list(webex.QueueAgentListOptions{}), 5, name)
		require.Len(t, list(webex.QueueAgentListOptions{QueueID: webex.ID(webextest.Key(webextest.QueueBilling)),
			LocationID: webextest.LocationAustin}), 2)
		require.NotContains(t, list(webex.QueueAgentListOptions{JoinEnabled: core.Set(false)}), webex.ID(webextest.PersonBen))

		d, err := c.QueueAgents.Get(t.Context(), webex.ID(webextest.Key(webextest.PersonAna)))
		require.NoError(t, err)
		require.Equal(t, "Ana Silva", d.Agent.Name())
		require.Len(t, d.Queues, 2)
		require.Equal(t, core.Set(false), d.Queues[1].JoinEnabled)
		require.Contains(t, sim.Requests("QueueAgents.Get")[0].Query, "max=100&start=0")
		_, err = c.QueueAgents.Get(t.Context(), webextest.PersonMarco)
		require.ErrorIs(t, err, core.ErrNotFound)

		require.NoError(t, c.QueueAgents.Join(t.Context(), webextest.PersonAna, webextest.QueueBilling))
		require.NoError(t, c.QueueAgents.Unjoin(t.Context(), webextest.PersonAna, webextest.QueueSupport))
		m, _ := sim.QueueAgent(webextest.QueueBilling, webextest.PersonAna)
		require.Equal(t, true, m["joinEnabled"])
		m, _ = sim.QueueAgent(webextest.QueueSupport, webextest.PersonAna)
		require.Equal(t, false, m["joinEnabled"])
		require.ErrorIs(t, c.QueueAgents.Join(t.Context(), webextest.PersonAna), core.ErrInvalid)
		require.ErrorIs(t, c.QueueAgents.Join(t.Context(), webextest.PersonAna, ""), core.ErrInvalid)
		require.ErrorIs(t, c.QueueAgents.Join(t.Context(), webextest.PersonDana, webextest.QueueBilling), core.ErrNotFound)

		all, err := core.Collect(c.QueueAgents.ListAvailable(t.Context(),
			webex.AvailableQueueAgentListOptions{LocationID: webextest.LocationAustin, Order: "lname-desc,fname"}))
		require.NoError(t, err)
		require.NotEmpty(t, all)
		require.NotContains(t, sim.Requests("QueueAgents.ListAvailable")[0].Query, "hasCxEssentials")
		_, err = core.Collect(c.QueueAgents.ListAvailable(t.Context(), webex.AvailableQueueAgentListOptions{}))
		require.ErrorIs(t, err, core.ErrInvalid, "the location is required")
	}
}
