package avaya_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

// TestUsersModify_StandsOnOwnWrites: two changes in a row of different fields both
// hold, however late the first one shows.
func TestUsersModify_StandsOnOwnWrites(t *testing.T) {
	for _, lag := range []time.Duration{300 * time.Millisecond, time.Second, time.Hour} {
		simulate(t, func(b *bench) {
			id, queue := b.agent("own")
			before := b.own(id)
			_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{LastName: core.Set("Souza"), Password: core.Set(core.NewSecret("Zq7!mTr2kW9p"))})
			require.NoError(b, err)
			_, err = b.store.UpdateUser(b.Context(), id, core.UserChange{Email: core.Set("souza@example.com")})
			require.NoError(b, err)
			_, err = b.client.Users.Modify(b.Context(), id, func(u *avaya.User) error {
				u.Features.Matching.Queues[0].Proficiency = core.Set(1)
				return nil
			})
			require.NoError(b, err)
			_, err = b.client.Users.Modify(b.Context(), id, func(u *avaya.User) error { u.FirstName = "Dina"; return nil })
			require.NoError(b, err)

			own := b.own(id)
			require.Equal(b, []any{"Souza", "souza@example.com", "Dina"}, []any{own["lastName"], own["emailId"], own["firstName"]})
			require.Contains(b, fmt.Sprint(own["features"]), "proficiency:1", queue)
			require.Equal(b, before["x-nested"], own["x-nested"])
			puts := b.srv.Requests("Users.Replace")
			require.Contains(b, string(puts[0].Body), "Zq7!")
			for _, put := range puts[1:] {
				require.NotContains(b, string(put.Body), "Zq7!", "a password is not sent again")
			}
		}, avayatest.WithReadLag(lag))
	}
}

// TestUsersModify_YieldsToOthers: what is neither the value before nor the own one is
// another writer's, and newer.
func TestUsersModify_YieldsToOthers(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("others")
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{LastName: core.Set("Mine")})
		require.NoError(b, err)
		b.srv.ChangeUser(id, `{"lastName":"Theirs"}`)
		_, err = b.store.UpdateUser(b.Context(), id, core.UserChange{FirstName: core.Set("Dina")})
		require.NoError(b, err)
		require.Equal(b, "Theirs", b.own(id)["lastName"])
	})
}

// TestUsersModify_TwoSpellingsAreOneUser: the lock and the memory go by the UUID, in
// whichever case it is written.
func TestUsersModify_TwoSpellingsAreOneUser(t *testing.T) {
	simulate(t, func(b *bench) {
		id := b.srv.AddUser(`{"loginId":"race@example.com","firstName":"Ra","lastName":"Ce"}`)
		b.srv.Fault(avayatest.Fault{Op: "Users.Get", Times: -1, Delay: 10 * time.Millisecond}, avayatest.Fault{Op: "Users.Replace", Times: -1, Delay: 10 * time.Millisecond})
		inCapitals := &capitals{b.srv.Transport(), id}
		c := newClient(b.T, b.srv, func(o *core.ClientOptions) { o.Transport = inCapitals })
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				name := id
				if i%2 == 1 {
					name = strings.ToUpper(id)
				}
				_, err := c.Users.Modify(b.Context(), name, func(u *avaya.User) error {
					u.Roles = append(u.Roles, fmt.Sprintf("R%d", i))
					return nil
				})
				if err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
		require.Len(b, b.own(id)["roles"], 10, "no writer has overwritten another")
	})
}

// TestStore_WaitsForWhoItHasJustCreated: a user that does not show yet is not said to
// be not there.
func TestStore_WaitsForWhoItHasJustCreated(t *testing.T) {
	simulate(t, func(b *bench) {
		spec := core.UserSpec{Login: "n@example.com", FirstName: "Ne", LastName: "Wi", Roles: []string{"Agent"}}
		u, err := b.store.CreateUser(b.Context(), spec)
		require.NoError(b, err)
		got, err := b.store.GetUser(b.Context(), u.ID)
		require.NoError(b, err)
		require.Equal(b, "n@example.com", got.Login)
		spec.Login = "m@example.com"
		u, err = b.store.CreateUser(b.Context(), spec)
		require.NoError(b, err)
		_, err = b.store.UpdateUser(b.Context(), u.ID, core.UserChange{LastName: core.Set("Wo")})
		require.NoError(b, err)
		require.Equal(b, "Wo", b.own(u.ID)["lastName"])

		_, err = newClient(b.T, b.srv).Store().GetUser(b.Context(), "00000000-0000-4000-8000-000000000000")
		require.ErrorIs(b, err, core.ErrNotFound)
	}, avayatest.WithReadLag(time.Second))
}
