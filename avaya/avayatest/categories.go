package avayatest

import "github.com/rollcall-go/rollcall/internal/simnet"

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
	out := simnet.Clone(c.own)
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
