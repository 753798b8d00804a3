package avaya

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/internal/wire"
)

// Unmet returns the names of vendor fields, as in core.UserSpec and
// core.UserChange, that the user does not show as they were asked for. It is for
// those who look again after a write, as core.UserChange.Unmet is for the neutral
// fields.
//
// What the vendor is documented to add or to leave out does not count: what the
// server assigns, passwords, the order of sets, the content of features that are
// mere switches, what a profile gives in place of an emptied field. Nor does case.
func (u *User) Unmet(fields map[string]any) []string {
	set := map[string]any{}
	for name, v := range fields {
		if !wire.Keeps(v) && !wire.Clears(v) && name != "password" {
			set[name] = v
		}
	}
	// Through the type, so that both sides are written in one way.
	var asked User
	if err := wire.Overlay(&asked, set); err != nil {
		return slices.Sorted(maps.Keys(set))
	}
	want, got := members(asked), members(*u)
	if on, ok := got["features"].(map[string]any); ok {
		asked, _ := want["features"].(map[string]any)
		maps.DeleteFunc(on, func(name string, _ any) bool { return vendorsOwn[name] && asked[name] == nil })
	}
	var unmet []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		v := fields[name]
		if wire.Keeps(v) || name == "password" {
			continue
		}
		if emptied := wire.Clears(v) || wire.Empty(want[name]); emptied && !wire.Empty(got[name]) && !u.hasDefault(name) ||
			!emptied && !shows(name, want[name], got[name]) || !emptied && name == "features" && u.hasMoreThan(want[name], got[name]) {
			unmet = append(unmet, name)
		}
	}
	return unmet
}

// hasDefault reports whether something else may stand where the user's own field
// was emptied.
func (u *User) hasDefault(name string) bool {
	if name == "displayName" {
		is := strings.ToLower(u.DisplayName.Or("")) // the vendor may make one of the names
		of := func(name string) bool { return name != "" && strings.Contains(is, strings.ToLower(name)) }
		return of(u.LastName) || of(u.FirstName) || sameLogin(is, u.LoginID)
	}
	_, known := map[string]bool{"emailId": true, "ownedGroups": true, "addresses": true, "accountAddresses": true, "profileId": true}[name]
	return !known && u.ProfileID.Or("") != ""
}

// hasMoreThan reports whether features are on that were not asked for. Those of a
// profile may be.
func (u *User) hasMoreThan(want, got any) bool {
	asked, ok := want.(map[string]any)
	if !ok || u.ProfileID.Or("") != "" {
		return false
	}
	on, _ := got.(map[string]any)
	for name := range on {
		if _, ok := asked[name]; !ok {
			return true
		}
	}
	return false
}

// vendorsOwn are features that nobody can set, and that a user may show.
var vendorsOwn = map[string]bool{"desktop": true, "cmdesktop": true}

// members returns the wire form of what may be sent of a user.
func members(u User) map[string]any {
	out := map[string]any{}
	for name, raw := range wire.Members(u.writable()) {
		out[name] = wire.Value(raw)
	}
	return out
}

// shows reports whether a value holds all that was asked for: an object may hold
// more, a list is a set.
func shows(name string, want, got any) bool {
	if strings.Contains(strings.ToLower(name), "password") {
		return true
	}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return false
		}
		switch name {
		case "aci", "outbound", "recorder", "advancedcmvoice":
			return true
		}
		for member, v := range w {
			if name == "voice" && member == "multiplicity" {
				continue // it has none, and ignores it
			}
			if !shows(member, v, g[member]) {
				return false
			}
		}
		return true
	case []any:
		g, _ := got.([]any)
		for _, a := range w {
			if !slices.ContainsFunc(g, func(b any) bool { return shows(name, a, b) }) {
				return false
			}
		}
		return !slices.ContainsFunc(g, func(b any) bool {
			return !slices.ContainsFunc(w, func(a any) bool { return shows(name, a, b) })
		})
	case string:
		g, ok := got.(string)
		return w == "" && wire.Empty(got) || ok && (w == g || name != "profileId" && sameLogin(w, g))
	case json.Number:
		return wire.SameNumber(w, got)
	}
	return want == got || want == false && got == nil // what is off may be left out
}
