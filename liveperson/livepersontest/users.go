package livepersontest

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
)

const firstUserID = 37111222100

var memberSchema = newSchema(
	field{name: "agentGroupId", kind: long, required: true, quoted: true},
	field{name: "assignmentDate", kind: text, given: true},
)

var userSchema = newSchema(
	field{name: "id", kind: long, given: true, quoted: true},
	field{name: "pid", kind: text, given: true},
	field{name: "deleted", kind: boolean, given: true, quoted: true},
	field{name: "loginName", kind: text, required: true},
	field{name: "fullName", kind: text, required: true},
	field{name: "nickname", kind: text, required: true},
	field{name: "passwordSh", kind: text},
	field{name: "oldPassword", kind: text},
	field{name: "confirmPassword", kind: text},
	field{name: "isEnabled", kind: boolean, required: true, quoted: true},
	field{name: "maxChats", kind: long, quoted: true},
	field{name: "email", kind: text, required: true},
	field{name: "pictureId", kind: text},
	field{name: "pictureUrl", kind: text},
	field{name: "disabledManually", kind: boolean},
	field{name: "skillIds", kind: longs},
	field{name: "profileIds", kind: longs, required: true},
	field{name: "lobIds", kind: longs},
	field{name: "changePwdNextLogin", kind: boolean},
	field{name: "memberOf", kind: nested, sub: memberSchema},
	field{name: "managerOf", kind: several, sub: memberSchema},
	field{name: "permissionGroups", kind: longs, quoted: true},
	field{name: "description", kind: text},
	field{name: "mobileNumber", kind: text},
	field{name: "employeeId", kind: text},
	field{name: "maxAsyncChats", kind: long, quoted: true},
	field{name: "backgndImgUri", kind: text},
	field{name: "pnCertName", kind: text},
	field{name: "dateUpdated", kind: text, given: true, sample: "year-month-date hrs:min:sec"},
	field{name: "lastPwdChangeDate", kind: text, given: true, sample: "year-month-date hrs:min:sec"},
	field{name: "isApiUser", kind: boolean},
	field{name: "userTypeId", kind: long, empty: int64(1)},
	field{name: "allowedAppKeys", kind: text},
	field{name: "oauth2ClientId", kind: text, since: 6},
)

// secrets are the fields that no answer holds.
var secrets = map[string]bool{"passwordSh": true, "oldPassword": true, "confirmPassword": true}

func (s *Server) usersResource() *resource {
	users := newCollection("user", userSchema, "loginName", firstUserID)
	users.reusable = s.cfg.loginNameReuse
	return &resource{
		collection: users, name: "users", defaultVersion: "2.0",
		revisionHeaders: []string{"ac-revision", "eTag"},
		short:           []string{"id", "pid", "deleted", "loginName"},
		prepare:         s.prepareUser, mayBeBlank: []string{"fullName"},
	}
}

// prepareUser turns what a client sent into the user that is stored.
func (s *Server) prepareUser(c *call, old, in object) *problem {
	if p := s.settleBlank(old, in); p != nil {
		return p
	}

	if old != nil {
		in["pid"] = old["pid"]
		if word(in, "loginName") != word(old, "loginName") {
			if s.cfg.refuseLoginChange {
				return invalid("loginName cannot be changed")
			}
			in["loginName"] = old["loginName"]
		}
	}

	if n, ok := number(in, "userTypeId"); ok && (n < 0 || n > 2) {
		return invalid("userTypeId: %d is neither 0, 1 nor 2", n)
	}
	for _, name := range []string{"maxChats", "maxAsyncChats"} {
		if n, _ := number(in, name); n < 0 {
			return invalid("%s: %d is negative", name, n)
		}
	}

	for _, check := range []func(old, in object) *problem{
		s.applyReferences, s.applyRoles, s.applyMembership, s.applyPassword, s.applyAPIUser,
	} {
		if p := check(old, in); p != nil {
			return p
		}
	}

	applyEnabled(old, in)
	return nil
}

