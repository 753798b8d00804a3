package avayatest

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// The vendor's words for what an operation does and how far it is.
const (
	actionAdd    = "ADD"
	actionUpdate = "UPDATE"
	actionDelete = "DELETE"

	inProgress       = "IN_PROGRESS"
	completed        = "COMPLETED"
	failed           = "FAILED"
	pending          = "PENDING"
	deleteInProgress = "DELETE_IN_PROGRESS"
	deleted          = "DELETED"
)

// matchingFeature is the one feature that never waits for a logout.
const matchingFeature = "matching"

// A part is one action and how far it is.
type part struct{ action, status, message string }

func (p part) object() object {
	return object{"action": p.action, "status": p.status, "message": p.message}
}

// A status is the latest state of an entity: as a whole, of its roles, and of
// each feature.
type status struct {
	overall    part
	role       *part
	partitions *part
	features   map[string]part
}

func (st *status) object(idField, id string) object {
	out := st.overall.object()
	out[idField] = id
	if st.role != nil {
		out["role"] = st.role.object()
	}
	if st.partitions != nil {
		out["resourcePartitions"] = st.partitions.object()
	}
	if len(st.features) > 0 {
		f := object{}
		for name, p := range st.features {
			f[name] = p.object()
		}
		out["features"] = f
	}
	return out
}

// A tombstone is the last status of what has been deleted.
type tombstone struct {
	status *status
	until  time.Time
}

// An operation is one accepted change. All that it will show is decided when it is
// accepted; the time only chooses what is shown now.
type operation struct {
	before   *status // what was shown when it was accepted; nil for nothing
	stale    time.Time
	due      time.Time
	progress *status
	deferred *status // shown after due while the user is logged in; nil if nothing waits
	released time.Time
	// waitingFor are the features that wait.
	waitingFor map[string]bool
	final      *status
	remove     bool // a delete
	failed     bool // overall
	noRoles    bool // the roles were not applied
	finish     func(at time.Time)
}

// at returns what the status list shows.
func (o *operation) at(now time.Time) *status {
	switch {
	case now.Before(o.stale):
		return o.before
	case now.Before(o.due):
		return o.progress
	case o.waiting():
		return o.deferred
	}
	return o.final
}

// settled returns the last status that was not in progress.
func (o *operation) settled(now time.Time) *status {
	switch {
	case now.Before(o.due):
		return o.before
	case o.waiting():
		return o.deferred
	}
	return o.final
}

func (o *operation) waiting() bool { return o.deferred != nil && o.released.IsZero() }

// over returns when the operation was or will be done, if that is known.
func (o *operation) over() (time.Time, bool) {
	if o.waiting() {
		return time.Time{}, false
	}
	if o.released.After(o.due) {
		return o.released, true
	}
	return o.due, true
}

// sweep carries out what has come due. Every request and every look from
// outside begins with it.
func (s *Server) sweep(now time.Time) {
	s.inflight = slices.DeleteFunc(s.inflight, func(o *operation) bool {
		at, known := o.over()
		if !known || now.Before(at) {
			return false
		}
		o.finish(at)
		return true
	})

	for id, t := range s.gone {
		if !now.Before(t.until) {
			delete(s.gone, id)
		}
	}
}

// begin accepts a change. It replaces one that is still under way.
func (s *Server) begin(old, o *operation) {
	s.inflight = slices.DeleteFunc(s.inflight, func(e *operation) bool { return e == old })
	s.inflight = append(s.inflight, o)
	s.sweep(s.now())
}

// A change is what an operation is about to do to a user or profile.
type change struct {
	of         string // user or profile
	create     bool
	remove     bool
	roles      bool              // there is a role part
	partitions bool              // there is a resourcePartitions part
	parts      map[string]string // feature to action
	kept       map[string]part   // features whose state stays as it was
	deferred   map[string]bool   // features that wait for a logout
	failure    *Failure
	noMatching bool // matching has no status
}

// diff decides what happens to each feature.
func (s *Server) diff(c *change, before, after object, last *status) {
	update := actionAdd
	if s.cfg.updateActions {
		update = actionUpdate
	}

	c.parts, c.kept = map[string]string{}, map[string]part{}
	for name, v := range after {
		old, had := before[name]
		var prior part
		known := false
		if last != nil {
			prior, known = last.features[name]
		}

		unchanged := had && equal(old, v) && (!known || prior.status == completed)
		switch {
		case !had:
			c.parts[name] = actionAdd
		case unchanged && c.of == "profile":
		case unchanged && update == actionUpdate && known:
			c.kept[name] = prior
		default:
			c.parts[name] = update
		}
	}

	if c.of == "profile" {
		for name := range before {
			if _, still := after[name]; !still {
				c.parts[name] = actionDelete
			}
		}
	}
}

// action returns the action that the status shows for the whole change.
func (c *change) action(s *Server) string {
	if c.remove {
		return actionDelete
	}
	deletes := 0
	for _, a := range c.parts {
		if a == actionDelete {
			deletes++
		}
	}

	switch {
	case c.of == "profile" && deletes > 0 && deletes == len(c.parts):
		return actionDelete
	case !c.create && s.cfg.updateActions:
		return actionUpdate
	}
	return actionAdd
}

