package hostile

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/core"
)

const (
	avayaAnn   = "11111111-1111-4111-8111-111111111111"
	avayaBob   = "22222222-2222-4222-8222-222222222222"
	avayaEve   = "33333333-3333-4333-8333-333333333333"
	avayaNew   = "99999999-9999-4999-8999-99999999999"
	avayaQueue = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
	avayaOther = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
	avayaGroup = "cccccccc-cccc-4ccc-8ccc-cccccccccccc"
	avayaTeam  = "dddddddd-dddd-4ddd-8ddd-dddddddddddd"
)

func avayaStore(rt http.RoundTripper) (core.Store, error) {
	c, err := avaya.New(avaya.Config{
		ClientOptions: core.ClientOptions{Transport: rt},
		BaseURL:       "https://avaya.example", AccountID: "QWERTY", AppKey: core.NewSecret("app-key"),
		Auth: avaya.ClientCredentials{ID: "svc", Secret: core.NewSecret("s3cr3t")},
	})
	if err != nil {
		return nil, err
	}
	return c.Store(), nil
}

func avayaSeed() *world {
	user := func(id, login, first, more string) string {
		return fmt.Sprintf(`"users/%s":{"userId":%q,"loginId":%q,"firstName":%q,"lastName":"Reyes","emailId":%q,
			"organizationNodeId":"QWERTY","roles":["Agent"],"costCentre":7%s}`, id, id, login, first, login, more)
	}
	return newWorld("{" + strings.Join([]string{
		user(avayaAnn, "ann@example.com", "Ann", `,"memberOfGroups":["`+avayaTeam+`"],"ownedGroups":["`+avayaTeam+`"],"profileId":"PROF01",
			"features":{"matching":{"queues":[{"queueId":"`+avayaOther+`","proficiency":3}],"attributes":["Language.Spanish"]}}`),
		user(avayaBob, "bob@example.com", "Bob", `,"features":{"matching":{"queues":[{"queueId":"`+avayaOther+`","proficiency":5}]}}`),
		user(avayaEve, "eve@example.com", "Eve", `,"memberOfGroups":["`+avayaTeam+`"]`),
		`"groups/` + avayaGroup + `":{"groupId":"` + avayaGroup + `","name":"Night","organizationNodeId":"QWERTY"}`,
		`"groups/` + avayaTeam + `":{"groupId":"` + avayaTeam + `","name":"Day","organizationNodeId":"QWERTY"}`,
		`"profiles/PROF01":{"profileId":"PROF01","profileName":"Plain","organizationNodeId":"QWERTY"}`,
		`"profiles/PROF02":{"profileId":"PROF02","profileName":"Other","organizationNodeId":"QWERTY"}`,
	}, ",") + "}")
}

// avayaCrowd adds 120 users.
func avayaCrowd(w *world) {
	for i := range 120 {
		id, login := fmt.Sprintf("55555555-5555-4555-8555-%012d", i), fmt.Sprintf("u%03d@example.com", i)
		w.docs["users/"+id] = merged(w.docs["users/"+avayaEve], doc{"userId": id, "loginId": login, "emailId": login})
	}
}

func avayaRefuse(status int) answer {
	a := ok(status, doc{"type": "https://developers.avayacloud.com/avaya-experience-platform/docs/error-handling#refused",
		"title": "Refused", "status": status, "detail": "it cannot be done"})
	a.header = map[string]string{"Content-Type": "application/problem+json"}
	return a
}

const (
	avayaUsers  = "/api/admin/user/v1/accounts/QWERTY"
	avayaGroups = "/api/admin/group/v1/accounts/QWERTY"
)

