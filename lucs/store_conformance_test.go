package lucs_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
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
			lucstest.WithSuccessStatus(204, "users.update", "users.delete", "users.block", "users.unblock")}, dialect: lucs.Dialect{Routes: direct}},
		"answers otherwise": {sim: []lucstest.Option{lucstest.WithControlAnswer(lucstest.AnswerArray), lucstest.WithCreateAnswer(lucstest.AnswerPartial),
			lucstest.WithSuccessStatus(201, "users.create"), lucstest.WithErrorBody(lucstest.ErrorModelState), lucstest.WithRolesWithheld(),
			lucstest.WithPresenceField("CurrentPresence"), lucstest.WithServiceAddressField("ServiceSip")}},
		"answers nothing": {sim: []lucstest.Option{lucstest.WithControlAnswer(lucstest.AnswerEmpty), lucstest.WithCreateAnswer(lucstest.AnswerEmpty),
			lucstest.WithSuccessStatus(204, "users.block", "users.unblock", "users.setPresence"), lucstest.WithErrorBody(lucstest.ErrorEmpty)},
			dialect: lucs.Dialect{CreateNamesNoID: true}},
		"in other spellings": {sim: []lucstest.Option{lucstest.WithCamelCase(), lucstest.WithExactNames(), lucstest.WithComputedFieldsRefused(),
			lucstest.WithPresenceSpelling(func(word string) string { return strings.ToLower(word) }), lucstest.WithBlockedSelectable(), lucstest.WithReasonsWithheld()}},
		"every route moved": movedDialect(),
		"with the routes that nothing documents": {sim: []lucstest.Option{lucstest.WithDirectRoutes(), lucstest.WithUnknownFieldsKept()},
			dialect: lucs.Dialect{Routes: direct}},
	} {
		t.Run(name, func(t *testing.T) {
			coretest.TestStore(t, func(t *testing.T) coretest.Fixture { return conformance(t, way.sim, way.dialect) }, coretest.VirtualTime())
		})
	}
}

// movedDialect is a server of which everything that can be configured is otherwise.
func movedDialect() (way struct {
	sim     []lucstest.Option
	dialect lucs.Dialect
}) {
	for op, route := range map[string]string{
		"services.list": "GET /queues", "services.users": "GET /queues/{id}/agents", "services.tasks": "GET /queues/{id}/work",
		"users.create": "PUT /agents", "users.block": "POST /agents/{id}/lock", "users.unblock": "DELETE /agents/{id}/lock",
		"users.setPresence": "PUT /agents/presence?agent={id}", "tasks.create": "POST /work", "tasks.get": "GET /work/{id}",
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

// conformance is the sample centre, seen by an administrator.
func conformance(t *testing.T, opts []lucstest.Option, d lucs.Dialect) coretest.Fixture {
	sim := lucstest.NewServer(append([]lucstest.Option{lucstest.WithSampleData()}, opts...)...)
	c, err := lucs.New(lucs.Config{BaseURL: lucstest.Origin + prefix(d), Auth: keyFor(d), Dialect: d,
		ClientOptions: core.ClientOptions{Transport: sim.Transport()}})
	if err != nil {
		t.Fatal(err)
	}
	sim.ChangeUser(lucstest.UserMara, map[string]any{"Tomorrow": map[string]any{"big": 1234567890123, "list": []int{}, "nothing": nil}})
	login := coretest.Field{Required: true, Wire: []string{"SipUri", "FirstName", "LastName"}, // the names are the directory's
		With: []coretest.FieldName{coretest.FirstName, coretest.LastName}}
	if d.Routes.ReplaceUser != "" {
		login.To = "sip:mara.new@example.internal"
	}
	return coretest.Fixture{
		Store: c.Store(), UserID: lucstest.UserMara, OtherID: lucstest.UserTom, UnknownID: aGUID,
		ImpossibleIDs: []string{"sip:mara.keller@example.internal", "42", "{" + aGUID, "{{" + aGUID + "}}", aGUID + "0"},
		Fields:        map[coretest.FieldName]coretest.Field{coretest.Login: login},
		Spec: func(n int) core.UserSpec {
			return core.UserSpec{Login: fmt.Sprintf("sip:new%d@example.internal", n), Fields: map[string]any{
				"CurrentProfile": "Early Shift", "DefaultProfile": "Early Shift",
				"Traits":   []map[string]string{{"TraitNode": "Topic/IT", "Attribute": "Expert"}},
				"Profiles": []map[string]any{{"Name": "Early Shift", "Responsibilities": []map[string]string{{"TraitNode": "Topic/IT", "Responsibility": "High"}}}, {"Name": "OffDuty", "Responsibilities": nil}},
				"Roles":    []map[string]string{{"OrganizationUnit": "System/Helpdesk", "Role": "AdministratorAgent", "Permission": "Allow"}},
			}}
		},
		Targets:        map[core.Kind][]core.Target{core.KindQueue: {{Kind: core.KindQueue, ID: lucstest.ServiceHelpdesk}}},
		Availabilities: []core.Availability{core.Available, core.Busy, core.Away, core.DND},
		Settle: func(context.Context, string, core.Change) error {
			time.Sleep(2 * time.Second) // reads may lag behind
			return nil
		},
		Requests: func() int { return len(sim.Requests()) },
		Refuse: func() {
			sim.Fault(lucstest.Fault{Times: -1, Status: http.StatusForbidden, ContentType: "application/json", Body: `{"Message":"no access"}`})
		},
		Disturb: func(skip int, d coretest.Disturbance) { sim.Fault(simnettest.Fault(skip, d)) },
		Stored: func(id string) map[string]any {
			u, _ := sim.User(id)
			return u
		},
	}
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
