package lucs_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

// TestABlockThatShowsTooLateIsOnRecord: a read that lags behind for longer than
// anybody looks must not turn a block that was made into one that was not.
func TestABlockThatShowsTooLateIsOnRecord(t *testing.T) {
	for _, form := range []lucstest.Answer{lucstest.AnswerObject, lucstest.AnswerArray, lucstest.AnswerPartial, lucstest.AnswerEmpty} {
		synctest.Test(t, func(t *testing.T) {
			sim := sample(lucstest.WithReadLag(time.Minute), lucstest.WithControlAnswer(form))
			s := over(t, sim).Store()
			blocked := func() any { u, _ := sim.User(lucstest.UserMara); return u["IsBlockedByLuwareApi"] }
			unknown := func(err error) {
				t.Helper()
				e := resttest.ErrorOf(t, err)
				require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied})
				require.Contains(t, e.Message, "shows IsBlockedByLuwareApi: ")
			}
			made, err := s.Block(t.Context(), lucstest.UserMara)
			unknown(err)
			require.Equal(t, []string{"IsBlockedByLuwareApi"}, made.Changed)
			require.Equal(t, true, blocked())

			time.Sleep(2 * time.Minute)
			again, err := s.Block(t.Context(), lucstest.UserMara)
			require.NoError(t, err)
			require.Empty(t, again.Changed, "it was blocked before")
			unknown(s.Unblock(t.Context(), lucstest.UserMara, made))
			require.Equal(t, false, blocked())
		})
	}
}

// TestABlockIsSentWhateverTheListSays: a list that was late, or that shows another
// component's flag, is no reason to do nothing and to call that a success.
func TestABlockIsSentWhateverTheListSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := sample(lucstest.WithReadLag(2 * time.Second))
		s := over(t, sim).Store()
		sim.SetBlocked(lucstest.UserMara, true)
		_, err := s.GetUser(t.Context(), lucstest.UserMara)
		require.NoError(t, err)
		time.Sleep(time.Minute)
		sim.SetBlocked(lucstest.UserMara, false) // which the list does not show yet
		made, err := s.Block(t.Context(), lucstest.UserMara)
		require.NoError(t, err)
		u, _ := sim.User(lucstest.UserMara)
		require.Equal(t, true, u["IsBlockedByLuwareApi"])
		require.Empty(t, made.Changed, "the record goes by what was shown before")
	})
	blocked := func(bool) string { return `{"Id":"` + aGUID + `","IsBlockedByLuwareApi":true}` }
	synctest.Test(t, func(t *testing.T) {
		// What was shown before the change as well proves nothing against the answer.
		made, err := scripted(t, blocked, 200, `{"IsBlockedByLuwareApi":false}`).Block(t.Context(), aGUID)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied})
		require.Contains(t, e.Message, "the answer to the change says otherwise")
		require.Empty(t, made.Changed)
		// Nor where the answer was lost.
		_, err = scripted(t, blocked, 500, "").Block(t.Context(), aGUID)
		require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
		// An answer that omits it does not contradict it.
		_, err = scripted(t, blocked, 200, "").Block(t.Context(), aGUID)
		require.NoError(t, err)
	})
}

// twoServices is a server whose first service answers with a status, and whose
// second holds the user; the POSTs do what they are to.
func twoServices(t *testing.T, status int, inSecond bool) (*lucs.Client, *httpmock.MockTransport) {
	t.Helper()
	c, mt := mocked(t, lucs.Dialect{})
	blocked := "false"
	mt.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		user := `{"Id":"` + aGUID + `","SipUri":"sip:a@b.c","PresenceState":"DoNotDisturb","IsBlockedByLuwareApi":` + blocked + `}`
		switch path := strings.TrimPrefix(r.URL.Path, "/api/v1.0/"); {
		case path == "services":
			return httpmock.NewStringResponse(200, `[{"Id":"1"},{"Id":"2"}]`), nil
		case path == "services/1/users":
			return httpmock.NewStringResponse(status, ""), nil
		case path == "services/2/users" && inSecond:
			return httpmock.NewStringResponse(200, "["+user+"]"), nil
		case path == "services/2/users":
			return httpmock.NewStringResponse(200, "[]"), nil
		case strings.HasSuffix(path, "/block"), strings.HasSuffix(path, "/unblock"):
			blocked = "false"
			if strings.HasSuffix(path, "/block") {
				blocked = "true"
			}
			return httpmock.NewStringResponse(200, `{"IsBlockedByLuwareApi":`+blocked+`}`), nil
		}
		return httpmock.NewStringResponse(200, ""), nil
	})
	return c, mt
}