// settleBlank settles masked fields that come back blank.
func (s *Server) settleBlank(old, in object) *problem {
	if old == nil {
		return nil
	}
	for _, name := range []string{"fullName", "employeeId"} {
		if value, sent := in[name]; !sent || value != "" || name == "employeeId" && !s.cfg.masked[name] {
			continue
		}
		switch s.cfg.blank {
		case BlankKept:
			if in[name] = old[name]; old[name] == nil {
				delete(in, name)
			}
		case BlankRefused:
			if word(old, name) != "" {
				return invalid("%s must not be blank", name)
			}
		}
	}
	return nil
}

// applyReferences refuses, or drops, ids of what does not exist.
func (s *Server) applyReferences(_, in object) *problem {
	for _, ref := range []struct {
		field string
		to    *resource
	}{{"skillIds", s.skills}, {"profileIds", s.profiles}, {"lobIds", s.lobs}} {
		if in[ref.field] == nil {
			continue
		}
		ids, p := s.existing(ref.field, ref.to, list(in, ref.field))
		if p != nil {
			return p
		}
		in[ref.field] = ids
	}
	return nil
}

func (s *Server) existing(field string, res *resource, ids []int64) ([]int64, *problem) {
	out := make([]int64, 0, len(ids))
	for _, id := range ids {
		if _, ok := res.now.get(id); ok {
			out = append(out, id)
		} else if !s.cfg.ignoreReferences {
			return nil, invalid("%s: there is no %s %d", field, res.kind, id)
		}
	}
	return out, nil
}

// rolesOf returns the roles that profiles give.
func (s *Server) rolesOf(profileIDs []int64) map[int64]bool {
	roles := map[int64]bool{}
	for _, id := range profileIDs {
		if role, ok := number(s.profiles.now.objects[id], "roleTypeId"); ok {
			roles[role] = true
		}
	}
	return roles
}

// applyRoles checks the profiles, and takes from a user that ceases to be an
// agent or an agent manager what belongs to that role.
func (s *Server) applyRoles(old, in object) *problem {
	ids := list(in, "profileIds")
	now := s.rolesOf(ids)

	switch {
	case len(ids) == 0:
		return invalid("profileIds is required")
	case len(ids) > 4:
		return invalid("profileIds: more than four profiles")
	case len(now) < len(ids):
		return invalid("profileIds: more than one profile of one role")
	}

	// What belongs to a role goes with it.
	before := s.rolesOf(list(old, "profileIds"))
	if before[roleAgent] && !now[roleAgent] {
		for _, name := range []string{"maxChats", "maxAsyncChats", "memberOf", "skillIds"} {
			delete(in, name)
		}
	}
	if before[roleManager] && !now[roleManager] {
		delete(in, "managerOf")
	}

	if len(parts(in, "managerOf")) > 0 && !now[roleManager] {
		if !s.cfg.ignoreReferences {
			return invalid("managerOf: only an agent manager can manage agent groups")
		}
		delete(in, "managerOf")
	}

	// Reset to null when the agent role was left, so an update of such a user
	// cannot demand it.
	if _, ok := number(in, "maxChats"); !ok && (old == nil || now[roleAgent]) {
		return invalid("maxChats is required")
	}
	if now[roleAgent] && part(in, "memberOf") == nil {
		return invalid("memberOf is required of an agent")
	}

	return nil
}

// applyMembership checks the agent groups and dates the assignments.
func (s *Server) applyMembership(old, in object) *problem {
	dates := map[int64]any{}
	for _, m := range parts(old, "managerOf") {
		id, _ := number(m, "agentGroupId")
		dates[id] = m["assignmentDate"]
	}

	var kept []object
	for _, m := range parts(in, "managerOf") {
		ok, p := s.applyGroup("managerOf", m)
		if p != nil {
			return p
		}
		if id, _ := number(m, "agentGroupId"); ok {
			if m["assignmentDate"] = dates[id]; dates[id] == nil {
				m["assignmentDate"] = today()
			}
			kept = append(kept, m)
		}
	}
	if kept != nil {
		in["managerOf"] = kept
	} else {
		delete(in, "managerOf")
	}

	m, before := part(in, "memberOf"), part(old, "memberOf")
	if m == nil {
		return nil
	}
	ok, p := s.applyGroup("memberOf", m)
	switch {
	case p != nil:
		return p
	case ok && m["agentGroupId"] == before["agentGroupId"]:
		m["assignmentDate"] = before["assignmentDate"]
	case ok:
		m["assignmentDate"] = today()
	case before != nil:
		in["memberOf"] = before
	default:
		in["memberOf"] = object{"agentGroupId": RootGroup, "assignmentDate": today()}
	}
	return nil
}

