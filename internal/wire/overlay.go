package wire

import (
	"bytes"

	"github.com/rollcall-go/rollcall/core"
)

// Overlay replaces members of the struct that v points to, by their wire name:
// known ones in their fields, others in its Extra. A value that is a clear
// [core.Opt] removes its member, one that keeps leaves it. It is how callers
// reach fields that have no neutral name.
func Overlay[T any](v *T, members map[string]any) error {
	object, err := membersOf(v)
	if err != nil {
		return err
	}
	given := core.Extra{}

	for name, value := range members {
		if o, ok := value.(interface{ IsClear() bool }); ok && o.IsClear() {
			delete(object, name)
			continue
		}
		if o, ok := value.(interface{ IsSet() bool }); ok && !o.IsSet() {
			continue
		}

		raw, err := Marshal(value)
		if err != nil {
			return err
		}
		object[name], given[name] = raw, raw
	}

	if err := fits[T](given); err != nil {
		return err
	}

	doc, err := Marshal(object)
	if err != nil {
		return err
	}
	fresh := new(T)
	if err := Unmarshal(doc, fresh); err != nil {
		return err
	}
	*v = *fresh
	return nil
}

// fits refuses members that a vendor might write, and a caller may not.
func fits[T any](members core.Extra) error {
	doc, err := Marshal(members)
	if err != nil {
		return err
	}
	return unmarshal(doc, new(T), planOf, true)
}

// Keeps reports whether a field that a caller gives by its wire name is an Opt that
// keeps: it is not named after all.
func Keeps(v any) bool {
	o, ok := v.(interface {
		IsZero() bool
		IsClear() bool
	})
	return ok && o.IsZero()
}

// Clears reports whether such a field is an Opt that clears.
func Clears(v any) bool {
	o, ok := v.(interface{ IsClear() bool })
	return ok && o.IsClear()
}

// Cleared reports whether a field that a caller gives by its wire name is to be
// emptied: by an Opt that clears, or by a value that is empty as JSON. An Opt that
// keeps is not.
func Cleared(v any) bool {
	switch o := v.(type) {
	case interface{ IsClear() bool }:
		return o.IsClear()
	case interface {
		Reveal() string
		IsZero() bool
	}:
		return o.IsZero()
	}

	raw, err := Marshal(v)
	if err != nil {
		return false
	}
	switch string(bytes.TrimSpace(raw)) {
	case "null", `""`, "[]", "{}":
		return true
	}
	return false
}
