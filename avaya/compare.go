package avaya

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// asked is what a write asks for: fields by wire name, and those fields of the user
// before and as it was sent.
type asked struct {
	names     []string
	was, sent evidence.Object
}

// ask says what a write asks for: the fields that it names and those that it changes.
// Was is nil for a new user.
func ask(named []string, was, sent *User) asked {
	a := asked{sent: sent.members()}
	if was != nil {
		a.was = was.members()
	}
	a.names = slices.Compact(slices.Sorted(slices.Values(slices.Concat(named, evidence.Changed(a.was, a.sent)))))

	of := func(o evidence.Object) evidence.Object {
		o = maps.Clone(o)
		maps.DeleteFunc(o, func(name string, _ json.RawMessage) bool { return !slices.Contains(a.names, name) })
		return o
	}
	a.was, a.sent = of(a.was), of(a.sent)
	return a
}

// unmet names the fields that a user does not show as they were asked for.
func (a asked) unmet(is *User) []string {
	return rulesFor(is).Unmet(a.names, a.was, a.sent, is.members())
}

// now leaves out what the vendor accepts at once and carries out later, or takes from a
// profile that is carried out later: the answer does not show it. See Settle.
func (a asked) now() asked {
	_, profile := a.sent["profileId"]
	_, profiled := a.was["profileId"]
	a.names = slices.DeleteFunc(slices.Clone(a.names), func(name string) bool {
		switch name {
		case "roles", "features", "resourcePartitions", "profileId", "password":
			return true
		case "memberOfGroups":
			return profile || profiled
		}
		return false
	})
	return a
}

// rules compare what was sent of a user with what the vendor shows. Case does not
// count, except in the ids of profiles. Nor does the order of a list.
var rules = evidence.Rules{
	Default: evidence.Rule{Fold: true, Set: true},
	Fields: map[string]evidence.Rule{
		"password":           {Hidden: true},
		"profileId":          {Exact: true},
		"roles":              set,
		"memberOfGroups":     set,
		"ownedGroups":        set,
		"resourcePartitions": set,
		"features": {Fold: true, Set: true, Members: map[string]evidence.Rule{
			// These are switches: the vendor ignores their content.
			"aci": {Present: true}, "outbound": {Present: true}, "recorder": {Present: true}, "advancedcmvoice": {Present: true},
			// The vendor ignores its content.
			"voice": {Fold: true, Set: true, Members: map[string]evidence.Rule{"multiplicity": {Hidden: true}}},
			"cmvoice": {Fold: true, Set: true, Members: map[string]evidence.Rule{
				"agentLoginPassword": {Hidden: true}, "agentPassword": {Hidden: true}, "communicationProfilePassword": {Hidden: true}}},
		}},
	},
}

// set is the rule of a list that a profile, or another writer, may have added to.
var set = evidence.Rule{Fold: true, Set: true, MayGrow: true}

// vendorsOwn are features that a user may show and no caller can set.
var vendorsOwn = []string{"desktop", "cmdesktop"}

// rulesFor returns the rules for a user as the vendor shows it: what stands where a
// field was emptied, and which features are on beside those that were asked for,
// depends on the rest of the user.
func rulesFor(is *User) evidence.Rules {
	profiled := is.ProfileID.Or("") != ""
	fromProfile := func(json.RawMessage) bool { return profiled }

	out := evidence.Rules{Default: rules.Default, Fields: maps.Clone(rules.Fields)}
	out.Default.Emptied = fromProfile
	for _, name := range []string{"emailId", "ownedGroups", "addresses", "accountAddresses"} {
		if _, own := out.Fields[name]; !own {
			out.Fields[name] = rules.Default // a profile gives none of these
		}
	}

	for _, name := range []string{"roles", "memberOfGroups", "resourcePartitions"} {
		if r := out.Fields[name]; profiled {
			r.Emptied = fromProfile
			out.Fields[name] = r
		}
	}

	name := rules.Default
	name.Emptied = func(json.RawMessage) bool { return is.namedByDefault() }
	out.Fields["displayName"] = name
	out.Fields["features"] = featuresRule(profiled)
	return out
}

// featuresRule requires each feature that was asked for to be on, if only as an empty
// object. No other may be on, except the vendor's own and those of a profile.
func featuresRule(profiled bool) evidence.Rule {
	lacks := func(is, want json.RawMessage, but ...string) bool {
		there := map[string]bool{}
		wire.EachMember(is, func(name, _ []byte) bool {
			there[string(name)] = true
			return true
		})
		lacking := false
		wire.EachMember(want, func(name, _ []byte) bool {
			lacking = !there[string(name)] && !slices.Contains(but, string(name))
			return !lacking
		})
		return lacking
	}
	each := rules.Fields["features"]
	return evidence.Rule{
		Same: func(want, is json.RawMessage) bool {
			return each.Shows(nil, want, is) && !lacks(is, want) && (profiled || !lacks(want, is, vendorsOwn...))
		},
		Emptied: func(is json.RawMessage) bool { return profiled || !lacks(nil, is, vendorsOwn...) },
	}
}

// namedByDefault reports whether the user's display name may be one that the vendor
// made of its names or its login, as it does where there is none.
func (u *User) namedByDefault() bool {
	is := strings.ToLower(u.DisplayName.Or(""))
	has := func(name string) bool { return name != "" && strings.Contains(is, strings.ToLower(name)) }
	return has(u.LastName) || has(u.FirstName) || evidence.SameLogin(is, u.LoginID)
}
