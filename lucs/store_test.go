package lucs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

func sample(opts ...lucstest.Option) *lucstest.Server {
	return lucstest.NewServer(append([]lucstest.Option{lucstest.WithSampleData()}, opts...)...)
}

// ops are what a simulator was asked, in order.
func ops(sim *lucstest.Server) (names []string) {
	for _, r := range sim.Requests() {
		names = append(names, r.Op)
	}
	return names
}

func TestTheUseCaseOfTheVendorsPage(t *testing.T) {
	for name, way := range map[string]struct {
		sim     []lucstest.Option
		dialect lucs.Dialect
	}{"as documented": {}, "every route moved": movedDialect()} {
		t.Run(name, func(t *testing.T) {
			sim := sample(way.sim...)
			c, err := lucs.New(lucs.Config{BaseURL: lucstest.Origin + prefix(way.dialect), Auth: keyFor(way.dialect), Dialect: way.dialect,
				ClientOptions: core.ClientOptions{Transport: sim.Transport()}})
			require.NoError(t, err)
			s := c.Store()
			status := func() core.Presence {
				t.Helper()
				p, err := s.Presence(t.Context(), lucstest.UserMara)
				require.NoError(t, err)
				return p
			}
			is := func(p core.Presence, availability core.Availability, blocked, routable bool) {
				t.Helper()
				require.Equal(t, []any{availability, blocked, routable}, []any{p.Availability, *p.Blocked, *p.Routable})
			}
			// 1: one user is selectable, and not blocked.
			agents, err := core.Collect(c.Services.ListUsers(t.Context(), lucstest.ServiceFrench, lucs.ServiceUserListOptions{Selectable: true}))
			require.NoError(t, err)
			require.Len(t, agents, 1)
			require.Equal(t, lucstest.UserMara, agents[0].ID)
			is(status(), core.Available, false, true)
			// 2: blocked, and the presence is as it was. A task stays pending.
			made, err := s.Block(t.Context(), lucstest.UserMara)
			require.NoError(t, err)
			is(status(), core.Available, true, false)
			task, err := c.Tasks.Create(t.Context(), lucs.Task{Service: lucstest.ServiceFrench})
			require.NoError(t, err)
			got, err := c.Tasks.Get(t.Context(), task)
			require.NoError(t, err)
			require.True(t, got.State.Or("").Pending())
			// 3: unblocked. The task is taken at once: not selectable, and still online.
			require.NoError(t, s.Unblock(t.Context(), lucstest.UserMara, made))
			is(status(), core.Available, false, false)
			got, err = c.Tasks.Get(t.Context(), task)
			require.NoError(t, err)
			require.Equal(t, lucs.TaskState("Accepted"), got.State.Or(""))
			// 4: do not disturb, which touches no block.
			require.NoError(t, s.SetPresence(t.Context(), lucstest.UserMara, core.DND))
			is(status(), core.DND, false, false)
		})
	}
}

func TestOneUserIsLookedForUpToTheFirstServiceThatHoldsIt(t *testing.T) {
	sim := sample()
	s := over(t, sim).Store()
	get := func(id string) []string {
		sim.Reset()
		_, err := s.GetUser(t.Context(), id)
		require.NoError(t, err)
		return ops(sim)
	}
	require.Equal(t, []string{"Services.List", "Services.ListUsers"}, get(lucstest.UserTom), "the first service holds him")
	require.Equal(t, []string{"Services.List", "Services.ListUsers", "Services.ListUsers"}, get(lucstest.UserAline))
	require.Equal(t, []string{"Services.ListUsers"}, get(strings.ToUpper(lucstest.UserAline)), "where she was is remembered")

	// Aline leaves the French helpdesk: she is looked for again, and not there.
	sim.ChangeUser(lucstest.UserAline, map[string]any{"Traits": []any{map[string]string{"TraitNode": "Topic/Policies", "Attribute": "Expert"}},
		"Roles": []any{map[string]string{"OrganizationUnit": "System", "Role": "AdministratorAgent", "Permission": "Allow"}}})
	require.Equal(t, []string{"Services.ListUsers", "Services.List", "Services.ListUsers", "Services.ListUsers", "Services.ListUsers"}, get(lucstest.UserAline))
	require.Equal(t, []string{"Services.ListUsers"}, get(lucstest.UserAline))

	sim.Reset()
	require.NoError(t, s.SetPresence(t.Context(), lucstest.UserAline, core.Busy))
	require.Equal(t, []string{"Services.ListUsers", "Users.SetPresence", "Services.ListUsers"}, ops(sim))
}

func TestTheWalkIsPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := lucstest.NewServer()
		for range 100 {
			sim.AddService(lucstest.Service{Name: "S"})
		}
		s := over(t, sim).Store()
		start := time.Now()
		_, err := s.GetUser(t.Context(), aGUID)
		require.ErrorIs(t, err, core.ErrNotFound)
		e := resttest.ErrorOf(t, err)
		require.Contains(t, e.Hint, "it may still exist")
		require.Zero(t, e.Status, "no server said that it does not exist")
		require.GreaterOrEqual(t, time.Since(start), time.Second)
		requests := sim.Requests()
		require.Len(t, requests, 101)
		for i := 50; i < len(requests); i++ {
			require.GreaterOrEqual(t, requests[i].At.Sub(requests[0].At), time.Duration(i-50)*time.Second/50, "50 at once, and 50 a second")
		}
	})
}

func TestAMergedListIsWholeOrSaysThatItIsNot(t *testing.T) {
	sim := sample()
	store := func() *lucs.Store {
		return over(t, sim, attempts(1), unpaced).Store()
	}
	s := store()
	users, err := core.Collect(s.ListUsers(t.Context(), core.UserQuery{}))
	require.NoError(t, err)
	require.Len(t, users, 10)
	require.Equal(t, []string{"Services.List", "Services.ListUsers", "Services.ListUsers", "Services.ListUsers", "Services.ListUsers"}, ops(sim))

	second := func(r *http.Request, _ []byte) bool { return strings.Contains(r.URL.Path, lucstest.ServiceFrench) }
	for name, c := range map[string]struct {
		fault lucstest.Fault
		class core.Class
		cause error
	}{
		"down":         {lucstest.Fault{Status: 503}, core.ClassIncomplete, core.ErrUnavailable},
		"gone":         {lucstest.Fault{Status: 404}, core.ClassIncomplete, core.ErrIncomplete},
		"cut":          {lucstest.Fault{CutBody: 300}, core.ClassIncomplete, core.ErrIncomplete},
		"garbage":      {lucstest.Fault{Status: 200, Body: "<html>"}, core.ClassIncomplete, core.ErrProtocol},
		"no role":      {lucstest.Fault{Status: 401}, core.ClassUnauthenticated, core.ErrUnauthenticated},
		"not allowed":  {lucstest.Fault{Status: 403}, core.ClassPermission, core.ErrPermission},
		"rate limited": {lucstest.Fault{Status: 429, RetryAfter: "3600"}, core.ClassRateLimited, core.ErrRateLimited},
	} {
		t.Run(name, func(t *testing.T) {
			sim.Reset()
			s := store() // which remembers no user's service
			c.fault.Op, c.fault.Match, c.fault.Times = "Services.ListUsers", second, -1
			sim.Fault(c.fault)
			users, err := core.Collect(s.ListUsers(t.Context(), core.UserQuery{}))
			e := resttest.ErrorOf(t, err)
			require.Equal(t, core.ClassIncomplete, e.Class, "something came before")
			require.ErrorIs(t, err, c.cause, "and the cause is told")
			require.Contains(t, e.Message, lucstest.ServiceFrench, "which service it was")
			require.NotRegexp(t, `failed: $`, e.Message, "and why, though the answer was empty")
			require.GreaterOrEqual(t, len(users), 5, "what came before is real")
			require.NotErrorIs(t, err, core.ErrNotFound)
			if c.class == core.ClassIncomplete && name != "gone" {
				require.ErrorIs(t, errors.Unwrap(e), resttest.ErrorOf(t, errors.Unwrap(e)), "and the cause is below")
			}
			_, err = core.Collect(s.ListAssignments(t.Context(), core.AssignmentQuery{UserID: lucstest.UserPaul}))
			require.Equal(t, c.class, core.ClassOf(err))
			_, err = s.GetUser(t.Context(), lucstest.UserKarl)
			require.Equal(t, c.class, core.ClassOf(err), "he may be in the one that could not be read")
			_, err = s.GetUser(t.Context(), lucstest.UserTom)
			require.NoError(t, err, "who is found is found")
			u, err := s.GetUser(t.Context(), lucstest.UserPaul)
			if name == "rate limited" {
				require.ErrorIs(t, err, core.ErrRateLimited, "who is told to wait does not ask the next")
				return
			}
			require.NoError(t, err, "a service that cannot be read does not hide the others")
			require.Equal(t, lucstest.UserPaul, u.ID)
		})
	}
}

