package evidence_test

import (
	"encoding/json"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/evidence"
)

// allocated is what f allocates, in bytes.
func allocated(f func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

func listOfTexts(parts []string) json.RawMessage {
	return json.RawMessage("[" + strings.Join(parts, ",") + "]")
}

func numbers(n int) (out []string) {
	for i := range n {
		out = append(out, strconv.Itoa(i+1_000_000))
	}
	return out
}

// TestRule_BuildsNothingOfDeepValues: what a vendor puts beside what was sent costs no
// memory, though one element of the list has changed.
func TestRule_BuildsNothingOfDeepValues(t *testing.T) {
	for name, deep := range map[string]string{
		"lists":   strings.Repeat("[", 900) + strings.Repeat("]", 900),
		"objects": strings.Repeat(`{"a":`, 900) + "0" + strings.Repeat("}", 900),
	} {
		many := strings.TrimSuffix(strings.Repeat(deep+",", 300_000/len(deep)), ",")
		was := json.RawMessage(`[{"id":1,"unknown":[` + many + `]}]`)
		sent := json.RawMessage(`[{"id":1,"unknown":[` + many + `]},{"id":2}]`)
		shown := json.RawMessage(`[{"id":2}, {"id":1,"unknown":[` + many + `]}]`)
		for _, r := range []evidence.Rule{{MayGrow: true}, {Set: true, Fold: true}} {
			cost := allocated(func() {
				require.True(t, r.Shows(was, sent, shown), name)
				require.Equal(t, []string{"a"}, evidence.Changed(evidence.Object{"a": was}, evidence.Object{"a": sent}))
			})
			require.Less(t, cost, 300_000, name)
		}
	}
}

// TestRule_OrderCostsLittle: long lists in another order are compared, and in time.
func TestRule_OrderCostsLittle(t *testing.T) {
	sent := numbers(5_000)
	shown := slices.Clone(sent)
	slices.Reverse(shown)
	for _, r := range []evidence.Rule{{MayGrow: true}, {Set: true}} {
		require.True(t, r.Shows(listOfTexts(sent[1:]), listOfTexts(sent), listOfTexts(shown)))
		require.False(t, r.Shows(listOfTexts(sent), listOfTexts(sent[1:]), listOfTexts(shown)))
	}

	// A list of any length, of which some were taken out and some put in.
	long := numbers(100_000)
	without, with := long[3:], append(slices.Clone(long[3:]), "7", "8")
	for _, r := range []evidence.Rule{{MayGrow: true}, {Set: true}} {
		require.True(t, r.Shows(listOfTexts(long), listOfTexts(without), listOfTexts(without)))
		require.False(t, r.Shows(listOfTexts(long), listOfTexts(without), listOfTexts(long)))
		require.Equal(t, r.MayGrow, r.Shows(listOfTexts(long), listOfTexts(without), listOfTexts(with)))
	}
}

// TestRule_TangledTextsEnd: what is in any order at every depth, or whose elements have to
// be compared each with each, comes to an end, and then nothing is shown.
func TestRule_TangledTextsEnd(t *testing.T) {
	nest := func(open, end string) json.RawMessage {
		deep := strings.Repeat(open, 900) + "0" + strings.Repeat(end, 900)
		return json.RawMessage("[" + strings.Repeat(deep+",", 300_000/len(deep)) + "0]")
	}
	ids := numbers(30_000)
	turned := slices.Clone(ids)
	slices.Reverse(turned)
	objects := func(list []string) json.RawMessage {
		return json.RawMessage(`[{"id":` + strings.Join(list, `},{"id":`) + `}]`)
	}

	began := time.Now()
	for name, pair := range map[string][2]json.RawMessage{
		"members": {nest(`{"a":`, `,"b":1}`), nest(`{"b":1,"a":`, `}`)},
		"numbers": {listOfTexts(ids), listOfTexts(turned)},
		"objects": {objects(ids), objects(turned)},
		"doubled": {nest(`{"a":1,"b":`, `,"a":2}`), nest(`{"a":2,"b":`, `}`)},
	} {
		for _, r := range []evidence.Rule{{}, {Set: true}, {MayGrow: true}} {
			start := time.Now()
			cost := allocated(func() { r.Shows(nil, pair[0], pair[1]) })
			t.Logf("%s: %v, %d kB", name, time.Since(start), cost>>10)
			require.Less(t, cost, 8*len(pair[0])+6<<20, name)
		}
	}
	require.Less(t, time.Since(began), 30*time.Second)
}
