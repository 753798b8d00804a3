package livepersontest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func TestServer_Faults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t)
		users := writer + "users?v=6.0"
		c.Fault(
			Fault{Op: "Users.List", Status: 429},
			Fault{Op: "Users.List", Status: 429, RetryAfter: "7"},
			Fault{Op: "Users.List", Status: 500, Times: 2},
			Fault{Op: "Users.List", Status: 503, Body: "<html>down</html>", ContentType: "text/html"},
			Fault{Op: "Users.List", Delay: time.Minute},
			Fault{Op: "Users.List", CutBody: 1},
			Fault{Op: "Users.Create", Drop: true},
			Fault{Op: "Users.Create", LoseAnswer: true},
			Fault{Op: "LOBs.Delete", Status: 500},
		)
		require.Empty(t, c.get(users).is(429).Header.Get("Retry-After"))
		require.Equal(t, "7", c.get(users).is(429).Header.Get("Retry-After"))
		require.Empty(t, c.get(users).is(500).Body)
		c.get(users).is(500)
		require.Equal(t, "<html>down</html>", c.get(users).is(503).Body)
		start := time.Now()
		c.get(users).is(200)
		require.Equal(t, time.Minute, time.Since(start))
		_, err := c.try("GET", users, nil)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		_, err = c.try("POST", users, agent("dropped"))
		require.Error(t, err)
		_, err = c.try("POST", users, agent("lost"))
		require.Error(t, err)
		c.get(users).is(200)
		require.Len(t, c.Users(), 1)
		require.Equal(t, "lost", c.Users()[0]["loginName"], "the connection broke after the write was applied")
		require.Len(t, c.Unstruck(), 1)
		require.Len(t, c.Requests("Users.Create", "Users.List"), 10)
		c.Reset()
		require.Empty(t, c.Unstruck())
		require.Empty(t, c.Requests())
	})
}

func TestServer_StreamsManyUsers(t *testing.T) {
	sim := NewServer()
	ids := sim.AddUsers(18000)
	require.Len(t, ids, 18000)
	req, err := http.NewRequestWithContext(t.Context(), "GET", reader+"users?v=6.0&select=$all", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+Bearer)
	res, err := sim.Transport().RoundTrip(req)
	require.NoError(t, err)
	defer res.Body.Close()
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	dec := json.NewDecoder(res.Body)
	_, err = dec.Token()
	require.NoError(t, err)
	n := 0
	for ; dec.More(); n++ {
		var u struct{ ID int64 }
		require.NoError(t, dec.Decode(&u))
		require.Equal(t, ids[n], u.ID)
		if n == 9000 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			require.Less(t, int64(now.HeapAlloc)-int64(before.HeapAlloc), int64(2<<20))
		}
	}
	require.Equal(t, 18000, n)
}

func TestServer_ConcurrentUse(t *testing.T) {
	c := newCentre(t, WithSampleData())
	ids := c.AddUsers(50)
	done := make(chan error)
	for i := range 8 {
		go func() {
			var err error
			for j := range 20 {
				if _, e := c.try("GET", reader+"users?v=6.0&select=$all", nil); e != nil {
					err = e
				}
				if _, e := c.try("DELETE", userURL(ids[(i*20+j)%50]), nil); e != nil {
					err = e
				}
				c.ChangeUser(ids[j], m{"nickname": "x"})
				c.Users()
			}
			done <- err
		}()
	}
	for range 8 {
		require.NoError(t, <-done)
	}
}

func TestServer_MountedBelowAPrefix(t *testing.T) {
	sim := NewServer()
	mux := http.NewServeMux()
	mux.Handle("/sim/", http.StripPrefix("/sim", sim))
	c := newCentre(t)
	c.client = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		return serveOnce(mux, r), nil
	})}
	r := c.get("http://own.test:8080/sim" + account + "/service/sentinel/baseURI.json?version=1.0").is(200)
	require.Equal(t, "own.test:8080", r.Object()["baseURI"])
	url := "https://own.test/sim" + account + "/configuration/le-users/users?v=6.0"
	c.get(url, "Authorization", sign("GET", url)).is(200)
}

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
