package liveperson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// What a write asked for, compared with what the vendor then says the user is.

// DroppedError says that the vendor accepted a write and that the user does not
// show all of it. By the documentation that happens where a role ended, which
// takes what belongs to it. It is core.ErrNotApplied; its Applied says whether the
// rest of the write was.
type DroppedError struct {
	UserID int64
	// Fields names what was sent and is not there, or was taken away and still is,
	// by its wire name.
	Fields []string
	// Err is the error in the words of package core.
	Err *core.Error
}

// Error names the fields.
func (e *DroppedError) Error() string { return e.Err.Error() }

// Unwrap returns the error in the words of package core.
func (e *DroppedError) Unwrap() error { return e.Err }

const (
	whyRoleEnded = "it does so when a change of profileIds ends a role; read the user to see what it holds now"
	whyNotShown  = "read the user to see what it holds now"
)

func droppedError(op string, got *User, res rest.Response, fields []string, applied core.Applied, message, hint string) error {
	return &DroppedError{UserID: got.ID, Fields: fields, Err: about(res, &core.Error{
		Vendor: vendor, Op: op, Class: core.ClassNotApplied, Applied: applied, Hint: hint,
		Message: fmt.Sprintf(message, got.ID) + strings.Join(fields, ", "),
	})}
}

const (
	wasDropped  = "the vendor accepted the change of user %d and dropped "
	wasNotShown = "the vendor accepted the change of user %d, and the user does not show it: "
	wasNotMade  = "the user %d was created, and is not as asked: "
)

// ofRoles are the fields that go with a role, by the vendor's appendix.
var ofRoles = []string{"skillIds", "maxChats", "maxAsyncChats", "memberOf", "managerOf"}

func allOfRoles(fields []string) bool {
	return !slices.ContainsFunc(fields, func(name string) bool { return !slices.Contains(ofRoles, name) })
}

// replaced compares a user that was put as a whole with what the vendor made of it.
func replaced(op string, sent, got *User, res rest.Response) error {
	fields := union(droppedFields(sent, got, true), unmet(new(User), sent, got))
	switch {
	case len(fields) == 0:
		return nil
	case allOfRoles(fields):
		return droppedError(op, got, res, fields, core.AppliedYes, wasDropped, whyRoleEnded)
	}
	return droppedError(op, got, res, fields, core.AppliedUnknown, wasNotShown, whyNotShown)
}

// created compares a user that was made with what was asked for.
func created(op string, sent, got *User, res rest.Response) error {
	fields := unmet(new(User), sent, got)
	if sent.MemberOf == nil && got.MemberOf == nil {
		// Everybody must have limits of chats, and only agents keep them.
		fields = slices.DeleteFunc(fields, func(name string) bool { return name == "maxChats" || name == "maxAsyncChats" })
	}
	if len(fields) > 0 {
		return droppedError(op, got, res, fields, core.AppliedYes, wasNotMade, "it exists all the same: change it by an update")
	}
	return nil
}

// endsRole reports whether a write took a profile from the user, and with it
// perhaps a role.
func (m *modified) endsRole() bool {
	return m.sent != nil && missing(m.was.ProfileIDs, m.sent.ProfileIDs)
}

// lost names what the user does not show of a write: of what it changed, of what
// the caller named, and of what a role takes with it.
func (m *modified) lost(named ...string) []string {
	if m.sent == nil {
		return nil
	}
	return union(droppedFields(m.sent, m.user, m.endsRole()), unmet(m.was, m.sent, m.user, named...))
}

func (m *modified) notShown(op string, named ...string) error {
	fields := m.lost(named...)
	switch {
	case len(fields) == 0:
		return nil
	case m.endsRole() && allOfRoles(fields):
		return droppedError(op, m.user, m.res, fields, core.AppliedYes, wasDropped, whyRoleEnded)
	}
	return droppedError(op, m.user, m.res, fields, m.appliedBut(fields), wasNotShown, whyNotShown)
}

// appliedBut says whether any of a write was applied where some does not show.
func (m *modified) appliedBut(lost []string) core.Applied {
	applied := m.applied()
	shown := wire.Members(m.user)
	for name := range touched(wire.Members(m.was), wire.Members(m.sent)) {
		switch {
		case name == "disabledManually": // goes with isEnabled
		case neverShown[name], shown[name] == nil:
			applied = core.AppliedUnknown
		case !slices.Contains(lost, name):
			return core.AppliedYes
		}
	}
	return applied
}

// droppedFields names the lists and limits that were sent and are not there. A
// field that the answer leaves out says nothing, unless left out is as good as gone.
func droppedFields(sent, got *User, leftOutIsGone bool) []string {
	var fields []string
	shown := wire.Members(got)
	lost := func(name string, yes bool) {
		if yes && (leftOutIsGone || shown[name] != nil) {
			fields = append(fields, name)
		}
	}
	other := func(sent, got core.Opt[int64]) bool {
		want, ok := sent.Get()
		is, there := got.Get()
		return ok && want != is || ok && !there && want != 0
	}
	lost("skillIds", missing(sent.SkillIDs, got.SkillIDs))
	lost("maxChats", other(sent.MaxChats, got.MaxChats))
	lost("maxAsyncChats", other(sent.MaxAsyncChats, got.MaxAsyncChats))
	lost("memberOf", missing(groupOf(sent), groupOf(got)))
	lost("managerOf", missing(groupIDs(sent.ManagerOf), groupIDs(got.ManagerOf)))
	lost("profileIds", missing(sent.ProfileIDs, got.ProfileIDs))
	lost("lobIds", missing(sent.LOBIDs, got.LOBIDs))
	return fields
}

