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
		u, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "n@example.com", FirstName: "Not", LastName: "Yet",
			Roles: []string{"Agent"}})
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
				_, err := b.client.Users.Replace(b.Context(), avaya.User{UserID: id, LoginID: "q@example.com", FirstName: "Qu", LastName: "Iet",
					OrganizationNodeID: avayatest.AccountID})
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
		{Op: "Users.Get", Times: -1, Match: not, Status: 404, ContentType: "application/problem+json",
			Body: `{"title":"Resource Not Found","status":404}`},
	}
}

// TestSettle_WaitsForWhatWasNeverSeen: an id that no look has shown is waited for until
// the context ends; nobody has deleted it.
func TestSettle_WaitsForWhatWasNeverSeen(t *testing.T) {
	for name, other := range map[string]bool{"by who created it": false, "by another process": true} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(b *bench) {
				u, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "n@example.com", FirstName: "Ne", LastName: "Wi",
					Roles: []string{"Agent"}})
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
			u, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: fmt.Sprintf("n%d@example.com", i), FirstName: "Ne", LastName: "Wi",
				Roles: []string{"Agent"}})
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

func TestSettle_RolesFailAfterThe202(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.Fail(avayatest.Failure{Op: "Users.Create", Roles: true, Message: "no such licence"})
		u, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "r@example.com", FirstName: "Rol", LastName: "Fail",
			Roles: []string{"Agent"}})
		require.NoError(b, err, "the vendor said yes")
		s, err := b.store.Settle(b.Context(), u.ID, core.SettleAfter(core.Created))
		require.ErrorIs(b, err, core.ErrFailed)
		require.ErrorContains(b, err, "role (no such licence)")
		require.Equal(b, core.AppliedYes, appliedOf(b, err), "the user exists")
		require.Equal(b, core.Failed, s.State)
		require.Equal(b, "role", s.Parts[0].Name)
		require.Equal(b, core.Failed, s.Parts[0].State)
	})
}

func TestSettle_PasswordPolicyFailsUnderRole(t *testing.T) {
	simulate(t, func(b *bench) {
		u, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "p@example.com", FirstName: "Pol", LastName: "Icy",
			Roles: []string{"Agent"}, Password: core.NewSecret("Ab1!efgh")})
		require.NoError(b, err)
		_, err = b.store.Settle(b.Context(), u.ID, core.SettleAfter(core.Created))
		require.ErrorIs(b, err, core.ErrFailed)
		require.ErrorContains(b, err, "role")
	}, avayatest.WithPasswordRule(func(password string) bool { return len(password) >= 14 }))
}

func TestSettle_NamesAFailedPartInEitherSpelling(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.Fail(avayatest.Failure{Features: []string{"voice"}})
		u, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "v@example.com", FirstName: "Vox", LastName: "Out",
			Fields: map[string]any{"features": map[string]any{"voice": struct{}{}, "chat": map[string]int{"multiplicity": 1}}}})
		require.NoError(b, err)
		s, err := b.store.Settle(b.Context(), u.ID, core.SettleAfter(core.Created))
		require.ErrorIs(b, err, core.ErrFailed)
		require.ErrorContains(b, err, "voice")
		require.NotContains(b, err.Error(), "chat (", "what did not fail is not named")
		require.Equal(b, "ADD/Failed", partOf(b, s, "voice").Raw)
	}, avayatest.WithMixedCaseFailed())
}

func TestSettle_PendingIsDeferred(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("busy")
		b.srv.Login(id)
		_, err := b.client.Users.Modify(b.Context(), id, func(u *avaya.User) error {
			u.Features.Voice.AutoAnswer = core.Set(true)
			return nil
		})
		require.NoError(b, err)
		s := b.settled(id, core.Updated)
		require.Equal(b, core.Deferred, s.State)
		require.Equal(b, core.Deferred, partOf(b, s, "voice").State)

		// A caller that wants to can wait through it, for hours.
		done := make(chan core.Settlement)
		go func() {
			s, err := b.client.Users.Settle(b.Context(), id, core.SettleThroughDeferred())
			if err != nil {
				b.Error(err)
			}
			done <- s
		}()
		time.Sleep(9 * time.Hour)
		b.srv.Logout(id)
		require.Equal(b, core.Settled, (<-done).State)
	})
}

func TestSettle_DoesNotBelieveAStaleSuccess(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("stale")
		b.srv.Fail(avayatest.Failure{Op: "Users.Replace", Features: []string{"chat"}})
		_, err := b.client.Users.Modify(b.Context(), id, func(u *avaya.User) error {
			u.Features.Chat = &avaya.Channel{Multiplicity: core.Set(2)}
			return nil
		})
		require.NoError(b, err)
		_, err = b.client.Users.Settle(b.Context(), id, core.SettleAfter(core.Updated))
		require.ErrorIs(b, err, core.ErrFailed, "the COMPLETED of the change before must not pass for this one's")
	}, avayatest.WithDelays(avayatest.Delays{Progress: 4 * time.Second, Stale: 1500 * time.Millisecond, Gone: time.Second}))
}

func TestSettle_QuickPollingDoesNotMakeAStaleEndTrue(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("quick")
		b.srv.Fail(avayatest.Failure{Op: "Users.Replace", Roles: true})
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{Roles: core.Set([]string{"Supervisor"})})
		require.NoError(b, err)
		_, err = b.store.Settle(b.Context(), id, core.SettleAfter(core.Updated), core.SettleWait(core.Wait{First: 5 * time.Millisecond}))
		require.ErrorIs(b, err, core.ErrFailed, "many looks at one stale status are still one stale status")
	}, avayatest.WithDelays(avayatest.Delays{Progress: 4 * time.Second, Stale: 900 * time.Millisecond}))
}

