package avayatest

import (
	"fmt"
	"time"
)

// AddUser stores a user, with nothing under way, and returns its id.
//
// The user is JSON, as a string or bytes, or anything that marshals to a JSON object.
// It is not checked: it may hold what requests may not. A userId is kept; required
// fields that are missing are made up. AddUser panics if it cannot read the JSON or if
// the id, login or mail address is taken.
func (s *Server) AddUser(u any) (id string) {
	defer s.mirror(func(r *Server) { r.AddUser(u) })
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addUser(mustObject("user", u))
}

// AddUsers stores n users with only the required fields.
func (s *Server) AddUsers(n int) (ids []string) {
	defer s.mirror(func(r *Server) { r.AddUsers(n) })
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		ids = append(ids, s.addUser(object{}))
	}
	return ids
}

func (s *Server) addUser(in object) string {
	u := &user{id: s.seedID(in, "userId", func() string { return s.ids.uuid("user") })}
	own := new(checker).object("", in, userSchema)
	u.password = text(own["password"])
	delete(own, "password")

	if text(own["loginId"]) == "" {
		own["loginId"] = fmt.Sprintf("user%04d@example.com", s.ids.next("user"))
	}

	for field, v := range map[string]string{
		"organizationNodeId": s.cfg.account, "firstName": "Test", "lastName": "User",
	} {
		if own[field] == nil {
			own[field] = v
		}
	}

	if _, taken := s.users.Get(u.id); taken {
		panic("avayatest: user " + u.id + " is there already")
	}
	s.mustBeUnique(u.id, own)
	s.store(u, own)
	s.users.Add(u.id, u)

	all := s.effective(u)
	u.ownRoles, u.roles = own["roles"], all["roles"]
	c := change{of: "user", create: true, roles: len(list(all["roles"])) > 0, partitions: len(list(all["resourcePartitions"])) > 0}
	s.diff(&c, nil, child(all["features"]), nil)
	u.op = s.done(c)
	return u.id
}

func (s *Server) mustBeUnique(id string, own object) {
	if p := s.checkUnique(own, id); p != nil {
		panic("avayatest: " + p.violations[0].field + " of user " + text(own["loginId"]) + " is taken")
	}
}

// done is an operation that ended long ago.
func (s *Server) done(c change) *operation {
	o := s.operation(c, nil, func(*operation, time.Time) {})
	o.stale, o.due = time.Time{}, time.Time{}
	return o
}

// seedID takes the id out of a seed, or makes one.
func (s *Server) seedID(in object, field string, fresh func() string) string {
	id := text(in[field])
	delete(in, field)
	if id == "" {
		id = fresh()
	}
	return id
}

// AddProfile stores a profile, as [Server.AddUser] does with a user.
func (s *Server) AddProfile(p any) (id string) {
	defer s.mirror(func(r *Server) { r.AddProfile(p) })
	s.mu.Lock()
	defer s.mu.Unlock()

	in := mustObject("profile", p)
	pr := &profile{id: s.seedID(in, "profileId", func() string { return s.ids.word("profile", 6) })}
	if _, taken := s.profiles.Get(pr.id); taken {
		panic("avayatest: profile " + pr.id + " is there already")
	}

	pr.own = new(checker).object("", in, profileSchema)
	if pr.own["profileName"] == nil {
		pr.own["profileName"] = "Profile " + pr.id
	}
	s.profiles.Add(pr.id, pr)

	c := change{of: "profile", create: true}
	s.diff(&c, nil, child(pr.own["features"]), nil)
	pr.op = s.done(c)
	return pr.id
}

// AddGroup stores a group, as [Server.AddUser] does with a user.
// Members that it names must exist; they get the group in memberOfGroups.
func (s *Server) AddGroup(g any) (id string) {
	defer s.mirror(func(r *Server) { r.AddGroup(g) })
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.addThing(&s.groups, "group", g, groupSchema)
	var members []string
	for _, e := range list(t.own["resources"]) {
		for _, v := range list(child(e)["resourceIds"]) {
			members = append(members, text(v))
		}
	}

	if members != nil {
		s.setMembers(t.id, members)
	}
	return t.id
}

