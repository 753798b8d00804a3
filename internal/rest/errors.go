package rest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// text makes a text from outside fit for an error or a log.
func (c *Client) text(s string) string { return oneLine(c.blanker.clean(s)) }

// text also blanks what belongs to this call.
func (x *exchange) text(s string) string { return oneLine(x.clean(s)) }

func (x *exchange) clean(s string) string {
	if s == "" {
		return ""
	}
	if x.mine == nil {
		x.mine = x.ours()
	}
	return x.client.blanker.clean(s, x.mine, x.keys())
}

// applied says what is known about the change after an end that is not a
// success.
func (x *exchange) applied() core.Applied {
	switch {
	case x.op.Replay == Safe:
		return core.AppliedNo
	case x.inDoubt:
		return core.AppliedUnknown
	}
	return core.AppliedNo
}

// newError starts an error of this call.
func (x *exchange) newError(class core.Class, message string) *core.Error {
	return &core.Error{
		Vendor: x.client.cfg.Vendor, Account: x.client.cfg.Account, Op: x.op.Name, Class: class, Status: x.status,
		Message: message, RequestID: x.text(x.client.requestID(x.header)),
		Attempts: x.attempts, Applied: x.applied(), Doubt: x.doubt,
	}
}

// inspect asks the vendor's code, or the call's own, about the body of a success.
func (x *exchange) inspect() error {
	look := x.client.cfg.Inspect
	if x.req.Check != nil {
		look = x.req.Check
	}
	if look == nil {
		return nil
	}

	if e := look(x.bytes()); e != nil {
		return x.complete(e)
	}
	return nil
}

// complete fills in what a vendor's own finding about a 2xx left open. One that
// names no class, but the status that it should have had, is classed by that.
func (x *exchange) complete(e *core.Error) *core.Error {
	class := e.Class
	if class == "" {
		class = x.classOf(e.Status)
	}

	base := x.newError(x.believed(class), "")
	base.Code, base.Message = x.text(e.Code), x.text(e.Message)
	base.Hint, base.Err = e.Hint, e.Err
	if e.Status != 0 {
		base.Status = e.Status
	}

	applied := e.Applied
	if applied == "" && class == core.ClassUnavailable && e.Status != http.StatusLocked {
		applied = core.AppliedUnknown // a server that failed may have failed after the deed
	}
	if applied == "" || x.op.Replay == Safe {
		return base
	}

	base.Applied = applied
	switch {
	case applied != core.AppliedUnknown:
		base.Doubt = ""
	case base.Doubt == "":
		x.markInDoubt(cmp.Or(x.text(e.Doubt), x.statusLine()+" with words that leave open what was done"))
		base.Doubt = x.doubt
	}
	return base
}

// broken is the error of a call whose last attempt has no answer.
func (x *exchange) broken() error {
	err := x.fault
	if u, ok := errors.AsType[*unsent](err); ok {
		if e, ok := errors.AsType[*core.Error](u.err); ok {
			// The credential could not be had; that error says it best. It must
			// not hide that an earlier attempt may have been carried out, nor
			// raise a doubt about a change where only the credential was asked for.
			e = new(*e) // others got the same
			if applied := x.applied(); e.Applied != applied {
				e.Applied, e.Doubt, e.Hint = applied, x.doubt, x.hint()
			}
			if e.Vendor == "" {
				e.Vendor, e.Message = x.client.cfg.Vendor, x.text(e.Message)
			}
			if e.Class == core.ClassNotFound {
				e.Class = core.ClassProtocol // the token's address was not found; no user was looked for
			}
			e.Account = cmp.Or(e.Account, x.client.cfg.Account)
			return e
		}
	}

	// The deadline counts even while the context's own timer is late: see over.
	if cause := context.Cause(x.ctx); x.ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) && errors.As(err, new(*unsent)) {
		if cause == nil {
			cause = context.DeadlineExceeded
		}

		e := x.newError(core.ClassCanceled, "the context ended")
		if _, waiting := errors.AsType[*unsent](err); waiting {
			e.Message = "the context ended before the request could be sent"
			if text := err.Error(); text != context.DeadlineExceeded.Error() && text != context.Canceled.Error() {
				e.Message += ": " + x.text(text)
			}
			e.Status = 0
		}

		if e.Err = cause; x.ctx.Err() != nil {
			e.Err = Ended(x.ctx)
		}
		e.Hint = x.hint()
		return e
	}

	e := x.newError(core.ClassUnavailable, x.text(plainCause(err)))
	e.Err = x.scrub(err)
	e.Hint = x.hint()
	if wantsProxyLogin(err) {
		e.Class, e.Message, e.Hint = core.ClassUnauthenticated, proxyLogin, proxyLoginHint
	}
	if untrusted(err) {
		e.Hint = "the server's certificate is not trusted by this machine: check the base URL, or give a transport with the right root " +
			"certificates"
	}
	return e
}

