package rest

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rollcall-go/rollcall/core"
)

// Replay says what happens when an operation is sent twice.
type Replay int

// The replay classes.
const (
	// Safe operations read.
	Safe Replay = iota
	// ReplaySafe writes leave the same state when sent twice.
	ReplaySafe
	// Detectable writes answer a repeat in a way that can be told.
	Detectable
	// Once writes must not be sent again unless they were certainly refused.
	Once
)

// String names the class as in the documentation.
func (r Replay) String() string {
	return [...]string{"safe", "replay-safe", "detectable", "once"}[r]
}

// Op is the record of one operation. Retries, names in errors and logs, rate
// buckets, documentation and the coverage test all read it.
type Op struct {
	// Name is "Resource.Method" as in Go, for example "Users.Get".
	Name   string
	Method string
	// Path is a template below the base URL; each {…} takes one argument.
	Path   string
	Replay Replay
	// Bucket names the operations that the vendor counts together.
	Bucket string
	// RefusedWait, if set, replaces Config.RefusedWait for this operation.
	RefusedWait time.Duration
	// Success is what its success looks like, by the documents. See [Success].
	Success Success
	// About says what the operation addresses, where its path does not tell.
	About About
}

// About says what an operation addresses, and so what a 404 is about.
type About int

const (
	// AboutPath goes by the path: one with a parameter addresses a thing, and one
	// without a collection. {accountId} and {version} do not count, because all that
	// a client asks for is below them.
	AboutPath About = iota
	// AboutThing operations address one thing: a 404 says that it does not exist.
	AboutThing
	// AboutCollection operations address a collection or a service: a 404 says that
	// the address or the account is wrong.
	AboutCollection
)

// aboutThing reports whether a 404 can be about one thing. That of a collection below
// a thing, such as /users/{userId}/assignments, is about the thing.
func (op *Op) aboutThing() bool {
	if op.About != AboutPath {
		return op.About == AboutThing
	}

	for rest := op.Path; ; {
		_, after, found := strings.Cut(rest, "{")
		if !found {
			return false
		}
		name, tail, _ := strings.Cut(after, "}")
		if name != "accountId" && name != "version" {
			return true
		}
		rest = tail
	}
}

// expand fills the template and joins it to the base. It refuses arguments that
// could leave their path segment; every other byte is escaped.
func (op *Op) expand(base *url.URL, args []string) (url.URL, error) {
	u := url.URL{Scheme: base.Scheme, Host: base.Host}
	escape := base.RawPath != ""
	for i, arg := range args {
		if why := CheckID(arg); why != "" {
			return u, core.Invalid("", op.Name, op.param(i)+" "+why)
		}
		escape = escape || url.PathEscape(arg) != arg
	}

	u.Path = op.fill(strings.TrimSuffix(base.Path, "/"), args, false)
	if escape {
		u.RawPath = op.fill(strings.TrimSuffix(base.EscapedPath(), "/"), args, true)
	}
	return u, nil
}

// fill puts the arguments into the template, below a base.
func (op *Op) fill(base string, args []string, escape bool) string {
	if len(args) == 0 {
		return base + op.Path
	}

	size := len(base) + len(op.Path)
	for i, arg := range args {
		size += len(arg) - len("{}") - len(op.param(i)) // and more where it is escaped
	}

	var b strings.Builder
	b.Grow(size)
	b.WriteString(base)

	rest := op.Path
	for _, arg := range args {
		open, end := strings.IndexByte(rest, '{'), strings.IndexByte(rest, '}')
		if escape {
			arg = url.PathEscape(arg)
		}
		b.WriteString(rest[:open])
		b.WriteString(arg)
		rest = rest[end+1:]
	}
	b.WriteString(rest)
	return b.String()
}

// param returns the name of the i-th parameter of the path.
func (op *Op) param(i int) string {
	rest := op.Path
	for range i + 1 {
		_, rest, _ = strings.Cut(rest, "{")
	}
	name, _, _ := strings.Cut(rest, "}")
	return name
}

// CheckID says why a path argument is impossible, or "" where it is fine. An id
// with a slash or made of dots could name another resource, and nothing may be
// sent for it.
func CheckID(id string) string {
	switch {
	case strings.TrimSpace(id) == "":
		return "is empty"
	case id == "." || id == "..":
		return "is a relative path, not an id"
	case len(id) > 1024:
		return "is longer than any id"
	case !utf8.ValidString(id):
		return "holds text that is not UTF-8"
	}

	for i := 0; i < len(id); i++ {
		switch c := id[i]; {
		case c == '/' || c == '\\':
			return "holds a slash, which no id does"
		case c < 0x20 || c == 0x7f:
			return "holds a control character"
		}
	}
	return ""
}
