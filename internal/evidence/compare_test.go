package evidence_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/evidence"
)

func TestRule_Shows(t *testing.T) {
	digits := func(want, is json.RawMessage) bool {
		return strings.HasSuffix(string(is), strings.TrimPrefix(string(want), `"`))
	}
	isX := func(is json.RawMessage) bool { return string(is) == `"x"` }
	for _, c := range []struct {
		name          string
		rule          evidence.Rule
		was, want, is string
		shows         bool
	}{
		{"a text", evidence.Rule{}, `"a"`, `"b"`, `"b"`, true},
		{"another text", evidence.Rule{}, `"a"`, `"b"`, `"a"`, false},
		{"blanks at the ends", evidence.Rule{}, ``, `" b "`, `"b"`, true},
		{"composed and decomposed", evidence.Rule{}, ``, `"Jose\u0301"`, `"Jos\u00e9"`, true},
		{"composition counts in keys", evidence.Rule{Exact: true}, ``, `"Jose\u0301"`, `"Jos\u00e9"`, false},
		{"case counts", evidence.Rule{}, ``, `"Ann"`, `"ann"`, false},
		{"case does not count", evidence.Rule{Fold: true}, ``, `"Ann  Lee"`, `"ann lee"`, true},
		{"absent is empty", evidence.Rule{}, `"a"`, `"b"`, ``, false},
		{"absent tells nothing", evidence.Rule{Silent: true}, `"a"`, `"b"`, ``, true},
		{"hidden", evidence.Rule{Hidden: true}, `"a"`, `"b"`, `"a"`, true},

		{"emptied", evidence.Rule{}, `"a"`, ``, ``, true},
		{"emptied to null", evidence.Rule{}, `"a"`, `null`, `""`, true},
		{"emptied and off", evidence.Rule{}, `true`, ``, `false`, true},
		{"emptied and still there", evidence.Rule{}, `"a"`, `null`, `"a"`, false},
		{"emptied to the vendor's default", evidence.Rule{Emptied: isX}, `"a"`, ``, `"x"`, true},
		{"emptied to no default", evidence.Rule{Emptied: isX}, `"a"`, ``, `"a"`, false},

		{"emptied to an undocumented default", evidence.Rule{Reset: true}, `"a"`, ``, `"x"`, true},
		{"reset and still there", evidence.Rule{Reset: true, Fold: true}, `"a"`, `null`, `"A"`, false},
		{"a list that was reset to another", evidence.Rule{Reset: true}, `[1]`, `[]`, `[2]`, true},

		{"numbers by value", evidence.Rule{}, ``, `30`, `30.0`, true},
		{"a number in quotes", evidence.Rule{}, ``, `30`, `"30"`, true},
		{"another number", evidence.Rule{}, ``, `30`, `31`, false},
		{"off may be left out", evidence.Rule{}, ``, `false`, ``, true},
		{"on may not", evidence.Rule{}, ``, `true`, ``, false},

		{"a list in order", evidence.Rule{}, ``, `[1,2]`, `[1,2]`, true},
		{"a list in another order", evidence.Rule{}, ``, `[1,2]`, `[2,1]`, false},
		{"a set", evidence.Rule{Set: true}, ``, `[1,2]`, `[2,1]`, true},
		{"a set with one twice", evidence.Rule{Set: true}, ``, `[1,1]`, `[1,2]`, false},
		{"a set that is larger", evidence.Rule{Set: true}, ``, `[1]`, `[2,1]`, false},
		{"a list of one as its element", evidence.Rule{}, ``, `[1]`, `1`, true},
		{"may grow", evidence.Rule{MayGrow: true}, `[1,3]`, `[1,2]`, `[2,1,4]`, true},
		{"may grow, one is missing", evidence.Rule{MayGrow: true}, `[1]`, `[1,2]`, `[1,4]`, false},
		{"may grow, one is still there", evidence.Rule{MayGrow: true}, `[1,3]`, `[1,2]`, `[1,2,3]`, false},
		{"may grow, emptied", evidence.Rule{MayGrow: true}, `[1]`, `[]`, `[4]`, true},
		{"may grow, not emptied", evidence.Rule{MayGrow: true}, `[1]`, `[]`, `[1,4]`, false},

		{"an object may have more", evidence.Rule{}, ``, `{"a":1}`, `{"a":1,"b":2}`, true},
		{"an object lacks a member", evidence.Rule{}, ``, `{"a":1}`, `{"b":2}`, false},
		{"an object's content is the vendor's", evidence.Rule{Present: true}, ``, `{"a":1}`, `{}`, true},
		{"and must be an object", evidence.Rule{Present: true}, ``, `{"a":1}`, ``, false},
		{"rules of members", evidence.Rule{Members: map[string]evidence.Rule{"a": {Hidden: true}}}, ``, `{"a":1,"b":2}`, `{"b":2}`, true},
		{"members inherit folding", evidence.Rule{Fold: true}, ``, `{"a":"X"}`, `{"a":"x"}`, true},
		{"a set of objects", evidence.Rule{Set: true}, ``, `[{"id":1},{"id":2}]`, `[{"id":2,"at":9},{"id":1}]`, true},
		{"its own idea", evidence.Rule{Same: digits}, ``, `"5550100"`, `"+15550100"`, true},
		{"of another kind", evidence.Rule{}, ``, `"a"`, `{"a":1}`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.shows, c.rule.Shows(json.RawMessage(c.was), json.RawMessage(c.want), json.RawMessage(c.is)))
		})
	}
}

