package hostile

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/liveperson"
)

func livepersonStore(rt http.RoundTripper) (core.Store, error) {
	c, err := liveperson.New(liveperson.Config{
		ClientOptions: core.ClientOptions{Transport: rt},

		AccountID: "90817263", BaseURL: "https://lp.example", DomainURL: "https://domain.example",
		Auth: liveperson.ClientCredentials{ID: "svc", Secret: core.NewSecret("s3cr3t")},
	}, liveperson.WithAgentView())
	if err != nil {
		return nil, err
	}
	return c.Store(), nil
}

func livepersonSeed() *world {
	user := func(id int, login, nick string, more string) string {
		return fmt.Sprintf(`"users/%d":{"id":%d,"pid":"pid-%d","deleted":false,"loginName":%q,"fullName":"","nickname":%q,"isEnabled":true,
			"disabledManually":false,"maxChats":3,"maxAsyncChats":null,"email":"%s@example.test","employeeId":"","permissionGroups":[1],"costCentre":7,
			"userTypeId":1,"isApiUser":false,"changePwdNextLogin":false,"dateUpdated":"2024-03-02 10:00:01"%s}`, id, id, id, login, nick, login,
			more)
	}
	const plain = `,"skillIds":[41],"profileIds":[51],"lobIds":[],"managerOf":[],"memberOf":{"agentGroupId":61,"assignmentDate":"2024-02-11 ` +
		`08:15:00"}`
	return newWorld("{" + strings.Join([]string{
		user(7, "ann.k", "Ann",
			`,"skillIds":[41],"profileIds":[51,53],"lobIds":[71],"managerOf":[{"agentGroupId":63,"assignmentDate":"2024-02-11 08:15:00"}],
			"memberOf":{"agentGroupId":61,"assignmentDate":"2024-02-11 08:15:00"}`),
		user(8, "bob.k", "Bob", plain), user(9, "eve.k", "Eve", plain),
		`"skills/41":{"id":41,"deleted":false,"name":"billing"}`, `"skills/42":{"id":42,"deleted":false,"name":"sales"}`,
		`"profiles/51":{"id":51,"deleted":false,"name":"Agent","roleTypeId":2}`, `"profiles/52":{"id":52,"deleted":false,"name":"Agent too",` +
			`"roleTypeId":2}`,
		`"profiles/53":{"id":53,"deleted":false,"name":"Manager","roleTypeId":3}`,
		`"agentGroups/61":{"id":61,"deleted":false,"name":"first","parentGroupId":-1,"isEnabled":true}`,
		`"agentGroups/62":{"id":62,"deleted":false,"name":"second","parentGroupId":-1,"isEnabled":true}`,
		`"agentGroups/63":{"id":63,"deleted":false,"name":"third","parentGroupId":-1,"isEnabled":true}`,
		`"lobs/71":{"id":71,"deleted":false,"name":"retail"}`, `"lobs/72":{"id":72,"deleted":false,"name":"travel"}`,
	}, ",") + "}")
}

func livepersonRefuse(status int) answer {
	return ok(status, doc{"error": doc{"time": "Sep 22, 2026 4:10:15 PM", "message": "it cannot be done", "internalCode": 10,
		"responseStatus": "REFUSED"}})
}

const livepersonBase = "/api/account/90817263/configuration/le-users"

// livepersonOn answers with the revision of the collection.
func livepersonOn(status int, w *world, v any) answer {
	a := ok(status, v)
	a.header = map[string]string{"ac-revision": strconv.Itoa(w.revision)}
	return a
}

// livepersonStale reports a revision that is not the current one.
func livepersonStale(w *world, c *call) bool {
	given := c.header.Get("If-Match")
	return given != "" && given != "-1" && given != "*" && given != strconv.Itoa(w.revision)
}

func livepersonID(u any) string {
	d, _ := u.(doc)
	return strings.TrimSuffix(fmt.Sprintf("%.0f", d["id"]), ".0")
}

// livepersonStored is a user as the vendor keeps it: without passwords and the full name.
func livepersonStored(w *world, id string, body any) doc {
	d := without(body.(doc), "passwordSh", "oldPassword", "confirmPassword")
	d["fullName"], d["deleted"] = "", false
	if old := w.docs["users/"+id]; old != nil {
		d["id"], d["pid"], d["loginName"] = old["id"], old["pid"], old["loginName"]
	}
	return d
}

