package webextest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// operation is what is known of an operation beside its name and path.
type operation struct {
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
func (c *call) telephony() bool { return strings.HasPrefix(c.route.Path, "v1/telephony/") }

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

// routes are all that is served.
var routes = simnet.Routes[operation]{
	simnet.On("Token.Refresh", "POST", "v1/access_token", operation{open: true, form: true, handle: (*Server).token}),
	simnet.On("Token.Retrieve", "POST", "v1/applications/{applicationId}/token", operation{
		scopes: []string{scopeApplications}, handle: (*Server).applicationToken}),

	simnet.On("People.List", "GET", "v1/people", operation{scopes: peopleRead, handle: (*Server).listPeople}),
	simnet.On("People.Create", "POST", "v1/people", operation{
		scopes: peopleWrite, roles: []Role{FullAdmin, UserAdmin}, handle: (*Server).createPerson}),
	simnet.On("People.Me", "GET", "v1/people/me", operation{scopes: peopleRead, handle: (*Server).getMe}),
	simnet.On("People.Get", "GET", "v1/people/{personId}", operation{scopes: peopleRead, handle: (*Server).getPerson}),
	simnet.On("People.Replace", "PUT", "v1/people/{personId}", operation{
		scopes: peopleWrite, roles: []Role{FullAdmin, UserAdmin}, handle: (*Server).replacePerson}),
	simnet.On("People.Delete", "DELETE", "v1/people/{personId}", operation{
		scopes: peopleWrite, roles: []Role{FullAdmin, UserAdmin}, handle: (*Server).deletePerson}),

	simnet.On("Supervisors.ListAvailable", "GET", supervisorsPath+"/availableSupervisors", operation{
		scopes: telephonyRead, roles: []Role{FullAdmin, UserAdmin, ReadOnlyAdmin}, tiered: true, handle: (*Server).availableSupervisors}),
	simnet.On("Supervisors.ListAvailableAgents", "GET", supervisorsPath+"/availableAgents", operation{
		scopes: telephonyRead, roles: []Role{FullAdmin, UserAdmin, ReadOnlyAdmin}, tiered: true, handle: (*Server).availableAgents}),
	simnet.On("Supervisors.List", "GET", supervisorsPath, operation{
		scopes: telephonyRead, roles: []Role{FullAdmin, LocationAdmin, UserAdmin, ReadOnlyAdmin}, tiered: true,
		handle: (*Server).listSupervisors}),
	simnet.On("Supervisors.Create", "POST", supervisorsPath, operation{
		scopes: telephonyWrite, roles: []Role{FullAdmin, LocationAdmin}, tiered: true, handle: (*Server).createSupervisor}),
	simnet.On(deleteMany, "DELETE", supervisorsPath, operation{
		scopes: telephonyWrite, roles: []Role{FullAdmin}, handle: (*Server).deleteSupervisors}),
	simnet.On("Supervisors.Get", "GET", supervisorsPath+"/{supervisorId}", operation{
		scopes: telephonyRead, roles: []Role{FullAdmin, UserAdmin, ReadOnlyAdmin}, tiered: true, handle: (*Server).getSupervisor}),
	simnet.On("Supervisors.UpdateAgents", "PUT", supervisorsPath+"/{supervisorId}", operation{
		scopes: telephonyWrite, roles: []Role{FullAdmin}, tiered: true, handle: (*Server).updateSupervisor}),
	simnet.On("Supervisors.Delete", "DELETE", supervisorsPath+"/{supervisorId}", operation{
		scopes: telephonyWrite, roles: []Role{FullAdmin}, handle: (*Server).deleteSupervisor}),

	simnet.On("QueueAgents.ListAvailable", "GET", queueAgentsPath+"/availableAgents", operation{
		scopes: telephonyRead, roles: []Role{FullAdmin, ReadOnlyAdmin, LocationAdmin}, handle: (*Server).queueCandidates}),
	simnet.On("QueueAgents.List", "GET", queueAgentsPath, operation{
		scopes: telephonyRead, roles: []Role{FullAdmin, ReadOnlyAdmin}, tiered: true, linked: true, handle: (*Server).listQueueAgents}),
	simnet.On("QueueAgents.Get", "GET", queueAgentsPath+"/{id}", operation{
		scopes: telephonyRead, roles: []Role{FullAdmin, ReadOnlyAdmin}, tiered: true, handle: (*Server).getQueueAgent}),
	simnet.On("QueueAgents.UpdateSettings", "PUT", queueAgentsPath+"/{id}/settings", operation{
		scopes: telephonyWrite, roles: []Role{FullAdmin}, tiered: true, handle: (*Server).updateQueueAgent}),

	simnet.On("Queues.List", "GET", "v1/telephony/config/queues", operation{
		scopes: telephonyRead, roles: []Role{FullAdmin, ReadOnlyAdmin}, tiered: true, linked: true, handle: (*Server).listQueues}),
	simnet.On("Queues.Get", "GET", queuesPath+"/{queueId}", operation{
		scopes: telephonyRead, roles: []Role{FullAdmin, ReadOnlyAdmin}, tiered: true, handle: (*Server).getQueue}),
	simnet.On("Queues.ReplaceAgents", "PUT", queuesPath+"/{queueId}", operation{
		scopes: telephonyWrite, roles: []Role{FullAdmin, LocationAdmin}, handle: (*Server).updateQueue}),
}

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
	names := routes.Names()
	return slices.Insert(names, slices.Index(names, deleteMany)+1, deleteAll)
}

// find finds the operation of a request, and its name. It leaves c.route nil for what is
// not served.
func (c *call) find() (name string) {
	found := routes.Find(c.request.Method, simnet.Path(c.request))
	c.allow = found.Methods
	if found.Route == nil {
		return simnet.Unknown
	}
	c.route, c.op, c.path = found.Route, &found.Route.How, found.Vars

	var asked struct{ DeleteAll bool }
	if found.Route.Op == deleteMany && json.Unmarshal(simnet.Peek(c.request), &asked) == nil && asked.DeleteAll {
		return deleteAll
	}
	return found.Route.Op
}
