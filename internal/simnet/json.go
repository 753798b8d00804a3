package simnet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Decode reads exactly one JSON value. Numbers without a type of their own become
// json.Number, so that no digit is lost.
func Decode(text []byte, to any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(to); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("text after the JSON value")
	}
	return nil
}

// DecodeObject reads exactly one JSON object, as Decode does.
func DecodeObject(text []byte) (map[string]any, error) {
	var v any
	if err := Decode(text, &v); err != nil {
		return nil, err
	}
	o, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("not a JSON object")
	}
	return o, nil
}

// Seed returns the JSON text of what a test gives: a string or []byte already is JSON,
// and anything else is encoded.
func Seed(v any) ([]byte, error) {
	switch v := v.(type) {
	case string:
		return []byte(v), nil
	case []byte:
		return v, nil
	}

	return encode(v)
}

// SeedObject is Seed of what must be an object, decoded.
func SeedObject(v any) (map[string]any, error) {
	if o, ok := plain(v); ok {
		if o, isObject := o.(map[string]any); isObject {
			return o, nil
		}
	}

	text, err := Seed(v)
	if err != nil {
		return nil, err
	}
	o, err := DecodeObject(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, text)
	}
	return o, nil
}

// plain copies a value that consists of JSON types alone, as Decode would give it. Most
// seeds are such values, and copying takes a tenth of the time of encoding and decoding.
// It refuses a value of another type.
func plain(v any) (copied any, ok bool) {
	switch v := v.(type) {
	case nil, bool:
		return v, true
	case string:
		return v, utf8.ValidString(v)
	case []string:
		return plainList(v)
	case []any:
		return plainList(v)
	case []map[string]any:
		return plainList(v)
	case map[string]any:
		if v == nil {
			return nil, false
		}
		out := make(map[string]any, len(v))
		for name, member := range v {
			if out[name], ok = plain(member); !ok || !utf8.ValidString(name) {
				return nil, false
			}
		}
		return out, true
	}
	return nil, false
}

func plainList[T any](list []T) (copied any, ok bool) {
	if list == nil {
		return nil, true
	}
	out := make([]any, len(list))
	for i, member := range list {
		if out[i], ok = plain(member); !ok {
			return nil, false
		}
	}
	return out, true
}
