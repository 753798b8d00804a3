package core

import (
	"encoding/json"
	"fmt"
	"io"
)

// Opt is a value with three states: keep (the zero value), set, and clear. In a change
// it says what to do with a field; in a value that was read it says whether the vendor
// sent the field, and whether it sent null.
//
// Absent never means empty: an Opt that was not touched leaves the field alone.
type Opt[T any] struct {
	value T
	state optState
}

type optState uint8

const (
	optKeep optState = iota
	optSet
	optClear
)

// Set returns an Opt that sets the field to v.
func Set[T any](v T) Opt[T] { return Opt[T]{value: v, state: optSet} }

// Clear returns an Opt that empties the field.
func Clear[T any]() Opt[T] { return Opt[T]{state: optClear} }

// Get returns the value, and whether there is one.
func (o Opt[T]) Get() (T, bool) { return o.value, o.state == optSet }

// Or returns the value, or def where there is none.
func (o Opt[T]) Or(def T) T {
	if o.state == optSet {
		return o.value
	}
	return def
}

// IsZero reports whether the field was left alone. With the json option
// omitzero such a field is not written.
func (o Opt[T]) IsZero() bool { return o.state == optKeep }

// IsSet reports whether there is a value.
func (o Opt[T]) IsSet() bool { return o.state == optSet }

// IsClear reports whether the field is to be emptied, or was null when read.
func (o Opt[T]) IsClear() bool { return o.state == optClear }

// Format prints the value as it would print by itself, so that a secret stays one;
// null where the field is cleared, and a dash where it is left alone.
func (o Opt[T]) Format(f fmt.State, verb rune) {
	switch o.state {
	case optSet:
		fmt.Fprintf(f, fmt.FormatString(f, verb), o.value)
	case optClear:
		io.WriteString(f, "null")
	default:
		io.WriteString(f, "-")
	}
}

// Slot marks the value as set and returns a pointer to it. Decoders of JSON need it to
// write in place, whatever T is; everybody else uses [Set].
func (o *Opt[T]) Slot() any {
	o.state = optSet
	return &o.value
}

// Value returns the value, or nil where there is none. It is for encoders, which do not
// know T; everybody else uses [Opt.Get] or [Opt.Or].
func (o Opt[T]) Value() any {
	if o.state == optSet {
		return o.value
	}
	return nil
}

// MarshalJSON writes the value, or null where there is none.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if o.state != optSet {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads the value; null becomes clear.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*o = Clear[T]()
		return nil
	}
	o.state = optSet
	return json.Unmarshal(data, &o.value)
}
