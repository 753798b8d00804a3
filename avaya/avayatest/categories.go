package avayatest

import (
	"fmt"
	"net/http"
)

// attribute is the generated name of an attribute, by which users carry it.
func (t *thing) attribute(a object) string { return text(t.own["name"]) + "." + text(a["value"]) }

func (t *thing) attributes() map[string]bool {
	out := map[string]bool{}
	for _, a := range children(t.own["attributes"]) {
		out[t.attribute(a)] = true
	}
	return out
}

func renderCategory(c *thing) object {
	out := clone(c.own)
	out["categoryId"] = c.id
	for _, a := range children(out["attributes"]) {
		a["name"] = c.attribute(a)
	}
	if out["attributes"] == nil {
		out["attributes"] = []any{}
	}
	return out
}

func (s *Server) listCategories(r *request) answer {
	keep := func(e row) bool { return s.named(e, r.URL.Query().Get("name")) }
	return page(s, r, categoryListing, byName(&s.categories), renderCategory, keep, "")
}

func (s *Server) checkCategory(r *request, schema fields) (object, *problem) {
	body, p := r.object()
	if p != nil {
		return nil, p
	}
	c := s.checker()
	own := c.object("", body, schema)
	seen := map[string]bool{}
	for i, a := range list(own["attributes"]) {
		v := text(child(a)["value"])
		if seen[v] {
			c.fail(fmt.Sprintf("attributes[%d].value", i), "must be unique", 0)
		}
		seen[v] = true
	}
	if c.violations != nil {
		return nil, invalid(c.violations...)
	}
	return own, nil
}

func (s *Server) createCategory(r *request) answer {
	own, p := s.checkCategory(r, categorySchema)
	if p == nil {
		p = s.checkName(&s.categories, own, "")
	}
	if p != nil {
		return fail(p)
	}
	c := &thing{s.ids.uuid("category"), own}
	s.categories.add(c)
	return answer{status: http.StatusCreated, body: renderCategory(c)}
}

func (s *Server) getCategory(r *request) answer {
	c, p := s.lookUp(r, &s.categories, "category")
	if p != nil {
		return fail(p)
	}
	return answer{status: http.StatusOK, body: renderCategory(c)}
}

// categoryUpdate is what a PUT takes: the name is fixed.
var categoryUpdate = func() fields {
	attributes := attributeSchema
	attributes.required = true
	return fields{"categoryId": readOnly(), "name": readOnly(), "attributes": attributes}
}()

func (s *Server) replaceCategory(r *request) answer {
	own, p := s.checkCategory(r, categoryUpdate)
	if p != nil {
		return fail(p)
	}
	c, p := s.lookUp(r, &s.categories, "category")
	if p != nil {
		return fail(p)
	}
	body, before := renderCategory(c), c.attributes()
	own["name"] = c.own["name"]
	c.own = own
	after := c.attributes()
	for name := range before {
		if !after[name] {
			s.forget("attribute", name)
		}
	}
	if !s.cfg.putPrevious {
		body = renderCategory(c)
	}
	return answer{status: http.StatusOK, body: body}
}

func (s *Server) deleteCategory(r *request) answer {
	c, p := s.lookUp(r, &s.categories, "category")
	if p != nil {
		return fail(p)
	}
	s.categories.remove(c.id)
	for name := range c.attributes() {
		s.forget("attribute", name)
	}
	return answer{status: http.StatusNoContent}
}
