package adapter_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// clerk is a vendor's user.
type clerk struct {
	ID     string           `json:"id"`
	Login  string           `json:"loginName"`
	Mail   core.Opt[string] `json:"mail,omitzero"`
	Active core.Opt[bool]   `json:"active,omitzero"`
	Roles  []string         `json:"roles,omitzero"`
	Born   string           `json:"born,omitzero"`
	Secret core.Secret      `json:"secret,omitzero"`
	Rev    core.Revision    `json:"-"`
	Extra  core.Extra       `json:"-"`
}

func (c *clerk) UnmarshalJSON(data []byte) error { return wire.UnmarshalFields(data, c) }
func (c clerk) MarshalJSON() ([]byte, error)     { return wire.MarshalFields(c) }

func clerks() *adapter.Users[clerk] {
	return &adapter.Users[clerk]{
		Border: adapter.Border{Vendor: "desk", Account: "north"},
		Fields: adapter.Fields[clerk]{
			adapter.Text("login", "loginName", func(c *clerk) *string { return &c.Login }).Required().
				Checked(func(v any) string {
					if v == "root" {
						return "is reserved"
					}
					return ""
				}),
			adapter.OptText("email", "mail", func(c *clerk) *core.Opt[string] { return &c.Mail }),
			adapter.Switch("enabled", "active", func(c *clerk) *core.Opt[bool] { return &c.Active }).Kept(),
			adapter.Texts("roles", "roles", func(c *clerk) *[]string { return &c.Roles }),
			adapter.Text("lastName", "born", func(c *clerk) *string { return &c.Born }).CreateOnly("a birth name stays"),
			adapter.Lacks[clerk]("displayName", "a clerk has no display name"),
			adapter.Value[clerk]("firstName", "given", func(*clerk) any { return "Kim" }, nil).ReadOnly("the directory sets it"),
		},
		ID: func(c *clerk) string { return c.ID }, Revision: func(c *clerk) core.Revision { return c.Rev },
		Password: func(c *clerk, s core.Secret) { c.Secret = s }, PasswordField: "secret",
		Closed:   map[string]string{"id": "is set by the vendor only"},
		Required: []string{"desk"},
		Rules:    evidence.Rules{Fields: map[string]evidence.Rule{"roles": {Set: true}, "mail": {Fold: true}}},
	}
}

func TestUsers_RefusesBeforeAnythingIsSent(t *testing.T) {
	for _, c := range []struct {
		name    string
		create  *core.UserSpec
		change  core.UserChange
		class   core.Class
		message string
	}{
		{name: "fine", change: core.UserChange{Login: core.Set("kim"), Email: core.Clear[string](), Fields: map[string]any{"floor": 3}}},
		{name: "a field the vendor lacks", change: core.UserChange{DisplayName: core.Set("Kim")}, class: core.ClassUnsupported,
			message: "a clerk has no display name"},
		{name: "clearing a field the vendor lacks", change: core.UserChange{DisplayName: core.Clear[string]()}, class: core.ClassUnsupported,
			message: "no display name"},
		{name: "a field that is read only", change: core.UserChange{FirstName: core.Set("Lee")}, class: core.ClassUnsupported,
			message: "the directory sets it"},
		{name: "a field of creation", change: core.UserChange{LastName: core.Set("Park")}, class: core.ClassUnsupported,
			message: "a birth name stays"},
		{name: "clearing what is required", change: core.UserChange{Login: core.Clear[string]()}, class: core.ClassInvalid,
			message: "login (loginName) is required and cannot be cleared"},
		{name: "emptying what is required", change: core.UserChange{Login: core.Set(" ")}, class: core.ClassInvalid, message: "required"},
		{name: "clearing a switch", change: core.UserChange{Enabled: core.Clear[bool]()}, class: core.ClassInvalid,
			message: "enabled (active) is required and cannot be cleared"},
		{name: "a value that cannot be", change: core.UserChange{Login: core.Set("root")}, class: core.ClassInvalid,
			message: "login (loginName) is reserved"},
		{name: "named in two ways", change: core.UserChange{Email: core.Set("a@b"), Fields: map[string]any{"mail": "c@d"}},
			class: core.ClassInvalid, message: "mail is named in two ways"},
		{name: "named in two ways, one kept", change: core.UserChange{Email: core.Set("a@b"),
			Fields: map[string]any{"mail": core.Opt[string]{}}}},
		{name: "a password that is cleared", change: core.UserChange{Password: core.Clear[core.Secret]()}, class: core.ClassInvalid,
			message: "replaced and not cleared"},
		{name: "a password in two ways", change: core.UserChange{Password: core.Set(core.NewSecret("x")), Fields: map[string]any{"secret": "y"}},
			class: core.ClassInvalid, message: "two ways"},
		{name: "a field of the vendor's own", change: core.UserChange{Fields: map[string]any{"id": "7"}}, class: core.ClassInvalid,
			message: "id is set by the vendor only"},
		{name: "clearing a required vendor field", change: core.UserChange{Fields: map[string]any{"desk": nil}}, class: core.ClassInvalid,
			message: "desk is required"},
		{name: "clearing a required field by its wire name", change: core.UserChange{Fields: map[string]any{"loginName": ""}},
			class: core.ClassInvalid, message: "loginName is required"},
		{name: "no name", change: core.UserChange{Fields: map[string]any{"": 1}}, class: core.ClassInvalid, message: "not the name of a field"},

		{name: "a creation", create: &core.UserSpec{Login: "kim", LastName: "Park"}},
		{name: "a creation by wire name", create: &core.UserSpec{Fields: map[string]any{"loginName": "kim"}}},
		{name: "a creation without what is required", create: &core.UserSpec{Email: "a@b"}, class: core.ClassInvalid,
			message: "login (loginName) is required"},
		{name: "a creation that clears", create: &core.UserSpec{Login: "kim", Enabled: core.Clear[bool]()}, class: core.ClassInvalid,
			message: "cannot be cleared"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err, op := clerks().CheckChange(c.change), core.OpUpdateUser
			if c.create != nil {
				err, op = clerks().CheckCreate(*c.create), core.OpCreateUser
			}
			if c.class == "" {
				require.NoError(t, err)
				return
			}
			require.Equal(t, c.class, core.ClassOf(err))
			require.ErrorContains(t, err, c.message)
			require.ErrorContains(t, err, "desk north: "+string(op))
		})
	}
}

