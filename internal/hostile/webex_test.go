package hostile

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/webex"
)

// hydra is an id as Webex writes it.
func hydra(kind, key string) string {
	return base64.RawStdEncoding.EncodeToString([]byte("ciscospark://us/" + kind + "/" + key))
}

var (
	webexAnn   = hydra("PEOPLE", "11111111-1111-4111-8111-111111111111")
	webexBob   = hydra("PEOPLE", "22222222-2222-4222-8222-222222222222")
	webexEve   = hydra("PEOPLE", "33333333-3333-4333-8333-333333333333")
	webexBoss  = hydra("PEOPLE", "44444444-4444-4444-8444-444444444444")
	webexQueue = hydra("CALL_QUEUE", "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa")
	webexDesk  = hydra("CALL_QUEUE", "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb")
	webexPlace = hydra("LOCATION", "cccccccc-cccc-4ccc-8ccc-cccccccccccc")
)

func webexNew(n int) string {
	return hydra("PEOPLE", fmt.Sprintf("99999999-9999-4999-8999-99999999999%d", n))
}

func webexStore(rt http.RoundTripper) (core.Store, error) { return webexStoreWith(rt) }

// webexMakingStore makes and ends supervisors.
func webexMakingStore(rt http.RoundTripper) (core.Store, error) {
	return webexStoreWith(rt, webex.WithCreateSupervisor(), webex.WithDeleteSupervisor())
}

func webexStoreWith(rt http.RoundTripper, opts ...webex.Option) (core.Store, error) {
	bought := 0
	c, err := webex.New(webex.Config{
		ClientOptions: core.ClientOptions{Transport: rt},
		BaseURL:       "https://webex.example/v1", Tier: webex.Assist,
		Auth: webex.TokenSource(func(context.Context) (webex.Token, error) {
			bought++
			return webex.Token{Value: core.NewSecret("token-" + strconv.Itoa(bought))}, nil
		}),
	}, opts...)
	if err != nil {
		return nil, err
	}
	return c.Store(), nil
}

func webexSeed() *world {
	person := func(id, name string) string {
		mail := strings.ToLower(name) + "@example.com"
		return fmt.Sprintf(`"users/%s":{"id":%q,"emails":[%q],"userName":%q,"displayName":"%s Silva","firstName":%q,"lastName":"Silva","orgId":%q,
			"costCentre":7,"loginEnabled":true,"invitePending":false,"status":"active","type":"person"}`, id, id, mail, mail, name, name, hydra("ORGANIZATION", "1"))
	}
	queue := func(id, name, agents string) string {
		return fmt.Sprintf(`"queues/%s":{"id":%q,"name":%q,"hasCxEssentials":true,"enabled":true,"locationId":%q,"locationName":"Austin",
			"callPolicies":{"routingType":"PRIORITY_BASED","policy":"CIRCULAR"},"queueSettings":{"queueSize":25},"agents":[%s]}`, id, id, name, webexPlace, agents)
	}
	agent := func(id string, joined bool) string { return fmt.Sprintf(`{"id":%q,"joinEnabled":%t}`, id, joined) }
	return newWorld("{" + strings.Join([]string{
		person(webexAnn, "Ann"), person(webexBob, "Bob"), person(webexEve, "Eve"), person(webexBoss, "Boss"),
		queue(webexQueue, "Sales", agent(webexEve, true)), queue(webexDesk, "Desk", agent(webexAnn, true)+","+agent(webexBob, false)),
		fmt.Sprintf(`"supervisors/%s":{"id":%q,"agents":[%q,%q]}`, webexBoss, webexBoss, webexEve, webexBob),
	}, ",") + "}")
}

// webexCrowd adds 250 people.
func webexCrowd(w *world) {
	for i := range 250 {
		id, mail := hydra("PEOPLE", fmt.Sprintf("55555555-5555-4555-8555-%012d", i)), fmt.Sprintf("u%03d@example.com", i)
		w.docs["users/"+id] = merged(w.docs["users/"+webexEve], doc{"id": id, "emails": []any{mail}, "userName": mail})
	}
}

func webexRefuse(status int) answer {
	a := ok(status, doc{"message": "it cannot be done", "errors": []any{doc{"errorCode": 25000, "description": "it cannot be done"}}, "trackingId": "ROUTERGW_1"})
	a.header = map[string]string{"Trackingid": "ROUTERGW_1"}
	return a
}

func webexPath(d doc) string { return fmt.Sprint("users/", d["id"]) }

