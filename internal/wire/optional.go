package wire

import (
	"reflect"
	"strconv"

	"github.com/rollcall-go/rollcall/core"
)

// optional is a value with three states that can be written in place: core.Opt.
type optional interface {
	Slot() any // marks it as set
	Value() any
	UnmarshalJSON([]byte) error // of null: marks it as clear
	IsZero() bool               // keep: not to be written
	IsClear() bool
}

var optionalType = reflect.TypeFor[optional]()

func isOptional(t reflect.Type) bool { return t.Kind() == reflect.Struct && has(t, optionalType) }

// fillOptional plans an optional by way of its methods, or, for the types that
// occur most, without: that saves finding the methods each time, and boxing.
func (b *planner) fillOptional(p *plan) error {
	slot := reflect.New(p.typ).Interface().(optional).Slot()
	inner, err := b.plan(reflect.TypeOf(slot).Elem())
	if err != nil {
		return err
	}

	p.tellsNull = true
	if known, ok := knownOptionals[p.typ]; ok {
		p.decode, p.encode = known.decode, known.encode
		return nil
	}
	p.decode, p.encode = decodeOptional(inner), encodeOptional(inner)
	return nil
}

func decodeOptional(inner *plan) decodeFunc {
	return func(d *decoder, v reflect.Value) error {
		o := v.Addr().Interface().(optional)
		if d.peek() == 'n' {
			_ = o.UnmarshalJSON([]byte("null")) // which cannot fail
			return d.null()
		}
		return inner.decode(d, reflect.ValueOf(o.Slot()).Elem())
	}
}

func encodeOptional(inner *plan) encodeFunc {
	return func(e *encoder, v reflect.Value) error {
		o := v.Addr().Interface().(optional)
		if o.IsZero() || o.IsClear() {
			e.null()
			return nil
		}

		x := o.Value()
		if inner.typ.Kind() == reflect.Interface {
			return e.anything(x)
		}
		return inner.encode(e, addressable(reflect.ValueOf(x)))
	}
}

// keptFunc reports whether an optional of type t is not to be written.
func keptFunc(t reflect.Type) func(reflect.Value) bool {
	if known, ok := knownOptionals[t]; ok {
		return known.kept
	}
	return func(v reflect.Value) bool { return v.Addr().Interface().(optional).IsZero() }
}

type optionalFuncs struct {
	decode decodeFunc
	encode encodeFunc
	kept   func(reflect.Value) bool
}

var knownOptionals = map[reflect.Type]optionalFuncs{
	reflect.TypeFor[core.Opt[string]](): optionalOf("string", (*decoder).text, (*encoder).text),
	reflect.TypeFor[core.Opt[bool]]():   optionalOf("bool", (*decoder).boolean, (*encoder).boolean),
	reflect.TypeFor[core.Opt[int64]]():  optionalOf("int64", readInt64, writeInt[int64]),
	reflect.TypeFor[core.Opt[int]]():    optionalOf("int", readInt, writeInt[int]),
}

func readInt64(d *decoder, want string) (int64, error) { return d.signed(64, want) }

func readInt(d *decoder, want string) (int, error) {
	n, err := d.signed(strconv.IntSize, want)
	return int(n), err
}

func writeInt[T int | int64](e *encoder, n T) error {
	e.buf = strconv.AppendInt(e.buf, int64(n), 10)
	return nil
}

func (e *encoder) boolean(b bool) error {
	e.buf = strconv.AppendBool(e.buf, b)
	return nil
}

// optionalOf makes the functions of core.Opt[T] from those of T.
func optionalOf[T any](want string, read func(*decoder, string) (T, error), write func(*encoder, T) error) optionalFuncs {
	return optionalFuncs{
		decode: func(d *decoder, v reflect.Value) error {
			o := v.Addr().Interface().(*core.Opt[T])
			if d.peek() == 'n' {
				*o = core.Clear[T]()
				return d.null()
			}
			t, err := read(d, want)
			*o = core.Set(t)
			return err
		},
		encode: func(e *encoder, v reflect.Value) error {
			if t, ok := v.Addr().Interface().(*core.Opt[T]).Get(); ok {
				return write(e, t)
			}
			e.null()
			return nil
		},
		kept: func(v reflect.Value) bool { return v.Addr().Interface().(*core.Opt[T]).IsZero() },
	}
}
