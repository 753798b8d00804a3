package webex

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// personRules say how the fields of a person that was changed are compared with what
// the vendor then shows.
var personRules = evidence.Rules{
	// The vendor ignores case in addresses, and joins blanks.
	Default: evidence.Rule{Fold: true},
	Fields: map[string]evidence.Rule{
		"emails":     {Same: sameEmails},
		"lastName":   {Same: sameLastName, Emptied: isNoName},
		"managerId":  {Key: idKey},
		"locationId": {Key: idKey},
		"orgId":      {Key: idKey},
		"roles":      {Same: sameIDs},
		// The vendor may add the ones that others imply.
		"licenses":     {Key: idKey, MayGrow: true},
		"siteUrls":     {Fold: true, MayGrow: true},
		"addresses":    {Fold: true, MayGrow: true},
		"phoneNumbers": {Same: sameWorkNumbers, Emptied: hasNoWorkNumber},
		// Absent is not the same as off here: not every caller sees the field.
		"loginEnabled": {Same: func(want, is json.RawMessage) bool { return bytes.Equal(want, is) }},
	},
}

// newPersonRules are the rules for a person that was just created, who may have more of
// everything than was sent.
var newPersonRules = evidence.Rules{Default: personRules.Default, Fields: withRules(personRules.Fields, map[string]evidence.Rule{
	"emails":       {Fold: true, MayGrow: true},
	"roles":        {Key: idKey, MayGrow: true},
	"phoneNumbers": {Same: hasWorkNumbers},
	"avatar":       {Hidden: true}, // the vendor may keep a copy at another address
	"orgId":        {Key: idKey, Silent: true},
})}

func withRules(rules, more map[string]evidence.Rule) map[string]evidence.Rule {
	out := maps.Clone(rules)
	maps.Copy(out, more)
	return out
}

// members are the fields of a person as they are sent, by wire name.
func (p *Person) members() evidence.Object {
	w := p.writable()
	return wire.Members(&w)
}

// differences names the sent fields in which two people differ.
func differences(a, b *Person) []string { return evidence.Changed(a.members(), b.members()) }

// lacking names what was sent for a new person and does not show.
func lacking(sent, got *Person) []string {
	want := sent.members()
	return newPersonRules.Unmet(slices.Collect(maps.Keys(want)), nil, want, got.members())
}

// skipped names the ids that were sent and do not show: the vendor skips licences that
// cannot be given, whatever else a write changes.
func skipped(sent, got *Person) []string {
	return newPersonRules.Unmet([]string{"licenses", "roles"}, nil, sent.members(), got.members())
}

func idKey(id string) string { return ID(id).Key() }

// textsOf returns the texts of a list, or a text alone.
func textsOf(raw json.RawMessage) (out []string) {
	if text, ok := wire.Text(raw); ok {
		return []string{text}
	}
	wire.EachElement(raw, func(one []byte) bool {
		text, _ := wire.Text(one)
		out = append(out, text)
		return true
	})
	return out
}

func setOf(list []string, key func(string) string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, s := range list {
		set[key(s)] = true
	}
	return set
}

func sameIDs(want, is json.RawMessage) bool {
	return maps.Equal(setOf(textsOf(want), idKey), setOf(textsOf(is), idKey))
}

// sameEmails compares the first address, which is the login, and the others in any
// order.
func sameEmails(want, is json.RawMessage) bool {
	a, b := textsOf(want), textsOf(is)
	return sameAddresses(a, b) && len(a) > 0 && evidence.SameLogin(a[0], b[0])
}

// sameAddresses reports whether two lists hold the same addresses, in any order.
func sameAddresses(a, b []string) bool {
	return maps.Equal(setOf(a, core.FoldAddress), setOf(b, core.FoldAddress))
}

// noName is what the vendor stores if there is no last name.
const noName = "."

func isNoName(raw json.RawMessage) bool {
	name, _ := wire.Text(raw)
	return name == noName || wire.Empty(raw)
}

func sameLastName(want, is json.RawMessage) bool {
	if isNoName(want) || isNoName(is) {
		return isNoName(want) && isNoName(is)
	}
	return evidence.Rule{Fold: true}.Shows(nil, want, is)
}

func hasNoWorkNumber(raw json.RawMessage) bool { return len(workNumbers(raw)) == 0 }

// sameWorkNumbers compares the work numbers, which are read back in other notations
// and together with others.
func sameWorkNumbers(want, is json.RawMessage) bool {
	left, ok := withoutNumbers(workNumbers(want), workNumbers(is))
	return ok && len(left) == 0
}

func hasWorkNumbers(want, is json.RawMessage) bool {
	_, ok := withoutNumbers(workNumbers(want), workNumbers(is))
	return ok
}

// maxOddNumbers is how many numbers of one person are compared in other notations.
const maxOddNumbers = 100

// withoutNumbers removes the numbers that were sent from those that are shown. It is
// not ok if one is missing.
func withoutNumbers(sent, there []string) (left []string, ok bool) {
	counts := map[string]int{}
	for _, n := range there {
		counts[n]++
	}
	var odd []string
	for _, n := range sent {
		if counts[n]--; counts[n] < 0 {
			counts[n], odd = 0, append(odd, n)
		}
	}

	for n, count := range counts {
		left = append(left, slices.Repeat([]string{n}, count)...)
	}
	if len(odd) > maxOddNumbers {
		return left, false
	}

	// A national number is shown in its international form.
	const national = 7
	for _, n := range odd {
		i := slices.IndexFunc(left, func(shown string) bool {
			return len(n) >= national && strings.HasSuffix(shown, strings.TrimLeft(n, "0"))
		})
		if i < 0 {
			return left, false
		}
		left = slices.Delete(left, i, i+1)
	}
	return left, true
}

// workNumbers are the digits of the numbers of type work.
func workNumbers(raw json.RawMessage) (out []string) {
	wire.EachElement(raw, func(one []byte) bool {
		kind, number := "", ""
		wire.EachMember(one, func(name, value []byte) bool {
			switch string(name) {
			case "type":
				kind, _ = wire.Text(value)
			case "value":
				number = string(wordOf(value))
			}
			return true
		})
		if strings.EqualFold(kind, numberWork) {
			out = append(out, digits(number))
		}
		return true
	})
	return out
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
