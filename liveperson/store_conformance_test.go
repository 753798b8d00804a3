package liveperson_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func TestStoreConformance(t *testing.T) {
	for name, opts := range map[string][]livepersontest.Option{
		"as documented": nil,
		"otherwise": {livepersontest.WithStaleStatus(http.StatusConflict), livepersontest.WithEmptyDeletes(), livepersontest.WithFullLists(),
			livepersontest.WithPasswordEcho(), livepersontest.WithDomainLists()},
		"as in the samples": {livepersontest.WithSampleTypes()},
	} {
		t.Run(name, func(t *testing.T) {
			coretest.TestStore(t, func(t *testing.T) coretest.Fixture { return conformance(t, opts) }, coretest.VirtualTime())
		})
	}
}

// conformance is a sample account, with two more users in the first profile alone,
// and with fields that the client does not know.
func conformance(t *testing.T, opts []livepersontest.Option) coretest.Fixture {
	sim := livepersontest.NewServer(append([]livepersontest.Option{livepersontest.WithSampleData()}, opts...)...)
	c, err := liveperson.New(liveperson.Config{
		AccountID: livepersontest.AccountID, DomainURL: "https://" + livepersontest.HostDomain,
		Auth:          liveperson.ClientCredentials{ID: livepersontest.ClientID, Secret: core.NewSecret(livepersontest.ClientSecret)},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	}, liveperson.WithAgentView())
	require.NoError(t, err)
	user := func(first string) string {
		return strconv.FormatInt(sim.AddUser(fmt.Sprintf(`{"loginName":"%[1]s.suite","fullName":"%[1]s Suite","nickname":"%[1]s",
			"email":"%[1]s.suite@example.test","isEnabled":true,"maxChats":2,"profileIds":[%d,%d],"memberOf":{"agentGroupId":-1},
			"unheardOf":{"big":12345678901234567890,"list":[],"nothing":null}}`, first, livepersontest.ProfileAgent, livepersontest.ProfileAgentManager)), 10)
	}
	add := func(id int64) string { return strconv.FormatInt(id, 10) }
	target := func(kind core.Kind, ids ...string) (out []core.Target) {
		for _, id := range ids {
			out = append(out, core.Target{Kind: kind, ID: id})
		}
		return out
	}
	groups := []string{add(sim.AddGroup(`{"name":"suite one","parentGroupId":-1,"isEnabled":true}`)), add(sim.AddGroup(`{"name":"suite two","parentGroupId":-1,"isEnabled":true}`))}
	return coretest.Fixture{
		Store: c.Store(), UserID: user("Vera"), OtherID: user("Walt"), UnknownID: "99887766554433", ImpossibleIDs: []string{"vera", "007", "1.5", "0"},
		Fields: map[coretest.FieldName]coretest.Field{
			coretest.Login: {Required: true, Wire: []string{"loginName"}},
			// Half of a name that cannot be read is refused, so the suite leaves both alone.
			coretest.FirstName:   {Blank: true, Wire: []string{"fullName"}},
			coretest.LastName:    {Blank: true, Wire: []string{"fullName"}},
			coretest.DisplayName: {To: "Verena", Required: true, Wire: []string{"nickname"}},
			coretest.Email:       {To: "vera.mail@example.test", Required: true, Wire: []string{"email"}},
			coretest.Enabled:     {To: false, Wire: []string{"isEnabled", "disabledManually"}},
		},
		Spec: func(n int) core.UserSpec {
			return core.UserSpec{Login: fmt.Sprintf("new.user.%d", n), FirstName: "New", LastName: "User", DisplayName: "New",
				Email: fmt.Sprintf("mail%d@example.test", n), Password: core.NewSecret("Op3n-Sesame!"), Fields: map[string]any{
					"maxChats": 2, "profileIds": []int64{livepersontest.ProfileAgent}, "memberOf": map[string]int{"agentGroupId": -1},
				}}
		},
		Targets: map[core.Kind][]core.Target{
			core.KindSkill:        target(core.KindSkill, add(sim.AddSkill(`{"name":"suite a"}`)), add(sim.AddSkill(`{"name":"suite b"}`))),
			core.KindGroup:        target(core.KindGroup, groups...),
			core.KindManagedGroup: target(core.KindManagedGroup, groups...),
			core.KindProfile:      target(core.KindProfile, add(livepersontest.ProfileCampaignManager), add(livepersontest.ProfileAdministrator)),
			core.KindLOB:          target(core.KindLOB, add(sim.AddLOB(`{"name":"suite x"}`)), add(sim.AddLOB(`{"name":"suite y"}`))),
		},
		Requests: func() int { return len(sim.Requests()) },
		Refuse: func() {
			sim.Fault(livepersontest.Fault{Times: -1, Status: http.StatusForbidden, ContentType: "application/json", Body: `{"error":{"message":"no access"}}`,
				Match: func(r *http.Request, _ []byte) bool {
					return r.Host == livepersontest.HostReadOnly || r.Host == livepersontest.HostReadWrite
				}})
		},
		Disturb: func(skip int, d coretest.Disturbance) { sim.Fault(simnettest.Fault(skip, d)) },
		Stored: func(id string) map[string]any {
			n, err := strconv.ParseInt(id, 10, 64)
			if err != nil {
				return nil
			}
			u, _ := sim.User(n)
			return u
		},
		Volatile: []string{"dateUpdated"},
	}
}
