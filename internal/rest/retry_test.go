package rest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/pace"
)

const page = "<html><body>Bad Gateway</body></html>"

// each is an expectation for the four replay classes, in their order.
type each [4]int

func all(n int) each { return each{n, n, n, n} }

// ambiguous: sent up to the bound where a replay is safe, a once write one time.
var ambiguous = each{3, 3, 3, 1}

// outcomes is the agreement of what follows from what, for MaxAttempts 3.
var outcomes = []struct {
	name  string
	step  step
	sends each // when it happens every time
	again each // sends when it happens once and then all is well; 0: same as a final error
	class core.Class
	// maybe: a write that ends so may have been carried out.
	maybe      bool
	status     int
	retryAfter time.Duration
	// attempts differ from sends only where a redirect was followed.
	attempts int
	says     string
	auth     bool
}{
	{name: "408", step: says(408, `{}`), sends: ambiguous, again: each{2, 2, 2, 0}, class: core.ClassUnavailable, maybe: true, status: 408},
	{name: "423", step: says(423, `{}`), sends: all(1), class: core.ClassUnavailable, status: 423},
	{name: "423 Retry-After", step: says(423, `{}`, "Retry-After", "7"), sends: all(3), again: all(2), class: core.ClassUnavailable, status: 423, retryAfter: 7 * time.Second},
	{name: "423 garbage Retry-After", step: says(423, `{}`, "Retry-After", "soon"), sends: all(1), class: core.ClassUnavailable, status: 423},
	// 1+2+4+8+16 s are slept, and 30 more are beyond MaxPacing of a minute.
	{name: "429", step: says(429, `{}`), sends: all(6), again: all(2), class: core.ClassRateLimited, status: 429},
	{name: "429 Retry-After", step: says(429, `{}`, "Retry-After", "10"), sends: all(7), again: all(2), class: core.ClassRateLimited, status: 429, retryAfter: 10 * time.Second},
	{name: "429 Retry-After 0", step: says(429, `{}`, "Retry-After", "0"), sends: all(61), again: all(2), class: core.ClassRateLimited, status: 429},
	{name: "429 Retry-After beyond the cap", step: says(429, `{}`, "Retry-After", "3600"), sends: all(1), class: core.ClassRateLimited, status: 429, retryAfter: time.Hour},
	{name: "500", step: says(500, `{}`), sends: ambiguous, again: each{2, 2, 2, 0}, class: core.ClassUnavailable, maybe: true, status: 500},
	{name: "501", step: says(501, `{}`), sends: all(1), class: core.ClassUnavailable, maybe: true, status: 501},
	{name: "502", step: says(502, `{}`), sends: ambiguous, again: each{2, 2, 2, 0}, class: core.ClassUnavailable, maybe: true, status: 502},
	{name: "503", step: says(503, `{}`), sends: ambiguous, again: each{2, 2, 2, 0}, class: core.ClassUnavailable, maybe: true, status: 503},
	{name: "503 Retry-After", step: says(503, `{}`, "Retry-After", "7"), sends: all(3), again: all(2), class: core.ClassUnavailable, status: 503, retryAfter: 7 * time.Second},
	{name: "503 garbage Retry-After", step: says(503, `{}`, "Retry-After", "-3"), sends: ambiguous, again: each{2, 2, 2, 0}, class: core.ClassUnavailable, maybe: true, status: 503},
	// Gateways put RateLimit-Reset on answers of every kind: it does not concern this request.
	{name: "503 RateLimit-Reset", step: says(503, `{}`, "RateLimit-Reset", "7"), sends: ambiguous, again: each{2, 2, 2, 0}, class: core.ClassUnavailable, maybe: true, status: 503},
	{name: "504", step: says(504, `{}`), sends: ambiguous, again: each{2, 2, 2, 0}, class: core.ClassUnavailable, maybe: true, status: 504},
	{name: "524 of a CDN that gave up waiting", step: says(524, page), sends: all(1), class: core.ClassUnavailable, maybe: true, status: 524},
	{name: "dial failure", step: undialled(), sends: all(3), again: all(2), class: core.ClassUnavailable, says: "no connection"},
	{name: "connection lost", step: loses(), sends: ambiguous, again: each{2, 2, 2, 0}, class: core.ClassUnavailable, maybe: true, says: "the connection was lost"},
	{name: "answer cut", step: cuts(200, okBody), sends: ambiguous, again: each{2, 2, 2, 0}, class: core.ClassUnavailable, maybe: true, status: 200, says: "cut off"},
	{name: "HTML 502", step: says(502, page), sends: ambiguous, again: each{2, 2, 2, 0}, class: core.ClassUnavailable, maybe: true, status: 502, says: "HTML"},
	{name: "HTML 200", step: says(200, page), sends: all(1), class: core.ClassProtocol, maybe: true, status: 200, says: "HTML"},
	{name: "empty 200", step: says(200, ""), sends: all(1), class: core.ClassProtocol, maybe: true, status: 200, says: "empty"},
	{name: "garbage 200", step: says(200, "fine"), sends: all(1), class: core.ClassProtocol, maybe: true, status: 200, says: "cannot be read"},
	{name: "truncated 200", step: says(200, okBody[:10]), sends: all(1), class: core.ClassProtocol, maybe: true, status: 200, says: "cannot be read"},
	// A read follows up to three redirects; a write none.
	{name: "302 same origin", step: says(302, "", "Location", "/api/things/t1"), sends: each{4, 1, 1, 1}, again: each{2, 0, 0, 0}, class: core.ClassProtocol, maybe: true, status: 302, attempts: 1},
	{name: "307 other origin", step: says(307, "", "Location", "https://elsewhere.example/x"), sends: all(1), class: core.ClassProtocol, maybe: true, status: 307, says: "elsewhere.example"},
	{name: "302 without Location", step: says(302, ""), sends: all(1), class: core.ClassProtocol, maybe: true, status: 302},
	{name: "302 with a garbage Location", step: says(302, "", "Location", "https://v%zz/?key=hush"), sends: all(1), class: core.ClassProtocol, maybe: true, status: 302},
	// Any redirect, and a 303 by definition, may answer a POST that was carried out.
	{name: "303 other origin", step: says(303, "", "Location", "https://elsewhere.example/x"), sends: all(1), class: core.ClassProtocol, maybe: true, status: 303},
	{name: "401", step: says(401, `{}`), auth: true, sends: all(2), again: all(2), class: core.ClassUnauthenticated, status: 401},
	// With a new credential a repeat is safe, but not of a create: a page is no refusal.
	{name: "HTML 401", step: says(401, page), auth: true, sends: each{2, 2, 2, 1}, again: each{2, 2, 2, 0}, class: core.ClassUnauthenticated, maybe: true, status: 401, says: "HTML"},
	{name: "401 without a credential", step: says(401, `{}`), sends: all(1), class: core.ClassUnauthenticated, status: 401},
	{name: "HTML 403", step: says(403, page), sends: all(1), class: core.ClassPermission, maybe: true, status: 403, says: "HTML"},
	{name: "HTML 404", step: says(404, page), sends: all(1), class: core.ClassProtocol, maybe: true, status: 404, says: "HTML"},
	{name: "HTML 501", step: says(501, page), sends: all(1), class: core.ClassUnavailable, maybe: true, status: 501, says: "HTML"},
	{name: "HTML 423", step: says(423, page), sends: all(1), class: core.ClassUnavailable, maybe: true, status: 423, says: "HTML"},
	{name: "HTML 429", step: says(429, page, "Retry-After", "3600"), sends: all(1), class: core.ClassRateLimited, status: 429, retryAfter: time.Hour, says: "HTML"},
	{name: "HTML 503 Retry-After", step: says(503, page, "Retry-After", "7"), sends: ambiguous, again: each{2, 2, 2, 0}, class: core.ClassUnavailable, maybe: true, status: 503, retryAfter: 7 * time.Second, says: "HTML"},
	{name: "truncated 423 Retry-After", step: says(423, `{"message":"bo`, "Retry-After", "7"), sends: ambiguous, again: each{2, 2, 2, 0}, class: core.ClassUnavailable, maybe: true, status: 423, retryAfter: 7 * time.Second},
	{name: "truncated 412", step: says(412, `{"message":"bo`), sends: all(1), class: core.ClassProtocol, maybe: true, status: 412, says: "half an answer"},
	{name: "cut 409", step: cuts(409, okBody), sends: all(1), class: core.ClassProtocol, maybe: true, status: 409, says: "half an answer"},
	{name: "400", step: says(400, `{}`), sends: all(1), class: core.ClassInvalid, status: 400},
	{name: "403", step: says(403, `{}`), sends: all(1), class: core.ClassPermission, status: 403},
	{name: "404", step: says(404, `{}`), sends: all(1), class: core.ClassNotFound, status: 404},
	{name: "409", step: says(409, `{}`), sends: all(1), class: core.ClassConflict, status: 409},
	{name: "412", step: says(412, `{}`), sends: all(1), class: core.ClassConflict, status: 412},
	{name: "422", step: says(422, `{}`), sends: all(1), class: core.ClassInvalid, status: 422},
}

