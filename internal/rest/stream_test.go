package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func listing(before func(Response)) func(context.Context, *Client) func(func(thing, error) bool) {
	return func(ctx context.Context, c *Client) func(func(thing, error) bool) {
		return List[thing](ctx, c, Request{Op: opList, Base: testBase}, before)
	}
}

var plain = listing(nil)

// walk collects a list; an error ends it.
func walk(seq func(func(thing, error) bool)) (ids []string, err error) {
	for v, e := range seq {
		if err != nil {
			return ids, errors.New("the walk goes on after its error")
		}
		if e != nil {
			err = e
			continue
		}
		ids = append(ids, v.ID)
	}
	return ids, err
}

// paced streams elements with a pause before each.
func paced(n int, pause time.Duration) step {
	return step{serve: func(w http.ResponseWriter, r *http.Request) {
		for i := range n {
			select {
			case <-time.After(pause):
			case <-r.Context().Done():
				panic(http.ErrAbortHandler)
			}
			fmt.Fprintf(w, `%c{"id":"e%d"}`, "[,"[min(i, 1)], i)
			w.(http.Flusher).Flush()
		}
		io.WriteString(w, "]")
	}}
}

func TestTheFirstElementIsOutBeforeTheLastByteWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var at []time.Duration
		for v, err := range plain(t.Context(), newClient(talk(paced(4, 10*time.Second)))) {
			require.NoError(t, err)
			require.Equal(t, fmt.Sprintf("e%d", len(at)), v.ID)
			at = append(at, time.Since(start)/time.Second)
		}
		require.Equal(t, []time.Duration{10, 20, 30, 40}, at)
	})
}

func TestAListMayTakeMuchLongerThanAnAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ids, err := walk(plain(t.Context(), newClient(talk(paced(20, 59*time.Second)))))
		require.NoError(t, err)
		require.Len(t, ids, 20)
	})
}

func TestAListIsSentAnewForEachWalkAndNotBefore(t *testing.T) {
	p := talk(says(200, `[{"id":"a"},{"id":"b"}]`))
	seq := plain(t.Context(), newClient(p))
	require.Zero(t, p.sends())
	for i := range 3 {
		ids, err := walk(seq)
		require.NoError(t, err)
		require.Equal(t, []string{"a", "b"}, ids)
		require.Equal(t, i+1, p.sends())
	}
}

func TestAWalkThatStopsEarlyLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // its end finds every goroutine that is left
		p := talk(paced(1000, time.Second))
		for range 5 {
			for v, err := range plain(t.Context(), newClient(p)) {
				require.NoError(t, err)
				if v.ID == "e2" {
					break
				}
			}
		}
		require.Equal(t, 5, p.sends())
	})
}

func TestAWalkOverTCPThatStopsEarlyLeavesNothingBehind(t *testing.T) {
	var open atomic.Int64
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := range 100_000 {
			if _, err := fmt.Fprintf(w, `%c{"id":"e%d"}`, "[,"[min(i, 1)], i); err != nil {
				return
			}
		}
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed:
			open.Add(-1)
		}
	}
	srv.Start()
	defer srv.Close()
	c := newClient(core.NewTransport())
	before := runtime.NumGoroutine()
	for range 20 {
		for _, err := range List[thing](t.Context(), c, Request{Op: opList, Base: mustURL(srv.URL)}, nil) {
			require.NoError(t, err)
			break
		}
	}
	c.CloseIdle()
	require.Eventually(t, func() bool { return open.Load() == 0 && runtime.NumGoroutine() <= before+1 },
		5*time.Second, time.Millisecond)
}

func TestAWalkToTheEndGivesTheConnectionBack(t *testing.T) {
	var connections atomic.Int64
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `[`+strings.Repeat(`{"id":"a"},`, 10_000)+`{"id":"z"}]`)
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	srv.Start()
	defer srv.Close()
	c := newClient(core.NewTransport())
	defer c.CloseIdle()
	for range 5 {
		ids, err := walk(List[thing](t.Context(), c, Request{Op: opList, Base: mustURL(srv.URL)}, nil))
		require.NoError(t, err)
		require.Len(t, ids, 10_001)
	}
	require.EqualValues(t, 1, connections.Load())
}