func TestAKeySeesItsUnitsOnly(t *testing.T) {
	sim := lucstest.NewServer(lucstest.WithSampleData(), lucstest.WithKeys(lucstest.Key{Value: lucstest.APIKey, Units: []string{"System/Helpdesk"}}))
	s := over(t, sim).Store()
	_, err := s.GetUser(t.Context(), lucstest.UserPaul)
	require.ErrorIs(t, err, core.ErrNotFound)
	require.Contains(t, err.Error(), "a key sees its organization units only")
	_, err = s.Block(t.Context(), lucstest.UserPaul)
	require.ErrorIs(t, err, core.ErrNotFound)
	require.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied)
	require.Empty(t, sim.Requests("Users.Block"), "its effect could not be seen")
}

func TestWhomNoServiceShowsCanBeUnblocked(t *testing.T) {
	sim := sample()
	s := over(t, sim).Store()
	sim.SetBlocked(lucstest.UserKarl, true) // who is in no service
	require.NoError(t, s.LiftBlocks(t.Context(), lucstest.UserKarl))
	u, _ := sim.User(lucstest.UserKarl)
	require.Equal(t, false, u["IsBlockedByLuwareApi"])
	require.ErrorIs(t, s.LiftBlocks(t.Context(), aGUID), core.ErrNotFound)

	// If the answer omits it, it stays in doubt.
	sim = sample(lucstest.WithControlAnswer(lucstest.AnswerEmpty))
	err := over(t, sim).Store().LiftBlocks(t.Context(), lucstest.UserKarl)
	e := resttest.ErrorOf(t, err)
	require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied})
	require.Contains(t, e.Message, "accepted the change")
}

// TestAWrongAddressIsNotAMissingUser: 404 for the list of services, or for the users of
// every service, proves nothing about a user. An unblock is sent anyway.
func TestAWrongAddressIsNotAMissingUser(t *testing.T) {
	for op, class := range map[string]core.Class{"Services.List": core.ClassProtocol, "Services.ListUsers": core.ClassIncomplete} {
		sim := sample(lucstest.WithRoute(op, ""), lucstest.WithErrorBody(lucstest.ErrorHTML))
		s := over(t, sim).Store()
		for name, do := range map[string]func() error{
			"get":      func() error { _, err := s.GetUser(t.Context(), lucstest.UserMara); return err },
			"presence": func() error { _, err := s.Presence(t.Context(), lucstest.UserMara); return err },
			"block":    func() error { _, err := s.Block(t.Context(), lucstest.UserMara); return err },
			"assignments": func() error {
				_, err := core.Collect(s.ListAssignments(t.Context(), core.AssignmentQuery{UserID: lucstest.UserMara}))
				return err
			},
		} {
			err := do()
			require.NotErrorIs(t, err, core.ErrNotFound)
			e := resttest.ErrorOf(t, err)
			require.Equal(t, []any{class, 404, core.AppliedNo}, []any{e.Class, e.Status, e.Applied}, "%s, %s", op, name)
			require.Contains(t, e.Message, "an HTML page", "%s, %s", op, name)
		}
		require.Empty(t, sim.Requests("Users.Block"))
		sim.SetBlocked(lucstest.UserMara, true)
		require.NoError(t, s.LiftBlocks(t.Context(), lucstest.UserMara))
		u, _ := sim.User(lucstest.UserMara)
		require.Equal(t, false, u["IsBlockedByLuwareApi"])
	}
	err := over(t, sample(lucstest.WithBasePath("/elsewhere"))).Store().LiftBlocks(t.Context(), lucstest.UserMara)
	e := resttest.ErrorOf(t, err)
	require.Equal(t, []any{core.ClassProtocol, 404, core.AppliedUnknown}, []any{e.Class, e.Status, e.Applied}, "whose word that was is not known")
}

