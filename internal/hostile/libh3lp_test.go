package hostile

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/libh3lp"
)

func libh3lpStore(rt http.RoundTripper) (core.Store, error) {
	c, err := libh3lp.New(libh3lp.Config{
		ClientOptions: core.ClientOptions{Transport: rt}, BaseURL: "https://libh3lp.example",
		Auth: libh3lp.Login{Username: "admin", Password: core.NewSecret("s3cr3t")},
	})
	if err != nil {
		return nil, err
	}
	return c.Store(), nil
}

// libh3lpSeed has links by user and queue: "links/7/3".
func libh3lpSeed() *world {
	return newWorld(`{
		"users/7": {"id":7,"type":"user","name":"ann","email":null,"show":"available","status":""},
		"users/8": {"id":8,"type":"user","name":"bob","email":"bob@example.org","show":"dnd","status":"busy"},
		"users/9": {"id":9,"type":"user","name":"eve","email":null,"show":"unavailable","status":""},
		"queues/3": {"id":3,"type":"queue","name":"ref","show":"available","status":""},
		"queues/4": {"id":4,"type":"queue","name":"night","show":"available","status":""},
		"queues/5": {"id":5,"type":"queue","name":"law","show":"available","status":""},
		"links/7/3": {"queueId":3,"queue":"ref","queueShow":"available","userId":7,"user":"ann","userShow":"available","enabled":true},
		"links/7/4": {"queueId":4,"queue":"night","queueShow":"available","userId":7,"user":"ann","userShow":"available","enabled":true},
		"links/8/3": {"queueId":3,"queue":"ref","queueShow":"available","userId":8,"user":"bob","userShow":"dnd","enabled":true},
		"links/9/4": {"queueId":4,"queue":"night","queueShow":"available","userId":9,"user":"eve","userShow":"unavailable","enabled":null}
	}`)
}

// libh3lpRefuse says no as the vendor does, with whatever status.
func libh3lpRefuse(status int) answer {
	return ok(status, doc{"success": nil, "message": "it cannot be done"})
}

const libh3lpBase = "/2011-12-03"

var libh3lpRoutes = []route{
	{pattern: "POST " + libh3lpBase + "/auth/login", entry: true, serve: func(*world, *call) answer {
		a := ok(200, doc{"success": true, "username": "admin", "account_id": 1})
		a.header = map[string]string{"Set-Cookie": "libraryh3lp-session=7f1c2a90; Path=/"}
		return a
	}},
	{pattern: "GET " + libh3lpBase + "/users", serve: func(w *world, _ *call) answer { return ok(200, w.under("users/")) }},
	{pattern: "POST " + libh3lpBase + "/users", state: true, serve: func(w *world, c *call) answer {
		name := fmt.Sprint(c.body.(doc)["name"])
		w.creates[name]++
		id := 20 + w.creates[name]
		d := doc{"id": float64(id), "type": "user", "name": name, "email": nil, "show": "unavailable", "status": ""}
		w.put("users/"+strconv.Itoa(id), d)
		return ok(200, []any{d})
	}},
	{pattern: "GET " + libh3lpBase + "/users/{id}", serve: func(w *world, c *call) answer {
		if d := w.docs["users/"+c.args["id"]]; d != nil {
			return ok(200, d)
		}
		return libh3lpRefuse(404)
	}},
	{pattern: "PUT " + libh3lpBase + "/users/{id}", state: true, serve: func(w *world, c *call) answer {
		path := "users/" + c.args["id"]
		if !w.there(path) {
			return libh3lpRefuse(404)
		}
		w.put(path, without(merged(w.docs[path], c.body), "password"))
		return ok(200, []any{w.docs[path]})
	}},
	{pattern: "DELETE " + libh3lpBase + "/users/{id}", serve: func(w *world, c *call) answer {
		if !w.there("users/" + c.args["id"]) {
			return libh3lpRefuse(404)
		}
		w.remove("users/"+c.args["id"], "links/"+c.args["id"]+"/")
		return ok(200, doc{"success": true})
	}},
	{pattern: "GET " + libh3lpBase + "/queues", serve: func(w *world, _ *call) answer { return ok(200, w.under("queues/")) }},
	{pattern: "GET " + libh3lpBase + "/queues/{id}", serve: func(w *world, c *call) answer {
		if d := w.docs["queues/"+c.args["id"]]; d != nil {
			return ok(200, d)
		}
		return libh3lpRefuse(404)
	}},
	{pattern: "GET " + libh3lpBase + "/users/{id}/assignments", serve: func(w *world, c *call) answer {
		if !w.there("users/" + c.args["id"]) {
			return libh3lpRefuse(404)
		}
		return ok(200, w.under("links/"+c.args["id"]+"/"))
	}},
	{pattern: "GET " + libh3lpBase + "/queues/{id}/operators", serve: func(w *world, c *call) answer {
		if !w.there("queues/" + c.args["id"]) {
			return libh3lpRefuse(404)
		}
		out := []any{}
		for _, path := range slices.Sorted(maps.Keys(w.docs)) {
			if strings.HasPrefix(path, "links/") && strings.HasSuffix(path, "/"+c.args["id"]) {
				out = append(out, w.docs[path])
			}
		}
		return ok(200, out)
	}},
	{pattern: "POST " + libh3lpBase + "/users/{user}/assignments", serve: func(w *world, c *call) answer {
		return libh3lpLink(w, c.args["user"], fmt.Sprint(c.body.(doc)["queueId"]))
	}},
	{pattern: "POST " + libh3lpBase + "/queues/{queue}/operators", serve: func(w *world, c *call) answer {
		return libh3lpLink(w, fmt.Sprint(c.body.(doc)["userId"]), c.args["queue"])
	}},
	{pattern: "PUT " + libh3lpBase + "/users/{user}/assignments/{queue}", state: true, serve: libh3lpEnable},
	{pattern: "PUT " + libh3lpBase + "/queues/{queue}/operators/{user}", state: true, serve: libh3lpEnable},
	{pattern: "DELETE " + libh3lpBase + "/users/{user}/assignments/{queue}", serve: libh3lpUnlink},
	{pattern: "DELETE " + libh3lpBase + "/queues/{queue}/operators/{user}", serve: libh3lpUnlink},
	{pattern: "GET /presence/jid/{name}/{domain}/text", serve: func(w *world, c *call) answer {
		for _, u := range w.under("users/") {
			if u.(doc)["name"] == c.args["name"] {
				return answer{status: 200, body: fmt.Sprint(u.(doc)["show"]), header: map[string]string{"Content-Type": "text/plain"}}
			}
		}
		return answer{status: 404, body: `<html><body><h1>Not found</h1></body></html>`}
	}},
}

