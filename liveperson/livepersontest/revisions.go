package livepersontest

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// collection holds the objects of one kind and counts their changes.
type collection struct {
	kind   string // singular, for messages
	schema *schema
	unique string // the field whose values are unique
	// reusable says that a deleted object gives its unique value back.
	reusable bool
	next     int64 // the next id
	owners   map[string]int64
	now      view // what the read-write host shows

	// What the read-only host shows, if it lags, or with a lag of all reads both hosts.
	delay, lag time.Duration
	replica    view
	pending    []change
}

// view is a collection as one host shows it.
type view struct {
	objects  map[int64]object
	order    []int64
	revision int64
	modified time.Time
}

// change is one successful write.
type change struct {
	objects  []object
	revision int64
	modified time.Time
	at       time.Time // by the clock
}

func newCollection(kind string, s *schema, unique string, firstID int64) *collection {
	return &collection{
		kind: kind, schema: s, unique: unique, reusable: true, next: firstID, owners: map[string]int64{},
		now: view{objects: map[int64]object{}}, replica: view{objects: map[int64]object{}},
	}
}

// newID returns an id that was not used before. Ids do not depend on time or
// chance, and are above 2^32.
func (c *collection) newID() int64 {
	for {
		id := c.next
		c.next += 10
		if _, ok := c.now.objects[id]; !ok {
			return id
		}
	}
}

// get returns an object that is not deleted.
func (v *view) get(id int64) (object, bool) {
	o, ok := v.objects[id]
	return o, ok && !flag(o, "deleted")
}

func (v *view) live() []object {
	out := make([]object, 0, len(v.order))
	for _, id := range v.order {
		if o, ok := v.get(id); ok {
			out = append(out, o)
		}
	}
	return out
}

func (v *view) apply(ch change) {
	for _, o := range ch.objects {
		id, _ := number(o, "id")
		if _, ok := v.objects[id]; !ok {
			v.order = append(v.order, id)
		}
		v.objects[id] = o
	}
	v.revision, v.modified = ch.revision, ch.modified
}

// put stores new versions of objects as one change: the revision grows by one.
func (c *collection) put(objects ...object) {
	ch := c.write(objects)
	if c.delay+c.lag > 0 {
		c.pending = append(c.pending, ch)
	}
}

// seed is put without replication delay.
func (c *collection) seed(objects ...object) {
	ch := c.write(objects)
	if c.delay+c.lag == 0 {
		return
	}
	if len(c.pending) > 0 {
		ch.revision = c.replica.revision // what is pending is still to come
	}
	c.replica.apply(ch)
}

func (c *collection) write(objects []object) change {
	for _, o := range objects {
		id, _ := number(o, "id")
		if old := c.now.objects[id]; old != nil && c.owners[word(old, c.unique)] == id {
			delete(c.owners, word(old, c.unique))
		}
		if !flag(o, "deleted") || !c.reusable {
			c.owners[word(o, c.unique)] = id
		}
	}

	// Milliseconds, strictly growing: X-LP-Last-Modified tells versions apart.
	now := time.Now()
	modified := now.Truncate(time.Millisecond)
	if !modified.After(c.now.modified) {
		modified = c.now.modified.Add(time.Millisecond)
	}

	ch := change{objects: objects, revision: c.now.revision + 1, modified: modified, at: now}
	c.now.apply(ch)
	return ch
}

// taken reports whether another object has the unique value of this one.
func (c *collection) taken(o object, id int64) bool {
	owner, ok := c.owners[word(o, c.unique)]
	return ok && owner != id
}

// view returns what a read of a host shows: the lagging replica, or the present state.
func (c *collection) view(readOnly bool) *view {
	lag := c.lag
	if readOnly {
		lag = max(lag, c.delay)
	}
	if lag == 0 {
		return &c.now
	}

	due := time.Now().Add(-lag)
	for len(c.pending) > 0 && !c.pending[0].at.After(due) {
		c.replica.apply(c.pending[0])
		c.pending = c.pending[1:]
	}
	return &c.replica
}

// copyOf returns a copy of an object, to change before it is put back.
func copyOf(o object) object { return maps.Clone(o) }

// stamp sets the headers that tell a collection's revision.
func (r *resource) stamp(a *answer, v *view) *answer {
	for _, name := range r.revisionHeaders {
		if name == lastModified {
			a.Set(name, strconv.FormatInt(v.modified.UnixMilli(), 10))
		} else {
			a.Set(name, strconv.FormatInt(v.revision, 10))
		}
	}
	return a
}

// lastModified is the header by which profiles tell their version, instead of
// If-Match and a revision.
const lastModified = "X-LP-Last-Modified"

// known returns the revision that the client names, if it names one. Any is true for
// the words that stand for every revision.
func (r *resource) known(c *call) (revision int64, any, named bool, p *problem) {
	header := "If-Match"
	if slices.Contains(r.revisionHeaders, lastModified) {
		header = lastModified
	}
	value := c.request.Header.Get(header)
	switch value {
	case "":
		return 0, false, false, nil
	case "-1", "*":
		return 0, true, true, nil
	}

	revision, err := strconv.ParseInt(value, 10, 64)
	if err != nil || revision < 0 {
		return 0, false, false, invalid("%s: %q is not a revision", header, value)
	}
	return revision, false, true, nil
}

func (r *resource) current(v *view) int64 {
	if slices.Contains(r.revisionHeaders, lastModified) {
		return v.modified.UnixMilli()
	}
	return v.revision
}

// unchanged answers a read whose client knows the current revision: here If-Match means
// what If-None-Match means elsewhere.
func (s *Server) unchanged(c *call, v *view) *answer {
	revision, any, named, p := c.resource.known(c)
	if p != nil || !named || any || revision != c.resource.current(v) {
		return p
	}
	return c.resource.stamp(&answer{Status: http.StatusNotModified}, v)
}

// stale refuses a write whose client does not know the current revision.
func (s *Server) stale(c *call) *problem {
	revision, any, named, p := c.resource.known(c)
	switch v := &c.resource.collection.now; {
	case p != nil:
		return p
	case !named && s.cfg.revisionRequired:
		return refuse(s.cfg.staleStatus, "the request names no revision")
	case named && !any && revision != c.resource.current(v):
		return refuse(s.cfg.staleStatus, "revision %d is not the current one, %d", revision, c.resource.current(v))
	}
	return nil
}