// TestAServerThatSaysYesAndDoesNothing is caught, whether its answer shows the
// change or not, and within the time for it. Both may be late, and prove nothing.
func TestAServerThatSaysYesAndDoesNothing(t *testing.T) {
	for name, way := range map[string]lucstest.Option{
		"ignored":   lucstest.WithIgnored("Users.Block", "Users.Unblock", "Users.SetPresence"),
		"pretended": lucstest.WithPretended("Users.Block", "Users.Unblock", "Users.SetPresence"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := sample(way)
				s := over(t, sim).Store()
				for _, c := range []struct {
					do    func() error
					state string
				}{
					{func() error { _, err := s.Block(t.Context(), lucstest.UserMara); return err }, "IsBlockedByLuwareApi: false"},
					{func() error { return s.LiftBlocks(t.Context(), lucstest.UserNils) }, "IsBlockedByLuwareApi: true"},
					{func() error { return s.SetPresence(t.Context(), lucstest.UserMara, core.DND) }, "the presence Online"},
				} {
					sim.Reset()
					start := time.Now()
					err := c.do()
					e := resttest.ErrorOf(t, err)
					require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied})
					require.Contains(t, e.Message, c.state)
					require.Equal(t, 5*time.Second, time.Since(start).Round(time.Second))
					require.LessOrEqual(t, len(sim.Requests("Services.ListUsers")), 12, "the vendor is not hammered")
					require.LessOrEqual(t, len(sim.Requests("Users.Block", "Users.Unblock", "Users.SetPresence")), 1, "and it is not tried again")
				}
			})
		})
	}
}

func TestAPresenceThatTakesItsTimeIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := sample(lucstest.WithPresenceDelay(4*time.Second), lucstest.WithReadLag(time.Second))
		s := over(t, sim).Store()
		start := time.Now()
		require.NoError(t, s.SetPresence(t.Context(), lucstest.UserMara, core.DND))
		require.GreaterOrEqual(t, time.Since(start), 4*time.Second)
		require.Less(t, time.Since(start), 10*time.Second)
		made, err := s.Block(t.Context(), lucstest.UserMara)
		require.NoError(t, err, "a node that lags behind")
		require.NotEmpty(t, made.Changed)
	})
}

func TestAPresenceThatIsNotShownCannotBeLookedAt(t *testing.T) {
	sim := sample(lucstest.WithPresenceField(""))
	s := over(t, sim).Store()
	require.NoError(t, s.SetPresence(t.Context(), lucstest.UserMara, core.DND))
	p, err := s.Presence(t.Context(), lucstest.UserMara)
	require.NoError(t, err)
	require.Equal(t, []any{core.Unknown, ""}, []any{p.Availability, p.Raw})
	require.False(t, *p.Routable, "which goes by IsSelectable and the block alone")
}

func TestTheCallersTimeEndsTheLooking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := sample(lucstest.WithIgnored("Users.Block"))
		s := over(t, sim).Store()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err := s.Block(ctx, lucstest.UserMara)
		require.ErrorIs(t, err, core.ErrNotApplied, "a last look comes before the deadline")
		require.NoError(t, ctx.Err())

		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(1500*time.Millisecond, cancel)
		_, err = s.Block(ctx, lucstest.UserMara)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassCanceled, core.AppliedUnknown}, []any{e.Class, e.Applied})
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestLostAnswers(t *testing.T) {
	// An answer that was lost is asked for again, and a block that was made is one.
	for _, fault := range []lucstest.Fault{{LoseAnswer: true, Times: 1}, {LoseAnswer: true, Times: -1}, {Status: 503, Times: 2}} {
		synctest.Test(t, func(t *testing.T) {
			sim := sample()
			s := over(t, sim).Store()
			fault.Op = "Users.Block"
			sim.Fault(fault)
			made, err := s.Block(t.Context(), lucstest.UserMara)
			require.NoError(t, err)
			require.Equal(t, []string{"IsBlockedByLuwareApi"}, made.Changed)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		sim := sample()
		s := over(t, sim).Store()
		sim.Fault(lucstest.Fault{Op: "Users.Block", Drop: true, Times: -1})
		_, err := s.Block(t.Context(), lucstest.UserMara)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassUnavailable, core.AppliedUnknown, 4}, []any{e.Class, e.Applied, e.Attempts})
		// Looking fails after the change was accepted.
		sim.Reset()
		sim.Fault(lucstest.Fault{Op: "Services.ListUsers", Skip: 1, Status: 500, Times: -1})
		_, err = s.Block(t.Context(), lucstest.UserMara)
		e = resttest.ErrorOf(t, err)
		require.Equal(t, core.AppliedUnknown, e.Applied)
		require.Contains(t, err.Error(), "accepted")
	})
}

