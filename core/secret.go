package core

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret holds a password, key or token. It prints as "[redacted]" with every
// verb, in JSON and in logs, also as a field of a printed struct; only Reveal
// gives it back. The zero value is "no secret".
type Secret struct {
	// A pointer, because fmt cannot call methods on unexported fields and would
	// print a string there.
	p *string
}

// NewSecret wraps s. An empty string gives the zero Secret.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{p: &s}
}

// Reveal returns the secret itself.
func (s Secret) Reveal() string {
	if s.p == nil {
		return ""
	}
	return *s.p
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.p == nil }

// String returns "[redacted]", or "" where there is no secret.
func (s Secret) String() string {
	if s.p == nil {
		return ""
	}
	return redacted
}

// GoString is String, for %#v.
func (s Secret) GoString() string { return s.String() }

// Format writes the redacted form whatever the verb, %x and %d included. (Package
// fmt answers %T and %p by itself: with the type, and with an address.)
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// LogValue is the redacted form for log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalJSON writes the redacted form: a Secret in a dump stays a secret.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// MarshalText writes the redacted form, for encoders that look for it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
