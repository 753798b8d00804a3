package webextest

import (
	"fmt"
	"net/url"
	"strings"
)

// operation is one method of one path.
type operation struct {
	name, method, pattern string
	// scopes are all needed; alternatives are parted by |.
	scopes []string
	roles  []Role // none means any
	open   bool   // no token is needed
	form   bool   // the body is no JSON
	tiered bool   // hasCxEssentials selects the tier
	linked bool   // lists name their next page in a Link
	handle func(*Server, *call) *answer
}

// telephony reports whether the operation has the error bodies of telephony.
func (op *operation) telephony() bool {
	return strings.HasPrefix(op.pattern, "v1/telephony/")
}

func (s *Server) newTracking() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tracking++
	return fmt.Sprintf("ROUTERGW_7d1f0b66-0000-4000-8000-%012x", s.tracking)
}

var (
	telephonyRead  = []string{"spark-admin:telephony_config_read"}
	telephonyWrite = []string{"spark-admin:telephony_config_write"}
	peopleRead     = []string{"spark-admin:people_read|spark:people_read"}
	peopleWrite    = []string{"spark-admin:people_write", "spark-admin:people_read"}
)

const (
	supervisorsPath = "v1/telephony/config/supervisors"
	queueAgentsPath = "v1/telephony/config/queues/agents"
	queuesPath      = "v1/telephony/config/locations/{locationId}/queues"
)

