package simnet_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core/simtest"
	"github.com/rollcall-go/rollcall/internal/simnet"
)

// counter is a handler with an effect, so that tests can tell whether a fault
// struck before or after it.
type counter struct {
	script simnet.Script
	hits   atomic.Int64
}

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.script.Serve(w, r, "hit", func(*http.Request, []byte) *simnet.Answer {
		c.hits.Add(1)
		return simnet.Text(200, "text/plain", "0123456789").Set("X-Kept", "yes")
	})
}

func get(t *testing.T, rt http.RoundTripper, base string) (*http.Response, []byte, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", base+"/a%2Fb?x=1", nil)
	require.NoError(t, err)
	res, err := rt.RoundTrip(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res, body, err
}

func TestFaultsInMemoryAndOverTCP(t *testing.T) {
	ways := map[string]func(t *testing.T, h http.Handler) (http.RoundTripper, string){
		"memory": func(t *testing.T, h http.Handler) (http.RoundTripper, string) {
			return &simnet.Transport{Handler: h}, "http://sim.invalid"
		},
		"tcp": func(t *testing.T, h http.Handler) (http.RoundTripper, string) {
			base, stop, err := simnet.Listen(h)
			require.NoError(t, err)
			t.Cleanup(stop)
			return &http.Transport{DisableKeepAlives: true}, base
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			c := &counter{}
			rt, base := way(t, c)
			c.script.Add(
				simtest.Fault{Op: "hit", Skip: 1, Status: 503, RetryAfter: "soon", Body: "no"},
				simtest.Fault{Op: "hit", Skip: 1, Drop: true},
				simtest.Fault{Op: "hit", Skip: 1, LoseAnswer: true},
				simtest.Fault{Op: "hit", Skip: 1, CutBody: 4},
				simtest.Fault{Op: "hit", Skip: 1, Status: 502, Effect: true, Body: "a page"},
				simtest.Fault{Op: "never", Status: 500},
			)
			res, body, err := get(t, rt, base)
			require.NoError(t, err)
			require.Equal(t, "0123456789", string(body))
			require.Equal(t, "yes", res.Header.Get("X-Kept"))

			res, body, err = get(t, rt, base)
			require.NoError(t, err)
			require.Equal(t, 503, res.StatusCode)
			require.Equal(t, "soon", res.Header.Get("Retry-After"))
			require.Equal(t, "no", string(body))
			require.EqualValues(t, 1, c.hits.Load(), "a status fault must come before the effect")

			_, _, err = get(t, rt, base)
			require.Error(t, err)
			require.EqualValues(t, 1, c.hits.Load(), "a dropped request must have no effect")

			_, _, err = get(t, rt, base)
			require.Error(t, err)
			require.EqualValues(t, 2, c.hits.Load(), "a lost answer must have had its effect")

			_, body, err = get(t, rt, base)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			require.Equal(t, "0123", string(body))
			require.EqualValues(t, 3, c.hits.Load())

			res, body, err = get(t, rt, base)
			require.NoError(t, err)
			require.Equal(t, 502, res.StatusCode)
			require.Equal(t, "a page", string(body))
			require.EqualValues(t, 4, c.hits.Load(), "a status after the effect must have had it")

			left := c.script.Unstruck()
			require.Len(t, left, 1)
			require.Equal(t, "never", left[0].Op)
			log := c.script.Requests("hit")
			require.Len(t, log, 6)
			require.Equal(t, "/a%2Fb", log[0].Path)
			require.Equal(t, "x=1", log[0].Query)
			require.Equal(t, []int{200, 503, 0, 0, 200},
				[]int{log[0].Status, log[1].Status, log[2].Status, log[3].Status, log[4].Status})
		})
	}
}

func TestDelayIsCancellableAndVirtual(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{}
		c.script.Add(simtest.Fault{Delay: time.Hour, Times: -1})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		req, err := http.NewRequestWithContext(ctx, "POST", "http://sim.invalid/", strings.NewReader("x"))
		require.NoError(t, err)
		_, err = (&simnet.Transport{Handler: c}).RoundTrip(req)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(start))
		require.Zero(t, c.hits.Load())
	})
}

func TestAnswersStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "first")
			w.(http.Flusher).Flush()
			select {
			case <-time.After(time.Hour):
			case <-r.Context().Done():
				return
			}
			io.WriteString(w, "last")
		})
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://sim.invalid/", nil)
		require.NoError(t, err)
		start := time.Now()
		res, err := (&simnet.Transport{Handler: h}).RoundTrip(req)
		require.NoError(t, err)
		buf := make([]byte, 16)
		n, err := res.Body.Read(buf)
		require.NoError(t, err)
		require.Equal(t, "first", string(buf[:n]))
		require.Zero(t, time.Since(start))
		rest, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.Equal(t, "last", string(rest))
		require.NoError(t, res.Body.Close())
	})
}

