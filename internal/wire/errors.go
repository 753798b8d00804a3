package wire

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
)

// ErrClosed is what an [Array] returns after Close.
var ErrClosed = errors.New("wire: array reader is closed")

// SyntaxError says that a document is not JSON. It holds nothing of the
// document, so that it is safe to log.
type SyntaxError struct {
	Offset int64  // bytes before the place where it went wrong
	Msg    string // what was expected there
	cause  error
}

func (e *SyntaxError) Error() string {
	return "wire: invalid JSON at byte " + strconv.FormatInt(e.Offset, 10) + ": " + e.Msg
}

// Unwrap returns io.ErrUnexpectedEOF where the document was cut off, else nil.
func (e *SyntaxError) Unwrap() error { return e.cause }

func truncated(offset int64) *SyntaxError {
	return &SyntaxError{Offset: offset, Msg: "unexpected end", cause: io.ErrUnexpectedEOF}
}

// TypeError says that a member has a kind that its Go type cannot take. It holds
// no value of the document, so that it is safe to log; names of members are
// shown only where a Go field has the same name, and a map's key is shown as *.
type TypeError struct {
	Path string // where, like users[3].features.voice; empty for the whole document
	Want string // the Go type
	Got  string // what was found, like "string" or "number out of range"
}

func (e *TypeError) Error() string {
	at := ""
	if e.Path != "" {
		at = e.Path + ": "
	}
	return "wire: " + at + "found JSON " + e.Got + ", want " + e.Want
}

// TextError says that a text to be written is not UTF-8. It holds nothing of the
// text, so that it is safe to log.
type TextError struct {
	Path string // where, by wire names; empty for the whole value
}

func (e *TextError) Error() string {
	if e.Path == "" {
		return "wire: " + notUTF8
	}
	return "wire: " + e.Path + " holds " + notUTF8
}

// notUTF8 is also the Msg of the SyntaxError for such a document.
const notUTF8 = "text that is not UTF-8"

// within puts a step in front of the path of a TypeError or TextError. It runs only
// while an error travels up, so that paths cost nothing where all is well.
func within(err error, step string) error {
	switch e := err.(type) {
	case *TypeError:
		e.Path = joined(step, e.Path)
	case *TextError:
		e.Path = joined(step, e.Path)
	}
	return err
}

func joined(step, path string) string {
	if path != "" && path[0] != '[' {
		step += "."
	}
	return step + path
}

func withinIndex(err error, i int) error { return within(err, "["+strconv.Itoa(i)+"]") }

// foreign turns the error of a type's own decoding method into one of ours. Its
// text is dropped, because such texts quote the value (time.Time's does).
func foreign(err error, t reflect.Type, got string) error {
	if te, ok := errors.AsType[*TypeError](err); ok {
		return &TypeError{Path: te.Path, Want: te.Want, Got: te.Got}
	}
	if ue, ok := errors.AsType[*UnsupportedError](err); ok {
		return ue
	}
	if le, ok := errors.AsType[*LimitError](err); ok {
		return le
	}
	return &TypeError{Want: t.String(), Got: got + " that the type refuses"}
}

// LimitError says that one piece of a stream is larger than we are willing to hold,
// or that a document would take memory out of proportion to its bytes.
type LimitError struct {
	What  string // the piece: "element", or "what the document holds"
	Limit int    // the bound, in bytes
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("wire: %s larger than %d bytes", e.What, e.Limit)
}

// UnsupportedError says that a Go type or value has no JSON form. It is a
// mistake in the program, not in the document.
type UnsupportedError struct {
	Type   string
	Reason string
}

func (e *UnsupportedError) Error() string {
	return "wire: " + strings.TrimSpace(e.Type+" "+e.Reason)
}