func TestARecordRestoresWhatItNames(t *testing.T) {
	sim := sample()
	s := over(t, sim).Store()
	none, err := s.Block(t.Context(), lucstest.UserNils)
	require.NoError(t, err)
	require.Empty(t, none.Changed, "he was blocked before")
	require.Len(t, sim.Requests("Users.Block"), 1, "a list that says so may be late")
	sim.Reset()
	require.NoError(t, s.Unblock(t.Context(), lucstest.UserNils, none))
	require.Empty(t, sim.Requests())
	for _, bad := range []core.Block{{UserID: lucstest.UserTom, Changed: []string{"IsBlockedByLuwareApi"}},
		{UserID: lucstest.UserNils, Vendor: "avaya", Changed: []string{"IsBlockedByLuwareApi"}}, {UserID: lucstest.UserNils, Changed: []string{"isEnabled"}}} {
		require.ErrorIs(t, s.Unblock(t.Context(), lucstest.UserNils, bad), core.ErrInvalid)
	}
	require.Empty(t, sim.Requests())
	require.NoError(t, s.Unblock(t.Context(), strings.ToUpper(lucstest.UserNils), none, core.Block{UserID: lucstest.UserNils, Changed: []string{"IsBlockedByLuwareApi"}}))
	u, _ := sim.User(lucstest.UserNils)
	require.Equal(t, false, u["IsBlockedByLuwareApi"])
}

func TestCapabilitiesFollowTheRoutes(t *testing.T) {
	plain := over(t, sample()).Store().Capabilities()
	require.Equal(t, lucs.Capabilities(), plain)
	for op, want := range map[core.Operation]core.Support{
		core.OpListUsers: core.Emulated, core.OpGetUser: core.Emulated, core.OpUpdateUser: core.NotOffered, core.OpDeleteUser: core.NotOffered,
		core.OpCreateUser: core.Native, core.OpListByTarget: core.Native, core.OpListByUser: core.Emulated,
		core.OpPresence: core.Native, core.OpSetPresence: core.Native, core.OpBlock: core.Native, core.OpUnblock: core.Native,
	} {
		require.Equal(t, want, plain.Of(op).Support, op)
	}
	caps := overAs(t, sample(lucstest.WithDirectRoutes()), lucs.Dialect{Routes: direct}).Store().Capabilities()
	for op, want := range map[core.Operation]core.Support{
		core.OpListUsers: core.Native, core.OpGetUser: core.Native, core.OpUpdateUser: core.Emulated, core.OpDeleteUser: core.Native,
	} {
		require.Equal(t, want, caps.Of(op).Support, op)
	}
}