// AddQueue stores a queue, as [Server.AddUser] does with a user. With
// defaultAccountQueue it becomes the account's default queue.
func (s *Server) AddQueue(q any) (id string) {
	defer s.mirror(func(r *Server) { r.AddQueue(q) })
	s.mu.Lock()
	defer s.mu.Unlock()
	in := mustObject("queue", q)
	isDefault := in["defaultAccountQueue"] == true
	t := s.addThing(&s.queues, "queue", in, queueSchema)
	if isDefault {
		for _, other := range s.queues.All() {
			delete(other.own, "defaultAccountQueue")
		}
		t.own["defaultAccountQueue"] = true
	}
	return t.id
}

// AddCategory stores a category and its attributes, as [Server.AddUser]
// does with a user.
func (s *Server) AddCategory(c any) (id string) {
	defer s.mirror(func(r *Server) { r.AddCategory(c) })
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addThing(&s.categories, "category", c, categorySchema).id
}

func (s *Server) addThing(to *table[*thing], what string, v any, schema fields) *thing {
	in := mustObject(what, v)
	t := &thing{id: s.seedID(in, what+"Id", func() string { return s.ids.uuid(what) })}
	if _, taken := to.Get(t.id); taken {
		panic("avayatest: " + what + " " + t.id + " is there already")
	}

	t.own = new(checker).object("", in, schema)
	if t.own["name"] == nil {
		t.own["name"] = fmt.Sprintf("%s %d", what, s.ids.next(what))
	}
	to.Add(t.id, t)
	return t
}

// ChangeUser merges fields (as in [Server.AddUser]; null deletes one) into the own
// values of a user, as another client's write would: at once and without a status.
func (s *Server) ChangeUser(id string, fields any) {
	defer s.mirror(func(r *Server) { r.ChangeUser(id, fields) })
	s.mu.Lock()
	defer s.mu.Unlock()
	u := must(s, &s.users, "user", id)

	own := new(checker).object("", merge(u.own, mustObject("user", fields)), userSchema)
	if password := text(own["password"]); password != "" {
		u.password = password
	}
	delete(own, "password")
	s.mustBeUnique(u.id, own)
	s.store(u, own)

	u.rolesFailed, u.ownRoles, u.roles = false, u.own["roles"], s.effective(u)["roles"]
}

// ChangeProfile changes a profile, as [Server.ChangeUser] does a user.
func (s *Server) ChangeProfile(id string, fields any) {
	defer s.mirror(func(r *Server) { r.ChangeProfile(id, fields) })
	s.mu.Lock()
	defer s.mu.Unlock()
	p := must(s, &s.profiles, "profile", id)
	p.own = new(checker).object("", merge(p.own, mustObject("profile", fields)), profileSchema)
}

func merge(old, fields object) object {
	out := clone(old)
	for name, v := range fields {
		setOrDelete(out, name, v)
	}
	return out
}

// RemoveUser deletes a user as somebody else: at once and without a status.
func (s *Server) RemoveUser(id string) {
	defer s.mirror(func(r *Server) { r.RemoveUser(id) })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removeUser(must(s, &s.users, "user", id))
}

// must finds what a test says exists, or panics.
func must[E comparable](s *Server, t *table[E], what, id string) E {
	s.sweep(s.now())
	e, ok := t.Get(id)
	if !ok {
		panic("avayatest: there is no " + what + " " + id)
	}
	return e
}

// Login marks a user as logged in to the vendor's desktop: changes of its
// channels stay PENDING until [Server.Logout].
func (s *Server) Login(id string) { s.setLogin(id, true) }

// Logout ends what [Server.Login] began. What waited for it is done at once.
func (s *Server) Logout(id string) { s.setLogin(id, false) }

func (s *Server) setLogin(id string, in bool) {
	defer s.mirror(func(r *Server) { r.setLogin(id, in) })
	s.mu.Lock()
	defer s.mu.Unlock()
	u := must(s, &s.users, "user", id)
	u.loggedIn = in
	if !in && u.op != nil && u.op.deferred != nil && u.op.released.IsZero() {
		now := s.now()
		u.op.released = now
		s.sweep(now)
	}
}

