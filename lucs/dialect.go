package lucs

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// Dialect is everything about a LUCS server that its public documentation leaves
// open. Each field that is empty has the default that stands beside it; the zero
// Dialect is all defaults. What a server really speaks is on its own Swagger page:
// where it differs, set the field.
type Dialect struct {
	// Version is the first segment of every path, below the base URL: "v1.0". The
	// word "-" stands for none.
	Version string
	// Routes are the methods and paths.
	Routes Routes

	// CreateNamesNoID says that the server answers a create without the user's id. The
	// client then looks for the SipUri in the services before a create, so that who shows
	// afterwards is known to be new. Without it such a create is in doubt.
	CreateNamesNoID bool

	// PresenceEncoding says how setpresence is told the presence: PresenceAsObject.
	PresenceEncoding PresenceEncoding
	// PresenceField is the member of PresenceAsObject: "PresenceState".
	PresenceField string
	// PresenceParameter is the parameter of PresenceAsQuery: "presence".
	PresenceParameter string
	// PresenceWords are the words that setpresence is told.
	PresenceWords PresenceWords
	// PresenceNames are the members of a user that may hold its presence, the first
	// that is there wins: "PresenceState", "Presence", "CurrentPresence" and
	// "PresenceStatus", in any case.
	PresenceNames []string

	// SelectableParameter asks for the selectable users of a service only:
	// "isSelectable". The answer is filtered here too, because a server may not know
	// the parameter.
	SelectableParameter string
	// ExternalTaskParameter asks for the callbacks of an ExternalTaskId:
	// "externalTaskId".
	ExternalTaskParameter string
	// SearchFrom and SearchTo are the members of a search for callbacks that bound
	// its time span: "From" and "To".
	SearchFrom, SearchTo string
}

// Routes are the method and path of each operation, below the version:
// "POST /users/{userId}/block". The method may be left out, and the path may have
// a query. Parameters in braces may stand anywhere, and each of them must.
//
// An empty route is the default that stands beside it. The last five have none:
// nothing of the kind is documented, and without a route the operation is
// core.ErrUnsupported.
type Routes struct {
	Services     string // GET /services
	ServiceUsers string // GET /services/{serviceId}/users
	ServiceTasks string // GET /services/{serviceId}/tasks

	CreateUser  string // POST /users
	BlockUser   string // POST /users/{userId}/block
	UnblockUser string // POST /users/{userId}/unblock
	SetPresence string // POST /users/{userId}/setpresence

	CreateTask string // POST /tasks
	Task       string // GET /tasks/{taskIdentifier}

	CreateCallback  string // POST /callbacks
	Callbacks       string // GET /callbacks
	Callback        string // GET /callbacks/{callbackId}
	CancelCallback  string // POST /callbacks/{callbackId}/cancel
	SearchCallbacks string // POST /callbacks/search

	Users       string // none; perhaps GET /users
	User        string // none; perhaps GET /users/{userId}
	ReplaceUser string // none; perhaps POST /users/{userId}
	DeleteUser  string // none; perhaps DELETE /users/{userId}
}

// route ties a record to the field that may replace its method and path.
type route struct {
	op    *rest.Op
	field func(*Routes) *string
	guess bool // no default: unsupported unless it is set
}

// routes is every operation there is.
var routes = []route{
	{opListServices, func(r *Routes) *string { return &r.Services }, false},
	{opServiceUsers, func(r *Routes) *string { return &r.ServiceUsers }, false},
	{opServiceTasks, func(r *Routes) *string { return &r.ServiceTasks }, false},
	{opCreateUser, func(r *Routes) *string { return &r.CreateUser }, false},
	{opBlockUser, func(r *Routes) *string { return &r.BlockUser }, false},
	{opUnblockUser, func(r *Routes) *string { return &r.UnblockUser }, false},
	{opSetPresence, func(r *Routes) *string { return &r.SetPresence }, false},
	{opCreateTask, func(r *Routes) *string { return &r.CreateTask }, false},
	{opGetTask, func(r *Routes) *string { return &r.Task }, false},
	{opCreateCallback, func(r *Routes) *string { return &r.CreateCallback }, false},
	{opListCallbacks, func(r *Routes) *string { return &r.Callbacks }, false},
	{opGetCallback, func(r *Routes) *string { return &r.Callback }, false},
	{opCancelCallback, func(r *Routes) *string { return &r.CancelCallback }, false},
	{opSearchCallbacks, func(r *Routes) *string { return &r.SearchCallbacks }, false},
	{opListUsers, func(r *Routes) *string { return &r.Users }, true},
	{opGetUser, func(r *Routes) *string { return &r.User }, true},
	{opReplaceUser, func(r *Routes) *string { return &r.ReplaceUser }, true},
	{opDeleteUser, func(r *Routes) *string { return &r.DeleteUser }, true},
}

