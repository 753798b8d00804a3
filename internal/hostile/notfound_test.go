package hostile

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-go/rollcall/core"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Test404Table prints what every operation makes of a 404: one that is a page of
// something between, one of the whole API, and one about the thing in the vendor's
// words. Of the first two nobody is "not found".
func Test404Table(t *testing.T) {
	columns := []fault{
		{name: "a page", place: onAll, missing: true, nobody: true, base: true, spoil: saying(404, aPage, nil)},
		{name: "the base path", place: onAll, missing: true, nobody: true, base: true, spoil: saying(404, own, nil)},
		{name: "the thing", missing: true, spoil: saying(404, own, nil)},
	}
	var b strings.Builder
	var wrong []finding
	fmt.Fprintf(&b, "%-20s %-22s", "vendor", "operation")
	for _, f := range columns {
		fmt.Fprintf(&b, " %-26s", f.name)
	}
	for _, v := range vendors() {
		for _, o := range v.ops {
			fmt.Fprintf(&b, "\n%-20s %-22s", v.name, o.name)
			for _, f := range columns {
				r := tryIn(t, v, &o, &f, nil)
				text := classOf(r.err)
				if f.nobody && errors.Is(r.err, core.ErrNotFound) {
					text = "! " + text
				}
				fmt.Fprintf(&b, " %-26s", text)
				wrong = append(wrong, slices.DeleteFunc(r.findings, func(f finding) bool { return f.believed })...)
			}
		}
	}
	t.Log("\n" + b.String())
	report(t, wrong)
}
