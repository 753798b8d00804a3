package simnet

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Route is one operation of a simulator: its name, its method, and its path. In the path
// {name} stands for any one segment that is not empty. How is what the simulator says of
// the operation beside that: who carries it out, and who may ask for it.
type Route[H any] struct {
	Op     string
	Method string
	Path   string
	How    H
}

// On returns the route of an operation.
func On[H any](op, method, path string, how H) Route[H] { return Route[H]{op, method, path, how} }

// Routes are the operations that a simulator serves.
type Routes[H any] []Route[H]

// Found is what routes have for a method and a path.
type Found[H any] struct {
	// Route is nil if nothing is served.
	Route *Route[H]
	// Vars are the segments that the variables of the path stand for, by name, also if
	// the path is served with other methods.
	Vars map[string]string
	// Methods are what the path is served with instead, if Route is nil. There are none
	// for a path that is unknown.
	Methods []string
}

// Path returns the segments of a request's path. It splits before it unescapes: an id may
// hold anything, slashes and dots included. A path that cannot be read has none.
func Path(r *http.Request) []string {
	path := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	for i, segment := range path {
		var err error
		if path[i], err = url.PathUnescape(segment); err != nil {
			return nil
		}
	}
	return path
}

// Find returns the operation of a method and a path. If several paths fit, it is the one
// that spells out most, and of those the first, whatever its methods are.
func (rs Routes[H]) Find(method string, path []string) Found[H] {
	return rs.find(method, path, func(a, b string) bool { return a == b })
}

// FindFold is Find of a server to whom the case of a path does not matter.
func (rs Routes[H]) FindFold(method string, path []string) Found[H] {
	return rs.find(method, path, strings.EqualFold)
}

func (rs Routes[H]) find(method string, path []string, same func(a, b string) bool) (found Found[H]) {
	pattern, most := "", -1
	for i := range rs {
		if literal, ok := fits(rs[i].Path, path, same); ok && literal > most {
			pattern, most = rs[i].Path, literal
		}
	}
	if most < 0 {
		return found
	}

	found.Vars = variables(pattern, path)
	for i := range rs {
		switch {
		case rs[i].Path != pattern:
		case rs[i].Method == method:
			found.Route, found.Methods = &rs[i], nil
			return found
		default:
			found.Methods = append(found.Methods, rs[i].Method)
		}
	}
	return found
}

// fits reports whether a path is a pattern's, and how many of its segments that spells
// out.
func fits(pattern string, path []string, same func(a, b string) bool) (literal int, ok bool) {
	if strings.Count(pattern, "/")+1 != len(path) {
		return 0, false
	}

	i := 0
	for want := range strings.SplitSeq(pattern, "/") {
		switch {
		case strings.HasPrefix(want, "{"):
			if path[i] == "" {
				return 0, false
			}
		case same(want, path[i]):
			literal++
		default:
			return 0, false
		}
		i++
	}
	return literal, true
}

func variables(pattern string, path []string) map[string]string {
	vars := map[string]string{}
	i := 0
	for want := range strings.SplitSeq(pattern, "/") {
		if name, ok := strings.CutPrefix(want, "{"); ok {
			vars[strings.TrimSuffix(name, "}")] = path[i]
		}
		i++
	}
	return vars
}

// Names returns the names of the operations, each once, in the order of the routes.
func (rs Routes[H]) Names() []string {
	var out []string
	for _, r := range rs {
		if !slices.Contains(out, r.Op) {
			out = append(out, r.Op)
		}
	}
	return out
}
