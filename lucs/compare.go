package lucs

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// changeRules compare what was sent with what the server then shows. Null and empty are
// the same, the order of a list and the case of texts do not count, and an object may
// have more members than were sent. A field that the server omits proves nothing: it
// need not show all (no page that shows a user has Roles).
var changeRules = evidence.Rules{
	Default: evidence.Rule{Silent: true, Fold: true, Set: true},
	Fields:  map[string]evidence.Rule{"SipUri": addressRule},
}

var addressRule = evidence.Rule{Silent: true, Same: func(want, is json.RawMessage) bool {
	sent, _ := wire.Text(want)
	shown, ok := wire.Text(is)
	return ok && evidence.SameLogin(sent, shown)
}}

// creationRules are changeRules for a user that is new: the server may have added to a
// list, a profile of being off duty for example.
var creationRules = evidence.Rules{
	Default: changeRules.Default,
	Fields: map[string]evidence.Rule{
		"SipUri":   addressRule,
		"Traits":   {Silent: true, Fold: true, MayGrow: true},
		"Roles":    {Silent: true, Fold: true, MayGrow: true},
		"Profiles": {Silent: true, Fold: true, MayGrow: true, Members: map[string]evidence.Rule{"Responsibilities": {Fold: true, MayGrow: true}}},
	},
}

// unmetAtFirst names the fields that a new user does not show as they were sent. A
// server may withhold roles by sending null.
func unmetAtFirst(sent, is *User) []string {
	names := memberNames(sent)
	if roles, ok := lookUp(wire.Members(is), "Roles"); ok && string(roles) == "null" {
		names = slices.DeleteFunc(names, func(name string) bool { return name == "Roles" })
	}
	return unmet(creationRules, names, nil, sent, is)
}

// unmet names the fields that a user does not show as they were sent.
func unmet(rules evidence.Rules, names []string, was, sent, is *User) []string {
	before := evidence.Object{}
	if was != nil {
		before = wire.Members(was)
	}
	return rules.Unmet(names, before, spelt(wire.Members(sent), names), spelt(wire.Members(is), names))
}

// spelt gives members the spelling of some names; the server ignores case.
func spelt(members evidence.Object, names []string) evidence.Object {
	for _, name := range names {
		if _, there := members[name]; there {
			continue
		}
		if raw, ok := lookUp(members, name); ok {
			members[name] = json.RawMessage(raw)
		}
	}
	return members
}

func memberNames(u *User) []string { return slices.Sorted(maps.Keys(wire.Members(u))) }

// showsAllOf reports whether an answer has every field that was sent and that this
// package knows, except roles.
func showsAllOf(sent, answer *User) bool { return showsAll(memberNames(sent), sent, answer) }

// showsAll reports whether an answer has all of some fields, except roles and those
// that this package does not know.
func showsAll(names []string, sent, answer *User) bool {
	shown := wire.Members(answer)
	return !slices.ContainsFunc(names, func(name string) bool {
		right := namesOfUser[strings.ToLower(name)]
		if right == "" || right == "Roles" {
			return false
		}
		_, there := shown[right]
		return !there
	})
}
