package avayatest

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// A user is stored as its own values, and rendered with its profile's.
type user struct {
	id       string
	own      object
	password string
	assigned object // what the server fills in beside a voice feature
	loggedIn bool
	op       *operation // the last change; nil if it left no status

	// The roles that were last applied, own and effective, for when a change
	// of them fails: roles are all or none.
	ownRoles, roles any
	rolesFailed     bool
}

// deleting reports whether a delete was accepted and has not failed.
func (s *Server) deleting(op *operation) bool {
	if op == nil || !op.remove {
		return false
	}
	over, known := op.over()
	return !op.failed || !known || s.now().Before(over)
}

// inherited are the fields that a profile gives its users.
var inherited = []string{"roles", "memberOfGroups", "resourcePartitions", "features", "uxProfileId"}

// effective merges the profile's values into the user's own. The result shares
// values with both and must not be changed.
func (s *Server) effective(u *user) object {
	out := object{"userId": u.id}
	maps.Copy(out, u.own)

	if p, ok := s.profiles.Get(text(u.own["profileId"])); ok {
		for _, name := range inherited {
			v, has := p.own[name]
			if !has {
				continue
			}
			own, overridden := out[name]
			switch {
			case !overridden:
				out[name] = v
			case name == "features" && s.cfg.mergeFeatures:
				merged := object{}
				for _, from := range []any{v, own} {
					maps.Copy(merged, child(from))
				}
				out[name] = merged
			}
		}
	}

	if u.rolesFailed {
		setOrDelete(out, "roles", u.roles)
	}
	return out
}

func setOrDelete(o object, name string, v any) {
	if v == nil {
		delete(o, name)
	} else {
		o[name] = v
	}
}

// stored returns a user's own values.
func (u *user) stored() object {
	out := clone(u.own)
	out["userId"] = u.id
	if u.rolesFailed {
		setOrDelete(out, "roles", clone(u.ownRoles))
	}
	return out
}

// renderUser is the user as responses show it: effective, with what the server
// fills in, and with defaults.
func (s *Server) renderUser(u *user) object {
	out := clone(s.effective(u))

	features := child(out["features"])
	for _, name := range []string{"voice", "chat", "email", "messaging"} {
		f := child(features[name])
		if f == nil {
			continue
		}

		// The numbers are drawn when they are first shown, and kept.
		if u.assigned == nil {
			n := s.ids.next("extension")
			u.assigned = object{
				"userExtension":                         strconv.Itoa(20000 + n),
				"emergencyLocationIdentificationNumber": strconv.Itoa(5550100000 + n),
				"agent":                                 s.ids.uuid("provider"),
			}
		}

		f["providers"] = []any{object{
			"providerAgentId": u.assigned["agent"], "channelProviderId": s.channelProvider(name),
		}}

		if name == "voice" {
			f["userExtension"] = u.assigned["userExtension"]
			f["emergencyLocationIdentificationNumber"] = u.assigned["emergencyLocationIdentificationNumber"]
			if s.cfg.voicePassword {
				f["password"] = "station-" + text(u.assigned["userExtension"])
			}
		}
	}

	for _, q := range children(child(features[matchingFeature])["queues"]) {
		if q["proficiency"] == nil {
			q["proficiency"] = 8
		}
	}

	return out
}

// channelProvider is the same for all users of a channel.
func (s *Server) channelProvider(channel string) string {
	i := newIDs()
	return i.uuid("channel " + channel)
}

// visible reports whether requests can see a user.
func (s *Server) visible(u *user) bool { return !s.cfg.hideDeleting || !s.deleting(u.op) }

// lookUpUser finds the user that a path names.
func (s *Server) lookUpUser(r *request) (*user, *problem) {
	if !uuidPattern.MatchString(r.id) {
		return nil, invalid(violation{"userId", "must be a UUID", codePattern})
	}
	if u, ok := s.users.Get(r.id); ok && s.visible(u) {
		return u, nil
	}
	return nil, notFound("The user does not exist")
}

