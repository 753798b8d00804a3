package libh3lp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// staffed is a simulator with a user of n links, every third of them suspended.
func staffed(t testing.TB, n int, opts ...libh3lptest.Option) (sim *libh3lptest.Server, user string, before map[string]bool) {
	sim = libh3lptest.NewServer(opts...)
	id := sim.AddUser(`{"name":"desk-anna","show":"available"}`)
	for i := range n {
		sim.AddLink(id, sim.AddQueue(map[string]string{"name": fmt.Sprintf("queue-%d", i)}), i%3 != 2)
	}
	return sim, str(id), states(sim, id)
}

// states is the links of a user, by target.
func states(sim *libh3lptest.Server, id int64) map[string]bool {
	out := map[string]bool{}
	for _, l := range sim.Links(id) {
		out["queue:"+str(l.QueueID)] = l.Enabled
	}
	return out
}

func statesOf(t testing.TB, sim *libh3lptest.Server, user string) map[string]bool {
	t.Helper()
	u, ok := sim.UserByName("desk-anna")
	require.True(t, ok)
	require.Equal(t, user, fmt.Sprint(u["id"]))
	id := int64(0)
	fmt.Sscan(user, &id)
	return states(sim, id)
}

func enabled(states map[string]bool) (out []string) {
	for name, on := range states {
		if on {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// TestBlockThatFailsAnywhere: whichever write fails, and however, the records of the
// block and of its repeat restore the very same states.
func TestBlockThatFailsAnywhere(t *testing.T) {
	const n = 7
	for name, fault := range map[string]libh3lptest.Fault{
		"refused":         {Status: 403},
		"refused in 200":  {Status: 200, ContentType: "application/json", Body: `{"success":null,"message":"Not now."}`},
		"down for good":   {Status: 500, Body: libh3lptest.ErrorPage, ContentType: "text/html", Times: -1},
		"a page for good": {Status: 200, Body: libh3lptest.ErrorPage, ContentType: "text/html", Times: -1},
		"lost for good":   {LoseAnswer: true, Times: -1},
		"lost once":       {LoseAnswer: true},
		"no connection":   {Drop: true, Times: -1},
	} {
		for skip := range 5 {
			t.Run(fmt.Sprint(name, " ", skip), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					sim, user, before := staffed(t, n)
					store := over(t, sim, attempts(2)).Store()
					fault.Op, fault.Skip = "Assignments.Update", skip
					sim.Fault(fault)
					first, err := store.Block(t.Context(), user)
					if err != nil {
						e := resttest.ErrorOf(t, err)
						require.Contains(t, []core.Class{core.ClassPartial, core.ClassPermission, core.ClassInvalid, core.ClassUnavailable,
							core.ClassProtocol}, e.Class)
						if e.Class != core.ClassPartial {
							require.Zero(t, skip, "nothing was done only where the first write failed: %v", err)
						}
						for name, on := range statesOf(t, sim, user) {
							if before[name] && !on {
								require.Contains(t, first.Changed, name, "what is suspended is in the record")
							}
							_, done, _ := strings.Cut(e.Message, "suspended: ")
							done, _, _ = strings.Cut(done, ";")
							require.Falsef(t, on && strings.Contains(done, name), "%s is enabled: %s", name, e.Message)
						}
					}
					sim.Reset()
					second, err := store.Block(t.Context(), user)
					require.NoError(t, err)
					require.Empty(t, enabled(statesOf(t, sim, user)))
					require.NoError(t, store.Unblock(t.Context(), user, throughJSON(t, first), throughJSON(t, second)))
					require.Equal(t, before, statesOf(t, sim, user))
				})
			})
		}
	}
}

func throughJSON(t *testing.T, b core.Block) (back core.Block) {
	t.Helper()
	data, err := json.Marshal(b)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &back))
	return back
}

