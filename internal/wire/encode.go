package wire

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/rollcall-go/rollcall/core"
)

// Marshal returns v as JSON: the fields of a struct in the order of their
// declaration, then the members of its Extra by name; maps by key. Nothing is
// escaped for HTML. An Extra member that bears the name of a field is written
// only where the field was omitted. Text that is not UTF-8 is a [TextError].
func Marshal(v any) ([]byte, error) { return marshal(v, planOf) }

// MarshalFields is Marshal for use in the MarshalJSON of v's own type: it does
// not call that method again. The values inside v are written as always.
func MarshalFields(v any) ([]byte, error) { return marshal(v, barePlanOf) }

// bufferPool holds the buffers in which Marshal finds out how long a result is.
var bufferPool = sync.Pool{New: func() any { return new([]byte) }}

func marshal(v any, plans func(reflect.Type) (*plan, error)) ([]byte, error) {
	const maxPooled = 64 << 10
	buf := bufferPool.Get().(*[]byte)
	out, err := appendValue((*buf)[:0], v, plans)
	if cap(out) > maxPooled {
		return out, err // large: give it away, as it is
	}

	if err == nil {
		*buf = out
		out = append(make([]byte, 0, len(out)), out...)
	}
	bufferPool.Put(buf)
	return out, err
}

// An encoder holds what is written so far.
type encoder struct {
	buf   []byte
	depth int
	names []string // a stack of names to sort
	nulls bool     // an empty text in a list was null
}

var encoderPool = sync.Pool{New: func() any { return new(encoder) }}

func appendValue(dst []byte, v any, plans func(reflect.Type) (*plan, error)) ([]byte, error) {
	rv := reflect.ValueOf(v)
	if !rv.IsValid() || rv.Kind() == reflect.Pointer && rv.IsNil() {
		return append(dst, "null"...), nil
	}
	if rv.Kind() == reflect.Pointer {
		rv = rv.Elem()
	}

	p, err := plans(rv.Type())
	if err != nil {
		return nil, err
	}

	e := encoderPool.Get().(*encoder)
	e.buf, e.depth, e.nulls = dst, 0, false
	err = p.encode(e, addressable(rv))

	// The encoder must not hold on to the result, nor to the names.
	dst = e.buf
	e.buf = nil
	clear(e.names[:cap(e.names)])
	e.names = e.names[:0]
	encoderPool.Put(e)

	if err != nil {
		return nil, err
	}
	return dst, nil
}

// addressable returns v, or a copy of it that has an address: methods with
// pointer receivers are honoured everywhere.
func addressable(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v
	}
	p := reflect.New(v.Type()).Elem()
	p.Set(v)
	return p
}

// enter bounds the depth, which also ends cycles.
func (e *encoder) enter(open byte) error {
	if e.depth >= maxDepth {
		return &UnsupportedError{Reason: "the value is nested too deeply, or contains itself"}
	}
	e.depth++
	e.buf = append(e.buf, open)
	return nil
}

// leave closes what enter opened. A comma at the end is overwritten: members and
// elements all end in one.
func (e *encoder) leave(closing byte) {
	e.depth--
	if last := len(e.buf) - 1; e.buf[last] == ',' {
		e.buf[last] = closing
		return
	}
	e.buf = append(e.buf, closing)
}

func (e *encoder) null() { e.buf = append(e.buf, "null"...) }

// encode writes a struct.
func (s *structPlan) encode(e *encoder, v reflect.Value) error {
	extra := s.extraIn(v)

	if len(extra) == 1 && isNull(v, extra) {
		e.null()
		return nil
	}
	if err := e.enter('{'); err != nil {
		return err
	}
	outer := e.nulls

	for i := range s.fields {
		f := &s.fields[i]
		fv := f.in(v, false)
		if f.omitted(fv) {
			continue
		}
		e.nulls = f.texts && len(extra) > 0 && extra[f.nulls] != nil
		e.buf = append(e.buf, f.prefix...)
		if err := f.plan.encode(e, fv); err != nil {
			return within(err, f.name)
		}
		e.buf = append(e.buf, ',')
	}
	e.nulls = outer

	if len(extra) > 0 {
		if err := s.encodeExtra(e, v, extra); err != nil {
			return err
		}
	}
	e.leave('}')
	return nil
}

// extraIn returns the Extra of a struct, nil where it has none.
func (s *structPlan) extraIn(v reflect.Value) core.Extra {
	if s.extra == nil {
		return nil
	}
	field := follow(v, s.extra, false)
	if !field.IsValid() || field.Len() == 0 {
		return nil
	}
	return *field.Addr().Interface().(*core.Extra)
}