func livepersonCreate(w *world, body any) doc {
	login := fmt.Sprint(body.(doc)["loginName"])
	w.creates[login]++
	id := 20 + w.creates[login]
	d := merged(livepersonStored(w, "", body), doc{"id": float64(id), "pid": "pid-new"})
	w.put("users/"+strconv.Itoa(id), d)
	return d
}

// livepersonMany serves a write of one user or of a list, in the shape of the request.
func livepersonMany(c *call, one func(u any) doc) any {
	list, isList := c.body.([]any)
	if !isList {
		return one(c.body)
	}
	out := []any{}
	for _, u := range list {
		out = append(out, one(u))
	}
	return out
}

var livepersonRoutes = []route{
	{pattern: "GET /api/account/90817263/service/{name}/baseURI.json", entry: true, serve: func(_ *world, c *call) answer {
		return ok(200, doc{"service": c.args["name"], "account": "90817263", "baseURI": c.args["name"] + ".example"})
	}},
	{pattern: "POST /sentinel/api/v2/account/90817263/app/token", entry: true, serve: func(*world, *call) answer {
		return ok(200, doc{"access_token": "token-1", "token_type": "Bearer", "expires_in": "3599"})
	}},
	{pattern: "GET " + livepersonBase + "/users", serve: func(w *world, c *call) answer {
		alive := []any{}
		for _, u := range w.under("users/") {
			if u.(doc)["deleted"] != true || c.query.Get("include_deleted") == "true" {
				alive = append(alive, u)
			}
		}
		return livepersonOn(200, w, alive)
	}},
	{pattern: "GET " + livepersonBase + "/users/{id}", serve: func(w *world, c *call) answer {
		u := w.docs["users/"+c.args["id"]]
		if u == nil || u["deleted"] == true && c.query.Get("include_deleted") != "true" {
			return livepersonRefuse(404)
		}
		return livepersonOn(200, w, u)
	}},
	{pattern: "POST " + livepersonBase + "/users", state: true, serve: func(w *world, c *call) answer {
		made := livepersonMany(c, func(u any) doc { return livepersonCreate(w, u) })
		return livepersonOn(201, w, made)
	}},
	{pattern: "PUT " + livepersonBase + "/users/{id}", state: true, serve: func(w *world, c *call) answer {
		switch {
		case !w.there("users/" + c.args["id"]):
			return livepersonRefuse(404)
		case livepersonStale(w, c):
			return livepersonRefuse(412)
		}
		w.put("users/"+c.args["id"], livepersonStored(w, c.args["id"], c.body))
		return livepersonOn(200, w, w.docs["users/"+c.args["id"]])
	}},
	{pattern: "PUT " + livepersonBase + "/users", state: true, serve: func(w *world, c *call) answer {
		if livepersonStale(w, c) {
			return livepersonRefuse(412)
		}
		made := livepersonMany(c, func(u any) doc {
			w.put("users/"+livepersonID(u), livepersonStored(w, livepersonID(u), u))
			return w.docs["users/"+livepersonID(u)]
		})
		return livepersonOn(200, w, made)
	}},
	{pattern: "DELETE " + livepersonBase + "/users/{id}", state: true, serve: func(w *world, c *call) answer {
		u := w.docs["users/"+c.args["id"]]
		switch {
		case u == nil || u["deleted"] == true:
			return livepersonRefuse(404)
		case livepersonStale(w, c):
			return livepersonRefuse(412)
		}
		w.put("users/"+c.args["id"], merged(u, doc{"deleted": true}))
		return livepersonOn(200, w, w.docs["users/"+c.args["id"]])
	}},
	{pattern: "GET " + livepersonBase + "/{kind}", serve: func(w *world, c *call) answer {
		return livepersonOn(200, w, w.under(c.args["kind"]+"/"))
	}},
	{pattern: "GET " + livepersonBase + "/{kind}/{id}", serve: func(w *world, c *call) answer {
		if d := w.docs[c.args["kind"]+"/"+c.args["id"]]; d != nil {
			return livepersonOn(200, w, d)
		}
		return livepersonRefuse(404)
	}},
	{pattern: "POST /manager_workspace/api/account/90817263/agent_view", reads: true, serve: func(w *world, c *call) answer {
		filters, _ := c.body.(doc)["filters"].(doc)
		records := []any{}
		for _, u := range w.under("users/") {
			if ids := listOf(filters["agentIds"]); len(ids) == 0 || slices.Contains(ids, any(livepersonID(u))) {
				records = append(records, doc{"agentId": livepersonID(u), "agentGroupId": -1, "agentCurrentStatus": "ONLINE", "agentLoad": 0.2})
			}
		}
		return ok(200, doc{"metadata": doc{"count": len(records)}, "agentViewRecords": records})
	}},
}

