package livepersontest

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// Operations names everything that the simulator serves, in the order of the package
// comment. The names are those that the client's errors and events bear. A fault, or a
// question about requests, that names another operation panics.
func Operations() []string {
	out := []string{"Domain.Get", "Domain.List", "Token", "Login", "Login.Refresh", "Login.Logout"}
	for _, name := range []string{"users", "skills", "agentGroups", "profiles", "lobs", "statusReasons"} {
		r := resource{name: name}
		for _, verb := range []string{"List", "Get", "Create", "CreateMany", "Replace", "ReplaceMany", "Delete", "DeleteMany"} {
			if name != "statusReasons" || !strings.HasSuffix(verb, "Many") {
				out = append(out, r.title()+"."+verb)
			}
		}
	}
	return append(out, "Users.ResetPassword", "AgentView.Get")
}

// title is the resource's name in operations.
func (r *resource) title() string {
	if r.name == "lobs" {
		return "LOBs"
	}
	return strings.ToUpper(r.name[:1]) + r.name[1:]
}

// operationOf names the operation of a request: a create of several objects has the path
// of a create of one.
func (c *call) operationOf() string {
	if c.resource == nil || c.resource.noBatches || !strings.HasSuffix(c.op, ".Create") {
		return c.op
	}
	if bytes.HasPrefix(bytes.TrimSpace(simnet.Peek(c.request)), []byte("[")) {
		c.op += "Many"
	}
	return c.op
}

// known panics if a pattern, in the syntax of path.Match, fits no operation: a test that
// names it proves nothing.
func known(patterns []string) {
	for _, p := range patterns {
		if !slices.ContainsFunc(Operations(), func(op string) bool { ok, _ := path.Match(p, op); return ok }) {
			panic("livepersontest: there is no operation " + p)
		}
	}
}
