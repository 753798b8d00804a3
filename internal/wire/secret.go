package wire

import (
	"reflect"

	"github.com/rollcall-go/rollcall/core"
)

// A core.Secret is the one type that reads and writes differently here: on the
// wire it is itself, everywhere else it is redacted.

var secretType = reflect.TypeFor[core.Secret]()

func decodeSecret(d *decoder, v reflect.Value) error {
	s := v.Addr().Interface().(*core.Secret)
	if d.peek() == 'n' {
		*s = core.Secret{}
		return d.null()
	}
	text, err := d.text("string")
	*s = core.NewSecret(text)
	return err
}

func encodeSecret(e *encoder, v reflect.Value) error {
	return e.text(v.Addr().Interface().(*core.Secret).Reveal())
}

// encodeSecretNumber is for fields tagged wire:"number": a secret that the
// vendor wants without quotes.
func encodeSecretNumber(e *encoder, v reflect.Value) error {
	text := v.Addr().Interface().(*core.Secret).Reveal()
	if n, ok := numberLen([]byte(text)); !ok || n != len(text) {
		return e.text(text) // the vendor's to refuse
	}
	e.buf = append(e.buf, text...)
	return nil
}
