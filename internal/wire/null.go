package wire

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// A null among the elements of a list must go back as one. A reader of the list sees an
// empty text, or an object in which nothing is set, as with any decoder. That it was
// null is marked in the Extra of the struct: for a list of texts by the name of its
// field, for an object by a name of its own. Marks begin with a byte that is in no
// name, and are not written as members. In a list that held both nulls and empty texts
// all empty ones become null, which means no more than they did.

// nullMark is the mark of an object that was null.
const nullMark = "\xffnull"

var nullRaw = json.RawMessage("null")

// nullsMark is the mark of a field whose list holds texts that were null.
func nullsMark(name string) string { return nullMark + " in " + name }

// NullsIn returns the names of the members of a struct whose lists held nulls among
// their texts, by the struct's Extra. It is for those to whom such a list is unreadable.
func NullsIn(extra core.Extra) []string {
	var names []string
	for mark := range extra {
		if name, found := strings.CutPrefix(mark, nullsMark("")); found {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func isMark(name string) bool { return strings.HasPrefix(name, nullMark) }

// isNull reports an object that was null, and that nobody has touched since.
func isNull(v reflect.Value, extra core.Extra) bool {
	if extra[nullMark] == nil {
		return false
	}
	for _, field := range v.Fields() {
		if field.Type() != extraType && !field.IsZero() {
			return false
		}
	}
	return true
}

// holdsTexts reports whether a value of the type has texts as elements, at whatever
// depth of lists.
func holdsTexts(t reflect.Type) bool {
	if isOptional(t) {
		t = reflect.TypeOf(reflect.New(t).Interface().(optional).Slot()).Elem()
	}
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		if t = t.Elem(); t.Kind() == reflect.String {
			return true
		}
	}
	return false
}

// inList returns how an element of a list or map is read. Null where there is no form
// for it, such as among numbers, is refused: it would go back as something else.
func (p *plan) inList() decodeFunc {
	t := p.typ

	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map:
		return p.decode
	case reflect.String:
		return p.orElse(func(d *decoder, v reflect.Value) error {
			v.SetZero()
			d.nulls = true
			return d.null()
		})
	case reflect.Struct:
		return p.orElse(func(d *decoder, v reflect.Value) error {
			if p.marked == nil || p.marked.extra == nil {
				return p.decode(d, v)
			}
			v.SetZero()
			extra := extraOf(p.marked, v)
			extra.put(nullMark, nullRaw)
			if err := d.takeExtra(true); err != nil {
				return err
			}
			return d.null()
		})
	}

	if p.tellsNull || p.byMethod {
		return p.decode
	}
	return p.orElse(func(d *decoder, _ reflect.Value) error { return d.mismatch(t.String()) })
}

// orElse reads a value, and null by another function.
func (p *plan) orElse(null decodeFunc) decodeFunc {
	return func(d *decoder, v reflect.Value) error {
		if d.peek() == 'n' {
			return null(d, v)
		}
		return p.decode(d, v)
	}
}