// TestBlock_TellsItsIntentFirst: with it, a killed program's block can be lifted.
func TestBlock_TellsItsIntentFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, user, before := staffed(t, 9)
		var intents []core.Block
		log := func(_ context.Context, b core.Block) error {
			require.Empty(t, sim.Requests("Assignments.Update"), "before the first write")
			intents = append(intents, throughJSON(t, b))
			return nil
		}

		// The first one never comes back: its context ends, and its record is lost.
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		sim.Fault(libh3lptest.Fault{Op: "Assignments.Update", Skip: 3, Times: 4, Delay: time.Hour})
		_, err := over(t, sim, blockLog(log)).Store().Block(ctx, user)
		require.ErrorIs(t, err, core.ErrCanceled)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		sim.Reset()
		require.Len(t, intents, 1)
		slices.Sort(intents[0].Changed)
		require.Equal(t, enabled(before), intents[0].Changed)
		require.Less(t, len(enabled(statesOf(t, sim, user))), 6)

		store := over(t, sim).Store()
		require.NoError(t, store.Unblock(t.Context(), user, intents...))
		require.Equal(t, before, statesOf(t, sim, user))

		broken := over(t, sim, blockLog(func(context.Context, core.Block) error { return errors.New("disk full") })).Store()
		sent := len(sim.Requests("Assignments.Update"))
		b, err := broken.Block(t.Context(), user)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassFailed, core.AppliedNo}, []any{e.Class, e.Applied})
		require.Empty(t, b.Changed)
		require.Len(t, sim.Requests("Assignments.Update"), sent, "nothing was sent")
	})
}

// TestARecordHoldsWhatMayBeItsDoing, and not what another writer did meanwhile.
func TestARecordHoldsWhatMayBeItsDoing(t *testing.T) {
	sim, user, _ := staffed(t, 4)
	var blind atomic.Bool
	sim.Fault(
		libh3lptest.Fault{Op: "Assignments.List", Status: 403, Times: -1, Match: func(*http.Request, []byte) bool { return blind.Load() }},
		libh3lptest.Fault{Op: "Assignments.Update", LoseAnswer: true, Match: func(r *http.Request, _ []byte) bool {
			blind.Store(blind.Load() || pathEnds("/34815")(r, nil))
			return pathEnds("/34815")(r, nil)
		}})
	b, err := over(t, sim, attempts(1)).Store().Block(t.Context(), user)
	require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
	require.Equal(t, []string{"queue:34814", "queue:34815", "queue:34817"}, b.Changed, "its answer was lost, and no look succeeded")

	sim, user, _ = staffed(t, 4)
	sim.Fault(libh3lptest.Fault{Op: "Assignments.Update", Status: 400, Match: func(r *http.Request, _ []byte) bool {
		if pathEnds("/34815")(r, nil) {
			sim.SetEnabled(8451, 34815, false)
			return true
		}
		return false
	}})
	b, err = over(t, sim).Store().Block(t.Context(), user)
	require.NoError(t, err)
	require.Equal(t, []string{"queue:34814", "queue:34817"}, b.Changed, "another writer suspended the third")
}

func TestUnblockTakesItsOwnRecordsAlone(t *testing.T) {
	sim, user, before := staffed(t, 3)
	store := over(t, sim).Store()
	for _, b := range []core.Block{
		{Vendor: "avaya", UserID: user}, {Vendor: "libh3lp", UserID: "1"}, {UserID: user, Changed: []string{"isEnabled"}},
		{UserID: user, Changed: []string{"skill:1"}}, {UserID: user, Changed: []string{"queue:x"}}, {UserID: user, Changed: []string{"queue:0"}},
	} {
		require.ErrorIs(t, store.Unblock(t.Context(), user, b), core.ErrInvalid)
	}
	require.Empty(t, sim.Requests())
	// A link that is gone since is not restored.
	b, err := store.Block(t.Context(), user)
	require.NoError(t, err)
	sim.RemoveLink(8451, 34814)
	require.NoError(t, store.Unblock(t.Context(), user, b, core.Block{Vendor: "libh3lp", UserID: user, Changed: []string{}}))
	delete(before, "queue:34814")
	require.Equal(t, before, statesOf(t, sim, user))
}

