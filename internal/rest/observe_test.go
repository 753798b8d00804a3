package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/pace"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/evidence"
)

// audience is an observer that keeps what it is told.
type audience struct {
	mu     sync.Mutex
	events []core.Event
}

func (a *audience) observe(e core.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.events = append(a.events, e)
}

func (a *audience) all() []core.Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]core.Event(nil), a.events...)
}

func (a *audience) of(kind core.EventKind) (out []core.Event) {
	for _, e := range a.all() {
		if e.Kind == kind {
			out = append(out, e)
		}
	}
	return out
}

// took adds up attempts and waits.
func took(events []core.Event) (sum time.Duration) {
	for _, e := range events {
		if e.Kind == core.EventAttempt || e.Kind == core.EventWait {
			sum += e.Took
		}
	}
	return sum
}

// slow answers after a while.
func slow(d time.Duration, s step) step {
	return step{serve: func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(d)
		s.serve(w, r)
	}}
}

// watched returns a client that tells an audience and a log.
func watched(p *peer, set ...func(*Config)) (*Client, *audience, *records) {
	a, log := &audience{}, &records{}
	c := newClient(p, append([]func(*Config){func(c *Config) {
		c.Account, c.Observer, c.Logger = "emea", a.observe, log.logger()
	}}, set...)...)
	return c, a, log
}

// loggedTook adds up the same in a log, where there are no other kinds of records.
func loggedTook(t *testing.T, log *records) (sum time.Duration) {
	t.Helper()
	for _, line := range log.lines(t) {
		switch line["msg"] {
		case "rollcall attempt", "rollcall wait":
			sum += time.Duration(line["took"].(float64))
		case "rollcall token", "rollcall doubt":
		default:
			t.Errorf("a record of another kind: %v", line)
		}
	}
	return sum
}

// TestObserver_AccountsForTheTimeOfAPacedJob: a minute of calls at one in a second,
// with refusals, failures and a write that shows late.
func TestObserver_AccountsForTheTimeOfAPacedJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		steps := times(60, slow(100*time.Millisecond, ok()))
		steps[7] = slow(50*time.Millisecond, says(429, ``, "Retry-After", "3"))
		steps[20] = slow(2*time.Second, loses())
		steps[21] = slow(10*time.Millisecond, says(500, ``))
		c, a, log := watched(talk(steps...), func(c *Config) {
			c.Governor = pace.New(pace.Limit("", 1/0.98, 1)) // one in a second
			c.Auth = fixed("key")
		})

		start := time.Now()
		for time.Since(start) < time.Minute {
			require.NoError(t, do(t.Context(), c, opPut))
		}
		looks := 0
		shown, err := evidence.ReadBackOf("Things.Change", 0, c).Look(t.Context(),
			func(context.Context) (bool, error) { looks++; return looks > 4, nil })
		require.NoError(t, err)
		require.True(t, shown)
		_, err = storekit.Until(t.Context(), c.Watch(core.Wait{}, "Things.Settle", core.WaitSettle), "acme", "Things.Settle",
			func(context.Context) (storekit.Probe, error) {
				looks++
				return storekit.Probe{Phase: map[bool]storekit.Phase{true: storekit.PhaseDone}[looks > 8]}, nil
			})
		require.NoError(t, err)

		passed := time.Since(start)
		require.Greater(t, passed, time.Minute)
		require.Equal(t, passed, took(a.all()))
		require.Equal(t, passed, loggedTook(t, log))
		reasons := map[core.WaitReason]time.Duration{}
		for _, e := range a.of(core.EventWait) {
			reasons[e.Wait] += e.Took
			require.Positive(t, e.Took)
			require.Equal(t, "acme", e.Vendor)
			require.Equal(t, "emea", e.Account)
		}
		require.Greater(t, reasons[core.WaitPace], 40*time.Second)
		require.GreaterOrEqual(t, reasons[core.WaitRetry], 3*time.Second)
		require.Positive(t, reasons[core.WaitReadBack])
		require.Positive(t, reasons[core.WaitSettle])
		require.Len(t, log.lines(t), len(a.all()), "the log says the same")
	})
}

