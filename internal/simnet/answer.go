package simnet

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
)

// Answer is what a simulator has decided to send. It is decided before a byte of it
// leaves, so that no slow reader holds the simulator's lock.
type Answer struct {
	Status int
	Header http.Header // nil means none
	Body   []byte
	// Write, if set, sends the body instead, bit by bit.
	Write func(w *bufio.Writer)
}

// JSON returns an answer with a value as JSON.
func JSON(status int, contentType string, v any) *Answer {
	return Text(status, contentType, Encode(v))
}

// Text returns an answer with a body of a type.
func Text[T string | []byte](status int, contentType string, body T) *Answer {
	return (&Answer{Status: status, Body: []byte(body)}).Set("Content-Type", contentType)
}

// Set sets a header, and returns the answer.
func (a *Answer) Set(name, value string) *Answer {
	if a.Header == nil {
		a.Header = http.Header{}
	}
	a.Header.Set(name, value)
	return a
}

// SetCookie adds a cookie.
func (a *Answer) SetCookie(c *http.Cookie) { a.Set("Set-Cookie", c.String()) }

// Encode returns a value of a simulator's own as JSON, as it is and with nothing after it.
func Encode(v any) []byte {
	text, err := encode(v)
	if err != nil {
		panic(fmt.Sprintf("simulator: %v", err)) // only JSON is ever stored
	}
	return text
}

// encode escapes no HTML: a simulator may show a text as it is.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

func (a *Answer) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.Header)

	if a.Write == nil {
		if a.Status != http.StatusNoContent && a.Status != http.StatusNotModified {
			w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
		}
		w.WriteHeader(a.Status)
		w.Write(a.Body)
		return
	}

	w.WriteHeader(a.Status)
	out := bufio.NewWriterSize(w, 16<<10)
	a.Write(out)
	out.Flush()
}

// cut announces the whole answer, sends only n bytes of its body, and breaks the
// connection.
func (a *Answer) cut(w http.ResponseWriter, n int) {
	body := a.Body
	if a.Write != nil {
		var all bytes.Buffer
		out := bufio.NewWriter(&all)
		a.Write(out)
		out.Flush()
		body = all.Bytes()
	}

	maps.Copy(w.Header(), a.Header)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.Status)
	w.Write(body[:min(n, len(body))])
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	panic(http.ErrAbortHandler)
}