// TestABrokenServiceHidesNobodyBehindIt: who is found is found, whatever the services
// before answered; only who is not found may be in the one that could not be read.
func TestABrokenServiceHidesNobodyBehindIt(t *testing.T) {
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

// TestTheHomeThatBreaksIsNotTheEnd: where a user was seen is a place to begin.
func TestTheHomeThatBreaksIsNotTheEnd(t *testing.T) {
	for _, status := range []int{500, 403, 404, 401} {
		sim := sample()
		s := over(t, sim, attempts(1)).Store()
		for _, id := range []string{lucstest.UserMara, lucstest.UserTom} {
			_, err := s.GetUser(t.Context(), id)
			require.NoError(t, err)
		}
		sim.Reset()
		sim.Fault(lucstest.Fault{Op: "Users.OfService", Times: -1, Status: status,
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

func TestWhatEndsASearch(t *testing.T) {
	sim := sample()
	s := over(t, sim, attempts(1)).Store()
	sim.Fault(lucstest.Fault{Op: "Users.OfService", Times: -1, Status: 429, RetryAfter: "3600"})
	require.ErrorIs(t, s.LiftBlocks(t.Context(), lucstest.UserKarl), core.ErrRateLimited)
	require.Equal(t, []string{"Services.List", "Users.OfService"}, ops(sim), "who is told to wait does not ask the next")

	sim = sample(lucstest.WithForbidden("Services.List"))
	s = over(t, sim, attempts(5)).Store()
	require.ErrorIs(t, s.LiftBlocks(t.Context(), lucstest.UserKarl), core.ErrUnauthenticated)
	require.Equal(t, []string{"Services.List"}, ops(sim), "a key that is refused there is refused")
}

// TestALostUnblockOfWhomNobodySawIsUnknown, whatever the next attempt is told.
func TestALostUnblockOfWhomNobodySawIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := sample()
		sim.Fault(lucstest.Fault{Op: "Users.Unblock", LoseAnswer: true, Times: 1}, lucstest.Fault{Op: "Users.Unblock", Status: 404, Times: -1})
		err := over(t, sim).Store().LiftBlocks(t.Context(), lucstest.UserKarl)
		require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
	})
}

// TestAServerThatIsDownIsNotAskedForEveryService: who looks for a user gives up after
// a few.
func TestAServerThatIsDownIsNotAskedForEveryService(t *testing.T) {
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

// TestAHomeThatIsDownForAMomentIsWaitedFor, because the change is made and only does
// not show.
func TestAHomeThatIsDownForAMomentIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := sample()
		s := over(t, sim, attempts(1)).Store()
		_, err := s.GetUser(t.Context(), lucstest.UserTom)
		require.NoError(t, err)
		sim.Fault(lucstest.Fault{Op: "Users.OfService", Skip: 1, Times: 4, Status: 503,
			Match: func(r *http.Request, _ []byte) bool { return strings.Contains(r.URL.Path, lucstest.ServiceHelpdesk) }})
		made, err := s.Block(t.Context(), lucstest.UserTom)
		require.NoError(t, err)
		require.Len(t, made.Changed, 1)
		require.Empty(t, sim.Unstruck())
	})
}