// TestChangesOfOneUserWaitForEachOther: without revisions, two read-modify-writes
// would lose one, and two blocks would both claim the change.
func TestChangesOfOneUserWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := sample(lucstest.WithDirectRoutes())
		c := overAs(t, sim, lucs.Dialect{Routes: direct})
		sim.Fault(lucstest.Fault{Op: "Users.Block", Delay: time.Second, Times: -1}, lucstest.Fault{Op: "Users.Replace", Delay: time.Second, Times: -1})
		var changed atomic.Int64
		var group sync.WaitGroup
		for i := range 10 {
			group.Go(func() {
				made, err := c.Store().Block(t.Context(), lucstest.UserMara)
				require.NoError(t, err)
				changed.Add(int64(len(made.Changed)))
			})
			group.Go(func() {
				_, err := c.Users.Modify(t.Context(), lucstest.UserTom, func(u *lucs.User) error {
					u.Roles = append(u.Roles, lucs.Role{OrganizationUnit: "System", Role: lucs.RoleName(fmt.Sprintf("R%d", i)), Permission: lucs.Allow})
					return nil
				})
				require.NoError(t, err)
			})
		}
		group.Wait()
		require.EqualValues(t, 1, changed.Load())
		require.Len(t, sim.Requests("Users.Block"), 10)
		u, err := c.Users.Get(t.Context(), lucstest.UserTom)
		require.NoError(t, err)
		require.Len(t, u.Roles, 11)
		// Who waits can give up.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		group.Go(func() { c.Users.Modify(t.Context(), lucstest.UserTom, func(*lucs.User) error { return nil }) })
		synctest.Wait()
		_, err = c.Users.Modify(ctx, lucstest.UserTom, func(*lucs.User) error { return nil })
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassCanceled, core.AppliedNo}, []any{e.Class, e.Applied})
		group.Wait()
	})
}

func TestIdsAreTheSameInAnyCase(t *testing.T) {
	c, mt := mocked(t, lucs.Dialect{})
	mt.RegisterResponder("GET", base+"/v1.0/services", resttest.Answer(200, `[{"Id":"1"},{"ServiceId":"2"}]`))
	mt.RegisterResponder("GET", base+"/v1.0/services/1/users", resttest.Answer(200, `[{"Id":"`+strings.ToUpper(other)+`"}]`))
	mt.RegisterResponder("GET", base+"/v1.0/services/2/users", resttest.Answer(200, `[{"Id":" `+other+`"}]`))
	users, err := core.Collect(c.Store().ListUsers(t.Context(), core.UserQuery{}))
	require.NoError(t, err)
	require.Len(t, users, 1)
	links, err := core.Collect(c.Store().ListAssignments(t.Context(), core.AssignmentQuery{UserID: other}))
	require.NoError(t, err)
	require.Len(t, links, 2, "one for each service")
}

func TestManyCallersAtOnce(t *testing.T) {
	sim := sample()
	s := over(t, sim, unpaced).Store()
	ids := []string{lucstest.UserMara, lucstest.UserTom, lucstest.UserAline, lucstest.UserPaul}
	var group sync.WaitGroup
	errs := make(chan error, 200)
	for i := range 40 {
		id := ids[i%len(ids)]
		group.Go(func() {
			made, err := s.Block(t.Context(), id)
			errs <- err
			errs <- s.Unblock(t.Context(), id, made)
			_, err = s.Presence(t.Context(), id)
			errs <- err
			_, err = core.Collect(s.ListUsers(t.Context(), core.UserQuery{}))
			errs <- err
		})
	}
	group.Wait()
	close(errs)
	for err := range errs {
		// Another caller may block between an unblock and its look.
		if err != nil && !errors.Is(err, core.ErrNotApplied) {
			require.NoError(t, err)
		}
	}
	require.True(t, slices.Contains(ops(sim), "Users.Unblock"))
}

// scripted is a server of one service with one user, of whom it shows what shown
// says, nil being nobody; to a change it gives the answer.
func scripted(t *testing.T, shown func(changed bool) string, status int, answered string) *lucs.Store {
	t.Helper()
	c, mt := mocked(t, lucs.Dialect{})
	changed := false
	text := func(r *http.Request) (*http.Response, error) {
		switch {
		case r.Method == http.MethodPost:
			changed = true
			return httpmock.NewStringResponse(status, answered), nil
		case strings.HasSuffix(r.URL.Path, "/users"):
			if who := shown(changed); who != "500" {
				return httpmock.NewStringResponse(200, "["+who+"]"), nil
			}
			return httpmock.NewStringResponse(500, ""), nil
		}
		return httpmock.NewStringResponse(200, `[{"Id":"`+other+`"}]`), nil
	}
	mt.RegisterNoResponder(text)
	return c.Store()
}