func TestAListThatIsCutIsIncomplete(t *testing.T) {
	whole := `[{"id":"a"},{"id":"b"},{"id":"c"}]`
	for name, s := range map[string]step{
		"connection lost": cuts(200, whole),
		"ends too early":  says(200, whole[:len(whole)-1]),
		"in an element":   says(200, whole[:16]),
		"after a comma":   says(200, whole[:12]),
		"just begun":      says(200, "["),
	} {
		p := talk(s)
		ids, err := walk(plain(t.Context(), newClient(p)))
		e := failure(t, err)
		require.Equal(t, core.ClassIncomplete, e.Class, name)
		require.ErrorIs(t, e, core.ErrIncomplete)
		require.Less(t, len(ids), 4)
		require.Equal(t, core.AppliedNo, e.Applied)
		require.Equal(t, 1, p.sends(), "what was handed out is not fetched again")
	}
}

func TestAnAnswerThatIsNoListIsAProtocolError(t *testing.T) {
	for name, w := range map[string]struct{ body, says string }{
		"HTML":          {page, "an HTML page"},
		"text":          {"oops", "not the list"},
		"empty":         {"", "it is empty"},
		"object":        {`{"name":"a"}`, "cannot be read"},
		"null id":       {`{"id":null}`, "cannot be read"},
		"refusal":       {`{"id":"a","message":"denied"}`, "cannot be read"},
		"null":          {`null`, "cannot be read"},
		"string":        {`"x"`, "cannot be read"},
		"wrong element": {`[{"id":"a"},7]`, "cannot be read"},
		"garbage later": {`[{"id":"a"},oops]`, "cannot be read"},
		"garbage after": {`[{"id":"a"}] <html>`, "cannot be read"},
		"huge element":  {`[{"id":"a"},{"id":"` + strings.Repeat("x", 9<<20) + `"}]`, "larger than"},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := talk(says(200, w.body))
			ids, err := walk(plain(t.Context(), newClient(p)))
			e := failure(t, err)
			require.ErrorIs(t, e, core.ErrProtocol, name)
			require.ErrorIs(t, e, core.ErrIncomplete, name)
			require.Equal(t, len(ids) > 0, e.Class == core.ClassIncomplete, name)
			require.Contains(t, e.Message, w.says, name)
			require.NotContains(t, e.Message, "connection was lost", name)
			require.Equal(t, 1, p.sends())
		})
	}
}

func TestList_ReadsOneObjectInPlaceOfAListOfOne(t *testing.T) {
	for _, body := range []string{`{"id":"a"}`, " {\"name\":\"x\",\"id\":\"a\"}\n"} {
		ids, err := walk(plain(t.Context(), newClient(talk(says(200, body)))))
		require.NoError(t, err, body)
		require.Equal(t, []string{"a"}, ids)
	}
}

func TestAnEmptyListIsNoError(t *testing.T) {
	for _, body := range []string{"[]", " [ ] \n"} {
		ids, err := walk(plain(t.Context(), newClient(talk(says(200, body)))))
		require.NoError(t, err)
		require.Empty(t, ids)
	}
}

func TestAListMayBeginWithAByteOrderMark(t *testing.T) {
	ids, err := walk(plain(t.Context(), newClient(talk(says(200, "\xef\xbb\xbf [{\"id\":\"a\"}]")))))
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, ids)
	var v thing
	_, err = newClient(talk(says(200, "\xef\xbb\xbf{\"id\":\"a\"}"))).Do(t.Context(), call(opGet, &v))
	require.NoError(t, err)
	require.Equal(t, "a", v.ID)
}

func TestARefusalInPlaceOfAListIsInspected(t *testing.T) {
	c := newClient(talk(says(200, `{"why":"no"}`)), func(c *Config) {
		c.Inspect = func(body []byte) *core.Error { return &core.Error{Class: core.ClassPermission, Message: string(body)} }
	})
	_, err := walk(plain(t.Context(), c))
	e := failure(t, err)
	require.Equal(t, core.ClassPermission, e.Class)
	require.Equal(t, `{"why":"no"}`, e.Message)
}

func TestAListThatStallsIsBrokenOff(t *testing.T) {
	stall := step{serve: func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `[{"id":"a"},`)
		w.(http.Flusher).Flush()
		broken(r)
	}}
	synctest.Test(t, func(t *testing.T) { // over a transport that ends the body with the context's error
		rt := roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(&generated{next: func() string {
				<-r.Context().Done()
				return ""
			}, end: context.Canceled})}, nil
		})
		_, err := walk(plain(t.Context(), newClient(rt)))
		e := failure(t, err)
		require.Equal(t, core.ClassUnavailable, e.Class, "none of it came: that is tried again")
		require.Equal(t, 3, e.Attempts)
		require.NotErrorIs(t, e, context.Canceled, "the caller canceled nothing")
		require.Contains(t, e.Message, "no answer within the time of one attempt")
	})
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ids, err := walk(plain(t.Context(), newClient(talk(stall))))
		e := failure(t, err)
		require.Equal(t, core.ClassIncomplete, e.Class)
		require.Equal(t, []string{"a"}, ids)
		require.Equal(t, time.Minute, time.Since(start))
		require.NotErrorIs(t, e, context.Canceled, "the caller canceled nothing")
		require.NotContains(t, e.Error(), "context canceled")
	})
}

func TestAListWhoseHeadDoesNotComeIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ids, err := walk(plain(t.Context(), newClient(talk(hangs(), says(200, `[{"id":"a"}]`)))))
		require.NoError(t, err)
		require.Equal(t, []string{"a"}, ids)
	})
	synctest.Test(t, func(t *testing.T) {
		_, err := walk(plain(t.Context(), newClient(talk(hangs()))))
		e := failure(t, err)
		require.Equal(t, core.ClassUnavailable, e.Class)
		require.Equal(t, 3, e.Attempts)
		require.Contains(t, e.Message, "no answer within the time of one attempt")
		require.NotErrorIs(t, e, context.Canceled, "the caller canceled nothing")
	})
}

func TestAnErrorOfAListWhoseBodyStallsIsBrokenOffWithItsAttempt(t *testing.T) {
	stall := step{serve: func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(404)
		io.WriteString(w, `{"message":`)
		w.(http.Flusher).Flush()
		broken(r)
	}}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		start := time.Now()
		_, err := walk(plain(ctx, newClient(talk(stall))))
		require.Equal(t, core.ClassProtocol, failure(t, err).Class, "half an answer proves nothing")
		require.Equal(t, time.Minute, time.Since(start))
	})
}

func TestASlowReaderIsNotBrokenOff(t *testing.T) {
	body := `[` + strings.Repeat(`{"id":"`+strings.Repeat("x", 30<<10)+`"},`, 10) + `{"id":"z"}]`
	synctest.Test(t, func(t *testing.T) {
		n := 0
		seq := listing(func(Response) { time.Sleep(time.Hour) })(t.Context(), newClient(talk(says(200, body))))
		for _, err := range seq {
			require.NoError(t, err)
			n++
			time.Sleep(time.Hour)
		}
		require.Equal(t, 11, n)
	})
}

func TestAListIsTriedAgainBeforeItsFirstElement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := talk(says(429, ``, "Retry-After", "5"), says(502, ``), loses(), says(200, `[{"id":"a"}]`))
		ids, err := walk(plain(t.Context(), newClient(p)))
		require.NoError(t, err)
		require.Equal(t, []string{"a"}, ids)
		require.Equal(t, 4, p.sends())
	})
}

func TestAWalkMayMakeOtherCalls(t *testing.T) {
	p := talk(step{serve: func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/things" {
			io.WriteString(w, `[{"id":"a"},{"id":"b"},{"id":"c"}]`)
			return
		}
		io.WriteString(w, okBody)
	}})
	c := newClient(p)
	var got []string
	for v, err := range plain(t.Context(), c) {
		require.NoError(t, err)
		require.NoError(t, do(t.Context(), c, opGet))
		ids, err := walk(plain(t.Context(), c))
		require.NoError(t, err)
		require.Len(t, ids, 3)
		got = append(got, v.ID)
	}
	require.Equal(t, []string{"a", "b", "c"}, got)
}

func TestAListThatIsRefusedEndsWithTheError(t *testing.T) {
	ids, err := walk(plain(t.Context(), newClient(talk(says(403, `{"m":1}`)))))
	require.ErrorIs(t, failure(t, err), core.ErrPermission)
	require.Empty(t, ids)
}

func TestA401OfAListIsRenewed(t *testing.T) {
	p := talk(says(401, ``), says(200, `[{"id":"a"}]`))
	c := newClient(p, func(c *Config) { c.Auth = &bearer{NewTokens((&numbered{}).fetch)} })
	_, err := walk(plain(t.Context(), c))
	require.NoError(t, err)
	require.Equal(t, "Bearer tok-2", p.all()[1].Header.Get("Authorization"))
}

