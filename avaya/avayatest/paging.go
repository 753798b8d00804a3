package avayatest

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A listing is what one list endpoint allows.
type listing struct {
	plural     string
	size       int // default page size
	min, max   int
	multiple   int      // the page size must be a multiple of it
	filters    []string // fields for filter
	orders     []string // fields for orderBy
	descending bool     // the default direction
	arrayLinks bool     // links are an array of one object
}

var (
	userListing = listing{plural: "users", size: 10, min: 5, max: 50,
		filters: []string{"loginId", "lastName", "firstName", "emailId", "organizationNodeId", "profileId"},
		orders:  []string{"loginId", "lastName", "firstName", "emailId", "organizationNodeId"}}
	searchListing  = listing{plural: "users", size: 10, min: 5, max: 500, orders: userListing.orders}
	profileListing = listing{plural: "profiles", size: 10, min: 5, max: 50,
		filters: []string{"profileName"}, orders: []string{"profileName"}}
	groupListing = listing{plural: "groups", size: 5, min: 5, max: 50, descending: true, arrayLinks: true,
		// Groups can be filtered by membershipType, although no group has that field.
		filters: []string{"name", "organizationNodeId", "membershipType"}, orders: []string{"name"}}
	queueListing    = listing{plural: "queues", size: 20, min: 1, max: 20}
	categoryListing = listing{plural: "categories", size: 20, min: 1, max: 20}
)

// A row is one entity of a list, as filters and orders see it.
type row interface{ field(name string) string }

func (u *user) field(name string) string {
	if name == "userId" {
		return u.id
	}
	return text(u.own[name])
}

func (p *profile) field(name string) string { return text(p.own[name]) }

func (t *thing) field(name string) string { return text(t.own[name]) }

// A criterion says whether a row belongs to the list.
type criterion func(row) bool

// page answers a list request: it filters, sorts and cuts.
func page[E row](s *Server, r *request, l listing, rows []E, render func(E) object, keep criterion, order string) answer {
	query := r.URL.Query()
	var vs []violation

	number, ok := pageParam(query, "pageNumber", 1)
	if !ok || number < 1 {
		vs = append(vs, violation{"pageNumber", "must be greater than or equal to 1", 0})
	}

	size, ok := pageParam(query, "pageSize", l.size)
	switch {
	case !ok || size < l.min || size > l.max:
		vs = append(vs, violation{"pageSize", fmt.Sprintf("must be between %d and %d", l.min, l.max), 0})
	case l.multiple > 0 && size%l.multiple != 0:
		vs = append(vs, violation{"pageSize", fmt.Sprintf("must be a multiple of %d", l.multiple), 0})
	}

	if query.Get("filter") != "" && len(l.filters) > 0 {
		c, v := s.parseFilter(query.Get("filter"), l.filters)
		if v != nil {
			vs = append(vs, *v)
		}
		keep = c
	}

	compare, v := s.parseOrder(order, l)
	if v != nil {
		vs = append(vs, *v)
	}

	// One answer names everything that is wrong.
	if vs != nil {
		return fail(invalid(vs...))
	}

	if keep != nil {
		rows = only(rows, func(e E) bool { return keep(e) })
	}
	if compare != nil {
		rows = slices.SortedStableFunc(slices.Values(rows), func(a, b E) int { return compare(a, b) })
	}

	total := len(rows)
	from := min((number-1)*size, total)
	items := []any{}
	for _, e := range rows[from:min(from+size, total)] {
		items = append(items, render(e))
	}

	body := object{
		"pagination": object{"pageNumber": number, "pageSize": size, "total": total + s.cfg.totalOff},
		l.plural:     items,
	}
	s.addLinks(body, items, r, l, number, size, total)
	return answer{status: http.StatusOK, body: body}
}

func pageParam(q url.Values, name string, def int) (int, bool) {
	if !q.Has(name) {
		return def, true
	}
	n, err := strconv.ParseInt(q.Get(name), 10, 32)
	return int(n), err == nil
}

func (s *Server) addLinks(body object, items []any, r *request, l listing, number, size, total int) {
	to := func(number int) string {
		q := r.URL.Query()
		q.Set("pageNumber", strconv.Itoa(number))
		q.Set("pageSize", strconv.Itoa(size))
		base := r.URL.EscapedPath()
		if s.cfg.links == LinksAbsolute {
			base = "https://api.invalid" + base
		}
		return base + "?" + q.Encode()
	}

	prev, next := "", ""
	if number > 1 {
		prev = to(number - 1)
	}
	if number*size < total {
		next = to(number + 1)
	}
	if s.cfg.links == LinksWrong {
		next = to(number + 2)
	}

	var links any = object{"prev": prev, "next": next}
	if l.arrayLinks && !s.cfg.groupLinksObject {
		links = []any{links}
	}

	switch {
	case s.cfg.links == LinksNull:
		body["links"] = nil
	case s.cfg.links == LinksMisplaced && len(items) > 0:
		child(items[len(items)-1])["links"] = links
	default:
		body["links"] = links
	}
}

