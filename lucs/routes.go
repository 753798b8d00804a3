package lucs

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/internal/rest"
)

// Reads answer with JSON. The answers of writes are only partly documented: the user,
// some of its fields, an id, or nothing. Every sample has status 200; a proxy or
// another version may send another 2xx. A truncated answer counts as none.
var (
	readAnswer  = rest.Value(http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNonAuthoritativeInfo)
	writeAnswer = rest.Anything(http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNonAuthoritativeInfo, http.StatusNoContent)
)

var (
	opCreateUser = &rest.Op{Name: "Users.Create", Method: http.MethodPost, Path: "/users", Replay: rest.Once, Bucket: bucketAPI,
		Success: writeAnswer, About: rest.AboutCollection}
	opBlockUser = &rest.Op{Name: "Users.Block", Method: http.MethodPost, Path: "/users/{userId}/block", Replay: rest.ReplaySafe,
		Bucket: bucketAPI, Success: writeAnswer, About: rest.AboutThing}
	opUnblockUser = &rest.Op{Name: "Users.Unblock", Method: http.MethodPost, Path: "/users/{userId}/unblock", Replay: rest.ReplaySafe,
		Bucket: bucketAPI, Success: writeAnswer, About: rest.AboutThing}
	opSetPresence = &rest.Op{Name: "Users.SetPresence", Method: http.MethodPost, Path: "/users/{userId}/setpresence", Replay: rest.ReplaySafe,
		Bucket: bucketAPI, Success: writeAnswer, About: rest.AboutThing}

	// These are not documented. The paths are guesses.
	opListUsers = &rest.Op{Name: "Users.List", Method: http.MethodGet, Path: "/users", Replay: rest.Safe, Bucket: bucketAPI,
		Success: readAnswer, About: rest.AboutCollection}
	opGetUser = &rest.Op{Name: "Users.Get", Method: http.MethodGet, Path: "/users/{userId}", Replay: rest.Safe, Bucket: bucketAPI,
		Success: readAnswer, About: rest.AboutThing}
	opReplaceUser = &rest.Op{Name: "Users.Replace", Method: http.MethodPost, Path: "/users/{userId}", Replay: rest.ReplaySafe,
		Bucket: bucketAPI, Success: writeAnswer, About: rest.AboutThing}
	opDeleteUser = &rest.Op{Name: "Users.Delete", Method: http.MethodDelete, Path: "/users/{userId}", Replay: rest.ReplaySafe,
		Bucket: bucketAPI, Success: writeAnswer, About: rest.AboutThing}
)

var (
	opListServices = &rest.Op{Name: "Services.List", Method: http.MethodGet, Path: "/services", Replay: rest.Safe, Bucket: bucketAPI,
		Success: readAnswer, About: rest.AboutCollection}
	opServiceUsers = &rest.Op{Name: "Services.ListUsers", Method: http.MethodGet, Path: "/services/{serviceId}/users", Replay: rest.Safe,
		Bucket: bucketAPI, Success: readAnswer, About: rest.AboutThing}
	opServiceTasks = &rest.Op{Name: "Services.ListTasks", Method: http.MethodGet, Path: "/services/{serviceId}/tasks", Replay: rest.Safe,
		Bucket: bucketAPI, Success: readAnswer, About: rest.AboutThing}
)

var (
	opCreateTask = &rest.Op{Name: "Tasks.Create", Method: http.MethodPost, Path: "/tasks", Replay: rest.Once, Bucket: bucketAPI,
		Success: writeAnswer, About: rest.AboutCollection}
	opGetTask = &rest.Op{Name: "Tasks.Get", Method: http.MethodGet, Path: "/tasks/{taskIdentifier}", Replay: rest.Safe, Bucket: bucketAPI,
		Success: readAnswer, About: rest.AboutThing}
)

var (
	opCreateCallback = &rest.Op{Name: "Callbacks.Create", Method: http.MethodPost, Path: "/callbacks", Replay: rest.Once, Bucket: bucketAPI,
		Success: writeAnswer, About: rest.AboutCollection}
	opListCallbacks = &rest.Op{Name: "Callbacks.List", Method: http.MethodGet, Path: "/callbacks", Replay: rest.Safe, Bucket: bucketAPI,
		Success: writeAnswer, About: rest.AboutCollection}
	opGetCallback = &rest.Op{Name: "Callbacks.Get", Method: http.MethodGet, Path: "/callbacks/{callbackId}", Replay: rest.Safe,
		Bucket: bucketAPI, Success: readAnswer, About: rest.AboutThing}
	opCancelCallback = &rest.Op{Name: "Callbacks.Cancel", Method: http.MethodPost, Path: "/callbacks/{callbackId}/cancel",
		Replay: rest.ReplaySafe, Bucket: bucketAPI, Success: writeAnswer, About: rest.AboutThing}
	opSearchCallbacks = &rest.Op{Name: "Callbacks.Search", Method: http.MethodPost, Path: "/callbacks/search", Replay: rest.Safe,
		Bucket: bucketAPI, Success: writeAnswer, About: rest.AboutCollection}
)

// route ties a record to the field that may replace its method and path.
type route struct {
	op    *rest.Op
	field func(*Routes) *string
	guess bool // no default: unsupported unless it is set
}

// routes holds every operation.
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

// path is where an operation is on this server.
type path struct {
	op *rest.Op // with the server's method and path
	// args says which argument of the record each parameter of the path takes, and
	// params does so for the query, by name.
	args   []int
	query  url.Values
	params map[string]int
}

// paths resolves the dialect's routes. An operation without a route is missing.
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
		return p, fmt.Errorf("has no HTTP method")
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
			return nil, fmt.Errorf("has a closing brace without an opening one")
		}
		if !ok {
			return names, nil
		}
		name, more, ok := strings.Cut(after, "}")
		if !ok || name == "" || strings.ContainsAny(name, "{/") {
			return nil, fmt.Errorf("has a parameter without a closing brace")
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
