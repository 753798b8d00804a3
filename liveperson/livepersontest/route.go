package livepersontest

import (
	"bytes"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// operation is what is known of an operation beside its name and path.
type operation struct {
	service    string
	collection string // of Account Config
	handle     handler
}

// routes are all that is served.
var routes = func() simnet.Routes[operation] {
	out := simnet.Routes[operation]{
		simnet.On("Domain.Get", "GET", "api/account/{account}/service/{name}/baseURI.json", operation{domain, "", (*Server).domainGet}),
		simnet.On("Domain.List", "GET", "api/account/{account}/service/baseURI.json", operation{domain, "", (*Server).domainList}),
		simnet.On("Token", "POST", "sentinel/api/v2/account/{account}/app/token", operation{sentinel, "", (*Server).token}),
		simnet.On("Login", "POST", "api/account/{account}/login", operation{agentVep, "", (*Server).login}),
		simnet.On("Login.Refresh", "POST", "api/account/{account}/refresh", operation{agentVep, "", (*Server).refresh}),
		simnet.On("Login.Logout", "POST", "api/account/{account}/logout", operation{agentVep, "", (*Server).logout}),
	}

	// A create of many has the path of a create of one: see call.route.
	for _, c := range collections {
		in := func(verb, method, under string, handle handler) {
			how := operation{readWrite, c.name, guarded(versioned(handle))}
			out = append(out, simnet.On(c.title+"."+verb, method, configuration+c.path+under, how))
		}
		in("List", "GET", "", (*Server).list)
		in("Get", "GET", "/{id}", (*Server).get)
		in("Create", "POST", "", (*Server).create)
		in("Replace", "PUT", "/{id}", (*Server).replace)
		in("Delete", "DELETE", "/{id}", (*Server).delete)
		if c.name == "statusReasons" {
			continue // one at a time
		}
		in("CreateMany", "POST", "", (*Server).create)
		in("ReplaceMany", "PUT", "", (*Server).replaceMany)
		in("DeleteMany", "DELETE", "", (*Server).deleteMany)
	}

	return append(out,
		simnet.On("Users.ResetPassword", "PUT", configuration+"le-users/users/{id}/resetPassword",
			operation{readWrite, "users", guarded(versioned((*Server).resetPassword))}),
		simnet.On("AgentView.Get", "POST", "manager_workspace/api/account/{account}/agent_view",
			operation{workspace, "", guarded((*Server).agentView)}),
	)
}()

const configuration = "api/account/{account}/configuration/"

// collections are those of Account Config: each with its name in operations, its own name,
// and its path.
var collections = []struct{ title, name, path string }{
	{"Users", "users", "le-users/users"},
	{"Skills", "skills", "le-users/skills"},
	{"AgentGroups", "agentGroups", "le-users/agentGroups"},
	{"Profiles", "profiles", "le-users/profiles"},
	{"LOBs", "lobs", "le-users/lobs"},
	{"StatusReasons", "statusReasons", "le-agents/status-reasons"},
}

// Operations names everything that the simulator serves. The names are those that the client's errors and events bear. A fault, or a
// question about requests, that names another operation panics.
func Operations() []string { return routes.Names() }

// route finds out what a request asks for. It leaves c.service empty for an
// unknown path, and c.handle nil for an unknown method.
func (s *Server) route(c *call) {
	path := simnet.Path(c.request)
	override := c.request.Header.Get("X-HTTP-Method-Override")
	if len(path) > 3 && path[3] == "configuration" && override != "" && (c.method == http.MethodPost || c.method == http.MethodPut) {
		c.method = strings.ToUpper(override)
	}

	found := routes.Find(c.method, path)
	served := found.Route != nil
	if !served && len(found.Methods) > 0 {
		found = routes.Find(found.Methods[0], path) // whose service it is
	}
	if found.Route == nil {
		return
	}

	how := found.Route.How
	c.service, c.resource = how.service, s.resources[how.collection]
	c.account, c.name = found.Vars["account"], found.Vars["name"]
	if id, there := found.Vars["id"]; there {
		var ok bool
		c.id, ok = asLong(id)
		c.badID = !ok
	}

	if !served {
		return
	}
	c.op, c.handle = found.Route.Op, how.handle
	if strings.HasSuffix(c.op, ".Create") && c.resource != s.reasons && isArray(simnet.Peek(c.request)) {
		c.op += "Many"
	}
}

func isArray(body []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) }

// known panics if a pattern, in the syntax of path.Match, fits no operation: a test that
// names it proves nothing.
func known(patterns []string) {
	for _, p := range patterns {
		if !slices.ContainsFunc(Operations(), func(op string) bool { ok, _ := path.Match(p, op); return ok }) {
			panic("livepersontest: there is no operation " + p)
		}
	}
}
