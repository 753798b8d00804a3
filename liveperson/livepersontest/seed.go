package livepersontest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// SeedPassword is the password of seeded users that name none.
const SeedPassword = "Init-pass-01"

// AddUser stores a user and returns its id. The user is a JSON text (string or
// []byte), or a value that encodes to one, such as a map. Only loginName is
// required: the rest is completed to an enabled agent of the main group. Nothing
// is checked or masked, so that states which no request could make can be
// seeded, and a given id, pid or date is kept. It counts as one write and, like
// all seeding methods, panics on input that makes no sense.
func (s *Server) AddUser(user any) (id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := seedObject(s.users, user)
	completeUser(o, s.rolesOf)
	return s.seed(s.users, o)
}

func completeUser(o object, rolesOf func([]int64) map[int64]bool) {
	login := word(o, "loginName")
	standard := func(name string, value any) {
		if _, ok := o[name]; !ok {
			o[name] = value
		}
	}

	standard("nickname", login)
	standard("fullName", o["nickname"])
	standard("email", login+"@example.test")
	standard("isEnabled", true)
	standard("disabledManually", !flag(o, "isEnabled"))
	standard("profileIds", []int64{ProfileAgent})

	now := today()
	if !flag(o, "isApiUser") {
		standard("passwordSh", SeedPassword)
		standard("lastPwdChangeDate", now)
	}

	if rolesOf(list(o, "profileIds"))[roleAgent] {
		standard("maxChats", int64(3))
		standard("memberOf", object{"agentGroupId": RootGroup})
	}

	for _, m := range append([]object{part(o, "memberOf")}, parts(o, "managerOf")...) {
		if m != nil && m["assignmentDate"] == nil {
			m["assignmentDate"] = now
		}
	}
}

// AddUsers stores n generated agents, agent1 and so on, as one write, and
// returns their ids.
func (s *Server) AddUsers(n int) (ids []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := today()
	roles := func([]int64) map[int64]bool { return map[int64]bool{roleAgent: true} }
	objects := make([]object, n)
	ids = make([]int64, n)

	for i := range objects {
		s.generated++
		id := s.users.newID()
		o := object{
			"id": id, "pid": pidOf(id), "dateUpdated": now,
			"loginName":  fmt.Sprintf("agent%d", s.generated),
			"fullName":   fmt.Sprintf("Agent Number %d", s.generated),
			"nickname":   fmt.Sprintf("Agent %d", s.generated),
			"employeeId": fmt.Sprintf("E%06d", s.generated),
		}
		completeUser(o, roles)
		if s.users.taken(o, id) {
			panic("livepersontest: loginName is in use: " + word(o, "loginName"))
		}
		objects[i], ids[i] = o, id
	}
	s.users.seed(objects...)
	return ids
}

// AddSkill stores a skill and returns its id; see [Server.AddUser]. Only a name
// is required.
func (s *Server) AddSkill(skill any) (id int64) { return s.addTo(s.skills, skill, nil) }

// AddGroup stores an agent group and returns its id. Only a name is required; it
// is enabled and below the main group.
func (s *Server) AddGroup(group any) (id int64) {
	return s.addTo(s.groups, group, object{"isEnabled": true, "parentGroupId": RootGroup})
}

// AddProfile stores a profile and returns its id. Only a name and a roleTypeId
// are required.
func (s *Server) AddProfile(profile any) (id int64) {
	return s.addTo(s.profiles, profile, object{})
}

// AddLOB stores a line of business and returns its id. Only a name is required.
func (s *Server) AddLOB(lob any) (id int64) { return s.addTo(s.lobs, lob, nil) }

// AddStatusReason stores a status reason and returns its id. Only a text is
// required; its state is Away.
func (s *Server) AddStatusReason(reason any) (id int64) {
	return s.addTo(s.reasons, reason, object{"state": "Away"})
}

func (s *Server) addTo(res *resource, v any, standard object) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seedWith(res, v, standard)
}

func (s *Server) seedWith(res *resource, v any, standard object) int64 {
	o := seedObject(res, v)
	for name, value := range standard {
		if _, ok := o[name]; !ok {
			o[name] = value
		}
	}

	if role, ok := number(o, "roleTypeId"); ok && res == s.profiles {
		o["roleTypeName"] = roleNames[role]
	}
	return s.seed(res, o)
}

