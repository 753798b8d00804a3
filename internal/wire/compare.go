package wire

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// This file is for callers who compare what they sent with what a vendor then shows.

// Members returns a value by wire name, as it would be sent: null where it is null,
// and absent where it is absent. The texts are not to be changed: they may be those
// of the value itself, so that a member costs nothing however large it is.
func Members(v any) map[string]json.RawMessage {
	members, err := membersOf(v)
	if err != nil {
		return map[string]json.RawMessage{} // what cannot be sent has none
	}
	return members
}

func membersOf(v any) (core.Extra, error) {
	members := core.Extra{}
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Pointer && !rv.IsNil() {
		rv = rv.Elem()
	}
	if !rv.IsValid() || rv.Kind() == reflect.Pointer {
		return members, nil
	}

	if p, err := barePlanOf(rv.Type()); err == nil && p.object != nil && !writesItself(rv.Type()) {
		return members, p.object.membersOf(addressable(rv), members)
	}

	doc, err := Marshal(v)
	if err != nil {
		return nil, err
	}
	return members, Unmarshal(doc, &members)
}

// writesItself reports a type that has a form of its own in JSON.
func writesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Marshaler]()) || p.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

// sharedMembers is how much of the members shares a piece of memory.
const sharedMembers = 4 << 10

// membersOf gives the members of a struct, as encode writes them.
func (s *structPlan) membersOf(v reflect.Value, members core.Extra) error {
	extra := s.extraIn(v)
	e := encoder{depth: 1}
	for i := range s.fields {
		f := &s.fields[i]
		fv := f.in(v, false)
		if f.omitted(fv) {
			continue
		}

		start := len(e.buf)
		e.nulls = f.texts && len(extra) > 0 && extra[f.nulls] != nil
		if err := f.plan.encode(&e, fv); err != nil {
			return err
		}
		members[f.name] = e.buf[start:len(e.buf):len(e.buf)]
		if len(e.buf) > sharedMembers {
			e.buf = nil // what comes next would copy it, and both would be kept
		}
	}

	for name, raw := range extra {
		if _, sent := members[name]; sent || isMark(name) {
			continue
		}
		if raw == nil {
			raw = nullRaw
		}
		if err := valid(raw, 1); err != nil {
			return err
		}
		members[name] = raw
	}
	return nil
}

// Names are the wire names of the fields of a struct type.
func Names(t reflect.Type) map[string]bool {
	names := map[string]bool{}
	for f := range t.Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			names[name] = true
		}
	}
	return names
}
