package hostile

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/lucs"
)

const (
	lucsAnn  = "11111111-1111-4111-8111-111111111111"
	lucsBob  = "22222222-2222-4222-8222-222222222222"
	lucsEve  = "33333333-3333-4333-8333-333333333333"
	lucsNew  = "99999999-9999-4999-8999-99999999999"
	lucsDesk = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
)

// lucsStore speaks to a server that has all the routes which nothing is documented of.
func lucsStore(rt http.RoundTripper) (core.Store, error) {
	c, err := lucs.New(lucs.Config{
		BaseURL: "https://lucs.example", Auth: lucs.APIKey{Key: core.NewSecret("7f1d0a52c0de4b6f")},
		ClientOptions: core.ClientOptions{Transport: rt},
		Dialect: lucs.Dialect{Routes: lucs.Routes{Users: "GET /users", User: "GET /users/{userId}",
			ReplaceUser: "POST /users/{userId}", DeleteUser: "DELETE /users/{userId}"}},
	})
	if err != nil {
		return nil, err
	}
	return c.Store(), nil
}

// lucsBareStore speaks to a server that has only what is documented: users are looked
// for in the services.
func lucsBareStore(rt http.RoundTripper) (core.Store, error) {
	c, err := lucs.New(lucs.Config{BaseURL: "https://lucs.example", Auth: lucs.APIKey{Key: core.NewSecret("7f1d0a52c0de4b6f")},
		ClientOptions: core.ClientOptions{Transport: rt}})
	if err != nil {
		return nil, err
	}
	return c.Store(), nil
}

func lucsSeed() *world {
	user := func(id, sip string) string {
		return fmt.Sprintf(`"users/%s":{"Id":%q,"SipUri":%q,"FirstName":"Mara","LastName":"Keller","IsBlockedByLuwareApi":false,
			"CurrentProfile":"Early","DefaultProfile":"Early","NotReadyReason":null,"NotSelectableReason":null,"NumberOfSimultaneousIm":2,
			"costCentre":7,"Traits":[],"Profiles":[{"Name":"Early","Responsibilities":null}],"Roles":[],"IsSelectable":true,"PresenceState":"Online"}`, id, id, sip)
	}
	return newWorld("{" + strings.Join([]string{
		user(lucsAnn, "sip:ann@example.internal"), user(lucsBob, "sip:bob@example.internal"), user(lucsEve, "sip:eve@example.internal"),
		`"services/` + lucsDesk + `":{"Id":"` + lucsDesk + `","Name":"Helpdesk","SipUri":"sip:helpdesk@example.internal"}`,
	}, ",") + "}")
}

// lucsRefuse says no as ASP.NET does.
func lucsRefuse(status int) answer { return ok(status, doc{"Message": "it cannot be done"}) }

// lucsOn changes a user and answers with it.
func lucsOn(change func(u doc, c *call) doc) func(*world, *call) answer {
	return func(w *world, c *call) answer {
		path := "users/" + strings.ToLower(c.args["id"])
		if !w.there(path) {
			return lucsRefuse(404)
		}
		w.put(path, change(copied(w.docs[path]).(doc), c))
		return ok(200, w.docs[path])
	}
}

func lucsSet(name string, value any) func(doc, *call) doc {
	return func(u doc, _ *call) doc { u[name] = value; return u }
}

