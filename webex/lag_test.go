package webex_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// lagging is a sample organisation whose reads are behind.
func lagging(t *testing.T, lag time.Duration) (*webextest.Server, *webex.Store) {
	t.Helper()
	sim := webextest.NewServer(webextest.WithSampleData(), webextest.WithReadLag(lag))
	return sim, over(t, sim, webex.Assist, readBack(0)).Store()
}

// brief answers a creation with the id alone, as minResponse does.
type brief struct{ http.RoundTripper }

func (b brief) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/people") {
		r = r.Clone(r.Context())
		r.URL.RawQuery += "&minResponse=true"
	}
	return b.RoundTripper.RoundTrip(r)
}

// TestStore_EndsAppliedWhereReadsLag: every write is waited for until it shows.
func TestStore_EndsAppliedWhereReadsLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s := lagging(t, time.Second)
		made, err := s.CreateUser(t.Context(), core.UserSpec{Login: "kim@example.test", FirstName: "Kim", Enabled: core.Set(false),
			Fields: map[string]any{"licenses": []string{webextest.LicenseProfessional, webextest.LicenseAssist}, "locationId": webextest.LocationAustin, "extension": "1099"},
			Links:  []core.Assignment{{Target: core.Target{Kind: core.KindQueue, ID: webextest.QueueSupport}, Level: new(2)}}})
		require.NoError(t, err)
		require.False(t, *made.Enabled)

		_, err = s.UpdateUser(t.Context(), made.ID, core.UserChange{LastName: core.Set("Park")})
		require.NoError(t, err)
		require.NoError(t, s.LiftBlocks(t.Context(), made.ID))
		block, err := s.Block(t.Context(), made.ID)
		require.NoError(t, err)
		require.Equal(t, []string{"loginEnabled"}, block.Changed)
		again, err := s.Block(t.Context(), made.ID)
		require.NoError(t, err)
		require.Empty(t, again.Changed, "the vendor has said so")
		require.NoError(t, s.Unblock(t.Context(), made.ID, block))

		for kind, id := range map[core.Kind]string{core.KindQueue: webextest.QueueSupport, core.KindSupervisor: webextest.PersonDana} {
			link := core.Assignment{UserID: made.ID, Target: core.Target{Kind: kind, ID: id}}
			if kind == core.KindQueue {
				outcomes, err := s.Suspend(t.Context(), link)
				require.NoError(t, err)
				require.Equal(t, []core.Result{core.ResultApplied}, results(outcomes))
				outcomes, err = s.Resume(t.Context(), link)
				require.NoError(t, err)
				require.Equal(t, []core.Result{core.ResultApplied}, results(outcomes))
			} else {
				outcomes, err := s.Assign(t.Context(), link)
				require.NoError(t, err)
				require.Equal(t, []core.Result{core.ResultApplied}, results(outcomes))
			}
			outcomes, err := s.Unassign(t.Context(), link)
			require.NoError(t, err)
			require.Equal(t, []core.Result{core.ResultApplied}, results(outcomes), kind)
		}
		require.NoError(t, s.DeleteUser(t.Context(), made.ID))
	})
}

// TestUpdateUser_BuildsOnOwnWrites: a read that is older than the client's own write does
// not undo it.
func TestUpdateUser_BuildsOnOwnWrites(t *testing.T) {
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

// TestUpdateUser_KnowsTheLoginItWrote: a look-up of the login is as old as the reads are.
func TestUpdateUser_KnowsTheLoginItWrote(t *testing.T) {
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

// TestStore_WhatNeverShowsIsUnknown: it may still come, and the next write builds on it.
func TestStore_WhatNeverShowsIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, s := lagging(t, 24*time.Hour)
		link := core.Assignment{UserID: webextest.PersonDev, Target: core.Target{Kind: core.KindQueue, ID: webextest.QueueSupport}}
		outcomes, err := s.Assign(t.Context(), link)
		e := resttest.ErrorOf(t, outcomes[0].Err)
		require.ErrorIs(t, err, core.ErrNotApplied)
		require.Equal(t, []any{core.ResultUnknown, core.AppliedUnknown}, []any{outcomes[0].Result, e.Applied})

		began := time.Now()
		other := core.Assignment{UserID: webextest.PersonErin, Target: link.Target}
		_, err = s.Assign(t.Context(), other)
		require.ErrorIs(t, err, core.ErrNotApplied)
		require.LessOrEqual(t, time.Since(began), 6*time.Second)
		for _, a := range []core.Assignment{link, other} {
			_, there := sim.QueueAgent(webextest.QueueSupport, a.UserID)
			require.True(t, there, "a stale read does not undo the first")
		}

		dana := core.Target{Kind: core.KindSupervisor, ID: webextest.PersonDana}
		outcomes, err = s.Assign(t.Context(), core.Assignment{UserID: webextest.PersonBen, Target: dana})
		require.ErrorIs(t, err, core.ErrNotApplied)
		require.Equal(t, []core.Result{core.ResultUnknown}, results(outcomes))

		err = s.DeleteUser(t.Context(), webextest.PersonMarco)
		require.ErrorIs(t, err, core.ErrNotApplied)
		require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
	})
}

// TestCreateUser_CreatedThenNotFound: to a caller of a create, not found would say the
// contrary of what happened.
func TestCreateUser_CreatedThenNotFound(t *testing.T) {
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