func forEachOutcome(t *testing.T, f func(t *testing.T, i int, op *Op, p func(...step) (*peer, *Client))) {
	for i, o := range outcomes {
		for _, op := range opsByClass {
			t.Run(o.name+"/"+op.Replay.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f(t, i, op, func(steps ...step) (*peer, *Client) {
						p := talk(steps...)
						return p, newClient(p, func(c *Config) {
							c.MaxPacing = time.Minute
							if o.auth {
								c.Auth = &bearer{NewTokens((&numbered{}).fetch)}
							}
						})
					})
				})
			})
		}
	}
}

func TestAnOutcomeThatStaysEndsAsAgreed(t *testing.T) {
	forEachOutcome(t, func(t *testing.T, i int, op *Op, make func(...step) (*peer, *Client)) {
		o := outcomes[i]
		p, c := make(o.step)
		e := failure(t, do(t.Context(), c, op))
		want := o.sends[op.Replay]
		assert.Equal(t, want, p.sends(), "sends")
		if o.attempts != 0 {
			want = o.attempts
		}
		assert.Equal(t, want, e.Attempts, "attempts")
		assert.Equal(t, o.class, e.Class)
		assert.Equal(t, o.status, e.Status)
		assert.Equal(t, o.retryAfter, e.RetryAfter)
		applied := core.AppliedNo
		if o.maybe {
			applied = appliedAfter(op)
		}
		assert.Equal(t, applied, e.Applied, "applied")
		if applied == core.AppliedUnknown {
			assert.Regexp(t, `^attempt 1: .`, e.Doubt)
		} else {
			assert.Empty(t, e.Doubt)
		}
		assert.Equal(t, op.Name, e.Op)
		assert.Contains(t, e.Error(), o.says)
		assert.NotContains(t, e.Error(), "hush")
		for _, s := range p.all() {
			assert.Equal(t, op.Method, s.Method)
			if op.Replay != Safe {
				assert.JSONEq(t, `{"n":1}`, s.Body, "every send carries the whole body")
			}
		}
	})
}

