package webextest

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// The types of ids that the simulator knows.
const (
	people       = "PEOPLE"
	place        = "PLACE"
	virtualLine  = "VIRTUAL_LINE"
	callQueue    = "CALL_QUEUE"
	huntGroup    = "HUNT_GROUP"
	locationType = "LOCATION"
	organization = "ORGANIZATION"
	license      = "LICENSE"
	roleType     = "ROLE"
)

// ID returns the id of a type (PEOPLE, PLACE, CALL_QUEUE, ...) and a key, without
// padding, as the vendor writes it.
func ID(kind, key string) string {
	return base64.RawStdEncoding.EncodeToString([]byte("ciscospark://us/" + kind + "/" + key))
}

// Key returns the key inside an id of any form, or the text itself where it is
// none.
func Key(id string) string {
	if _, key, ok := parseID(id); ok {
		return key
	}
	return id
}

// isUUID reports whether a text has the form of a UUID.
func isUUID(text string) bool {
	for i, c := range []byte(text) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return len(text) == 36
}

// parseID takes an id apart, padded or not. A bare UUID has no kind.
func parseID(text string) (kind, key string, ok bool) {
	if isUUID(text) {
		return "", strings.ToLower(text), true
	}
	trimmed := strings.TrimRight(text, "=")
	raw, err := base64.RawStdEncoding.DecodeString(trimmed)
	if err != nil {
		if raw, err = base64.RawURLEncoding.DecodeString(trimmed); err != nil {
			return "", "", false
		}
	}
	rest, ok := strings.CutPrefix(string(raw), "ciscospark://")
	if !ok {
		return "", "", false
	}
	parts := strings.SplitN(rest, "/", 3)
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		return "", "", false
	}

	key = parts[2]
	if isUUID(key) {
		key = strings.ToLower(key)
	}
	return parts[1], key, true
}

// newKey returns a UUID that no other thing of this server has.
func (s *Server) newKey() string {
	s.keys++
	return fmt.Sprintf("0c0ffee0-%04x-4000-8000-%012x", s.keys>>16&0xffff, s.keys)
}