func libh3lpLink(w *world, user, queue string) answer {
	path := "links/" + user + "/" + queue
	u, q := w.docs["users/"+user], w.docs["queues/"+queue]
	if u == nil || q == nil {
		return libh3lpRefuse(404)
	}
	if !w.there(path) {
		w.put(path, doc{"queueId": q["id"], "queue": q["name"], "queueShow": q["show"], "userId": u["id"], "user": u["name"],
			"userShow": u["show"], "enabled": true})
	}
	return ok(200, doc{"success": true})
}

func libh3lpEnable(w *world, c *call) answer {
	path := "links/" + c.args["user"] + "/" + c.args["queue"]
	if !w.there(path) {
		return libh3lpRefuse(404)
	}
	w.put(path, merged(w.docs[path], c.body))
	return ok(200, []any{w.docs[path]})
}

func libh3lpUnlink(w *world, c *call) answer {
	path := "links/" + c.args["user"] + "/" + c.args["queue"]
	if !w.there(path) {
		return libh3lpRefuse(404)
	}
	w.remove(path)
	return ok(200, doc{"success": true})
}

func libh3lpPath(d doc) string {
	if d["queueId"] != nil {
		return fmt.Sprint("links/", d["userId"], "/", d["queueId"])
	}
	return fmt.Sprint("users/", d["id"])
}

func libh3lpVendor() *vendor {
	queue := func(user, id string) core.Assignment {
		return core.Assignment{UserID: user, Target: core.Target{Kind: core.KindQueue, ID: id}}
	}
	linked := func(w *world, a core.Assignment) bool { return w.there("links/" + a.UserID + "/" + a.Target.ID) }
	enabled := func(path string, want any) func(*world) bool {
		return func(w *world) bool { return w.is(path, "enabled", want) }
	}
	return &vendor{
		name: "libh3lp", path: libh3lpPath, decides: true, seed: libh3lpSeed, routes: libh3lpRoutes, refuse: libh3lpRefuse, store: libh3lpStore,
		other: text(merged(libh3lpSeed().docs["users/9"], doc{"userId": 9, "user": "eve", "queueId": 5, "queue": "law"})),
		ops: []op{
			listUsers(3), getUser("7", "ann"),
			createUser(core.UserSpec{Login: "neu", Password: core.NewSecret("Init-pass-01")}, func(w *world) bool {
				return w.is("users/21", "name", "neu")
			}),
			named("create with e-mail", createUser(core.UserSpec{Login: "neu", Email: "neu@example.org", Password: core.NewSecret("Init-pass-01")},
				func(w *world) bool {
					return w.is("users/21", "name", "neu") && w.is("users/21", "email", "neu@example.org")
				})),
			updateUser("7", core.UserChange{Email: core.Set("ann@example.org")}, func(w *world) bool {
				return w.is("users/7", "email", "ann@example.org")
			}),
			deleteUser("7"),
			listByUser("7", 2), listByTarget(queue("", "3").Target, 2),
			assign(queue("7", "5"), func(w *world) bool { return linked(w, queue("7", "5")) }),
			assignTwo(queue("7", "5"), queue("8", "5"), linked),
			unassign(queue("7", "3"), func(w *world) bool { return w.there("users/7") && !linked(w, queue("7", "3")) }),
			suspend(queue("7", "3"), enabled("links/7/3", nil)),
			resume(queue("9", "4"), enabled("links/9/4", true)),
			presence("7", core.Available),
			block("7", func(w *world) bool { return w.is("links/7/3", "enabled", nil) && w.is("links/7/4", "enabled", nil) }),
			unblock("7", func(w *world) bool { return w.is("links/7/3", "enabled", true) && w.is("links/7/4", "enabled", true) }),
		},
		lagOps: []op{twoUpdates("7", core.UserChange{Email: core.Set("ann@example.org")}, core.UserChange{Login: core.Set("anna")},
			func(w *world) bool {
				return w.is("users/7", "email", "ann@example.org") && w.is("users/7", "name", "anna")
			})},
	}
}