func webexVendor() *vendor {
	ann := "users/" + webexAnn
	queue := func(user, id string) core.Assignment {
		return core.Assignment{UserID: user, Target: core.Target{Kind: core.KindQueue, ID: id}}
	}
	under := func(user string) core.Assignment {
		return core.Assignment{UserID: user, Target: core.Target{Kind: core.KindSupervisor, ID: webexBoss}}
	}
	member := func(w *world, id, user string) doc {
		for _, a := range listOf(w.docs["queues/"+id]["agents"]) {
			if a.(doc)["id"] == user {
				return a.(doc)
			}
		}
		return nil
	}
	joined := func(user string, want bool) func(*world) bool {
		return func(w *world) bool { m := member(w, webexDesk, user); return m != nil && m["joinEnabled"] == want }
	}
	watched := func(w *world, user string) bool { return w.has("supervisors/"+webexBoss, "agents", user) }
	enabled := func(want bool) func(*world) bool {
		return func(w *world) bool { return w.is(ann, "loginEnabled", want) }
	}
	return &vendor{
		name: "webex", path: webexPath, seed: webexSeed, routes: webexRoutes, refuse: webexRefuse, store: webexStore,
		other: text(webexSeed().docs["users/"+webexEve]),
		ops: []op{
			listUsers(4), listPages(254, webexCrowd), getUser(webexAnn, "ann@example.com"),
			createUser(core.UserSpec{Login: "new@example.com", FirstName: "Nina", LastName: "Neu", DisplayName: "Nina Neu"},
				func(w *world) bool { return w.has("users/"+webexNew(1), "emails", "new@example.com") }),
			named("create disabled", createUser(core.UserSpec{Login: "new@example.com", FirstName: "Nina", LastName: "Neu", DisplayName: "Nina Neu", Enabled: core.Set(false)},
				func(w *world) bool { return w.is("users/"+webexNew(1), "loginEnabled", false) })),
			updateUser(webexAnn, core.UserChange{LastName: core.Set("Souza")}, func(w *world) bool { return w.is(ann, "lastName", "Souza") && w.is(ann, "costCentre", 7.0) }),
			deleteUser(webexAnn),
			listByUser(webexBob, 2), listByTarget(queue("", webexDesk).Target, 2), listByTarget(under("").Target, 2),
			assign(queue(webexAnn, webexQueue), func(w *world) bool {
				return member(w, webexQueue, webexAnn) != nil && member(w, webexQueue, webexEve) != nil
			}),
			assign(under(webexAnn), func(w *world) bool { return watched(w, webexAnn) && watched(w, webexEve) }),
			assignTwo(queue(webexAnn, webexQueue), queue(webexBob, webexQueue), func(w *world, a core.Assignment) bool { return member(w, webexQueue, a.UserID) != nil }),
			assignTwo(under(webexAnn), under(webexBoss), func(w *world, a core.Assignment) bool { return watched(w, a.UserID) }),
			unassign(queue(webexAnn, webexDesk), func(w *world) bool {
				return member(w, webexDesk, webexAnn) == nil && member(w, webexDesk, webexBob) != nil
			}),
			unassign(under(webexEve), func(w *world) bool { return !watched(w, webexEve) && watched(w, webexBob) }),
			suspend(queue(webexAnn, webexDesk), joined(webexAnn, false)),
			resume(queue(webexBob, webexDesk), joined(webexBob, true)),
			presence(webexAnn, core.Available),
			block(webexAnn, enabled(false)), unblock(webexAnn, enabled(true)),
		},
		lagOps: []op{twoUpdates(webexAnn, core.UserChange{LastName: core.Set("Souza")}, core.UserChange{FirstName: core.Set("Anna")},
			func(w *world) bool { return w.is(ann, "lastName", "Souza") && w.is(ann, "firstName", "Anna") })},
	}
}

// webexMakingVendor is a store that makes and ends supervisors.
func webexMakingVendor() *vendor {
	v := webexVendor()
	v.name, v.store, v.lagOps = "webex (making)", webexMakingStore, nil
	under := func(user, boss string) core.Assignment {
		return core.Assignment{UserID: user, Target: core.Target{Kind: core.KindSupervisor, ID: boss}}
	}
	two := assignTwo(under(webexEve, webexBoss), under(webexBob, webexBoss), func(w *world, a core.Assignment) bool {
		return !w.has("supervisors/"+webexBoss, "agents", a.UserID)
	})
	two.run = func(ctx context.Context, s core.Store, _ *trial) error {
		_, err := s.Unassign(ctx, under(webexEve, webexBoss), under(webexBob, webexBoss))
		return err
	}
	v.ops = []op{
		named("assign new supervisor", assign(under(webexBob, webexAnn), func(w *world) bool { return w.has("supervisors/"+webexAnn, "agents", webexBob) })),
		named("unassign the last", two),
	}
	return v
}