// TestManyLinks: outcomes in order, from the side that takes fewer reads, a few
// writes at a time.
func TestManyLinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := libh3lptest.NewServer()
		queue := sim.AddQueue(`{"name":"ref-main"}`)
		users := sim.AddUsers(40)
		var at, most atomic.Int32
		rt := sim.Transport()
		counting := transport(func(r *http.Request) (*http.Response, error) {
			if n := at.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Millisecond)
			defer at.Add(-1)
			return rt.RoundTrip(r)
		})
		store := over(t, sim, transportOf(counting)).Store()
		var as []core.Assignment
		for i, id := range users {
			if i%10 == 3 {
				sim.AddLink(id, queue, i%20 == 3)
			}
			as = append(as, core.Assignment{UserID: str(id), Target: core.Target{Kind: core.KindQueue, ID: str(queue)}})
		}
		as = append(as, as[0])
		out, err := store.Assign(t.Context(), as...)
		require.NoError(t, err)
		for i, o := range out {
			require.Equal(t, as[i], o.Assignment)
			require.Equal(t, i%10 == 3 || i == 40, o.Result == core.ResultAlready, "%d %s", i, o.Result)
		}
		require.Len(t, sim.Requests("Operators.List"), 2, "one before, and one look after")
		require.Empty(t, sim.Requests("Assignments.List"))
		require.Len(t, sim.Requests("Assignments.Create"), 36)
		require.LessOrEqual(t, most.Load(), int32(4))
		for _, l := range sim.Operators(queue) {
			require.Equal(t, l.UserID != users[13] && l.UserID != users[33], l.Enabled, "a suspended link stays so")
		}
	})
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestAWriteThatWasOvertaken: what another writer did meanwhile is not a failure.
func TestAWriteThatWasOvertaken(t *testing.T) {
	sim, user, _ := staffed(t, 1)
	queue := sim.AddQueue(`{"name":"another"}`)
	store := over(t, sim).Store()
	a := core.Assignment{UserID: user, Target: core.Target{Kind: core.KindQueue, ID: str(queue)}}
	sim.Fault(libh3lptest.Fault{Op: "Assignments.Create", Match: func(*http.Request, []byte) bool {
		sim.AddLink(8451, queue, true)
		return true
	}})
	out, err := store.Assign(t.Context(), a)
	require.NoError(t, err)
	require.Equal(t, core.ResultAlready, out[0].Result)
	sim.Fault(libh3lptest.Fault{Op: "Assignments.Delete", Match: func(*http.Request, []byte) bool {
		sim.RemoveLink(8451, queue)
		return true
	}})
	out, err = store.Unassign(t.Context(), a)
	require.NoError(t, err)
	require.Equal(t, core.ResultAlready, out[0].Result)
}

func TestALostAnswerToALink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, user, _ := staffed(t, 1)
		a := core.Assignment{UserID: user, Target: core.Target{Kind: core.KindQueue, ID: str(sim.AddQueue(`{"name":"another"}`))}}
		store := over(t, sim).Store()
		for _, c := range []struct {
			op string
			do func(context.Context, ...core.Assignment) ([]core.Outcome, error)
		}{{"Assignments.Create", store.Assign}, {"Assignments.Update", store.Suspend}, {"Assignments.Update", store.Resume},
			{"Assignments.Delete", store.Unassign}} {
			sim.Fault(libh3lptest.Fault{Op: c.op, LoseAnswer: true})
			out, err := c.do(t.Context(), a)
			require.NoError(t, err, c.op)
			require.Equal(t, core.ResultApplied, out[0].Result, c.op)
		}
		require.Len(t, sim.Requests("Assignments.Create"), 1)
		// Not to be found proves nothing.
		sim.Fault(libh3lptest.Fault{Op: "Assignments.Create", Drop: true})
		out, err := store.Assign(t.Context(), a)
		require.ErrorIs(t, err, core.ErrPartial)
		require.Equal(t, core.ResultUnknown, out[0].Result)
		// Nor does a look that fails.
		sim.Fault(libh3lptest.Fault{Op: "Assignments.Create", LoseAnswer: true}, libh3lptest.Fault{Op: "Assignments.List", Skip: 1, Status: 403,
			Times: -1})
		out, err = store.Assign(t.Context(), a)
		require.ErrorIs(t, err, core.ErrPartial)
		require.Equal(t, core.ResultUnknown, out[0].Result)
	})
}

