package lucs_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

// TestSearch_ABrokenServiceHidesNoUser: who is found is found, whatever the services
// before answered; only who is not found may be in the one that could not be read.
func TestSearch_ABrokenServiceHidesNoUser(t *testing.T) {
	for status, class := range map[int]core.Class{500: core.ClassIncomplete, 401: core.ClassUnauthenticated, 403: core.ClassPermission, 404: core.ClassIncomplete} {
		c, _ := twoServices(t, status, true)
		s := c.Store()
		made, err := s.Block(t.Context(), aGUID)
		require.NoError(t, err, status)
		require.Equal(t, []string{"IsBlockedByLuwareApi"}, made.Changed)
		require.NoError(t, s.Unblock(t.Context(), aGUID, made))
		require.NoError(t, s.SetPresence(t.Context(), aGUID, core.DND))
		_, err = s.Presence(t.Context(), aGUID)
		require.NoError(t, err)

		c, mt := twoServices(t, status, false)
		s = c.Store()
		_, err = s.GetUser(t.Context(), aGUID)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{class, status}, []any{e.Class, e.Status})
		require.Contains(t, e.Message, "service 1")
		require.Equal(t, 3, mt.GetTotalCallCount(), "each was asked once")
		_, err = s.Block(t.Context(), aGUID)
		require.Equal(t, []any{class, core.AppliedNo}, []any{core.ClassOf(err), resttest.ErrorOf(t, err).Applied})
		require.NoError(t, s.LiftBlocks(t.Context(), aGUID), "the server's answer is what there is to look at")
	}
}

// TestSearch_NoServiceIsNoProof: a key that sees no service looked for nobody.
func TestSearch_NoServiceIsNoProof(t *testing.T) {
	c, mt := mocked(t, lucs.Dialect{})
	mt.RegisterResponder(http.MethodGet, base+"/v1.0/services", httpmock.NewStringResponder(200, `[]`))
	s := c.Store()
	_, get := s.GetUser(t.Context(), aGUID)
	_, presence := s.Presence(t.Context(), aGUID)
	_, links := core.Collect(s.ListAssignments(t.Context(), core.AssignmentQuery{UserID: aGUID}))
	_, block := s.Block(t.Context(), aGUID)
	for op, err := range map[core.Operation]error{core.OpGetUser: get, core.OpPresence: presence, core.OpListByUser: links, core.OpBlock: block} {
		require.NotErrorIs(t, err, core.ErrNotFound, op)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{string(op), core.ClassIncomplete, core.AppliedNo}, []any{e.Op, e.Class, e.Applied})
		require.Contains(t, e.Message, "nobody was looked for")
	}
}

// TestSearch_ABrokenHomeIsNotTheEnd: where a user was seen is a place to begin.
func TestSearch_ABrokenHomeIsNotTheEnd(t *testing.T) {
	for _, status := range []int{500, 403, 404, 401} {
		sim := sample()
		s := over(t, sim, attempts(1)).Store()
		for _, id := range []string{lucstest.UserMara, lucstest.UserTom} {
			_, err := s.GetUser(t.Context(), id)
			require.NoError(t, err)
		}
		sim.Reset()
		sim.Fault(lucstest.Fault{Op: "Services.ListUsers", Times: -1, Status: status,
			Match: func(r *http.Request, _ []byte) bool { return strings.Contains(r.URL.Path, lucstest.ServiceHelpdesk) }})
		_, err := s.Presence(t.Context(), lucstest.UserMara)
		if status == 401 {
			require.ErrorIs(t, err, core.ErrUnauthenticated)
			require.Len(t, sim.Requests(), 1, "a key that was good and is refused is not tried again")
			_, err = s.Presence(t.Context(), lucstest.UserMara)
		}
		require.NoError(t, err, "she is in the French helpdesk too")
		_, err = s.Presence(t.Context(), lucstest.UserTom)
		require.Error(t, err)
		require.NotErrorIs(t, err, core.ErrNotFound, "he was there")
	}
}

func TestSearch_WhatEndsIt(t *testing.T) {
	sim := sample()
	s := over(t, sim, attempts(1)).Store()
	sim.Fault(lucstest.Fault{Op: "Services.ListUsers", Times: -1, Status: 429, RetryAfter: "3600"})
	require.ErrorIs(t, s.LiftBlocks(t.Context(), lucstest.UserKarl), core.ErrRateLimited)
	require.Equal(t, []string{"Services.List", "Services.ListUsers"}, ops(sim), "who is told to wait does not ask the next")

	sim = sample(lucstest.WithForbidden("Services.List"))
	s = over(t, sim, attempts(5)).Store()
	require.ErrorIs(t, s.LiftBlocks(t.Context(), lucstest.UserKarl), core.ErrUnauthenticated)
	require.Equal(t, []string{"Services.List"}, ops(sim), "a key that is refused there is refused")
}

// TestSearch_EndsAtAServerThatIsDown: who looks for a user gives up after
// a few.
func TestSearch_EndsAtAServerThatIsDown(t *testing.T) {
	for status, most := range map[int]int{500: 3, 401: 2, 403: 20} {
		c, mt := mocked(t, lucs.Dialect{}, attempts(1))
		var services []string
		for i := range 20 {
			services = append(services, fmt.Sprintf(`{"Id":"00000000-0000-4000-8000-0000000000%02d"}`, i))
		}
		asked := 0
		mt.RegisterResponder("GET", base+"/v1.0/services", resttest.Answer(200, "["+strings.Join(services, ",")+"]"))
		mt.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
			asked++
			return resttest.Answer(status, ``)(r)
		})
		_, err := c.Store().GetUser(t.Context(), aGUID)
		require.Error(t, err)
		require.NotErrorIs(t, err, core.ErrNotFound)
		require.Equal(t, most, asked, status)
	}
}

// TestSearch_WaitsForAHomeThatIsDownForAMoment, because the change is made and only does
// not show.
func TestSearch_WaitsForAHomeThatIsDownForAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := sample()
		s := over(t, sim, attempts(1)).Store()
		_, err := s.GetUser(t.Context(), lucstest.UserTom)
		require.NoError(t, err)
		sim.Fault(lucstest.Fault{Op: "Services.ListUsers", Skip: 1, Times: 4, Status: 503,
			Match: func(r *http.Request, _ []byte) bool { return strings.Contains(r.URL.Path, lucstest.ServiceHelpdesk) }})
		made, err := s.Block(t.Context(), lucstest.UserTom)
		require.NoError(t, err)
		require.Len(t, made.Changed, 1)
		require.Empty(t, sim.Unstruck())
	})
}
