package livepersontest

import (
	"bufio"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// resource is what the collections of Account Config have in common.
type resource struct {
	*collection
	name            string
	defaultVersion  string
	revisionHeaders []string
	short           []string // the fields of a list without select; nil means all
	shortAlways     bool     // also with WithFullLists
	created         int      // the status of a create
	mayBeBlank      []string // required fields that a replace may send as ""
	// prepare completes an object that is created (old is nil) or replaces old,
	// or refuses it. Its known fields are converted and those that the server
	// sets are gone.
	prepare func(c *call, old, in object) *problem
	// mayDelete, if set, may refuse to delete.
	mayDelete func(o object) *problem
	// derive, if set, completes what is answered.
	derive func(objects []object) []object
}

const dateLayout = "2006-01-02 15:04:05"

func today() string { return time.Now().UTC().Format(dateLayout) }

// answerWith answers with objects of a resource: an array, or with single the
// one object.
func (s *Server) answerWith(c *call, status int, v *view, objects []object, single bool) *answer {
	res := c.resource
	if res.derive != nil {
		objects = res.derive(objects)
	}

	f := s.formatOf(c)
	a := &answer{Status: status}
	a.Set("Content-Type", jsonType)
	res.stamp(a, v)

	a.Write = func(w *bufio.Writer) {
		var buf []byte

		if !single {
			w.WriteByte('[')
		}

		for i, o := range objects {
			buf = buf[:0]
			if i > 0 {
				buf = append(buf, ',')
			}
			of := f
			if c.op == "Users.Get" && s.cfg.passwordEcho {
				of = echoing(f, o)
			}
			buf = of.append(buf, res.schema, o)
			if _, err := w.Write(buf); err != nil {
				return // the client has gone
			}
		}

		if !single {
			w.WriteByte(']')
		}
	}

	return a
}

func (s *Server) formatOf(c *call) *format {
	f := &format{sel: c.sel, version: c.version, samples: s.cfg.sampleTypes, hidden: c.resource.hidden()}
	if c.resource.name == "users" {
		f.masked = s.cfg.masked
	}
	return f
}

func (s *Server) list(c *call) *answer {
	res := c.resource
	v := res.view(c.readOnly)
	if a := s.unchanged(c, v); a != nil {
		return a
	}

	deleted := false
	if value := c.query.Get("include_deleted"); value != "" {
		var ok bool
		if deleted, ok = asBool(value); !ok {
			return invalid("include_deleted: %q is not a boolean", value)
		}
	}

	if c.query.Get("select") == "" && res.short != nil && (!s.cfg.fullLists || res.shortAlways) {
		c.sel = selectNames(res.short...)
	}

	var objects []object
	if deleted {
		for _, id := range v.order {
			objects = append(objects, v.objects[id])
		}
	} else {
		objects = v.live()
	}
	return s.answerWith(c, http.StatusOK, v, objects, false)
}

func (s *Server) get(c *call) *answer {
	v := c.resource.view(c.readOnly)
	o, ok := v.get(c.id)
	if !ok {
		return notFound()
	}
	if a := s.unchanged(c, v); a != nil {
		return a
	}
	return s.answerWith(c, http.StatusOK, v, []object{o}, true)
}

func (s *Server) create(c *call) *answer {
	res := c.resource
	items, single, p := decodeItems(c.body)
	if p != nil {
		return p
	}

	names := map[string]bool{}

	// Nothing is stored before all are accepted.
	for _, in := range items {
		if p := s.accept(c, nil, in); p != nil {
			return p
		}
		name := word(in, res.unique)
		if names[name] || res.taken(in, 0) {
			return refuse(s.cfg.duplicateStatus, "%s %q is already in use", res.unique, name)
		}
		names[name] = true
	}
	for _, in := range items {
		s.finish(res, in)
	}
	res.put(items...)

	a := s.answerWith(c, res.created, &res.now, items, single)
	if single {
		id, _ := number(items[0], "id")
		a.Set("location", strings.TrimSuffix(c.request.URL.EscapedPath(), "/")+"/"+strconv.FormatInt(id, 10))
	}
	return a
}

// finish gives a new object what only the server sets.
func (s *Server) finish(res *resource, o object) {
	o["id"] = res.newID()
	s.complete(res, o)
}

func (s *Server) complete(res *resource, o object) {
	if res.schema.byName["dateUpdated"] != nil {
		o["dateUpdated"] = today()
	}
	if id, _ := number(o, "id"); res.schema.byName["pid"] != nil && o["pid"] == nil {
		o["pid"] = pidOf(id)
	}
}

// accept converts and completes an object that is written.
func (s *Server) accept(c *call, old, in object) *problem {
	res := c.resource
	for name := range in {
		if f := res.schema.byName[name]; f != nil && f.given {
			delete(in, name)
		}
	}

	if err := res.schema.normalise(in); err != nil {
		return invalid("%v", err)
	}

	// A version that does not know a field neither reads nor writes it.
	for _, f := range res.schema.fields {
		if f.since <= c.version {
			continue
		}
		if delete(in, f.name); old[f.name] != nil {
			in[f.name] = old[f.name]
		}
	}

	var blank []string
	if old != nil {
		blank = res.mayBeBlank
	}
	if name := res.schema.missing(in, blank...); name != "" {
		return invalid("%s is required", name)
	}

	if res.prepare == nil {
		return nil
	}
	return res.prepare(c, old, in)
}

func (s *Server) replace(c *call) *answer {
	if p := s.stale(c); p != nil {
		return p
	}
	in, p := decodeObject(c.body)
	if p != nil {
		return p
	}
	id, ok := asLong(in["id"])
	if !ok {
		return invalid("id is required")
	}
	if id != c.id {
		return invalid("the id %d is not the path's", id)
	}
	return s.replaceAll(c, []object{in}, true)
}

func (s *Server) replaceMany(c *call) *answer {
	if p := s.stale(c); p != nil {
		return p
	}
	items, single, p := decodeItems(c.body)
	if p != nil {
		return p
	}
	if single {
		return invalid("the body is not an array")
	}
	return s.replaceAll(c, items, false)
}

// replaceAll replaces all objects or none.
func (s *Server) replaceAll(c *call, items []object, single bool) *answer {
	res := c.resource
	var done []object
	seen, names := map[int64]bool{}, map[string]bool{}
	for _, in := range items {
		id, ok := asLong(in["id"])
		if !ok {
			return invalid("id is required")
		}
		if seen[id] {
			return invalid("id %d is given twice", id)
		}
		seen[id] = true

		old, ok := res.now.get(id)
		if !ok {
			if s.cfg.partialBatches && !single {
				continue
			}
			return notFound()
		}

		if p := s.accept(c, old, in); p != nil {
			return p
		}
		if name := word(in, res.unique); names[name] || res.taken(in, id) {
			return refuse(s.cfg.duplicateStatus, "%s %q is already in use", res.unique, name)
		} else {
			names[name] = true
		}

		in["id"] = id
		s.complete(res, in)
		done = append(done, in)
	}

	if done == nil {
		return notFound()
	}

	res.put(done...)
	return s.answerWith(c, http.StatusOK, &res.now, done, single)
}

func (s *Server) delete(c *call) *answer {
	if p := s.stale(c); p != nil {
		return p
	}
	return s.deleteAll(c, []int64{c.id}, true)
}

func (s *Server) deleteMany(c *call) *answer {
	if p := s.stale(c); p != nil {
		return p
	}
	var v any
	if err := simnet.Decode(c.body, &v); err != nil {
		return invalid("the body is not JSON: %v", err)
	}

	items, _ := v.([]any)
	var ids []int64
	for _, item := range items {
		id, ok := asLong(item)
		if !ok || slices.Contains(ids, id) {
			return invalid("not an array of different ids")
		}
		ids = append(ids, id)
	}

	if ids == nil {
		return invalid("not an array of ids")
	}
	return s.deleteAll(c, ids, false)
}

// deleteAll deletes all objects or none. Deletion is soft.
func (s *Server) deleteAll(c *call, ids []int64, single bool) *answer {
	res := c.resource
	var done []object
	for _, id := range ids {
		old, ok := res.now.get(id)
		if !ok {
			if s.cfg.partialBatches && !single {
				continue
			}
			return notFound()
		}

		if res.mayDelete != nil {
			if p := res.mayDelete(old); p != nil {
				return p
			}
		}

		o := copyOf(old)
		o["deleted"] = true
		s.complete(res, o)
		done = append(done, o)
	}

	if done == nil {
		return notFound()
	}

	res.put(done...)
	if s.cfg.emptyDeletes {
		return res.stamp(&answer{Status: http.StatusOK}, &res.now)
	}
	return s.answerWith(c, http.StatusOK, &res.now, done, single)
}

// decodeItems decodes an object, or an array of at least one.
func decodeItems(body []byte) (items []object, single bool, p *problem) {
	var v any
	if err := simnet.Decode(body, &v); err != nil {
		return nil, false, invalid("the body is not JSON: %v", err)
	}

	switch v := v.(type) {
	case object:
		return []object{v}, true, nil
	case []any:
		for _, item := range v {
			o, ok := item.(object)
			if !ok {
				return nil, false, invalid("not an array of objects")
			}
			items = append(items, o)
		}
		if items != nil {
			return items, false, nil
		}
	}
	return nil, false, invalid("neither an object nor an array of objects")
}

// hidden names the fields that are stored and never answered.
func (r *resource) hidden() map[string]bool {
	if r.name == "users" {
		return secrets
	}
	return nil
}

// echoing is a format that also shows the hash of a user's password.
func echoing(f *format, o object) *format {
	echo := *f
	echo.hidden = maps.Clone(f.hidden)
	delete(echo.hidden, "passwordSh")
	if password := word(o, "passwordSh"); password != "" {
		echo.replace = map[string]string{"passwordSh": hash(password)}
	}
	return &echo
}
