package rest

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/internal/wire"
)

// Success is what an operation's success looks like, by the vendor's documents: one
// or more pairs of a status and a kind of body.
//
//	Success: rest.Object(200, 201).Has("userId")
//	Success: rest.Nothing(204).Or(rest.Object(206))
//
// Where it is declared, no other 2xx is a success. Where it is not, every 2xx is one
// but 206, which is part of an answer.
type Success []documented

// documented is one documented form of a success.
type documented struct {
	statuses []int
	kind     kind
	has      []string
	id       string
}

// kind is a kind of body.
type kind string

const (
	kindNothing  kind = "an empty answer"
	kindObject   kind = "an object"
	kindArray    kind = "a list"
	kindValue    kind = "JSON"
	kindText     kind = "a text"
	kindXML      kind = "XML"
	kindAnything kind = "an answer"
)

// Nothing is an answer without a body.
func Nothing(status ...int) Success { return one(kindNothing, status) }

// Object is a JSON object.
func Object(status ...int) Success { return one(kindObject, status) }

// Array is a JSON array, also of a list that is decoded as it arrives.
func Array(status ...int) Success { return one(kindArray, status) }

// Value is any whole JSON value.
func Value(status ...int) Success { return one(kindValue, status) }

// Text is a text that need not be JSON.
func Text(status ...int) Success { return one(kindText, status) }

// XML is a document that is no HTML page.
func XML(status ...int) Success { return one(kindXML, status) }

// Anything is any body, or none, but a page or half an answer. It is for answers
// that the vendor does not document.
func Anything(status ...int) Success { return one(kindAnything, status) }

func one(k kind, status []int) Success { return Success{{statuses: status, kind: k}} }

// Or adds another documented form.
func (s Success) Or(other Success) Success { return append(slices.Clone(s), other...) }

// Has names members that the object, or each element of the list, must hold and that
// are neither null nor a blank text. Case does not count. It adds to the last form; a
// list that is decoded as it arrives is not looked into.
func (s Success) Has(members ...string) Success {
	s = slices.Clone(s)
	last := &s[len(s)-1]
	last.has = append(slices.Clone(last.has), members...)
	return s
}

// Names names the member that must hold the id that was asked for, which is the last
// parameter of the path: an answer about another is no success. It adds to the last form.
func (s Success) Names(member string) Success {
	s = s.Has(member)
	s[len(s)-1].id = member
	return s
}

// knows reports whether a status is documented, and streams whether its body may be a list.
func (s Success) knows(status int) (known, streams bool) {
	if len(s) == 0 {
		return status != http.StatusPartialContent, true
	}
	for _, d := range s {
		if slices.Contains(d.statuses, status) {
			known = true
			streams = streams || d.kind == kindArray || d.kind == kindValue || d.kind == kindAnything
		}
	}
	return known, streams
}

// lacks says why a 2xx is not documented, or "" for one that is. Decoded says that the
// body is decoded afterwards, which finds out whether its JSON is whole.
func (s Success) lacks(status int, body []byte, id string, decoded bool) string {
	why := ""
	for _, d := range s {
		if !slices.Contains(d.statuses, status) {
			continue
		}
		if why = d.lacks(body, id, decoded); why == "" {
			return ""
		}
	}

	if why == "" {
		why = strings.TrimRight(fmt.Sprintf("%d %s", status, http.StatusText(status)), " ") + " is not documented"
	}
	return why
}

func (d documented) lacks(body []byte, id string, decoded bool) string {
	body = bytes.TrimSpace(body)
	f := formBy(body, decoded)
	fits := false

	switch d.kind {
	case kindNothing:
		fits = f == formEmpty
	case kindObject:
		fits = f == formJSON && body[0] == '{'
	case kindArray:
		fits = f == formJSON && body[0] == '['
	case kindValue:
		fits = f == formJSON
	case kindText:
		fits = f == formText || f == formJSON
	case kindXML:
		fits = f == formPage && !isHTML(body)
	case kindAnything:
		fits = f != formPage && f != formHalf
	}

	if !fits {
		return fmt.Sprintf("it is %s, and the vendor documents %s", f, d.kind)
	}
	if len(d.has) == 0 {
		return ""
	}
	return d.without(body, id)
}

// without says which of the members are missing, or that they are another's.
func (d documented) without(body []byte, id string) string {
	if body[0] != '[' {
		return d.rowWithout(body, id)
	}

	why := ""
	isList := wire.EachElement(body, func(row []byte) bool {
		why = d.rowWithout(row, id)
		return why == ""
	})
	if !isList {
		return "the list cannot be read"
	}
	return why
}

func (d documented) rowWithout(row []byte, id string) string {
	for _, name := range d.has {
		value, isObject := member(row, name)
		switch {
		case !isObject:
			return "it is not an object"
		case value == nil:
			return "it has no " + name
		case name == d.id && !isScalar(value, id):
			return "it is about another " + name + " than was asked for"
		}
	}
	return ""
}

// member returns the member of that name, in any case, that is not null or blank, and
// nil where there is none. The name as it is spelt wins.
func member(object []byte, name string) (found []byte, isObject bool) {
	isObject = wire.EachMember(object, func(key, raw []byte) bool {
		there := string(raw) != "null" && (raw[0] != '"' || len(bytes.TrimSpace(raw[1:len(raw)-1])) > 0)
		if there && string(key) == name {
			found = raw
			return false
		}
		if there && found == nil && strings.EqualFold(string(key), name) {
			found = raw
		}
		return true
	})
	return found, isObject
}

// isScalar reports whether a value, a text or a number, is an id. Case does not count.
func isScalar(raw []byte, id string) bool {
	if raw[0] != '"' {
		return string(raw) == id
	}
	if string(raw[1:len(raw)-1]) == id { // which costs nothing
		return true
	}
	var text string
	return wire.Unmarshal(raw, &text) == nil && strings.EqualFold(text, id)
}
