package lucs

import (
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// PresenceState is a presence in the server's words. It is open: customers define
// states of their own, and each surface of LUCS spells them differently.
type PresenceState string

// The presences that can be set. Only DoNotDisturb is documented; a server that
// has other words for the rest is told so in Dialect.PresenceWords.
const (
	PresenceOnline       PresenceState = "Online"
	PresenceBusy         PresenceState = "Busy"
	PresenceDoNotDisturb PresenceState = "DoNotDisturb"
	PresenceAway         PresenceState = "Away"
	PresenceBeRightBack  PresenceState = "BeRightBack"
)

// availabilities are the words for an agent's presence, in lower case and without
// blanks.
var availabilities = map[string]core.Availability{
	"online": core.Available, "available": core.Available, "idleonline": core.Available, "free": core.Available,
	"busy": core.Busy, "idlebusy": core.Busy, "inacall": core.Busy, "inaconference": core.Busy, "inameeting": core.Busy,
	"donotdisturb": core.DND, "dnd": core.DND, "presenting": core.DND, "urgentinterruptionsonly": core.DND,
	"away": core.Away, "temporarilyaway": core.Away, "berightback": core.Away, "appearaway": core.Away, "inactive": core.Away,
	"rona": core.Away, "offwork": core.Away,
	"offline": core.Offline, "appearoffline": core.Offline,
}

// Availability returns what the word means, and core.Unknown for one that is not
// documented. Case, blanks, hyphens and underscores do not count.
func (p PresenceState) Availability() core.Availability {
	if a, ok := availabilities[fold(p)]; ok {
		return a
	}
	return core.Unknown
}

func fold(p PresenceState) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '_' || r == '\u00a0' {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(string(p))))
}

// availability is Availability with the server's own words first.
func (w PresenceWords) availability(p PresenceState) core.Availability {
	for _, a := range []core.Availability{core.Available, core.Busy, core.Away, core.DND, core.Offline} {
		if word := w.of(a); word != "" && fold(word) == fold(p) {
			return a
		}
	}
	return p.Availability()
}

// presenceOf reads the member that holds the presence. No sample of it is documented:
// it may be a word, an object with the word in it, or anything else, which is kept as
// it came.
func presenceOf(raw []byte) PresenceState {
	var word string
	if wire.Unmarshal(raw, &word) == nil {
		return PresenceState(strings.TrimSpace(word))
	}
	object := core.Extra{}
	if wire.Unmarshal(raw, &object) == nil {
		for _, name := range []string{"PresenceState", "Availability", "State", "Name", "Value"} {
			if inner, ok := lookUp(object, name); ok && wire.Unmarshal(inner, &word) == nil && word != "" {
				return PresenceState(word)
			}
		}
	}

	if text := strings.TrimSpace(string(raw)); text != "null" && text != `""` {
		return PresenceState(text)
	}
	return ""
}
