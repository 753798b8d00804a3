package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// This file decides what counts as evidence, for all vendors. Only the vendor's own
// words decide, whole and of the kind that its documents give for the operation.
// Anything else leaves a write in doubt and makes a read end as class protocol: a
// page, half an answer, a redirect, an unfamiliar 2xx, an answer about somebody else.
//
// Vendors supply facts alone: Op.Success, Op.About, Config.JSONErrors,
// Config.EmptyErrors and Config.NotFound.

// form is what a body is, whatever its header says.
type form string

const (
	formEmpty form = "empty"
	formPage  form = "an HTML page"
	formHalf  form = "half an answer"
	formJSON  form = "JSON"
	formText  form = "a text"
)

// formOf reads the body to its end.
func formOf(body []byte) form { return formBy(bytes.TrimSpace(body), false) }

// formBy goes by the first byte where others read the rest.
func formBy(body []byte, readLater bool) form {
	switch {
	case len(body) == 0:
		return formEmpty
	case body[0] == '<':
		return formPage
	case body[0] == '{' || body[0] == '[':
		if readLater || json.Valid(body) {
			return formJSON
		}
		return formHalf
	case json.Valid(body):
		return formJSON
	}
	return formText
}

// htmlHead begins a page, and no other document.
var htmlHead = regexp.MustCompile(`(?i)^<(!doctype\s+html|html|head|body)\b`)

func isHTML(body []byte) bool { return htmlHead.Match(body) }

// stranger says what an answer that refuses is, if it is not the API's own, whole
// word: what it says is then no evidence. It returns "" for one that is.
func (x *exchange) stranger() string {
	body := x.bytes()
	missing := x.status == http.StatusNotFound || x.status == http.StatusGone

	if x.cut != nil {
		return string(formHalf)
	}
	if missing && x.moved {
		return "the answer of another address, to which this one redirects"
	}
	if missing && x.client.cfg.NotFound != nil {
		if x.client.cfg.NotFound(x.op, x.header, body) {
			return ""
		}
		return "an answer that is not the vendor's own"
	}

	f, errorsAreJSON := formOf(body), x.client.cfg.JSONErrors
	switch {
	case f == formHalf:
		return string(f)
	case x.isPage():
		return string(formPage)
	case f == formText && errorsAreJSON:
		return "a text, where the vendor's errors are JSON"
	case f == formEmpty && errorsAreJSON && !x.client.cfg.EmptyErrors:
		return "an empty answer, where the vendor's errors are JSON"
	}
	return ""
}

// isPage reports a page or half an answer, which is ambiguous whatever its status is.
func (x *exchange) isPage() bool {
	f := formOf(x.bytes())
	return x.cut != nil || f == formPage || f == formHalf ||
		f == formText && strings.HasPrefix(x.header.Get("Content-Type"), "text/html")
}

// refusalClass is the class of a refusal before the vendor's words are read. A stranger
// is not believed about the vendor's data: that something is absent, taken or was
// changed. Any other class stays, because it says what to do, even if the refusal is a
// firewall's; [exchange.certain] tells whether it came before the deed.
func (x *exchange) refusalClass(stranger string) core.Class {
	class := x.believed(x.classOf(x.status))
	if stranger == "" {
		return class
	}
	switch class {
	case core.ClassNotFound, core.ClassConflict, core.ClassRevision:
		return core.ClassProtocol
	}
	return class
}

// believed returns the class of an answer. Not found is believed only about a single
// thing: a collection that is not there is a wrong address or account, and nobody was
// looked for.
func (x *exchange) believed(class core.Class) core.Class {
	if class == core.ClassNotFound && !x.op.aboutThing() {
		return core.ClassProtocol
	}
	return class
}

// isGone reports that the thing to be deleted is gone, and that an earlier attempt of
// this call may have removed it.
func (x *exchange) isGone() bool {
	missing := x.status == http.StatusNotFound || x.status == http.StatusGone
	return missing && x.req.GoneIsDone && x.inDoubt && x.op.aboutThing() && x.stranger() == ""
}

// judge looks whether a 2xx that was read whole is a success: first what the vendor
// says in it, then whether it is the documented one.
func (x *exchange) judge() error {
	if e := x.inspect(); e != nil {
		// That something is absent is believed only under a documented status.
		if known, _ := x.op.Success.knows(x.status); errors.Is(e, core.ErrNotFound) && len(x.op.Success) > 0 && !known {
			return x.unfamiliar(x.statusLine() + " is not documented")
		}
		return e
	}

	if len(x.op.Success) > 0 {
		_, own := x.req.Out.(BodyReader)
		id := ""
		if n := len(x.req.Args); n > 0 {
			id = x.req.Args[n-1]
		}
		if why := x.op.Success.lacks(x.status, x.bytes(), id, x.req.Out != nil && !own); why != "" {
			return x.unfamiliar(why)
		}
		return nil
	}

	if x.status == http.StatusPartialContent {
		return x.unfamiliar("206 Partial Content is not documented")
	}
	if x.req.Out == nil && x.op.Replay != Safe {
		if f := formOf(x.bytes()); f == formPage || f == formHalf {
			return x.unreadable(errPage) // a proxy's success is not the vendor's
		}
	}
	return nil
}

