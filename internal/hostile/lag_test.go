package hostile

import (
	"slices"
	"testing"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// TestLag: every read after every write lags. A lag of a second is waited for: every
// operation ends well, two changes in a row both last, and the record of a block holds
// what it changed. A lag without end leaves in doubt what was done, and never ends in a
// no, but where the vendor documents its answer as the state.
func TestLag(t *testing.T) {
	var wrong []string
	ends := map[string]int{}
	for _, f := range []fault{readsLag(time.Second), readsLag(forEver), allLags(time.Second), allLags(forEver)} {
		for _, v := range vendors() {
			for _, o := range slices.Concat(v.ops, v.lagOps) {
				if o.reads {
					continue
				}
				r := tryIn(t, v, &o, &f, nil)
				ends[f.name+": "+v.name+": "+classOf(r.err)]++
				bad := func(what string) {
					wrong = append(wrong, v.name+": "+o.name+": "+f.name+": "+what)
				}
				if f.lag > 0 && r.err != nil && !(f.old && v.decides) {
					bad("it ends with " + r.err.Error())
				}
				if e, _ := claimOf(r.err); f.lag < 0 && e != nil && e.Applied == core.AppliedNo && !(f.old && v.decides) {
					bad("it is said not to be applied: " + e.Error())
				}
				for _, finding := range r.findings {
					if !finding.believed {
						bad(string(finding.kind))
					}
				}
			}
		}
	}
	for _, end := range sortedKeys(ends) {
		t.Logf("%4d  %s", ends[end], end)
	}
	for _, w := range wrong {
		t.Log(w)
	}
	if len(wrong) > 0 {
		t.Errorf("%d operations do not stand a lag", len(wrong))
	}
}
