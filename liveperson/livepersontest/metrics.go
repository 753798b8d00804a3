package livepersontest

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The presences of an agent.
const (
	Online   = "ONLINE"
	Away     = "AWAY"
	BackSoon = "BACK_SOON"
	Offline  = "OFFLINE"
)

// defaultSlots is how many conversations a user may have whose maxAsyncChats is
// null.
const defaultSlots = 10

// presence is what an agent shows. An agent without one was never logged in.
type presence struct {
	status, reason     string
	since, reasonSince time.Time
	active, assigned   int64
}

// SetPresence makes an agent show a presence, as if in its own session: no
// request can do that. The reason is a status reason's id, or "". It panics if
// there is no such user or status.
func (s *Server) SetPresence(userID int64, status, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.presenceOf(userID)
	if !slices.Contains([]string{Online, Away, BackSoon, Offline}, status) {
		panic("livepersontest: no such presence: " + status)
	}

	now := time.Now()
	if p.status != status {
		p.since = now
	}
	p.status, p.reason, p.reasonSince = status, cmp.Or(reason, "NA"), now
}

// SetConversations sets how many conversations an agent has, and how many of
// them are active.
func (s *Server) SetConversations(userID int64, assigned, active int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.presenceOf(userID)
	p.assigned, p.active = assigned, active
}

func (s *Server) presenceOf(userID int64) *presence {
	if _, ok := s.users.now.get(userID); !ok {
		panic(fmt.Sprintf("livepersontest: there is no user %d", userID))
	}
	if s.presence[userID] == nil {
		s.presence[userID] = &presence{} // in no view until it has a status
	}
	return s.presence[userID]
}

// viewQuery is what an agent view asks for.
type viewQuery struct {
	offset, limit           int
	by                      string
	descending              bool
	from, to                time.Time
	agents, groups, skills  []string
	types, statuses, values []string
	metadata                bool
}

var currentValues = []string{
	"agent_current_status", "agent_current_status_start_time", "agent_current_status_reason",
	"agent_current_status_reason_start_time", "active_conversations", "assigned_conversations", "agent_load",
	"available_slots", "max_slots", "pending_agent_response", "pending_agent_response_rate",
}

var userTypes = []string{"SYSTEM", "HUMAN", "BOT"}

func parseViewQuery(c *call) (*viewQuery, *problem) {
	q := &viewQuery{limit: 50, by: "agentId"}
	if p := q.readPage(c); p != nil {
		return nil, p
	}

	in, p := decodeObject(c.body)
	if p != nil {
		return nil, p
	}
	filters, _ := in["filters"].(object)
	if p := q.readTime(filters); p != nil {
		return nil, p
	}
	q.metadata = true
	if value, sent := in["includeAgentMetadata"]; sent {
		if q.metadata, sent = asBool(value); !sent {
			return nil, invalid("includeAgentMetadata: not a boolean")
		}
	}

	return q, q.readLists(in, filters)
}

// readPage reads which rows are wanted, and in which order.
func (q *viewQuery) readPage(c *call) *problem {
	for name, to := range map[string]*int{"offset": &q.offset, "limit": &q.limit} {
		if text := c.query.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				return invalid("%s: %q is not a count", name, text)
			}
			*to = n
		}
	}

	if q.limit == 0 || q.limit > 1000 || q.offset > 1000-q.limit {
		return invalid("offset and limit: together at most 1000, and the limit at least 1")
	}

	if text := c.query.Get("sort"); text != "" {
		by, way, _ := strings.Cut(text, ":")
		if by == "" || way != "asc" && way != "desc" {
			return invalid("sort: %q is not field:asc or field:desc", text)
		}
		q.by, q.descending = by, way == "desc"
	}
	return nil
}

// readTime reads the time span, in whole minutes.
func (q *viewQuery) readTime(filters object) *problem {
	span, _ := filters["time"].(object)
	from, ok1 := asLong(span["from"])
	to, ok2 := asLong(span["to"])
	if !ok1 || !ok2 {
		return invalid("filters.time: from and to are required, in milliseconds")
	}

	q.from, q.to = time.UnixMilli(from), time.UnixMilli(to)
	if d := q.to.Sub(q.from); d < 0 || d > 24*time.Hour {
		return invalid("filters.time: from and to are at most 24 hours apart, in this order")
	}

	// Whole minutes, rounded outwards.
	q.from = q.from.Truncate(time.Minute)
	if whole := q.to.Truncate(time.Minute); !whole.Equal(q.to) {
		q.to = whole.Add(time.Minute)
	}
	return nil
}