func TestUsers_Apply(t *testing.T) {
	u := clerk{ID: "7", Login: "kim", Mail: core.Set("a@b"), Roles: []string{"a"}, Extra: core.Extra{"floor": []byte("3")}}
	change := core.UserChange{
		Login: core.Set("lee"), Email: core.Clear[string](), Enabled: core.Set(false), Roles: core.Set([]string{"b"}),
		Password: core.Set(core.NewSecret("x")),
		Fields:   map[string]any{"floor": nil, "desk": 4},
	}
	require.NoError(t, clerks().Apply(core.OpUpdateUser, &u, change))
	require.Equal(t, clerk{ID: "7", Login: "lee", Active: core.Set(false), Roles: []string{"b"}, Secret: u.Secret,
		Extra: core.Extra{"desk": []byte("4")}}, u)
	require.Equal(t, "x", u.Secret.Reveal())

	err := clerks().Apply(core.OpUpdateUser, &u, core.UserChange{Fields: map[string]any{"flor": nil}})
	require.ErrorIs(t, err, core.ErrInvalid, "a misspelt name would change nothing and count as done")
	err = clerks().Apply(core.OpUpdateUser, &u, core.UserChange{Fields: map[string]any{"loginName": map[string]any{"a": 1}}})
	require.ErrorIs(t, err, core.ErrInvalid)
}

func TestUsers_NeutralAndCapabilitiesAgree(t *testing.T) {
	u := clerk{ID: "7", Login: "kim", Mail: core.Set("a@b"), Active: core.Set(true), Rev: "9"}
	got := clerks().Neutral(&u)
	require.Equal(t, core.User{Vendor: "desk", Account: "north", ID: "7", Login: "kim", FirstName: "Kim", Email: "a@b", Enabled: new(true),
		Revision: "9", Native: &u}, got)

	caps := core.Capabilities{Fields: clerks().Fields.Capabilities()}
	require.Len(t, caps.Fields, len(core.Fields()))
	require.Equal(t, core.FieldCapability{Name: "login", Wire: "loginName", Readable: true, Settable: true, Changeable: true, Required: true},
		caps.Field("login"))
	require.Equal(t, core.FieldCapability{Name: "firstName", Wire: "given", Readable: true, Note: "the directory sets it"},
		caps.Field("firstName"))
	require.Equal(t, core.FieldCapability{Name: "lastName", Wire: "born", Readable: true, Settable: true, Note: "a birth name stays"},
		caps.Field("lastName"))
	require.Equal(t, core.FieldCapability{Name: "displayName", Note: "a clerk has no display name"}, caps.Field("displayName"))
	require.True(t, caps.Field("email").Clearable)
}

