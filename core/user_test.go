package core_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestUnmetNamesWhatAUserDoesNotShow(t *testing.T) {
	u := core.User{Login: "Dana@Example.com", FirstName: "Dana", LastName: "Reyes", Email: "d@example.com", Enabled: new(true),
		Roles: []string{"B", "A"}}
	require.Empty(t, core.UserChange{}.Unmet(u), "what a change keeps cannot be unmet")
	require.Empty(t, core.UserChange{Login: core.Set("dana@example.com"), LastName: core.Set(" Reyes"), DisplayName: core.Clear[string](),
		Enabled: core.Set(true), Roles: core.Set([]string{"A", "B", "A"})}.Unmet(u))
	require.Equal(t, []string{"login", "firstName", "lastName", "displayName", "email", "enabled", "roles"}, core.UserChange{
		Login: core.Set("x"), FirstName: core.Clear[string](), LastName: core.Set("R"), DisplayName: core.Set("D"), Email: core.Clear[string](),
		Enabled: core.Set(false), Roles: core.Clear[[]string]()}.Unmet(u))
	require.Equal(t, []string{"enabled"}, core.UserChange{Enabled: core.Set(true)}.Unmet(core.User{}))
}
