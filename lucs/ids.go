package lucs

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// vendor is this package's name in errors, logs and core values.
const vendor = "lucs"

// checkGUID refuses an id that no user, service or callback can have. LUCS's ids
// are GUIDs; a SIP URI in a path is refused by the web server before the API sees
// it.
func checkGUID(op, what, id string) error {
	if isGUID(unbraced(id)) {
		return nil
	}
	why := rest.CheckID(id)
	switch {
	case why == "" && strings.Contains(id, ":"):
		why = "is not an id but looks like a SIP URI: ids are GUIDs"
	case why == "":
		why = "is not a GUID (8-4-4-4-12 hexadecimal digits)"
	}
	return core.Invalid(vendor, op, "the id of "+what+" "+why)
}

func isGUID(id string) bool {
	if len(id) != 36 {
		return false
	}
	for i, c := range []byte(id) {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
				return false
			}
		}
	}
	return true
}

// unbraced removes the braces in which .NET may write a GUID.
func unbraced(id string) string {
	if inner, ok := strings.CutPrefix(id, "{"); ok {
		if inner, ok = strings.CutSuffix(inner, "}"); ok && isGUID(inner) {
			return inner
		}
	}
	return id
}

// bare returns an id of the server without blanks and braces.
func bare(id string) string { return unbraced(strings.TrimSpace(id)) }

// sameID compares ids as .NET does.
func sameID(a, b string) bool { return strings.EqualFold(bare(a), bare(b)) }

// idKey is an id for use as a key.
func idKey(id string) string { return strings.ToLower(bare(id)) }

// canonical is an id as the adapter returns it: in the spelling of the vendor's pages,
// because two lists may spell it differently. Anything but a GUID is returned as it
// came.
func canonical(id string) string {
	if guid := bare(id); isGUID(guid) {
		return strings.ToLower(guid)
	}
	return id
}

// SIPURI is the address of a user or a service, with its scheme:
// "sip:mara.keller@example.com".
type SIPURI string

// Same reports whether two addresses are the same: case, blanks around and the form of
// composition do not count.
func (s SIPURI) Same(o SIPURI) bool { return evidence.SameLogin(string(s), string(o)) }

// parseSIP trims an address and refuses anything else.
func parseSIP(text string) (SIPURI, error) {
	text = strings.TrimSpace(text)
	scheme, address, ok := strings.Cut(text, ":")
	if !ok || !strings.EqualFold(scheme, "sip") && !strings.EqualFold(scheme, "sips") {
		return "", fmt.Errorf("must be a SIP URI with its scheme, such as sip:name@domain.tld")
	}
	name, domain, ok := strings.Cut(address, "@")
	if !ok || name == "" || domain == "" || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return "", fmt.Errorf("must be sip:name@domain.tld")
	}
	return SIPURI(text), nil
}

// parseTarget prepares a callback's target for sending: the documentation's own example
// has a blank after "tel:", which the server takes for part of the number.
func parseTarget(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > 4 && strings.EqualFold(text[:4], "tel:") {
		return text[:4] + strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return -1
			}
			return r
		}, text[4:])
	}
	return text
}