func TestWhereTheUserDoesNotTellTheAnswerDoes(t *testing.T) {
	who := func(members string) string { return `{"Id":"` + aGUID + `"` + members + `}` }
	silent := func(bool) string { return who("") }
	vanishing := func(changed bool) string {
		if changed {
			return ""
		}
		return who(`,"IsBlockedByLuwareApi":false,"PresenceState":"Online"`)
	}
	block := func(ctx context.Context, s *lucs.Store) (core.Block, error) { return s.Block(ctx, aGUID) }
	unblock := func(ctx context.Context, s *lucs.Store) (core.Block, error) {
		return core.Block{}, s.LiftBlocks(ctx, aGUID)
	}
	for _, c := range []struct {
		name     string
		do       func(context.Context, *lucs.Store) (core.Block, error)
		shown    func(bool) string
		answered string
		class    core.Class // none: it is done
		text     string
	}{
		{"silent, the answer tells", block, silent, `{"IsBlockedByLuwareApi":true}`, "", ""},
		{"silent, as is the answer", block, silent, ``, core.ClassNotApplied, "does not show IsBlockedByLuwareApi"},
		{"silent, the answer tells otherwise", block, silent, `{"IsBlockedByLuwareApi":false}`, core.ClassNotApplied, "does not show"},
		{"silent, unblocked", unblock, silent, ``, "", ""},
		{"silent, still blocked", unblock, silent, `{"IsBlockedByLuwareApi":true}`, core.ClassNotApplied, "does not show"},
		{"gone from the list, the answer tells", block, vanishing, `[{"IsBlockedByLuwareApi":true}]`, "", ""},
		{"gone from the list, the answer is empty", block, vanishing, ``, core.ClassNotApplied, "accepted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				made, err := c.do(t.Context(), scripted(t, c.shown, 200, c.answered))
				if c.class != "" {
					e := resttest.ErrorOf(t, err)
					require.Equal(t, []any{c.class, core.AppliedUnknown}, []any{e.Class, e.Applied}, "nothing says that it was not done")
					require.Contains(t, e.Message, c.text)
				} else {
					require.NoError(t, err)
				}
				if made.Vendor != "" {
					require.Equal(t, []string{"IsBlockedByLuwareApi"}, made.Changed, "what may be blocked can be lifted")
				}
			})
		})
	}
}

func TestALookThatFailsSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := scripted(t, func(changed bool) string {
			if changed {
				return "500"
			}
			return `{"Id":"` + aGUID + `","IsBlockedByLuwareApi":false,"PresenceState":"Online"}`
		}, 200, "")
		_, err := s.Block(t.Context(), aGUID)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassUnavailable, 500, core.AppliedUnknown}, []any{e.Class, e.Status, e.Applied}, "it is not the caller who ended it")
		require.Contains(t, e.Message, "accepted")
		require.Contains(t, e.Message, "Internal Server Error", "though it came without a word")
	})
}

func TestAPresenceWhoseAnswerWasLostIsLookedAt(t *testing.T) {
	for _, c := range []struct {
		after string
		done  bool
	}{{`"DoNotDisturb"`, true}, {`"Online"`, false}, {`null`, false}} {
		s := scripted(t, func(changed bool) string {
			if changed {
				return `{"Id":"` + aGUID + `","PresenceState":` + c.after + `}`
			}
			return `{"Id":"` + aGUID + `","PresenceState":"Online"}`
		}, 500, "")
		err := s.SetPresence(t.Context(), aGUID, core.DND)
		if c.done {
			require.NoError(t, err)
			continue
		}
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassUnavailable, core.AppliedUnknown}, []any{e.Class, e.Applied}, c.after)
	}
}

