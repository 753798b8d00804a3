package hostile

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// doc is one JSON object.
type doc = map[string]any

// world is everything that is true at a vendor: JSON objects by path ("users/7"),
// and how often the creation of each login was carried out.
type world struct {
	docs     map[string]doc
	creates  map[string]int
	revision int
}

// newWorld reads the objects of a world from one JSON object, by path.
func newWorld(text string) *world {
	w := &world{docs: map[string]doc{}, creates: map[string]int{}, revision: 100}
	if err := json.Unmarshal([]byte(text), &w.docs); err != nil {
		panic(err)
	}
	return w
}

func (w *world) copy() *world {
	c := &world{docs: make(map[string]doc, len(w.docs)), creates: maps.Clone(w.creates), revision: w.revision}
	for path, d := range w.docs {
		c.docs[path] = copied(d).(doc)
	}
	return c
}

func copied(v any) any {
	switch v := v.(type) {
	case doc:
		c := make(doc, len(v))
		for name, member := range v {
			c[name] = copied(member)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, element := range v {
			c[i] = copied(element)
		}
		return c
	}
	return v
}

// same reports whether nothing differs between two worlds.
func (w *world) same(o *world) bool { return reflect.DeepEqual(w.docs, o.docs) }

// under lists the objects whose path begins with a prefix, in the order of their paths.
func (w *world) under(prefix string) []any {
	out := []any{}
	for _, path := range slices.Sorted(maps.Keys(w.docs)) {
		if strings.HasPrefix(path, prefix) {
			out = append(out, w.docs[path])
		}
	}
	return out
}

// put stores an object and counts the change.
func (w *world) put(path string, d doc) {
	w.docs[path] = d
	w.revision++
}

// remove deletes all objects whose path contains one of the words.
func (w *world) remove(words ...string) {
	for path := range w.docs {
		if slices.ContainsFunc(words, func(word string) bool { return strings.Contains(path, word) }) {
			delete(w.docs, path)
		}
	}
	w.revision++
}

// is reports whether a member of an object is a value. What is not there is nil.
func (w *world) is(path, member string, value any) bool {
	return w.docs[path] != nil && reflect.DeepEqual(w.docs[path][member], value)
}

// has reports whether a list in an object holds a value.
func (w *world) has(path, member string, value any) bool {
	list, _ := w.docs[path][member].([]any)
	return slices.ContainsFunc(list, func(v any) bool { return reflect.DeepEqual(v, value) })
}

// there reports whether an object exists.
func (w *world) there(path string) bool { return w.docs[path] != nil }

// merged returns an object with the members of a request's body laid over it.
func merged(d doc, body any) doc {
	out := copied(d).(doc)
	if members, ok := body.(doc); ok {
		maps.Copy(out, copied(members).(doc))
	}
	return out
}

// without returns an object without some members.
func without(d doc, members ...string) doc {
	out := copied(d).(doc)
	for _, m := range members {
		delete(out, m)
	}
	return out
}

// text writes a value as JSON.
func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}
