package wire

import (
	"io"
	"reflect"
	"sync"
)

const (
	defaultMaxElement = 8 << 20

	smallBuffer = 32 << 10  // what an Array begins with
	maxPooled   = 256 << 10 // larger buffers are not kept for the next one
)

var arrayBuffers = sync.Pool{New: func() any {
	b := make([]byte, smallBuffer)
	return &b
}}

// An Array reads a list one element at a time while its bytes arrive, in memory
// that does not depend on the length of the list. It ends without an error only
// where the whole document has arrived and is valid up to its last byte: a list
// that was cut short is never taken for one that ended. It is not safe for
// concurrent use.
type Array struct {
	optional bool
	maxElem  int

	in    input
	d     decoder
	plan  *plan // of the type that Next was last called with
	index int   // of the next element
	state arrayState
	err   error // what ended it; it is returned from then on
}

type arrayState uint8

const (
	beforeArray arrayState = iota
	inArray
	afterDocument
)

// ArrayOption changes how [NewArray] reads.
type ArrayOption func(*Array)

// Optional lets null pass for an empty list. Without it null is an error, as every
// other shape is in any case.
func Optional() ArrayOption { return func(a *Array) { a.optional = true } }

// MaxElement bounds one element, in bytes. The default is 8 MiB.
func MaxElement(n int) ArrayOption { return func(a *Array) { a.maxElem = n } }

// NewArray reads a list from r. It reads nothing before the first call of Next.
func NewArray(r io.Reader, opts ...ArrayOption) *Array {
	a := &Array{maxElem: defaultMaxElement}
	for _, opt := range opts {
		opt(a)
	}
	pooled := arrayBuffers.Get().(*[]byte)
	a.in = input{r: r, buf: *pooled, pooled: pooled}
	return a
}

// Close gives the buffer back. What was decoded stays valid. It does not close
// the underlying reader.
func (a *Array) Close() {
	if a.in.pooled == nil {
		return
	}
	if cap(a.in.buf) <= maxPooled {
		*a.in.pooled = a.in.buf[:cap(a.in.buf)]
		arrayBuffers.Put(a.in.pooled)
	}

	a.in = input{}
	a.d = decoder{}
	if a.err == nil && a.state != afterDocument {
		a.err = ErrClosed
	}
}

// Next decodes the next element into what v points to, which it first resets,
// and reports whether there was one. It returns as soon as the element has
// arrived. After the last it returns false, once the document has come to its end.
// An error is final.
func (a *Array) Next(v any) (ok bool, err error) {
	if a.err != nil || a.state == afterDocument {
		return false, a.err
	}
	if ok, err = a.next(v); err != nil {
		a.err = err
	}
	return ok, err
}

func (a *Array) next(v any) (bool, error) {
	target, err := a.targetOf(v)
	if err != nil {
		return false, err
	}

	if a.state == beforeArray {
		if open, err := a.open(); !open {
			return false, err
		}
	}

	c, err := a.in.peek()
	if err != nil {
		return false, err
	}

	switch {
	case c == ']':
		a.in.start++
		return false, a.end()
	case a.index > 0 && c != ',':
		return false, a.in.syntax("expected ',' or ']'")
	case a.index > 0:
		a.in.start++
		if _, err := a.in.peek(); err != nil {
			return false, err
		}
	}

	if err := a.element(target); err != nil {
		return false, withinIndex(err, a.index)
	}
	a.index++
	return true, nil
}

// targetOf is the function of that name, but remembers the plan.
func (a *Array) targetOf(v any) (reflect.Value, error) {
	if ptr := reflect.ValueOf(v); a.plan != nil && ptr.Kind() == reflect.Pointer && !ptr.IsNil() && ptr.Type().Elem() == a.plan.typ {
		return ptr.Elem(), nil
	}
	target, p, err := targetOf(v, planOf)
	a.plan = p
	return target, err
}

// element decodes the value at the start of the input. Mostly the whole of it is
// in the buffer, so it is decoded without looking for its end first. Only where
// that fails because bytes are missing, they are waited for, and it is decoded again.
func (a *Array) element(target reflect.Value) error {
	var waitErr error

	for waited := false; ; waited = true {
		window := a.in.ahead()
		// One byte beyond the limit, to tell what is just at it from what is over.
		over := len(window) > a.maxElem
		if over {
			window = window[:a.maxElem+1]
		}
		target.SetZero() // twice, where it is decoded twice

		a.d.data, a.d.pos, a.d.base, a.d.short = window, 0, a.in.offset(), false
		a.d.depth = 1
		a.d.made, a.d.counted, a.d.limit = 0, 0, 0
		a.d.own(a.plan)
		a.d.paged = true
		err := a.d.value(a.plan, target)
		a.d.disown()

		switch n := a.d.pos; {
		case over && (a.d.short || n > a.maxElem):
			return &LimitError{What: "element", Limit: a.maxElem}
		case err == nil:
			a.in.start += n
			return nil
		case !a.d.short:
			return err
		case waitErr != nil:
			return waitErr
		case waited:
			return err
		}

		// Where they do not come, what is there may still tell more than that.
		waitErr = a.in.whole(a.maxElem, "element")
	}
}

// open reads up to the first element, and reports whether there is an array.
func (a *Array) open() (bool, error) {
	c, err := a.in.peek()
	if err != nil {
		return false, err
	}

	switch {
	case c == '[':
		a.in.start++
		a.state = inArray
		return true, nil
	case c == 'n' && a.optional:
		if err := a.null(); err != nil {
			return false, err
		}
		return false, a.end()
	}
	return false, a.in.mismatch("array", c)
}

