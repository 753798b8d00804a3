package webex_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// TestStoreUpdateUser_BuildsOnOwnWrites: a read that is older than the client's own write does
// not undo it.
func TestStoreUpdateUser_BuildsOnOwnWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, s := lagging(t, time.Second)
		_, err := s.UpdateUser(t.Context(), webextest.PersonAna, core.UserChange{LastName: core.Set("Souza")})
		require.NoError(t, err)
		_, err = s.UpdateUser(t.Context(), webextest.PersonAna, core.UserChange{DisplayName: core.Set("Ana S.")})
		require.NoError(t, err)
		p, _ := sim.Person(webextest.PersonAna)
		require.Equal(t, []any{"Souza", "Ana S."}, []any{p["lastName"], p["displayName"]})
	})
}

// TestStoreUpdateUser_KnowsTheLoginItWrote: a look-up of the login is as old as the reads are.
func TestStoreUpdateUser_KnowsTheLoginItWrote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, s := lagging(t, 10*time.Second)
		id := sim.AddPerson(`{"emails":["vera@example.test","vera@other.test"],"displayName":"Vera","firstName":"Vera"}`)
		time.Sleep(time.Minute)
		s.UpdateUser(t.Context(), id, core.UserChange{Login: core.Set("verena@example.test")})
		_, err := s.UpdateUser(t.Context(), id, core.UserChange{FirstName: core.Set("Verena")})
		require.NotErrorIs(t, err, core.ErrIncomplete)

		p, _ := sim.Person(id)
		require.Equal(t, []any{"Verena", []any{"verena@example.test", "vera@other.test"}}, []any{p["firstName"], p["emails"]})
	})
}

// TestStoreCreateUser_CreatedThenNotFound: to a caller of a create, not found would say the
// contrary of what happened.
func TestStoreCreateUser_CreatedThenNotFound(t *testing.T) {
	for lag, want := range map[time.Duration]error{time.Second: nil, time.Hour: core.ErrNotApplied} {
		synctest.Test(t, func(t *testing.T) {
			sim := webextest.NewServer(webextest.WithSampleData(), webextest.WithReadLag(lag))
			c := over(t, sim, webex.Assist, readBack(0), transport(brief{sim.Transport()}))
			u, err := c.Store().CreateUser(t.Context(), kim)
			require.NotEmpty(t, u.ID)
			if want == nil {
				require.NoError(t, err)
				require.Equal(t, kim.Login, u.Login)
				return
			}
			require.ErrorIs(t, err, want)
			require.NotErrorIs(t, err, core.ErrNotFound)
			require.Equal(t, core.AppliedYes, resttest.ErrorOf(t, err).Applied)
		})
	}
}
