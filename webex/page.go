package webex

import (
	"context"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// listing is a list that comes in pages: by Link headers or, if the vendor documents
// none, by start and max.
type listing struct {
	op   *rest.Op
	args []string
	// query is an options struct with url tags. It has max but not start.
	query any
	// max is the page size that is asked for.
	max int
	// offset says that a page without a Link header is followed by start and max.
	// Otherwise such a page is the last.
	offset bool
	// total is how many items there are, if that is known from elsewhere, or zero: it
	// saves the request for the page after the last.
	total int
	// of, if set, must equal the owner that a page names: see owned.
	of ID
}

// owned is a page that may name the owner of its rows.
type owned interface{ owner() ID }

// list walks the pages of a listing, one in memory at a time. P is the type of a page,
// and items returns its rows; each row must have an id. A page without a list of rows
// is an answer of another shape.
func list[P, T any](ctx context.Context, c *Client, l listing, items func(*P) []T, id func(*T) ID) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		w := walk{c: c, listing: l}
		storekit.Pager[T]{
			Vendor: vendor, Op: l.op.Name,
			Key: func(item *T) string { return id(item).Key() },
			Fetch: func(ctx context.Context, cursor string) (storekit.Page[T], error) {
				page := new(P)
				res, end, err := w.fetch(ctx, cursor, page)
				if err != nil || end {
					return storekit.Page[T]{Total: -1}, err
				}
				rows := items(page)
				if err := checkRows(l, res, page, rows, id); err != nil {
					return storekit.Page[T]{}, err
				}

				first := ""
				if len(rows) > 0 {
					first = strings.Clone(id(&rows[0]).Key())
				}
				next, broken := w.next(res.Header, len(rows), first)
				if w.ignored {
					rows = nil // the whole list, once more
				}
				out := storekit.Page[T]{Items: rows, Next: next, Total: -1}
				if broken != nil {
					return out, answered(broken, res) // the rows are correct
				}
				return out, nil
			},
		}.All(ctx)(yield)
	}
}

// checkRows refuses a page of another shape, or about another owner than was asked for.
func checkRows[P, T any](l listing, res rest.Response, page *P, rows []T, id func(*T) ID) error {
	if rows == nil {
		return protocol(l.op.Name, res, "the answer does not contain the list asked for")
	}
	if o, ok := any(page).(owned); ok && l.of != "" && o.owner() != "" && !o.owner().Same(l.of) {
		return protocol(l.op.Name, res, "the answer is about something other than what was asked for")
	}

	for i := range rows {
		if id(&rows[i]).Key() == "" {
			return protocol(l.op.Name, res, "an item of the list has no id")
		}
	}
	return nil
}

// rowsOf returns the rows of a page. Null is an empty list; a missing list gives nil.
func rowsOf[T any](o core.Opt[[]T]) []T {
	rows, _ := o.Get()
	if rows == nil && !o.IsZero() {
		rows = []T{}
	}
	return rows
}

// walk is one walk over a listing.
type walk struct {
	c *Client
	listing
	room rest.Room

	asked   url.Values // the query of the first page
	at      *url.URL   // the address of the latest page
	linked  bool       // Link headers lead the way
	start   int        // of the latest page
	rows    int        // of the latest page
	first   string     // id of its first row
	ignored bool       // start is: everything came at once
	empty   int        // pages in a row that held nothing
	// seen are the addresses of pages, up to a bound: a walk that returns to one is in
	// a circle. The pager finds longer circles a little later.
	seen map[string]bool
}

// maxSeen is how many addresses of pages a walk remembers.
const maxSeen = 1024

// maxEmpty is how many empty pages may follow each other: some are normal, but an
// endless run of them is not a list.
const maxEmpty = 50

// fetch reads the page at a cursor: a start, or the address of the latest link. End says that there is no such page any more.
func (w *walk) fetch(ctx context.Context, cursor string, out any) (res rest.Response, end bool, err error) {
	call := w.c.call(w.op, w.args...)
	call.Out, call.Room = out, &w.room
	if w.asked == nil {
		raw, err := rest.EncodeQuery(w.op, w.query)
		if err != nil {
			return res, false, err
		}
		if w.asked, err = url.ParseQuery(string(raw)); err != nil {
			return res, false, err
		}
		if call.Query = raw; w.offset {
			call.Query = withStart(w.asked, 0)
		}
	}

	switch n, err := strconv.Atoi(cursor); {
	case cursor == "":
	case err == nil:
		w.start = n
		call.Query = withStart(w.asked, n)
	default:
		u := w.at
		// As it was given, with its path: it was checked to have the same origin.
		op := *w.op
		op.Path = u.Path
		if len(w.args) > 0 {
			op.About = rest.AboutThing // the path has no parameters left
		}
		call.Op, call.Args = &op, nil
		call.Base = &url.URL{Scheme: w.c.base.Scheme, Host: w.c.base.Host}
		if u.RawPath != "" {
			op.Path, call.Base.Path, call.Base.RawPath = "", u.Path, u.RawPath
		}
		call.Query = rest.RawQuery(u.RawQuery)
	}

	if w.start > 0 && !w.linked {
		return w.beyond(ctx, call)
	}
	res, err = w.c.rest.Do(ctx, call)
	return res, false, smallerPages(err)
}