func TestAnOutcomeThatPassesEndsAsAgreed(t *testing.T) {
	forEachOutcome(t, func(t *testing.T, i int, op *Op, make func(...step) (*peer, *Client)) {
		o := outcomes[i]
		p, c := make(o.step, ok())
		err := do(t.Context(), c, op)
		if o.again[op.Replay] == 0 {
			require.Equal(t, o.class, failure(t, err).Class)
			require.Equal(t, 1, p.sends())
			return
		}
		require.NoError(t, err)
		require.Equal(t, o.again[op.Replay], p.sends())
		require.Equal(t, p.all()[0].Body, p.all()[1].Body, "the body is sent again, whole")
		require.Equal(t, p.all()[0].Method, p.all()[1].Method)
	})
}

func TestAWaitThatTheVendorNamesIsSleptExactly(t *testing.T) {
	for _, status := range []int{423, 429, 503} {
		synctest.Test(t, func(t *testing.T) {
			p := talk(says(status, `{}`, "Retry-After", "37"), ok())
			start := time.Now()
			require.NoError(t, do(t.Context(), newClient(p), opCreate))
			require.Equal(t, 37*time.Second, time.Since(start), "%d", status)
		})
	}
}

func TestAWaitAtTheCapIsSleptAndOneBeyondIsRefusedAtOnce(t *testing.T) {
	for _, status := range []int{423, 429, 503} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			c := newClient(talk(says(status, `{}`, "Retry-After", "120"), ok()))
			require.NoError(t, do(t.Context(), c, opCreate))
			require.Equal(t, 2*time.Minute, time.Since(start))

			start = time.Now()
			c = newClient(talk(says(status, `{}`, "Retry-After", "121"), ok()))
			e := failure(t, do(t.Context(), c, opCreate))
			require.Zero(t, time.Since(start), "%d", status)
			require.Equal(t, 121*time.Second, e.RetryAfter)
			require.Equal(t, core.AppliedNo, e.Applied)
			require.Contains(t, e.Error(), "asked to wait 2m1s")
		})
	}
}

