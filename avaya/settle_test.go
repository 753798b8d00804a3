package avaya_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

func TestSettlingSleepsNoLongerThanTheLongestWait(t *testing.T) {
	simulate(t, func(b *bench) {
		id, queue := b.agent("limited")
		store := newClient(b.T, b.srv, func(o *core.ClientOptions) { o.MaxWait = 2 * time.Second }).Store()
		b.srv.Fault(avayatest.Fault{Op: "Users.ListStatuses", Times: 3, Status: 429, RetryAfter: "10"})
		start := time.Now()
		refused := func(err error) {
			b.Helper()
			require.ErrorIs(b, err, core.ErrRateLimited)
			e := errorOf(b, err)
			require.Equal(b, []any{429, 10 * time.Second, core.AppliedUnknown}, []any{e.Status, e.RetryAfter, e.Applied})
			require.Less(b, time.Since(start), 3*time.Second)
			start = time.Now()
		}
		_, err := store.Settle(b.Context(), id, core.SettleWait(core.Wait{First: time.Second}))
		refused(err)
		_, err = store.Settle(b.Context(), id)
		refused(err)
		_, err = store.Unassign(b.Context(), link(id, core.KindQueue, queue))
		refused(err)
	})
}

func TestSettlingThatIsAskedToWaitBeyondItsDeadlineIsRefusedAndNotCanceled(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("late")
		b.srv.Fault(avayatest.Fault{Op: "Users.ListStatuses", Status: 503, RetryAfter: "60"})
		ctx, cancel := context.WithTimeout(b.Context(), 15*time.Second)
		defer cancel()
		_, err := b.store.Settle(ctx, id)
		require.ErrorIs(b, err, core.ErrUnavailable)
		require.Equal(b, time.Minute, errorOf(b, err).RetryAfter)
	})
}

// unlisted is a vendor that lists no status, at some looks or at all.
func unlisted(looks int) avayatest.Fault {
	return avayatest.Fault{Op: "Users.ListStatuses", Times: looks, Status: 200, ContentType: "application/json", Body: `[]`}
}

func TestAStatusThatIsNotListedYetIsWaitedFor(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.Fault(unlisted(5))
		b.srv.Fail(avayatest.Failure{Op: "Users.Create", Roles: true})
		u, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "n@example.com", FirstName: "Not", LastName: "Yet", Roles: []string{"Agent"}})
		require.NoError(b, err)
		_, err = b.store.Settle(b.Context(), u.ID, core.SettleAfter(core.Created))
		require.ErrorIs(b, err, core.ErrFailed, "an absent status is not yet an end")

		b.srv.Fault(unlisted(5))
		id := b.srv.AddUser(`{"loginId":"u@example.com","firstName":"Up","lastName":"Date"}`)
		b.srv.Fail(avayatest.Failure{Op: "Users.Replace", Roles: true})
		_, err = b.store.UpdateUser(b.Context(), id, core.UserChange{Roles: core.Set([]string{"Agent"})})
		require.NoError(b, err)
		_, err = newClient(b.T, b.srv).Store().Settle(b.Context(), id, core.SettleAfter(core.Updated))
		require.ErrorIs(b, err, core.ErrFailed, "and another process, which cannot know what was sent, waits as well")
	})
}

func TestAStatusThatIsNeverListedIsWaitedForAWhile(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("silent")
		b.srv.Fault(unlisted(-1))
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{Roles: core.Set([]string{"Supervisor"})})
		require.NoError(b, err)
		start := time.Now()
		s := b.settled(id, core.Updated)
		require.Equal(b, core.Settled, s.State)
		require.Equal(b, avaya.NeverListed, s.Raw)
		require.GreaterOrEqual(b, time.Since(start), 15*time.Second)
		require.Less(b, time.Since(start), time.Minute)
	})
}

