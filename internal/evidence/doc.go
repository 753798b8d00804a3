// Package evidence decides what counts as evidence after a write, once for all
// vendors: whether a value shows what was sent (compare.go, and sidebyside.go, objects.go
// and lists.go, which read the two texts), how long a change that
// does not show yet is looked for (readback.go), what a write that was accepted, refused
// or lost means together with the look after it (effect.go), and which own writes a
// stale read must not undo (memory.go). Vendors supply facts: how a field is compared,
// what is masked, how an object is read.
package evidence