func missing(sent, got []int64) bool {
	return slices.ContainsFunc(sent, func(id int64) bool { return !slices.Contains(got, id) })
}

// groupOf returns the id of the user's agent group, or none.
func groupOf(u *User) []int64 {
	if u.MemberOf == nil {
		return nil
	}
	return groupIDs([]Membership{*u.MemberOf})
}

func groupIDs(ms []Membership) []int64 {
	ids := make([]int64, 0, len(ms))
	for _, m := range ms {
		if id, ok := m.AgentGroupID.Get(); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// neverShown are the fields that an answer masks, or that are the server's own.
var neverShown = map[string]bool{
	"fullName": true, "employeeId": true, "passwordSh": true, "oldPassword": true, "confirmPassword": true,
	"id": true, "pid": true, "deleted": true, "dateUpdated": true, "lastPwdChangeDate": true,
}

// folded are the texts in which case does not count: vendors fold logins and
// addresses.
var folded = map[string]bool{"loginName": true, "email": true, "nickname": true}

// idLists are the fields whose order does not count, and that may grow by what
// nobody asked for.
var idLists = map[string]func(*User) []int64{
	"skillIds":         func(u *User) []int64 { return u.SkillIDs },
	"profileIds":       func(u *User) []int64 { return u.ProfileIDs },
	"lobIds":           func(u *User) []int64 { return u.LOBIDs },
	"permissionGroups": func(u *User) []int64 { return u.PermissionGroups },
	"managerOf":        func(u *User) []int64 { return groupIDs(u.ManagerOf) },
	"memberOf":         groupOf, // its date is the server's
}

// touched is the set of the members that are not the same.
func touched(was, is map[string]json.RawMessage) map[string]bool {
	names := map[string]bool{}
	for _, members := range []map[string]json.RawMessage{was, is} {
		for name := range members {
			if !bytes.Equal(was[name], is[name]) {
				names[name] = true
			}
		}
	}
	return names
}

// unmet names what a write changed of the user as it was, and what else is named,
// where the vendor shows the field otherwise. A field that it leaves out says
// nothing.
func unmet(was, sent, got *User, named ...string) []string {
	before, want, is := wire.Members(was), wire.Members(sent), wire.Members(got)
	names := touched(before, want)
	for _, name := range named {
		names[name] = true
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if is[name] == nil || neverShown[name] || name == "disabledManually" && !sent.opposes() {
			continue
		}
		if list := idLists[name]; list != nil {
			taken := slices.DeleteFunc(slices.Clone(list(was)), func(id int64) bool { return slices.Contains(list(sent), id) })
			there := list(got)
			if missing(list(sent), there) || slices.ContainsFunc(taken, func(id int64) bool { return slices.Contains(there, id) }) {
				out = append(out, name)
			}
			continue
		}
		if !shows(name, wire.Value(before[name]), wire.Value(want[name]), wire.Value(is[name])) {
			out = append(out, name)
		}
	}
	return out
}

// opposes reports whether DisabledManually is the opposite of IsEnabled, as the
// vendor would make it itself.
func (u *User) opposes() bool {
	enabled, a := u.IsEnabled.Get()
	disabled, b := u.DisabledManually.Get()
	return a && b && enabled != disabled
}

func union(a, b []string) []string {
	for _, name := range b {
		if !slices.Contains(a, name) {
			a = append(a, name)
		}
	}
	return a
}

// shows reports whether a field is as it was wanted. One that was emptied may have
// become the vendor's default: it must not be what it was.
func shows(name string, before, want, is any) bool {
	if wire.Empty(want) {
		return wire.Empty(is) || is == false || name == "userTypeId" && within(json.Number("1"), is) || !within(before, is)
	}
	if w, ok := want.(string); ok && folded[name] {
		g, text := is.(string)
		return text && strings.EqualFold(strings.TrimSpace(w), strings.TrimSpace(g))
	}
	if is == nil && (want == false || name == "maxChats" && within(json.Number("0"), want)) {
		return true // one who takes no chats may have no limit
	}
	return within(want, is)
}

// within reports whether all of what is wanted is there. An object may have got
// further members; scalars may be in quotes, and numbers are compared by value.
func within(want, is any) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := is.(map[string]any)
		for name, v := range w {
			if !ok || !within(v, g[name]) {
				return false
			}
		}
		return ok || wire.Empty(w) && wire.Empty(is)
	case []any:
		g, ok := is.([]any)
		return wire.Empty(w) && wire.Empty(is) || ok && slices.EqualFunc(w, g, within)
	case nil:
		return wire.Empty(is)
	}
	switch is.(type) {
	case nil, map[string]any, []any:
		return wire.Empty(want) && wire.Empty(is)
	}
	w, g := strings.TrimSpace(fmt.Sprint(want)), strings.TrimSpace(fmt.Sprint(is))
	if w == g {
		return true
	}
	if _, text := want.(string); text {
		return false
	}
	a, err := strconv.ParseFloat(w, 64)
	b, err2 := strconv.ParseFloat(g, 64)
	return err == nil && err2 == nil && a == b
}