// beyond reads a page that may be past the end. The vendor answers 404 if there are no
// more. That is believed only of the API itself, and only if it comes twice: a passing
// error would end the list early.
func (w *walk) beyond(ctx context.Context, call rest.Request) (res rest.Response, end bool, err error) {
	op := *call.Op
	op.About = rest.AboutThing // a page that may not exist
	call.Op = &op
	for range 2 {
		res, err = w.c.rest.Do(ctx, call)
		if core.ClassOf(err) != core.ClassNotFound {
			return res, false, smallerPages(err)
		}
	}
	return res, true, nil
}

// smallerPages adds a hint to the error of a page that took the vendor too long.
func smallerPages(err error) error {
	if e, ok := err.(*core.Error); ok && e.Status == http.StatusGatewayTimeout && e.Hint == "" {
		e.Hint = "ask for smaller pages"
	}
	return err
}

func withStart(asked url.Values, start int) rest.RawQuery {
	asked.Set("start", strconv.Itoa(start))
	raw := asked.Encode()
	asked.Del("start")
	return rest.RawQuery(raw)
}

// next returns the cursor of the page after the one that has just come, or "".
func (w *walk) next(h http.Header, rows int, first string) (string, *core.Error) {
	before, size := w.first, w.rows
	w.first, w.rows = first, rows
	if w.empty++; rows > 0 {
		w.empty = 0
	}

	if w.empty > maxEmpty {
		return "", incomplete(w.op.Name, "the vendor keeps sending empty pages")
	}

	links, isComplete := parseLinks(h.Values("Link"))
	for _, l := range links {
		if l.is("next") {
			w.linked = true
			return w.follow(l.target)
		}
	}

	switch {
	case !isComplete: // perhaps the next page was in it
		return "", incomplete(w.op.Name, "the Link header cannot be read, so whether there are more pages is not known")
	case !w.offset, rows == 0, w.linked: // other links do not concern pages by position
		return "", nil
	case w.start > 0 && w.first == before:
		// The same page again: the vendor ignores start. If the page was not exactly
		// full, it was everything; otherwise the end is not known, and the pager
		// reports that.
		w.ignored = size != w.max
		if w.ignored {
			return "", nil
		}
		return "", incomplete(w.op.Name, "the vendor ignores start, so that only the first page can be read")
	case w.total > 0 && w.start+rows >= w.total:
		return "", nil
	}

	// This also holds after a page that was not full: the vendor may send less than was
	// asked for, and only an empty page proves the end.
	return strconv.Itoa(w.start + rows), nil
}

// maxLink bounds the address of a next page, because its parameters are parsed.
const maxLink = 16 << 10

// follow checks and fixes the address of the next page.
func (w *walk) follow(target string) (string, *core.Error) {
	here := w.at
	if here == nil {
		path := w.op.Path
		for _, arg := range w.args {
			open, end := strings.IndexByte(path, '{'), strings.IndexByte(path, '}')
			path = path[:open] + arg + path[end+1:]
		}
		here = w.c.base.JoinPath(path)
	}

	u, err := url.Parse(target)
	if err != nil || len(target) > maxLink {
		return "", incomplete(w.op.Name, "the address of the next page cannot be read")
	}
	u = here.ResolveReference(u)
	if w.c.linksOnBase && !rest.SameOrigin(u, w.c.base) {
		u = onBase(u, w.c.base)
	}

	if u == nil {
		return "", incomplete(w.op.Name, "the path of the next page cannot be put on the base URL: it does not begin with "+apiVersion)
	}
	if !rest.SameOrigin(u, w.c.base) || u.User != nil {
		return "", incomplete(w.op.Name, "the next page is at another origin ("+u.Host+"), which is not followed")
	}

	u.Fragment = ""
	u.RawQuery = w.fixQuery(u.RawQuery)
	w.at = u
	next := u.String()
	if w.seen[next] {
		return "", incomplete(w.op.Name, "the links between the pages form a circle")
	}

	if w.seen == nil {
		w.seen = map[string]bool{}
	}
	if len(w.seen) < maxSeen {
		w.seen[next] = true
	}
	return next, nil
}

// apiVersion is how the paths of the API begin.
const apiVersion = "/v1"