// readLists reads the filters and the metrics.
func (q *viewQuery) readLists(in, filters object) *problem {
	var byTime []string
	for _, words := range []struct {
		name string
		from object
		to   *[]string
		of   []string
	}{
		{"agentIds", filters, &q.agents, nil},
		{"agentGroupIds", filters, &q.groups, nil},
		{"agentSkillIds", filters, &q.skills, nil},
		{"userTypes", filters, &q.types, userTypes},
		{"effectiveAgentStatus", filters, &q.statuses, []string{Online, Offline, Away, BackSoon}},
		{"metricsToRetrieveCurrentValue", in, &q.values, currentValues},
		{"metricsToRetrieveByTime", in, &byTime, nil},
	} {
		if p := readWords(words.from, words.name, words.to, words.of); p != nil {
			return p
		}
	}

	if q.statuses == nil {
		q.statuses = []string{Online, BackSoon, Away}
	}
	if q.values == nil {
		q.values = currentValues
	}
	return nil
}

// readWords reads an array of strings, of the given ones if there are any.
func readWords(from object, name string, to *[]string, of []string) *problem {
	value, sent := from[name]
	if !sent || value == nil {
		return nil
	}
	items, ok := value.([]any)
	if !ok {
		return invalid("%s: not an array", name)
	}
	for _, item := range items {
		w, ok := item.(string)
		if !ok {
			return invalid("%s: not an array of strings", name)
		}
		if of != nil && !slices.Contains(of, w) {
			return invalid("%s: %q is none of %s", name, w, strings.Join(of, ", "))
		}
		*to = append(*to, w)
	}
	return nil
}

// agentView answers who is logged in, among the agents that the caller may see.
func (s *Server) agentView(c *call) *answer {
	q, p := parseViewQuery(c)
	if p != nil {
		return p
	}
	visible := s.visibleTo(c.who)

	type row struct {
		user object
		p    *presence
	}
	var rows []row
	for _, u := range s.users.now.live() {
		id, _ := number(u, "id")
		if p := s.presence[id]; p != nil && s.inView(q, u, p, visible) {
			rows = append(rows, row{u, p})
		}
	}

	slices.SortStableFunc(rows, func(a, b row) int {
		n := 0
		switch q.by {
		case "agentName":
			n = cmp.Compare(word(a.user, "fullName"), word(b.user, "fullName"))
		case "agentStatus":
			n = cmp.Compare(a.p.status, b.p.status)
		case "agentLoad":
			n = cmp.Compare(load(a.user, a.p), load(b.user, b.p))
		}
		idA, _ := number(a.user, "id")
		idB, _ := number(b.user, "id")
		if n = cmp.Or(n, cmp.Compare(idA, idB)); q.descending {
			n = -n
		}
		return n
	})

	records := []map[string]any{}
	for _, r := range rows[min(q.offset, len(rows)):min(q.offset+q.limit, len(rows))] {
		records = append(records, s.record(q, r.user, r.p))
	}

	return jsonAnswer(http.StatusOK, map[string]any{
		"metadata": viewMetadata(c, q, len(rows)), "agentViewRecords": records,
	})
}

// visibleTo returns the agent groups that a caller sees; nil means all.
func (s *Server) visibleTo(who *principal) map[int64]bool {
	visible := s.cfg.visibleGroups
	user, ok := s.users.now.get(who.user)
	if !ok || s.rolesOf(list(user, "profileIds"))[roleAdmin] {
		return visible
	}

	// An agent manager sees the groups it manages, and those below them.
	managed := map[int64]bool{}
	for _, m := range parts(user, "managerOf") {
		id, _ := number(m, "agentGroupId")
		managed[id] = true
	}

	for more := true; more; {
		more = false
		for _, g := range s.groups.now.live() {
			id, _ := number(g, "id")
			parent, ok := number(g, "parentGroupId")
			if ok && managed[parent] && !managed[id] {
				managed[id], more = true, true
			}
		}
	}

	for id := range managed {
		if visible != nil && !visible[id] {
			delete(managed, id)
		}
	}

	return managed
}

