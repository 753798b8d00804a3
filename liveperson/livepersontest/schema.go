package livepersontest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// object is a stored or decoded JSON object. A stored one is never changed in
// place, so that answers can be written without the server's lock. Known fields
// hold int64, bool, string, []int64, object and []object; a known field that is
// absent has its empty value. Unknown fields hold what encoding/json decodes,
// with numbers as json.Number.
type object = map[string]any

type kind int

const (
	long    kind = iota // int64; in requests a number or a string
	boolean             // in requests a boolean or a string
	text
	longs
	nested  // object, or null
	several // []object
	raw     // as it came
)

// field is a field the simulator knows.
type field struct {
	name     string
	kind     kind
	required bool    // may be neither absent, nor null, nor ""
	given    bool    // set by the server: what a request says is ignored
	since    float64 // the API version that introduced it
	empty    any     // what an absent field reads as, if not null, false or []
	sub      *schema // of nested and several
	// How the documentation's samples show it: as a string, or as this placeholder.
	quoted bool
	sample string
}

// schema is the known fields of an object in the order of the documentation.
type schema struct {
	fields []field
	byName map[string]*field
}

func newSchema(fields ...field) *schema {
	s := &schema{fields: fields, byName: map[string]*field{}}
	for i := range fields {
		f := &s.fields[i]
		s.byName[f.name] = f
		if f.empty == nil {
			f.empty = map[kind]any{boolean: false, longs: []int64{}, several: []object{}}[f.kind]
		}
	}
	return s
}

// full returns a deep copy of an object in which no known field is absent.
func (s *schema) full(o object) object {
	out := clone(o).(object)
	for _, f := range s.fields {
		if _, ok := out[f.name]; !ok {
			out[f.name] = clone(f.empty)
		}
	}
	return out
}

