package core

import "encoding/json"

// Extra holds what a vendor sent and our types do not know, member by member as
// it came: fields of a later version, and known fields that were null where the
// Go field cannot say so. What is in Extra is written back untouched, so that a
// full replacement loses nothing. A member that has the name of a known field is
// written only while that field is unset.
//
// The clients read and write it; plain encoding/json leaves it out, as it redacts
// secrets. What was marshalled with it is for people and not to be sent back.
type Extra map[string]json.RawMessage
