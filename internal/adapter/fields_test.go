package adapter_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

// table is the smallest one: what a row does is seen through Apply and Neutral.
func table(rows ...adapter.Row[clerk]) *adapter.Users[clerk] {
	return &adapter.Users[clerk]{Border: border(), Fields: rows, ID: func(c *clerk) string { return c.ID }}
}

// TestRows_ReadAndWrite: each kind of row shows what is there, nothing where nothing is
// there, takes a value, and is cleared.
func TestRows_ReadAndWrite(t *testing.T) {
	users := table(
		adapter.Text("login", "loginName", func(c *clerk) *string { return &c.Login }),
		adapter.OptText("email", "mail", func(c *clerk) *core.Opt[string] { return &c.Mail }),
		adapter.Switch("enabled", "active", func(c *clerk) *core.Opt[bool] { return &c.Active }),
		adapter.Texts("roles", "roles", func(c *clerk) *[]string { return &c.Roles }),
	)
	var u clerk
	require.Equal(t, core.User{Vendor: "desk", Account: "north", Native: &u}, users.Neutral(&u))

	require.NoError(t, users.Apply(core.OpUpdateUser, &u, core.UserChange{Login: core.Set("kim"), Email: core.Set("a@b"),
		Enabled: core.Set(false), Roles: core.Set([]string{"x"})}))
	is := users.Neutral(&u)
	require.Equal(t, []any{"kim", "a@b", new(false), []string{"x"}}, []any{is.Login, is.Email, is.Enabled, is.Roles})

	require.NoError(t, users.Apply(core.OpUpdateUser, &u, core.UserChange{Login: core.Clear[string](), Email: core.Clear[string](),
		Enabled: core.Clear[bool](), Roles: core.Clear[[]string]()}))
	require.Equal(t, clerk{Active: core.Set(false)}, u, "a switch has no third position")
}

// TestRows_EmptyTextIsLeftOut: an empty text is not sent as one, in a field that can say
// whether it is set.
func TestRows_EmptyTextIsLeftOut(t *testing.T) {
	users := table(adapter.OptText("email", "mail", func(c *clerk) *core.Opt[string] { return &c.Mail }))
	u := clerk{Mail: core.Set("a@b")}

	require.NoError(t, users.Apply(core.OpUpdateUser, &u, core.UserChange{Email: core.Set("")}))

	require.True(t, u.Mail.IsZero())
}

// TestRows_SayWhatTheyOffer: the refinements, and a field that the table lacks.
func TestRows_SayWhatTheyOffer(t *testing.T) {
	text := func() adapter.Row[clerk] {
		return adapter.Text("login", "loginName", func(c *clerk) *string { return &c.Login })
	}
	all := core.FieldCapability{Name: "login", Wire: "loginName", Readable: true, Settable: true, Changeable: true, Clearable: true}
	for _, c := range []struct {
		name string
		row  adapter.Row[clerk]
		want func(*core.FieldCapability)
	}{
		{"plain", text(), func(*core.FieldCapability) {}},
		{"read only", text().ReadOnly("why"), func(f *core.FieldCapability) {
			f.Settable, f.Changeable, f.Clearable, f.Note = false, false, false, "why"
		}},
		{"write only", text().WriteOnly("why"), func(f *core.FieldCapability) { f.Readable, f.Note = false, "why" }},
		{"on create", text().CreateOnly("why"), func(f *core.FieldCapability) { f.Changeable, f.Clearable, f.Note = false, false, "why" }},
		{"required", text().Required(), func(f *core.FieldCapability) { f.Required, f.Clearable = true, false }},
		{"kept", text().Kept(), func(f *core.FieldCapability) { f.Clearable = false }},
		{"noted", text().Noted("what"), func(f *core.FieldCapability) { f.Note = "what" }},
		{"lacking", adapter.Lacks[clerk]("login", "why"), func(f *core.FieldCapability) {
			*f = core.FieldCapability{Name: "login", Note: "why"}
		}},
		{"another field", adapter.Lacks[clerk]("email", "why"), func(f *core.FieldCapability) {
			*f = core.FieldCapability{Name: "login", Note: "the vendor has no such field"}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := all
			c.want(&want)
			caps := core.Capabilities{Fields: table(c.row).Fields.Capabilities()}
			require.Equal(t, want, caps.Field("login"))
			require.Len(t, caps.Fields, len(core.Fields()))
		})
	}
}