func TestAnIgnoredLinkIsNotApplied(t *testing.T) {
	sim, user, before := staffed(t, 3)
	store := over(t, sim).Store()
	sim.IgnoreUpdates(true)
	out, err := store.Suspend(t.Context(), core.Assignment{UserID: user, Target: core.Target{Kind: core.KindQueue, ID: "34814"}})
	require.ErrorIs(t, err, core.ErrNotApplied)
	require.Equal(t, []any{core.ResultFailed, "not_applied"}, []any{out[0].Result, out[0].Code})
	b, err := store.Block(t.Context(), user)
	require.Equal(t, core.ClassNotApplied, resttest.ErrorOf(t, err).Class)
	require.Empty(t, b.Changed)
	require.Equal(t, before, statesOf(t, sim, user))
}

func TestAssigningWhatIsToBeSuspendedIsUnsupported(t *testing.T) {
	sim, user, _ := staffed(t, 1)
	_, err := over(t, sim).Store().Assign(t.Context(), core.Assignment{UserID: user, Target: core.Target{Kind: core.KindQueue, ID: "1"},
		Suspended: true})
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.Empty(t, sim.Requests())
}

// TestAUserWhoseAddressCouldNotBeSet exists, and the error says so.
func TestAUserWhoseAddressCouldNotBeSet(t *testing.T) {
	for name, f := range map[string]libh3lptest.Fault{"refused": {Status: 403}, "down": {Status: 500, Times: -1}, "ignored": {}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := libh3lptest.NewServer()
				if name == "ignored" {
					sim.IgnoreUpdates(true)
				} else {
					f.Op = "Users.Update"
					sim.Fault(f)
				}
				u, err := over(t, sim).Store().CreateUser(t.Context(), core.UserSpec{Login: "kim", Email: "kim@x.example",
					Password: core.NewSecret("Welcome-77")})
				e := resttest.ErrorOf(t, err)
				require.Equal(t, []any{core.ClassNotApplied, core.AppliedYes, "users.create"}, []any{e.Class, e.Applied, e.Op})
				require.Contains(t, e.Message, "created with the id "+u.ID)
				require.Equal(t, "kim", u.Login)
				require.Len(t, sim.Requests("Users.Create"), 1)
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		sim := libh3lptest.NewServer()
		sim.Fault(libh3lptest.Fault{Op: "Users.Update", LoseAnswer: true, Times: -1})
		u, err := over(t, sim).Store().CreateUser(t.Context(), core.UserSpec{Login: "kim", Email: "kim@x.example",
			Password: core.NewSecret("Welcome-77")})
		require.NoError(t, err, "a look shows it")
		require.Equal(t, "kim@x.example", u.Email)
	})
	sim := libh3lptest.NewServer(libh3lptest.WithEmailAtCreate())
	u, err := over(t, sim).Store().CreateUser(t.Context(), core.UserSpec{Login: "kim", Password: core.NewSecret("Welcome-77"),
		Fields: map[string]any{"email": "kim@x.example"}})
	require.NoError(t, err)
	require.Equal(t, "kim@x.example", u.Email)
	require.NotContains(t, string(sim.Requests("Users.Create")[0].Body), "kim@x.example", "by a second write, also as a field")
}

