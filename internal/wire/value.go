package wire

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"slices"
)

// Each function here makes, for a type, the decodeFunc of its kind. Whatever can
// be found out about the type is found out once, outside the returned function.

func decodeBool(t reflect.Type) decodeFunc {
	want := t.String()
	return func(d *decoder, v reflect.Value) error {
		if d.peek() == 'n' {
			v.SetBool(false)
			return d.null()
		}
		b, err := d.boolean(want)
		v.SetBool(b)
		return err
	}
}

// decodeNumber is for the kinds of numbers, which differ in how they are read and
// set.
func decodeNumber[T any](t reflect.Type, read func(*decoder, int, string) (T, error), set func(reflect.Value, T)) decodeFunc {
	want, bits := t.String(), t.Bits()
	return func(d *decoder, v reflect.Value) error {
		var n T
		var err error
		if d.peek() == 'n' {
			err = d.null()
		} else {
			n, err = read(d, bits, want)
		}
		set(v, n)
		return err
	}
}

func decodeString(t reflect.Type) decodeFunc {
	want := t.String()
	return func(d *decoder, v reflect.Value) error {
		if d.peek() == 'n' {
			v.SetString("")
			return d.null()
		}
		s, err := d.text(want)
		v.SetString(s)
		return err
	}
}

// decodeJSONNumber keeps the spelling of a number, bare or quoted.
func decodeJSONNumber(d *decoder, v reflect.Value) error {
	if d.peek() == 'n' {
		v.SetString("")
		return d.null()
	}
	b, err := d.numberText("json.Number")
	if err == nil {
		v.SetString(d.keep(b))
	}
	return err
}

// decodeRaw keeps a value byte for byte, null too.
func decodeRaw(d *decoder, v reflect.Value) error {
	b, err := d.raw()
	if err == nil {
		*v.Addr().Interface().(*json.RawMessage) = append(make(json.RawMessage, 0, len(b)), b...)
	}
	return err
}

func decodeBytes(t reflect.Type) decodeFunc {
	want := t.String()
	return func(d *decoder, v reflect.Value) error {
		switch d.peek() {
		case 'n':
			v.SetZero()
			return d.null()
		case '"':
			text, err := d.str()
			if err != nil {
				return err
			}
			out := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
			n, err := base64.StdEncoding.Decode(out, text)
			if err != nil {
				return &TypeError{Want: want, Got: "string that is not base64"}
			}
			v.SetBytes(out[:n])
			return nil
		}
		return d.mismatch(want)
	}
}

func decodePointer(elem *plan) decodeFunc {
	return func(d *decoder, v reflect.Value) error {
		if d.peek() == 'n' {
			v.SetZero()
			return d.null()
		}
		if err := d.take(int(elem.typ.Size())); err != nil {
			return err
		}

		p := reflect.New(elem.typ)
		v.Set(p)
		return elem.decode(d, p.Elem())
	}
}

// decodeSlice decodes a list. It is long because its loop runs once for each element of
// each list: what it keeps in variables would otherwise be passed on each time.
func decodeSlice(t reflect.Type, elem *plan) decodeFunc {
	switch t {
	case reflect.TypeFor[[]string]():
		return listOf((*decoder).text, "string")
	case reflect.TypeFor[[]int64]():
		return listOf(readInt64, "int64")
	}

	empty := reflect.MakeSlice(t, 0, 0)
	want, size := t.String(), int(t.Elem().Size())
	read := elem.inList()

	return func(d *decoder, v reflect.Value) error {
		v.SetZero()
		if d.loose() && elem.takesAlone(d.peek()) {
			v.Set(reflect.MakeSlice(t, 1, 1))
			return d.alone(want, func() error { return elem.decode(d, v.Index(0)) })
		}

		page := !d.paged && elem.isObject()
		window := aheadUsual
		if page {
			window = aheadPage
		}

		n, whole, err := d.openArray(want, window)
		if n <= 0 || err != nil {
			if n == 0 {
				v.Set(empty)
			}
			return err
		}

		// Each element of a long list of objects keeps its strings apart, so that
		// who holds on to one does not hold the others.
		paged := page && (!whole || n >= minPage)
		v.Grow(d.worth(n, size, window))
		room := v.Cap()

		for i := 0; ; i++ {
			if err := d.take(size); err != nil {
				return withinIndex(err, i)
			}
			if i == room {
				v.Grow(1)
				room = v.Cap()
				if err := d.take(i * size); err != nil { // what it grew out of
					return withinIndex(err, i)
				}
			}

			v.SetLen(i + 1)
			if paged {
				d.own(elem)
				d.paged = true
			}
			d.peek()
			err := read(d, v.Index(i))
			if paged {
				d.disown()
				d.paged = false
			}
			if err != nil {
				return withinIndex(err, i)
			}
			if more, err := d.more(']'); !more {
				return err
			}
		}
	}
}