// onBase resolves a link against the base URL. The base URL ends in the API version and
// the link's path begins with it; nil if they do not fit.
func onBase(link, base *url.URL) *url.URL {
	behind, ok := strings.CutPrefix(link.EscapedPath(), apiVersion+"/")
	if !ok {
		return nil
	}
	u := base.JoinPath(behind)
	u.RawQuery = link.RawQuery
	return u
}

// fixQuery repairs what next links were seen to do to a query: "max=null", and filters
// that were dropped or changed, for example unescaped. Filters that the caller asked
// for are put back; everything else stays as the link has it, including the page size.
func (w *walk) fixQuery(query string) string {
	var parts []string
	seen := map[string]bool{}
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		if part == "" || name == "max" && value == "null" {
			continue
		}
		if n, err := url.QueryUnescape(name); err == nil {
			name = n
		}
		if _, asked := w.asked[name]; asked && name != "max" && (seen[name] || !w.asks(name, value)) {
			continue // it is put back below
		}
		seen[name] = true
		parts = append(parts, part)
	}

	for _, name := range slices.Sorted(maps.Keys(w.asked)) { // so that equal links give equal addresses
		if !seen[name] {
			parts = append(parts, url.Values{name: w.asked[name]}.Encode())
		}
	}
	return strings.Join(parts, "&")
}

// asks reports whether a value in a link equals the one that was asked for.
func (w *walk) asks(name, value string) bool {
	v, err := url.QueryUnescape(value)
	return err == nil && v == w.asked.Get(name)
}

// link is one link of a Link header.
type link struct {
	target string
	rels   []string
}

func (l link) is(rel string) bool {
	for _, r := range l.rels {
		if strings.EqualFold(r, rel) {
			return true
		}
	}
	return false
}

// parseLinks reads Link headers. isComplete says that all of them could be read.
func parseLinks(headers []string) (links []link, isComplete bool) {
	isComplete = true
	for _, h := range headers {
		for more := true; more; {
			var one, target, params string
			one, h, more = cutLink(h)
			if one = strings.TrimSpace(one); one == "" {
				continue
			}
			one, ok := strings.CutPrefix(one, "<")
			if ok {
				target, params, ok = strings.Cut(one, ">")
			}
			if params = strings.TrimSpace(params); !ok || params != "" && params[0] != ';' {
				isComplete = false
				continue
			}
			rels, ok := relsOf(params)
			isComplete = isComplete && ok
			links = append(links, link{target: strings.TrimSpace(target), rels: rels})
		}
	}
	return links, isComplete
}

// cutLink cuts one link off, at a comma outside quotes and addresses. An address
// without an end takes the whole rest: looking for its end after each comma would take
// quadratic time.
func cutLink(s string) (one, rest string, more bool) {
	start := len(s) - len(strings.TrimLeft(s, " \t"))
	if strings.HasPrefix(s[start:], "<") {
		end := strings.IndexByte(s, '>')
		if end < 0 {
			return s, "", false
		}
		start = end
	}
	one, rest, more = cutOutside(s[start:], ',')
	return s[:start] + one, rest, more
}

// cutOutside cuts at the first sep outside quotes.
func cutOutside(s string, sep byte) (before, after string, found bool) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

// relsOf returns the relations among the parameters of a link. It is not ok if there
// are none and an open quote may hide them.
func relsOf(params string) (rels []string, ok bool) {
	for more := true; more; {
		var part string
		part, params, more = cutOutside(params, ';')
		name, value, _ := strings.Cut(part, "=")
		if strings.EqualFold(strings.TrimSpace(name), "rel") {
			return strings.Fields(strings.Trim(strings.TrimSpace(value), `"'`)), true
		}
		if !more && open(part) {
			return nil, false
		}
	}
	return nil, true
}

// open reports a quote without an end.
func open(s string) bool {
	_, _, closed := cutOutside(s+"\x00", 0)
	return !closed
}

// incomplete is the error of a list whose rest cannot be read.
func incomplete(op, why string) *core.Error {
	return &core.Error{Vendor: vendor, Op: op, Class: core.ClassIncomplete, Applied: core.AppliedNo, Message: why,
		Hint: "what was listed so far is correct, the rest is missing"}
}

// protocol is the error of a read whose answer makes no sense.
func protocol(op string, res rest.Response, why string) *core.Error {
	return answered(&core.Error{Vendor: vendor, Op: op, Class: core.ClassProtocol, Applied: core.AppliedNo, Message: why}, res)
}

// answered completes an error with the answer that it is about.
func answered(e *core.Error, res rest.Response) *core.Error {
	e.Status, e.RequestID, e.Attempts = res.Status, res.RequestID, res.Attempts
	return e
}

// pageSize returns the page size to ask for.
func pageSize(asked, usual, most int) int {
	if asked <= 0 {
		return usual
	}
	return min(asked, most)
}
