package wire

import "strings"

// Word is a text of an answer that may be anything: what is neither a text nor a number
// reads as empty. Reading an error must not fail over a detail of it.
type Word string

// UnmarshalJSON implements json.Unmarshaler.
func (w *Word) UnmarshalJSON(data []byte) error {
	*w = ""
	var s string
	if data[0] != '{' && data[0] != '[' && data[0] != 't' && data[0] != 'f' && Unmarshal(data, &s) == nil {
		*w = Word(strings.TrimSpace(s))
	}
	return nil
}