// PresenceEncoding is how setpresence is told the presence.
type PresenceEncoding string

// The encodings.
const (
	PresenceAsObject PresenceEncoding = "object" // {"PresenceState":"DoNotDisturb"}
	PresenceAsString PresenceEncoding = "string" // "DoNotDisturb", a JSON text
	PresenceAsQuery  PresenceEncoding = "query"  // ?presence=DoNotDisturb, without a body
)

// PresenceWords are the server's words for the presences that can be set. Only
// DoNotDisturb is documented.
type PresenceWords struct {
	Available PresenceState // "Online"
	Busy      PresenceState // "Busy"
	Away      PresenceState // "Away"
	DND       PresenceState // "DoNotDisturb"
	// Offline has no default: nobody has seen a server that sets it, and without a
	// word it is core.ErrUnsupported.
	Offline PresenceState
}

// of returns the word for an availability, "" where there is none.
func (w PresenceWords) of(a core.Availability) PresenceState {
	switch a {
	case core.Available:
		return w.Available
	case core.Busy:
		return w.Busy
	case core.Away:
		return w.Away
	case core.DND:
		return w.DND
	case core.Offline:
		return w.Offline
	}
	return ""
}

// none is the word for what is not there at all.
const none = "-"

// DefaultDialect returns the defaults, each field filled in, but for the routes
// that have none.
func DefaultDialect() Dialect {
	d := Dialect{}
	d.fill()
	for _, r := range routes {
		if !r.guess {
			*r.field(&d.Routes) = r.op.Method + " " + r.op.Path
		}
	}
	return d
}

func (d *Dialect) fill() {
	or := func(field *string, value string) { *field = cmp.Or(*field, value) }
	or(&d.Version, "v1.0")
	d.PresenceEncoding = cmp.Or(d.PresenceEncoding, PresenceAsObject)
	or(&d.PresenceField, "PresenceState")
	or(&d.PresenceParameter, "presence")
	w := &d.PresenceWords
	w.Available, w.Busy = cmp.Or(w.Available, PresenceOnline), cmp.Or(w.Busy, PresenceBusy)
	w.Away, w.DND = cmp.Or(w.Away, PresenceAway), cmp.Or(w.DND, PresenceDoNotDisturb)
	if len(d.PresenceNames) == 0 {
		d.PresenceNames = []string{"PresenceState", "Presence", "CurrentPresence", "PresenceStatus"}
	}
	d.PresenceNames = slices.Clone(d.PresenceNames)
	or(&d.SelectableParameter, "isSelectable")
	or(&d.ExternalTaskParameter, "externalTaskId")
	or(&d.SearchFrom, "From")
	or(&d.SearchTo, "To")
}

// check says what is wrong with a dialect that was filled in, or "".
func (d *Dialect) check() string {
	if strings.ContainsAny(d.Version, "?#{} \\") {
		return fmt.Sprintf("Dialect.Version %q is not a path segment", d.Version)
	}
	switch d.PresenceEncoding {
	case PresenceAsObject, PresenceAsString, PresenceAsQuery:
	default:
		return fmt.Sprintf("Dialect.PresenceEncoding %q is not one", d.PresenceEncoding)
	}
	return ""
}

