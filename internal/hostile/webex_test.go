package hostile

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
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

func webexStore(rt *network) (core.Store, error) { return webexStoreWith(rt) }

// webexMakingStore makes and ends supervisors.
func webexMakingStore(rt *network) (core.Store, error) {
	return webexStoreWith(rt, webex.WithCreateSupervisor(), webex.WithDeleteSupervisor())
}

func webexStoreWith(rt *network, opts ...webex.StoreOption) (core.Store, error) {
	bought := 0
	c, err := webex.New(webex.Config{
		BaseURL: "https://webex.example/v1", Tier: webex.Assist,
		Auth: webex.TokenSource(func(context.Context) (webex.Token, error) {
			bought++
			return webex.Token{Value: core.NewSecret("token-" + strconv.Itoa(bought))}, nil
		}),
	}, webex.WithTransport(rt))
	if err != nil {
		return nil, err
	}
	return c.Store(opts...), nil
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

// webexPut stores a person as a replacement leaves it.
func webexPut(w *world, id string, body any) answer {
	old := w.docs["users/"+id]
	d := merged(body.(doc), doc{"id": id, "type": "person", "invitePending": false, "status": "active"})
	if _, given := d["loginEnabled"]; !given {
		d["loginEnabled"] = old == nil || old["loginEnabled"] == true
	}
	if mails := listOf(d["emails"]); len(mails) > 0 {
		d["userName"] = mails[0]
	}
	w.put("users/"+id, d)
	return ok(200, d)
}

// webexNamed is an agent as lists show it.
func webexNamed(w *world, id any) doc {
	u := w.docs[fmt.Sprint("users/", id)]
	return doc{"id": id, "firstName": u["firstName"], "lastName": u["lastName"], "type": "PEOPLE"}
}

// webexWindow is a page of the telephony lists.
func webexWindow(c *call, all []any) []any {
	start, _ := strconv.Atoi(c.query.Get("start"))
	size, err := strconv.Atoi(c.query.Get("max"))
	if err != nil {
		size = 100
	}
	start = min(start, len(all))
	return append([]any{}, all[start:min(start+size, len(all))]...)
}

var webexRoutes = []route{
	{pattern: "GET /v1/people", serve: func(w *world, c *call) answer {
		found := []any{}
		for _, u := range w.under("users/") {
			mails := listOf(u.(doc)["emails"])
			if mail := c.query.Get("email"); mail == "" || slices.Contains(mails, any(mail)) {
				found = append(found, u)
			}
		}
		from, _ := strconv.Atoi(c.query.Get("after"))
		from = min(from, len(found))
		until := min(from+100, len(found))
		a := ok(200, doc{"items": found[from:until], "notFoundIds": []any{}})
		if until < len(found) {
			c.query.Set("after", strconv.Itoa(until))
			a.header = map[string]string{"Link": "<https://webex.example/v1/people?" + c.query.Encode() + `>; rel="next"`}
		}
		return a
	}},
	{pattern: "POST /v1/people", state: true, serve: func(w *world, c *call) answer {
		mail := fmt.Sprint(listOf(c.body.(doc)["emails"])[0])
		w.creates[mail]++
		return webexPut(w, webexNew(w.creates[mail]), c.body)
	}},
	{pattern: "GET /v1/people/{id}", serve: func(w *world, c *call) answer {
		if u := w.docs["users/"+c.args["id"]]; u != nil {
			return ok(200, u)
		}
		return webexRefuse(404)
	}},
	{pattern: "PUT /v1/people/{id}", state: true, serve: func(w *world, c *call) answer {
		if !w.there("users/" + c.args["id"]) {
			return webexRefuse(404)
		}
		return webexPut(w, c.args["id"], c.body)
	}},
	{pattern: "DELETE /v1/people/{id}", serve: func(w *world, c *call) answer {
		if !w.there("users/" + c.args["id"]) {
			return webexRefuse(404)
		}
		w.remove("users/" + c.args["id"])
		return none(204)
	}},
	{pattern: "GET /v1/telephony/config/supervisors", serve: func(w *world, c *call) answer {
		all := []any{}
		for _, s := range w.under("supervisors/") {
			all = append(all, merged(webexNamed(w, s.(doc)["id"]), doc{"agentCount": len(listOf(s.(doc)["agents"])), "hasCxEssentials": true}))
		}
		return ok(200, doc{"supervisors": webexWindow(c, all)})
	}},
	{pattern: "POST /v1/telephony/config/supervisors", serve: func(w *world, c *call) answer {
		id, agents := c.body.(doc)["id"], []any{}
		if w.there(fmt.Sprint("supervisors/", id)) {
			return webexRefuse(409)
		}
		for _, a := range listOf(c.body.(doc)["agents"]) {
			agents = append(agents, a.(doc)["id"])
		}
		w.put(fmt.Sprint("supervisors/", id), doc{"id": id, "agents": agents})
		return none(201)
	}},
	{pattern: "GET /v1/telephony/config/supervisors/availableSupervisors", serve: func(w *world, c *call) answer {
		all := []any{}
		for _, u := range w.under("users/") {
			if !w.there(fmt.Sprint("supervisors/", u.(doc)["id"])) {
				all = append(all, webexNamed(w, u.(doc)["id"]))
			}
		}
		return ok(200, doc{"supervisors": webexWindow(c, all)})
	}},
	{pattern: "GET /v1/telephony/config/supervisors/{id}", serve: func(w *world, c *call) answer {
		s := w.docs["supervisors/"+c.args["id"]]
		if s == nil {
			return webexRefuse(404)
		}
		all := []any{}
		for _, id := range listOf(s["agents"]) {
			all = append(all, webexNamed(w, id))
		}
		return ok(200, doc{"id": s["id"], "agents": webexWindow(c, all)})
	}},
	{pattern: "PUT /v1/telephony/config/supervisors/{id}", serve: webexSupervise},
	{pattern: "GET /v1/telephony/config/queues", serve: func(w *world, c *call) answer {
		all := []any{}
		for _, q := range w.under("queues/") {
			all = append(all, without(q.(doc), "agents", "callPolicies", "queueSettings"))
		}
		return ok(200, doc{"queues": webexWindow(c, all)})
	}},
	{pattern: "GET /v1/telephony/config/locations/{place}/queues/{id}", serve: func(w *world, c *call) answer {
		if q := w.docs["queues/"+c.args["id"]]; q != nil {
			return ok(200, q)
		}
		return webexRefuse(404)
	}},
	{pattern: "PUT /v1/telephony/config/locations/{place}/queues/{id}", serve: func(w *world, c *call) answer {
		path := "queues/" + c.args["id"]
		if !w.there(path) {
			return webexRefuse(404)
		}
		d := merged(w.docs[path], c.body)
		for _, a := range listOf(d["agents"]) {
			if a.(doc)["joinEnabled"] == nil {
				a.(doc)["joinEnabled"] = true
			}
		}
		w.put(path, d)
		return none(204)
	}},
	{pattern: "GET /v1/telephony/config/queues/agents/{id}", serve: func(w *world, c *call) answer {
		all := []any{}
		for _, path := range slices.Sorted(maps.Keys(w.docs)) {
			for _, a := range listOf(w.docs[path]["agents"]) {
				if a, isDoc := a.(doc); isDoc && a["id"] == c.args["id"] {
					q := w.docs[path]
					all = append(all, doc{"id": q["id"], "name": q["name"], "routingPrefix": "84", "locationId": q["locationId"], "locationName": "Austin", "joinEnabled": a["joinEnabled"]})
				}
			}
		}
		rows := webexWindow(c, all)
		if len(rows) == 0 {
			return webexRefuse(404)
		}
		return ok(200, doc{"agent": webexNamed(w, c.args["id"]), "queues": rows})
	}},
	{pattern: "PUT /v1/telephony/config/queues/agents/{id}/settings", serve: func(w *world, c *call) answer {
		for _, s := range listOf(c.body.(doc)["settings"]) {
			q := w.docs[fmt.Sprint("queues/", s.(doc)["queueId"])]
			for _, a := range listOf(q["agents"]) {
				if a.(doc)["id"] == c.args["id"] {
					a.(doc)["joinEnabled"] = s.(doc)["joinEnabled"]
				}
			}
		}
		return none(204)
	}},
}

// webexSupervise adds and removes agents of a supervisor, and lists what was not done.
func webexSupervise(w *world, c *call) answer {
	path := "supervisors/" + c.args["id"]
	s := w.docs[path]
	if s == nil {
		return webexRefuse(404)
	}
	agents, refused := slices.Clone(listOf(s["agents"])), []any{}
	for _, a := range listOf(c.body.(doc)["agents"]) {
		id := a.(doc)["id"]
		there := slices.Contains(agents, id)
		switch {
		case a.(doc)["action"] == "ADD" && there:
			refused = append(refused, doc{"id": id, "status": "DUPLICATE", "message": "[Error 6612] Agent is already assigned to the supervisor."})
		case a.(doc)["action"] == "ADD":
			agents = append(agents, id)
		case there:
			agents = slices.DeleteFunc(agents, func(v any) bool { return v == id })
		}
	}
	if w.put(path, merged(s, doc{"agents": agents})); len(agents) == 0 {
		w.remove(path)
	}
	if len(refused) > 0 {
		return ok(206, doc{"supervisorAgentStatus": refused})
	}
	return none(204)
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
