package avaya_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

func TestInherited_ValuesAreNotPinned(t *testing.T) {
	simulate(t, func(b *bench) {
		group := b.srv.AddGroup(`{"name":"Night"}`)
		profile := b.srv.AddProfile(`{"profileName":"Night voice","roles":["Agent"],"memberOfGroups":["` + group + `"],
			"features":{"voice":{"autoAnswer":true}}}`)
		id := b.srv.AddUser(`{"loginId":"n@example.com","firstName":"Nia","lastName":"Night","profileId":"` + profile + `"}`)

		u, err := b.client.Users.Get(b.Context(), id)
		require.NoError(b, err)
		require.Equal(b, []string{"Agent"}, u.Roles, "reading gives the effective user")

		_, err = b.store.UpdateUser(b.Context(), id, core.UserChange{LastName: core.Set("Day")})
		require.NoError(b, err)
		own := b.own(id)
		require.Equal(b, "Day", own["lastName"])
		require.Equal(b, profile, own["profileId"])
		for _, name := range []string{"roles", "memberOfGroups", "features", "uxProfileId"} {
			require.NotContains(b, own, name, "a change that did not name it must not make it the user's own")
		}

		b.srv.ChangeProfile(profile, `{"roles":["Agent","Supervisor"]}`)
		u, err = b.client.Users.Get(b.Context(), id)
		require.NoError(b, err)
		require.Equal(b, []string{"Agent", "Supervisor"}, u.Roles, "the user still follows the profile")
	})
}

func TestInherited_OwnValuesStayOwn(t *testing.T) {
	simulate(t, func(b *bench) {
		profile := b.srv.AddProfile(`{"profileName":"Base","roles":["Agent"],"features":{"voice":{}}}`)
		id := b.srv.AddUser(`{"loginId":"o@example.com","firstName":"Ona","lastName":"Own","profileId":"` + profile + `",
			"roles":["Agent","Supervisor"],"features":{"chat":{"multiplicity":2}}}`)
		before := b.own(id)
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{FirstName: core.Set("Una")})
		require.NoError(b, err)
		before["firstName"] = "Una"
		require.Equal(b, before, b.own(id))
	})
}

func TestInherited_AssigningSaysThatFeaturesBecomeOwn(t *testing.T) {
	simulate(t, func(b *bench) {
		queue := b.srv.AddQueue(`{"name":"Iberia"}`)
		profile := b.srv.AddProfile(`{"profileName":"Base","roles":["Agent"],"features":{"voice":{"autoAnswer":true}}}`)
		id := b.srv.AddUser(`{"loginId":"p@example.com","firstName":"Pau","lastName":"Pin","profileId":"` + profile + `"}`)
		out, err := b.store.Assign(b.Context(), core.Assignment{UserID: id, Target: core.Target{Kind: core.KindQueue, ID: queue}})
		require.NoError(b, err)
		require.Equal(b, core.ResultApplied, out[0].Result)
		require.Contains(b, out[0].Message, "features came from the profile")
		own := b.own(id)
		require.Contains(b, own["features"], "voice", "the profile's voice is kept, now as the user's own")
		require.NotContains(b, own, "roles", "roles were not named and stay with the profile")
	})
}

func TestInherited_AnUnreadableProfileRefusesTheWrite(t *testing.T) {
	simulate(t, func(b *bench) {
		profile := b.srv.AddProfile(`{"profileName":"Base","roles":["Agent"]}`)
		id := b.srv.AddUser(`{"loginId":"q@example.com","firstName":"Quim","lastName":"Que","profileId":"` + profile + `"}`)
		b.srv.Fault(avayatest.Fault{Op: "Profiles.Get", Status: 403})
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{FirstName: core.Set("Kim")})
		require.ErrorIs(b, err, core.ErrIncomplete)
		require.Equal(b, core.AppliedNo, appliedOf(b, err))
		require.Empty(b, b.srv.Requests("Users.Replace"))
	})
}

func TestInherited_ANamedFieldBecomesTheUsersOwn(t *testing.T) {
	simulate(t, func(b *bench) {
		profile := b.srv.AddProfile(`{"profileName":"Lead","roles":["Supervisor"],"features":{"chat":{"multiplicity":2}}}`)
		id := b.srv.AddUser(`{"loginId":"n@example.com","firstName":"Na","lastName":"Med","profileId":"` + profile + `"}`)
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{Roles: core.Set([]string{"Supervisor"})})
		require.NoError(b, err)
		require.Equal(b, []any{"Supervisor"}, b.own(id)["roles"])
		require.NotContains(b, b.own(id), "features", "what it did not name stays with the profile")
		_, err = b.store.UpdateUser(b.Context(), id,
			core.UserChange{Fields: map[string]any{"features": json.RawMessage(`{"chat":{"multiplicity":2}}`)}})
		require.NoError(b, err)
		require.Contains(b, b.own(id), "features")
	})
}

func TestInherited_TheLastGroupCanBeRemoved(t *testing.T) {
	simulate(t, func(b *bench) {
		group := b.srv.AddGroup(`{"name":"Night"}`)
		profile := b.srv.AddProfile(`{"profileName":"Lead","memberOfGroups":["` + group + `"]}`)
		id := b.srv.AddUser(`{"loginId":"n@example.com","firstName":"Na","lastName":"Med","profileId":"` + profile + `"}`)
		out, err := b.store.Unassign(b.Context(), link(id, core.KindGroup, group))
		require.NoError(b, err)
		require.Equal(b, core.ResultApplied, out[0].Result)
		require.Contains(b, string(b.srv.Requests("Users.Replace")[0].Body), `"memberOfGroups":[]`)
	})
}
