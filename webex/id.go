package webex

import (
	"encoding/base64"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// ID names a thing at Webex, in any of the forms in which ids occur: a Hydra id
// (base64 of ciscospark://us/PEOPLE/<key>, with or without padding), that address
// itself, or the bare key, which is mostly a UUID.
//
// The same thing has ids in several forms, and answers call it by another than
// the one that was sent: workspaces and virtual lines are reported as PEOPLE. So
// compare with Same, or by Key, and never with ==.
type ID string

// IDType is the type inside a Hydra id.
type IDType string

// The types that this package deals with.
const (
	TypePerson       IDType = "PEOPLE"
	TypeWorkspace    IDType = "PLACE"
	TypeVirtualLine  IDType = "VIRTUAL_LINE"
	TypeCallQueue    IDType = "CALL_QUEUE"
	TypeHuntGroup    IDType = "HUNT_GROUP"
	TypeLocation     IDType = "LOCATION"
	TypeOrganization IDType = "ORGANIZATION"
	TypeLicense      IDType = "LICENSE"
	TypeRole         IDType = "ROLE"
)

const (
	idScheme = "ciscospark://"
	// homeCluster is the cluster in the ids that we make. In ids from the vendor it is
	// data like the rest.
	homeCluster = "us"
)

// NewID makes a Hydra id of a key, in the form that Webex itself uses.
func NewID(t IDType, key string) ID { return hydra(homeCluster, t, key) }

func hydra(cluster string, t IDType, key string) ID {
	return ID(base64.RawStdEncoding.EncodeToString([]byte(idScheme + cluster + "/" + string(t) + "/" + key)))
}

// parse takes an id apart. If it is not a Hydra id, all of it is the key.
func (id ID) parse() (cluster string, t IDType, key string) {
	text := strings.TrimSpace(string(id))
	address, ok := strings.CutPrefix(text, idScheme)
	if !ok {
		address, ok = decodeHydra(text)
	}

	if !ok {
		return "", "", text
	}
	// The key may hold slashes: old ones are base64 themselves.
	parts := strings.SplitN(address, "/", 3)
	if len(parts) < 3 || parts[1] == "" || parts[2] == "" {
		return "", "", text
	}
	return parts[0], IDType(parts[1]), parts[2]
}

// base64 of the scheme begins so, in both alphabets.
const hydraStart = "Y2lzY29zcGFyazovL"

func decodeHydra(text string) (address string, ok bool) {
	if !strings.HasPrefix(text, hydraStart) {
		return "", false
	}
	text = strings.TrimRight(text, "=")
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(text, "-_") {
		encoding = base64.RawURLEncoding
	}

	var buf [128]byte
	raw, err := encoding.AppendDecode(buf[:0], []byte(text))
	if err != nil {
		return "", false
	}
	return strings.CutPrefix(string(raw), idScheme)
}

// Key is the part that says which thing it is, and what ids are compared by: the
// UUID in lower case, or whatever else stands there as it is. It is good as the
// key of a map.
func (id ID) Key() string {
	_, _, key := id.parse()
	if isUUID(key) {
		return strings.ToLower(key)
	}
	return strings.TrimRight(key, "=")
}

// Type is the type inside a Hydra id, and empty for a bare key. What answers say
// here about agents is not to be relied on.
func (id ID) Type() IDType {
	_, t, _ := id.parse()
	return t
}

// Same reports whether both ids name one thing, whatever their form, padding or
// type.
func (id ID) Same(other ID) bool { return id.Key() == other.Key() }

// Hydra returns the id as telephony and People take it: unpadded base64. A bare
// UUID gets the type t; an id that has a type keeps it, and a word that is neither
// is left as it is.
func (id ID) Hydra(t IDType) ID {
	cluster, own, key := id.parse()
	switch {
	case own != "":
		return hydra(cluster, own, key)
	case isUUID(key):
		return hydra(homeCluster, t, strings.ToLower(key))
	}
	return ID(key)
}

// UUID returns the bare key as it was given, which SCIM and Webex Contact Center
// take. It is a UUID but for old ids.
func (id ID) UUID() string {
	_, _, key := id.parse()
	return key
}

// String returns the id as it is.
func (id ID) String() string { return string(id) }

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
				return false
			}
		}
	}
	return true
}

// literals stand in paths in the place of an id: a request for one of them would reach
// another operation.
var literals = map[string]bool{"me": true, "availableagents": true, "availablesupervisors": true}

// check returns the id as it is sent, or refuses an impossible one: empty, or with
// characters that no id has. Types are not checked, because Webex's own answers confuse
// them.
func (id ID) check(op, what string, t IDType) (ID, error) {
	out := id.Hydra(t)
	why := rest.CheckID(string(out))
	switch {
	case why != "":
	case literals[strings.ToLower(string(out))]:
		why = "is a word of the API and not an id"
	case strings.ContainsFunc(string(out), foreign) || id.Key() == "":
		why = "contains a character that no id has"
	}

	if why != "" {
		return "", core.Invalid(vendor, op, "the id of "+what+" "+why)
	}
	return out, nil
}

func foreign(r rune) bool {
	switch {
	case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
		return false
	}
	return !strings.ContainsRune("-_+=.:@~", r)
}
