package wire

import "bytes"

// OneOrMany reads an answer that is one object or an array of them.
type OneOrMany[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (o *OneOrMany[T]) UnmarshalJSON(data []byte) error {
	*o = nil
	if data = bytes.TrimSpace(data); len(data) > 0 && data[0] == '{' {
		*o = make([]T, 1)
		return Unmarshal(data, &(*o)[0])
	}
	return Unmarshal(data, (*[]T)(o))
}
