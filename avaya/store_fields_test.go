package avaya_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestStore_TextThatIsNotUTF8IsInvalidBeforeAnyTraffic(t *testing.T) {
	const bad = "J\xfcrg"
	c, mt := mocked(t, "GET", usersPath+"/"+someUser, answered(200, `{}`))
	s := c.Store()
	_, err := s.CreateUser(t.Context(), core.UserSpec{Login: "a@b.cc", FirstName: bad, LastName: "Be"})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "firstName"+" holds text that is not UTF-8")

	_, err = s.UpdateUser(t.Context(), someUser, core.UserChange{LastName: core.Set(bad)})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "lastName"+" holds text that is not UTF-8")
	_, err = s.UpdateUser(t.Context(), someUser, core.UserChange{Fields: map[string]any{"costCentre": map[string]any{"city": bad}}})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "costCentre.city holds text that is not UTF-8")
	require.Zero(t, mt.GetTotalCallCount())
}

func TestStoreUpdateUser_OmitsAClearedField(t *testing.T) {
	simulate(t, func(b *bench) {
		id := b.srv.AddUser(`{"loginId":"c@example.com","firstName":"Cle","lastName":"Ar","displayName":"Ar, Cle","emailId":"cle@example.com",` +
			`"roles":["Agent"],"x-desk":4}`)
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{Email: core.Clear[string](),
			Roles: core.Clear[[]string](), Fields: map[string]any{"displayName": core.Clear[any](), "x-desk": core.Clear[any]()}})
		require.NoError(b, err)
		own := b.own(id)
		for _, name := range []string{"displayName", "emailId", "roles", "x-desk"} {
			require.NotContains(b, own, name)
		}
		require.NotContains(b, string(b.srv.Requests("Users.Replace")[0].Body), "null")
		for name, change := range map[string]core.UserChange{
			"login": {Login: core.Clear[string]()}, "first": {FirstName: core.Clear[string]()}, "last": {LastName: core.Set("")},
			"node by wire name":  {Fields: map[string]any{"organizationNodeId": core.Clear[any]()}},
			"login by wire name": {Fields: map[string]any{"loginId": json.RawMessage(`null`)}},
			"password":           {Password: core.Clear[core.Secret]()},
			"read only":          {Fields: map[string]any{"userId": "x"}},
			"wrong type":         {Fields: map[string]any{"roles": 5}},
		} {
			_, err := b.store.UpdateUser(b.Context(), id, change)
			require.ErrorIs(b, err, core.ErrInvalid, name)
		}
		_, err = b.store.UpdateUser(b.Context(), id, core.UserChange{Enabled: core.Set(false)})
		require.ErrorIs(b, err, errors.ErrUnsupported)
		require.Len(b, b.srv.Requests("Users.Replace"), 1)
	})
}
