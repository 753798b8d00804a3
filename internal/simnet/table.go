package simnet

import "slices"

// Table holds things by id, in the order in which they came. The zero value is ready.
type Table[K, V comparable] struct {
	byID  map[K]V
	order []V
}

// Get returns the thing with an id.
func (t *Table[K, V]) Get(id K) (v V, ok bool) {
	v, ok = t.byID[id]
	return v, ok
}

// At returns the thing with an id, or the zero value.
func (t *Table[K, V]) At(id K) V { return t.byID[id] }

// All returns all things, the oldest first. The slice is the table's own.
func (t *Table[K, V]) All() []V { return t.order }

// Add adds a thing whose id is new.
func (t *Table[K, V]) Add(id K, v V) {
	if t.byID == nil {
		t.byID = map[K]V{}
	}
	t.byID[id] = v
	t.order = append(t.order, v)
}

// Remove removes the thing with an id, if there is one.
func (t *Table[K, V]) Remove(id K) {
	v, ok := t.byID[id]
	if !ok {
		return
	}
	delete(t.byID, id)

	// A new slice: somebody may walk over the old one.
	i := slices.Index(t.order, v)
	t.order = slices.Concat(t.order[:i], t.order[i+1:])
}
