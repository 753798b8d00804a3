package lucstest

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// operation is one thing that the API does.
type operation struct {
	name   string
	route  string
	off    bool // answered 404, unless told otherwise
	area   Area
	handle func(*Server, *call) *answer

	idParam string // the query parameter that holds the id, where the path does not
}

var operations = []operation{
	{name: "Services.List", route: "GET /services", area: Provisioning, handle: (*Server).listServices},
	{name: "Services.ListUsers", route: "GET /services/{id}/users", area: Provisioning, handle: (*Server).listServiceUsers},
	{name: "Services.ListTasks", route: "GET /services/{id}/tasks", area: TasksManage, handle: (*Server).listServiceTasks},
	{name: "Users.Create", route: "POST /users", area: Provisioning, handle: (*Server).createUser},
	{name: "Users.Block", route: "POST /users/{id}/block", area: Control, handle: (*Server).blockUser},
	{name: "Users.Unblock", route: "POST /users/{id}/unblock", area: Control, handle: (*Server).unblockUser},
	{name: "Users.SetPresence", route: "POST /users/{id}/setpresence", area: Control, handle: (*Server).setUserPresence},
	{name: "Tasks.Create", route: "POST /tasks", area: TasksManage, handle: (*Server).createTask},
	{name: "Tasks.Get", route: "GET /tasks/{id}", area: TasksManage, handle: (*Server).getTask},
	{name: "Callbacks.Create", route: "POST /callbacks", area: TasksManage, handle: (*Server).createCallback},
	{name: "Callbacks.List", route: "GET /callbacks", area: TasksManage, handle: (*Server).listCallbacks},
	{name: "Callbacks.Get", route: "GET /callbacks/{id}", area: TasksManage, handle: (*Server).getCallback},
	{name: "Callbacks.Cancel", route: "POST /callbacks/{id}/cancel", area: TasksManage, handle: (*Server).cancelCallback},
	{name: "Callbacks.Search", route: "POST /callbacks/search", area: TasksManage, handle: (*Server).searchCallbacks},
	{name: "Users.List", route: "GET /users", off: true, area: Provisioning, handle: (*Server).listUsers},
	{name: "Users.Get", route: "GET /users/{id}", off: true, area: Provisioning, handle: (*Server).getUser},
	{name: "Users.Replace", route: "POST /users/{id}", off: true, area: Provisioning, handle: (*Server).updateUser},
	{name: "Users.Delete", route: "DELETE /users/{id}", off: true, area: Provisioning, handle: (*Server).deleteUser},
}

// Operations names everything that the simulator serves, in the order of the package
// comment. The names are those that the client's errors and events bear. A fault, or a
// question about requests, that names another operation panics.
func Operations() []string {
	out := make([]string, len(operations))
	for i, op := range operations {
		out[i] = op.name
	}
	return out
}

var routeForm = regexp.MustCompile(`^([A-Z]+) /([^?\s]*)(?:\?([^=\s]+)=\{id\})?$`)

// addRoutes puts the operations where the options want them.
func (s *Server) addRoutes() {
	for _, op := range operations {
		text, moved := s.cfg.routes[op.name]
		isServed := moved && text != "" || !moved && !op.off

		text = cmp.Or(text, op.route)
		form := routeForm.FindStringSubmatch(text)
		if form == nil {
			panic(fmt.Sprintf("lucstest: %s: %q is not a route", op.name, text))
		}

		var path []string
		for _, part := range []string{s.cfg.base, s.cfg.version, strings.Trim(form[2], "/")} {
			if part != "" {
				path = append(path, part)
			}
		}

		op.idParam = form[3]
		r := simnet.Route[operation]{Op: op.name, Method: form[1], Path: strings.Join(path, "/"), How: op}
		if isServed {
			s.served = append(s.served, r)
		} else {
			s.hidden = append(s.hidden, r)
		}
	}
}

// route finds out what a request asks for.
func (s *Server) route(c *call) {
	path := simnet.Path(c.request)

	// ASP.NET refuses these before any routing.
	if strings.ContainsAny(strings.Join(path, ""), `<>*%&:\?`) {
		c.unsafe = htmlAnswer(http.StatusBadRequest)
		return
	}

	// ASP.NET ignores the case of paths.
	found := s.served.FindFold(c.request.Method, path)
	if found.Route != nil {
		c.route, c.op, c.id = found.Route, found.Route.Op, found.Vars["id"]
		return
	}
	if s.hidden.FindFold(c.request.Method, path).Route == nil {
		c.allow = found.Methods
	}
}
