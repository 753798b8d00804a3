package allclients

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/pace"
	"github.com/rollcall-go/rollcall/core/simtest"
)

// TestObserver_AccountsForTheTimeOfAJob: a minute of calls at one in a second, with a
// token, a refusal, a failure, a write and, where the vendor defers, its settling. The
// attempts and the waits add up to the time that passed, in the events and in the log.
func TestObserver_AccountsForTheTimeOfAJob(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			w := &witness{}
			o := w.options()
			o.Governor = pace.New(pace.Limit("", 1/0.98, 1))
			a := v.account(t, o)
			a.sim.Fault(
				simtest.Fault{Skip: 4, Status: 429, RetryAfter: "3"},
				simtest.Fault{Skip: 8, Status: 500, ContentType: "application/json", Body: `{}`},
				simtest.Fault{Times: -1, Delay: 50 * time.Millisecond})

			start := time.Now()
			for time.Since(start) < time.Minute {
				require.NoError(t, a.read(t.Context()))
			}
			u, err := a.store.CreateUser(t.Context(), a.spec)
			require.NoError(t, err)
			if s, ok := a.store.(core.Settler); ok {
				_, err := s.Settle(t.Context(), u.ID)
				require.NoError(t, err)
			}

			waits := accounts(t, w, time.Since(start))
			require.Greater(t, waits[core.WaitPace], 30*time.Second)
			require.GreaterOrEqual(t, waits[core.WaitRetry], 3*time.Second)
			if v.name == "avaya" {
				require.Positive(t, waits[core.WaitSettle])
			}
			if v.name != "lucs" { // which has a fixed key
				require.Equal(t, 1, w.count(core.EventToken))
			}
		})
	})
}

// TestObserver_TellsOfReadsThatLag: where an answer does not show what was asked for, and
// reads show it only after a while, a client waits until they do, and that time is told, too.
func TestObserver_TellsOfReadsThatLag(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			w := &witness{}
			a := v.account(t, w.options())
			u, err := a.store.CreateUser(t.Context(), a.spec)
			require.NoError(t, err)
			if s, ok := a.store.(core.Settler); ok {
				_, err := s.Settle(t.Context(), u.ID)
				require.NoError(t, err)
			}
			time.Sleep(time.Minute)
			w.forget()
			a.sim.LagReads(2 * time.Second)
			a.sim.Fault(simtest.Fault{Match: func(r *http.Request, _ []byte) bool { return r.Method == http.MethodDelete },
				Status: http.StatusOK, Effect: true, ContentType: "application/json", Body: "{}", Delay: 30 * time.Millisecond})

			start := time.Now()
			require.NoError(t, a.store.DeleteUser(t.Context(), u.ID))
			require.Empty(t, a.sim.Unstruck())
			waits := accounts(t, w, time.Since(start))
			require.GreaterOrEqual(t, waits[core.WaitReadBack], 2*time.Second)
		})
	})
}

// accounts checks that attempts and waits add up to the time that passed, in the events and
// in the log, and returns the waits.
func accounts(t *testing.T, w *witness, passed time.Duration) map[core.WaitReason]time.Duration {
	t.Helper()
	waits, sum := map[core.WaitReason]time.Duration{}, time.Duration(0)
	for _, e := range w.events {
		switch e.Kind {
		case core.EventAttempt:
			sum += e.Took
		case core.EventWait:
			sum += e.Took
			waits[e.Wait] += e.Took
		}
	}

	require.Equal(t, passed, sum, "%v", waits)
	require.Equal(t, passed, logged(t, w))
	return waits
}

// logged adds up the same from the records of a log.
func logged(t *testing.T, w *witness) (sum time.Duration) {
	t.Helper()
	for lines := bufio.NewScanner(strings.NewReader(w.log.String())); lines.Scan(); {
		var r struct {
			Msg  string
			Took time.Duration
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &r))
		if r.Msg == "rollcall attempt" || r.Msg == "rollcall wait" {
			sum += r.Took
		}
	}
	return sum
}