// omitted reports whether the field is not to be written.
func (f *field) omitted(fv reflect.Value) bool {
	return !fv.IsValid() || f.omit != nil && f.omit(fv)
}

func (s *structPlan) encodeExtra(e *encoder, v reflect.Value, extra core.Extra) error {
	mark, size := len(e.names), 0
	for name, raw := range extra {
		if isMark(name) {
			continue
		}
		if i, ok := s.byName[name]; ok && !s.fields[i].omitted(s.fields[i].in(v, false)) {
			continue
		}
		e.names = append(e.names, name)
		size += len(name) + len(raw) + len(`"":,`)
	}

	e.buf = slices.Grow(e.buf, size+len("}")) // once, however much it is
	names := e.names[mark:]
	slices.Sort(names)
	for _, name := range names {
		if err := e.name(name); err != nil {
			return err
		}
		if err := e.raw(extra[name], "core.Extra"); err != nil {
			return within(err, name)
		}
		e.buf = append(e.buf, ',')
	}

	e.names = e.names[:mark]
	return nil
}

// raw writes JSON that came from elsewhere, byte for byte, if it is valid.
func (e *encoder) raw(b []byte, from string) error {
	if b == nil {
		e.null()
		return nil
	}

	err := valid(b, e.depth)
	if se, ok := err.(*SyntaxError); ok && se.Msg == notUTF8 {
		return &TextError{}
	}
	if err != nil {
		return fmt.Errorf("wire: what %s holds: %w", from, err)
	}
	e.buf = append(e.buf, b...)
	return nil
}

// valid says what is wrong with JSON that is to stand so deep in a document.
func valid(b []byte, depth int) error {
	d := decoder{data: b, depth: depth, outer: depth}
	if err := d.skip(); err != nil {
		return err
	}
	if d.peek(); d.pos < len(b) {
		return d.syntax("expected nothing after the document")
	}
	return nil
}

func encodeRaw(e *encoder, v reflect.Value) error { return e.raw(v.Bytes(), "json.RawMessage") }

func encodeBool(e *encoder, v reflect.Value) error {
	e.buf = strconv.AppendBool(e.buf, v.Bool())
	return nil
}

func encodeInt(e *encoder, v reflect.Value) error {
	e.buf = strconv.AppendInt(e.buf, v.Int(), 10)
	return nil
}

func encodeUint(e *encoder, v reflect.Value) error {
	e.buf = strconv.AppendUint(e.buf, v.Uint(), 10)
	return nil
}

func encodeFloat(e *encoder, v reflect.Value) error {
	return e.float(v.Float(), v.Type().Bits())
}

// float writes the shortest form that reads back the same, spelled as
// encoding/json does.
func (e *encoder) float(f float64, bits int) error {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return &UnsupportedError{Type: "float" + strconv.Itoa(bits), Reason: "is not a finite number"}
	}

	format := byte('f')
	if abs := math.Abs(f); abs != 0 {
		if bits == 64 && (abs < 1e-6 || abs >= 1e21) || bits == 32 && (float32(abs) < 1e-6 || float32(abs) >= 1e21) {
			format = 'e'
		}
	}

	e.buf = strconv.AppendFloat(e.buf, f, format, -1, bits)
	if n := len(e.buf); format == 'e' && n >= 4 && e.buf[n-4] == 'e' && e.buf[n-3] == '-' && e.buf[n-2] == '0' {
		e.buf[n-2] = e.buf[n-1] // e-09 becomes e-9
		e.buf = e.buf[:n-1]
	}
	return nil
}

func encodeString(e *encoder, v reflect.Value) error { return e.text(v.String()) }

// text writes a string.
func (e *encoder) text(s string) error {
	out, ok := appendString(e.buf, s)
	if !ok {
		return &TextError{}
	}
	e.buf = out
	return nil
}

// name writes the name of a member that is data, with its colon.
func (e *encoder) name(s string) error {
	out, ok := appendString(e.buf, s)
	if !ok {
		return &TextError{Path: "the name of a member"}
	}
	e.buf = append(out, ':')
	return nil
}

func encodeJSONNumber(e *encoder, v reflect.Value) error { return e.number(v.String()) }

func (e *encoder) number(s string) error {
	if s == "" {
		s = "0" // as encoding/json does with the zero value
	}
	if n, ok := numberLen([]byte(s)); !ok || n != len(s) {
		return &UnsupportedError{Type: "json.Number", Reason: "does not hold a number"}
	}
	e.buf = append(e.buf, s...)
	return nil
}