func TestUsers_Holds(t *testing.T) {
	u := clerk{ID: "7", Login: "kim", Mail: core.Set("A@b"), Roles: []string{"x", "y"}, Rev: "9", Extra: core.Extra{"floor": []byte("3")}}
	for _, c := range []struct {
		name  string
		if_   core.Precondition
		holds bool
	}{
		{"nothing", core.Precondition{}, true},
		{"the revision", core.Precondition{Revision: "9"}, true},
		{"another revision", core.Precondition{Revision: "8"}, false},
		{"values", core.Precondition{Values: map[string]any{"email": "a@B", "roles": []string{"y", "x"}, "floor": 3, "enabled": nil,
			"born": nil}}, true},
		{"another value", core.Precondition{Values: map[string]any{"login": "lee"}}, false},
		{"a value that was absent", core.Precondition{Values: map[string]any{"email": nil}}, false},
		{"a role less", core.Precondition{Values: map[string]any{"roles": []any{"x"}}}, false},
		{"another vendor field", core.Precondition{Values: map[string]any{"floor": 4}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := clerks().Holds(core.OpUpdateUser, &u, c.if_)
			if c.holds {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, core.ErrRevision)
			e := err.(*core.Error)
			require.Equal(t, core.AppliedNo, e.Applied)
		})
	}
}

func TestUsers_Unmet(t *testing.T) {
	users := clerks()
	was := clerk{Login: "kim", Mail: core.Set("a@b"), Roles: []string{"x"}}
	sent := clerk{Login: "lee", Mail: core.Set("A@b"), Roles: []string{"y", "x"}}
	require.Empty(t, users.Unmet(core.UserChange{}, &was, &sent, &clerk{Login: "lee", Mail: core.Set("a@b"), Roles: []string{"x", "y"}}))
	require.Equal(t, []string{"loginName", "roles"}, users.Unmet(core.UserChange{}, &was, &sent, &was))

	// What a change names is compared even where it was so before.
	change := core.UserChange{Login: core.Set("kim")}
	require.Equal(t, []string{"loginName"}, users.Unmet(change, &was, &was, &clerk{Login: "x", Mail: was.Mail, Roles: was.Roles}))
	require.Equal(t, []string{"loginName"}, users.Unmet(change, nil, &was, &clerk{}))
}

// TestUsers_RulesFor: what may stand in a field can depend on the rest of the user, and a
// precondition asks for the values as they were seen, whatever a write tolerates.
func TestUsers_RulesFor(t *testing.T) {
	users := clerks()
	users.RulesFor = func(is *clerk) evidence.Rules {
		anything := func(json.RawMessage) bool { return is.Login == "boss" }
		return evidence.Rules{Fields: map[string]evidence.Rule{"roles": {Set: true, MayGrow: true, Emptied: anything}}}
	}
	was, sent := clerk{Roles: []string{"x"}}, clerk{}
	change := core.UserChange{Roles: core.Clear[[]string]()}
	require.Equal(t, []string{"roles"}, users.Unmet(change, &was, &sent, &clerk{Login: "kim", Roles: []string{"x"}}))
	require.Empty(t, users.Unmet(change, &was, &sent, &clerk{Login: "boss", Roles: []string{"x"}}))

	is := clerk{Login: "boss", Roles: []string{"x", "y"}}
	for _, seen := range []any{nil, []any{"x"}} {
		err := users.Holds(core.OpUpdateUser, &is, core.Precondition{Values: map[string]any{"roles": seen}})
		require.ErrorIs(t, err, core.ErrRevision, "%v", seen)
	}
	require.NoError(t, users.Holds(core.OpUpdateUser, &is, core.Precondition{Values: map[string]any{"roles": []any{"y", "x"}}}))
}

// TestUsers_AFieldIsNamedInOneWay whatever the value is that stands beside the neutral
// one, and it is not one that keeps.
func TestUsers_AFieldIsNamedInOneWay(t *testing.T) {
	for _, fields := range []map[string]any{nil, {"loginName": "a"}, {"other": 1}, {"mail": core.Opt[any]{}}} {
		require.NoError(t, clerks().CheckChange(core.UserChange{Email: core.Set("a@b"), Fields: fields}), "%v", fields)
	}
	for _, v := range []any{"a", nil, core.Clear[any](), core.Set[any]("a"), core.Secret{}} {
		err := clerks().CheckChange(core.UserChange{Email: core.Set("a@b"), Fields: map[string]any{"mail": v, "other": 1}})
		require.ErrorIs(t, err, core.ErrInvalid, "%v", v)
		require.ErrorContains(t, err, "mail is named in two ways")
	}
}
