package webextest

import (
	"encoding/json"
	"slices"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// deleteAll is the operation of a request for DeleteMany that names no supervisor and
// means all.
const (
	deleteMany = "Supervisors.DeleteMany"
	deleteAll  = "Supervisors.DeleteAll"
)

// Operations names everything that the simulator serves, in the order of the package
// comment. The names are those that the client's errors and events bear. A fault, or a
// question about requests, that names another operation panics.
func Operations() []string {
	var out []string
	for _, op := range operations {
		if !slices.Contains(out, op.name) { // settings have several paths
			out = append(out, op.name)
		}
		if op.name == deleteMany {
			out = append(out, deleteAll)
		}
	}
	return out
}

// operationOf names the operation of a request.
func (c *call) operationOf() string {
	switch {
	case c.op == nil:
		return simnet.Unknown
	case c.op.name != deleteMany:
		return c.op.name
	}

	var asked struct{ DeleteAll bool }
	if json.Unmarshal(simnet.Peek(c.request), &asked) == nil && asked.DeleteAll {
		return deleteAll
	}
	return deleteMany
}