// Ended is why a context has ended: its own error, and the cause that its owner gave, if
// any. Both match.
func Ended(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, ctx.Err()) {
		return errors.Join(ctx.Err(), cause)
	}
	return context.Cause(ctx)
}

var errPage = errors.New("the answer is an HTML page")

const pageMessage = "the answer is an HTML page, probably of a proxy or firewall, and not the API's"

// unreadable is the error of a success whose body makes no sense.
func (x *exchange) unreadable(err error) error {
	body := bytes.TrimSpace(x.bytes())
	message, doubt := "the answer cannot be read: "+err.Error(), "an answer that cannot be read"
	switch {
	case errors.Is(err, errTooBig):
		message = err.Error()
	case x.stream && !(x.whole && len(body) > 0 && body[0] == '<'):
		message = "the answer is not the list asked for: " + strings.TrimPrefix(err.Error(), "wire: ")
	case len(body) == 0:
		message, doubt = "the answer is empty where a value was expected", "an empty answer"
	case body[0] == '<':
		message, doubt = pageMessage, "an HTML page"
	}

	// A page from a proxy and half an answer look alike: nothing is known.
	x.markInDoubt(x.statusLine() + " with " + doubt)
	e := x.newError(core.ClassProtocol, x.text(message))
	e.Err = err
	e.Hint = x.hint()
	return e
}

// bytes is the answer's body, without the byte order mark that .NET may put before it.
func (x *exchange) bytes() []byte {
	if x.body == nil {
		return nil
	}
	return bytes.TrimPrefix(x.body.Bytes(), []byte(byteOrderMark))
}

const byteOrderMark = "\xef\xbb\xbf"

// refused is the error of an answer that says no.
func (x *exchange) refused() error {
	stranger := x.stranger()
	class := x.refusalClass(stranger)
	e := x.newError(class, "") // unless the vendor says better
	if body := x.bytes(); x.client.cfg.Explain != nil && len(body) > 0 {
		x.client.cfg.Explain(body, e)
		e.Class = x.believed(e.Class)
	}
	if stranger != "" {
		e.Class = class // whatever its words say
	}
	x.fromBetween(e, stranger)

	e.Code = cmp.Or(e.Code, firstOf(x.header, x.client.cfg.CodeHeaders))
	e.Code, e.Message, e.RequestID = x.text(e.Code), x.text(e.Message), x.text(e.RequestID)
	if e.Message == "" {
		e.Message = x.ownWords(stranger)
	}

	if x.overpaced > 0 {
		e.Message = strings.TrimPrefix(fmt.Sprintf("%s; waited %s for the pace, and %s more would be more than MaxPacing allows",
			e.Message, x.overpaced.Round(time.Millisecond), x.wait), "; ")
	}

	e.RetryAfter = x.asked
	switch {
	case e.Hint != "":
	case e.Class == core.ClassProtocol && x.classOf(x.status) == core.ClassNotFound && !x.op.aboutThing():
		e.Hint = "check the base URL and the account: the vendor does not know the address, and nothing was looked for"
	default:
		e.Hint = x.hint()
	}
	return e
}

// fromBetween corrects what Explain made of an answer that is not the vendor's: a
// proxy's. The vendor's advice would send its reader the wrong way.
func (x *exchange) fromBetween(e *core.Error, stranger string) {
	switch page := stranger == string(formPage); {
	case x.status == http.StatusProxyAuthRequired:
		e.Class, e.Code, e.Message, e.Hint = core.ClassUnauthenticated, "", proxyLogin, proxyLoginHint
	case page && x.status == http.StatusForbidden:
		e.Hint = "ask whoever runs the proxy or firewall between here and the vendor"
	case page:
		e.Hint = ""
	}
}

// ownWords is the message of a refusal for which the vendor has none.
func (x *exchange) ownWords(stranger string) string {
	switch {
	case x.status == http.StatusNotModified:
		return "the vendor says that nothing has changed, which was not asked"
	case x.status/100 == 3:
		return x.text(x.redirected())
	case stranger == string(formPage):
		return pageMessage
	case stranger != "":
		return "the answer is " + stranger
	case x.classOf(x.status) == core.ClassNotFound && !x.op.aboutThing():
		return "the address itself is not there"
	}
	return ""
}

