package core_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestKindsAreTheContracts(t *testing.T) {
	require.ElementsMatch(t, []core.Kind{"queue", "skill", "group", "managed-group", "supervisor", "profile", "lob"}, core.Kinds())
}

func TestParseTarget(t *testing.T) {
	for _, c := range []struct {
		text string
		want core.Target
	}{
		{"queue:42", core.Target{Kind: "queue", ID: "42"}},
		{"managed-group:a:b", core.Target{Kind: "managed-group", ID: "a:b"}},
		{"skill:Language.English", core.Target{Kind: "skill", ID: "Language.English"}},
		{"queue:", core.Target{}}, {"queue", core.Target{}}, {"", core.Target{}}, {":", core.Target{}}, {":42", core.Target{}},
		{"Queue:42", core.Target{}}, {"team:42", core.Target{}}, {" queue:42", core.Target{}},
	} {
		got, err := core.ParseTarget(c.text)
		require.Equal(t, c.want, got, c.text)
		require.Equal(t, c.want == core.Target{}, err != nil, c.text)
	}
}

func TestParseLevelled(t *testing.T) {
	for text, want := range map[string]struct {
		id    string
		level *int
	}{
		"queue:42": {"42", nil}, "queue:42@3": {"42", new(3)}, "queue:42@-1": {"42", new(-1)},
		"queue:a@b": {"a@b", nil}, "queue:a@b@16": {"a@b", new(16)}, "queue:a@": {"a@", nil},
	} {
		target, level, err := core.ParseLevelled(text)
		require.NoError(t, err, text)
		require.Equal(t, core.Target{Kind: core.KindQueue, ID: want.id}, target, text)
		require.Equal(t, want.level, level, text)
	}
	for _, text := range []string{"", "@3", "queue:@3", "team:42@3", "queue:42@99999999999999999999"} {
		_, _, err := core.ParseLevelled(text)
		require.Error(t, err, text)
	}
}

func FuzzParseTarget(f *testing.F) {
	for _, s := range []string{"queue:1", "skill:a:b", "managed-group: ", "queue:", ":", "", "lob:\x00", "queue:\n", "que\nue:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		target, err := core.ParseTarget(s)
		if err != nil {
			require.Zero(t, target)
			require.False(t, strings.ContainsAny(err.Error(), "\n\r"), "an error is one line")
			return
		}
		require.Contains(t, core.Kinds(), target.Kind)
		require.NotEmpty(t, target.ID)
		require.Equal(t, s, target.String())
		again, err := core.ParseTarget(target.String())
		require.NoError(t, err)
		require.Equal(t, target, again)
	})
}

func TestAssignmentString(t *testing.T) {
	a := core.Assignment{UserID: "u", Target: core.Target{Kind: core.KindQueue, ID: "q"}}
	require.Equal(t, "u → queue:q", a.String())
	a.Level = new(3)
	require.Equal(t, "u → queue:q@3", a.String())
}

// The names that the command line prints, all there, always.
func TestJSONShapes(t *testing.T) {
	a := core.Assignment{UserID: "u", Target: core.Target{Kind: core.KindQueue, ID: "q"}}
	for _, c := range []struct {
		v    any
		want string
	}{
		{a, `{"userId":"u","target":{"kind":"queue","id":"q","name":""},"level":null,"suspended":false}`},
		{core.Outcome{Assignment: a, Result: core.ResultApplied, Err: core.ErrFailed},
			`{"assignment":{"userId":"u","target":{"kind":"queue","id":"q","name":""},"level":null,"suspended":false},"result":"applied",` +
				`"code":"","message":"","before":null}`},
		{core.Presence{UserID: "u", Availability: core.Unknown},
			`{"userId":"u","availability":"unknown","raw":"","blocked":null,"routable":null,"reason":""}`},
		{core.Presence{UserID: "u", Availability: core.DND, Raw: "DND", Blocked: new(false), Routable: new(true), Reason: "r"},
			`{"userId":"u","availability":"dnd","raw":"DND","blocked":false,"routable":true,"reason":"r"}`},
		{core.User{Vendor: "v", ID: "1", Native: 5}, `{"vendor":"v","id":"1"}`},
		{core.User{Vendor: "v", ID: "1", Login: "l", FirstName: "f", LastName: "n", DisplayName: "d", Email: "e", Enabled: new(false),
			Roles: []string{"r"}, Revision: "7"},
			`{"vendor":"v","id":"1","login":"l","firstName":"f","lastName":"n","displayName":"d","email":"e","enabled":false,"roles":["r"],` +
				`"revision":"7"}`},
		{core.Block{Vendor: "v", UserID: "u", Changed: []string{"x"}}, `{"vendor":"v","userId":"u","changed":["x"]}`},
	} {
		data, err := json.Marshal(c.v)
		require.NoError(t, err)
		require.Equal(t, c.want, string(data))
	}
}

func TestCapabilities(t *testing.T) {
	c := core.Capabilities{Vendor: "v",
		Operations: map[core.Operation]core.Capability{core.OpAssign: {Support: core.Emulated, Note: "how"}},
		Kinds:      []core.KindCapability{{Kind: core.KindQueue, Level: "1..16"}, {Kind: core.KindProfile, Single: true}}}
	require.Equal(t, core.Emulated, c.Of(core.OpAssign).Support)
	require.Equal(t, core.NotOffered, c.Of(core.OpBlock).Support, "what is not named is not offered")
	require.Equal(t, core.NotOffered, core.Capabilities{}.Of(core.OpAssign).Support)
	k, ok := c.Kind(core.KindProfile)
	require.True(t, ok)
	require.True(t, k.Single)
	_, ok = c.Kind(core.KindLOB)
	require.False(t, ok)

	ops := core.Operations()
	require.Len(t, ops, 19)
	seen := map[core.Operation]bool{}
	for _, op := range ops {
		require.False(t, seen[op], op)
		seen[op] = true
	}
}

func TestSettleOptions(t *testing.T) {
	var c core.SettleConfig
	for _, o := range []core.SettleOption{core.SettleAfter(core.Deleted), core.SettleWait(core.Wait{Tolerate: 2}),
		core.SettleThroughDeferred()} {
		o(&c)
	}
	require.Equal(t, core.SettleConfig{Wait: core.Wait{Tolerate: 2}, After: core.Deleted, ThroughDeferred: true}, c)
}

func TestAnOutcomeTellsWhatBecameOfTheData(t *testing.T) {
	for _, c := range []struct {
		result core.Result
		cause  error
		want   core.Applied
	}{
		{core.ResultApplied, nil, core.AppliedYes},
		{core.ResultAlready, nil, core.AppliedNo},
		{core.ResultUnknown, nil, core.AppliedUnknown},
		{core.ResultUnknown, &core.Error{Applied: core.AppliedNo}, core.AppliedUnknown},
		{core.ResultFailed, nil, core.AppliedNo},
		{core.ResultFailed, &core.Error{}, core.AppliedNo},
		{core.ResultFailed, &core.Error{Applied: core.AppliedNo}, core.AppliedNo},
		{core.ResultFailed, &core.Error{Applied: core.AppliedUnknown}, core.AppliedUnknown},
		{core.ResultFailed, fmt.Errorf("so: %w", &core.Error{Applied: core.AppliedYes}), core.AppliedYes},
	} {
		require.Equal(t, c.want, core.Outcome{Result: c.result, Err: c.cause}.Applied(), "%+v", c)
	}
}
