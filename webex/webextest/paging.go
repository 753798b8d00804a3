package webextest

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// number reads a whole number of the query.
func (c *call) number(name string, least, standard int) (int, *answer) {
	if !c.query.Has(name) {
		return standard, nil
	}
	n := 0
	for _, text := range c.query[name] { // an appended max=null is one too
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < least {
			return 0, c.invalid("%s must be a whole number of at least %d, not %q", name, least, text)
		}
	}
	return n, nil
}

// window reads start and max of a telephony list.
func (s *Server) window(c *call) (start, limit int, a *answer) {
	if limit, a = c.number("max", 1, s.cfg.telephonyPage); a != nil {
		return 0, 0, a
	}
	if s.cfg.maxThreshold > 0 && limit > s.cfg.maxThreshold {
		return 0, 0, c.refuse(http.StatusGatewayTimeout, 0, "The upstream server failed to respond in time; try a smaller max.")
	}
	start, a = c.number("start", 0, 0)
	return start, min(limit, s.cfg.telephonyCap), a
}

// page answers with one page of a telephony list, and its Link where the
// operation has one.
func (s *Server) page(c *call, member string, rows []object, extra object) *answer {
	start, limit, a := s.window(c)
	if a != nil {
		return a
	}
	if s.cfg.startIgnored {
		start = 0
	}

	total := len(rows)
	first := min(start, total)
	rows = rows[first:min(first+limit, total)]
	if rows == nil {
		rows = []object{}
	}
	out := object{member: rows}
	maps.Copy(out, extra)
	a = jsonAnswer(http.StatusOK, out)

	if (c.op.linked || s.cfg.supervisorLinks) && first+limit < total {
		next := url.Values{}
		maps.Copy(next, c.query)
		next.Set("start", strconv.Itoa(first+limit))
		next.Set("max", strconv.Itoa(limit))
		a.Set("Link", s.link(c, next.Encode()))
	}
	return a
}

func (s *Server) link(c *call, query string) string {
	origin := cmp.Or(s.cfg.publicURL, c.origin)
	return fmt.Sprintf("<%s%s?%s>; rel=\"next\"", origin, c.request.URL.EscapedPath(), query)
}

// NextLink is what is wrong with the next links of people.
type NextLink int

// The forms. The default is the documentation's: absolute, with a valueless
// parameter, every filter kept.
const (
	LinkNormal       NextLink = iota
	LinkMaxNull               // max=null is appended
	LinkDropsFilters          // only max and the cursor are kept
	LinkRepeats               // the cursor leads to the page that it is on
	LinkRelations             // first and prev come before next
)

// personCursor is where a page of people begins: after the person with this
// sequence number.
func personCursor(seq int, empty bool) string {
	text := "after:" + strconv.Itoa(seq)
	if empty {
		text += ":on"
	}
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

func parseCursor(text string) (seq int, on, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	rest, found := strings.CutPrefix(string(raw), "after:")
	if err != nil || !found {
		return 0, false, false
	}
	rest, on = strings.CutSuffix(rest, ":on")
	seq, err = strconv.Atoi(rest)
	return seq, on, err == nil
}

func (s *Server) nextPeople(c *call, limit int, cursor string) string {
	query := url.Values{}
	for name, v := range c.query {
		if name != "after" && name != "before" && name != "max" {
			query[name] = v
		}
	}

	if s.cfg.nextLink == LinkDropsFilters {
		query = url.Values{}
	}
	text := "max=" + strconv.Itoa(limit) + "&before&after=" + url.QueryEscape(cursor)
	if rest := query.Encode(); rest != "" {
		text = rest + "&" + text
	}

	switch s.cfg.nextLink {
	case LinkMaxNull:
		text += "&max=null"
	case LinkRelations:
		first := strings.Replace(s.link(c, "max="+strconv.Itoa(limit)), `"next"`, `"first"`, 1)
		prev := strings.Replace(s.link(c, "max="+strconv.Itoa(limit)+"&before=x"), `"next"`, `"prev"`, 1)
		return first + ", " + prev + ", " + s.link(c, text)
	}
	return s.link(c, text)
}

// found filters and sorts the agents or supervisors of a list as name,
// phoneNumber and order ask. That names match anywhere in the text is a guess.
func (s *Server) found(c *call, agents []agent) ([]agent, *answer) {
	name, number := strings.ToLower(c.query.Get("name")), c.query.Get("phoneNumber")
	agents = slices.DeleteFunc(agents, func(a agent) bool {
		return name != "" && !strings.Contains(strings.ToLower(a.first+" "+a.last), name) ||
			number != "" && !strings.Contains(a.phone, number) && !strings.Contains(a.extension, number) && !strings.Contains(a.esn(), number)
	})

	order := c.query.Get("order")
	if order == "" {
		return agents, nil
	}

	field, down := strings.CutSuffix(order, "-desc")
	var key func(agent) string
	switch field {
	case "firstName":
		key = func(a agent) string { return a.first }
	case "lastName":
		key = func(a agent) string { return a.last }
	default:
		if s.cfg.unknownOrderIgnored {
			return agents, nil
		}
		return nil, c.invalid("order: %q is not one of firstName, lastName, firstName-desc, lastName-desc", order)
	}

	slices.SortStableFunc(agents, func(a, b agent) int {
		if down {
			a, b = b, a
		}
		return strings.Compare(strings.ToLower(key(a)), strings.ToLower(key(b)))
	})

	return agents, nil
}