func (x *exchange) redirected() string {
	to, err := url.Parse(x.header.Get("Location"))
	if err != nil || to.Host == "" || strings.EqualFold(to.Host, x.plain.URL.Host) {
		return "redirected, which this operation does not follow"
	}
	return "redirected to another origin (" + to.Host + "), which is not followed"
}

func (x *exchange) hint() string {
	switch {
	case x.status/100 == 3 && x.inDoubt:
		return "check the base URL; the change may have been made: look whether it is there"
	case x.status/100 == 3:
		return "check the base URL"
	case x.inDoubt && x.op.Replay == Once:
		return "the change may have been made and is not sent again: look whether it is there before you retry"
	case x.inDoubt:
		return "the change may have been made: repeating it is safe"
	}
	return ""
}

// classOf is what a status means where the vendor names no better class.
func (x *exchange) classOf(status int) core.Class {
	switch {
	case (status == http.StatusConflict || status == http.StatusPreconditionFailed) && x.client.cfg.Revisions:
		return core.ClassRevision
	case status == http.StatusUnauthorized:
		return core.ClassUnauthenticated
	case status == http.StatusForbidden, status == http.StatusUnavailableForLegalReasons:
		return core.ClassPermission
	case status == http.StatusNotFound, status == http.StatusGone:
		return core.ClassNotFound
	case status == http.StatusConflict, status == http.StatusPreconditionFailed:
		return core.ClassConflict
	case status == http.StatusTooManyRequests:
		return core.ClassRateLimited
	case status == http.StatusRequestTimeout, status == http.StatusLocked, status >= 500:
		return core.ClassUnavailable
	case status >= 400:
		return core.ClassInvalid
	}
	return core.ClassProtocol
}

// plainCause says in a few words why there was no answer, without the URL,
// whose query may hold what must not be logged.
func plainCause(err error) string {
	err = withoutURL(err)
	timeout, isNet := errors.AsType[net.Error](err)
	_, early := errors.AsType[*unsent](err)

	switch {
	case early:
		return "nothing was sent: " + err.Error()
	case neverSent(err):
		return "no connection" + whyNone(err)
	case errors.Is(err, errTooBig), errors.Is(err, errStalled):
		return err.Error()
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the answer was cut off"
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer within the time of one attempt"
	case isNet && timeout.Timeout():
		return "timed out: " + err.Error()
	}
	return "the connection was lost: " + err.Error()
}

// whyNone says why there was no connection.
func whyNone(err error) string {
	if e, ok := errors.AsType[*core.Error](err); ok {
		return fmt.Sprintf(": %s: %d %s", e.Message, e.Status, http.StatusText(e.Status))
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return " within the time of one attempt"
	}
	return ": " + err.Error()
}

// withoutURL drops what wraps the cause together with its URL.
func withoutURL(err error) error {
	for {
		u, ok := errors.AsType[*url.Error](err)
		if !ok || u.Err == nil {
			return err
		}

		// Both marks stand outside of what names the URL: the cause keeps them.
		_, early := errors.AsType[*unsent](err)
		_, alone := errors.AsType[*unconnected](err)
		switch err = u.Err; {
		case early:
			err = &unsent{err}
		case alone:
			err = &unconnected{err}
		}
	}
}

// scrub makes a cause fit for callers who unwrap and print it: without the URL,
// and nothing but its text where that repeats a secret.
func (x *exchange) scrub(err error) error {
	err = withoutURL(err)
	if text := err.Error(); x.clean(text) != text {
		return errors.New(x.text(text))
	}
	return err
}

// AfterWrite is the error of a look at what an accepted write has done: text says
// what came before, and applied what is known of the write in spite of it. A look that
// did not find the thing is class not_applied: to somebody who has just written it, it
// is not absent. All else keeps its class.
func AfterWrite(err error, applied core.Applied, text string) error {
	e, ok := errors.AsType[*core.Error](err)
	if !ok {
		return err
	}

	e = new(*e) // others may hold the same
	if e.Class == core.ClassNotFound {
		e.Class = core.ClassNotApplied
	}
	if errors.Is(e.Err, core.ErrNotFound) {
		e.Err = errors.New(oneLine(e.Err.Error()))
	}

	e.Message, e.Applied = strings.TrimSuffix(text+": "+e.Words(), ": "), applied
	e.Doubt = ""
	if applied == core.AppliedUnknown {
		e.Doubt = "the write was accepted, and the look at it did not tell"
	}
	return e
}