func TestObserver_IsToldOfEveryAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := talk(slow(time.Second, says(500, `{}`, "X-Request-Id", "r1")), slow(2*time.Second, loses()), ok())
		c, a, _ := watched(p)
		begun := time.Now()
		require.NoError(t, do(t.Context(), c, opPut))

		attempts := a.of(core.EventAttempt)
		require.Len(t, attempts, 3)
		for i, e := range attempts {
			require.Equal(t, core.Event{Kind: core.EventAttempt, Vendor: "acme", Account: "emea", Op: "Things.Replace", Bucket: "api",
				Method: http.MethodPut, Path: "/things/{id}", Attempt: i + 1, Status: []int{500, 0, 200}[i],
				RequestID: []string{"r1", "", ""}[i], Start: p.all()[i].At, Took: []time.Duration{time.Second, 2 * time.Second, 0}[i], Err: e.Err}, e)
		}
		require.Equal(t, begun, attempts[0].Start)
		require.NoError(t, attempts[0].Err, "the status says it")
		require.ErrorContains(t, attempts[1].Err, "the connection was lost")
		require.NoError(t, attempts[2].Err)

		doubts := a.of(core.EventDoubt)
		require.Len(t, doubts, 1, "the first of the call")
		require.Equal(t, "attempt 1: 500 Internal Server Error", doubts[0].Doubt)
		require.Equal(t, 1, doubts[0].Attempt)
		waits := a.of(core.EventWait)
		require.Len(t, waits, 2)
		require.Equal(t, []int{500, 0}, []int{waits[0].Status, waits[1].Status}, "of the attempt before")
		require.Equal(t, []int{1, 2}, []int{waits[0].Attempt, waits[1].Attempt})
	})
}

func TestObserver_HearsNoSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, a, log := watched(talk(step{err: fmt.Errorf("lost with hush-hush at https://vendor.example/?name=hush-hush")}), func(c *Config) {
			c.Auth, c.Secrets = fixed("hush-hush"), []core.Secret{core.NewSecret("hush-hush")}
		})
		require.Error(t, do(t.Context(), c, opPut))
		for _, e := range a.of(core.EventAttempt) {
			require.Error(t, e.Err)
			for err := e.Err; err != nil; err = errors.Unwrap(err) {
				require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), "hush")
			}
		}
		require.NotContains(t, log.String(), "hush")
	})
}

func TestObserver_SeesTheCauseOfALostAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, a, _ := watched(talk(hangs()), func(c *Config) { c.MaxAttempts = 1 })
		require.Error(t, do(t.Context(), c, opGet))
		require.ErrorIs(t, a.of(core.EventAttempt)[0].Err, context.DeadlineExceeded)
		require.Equal(t, time.Minute, took(a.all()))
	})
}

// TestObserver_IsToldOfAWaitThatTheContextEnds: whatever the wait is for.
func TestObserver_IsToldOfAWaitThatTheContextEnds(t *testing.T) {
	for name, run := range map[core.WaitReason]func(ctx context.Context, c *Client) error{
		core.WaitRetry: func(ctx context.Context, c *Client) error { return do(ctx, c, opGet) },
		core.WaitPace: func(ctx context.Context, c *Client) error {
			if err := do(context.Background(), c, opCreate); err != nil {
				return err
			}
			return do(ctx, c, opGet)
		},
		core.WaitReadBack: func(ctx context.Context, c *Client) error {
			_, err := evidence.ReadBackOf("Things.Get", time.Hour, c).Look(ctx, func(context.Context) (bool, error) { return false, nil })
			return err
		},
		core.WaitSettle: func(ctx context.Context, c *Client) error {
			_, err := storekit.Until(ctx, c.Watch(core.Wait{}, "Settle", core.WaitSettle), "acme", "Settle", func(context.Context) (storekit.Probe,
				error) {
				return storekit.Probe{}, nil
			})
			return err
		},
	} {
		t.Run(string(name), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first := says(429, ``, "Retry-After", "60")
				if name == core.WaitPace {
					first = ok()
				}
				c, a, _ := watched(talk(first, ok()), func(c *Config) {
					if name == core.WaitPace {
						c.Governor = pace.New(pace.Limit("", 0.01, 1))
					}
				})
				ctx, cancel := context.WithCancel(t.Context())
				start := time.Now()
				time.AfterFunc(7*time.Second, cancel)
				require.ErrorIs(t, run(ctx, c), context.Canceled)
				require.Equal(t, 7*time.Second, time.Since(start))
				require.Equal(t, 7*time.Second, took(a.all()))
				waits := a.of(core.EventWait)
				require.Equal(t, name, waits[len(waits)-1].Wait)
			})
		})
	}
}

