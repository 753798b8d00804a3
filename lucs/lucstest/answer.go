package lucstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"reflect"
	"strings"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// answer is what a handler decided, under the server's lock, to send after the lock
// is released.
type answer struct {
	status      int
	contentType string
	body        []byte
	allow       string
	problem     *problem
}

// problem is what is wrong. The configuration chooses how it is written.
type problem struct{ property, message string }

const jsonType = "application/json; charset=utf-8"

// written is the answer as the configuration writes it.
func (a *answer) written(cfg *config) *simnet.Answer {
	out := &simnet.Answer{Status: a.status}
	if a.allow != "" {
		out.Set("Allow", a.allow)
	}
	if a.status == http.StatusNoContent {
		return out
	}

	contentType, body := a.contentType, a.body
	if a.problem != nil {
		contentType, body = a.problem.render(a.status, cfg.errorBody)
	}
	if cfg.camelCase && contentType == jsonType {
		body = camelCased(body)
	}
	if out.Body = body; contentType != "" {
		out.Set("Content-Type", contentType)
	}
	return out
}

// camelCased writes the first letter of each name small. In encoded JSON a name is a
// string that a colon follows.
func camelCased(text []byte) []byte {
	out := bytes.Clone(text)
	for i := 0; i < len(out); i++ {
		if out[i] != '"' {
			continue
		}

		start := i + 1
		for i++; out[i] != '"'; i++ {
			if out[i] == '\\' {
				i++
			}
		}
		if i+1 < len(out) && out[i+1] == ':' && out[start] >= 'A' && out[start] <= 'Z' {
			out[start] += 'a' - 'A'
		}
	}
	return out
}

func (p *problem) render(status int, form ErrorBody) (contentType string, body []byte) {
	switch {
	case form == ErrorHTML:
		return htmlType, []byte(HTMLPage(status))
	case form == ErrorEmpty:
		return "", nil
	case form == ErrorModelState && status == http.StatusBadRequest:
		return jsonType, simnet.Encode(map[string]any{
			"Message":    "The request is invalid.",
			"ModelState": map[string][]string{p.property: {p.message}},
		})
	}
	return jsonType, simnet.Encode(map[string]string{"Message": p.message})
}

const htmlType = "text/html; charset=utf-8"

// HTMLPage is the page, in German, with which the web server in front of the API answers
// a status. It is for a [Fault]: Body: HTMLPage(503), ContentType: "text/html".
func HTMLPage(status int) string {
	title := map[int]string{
		http.StatusBadRequest:         "Ungültige Anforderung",
		http.StatusUnauthorized:       "Nicht autorisiert: Zugriff aufgrund ungültiger Anmeldeinformationen verweigert.",
		http.StatusNotFound:           "Datei oder Verzeichnis wurde nicht gefunden.",
		http.StatusLengthRequired:     "Länge erforderlich",
		http.StatusServiceUnavailable: "Dienst nicht verfügbar",
	}[status]
	if title == "" {
		title = http.StatusText(status)
	}

	return fmt.Sprintf(`<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>
<title>%[1]d - %[2]s</title>
<style type="text/css">body{margin:0;font-family:Verdana,sans-serif}</style>
</head>
<body>
<div id="header"><h1>Serverfehler</h1></div>
<div id="content"><h2>%[1]d - %[2]s</h2></div>
</body>
</html>
`, status, title)
}

func htmlAnswer(status int) *answer {
	return &answer{status: status, contentType: htmlType, body: []byte(HTMLPage(status)), problem: nil}
}

func ok(body any) *answer {
	return &answer{status: http.StatusOK, contentType: jsonType, body: simnet.Encode(body)}
}

// nothing is success without a body.
func nothing() *answer { return &answer{status: http.StatusOK} }

func refuse(status int, format string, args ...any) *answer {
	return &answer{status: status, problem: &problem{message: fmt.Sprintf(format, args...)}}
}

// invalid refuses a request because of one of its properties.
func invalid(property, format string, args ...any) *answer {
	a := refuse(http.StatusBadRequest, format, args...)
	if a.problem.property = property; property != "" {
		a.problem.message = property + ": " + a.problem.message
	}
	return a
}

// notFound answers for the id of a path.
func (c *call) notFound(kind, id string) *answer {
	return refuse(c.cfg.missing, "%s '%s' was not found.", kind, id)
}

// decode reads the request's body: one JSON value of the right types. The case of
// names does not matter, and unknown ones are ignored.
func (c *call) decode(to any) *answer {
	kind, params, err := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return refuse(http.StatusUnsupportedMediaType, "The request entity's media type '%s' is not supported for this resource.",
			c.request.Header.Get("Content-Type"))
	}
	if err := simnet.Decode(c.body, to); err != nil {
		return invalid("", "The request body is invalid: %v", err)
	}
	return nil
}

// decodeOver decodes an object over a value that has some of its fields already. The
// fields that the object names are new ones: a decoder would write into the old.
func decodeOver(body []byte, fields map[string]json.RawMessage, to any) error {
	if v := reflect.ValueOf(to).Elem(); v.Kind() == reflect.Struct {
		for name := range fields {
			if f, known := fieldNamed(v.Type(), name); known {
				v.FieldByIndex(f.Index).SetZero()
			}
		}
	}
	return simnet.Decode(body, to)
}

// decodeObject is decode of a body that must be an object, whose fields are null
// only where their type can be.
func (c *call) decodeObject(to any) *answer {
	var fields map[string]json.RawMessage
	if p := c.decode(&fields); p != nil {
		return p
	}
	if fields == nil {
		return invalid("", "The request body must be an object.")
	}

	if kind := reflect.TypeOf(to).Elem(); kind.Kind() == reflect.Struct {
		for name, value := range fields {
			f, known := fieldNamed(kind, name)
			switch {
			case !known:
			case string(value) == "null" && f.Type.Kind() != reflect.Pointer && f.Type.Kind() != reflect.Slice:
				return invalid(name, "The value null is not valid.")
			case c.cfg.exactNames && name != f.Name:
				return invalid(name, "The property is spelt '%s'.", f.Name)
			}
		}
	}

	if err := decodeOver(c.body, fields, to); err != nil {
		return invalid("", "The request body is invalid: %v", err)
	}
	return nil
}

func fieldNamed(object reflect.Type, name string) (reflect.StructField, bool) {
	f, known := object.FieldByNameFunc(func(field string) bool { return strings.EqualFold(field, name) })
	return f, known && f.IsExported()
}
