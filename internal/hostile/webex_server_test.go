package hostile

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

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
					all = append(all, doc{"id": q["id"], "name": q["name"], "routingPrefix": "84", "locationId": q["locationId"], "locationName": "Austin",
						"joinEnabled": a["joinEnabled"]})
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