var avayaRoutes = []route{
	{pattern: "POST /api/auth/v1/QWERTY/protocol/openid-connect/token", entry: true, serve: func(*world, *call) answer {
		return ok(200, doc{"access_token": "token-1", "expires_in": 900, "refresh_token": "again"})
	}},
	{pattern: "GET " + avayaUsers + "/users", serve: avayaList},
	{pattern: "POST " + avayaUsers + "/users", state: true, serve: func(w *world, c *call) answer {
		login := fmt.Sprint(c.body.(doc)["loginId"])
		w.creates[login]++
		id := avayaNew + strconv.Itoa(w.creates[login])
		return avayaWrite(w, id, c.body, "ADD")
	}},
	{pattern: "GET " + avayaUsers + "/users/{id}", serve: func(w *world, c *call) answer { return avayaGet(w, "users/"+c.args["id"]) }},
	{pattern: "PUT " + avayaUsers + "/users/{id}", state: true, serve: func(w *world, c *call) answer {
		if !w.there("users/" + c.args["id"]) {
			return avayaRefuse(404)
		}
		return avayaWrite(w, c.args["id"], c.body, "UPDATE")
	}},
	// The vendor documents no 404 here.
	{pattern: "DELETE " + avayaUsers + "/users/{id}", accepts: true, serve: func(w *world, c *call) answer {
		w.remove("users/"+c.args["id"], "statuses/"+c.args["id"])
		return none(204)
	}},
	{pattern: "POST " + avayaUsers + "/users:listStatuses", reads: true, serve: func(w *world, c *call) answer {
		out := []any{}
		ids, _ := c.body.(doc)["userIds"].([]any)
		for _, id := range ids {
			if s := w.docs[fmt.Sprint("statuses/", id)]; s != nil {
				out = append(out, s)
			}
		}
		return ok(200, out)
	}},
	{pattern: "GET " + avayaUsers + "/profiles/{id}", serve: func(w *world, c *call) answer { return avayaGet(w, "profiles/"+c.args["id"]) }},
	{pattern: "GET " + avayaGroups + "/groups/{id}", serve: func(w *world, c *call) answer {
		g := w.docs["groups/"+c.args["id"]]
		if g == nil {
			return avayaRefuse(404)
		}
		members := []any{}
		for _, path := range slices.Sorted(maps.Keys(w.docs)) {
			if w.has(path, "memberOfGroups", c.args["id"]) {
				members = append(members, w.docs[path]["userId"])
			}
		}
		return ok(200, merged(g, doc{"resources": []any{doc{"type": "User", "resourceIds": members}}}))
	}},
}

func avayaGet(w *world, path string) answer {
	if d := w.docs[path]; d != nil {
		return ok(200, d)
	}
	return avayaRefuse(404)
}

// avayaWrite replaces a user as a whole.
func avayaWrite(w *world, id string, body any, action string) answer {
	d := without(body.(doc), "password")
	d["userId"] = id
	w.put("users/"+id, d)
	w.put("statuses/"+id, doc{"userId": id, "action": action, "status": "COMPLETED", "message": "Completed successfully"})
	return ok(202, d)
}

func avayaList(w *world, c *call) answer {
	field, value, _ := strings.Cut(c.query.Get("filter"), "=")
	var all []any
	for _, u := range w.under("users/") {
		if field == "" || u.(doc)[field] == value {
			all = append(all, u)
		}
	}
	number, _ := strconv.Atoi(c.query.Get("pageNumber"))
	size, _ := strconv.Atoi(c.query.Get("pageSize"))
	number, size = max(number, 1), max(size, 5)
	from := min((number-1)*size, len(all))
	return ok(200, doc{"users": append([]any{}, all[from:min(from+size, len(all))]...), "links": doc{"prev": "", "next": ""},
		"pagination": doc{"pageNumber": number, "pageSize": size, "total": len(all)}})
}

func avayaPath(d doc) string { return fmt.Sprint("users/", d["userId"]) }