// How far ahead the elements of an array are counted. The elements of a page are
// large, and a slice that grows to them holds twice what it needs.
const (
	aheadUsual = 512
	aheadPage  = 32 << 20
	// minPage is how many elements make a page, in which each keeps its strings
	// apart.
	minPage = 4
)

// openArray steps into an array and estimates the number of its elements: 0 for
// an empty array, which is then read already, and -1 for null instead of one.
// whole says that the array is short and the number exact.
func (d *decoder) openArray(want string, window int) (n int, whole bool, err error) {
	switch d.peek() {
	case '[':
	case 'n':
		return -1, true, d.null()
	default:
		return -1, false, d.mismatch(want)
	}

	if err := d.enter(); err != nil {
		return -1, false, err
	}
	if d.peek() == ']' {
		d.leave()
		return 0, true, nil
	}

	if window == aheadUsual && d.counted > maxLooks*(d.pos+aheadUsual) {
		return minPage, false, nil // lists in lists: each would be counted with all that are around it
	}
	n, whole = d.countAhead(window)
	return n, whole, nil
}

// listOf reads a list of scalars without reflection for each of them.
func listOf[T any](read func(d *decoder, want string) (T, error), want string) decodeFunc {
	wantList := "[]" + want
	size := int(reflect.TypeFor[T]().Size())
	_, isText := any(*new(T)).(string)

	return func(d *decoder, v reflect.Value) error {
		list := v.Addr().Interface().(*[]T)
		*list = nil
		if c := d.peek(); d.loose() && (c == '"' || c == '-' || isDigit(c)) {
			return d.alone(wantList, func() error {
				elem, err := read(d, want)
				*list = []T{elem}
				return err
			})
		}

		n, _, err := d.openArray(wantList, aheadUsual)
		if n <= 0 || err != nil {
			if n == 0 {
				*list = []T{}
			}
			return err
		}

		out := slices.Grow([]T(nil), n)
		room := 0
		for i := 0; ; i++ {
			var elem T
			if i == cap(out) {
				out = slices.Grow(out, i)
			}
			if cap(out) > room { // all of it: what it grew out of is still there
				room = cap(out)
				err = d.take(room * size)
			}

			switch {
			case err != nil:
			case d.peek() != 'n':
				elem, err = read(d, want)
			case isText:
				d.nulls = true
				err = d.null()
			default:
				err = d.mismatch(want)
			}
			if err != nil {
				return withinIndex(err, i)
			}

			out = append(out, elem)
			if more, err := d.more(']'); !more {
				*list = out
				return err
			}
		}
	}
}

// decodeArray fills an array of fixed length. Missing elements are zero; what
// does not fit is an error, not dropped.
func decodeArray(t reflect.Type, elem *plan) decodeFunc {
	want := t.String()
	read := elem.inList()
	return func(d *decoder, v reflect.Value) error {
		v.SetZero()
		if n, _, err := d.openArray(want, aheadUsual); n <= 0 || err != nil {
			return err
		}

		for i := 0; ; i++ {
			if i == v.Len() {
				return &TypeError{Want: want, Got: "array of more elements"}
			}
			d.peek()
			if err := read(d, v.Index(i)); err != nil {
				return withinIndex(err, i)
			}
			if more, err := d.more(']'); !more {
				return err
			}
		}
	}
}

func decodeMap(t reflect.Type, elem *plan) decodeFunc {
	want, size := t.String(), int(t.Elem().Size())
	read := elem.inList()
	return func(d *decoder, v reflect.Value) error {
		switch d.peek() {
		case 'n':
			v.SetZero()
			return d.null()
		case '{':
		default:
			return d.mismatch(want)
		}

		v.Set(reflect.MakeMap(t))
		return d.mapMembers(func(key string) error {
			if err := d.take(entrySize + size); err != nil {
				return err
			}
			e := reflect.New(elem.typ).Elem()
			d.peek()
			if err := read(d, e); err != nil {
				return within(err, "*")
			}
			v.SetMapIndex(reflect.ValueOf(key).Convert(t.Key()), e)
			return nil
		})
	}
}