// operation decides what the change will show, and when.
func (s *Server) operation(c change, old *operation, finish func(o *operation, at time.Time)) *operation {
	now := s.now()
	o := &operation{stale: now.Add(s.cfg.delays.Stale), due: now.Add(s.cfg.delays.Progress), remove: c.remove}
	if old != nil {
		o.before = old.settled(now)
	}
	o.finish = func(at time.Time) { finish(o, at) }

	progressWord, doneWord := inProgress, completed
	if c.remove && c.of == "user" {
		progressWord, doneWord = deleteInProgress, deleted
	}

	action := c.action(s)
	o.progress = s.stage(c, part{action, progressWord, "Operation is in progress"}, func(name, action string) part {
		return part{action, progressWord, "Operation is in progress"}
	})

	// Building the last status tells whether the change fails as a whole.
	o.final = s.stage(c, part{action, doneWord, "Completed successfully"}, func(name, action string) part {
		if p, failing := s.failing(c, name, action); failing {
			o.failed = true
			o.noRoles = o.noRoles || name == ""
			return p
		}
		return part{action, doneWord, doneMessage(c, name, action)}
	})

	if c.failure != nil && c.failure.whole() {
		o.failed = true
	}
	if o.failed {
		o.final.overall.status, o.final.overall.message = failed, "Operation failed"
		if c.failure != nil {
			if c.failure.Status != "" && c.remove {
				o.final.overall.status = c.failure.Status
			}
			if c.failure.Message != "" && c.failure.whole() {
				o.final.overall.message = c.failure.Message
			}
		}
	}

	// While some features wait for the user's logout, the others show their final state.
	if len(c.deferred) > 0 {
		o.waitingFor = c.deferred
		o.deferred = s.deferredStatus(c, o.final)
	}
	return o
}

// deferredStatus is what is shown while features wait for the user's logout: these as
// pending, the others as they are in the end.
func (s *Server) deferredStatus(c change, final *status) *status {
	word := actionUpdate
	if c.remove {
		word = actionDelete
	}
	waiting := part{word, pending, "Operation is in pending update"}

	st := s.stage(c, waiting, func(name, action string) part {
		switch {
		case name == "":
			return waiting
		case c.deferred[name] && action == actionDelete:
			return part{actionDelete, pending, "Feature is in pending update"}
		case c.deferred[name]:
			return part{word, pending, "Feature is in pending update"}
		}
		return final.features[name]
	})

	// Features that the change took away wait too.
	for name := range c.deferred {
		if _, there := c.parts[name]; !there {
			st.features[name] = part{actionDelete, pending, "Feature is in pending update"}
		}
	}
	return st
}

// stage builds one status. The part named "" is the roles.
func (s *Server) stage(c change, overall part, each func(name, action string) part) *status {
	st := &status{overall: overall, features: maps.Clone(c.kept)}
	if st.features == nil {
		st.features = map[string]part{}
	}

	if c.roles {
		p := each("", overall.action)
		st.role = &p
	}
	if c.partitions {
		p := part{overall.action, overall.status, overall.message}
		st.partitions = &p
	}

	for _, name := range sortedKeys(c.parts) {
		p := each(name, c.parts[name])
		if name != matchingFeature || !c.noMatching {
			st.features[name] = p
		}
	}
	return st
}

// doneMessage copies the guide's texts, mistakes included: no program may depend on them.
func doneMessage(c change, name, action string) string {
	switch {
	case name == "":
		return "Added successfully"
	case action == actionUpdate:
		return "Feature updated successfully"
	case action == actionDelete && c.of == "user":
		return "Feature deleted successfully"
	}
	return "Feature added successfully"
}

// hidesMatching reports whether the status of a create omits matching.
func (s *Server) hidesMatching(of string) bool {
	switch s.cfg.matchingOnCreate {
	case MatchingShown:
		return false
	case MatchingHidden:
		return true
	}
	return of == "profile"
}

// statusOf returns what the list shows for an id, or nil.
func (s *Server) statusOf(id string, op *operation) *status {
	if op != nil {
		return op.at(s.now())
	}
	if t, ok := s.gone[id]; ok {
		return t.status
	}
	return nil
}

// listStatuses answers both status lists.
func (s *Server) listStatuses(r *request, field, idField string, item rule, of func(id string) *status) answer {
	body, p := s.read(r, fields{field: {kind: arrayKind, required: true, max: 50, items: &item}})
	if p != nil {
		return fail(p)
	}

	asked := list(body[field])
	out := []any{}
	seen := map[string]bool{}
	missing := 0

	// The order is not guaranteed, so it is never the one that was asked for.
	for _, v := range slices.Backward(asked) {
		id := text(v)
		if seen[id] {
			continue
		}
		seen[id] = true
		if st := of(id); st != nil {
			out = append(out, st.object(idField, id))
		} else {
			missing++
		}
	}

	if s.cfg.unknownStatuses == AnyUnknown404 && missing > 0 ||
		s.cfg.unknownStatuses == Unknown404 && missing > 0 && len(out) == 0 {
		return fail(notFound("No status found"))
	}
	return answer{status: http.StatusOK, body: out}
}
