package hostile

import (
	"slices"
	"testing"

	"github.com/rollcall-go/rollcall/core"
	"github.com/stretchr/testify/require"
)

// TestRefusal: doubt is not for everything. What the vendor refuses in its own clear
// words before it does anything, and what never left the machine, is applied no, and
// has the class that says why.
func TestRefusal(t *testing.T) {
	var wrong []string
	for _, f := range []struct {
		fault
		classes []core.Class
	}{
		{fault{name: "403", spoil: saying(403, own, nil)}, []core.Class{core.ClassPermission}},
		{fault{name: "409", spoil: saying(409, own, nil)}, []core.Class{core.ClassConflict, core.ClassRevision}},
		{fault{name: "422", spoil: saying(422, own, nil)}, []core.Class{core.ClassInvalid}},
		{fault{name: "429, an hour", spoil: saying(429, own, map[string]string{"Retry-After": "3600"})}, []core.Class{core.ClassRateLimited}},
		{fault{name: "503, an hour", spoil: saying(503, own, map[string]string{"Retry-After": "3600"})}, []core.Class{core.ClassUnavailable}},
		{fault{name: "no connection", unsent: true}, []core.Class{core.ClassUnavailable}},
	} {
		for _, v := range vendors() {
			for i := range v.ops {
				o := &v.ops[i]
				r := tryIn(t, v, o, &f.fault, nil)
				class, applied := deepest(r.err)
				switch {
				case r.err == nil:
					wrong = append(wrong, v.name+": "+o.name+": "+f.name+": no error")
				case applied != core.AppliedNo && !o.waits || !slices.Contains(f.classes, class):
					wrong = append(wrong, v.name+": "+o.name+": "+f.name+": "+string(class)+", applied "+string(applied)+": "+r.err.Error())
				}
			}
		}
	}
	require.Empty(t, wrong)
}

// deepest is the class of the first cause, and what the error as a whole claims.
func deepest(err error) (core.Class, core.Applied) {
	e, partial := claimOf(err)
	if partial != nil {
		for _, o := range partial.Outcomes {
			if !o.Done() {
				class, _ := deepest(o.Err)
				return class, o.Applied()
			}
		}
	}
	if e == nil {
		return "", ""
	}
	if cause, _ := claimOf(e.Err); cause != nil && (e.Class == core.ClassIncomplete || e.Class == core.ClassPartial) {
		class, _ := deepest(cause)
		return class, e.Applied
	}
	return e.Class, e.Applied
}
