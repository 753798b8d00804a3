package webextest

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strconv"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// object is a JSON object. Numbers in what clients sent are json.Number.
type object = map[string]any

// answer is what a handler decided, under the server's lock, to send after the
// lock is released.
type answer struct {
	simnet.Answer

	// An error, whose body is made when the tracking id is known.
	shape   Shape
	code    int
	message string
}

// Shape is one of the forms of Webex's error bodies.
type Shape int

// The shapes. E1 is that of the People API and the gateway, E2 has the code at
// the top too and is that of telephony, E3 is that of older services.
const (
	NoBody Shape = iota
	E1
	E2
	E3
	E3Object // E3 whose error is one object, and its code a string
	HTML     // a page, no JSON
	Garbage  // half a JSON text
)

func (sh Shape) render(code int, message, tracking string) (body, contentType string) {
	item := object{"description": message}
	if code != 0 {
		item["errorCode"] = code
	}

	out := object{"message": message, "errors": []object{item}, "trackingId": tracking}

	switch sh {
	case NoBody:
		return "", ""
	case E1:
	case E2:
		if code != 0 {
			out["errorCode"] = code
		}

	case E3:
		out = object{"error": []object{{"key": "400", "message": []object{{"description": message, "code": code}}}}, "trackingId": tracking}
	case E3Object:
		out = object{
			"error": object{"key": "400", "message": []object{{"description": message, "code": strconv.Itoa(code),
				"locationId": LocationAustin}}},
			"trackingId": tracking,
		}

	case HTML:
		return "<html><head><title>Error</title></head><body><h1>" + message + "</h1></body></html>", "text/html"
	case Garbage:
		return `{"message":"` + message, jsonType
	}

	return string(simnet.Encode(out)), jsonType
}

const jsonType = "application/json;charset=utf-8"

// errorCodes is the header that repeats a telephony error's code.
const errorCodes = "Cisco-Spark-Error-Codes"

// Refusal returns a fault that answers one request of an operation (of all, where
// op is empty) with a status and an error body of a shape. A code of 0 is left
// out. Set Times, Skip and RetryAfter as you need them.
func Refusal(op string, status int, shape Shape, code int, message string) Fault {
	const tracking = "ROUTERGW_fa017000-0000-4000-8000-000000000000"
	body, contentType := shape.render(code, message, tracking)
	f := Fault{
		Op: op, Status: status, Body: body, ContentType: contentType,
		Header: http.Header{"Trackingid": {tracking}},
	}
	if shape == E2 && code != 0 {
		f.Header.Set(errorCodes, strconv.Itoa(code))
	}
	return f
}

// written is the answer with its error body, which names the tracking id.
func (a *answer) written(c *call) *simnet.Answer {
	if a.shape == NoBody {
		return &a.Answer
	}

	text, contentType := a.shape.render(a.code, a.message, c.tracking)
	a.Body = []byte(text)
	a.Set("Content-Type", contentType)
	if a.shape != E1 && a.code != 0 {
		a.Set(errorCodes, strconv.Itoa(a.code))
	}
	return &a.Answer
}

func jsonAnswer(status int, body any) *answer {
	return &answer{Answer: *simnet.JSON(status, jsonType, body)}
}

func empty(status int) *answer { return &answer{Answer: simnet.Answer{Status: status}} }

func done() *answer { return empty(http.StatusNoContent) }

// tooMany refuses a request beyond the rate limit.
func tooMany(l *simnet.Limit, seconds string) *answer {
	a := refuse(http.StatusTooManyRequests, "Too Many Requests")
	if l.Says {
		a.Set("Retry-After", seconds)
	}
	return a
}

// refuse answers in the shape of the gateway.
func refuse(status int, format string, args ...any) *answer {
	return &answer{Answer: simnet.Answer{Status: status}, shape: E1, message: fmt.Sprintf(format, args...)}
}

// refuse answers in the shape of the operation's service.
func (c *call) refuse(status, code int, format string, args ...any) *answer {
	a := refuse(status, format, args...)
	if a.code = code; c.telephony() {
		a.shape = E2
		if code == 0 {
			// Telephony always names a code. If none is known, the status is used.
			a.code = status
		}
	}
	return a
}

func (c *call) invalid(format string, args ...any) *answer {
	return c.refuse(http.StatusBadRequest, 0, format, args...)
}

func (c *call) missing(field string) *answer {
	return c.refuse(http.StatusBadRequest, codeMissing, "Missing mandatory field name: %s", field)
}

func (c *call) notFound(what string) *answer {
	return c.refuse(http.StatusNotFound, codeUnknown, "%s not found", what)
}

// The codes that are known.
const (
	codeAssigned    = 6612  // inside a message: already assigned, or not available
	codeBody        = 25024 // no body, or no JSON
	codeMissing     = 25008 // a mandatory field
	codeUnknown     = 4008  // no Calling licence, or the object is unknown
	codeProAndBasic = 400404
	codeBasicAndCX  = 400407
	codeProToBasic  = 400112
	codeCXToBasic   = 400410
)

// sendable checks the content type of a body.
func (s *Server) sendable(c *call) *answer {
	switch c.request.Method {
	case http.MethodGet, http.MethodHead:
		return nil
	}
	if len(c.body) == 0 || c.op.form {
		return nil
	}

	kind, _, err := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return c.refuse(http.StatusUnsupportedMediaType, 0, "The content type must be application/json.")
	}
	return nil
}

// object reads the body.
func (c *call) object() (object, *answer) {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil, c.refuse(http.StatusBadRequest, codeBody, "Invalid JSON format in request body: Required request body is missing")
	}
	o, err := simnet.DecodeObject(c.body)
	if err != nil {
		return nil, c.refuse(http.StatusBadRequest, codeBody, "Invalid JSON format in request body: %v", err)
	}
	return o, nil
}

// flag reads a boolean of the query: true, false or absent.
func (c *call) flag(name string) (bool, *answer) {
	switch v := c.query.Get(name); v {
	case "true":
		return true, nil
	case "false":
		return false, nil
	default:
		if c.query.Has(name) {
			return false, c.invalid("%s must be true or false, not %q", name, v)
		}
		return false, nil
	}
}