func (s *Server) applyGroup(name string, m object) (exists bool, p *problem) {
	id, ok := number(m, "agentGroupId")
	if !ok {
		return false, invalid("%s.agentGroupId is required", name)
	}
	if _, ok := s.groups.now.get(id); !ok && !s.cfg.ignoreReferences {
		return false, invalid("%s: there is no agent group %d", name, id)
	} else if !ok {
		return false, nil
	}
	return true, nil
}

// applyPassword sets, changes or keeps the password.
func (s *Server) applyPassword(old, in object) *problem {
	password, sent := in["passwordSh"].(string)
	confirm, confirmed := in["confirmPassword"]
	oldPassword, checked := in["oldPassword"]
	for name := range secrets {
		delete(in, name)
	}

	if flag(in, "isApiUser") {
		if sent && s.cfg.refuseAPIPassword {
			return invalid("an API user has no password")
		}
		return nil
	}

	switch {
	case !sent && old == nil:
		return invalid("passwordSh is required")
	case !sent:
		if old["passwordSh"] != nil {
			in["passwordSh"] = old["passwordSh"]
		}
	case len(password) < 8:
		return invalid("passwordSh: shorter than eight characters")
	case confirmed && confirm != password:
		return invalid("confirmPassword is not the password")
	case checked && old != nil && oldPassword != old["passwordSh"]:
		return invalid("oldPassword is not the password")
	default:
		in["passwordSh"] = password
	}

	if in["passwordSh"] != old["passwordSh"] {
		in["lastPwdChangeDate"] = today()
	} else if old["lastPwdChangeDate"] != nil {
		in["lastPwdChangeDate"] = old["lastPwdChangeDate"]
	}

	return nil
}

func (s *Server) applyAPIUser(_, in object) *problem {
	if flag(in, "isApiUser") && !s.cfg.keylessAPIUsers &&
		word(in, "allowedAppKeys") == "" && word(in, "oauth2ClientId") == "" {
		return invalid("allowedAppKeys is required of an API user")
	}
	return nil
}

// applyEnabled lets disabledManually follow a change of isEnabled that does not
// mention it.
func applyEnabled(old, in object) {
	_, sent := in["disabledManually"]
	if !sent && (old == nil || flag(in, "isEnabled") != flag(old, "isEnabled")) {
		in["disabledManually"] = !flag(in, "isEnabled")
	}
}

func (s *Server) resetPassword(c *call) *answer {
	old, ok := s.users.now.get(c.id)
	if !ok {
		return notFound()
	}

	in, p := decodeObject(c.body)
	if p != nil {
		return p
	}

	password := word(in, "newPassword")
	if flag(old, "isApiUser") {
		return invalid("an API user has no password")
	}
	if len(password) < 8 {
		return invalid("newPassword: shorter than eight characters")
	}
	if !flag(old, "isEnabled") {
		return refuse(http.StatusBadRequest, "Process failed")
	}

	user := copyOf(old)
	user["passwordSh"] = password
	user["lastPwdChangeDate"] = today()
	s.complete(s.users, user)
	s.users.put(user)
	return s.users.stamp(&answer{Status: http.StatusOK}, &s.users.now)
}

// pidOf derives a public id, in the form of a UUID, from an id.
func pidOf(id int64) string {
	h := sha1.Sum(fmt.Appendf(nil, "livepersontest %d", id))
	h[6] = h[6]&0x0f | 0x50
	h[8] = h[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

// hash is what an answer shows of a password, where it shows one.
func hash(password string) string {
	h := sha256.Sum256([]byte("livepersontest salt " + password))
	return hex.EncodeToString(h[:])
}

// anyUser reports whether a user that is not deleted fits.
func (s *Server) anyUser(fits func(user object) bool) bool {
	return slices.ContainsFunc(s.users.now.live(), fits)
}
