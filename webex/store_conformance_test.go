package webex_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

func TestStoreConformance(t *testing.T) {
	for name, opts := range map[string][]webextest.Option{
		"as documented": nil,
		"otherwise": {webextest.WithStringBooleans(), webextest.WithStatusCode(http.StatusOK), webextest.WithStatusIDs(webextest.AsUUID),
			webextest.WithFixedTypes(), webextest.WithSupervisorLinks(), webextest.WithEmptyPages()},
		"as others say": {webextest.WithAllStatuses("SUCCESS"), webextest.WithUnassignStatus("NOT_ASSIGNED"),
			webextest.WithTelephonyPages(2, 3), webextest.WithWrongTierStatus(http.StatusBadRequest)},
		"reads that lag": {webextest.WithReadLag(lag)},
	} {
		for _, tier := range []webex.Tier{webex.Assist, webex.Basic} {
			t.Run(name+" "+tier.String(), func(t *testing.T) {
				coretest.TestStore(t, func(t *testing.T) coretest.Fixture {
					f := conformance(t, tier, opts)
					if name == "reads that lag" {
						f.Store = patient{f.Store}
					}
					return f
				}, coretest.VirtualTime())
			})
		}
	}
}

// lag is how far reads are behind in one variant.
const lag = time.Second

// patient waits after a write of a user until reads show it: the answer to the write
// has shown it already, so that the store does not.
type patient struct{ core.Store }

func (p patient) CreateUser(ctx context.Context, spec core.UserSpec) (core.User, error) {
	defer time.Sleep(lag)
	return p.Store.CreateUser(ctx, spec)
}

func (p patient) UpdateUser(ctx context.Context, id string, change core.UserChange) (core.User, error) {
	defer time.Sleep(lag)
	return p.Store.UpdateUser(ctx, id, change)
}

func (p patient) DeleteUser(ctx context.Context, id string) error {
	defer time.Sleep(lag) // gone by the vendor's word, after a lost answer
	return p.Store.DeleteUser(ctx, id)
}

func (p patient) Block(ctx context.Context, userID string) (core.Block, error) {
	defer time.Sleep(lag)
	return p.Store.Block(ctx, userID)
}

func (p patient) Unblock(ctx context.Context, userID string, made ...core.Block) error {
	defer time.Sleep(lag)
	return p.Store.Unblock(ctx, userID, made...)
}

func (p patient) LiftBlocks(ctx context.Context, userID string) error {
	defer time.Sleep(lag)
	return p.Store.LiftBlocks(ctx, userID)
}

// conformance is a sample organisation, with two more people, supervisors who have
// an agent already, and with fields that the client does not know.
func conformance(t *testing.T, tier webex.Tier, opts []webextest.Option) coretest.Fixture {
	sim := webextest.NewServer(append([]webextest.Option{webextest.WithSampleData()}, opts...)...)
	c := overAs(t, sim, tier, webex.Refresh{
		ClientID: webextest.ClientID, ClientSecret: core.NewSecret(webextest.ClientSecret), RefreshToken: core.NewSecret(webextest.RefreshToken),
	}, readBack(0))
	user := func(first string) string {
		return sim.AddPerson(fmt.Sprintf(`{"emails":["%[1]s.suite@example.test","%[1]s@other.test"],"displayName":"%[1]s Suite","firstName":"%[1]s",
			"lastName":"Suite","title":"Agent","roles":[%[2]q],"licenses":[%[3]q,%[4]q],"locationId":%[5]q,"extension":"77%[6]d",
			"phoneNumbers":[{"type":"work","value":"+151255502%[6]d"},{"type":"mobile","value":"+15125550999"}],
			"addresses":[{"type":"work","country":"US","unheardOf":1}],
			"unheardOf":{"big":12345678901234567890,"list":[],"nothing":null}}`,
			first, webextest.RoleUserAdminID, webextest.LicenseProfessional, webextest.LicenseAssist, webextest.LocationAustin, 10+len(first)))
	}
	simTier := webextest.Tier(tier == webex.Assist)
	vera, walter := user("Vera"), user("Walter")
	supervisors := sim.AddSupervisors(2, simTier)
	agent := map[string]any{"id": sim.AddPeople(1)[0]}
	queue := func(name string) string {
		return sim.AddQueue(simTier, name, map[string]any{
			"callPolicies": map[string]any{"routingType": "SKILL_BASED", "policy": "CIRCULAR"}, "agents": []any{agent}, "allowAgentJoinEnabled": true,
		})
	}
	target := func(kind core.Kind, ids ...string) (out []core.Target) {
		for _, id := range ids {
			out = append(out, core.Target{Kind: kind, ID: id})
		}
		return out
	}
	return coretest.Fixture{
		Store: c.Store(), UserID: vera, OtherID: walter,
		UnknownID:     webextest.ID("PEOPLE", "00000000-1111-4222-8333-444444444444"),
		ImpossibleIDs: []string{"me", "vera suite", "availableAgents"},
		Fields: map[coretest.FieldName]coretest.Field{
			coretest.Login:       {To: "verena@example.test", Required: true, With: []coretest.FieldName{coretest.Email}, Wire: []string{"emails"}},
			coretest.FirstName:   {To: "Verena", Clears: true, Wire: []string{"firstName", "nickName"}},
			coretest.LastName:    {To: "Sweet", Clears: true, Wire: []string{"lastName"}},
			coretest.DisplayName: {To: "Verena S.", Wire: []string{"displayName"}},
			coretest.Email:       {To: "vera.mail@example.test", With: []coretest.FieldName{coretest.Login}, Wire: []string{"emails"}},
			coretest.Enabled:     {To: false, Wire: []string{"loginEnabled"}},
			coretest.Roles:       {To: []string{webextest.RoleFullAdminID}, Clears: true, Wire: []string{"roles"}},
		},
		Spec: func(n int) core.UserSpec {
			return core.UserSpec{Login: fmt.Sprintf("new.user.%d@example.test", n), FirstName: "New", LastName: "User", DisplayName: "New U.",
				Roles: []string{webextest.RoleUserAdminID}, Enabled: core.Set(n%2 == 0), Fields: map[string]any{
					"title": "Agent", "licenses": []string{webextest.LicenseMessaging},
				}}
		},
		Targets: map[core.Kind][]core.Target{
			core.KindSupervisor: target(core.KindSupervisor, supervisors...),
			core.KindQueue:      target(core.KindQueue, queue("suite one"), queue("suite two")),
		},
		Levels:   map[core.Kind][2]int{core.KindQueue: {1, 3}},
		Requests: func() int { return len(sim.Requests()) },
		Refuse: func() {
			sim.Fault(webextest.Fault{Times: -1, Status: http.StatusForbidden, ContentType: "application/json",
				Body: `{"message":"no access","trackingId":"ROUTERGW_1"}`})
		},
		Disturb: func(skip int, d coretest.Disturbance) { sim.Fault(simnettest.Fault(skip, d)) },
		Stored: func(id string) map[string]any {
			u, _ := sim.Person(id)
			return u
		},
		Volatile: []string{"lastModified"},
	}
}
