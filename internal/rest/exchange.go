package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// exchange is the state of one call over all its attempts. go-retryablehttp
// drives the attempts; its client is the call's own, because its policy sees
// neither the operation nor the attempt and its fields are shared by all callers
// of one client.
//
// All of it is one block of memory that the next call uses again: the transport,
// which may hold on to a request for longer than the call takes, sees none of it
// but only what RoundTrip makes for each attempt.
type exchange struct {
	client *Client
	op     *Op
	req    Request
	ctx    context.Context
	start  time.Time

	engine retryablehttp.Client
	http   http.Client
	out    retryablehttp.Request
	plain  http.Request // of out: without headers, which each attempt gets anew

	contentType []string
	sent        http.Header // of the latest attempt
	draft       http.Header // an empty one, for the next
	data        []byte      // the body
	mine        *needles    // what of the query and the body is blanked, once that was asked for

	attempts int           // requests that went out
	retries  int           // retries paid from the budget
	refusals int           // 429s in a row
	free     int           // 429s in all: they cost no attempt
	renewed  bool          // the credential was renewed once
	inDoubt  bool          // an attempt may have been carried out, unseen
	doubt    string        // which one, and why that cannot be told
	mark     string        // credential of the latest attempt
	wait     time.Duration // before the next attempt
	asked    time.Duration // what the latest answer asked for
	named    bool          // it did so by Retry-After
	resting  time.Time     // since when the call waits for its next attempt

	overpaced time.Duration // how long was waited for the rate when MaxPacing ended it

	stream bool // hand the body of a success over unread
	whole  bool // the latest answer is a success that was to be a stream, and was read: it is no list

	// The latest answer.
	response *http.Response // its body is still to be read if stream is set
	status   int
	header   http.Header
	body     *bytes.Buffer
	limited  io.LimitedReader // what it is read from
	cut      error            // why the body could not be read to its end
	moved    bool             // it is that of another address, to which the read was redirected
	fault    error            // why the latest attempt has no answer
}

const (
	// maxBody bounds a success that is read whole.
	maxBody = 32 << 20
	// maxAnonymous bounds an answer to a call without a credential. It holds a token or
	// an address, and each token is kept in every spelling in which it may be repeated.
	maxAnonymous = 256 << 10
	// maxError bounds what is read of an error's body.
	maxError = 64 << 10
	// pooled bounds the buffers that are kept for other calls. Those of pages are not:
	// each processor would keep one alive. See Room.
	pooled = 32 << 10
	// grown is by how much the buffer of an announced body grows beyond what came.
	grown = 8
)

var (
	buffers   = sync.Pool{New: func() any { return new(bytes.Buffer) }}
	exchanges = sync.Pool{New: func() any {
		x := new(exchange)
		x.engine.CheckRetry = x.check
		x.engine.Backoff = func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return x.wait }
		return x
	}}
)

// unsent marks an error that came before the attempt left the machine.
type unsent struct{ err error }

func (u *unsent) Error() string { return u.err.Error() }
func (u *unsent) Unwrap() error { return u.err }

