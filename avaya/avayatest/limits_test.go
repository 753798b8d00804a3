package avayatest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
)

func TestTooManyWithAndWithoutRetryAfter(t *testing.T) {
	a := newAPI(t)
	a.srv.Fault(avayatest.TooMany("Users.List", "7"), avayatest.TooMany("Users.List", ""))
	require.Equal(t, "7", a.ok(429, "GET", "/users", nil).Header.Get("Retry-After"))
	res := a.ok(429, "GET", "/users", nil)
	require.Empty(t, res.Header.Values("Retry-After"))
	require.Equal(t, "application/problem+json", res.Header.Get("Content-Type"))
	a.ok(200, "GET", "/users", nil)
	require.Empty(t, a.srv.Unstruck())
}

func TestTokenBucketLimit(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t, avayatest.WithRateLimit(3, 1500*time.Millisecond, true))
		for range 3 {
			a.ok(200, "GET", "/users", nil)
		}
		res := a.ok(429, "GET", "/users", nil)
		require.Equal(t, "1", res.Header.Get("Retry-After"))
		require.Equal(t, "Too Many Requests", res.at("title"))
		time.Sleep(500 * time.Millisecond)
		a.ok(200, "GET", "/users", nil)
		a.ok(429, "GET", "/users", nil)
		time.Sleep(time.Hour)
		a.login() // tokens do not count
		for range 3 {
			a.ok(200, "GET", "/users", nil)
		}
		a.ok(429, "GET", "/users", nil)
		statuses := map[int]int{}
		for _, r := range a.srv.Requests("Users.List") {
			statuses[r.Status]++
		}
		require.Equal(t, map[int]int{200: 7, 429: 3}, statuses)
	})
}

func TestLimitHeaders(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t, avayatest.WithRateLimit(2, time.Minute, true))
		a.ok(200, "GET", "/users", nil)
		a.ok(200, "GET", "/groups", nil)
		time.Sleep(20 * time.Second)
		res := a.ok(429, "GET", "/queues", nil)
		require.Equal(t, "10", res.Header.Get("Retry-After"))
		require.Empty(t, res.Header.Get("RateLimit-Limit"))
		a.srv.Apply(avayatest.WithRateLimitHeaders())
		res = a.ok(429, "GET", "/users", nil)
		require.Equal(t, "2", res.Header.Get("RateLimit-Limit"))
		require.Equal(t, "0", res.Header.Get("RateLimit-Remaining"))
		require.Equal(t, "10", res.Header.Get("RateLimit-Reset"))
		require.Equal(t, "2;w=60", res.Header.Get("RateLimit-Policy"))
		time.Sleep(10 * time.Second)
		a.ok(200, "GET", "/users", nil)
		a.ok(429, "GET", "/users", nil)
	})
}

func TestALimitNeedNotSayHowLong(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t, avayatest.WithRateLimit(1, time.Hour, false))
		a.ok(200, "GET", "/users", nil)
		require.Empty(t, a.ok(429, "GET", "/users", nil).Header.Values("Retry-After"))
	})
}