// isToken reports whether a word can be a method or the name of a header.
func isToken(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// path is where an operation is on this server.
type path struct {
	op *rest.Op // with the server's method and path
	// args says which argument of the record each parameter of the path is, and
	// params the same of the query, by name.
	args   []int
	query  url.Values
	params map[string]int
}

// paths works the dialect's routes out. An operation without a route is missing.
func (d *Dialect) paths() (map[*rest.Op]path, error) {
	version := ""
	if d.Version != none {
		version = "/" + strings.Trim(d.Version, "/")
	}
	all := map[*rest.Op]path{}
	for _, r := range routes {
		text := strings.TrimSpace(*r.field(&d.Routes))
		if text == "" {
			if r.guess {
				continue
			}
			text = r.op.Path
		}
		p, err := parseRoute(r.op, text)
		if err != nil {
			return nil, fmt.Errorf("the route of %s, %q, %w", r.op.Name, text, err)
		}
		p.op.Path = version + p.op.Path
		all[r.op] = p
	}
	return all, nil
}

// parseRoute reads "METHOD /path/{parameter}?query={parameter}" for a record.
func parseRoute(op *rest.Op, text string) (path, error) {
	p := path{op: new(*op)}
	if method, rest, ok := strings.Cut(text, " "); ok {
		p.op.Method, text = strings.ToUpper(method), strings.TrimSpace(rest)
	}
	if !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, p.op.Method) {
		return p, fmt.Errorf("has no method of HTTP")
	}
	text, query, _ := strings.Cut(text, "?")
	if !strings.HasPrefix(text, "/") || strings.ContainsAny(text, " #\\") || strings.Contains(text, "//") {
		return p, fmt.Errorf("has no path that begins with one slash")
	}
	p.op.Path = text
	wanted, err := parameters(op.Path)
	if err != nil {
		return p, err
	}
	found, err := parameters(text)
	if err != nil {
		return p, err
	}
	used := map[string]bool{}
	take := func(name string) (int, error) {
		i := slices.IndexFunc(wanted, func(w string) bool { return strings.EqualFold(w, name) })
		if i < 0 {
			return 0, fmt.Errorf("has a parameter {%s}, which the operation does not have", name)
		}
		if used[wanted[i]] {
			return 0, fmt.Errorf("has the parameter {%s} twice", name)
		}
		used[wanted[i]] = true
		return i, nil
	}
	for _, name := range found {
		i, err := take(name)
		if err != nil {
			return p, err
		}
		p.args = append(p.args, i)
	}
	if p.query, err = url.ParseQuery(query); err != nil {
		return p, fmt.Errorf("has a query that cannot be read")
	}
	p.params = map[string]int{}
	for key, values := range p.query {
		for _, v := range values {
			if name, ok := strings.CutPrefix(v, "{"); ok && strings.HasSuffix(name, "}") {
				if p.params[key], err = take(strings.TrimSuffix(name, "}")); err != nil {
					return p, err
				}
			}
		}
	}
	for _, name := range wanted {
		if !used[name] {
			return p, fmt.Errorf("lacks the parameter {%s}", name)
		}
	}
	return p, nil
}

// parameters returns the names in braces.
func parameters(text string) (names []string, err error) {
	for rest := text; ; {
		before, after, ok := strings.Cut(rest, "{")
		if strings.Contains(before, "}") {
			return nil, fmt.Errorf("has a brace that was not opened")
		}
		if !ok {
			return names, nil
		}
		name, more, ok := strings.Cut(after, "}")
		if !ok || name == "" || strings.ContainsAny(name, "{/") {
			return nil, fmt.Errorf("has a parameter that does not end")
		}
		names, rest = append(names, name), more
	}
}

// fill returns the arguments of the path and the query.
func (p path) fill(args []string) ([]string, url.Values) {
	ordered := make([]string, len(p.args))
	for i, from := range p.args {
		ordered[i] = args[from]
	}
	query := make(url.Values, len(p.query)+1)
	for key, values := range p.query {
		query[key] = slices.Clone(values)
	}
	for key, from := range p.params {
		query.Set(key, args[from])
	}
	return ordered, query
}
