package rest

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestACrowdFetchesOneToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &numbered{slow: 3 * time.Second}
		tokens := NewTokens(f.fetch)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				got, err := tokens.Get(t.Context())
				assert.NoError(t, err)
				assert.Equal(t, "tok-1", got)
			})
		}
		wg.Wait()
		require.Equal(t, 1, f.count())
	})
}

func TestACallerWhoLooksJustAsTheTokenComesDoesNotFetchAnother(t *testing.T) {
	for range 500 {
		f := &numbered{}
		tokens := NewTokens(f.fetch)
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				_, err := tokens.Get(t.Context())
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		require.Equal(t, 1, f.count())
	}
}

func TestATokenIsFetchedBeforeItEndsInPassing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &numbered{life: time.Hour, slow: 2 * time.Second}
		tokens := NewTokens(f.fetch)
		get := func() string {
			got, err := tokens.Get(t.Context())
			require.NoError(t, err)
			return got
		}
		require.Equal(t, "tok-1", get())
		time.Sleep(59*time.Minute - time.Second)
		require.Equal(t, "tok-1", get())
		require.Equal(t, 1, f.count(), "a minute before its end is early enough")

		time.Sleep(2 * time.Second)
		start := time.Now()
		for range 10 {
			require.Equal(t, "tok-1", get(), "the old one is still good")
		}
		require.Zero(t, time.Since(start), "nobody waits for the next one")
		time.Sleep(3 * time.Second)
		require.Equal(t, "tok-2", get())
		require.Equal(t, 2, f.count())
	})
}

func TestAShortLifeIsUsedToNineTenths(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &numbered{life: 100 * time.Second}
		tokens := NewTokens(f.fetch)
		for _, w := range []struct {
			at   time.Duration
			want int
		}{{0, 1}, {89 * time.Second, 1}, {2 * time.Second, 2}} {
			time.Sleep(w.at)
			_, err := tokens.Get(t.Context())
			require.NoError(t, err)
			synctest.Wait()
			require.Equal(t, w.want, f.count())
		}
	})
}

func TestAFailedEarlyRenewalHarmsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fetches atomic.Int64
		good := true
		tokens := NewTokens(func(context.Context) (Token, error) {
			fetches.Add(1)
			if !good {
				return Token{}, errors.New("down")
			}
			return Token{Value: "tok", Expires: time.Now().Add(time.Hour)}, nil
		})
		_, err := tokens.Get(t.Context())
		require.NoError(t, err)
		good = false
		time.Sleep(59*time.Minute + time.Second)
		for range 58 { // to a second before its end
			got, err := tokens.Get(t.Context())
			require.NoError(t, err)
			require.Equal(t, "tok", got)
			time.Sleep(time.Second)
		}
		require.EqualValues(t, 3, fetches.Load(), "tried twice in its last minute, not at every call")
		time.Sleep(2 * time.Second)
		_, err = tokens.Get(t.Context())
		require.EqualError(t, err, "down", "once it has ended, the failure is the answer")
		good = true
		got, err := tokens.Get(t.Context())
		require.NoError(t, err, "and the next call tries again")
		require.Equal(t, "tok", got)
	})
}

func TestATokenWithoutAnEndIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &numbered{}
		tokens := NewTokens(f.fetch)
		for range 5 {
			got, err := tokens.Get(t.Context())
			require.NoError(t, err)
			require.Equal(t, "tok-1", got)
			time.Sleep(1000 * time.Hour)
		}
	})
}

func TestAFetchErrorReachesAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fetches, failed atomic.Int64
		cause := &core.Error{Vendor: "acme", Op: "Token", Class: core.ClassUnauthenticated, Status: 401, Attempts: 1, Applied: core.AppliedNo}
		p := talk(ok())
		c := newClient(p, func(c *Config) {
			c.Auth = &bearer{NewTokens(func(context.Context) (Token, error) {
				fetches.Add(1)
				time.Sleep(time.Second)
				return Token{}, cause
			})}
		})
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if err := do(t.Context(), c, opCreate); assert.ErrorIs(t, err, core.ErrUnauthenticated) {
					failed.Add(1)
					assert.Equal(t, "Token", failure(t, err).Op)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 50, failed.Load())
		require.EqualValues(t, 1, fetches.Load())
		require.Zero(t, p.sends())
	})
}

