package rest

import (
	"bytes"
	"context"
	"crypto/x509"
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

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestEveryStatusHasItsClass(t *testing.T) {
	for status, want := range map[int]core.Class{
		300: core.ClassProtocol, 400: core.ClassInvalid, 401: core.ClassUnauthenticated, 402: core.ClassInvalid,
		403: core.ClassPermission, 404: core.ClassNotFound, 405: core.ClassInvalid, 408: core.ClassUnavailable,
		409: core.ClassConflict, 410: core.ClassNotFound, 412: core.ClassConflict, 413: core.ClassInvalid,
		415: core.ClassInvalid, 422: core.ClassInvalid, 423: core.ClassUnavailable, 429: core.ClassRateLimited,
		451: core.ClassPermission, 500: core.ClassUnavailable, 501: core.ClassUnavailable, 502: core.ClassUnavailable,
		503: core.ClassUnavailable, 504: core.ClassUnavailable, 507: core.ClassUnavailable, 599: core.ClassUnavailable,
	} {
		mock := httpmock.NewMockTransport()
		mock.RegisterResponder(http.MethodGet, "https://vendor.example/api/things/t1", httpmock.NewStringResponder(status, "{}"))
		e := failure(t, do(t.Context(), newClient(mock, func(c *Config) { c.MaxAttempts, c.MaxWait = 1, 1 }), opGet))
		assert.Equal(t, want, e.Class, "%d", status)
		assert.Equal(t, status, e.Status)
	}
}

func TestAStaleRevisionIsItsOwnClassWhereTheVendorHasRevisions(t *testing.T) {
	for _, status := range []int{409, 412} {
		for has, want := range map[bool]core.Class{false: core.ClassConflict, true: core.ClassRevision} {
			c := newClient(talk(says(status, `{}`)), func(c *Config) { c.Revisions = has })
			require.Equal(t, want, failure(t, do(t.Context(), c, opPut)).Class)
		}
	}
}

func TestTheVendorsWordMayCorrectTheClass(t *testing.T) {
	for _, revisions := range []bool{false, true} {
		c := newClient(talk(says(409, `login is taken`, "X-Request-Id", "r7")), func(c *Config) {
			c.Revisions = revisions
			c.Explain = func(body []byte, e *core.Error) {
				e.Class, e.Code, e.Message = core.ClassInvalid, "TAKEN", string(body)
			}
		})
		e := failure(t, do(t.Context(), c, opCreate))
		require.Equal(t, core.ClassInvalid, e.Class, "revisions: %v", revisions)
		require.Equal(t, "acme: Things.Create: invalid: 409 Conflict (TAKEN): login is taken [request r7]", e.Error())
	}
}

func TestTheFirstRequestIDHeaderThatIsThereWins(t *testing.T) {
	set := func(c *Config) { c.RequestIDHeaders = []string{"X-A", "X-B"} }
	e := failure(t, do(t.Context(), newClient(talk(says(400, ``, "X-B", "b\tb")), set), opGet))
	require.Equal(t, "b b", e.RequestID)
	c := newClient(talk(says(200, okBody, "X-A", "a", "X-B", "b")), set)
	res, err := c.Do(t.Context(), call(opGet, nil))
	require.NoError(t, err)
	require.Equal(t, "a", res.RequestID)
	require.Equal(t, 200, res.Status)
	require.Equal(t, "b", res.Header.Get("X-B"))
}

func TestA2xxThatMeansFailureIsAnError(t *testing.T) {
	inspect := func(c *Config) {
		c.Inspect = func(body []byte) *core.Error {
			if !bytes.Contains(body, []byte(`"success":false`)) {
				return nil
			}
			return &core.Error{Class: core.ClassNotApplied, Code: "E1", Message: "did\nnot", Status: 409, Applied: core.AppliedYes, Hint: "look"}
		}
	}
	for _, op := range opsByClass {
		p := talk(says(200, `{"success":false}`, "X-Request-Id", "r1"), ok())
		e := failure(t, do(t.Context(), newClient(p, inspect), op))
		require.ErrorIs(t, e, core.ErrNotApplied)
		require.Equal(t, "did not", e.Message)
		require.Equal(t, []any{"E1", 409, "r1", "look", 1, op.Name}, []any{e.Code, e.Status, e.RequestID, e.Hint, e.Attempts, e.Op})
		want := core.AppliedYes
		if op.Replay == Safe {
			want = core.AppliedNo
		}
		require.Equal(t, want, e.Applied, "a read changes nothing, whatever is said")
		require.Equal(t, 1, p.sends())
	}
	for status, class := range map[int]core.Class{400: core.ClassInvalid, 404: core.ClassNotFound, 409: core.ClassConflict,
		412: core.ClassConflict, 423: core.ClassUnavailable, 429: core.ClassRateLimited, 503: core.ClassUnavailable} {
		c := newClient(talk(says(200, `no`)), func(c *Config) { c.Inspect = func([]byte) *core.Error { return &core.Error{Status: status} } })
		e := failure(t, do(t.Context(), c, opPut))
		require.Equal(t, class, e.Class, "the class is that of the status in the body")
		require.Equal(t, status, e.Status)
	}
	synctest.Test(t, func(t *testing.T) { // what the vendor leaves open is what the attempts left open
		c := newClient(talk(loses(), says(200, `no`)), func(c *Config) {
			c.Inspect = func([]byte) *core.Error { return &core.Error{Class: core.ClassInvalid} }
		})
		require.Equal(t, core.AppliedUnknown, failure(t, do(t.Context(), c, opPut)).Applied)
	})
}

func TestAWriteThatExpectsNothingIsNotDoneByAnHTMLPage(t *testing.T) {
	for _, op := range opsByClass[1:] {
		c := newClient(talk(says(200, "\n <!DOCTYPE html><title>Log in</title>")))
		_, err := c.Do(t.Context(), call(op, nil))
		e := failure(t, err)
		require.Equal(t, core.ClassProtocol, e.Class)
		require.Equal(t, core.AppliedUnknown, e.Applied)
		require.Contains(t, e.Message, "HTML")
	}
}

func TestAWriteThatExpectsNothingIsDoneByAnyOtherSuccess(t *testing.T) {
	for _, s := range []step{says(200, ""), says(204, ""), says(202, `{"a":1}`), says(200, "OK")} {
		_, err := newClient(talk(s)).Do(t.Context(), call(opPut, nil))
		require.NoError(t, err)
	}
}

func TestANotModifiedIsNoErrorAndDecodesNothing(t *testing.T) {
	out := thing{ID: "before"}
	r := call(opGet, &out)
	r.Header = http.Header{"If-None-Match": {"7"}}
	res, err := newClient(talk(says(304, "", "Etag", "7"))).Do(t.Context(), r)
	require.NoError(t, err)
	require.True(t, res.NotModified)
	require.Equal(t, "7", res.Header.Get("Etag"))
	require.Equal(t, "before", out.ID)
}

func TestANotModifiedOfAConditionOfTheVendorsOwn(t *testing.T) {
	r := call(opGet, &thing{})
	r.Header, r.Conditional = http.Header{"X-Lp-Last-Modified": {"7"}}, true
	res, err := newClient(talk(says(304, ""))).Do(t.Context(), r)
	require.NoError(t, err)
	require.True(t, res.NotModified)
}

func TestANotModifiedThatNobodyAskedForIsAProtocolError(t *testing.T) {
	for _, op := range opsByClass {
		e := failure(t, do(t.Context(), newClient(talk(says(304, ""))), op))
		require.Equal(t, core.ClassProtocol, e.Class)
		require.Equal(t, 304, e.Status)
		require.NotContains(t, e.Error(), "redirect")
	}
}

func TestAnEmptySuccessIsFineWhereTheCallSaysSo(t *testing.T) {
	for body, id := range map[string]string{"": "before", " \n": "before", okBody: "t1"} {
		out := thing{ID: "before"}
		r := call(opPut, &out)
		r.EmptyOK = true
		_, err := newClient(talk(says(200, body))).Do(t.Context(), r)
		require.NoError(t, err)
		require.Equal(t, id, out.ID)
	}
}

func TestACallWhoseContextHasEndedSendsNothing(t *testing.T) {
	for _, op := range opsByClass {
		mock := httpmock.NewMockTransport()
		m := &meter{}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		e := failure(t, do(ctx, newClient(mock, func(c *Config) { c.Governor = m }), op))
		require.Equal(t, core.ClassCanceled, e.Class)
		require.ErrorIs(t, e, context.Canceled)
		require.ErrorIs(t, e, core.ErrCanceled)
		require.Equal(t, core.AppliedNo, e.Applied)
		require.Zero(t, e.Attempts)
		require.Equal(t, op.Name, e.Op)
		require.Zero(t, mock.GetTotalCallCount())
		require.Empty(t, m.waits)
	}
}

func TestACallCanceledDuringAWaitEndsAtOnce(t *testing.T) {
	for _, w := range []struct {
		step    step
		applied core.Applied
	}{
		{says(429, ``, "Retry-After", "60"), core.AppliedNo},
		{says(503, ``, "Retry-After", "60"), core.AppliedNo},
		{says(503, ``), core.AppliedUnknown},
		{says(502, ``, "Retry-After", "60"), core.AppliedUnknown},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := talk(w.step)
			ctx, cancel := context.WithCancel(t.Context())
			at := 7 * time.Second
			if w.step.serve != nil && w.applied == core.AppliedUnknown {
				at = time.Nanosecond
			}
			time.AfterFunc(at, cancel)
			start := time.Now()
			e := failure(t, do(ctx, newClient(p), opPut))
			require.Equal(t, core.ClassCanceled, e.Class)
			require.ErrorIs(t, e, context.Canceled)
			require.Equal(t, at, time.Since(start))
			require.Equal(t, 1, p.sends())
			require.Equal(t, 1, e.Attempts)
			require.Equal(t, w.applied, e.Applied)
		})
	}
}