func TestAWaitBeyondTheDeadlineIsRefusedAtOnce(t *testing.T) {
	for _, status := range []int{408, 423, 429, 500, 502, 503, 504} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			p := talk(says(status, `{}`, "Retry-After", "11"), ok())
			start := time.Now()
			e := failure(t, do(ctx, newClient(p), opGet))
			require.Zero(t, time.Since(start), "%d", status)
			require.NotEqual(t, core.ClassCanceled, e.Class)
			require.Equal(t, status, e.Status)
			require.Equal(t, 11*time.Second, e.RetryAfter)
			require.Equal(t, 1, p.sends())
		})
	}
}

func TestAWaitWithinTheDeadlineIsSlept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		require.NoError(t, do(ctx, newClient(talk(says(429, `{}`, "Retry-After", "9"), ok())), opCreate))
		require.Equal(t, 9*time.Second, time.Since(start))
	})
}

func TestAServerErrorIsNotRepeatedBeforeTheWaitItNames(t *testing.T) {
	for _, status := range []int{408, 500, 502, 504} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			require.NoError(t, do(t.Context(), newClient(talk(says(status, ``, "Retry-After", "20"), ok())), opGet))
			require.Equal(t, 20*time.Second, time.Since(start))
		})
	}
}

func TestAServerErrorIsNotHeldUpByTheResetOfARateWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		require.NoError(t, do(t.Context(), newClient(talk(says(500, ``, "RateLimit-Reset", "60"), ok())), opGet))
		require.Less(t, time.Since(start), time.Second)
	})
}

func TestA503ThatAsksForNoWaitIsNotHammered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		require.NoError(t, do(t.Context(), newClient(talk(says(503, ``, "Retry-After", "0"), ok())), opCreate))
		require.Equal(t, time.Second, time.Since(start))
	})
}

func TestARefusalForTheRateCostsNoAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := talk(append(times(50, says(429, ``, "Retry-After", "3")), ok())...)
		require.NoError(t, do(t.Context(), newClient(p, func(c *Config) { c.MaxAttempts = 2 }), opCreate))
		require.Equal(t, 51, p.sends())
	})
}

func TestAFailureAfterRefusalsForTheRateStillHasItsAttempts(t *testing.T) {
	for _, s := range []step{says(502, ``), says(503, ``, "Retry-After", "2"), undialled(), loses()} {
		synctest.Test(t, func(t *testing.T) {
			p := talk(append(times(50, says(429, ``, "Retry-After", "3")), s, ok())...)
			require.NoError(t, do(t.Context(), newClient(p, func(c *Config) { c.MaxAttempts = 2 }), opPut))
			require.Equal(t, 52, p.sends())
		})
	}
}

func TestTheBackoffDoesNotGrowWithRefusalsForTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := talk(append(times(20, says(429, ``, "Retry-After", "1")), says(500, ``), ok())...)
		start := time.Now()
		require.NoError(t, do(t.Context(), newClient(p), opGet))
		require.LessOrEqual(t, time.Since(start), 20*time.Second+backoffBase+time.Millisecond)
	})
}

func TestRefusalsForTheRateEndWithMaxPacingWhereThereIsNoDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := talk(says(429, ``, "Retry-After", "60"))
		start := time.Now()
		e := failure(t, do(t.Context(), newClient(p), opGet))
		require.ErrorIs(t, e, core.ErrRateLimited)
		require.Equal(t, 15*time.Minute, time.Since(start))
		require.Equal(t, 16, p.sends())
		require.Equal(t, 16, e.Attempts)
	})
}

