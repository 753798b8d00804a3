package liveperson

import (
	"net/http"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// Revision names one state of a whole collection of the account, as the vendor
// counts it: every change of any user moves the revision of all users. The
// revisions of users and of skills are different types, because one must never
// be used for the other.
type Revision[T any] core.Revision

// AnyRevision stands for every revision: a read with it is always answered in
// full, a write with it overwrites whatever is there.
const AnyRevision = "-1"

// Head is what the beginning of an answer says about the whole collection.
type Head[T any] struct {
	// Revision is the collection's; empty where the vendor sent none.
	Revision Revision[T]
	// Unchanged is true where the collection still is at the revision that the
	// caller knew: nothing else came.
	Unchanged bool
}

// The headers that hold a revision. Profiles have a time of change instead, and
// the same header in both directions.
const (
	headerRevision     = "Ac-Revision"
	headerETag         = "Etag"
	headerIfMatch      = "If-Match"
	headerLastModified = "X-Lp-Last-Modified"
)

// revisionOf reads the revision of an answer.
func revisionOf[T any](h http.Header) Revision[T] {
	for _, name := range []string{headerRevision, headerETag, headerLastModified} {
		v := strings.TrimSpace(h.Get(name))
		if name == headerETag {
			v = strings.Trim(strings.TrimPrefix(v, "W/"), `"`)
		}
		if v != "" {
			return Revision[T](v)
		}
	}
	return ""
}

// setIfMatch adds the condition of a read or write, if there is one.
func setIfMatch[T any](h http.Header, name string, known Revision[T]) http.Header {
	if known == "" {
		return h
	}
	if h == nil {
		h = http.Header{}
	}
	h[name] = []string{string(known)}
	return h
}