func TestACallCanceledInFlightLeavesOpenWhatAWriteDid(t *testing.T) {
	for _, op := range opsByClass {
		synctest.Test(t, func(t *testing.T) {
			p := talk(hangs())
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			start := time.Now()
			e := failure(t, do(ctx, newClient(p), op))
			require.Equal(t, core.ClassCanceled, e.Class)
			require.ErrorIs(t, e, context.DeadlineExceeded)
			require.Equal(t, appliedAfter(op), e.Applied)
			require.Equal(t, 5*time.Second, time.Since(start))
			require.Equal(t, 1, p.sends())
		})
	}
}

func TestACallCanceledInTheMiddleOfTheAnswerLeavesOpenWhatAWriteDid(t *testing.T) {
	half := step{serve: func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"id":`)
		w.(http.Flusher).Flush()
		broken(r)
	}}
	for _, op := range opsByClass {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			e := failure(t, do(ctx, newClient(talk(half)), op))
			require.Equal(t, core.ClassCanceled, e.Class)
			require.Equal(t, appliedAfter(op), e.Applied)
		})
	}
}

func TestTheCauseOfACancellationIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		why := errors.New("the shift is over")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(why) })
		e := failure(t, do(ctx, newClient(talk(hangs())), opGet))
		require.ErrorIs(t, e, why)
		require.ErrorIs(t, e, context.Canceled)
	})
}

func TestASuccessThatArrivesAsTheContextEndsIsASuccess(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := newClient(talk(ok()), func(c *Config) { c.Logger = onRecord("rollcall attempt", cancel) })
	require.NoError(t, do(ctx, c, opCreate))
	require.Error(t, ctx.Err())
}

func TestATimeoutOfOneAttemptIsNotTheCallersContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := failure(t, do(t.Context(), newClient(talk(hangs())), opGet))
		require.Equal(t, core.ClassUnavailable, e.Class)
		require.NotErrorIs(t, e, core.ErrCanceled)
		require.Equal(t, 3, e.Attempts)
	})
}

func TestACertificateThatIsNotTrustedIsNotTriedAgain(t *testing.T) {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	srv.Config.ErrorLog = nil
	defer srv.Close()
	log := &records{}
	c := newClient(core.NewTransport(), func(c *Config) { c.Logger = log.logger() })
	defer c.CloseIdle()
	r := call(opCreate, nil)
	r.Base = mustURL(srv.URL)
	_, err := c.Do(t.Context(), r)
	e := failure(t, err)
	require.Equal(t, core.ClassUnavailable, e.Class)
	require.Equal(t, 1, e.Attempts)
	require.Equal(t, core.AppliedNo, e.Applied)
	require.Contains(t, e.Hint, "certificate")
	_, is := errors.AsType[x509.UnknownAuthorityError](err)
	require.True(t, is, "the cause can be looked at")
}

func TestFailuresBeforeTheRequestLeftAreTold(t *testing.T) {
	for _, w := range []struct {
		err   error
		never bool
	}{
		{&net.OpError{Op: "dial", Err: errors.New("refused")}, true},
		{fmt.Errorf("via proxy: %w", &net.OpError{Op: "dial", Err: errors.New("refused")}), true},
		{&net.DNSError{Err: "no such host"}, true},
		{x509.HostnameError{Certificate: &x509.Certificate{}, Host: "h"}, true},
		{&net.OpError{Op: "read", Err: errors.New("reset")}, false},
		{&net.OpError{Op: "write", Err: errors.New("reset")}, false},
		{io.EOF, false},
		{io.ErrUnexpectedEOF, false},
		{context.DeadlineExceeded, false},
	} {
		require.Equal(t, w.never, neverSent(w.err), "%v", w.err)
	}
}

func TestTheReasonOfNoAnswerIsSaidInAFewWords(t *testing.T) {
	for _, w := range []struct {
		err  error
		says string
	}{
		{io.ErrUnexpectedEOF, "the answer was cut off"},
		{context.DeadlineExceeded, "no answer within the time of one attempt"},
		{&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("refused")}, "no connection: dial tcp: refused"},
		{&net.OpError{Op: "read", Net: "tcp", Err: timedOut{}}, "timed out: read tcp: slow"},
		{errors.New("reset"), "the connection was lost: reset"},
		{errTooBig, errTooBig.Error()},
	} {
		require.Equal(t, w.says, plainCause(w.err))
	}
}

type timedOut struct{}

func (timedOut) Error() string   { return "slow" }
func (timedOut) Timeout() bool   { return true }
func (timedOut) Temporary() bool { return true }

var spaces = bytes.Repeat([]byte(" "), 64<<10)

// endless is a body of that many spaces, and counts what is read of it.
type endless struct {
	left int64
	read *atomic.Int64
}

func (e *endless) Read(p []byte) (int, error) {
	n := min(int64(len(p)), e.left)
	if n == 0 {
		return 0, io.EOF
	}
	for i := 0; i < int(n); i += copy(p[i:n], spaces) {
	}
	e.left -= n
	e.read.Add(n)
	return int(n), nil
}

func (e *endless) Close() error { return nil }

// big answers with a body of so many bytes, announced or not.
func big(status int, size int64, announced bool, read *atomic.Int64) http.RoundTripper {
	return roundTrip(func(*http.Request) (*http.Response, error) {
		res := &http.Response{StatusCode: status, Header: http.Header{}, Body: &endless{size, read}, ContentLength: -1}
		if announced {
			res.ContentLength = size
		}
		return res, nil
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAHugeErrorBodyIsNotReadBeyondTheLimit(t *testing.T) {
	for _, announced := range []bool{false, true} {
		var read atomic.Int64
		c := newClient(big(400, 40<<20, announced, &read))
		require.Error(t, do(t.Context(), c, opGet)) // fills the pools
		read.Store(0)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		e := failure(t, do(t.Context(), c, opGet))
		runtime.ReadMemStats(&after)
		require.Equal(t, core.ClassInvalid, e.Class)
		require.LessOrEqual(t, read.Load(), int64(4*maxError))
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(2<<20))
	}
}

func TestASuccessBeyondTheLimitIsAProtocolError(t *testing.T) {
	for _, op := range []*Op{opGet, opCreate} {
		var read atomic.Int64
		e := failure(t, do(t.Context(), newClient(big(200, 40<<20, false, &read)), op))
		require.Equal(t, core.ClassProtocol, e.Class)
		require.Equal(t, errTooBig.Error(), e.Message)
		require.Equal(t, appliedAfter(op), e.Applied)
		require.Equal(t, 1, e.Attempts)
		require.LessOrEqual(t, read.Load(), int64(maxBody+(1<<20)))
	}
}

func TestASuccessJustAtTheLimitIsRead(t *testing.T) {
	var read atomic.Int64
	_, err := newClient(big(200, maxBody, true, &read)).Do(t.Context(), call(opGet, nil))
	require.NoError(t, err)
	require.EqualValues(t, maxBody, read.Load())
}

func TestAHugeBufferIsNotKept(t *testing.T) {
	c := newClient(talk(ok()))
	r := call(opGet, nil)
	x, err := c.prepare(t.Context(), &r)
	require.NoError(t, err)
	x.body = bytes.NewBuffer(make([]byte, 0, pooled+1))
	x.release()
	require.Nil(t, x.body)
	got := buffers.Get().(*bytes.Buffer)
	require.LessOrEqual(t, got.Cap(), pooled)
}

func TestEveryBodyOfAnAnswerIsClosed(t *testing.T) {
	for _, status := range []int{200, 302, 304, 400, 401, 500} {
		synctest.Test(t, func(t *testing.T) {
			var opened, closed atomic.Int64
			rt := roundTrip(func(*http.Request) (*http.Response, error) {
				opened.Add(1)
				return &http.Response{StatusCode: status, Header: http.Header{"Location": {"/api/x"}}, ContentLength: -1,
					Body: closing{strings.NewReader(okBody), func() { closed.Add(1) }}}, nil
			})
			_ = do(t.Context(), newClient(rt), opGet)
			require.Positive(t, opened.Load())
			require.Equal(t, opened.Load(), closed.Load(), "%d", status)
		})
	}
}

type closing struct {
	io.Reader
	f func()
}

func (c closing) Close() error { c.f(); return nil }

func TestTheCodeOfAHeaderIsForBodiesThatNameNone(t *testing.T) {
	set := func(c *Config) {
		c.CodeHeaders = []string{"X-Codes"}
		c.Explain = func(body []byte, e *core.Error) { e.Code, e.RequestID = string(body), "id\nof the body" }
	}
	e := failure(t, do(t.Context(), newClient(talk(says(400, ``, "X-Codes", "4251")), set), opGet))
	require.Equal(t, "4251", e.Code)
	e = failure(t, do(t.Context(), newClient(talk(says(400, `7`, "X-Codes", "4251")), set), opGet))
	require.Equal(t, "7", e.Code)
	require.Equal(t, "id of the body", e.RequestID)
}

// A token is kept in every spelling in which it may come back, so one of megabytes is not
// taken.
func TestATokenBeyondTheLimitIsAProtocolError(t *testing.T) {
	answer := func(n int) step { return says(200, `{"id":"`+strings.Repeat("7", n)+`"}`) }
	call := Request{Op: opGet, Base: testBase, Args: []string{"7"}, Out: new(thing), Anonymous: true}
	_, err := newClient(talk(answer(maxAnonymous/2))).Do(t.Context(), call)
	require.NoError(t, err)
	_, err = newClient(talk(answer(maxAnonymous))).Do(t.Context(), call)
	e := failure(t, err)
	require.Equal(t, core.ClassProtocol, e.Class)
	require.Equal(t, errTooBig.Error(), e.Message)
	require.Equal(t, core.AppliedNo, e.Applied)
}
