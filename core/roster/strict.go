package roster

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// decodeStrict reads JSON into a value and refuses what encoding/json lets pass: a
// member that the type does not have, one whose name differs in case, one that
// stands there twice, and text behind the value. The error names the place, for
// example "have[0].spec.pasword". Numbers in open values keep their digits.
func decodeStrict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := checkShape(d, reflect.TypeOf(into), ""); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF { // any other error means text, too
		return errors.New("there is text after the object")
	}

	d = json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(into)
}

// checkShape walks one value beside the type that it is to be read into. A nil type
// stands for an open value.
func checkShape(d *json.Decoder, t reflect.Type, place string) error {
	token, err := d.Token()
	if err != nil {
		return fmt.Errorf("%s%w", before(place), err)
	}

	switch token {
	case json.Delim('{'):
		return checkObject(d, underlying(t), place)
	case json.Delim('['):
		return checkArray(d, underlying(t), place)
	}
	return nil
}

func checkObject(d *json.Decoder, t reflect.Type, place string) error {
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return fmt.Errorf("%s%w", before(place), err)
		}
		name, _ := token.(string)
		at := strings.TrimPrefix(place+"."+name, ".")
		if seen[name] {
			return fmt.Errorf("%s stands there twice", at)
		}
		seen[name] = true

		of, known := member(t, name)
		if !known {
			return fmt.Errorf("%s: there is no such member", at)
		}
		if err := checkShape(d, of, at); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

func checkArray(d *json.Decoder, t reflect.Type, place string) error {
	var of reflect.Type
	if t != nil && t.Kind() == reflect.Slice {
		of = t.Elem()
	}

	for i := 0; d.More(); i++ {
		if err := checkShape(d, of, fmt.Sprintf("%s[%d]", place, i)); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// member returns the type of an object's member. A type that is no struct takes any.
func member(t reflect.Type, name string) (reflect.Type, bool) {
	switch {
	case t == nil:
		return nil, true
	case t.Kind() == reflect.Map:
		return t.Elem(), true
	case t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return nil, true
	}

	for f := range t.Fields() {
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case tag == "-":
		case f.Anonymous && tag == "":
			if of, ok := member(underlying(f.Type), name); ok {
				return of, true
			}
		case f.IsExported() && tag == name:
			return f.Type, true
		}
	}
	return nil, false
}

// underlying looks through pointers and core.Opt, and gives nil for an open value.
func underlying(t reflect.Type) reflect.Type {
	for t != nil {
		slot, ok := reflect.New(t).Interface().(interface{ Slot() any })
		switch {
		case ok:
			t = reflect.TypeOf(slot.Slot()).Elem()
		case t.Kind() == reflect.Pointer:
			t = t.Elem()
		case t.Kind() == reflect.Interface:
			return nil
		default:
			return t
		}
	}
	return nil
}

func before(place string) string {
	if place == "" {
		return ""
	}
	return place + ": "
}

// decodeNumbers reads JSON and keeps the digits of its numbers.
func decodeNumbers(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(into)
}

// checkText refuses what encoding/json reads as U+FFFD: bytes that are not UTF-8, and
// half of a surrogate pair. A name that was changed in reading finds nobody, and finds
// it in silence.
func checkText(data []byte) error {
	at := func(i int) string { return fmt.Sprintf("line %d", 1+bytes.Count(data[:i], []byte("\n"))) }
	for i := 0; i < len(data); {
		if r, n := utf8.DecodeRune(data[i:]); r == utf8.RuneError && n == 1 {
			return fmt.Errorf("%s: the text is not UTF-8", at(i))
		} else if data[i] != '\\' {
			i += n
			continue
		}

		switch high := escaped(data[i:]); {
		case high < 0xd800 || high > 0xdfff:
			i += 2
		case high < 0xdc00 && escaped(data[min(i+6, len(data)):])&^0x3ff == 0xdc00:
			i += 12
		default:
			return fmt.Errorf("%s: %s is half of a character", at(i), data[i:i+6])
		}
	}
	return nil
}

// escaped reads the code unit of a \u escape, or returns -1 where none begins.
func escaped(s []byte) int {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	unit, err := strconv.ParseUint(string(s[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return int(unit)
}
