package liveperson

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// What a write asked for, compared with what the vendor then says the user is.

// rules say how the fields of a user are compared. A field that an answer omits proves
// nothing: older versions of the API do not show some fields.
var rules = evidence.Rules{
	Default: evidence.Rule{Silent: true, Reset: true},
	Fields: map[string]evidence.Rule{
		// Masked in every answer, or never returned.
		"fullName": {Hidden: true}, "employeeId": {Hidden: true},
		"passwordSh": {Hidden: true}, "oldPassword": {Hidden: true}, "confirmPassword": {Hidden: true},
		// Set by the server.
		"id": {Hidden: true}, "pid": {Hidden: true}, "deleted": {Hidden: true},
		"dateUpdated": {Hidden: true}, "lastPwdChangeDate": {Hidden: true},

		"isEnabled": {Same: sameSwitch}, // required, and never left out of a whole user
		"loginName": foldedText, "nickname": foldedText, "email": foldedText,

		// Order does not count, and the vendor may add to them.
		"skillIds": idList, "profileIds": idList, "lobIds": idList, "permissionGroups": idList,
		"managerOf": {Silent: true, MayGrow: true, Members: membership},
		"memberOf":  {Silent: true, Reset: true, Members: membership},

		"userTypeId": {Silent: true, Emptied: isHuman},
		// A user who takes no chats may have no limit.
		"maxChats": {Silent: true, Reset: true, Same: sameLimit},
	},
}

var (
	foldedText = evidence.Rule{Silent: true, Fold: true}
	idList     = evidence.Rule{Silent: true, MayGrow: true}
	membership = map[string]evidence.Rule{"assignmentDate": {Hidden: true}}
)

func sameSwitch(want, is json.RawMessage) bool { return bytes.Equal(want, is) }

// isHuman reports the default of userTypeId.
func isHuman(is json.RawMessage) bool { return evidence.Rule{}.Shows(nil, json.RawMessage("1"), is) }

func sameLimit(want, is json.RawMessage) bool {
	zero := evidence.Rule{}
	return zero.Shows(nil, want, is) || wire.Null(is) && zero.Shows(nil, json.RawMessage("0"), want)
}

// ofRoles are the fields that go with a role, by the vendor's appendix. Those of
// whatRolesTake are compared after a write even if the write did not change them.
var (
	ofRoles       = []string{"skillIds", "maxChats", "maxAsyncChats", "memberOf", "managerOf"}
	whatRolesTake = append([]string{"profileIds", "lobIds"}, ofRoles...)
)

func allOfRoles(fields []string) bool {
	return !slices.ContainsFunc(fields, func(name string) bool { return !slices.Contains(ofRoles, name) })
}

// unmet names the fields of a write that the vendor does not show: those that the write
// changed, those that are named, and those that end with a role. With isComplete, a field
// that ends with a role and is then omitted is gone.
func unmet(was, sent, is *User, isComplete bool, named ...string) []string {
	before, want, shown := wire.Members(was), wire.Members(sent), wire.Members(is)
	names := slices.Concat(named, evidence.Changed(before, want))
	for _, name := range whatRolesTake {
		if want[name] == nil {
			continue
		}
		names = append(names, name)
		if shown[name] == nil && isComplete {
			shown[name] = json.RawMessage("null")
		}
	}

	out := rules.Unmet(names, before, want, shown)
	if !sent.opposes() {
		// The vendor derives it from isEnabled.
		out = slices.DeleteFunc(out, func(name string) bool { return name == "disabledManually" })
	}
	return out
}

// endsRole reports whether a write took a profile from the user, and with it perhaps a
// role.
func endsRole(was, sent *User) bool {
	return slices.ContainsFunc(was.ProfileIDs, func(id int64) bool { return !slices.Contains(sent.ProfileIDs, id) })
}

// opposes reports whether DisabledManually is the opposite of IsEnabled, as the vendor
// itself would set it.
func (u *User) opposes() bool {
	enabled, a := u.IsEnabled.Get()
	disabled, b := u.DisabledManually.Get()
	return a && b && enabled != disabled
}

// unmetNew names the requested fields that a new user does not show.
func unmetNew(sent, is *User) []string {
	fields := unmet(new(User), sent, is, false)
	if sent.MemberOf == nil && is.MemberOf == nil {
		// The limits of chats are required of every user, and only agents keep them.
		fields = slices.DeleteFunc(fields, func(name string) bool { return name == "maxChats" || name == "maxAsyncChats" })
	}
	return fields
}

// anyShows reports whether any field that a write changed shows its new value.
func anyShows(was, sent, is *User, lost []string) bool {
	shown := wire.Members(is)
	return slices.ContainsFunc(evidence.Changed(wire.Members(was), wire.Members(sent)), func(name string) bool {
		return !rules.Of(name).Hidden && shown[name] != nil && !slices.Contains(lost, name) &&
			name != "disabledManually" // follows isEnabled
	})
}

// changesShown reports whether a write changed any field that answers show.
func changesShown(was, sent *User) bool {
	return slices.ContainsFunc(evidence.Changed(wire.Members(was), wire.Members(sent)),
		func(name string) bool { return !rules.Of(name).Hidden })
}

// sameUser reports whether two users would be sent in the same form.
func sameUser(a, b *User) bool {
	return maps.EqualFunc(wire.Members(a), wire.Members(b), func(x, y json.RawMessage) bool { return string(x) == string(y) })
}
