package rest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func left(c *Client) int {
	c.budget.mu.Lock()
	defer c.budget.mu.Unlock()
	return c.budget.left
}

func TestAVendorThatIsDownDrainsTheBudgetAndThenFailuresAreFinal(t *testing.T) {
	for _, s := range []step{says(500, ``), loses(), undialled(), says(503, ``, "Retry-After", "1")} {
		synctest.Test(t, func(t *testing.T) {
			p := talk(s)
			c := newClient(p)
			for range 50 { // two retries of 5 each
				require.Equal(t, 3, failure(t, do(t.Context(), c, opGet)).Attempts)
			}
			require.Zero(t, left(c))
			before := p.sends()
			start := time.Now()
			for range 20 {
				require.Equal(t, 1, failure(t, do(t.Context(), c, opGet)).Attempts)
			}
			require.Equal(t, before+20, p.sends())
			require.Zero(t, time.Since(start), "and nobody waits")
		})
	}
}

func TestSuccessesFillTheBudgetAgainAndNotBeyondItsBrim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(talk(ok()))
		c.budget.left = 3
		require.NoError(t, do(t.Context(), c, opGet))
		require.Equal(t, 4, left(c))
		c.budget.left = budgetFull
		require.NoError(t, do(t.Context(), c, opGet))
		require.Equal(t, budgetFull, left(c))
	})
}

func TestARetryThatSucceedsGivesBackWhatItCost(t *testing.T) {
	for _, s := range []step{says(500, ``), loses(), undialled(), says(503, ``, "Retry-After", "1")} {
		synctest.Test(t, func(t *testing.T) {
			c := newClient(talk(s, s, ok()))
			c.budget.left = 100
			require.NoError(t, do(t.Context(), c, opGet))
			require.Equal(t, 100+budgetOK, left(c))
		})
	}
}

func TestARetryOfAListThatSucceedsGivesBackWhatItCostOnce(t *testing.T) {
	for _, stop := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			c := newClient(talk(says(500, ``), says(200, `[{"id":"a"},{"id":"b"}]`)))
			c.budget.left = 100
			for _, err := range List[thing](t.Context(), c, Request{Op: opList, Base: testBase}, nil) {
				require.NoError(t, err)
				if stop {
					break
				}
			}
			require.Equal(t, 100+budgetOK, left(c))
		})
	}
}

func TestPassingTroubleNeverDrainsTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var steps []step
		for range 300 {
			steps = append(steps, says(502, ``), ok())
		}
		c := newClient(talk(steps...))
		for range 300 {
			require.NoError(t, do(t.Context(), c, opGet))
		}
		require.Equal(t, budgetFull, left(c))
	})
}

func TestRefusalsForTheRateAndRenewalsCostNoBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := talk(append(times(30, says(429, ``, "Retry-After", "1")), says(401, ``), says(400, ``))...)
		c := newClient(p, func(c *Config) { c.Auth = &bearer{NewTokens((&numbered{}).fetch)} })
		c.budget.left = 100
		require.Error(t, do(t.Context(), c, opGet))
		require.Equal(t, 32, p.sends())
		require.Equal(t, 100, left(c))
	})
}

func TestARetryThatIsNotMadeCostsNothing(t *testing.T) {
	for _, s := range []step{says(503, ``, "Retry-After", "999"), says(423, ``, "Retry-After", "999"), says(500, ``, "Retry-After", "999")} {
		synctest.Test(t, func(t *testing.T) {
			c := newClient(talk(s))
			require.Error(t, do(t.Context(), c, opGet))
			require.Equal(t, budgetFull, left(c))
		})
	}
	synctest.Test(t, func(t *testing.T) { // nor where the deadline is too near for the backoff
		c := newClient(talk(undialled()), func(c *Config) { c.MaxWait = 1 })
		require.Error(t, do(t.Context(), c, opGet))
		require.Equal(t, budgetFull, left(c))
	})
}

func TestAnEmptyBudgetDoesNotStopRefusalsForTheRateFromBeingWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(talk(says(429, ``, "Retry-After", "1"), ok()))
		c.budget.left = 0
		require.NoError(t, do(t.Context(), c, opCreate))
	})
}

func TestAClientHasItsOwnBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newClient(talk(says(500, ``))), newClient(talk(says(500, ``), ok()))
		for range 60 {
			_ = do(context.Background(), a, opGet)
		}
		require.Zero(t, left(a))
		require.NoError(t, do(t.Context(), b, opGet))
		require.Equal(t, core.ClassUnavailable, core.ClassOf(do(t.Context(), a, opGet)))
	})
}