func TestObserver_IsToldOfNoWaitWhereThereWasNone(t *testing.T) {
	c, a, _ := watched(talk(ok()), func(c *Config) { c.Governor = &meter{} })
	require.NoError(t, do(t.Context(), c, opGet))
	require.Len(t, a.all(), 1)
}

func TestObserver_IsToldOfEveryToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &numbered{slow: 2 * time.Second}
		p := talk(ok(), says(401, ``), ok())
		c, a, log := watched(p, func(c *Config) { c.Auth = &bearer{NewTokens(f.fetch)} })
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				_, _ = c.cfg.Auth.Authorize(&callContext{t.Context(), c, "Things.Get"}, &http.Request{Header: http.Header{}})
			})
		}
		wg.Wait()
		require.NoError(t, do(t.Context(), c, opGet))
		require.NoError(t, do(t.Context(), c, opPut))

		tokens := a.of(core.EventToken)
		require.Len(t, tokens, 2, "once for all callers, and once after the 401")
		require.Equal(t, f.count(), len(tokens))
		require.Equal(t, []string{"Things.Get", "Things.Replace"}, []string{tokens[0].Op, tokens[1].Op}, "who needed it")
		for _, e := range tokens {
			require.Equal(t, 2*time.Second, e.Took)
			require.NoError(t, e.Err)
			require.Equal(t, "acme", e.Vendor)
		}
		require.Equal(t, 2, strings.Count(log.String(), "rollcall token"))
		require.NotContains(t, log.String(), "tok-")
	})
}

func TestObserver_IsToldWhyThereIsNoToken(t *testing.T) {
	refused := &core.Error{Vendor: "acme", Op: "Token", Class: core.ClassUnauthenticated, Message: "no: hush-hush", Applied: core.AppliedNo}
	c, a, log := watched(talk(ok()), func(c *Config) {
		c.Auth = &bearer{NewTokens(func(context.Context) (Token, error) { return Token{}, refused })}
		c.Secrets = []core.Secret{core.NewSecret("hush-hush")}
	})
	require.Error(t, do(t.Context(), c, opGet))
	tokens := a.of(core.EventToken)
	require.Len(t, tokens, 1)
	require.ErrorContains(t, tokens[0].Err, "no: [redacted]")
	require.NotContains(t, fmt.Sprintf("%+v %v %s", tokens[0], errors.Unwrap(tokens[0].Err), log), "hush")
	require.Empty(t, a.of(core.EventAttempt), "nothing was sent")
}

// TestObserver_ThatPanicsBreaksNoCall: not even where it leaves a lock of its own.
func TestObserver_ThatPanicsBreaksNoCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, calls := &records{}, 0
		var mu sync.Mutex
		c := newClient(talk(says(500, ``), ok()), func(c *Config) {
			c.Logger = log.logger()
			c.Auth = &bearer{NewTokens((&numbered{}).fetch)}
			c.Observer = func(core.Event) {
				mu.Lock()
				calls++
				panic("no such metric")
			}
		})
		require.NoError(t, do(t.Context(), c, opGet))
		require.NoError(t, do(t.Context(), c, opGet))
		require.Equal(t, 1, calls)
		require.Equal(t, 1, strings.Count(log.String(), "no such metric"))
		require.Contains(t, log.String(), `"level":"ERROR"`)
		require.Equal(t, 3, strings.Count(log.String(), "rollcall attempt"), "the log goes on")

		c = newClient(talk(ok()), func(c *Config) { c.Observer = func(core.Event) { panic("unlogged") } })
		require.NoError(t, do(t.Context(), c, opGet))
	})
}