// judgeHead looks whether a list that is decoded as it arrives may be one.
func (x *exchange) judgeHead() error {
	known, streams := x.op.Success.knows(x.status)
	switch {
	case !known:
		return x.unfamiliar(x.statusLine() + " is not documented")
	case !streams && !x.whole:
		return x.unfamiliar("it is a list, which is not documented")
	}
	return nil
}

// unfamiliar is the error of a 2xx that is not the documented success.
func (x *exchange) unfamiliar(why string) error {
	x.markInDoubt(x.statusLine() + ", and the answer is not the documented success")
	e := x.newError(core.ClassProtocol, "the answer is not the documented success: "+why)
	e.Hint = x.hint()
	return e
}

// markInDoubt notes that the latest attempt may have been carried out, and why that
// cannot be told. The first doubt of a call is kept: no later answer removes it.
func (x *exchange) markInDoubt(why string) {
	if x.op.Replay == Safe || x.inDoubt {
		return
	}

	x.inDoubt, x.doubt = true, x.text(fmt.Sprintf("attempt %d: %s", x.attempts, why))
	if x.client.watched(x.ctx) {
		x.tell(core.Event{Kind: core.EventDoubt, Status: x.status, Doubt: x.doubt, Start: time.Now()})
	}
}

// whatCame describes the latest attempt for those who wonder what it did.
func (x *exchange) whatCame() string {
	switch {
	case x.fault != nil && x.ctx.Err() != nil:
		return "the context ended before the answer came"
	case errors.Is(x.fault, io.ErrUnexpectedEOF):
		return "the answer was cut off"
	case errors.Is(x.fault, errStalled), isTimeout(x.fault):
		return "no answer in time"
	case x.fault != nil:
		return "the connection was lost after the request was sent"
	}

	if stranger := x.stranger(); stranger != "" && x.status >= 400 {
		return x.statusLine() + " with " + stranger
	}
	return x.statusLine()
}

func (x *exchange) statusLine() string {
	return strings.TrimRight(fmt.Sprintf("%d %s", x.status, http.StatusText(x.status)), " ")
}

// isTimeout reports a failure to answer in time.
func isTimeout(err error) bool {
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && timeout.Timeout()
}

// nextLink finds a link to a next page.
var nextLink = regexp.MustCompile(`(?i);\s*rel\s*=\s*("[^"]*\bnext\b|next\b)`)

// moreThan says why a bare list of so many rows is not all, or "". It is for vendors
// that send all rows at once: one that begins to page must not go unnoticed.
func moreThan(h http.Header, rows int) string {
	if slices.ContainsFunc(h["Link"], nextLink.MatchString) {
		return "the answer names a next page"
	}
	if strings.TrimSpace(h.Get("X-Next-Page")) != "" {
		return "the answer names a next page"
	}

	unit, ofRange, _ := strings.Cut(h.Get("Content-Range"), "/")
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(unit)), "bytes") {
		ofRange = "" // no rows
	}

	for _, named := range []string{h.Get("X-Total-Count"), h.Get("X-Total"), ofRange} {
		if total, err := strconv.Atoi(strings.TrimSpace(named)); err == nil && total > rows {
			return fmt.Sprintf("the vendor names %d rows and sent %d", total, rows)
		}
	}
	return ""
}

// short is the error of a bare list that was read whole and is not all, or nil.
func (x *exchange) short() error {
	body := bytes.TrimSpace(x.bytes())
	if x.op.Replay != Safe || len(body) == 0 || body[0] != '[' || moreThan(x.header, 0) == "" {
		return nil // no header tells of a row, or of a page
	}

	var rows []json.RawMessage
	if wire.Unmarshal(body, &rows) != nil {
		return nil // which the reader of the value says better
	}
	return x.unlisted(len(rows))
}

// unlisted is the error of a list that has more rows than the ones that came, or nil.
func (x *exchange) unlisted(rows int) error {
	why := moreThan(x.header, rows)
	if why == "" {
		return nil
	}

	e := x.newError(core.ClassIncomplete, why+", which this list does not have")
	e.Hint = "what was listed so far is correct, the rest is missing"
	return e
}
