package wire

import (
	"bytes"
	"reflect"
	"strings"
)

// Vendors write one element where a list belongs, and a list of one where an object
// belongs. Members are read either way, and written back in the form of their field.
// A document as a whole is not: one object in place of a list may be a refusal.

// loose reports whether what is read next is a member, or in one, of a vendor's
// answer. What a caller gives by name must be as its field is.
func (d *decoder) loose() bool { return d.depth > 0 && !d.strict }

// takesAlone reports whether a value that begins with c can stand for a list of one
// of the type.
func (p *plan) takesAlone(c byte) bool {
	t := p.typ
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch k := t.Kind(); {
	case k == reflect.Struct:
		return c == '{' && !p.tellsNull
	case k == reflect.String, reflect.Int <= k && k <= reflect.Float64:
		return c == '"' || c == '-' || isDigit(c)
	}
	return false
}

// alone reads a value in place of a list of one. A text that is empty, or that may
// itself be a list, is not taken for an element.
func (d *decoder) alone(want string, read func() error) error {
	start := d.pos
	if err := read(); err != nil {
		return err
	}
	if raw := d.data[start:d.pos]; raw[0] == '"' && !oneText(raw) {
		return &TypeError{Want: want, Got: "string"}
	}
	return nil
}

func oneText(raw []byte) bool {
	return strings.Trim(string(raw), `" `) != "" && !bytes.ContainsAny(raw, ",;")
}

// onlyOne reads a list of one object in place of the object. At the top it is an
// answer of another shape.
func (d *decoder) onlyOne(want string, read func() error) error {
	start, depth := d.pos, d.depth
	if !d.loose() {
		return d.mismatch(want)
	}

	if err := d.enter(); err != nil {
		return err
	}
	if d.peek() == '{' {
		if err := read(); err != nil {
			return err
		}
		if d.peek() == ']' {
			d.leave()
			return nil
		}
	}

	d.pos, d.depth = start, depth
	return d.mismatch(want)
}

// otherShape returns a value, which a type that reads itself has refused, as a list
// of one, or out of its list of one. It is nil where that makes no sense.
func otherShape(t reflect.Type, raw []byte) []byte {
	list := raw[0] == '['
	switch {
	case t.Kind() == reflect.Slice && !list && (raw[0] != '"' || oneText(raw)):
		return append(append([]byte{'['}, raw...), ']')
	case t.Kind() == reflect.Struct && list:
		d := decoder{data: raw, pos: 1, depth: 1}
		if d.peek() != '{' {
			return nil
		}
		if one, err := d.raw(); err == nil && d.peek() == ']' {
			return one
		}
	}
	return nil
}