// TestLogger_IsAskedOnlyAtDebugLevel: at another level nothing is made for it.
func TestLogger_IsAskedOnlyAtDebugLevel(t *testing.T) {
	c := newClient(talk(ok()), func(c *Config) {
		c.Logger = slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelInfo}))
	})
	require.False(t, c.watched(t.Context()))
}

func TestTransport_SeesTheNameOfTheOperation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		p := talk(says(500, ``), ok())
		rt := roundTripper(func(r *http.Request) (*http.Response, error) {
			seen = append(seen, core.OperationOf(r.Context()))
			return p.RoundTrip(r)
		})
		opToken := &Op{Name: "Token", Method: http.MethodPost, Path: "/token", Replay: ReplaySafe}
		var c *Client
		c = newClient(rt, func(cfg *Config) {
			cfg.Auth = &bearer{NewTokens(func(ctx context.Context) (Token, error) {
				_, err := c.Do(ctx, Request{Op: opToken, Base: testBase, Anonymous: true})
				return Token{Value: "tok"}, err
			})}
		})
		require.NoError(t, do(t.Context(), c, opGet))
		require.Equal(t, []string{"Token", "Token", "Things.Get"}, seen)
		require.Empty(t, core.OperationOf(t.Context()))
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestWithMaxAttempts_BoundsOneCall(t *testing.T) {
	for n, want := range map[int]int{-1: 3, 0: 3, 1: 1, 2: 2, 5: 5} {
		synctest.Test(t, func(t *testing.T) {
			p := talk(says(500, ``))
			e := failure(t, do(core.WithMaxAttempts(t.Context(), n), newClient(p), opGet))
			require.Equal(t, want, e.Attempts)
			require.Equal(t, want, p.sends())
		})
	}
}

func TestWithMaxWait_BoundsOneCall(t *testing.T) {
	for _, c := range []struct {
		own    time.Duration // of the call
		asked  time.Duration
		sleeps bool
	}{
		{0, time.Minute, true},
		{0, 3 * time.Minute, false},
		{time.Second, time.Minute, false},
		{time.Minute, time.Minute, true},
		{time.Hour, 50 * time.Minute, true}, // which MaxPacing would not allow
		{time.Hour, 61 * time.Minute, false},
		{-1, 3 * time.Minute, false},
	} {
		t.Run(fmt.Sprint(c.own, " ", c.asked), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := talk(says(429, ``, "Retry-After", strconv.Itoa(int(c.asked.Seconds()))), ok())
				start := time.Now()
				err := do(core.WithMaxWait(t.Context(), c.own), newClient(p), opGet)
				if c.sleeps {
					require.NoError(t, err)
					require.Equal(t, c.asked, time.Since(start))
					return
				}
				e := failure(t, err)
				require.Equal(t, core.ClassRateLimited, e.Class)
				require.Equal(t, c.asked, e.RetryAfter)
				require.Zero(t, time.Since(start))
			})
		})
	}
}

// TestWithMaxAttempts_LeavesTheTokenAlone: all callers share its fetch.
func TestWithMaxAttempts_LeavesTheTokenAlone(t *testing.T) {
	ctx := core.WithMaxWait(core.WithMaxAttempts(t.Context(), 1), time.Millisecond)
	require.Equal(t, core.CallLimits{MaxAttempts: 1, MaxWait: time.Millisecond}, core.CallLimitsOf(ctx))
	var got core.CallLimits
	tokens := NewTokens(func(ctx context.Context) (Token, error) {
		got = core.CallLimitsOf(ctx)
		return Token{Value: "t"}, nil
	})
	_, err := tokens.Get(ctx)
	require.NoError(t, err)
	require.Zero(t, got)
}

func TestClient_PrintsItsNameAndNothingElse(t *testing.T) {
	c := newClient(talk(ok()), func(c *Config) { c.Account, c.Secrets = "em\nea", []core.Secret{core.NewSecret("hush-hush")} })
	for verb := range strings.SplitSeq("v +v #v s q d x", " ") {
		assert.Equal(t, "acme client (em ea)", fmt.Sprintf("%"+verb, c))
	}
}
