package core_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// valueFor is a value that a neutral field takes.
func valueFor(name core.Field) any {
	switch name {
	case "enabled":
		return false
	case "roles":
		return []string{"Agent"}
	}
	return "text"
}

func TestUserSpec_SetFieldIsWhatItsChangeNames(t *testing.T) {
	for _, name := range core.Fields() {
		value := valueFor(name)
		var spec core.UserSpec

		spec.SetField(name, value)
		got, named := spec.Change().Field(name)
		require.True(t, named, name)
		require.Equal(t, value, got)

		spec.SetField(name, nil)
		require.Equal(t, core.UserSpec{}, spec)
	}
	require.Panics(t, func() { new(core.UserSpec).SetField("shoeSize", "42") })
	require.Panics(t, func() { new(core.UserSpec).SetField("login", 42) })
}

// TestFields_AreThoseOfTheJSON: the names are those by which a user is written, so that a
// table made from them is a table of what --json shows.
func TestFields_AreThoseOfTheJSON(t *testing.T) {
	u := core.User{}
	for _, name := range core.Fields() {
		u.SetField(name, valueFor(name))
	}
	text, err := json.Marshal(u)
	require.NoError(t, err)
	var shown map[string]any
	require.NoError(t, json.Unmarshal(text, &shown))

	for _, name := range core.Fields() {
		require.Contains(t, shown, string(name))
	}
	require.Len(t, shown, len(core.Fields())+2, "beside vendor and id")
}

// TestUser_FieldIsWhatSetFieldSet: false is a value, and not the absence of one.
func TestUser_FieldIsWhatSetFieldSet(t *testing.T) {
	for _, name := range core.Fields() {
		var u core.User
		require.Nil(t, u.Field(name), name)

		u.SetField(name, valueFor(name))
		require.Equal(t, valueFor(name), u.Field(name))

		u.SetField(name, nil)
		require.Equal(t, core.User{}, u)
	}
	require.Nil(t, core.User{Login: "kim"}.Field("shoeSize"))
	require.Panics(t, func() { new(core.User).SetField("shoeSize", "42") })
	require.Panics(t, func() { new(core.User).SetField("enabled", "no") })
}

// TestUserChange_SetsClearsAndKeeps each neutral field by its name.
func TestUserChange_SetsClearsAndKeeps(t *testing.T) {
	for _, name := range core.Fields() {
		var c core.UserChange
		_, named := c.Field(name)
		require.False(t, named, "absent never means empty")

		c.SetField(name, valueFor(name))
		got, named := c.Field(name)
		require.True(t, named)
		require.Equal(t, valueFor(name), got)

		c.SetField(name, nil)
		got, named = c.Field(name)
		require.True(t, named, "a field to be cleared is named")
		require.Nil(t, got)

		c.KeepField(name)
		require.Equal(t, core.UserChange{}, c)
	}

	var c core.UserChange
	_, named := c.Field("shoeSize")
	require.False(t, named)
	c.KeepField("shoeSize")
	require.Equal(t, core.UserChange{}, c)
	require.Panics(t, func() { c.SetField("shoeSize", "42") })
	require.Panics(t, func() { c.SetField("enabled", "no") })
}

// TestUserSpec_ChangeNamesWhatTheSpecNames and nothing else, the password included.
func TestUserSpec_ChangeNamesWhatTheSpecNames(t *testing.T) {
	require.Equal(t, core.UserChange{}, core.UserSpec{}.Change())

	spec := core.UserSpec{Login: "kim", Enabled: core.Clear[bool](), Password: core.NewSecret("first"), Fields: map[string]any{"floor": 3}}
	require.Equal(t, core.UserChange{Login: core.Set("kim"), Enabled: core.Clear[bool](), Password: core.Set(spec.Password),
		Fields: spec.Fields}, spec.Change())
}

// TestUserChangeJSON_KeepsDigitsAndStates: absent keeps, null clears, a value sets; a long
// number of a vendor field is not rounded; no password is written.
func TestUserChangeJSON_KeepsDigitsAndStates(t *testing.T) {
	change := core.UserChange{Login: core.Set("kim"), Email: core.Clear[string](), Enabled: core.Set(false), Roles: core.Set([]string{"a"}),
		Fields: map[string]any{"big": json.Number("12345678901234567890"), "gone": nil},
		If:     core.Precondition{Revision: "7", Values: map[string]any{"n": json.Number("12345678901234567890")}}}
	secret := change
	secret.Password = core.Set(core.NewSecret("correct horse"))

	text, err := json.Marshal(secret)
	require.NoError(t, err)
	require.NotContains(t, string(text), "horse")
	var back core.UserChange
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, change, back)

	spec := core.UserSpec{Login: "kim", Enabled: core.Set(false), Fields: map[string]any{"big": json.Number("12345678901234567890")},
		Links: []core.Assignment{{Target: core.Target{Kind: core.KindQueue, ID: "1"}, Level: new(2)}}}
	withPassword := spec
	withPassword.Password = core.NewSecret("correct horse")
	text, err = json.Marshal(withPassword)
	require.NoError(t, err)
	require.NotContains(t, string(text), "horse")
	var backSpec core.UserSpec
	require.NoError(t, json.Unmarshal(text, &backSpec))
	require.Equal(t, spec, backSpec)

	require.Error(t, json.Unmarshal([]byte(`{"login": 7}`), &back))
	require.Error(t, json.Unmarshal([]byte(`{"roles": "a"}`), &backSpec))
}