func encodeBytes(e *encoder, v reflect.Value) error {
	if v.IsNil() {
		e.null()
		return nil
	}
	e.buf = append(e.buf, '"')
	e.buf = base64.StdEncoding.AppendEncode(e.buf, v.Bytes())
	e.buf = append(e.buf, '"')
	return nil
}

func encodePointer(elem *plan) encodeFunc {
	return func(e *encoder, v reflect.Value) error {
		if v.IsNil() {
			e.null()
			return nil
		}

		// A chain of pointers can be a cycle without any brackets.
		if e.depth >= maxDepth {
			return &UnsupportedError{Reason: "the value is nested too deeply, or contains itself"}
		}
		e.depth++
		err := elem.encode(e, v.Elem())
		e.depth--
		return err
	}
}

func encodeSlice(elem *plan) encodeFunc {
	list := encodeArray(elem)
	return func(e *encoder, v reflect.Value) error {
		if v.IsNil() {
			e.null()
			return nil
		}
		return list(e, v)
	}
}

func encodeArray(elem *plan) encodeFunc {
	text := elem.typ.Kind() == reflect.String
	return func(e *encoder, v reflect.Value) error {
		if err := e.enter('['); err != nil {
			return err
		}

		for i := range v.Len() {
			if e.nulls && text && v.Index(i).Len() == 0 {
				e.buf = append(e.buf, "null,"...)
				continue
			}
			if err := elem.encode(e, v.Index(i)); err != nil {
				return withinIndex(err, i)
			}
			e.buf = append(e.buf, ',')
		}
		e.leave(']')
		return nil
	}
}

func encodeMap(elem *plan) encodeFunc {
	text := elem.typ.Kind() == reflect.String

	return func(e *encoder, v reflect.Value) error {
		if v.IsNil() {
			e.null()
			return nil
		}
		if err := e.enter('{'); err != nil {
			return err
		}

		type entry struct {
			name  string
			value reflect.Value
		}
		entries := make([]entry, 0, v.Len())
		for iter := v.MapRange(); iter.Next(); {
			entries = append(entries, entry{iter.Key().String(), iter.Value()})
		}
		slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })

		for _, x := range entries {
			if err := e.name(x.name); err != nil {
				return err
			}
			if e.nulls && text && x.value.Len() == 0 {
				e.buf = append(e.buf, "null,"...)
				continue
			}
			if err := elem.encode(e, addressable(x.value)); err != nil {
				return within(err, x.name)
			}
			e.buf = append(e.buf, ',')
		}
		e.leave('}')
		return nil
	}
}

func encodeInterface(e *encoder, v reflect.Value) error {
	if v.IsNil() {
		e.null()
		return nil
	}
	return e.anything(v.Interface())
}

// anything writes a value whose type is known only now.
func (e *encoder) anything(x any) error {
	switch x := x.(type) {
	case nil:
		e.null()
		return nil
	case string:
		return e.text(x)
	case bool:
		e.buf = strconv.AppendBool(e.buf, x)
		return nil
	case int:
		e.buf = strconv.AppendInt(e.buf, int64(x), 10)
		return nil
	case json.Number:
		return e.number(string(x))
	}

	v := reflect.ValueOf(x)
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	p, err := planOf(v.Type())
	if err != nil {
		return err
	}
	return p.encode(e, addressable(v))
}

// encodeByMethod leaves the value to the type's MarshalJSON.
func encodeByMethod(t reflect.Type) encodeFunc {
	return func(e *encoder, v reflect.Value) error {
		b, err := v.Addr().Interface().(json.Marshaler).MarshalJSON()
		if err != nil {
			return err
		}
		if b == nil {
			b = []byte{}
		}
		return e.raw(b, t.String()+".MarshalJSON")
	}
}

// encodeByText leaves the value to the type's MarshalText.
func encodeByText(t reflect.Type) encodeFunc {
	return func(e *encoder, v reflect.Value) error {
		b, err := v.Addr().Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return err
		}
		return e.text(string(b))
	}
}

// appendString appends s in quotes. It is not ok where s is not UTF-8, but for the
// lone surrogates that it was read with: they go back as they came.
func appendString(dst []byte, s string) (out []byte, ok bool) {
	const hex = "0123456789abcdef"
	dst = append(slices.Grow(dst, len(s)+2), '"')
	start := 0

	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				lone, ok := loneSurrogate(s[i:])
				if !ok {
					return dst, false
				}
				dst = append(append(dst, s[start:i]...), '\\', 'u', hex[lone>>12], hex[lone>>8&0xf], hex[lone>>4&0xf], hex[lone&0xf])
				n = loneLen
				start = i + n
			}
			i += n
			continue
		}

		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}

		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
		}
		i++
		start = i
	}

	return append(append(dst, s[start:]...), '"'), true
}
