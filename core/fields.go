package core

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Field is the name of a neutral field of a user, as in the JSON of User: "login",
// "firstName" and so on. The fields of UserChange are the list of them; UserSpec
// and User have a field of the same name each.
type Field string

// field is where one neutral field is in the three structs. A value is a string, a
// bool, or a []string.
type field struct {
	name               Field
	change, spec, user []int
}

var fields = neutralFields()

// neutralFields reads the struct tags, so that a further field is a line in each of
// the three structs and nothing else.
func neutralFields() []field {
	change, spec, user := reflect.TypeFor[UserChange](), reflect.TypeFor[UserSpec](), reflect.TypeFor[User]()
	var out []field

	for f := range change.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		inSpec, ok1 := spec.FieldByName(f.Name)
		inUser, ok2 := user.FieldByName(f.Name)
		if name != "-" && ok1 && ok2 {
			out = append(out, field{name: Field(name), change: f.Index, spec: inSpec.Index, user: inUser.Index})
		}
	}
	return out
}

// Fields returns the neutral fields of a user, in the order of a table.
func Fields() []Field {
	out := make([]Field, len(fields))
	for i, f := range fields {
		out[i] = f.name
	}
	return out
}

func fieldOf(name Field) (field, bool) {
	i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
	if i < 0 {
		return field{}, false
	}
	return fields[i], true
}

// Field returns the value of a neutral field: a string, a bool or a []string, and
// nil where the user does not show it.
func (u User) Field(name Field) any {
	f, ok := fieldOf(name)
	if !ok {
		return nil
	}
	v := reflect.ValueOf(u).FieldByIndex(f.user)
	if v.IsZero() {
		return nil
	}

	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	return v.Interface()
}

// SetField sets a neutral field to a value of the kind that Field returns; nil
// empties it. It panics for a value of another kind, which is a mistake in an
// adapter.
func (u *User) SetField(name Field, value any) {
	f, ok := fieldOf(name)
	if !ok {
		panic(fmt.Sprintf("core: no neutral field %q", name))
	}
	to := reflect.ValueOf(u).Elem().FieldByIndex(f.user)
	if value == nil {
		to.SetZero()
		return
	}

	v := reflect.ValueOf(value)
	if to.Kind() == reflect.Pointer {
		p := reflect.New(to.Type().Elem())
		p.Elem().Set(v)
		v = p
	}
	to.Set(v)
}

// Field returns what the change does with a neutral field: the value, and whether
// the field is named at all. A field to be cleared is named and nil.
func (c UserChange) Field(name Field) (value any, named bool) {
	f, ok := fieldOf(name)
	if !ok {
		return nil, false
	}
	opt := reflect.ValueOf(c).FieldByIndex(f.change).Interface().(interface {
		IsZero() bool
		Value() any
	})
	return opt.Value(), !opt.IsZero()
}

// SetField makes the change set a neutral field, or clear it where value is nil. It
// panics for a value of another kind than the field's.
func (c *UserChange) SetField(name Field, value any) {
	f, ok := fieldOf(name)
	if !ok {
		panic(fmt.Sprintf("core: no neutral field %q", name))
	}

	opt := reflect.ValueOf(c).Elem().FieldByIndex(f.change).Addr().Interface().(interface {
		Slot() any
		UnmarshalJSON([]byte) error
	})

	if value == nil {
		_ = opt.UnmarshalJSON([]byte("null")) // which clears, and cannot fail
		return
	}
	reflect.ValueOf(opt.Slot()).Elem().Set(reflect.ValueOf(value))
}

// KeepField makes the change keep a neutral field: it is not named any more.
func (c *UserChange) KeepField(name Field) {
	if f, ok := fieldOf(name); ok {
		reflect.ValueOf(c).Elem().FieldByIndex(f.change).SetZero()
	}
}

// SetField sets a neutral field of the spec to a value of the kind that User.Field
// returns; nil leaves it out. It panics for a value of another kind.
func (s *UserSpec) SetField(name Field, value any) {
	f, ok := fieldOf(name)
	if !ok {
		panic(fmt.Sprintf("core: no neutral field %q", name))
	}
	to := reflect.ValueOf(s).Elem().FieldByIndex(f.spec)
	to.SetZero()
	if value == nil {
		return
	}

	if opt, ok := to.Addr().Interface().(interface{ Slot() any }); ok {
		to = reflect.ValueOf(opt.Slot()).Elem()
	}
	to.Set(reflect.ValueOf(value))
}

// Change returns the change that asks for what the spec asks for: what the spec
// leaves out it keeps.
func (s UserSpec) Change() UserChange {
	c := UserChange{Fields: s.Fields}
	from, to := reflect.ValueOf(s), reflect.ValueOf(&c).Elem()

	for _, f := range fields {
		v := from.FieldByIndex(f.spec)
		switch {
		case v.IsZero():
		case v.Type() == to.FieldByIndex(f.change).Type():
			to.FieldByIndex(f.change).Set(v) // an Opt itself
		default:
			c.SetField(f.name, v.Interface())
		}
	}

	if !s.Password.IsZero() {
		c.Password = Set(s.Password)
	}
	return c
}

// Unmet returns the names of the neutral fields that a user does not show as the
// change wants them, for those who look again after a write. The password cannot
// be looked at; vendor fields are the vendor package's to compare. Neither case nor
// the order of roles counts.
func (c UserChange) Unmet(u User) []string {
	var unmet []string
	for _, f := range fields {
		want, named := c.Field(f.name)
		if named && !sameField(want, u.Field(f.name)) {
			unmet = append(unmet, string(f.name))
		}
	}
	return unmet
}

func sameField(want, is any) bool {
	switch w := want.(type) {
	case string:
		s, _ := is.(string)
		return FoldAddress(w) == FoldAddress(s)
	case []string:
		s, _ := is.([]string)
		return slices.Equal(sortedSet(w), sortedSet(s))
	}
	return want == is
}

// UnmarshalJSON reads a change. Numbers among the vendor fields keep their digits.
func (c *UserChange) UnmarshalJSON(data []byte) error {
	type plain UserChange
	return decodeExact(data, (*plain)(c))
}

// UnmarshalJSON reads a spec. Numbers among the vendor fields keep their digits.
func (s *UserSpec) UnmarshalJSON(data []byte) error {
	type plain UserSpec
	return decodeExact(data, (*plain)(s))
}

func decodeExact(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(into)
}