func TestPresenceInNeutralWords(t *testing.T) {
	sim, user, _ := staffed(t, 3)
	c := over(t, sim)
	for show, want := range map[string]core.Availability{"available": core.Available, "chat": core.Available, "dnd": core.DND,
		"away": core.Away, "xa": core.Away, "unavailable": core.Offline} {
		sim.SetPresence(8451, show, "at lunch")
		p, err := c.Store().Presence(t.Context(), user)
		require.NoError(t, err)
		require.Equal(t, want, p.Availability, show)
		require.Equal(t, want == core.Available, *p.Routable)
		require.False(t, *p.Blocked)
	}
	sim.SetPresence(8451, "available", "")
	for _, word := range []string{"busy", "availabl", "not available", ""} {
		sim.Fault(libh3lptest.Fault{Op: "Presence.User", Status: 200, Body: word + "\n"})
		p, err := c.Store().Presence(t.Context(), user)
		require.NoError(t, err)
		require.Equal(t, core.Presence{UserID: user, Availability: core.Unknown, Raw: word, Blocked: new(false)}, p,
			"never available: the service said nothing of the kind")
	}
	_, err := c.Store().Block(t.Context(), user)
	require.NoError(t, err)
	p, err := c.Store().Presence(t.Context(), user)
	require.NoError(t, err)
	require.Equal(t, core.Presence{UserID: user, Availability: core.Available, Raw: "available", Blocked: new(true), Routable: new(false),
		Reason: "suspended from every queue"}, p)
	// A name that the presence service does not know: the user's own object.
	elsewhere := over(t, sim, func(c *libh3lp.Config) { c.UserDomain = "other.example" })
	again, err := elsewhere.Store().Presence(t.Context(), user)
	require.NoError(t, err)
	require.Equal(t, p, again)
	// One that is out of order is an error, and no presence: only the links are known.
	sim.Fault(libh3lptest.Fault{Op: "Presence.User", Status: 403})
	p, err = c.Store().Presence(t.Context(), user)
	require.ErrorIs(t, err, core.ErrPermission)
	require.Equal(t, core.Presence{UserID: user, Availability: core.Unknown, Blocked: new(true)}, p)
}

func TestListsThatAreCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, user, _ := staffed(t, 3)
		sim.AddUsers(20)
		c := over(t, sim)
		sim.Fault(libh3lptest.Fault{Op: "Users.List", CutBody: 300})
		users, err := core.Collect(c.Users.List(t.Context()))
		require.ErrorIs(t, err, core.ErrIncomplete)
		require.NotEmpty(t, users)
		// What a write stands on is read again, and not written if it stays cut.
		sim.Fault(libh3lptest.Fault{Op: "Assignments.List", CutBody: 30, Times: -1})
		b, err := c.Store().Block(t.Context(), user)
		require.Equal(t, []any{core.ClassIncomplete, core.AppliedNo}, []any{resttest.ErrorOf(t, err).Class, resttest.ErrorOf(t, err).Applied})
		require.Empty(t, b.Changed)
		out, err := c.Store().Suspend(t.Context(), core.Assignment{UserID: user, Target: core.Target{Kind: core.KindQueue, ID: "34814"}})
		require.ErrorIs(t, err, core.ErrIncomplete)
		require.Equal(t, []any{core.ResultFailed, "incomplete"}, []any{out[0].Result, out[0].Code})
		require.Empty(t, sim.Requests("Assignments.Update"))
		sim.Reset()
		// Half an array in a whole body, too.
		sim.Fault(libh3lptest.Fault{Op: "Assignments.List", Status: 200, Body: `[{"queueId":34814,"userId":8451,"enabled":true},`, Times: -1})
		_, err = c.Store().Block(t.Context(), user)
		require.ErrorIs(t, err, core.ErrIncomplete)
		require.Empty(t, sim.Requests("Assignments.Update"))
	})
}