// operations are all that is served. Of two patterns that fit a path the first
// wins, so literal parts come before variable ones.
var operations = []operation{
	{name: "Token.Refresh", method: "POST", pattern: "v1/access_token", open: true, form: true, handle: (*Server).token},
	{name: "Token.Retrieve", method: "POST", pattern: "v1/applications/{applicationId}/token", scopes: []string{scopeApplications},
		handle: (*Server).applicationToken},

	{name: "People.List", method: "GET", pattern: "v1/people", scopes: peopleRead, handle: (*Server).listPeople},
	{name: "People.Create", method: "POST", pattern: "v1/people", scopes: peopleWrite, roles: []Role{FullAdmin, UserAdmin},
		handle: (*Server).createPerson},
	{name: "People.Me", method: "GET", pattern: "v1/people/me", scopes: peopleRead, handle: (*Server).getMe},
	{name: "People.Get", method: "GET", pattern: "v1/people/{personId}", scopes: peopleRead, handle: (*Server).getPerson},
	{name: "People.Replace", method: "PUT", pattern: "v1/people/{personId}", scopes: peopleWrite, roles: []Role{FullAdmin, UserAdmin},
		handle: (*Server).replacePerson},
	{name: "People.Delete", method: "DELETE", pattern: "v1/people/{personId}", scopes: peopleWrite, roles: []Role{FullAdmin, UserAdmin},
		handle: (*Server).deletePerson},

	{name: "Supervisors.ListAvailable", method: "GET", pattern: supervisorsPath + "/availableSupervisors", scopes: telephonyRead,
		roles: []Role{FullAdmin, UserAdmin, ReadOnlyAdmin}, tiered: true, handle: (*Server).availableSupervisors},
	{name: "Supervisors.ListAvailableAgents", method: "GET", pattern: supervisorsPath + "/availableAgents", scopes: telephonyRead,
		roles: []Role{FullAdmin, UserAdmin, ReadOnlyAdmin}, tiered: true, handle: (*Server).availableAgents},
	{name: "Supervisors.List", method: "GET", pattern: supervisorsPath, scopes: telephonyRead, roles: []Role{FullAdmin, LocationAdmin,
		UserAdmin, ReadOnlyAdmin}, tiered: true, handle: (*Server).listSupervisors},
	{name: "Supervisors.Create", method: "POST", pattern: supervisorsPath, scopes: telephonyWrite, roles: []Role{FullAdmin, LocationAdmin},
		tiered: true, handle: (*Server).createSupervisor},
	{name: "Supervisors.DeleteMany", method: "DELETE", pattern: supervisorsPath, scopes: telephonyWrite, roles: []Role{FullAdmin},
		handle: (*Server).deleteSupervisors},
	{name: "Supervisors.Get", method: "GET", pattern: supervisorsPath + "/{supervisorId}", scopes: telephonyRead,
		roles: []Role{FullAdmin, UserAdmin, ReadOnlyAdmin}, tiered: true, handle: (*Server).getSupervisor},
	{name: "Supervisors.UpdateAgents", method: "PUT", pattern: supervisorsPath + "/{supervisorId}", scopes: telephonyWrite,
		roles: []Role{FullAdmin}, tiered: true, handle: (*Server).updateSupervisor},
	{name: "Supervisors.Delete", method: "DELETE", pattern: supervisorsPath + "/{supervisorId}", scopes: telephonyWrite,
		roles: []Role{FullAdmin}, handle: (*Server).deleteSupervisor},

	{name: "QueueAgents.ListAvailable", method: "GET", pattern: queueAgentsPath + "/availableAgents", scopes: telephonyRead,
		roles: []Role{FullAdmin, ReadOnlyAdmin, LocationAdmin}, handle: (*Server).queueCandidates},
	{name: "QueueAgents.List", method: "GET", pattern: queueAgentsPath, scopes: telephonyRead, roles: []Role{FullAdmin, ReadOnlyAdmin},
		tiered: true, linked: true, handle: (*Server).listQueueAgents},
	{name: "QueueAgents.Get", method: "GET", pattern: queueAgentsPath + "/{id}", scopes: telephonyRead,
		roles: []Role{FullAdmin, ReadOnlyAdmin}, tiered: true, handle: (*Server).getQueueAgent},
	{name: "QueueAgents.UpdateSettings", method: "PUT", pattern: queueAgentsPath + "/{id}/settings", scopes: telephonyWrite,
		roles: []Role{FullAdmin}, tiered: true, handle: (*Server).updateQueueAgent},

	{name: "Queues.List", method: "GET", pattern: "v1/telephony/config/queues", scopes: telephonyRead, roles: []Role{FullAdmin, ReadOnlyAdmin},
		tiered: true, linked: true, handle: (*Server).listQueues},
	{name: "Queues.Get", method: "GET", pattern: queuesPath + "/{queueId}", scopes: telephonyRead, roles: []Role{FullAdmin, ReadOnlyAdmin},
		tiered: true, handle: (*Server).getQueue},
	{name: "Queues.ReplaceAgents", method: "PUT", pattern: queuesPath + "/{queueId}", scopes: telephonyWrite,
		roles: []Role{FullAdmin, LocationAdmin}, handle: (*Server).updateQueue},
}

// route finds the operation. It reports false for an unknown path, and leaves
// c.op nil for an unknown method.
func (s *Server) route(c *call) (found bool) {
	var path []string
	for part := range strings.SplitSeq(strings.TrimPrefix(c.request.URL.EscapedPath(), "/"), "/") {
		part, err := url.PathUnescape(part)
		if err != nil || part == "" {
			return false
		}
		path = append(path, part)
	}

	// The first pattern that fits is the path's, whatever its method.
	pattern := ""
	for i := range operations {
		op := &operations[i]
		if found && op.pattern != pattern {
			continue
		}
		if vars, ok := fits(op.pattern, path); ok {
			found, pattern = true, op.pattern
			if op.method == c.request.Method {
				c.op, c.path = op, vars
				return true
			}
		}
	}
	return found
}

func fits(pattern string, path []string) (map[string]string, bool) {
	want := strings.Split(pattern, "/")
	if len(want) != len(path) {
		return nil, false
	}

	vars := map[string]string{}
	for i, part := range want {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			vars[strings.TrimSuffix(name, "}")] = path[i]
		} else if part != path[i] {
			return nil, false
		}
	}
	return vars, true
}