func TestTheErrorNamesMaxPacingWhereItStrikes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(talk(says(429, `{}`, "Retry-After", "60")), func(c *Config) { c.MaxPacing = 150 * time.Second })
		e := failure(t, do(t.Context(), c, opGet))
		require.Contains(t, e.Message, "waited 2m0s for the pace, and 1m0s more would be more than MaxPacing allows")
		require.Equal(t, time.Minute, e.RetryAfter)
	})
}

// TestNoHiddenBoundIsBelowMaxWait: what the caller set is what holds.
func TestNoHiddenBoundIsBelowMaxWait(t *testing.T) {
	for _, status := range []int{423, 429, 503} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			c := newClient(talk(says(status, `{}`, "Retry-After", "72000"), ok()), func(c *Config) { c.MaxWait = 24 * time.Hour })
			require.NoError(t, do(t.Context(), c, opCreate))
			require.Equal(t, 20*time.Hour, time.Since(start))

			c = newClient(talk(says(status, `{}`, "Retry-After", "1000"), ok()), func(c *Config) { c.MaxWait = 24 * time.Hour })
			require.NoError(t, do(t.Context(), c, opCreate))
		})
	}
}

func TestADeadlineBoundsRefusalsForTheRateInPlaceOfMaxPacing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
		defer cancel()
		p := talk(append(times(60, says(429, ``, "Retry-After", "60")), ok())...)
		require.NoError(t, do(ctx, newClient(p), opGet))
	})
}

func TestARefusalThatNamesNoWaitIsWaitedOutLongerEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := talk(append(times(8, says(429, ``)), ok())...)
		require.NoError(t, do(t.Context(), newClient(p), opGet))
		var waits []time.Duration
		log := p.all()
		for i := range log[1:] {
			waits = append(waits, log[i+1].At.Sub(log[i].At)/time.Second)
		}
		require.Equal(t, []time.Duration{1, 2, 4, 8, 16, 30, 30, 30}, waits)
	})
}

func TestTheVendorsOwnDefaultWaitIsUsedWhereARefusalNamesNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c := newClient(talk(says(429, ``), ok()), func(c *Config) { c.RefusedWait = 17 * time.Second })
		require.NoError(t, do(t.Context(), c, opCreate))
		require.Equal(t, 17*time.Second, time.Since(start))
	})
}

func TestAWaitOfNothingIsASecondWhateverTheDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c := newClient(talk(says(429, ``, "Retry-After", "0"), ok()), func(c *Config) { c.RefusedWait = 17 * time.Second })
		require.NoError(t, do(t.Context(), c, opCreate))
		require.Equal(t, time.Second, time.Since(start))
	})
}

func TestTheDefaultWaitOfAnOperationGoesBeforeTheVendors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		op := *opCreate
		op.RefusedWait = 5 * time.Second
		start := time.Now()
		c := newClient(talk(says(429, ``), ok()), func(c *Config) { c.RefusedWait = 17 * time.Second })
		require.NoError(t, do(t.Context(), c, &op))
		require.Equal(t, 5*time.Second, time.Since(start))
	})
}

func TestBackoffIsJitteredAndBounded(t *testing.T) {
	seen := map[time.Duration]bool{}
	for attempt := 1; attempt <= 80; attempt++ {
		x := &exchange{attempts: attempt}
		ceiling := min(maxBackoff, backoffBase<<min(attempt-1, 10))
		for range 50 {
			d := x.backoff()
			require.Positive(t, d)
			require.LessOrEqual(t, d, ceiling+time.Millisecond)
			if attempt == 4 {
				seen[d] = true
			}
		}
	}
	require.Greater(t, len(seen), 40, "full jitter: no two callers in step")
	var low, high int
	x := &exchange{attempts: 4}
	for range 400 {
		if d := x.backoff(); d < time.Second {
			low++
		} else if d > 3*time.Second {
			high++
		}
	}
	require.Greater(t, low, 50, "full jitter reaches down to nothing")
	require.Greater(t, high, 50)
}