// TestStore_EndsAppliedIfReadsLag: every operation ends applied, and a read that is older than a write of
// this client is not taken for what is.
func TestStore_EndsAppliedIfReadsLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, user, before := staffed(t, 3, libh3lptest.WithReadLag(time.Second))
		extra := str(sim.AddQueue(`{"name":"extra"}`))
		store := over(t, sim).Store()
		applied := func(outcomes []core.Outcome, err error) {
			t.Helper()
			require.NoError(t, err)
			for _, o := range outcomes {
				require.Equal(t, core.ResultApplied, o.Result)
			}
		}

		_, err := store.UpdateUser(t.Context(), user, core.UserChange{Email: core.Set("anna@x.example")})
		require.NoError(t, err)
		_, err = store.UpdateUser(t.Context(), user, core.UserChange{Login: core.Set("desk-ann")})
		require.NoError(t, err)
		u, _ := sim.User(8451)
		require.Equal(t, []any{"anna@x.example", "desk-ann"}, []any{u["email"], u["name"]})

		applied(store.Assign(t.Context(), queue(user, extra)))
		applied(store.Suspend(t.Context(), queue(user, extra)))
		applied(store.Resume(t.Context(), queue(user, extra)))
		applied(store.Suspend(t.Context(), queue(user, extra)))
		applied(store.Unassign(t.Context(), queue(user, extra)))

		made, err := store.Block(t.Context(), user)
		require.NoError(t, err)
		require.Equal(t, enabled(before), made.Changed)
		require.Empty(t, enabled(states(sim, 8451)))
		require.NoError(t, store.Unblock(t.Context(), user, made))
		require.Equal(t, before, states(sim, 8451))
		made, err = store.Block(t.Context(), user)
		require.NoError(t, err)
		require.Equal(t, enabled(before), made.Changed)
		require.NoError(t, store.LiftBlocks(t.Context(), user))
		require.Len(t, enabled(states(sim, 8451)), 3)

		// One who was just made is not seen for a second.
		born, err := store.CreateUser(t.Context(), core.UserSpec{Login: "new.one", Email: "new@x.example",
			Password: core.NewSecret("Init-pass-01"),
			Links:    []core.Assignment{queue("", extra)}})
		require.NoError(t, err)
		_, err = store.GetUser(t.Context(), born.ID)
		require.NoError(t, err)
		second, err := store.CreateUser(t.Context(), core.UserSpec{Login: "new.two", Password: core.NewSecret("Init-pass-01")})
		require.NoError(t, err)
		applied(store.Assign(t.Context(), queue(second.ID, extra)))
		require.NoError(t, store.DeleteUser(t.Context(), born.ID))
		_, err = store.GetUser(t.Context(), born.ID)
		require.ErrorIs(t, err, core.ErrNotFound)
	})
}

// TestStore_StaysInDoubtIfReadsNeverCatchUp: what the answer tells is done, and the rest is in doubt.
func TestStore_StaysInDoubtIfReadsNeverCatchUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, user, before := staffed(t, 3, libh3lptest.WithReadLag(time.Hour))
		extra := str(sim.AddQueue(`{"name":"extra"}`))
		store := over(t, sim).Store()
		made, err := store.Block(t.Context(), user)
		require.NoError(t, err, "the answer is documented as the state")
		require.Equal(t, enabled(before), made.Changed)

		inDoubt := func(outcomes []core.Outcome, err error) {
			t.Helper()
			require.ErrorIs(t, err, core.ErrNotApplied)
			require.Equal(t, core.ResultUnknown, outcomes[0].Result)
		}
		began := time.Now()
		inDoubt(store.Assign(t.Context(), queue(user, extra)))
		require.Equal(t, 5*time.Second, time.Since(began), "the default")
		inDoubt(store.Unassign(t.Context(), queue(user, "34814")))
		e := resttest.ErrorOf(t, store.DeleteUser(t.Context(), user))
		require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied})

		// A user who does not show after its creation is not reported as not found.
		u, err := store.CreateUser(t.Context(), core.UserSpec{Login: "new.one", Password: core.NewSecret("Init-pass-01"),
			Fields: map[string]any{"nick": "n"}})
		e = resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassNotApplied, core.AppliedYes}, []any{e.Class, e.Applied})
		require.NotErrorIs(t, err, core.ErrNotFound)
		require.Equal(t, "new.one", u.Login)
	})
}

// TestStoreCreateUser_RefusesAFieldThatDoesNotFit before anything is sent: half a user is
// worse than none.
func TestStoreCreateUser_RefusesAFieldThatDoesNotFit(t *testing.T) {
	sim := libh3lptest.NewServer()

	_, err := over(t, sim).Store().CreateUser(t.Context(), core.UserSpec{Login: "kim", Password: core.NewSecret("a-first-password"),
		Fields: map[string]any{"email": map[string]any{"work": true}}})

	require.ErrorIs(t, err, core.ErrInvalid)
	require.Empty(t, sim.Requests("Users.Create"))
}