func TestAWaiterWhoseContextEndsLeavesAndTheFetchGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &numbered{slow: 30 * time.Second}
		p := talk(ok())
		c := newClient(p, func(c *Config) { c.Auth = &bearer{NewTokens(f.fetch)} })
		var wg sync.WaitGroup
		wg.Go(func() { // it started the fetch, and leaves first
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			start := time.Now()
			e := failure(t, do(ctx, c, opCreate))
			assert.Equal(t, core.ClassCanceled, e.Class)
			assert.ErrorIs(t, e, context.DeadlineExceeded)
			assert.Equal(t, core.AppliedNo, e.Applied)
			assert.Zero(t, e.Attempts)
			assert.Equal(t, 5*time.Second, time.Since(start))
		})
		synctest.Wait()
		for range 10 {
			wg.Go(func() { assert.NoError(t, do(t.Context(), c, opCreate)) })
		}
		wg.Wait()
		require.Equal(t, 1, f.count())
		require.Equal(t, 10, p.sends())
	})
}

func TestAFetchThatNeverEndsIsBrokenOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tokens := NewTokens((&numbered{slow: time.Hour}).fetch)
		start := time.Now()
		_, err := tokens.Get(t.Context())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, fetchTimeout, time.Since(start))
	})
}

// expiring accepts one token and refuses all others.
func expiring(good *atomic.Value) step {
	return step{serve: func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+good.Load().(string) {
			time.Sleep(time.Second) // so that all of a crowd have sent before the first hears of it
			w.WriteHeader(401)
			return
		}
		w.Write([]byte(okBody))
	}}
}

func TestA401IsOneRenewalForAllAndOneResendEach(t *testing.T) {
	for _, op := range opsByClass {
		synctest.Test(t, func(t *testing.T) {
			var good atomic.Value
			good.Store("tok-1")
			f := &numbered{slow: time.Second}
			p := talk(expiring(&good))
			c := newClient(p, func(c *Config) { c.Auth = &bearer{NewTokens(f.fetch)} })
			require.NoError(t, do(t.Context(), c, op))
			good.Store("tok-2")
			var wg sync.WaitGroup
			for range 60 {
				wg.Go(func() { assert.NoError(t, do(t.Context(), c, op)) })
			}
			wg.Wait()
			require.Equal(t, 2, f.count(), "one renewal")
			require.Equal(t, 1+2*60, p.sends(), "one resend")
			for _, s := range p.all() {
				require.Equal(t, p.all()[0].Body, s.Body)
				require.Len(t, s.Header["Authorization"], 1)
			}
		})
	}
}

func TestALate401OfTheOldTokenDoesNotDropTheNewOne(t *testing.T) {
	f := &numbered{}
	tokens := NewTokens(f.fetch)
	for range 3 {
		got, err := tokens.Get(t.Context())
		require.NoError(t, err)
		tokens.Drop("an older one")
		require.Equal(t, "tok-1", got)
	}
	tokens.Drop("tok-1")
	got, err := tokens.Get(t.Context())
	require.NoError(t, err)
	require.Equal(t, "tok-2", got)
}

func TestTheSecond401IsReturned(t *testing.T) {
	for _, op := range opsByClass {
		f := &numbered{}
		p := talk(says(401, ``))
		e := failure(t, do(t.Context(), newClient(p, func(c *Config) { c.Auth = &bearer{NewTokens(f.fetch)} }), op))
		require.ErrorIs(t, e, core.ErrUnauthenticated)
		require.Equal(t, core.AppliedNo, e.Applied)
		require.Equal(t, 2, p.sends())
		require.Equal(t, 2, f.count())
		require.Equal(t, "Bearer tok-1", p.all()[0].Header.Get("Authorization"))
		require.Equal(t, "Bearer tok-2", p.all()[1].Header.Get("Authorization"))
	}
}

func TestTheResendAfterA401HasTheBodyAndTheNewTokenOverTCP(t *testing.T) {
	var bodies, tokens []string
	var mu sync.Mutex
	c, base := overTCP(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body := make([]byte, 64)
		n, _ := r.Body.Read(body)
		bodies, tokens = append(bodies, string(body[:n])), append(tokens, r.Header.Get("Authorization"))
		if len(bodies) == 1 {
			w.WriteHeader(401)
			return
		}
		w.Write([]byte(okBody))
	}), func(c *Config) { c.Auth = &bearer{NewTokens((&numbered{}).fetch)} })
	r := call(opCreate, new(thing))
	r.Base = base
	_, err := c.Do(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, []string{`{"n":1}`, `{"n":1}`}, bodies)
	require.Equal(t, []string{"Bearer tok-1", "Bearer tok-2"}, tokens)
}