// SetDelays changes what [WithDelays] set, from the next accepted change on.
func (s *Server) SetDelays(d Delays) {
	defer s.mirror(func(r *Server) { r.SetDelays(d) })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.delays = d
}

// User returns what is stored for a user: its own values, without its
// profile's and without a password.
func (s *Server) User(id string) (u map[string]any, ok bool) {
	return look(s, func() (object, bool) { return rendered(&s.users, id, (*user).stored) })
}

// EffectiveUser returns a user as the API shows it.
func (s *Server) EffectiveUser(id string) (u map[string]any, ok bool) {
	return look(s, func() (object, bool) { return rendered(&s.users, id, s.renderUser) })
}

// Users returns what is stored for all users, in the order they came.
func (s *Server) Users() []map[string]any {
	out, _ := look(s, func() ([]object, bool) { return all(s.users.All(), (*user).stored), true })
	return out
}

// UserByLogin returns what is stored for the user with a login; see [Server.User].
func (s *Server) UserByLogin(loginID string) (u map[string]any, ok bool) {
	return look(s, func() (object, bool) { return rendered(&s.users, s.logins[s.fold(loginID)], (*user).stored) })
}

// Password returns the password that was last accepted for a user.
func (s *Server) Password(id string) (password string, ok bool) {
	return look(s, func() (string, bool) {
		u, ok := s.users.Get(id)
		if !ok || u.password == "" {
			return "", false
		}
		return u.password, true
	})
}

// Status returns what the status list shows for a user or profile.
func (s *Server) Status(id string) (status map[string]any, ok bool) {
	return look(s, func() (object, bool) {
		field, st := "userId", s.statusOf(id, nil)
		if len(id) == 6 {
			field = "profileId"
		}

		if u, ok := s.users.Get(id); ok {
			st = s.statusOf(id, u.op)
		} else if p, ok := s.profiles.Get(id); ok {
			st = s.statusOf(id, p.op)
		}

		if st == nil {
			return nil, false
		}
		return st.object(field, id), true
	})
}

// Profile returns a profile.
func (s *Server) Profile(id string) (profile map[string]any, ok bool) {
	return look(s, func() (object, bool) { return rendered(&s.profiles, id, s.renderProfile) })
}

// Profiles returns all profiles, in the order they came.
func (s *Server) Profiles() []map[string]any {
	out, _ := look(s, func() ([]object, bool) { return all(s.profiles.All(), s.renderProfile), true })
	return out
}

// Group returns a group with its members.
func (s *Server) Group(id string) (group map[string]any, ok bool) {
	return look(s, func() (object, bool) {
		return rendered(&s.groups, id, func(g *thing) object { return renderGroup(g, s.members()[id]) })
	})
}

// Groups returns all groups, in the order they came.
func (s *Server) Groups() []map[string]any {
	out, _ := look(s, func() ([]object, bool) {
		members := s.members()
		return all(s.groups.All(), func(g *thing) object { return renderGroup(g, members[g.id]) }), true
	})
	return out
}

// Queue returns a queue.
func (s *Server) Queue(id string) (queue map[string]any, ok bool) {
	return look(s, func() (object, bool) { return rendered(&s.queues, id, renderQueue) })
}

// Queues returns all queues, in the order they came.
func (s *Server) Queues() []map[string]any {
	out, _ := look(s, func() ([]object, bool) { return all(s.queues.All(), renderQueue), true })
	return out
}

// Category returns a category with its attributes.
func (s *Server) Category(id string) (category map[string]any, ok bool) {
	return look(s, func() (object, bool) { return rendered(&s.categories, id, renderCategory) })
}

// Categories returns all categories, in the order they came.
func (s *Server) Categories() []map[string]any {
	out, _ := look(s, func() ([]object, bool) { return all(s.categories.All(), renderCategory), true })
	return out
}

// look reads the server's present state.
func look[T any](s *Server, read func() (T, bool)) (T, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(s.now())
	return read()
}

func rendered[E comparable](t *table[E], id string, render func(E) object) (object, bool) {
	e, ok := t.Get(id)
	if !ok {
		return nil, false
	}
	return render(e), true
}

func all[E any](in []E, render func(E) object) []object {
	out := make([]object, 0, len(in))
	for _, e := range in {
		out = append(out, render(e))
	}
	return out
}