func (c *Client) prepare(ctx context.Context, r *Request) (*exchange, error) {
	fail := func(err error) (*exchange, error) {
		if e, ok := errors.AsType[*core.Error](err); ok {
			e.Vendor, e.Account = c.cfg.Vendor, c.cfg.Account
			return nil, e
		}
		e := core.Invalid(c.cfg.Vendor, r.Op.Name, c.text(strings.TrimPrefix(err.Error(), "wire: ")))
		e.Account = c.cfg.Account
		return nil, e
	}

	if err := ctx.Err(); err != nil {
		return nil, &core.Error{Vendor: c.cfg.Vendor, Account: c.cfg.Account, Op: r.Op.Name, Class: core.ClassCanceled, Err: err,
			Message: "the context ended before anything was sent", Applied: core.AppliedNo}
	}

	to := &addressed{ctx: callContext{ctx, c, r.Op.Name}}
	u := &to.url
	var err error
	if *u, err = r.Op.expand(r.Base, r.Args); err != nil {
		return fail(err)
	}
	if u.RawQuery, err = encodeQuery(r.Op, r.Query); err != nil {
		return fail(err)
	}

	x := exchanges.Get().(*exchange)
	x.client, x.op, x.req, x.start = c, r.Op, *r, time.Now()
	x.ctx = &to.ctx

	x.plain = *(&http.Request{
		Method: r.Op.Method, URL: u, // without Host, for which http.Client would copy the URL
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: noHeader,
	}).WithContext(x.ctx)
	x.out.Request = &x.plain

	if err := x.setBody(r.Body); err != nil {
		x.release()
		return fail(err)
	}

	x.http = http.Client{Transport: x, CheckRedirect: followRead}
	if c.cfg.SessionEnded != nil && !r.Anonymous {
		x.http.CheckRedirect = followNone // it leads to a login, whose page would be taken for the answer
	}
	x.engine.HTTPClient = &x.http
	x.engine.RetryMax = math.MaxInt32 // check decides
	x.engine.ErrorHandler = lastAnswer
	return x, nil
}

// addressed is what a transport may still hold of a call that has ended, in one piece.
type addressed struct {
	url url.URL
	ctx callContext
}

// lastAnswer is what the last attempt was answered with.
func lastAnswer(res *http.Response, err error, _ int) (*http.Response, error) {
	if res != nil {
		return res, nil
	}
	return nil, err
}

// noHeader is that of requests that have none yet. Nobody writes to it: each attempt
// gets headers of its own.
var noHeader = http.Header{}

func (x *exchange) setBody(body any) error {
	var data []byte
	switch b := body.(type) {
	case nil:
		return nil
	case url.Values:
		if err := checkValues("the form field", b); err != nil {
			return err
		}
		x.contentType = contentTypeForm
		data = []byte(b.Encode())
	default:
		x.contentType = contentTypeJSON
		var err error
		if data, err = wire.Marshal(b); err != nil {
			return err
		}
	}

	x.data = data
	return x.out.SetBody(data)
}

func (x *exchange) release() {
	x.keepBody()
	check, backoff := x.engine.CheckRetry, x.engine.Backoff // which are of this exchange, whatever its call
	*x = exchange{draft: x.draft}
	x.engine.CheckRetry, x.engine.Backoff = check, backoff
	exchanges.Put(x)
}

// run sends the call until it is decided, and returns nil for a success.
func (x *exchange) run() error {
	res, err := x.engine.Do(&x.out)
	x.response = res
	x.rested() // the context ended it
	if err != nil && x.ctx.Err() != nil && x.fault == nil {
		x.fault = &unsent{x.ctx.Err()} // the context ended between two attempts
		x.status = 0
	}

	if x.fault == nil && err != nil && x.status/100 == 3 {
		return x.refused() // a Location that cannot be read
	}
	if x.fault != nil || err != nil {
		if x.fault == nil {
			x.fault = err
		}
		return x.broken()
	}

	if x.status/100 == 2 || x.status == http.StatusNotModified && x.conditional() {
		if x.cut != nil {
			return x.unreadable(x.cut)
		}
		if !x.isText() {
			return x.unreadable(errNotText)
		}
		x.client.budget.refund(x.retries)
		return nil
	}

	if x.isGone() {
		x.client.budget.refund(x.retries)
		return nil
	}
	return x.refused()
}

// isText reports whether the body of a success is UTF-8, where it was read whole. The
// reader of a list that arrives in pieces checks that by itself, and so does a
// BodyReader.
func (x *exchange) isText() bool {
	if _, own := x.req.Out.(BodyReader); own || x.body == nil || x.stream && !x.whole {
		return true
	}
	return utf8.Valid(x.body.Bytes())
}

