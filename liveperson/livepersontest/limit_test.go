package livepersontest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func TestServer_RateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		users := writer + "users?v=6.0"
		c := newCentre(t, WithRateLimit(2, 6*time.Second, true))
		c.get(users).is(200)
		c.get(users).is(200)
		refused := c.get(users).is(429)
		require.Equal(t, "3", refused.Header.Get("Retry-After"))
		require.Equal(t, "application/json;charset=utf-8", refused.Header.Get("Content-Type"))
		time.Sleep(3 * time.Second)
		c.get(users).is(200)
		c.get(users).is(429)
		c.get(domain + "baseURI.json?version=1.0").is(200)
		c.token()
		c = newCentre(t, WithRateLimit(1, time.Second, false))
		c.get(users).is(200)
		require.Empty(t, c.do("POST", viewURL, view(nil)).is(429).Header.Get("Retry-After"))
	})
}