// parseFilter reads the one criterion of a filter: field=value, field:value,
// field:value* or field:*value.
func (s *Server) parseFilter(filter string, allowed []string) (criterion, *violation) {
	if utf8.RuneCountInString(filter) > 255 {
		return nil, &violation{"filter", "size must be between 0 and 255", 0}
	}

	i := strings.IndexAny(filter, "=:")
	if i < 0 {
		return nil, &violation{"filter", "must be field=value or field:value", 0}
	}

	field, value := filter[:i], filter[i+1:]
	if !slices.Contains(allowed, field) {
		return nil, &violation{"filter", "unknown field " + field, 0}
	}

	operator := "EQUALS"
	if filter[i] == ':' {
		starts, ends := strings.HasSuffix(value, "*"), strings.HasPrefix(value, "*")
		switch value = strings.Trim(value, "*"); {
		case starts && ends:
			return nil, &violation{"filter", "one wildcard only", 0}
		case starts:
			operator = "STARTS_WITH"
		case ends:
			operator = "ENDS_WITH"
		case s.cfg.colonAnywhere:
			operator = "CONTAINS"
		default:
			operator = "WORD"
		}
	}

	return func(rw row) bool { return s.matches(rw.field(field), operator, value) }, nil
}

func (s *Server) matches(have, operator, want string) bool {
	have, want = s.fold(have), s.fold(want)
	switch operator {
	case "STARTS_WITH":
		return strings.HasPrefix(have, want)
	case "ENDS_WITH":
		return strings.HasSuffix(have, want)
	case "CONTAINS":
		return strings.Contains(have, want)
	case "NOT_EQUALS":
		return have != want
	case "WORD":
		return have == want || slices.Contains(strings.Fields(have), want)
	}
	return have == want
}

// parseOrder reads "field", "field asc" or "field desc".
func (s *Server) parseOrder(order string, l listing) (func(a, b row) int, *violation) {
	field, direction, _ := strings.Cut(order, " ")
	wrong := &violation{"orderBy", "must be a sortable field, optionally followed by asc or desc", 0}

	switch {
	case order == "" || len(l.orders) == 0:
		return nil, nil
	case !slices.Contains(l.orders, field) || direction != "" && direction != "asc" && direction != "desc":
		return nil, wrong
	}

	sign := 1
	if direction == "desc" || direction == "" && l.descending {
		sign = -1
	}
	return func(a, b row) int { return sign * cmp.Compare(a.field(field), b.field(field)) }, nil
}

// only returns the rows that are kept, in a slice of their own.
func only[E any](rows []E, keep func(E) bool) []E {
	out := []E{}
	for _, e := range rows {
		if keep(e) {
			out = append(out, e)
		}
	}
	return out
}

// visibleUsers returns the users that lists show.
func (s *Server) visibleUsers() []*user {
	if !s.cfg.hideDeleting {
		return s.users.All()
	}
	return only(s.users.All(), s.visible)
}

func (s *Server) listUsers(r *request) answer {
	return page(s, r, userListing, s.visibleUsers(), s.renderUser, nil, r.URL.Query().Get("orderBy"))
}

var searchSchema = fields{
	"filter": array(0, 500, rule{kind: objectKind, fields: fields{
		"discriminator": {oneOf: []string{"AND", "OR"}},
		"key": {required: true, oneOf: []string{"loginId", "lastName", "firstName", "emailId", "organizationNodeId",
			"userId", "profileId"}},
		"operator": {required: true, oneOf: []string{"STARTS_WITH", "CONTAINS", "ENDS_WITH", "EQUALS", "NOT_EQUALS"}},
		"value":    {required: true, max: 50},
	}}),
	"orderBy": {},
}

// searchUsers joins the criteria from left to right; the first one's
// discriminator means nothing.
func (s *Server) searchUsers(r *request) answer {
	body, p := s.read(r, searchSchema)
	if p != nil {
		return fail(p)
	}

	criteria := list(body["filter"])
	keep := func(rw row) bool {
		result := true
		for i, v := range criteria {
			crit := child(v)
			one := s.matches(rw.field(text(crit["key"])), text(crit["operator"]), text(crit["value"]))
			switch {
			case i == 0:
				result = one
			case crit["discriminator"] == "OR":
				result = result || one
			default:
				result = result && one
			}
		}
		return result
	}
	return page(s, r, searchListing, s.visibleUsers(), s.renderUser, keep, text(body["orderBy"]))
}

func (s *Server) listProfiles(r *request) answer {
	l := profileListing
	if s.cfg.profileMultiples {
		l.multiple = 5
	}
	visible := only(s.profiles.All(), func(p *profile) bool { return !s.cfg.hideDeleting || !s.deleting(p.op) })
	return page(s, r, l, visible, s.renderProfile, nil, r.URL.Query().Get("orderBy"))
}