func TestANotModifiedIsAnEmptyWalk(t *testing.T) {
	var seen []Response
	p := talk(says(304, "", "Etag", "7", "X-Request-Id", "r1"))
	r := Request{Op: opList, Base: testBase, Header: http.Header{"If-None-Match": {"7"}}}
	ids, err := walk(List[thing](t.Context(), newClient(p), r, func(r Response) { seen = append(seen, r) }))
	require.NoError(t, err)
	require.Empty(t, ids)
	require.Len(t, seen, 1)
	require.True(t, seen[0].NotModified)
	require.Equal(t, "7", seen[0].Header.Get("Etag"))
	require.Equal(t, "r1", seen[0].RequestID)
}

func TestANotModifiedThatNobodyAskedForIsNoEmptyWalk(t *testing.T) {
	_, err := walk(plain(t.Context(), newClient(talk(says(304, "")))))
	require.Equal(t, core.ClassProtocol, failure(t, err).Class)
}

func TestTheHeadOfAListIsSeenBeforeItsElements(t *testing.T) {
	var seen bool
	p := talk(says(200, `[{"id":"a"}]`, "Ac-Revision", "9"))
	for _, err := range listing(func(r Response) { seen = r.Header.Get("Ac-Revision") == "9" && !r.NotModified })(t.Context(), newClient(p)) {
		require.NoError(t, err)
		require.True(t, seen)
	}
}

func TestAListWhoseContextEndsInTheMiddleIsCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
		defer cancel()
		ids, err := walk(plain(ctx, newClient(talk(paced(9, 10*time.Second)))))
		e := failure(t, err)
		require.Equal(t, core.ClassCanceled, e.Class)
		require.ErrorIs(t, e, context.DeadlineExceeded)
		require.Equal(t, core.AppliedNo, e.Applied)
		require.Equal(t, []string{"e0", "e1"}, ids)
	})
}

func TestAListWhoseContextHasEndedSendsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := talk(ok())
	_, err := walk(plain(ctx, newClient(p)))
	require.Equal(t, core.ClassCanceled, failure(t, err).Class)
	require.Zero(t, p.sends())
}

func TestMemoryDoesNotGrowWithTheList(t *testing.T) {
	most := func(n int) (peak uint64) {
		rt := roundTrip(func(*http.Request) (*http.Response, error) {
			i := 0
			return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(&generated{next: func() string {
				i++
				switch {
				case i == 1:
					return `[{"id":"0"}`
				case i <= n:
					return `,{"id":"` + strings.Repeat("x", 200) + `"}`
				case i == n+1:
					return "]"
				}
				return ""
			}})}, nil
		})
		seen := 0
		for _, err := range plain(t.Context(), newClient(rt)) {
			require.NoError(t, err)
			if seen++; seen%(n/4) == 0 {
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		}
		require.Equal(t, n, seen)
		return peak
	}
	small, large := most(400), most(40_000) // the larger is 8 MB
	require.Less(t, large, small+2<<20)
}

// generated reads text piece by piece.
type generated struct {
	next func() string
	left string
	end  error // io.EOF if nil
}

func (g *generated) Read(p []byte) (int, error) {
	if g.left == "" {
		if g.left = g.next(); g.left == "" {
			return 0, cmp.Or(g.end, io.EOF)
		}
	}
	n := copy(p, g.left)
	g.left = g.left[n:]
	return n, nil
}

func TestAListMayBeNullWhereTheCallSaysSo(t *testing.T) {
	for body, good := range map[string]bool{"null": true, " null ": true, "[]": true, "nul": false, "{}": false, "": false} {
		ids, err := walk(List[thing](t.Context(), newClient(talk(says(200, body))), Request{Op: opList, Base: testBase, EmptyOK: true}, nil))
		require.Empty(t, ids)
		require.Equal(t, good, err == nil, "%q: %v", body, err)
	}
	_, err := walk(plain(t.Context(), newClient(talk(says(200, "null")))))
	require.Error(t, err, "and not otherwise")
}

// word is an answer that is a bare word.
type word string

func (w *word) ReadBody(body []byte) error {
	if *w = word(body); len(body) > 9 {
		return errors.New("too long for a word")
	}
	return nil
}

func TestAnAnswerThatNeedNotBeJSON(t *testing.T) {
	var w word
	_, err := newClient(talk(says(200, "T-4711"))).Do(t.Context(), call(opCreate, &w))
	require.NoError(t, err)
	require.Equal(t, word("T-4711"), w)
	_, err = newClient(talk(says(200, "a whole sentence"))).Do(t.Context(), call(opCreate, &w))
	e := failure(t, err)
	require.ErrorIs(t, e, core.ErrProtocol)
	require.Equal(t, core.AppliedUnknown, e.Applied)
	require.Contains(t, e.Message, "too long for a word")
}
