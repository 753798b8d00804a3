package avaya_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
)

func TestStoreConformance(t *testing.T) {
	for name, opts := range map[string][]avayatest.Option{
		"as documented": nil,
		"otherwise": {avayatest.WithUpdateActions(), avayatest.WithMatchingOnCreate(avayatest.MatchingHidden), avayatest.WithUnknownStatuses(avayatest.Unknown404),
			avayatest.WithMergedFeatures(), avayatest.WithUnknownDeleteStatus(http.StatusNotFound), avayatest.WithDeletingHidden(), avayatest.WithLinks(avayatest.LinksWrong)},
		"reads lag": {avayatest.WithReadLag(time.Second)},
		"quietly":   {avayatest.WithQuietUpdates(), avayatest.WithCaseIgnored(), avayatest.WithUnknownStatuses(avayatest.AnyUnknown404), avayatest.WithLinks(avayatest.LinksNull)},
	} {
		t.Run(name, func(t *testing.T) {
			coretest.TestStore(t, func(t *testing.T) coretest.Fixture { return conformance(t, opts) }, coretest.VirtualTime())
		})
	}
}

// conformance is a sample account, with two more users who have neither a
// profile nor any assignment, but fields that the client does not know.
func conformance(t *testing.T, opts []avayatest.Option) coretest.Fixture {
	sim := avayatest.NewServer(append(opts, avayatest.WithSampleData())...)
	c := newClient(t, sim)
	user := func(first string) string {
		return sim.AddUser(fmt.Sprintf(`{"loginId":"%[1]s.suite@example.com","emailId":"%[1]s.suite@example.com","firstName":"%[1]s",
			"lastName":"Suite","displayName":"Suite, %[1]s","roles":["Agent"],"features":{"voice":{"autoAnswer":true},"matching":{},
			"brandNew":{"deep":[null,{}]}},"unheardOf":{"big":12345678901234567890,"list":[],"nothing":null}}`, first))
	}
	groups, queues := sim.Groups(), sim.Queues()
	target := func(kind core.Kind, ids ...any) (out []core.Target) {
		for _, id := range ids {
			out = append(out, core.Target{Kind: kind, ID: id.(string)})
		}
		return out
	}
	return coretest.Fixture{
		Store: c.Store(), UserID: user("Vera"), OtherID: user("Walt"), UnknownID: "00000000-0000-4000-8000-000000000000",
		Fields: map[coretest.FieldName]coretest.Field{
			coretest.Login:       {To: "vera.moved@example.com", Required: true, Wire: []string{"loginId"}},
			coretest.FirstName:   {To: "Verena", Required: true, Wire: []string{"firstName"}},
			coretest.LastName:    {To: "Newname", Required: true, Wire: []string{"lastName"}},
			coretest.DisplayName: {To: "Newname, Verena", Clears: true, Wire: []string{"displayName"}},
			coretest.Email:       {To: "vera.mail@example.com", Clears: true, Wire: []string{"emailId"}},
			coretest.Roles:       {To: []string{"Agent", "Supervisor"}, Clears: true, Wire: []string{"roles"}},
		},
		Spec: func(n int) core.UserSpec {
			return core.UserSpec{Login: fmt.Sprintf("new%d@example.com", n), FirstName: "New", LastName: "User",
				Email: fmt.Sprintf("mail%d@example.com", n), Roles: []string{"Agent"}, Password: core.NewSecret("Op3n-Sesame!")}
		},
		Targets: map[core.Kind][]core.Target{
			core.KindQueue:        target(core.KindQueue, queues[0]["queueId"], queues[2]["queueId"]),
			core.KindSkill:        target(core.KindSkill, "Language.German", "Product.Mobile"),
			core.KindGroup:        target(core.KindGroup, groups[0]["groupId"], groups[1]["groupId"]),
			core.KindManagedGroup: target(core.KindManagedGroup, groups[1]["groupId"], groups[0]["groupId"]),
			core.KindProfile:      target(core.KindProfile, "OMNI01", "NGHTV1"),
		},
		Levels:   map[core.Kind][2]int{core.KindQueue: {3, 16}},
		Requests: func() int { return len(sim.Requests()) },
		Refuse: func() {
			sim.Fault(avayatest.Fault{Times: -1, Status: http.StatusForbidden, ContentType: "application/problem+json",
				Match: func(r *http.Request, _ []byte) bool { return strings.HasPrefix(r.URL.Path, "/api/admin/") },
				Body:  `{"title":"Forbidden","status":403,"detail":"No access"}`})
		},
		Disturb: func(skip int, d coretest.Disturbance) { sim.Fault(simnettest.Fault(skip, d)) },
		Stored: func(id string) map[string]any {
			u, _ := sim.User(id)
			return u
		},
	}
}