func TestWhatTheFirstAttemptLeftOpenIsNotClosedByALaterRefusal(t *testing.T) {
	for _, last := range []step{says(400, ``), says(429, ``, "Retry-After", "999"), undialled(), says(401, ``)} {
		synctest.Test(t, func(t *testing.T) {
			p := talk(says(502, ``), last)
			e := failure(t, do(t.Context(), newClient(p), opPut))
			require.Equal(t, core.AppliedUnknown, e.Applied, "%v", e)
			require.Contains(t, e.Hint, "may have been made")
		})
	}
}

func TestGoneIsDoneOnlyWhereAnEarlierAttemptMayHaveDoneIt(t *testing.T) {
	op := &Op{Name: "Things.Delete", Method: http.MethodDelete, Path: "/things/{id}", Replay: ReplaySafe, Bucket: "api"}
	for name, w := range map[string]struct {
		steps []step
		gone  bool
	}{
		"at first":              {[]step{says(404, ``)}, false},
		"after a lost answer":   {[]step{loses(), says(404, ``)}, true},
		"after a 502":           {[]step{says(502, ``), says(404, ``)}, true},
		"after a dial failure":  {[]step{undialled(), says(404, ``)}, false},
		"after a 429":           {[]step{says(429, ``), says(404, ``)}, false},
		"after a refusing 503":  {[]step{says(503, ``, "Retry-After", "1"), says(404, ``)}, false},
		"after 502 and a 429":   {[]step{says(502, ``), says(429, ``), says(404, ``)}, true},
		"after 503 without any": {[]step{says(503, ``), says(404, ``)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClient(talk(w.steps...))
				res, err := c.Do(t.Context(), Request{Op: op, Base: testBase, Args: []string{"t1"}, GoneIsDone: true})
				if !w.gone {
					require.ErrorIs(t, err, core.ErrNotFound)
					require.Equal(t, core.AppliedNo, failure(t, err).Applied)
					return
				}
				require.NoError(t, err)
				require.True(t, res.Gone)
			})
		})
	}
}

func TestAPageDoesNotSayThatSomethingIsGone(t *testing.T) {
	op := &Op{Name: "Things.Delete", Method: http.MethodDelete, Path: "/things/{id}", Replay: ReplaySafe, Bucket: "api"}
	for _, body := range []string{" <html>gateway</html>", `{"message":`} {
		synctest.Test(t, func(t *testing.T) {
			c := newClient(talk(says(500, ``), says(404, body)))
			_, err := c.Do(t.Context(), Request{Op: op, Base: testBase, Args: []string{"t1"}, GoneIsDone: true})
			e := failure(t, err)
			require.Equal(t, core.ClassProtocol, e.Class, body)
			require.Equal(t, core.AppliedUnknown, e.Applied, body)
			require.Equal(t, 404, e.Status)
		})
	}
}

func TestASuccessTellsWhetherAnEarlierAttemptMayHaveBeenCarriedOut(t *testing.T) {
	for name, w := range map[string]struct {
		op       *Op
		steps    []step
		repeated bool
	}{
		"at first":                      {opAdd, []step{ok()}, false},
		"after a lost answer":           {opAdd, []step{loses(), ok()}, true},
		"after a 502 and a 429":         {opAdd, []step{says(502, ``), says(429, ``), ok()}, true},
		"after a 429":                   {opAdd, []step{says(429, ``), ok()}, false},
		"after a 423 that names a wait": {opAdd, []step{says(423, ``, "Retry-After", "1"), ok()}, false},
		"a read":                        {opGet, []step{loses(), ok()}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				res, err := newClient(talk(w.steps...)).Do(t.Context(), Request{Op: w.op, Base: testBase, Args: []string{"t1"}})
				require.NoError(t, err)
				require.Equal(t, w.repeated, res.Repeated)
			})
		})
	}
}

func TestGoneIsNotDoneUnlessTheOperationSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := failure(t, do(t.Context(), newClient(talk(loses(), says(404, ``))), opPut))
		require.ErrorIs(t, e, core.ErrNotFound)
		require.Equal(t, core.AppliedUnknown, e.Applied)
	})
}

