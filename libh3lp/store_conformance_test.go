package libh3lp_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

func TestStoreConformance(t *testing.T) {
	for name, opts := range map[string][]libh3lptest.Option{
		"as documented": nil,
		"otherwise": {libh3lptest.WithFailure(libh3lptest.FailureString), libh3lptest.WithMissing(libh3lptest.MissingFailure), libh3lptest.WithOff(libh3lptest.OffFalse),
			libh3lptest.WithBareObjects(), libh3lptest.WithWrappedObjects(), libh3lptest.WithStringIDs(), libh3lptest.WithFolders(),
			libh3lptest.WithReasonKey("error"), libh3lptest.WithDuplicateLinksAccepted(), libh3lptest.WithEmailAtCreate()},
		"without words": {libh3lptest.WithFailure(libh3lptest.FailureFalse), libh3lptest.WithMissing(libh3lptest.MissingEmptyArray),
			libh3lptest.WithOff(libh3lptest.OffAbsent), libh3lptest.WithReasonKey(""), libh3lptest.WithUnknownPresenceOffline(), libh3lptest.WithContentType("text/html")},
		"null": {libh3lptest.WithFailure(libh3lptest.FailureNull), libh3lptest.WithMissing(libh3lptest.MissingNull), libh3lptest.WithOff(libh3lptest.OffString)},
	} {
		t.Run(name, func(t *testing.T) {
			coretest.TestStore(t, func(t *testing.T) coretest.Fixture { return conformance(t, opts) }, coretest.VirtualTime())
		})
	}
}

// conformance is a sample account, with two more users, one link of each enabled
// and one suspended, and with fields that the client does not know.
func conformance(t *testing.T, opts []libh3lptest.Option) coretest.Fixture {
	sim := libh3lptest.NewServer(append([]libh3lptest.Option{libh3lptest.WithSampleData()}, opts...)...)
	c := over(t, sim)
	suspended := sim.AddQueue(`{"name":"suite-suspended"}`)
	enabled := sim.AddQueue(`{"name":"suite-enabled"}`)
	user := func(first string) string {
		id := sim.AddUser(fmt.Sprintf(`{"name":"%[1]s.suite","email":"%[1]s.suite@example.test","show":"available",
			"unheardOf":{"big":12345678901234567890,"list":[],"nothing":null}}`, first))
		sim.AddLink(id, suspended, false)
		sim.AddLink(id, enabled, true)
		return str(id)
	}
	var targets []core.Target
	for _, name := range []string{"suite-a", "suite-b"} {
		targets = append(targets, core.Target{Kind: core.KindQueue, ID: str(sim.AddQueue(map[string]string{"name": name}))})
	}
	return coretest.Fixture{
		Store: c.Store(), UserID: user("vera"), OtherID: user("walt"), UnknownID: "99887766", ImpossibleIDs: []string{"vera", "007", "1.5", "0", "-1", "+1"},
		Fields: map[coretest.FieldName]coretest.Field{
			coretest.Login: {To: "verena.suite", Required: true, Wire: []string{"name"}},
			coretest.Email: {To: "vera.mail@example.test", Clears: true, Wire: []string{"email"}},
		},
		Spec: func(n int) core.UserSpec {
			return core.UserSpec{Login: fmt.Sprintf("new.user.%d", n), Email: fmt.Sprintf("mail%d@example.test", n), Password: core.NewSecret("Op3n-Sesame!")}
		},
		Targets:        map[core.Kind][]core.Target{core.KindQueue: targets},
		NothingToBlock: str(sim.AddUser(`{"name":"no.queue"}`)),
		Requests:       func() int { return len(sim.Requests()) },
		Refuse: func() {
			sim.Fault(libh3lptest.Fault{Times: -1, Status: http.StatusForbidden, ContentType: "application/json", Body: `{"success":null,"message":"no access"}`,
				Match: func(r *http.Request, _ []byte) bool { return r.URL.Path != "/2011-12-03/auth/login" }})
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
	}
}