// null reads what begins like one.
func (a *Array) null() error {
	waitErr := a.in.whole(a.maxElem, "element")
	// With what follows it in view, so that a value that is malformed at its end
	// is not taken for one that was cut off.
	a.d.data, a.d.pos, a.d.base, a.d.depth, a.d.short = a.in.ahead(), 0, a.in.offset(), 1, false
	raw, err := a.d.raw()
	if a.d.short && waitErr != nil {
		return waitErr
	}
	a.in.start += len(raw)
	return err
}

// end makes sure that nothing but space is left.
func (a *Array) end() error {
	switch _, err := a.in.peek(); {
	case a.in.err == io.EOF && a.in.start == a.in.end:
		a.state = afterDocument
		return nil
	case err != nil:
		return err
	}
	return a.in.syntax("expected nothing after the document")
}

// An input is the part of a stream that has arrived and is not used up.
type input struct {
	r          io.Reader
	buf        []byte
	pooled     *[]byte
	start, end int   // buf[start:end] is not used up
	base       int64 // offset of buf[0] in the stream
	err        error // of the reader; io.EOF at the end
}

func (in *input) ahead() []byte { return in.buf[in.start:in.end] }

func (in *input) offset() int64 { return in.base + int64(in.start) }

func (in *input) syntax(msg string) error { return &SyntaxError{Offset: in.offset(), Msg: msg} }

// mismatch is the error for a document whose outer shape is not what was said.
func (in *input) mismatch(want string, c byte) error {
	if c != '"' && c != '{' && c != '[' && c != '-' && !isDigit(c) && c != 't' && c != 'f' && c != 'n' {
		return in.syntax("expected a value")
	}
	return &TypeError{Want: want, Got: kindOf(c)}
}

// peek steps over space and returns the next byte, waiting for it if need be.
func (in *input) peek() (byte, error) {
	for {
		for ; in.start < in.end; in.start++ {
			if c := in.buf[in.start]; !isSpace(c) {
				return c, nil
			}
		}
		if err := in.fill(); err != nil {
			return 0, err
		}
	}
}

// fill waits for more bytes. The end of the stream is an error here: who asks
// for more needs it.
func (in *input) fill() error {
	if in.err == nil {
		in.makeRoom()
		if in.read() {
			return nil
		}
	}
	if in.err == io.EOF {
		return truncated(in.base + int64(in.end))
	}
	return in.err
}

// read calls the reader until it gives something, and reports whether it did. An
// error that comes with the last bytes is met by the next fill.
func (in *input) read() bool {
	const maxEmpty = 100
	for range maxEmpty {
		var n int
		n, in.err = in.r.Read(in.buf[in.end:])
		in.end += n
		if n > 0 {
			return true
		}
		if in.err != nil {
			return false
		}
	}
	in.err = io.ErrNoProgress
	return false
}

// makeRoom moves what is not used up to the front where the back gets tight, and
// doubles the buffer where that does not help.
func (in *input) makeRoom() {
	if in.start == in.end {
		in.base += int64(in.start)
		in.start, in.end = 0, 0
	}

	if len(in.buf)-in.end >= len(in.buf)/4 {
		return
	}

	if in.start > 0 {
		in.base += int64(in.start)
		copy(in.buf, in.buf[in.start:in.end])
		in.start, in.end = 0, in.end-in.start
	}
	if in.end == len(in.buf) {
		bigger := make([]byte, 2*len(in.buf))
		copy(bigger, in.buf)
		in.buf = bigger
	}
}

// whole waits until the value at the start is there up to its end. It only looks
// for the end; the value may turn out to be malformed. Each byte is looked at once,
// however many reads it takes.
func (in *input) whole(limit int, what string) error {
	var e edge
	for {
		data := in.ahead()
		done := e.find(data)
		if e.pos > limit {
			return &LimitError{What: what, Limit: limit}
		}
		if done {
			return nil
		}
		if err := in.fill(); err != nil {
			return err
		}
	}
}

// An edge looks for the end of a value, and goes on where it left off when more
// of it is there.
type edge struct {
	pos      int // bytes known to belong to the value
	depth    int
	inString bool
}

// find looks at what it has not seen of data, and reports whether it found the end.
func (e *edge) find(data []byte) bool {
	for e.pos < len(data) {
		if e.inString {
			e.pos = plainRun(data, e.pos)
			switch {
			case e.pos == len(data):
				return false
			case data[e.pos] == '\\' && e.pos+1 == len(data):
				return false // the next byte belongs to it
			case data[e.pos] == '\\':
				e.pos += 2
			case data[e.pos] == '"':
				e.pos++
				e.inString = false
				if e.depth == 0 {
					return true
				}
			default:
				e.pos++
			}
			continue
		}

		switch c := data[e.pos]; c {
		case '"':
			e.inString = true
		case '{', '[':
			e.depth++
		case '}', ']':
			if e.depth == 0 {
				return true // of what is around it
			}
			if e.depth--; e.depth == 0 {
				e.pos++
				return true
			}
		case ',', ':', ' ', '\t', '\r', '\n':
			if e.depth == 0 && e.pos > 0 {
				return true
			}
		}
		e.pos++
	}

	return false
}