func TestAnAttemptThatNeverEndsIsBrokenOffAndRepeatedWhereThatIsSafe(t *testing.T) {
	for _, op := range opsByClass {
		synctest.Test(t, func(t *testing.T) {
			p := talk(hangs(), ok())
			start := time.Now()
			err := do(t.Context(), newClient(p), op)
			require.GreaterOrEqual(t, time.Since(start), time.Minute)
			require.Less(t, time.Since(start), time.Minute+time.Second)
			if op.Replay != Once {
				require.NoError(t, err)
				return
			}
			e := failure(t, err)
			require.Equal(t, core.ClassUnavailable, e.Class)
			require.Equal(t, core.AppliedUnknown, e.Applied)
			require.Contains(t, e.Message, "no answer within the time of one attempt")
		})
	}
}

func TestABodyThatNeverEndsIsBrokenOffWithItsAttempt(t *testing.T) {
	drip := step{serve: func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(`{"id":`))
		w.(http.Flusher).Flush()
		broken(r)
	}}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		require.NoError(t, do(t.Context(), newClient(talk(drip, ok())), opGet))
		require.Less(t, time.Since(start), time.Minute+time.Second)
	})
}

func TestACrowdAtAVendorThatAllows50ASecondLosesNoCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		level, last := 10.0, time.Now()
		var refused atomic.Int64
		model := step{serve: func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			now := time.Now()
			level = min(10, level+50*now.Sub(last).Seconds())
			last = now
			admit := level >= 1
			if admit {
				level--
			}
			mu.Unlock()
			if !admit {
				refused.Add(1)
				w.Header().Set("Retry-After", "1")
				w.WriteHeader(429)
				return
			}
			time.Sleep(20 * time.Millisecond)
			w.Write([]byte(okBody))
		}}
		p := talk(model)
		c := newClient(p, func(c *Config) { c.Governor, c.MaxAttempts = pace.New(), 1 })
		var lost atomic.Int64
		var wg sync.WaitGroup
		start := time.Now()
		for range 64 {
			wg.Go(func() {
				for range 5 {
					if do(t.Context(), c, opCreate) != nil {
						lost.Add(1)
					}
				}
			})
		}
		wg.Wait()
		took := time.Since(start)
		t.Logf("320 calls in %v, %d refused", took, refused.Load())
		require.Zero(t, lost.Load())
		require.Equal(t, 320+int(refused.Load()), p.sends(), "nothing was sent twice that was not refused")
		require.Less(t, took, 2*320/50*time.Second)
	})
}

func TestTheGovernorIsAskedBeforeEachAttemptAndToldOnceOfEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &meter{}
		p := talk(says(429, ``, "Retry-After", "4"), loses(), says(502, ``), says(302, ``, "Location", "/api/things/t2"), ok())
		c := newClient(p, func(c *Config) { c.Governor, c.MaxAttempts = m, 5 })
		require.NoError(t, do(t.Context(), c, opGet))
		require.Equal(t, 5, p.sends())
		require.Equal(t, []string{"api", "api", "api", "api", "api"}, m.waits)
		require.Equal(t, []core.Verdict{{Refused: true, RetryAfter: 4 * time.Second}, {}, {}, {}, {}}, m.verdicts)
	})
}

func TestARefusalIsReportedWithTheResetOfTheRateWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &meter{}
		c := newClient(talk(says(429, ``, "RateLimit-Reset", "6"), ok()), func(c *Config) { c.Governor = m })
		start := time.Now()
		require.NoError(t, do(t.Context(), c, opGet))
		require.Equal(t, 6*time.Second, time.Since(start))
		require.Equal(t, core.Verdict{Refused: true, RetryAfter: 6 * time.Second}, m.verdicts[0])
	})
}

func TestAWaitByLotIsDrawnOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &meter{}
		by := says(429, ``, "Retry-After", "rand(1000),add(1000)")
		p := talk(says(429, ``, "Retry-After", "rand(30),add(30)"), by)
		e := failure(t, do(t.Context(), newClient(p, func(c *Config) { c.Governor = m }), opCreate))
		require.Equal(t, m.verdicts[0].RetryAfter, p.all()[1].At.Sub(p.all()[0].At), "slept as reported")
		require.Equal(t, m.verdicts[1].RetryAfter, e.RetryAfter, "told as reported")
	})
}