func TestSettle_DoesNotBelieveAStaleFailure(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("again")
		b.srv.Fail(avayatest.Failure{Op: "Users.Replace", Roles: true})
		change := core.UserChange{Roles: core.Set([]string{"Agent", "Supervisor"})}
		_, err := b.store.UpdateUser(b.Context(), id, change)
		require.NoError(b, err)
		_, err = b.store.Settle(b.Context(), id, core.SettleAfter(core.Updated))
		require.ErrorIs(b, err, core.ErrFailed)
		_, err = b.store.UpdateUser(b.Context(), id, change)
		require.NoError(b, err)
		require.Equal(b, core.Settled, b.settled(id, core.Updated).State, "the second try is judged by its own end")
	}, avayatest.WithDelays(avayatest.Delays{Progress: 4 * time.Second, Stale: 1500 * time.Millisecond, Gone: time.Second}))
}

func TestSettle_DeleteEndsHoweverItShows(t *testing.T) {
	delays := func(gone time.Duration) avayatest.Option {
		return avayatest.WithDelays(avayatest.Delays{Progress: 2 * time.Second, Gone: gone})
	}
	for name, opts := range map[string][]avayatest.Option{
		"in DELETED":            {delays(time.Hour)},
		"in an absent status":   {delays(0)},
		"in a 404 of the list":  {delays(0), avayatest.WithUnknownStatuses(avayatest.AnyUnknown404)},
		"hidden from the start": {delays(time.Hour), avayatest.WithDeletingHidden()},
		"after a stale status":  {avayatest.WithDelays(avayatest.Delays{Progress: 5 * time.Second, Stale: 3 * time.Second, Gone: time.Second})},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(b *bench) {
				id, _ := b.agent("leaver")
				require.NoError(b, b.store.DeleteUser(b.Context(), id))
				require.Equal(b, core.Gone, b.settled(id, core.Deleted).State)
				_, ok := b.srv.User(id)
				require.False(b, ok, "gone is said only when it is true")
			}, opts...)
		})
	}
}

func TestSettle_DoesNotBelieveADeleteOfAReadableUser(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("ghost")
		require.NoError(b, b.client.Users.Delete(b.Context(), id))
		b.srv.Fault(avayatest.Fault{Op: "Users.Get", Status: 200, ContentType: "application/json", Body: `{"userId":"` + id + `"}`})
		require.Equal(b, core.Gone, b.settled(id, core.Deleted).State)
		require.Len(b, b.srv.Requests("Users.Get"), 2, "it looked again until the user was gone")
	}, avayatest.WithDelays(avayatest.Delays{Gone: time.Hour}))
}

func TestSettle_ReportsAFailedDelete(t *testing.T) {
	for _, word := range []string{"FAILED", "DELETE_FAILED"} {
		t.Run(word, func(t *testing.T) {
			simulate(t, func(b *bench) {
				id, _ := b.agent("stays")
				b.srv.Fail(avayatest.Failure{Op: "Users.Delete", Status: word})
				require.NoError(b, b.store.DeleteUser(b.Context(), id))
				_, err := b.store.Settle(b.Context(), id, core.SettleAfter(core.Deleted))
				require.ErrorIs(b, err, core.ErrFailed)
				require.Equal(b, core.AppliedNo, appliedOf(b, err))
				require.NoError(b, b.store.DeleteUser(b.Context(), id), "deleting again is allowed")
				require.Equal(b, core.Gone, b.settled(id, core.Deleted).State)
			})
		})
	}
}

func TestSettle_PollsForADay(t *testing.T) {
	real := time.Now()
	simulate(t, func(b *bench) {
		id, _ := b.agent("slow")
		b.srv.SetDelays(avayatest.Delays{Progress: 24 * time.Hour})
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{Roles: core.Set([]string{"Agent", "Supervisor"})})
		require.NoError(b, err)
		start := time.Now()
		require.Equal(b, core.Settled, b.settled(id, core.Updated).State)
		require.InDelta(b, 24*time.Hour, time.Since(start), float64(time.Minute))
		polls := len(b.srv.Requests("Users.ListStatuses"))
		require.Less(b, polls, 24*60*60/20, "a day is not polled every second")
	})
	t.Logf("a day took %s", time.Since(real))
}

func TestSettle_ToleratesPassingFailures(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("shaky")
		b.srv.SetDelays(avayatest.Delays{Progress: time.Hour})
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{Roles: core.Set([]string{"Supervisor"})})
		require.NoError(b, err)
		b.srv.Fault(avayatest.Fault{Op: "Users.ListStatuses", Skip: 2, Times: 8, Status: 502})
		ctx, cancel := context.WithTimeout(b.Context(), 10*time.Minute)
		defer cancel()
		_, err = b.store.Settle(ctx, id, core.SettleAfter(core.Updated))
		require.ErrorIs(b, err, core.ErrCanceled)
		require.ErrorIs(b, err, context.DeadlineExceeded)
		require.ErrorContains(b, err, "IN_PROGRESS", "the error holds the last state seen")
		require.Equal(b, core.AppliedUnknown, appliedOf(b, err))
	})
}

func TestSettle_AnotherProcessCanTakeOver(t *testing.T) {
	simulate(t, func(b *bench) {
		u, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "h@example.com", FirstName: "Ha", LastName: "Nd",
			Roles: []string{"Agent"}})
		require.NoError(b, err)
		other := newClient(b.T, b.srv)
		s, err := other.Store().Settle(b.Context(), u.ID)
		require.NoError(b, err)
		require.Equal(b, core.Settled, s.State)
	})
}