func TestAMatchMayReadTheBody(t *testing.T) {
	var s simnet.Script
	reads := func(r *http.Request, body []byte) bool {
		b, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.Equal(t, "asked", string(b))
		require.Equal(t, "asked", string(body))
		return false
	}
	s.Add(simtest.Fault{Match: reads}, simtest.Fault{Match: reads})
	r := httptest.NewRequest("POST", "/", strings.NewReader("asked"))
	s.Serve(httptest.NewRecorder(), r, "op", func(r *http.Request, body []byte) *simnet.Answer {
		reads(r, body)
		return &simnet.Answer{Status: 204}
	})
}

func TestBucket(t *testing.T) {
	now := time.Unix(0, 0)
	b := simnet.BucketOf(2, time.Second)
	for range 2 {
		_, ok := b.Ready(now)
		require.True(t, ok, "it starts full")
		b.Take()
	}
	wait, ok := b.Ready(now)
	require.False(t, ok)
	require.Equal(t, 500*time.Millisecond, wait)
	require.Equal(t, "1", simnet.RetryAfter(wait))
	require.Equal(t, "3", simnet.RetryAfter(2001*time.Millisecond))
	now = now.Add(wait)
	_, ok = b.Ready(now)
	require.True(t, ok, "after the wait that it named")
	b.Take()
	_, ok = b.Ready(now.Add(100 * time.Millisecond))
	require.False(t, ok)
	now = now.Add(time.Hour)
	for range 2 {
		_, ok = b.Ready(now)
		require.True(t, ok)
		b.Take()
	}
	_, ok = b.Ready(now)
	require.False(t, ok, "it never holds more than a burst")
}

func TestLimit_SaysHowLongToWait(t *testing.T) {
	now := time.Unix(0, 0)
	l := simnet.LimitOf(1, 90*time.Second, true)
	_, ok := l.Pass(now)
	require.True(t, ok)
	seconds, ok := l.Pass(now.Add(500 * time.Millisecond))
	require.False(t, ok)
	require.Equal(t, "90", seconds)
	_, ok = l.Pass(now.Add(90 * time.Second))
	require.True(t, ok)

	l = nil
	_, ok = l.Pass(now)
	require.True(t, ok, "there is no limit")
}

func TestDecodeTakesOneValue(t *testing.T) {
	o, err := simnet.DecodeObject([]byte(` {"id":12345678901234567890} `))
	require.NoError(t, err)
	require.Equal(t, map[string]any{"id": json.Number("12345678901234567890")}, o)
	for _, text := range []string{"", "null", "[]", `"{}"`, "{", "{} {}", "{}}", "{}]", "{} x", "\ufeff{}"} {
		_, err := simnet.DecodeObject([]byte(text))
		require.Error(t, err, text)
	}
}

func TestASeedIsATextOrAValue(t *testing.T) {
	want := map[string]any{"name": "<a&b>", "n": json.Number("1")}
	for _, v := range []any{
		`{"name":"<a&b>","n":1}`, []byte(`{"name":"<a&b>","n":1}`), json.RawMessage(`{"name":"<a&b>","n":1}`),
		map[string]any{"name": "<a&b>", "n": 1}, struct {
			Name string `json:"name"`
			N    int    `json:"n"`
		}{"<a&b>", 1},
	} {
		o, err := simnet.SeedObject(v)
		require.NoError(t, err)
		require.Equal(t, want, o)
	}
	text, err := simnet.Seed(map[string]string{"name": "<a&b>"})
	require.NoError(t, err)
	require.Equal(t, `{"name":"<a&b>"}`, string(text), "as it is, and nothing after it")
	_, err = simnet.SeedObject([]string{"x"})
	require.ErrorContains(t, err, `not a JSON object: ["x"]`)
	_, err = simnet.Seed(func() {})
	require.Error(t, err)
}

// TestSeedObject_CopiesAsJSONWould: a seed shares nothing with what it was made from.
func TestSeedObject_CopiesAsJSONWould(t *testing.T) {
	seed := map[string]any{"text": "é", "yes": true, "nothing": nil, "none": []string(nil), "empty": []any{},
		"names": []string{"a", "b"}, "rows": []map[string]any{{"x": "y"}}, "deep": map[string]any{"list": []any{"z", nil}}}
	data, err := simnet.Seed(seed)
	require.NoError(t, err)
	want, err := simnet.DecodeObject(data)
	require.NoError(t, err)

	got, err := simnet.SeedObject(seed)
	require.NoError(t, err)
	require.Equal(t, want, got)

	got["deep"].(map[string]any)["list"].([]any)[0] = "changed"
	require.Equal(t, "z", seed["deep"].(map[string]any)["list"].([]any)[0])

	got, err = simnet.SeedObject(map[string]any{"number": 7, "bytes": "\xff"})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"number": json.Number("7"), "bytes": "\ufffd"}, got, "as JSON has them")
	for _, bad := range []any{nil, map[string]any(nil), []any{}} {
		_, err = simnet.SeedObject(bad)
		require.Error(t, err)
	}
}