func (s *Server) getUser(r *request) answer {
	u, p := s.lookUpUser(r)
	if p != nil {
		return fail(p)
	}
	return answer{status: http.StatusOK, body: s.renderUser(u)}
}

// checkUser reads a user from a request: own values and password. Before is
// the user that is replaced, or nil.
func (s *Server) checkUser(r *request, before *user) (own object, password string, p *problem) {
	if own, p = s.read(r, userSchema); p != nil {
		return nil, "", p
	}
	password = text(own["password"])
	delete(own, "password")

	known := map[string]bool{}
	if before != nil {
		for _, a := range list(before.own["addresses"]) {
			known[text(child(a)["addressId"])] = true
		}
	}
	for _, a := range list(own["addresses"]) {
		if a := child(a); !known[text(a["addressId"])] {
			a["addressId"] = s.ids.uuid("address")
		}
	}
	return own, password, nil
}

// checkUnique finds other users with the same login or mail address.
func (s *Server) checkUnique(own object, id string) *problem {
	var vs []violation
	for _, f := range []struct {
		field string
		index map[string]string
	}{{"loginId", s.logins}, {"emailId", s.emails}} {
		v := text(own[f.field])
		if other, taken := f.index[s.fold(v)]; v != "" && taken && other != id {
			vs = append(vs, violation{f.field, "already exists", 0})
		}
	}

	if vs != nil {
		return conflict(vs...)
	}
	return nil
}

// store puts own values in place and keeps the indexes.
func (s *Server) store(u *user, own object) {
	s.unindex(u)
	u.own = own
	for field, index := range map[string]map[string]string{"loginId": s.logins, "emailId": s.emails} {
		if v := text(own[field]); v != "" {
			index[s.fold(v)] = u.id
		}
	}
}

func (s *Server) unindex(u *user) {
	for field, index := range map[string]map[string]string{"loginId": s.logins, "emailId": s.emails} {
		if v := s.fold(text(u.own[field])); index[v] == u.id {
			delete(index, v)
		}
	}
}

func (s *Server) createUser(r *request) answer {
	own, password, p := s.checkUser(r, nil)
	if p != nil {
		return fail(p)
	}
	refs, p := s.checkReferences(own, nil)
	if p != nil {
		return fail(p)
	}
	if p := s.checkUnique(own, ""); p != nil {
		return fail(p)
	}

	u := &user{id: s.ids.uuid("user")}
	s.store(u, own)
	s.users.Add(u.id, u)
	return s.acceptUser(r, u, object{}, true, refs, password)
}

func (s *Server) replaceUser(r *request) answer {
	u, lookUp := s.lookUpUser(r)
	if lookUp == nil && s.deleting(u.op) {
		lookUp = notFound("The user is being deleted")
	}

	// A bad request is answered as one even if there is no such user.
	own, password, p := s.checkUser(r, u)
	if p != nil {
		return fail(p)
	}

	if lookUp != nil {
		return fail(lookUp)
	}
	refs, p := s.checkReferences(own, u.own)
	if p != nil {
		return fail(p)
	}
	if p := s.checkUnique(own, u.id); p != nil {
		return fail(p)
	}

	before := s.effective(u)
	s.store(u, own)
	u.rolesFailed = false
	return s.acceptUser(r, u, before, false, refs, password)
}

