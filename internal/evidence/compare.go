package evidence

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/rollcall-go/rollcall/internal/wire"
)

// Rule says how one field is compared with what was sent. The zero Rule compares
// texts in any composition and without the blanks at either end, numbers by value,
// lists in order, and of an object the members that were sent.
type Rule struct {
	// Hidden fields are masked, or are the server's own: they show nothing.
	Hidden bool
	// Silent fields prove nothing where an answer leaves them out. Otherwise an absent
	// field is empty, as null always is.
	Silent bool
	// Fold compares texts regardless of case and of the number of blanks.
	Fold bool
	// Exact compares texts as they are: keys, in which everything counts.
	Exact bool
	// Set compares lists regardless of order.
	Set bool
	// MayGrow lets a list hold more than was sent: only what was taken out must be gone.
	MayGrow bool
	// Present is enough for an object: its content is the vendor's.
	Present bool
	// Members are the rules of the members of an object, or of each object in a list.
	Members map[string]Rule
	// Key, if set, returns what the same values have in common: ids that have several
	// forms. It is asked of a text, and of each text in a list.
	Key func(text string) string
	// Same replaces the comparison of a value that is not to be empty, and not what was
	// sent byte for byte. What is absent comes as null.
	Same func(want, is json.RawMessage) bool
	// Emptied reports whether a value may stand where the field was emptied: the
	// vendor's default.
	Emptied func(is json.RawMessage) bool
	// Reset says that where the field was emptied the vendor may put a default that is
	// not documented: whatever is not what it was.
	Reset bool
}

// Rules are a vendor's rules by wire name. A field without a rule of its own has Default.
type Rules struct {
	Fields  map[string]Rule
	Default Rule
}

// Of returns the rule of a field.
func (r Rules) Of(name string) Rule {
	if rule, ok := r.Fields[name]; ok {
		return rule
	}
	return r.Default
}

// Exactly is the rule for a value that is to be as it was seen, and not just to hold what
// was sent: nothing more in a list, no default in its place, and not left out.
func (r Rule) Exactly() Rule {
	r.MayGrow, r.Silent, r.Emptied = false, false, nil
	return r
}

// Object is a value by wire name, as package wire reads and writes it.
type Object = map[string]json.RawMessage

// Unmet names those of some fields that an object does not show as they were sent. Was
// is the object before the write; it is nil for a new one.
func (r Rules) Unmet(names []string, was, sent, is Object) []string {
	var unmet []string
	for _, name := range names {
		if slices.Contains(unmet, name) {
			continue
		}
		if !r.Of(name).in(is, name).Shows(was[name], sent[name], is[name]) {
			unmet = append(unmet, name)
		}
	}

	slices.Sort(unmet)
	return unmet
}

// in is the rule for a field of an object: a field that is present proves something, even
// as null.
func (r Rule) in(o Object, name string) Rule {
	if _, there := o[name]; there {
		r.Silent = false
	}
	return r
}

// Changed names the members in which two objects differ.
func Changed(a, b Object) []string {
	var names []string
	for name, value := range a {
		if other, ok := b[name]; !ok || !sameRaw(value, other) {
			names = append(names, name)
		}
	}

	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func sameRaw(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	if !readable(a, b) {
		return false
	}
	exact := Rule{Exact: true}
	oneWay := func(x, y json.RawMessage) bool {
		return compare(func(c *comparison) bool { return c.same(&exact, wire.NewCursor(x), wire.NewCursor(y)) }, x, y)
	}
	return oneWay(a, b) && oneWay(b, a)
}

// readable reports texts that are JSON, or absent.
func readable(texts ...json.RawMessage) bool {
	return !slices.ContainsFunc(texts, func(text json.RawMessage) bool { return len(text) > 0 && !wire.Valid(text) })
}

// Shows reports whether a field is as it was sent. Was is what it was before. Each is the
// JSON of the field, and empty where there is none.
func (r Rule) Shows(was, want, is json.RawMessage) bool {
	if r.Hidden || r.Silent && wire.Null(is) || bytes.Equal(want, is) {
		return true
	}
	if !readable(was, want, is) {
		return false
	}
	return compare(func(c *comparison) bool {
		return c.shows(&r, wire.NewCursor(was), wire.NewCursor(want), wire.NewCursor(is))
	}, was, want, is)
}

// Named returns the names of fields that a caller gives by wire name and does not keep.
func Named(fields map[string]any) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(fields)), func(name string) bool { return wire.Keeps(fields[name]) })
}