func TestAnUpdateOfWhatHasNoStatusIsNotWaitedForLong(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.Fault(unlisted(-1))
		id, _ := b.agent("quiet")
		group := b.srv.AddGroup(`{"name":"Team"}`)
		quick := func(change func()) {
			b.Helper()
			change()
			start := time.Now()
			require.Equal(b, core.Settled, b.settled(id, core.Updated).State)
			require.Less(b, time.Since(start), 5*time.Second)
		}
		update := func(change core.UserChange) func() {
			return func() {
				b.Helper()
				_, err := b.store.UpdateUser(b.Context(), id, change)
				require.NoError(b, err)
			}
		}
		quick(update(core.UserChange{LastName: core.Set("Quiet")}))
		again := time.Now()
		b.settled(id, core.Updated)
		require.GreaterOrEqual(b, time.Since(again), 15*time.Second, "what is not known to be this client's change")
		quick(update(core.UserChange{Roles: core.Set([]string{"Agent"})})) // as they were
		start := time.Now()
		_, err := b.store.Assign(b.Context(), link(id, core.KindManagedGroup, group))
		require.NoError(b, err)
		require.Less(b, time.Since(start), 5*time.Second)

		for _, loud := range []struct {
			name        string
			least, most time.Duration
			do          func()
		}{
			{"roles", 15 * time.Second, 30 * time.Second, update(core.UserChange{Roles: core.Set([]string{"Agent", "Supervisor"})})},
			{"password", 5 * time.Second, 12 * time.Second, update(core.UserChange{Password: core.Set(core.NewSecret("Zq7!mTr2kW9p"))})},
			{"features", 15 * time.Second, 30 * time.Second, update(core.UserChange{Fields: map[string]any{"features": core.Clear[any]()}})},
			{"a replacement of all", 15 * time.Second, 30 * time.Second, func() {
				_, err := b.client.Users.Replace(b.Context(), avaya.User{UserID: id, LoginID: "q@example.com", FirstName: "Qu", LastName: "Iet", OrganizationNodeID: avayatest.AccountID})
				require.NoError(b, err)
			}},
		} {
			quick(update(core.UserChange{FirstName: core.Set("Quiet " + loud.name)}))
			loud.do()
			start := time.Now()
			b.settled(id, core.Updated)
			require.GreaterOrEqual(b, time.Since(start), loud.least, loud.name)
			require.Less(b, time.Since(start), loud.most, loud.name)
		}
		u, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "c@example.com", FirstName: "Cal", LastName: "Mly"})
		require.NoError(b, err)
		start = time.Now()
		b.settled(u.ID, core.Created)
		require.Less(b, time.Since(start), 5*time.Second, "a user with neither roles nor features")
	})
}

// late is a vendor that neither lists nor shows a user for a while.
func late(until time.Time) []avayatest.Fault {
	not := func(*http.Request, []byte) bool { return time.Now().Before(until) }
	return []avayatest.Fault{
		{Op: "Users.ListStatuses", Times: -1, Match: not, Status: 200, ContentType: "application/json", Body: `[]`},
		{Op: "Users.Get", Times: -1, Match: not, Status: 404, ContentType: "application/problem+json", Body: `{"title":"Resource Not Found","status":404}`},
	}
}

// TestSettle_WaitsForWhatWasNeverSeen: an id that no look has shown is waited for until
// the context ends; nobody has deleted it.
func TestSettle_WaitsForWhatWasNeverSeen(t *testing.T) {
	for name, other := range map[string]bool{"by who created it": false, "by another process": true} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(b *bench) {
				u, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "n@example.com", FirstName: "Ne", LastName: "Wi", Roles: []string{"Agent"}})
				require.NoError(b, err)
				b.srv.Fault(late(time.Now().Add(25 * time.Second))...)
				store := b.store
				if other {
					store = newClient(b.T, b.srv).Store()
				}
				ctx, cancel := context.WithTimeout(b.Context(), 20*time.Second)
				defer cancel()
				end, err := store.Settle(ctx, u.ID, core.SettleAfter(core.Created), core.SettleWait(core.Wait{Max: 2 * time.Second}))
				require.ErrorIs(b, err, core.ErrCanceled, "%+v", end)
				require.NotErrorIs(b, err, core.ErrNotFound)

				end, err = store.Settle(b.Context(), u.ID, core.SettleAfter(core.Created))
				require.NoError(b, err)
				require.Equal(b, core.Settled, end.State)
			})
		})
	}
}