func TestRules_UnmetNamesEachFieldOnce(t *testing.T) {
	rules := evidence.Rules{Fields: map[string]evidence.Rule{"email": {Fold: true}}}
	object := func(s string) (o evidence.Object) {
		require.NoError(t, json.Unmarshal([]byte(s), &o))
		return o
	}
	sent := object(`{"email":"A@B","name":"Kim","floor":3}`)
	unmet := rules.Unmet([]string{"name", "email", "name", "floor"}, nil, sent, object(`{"email":"a@b","name":"Lee"}`))
	require.Equal(t, []string{"floor", "name"}, unmet)
}

// TestRules_UnmetTellsNullFromLeftOut: what is null is said, what is left out is not.
func TestRules_UnmetTellsNullFromLeftOut(t *testing.T) {
	rules := evidence.Rules{Default: evidence.Rule{Silent: true}}
	sent := evidence.Object{"name": json.RawMessage(`"Kim"`)}
	require.Empty(t, rules.Unmet([]string{"name"}, nil, sent, evidence.Object{}))
	require.Equal(t, []string{"name"}, rules.Unmet([]string{"name"}, nil, sent, evidence.Object{"name": json.RawMessage("null")}))
}

func TestChanged(t *testing.T) {
	object := func(s string) (o evidence.Object) {
		require.NoError(t, json.Unmarshal([]byte(s), &o))
		return o
	}
	a := object(`{"same":1,"spelt":1.0,"other":"a","gone":1,"list":[1,2]}`)
	b := object(`{"same":1,"spelt":1,"other":"b","new":1,"list":[2,1]}`)
	require.Equal(t, []string{"gone", "list", "new", "other"}, evidence.Changed(a, b))
	require.Empty(t, evidence.Changed(a, a))
}

func TestNamed(t *testing.T) {
	require.Equal(t, []string{"a", "c"}, evidence.Named(map[string]any{"c": nil, "a": 1, "b": keep{}}))
}

// keep is an Opt that keeps.
type keep struct{}

func (keep) IsZero() bool  { return true }
func (keep) IsClear() bool { return false }

// TestRule_LongListsCostNoMoreThanTheirLength: a list of a vendor's may be of any length.
func TestRule_LongListsCostNoMoreThanTheirLength(t *testing.T) {
	list := func(first int) json.RawMessage {
		var out []string
		for i := range 8_000 {
			out = append(out, fmt.Sprintf(`"Entry %d"`, first+i))
		}
		return json.RawMessage("[" + strings.Join(out, ",") + "]")
	}
	began := time.Now()
	for _, r := range []evidence.Rule{{MayGrow: true, Fold: true}, {Set: true}, {MayGrow: true, Key: strings.ToUpper}} {
		require.True(t, r.Shows(list(0), list(0), list(0)))
		require.False(t, r.Shows(list(0), list(1), list(0)))
	}
	require.Less(t, time.Since(began), 10*time.Second)
}

func TestRule_KeyComparesWhatHasSeveralForms(t *testing.T) {
	last := func(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }
	r := evidence.Rule{Key: last, Set: true}
	shows := func(want, is string) bool { return r.Shows(nil, json.RawMessage(want), json.RawMessage(is)) }
	require.True(t, shows(`"us/PEOPLE/7"`, `"7"`))
	require.False(t, shows(`"us/PEOPLE/7"`, `"8"`))
	require.True(t, shows(`["a/1","a/2"]`, `["2","b/1"]`))
	require.False(t, shows(`["a/1","a/1"]`, `["1","b/2"]`))
	require.True(t, shows(`[1,"x"]`, `["x","1"]`), "a number in quotes")
}