var lucsRoutes = []route{
	{pattern: "GET /v1.0/services", serve: func(w *world, _ *call) answer { return ok(200, w.under("services/")) }},
	{pattern: "GET /v1.0/services/{id}/users", serve: func(w *world, c *call) answer {
		if !w.there("services/" + c.args["id"]) {
			return lucsRefuse(404)
		}
		return ok(200, w.under("users/"))
	}},
	{pattern: "GET /v1.0/users", serve: func(w *world, _ *call) answer { return ok(200, w.under("users/")) }},
	{pattern: "POST /v1.0/users", state: true, serve: func(w *world, c *call) answer {
		sip := fmt.Sprint(c.body.(doc)["SipUri"])
		w.creates[sip]++
		id := lucsNew + strconv.Itoa(w.creates[sip])
		w.put("users/"+id, merged(doc{"Id": id, "FirstName": "", "LastName": "", "IsBlockedByLuwareApi": false, "IsSelectable": false,
			"PresenceState": "Offline"}, c.body))
		return ok(200, w.docs["users/"+id])
	}},
	{pattern: "GET /v1.0/users/{id}", serve: func(w *world, c *call) answer {
		if u := w.docs["users/"+strings.ToLower(c.args["id"])]; u != nil {
			return ok(200, u)
		}
		return lucsRefuse(404)
	}},
	{pattern: "POST /v1.0/users/{id}", state: true, serve: lucsOn(func(u doc, c *call) doc {
		return merged(merged(doc{"IsBlockedByLuwareApi": u["IsBlockedByLuwareApi"], "IsSelectable": u["IsSelectable"],
			"PresenceState": u["PresenceState"]}, c.body), doc{"Id": u["Id"]})
	})},
	{pattern: "DELETE /v1.0/users/{id}", serve: func(w *world, c *call) answer {
		if !w.there("users/" + c.args["id"]) {
			return lucsRefuse(404)
		}
		w.remove("users/" + c.args["id"])
		return none(200)
	}},
	{pattern: "POST /v1.0/users/{id}/block", state: true, serve: lucsOn(lucsSet("IsBlockedByLuwareApi", true))},
	{pattern: "POST /v1.0/users/{id}/unblock", state: true, serve: lucsOn(lucsSet("IsBlockedByLuwareApi", false))},
	{pattern: "POST /v1.0/users/{id}/setpresence", serve: func(w *world, c *call) answer {
		word := c.body.(doc)["PresenceState"]
		if a := lucsOn(lucsSet("PresenceState", word))(w, c); a.status != 200 {
			return a
		}
		return none(200)
	}},
}

func lucsPath(d doc) string { return fmt.Sprint("users/", d["Id"]) }

func lucsVendor() *vendor {
	ann := "users/" + lucsAnn
	blocked := func(want bool) func(*world) bool {
		return func(w *world) bool { return w.is(ann, "IsBlockedByLuwareApi", want) }
	}
	newUser := createUser(core.UserSpec{Login: "sip:new@example.internal", Fields: map[string]any{"DefaultProfile": "Early"}},
		func(w *world) bool { return w.is("users/"+lucsNew+"1", "SipUri", "sip:new@example.internal") })
	set := func(name string, v any) core.UserChange { return core.UserChange{Fields: map[string]any{name: v}} }
	desk := core.Target{Kind: core.KindQueue, ID: lucsDesk}
	return &vendor{
		name: "lucs", path: lucsPath, pages: true, seed: lucsSeed, routes: lucsRoutes, refuse: lucsRefuse, store: lucsStore,
		other: text(lucsSeed().docs["users/"+lucsEve]),
		ops: []op{
			listUsers(3), getUser(lucsAnn, "sip:ann@example.internal"), newUser,
			updateUser(lucsAnn, set("NumberOfSimultaneousIm", 5), func(w *world) bool {
				return w.is(ann, "NumberOfSimultaneousIm", 5.0) && w.is(ann, "costCentre", 7.0)
			}),
			deleteUser(lucsAnn), listByUser(lucsAnn, 1), listByTarget(desk, 3),
			presence(lucsAnn, core.Available),
			setPresence(lucsAnn, core.DND, func(w *world) bool { return w.is(ann, "PresenceState", "DoNotDisturb") }),
			block(lucsAnn, blocked(true)), unblock(lucsAnn, blocked(false)),
		},
		lagOps: []op{twoUpdates(lucsAnn, set("NumberOfSimultaneousIm", 5), set("DefaultProfile", "Late"),
			func(w *world) bool {
				return w.is(ann, "NumberOfSimultaneousIm", 5.0) && w.is(ann, "DefaultProfile", "Late")
			})},
	}
}

// lucsBareVendor is a server that has only what is documented.
func lucsBareVendor() *vendor {
	v := lucsVendor()
	v.name, v.store = "lucs (services only)", lucsBareStore
	var ops []op
	for _, o := range v.ops {
		if o.name != "update" && o.name != "delete" {
			ops = append(ops, o)
		}
	}
	v.ops, v.lagOps = ops, nil
	return v
}
