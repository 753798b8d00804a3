package avayatest

import (
	"net/http"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

type handler = func(*Server, *request) answer

// The paths of what the services hold.
const (
	tokenPath      = "api/auth/{version}/{account}/protocol/openid-connect/token"
	usersPath      = "api/admin/user/{version}/accounts/{account}/users"
	profilesPath   = "api/admin/user/{version}/accounts/{account}/profiles"
	groupsPath     = "api/admin/group/{version}/accounts/{account}/groups"
	queuesPath     = "api/admin/match/{version}/accounts/{account}/queues"
	categoriesPath = "api/admin/match/{version}/accounts/{account}/categories"
)

// routes are all that is served.
var routes = simnet.Routes[handler]{
	simnet.On("Token", "POST", tokenPath, (*Server).token),

	simnet.On("Users.List", "GET", usersPath, (*Server).listUsers),
	simnet.On("Users.Create", "POST", usersPath, (*Server).createUser),
	simnet.On("Users.Get", "GET", usersPath+"/{id}", (*Server).getUser),
	simnet.On("Users.Replace", "PUT", usersPath+"/{id}", (*Server).replaceUser),
	simnet.On("Users.Delete", "DELETE", usersPath+"/{id}", (*Server).deleteUser),
	simnet.On("Users.Search", "POST", usersPath+":search", (*Server).searchUsers),
	simnet.On("Users.ListStatuses", "POST", usersPath+":listStatuses", (*Server).listUserStatuses),

	simnet.On("Profiles.List", "GET", profilesPath, (*Server).listProfiles),
	simnet.On("Profiles.Create", "POST", profilesPath, (*Server).createProfile),
	simnet.On("Profiles.Get", "GET", profilesPath+"/{id}", (*Server).getProfile),
	simnet.On("Profiles.Replace", "PUT", profilesPath+"/{id}", (*Server).replaceProfile),
	simnet.On("Profiles.Delete", "DELETE", profilesPath+"/{id}", (*Server).deleteProfile),
	simnet.On("Profiles.ListStatuses", "POST", profilesPath+":listStatuses", (*Server).listProfileStatuses),

	simnet.On("Groups.List", "GET", groupsPath, (*Server).listGroups),
	simnet.On("Groups.Get", "GET", groupsPath+"/{id}", (*Server).getGroup),

	simnet.On("Queues.List", "GET", queuesPath, (*Server).listQueues),
	simnet.On("Queues.Get", "GET", queuesPath+"/{id}", (*Server).getQueue),

	simnet.On("Categories.List", "GET", categoriesPath, (*Server).listCategories),
}

// Operations names everything that the simulator serves, in the order of the package
// comment. The names are those that the client's errors and events bear. A fault, or a
// question about requests, that names another operation panics.
func Operations() []string { return routes.Names() }

// route finds out what a request asks for. A path that is served with other methods
// leaves them in allow.
func route(hr *http.Request) *request {
	r := &request{Request: hr, op: simnet.Unknown, service: "user"}
	path := simnet.Path(hr)
	found := routes.Find(hr.Method, path)
	if found.Route == nil && found.Methods == nil {
		return r
	}

	service, version := path[2], path[3]
	if path[1] == "auth" {
		service, version = path[1], path[2]
	}
	if version != "v1" && version != "v1beta" {
		return r
	}

	r.service, r.version, r.allow = service, version, found.Methods
	r.account, r.id = found.Vars["account"], found.Vars["id"]
	if found.Route != nil {
		r.op, r.handle = found.Route.Op, found.Route.How
	}
	return r
}