func seedObject(res *resource, v any) object {
	o, err := simnet.SeedObject(v)
	if err != nil {
		panic(fmt.Sprintf("livepersontest: %s: %v", res.kind, err))
	}
	if err := res.schema.normalise(o); err != nil {
		panic(fmt.Sprintf("livepersontest: %s: %v", res.kind, err))
	}

	if word(o, res.unique) == "" {
		panic(fmt.Sprintf("livepersontest: %s: %s is required", res.kind, res.unique))
	}
	return o
}

func (s *Server) seed(res *resource, o object) int64 {
	id, ok := number(o, "id")
	if !ok {
		id = res.newID()
		o["id"] = id
	}

	if _, exists := res.now.objects[id]; exists || res.taken(o, id) {
		panic(fmt.Sprintf("livepersontest: %s: id %d or %s %q is in use", res.kind, id, res.unique, word(o, res.unique)))
	}
	date := o["dateUpdated"]
	if s.complete(res, o); date != nil {
		o["dateUpdated"] = date
	}
	res.seed(o)
	return id
}

// ChangeUser merges fields (as in [Server.AddUser]; null deletes one) into a
// stored user, as somebody else's write behind the back of the client under
// test. Deleted as true deletes the user.
func (s *Server) ChangeUser(id int64, fields any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.users.now.objects[id]
	if !ok {
		panic(fmt.Sprintf("livepersontest: there is no user %d", id))
	}
	in, err := simnet.SeedObject(fields)
	if err != nil {
		panic(fmt.Sprintf("livepersontest: user: %v", err))
	}

	user := copyOf(old)
	for name, value := range in {
		if value == nil {
			delete(user, name)
			delete(in, name)
		}
	}

	if err := userSchema.normalise(in); err != nil {
		panic(fmt.Sprintf("livepersontest: user: %v", err))
	}
	maps.Copy(user, in)
	user["id"] = id
	s.complete(s.users, user)
	s.users.put(user)
}

// BumpRevision counts a write to a collection that changes nothing: what a
// client sees when somebody else is busy with other objects. The collections are
// users, skills, agentGroups, profiles, lobs and statusReasons.
func (s *Server) BumpRevision(collection string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.named(collection).put()
}

// LagReads makes all reads lag by d from now on: see [WithReadLag]. They show nothing
// older than what there is now; with zero they lag no more.
func (s *Server) LagReads(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, res := range s.resources {
		res.lag, res.pending = d, nil
		res.replica = res.now
		res.replica.objects, res.replica.order = maps.Clone(res.now.objects), slices.Clone(res.now.order)
	}
}

// Revision returns the revision of a collection.
func (s *Server) Revision(collection string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.named(collection).now.revision
}

func (s *Server) named(collection string) *resource {
	res := s.resources[collection]
	if res == nil {
		panic("livepersontest: no such collection: " + collection)
	}
	return res
}

// User returns a user as it is stored, deleted or not: fullName and employeeId
// in clear, the password as passwordSh, all known fields present. Ids and other
// whole numbers of known fields are int64, arrays of them []int64; unknown fields
// are as encoding/json decodes them, with numbers as json.Number. The map is the
// caller's.
func (s *Server) User(id int64) (user map[string]any, ok bool) { return s.Object("users", id) }

// UserByLogin returns a user that is not deleted as it is stored.
func (s *Server) UserByLogin(loginName string) (user map[string]any, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.users.now.get(s.users.owners[loginName])
	if !ok {
		return nil, false
	}
	return s.users.schema.full(o), true
}

// Users returns the users that are not deleted as they are stored, the oldest
// first.
func (s *Server) Users() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	live := s.users.now.live()
	for i, o := range live {
		live[i] = s.users.schema.full(o)
	}
	return live
}

// Object returns an object of any collection as it is stored, deleted or not.
func (s *Server) Object(collection string, id int64) (o map[string]any, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	res := s.named(collection)
	if o, ok = res.now.objects[id]; !ok {
		return nil, false
	}
	return res.schema.full(o), true
}
