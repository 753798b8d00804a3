package rest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// List walks the elements of a call's answer, a JSON array, while it arrives:
// memory does not grow with the list, and the first element is handed out before
// the last has come. The request is sent when the walk begins, anew for each walk.
//
// Before, if set, sees the head of the answer; for a 304 the walk is empty. A list
// that does not come to its end, or does not begin, ends with an error that matches
// core.ErrIncomplete and its cause. So does one whose reader is slower than the
// vendor's patience: what takes long with each element should be done after the walk.
func List[T any](ctx context.Context, c *Client, r Request, before func(Response)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		fail := func(err error, rows int) {
			var none T
			yield(none, storekit.Incomplete(c.cfg.Vendor, r.Op.Name, err, rows > 0))
		}

		x, err := c.prepare(ctx, &r)
		if err != nil {
			fail(err, 0)
			return
		}
		x.stream = true
		defer x.release()

		if err := x.run(); err != nil {
			fail(c.absence(ctx, &x.req, err), 0)
			return
		}
		defer x.response.Body.Close()

		body, err := x.beginning()
		if err != nil {
			fail(err, 0)
			return
		}

		c.reached.note(r.Base)
		if before != nil {
			before(Response{Status: x.status, Header: x.header, RequestID: c.requestID(x.header),
				NotModified: x.status == http.StatusNotModified})
		}
		if body == nil {
			return
		}

		var shape []wire.ArrayOption
		if r.EmptyOK {
			shape = append(shape, wire.Optional())
		}
		list := wire.NewArray(body, shape...)
		defer list.Close()

		for n := 0; ; n++ {
			var v T
			ok, err := list.Next(&v)
			if err != nil {
				fail(x.brokenOff(err, n), n)
				return
			}
			if !ok {
				if err := x.unlisted(n); err != nil {
					fail(err, n)
				}
				return
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

// beginning returns what the list is read from, or nil where there is nothing to read:
// after a 304, and where an empty answer is documented.
func (x *exchange) beginning() (io.Reader, error) {
	if x.status == http.StatusNotModified {
		return nil, nil
	}
	if x.whole {
		if err := x.inspect(); err != nil {
			return nil, err
		}
	}
	if err := x.judgeHead(); err != nil {
		return nil, err
	}
	if !x.whole {
		return x.response.Body, nil
	}

	if len(bytes.TrimSpace(x.bytes())) == 0 {
		if len(x.op.Success) > 0 && x.op.Success.lacks(x.status, nil, "", false) == "" {
			return nil, nil
		}
		return nil, x.unreadable(errEmpty)
	}

	body := io.Reader(bytes.NewReader(x.bytes())) // whose reader says best what is wrong with it
	if isRow(x.bytes()) {
		body = io.MultiReader(strings.NewReader("["), body, strings.NewReader("]"))
	}
	return body, nil
}

var errEmpty = errors.New("it is empty")

// isRow reports an object that comes in place of a list of one: it bears an id, and
// nothing that a refusal would hold.
func isRow(body []byte) bool {
	row, refusal := false, false
	isObject := wire.EachMember(body, func(name, raw []byte) bool {
		switch strings.ToLower(string(name)) {
		case "id":
			row = !wire.Empty(raw)
		case "error", "errors", "errorcode", "message", "success":
			refusal = true
		}
		return !refusal
	})
	return isObject && row && !refusal
}

// beginsList looks whether an answer begins as a list, and puts back what it read,
// but for a byte order mark.
func beginsList(res *http.Response) bool {
	body := bufio.NewReaderSize(res.Body, 512)
	res.Body = struct {
		io.Reader
		io.Closer
	}{body, res.Body}

	if head, _ := body.Peek(len(byteOrderMark)); string(head) == byteOrderMark {
		body.Discard(len(byteOrderMark))
	}

	for n := 1; n <= 64; n++ {
		head, err := body.Peek(n)
		if err != nil {
			return false
		}
		if c := head[n-1]; c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c == '['
		}
	}
	return true // for the reader of the list to find out
}

// brokenOff is the error of a list that did not come to its end.
func (x *exchange) brokenOff(err error, n int) error {
	if x.ctx.Err() != nil {
		x.fault = err
		return x.broken()
	}

	_, malformed := errors.AsType[*wire.SyntaxError](err)
	_, shape := errors.AsType[*wire.TypeError](err)
	_, huge := errors.AsType[*wire.LimitError](err)
	if n == 0 && malformed && !errors.Is(err, io.ErrUnexpectedEOF) {
		return x.unreadable(err) // not a list at all, such as a page of a proxy
	}

	e := x.newError(core.ClassIncomplete, x.text("the list broke off: "+plainCause(err)))
	e.Err = errors.Join(core.ErrUnavailable, x.scrub(err))
	if shape || huge || malformed && !errors.Is(err, io.ErrUnexpectedEOF) {
		e = x.newError(core.ClassProtocol, x.text("the list cannot be read: "+err.Error()))
		e.Err = x.scrub(err)
	}
	e.Hint = "what was listed so far is correct, the rest is missing: list again"
	return e
}

// Failed is a list that cannot even begin.
func Failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}