func livepersonPath(d doc) string { return "users/" + livepersonID(d) }

func livepersonVendor() *vendor {
	const ann = "users/7"
	to := func(user string, k core.Kind, id int) core.Assignment {
		return core.Assignment{UserID: user, Target: core.Target{Kind: k, ID: strconv.Itoa(id)}}
	}
	lists := func(member string, id float64, want bool) func(*world) bool {
		return func(w *world) bool { return w.is(ann, "deleted", false) && w.has(ann, member, id) == want }
	}
	manages := func(id int, want bool) func(*world) bool {
		return func(w *world) bool {
			return w.is(ann, "deleted", false) && strings.Contains(text(w.docs[ann]["managerOf"]), fmt.Sprintf(`"agentGroupId":%d`, id)) == want
		}
	}
	return &vendor{
		name: "liveperson", path: livepersonPath, seed: livepersonSeed, routes: livepersonRoutes, refuse: livepersonRefuse,
		store: livepersonStore,
		other: text(livepersonSeed().docs["users/9"]),
		ops: []op{
			listUsers(3), getUser("7", "ann.k"),
			createUser(core.UserSpec{Login: "new.k", FirstName: "Nina", LastName: "Neu", DisplayName: "Nina", Email: "nina@example.test",
				Password: core.NewSecret("Init-pass-01"),
				Fields:   map[string]any{"profileIds": []int{51}, "maxChats": 2, "memberOf": map[string]any{"agentGroupId": 61}}},
				func(w *world) bool { return w.is("users/21", "loginName", "new.k") }),
			updateUser("7", core.UserChange{DisplayName: core.Set("Anna")}, func(w *world) bool {
				return w.is(ann, "nickname", "Anna") && w.is(ann, "costCentre", 7.0)
			}),
			deleteUser("7"),
			listByUser("7", 6), listByTarget(to("", core.KindSkill, 41).Target, 3), listByTarget(to("", core.KindGroup, 61).Target, 3),
			assign(to("7", core.KindSkill, 42), lists("skillIds", 42, true)),
			assign(to("7", core.KindGroup, 62), func(w *world) bool {
				return strings.Contains(text(w.docs[ann]["memberOf"]), `"agentGroupId":62`)
			}),
			assign(to("7", core.KindManagedGroup, 62), manages(62, true)),
			assign(to("7", core.KindProfile, 52), lists("profileIds", 52, true)),
			assign(to("7", core.KindLOB, 72), lists("lobIds", 72, true)),
			assignTwo(to("7", core.KindSkill, 42), to("8", core.KindSkill, 42), func(w *world, a core.Assignment) bool {
				return w.has("users/"+a.UserID, "skillIds", 42.0)
			}),
			unassign(to("7", core.KindSkill, 41), lists("skillIds", 41, false)),
			unassign(to("7", core.KindManagedGroup, 63), manages(63, false)),
			unassign(to("7", core.KindProfile, 53), lists("profileIds", 53, false)),
			unassign(to("7", core.KindLOB, 71), lists("lobIds", 71, false)),
			presence("7", core.Available),
			block("7", func(w *world) bool { return w.is(ann, "isEnabled", false) }),
			unblock("7", func(w *world) bool { return w.is(ann, "isEnabled", true) }),
		},
		lagOps: []op{twoUpdates("7", core.UserChange{DisplayName: core.Set("Anna")}, core.UserChange{Email: core.Set("anna@example.test")},
			func(w *world) bool { return w.is(ann, "nickname", "Anna") && w.is(ann, "email", "anna@example.test") })},
	}
}
