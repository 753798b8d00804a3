package lucs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/core/coretest/fixtures"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

// direct are the routes that nothing documents, as the simulator serves them.
var direct = lucs.Routes{Users: "GET /users", User: "GET /users/{userId}", ReplaceUser: "POST /users/{userId}", DeleteUser: "DELETE /users/{userId}"}

func TestStoreConformance(t *testing.T) {
	for name, way := range map[string]struct {
		sim     []lucstest.Option
		dialect lucs.Dialect
	}{
		"as documented": {},
		"lagging": {sim: []lucstest.Option{lucstest.WithPresenceDelay(3 * time.Second), lucstest.WithReadLag(2 * time.Second),
			lucstest.WithControlAnswer(lucstest.AnswerPartial), lucstest.WithSelectableIgnored()}},
		"reads lag": {sim: []lucstest.Option{lucstest.WithReadLag(time.Second), lucstest.WithDirectRoutes(), lucstest.WithUnknownFieldsKept(),
			lucstest.WithSuccessStatus(204, "Users.Replace", "Users.Delete", "Users.Block", "Users.Unblock")}, dialect: lucs.Dialect{Routes: direct}},
		"answers otherwise": {sim: []lucstest.Option{lucstest.WithControlAnswer(lucstest.AnswerArray), lucstest.WithCreateAnswer(lucstest.AnswerPartial),
			lucstest.WithSuccessStatus(201, "Users.Create"), lucstest.WithErrorBody(lucstest.ErrorModelState), lucstest.WithRolesWithheld(),
			lucstest.WithPresenceField("CurrentPresence"), lucstest.WithServiceAddressField("ServiceSip")}},
		"answers nothing": {sim: []lucstest.Option{lucstest.WithControlAnswer(lucstest.AnswerEmpty), lucstest.WithCreateAnswer(lucstest.AnswerEmpty),
			lucstest.WithSuccessStatus(204, "Users.Block", "Users.Unblock", "Users.SetPresence"), lucstest.WithErrorBody(lucstest.ErrorEmpty)},
			dialect: lucs.Dialect{CreateNamesNoID: true}},
		"in other spellings": {sim: []lucstest.Option{lucstest.WithCamelCase(), lucstest.WithExactNames(), lucstest.WithComputedFieldsRefused(),
			lucstest.WithPresenceSpelling(func(word string) string { return strings.ToLower(word) }), lucstest.WithBlockedSelectable(), lucstest.WithReasonsWithheld()}},
		"every route moved": movedDialect(),
		"with the routes that nothing documents": {sim: []lucstest.Option{lucstest.WithDirectRoutes(), lucstest.WithUnknownFieldsKept()},
			dialect: lucs.Dialect{Routes: direct}},
	} {
		t.Run(name, func(t *testing.T) {
			coretest.TestStore(t, func(t *testing.T) coretest.Fixture {
				f := fixtures.LUCS(t, way.dialect, way.sim...)
				if lags := name == "lagging" || name == "reads lag"; lags && strings.HasSuffix(t.Name(), "/operations_cost_what_they_promise") {
					f.Requests = nil // each further look is a request, and how many there are is the server's matter
				}
				return f
			}, coretest.VirtualTime())
		})
	}
}

// movedDialect is a server of which everything that can be configured is otherwise.
func movedDialect() (way struct {
	sim     []lucstest.Option
	dialect lucs.Dialect
}) {
	for op, route := range map[string]string{
		"Services.List": "GET /queues", "Services.ListUsers": "GET /queues/{id}/agents", "Services.ListTasks": "GET /queues/{id}/work",
		"Users.Create": "PUT /agents", "Users.Block": "POST /agents/{id}/lock", "Users.Unblock": "DELETE /agents/{id}/lock",
		"Users.SetPresence": "PUT /agents/presence?agent={id}", "Tasks.Create": "POST /work", "Tasks.Get": "GET /work/{id}",
	} {
		way.sim = append(way.sim, lucstest.WithRoute(op, route))
	}
	way.sim = append(way.sim, lucstest.WithBasePath("/lucs"), lucstest.WithVersion("v2.1"), lucstest.WithKeyHeader("X-Api-Key", "Key "),
		lucstest.WithPresenceEncoding(lucstest.PresenceQuery, "to"), lucstest.WithPresenceField("AgentPresence"),
		lucstest.WithPresenceWords("Frei", "Besetzt", "NichtStören", "Weg"), lucstest.WithSelectableParameter("onlySelectable"),
		lucstest.WithExternalTaskParameter("ext"), lucstest.WithSearchFields("Start", "End"))
	way.dialect = lucs.Dialect{
		Version: "v2.1",
		Routes: lucs.Routes{
			Services: "/queues", ServiceUsers: "/queues/{serviceId}/agents", ServiceTasks: "/queues/{serviceId}/work",
			CreateUser: "PUT /agents", BlockUser: "/agents/{userId}/lock", UnblockUser: "DELETE /agents/{userId}/lock",
			SetPresence: "PUT /agents/presence?agent={userId}", CreateTask: "/work", Task: "/work/{taskIdentifier}",
		},
		PresenceEncoding: lucs.PresenceAsQuery, PresenceParameter: "to", PresenceNames: []string{"agentPresence"},
		PresenceWords:       lucs.PresenceWords{Available: "Frei", Busy: "Besetzt", DND: "NichtStören", Away: "Weg"},
		SelectableParameter: "onlySelectable", ExternalTaskParameter: "ext", SearchFrom: "Start", SearchTo: "End",
	}
	return way
}

// keyFor is the key as the server of a dialect wants it: see movedDialect.
func keyFor(d lucs.Dialect) lucs.APIKey {
	key := lucs.APIKey{Key: core.NewSecret(lucstest.APIKey)}
	if d.Version != "" {
		key.Header, key.Prefix = "x-api-key", "Key "
	}
	return key
}

func prefix(d lucs.Dialect) string {
	if d.Version != "" {
		return "/lucs"
	}
	return ""
}
