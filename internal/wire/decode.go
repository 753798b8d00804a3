package wire

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"sync"

	"github.com/rollcall-go/rollcall/core"
)

// Unmarshal reads the one JSON document in data into the value that v points
// to. Whatever a member held before is replaced as a whole, never merged; of a
// struct at the top, members that the document lacks keep their values. Nothing
// in v refers to data afterwards. After an error v may be filled in part.
func Unmarshal(data []byte, v any) error { return unmarshal(data, v, planOf, false) }

// UnmarshalFields is Unmarshal for use in the UnmarshalJSON of v's own type: it
// does not call that method again. The values inside v are read as always.
func UnmarshalFields(data []byte, v any) error { return unmarshal(data, v, barePlanOf, false) }

func unmarshal(data []byte, v any, plans func(reflect.Type) (*plan, error), strict bool) error {
	target, p, err := targetOf(v, plans)
	if err != nil {
		return err
	}

	d := decoderPool.Get().(*decoder)
	defer d.release()
	d.data, d.pos, d.depth, d.base, d.short = data, 0, 0, 0, false
	d.made, d.counted, d.limit, d.nulls, d.strict = 0, 0, 0, false, strict

	d.own(p)
	err = d.document(p, target)
	d.disown()
	return err
}

// targetOf returns what v points to and its plan.
func targetOf(v any, plans func(reflect.Type) (*plan, error)) (reflect.Value, *plan, error) {
	ptr := reflect.ValueOf(v)
	if ptr.Kind() != reflect.Pointer || ptr.IsNil() {
		return reflect.Value{}, nil, &UnsupportedError{Reason: "the target must be a pointer that is not nil"}
	}
	target := ptr.Elem()
	p, err := plans(target.Type())
	return target, p, err
}

// A decoder reads one document, or one element of a stream.
type decoder struct {
	data  []byte
	pos   int
	depth int   // brackets open
	outer int   // of them, where data is a complete value
	base  int64 // offset of data in its stream, for errors
	short bool  // the end of data was met inside a value

	made    int // memory that the document was given so far; see bounds.go
	counted int // bytes that were looked at ahead of their time
	limit   int // where the object that is kept whole must have ended, 0 outside of one

	nulls  bool // there was a null among the texts of a list
	strict bool // members must be as their fields are written; see loose.go

	scratch []byte // for strings with escapes

	// Where strings are kept; see text.go.
	block strings.Builder
	used  int   // bytes kept so far
	owner *plan // of the document or element that the strings belong to
	paged bool  // inside an element that owns its strings
}

var decoderPool = sync.Pool{New: func() any { return new(decoder) }}

// release returns the decoder to the pool, without hold on anything large.
func (d *decoder) release() {
	const maxScratch = 64 << 10
	d.data, d.owner, d.paged = nil, nil, false
	if cap(d.scratch) > maxScratch {
		d.scratch = nil
	}
	decoderPool.Put(d)
}

// document reads a value and then nothing but space.
func (d *decoder) document(p *plan, target reflect.Value) error {
	if err := d.value(p, target); err != nil {
		return err
	}
	if d.peek(); d.pos < len(d.data) {
		return d.syntax("expected nothing after the document")
	}
	return nil
}

// value reads the next value into target, keeping the members of a struct that
// the document does not name.
func (d *decoder) value(p *plan, target reflect.Value) error {
	if d.peek() == '{' && p.object != nil {
		return p.object.members(d, target)
	}
	return p.decode(d, target)
}

// decode reads an object into a struct, replacing it.
func (s *structPlan) decode(d *decoder, v reflect.Value) error {
	v.SetZero()
	switch d.peek() {
	case '{':
		return s.members(d, v)
	case 'n':
		return d.null()
	case '[':
		return d.onlyOne(v.Type().String(), func() error { return s.members(d, v) })
	}
	return d.mismatch(v.Type().String())
}

