package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

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
	// Same replaces the comparison of a value that is not to be empty.
	Same func(want, is any) bool
	// Emptied reports whether a value may stand where the field was emptied: the
	// vendor's default.
	Emptied func(is any) bool
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
		if !r.Of(name).in(is, name).Shows(wire.Value(was[name]), wire.Value(sent[name]), wire.Value(is[name])) {
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
	x, y := wire.Value(a), wire.Value(b)
	return same(Rule{Exact: true}, x, y) && same(Rule{Exact: true}, y, x)
}

// Shows reports whether a field is as it was sent. Was is what it was before.
func (r Rule) Shows(was, want, is any) bool {
	switch {
	case r.Hidden, r.Silent && is == nil:
		return true

	case wire.Empty(want):
		if wire.Empty(is) || is == false {
			return true
		}
		if r.Emptied != nil {
			return r.Emptied(is)
		}
		if r.Reset {
			return !same(r.element(), was, is)
		}
		return r.MayGrow && r.noneOf(was, nil, is)

	case r.MayGrow:
		return r.allOf(want, is) && r.noneOf(was, want, is)
	}
	return same(r, want, is)
}

// allOf reports whether a list holds all that was sent.
func (r Rule) allOf(want, is any) bool {
	there := r.bag(listOf(is))
	return !slices.ContainsFunc(listOf(want), func(w any) bool { return !there.holds(w) })
}

// noneOf reports whether nothing is there that was taken out.
func (r Rule) noneOf(was, want, is any) bool {
	kept, there := r.bag(listOf(want)), r.bag(listOf(is))
	return !slices.ContainsFunc(listOf(was), func(w any) bool { return !kept.holds(w) && there.holds(w) })
}

// bag holds the values of a list for look-ups: texts by their folded form, so that a
// long list takes linear time.
type bag struct {
	rule  Rule
	texts map[string]int
	other []any
}

func (r Rule) bag(list []any) *bag {
	b := &bag{rule: r.element(), texts: map[string]int{}}
	for _, v := range list {
		if text, ok := v.(string); ok && b.rule.Same == nil {
			b.texts[b.rule.plain(text)]++
		} else {
			b.other = append(b.other, v)
		}
	}
	return b
}

// text finds a value among the texts.
func (b *bag) text(v any) (key string, ok bool) {
	switch v := v.(type) {
	case string:
		key = b.rule.plain(v)
	case json.Number:
		key = b.rule.plain(v.String())
	}
	return key, b.texts[key] > 0
}

// at finds a value among the others.
func (b *bag) at(v any) int {
	return slices.IndexFunc(b.other, func(one any) bool { return same(b.rule, v, one) })
}

func (b *bag) holds(v any) bool {
	_, ok := b.text(v)
	return ok || b.at(v) >= 0
}

// take removes one equal value, and reports whether there was one.
func (b *bag) take(v any) bool {
	if key, ok := b.text(v); ok {
		b.texts[key]--
		return true
	}
	i := b.at(v)
	if i >= 0 {
		b.other = slices.Delete(b.other, i, i+1)
	}
	return i >= 0
}

// element is the rule of the elements of a list.
func (r Rule) element() Rule {
	r.MayGrow, r.Silent, r.Emptied, r.Reset = false, false, nil, false
	return r
}

func listOf(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v} // a list of one, as some vendors write it
}

// same compares two values; the first one was sent.
func same(r Rule, want, is any) bool {
	if r.Same != nil {
		return r.Same(want, is)
	}

	switch w := want.(type) {
	case map[string]any:
		return sameObject(r, w, is)
	case []any:
		return sameList(r, w, listOf(is))
	case bool:
		return want == is || !w && is == nil // what is off may be left out
	case nil:
		return wire.Empty(is)
	}

	if wire.SameNumber(want, is) {
		return true
	}
	switch is.(type) {
	case string, json.Number, bool:
		return sameText(r, fmt.Sprint(want), fmt.Sprint(is)) || sameQuoted(want, is)
	}
	return false
}

// sameQuoted compares a number with one in quotes.
func sameQuoted(want, is any) bool {
	n, ok := want.(json.Number)
	text, quoted := is.(string)
	return ok && quoted && wire.SameNumber(n, json.Number(strings.TrimSpace(text)))
}

func sameText(r Rule, want, is string) bool { return r.plain(want) == r.plain(is) }

// plain is a text in the form in which it is compared.
func (r Rule) plain(text string) string {
	switch {
	case r.Key != nil:
		return r.Key(text)
	case r.Exact:
		return text
	case r.Fold:
		return FoldText(text)
	}
	return PlainText(text)
}

func sameObject(r Rule, want map[string]any, is any) bool {
	got, ok := is.(map[string]any)
	if r.Present {
		return ok
	}

	for name, v := range want {
		rule, own := r.Members[name]
		if !own {
			rule = Rule{Fold: r.Fold, Exact: r.Exact, Set: r.Set}
		}
		if !rule.Shows(nil, v, got[name]) {
			return false
		}
	}
	return ok
}

func sameList(r Rule, want, is []any) bool {
	if len(want) != len(is) {
		return false
	}
	if !r.Set {
		return slices.EqualFunc(want, is, func(a, b any) bool { return same(r.element(), a, b) })
	}

	left := r.bag(is)
	return !slices.ContainsFunc(want, func(w any) bool { return !left.take(w) })
}

// Named returns the names of fields that a caller gives by wire name and does not keep.
func Named(fields map[string]any) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(fields)), func(name string) bool { return wire.Keeps(fields[name]) })
}