func TestNoTwoAttemptsShareTheirHeader(t *testing.T) {
	var kept []http.Header // as a transport may that is still sending
	rt := roundTrip(func(r *http.Request) (*http.Response, error) {
		kept = append(kept, r.Header)
		return &http.Response{StatusCode: 401, Header: http.Header{}, Body: http.NoBody}, nil
	})
	c := newClient(rt, func(c *Config) { c.Auth = &bearer{NewTokens((&numbered{}).fetch)} })
	require.Error(t, do(t.Context(), c, opGet))
	require.Len(t, kept, 2)
	require.Equal(t, "Bearer tok-1", kept[0].Get("Authorization"))
	require.Equal(t, "Bearer tok-2", kept[1].Get("Authorization"))
}

func TestA401ThatNoRenewalCanMendIsReturnedAtOnce(t *testing.T) {
	for name, set := range map[string]func(*Config, *Request){
		"anonymous call":   func(c *Config, r *Request) { c.Auth, r.Anonymous = &bearer{NewTokens((&numbered{}).fetch)}, true },
		"fixed credential": func(c *Config, _ *Request) { c.Auth = fixed("key") },
		"no credential":    func(*Config, *Request) {},
	} {
		p := talk(says(401, ``))
		r := call(opCreate, nil)
		c := newClient(p, func(c *Config) { set(c, &r) })
		_, err := c.Do(t.Context(), r)
		e := failure(t, err)
		require.ErrorIs(t, e, core.ErrUnauthenticated, name)
		require.Equal(t, 1, e.Attempts, name)
		require.Equal(t, 1, p.sends(), name)
		if name == "anonymous call" {
			require.Empty(t, p.all()[0].Header.Get("Authorization"))
		}
	}
}

// fetcher wires the fetch of a token through the same client, as vendors do.
func fetcher(p *peer, set ...func(*Config)) *Client {
	var c *Client
	tokenOp := &Op{Name: "Token", Method: http.MethodPost, Path: "/token", Replay: ReplaySafe, Bucket: "token"}
	auth := &bearer{NewTokens(func(ctx context.Context) (Token, error) {
		var out thing
		_, err := c.Do(ctx, Request{Op: tokenOp, Base: testBase, Anonymous: true, Out: &out})
		return Token{Value: out.ID}, err
	})}
	c = newClient(p, append(set, func(c *Config) { c.Auth = auth })...)
	return c
}

func TestA401OfTheTokenEndpointIsReturnedAtOnce(t *testing.T) {
	p := talk(says(401, ``))
	e := failure(t, do(t.Context(), fetcher(p), opCreate))
	require.ErrorIs(t, e, core.ErrUnauthenticated)
	require.Equal(t, "Token", e.Op)
	require.Equal(t, 1, p.sends())
	require.Empty(t, p.all()[0].Header.Get("Authorization"))
}

func TestATokenThatCannotBeHadLeavesNoDoubtAboutTheCall(t *testing.T) {
	for _, op := range opsByClass {
		for _, s := range []step{says(502, ``), loses(), says(200, page), says(503, ``, "Retry-After", "900")} {
			synctest.Test(t, func(t *testing.T) {
				p := talk(s)
				e := failure(t, do(t.Context(), fetcher(p), op))
				require.Equal(t, "Token", e.Op)
				require.Equal(t, core.AppliedNo, e.Applied, "nothing but the token was asked for: %v", e)
				require.NotContains(t, e.Hint, "change")
				for _, r := range p.all() {
					require.Equal(t, "https://vendor.example/api/token", r.URL)
				}
			})
		}
	}
}

func TestATokenThatCannotBeHadDoesNotHideWhatMayBeDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := talk(says(200, `{"id":"tok-1"}`), says(502, ``), says(401, ``), says(403, ``))
		e := failure(t, do(t.Context(), fetcher(p), opPut))
		require.Equal(t, "Token", e.Op)
		require.Equal(t, core.ClassPermission, e.Class)
		require.Equal(t, core.AppliedUnknown, e.Applied)
	})
}
