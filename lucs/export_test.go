package lucs

import (
	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// For the tests in package lucs_test.

// Operations is every operation record of the package.
var Operations = func() (all []*rest.Op) {
	for _, r := range routes {
		all = append(all, r.op)
	}
	return all
}()

// Guesses are the operations that have no route unless one is configured.
var Guesses = func() (all []string) {
	for _, r := range routes {
		if r.guess {
			all = append(all, r.op.Name)
		}
	}
	return all
}()

// RouteOf returns the field of an operation.
func RouteOf(r *Routes, op *rest.Op) *string {
	for _, known := range routes {
		if known.op == op {
			return known.field(r)
		}
	}
	return nil
}

// PathOf returns an operation's record as a client sends it.
func (c *Client) PathOf(op *rest.Op) (*rest.Op, bool) {
	p, ok := c.paths[op]
	return p.op, ok
}

func Explain(body []byte) *core.Error {
	e := &core.Error{}
	explain(body, e)
	return e
}

func ParseSIP(text string) (SIPURI, error) { return parseSIP(text) }

func ParseTarget(text string) string { return parseTarget(text) }

func IsGUID(id string) bool { return isGUID(id) }

func PresenceOf(raw []byte) PresenceState { return presenceOf(raw) }

type (
	Answered = answered
	TaskID   = taskID
)

func (a *Answered) Users() []User { return a.users }
