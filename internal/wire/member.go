package wire

import "bytes"

// EachMember calls f with the name and the JSON of each member of an object, in order,
// until f returns false. A name holds until f returns. It allocates nothing, but for
// names with escapes once per object. It reports whether the text is an object, as far
// as it was read.
func EachMember(doc []byte, f func(name, value []byte) bool) bool {
	doc = bytes.TrimSpace(doc)
	if len(doc) < 2 || doc[0] != '{' {
		return false
	}

	var names decoder // of names with escapes
	for rest := blank(doc[1:]); ; {
		if len(rest) > 0 && rest[0] == '}' {
			return true
		}
		name := rest[:valueEnd(rest)]
		if len(name) < 2 || name[0] != '"' {
			return false
		}
		if rest = blank(rest[len(name):]); len(rest) == 0 || rest[0] != ':' {
			return false
		}

		rest = blank(rest[1:])
		value := rest[:valueEnd(rest)]
		if len(value) == 0 {
			return false
		}
		if !f(names.unquoted(name), value) {
			return true
		}

		rest = blank(rest[len(value):])
		if len(rest) > 0 && rest[0] == ',' {
			rest = blank(rest[1:])
		} else if len(rest) == 0 || rest[0] != '}' {
			return false
		}
	}
}

// EachElement calls f with the JSON of each element of a list, in order, until f returns
// false. It allocates nothing. It reports whether the text is a list, as far as it was
// read.
func EachElement(doc []byte, f func(value []byte) bool) bool {
	doc = bytes.TrimSpace(doc)
	if len(doc) < 2 || doc[0] != '[' {
		return false
	}

	rest := blank(doc[1:])
	if len(rest) > 0 && rest[0] == ']' {
		return true
	}
	for {
		value := rest[:valueEnd(rest)]
		if len(value) == 0 {
			return false
		}
		if !f(value) {
			return true
		}

		switch rest = blank(rest[len(value):]); {
		case len(rest) > 0 && rest[0] == ',':
			rest = blank(rest[1:])
		default:
			return len(rest) > 0 && rest[0] == ']'
		}
	}
}

// Only returns the element of a list of one. n is how many elements there are, of which
// two stand for all that are more, and -1 where the text is no list.
func Only(doc []byte) (only []byte, n int) {
	isList := EachElement(doc, func(value []byte) bool {
		only = value
		n++
		return n < 2
	})
	if !isList {
		return nil, -1
	}
	return only, n
}

func blank(s []byte) []byte { return bytes.TrimLeft(s, " \t\r\n") }

// valueEnd is where the value at the beginning of a text ends: 0 where there is none.
func valueEnd(s []byte) int {
	depth, inText := 0, false

	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			if inText = !inText; !inText && depth == 0 {
				return i + 1
			}
		case inText:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
			if depth < 0 {
				return i
			}
		case depth == 0 && (c == ',' || c == ':' || c == ' ' || c == '\t' || c == '\r' || c == '\n'):
			return i
		}
	}

	if inText || depth > 0 {
		return 0
	}
	return len(s)
}

// unquoted is a name without its quotes, nil where its escapes are malformed. It holds
// until the next call.
func (d *decoder) unquoted(name []byte) []byte {
	if bytes.IndexByte(name, '\\') < 0 {
		return name[1 : len(name)-1]
	}
	d.data, d.pos = name, 0
	text, err := d.str()
	if err != nil {
		return nil
	}
	return text
}
