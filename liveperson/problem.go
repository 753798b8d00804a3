package liveperson

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// problem is every error body that LivePerson's services were seen to send.
// Account Config documents none.
type problem struct {
	// Error is an object (login service) or a word (OAuth 2.0).
	Error json.RawMessage `json:"error"`
	// Description goes with the word.
	Description wire.Word `json:"error_description"`
	// Type and Message come with a refused deletion.
	Type    wire.Word `json:"type"`
	Message wire.Word `json:"message"`
	// Code and InternalCode are seen at top level too.
	Code         wire.Word `json:"code"`
	InternalCode wire.Word `json:"internalCode"`
	// ID distinguishes a problem from an entity that has a member with such a name.
	ID json.RawMessage `json:"id"`
}

type problemDetails struct {
	Message        wire.Word `json:"message"`
	InternalCode   wire.Word `json:"internalCode"`
	Code           wire.Word `json:"code"`
	ResponseStatus wire.Word `json:"responseStatus"`
}

// explain reads an error body of any form into the error. Only the HTTP status decides
// the class.
func explain(body []byte, e *core.Error) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] == '<' {
		return
	}
	if body[0] != '{' {
		explainText(body, e)
		return
	}

	var p problem
	if wire.Unmarshal(body, &p) == nil {
		e.Code, e.Message, _ = p.words()
	}
}

// words returns the code and the message of a problem, and the name of the HTTP
// status where there is one.
func (p *problem) words() (code, message, status string) {
	code = first(p.Type, zeroless(p.InternalCode), zeroless(p.Code))
	message = first(p.Message, p.Description)
	raw := bytes.TrimSpace(p.Error)
	if len(raw) == 0 {
		return code, message, ""
	}

	if raw[0] != '{' {
		var word wire.Word
		word.UnmarshalJSON(raw)
		if message == "" {
			return code, string(word), ""
		}
		return first(wire.Word(code), word), message, ""
	}

	var d problemDetails
	if wire.Unmarshal(raw, &d) != nil {
		return code, message, ""
	}
	code = first(zeroless(d.InternalCode), zeroless(d.Code), wire.Word(code), d.ResponseStatus)
	return code, first(d.Message, wire.Word(message)), string(d.ResponseStatus)
}

func first(words ...wire.Word) string {
	for _, w := range words {
		if w != "" {
			return string(w)
		}
	}
	return ""
}

// zeroless drops a meaningless code.
func zeroless(l wire.Word) wire.Word {
	if l == "0" {
		return ""
	}
	return l
}

// explainText reads a body that is not JSON: the form text of OAuth 1, or a
// sentence.
func explainText(body []byte, e *core.Error) {
	text := string(body)
	if strings.Contains(text, "oauth_problem=") {
		if form, err := url.ParseQuery(text); err == nil {
			e.Code, e.Message = form.Get("oauth_problem"), form.Get("oauth_problem_advice")
			return
		}
	}
	if body[0] != '[' && body[0] != '"' {
		e.Message = text
	}
}

// inspect finds a problem that came with a success status: an object with an error and
// without an id. LivePerson's own clients of the users service look for it too.
func inspect(body []byte) *core.Error {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] != '{' || !bytes.Contains(body, []byte(`"error"`)) {
		return nil
	}
	var p problem
	if wire.Unmarshal(body, &p) != nil || p.ID != nil || len(p.Error) == 0 ||
		string(p.Error) == "null" || string(p.Error) == "false" || string(p.Error) == `""` {
		return nil
	}

	code, message, status := p.words()
	e := &core.Error{Class: core.ClassInvalid, Code: code, Message: strings.TrimSpace(message + " (sent with a success status)")}
	switch status {
	case "UNAUTHORIZED":
		e.Class = core.ClassUnauthenticated
	case "FORBIDDEN":
		e.Class = core.ClassPermission
	case "NOT_FOUND":
		e.Class = core.ClassNotFound
	case "CONFLICT", "PRECONDITION_FAILED":
		e.Class = core.ClassRevision
	case "INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE":
		e.Class = core.ClassUnavailable
	}
	return e
}

// failed starts an error of this package.
func (c *Client) failed(op string, class core.Class, applied core.Applied, message string) *core.Error {
	return &core.Error{Vendor: vendor, Account: c.options.Account, Op: op, Class: class, Applied: applied, Message: message}
}

// invalid is the error of a call that is refused before anything is sent.
func (c *Client) invalid(op *rest.Op, why string) error {
	return c.failed(op.Name, core.ClassInvalid, core.AppliedNo, why)
}

// unsupported is the error of a call that the vendor does not offer.
func (c *Client) unsupported(op, why string) error {
	return c.failed(op, core.ClassUnsupported, core.AppliedNo, why)
}

// canceled is the error of a call whose context ended before anything was sent.
func (c *Client) canceled(op string, cause error, why string) error {
	e := c.failed(op, core.ClassCanceled, core.AppliedNo, why)
	e.Err = cause
	return e
}

// noID is the error of an answer that names no id.
func (c *Client) noID(op *rest.Op, applied core.Applied, res rest.Response) *core.Error {
	return about(res, c.failed(op.Name, core.ClassProtocol, applied, "the answer contains no id"))
}

// about completes an error that is about an answer.
func about(res rest.Response, e *core.Error) *core.Error {
	e.Status, e.RequestID, e.Attempts = res.Status, res.RequestID, max(res.Attempts, 1)
	return e
}