// TestSettle_GoneNeedsALookThatSaw: a user that was seen and is there no more is gone.
func TestSettle_GoneNeedsALookThatSaw(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("seen")
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{LastName: core.Set("Souza")})
		require.NoError(b, err)
		b.srv.RemoveUser(id)
		end, err := b.store.Settle(b.Context(), id, core.SettleAfter(core.Updated))
		require.ErrorIs(b, err, core.ErrNotFound, "it was deleted")
		require.Equal(b, core.Gone, end.State)

		ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
		defer cancel()
		_, err = b.store.Settle(ctx, "00000000-0000-4000-8000-00000000dead")
		require.ErrorIs(b, err, core.ErrCanceled)
	})
}

// TestSettle_LooksForWhatThisClientAskedFor: the status of the change before is no end
// of this one, as long as the user does not show it.
func TestSettle_LooksForWhatThisClientAskedFor(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("stale")
		b.srv.Fail(avayatest.Failure{Op: "Users.Replace", Roles: true})
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{Roles: core.Set([]string{"Agent", "Supervisor"})})
		require.NoError(b, err)
		hide := func(*http.Request, []byte) bool { b.srv.ChangeUser(id, `{"roles":["Agent"]}`); return true }
		b.srv.Fault(avayatest.Fault{Op: "Users.Get", Match: hide})
		_, err = b.store.Settle(b.Context(), id, core.SettleAfter(core.Updated))
		require.ErrorIs(b, err, core.ErrFailed, "a COMPLETED that stood for two seconds was that of the change before")
	}, avayatest.WithDelays(avayatest.Delays{Progress: 2 * time.Second, Stale: 4 * time.Second}))
}

// TestSettle_TellsWhatDoesNotShow: what the vendor carried out and does not show is not
// applied, and what shows late is waited for.
func TestSettle_TellsWhatDoesNotShow(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("dropped")
		change := core.UserChange{Roles: core.Set([]string{"Agent", "Supervisor"})}
		_, err := b.store.UpdateUser(b.Context(), id, change)
		require.NoError(b, err)
		b.srv.ChangeUser(id, `{"roles":["Agent"]}`)
		_, err = b.store.Settle(b.Context(), id, core.SettleAfter(core.Updated))
		require.ErrorIs(b, err, core.ErrNotApplied)
		require.ErrorContains(b, err, "roles")
		require.Equal(b, core.AppliedUnknown, appliedOf(b, err))
		require.Equal(b, core.OpSettle, core.Operation(errorOf(b, err).Op))

		_, err = b.store.UpdateUser(b.Context(), id, change)
		require.NoError(b, err)
		_, err = newClient(b.T, b.srv).Store().Settle(b.Context(), id, core.SettleAfter(core.Updated))
		require.NoError(b, err, "another process goes by the status alone")
	})
}

func TestStoreSettleAll_PollsOnceForFifty(t *testing.T) {
	simulate(t, func(b *bench) {
		var ids []string
		b.srv.Fail(avayatest.Failure{Op: "Users.Create", Roles: true, Skip: 7})
		for i := range 60 {
			u, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: fmt.Sprintf("n%d@example.com", i), FirstName: "Ne", LastName: "Wi", Roles: []string{"Agent"}})
			require.NoError(b, err)
			ids = append(ids, u.ID)
		}
		ends := map[string]error{}
		for end, err := range b.store.SettleAll(b.Context(), append(ids, ids[0], "a/b"), core.SettleAfter(core.Created)) {
			require.NotContains(b, ends, end.UserID, "each once")
			ends[end.UserID] = err
		}
		require.Len(b, ends, 61)
		require.ErrorIs(b, ends["a/b"], core.ErrInvalid)
		for i, id := range ids {
			require.Equal(b, i == 7, ends[id] != nil, "%d: %v", i, ends[id])
		}
		require.ErrorIs(b, ends[ids[7]], core.ErrFailed)
		require.LessOrEqual(b, len(b.srv.Requests("Users.ListStatuses")), 4)

		slow, _ := b.agent("slow")
		b.srv.SetDelays(avayatest.Delays{Progress: time.Hour})
		_, err := b.store.UpdateUser(b.Context(), slow, core.UserChange{Roles: core.Set([]string{"Agent", "Supervisor"})})
		require.NoError(b, err)
		for end, err := range b.store.SettleAll(b.Context(), []string{slow, ids[0]}) {
			require.NoError(b, err)
			require.Equal(b, ids[0], end.UserID, "as it comes")
			break
		}
	})
}