// mapMembers reads an object whose names are data. each reads the value.
func (d *decoder) mapMembers(each func(key string) error) error {
	if err := d.enter(); err != nil {
		return err
	}
	if d.peek() == '}' {
		d.leave()
		return nil
	}

	for {
		if d.peek() != '"' {
			return d.syntax("expected a member name")
		}
		name, err := d.str()
		if err != nil {
			return err
		}

		key := d.keep(name)
		if err := d.colon(); err != nil {
			return err
		}
		if err := each(key); err != nil {
			return err
		}
		if more, err := d.more('}'); !more {
			return err
		}
	}
}

// decodeInterface reads into an any. Another interface does not say what to make.
func decodeInterface(t reflect.Type) decodeFunc {
	if t.NumMethod() > 0 {
		want := t.String()
		return func(d *decoder, v reflect.Value) error {
			if d.peek() == 'n' {
				v.SetZero()
				return d.null()
			}
			return d.mismatch(want)
		}
	}

	return func(d *decoder, v reflect.Value) error {
		x, err := d.anything()
		if err != nil {
			return err
		}
		if x == nil {
			v.SetZero()
		} else {
			v.Set(reflect.ValueOf(x))
		}
		return nil
	}
}

// anything reads a value as what encoding/json makes of it, with numbers as
// json.Number so that none loses digits.
func (d *decoder) anything() (any, error) {
	if err := d.take(boxSize); err != nil {
		return nil, err
	}

	switch c := d.peek(); c {
	case '"':
		b, err := d.str()
		if err != nil {
			return nil, err
		}
		return d.keep(b), nil
	case '{':
		if err := d.take(emptyMap); err != nil {
			return nil, err
		}
		m := map[string]any{}
		return m, d.mapMembers(func(key string) (err error) {
			if err = d.take(entrySize); err == nil {
				m[key], err = d.anything()
			}
			return err
		})
	case '[':
		n, _, err := d.openArray("[]any", aheadUsual)
		if n <= 0 || err != nil {
			return []any{}, err
		}
		list, room := make([]any, 0, n), n
		for {
			x, err := d.anything()
			if err != nil {
				return nil, err
			}
			if list = append(list, x); cap(list) > room { // all of it: what it grew out of is still there
				room = cap(list)
				if err := d.take(room * interfaceSize); err != nil {
					return nil, err
				}
			}
			if more, err := d.more(']'); !more {
				return list, err
			}
		}
	case 't':
		return true, d.literal("true")
	case 'f':
		return false, d.literal("false")
	case 'n':
		return nil, d.null()
	default:
		if c == '-' || isDigit(c) {
			b, err := d.scanNumber()
			if err != nil {
				return nil, err
			}
			return json.Number(d.keep(b)), nil
		}
		return nil, d.syntax("expected a value")
	}
}

// decodeByMethod leaves the value to the type's UnmarshalJSON. As with
// encoding/json it is called for null too.
func decodeByMethod(t reflect.Type) decodeFunc {
	return func(d *decoder, v reflect.Value) error {
		raw, err := d.raw()
		if err != nil {
			return err
		}
		if err := d.takeUnseen(raw); err != nil {
			return err
		}

		v.SetZero()
		u := v.Addr().Interface().(json.Unmarshaler)
		if err := u.UnmarshalJSON(raw); err != nil {
			if other := otherShape(t, raw); other != nil && d.loose() {
				v.SetZero()
				if u.UnmarshalJSON(other) == nil {
					return nil
				}
			}
			return foreign(err, t, kindOf(raw[0]))
		}
		return nil
	}
}

// decodeByText leaves a string to the type's UnmarshalText.
func decodeByText(t reflect.Type) decodeFunc {
	want := t.String()
	return func(d *decoder, v reflect.Value) error {
		v.SetZero()
		switch d.peek() {
		case 'n':
			return d.null()
		case '"':
			text, err := d.str()
			if err != nil {
				return err
			}
			if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(slices.Clone(text)); err != nil {
				return foreign(err, t, "string")
			}
			return nil
		}
		return d.mismatch(want)
	}
}
