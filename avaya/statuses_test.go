package avaya_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

func TestListStatuses_OmitsUnknownIDs(t *testing.T) {
	for _, unknown := range []avayatest.UnknownStatuses{avayatest.UnknownOmitted, avayatest.Unknown404, avayatest.AnyUnknown404} {
		simulate(t, func(b *bench) {
			ids := b.srv.AddUsers(60)
			asked := append([]string{"00000000-0000-4000-8000-000000000000"}, ids...)
			list, err := core.Collect(b.client.Users.ListStatuses(b.Context(), asked...))
			require.NoError(b, err)
			require.Len(b, list, 60)
			require.LessOrEqual(b, len(b.srv.Requests("Users.ListStatuses")), 52)
		}, avayatest.WithUnknownStatuses(unknown))
	}
}

func TestListStatuses_EndsIncompleteWhereAChunkFails(t *testing.T) {
	simulate(t, func(b *bench) {
		ids := b.srv.AddUsers(60)
		b.srv.Fault(avayatest.Fault{Op: "Users.ListStatuses", Skip: 1, Times: -1, Status: 403})
		walk := b.client.Users.ListStatuses(b.Context(), ids...)
		require.Empty(b, b.srv.Requests("Users.ListStatuses"), "nothing is sent before the walk is ranged over")

		list, err := core.Collect(walk)
		require.ErrorIs(b, err, core.ErrIncomplete)
		require.ErrorIs(b, err, core.ErrPermission)
		require.Len(b, list, 50)
	})
}

func TestStatus_ReadsTheV1BetaForm(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("beta")
		cfg := config(avayatest.Origin)
		cfg.AppKey = core.Secret{}
		cfg.Transport = b.srv.Transport()
		c, err := avaya.New(cfg, avaya.WithV1Beta())
		require.NoError(b, err)
		u, err := c.Users.Get(b.Context(), id)
		require.NoError(b, err)
		require.Equal(b, id, u.UserID)
		log := b.srv.Requests("Users.Get")
		require.Contains(b, log[0].Path, "/v1beta/accounts/")
		require.Empty(b, log[0].Header.Get("Appkey"))
	})
}

func TestStatus_RepeatsNoSecretAndIsBounded(t *testing.T) {
	simulate(t, func(b *bench) {
		const password = `Zq7!"mTr2kW9p`
		b.srv.Fail(avayatest.Failure{Op: "Users.Create", Roles: true,
			Message: avayatest.AppKey + "\n" + avayatest.ClientSecret + " " + password + strings.Repeat(" and on", 5000)})
		u, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "s@example.com", FirstName: "St", LastName: "At",
			Roles: []string{"Agent"}, Password: core.NewSecret(password)})
		require.NoError(b, err)
		s, err := b.store.Settle(b.Context(), u.ID, core.SettleAfter(core.Created))
		require.ErrorIs(b, err, core.ErrFailed)
		dump := err.Error() + fmt.Sprintf("%+v", s)
		for _, secret := range []string{avayatest.AppKey, avayatest.ClientSecret, password} {
			require.NotContains(b, dump, secret)
		}
		require.NotContains(b, dump, "\n")
		require.Less(b, len(dump), 3000)
	})
}
