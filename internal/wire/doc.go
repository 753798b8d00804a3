// Package wire reads and writes the JSON of vendors' APIs. It is fast, lenient
// about quoted scalars, and never loses a member.
//
//   - A struct with a field of type [core.Extra] keeps every member that no
//     field takes, and every known member that was null where the field cannot
//     say so. Writing the struct puts them back. This is what makes a full
//     replacement safe.
//   - Numbers and booleans may arrive in quotes, identifiers may arrive bare,
//     booleans as 1 and 0, one element without its list. What is written is
//     canonical. A core.Opt[bool] or *bool that arrives in any other form is not
//     known: the field stays unset, and the member is kept in Extra.
//   - Text is UTF-8, both ways. Lone surrogates, and nulls in lists of texts or of
//     objects, are kept in a form that no text has, and go back as they came.
//   - The grammar is as strict as that of encoding/json: the same documents are
//     valid, except that they must be UTF-8, that nesting is bounded (1,000 levels),
//     that memory is bounded by the bytes read, and so is an object that is kept
//     whole (2 MiB).
//   - Errors name the place and the kind of what was found, never a value.
//
// Reading is one pass over the input, guided by a plan that is made once for
// each Go type:
//
//	scan.go      the grammar: where values begin and end
//	text.go      strings: escapes, UTF-8, and where their bytes are kept
//	number.go    numbers, bare or quoted, without loss
//	plan.go      from a Go type to its plan: tags, embedding, methods
//	decode.go    Unmarshal; objects into structs
//	value.go     everything else that is decoded
//	optional.go  core.Opt, both ways
//	loose.go     one for a list, a list of one
//	null.go      nulls in lists
//	bounds.go    what a document may cost
//	encode.go    Marshal
//	cursor.go    a place in a text, for who compares two of them
//	array.go     lists, an element at a time, while the bytes arrive
//	errors.go    what can go wrong
package wire