// members reads an object into the fields of a struct, and what they do not
// take into its Extra.
func (s *structPlan) members(d *decoder, v reflect.Value) error {
	if s.extra != nil {
		outer := d.bound()
		defer func() { d.limit = outer }()
	}
	if err := d.enter(); err != nil {
		return err
	}

	if d.peek() == '}' {
		d.leave()
		return nil
	}
	extra := extraOf(s, v)
	guess := 0

	for {
		if d.peek() != '"' {
			return d.syntax("expected a member name")
		}
		name, err := d.str()
		if err != nil {
			return err
		}

		if i := s.find(name, guess); i >= 0 {
			err = s.known(d, v, i, &extra)
			guess = i + 1
		} else {
			err = unknown(d, name, &extra)
		}
		if err != nil {
			return err
		}
		if more, err := d.more('}'); !more {
			return err
		}
	}
}

// known reads the value of a member that a field takes.
func (s *structPlan) known(d *decoder, v reflect.Value, i int, extra *extras) error {
	if err := d.colon(); err != nil {
		return err
	}

	f := &s.fields[i]
	isNull := d.peek() == 'n'
	start, outer := d.pos, d.nulls
	d.nulls = false
	if err := f.plan.decode(d, f.in(v, true)); err != nil {
		if _, odd := err.(*TypeError); odd && f.flag && extra.path != nil && !d.strict {
			// Whether it is yes or no is not known, which the field can say.
			f.in(v, true).SetZero()
			extra.put(f.name, d.data[start:d.pos])
			return nil
		}
		return within(err, f.name)
	}

	switch {
	case d.nulls && f.texts:
		extra.put(f.nulls, nullRaw)
	case extra.any && f.texts:
		extra.drop(f.nulls)
	}
	d.nulls = outer

	switch {
	case isNull && !f.plan.tellsNull:
		first := !extra.owned
		extra.put(f.name, nullRaw)
		if first && extra.path != nil {
			return d.takeExtra(first)
		}
	case extra.any:
		extra.drop(f.name)
	}

	return nil
}

// unknown reads the value of a member that no field takes.
func unknown(d *decoder, name []byte, extra *extras) error {
	if extra.path == nil {
		if err := d.colon(); err != nil {
			return err
		}
		return d.skip()
	}

	key := d.keep(name) // now, as name may be in the scratch space
	if err := d.colon(); err != nil {
		return err
	}
	raw, err := d.raw()
	if err != nil {
		return err
	}

	first := !extra.owned
	extra.put(key, raw)
	return d.takeExtra(first)
}

// extras gives access to the Extra of the struct that is being read.
type extras struct {
	v     reflect.Value // the struct
	path  []int         // to its Extra, nil if it has none
	any   bool          // there may be something in it
	owned bool          // the map was made, or copied, here
}

func extraOf(s *structPlan, v reflect.Value) extras {
	e := extras{v: v, path: s.extra}
	if e.path != nil {
		field := follow(v, e.path, false)
		e.any = field.IsValid() && field.Len() > 0
	}
	return e
}

// writable returns the map. One that was there before is copied first, since
// copies of the struct share it.
func (e *extras) writable() core.Extra {
	m := follow(e.v, e.path, true).Addr().Interface().(*core.Extra)
	if !e.owned {
		e.owned = true
		if *m = maps.Clone(*m); *m == nil {
			*m = core.Extra{}
		}
	}
	return *m
}

// put records a member, with its own copy of the bytes.
func (e *extras) put(name string, raw []byte) {
	if e.path == nil {
		return
	}
	e.any = true
	e.writable()[name] = append(make(json.RawMessage, 0, len(raw)), raw...)
}

// drop forgets a member that was null, now that it has a value.
func (e *extras) drop(name string) {
	if m := *follow(e.v, e.path, true).Addr().Interface().(*core.Extra); m[name] != nil {
		delete(e.writable(), name)
	}
}
