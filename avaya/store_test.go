package avaya_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

func TestAFieldNamedInBothWaysIsRefused(t *testing.T) {
	simulate(t, func(b *bench) {
		secret := core.NewSecret("Zq7!mTr2kW9p")
		for wire, neutral := range map[string]core.UserChange{
			"loginId": {Login: core.Set("a@b.cc")}, "firstName": {FirstName: core.Set("Al")}, "lastName": {LastName: core.Set("Be")},
			"emailId": {Email: core.Set("a@b.cc")}, "roles": {Roles: core.Set([]string{"Agent"})}, "password": {Password: core.Set(secret)},
		} {
			for name, value := range map[string]any{"set": json.RawMessage(`"c@d.ee"`), "null": json.RawMessage(`null`), "clear": core.Clear[any]()} {
				change := neutral
				change.Fields = map[string]any{wire: value}
				_, err := b.store.UpdateUser(b.Context(), someUser, change)
				require.ErrorIs(b, err, core.ErrInvalid, "%s %s", wire, name)
				require.ErrorContains(b, err, wire)
				require.Equal(b, core.AppliedNo, appliedOf(b, err))

				spec := core.UserSpec{Login: "a@b.cc", FirstName: "Al", LastName: "Be", Email: "a@b.cc", Roles: []string{"Agent"}, Password: secret,
					Fields: map[string]any{wire: value}}
				_, err = b.store.CreateUser(b.Context(), spec)
				require.ErrorIs(b, err, core.ErrInvalid, "%s %s", wire, name)
			}
		}
		_, err := b.store.UpdateUser(b.Context(), someUser, core.UserChange{Email: core.Clear[string](), Fields: map[string]any{"emailId": "a@b.cc"}})
		require.ErrorIs(b, err, core.ErrInvalid, "to clear is to name")
		require.Empty(b, b.srv.Requests())

		_, err = b.store.CreateUser(b.Context(), core.UserSpec{Login: "a@b.cc", FirstName: "Al", LastName: "Be",
			Fields: map[string]any{"emailId": "al@example.com", "roles": []string{"Agent"}, "lastName": core.Opt[string]{}}})
		require.NoError(b, err, "named in one way, or kept")
	})
}

func TestClearingWhatIsNothingIsRefused(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("known")
		for _, name := range []string{"", "features.voice", "id", "userId"} {
			_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{Fields: map[string]any{name: core.Clear[any]()}})
			require.ErrorIs(b, err, core.ErrInvalid, "%q", name)
			_, err = b.store.UpdateUser(b.Context(), id, core.UserChange{Fields: map[string]any{name: json.RawMessage(`{}`)}})
			require.ErrorIs(b, err, core.ErrInvalid, "%q", name)
			_, err = b.store.CreateUser(b.Context(), core.UserSpec{Login: "a@b.cc", FirstName: "Al", LastName: "Be", Fields: map[string]any{name: 1}})
			require.ErrorIs(b, err, core.ErrInvalid, "%q", name)
		}
		require.Empty(b, b.srv.Requests(), "before any traffic")
		for _, name := range []string{"Email", "emailid", "nowhere", "ROLES"} {
			_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{Fields: map[string]any{name: core.Clear[any]()}})
			require.ErrorIs(b, err, core.ErrInvalid, name)
			require.Equal(b, core.AppliedNo, appliedOf(b, err))
		}
		require.Empty(b, b.srv.Requests("users.replace"))
		for _, name := range []string{"x-badge", "displayName", "addresses"} { // there, or known
			_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{Fields: map[string]any{name: core.Clear[any]()}})
			require.NoError(b, err, name)
		}
	})
}

func TestARoleWithoutANameIsRefused(t *testing.T) {
	simulate(t, func(b *bench) {
		_, err := b.store.UpdateUser(b.Context(), someUser, core.UserChange{Roles: core.Set([]string{"Agent", ""})})
		require.ErrorIs(b, err, core.ErrInvalid)
		_, err = b.store.CreateUser(b.Context(), core.UserSpec{Login: "a@b.cc", FirstName: "Al", LastName: "Be", Roles: []string{" "}})
		require.ErrorIs(b, err, core.ErrInvalid)
		require.Empty(b, b.srv.Requests())
	})
}

func TestACreateIsComparedWithItsAnswer(t *testing.T) {
	simulate(t, func(b *bench) {
		spec := core.UserSpec{Login: "a@b.cc", FirstName: "Al", LastName: "Be", Email: "al@example.com"}
		b.srv.AddUser(`{"userId":"` + otherUser + `","loginId":"a@b.cc","firstName":"Al","lastName":"Be","emailId":"other@example.com"}`)
		b.srv.Fault(avayatest.Fault{Op: "users.create", Status: 202, ContentType: "application/json",
			Body: `{"userId":"` + otherUser + `","loginId":"a@b.cc","firstName":"Al","lastName":"Be","emailId":"other@example.com"}`})
		u, err := b.store.CreateUser(b.Context(), spec)
		require.ErrorIs(b, err, core.ErrNotApplied)
		require.ErrorContains(b, err, "emailId")
		require.Equal(b, core.AppliedYes, appliedOf(b, err))
		require.Equal(b, otherUser, u.ID, "there it is, and its id is needed")

		answer := func(id string) avayatest.Fault {
			return avayatest.Fault{Op: "users.create", Status: 202, ContentType: "application/json", Body: `{"userId":"` + id + `"}`}
		}
		b.srv.Fault(answer(someUser))
		u, err = b.store.CreateUser(b.Context(), spec)
		require.ErrorIs(b, err, core.ErrNotApplied, "what an answer leaves out is looked at")
		require.NotErrorIs(b, err, core.ErrNotFound)
		require.Equal(b, core.AppliedUnknown, appliedOf(b, err))
		require.Equal(b, someUser, u.ID)

		b.srv.ChangeUser(otherUser, `{"emailId":"al@example.com"}`)
		b.srv.Fault(answer(otherUser))
		u, err = b.store.CreateUser(b.Context(), spec)
		require.NoError(b, err)
		require.Equal(b, "Be", u.LastName, "and what was seen is returned")

		somebody := b.srv.AddUser(`{"loginId":"else@example.com"}`)
		b.srv.Fault(answer(somebody))
		u, err = b.store.CreateUser(b.Context(), spec)
		require.ErrorIs(b, err, core.ErrProtocol, "the id is somebody else's")
		require.NotErrorIs(b, err, core.ErrConflict)
		require.Empty(b, u.ID)
	})
}
