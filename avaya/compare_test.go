package avaya

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// unmetOf is what a user still does not show of a change that was asked for while it
// was as it is.
func unmetOf(t *testing.T, is *User, fields map[string]any) []string {
	users := usersOf(adapter.Border{})
	want, err := is.copy()
	require.NoError(t, err)
	change := core.UserChange{Fields: fields}
	require.NoError(t, wire.Overlay(want, fields))
	return ask(users.Names(change), is, want).unmet(is)
}

// TestRules_CompareByMeaning: what the vendor is documented to add or to leave out does
// not count: what the server assigns, passwords, the order of sets, the content of
// features that are mere switches, what a profile gives in place of an emptied field.
// Nor does case.
func TestRules_CompareByMeaning(t *testing.T) {
	user := func(doc string) *User {
		u := new(User)
		require.NoError(t, wire.Unmarshal([]byte(doc), u))
		return u
	}
	rich := user(
		`{"userId":"u","loginId":"Dana@Example.com","lastName":"Reyes","displayName":"Reyes, Dana","memberOfGroups":["G2","g1"],"roles":["B","A"],
		"features":{"voice":{"autoAnswer":false,"userExtension":"20417","afterContactWorkTimer":30.0},"matching":{"queues":[{"queueId":"Q2","proficiency":8},
		{"queueId":"q1","proficiency":"3","name":"Sales"}],"attributes":["A.B"]},"recorder":{},"cmvoice":{"agentLoginId":"1"}},
		"addresses":[{"addressId":"a1","city":"Bilbao"}],"x":{"n":1.50,"big":12345678901234567891,"l":[1,2]},"on":true}`)
	plain := user(`{"userId":"u","loginId":"d@e.ff","lastName":"Reyes"}`)
	profiled := user(`{"userId":"u","lastName":"Reyes","profileId":"NGHTV1","roles":["Agent"],"features":{"voice":{},"chat":{}},` +
		`"emailId":"a@b.cc"}`)
	added := user(`{"userId":"u","loginId":"d@e.ff","firstName":"DANA","displayName":"Dana R.","features":{"voice":{},"desktop":{},` +
		`"cmdesktop":{"a":1}}}`)
	const features = `"voice":{"autoAnswer":false,"multiplicity":3,"afterContactWorkTimer":30,"password":"x"},"recorder":{"ignored":1},
		"cmvoice":{"agentLoginId":"1","agentLoginPassword":"0042"}`
	const matching = `"matching":{"queues":[{"queueId":"Q1","proficiency":3},{"queueId":"q2"}],"attributes":["A.B"]}`
	for _, c := range []struct {
		who         *User
		name, value string
		unmet       bool
	}{
		{rich, "loginId", `"dana@example.com"`, false},
		{rich, "loginId", `"diana@example.com"`, true},
		{rich, "displayName", `"Reyes, Dana"`, false},
		{rich, "displayName", `"Dana"`, true},
		{rich, "roles", `["A","B","A"]`, false},
		{rich, "roles", `["A"]`, true},
		{rich, "memberOfGroups", `["g1","g2"]`, false},
		{rich, "memberOfGroups", `["g1","g2","g3"]`, true},
		{rich, "features", `{` + features + `,` + matching + `}`, false},
		{rich, "features", `{` + features + `}`, true}, // matching is still on
		{rich, "features", `{` + features + `,` + matching + `,"chat":{}}`, true},
		{rich, "features", `{` + features + `,"matching":{"queues":[{"queueId":"Q1","proficiency":4},{"queueId":"q2"}]}}`, true},
		{rich, "features", `{` + features + `,"matching":{"queues":[{"queueId":"Q1","proficiency":3}]}}`, true},
		{rich, "features", `{}`, true},
		{rich, "addresses", `[{"city":"Bilbao"}]`, false},
		{rich, "addresses", `[{"city":"Vigo"}]`, true},
		{rich, "x", `{"n":1.5,"big":12345678901234567891}`, false},
		{rich, "x", `{"n":15e-1,"l":[2,1]}`, false},
		{rich, "x", `{"big":12345678901234567890}`, true},
		{rich, "x", `{"n":"1.5"}`, true},
		{rich, "x", `[1]`, true},
		{rich, "x", `{"huge":1E+999999999}`, true},
		{rich, "on", `true`, false},
		{rich, "on", `false`, true},
		{rich, "on", `null`, true},
		{rich, "password", `"Secret-1"`, false},
		{plain, "email", `"z"`, true},
		{plain, "displayName", `"Xx"`, true},
		{plain, "displayName", `null`, false},
		{plain, "roles", `[]`, false},
		{plain, "memberOfGroups", `[]`, false},
		{plain, "features", `{"aci":{}}`, true},
		{profiled, "features", `{"voice":{}}`, false}, // the other may come from the profile
		{profiled, "roles", `[]`, false},
		{profiled, "profileId", `"NGHTV1"`, false},
		{profiled, "profileId", `"nghtv1"`, true},
		{added, "features", `{"voice":{"autoAnswer":false}}`, false}, // what is off is left out, and the rest is the vendor's
		{added, "features", `{"voice":{"autoAnswer":true}}`, true},
		{added, "features", `{"desktop":{"x":1}}`, true},
	} {
		got := unmetOf(t, c.who, map[string]any{c.name: json.RawMessage(c.value)})
		want := []string(nil)
		if c.unmet {
			want = []string{c.name}
		}
		require.Equal(t, want, got, "%s=%s", c.name, c.value)
	}

	clear := func(name string) map[string]any { return map[string]any{name: core.Clear[any]()} }
	for name, unmet := range map[string]bool{"displayName": false, "roles": true, "x": true, "on": true, "nothing": false, "features": true} {
		require.Equal(t, unmet, len(unmetOf(t, rich, clear(name))) == 1, "clearing %s", name)
	}
	for name, unmet := range map[string]bool{"roles": false, "features": false, "emailId": true, "profileId": true} {
		require.Equal(t, unmet, len(unmetOf(t, profiled, clear(name))) == 1, "clearing %s beside a profile", name)
	}
	require.Empty(t, unmetOf(t, added, clear("displayName")), "which the vendor makes of a name")
	require.NotEmpty(t, unmetOf(t, user(`{"loginId":"d@e.ff","lastName":"Reyes","displayName":"Night desk"}`), clear("displayName")),
		"a first name that is not there is in no text")
	require.Empty(t, unmetOf(t, user(`{"features":{"desktop":{}}}`), clear("features")))
	require.Empty(t, unmetOf(t, plain, nil))
	require.Empty(t, unmetOf(t, plain, map[string]any{"roles": core.Opt[any]{}}), "what is kept")
}