func clone(v any) any {
	switch v := v.(type) {
	case object:
		out := make(object, len(v))
		for name, value := range v {
			out[name] = clone(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = clone(value)
		}
		return out
	case []object:
		out := make([]object, len(v))
		for i, value := range v {
			out[i] = clone(value).(object)
		}
		return out
	case []int64:
		return append([]int64{}, v...)
	}
	return v
}

func decodeObject(body []byte) (object, *problem) {
	var v any
	if err := simnet.Decode(body, &v); err != nil {
		return nil, invalid("the body is not JSON: %v", err)
	}
	o, ok := v.(object)
	if !ok {
		return nil, invalid("the body is not an object")
	}
	return o, nil
}

// normalise converts the known fields of a decoded object, in place. Null is as
// good as absent.
func (s *schema) normalise(o object) error {
	for name, value := range o {
		f := s.byName[name]
		switch {
		case f == nil:
		case value == nil:
			delete(o, name)
		default:
			v, err := f.convert(value)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			o[name] = v
		}
	}
	return nil
}

func (f *field) convert(v any) (any, error) {
	switch f.kind {
	case long:
		if n, ok := asLong(v); ok {
			return n, nil
		}
		return nil, fmt.Errorf("not a whole number")

	case boolean:
		if b, ok := asBool(v); ok {
			return b, nil
		}
		return nil, fmt.Errorf("not a boolean")

	case text:
		if t, ok := v.(string); ok {
			return t, nil
		}
		return nil, fmt.Errorf("not a string")

	case longs:
		return convertLongs(v)

	case nested:
		o, ok := v.(object)
		if !ok {
			return nil, fmt.Errorf("not an object")
		}
		return o, f.sub.normalise(o)

	case several:
		return f.convertSeveral(v)
	}
	return v, nil
}

// convertLongs drops repeated numbers.
func convertLongs(v any) (any, error) {
	items, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("not an array")
	}

	out := make([]int64, 0, len(items))
	for _, item := range items {
		n, ok := asLong(item)
		if !ok {
			return nil, fmt.Errorf("not an array of whole numbers")
		}
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

func (f *field) convertSeveral(v any) (any, error) {
	items, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("not an array")
	}

	out := make([]object, 0, len(items))
	for _, item := range items {
		o, ok := item.(object)
		if !ok {
			return nil, fmt.Errorf("not an array of objects")
		}
		if err := f.sub.normalise(o); err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

func asLong(v any) (int64, bool) {
	var digits string
	switch v := v.(type) {
	case json.Number:
		digits = v.String()
	case string:
		digits = v
	default:
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil && digits[0] != '+'
}

func asBool(v any) (value, ok bool) {
	switch v {
	case true, "true":
		return true, true
	case false, "false":
		return false, true
	}
	return false, false
}

// missing names the first required field that an object lacks, or "". The empty
// string counts as lacking, except in the fields that may be blank.
func (s *schema) missing(o object, mayBeBlank ...string) string {
	for _, f := range s.fields {
		v, ok := o[f.name]
		if f.required && (!ok || v == "" && !slices.Contains(mayBeBlank, f.name)) {
			return f.name
		}
	}
	return ""
}

func number(o object, name string) (int64, bool) { n, ok := o[name].(int64); return n, ok }
func flag(o object, name string) bool            { b, _ := o[name].(bool); return b }
func word(o object, name string) string          { s, _ := o[name].(string); return s }
func list(o object, name string) []int64         { l, _ := o[name].([]int64); return l }
func part(o object, name string) object          { p, _ := o[name].(object); return p }
func parts(o object, name string) []object       { p, _ := o[name].([]object); return p }

// format is how objects are written in one answer.
type format struct {
	sel     *selection
	version float64
	masked  map[string]bool   // read as ""
	hidden  map[string]bool   // not there at all
	replace map[string]string // written instead of what is stored
	samples bool              // the types of the documentation's samples
}

// append writes an object as JSON: known fields in order, then the unknown ones.
func (f *format) append(buf []byte, s *schema, o object) []byte {
	buf = append(buf, '{')
	start := len(buf)
	key := func(name string) {
		if len(buf) > start {
			buf = append(buf, ',')
		}
		buf = append(appendString(buf, name), ':')
	}

	known := 0
	for i := range s.fields {
		k := &s.fields[i]
		value, ok := o[k.name]
		if ok {
			known++
		} else {
			value = k.empty
		}

		sub, wanted := f.sel.of(k.name)
		if !wanted || f.hidden[k.name] || k.since > f.version {
			continue
		}

		key(k.name)
		if f.masked[k.name] {
			value = ""
		} else if text, ok := f.replace[k.name]; ok {
			value = text
		}
		buf = f.appendKnown(buf, k, value, sub)
	}

	if known == len(o) {
		return append(buf, '}')
	}

	for _, name := range slices.Sorted(maps.Keys(o)) {
		if s.byName[name] != nil {
			continue
		}
		if sub, wanted := f.sel.of(name); wanted {
			key(name)
			buf = appendAny(buf, o[name], sub)
		}
	}
	return append(buf, '}')
}

func (f *format) appendKnown(buf []byte, k *field, value any, sel *selection) []byte {
	below := &format{sel: sel, version: f.version, samples: f.samples}

	switch v := value.(type) {
	case nil:
		return append(buf, "null"...)
	case object:
		if k.sub != nil {
			return below.append(buf, k.sub, v)
		}
	case []object:
		buf = append(buf, '[')
		for i, o := range v {
			if i > 0 {
				buf = append(buf, ',')
			}
			buf = below.append(buf, k.sub, o)
		}
		return append(buf, ']')
	}

	if !f.samples {
		return appendAny(buf, value, sel)
	}
	if k.sample != "" {
		return appendString(buf, k.sample)
	}

	if k.quoted {
		switch v := value.(type) {
		case []int64:
			words := make([]any, len(v))
			for i, n := range v {
				words[i] = strconv.FormatInt(n, 10)
			}
			value = words
		case int64, bool:
			value = fmt.Sprint(v)
		}
	}

	return appendAny(buf, value, sel)
}

func appendAny(buf []byte, value any, sel *selection) []byte {
	switch v := value.(type) {
	case nil:
		return append(buf, "null"...)
	case bool:
		return strconv.AppendBool(buf, v)
	case string:
		return appendString(buf, v)
	case int64:
		return strconv.AppendInt(buf, v, 10)
	case json.Number:
		return append(buf, v...)

	case []int64:
		buf = append(buf, '[')
		for i, n := range v {
			if i > 0 {
				buf = append(buf, ',')
			}
			buf = strconv.AppendInt(buf, n, 10)
		}
		return append(buf, ']')

	case []any:
		buf = append(buf, '[')
		for i, item := range v {
			if i > 0 {
				buf = append(buf, ',')
			}
			buf = appendAny(buf, item, sel)
		}
		return append(buf, ']')

	case object:
		buf = append(buf, '{')
		first := true
		for _, name := range slices.Sorted(maps.Keys(v)) {
			sub, wanted := sel.of(name)
			if !wanted {
				continue
			}
			if !first {
				buf = append(buf, ',')
			}
			first = false
			buf = append(appendString(buf, name), ':')
			buf = appendAny(buf, v[name], sub)
		}
		return append(buf, '}')
	}

	panic(fmt.Sprintf("livepersontest: a %T in an object", value)) // decoding makes no other
}

func appendString(buf []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			text, _ := json.Marshal(s)
			return append(buf, text...)
		}
	}
	return append(append(append(buf, '"'), s...), '"')
}
