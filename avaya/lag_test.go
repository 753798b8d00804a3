package avaya_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

func TestWithReadLag_ShowsWritesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := avayatest.NewServer(avayatest.WithSampleData(), avayatest.WithReadLag(2*time.Second))
		c, err := avaya.New(avaya.Config{ClientOptions: core.ClientOptions{Transport: srv.Transport(), ReadBack: -1}, BaseURL: avayatest.Origin,
			AccountID: avayatest.AccountID, AppKey: core.NewSecret(avayatest.AppKey), Auth: avaya.Bearer{Token: core.NewSecret(avayatest.Bearer)}})
		require.NoError(t, err)
		id := srv.AddUser(`{"loginId":"l@example.com","firstName":"Le","lastName":"Old"}`)
		last := func() string {
			u, err := c.Users.Get(t.Context(), id)
			require.NoError(t, err, "what a test puts in place shows at once")
			return u.LastName
		}
		require.Equal(t, "Old", last())

		_, err = c.Users.Replace(t.Context(), avaya.User{UserID: id, LoginID: "l@example.com", FirstName: "Le", LastName: "New", OrganizationNodeID: avayatest.AccountID})
		require.NoError(t, err)
		u, _ := srv.User(id)
		require.Equal(t, "New", u["lastName"])
		require.Equal(t, "Old", last())
		time.Sleep(1900 * time.Millisecond)
		require.Equal(t, "Old", last())
		time.Sleep(200 * time.Millisecond)
		require.Equal(t, "New", last())

		made, err := c.Users.Create(t.Context(), avaya.User{LoginID: "n@example.com", FirstName: "Ne", LastName: "Wi"})
		require.NoError(t, err)
		_, err = c.Users.Get(t.Context(), made.UserID)
		require.ErrorIs(t, err, core.ErrNotFound)
		statuses, err := c.Users.ListStatuses(t.Context(), made.UserID)
		require.NoError(t, err)
		require.Empty(t, statuses)

		time.Sleep(2100 * time.Millisecond)
		_, err = c.Users.Get(t.Context(), made.UserID)
		require.NoError(t, err, "under the same id")
		statuses, err = c.Users.ListStatuses(t.Context(), made.UserID)
		require.NoError(t, err)
		require.True(t, statuses[0].Status.Is(avaya.StatusInProgress), "and as far as it was then")

		require.NoError(t, c.Users.Delete(t.Context(), made.UserID))
		_, err = c.Users.Get(t.Context(), made.UserID)
		require.NoError(t, err)
		time.Sleep(3 * time.Second)
		_, err = c.Users.Get(t.Context(), made.UserID)
		require.ErrorIs(t, err, core.ErrNotFound)
	})
}
