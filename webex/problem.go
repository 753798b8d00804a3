package webex

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// problem is every error body that Webex was seen to send: that of the platform, that
// of telephony (with a code at the top), and the nested one of older telephony.
type problem struct {
	Message    wire.Word       `json:"message"`
	ErrorCode  wire.Word       `json:"errorCode"`
	Errors     json.RawMessage `json:"errors"`
	TrackingID wire.Word       `json:"trackingId"`
	// Error is a list or a single object, of the token endpoint a word.
	Error       json.RawMessage `json:"error"`
	Description wire.Word       `json:"error_description"`
}

// detail is an element of errors, or of the messages of the nested form.
type detail struct {
	ErrorCode   wire.Word `json:"errorCode"`
	Code        wire.Word `json:"code"`
	Description wire.Word `json:"description"`
	Message     wire.Word `json:"message"`
}

type nested struct {
	Key     wire.Word       `json:"key"`
	Message json.RawMessage `json:"message"`
}

// maxDetails is how many details of a problem are read, and maxMessage how long a
// message is made of them, in bytes.
const (
	maxDetails = 100
	maxMessage = 4 << 10
)

// someOf reads a list or a single element, and what is neither as nothing.
func someOf[T any](raw json.RawMessage) []T {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return nil
	}
	var list []json.RawMessage
	if raw[0] == '{' {
		list = []json.RawMessage{raw}
	} else if wire.Unmarshal(raw, &list) != nil {
		return nil
	}
	var out []T
	for _, one := range list[:min(len(list), maxDetails)] {
		var v T
		if wire.Unmarshal(one, &v) == nil {
			out = append(out, v)
		}
	}
	return out
}

// words returns the code and the message of a problem.
func (p *problem) words() (code, message string) {
	details := someOf[detail](p.Errors)
	for _, n := range someOf[nested](p.Error) {
		more := someOf[detail](n.Message)
		if len(more) == 0 {
			more = []detail{{Code: n.Key, Description: wordOf(n.Message)}}
		}
		details = append(details, more...)
	}
	codes, texts := []wire.Word{p.ErrorCode}, []wire.Word{p.Message, p.Description}
	for _, d := range details {
		codes, texts = append(codes, d.ErrorCode, d.Code), append(texts, d.Description, d.Message)
	}
	if word := wordOf(p.Error); word != "" { // of the token endpoint
		codes, texts = append(codes, word), append(texts, word)
	}

	for _, c := range codes {
		if c != "" && c != "0" {
			code = string(c)
			break
		}
	}
	message = ""
	for _, t := range texts {
		switch {
		case len(message) > maxMessage: // more than an error shows
			return code, message
		case t == "" || strings.Contains(message, string(t)):
		case message == "":
			message = string(t)
		default:
			message += "; " + string(t)
		}
	}
	return code, message
}

func wordOf(raw json.RawMessage) (word wire.Word) {
	if raw = bytes.TrimSpace(raw); len(raw) > 0 {
		word.UnmarshalJSON(raw)
	}
	return word
}

// explain reads an error body of any form into the error. Only the HTTP status decides
// the class: codes have several meanings.
func explain(body []byte, e *core.Error) {
	body = bytes.TrimSpace(body)
	if e.Class == core.ClassPermission {
		e.Hint = hintOf(e.Op)
	}
	if len(body) == 0 || body[0] == '<' {
		return
	}
	var p problem
	if body[0] != '{' {
		if body[0] != '[' && body[0] != '"' {
			e.Message = string(body)
		}
		return
	}
	if wire.Unmarshal(body, &p) != nil {
		return
	}
	e.Code, e.Message = p.words()
	if e.RequestID == "" {
		e.RequestID = string(p.TrackingID)
	}
}

// hintOf says what a credential lacks that may not do an operation.
func hintOf(op string) string {
	switch {
	case op == "Supervisors.Create":
		return "needs the scope spark-admin:telephony_config_write, and a full or location administrator"
	case strings.HasPrefix(op, "Supervisors.") && !strings.Contains(op, "List") && !strings.Contains(op, "Get") && !strings.Contains(op, "Available"):
		return "needs the scope spark-admin:telephony_config_write and a full administrator: a location administrator may create a supervisor, but neither change nor delete one"
	case strings.HasPrefix(op, "People."):
		return "needs the scope spark-admin:people_read, and for changes spark-admin:people_write too, and a full or user administrator"
	case strings.HasPrefix(op, "Supervisors."), strings.HasPrefix(op, "Queue"):
		return "needs the scope spark-admin:telephony_config_read or, for changes, spark-admin:telephony_config_write, and an administrator's role"
	}
	return ""
}

// inspect finds a problem that came with a success: an object with errors in it and
// nothing else. If there is more, the errors concern single fields.
func inspect(body []byte) *core.Error {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] != '{' || !bytes.Contains(body, []byte(`"error`)) {
		return nil
	}
	var members map[string]json.RawMessage
	if wire.Unmarshal(body, &members) != nil {
		return nil
	}
	for name := range members {
		switch name {
		case "message", "errorCode", "errors", "trackingId", "error", "error_description":
		default:
			return nil
		}
	}
	var p problem
	if wire.Unmarshal(body, &p) != nil {
		return nil
	}
	silent := p
	silent.Message = ""
	if code, message := silent.words(); code == "" && message == "" {
		return nil // a message alone may be harmless
	}

	e := &core.Error{Class: core.ClassInvalid}
	e.Code, e.Message = p.words()
	e.Message = strings.TrimSpace(e.Message + " (sent with a success status)")
	return e
}
