package rest

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestARefusalOfTheTokenEndpointIsRememberedForAll(t *testing.T) {
	for name, w := range map[string]struct {
		step step
		kept time.Duration
	}{
		"bad secret":            {says(401, `{"error":"invalid_client"}`), time.Minute},
		"bad secret, as 400":    {says(400, `{"error":"invalid_client"}`), time.Minute},
		"not allowed":           {says(403, `{}`), time.Minute},
		"a login page":          {says(200, page), oddKept},
		"an hour, by a 503":     {says(503, ``, "Retry-After", "3600"), askedKept},
		"three minutes":         {says(503, ``, "Retry-After", "180"), 3 * time.Minute},
		"an hour, by a 429":     {says(429, ``, "Retry-After", "3600"), askedKept},
		"a 429 without a wait":  {says(429, ``), oddKept},
		"down: tried each time": {says(502, ``), 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := talk(w.step)
				c := fetcher(p)
				first := failure(t, do(t.Context(), c, opCreate))
				asked := p.sends()
				if w.kept == 0 {
					failure(t, do(t.Context(), c, opCreate))
					require.Greater(t, p.sends(), asked)
					return
				}
				var wg sync.WaitGroup
				for range 20 {
					wg.Go(func() {
						e := failure(t, do(t.Context(), c, opCreate))
						assert.Equal(t, first.Class, e.Class)
						assert.Equal(t, first.Status, e.Status)
						assert.Equal(t, first.RetryAfter, e.RetryAfter)
						assert.Equal(t, core.AppliedNo, e.Applied)
						assert.Contains(t, e.Hint, "remembered")
					})
				}
				wg.Wait()
				require.Equal(t, asked, p.sends())

				time.Sleep(w.kept + time.Second)
				failure(t, do(t.Context(), c, opCreate))
				require.Greater(t, p.sends(), asked, "and then it is asked again")
			})
		})
	}
}

func TestAMendedCredentialIsUsedAfterTheMemoryOrWhenItIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := talk(says(401, ``), says(401, ``), ok())
		c := fetcher(p)
		failure(t, do(t.Context(), c, opGet))
		c.cfg.Auth.(*bearer).tokens.Forget()
		failure(t, do(t.Context(), c, opGet))
		time.Sleep(time.Minute)
		require.NoError(t, do(t.Context(), c, opGet))
		require.NoError(t, do(t.Context(), c, opGet))
	})
}

func TestARefusedRenewalLeavesAGoodTokenInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetches := 0
		tokens := NewTokens(func(context.Context) (Token, error) {
			if fetches++; fetches > 1 {
				return Token{}, &core.Error{Class: core.ClassUnauthenticated, Status: 401}
			}
			return Token{Value: "tok", Expires: time.Now().Add(time.Hour)}, nil
		})
		_, err := tokens.Get(t.Context())
		require.NoError(t, err)
		time.Sleep(59*time.Minute + time.Second)
		for range 58 {
			got, err := tokens.Get(t.Context())
			require.NoError(t, err)
			require.Equal(t, "tok", got)
			time.Sleep(time.Second)
		}
		require.Equal(t, 2, fetches)
		time.Sleep(2 * time.Second)
		_, err = tokens.Get(t.Context())
		require.ErrorIs(t, err, core.ErrUnauthenticated)
		require.Equal(t, 3, min(fetches, 3))
	})
}

func TestASourceThatBreaksDownIsAnError(t *testing.T) {
	for name, fetch := range map[string]func(context.Context) (Token, error){
		"panics":               func(context.Context) (Token, error) { panic("no key " + token) },
		"panics with an error": func(context.Context) (Token, error) { panic(errors.New("no key " + token)) },
		"runtime":              func(context.Context) (Token, error) { var tok *Token; return *tok, nil },
		"ends its goroutine":   func(context.Context) (Token, error) { runtime.Goexit(); return Token{}, nil },
	} {
		c := newClient(talk(ok()), func(c *Config) {
			c.Auth, c.Secrets = &bearer{NewTokens(fetch)}, []core.Secret{core.NewSecret(token)}
		})
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				e := failure(t, do(t.Context(), c, opCreate))
				assert.Equal(t, core.ClassUnauthenticated, e.Class, name)
				assert.Equal(t, core.AppliedNo, e.Applied, name)
				assert.Contains(t, e.Message, "the source of the credential broke down", name)
				assert.NotContains(t, e.Error(), token, name)
			})
		}
		wg.Wait()
	}
}

func TestALifeIsReadInWhateverFormItComes(t *testing.T) {
	for raw, want := range map[string]time.Duration{
		`900`: 900 * time.Second, `900.5`: 900500 * time.Millisecond, `"900"`: 900 * time.Second, ` " 3599 " `: 3599 * time.Second,
		`1e3`: 1000 * time.Second, `1e30`: 1 << 31 * time.Second, `1e999`: 1 << 31 * time.Second, `"1e30"`: 1 << 31 * time.Second,
		`"soon"`: 0, `[]`: 0, `{}`: 0, `null`: 0, `true`: 0, ``: 0, `0`: 0, `-5`: 0, `"NaN"`: 0, `"-Inf"`: 0,
	} {
		got, ok := ReadLife(json.RawMessage(raw))
		assert.Equal(t, want, got, raw)
		assert.Equal(t, want > 0, ok, raw)
		if want == 0 {
			assert.Equal(t, DefaultLife, Life(json.RawMessage(raw)), raw)
		}
	}
}
