package libh3lp

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// writeOnly are fields that no answer shows.
var writeOnly = []string{"password", "parent_id"}

// rules compare what was sent with what the vendor shows. Off is null, false, "false",
// or absent.
var rules = evidence.Rules{
	Fields: map[string]evidence.Rule{
		"password": {Hidden: true}, "parent_id": {Hidden: true},
		// a mail server folds, too
		"email": {Same: sameBut(evidence.Rule{Fold: true}), Emptied: isOff},
	},
	Default: evidence.Rule{Same: sameBut(evidence.Rule{}), Emptied: isOff},
}

// sameBut compares by a rule, with this vendor's forms of on and off.
func sameBut(r evidence.Rule) func(want, is json.RawMessage) bool {
	return func(want, is json.RawMessage) bool {
		if isOff(want) {
			return isOff(is)
		}
		return r.Shows(nil, asWord(want), asWord(is))
	}
}

// isOff reports whether a value stands for off, or for nothing.
func isOff(raw json.RawMessage) bool {
	word, ok := wire.Text(raw)
	if !ok {
		return wire.Null(raw) || string(raw) == "false"
	}
	word = strings.ToLower(strings.TrimSpace(word))
	return word == "" || word == "false" || word == "null"
}

// asWord turns "on" into a word, because the vendor sends it in that form too.
func asWord(raw json.RawMessage) json.RawMessage {
	if string(raw) == "true" {
		return json.RawMessage(`"true"`)
	}
	return raw
}

// comparison is what an answer, or a read, shows of what was sent, by the names of the
// fields.
type comparison struct {
	as     []string // shown as they were sent
	other  []string // shown with another value
	hidden []string // not shown
	silent []string // never shown by any answer
}

// compare compares what was sent with what is shown. A field of some that is left out is
// empty; nothing is known about any other field that is left out.
func compare(known []string, sent, shown evidence.Object) (c comparison) {
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		_, there := shown[name]
		isAs := len(rules.Unmet([]string{name}, nil, sent, shown)) == 0
		switch {
		case slices.Contains(writeOnly, name):
			c.silent = append(c.silent, name)
		case !there && (!isAs || !slices.Contains(known, name)):
			c.hidden = append(c.hidden, name)
		case isAs:
			c.as = append(c.as, name)
		default:
			c.other = append(c.other, name)
		}
	}
	return c
}

// holds reports whether every field that can be shown is as it was sent.
func (c comparison) holds() bool { return len(c.other) == 0 && len(c.hidden) == 0 }

// members returns the members of an object, and nil for anything else.
func members(raw json.RawMessage) (m evidence.Object) {
	if wire.Unmarshal(raw, &m) != nil {
		return nil
	}
	return m
}

// text returns a value as a word: a text, number or boolean, and "" for anything else.
// A detail must never make an error unreadable.
func text(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] == '{' || raw[0] == '[' {
		return ""
	}
	var v any
	if wire.Unmarshal(raw, &v) != nil {
		return ""
	}
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case bool, json.Number, float64:
		return string(raw)
	}
	return ""
}
