package libh3lptest

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// input reads the body of a write: a JSON object or urlencoded fields. What is
// wrong with it is an answer.
func (s *Server) input(c *call) (object, *answer) {
	kind, _, err := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err != nil {
		return nil, s.refuse(400, "The content type is missing or wrong.")
	}

	var in object
	switch kind {
	case "application/json":
		in, err = decodeObject(c.body)
	case "application/x-www-form-urlencoded":
		in, err = decodeForm(string(c.body))
	default:
		err = fmt.Errorf("the content type is %s", kind)
	}

	if err != nil {
		return nil, s.refuse(400, "The request cannot be read: %v", err)
	}
	return in, nil
}

func decodeObject(body []byte) (object, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("not UTF-8")
	}
	return simnet.DecodeObject(body)
}

// decodeForm gives the fields of a form the types that JSON would give them.
func decodeForm(body string) (object, error) {
	form, err := url.ParseQuery(body)
	if err != nil {
		return nil, err
	}
	o := object{}

	for name, values := range form {
		value := values[0]
		switch name {
		case "queueId", "userId", "parent_id":
			o[name] = json.Number(value)
		case "enabled", "transcripts":
			switch value {
			case "true", "false":
				o[name] = value == "true"
			case "", "null":
				o[name] = nil
			default:
				o[name] = value
			}
		default:
			o[name] = value
		}
	}
	return o, nil
}

// asID reads an id: a whole number, as JSON writes one.
func asID(v any) (int64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	return parseID(n.String())
}

// asFlag reads a boolean, where null is off. A string is none.
func asFlag(v any) (on, ok bool) {
	if v == nil {
		return false, true
	}
	on, ok = v.(bool)
	return on, ok
}

// asEmail reads an email: an address, or null or "" for none.
func asEmail(v any) (email string, ok bool) {
	if v == nil {
		return "", true
	}
	email, ok = v.(string)
	name, host, at := strings.Cut(email, "@")
	if email != "" && (!at || name == "" || host == "" || strings.ContainsAny(email, " \t\r\n") || strings.Contains(host, "@")) {
		return "", false
	}
	return email, ok
}