// conditional reports whether the request asked to be told when nothing changed.
func (x *exchange) conditional() bool {
	return x.op.Replay == Safe &&
		(x.req.Conditional || x.req.Header.Get("If-Match") != "" || x.req.Header.Get("If-None-Match") != "")
}

// RoundTrip is one attempt: it puts the credential on, waits for its turn, sends,
// and reads the body, so that an answer cut in the middle can be retried like
// one that never came. It implements http.RoundTripper for x.http alone.
func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	x.rested()
	x.fault, x.cut, x.status, x.header, x.whole = nil, nil, 0, nil, false
	x.asked, x.named, x.moved = 0, false, req.Response != nil

	// The credential first: fetching one may take long, and a turn that was given must
	// be used.
	if err := x.equip(req); err != nil {
		return nil, x.failed(&unsent{err})
	}
	if err := x.awaitTurn(); err != nil {
		return nil, x.failed(&unsent{x.noTurn(err)})
	}

	if err := over(x.ctx); err != nil { // while the turn came
		return nil, x.failed(&unsent{err})
	}

	if req.Response == nil {
		x.attempts++
	}
	x.sent = req.Header
	x.freshen()
	return x.send(req)
}

// over is the error of a context that has ended. Its deadline is compared with both
// clocks: after a stop of the process its timer is late, and after a sleep of the machine
// the monotonic clock is.
func over(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if now := time.Now(); !now.Before(deadline) || !now.Round(0).Before(deadline.Round(0)) {
			return context.DeadlineExceeded
		}
	}
	return nil
}

// awaitTurn waits until the governor lets the attempt go.
func (x *exchange) awaitTurn() error {
	g := x.client.cfg.Governor
	if g == nil {
		return nil
	}
	if !x.client.watched(x.ctx) {
		return g.Wait(x.ctx, x.op.Bucket)
	}

	start := time.Now()
	err := g.Wait(x.ctx, x.op.Bucket)
	if took := time.Since(start); took >= minPace {
		x.tell(core.Event{Kind: core.EventWait, Wait: core.WaitPace, Start: start, Took: took})
	}
	return err
}

// send sends a request and reads what comes back. Of a list it reads only the beginning.
func (x *exchange) send(req *http.Request) (*http.Response, error) {
	c := x.client
	actx, cancel := context.WithTimeout(x.ctx, c.cfg.AttemptTimeout)
	if x.stream {
		// A stream may take as long as it needs; only its head is timed here, and
		// an answer that is no stream.
		cancel()
		actx, cancel = context.WithCancel(x.ctx)
		defer time.AfterFunc(c.cfg.AttemptTimeout, cancel).Stop()
	}

	// The timers' end is not the caller's cancellation.
	own := func(err error) error {
		if err != nil && x.stream && actx.Err() != nil && x.ctx.Err() == nil {
			return context.DeadlineExceeded
		}
		return err
	}

	sent := time.Now()
	wctx, way := actx, (*delivery)(nil)
	if x.op.Replay != Safe || !c.reached.has(x.req.Base) {
		// A read needs it only until the way to the vendor is known to be open.
		wctx, way = watch(actx)
	}

	req = req.WithContext(wctx)
	req.Host = req.URL.Host
	res, err := c.cfg.Transport.RoundTrip(req)
	if err != nil {
		err = way.judge(own(err))
		cancel()
		x.report(0)
		x.tellAttempt(sent, err)
		return nil, x.failed(err)
	}

	c.unpack(req, res)
	res.Body = inUTF8(res)
	x.status, x.header = res.StatusCode, res.Header
	x.asked, x.named = askedWait(res.StatusCode, res.Header, time.Now())
	x.report(res.StatusCode)
	if x.stream && res.StatusCode/100 == 2 {
		res.Body = newStalling(res.Body, c.cfg.AttemptTimeout, cancel)
		if beginsList(res) {
			x.tellAttempt(sent, nil)
			return res, nil
		}
		x.whole = true // a refusal, a page, or what else the vendor says instead
	}

	x.readBody(res)
	c.used.note(req.URL.Host)
	x.cut = own(x.cut)
	cancel()
	x.tellAttempt(sent, x.cut)
	res.Body = http.NoBody
	if x.cut != nil && res.StatusCode/100 == 2 && x.cut != errTooBig {
		return nil, x.failed(x.cut)
	}
	return res, nil
}