func TestNothingIsSentWhereTheGovernorRefuses(t *testing.T) {
	for _, refuse := range []error{context.DeadlineExceeded, core.LateTurn("api", time.Hour, 2)} {
		m := &meter{refuse: refuse}
		p := talk(ok())
		e := failure(t, do(t.Context(), newClient(p, func(c *Config) { c.Governor = m }), opCreate))
		require.Equal(t, core.ClassRateLimited, e.Class)
		require.NotErrorIs(t, e, context.DeadlineExceeded, "the context has not ended")
		require.Equal(t, opCreate.Name, e.Op)
		require.Contains(t, e.Message, "after the deadline")
		require.Equal(t, core.AppliedNo, e.Applied)
		require.Zero(t, e.Attempts)
		require.Zero(t, p.sends())
		require.Empty(t, m.verdicts, "what was not sent has no verdict")
		require.Len(t, m.waits, 1)
	}
}

func TestAGovernorThatBreaksIsNamedAsTheReason(t *testing.T) {
	p := talk(ok())
	m := &meter{refuse: errors.New("the shared store is down")}
	e := failure(t, do(t.Context(), newClient(p, func(c *Config) { c.Governor = m }), opCreate))
	require.Equal(t, core.ClassUnavailable, e.Class)
	require.Contains(t, e.Message, "the shared store is down")
	require.NotContains(t, e.Message, "connection")
	require.Equal(t, core.AppliedNo, e.Applied)
	require.Zero(t, p.sends())
}

func TestAGovernorThatRefusesARepeatDoesNotHideThatTheFirstMayBeDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &meter{}
		p := talk(step{serve: func(w http.ResponseWriter, _ *http.Request) {
			m.mu.Lock()
			m.refuse = context.DeadlineExceeded
			m.mu.Unlock()
			w.WriteHeader(502)
		}})
		e := failure(t, do(t.Context(), newClient(p, func(c *Config) { c.Governor = m }), opPut))
		require.Equal(t, core.ClassRateLimited, e.Class)
		require.Equal(t, core.AppliedUnknown, e.Applied)
		require.Equal(t, 1, e.Attempts)
	})
}

func TestAnAuthorizeFailureConsumesNoTurn(t *testing.T) {
	m := &meter{}
	tokens := NewTokens(func(context.Context) (Token, error) { return Token{}, errors.New("no key file") })
	p := talk(ok())
	c := newClient(p, func(c *Config) { c.Governor, c.Auth = m, &bearer{tokens} })
	e := failure(t, do(t.Context(), c, opCreate))
	require.Empty(t, m.waits)
	require.Empty(t, m.verdicts)
	require.Zero(t, p.sends())
	require.Contains(t, e.Message, "no key file")
	require.NotContains(t, e.Message, "connection")
	require.Equal(t, core.AppliedNo, e.Applied)
}

func TestACallIsDriven200TimesAtOnce(t *testing.T) {
	p := talk(step{serve: func(w http.ResponseWriter, r *http.Request) {
		id := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		w.Header().Set("X-Request-Id", "r-"+id)
		w.Write([]byte(`{"id":"` + id + `","name":"` + strings.Repeat(id, 50) + `","extra":"` + id + `"}`))
	}})
	c := newClient(p, func(c *Config) {
		c.Governor = pace.New()
		c.Auth = &bearer{NewTokens((&numbered{}).fetch)}
	})
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			id := "id" + strings.Repeat(string(rune('a'+i%26)), 1+i/26)
			kept := make([]thing, 5)
			for k := range kept {
				res, err := c.Do(t.Context(), Request{Op: opGet, Base: testBase, Args: []string{id}, Out: &kept[k]})
				if assert.NoError(t, err) {
					assert.Equal(t, "r-"+id, res.RequestID)
				}
			}
			for _, v := range kept { // the pooled buffer behind it was used again since
				assert.Equal(t, id, v.ID)
				assert.Equal(t, strings.Repeat(id, 50), v.Name)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 1000, p.sends())
}