func avayaVendor() *vendor {
	ann := "users/" + avayaAnn
	matching := func(w *world) doc {
		features, _ := w.docs[ann]["features"].(doc)
		m, _ := features["matching"].(doc)
		return m
	}
	inQueue := func(user, queue string) func(*world) bool {
		return func(w *world) bool { return strings.Contains(text(w.docs["users/"+user]["features"]), queue) }
	}
	level := 4
	to := func(k core.Kind, id string) core.Assignment {
		a := core.Assignment{UserID: avayaAnn, Target: core.Target{Kind: k, ID: id}}
		if k == core.KindQueue {
			a.Level = &level
		}
		return a
	}
	from := func(k core.Kind, id string) core.Assignment {
		return core.Assignment{UserID: avayaAnn, Target: core.Target{Kind: k, ID: id}}
	}
	bobToo := to(core.KindQueue, avayaQueue)
	bobToo.UserID = avayaBob

	return &vendor{
		name: "avaya", path: avayaPath, seed: avayaSeed, routes: avayaRoutes, refuse: avayaRefuse, store: avayaStore,
		other: text(avayaSeed().docs["users/"+avayaEve]),
		ops: []op{
			listUsers(3), listPages(123, avayaCrowd), getUser(avayaAnn, "ann@example.com"),
			createUser(core.UserSpec{Login: "new@example.com", FirstName: "Nina", LastName: "Neu", Email: "new@example.com",
				Roles: []string{"Agent"}},
				func(w *world) bool {
					return w.is("users/"+avayaNew+"1", "loginId", "new@example.com") && w.is("users/"+avayaNew+"1", "lastName", "Neu")
				}),
			updateUser(avayaAnn, core.UserChange{LastName: core.Set("Souza")}, func(w *world) bool {
				return w.is(ann, "lastName", "Souza") && w.is(ann, "costCentre", 7.0)
			}),
			deleteUser(avayaAnn),
			settle(avayaAnn, core.UserChange{LastName: core.Set("Souza")}),
			listByUser(avayaAnn, 5), listByTarget(core.Target{Kind: core.KindQueue, ID: avayaOther}, 2),
			listByTarget(core.Target{Kind: core.KindGroup, ID: avayaTeam}, 2),
			assign(to(core.KindQueue, avayaQueue), inQueue(avayaAnn, avayaQueue)),
			assign(to(core.KindSkill, "Language.English"), func(w *world) bool {
				return slices.Contains(listOf(matching(w)["attributes"]), any("Language.English"))
			}),
			assign(to(core.KindGroup, avayaGroup), func(w *world) bool { return w.has(ann, "memberOfGroups", avayaGroup) }),
			assign(to(core.KindManagedGroup, avayaGroup), func(w *world) bool { return w.has(ann, "ownedGroups", avayaGroup) }),
			assign(to(core.KindProfile, "PROF02"), func(w *world) bool { return w.is(ann, "profileId", "PROF02") }),
			assignTwo(to(core.KindQueue, avayaQueue), bobToo, func(w *world, a core.Assignment) bool { return inQueue(a.UserID, avayaQueue)(w) }),
			unassign(from(core.KindQueue, avayaOther), func(w *world) bool { return w.there(ann) && !inQueue(avayaAnn, avayaOther)(w) }),
			unassign(from(core.KindSkill, "Language.Spanish"), func(w *world) bool {
				return w.there(ann) && !slices.Contains(listOf(matching(w)["attributes"]), any("Language.Spanish"))
			}),
			unassign(from(core.KindGroup, avayaTeam), func(w *world) bool { return w.there(ann) && !w.has(ann, "memberOfGroups", avayaTeam) }),
			unassign(from(core.KindManagedGroup, avayaTeam), func(w *world) bool { return w.there(ann) && !w.has(ann, "ownedGroups", avayaTeam) }),
		},
		lagOps: []op{twoUpdates(avayaAnn, core.UserChange{LastName: core.Set("Souza")}, core.UserChange{Email: core.Set("souza@example.com")},
			func(w *world) bool {
				return w.is(ann, "lastName", "Souza") && w.is(ann, "emailId", "souza@example.com")
			})},
	}
}