var errTooBig = errors.New("the answer is larger than any that is read")

func (x *exchange) readBody(res *http.Response) {
	defer res.Body.Close()
	if x.body == nil {
		x.body = x.takeBody()
	}
	x.body.Reset()

	limit := int64(maxError)
	switch {
	case res.StatusCode/100 == 2 && x.req.Anonymous:
		limit = maxAnonymous
	case res.StatusCode/100 == 2:
		limit = maxBody
	}

	x.limited = io.LimitedReader{R: res.Body, N: limit + 1}
	body := &x.limited
	if res.ContentLength < 0 {
		x.readUnannounced(body)
		x.bound(limit)
		return
	}
	announced := min(res.ContentLength, limit)

	// What is announced need not come. Room for all of it is made when a part has.
	for room := int64(pooled); room < announced; room *= grown {
		x.makeRoom(room)
		if _, err := x.body.ReadFrom(io.LimitReader(body, room-int64(x.body.Len()))); err != nil {
			x.cut = err
			return
		}
		if int64(x.body.Len()) < room {
			return
		}
	}

	x.makeRoom(announced)
	_, x.cut = x.body.ReadFrom(body)
	x.bound(limit)
}

// bound cuts off what is beyond the limit of a body.
func (x *exchange) bound(limit int64) {
	if x.cut == nil && int64(x.body.Len()) > limit {
		x.body.Truncate(int(limit))
		x.cut = errTooBig
	}
}

// readUnannounced reads a body of unknown length. What does not fit is read in parts that
// are put together once: a buffer that grows would hold twice as much, and leave behind as
// much again.
func (x *exchange) readUnannounced(body io.Reader) {
	x.makeRoom(0)
	room := x.body.Cap() - bytes.MinRead
	if n, err := x.body.ReadFrom(io.LimitReader(body, int64(room))); err != nil || n < int64(room) {
		x.cut = err
		return
	}

	const maxPart = 4 << 20
	var parts [][]byte
	for size := pooled; ; size = min(2*size, maxPart) {
		part := make([]byte, size)
		n, err := io.ReadFull(body, part)
		if parts = append(parts, part[:n]); err != nil {
			if err != io.EOF && err != io.ErrUnexpectedEOF {
				x.cut = err
			}
			break
		}
	}

	n := 0
	for _, part := range parts {
		n += len(part)
	}
	x.makeRoom(int64(x.body.Len() + n))
	for _, part := range parts {
		x.body.Write(part)
	}
}

// makeRoom makes the body's buffer hold n bytes, and what its ReadFrom wants beside
// them. Not with Grow, which doubles: the pages of a list differ by a few bytes, for
// which the rest of the last block is left.
func (x *exchange) makeRoom(n int64) {
	const block = 4 << 10
	need := int(n) + bytes.MinRead
	if need <= x.body.Cap() {
		return
	}

	bigger := bytes.NewBuffer(make([]byte, 0, (need+block-1)/block*block))
	bigger.Write(x.body.Bytes())
	x.body = bigger
}

func (x *exchange) failed(err error) error {
	x.fault = err
	return err
}

func (x *exchange) report(status int) {
	g := x.client.cfg.Governor
	if g == nil {
		return
	}
	v := core.Verdict{Refused: status == http.StatusTooManyRequests}
	if v.Refused {
		v.RetryAfter = x.asked
	}
	g.Report(x.op.Bucket, v)
}
