package adapter

import (
	"slices"

	"github.com/rollcall-go/rollcall/core"
)

// Row says what a vendor does with one neutral field, U being the vendor's user. It is
// made by Text, OptText, Switch, Texts, Value or Lacks, and refined by the methods below,
// each of which returns the refined row.
type Row[U any] struct {
	name core.Field
	wire string
	get  func(*U) any // nil where the field is not shown
	put  func(*U, any)

	settable, changeable bool
	required, clearable  bool
	why                  string // why the field is not offered, or not all of it
	check                func(value any) string
}

// Fields is a vendor's table: one row per neutral field.
type Fields[U any] []Row[U]

// Text is a field of text that is "" where it is unset.
func Text[U any](name core.Field, wire string, at func(*U) *string) Row[U] {
	return Value(name, wire,
		func(u *U) any { return shown(*at(u)) },
		func(u *U, v any) { *at(u), _ = v.(string) })
}

// OptText is a field of text that says whether it is set. To clear it, it is left out of
// what is sent.
func OptText[U any](name core.Field, wire string, at func(*U) *core.Opt[string]) Row[U] {
	return Value(name, wire,
		func(u *U) any { return shown(at(u).Or("")) },
		func(u *U, v any) {
			*at(u) = core.Opt[string]{} // left out of a full replacement, a field is cleared
			if s, ok := v.(string); ok && s != "" {
				*at(u) = core.Set(s)
			}
		})
}

// Switch is a field that is on or off.
func Switch[U any](name core.Field, wire string, at func(*U) *core.Opt[bool]) Row[U] {
	return Value(name, wire,
		func(u *U) any {
			if on, ok := at(u).Get(); ok {
				return on
			}
			return nil
		},
		func(u *U, v any) {
			if on, ok := v.(bool); ok {
				*at(u) = core.Set(on)
			}
		})
}

// Texts is a field of a list of texts.
func Texts[U any](name core.Field, wire string, at func(*U) *[]string) Row[U] {
	return Value(name, wire,
		func(u *U) any {
			if len(*at(u)) == 0 {
				return nil
			}
			return *at(u)
		},
		func(u *U, v any) { *at(u), _ = v.([]string) })
}

// Value is a field that takes functions of its own. Get returns a string, a bool or a
// []string, and nil where the field is absent; put gets nil to clear it.
func Value[U any](name core.Field, wire string, get func(*U) any, put func(*U, any)) Row[U] {
	return Row[U]{name: name, wire: wire, get: get, put: put, settable: true, changeable: true, clearable: true}
}

// Lacks is a field that the vendor does not have; why says why, for the caller.
func Lacks[U any](name core.Field, why string) Row[U] { return Row[U]{name: name, why: why} }

// ReadOnly makes a field that is shown and cannot be set; why says why.
func (r Row[U]) ReadOnly(why string) Row[U] {
	r.settable, r.changeable, r.clearable, r.why = false, false, false, why
	return r
}

// WriteOnly makes a field that can be set and is not shown; why says why.
func (r Row[U]) WriteOnly(why string) Row[U] {
	r.get, r.why = nil, why
	return r
}

// CreateOnly makes a field that cannot be changed later; why says why.
func (r Row[U]) CreateOnly(why string) Row[U] {
	r.changeable, r.clearable, r.why = false, false, why
	return r
}

// Required makes a field that a create must name, and that cannot be cleared.
func (r Row[U]) Required() Row[U] {
	r.required, r.clearable = true, false
	return r
}

// Kept makes a field that cannot be cleared, though a create may omit it.
func (r Row[U]) Kept() Row[U] {
	r.clearable = false
	return r
}

// Checked refuses values before anything is sent: check says in a few words what is
// wrong with one, and "" where nothing is.
func (r Row[U]) Checked(check func(value any) string) Row[U] {
	r.check = check
	return r
}

// Noted says what is special about a field that is offered.
func (r Row[U]) Noted(what string) Row[U] {
	r.why = what
	return r
}

// Of returns the row of a field.
func (f Fields[U]) Of(name core.Field) Row[U] {
	if i := slices.IndexFunc(f, func(r Row[U]) bool { return r.name == name }); i >= 0 {
		return f[i]
	}
	return Row[U]{name: name, why: "the vendor has no such field"}
}

// Capabilities says in core's words what the table says, in core's order.
func (f Fields[U]) Capabilities() []core.FieldCapability {
	var out []core.FieldCapability
	for _, name := range core.Fields() {
		r := f.Of(name)
		out = append(out, core.FieldCapability{
			Name: name, Wire: r.wire, Readable: r.get != nil, Settable: r.settable, Changeable: r.changeable,
			Required: r.required, Clearable: r.clearable, Note: r.why,
		})
	}
	return out
}

// shown is a text as Field values are: nil where it is empty.
func shown(s string) any {
	if s == "" {
		return nil
	}
	return s
}