func (s *Server) inView(q *viewQuery, u object, p *presence, visible map[int64]bool) bool {
	id, _ := number(u, "id")
	group, grouped := number(part(u, "memberOf"), "agentGroupId")
	userType, ok := number(u, "userTypeId")
	if !ok {
		userType = 1
	}
	matches := func(filter []string, ids ...int64) bool {
		return filter == nil || slices.ContainsFunc(ids, func(id int64) bool {
			return slices.Contains(filter, strconv.FormatInt(id, 10))
		})
	}

	switch {
	case !flag(u, "isEnabled"), flag(u, "disabledManually"), slots(u) == 0, !grouped,
		visible != nil && !visible[group],
		!slices.Contains(q.statuses, p.status),
		p.status == Offline && (p.since.Before(q.from) || p.since.After(q.to)),
		!matches(q.agents, id), !matches(q.groups, group), !matches(q.skills, list(u, "skillIds")...),
		q.types != nil && !slices.Contains(q.types, userTypes[userType]):
		return false
	}
	return true
}

func slots(u object) int64 {
	if n, ok := number(u, "maxAsyncChats"); ok {
		return n
	}
	return defaultSlots
}

func load(u object, p *presence) float64 { return float64(p.assigned) / float64(slots(u)) }

func (s *Server) record(q *viewQuery, u object, p *presence) map[string]any {
	id, _ := number(u, "id")
	group, _ := number(part(u, "memberOf"), "agentGroupId")
	all := map[string]any{
		"agentCurrentStatus": p.status, "agentCurrentStatusStartTime": p.since.UnixMilli(),
		"agentCurrentStatusReasonId": p.reason, "agentCurrentStatusReasonStartTime": p.reasonSince.UnixMilli(),
		"activeConversations": p.active, "assignedConversations": p.assigned, "agentLoad": load(u, p),
		"availableSlots": max(0, slots(u)-p.assigned), "maxSlots": slots(u),
		"pendingAgentResponse": 0, "pendingAgentResponseRate": 0.0,
	}

	record := map[string]any{"agentId": strconv.FormatInt(id, 10), "agentGroupId": group}
	for _, name := range q.values {
		name = camel(name)
		if name == "agentCurrentStatusReason" {
			name += "Id" // the documentation's table has the one name, its sample the other
		}
		record[name] = all[name]
	}

	if q.metadata {
		skills := []map[string]any{}
		for _, skill := range list(u, "skillIds") {
			skills = append(skills, map[string]any{"skillId": skill, "skillName": word(s.skills.now.objects[skill], "name")})
		}
		record["agentMetadata"] = map[string]any{
			"agentName": word(u, "fullName"), "agentNickname": word(u, "nickname"), "agentLoginName": word(u, "loginName"),
			"agentGroupName":     word(s.groups.now.objects[group], "name"),
			"configuredMaxSlots": slots(u), "agentSkills": skills,
		}
	}

	return record
}

func camel(snake string) string {
	words := strings.Split(snake, "_")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

// viewMetadata counts all that match. As at the vendor, its links point at an internal
// host that no client can reach.
func viewMetadata(c *call, q *viewQuery, count int) map[string]any {
	sort := c.query.Get("sort")
	link := func(rel string, offset int) map[string]string {
		query := fmt.Sprintf("offset=%d&limit=%d", offset, q.limit)
		if sort != "" {
			query += "&sort=" + url.QueryEscape(sort)
		}
		return map[string]string{"rel": rel, "href": "https://internal.invalid" + c.request.URL.EscapedPath() + "?" + query}
	}

	m := map[string]any{"count": count, "self": link("self", q.offset), "first": link("first", 0)}
	if q.offset+q.limit < count {
		m["next"] = link("next", q.offset+q.limit)
	}
	if q.offset > 0 {
		m["prev"] = link("prev", max(0, q.offset-q.limit))
	}
	m["last"] = link("last", max(0, count-1)/q.limit*q.limit)
	return m
}
