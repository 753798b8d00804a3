package libh3lptest

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// The versions of the API, which are the first parts of its paths.
const (
	v1 = "2011-12-03"
	v2 = "2013-07-21"
	v3 = "2016-02-10"
)

// routes are all that is served. The name of a presence operation depends on the path: see
// [jid.operation].
var routes = simnet.Routes[handler]{
	simnet.On("Login", "POST", v1+"/auth/login", secure((*Server).login)),
	simnet.On("Login", "POST", v2+"/auth/login", secure((*Server).login)),
	simnet.On("Login", "POST", v3+"/auth/login", secure((*Server).login)),
	simnet.On("Verify", "GET", v1+"/auth/verify", secure((*Server).verify)),
	simnet.On("Verify", "GET", v2+"/auth/verify", secure((*Server).verify)),
	simnet.On("Verify", "GET", v3+"/auth/verify", secure((*Server).verify)),

	simnet.On("Users.List", "GET", v1+"/users", guarded((*Server).list)),
	simnet.On("Users.List", "GET", v2+"/users", guarded((*Server).listV2)),
	simnet.On("Users.Get", "GET", v1+"/users/{id}", guarded((*Server).get)),
	simnet.On("Users.Create", "POST", v1+"/users", guarded((*Server).create)),
	simnet.On("Users.Update", "PUT", v1+"/users/{id}", guarded((*Server).update)),
	simnet.On("Users.Update", "PATCH", v1+"/users/{id}", guarded((*Server).update)),
	simnet.On("Users.Delete", "DELETE", v1+"/users/{id}", guarded((*Server).delete)),

	simnet.On("Queues.List", "GET", v1+"/queues", guarded((*Server).list)),
	simnet.On("Queues.List", "GET", v2+"/queues", guarded((*Server).listV2)),
	simnet.On("Queues.Get", "GET", v1+"/queues/{id}", guarded((*Server).get)),
	simnet.On("Queues.Create", "POST", v1+"/queues", guarded((*Server).create)),
	simnet.On("Queues.Update", "PUT", v1+"/queues/{id}", guarded((*Server).update)),
	simnet.On("Queues.Update", "PATCH", v1+"/queues/{id}", guarded((*Server).update)),
	simnet.On("Queues.Delete", "DELETE", v1+"/queues/{id}", guarded((*Server).delete)),

	simnet.On("Assignments.List", "GET", v1+"/users/{id}/assignments", guarded((*Server).listLinks)),
	simnet.On("Assignments.Create", "POST", v1+"/users/{id}/assignments", guarded((*Server).createLink)),
	simnet.On("Assignments.Update", "PUT", v1+"/users/{id}/assignments/{other}", guarded((*Server).updateLink)),
	simnet.On("Assignments.Delete", "DELETE", v1+"/users/{id}/assignments/{other}", guarded((*Server).deleteLink)),

	simnet.On("Operators.List", "GET", v1+"/queues/{id}/operators", guarded((*Server).listLinks)),
	simnet.On("Operators.List", "GET", v2+"/queues/{id}/operators", guarded((*Server).listOperatorsV2)),
	simnet.On("Operators.Create", "POST", v1+"/queues/{id}/operators", guarded((*Server).createLink)),
	simnet.On("Operators.Update", "PUT", v1+"/queues/{id}/operators/{other}", guarded((*Server).updateLink)),
	simnet.On("Operators.Update", "PUT", v2+"/queues/{id}/operators/{other}", guarded((*Server).updateOperatorV2)),
	simnet.On("Operators.Update", "PATCH", v2+"/queues/{id}/operators/{other}", guarded((*Server).updateOperatorV2)),
	simnet.On("Operators.Delete", "DELETE", v1+"/queues/{id}/operators/{other}", guarded((*Server).deleteLink)),

	simnet.On("Presence.User", "GET", "presence/jid/{name}/{domain}/{format}", (*Server).presence),
	simnet.On("Presence.Image", "GET", "presence/jid/{name}/{domain}/image/{theme}", (*Server).presence),
	simnet.On("Presence.Image", "GET", "presence/image/{theme}/{name}", (*Server).icon),

	simnet.On("LoginPage", "GET", "login", func(*Server, *call) *answer { return loginPage(http.StatusOK) }),
}

// Operations names everything that the simulator serves, in the order of the package
// comment. The names are those that the client's errors and events bear. A fault, or a
// question about requests, that names another operation panics.
func Operations() []string {
	names := routes.Names()
	i := slices.Index(names, "Presence.User") + 1
	return slices.Insert(names, i, "Presence.Queue", "Presence.UserResources", "Presence.QueueResources", "Presence.Script")
}

// route finds out what a request asks for. It leaves c.handle nil for what is not served.
func (c *call) route() {
	path := simnet.Path(c.request)
	if len(path) > 1 && slices.Contains([]string{v1, v2, v3}, path[0]) {
		c.version, c.collection = path[0], path[1]
		if c.method == http.MethodPost && c.query.Has("_method") {
			c.method = c.query.Get("_method")
		}
	}

	found := routes.Find(c.method, path)
	if !c.read(found.Vars) {
		return
	}
	if found.Route == nil {
		c.methods = found.Methods
		return
	}

	c.op, c.handle = found.Route.Op, found.Route.How
	if c.jid.name != "" {
		c.op = c.jid.operation()
	}
}

// read reads the variable parts of a path. An id that makes no sense makes the path one
// that is not served.
func (c *call) read(vars map[string]string) bool {
	c.jid = jid{
		name: vars["name"], domain: vars["domain"],
		format: cmp.Or(vars["format"], "image"), theme: cmp.Or(vars["theme"], "simpletext"),
	}

	for name, id := range map[string]*int64{"id": &c.id, "other": &c.other} {
		text, there := vars[name]
		if !there {
			continue
		}
		var ok bool
		if *id, ok = parseID(text); !ok {
			return false
		}
	}
	return true
}

// operation names what is asked of the presence service.
func (j jid) operation() string {
	whose := "User"
	if j.domain == QueueDomain {
		whose = "Queue"
	}

	switch j.format {
	case "xml":
		return "Presence." + whose + "Resources"
	case "image":
		return "Presence.Image"
	case "js":
		return "Presence.Script"
	}
	return "Presence." + whose
}

func parseID(text string) (int64, bool) {
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil && strconv.FormatInt(id, 10) == text
}
