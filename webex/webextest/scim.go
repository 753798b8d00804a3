package webextest

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// The part of SCIM 2 that is simulated: reading users, and PATCH.

const (
	scimUser  = "urn:ietf:params:scim:schemas:core:2.0:User"
	scimWebex = "urn:scim:schemas:extension:cisco:webexidentity:2.0:User"
	scimList  = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	scimPatch = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	scimPage  = 100
)

var scimFilter = regexp.MustCompile(`^userName eq "([^"]*)"$`)

// scimOrg checks the organisation of the path, a bare UUID.
func scimOrg(handle func(*Server, *call) *answer) func(*Server, *call) *answer {
	return func(s *Server, c *call) *answer {
		if !strings.EqualFold(c.path["orgId"], OrgKey) {
			return c.refuse(s.cfg.unknownOrg, 0, "The organization is not one that you may act for.")
		}
		return handle(s, c)
	}
}

func (s *Server) scimUser(p *person) object {
	email := words(p.fields, "emails")[0]
	active := p.fields["loginEnabled"] == true
	status := []string{"active"}
	switch {
	case !active:
		status = []string{"disabled"}
	case p.fields["invitePending"] == true:
		status = []string{"pending"}
	}
	return object{
		"schemas": []string{scimUser, scimWebex}, "id": p.key, "userName": email, "userType": "user", "active": active,
		"displayName": p.fields["displayName"],
		"name":        object{"givenName": text(p.fields, "firstName"), "familyName": text(p.fields, "lastName")},
		"emails":      []object{{"value": email, "type": "work", "primary": true}},
		"title":       text(p.fields, "title"),
		scimWebex:     object{"accountStatus": status},
	}
}

func (s *Server) listUsers(c *call) *answer {
	start, a := c.number("startIndex", 1, 1)
	if a != nil {
		return a
	}
	count, a := c.number("count", 0, scimPage)
	if a != nil {
		return a
	}
	wanted := ""
	if filter := c.query.Get("filter"); filter != "" {
		m := scimFilter.FindStringSubmatch(filter)
		if m == nil {
			return c.invalid("filter: only userName eq is simulated, not %q", filter)
		}
		wanted = m[1]
	}
	var found []*person
	for _, p := range s.people {
		if wanted == "" || strings.EqualFold(words(p.fields, "emails")[0], wanted) {
			found = append(found, p)
		}
	}
	rows := []object{}
	for i := start - 1; i < min(len(found), start-1+count); i++ {
		rows = append(rows, s.scimUser(found[i]))
	}
	return jsonAnswer(http.StatusOK, object{
		"schemas": []string{scimList}, "totalResults": len(found), "itemsPerPage": len(rows), "startIndex": start, "Resources": rows,
	})
}

// scimPerson finds the user of the path, by the bare UUID alone.
func (s *Server) scimPerson(c *call) (*person, *answer) {
	if p := s.persons[strings.ToLower(c.path["userId"])]; p != nil {
		return p, nil
	}
	return nil, c.refuse(http.StatusNotFound, 0, "User not found")
}

func (s *Server) getUser(c *call) *answer {
	p, a := s.scimPerson(c)
	if a != nil {
		return a
	}
	return jsonAnswer(http.StatusOK, s.scimUser(p))
}

func (s *Server) patchUser(c *call) *answer {
	p, a := s.scimPerson(c)
	if a != nil {
		return a
	}
	o, a := c.object()
	if a != nil {
		return a
	}
	if fmt.Sprint(o["schemas"]) != fmt.Sprint([]string{scimPatch}) {
		return c.invalid("schemas must be %q", scimPatch)
	}
	list, _ := o["Operations"].([]any)
	if len(list) == 0 {
		return c.missing("Operations")
	}
	next := object{}
	for _, v := range list {
		item, _ := v.(object)
		field := map[string]string{"displayName": "displayName", "name.givenName": "firstName", "name.familyName": "lastName", "title": "title", "active": "loginEnabled"}[text(item, "path")]
		op := strings.ToLower(text(item, "op"))
		_, isBool := item["value"].(bool)
		_, isText := item["value"].(string)
		switch {
		case op != "add" && op != "replace" && op != "remove":
			return c.invalid("Operations.op: %q is unknown", op)
		case field == "" || field == "loginEnabled" && (op == "remove" || !isBool) || op != "remove" && field != "loginEnabled" && !isText:
			return c.invalid("Operations: %s %q cannot be done", op, text(item, "path"))
		}
		next[field] = item["value"]
	}
	for field, v := range next {
		if p.fields[field] = v; v == nil {
			delete(p.fields, field)
		}
	}
	return jsonAnswer(http.StatusOK, s.scimUser(p))
}
