package avayatest

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math/rand/v2"
	"mime"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// object is a JSON object as it came: unknown fields are kept, and numbers are
// json.Number, so that no digit is lost.
type object = map[string]any

// object reads the body of a request.
func (r *request) object() (object, *problem) {
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/json" {
		return nil, wrongMediaType()
	}
	o, err := simnet.DecodeObject(r.body)
	if err != nil {
		return nil, badRequest("JSON parse error")
	}
	return o, nil
}

// mustObject turns what a test hands in into an object: JSON as a string or
// bytes, or anything that marshals to an object. Nil is an empty object.
func mustObject(what string, v any) object {
	if v == nil {
		return object{}
	}
	o, err := simnet.SeedObject(v)
	if err != nil {
		panic("avayatest: " + what + ": " + err.Error())
	}
	return o
}

// clone copies a JSON value to its depth.
func clone[T any](v T) T {
	var walk func(any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case object:
			out := make(object, len(v))
			for k, e := range v {
				out[k] = walk(e)
			}
			return out
		case []any:
			out := make([]any, len(v))
			for i, e := range v {
				out[i] = walk(e)
			}
			return out
		}
		return v
	}
	out, _ := walk(v).(T) // nil stays nil
	return out
}

func equal(a, b any) bool { return bytes.Equal(simnet.Encode(a), simnet.Encode(b)) }

// text, list and child read a field that may not be there or be something else.
func text(v any) string  { s, _ := v.(string); return s }
func list(v any) []any   { l, _ := v.([]any); return l }
func child(v any) object { o, _ := v.(object); return o }

// children returns the objects in a list.
func children(v any) (out []object) {
	for _, e := range list(v) {
		if o := child(e); o != nil {
			out = append(out, o)
		}
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (s *Server) fold(v string) string {
	if s.cfg.foldCase {
		return strings.ToLower(v)
	}
	return v
}

// A table keeps entities by id, in the order they came.
type table[E comparable] = simnet.Table[string, E]

// ids gives out ids that look random and are the same every time: a stream for
// each kind of thing, so that one more user does not change a queue's id.
type ids struct {
	streams map[string]*rand.Rand
	numbers map[string]int
}

func newIDs() ids {
	return ids{streams: map[string]*rand.Rand{}, numbers: map[string]int{}}
}

func (i *ids) stream(kind string) *rand.Rand {
	if i.streams[kind] == nil {
		h := fnv.New64a()
		io.WriteString(h, kind)
		i.streams[kind] = rand.New(rand.NewPCG(1, h.Sum64()))
	}
	return i.streams[kind]
}

// uuid gives out a version 4 UUID.
func (i *ids) uuid(kind string) string {
	r := i.stream(kind)
	hi, lo := r.Uint64(), r.Uint64()
	// The version and the variant of RFC 9562.
	hi = hi&^0xf000 | 0x4000
	lo = lo&^(0xc<<60) | 0x8<<60
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&0xffffffffffff)
}

// word gives out n characters of an id such as NGHTV1.
func (i *ids) word(kind string, n int) string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	r := i.stream(kind)
	var b strings.Builder
	for range n {
		b.WriteByte(letters[r.IntN(len(letters))])
	}
	return b.String()
}

// next counts from 1.
func (i *ids) next(kind string) int {
	i.numbers[kind]++
	return i.numbers[kind]
}