// acceptUser begins the background work of a create or replace.
func (s *Server) acceptUser(r *request, u *user, before object, create bool, refs []reference, password string) answer {
	after := s.effective(u)
	badPassword := password != "" && !s.cfg.passwordRule(password)

	c := change{of: "user", create: create}
	c.partitions = len(list(after["resourcePartitions"])) > 0
	c.noMatching = create && s.hidesMatching("user")

	var last *status
	if u.op != nil {
		last = u.op.settled(s.now())
	}
	oldFeatures, newFeatures := child(before["features"]), child(after["features"])
	s.diff(&c, oldFeatures, newFeatures, last)

	c.failure = failsLater(s.failureFor(r.op, u.id, u.own, c.parts), refs, badPassword)
	c.roles = len(list(after["roles"])) > 0 || c.failure != nil && (c.failure.Roles || c.failure.PasswordPolicy)

	if u.loggedIn {
		c.deferred = deferredFeatures(oldFeatures, newFeatures)
		if u.op != nil && u.op.deferred != nil && u.op.released.IsZero() {
			maps.Copy(c.deferred, u.op.waitingFor) // what waited before still waits
		}
	}

	// A new password holds at once, even if the change fails later.
	if password != "" && (c.failure == nil || !c.failure.PasswordPolicy) {
		u.password = password
	}

	// Quiet: the change would show nothing in the status list.
	quiet := s.cfg.quietUpdates && c.failure == nil && s.settled(u) &&
		equal(oldFeatures, newFeatures) && equal(list(before["roles"]), list(after["roles"]))
	if quiet {
		u.ownRoles, u.roles = u.own["roles"], after["roles"]
	} else {
		old := u.op
		u.op = s.operation(c, old, func(o *operation, _ time.Time) {
			if u.rolesFailed = o.noRoles; !u.rolesFailed {
				u.ownRoles, u.roles = u.own["roles"], s.effective(u)["roles"]
			}
		})
		s.begin(old, u.op)
	}

	return answer{status: http.StatusAccepted, body: s.renderUser(u)}
}

// settled reports whether nothing is under way and nothing has failed.
func (s *Server) settled(u *user) bool {
	if u.op == nil {
		return true
	}
	over, known := u.op.over()
	return known && !s.now().Before(over) && !u.op.failed
}

// deferredFeatures returns those whose change waits while the user is logged in: all but
// matching. A change of the multiplicity alone does not wait.
func deferredFeatures(before, after object) map[string]bool {
	out := map[string]bool{}
	plain := func(v any) any {
		f := child(clone(v))
		delete(f, "multiplicity")
		return f
	}
	for _, name := range slices.Concat(sortedKeys(before), sortedKeys(after)) {
		old, had := before[name]
		now, has := after[name]
		if name != matchingFeature && (had != has || !equal(plain(old), plain(now))) {
			out[name] = true
		}
	}
	return out
}

func (s *Server) deleteUser(r *request) answer {
	u, p := s.lookUpUser(r)
	if p != nil {
		switch {
		case p.status != http.StatusNotFound:
			return fail(p)
		case s.cfg.unknownDelete == http.StatusNoContent:
			return answer{status: http.StatusNoContent}
		}
		return fail(refusal(s.cfg.unknownDelete, p.detail))
	}

	if s.deleting(u.op) {
		return answer{status: http.StatusNoContent}
	}

	c := change{of: "user", remove: true, parts: deletes(s.effective(u))}
	c.failure = s.failureFor(r.op, u.id, u.own, c.parts)

	if u.loggedIn {
		c.deferred = map[string]bool{}
		for name := range c.parts {
			c.deferred[name] = true
		}
	}

	old := u.op
	u.op = s.operation(c, old, func(o *operation, at time.Time) {
		if !o.failed {
			s.removeUser(u)
			s.gone[u.id] = tombstone{o.final, at.Add(s.cfg.delays.Gone)}
		}
	})
	s.begin(old, u.op)

	return answer{status: http.StatusNoContent}
}

// deletes returns the parts of a delete: all features.
func deletes(entity object) map[string]string {
	parts := map[string]string{}
	for name := range child(entity["features"]) {
		parts[name] = actionDelete
	}
	return parts
}

func (s *Server) removeUser(u *user) {
	s.unindex(u)
	s.users.Remove(u.id)
}

func (s *Server) listUserStatuses(r *request) answer {
	return s.listStatuses(r, "userIds", "userId", rule{}, func(id string) *status {
		if u, ok := s.users.Get(id); ok {
			return s.statusOf(id, u.op)
		}
		return s.statusOf(id, nil)
	})
}
