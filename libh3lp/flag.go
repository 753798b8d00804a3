package libh3lp

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// Flag is a boolean as this vendor has it: true, or null where it is off. It is
// written so, and never left out: null is what suspends. It is read from true and
// null, and from false and "false", which the vendor's servers have sent as well.
// Absent is off.
type Flag bool

// MarshalJSON writes true or null.
func (f Flag) MarshalJSON() ([]byte, error) {
	if f {
		return []byte("true"), nil
	}
	return []byte("null"), nil
}

// UnmarshalJSON reads true, and null, false and "false" as off.
func (f *Flag) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	if len(data) > 0 && data[0] == '"' {
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		data = []byte(strings.ToLower(strings.TrimSpace(s)))
	}

	switch string(data) {
	case "true", "1":
		*f = true
	case "null", "false", "0", "":
		*f = false
	default:
		return errors.New("neither true, nor false, nor null")
	}
	return nil
}