// TestStore_EndsAppliedIfReadsLag where reads are a second behind.
func TestStore_EndsAppliedIfReadsLag(t *testing.T) {
	for name, opts := range map[string][]lucstest.Option{
		"answers tell":    {lucstest.WithDirectRoutes()},
		"answers omit it": silent(),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := sample(append(opts, lucstest.WithReadLag(time.Second))...)
				s := overAs(t, sim, lucs.Dialect{Routes: direct}).Store()
				ctx := t.Context()
				made, err := s.CreateUser(ctx, noemi)
				require.NoError(t, err)
				require.NotEmpty(t, made.ID)

				block, err := s.Block(ctx, lucstest.UserMara)
				require.NoError(t, err)
				require.Equal(t, []string{"IsBlockedByLuwareApi"}, block.Changed)
				require.NoError(t, s.Unblock(ctx, lucstest.UserMara, block))
				require.NoError(t, s.LiftBlocks(ctx, lucstest.UserNils))
				require.NoError(t, s.SetPresence(ctx, lucstest.UserMara, core.DND))

				_, err = s.UpdateUser(ctx, made.ID, set("NumberOfSimultaneousIm", 5))
				require.NoError(t, err)
				require.NoError(t, s.DeleteUser(ctx, made.ID))
				_, there := sim.User(made.ID)
				require.False(t, there)
			})
		})
	}
}

// TestStore_AStaleReadUndoesNoOwnWrite: the second change stands on the first, which no
// read shows yet; and a block is not lifted by the old flag in a whole user.
func TestStore_AStaleReadUndoesNoOwnWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := sample(lucstest.WithDirectRoutes(), lucstest.WithReadLag(time.Second)) // of which the answers tell, so that nothing waits
		s := overAs(t, sim, lucs.Dialect{Routes: direct}).Store()
		_, err := s.UpdateUser(t.Context(), lucstest.UserMara, set("NumberOfSimultaneousIm", 5))
		require.NoError(t, err)
		_, err = s.UpdateUser(t.Context(), lucstest.UserMara, set("RetargetTo", "sip:x@y.z"))
		require.NoError(t, err)
		u, _ := sim.User(lucstest.UserMara)
		require.Equal(t, []any{json.Number("5"), "sip:x@y.z"}, []any{u["NumberOfSimultaneousIm"], u["RetargetTo"]})

		s = overAs(t, sim, lucs.Dialect{Routes: direct}, func(cfg *lucs.Config) { cfg.ReadBack = -1 }).Store()
		_, err = s.Block(t.Context(), lucstest.UserTom)
		require.ErrorIs(t, err, core.ErrNotApplied, "it does not show yet")
		_, err = s.UpdateUser(t.Context(), lucstest.UserTom, set("NumberOfSimultaneousIm", 7))
		require.NoError(t, err)
		sent := sim.Requests("Users.Replace")
		require.Contains(t, string(sent[len(sent)-1].Body), `"IsBlockedByLuwareApi":true`)
	})
}

// TestStore_StaysInDoubtIfReadsNeverCatchUp what was done, and never ends in a refusal.
func TestStore_StaysInDoubtIfReadsNeverCatchUp(t *testing.T) {
	for name, do := range map[string]func(context.Context, *lucs.Store) error{
		"create": func(ctx context.Context, s *lucs.Store) error { _, err := s.CreateUser(ctx, noemi); return err },
		"update": func(ctx context.Context, s *lucs.Store) error {
			_, err := s.UpdateUser(ctx, lucstest.UserMara, set("NumberOfSimultaneousIm", 5))
			return err
		},
		"delete":   func(ctx context.Context, s *lucs.Store) error { return s.DeleteUser(ctx, lucstest.UserMara) },
		"presence": func(ctx context.Context, s *lucs.Store) error { return s.SetPresence(ctx, lucstest.UserMara, core.DND) },
		"lift":     func(ctx context.Context, s *lucs.Store) error { return s.LiftBlocks(ctx, lucstest.UserNils) },
		"block": func(ctx context.Context, s *lucs.Store) error {
			block, err := s.Block(ctx, lucstest.UserMara)
			require.Equal(t, []string{"IsBlockedByLuwareApi"}, block.Changed)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := sample(append(silent(), lucstest.WithReadLag(time.Hour))...)
				start := time.Now()
				err := do(t.Context(), overAs(t, sim, lucs.Dialect{Routes: direct}).Store())
				e := resttest.ErrorOf(t, err)
				require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied})
				require.NotEmpty(t, e.Doubt)
				require.Less(t, time.Since(start), 6*time.Second)
				require.LessOrEqual(t, len(sim.Requests()), 13, "the vendor is not hammered")
			})
		})
	}
}
