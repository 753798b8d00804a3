package avaya_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

func link(user string, kind core.Kind, id string) core.Assignment {
	return core.Assignment{UserID: user, Target: core.Target{Kind: kind, ID: id}}
}

func atLevel(a core.Assignment, level int) core.Assignment {
	a.Level = &level
	return a
}

func TestSeveralChangesOfOneUserAreOneWrite(t *testing.T) {
	simulate(t, func(b *bench) {
		id, old := b.agent("many")
		queue, group, owned := b.srv.AddQueue(`{"name":"Second"}`), b.srv.AddGroup(`{"name":"Team"}`), b.srv.AddGroup(`{"name":"Led"}`)
		profile := b.srv.AddProfile(`{"profileName":"Plain"}`)
		before := b.own(id)
		out, err := b.store.Assign(b.Context(),
			atLevel(link(id, core.KindQueue, queue), 5), link(id, core.KindSkill, "Language.Basque"),
			link(id, core.KindSkill, "Language.Spanish"), link(id, core.KindGroup, group),
			link(id, core.KindManagedGroup, owned), link(id, core.KindProfile, profile), link(id, core.KindQueue, old))
		require.NoError(b, err)
		require.Len(b, b.srv.Requests("Users.Replace"), 1)
		var results []core.Result
		for _, o := range out {
			results = append(results, o.Result)
		}
		require.Equal(b, []core.Result{"applied", "applied", "already", "applied", "applied", "applied", "already"}, results, "in order")

		after := b.own(id)
		for _, name := range []string{"x-badge", "x-nested", "roles", "loginId", "lastName"} {
			require.Equal(b, before[name], after[name], "what no assignment named is as it was")
		}
		matching := after["features"].(map[string]any)["matching"].(map[string]any)
		require.Equal(b, before["features"].(map[string]any)["matching"].(map[string]any)["x-more"], matching["x-more"])
		require.Equal(b, before["features"].(map[string]any)["voice"], after["features"].(map[string]any)["voice"])

		all, err := core.Collect(b.store.ListAssignments(b.Context(), core.AssignmentQuery{UserID: id}))
		require.NoError(b, err)
		require.Len(b, all, 7)
		i := slices.IndexFunc(all, func(a core.Assignment) bool { return a.Target.ID == queue })
		require.Equal(b, 5, *all[i].Level)

		out, err = b.store.Unassign(b.Context(), link(id, core.KindQueue, queue), link(id, core.KindSkill, "Language.Basque"),
			link(id, core.KindGroup, group), link(id, core.KindManagedGroup, owned), link(id, core.KindQueue, queue))
		require.NoError(b, err)
		require.Equal(b, core.ResultAlready, out[4].Result, "the second removal of one call finds it gone")
		after = b.own(id)
		delete(after, "profileId")
		for _, empty := range []string{"memberOfGroups", "ownedGroups"} {
			require.Empty(b, after[empty])
			delete(after, empty)
		}
		require.Equal(b, before, after, "taken back, everything is as it was")
	})
}

func TestALevelIsChangedInPlace(t *testing.T) {
	simulate(t, func(b *bench) {
		id, queue := b.agent("level")
		out, err := b.store.Assign(b.Context(), atLevel(link(id, core.KindQueue, queue), 3))
		require.NoError(b, err)
		require.Equal(b, core.ResultAlready, out[0].Result)
		require.Empty(b, b.srv.Requests("Users.Replace"), "nothing is written when nothing changes")
		out, err = b.store.Assign(b.Context(), atLevel(link(id, core.KindQueue, queue), 1))
		require.NoError(b, err)
		require.Equal(b, "proficiency was 3", out[0].Message)
		queues := b.own(id)["features"].(map[string]any)["matching"].(map[string]any)["queues"].([]any)
		require.Len(b, queues, 1)
		require.Contains(b, queues[0], "x-note", "what the link held beside its level is kept")
	})
}

func TestAProfileIsExchangedAndTheOutcomeSaysFromWhere(t *testing.T) {
	simulate(t, func(b *bench) {
		one, two := b.srv.AddProfile(`{"profileName":"One","roles":["Agent"]}`), b.srv.AddProfile(`{"profileName":"Two","roles":["Supervisor"]}`)
		id := b.srv.AddUser(`{"loginId":"m@example.com","firstName":"Mo","lastName":"Ve","profileId":"` + one + `"}`)
		out, err := b.store.Assign(b.Context(), link(id, core.KindProfile, two))
		require.NoError(b, err)
		require.Contains(b, out[0].Message, "moved from profile "+one)
		u, err := b.client.Users.Get(b.Context(), id)
		require.NoError(b, err)
		require.Equal(b, []string{"Supervisor"}, u.Roles, "what came from the old profile went with it")
		_, err = b.store.Unassign(b.Context(), link(id, core.KindProfile, two))
		require.ErrorIs(b, err, errors.ErrUnsupported)
	})
}

func TestAHalfFailedCallSaysWhichHalf(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("half")
		other, _ := b.agent("other")
		queue := b.srv.AddQueue(`{"name":"Third"}`)
		ghost := "00000000-0000-4000-8000-000000000000"
		b.srv.Fault(avayatest.Fault{Op: "Users.Replace", Times: -1, Status: 502, Match: isPutOf(other)})
		out, err := b.store.Assign(b.Context(), link(id, core.KindQueue, queue), link(ghost, core.KindQueue, queue),
			link(other, core.KindQueue, queue))
		require.ErrorIs(b, err, core.ErrPartial)
		require.ErrorIs(b, err, core.ErrNotFound)
		require.ErrorIs(b, err, core.ErrUnavailable)
		require.Equal(b, core.ResultApplied, out[0].Result)
		require.Equal(b, core.ResultFailed, out[1].Result)
		require.Equal(b, core.ResultUnknown, out[2].Result, "a write that may have been made is not called failed")
	})
}

func TestAllFailedIsPartialToo(t *testing.T) {
	simulate(t, func(b *bench) {
		queue := b.srv.AddQueue(`{"name":"Fourth"}`)
		out, err := b.store.Assign(b.Context(), link("00000000-0000-4000-8000-000000000000", core.KindQueue, queue))
		partial, ok := errors.AsType[*core.PartialError](err)
		require.True(b, ok)
		require.Equal(b, out, partial.Outcomes)
	})
}

func TestAnAssignmentThatFailsLaterIsNotApplied(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("later")
		queue := b.srv.AddQueue(`{"name":"Fifth"}`)
		b.srv.Fail(avayatest.Failure{Op: "Users.Replace", Features: []string{"matching"}})
		out, err := b.store.Assign(b.Context(), link(id, core.KindQueue, queue))
		require.ErrorIs(b, err, core.ErrFailed)
		require.Equal(b, core.ResultFailed, out[0].Result)
	})
}

func TestAnAcceptedChangeThatDoesNotShowIsNotApplied(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("forgetful")
		group := b.srv.AddGroup(`{"name":"Lost"}`)
		// Another writer removes the user again while we wait.
		b.srv.Fault(avayatest.Fault{Op: "Users.ListStatuses", Match: func(*http.Request, []byte) bool {
			b.srv.ChangeUser(id, `{"memberOfGroups":null}`)
			return true
		}})
		out, err := b.store.Assign(b.Context(), link(id, core.KindGroup, group))
		require.ErrorIs(b, err, core.ErrNotApplied)
		require.Equal(b, core.ResultUnknown, out[0].Result, "it may still come")
	})
}

func isPutOf(id string) func(*http.Request, []byte) bool {
	return func(r *http.Request, _ []byte) bool { return strings.HasSuffix(r.URL.Path, id) }
}

func TestWhatAvayaDoesNotOfferIsRefusedBeforeAnythingIsSent(t *testing.T) {
	simulate(t, func(b *bench) {
		for name, as := range map[string][]core.Assignment{
			"kind supervisor":     {link("u", core.KindSupervisor, "s")},
			"kind lob":            {link("u", core.KindLOB, "l")},
			"level of a skill":    {atLevel(link("u", core.KindSkill, "A.B"), 3)},
			"level of a group":    {link("u", core.KindQueue, "q"), atLevel(link("u", core.KindGroup, "g"), 3)},
			"suspended at assign": {{UserID: "u", Target: core.Target{Kind: core.KindQueue, ID: "q"}, Suspended: true}},
		} {
			out, err := b.store.Assign(b.Context(), as...)
			require.ErrorIs(b, err, errors.ErrUnsupported, name)
			require.Empty(b, out)
		}
		for name, as := range map[string][]core.Assignment{
			"level 0":       {atLevel(link("u", core.KindQueue, "q"), 0)},
			"level 17":      {atLevel(link("u", core.KindQueue, "q"), 17)},
			"empty user":    {link("", core.KindQueue, "q")},
			"user a/../b":   {link("a/../b", core.KindQueue, "q")},
			"empty target":  {link("u", core.KindQueue, "")},
			"target ..":     {link("u", core.KindGroup, "..")},
			"no kind":       {link("u", "", "q")},
			"one of two":    {link("u", core.KindQueue, "q"), link("..", core.KindQueue, "q")},
			"blank skill":   {link("u", core.KindSkill, " ")},
			"control chars": {link("u\n", core.KindQueue, "q")},
		} {
			_, err := b.store.Assign(b.Context(), as...)
			require.ErrorIs(b, err, core.ErrInvalid, name)
		}
		_, err := b.store.Suspend(b.Context(), link("u", core.KindQueue, "q"))
		require.ErrorIs(b, err, errors.ErrUnsupported)
		_, err = b.store.Resume(b.Context(), link("u", core.KindQueue, "q"))
		require.ErrorIs(b, err, errors.ErrUnsupported)
		require.Empty(b, b.srv.Requests())
	})
}

func TestAShiftMovesWithOneReadOneWriteAndSharedPolls(t *testing.T) {
	simulate(t, func(b *bench) {
		queue := b.srv.AddQueue(`{"name":"Late shift"}`)
		ids := b.srv.AddUsers(60)
		var as []core.Assignment
		for _, id := range ids {
			as = append(as, link(id, core.KindQueue, queue))
		}
		out, err := b.store.Assign(b.Context(), as...)
		require.NoError(b, err)
		require.Len(b, out, 60)
		require.Len(b, b.srv.Requests("Users.Replace"), 60)
		require.LessOrEqual(b, len(b.srv.Requests("Users.ListStatuses")), 8, "50 ids to a poll")
		got, err := core.Collect(b.store.ListAssignments(b.Context(), core.AssignmentQuery{Target: core.Target{Kind: core.KindQueue, ID: queue}}))
		require.NoError(b, err)
		require.Len(b, got, 60)
	})
}

func TestListingByTargetAgreesWithListingByUser(t *testing.T) {
	simulate(t, func(b *bench) {
		for u, err := range b.store.ListUsers(b.Context(), core.UserQuery{}) {
			require.NoError(b, err)
			for a, err := range b.store.ListAssignments(b.Context(), core.AssignmentQuery{UserID: u.ID}) {
				require.NoError(b, err)
				found := false
				for x, err := range b.store.ListAssignments(b.Context(), core.AssignmentQuery{Target: a.Target}) {
					require.NoError(b, err)
					found = found || x.UserID == u.ID
				}
				require.True(b, found, "%s is listed by user and not by target", a)
			}
		}
		_, err := core.Collect(b.store.ListAssignments(b.Context(), core.AssignmentQuery{Target: core.Target{Kind: core.KindGroup,
			ID: "00000000-0000-4000-8000-000000000000"}}))
		require.ErrorIs(b, err, core.ErrNotFound)
		_, err = core.Collect(b.store.ListAssignments(b.Context(), core.AssignmentQuery{Target: core.Target{ID: "x"}}))
		require.ErrorIs(b, err, core.ErrInvalid)
	}, avayatest.WithSampleData())
}

func TestADeferredAssignmentThatDoesNotShowYetIsNotCalledFailed(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("busy")
		queue := b.srv.AddQueue(`{"name":"Later"}`)
		// The user stays as it was until the logout.
		b.srv.Fault(avayatest.Fault{Op: "Users.ListStatuses", Status: 200, ContentType: "application/json",
			Match: func(*http.Request, []byte) bool {
				b.srv.ChangeUser(id, `{"features":{"voice":{}}}`)
				return true
			}, Body: `[{"action":"UPDATE","status":"IN_PROGRESS","userId":"` + id + `"}]`},
			avayatest.Fault{Op: "Users.ListStatuses", Status: 200, ContentType: "application/json",
				Body: `[{"action":"UPDATE","status":"PENDING","userId":"` + id + `","features":{"matching":{"action":"UPDATE","status":"PENDING"}}}]`})
		out, err := b.store.Assign(b.Context(), link(id, core.KindQueue, queue))
		require.NoError(b, err)
		require.Equal(b, core.ResultApplied, out[0].Result)
		require.True(b, out[0].Deferred, "%+v", out[0])
	})
}

func TestAChangeThatDoesNotShowMayStillCome(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("forgetful")
		group := b.srv.AddGroup(`{"name":"Lost"}`)
		b.srv.Fault(avayatest.Fault{Op: "Users.ListStatuses", Match: func(*http.Request, []byte) bool {
			b.srv.ChangeUser(id, `{"memberOfGroups":null}`)
			return true
		}})
		out, err := b.store.Assign(b.Context(), link(id, core.KindGroup, group))
		require.ErrorIs(b, err, core.ErrNotApplied)
		require.Equal(b, core.ResultUnknown, out[0].Result, "it may still come")
		require.Equal(b, core.AppliedUnknown, appliedOf(b, out[0].Err), "the vendor said yes")
		require.Equal(b, core.AppliedUnknown, out[0].Applied())
	})
}

func TestALevelThatTheVendorDoesNotNameIsNotCalled0(t *testing.T) {
	simulate(t, func(b *bench) {
		id, queue := b.agent("level")
		body := `{"userId":"` + id + `","organizationNodeId":"QWERTY","loginId":"l@example.com","firstName":"Le","lastName":"Vel",` +
			`"features":{"matching":{"queues":[{"queueId":"` + queue + `"}]}}}`
		b.srv.Fault(avayatest.Fault{Op: "Users.Get", Status: 200, ContentType: "application/json", Body: body})
		out, err := b.store.Assign(b.Context(), atLevel(link(id, core.KindQueue, queue), 5))
		require.NoError(b, err)
		require.Equal(b, core.ResultApplied, out[0].Result)
		require.Empty(b, out[0].Message)
	})
}

func TestAnIDWithALevelBehindItIsNoID(t *testing.T) {
	simulate(t, func(b *bench) {
		id, queue := b.agent("level")
		for _, kind := range []core.Kind{core.KindQueue, core.KindGroup, core.KindManagedGroup} {
			_, err := b.store.Unassign(b.Context(), link(id, kind, queue+"@3"))
			require.ErrorIs(b, err, core.ErrInvalid, string(kind))
			require.Equal(b, core.AppliedNo, appliedOf(b, err))
			_, err = core.Collect(b.store.ListAssignments(b.Context(), core.AssignmentQuery{Target: core.Target{Kind: kind, ID: queue + "@3"}}))
			require.ErrorIs(b, err, core.ErrInvalid, string(kind))
		}
		_, err := b.store.Assign(b.Context(), link(id, core.KindProfile, "NGHTV@"))
		require.ErrorIs(b, err, core.ErrInvalid)
		require.Empty(b, b.srv.Requests())
		_, err = b.store.Unassign(b.Context(), link(id, core.KindSkill, "Sign.@1"))
		require.NoError(b, err, "a skill is a name, and may hold one")
	})
}

func TestAProfileThatIsGoneIsTold(t *testing.T) {
	simulate(t, func(b *bench) {
		profile := b.srv.AddProfile(`{"profileName":"Base","roles":["Agent"]}`)
		id := b.srv.AddUser(`{"loginId":"q@example.com","firstName":"Quim","lastName":"Que","profileId":"` + profile + `"}`)
		group := b.srv.AddGroup(`{"name":"Team"}`)
		b.srv.Fault(avayatest.Fault{Op: "Profiles.Get", Status: 404, ContentType: "application/problem+json",
			Body: `{"title":"Resource Not Found","status":404}`})
		out, err := b.store.Assign(b.Context(), link(id, core.KindGroup, group))
		require.NoError(b, err)
		require.Contains(b, out[0].Message, "profile "+profile+" no longer exists")
		require.Contains(b, out[0].Message, "the user's own")
	})
}

func TestOneSlowWriteKeepsNobodyElseWaiting(t *testing.T) {
	simulate(t, func(b *bench) {
		queue := b.srv.AddQueue(`{"name":"Late shift"}`)
		ids := b.srv.AddUsers(20)
		b.srv.Fault(avayatest.Fault{Op: "Users.Replace", Times: -1, Delay: 10 * time.Minute, Match: isPutOf(ids[3])})
		var as []core.Assignment
		for _, id := range ids {
			as = append(as, link(id, core.KindQueue, queue))
		}
		ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
		defer cancel()
		out, err := b.store.Assign(ctx, as...)
		require.ErrorIs(b, err, core.ErrPartial)
		for i, o := range out {
			want := core.ResultApplied
			if i == 3 {
				want = core.ResultUnknown
			}
			require.Equal(b, want, o.Result, "%d: %s", i, o.Message)
		}
	})
}

func TestStoreAssign_TellsWhatWasThereBefore(t *testing.T) {
	simulate(t, func(b *bench) {
		one, two := b.srv.AddProfile(`{"profileName":"One"}`), b.srv.AddProfile(`{"profileName":"Two"}`)
		id, queue := b.agent("before")
		b.srv.ChangeUser(id, `{"profileId":"`+one+`"}`)
		other := b.srv.AddQueue(`{"name":"Other"}`)
		out, err := b.store.Assign(b.Context(), atLevel(link(id, core.KindQueue, queue), 1), link(id, core.KindProfile, two),
			link(id, core.KindQueue, other), link(id, core.KindSkill, "Language.Spanish"))
		require.NoError(b, err)
		require.Equal(b, 3, *out[0].Before.Level)
		require.Equal(b, one, out[1].Before.Target.ID)
		require.Nil(b, out[2].Before)
		require.Equal(b, core.ResultAlready, out[3].Result)
		require.NotNil(b, out[3].Before)
		out, err = b.store.Unassign(b.Context(), link(id, core.KindQueue, queue))
		require.NoError(b, err)
		require.Equal(b, 1, *out[0].Before.Level)
	})
}

func TestStoreAssign_OneLinkInTwoWaysIsInvalid(t *testing.T) {
	simulate(t, func(b *bench) {
		id, queue := b.agent("twice")
		_, err := b.store.Assign(b.Context(), atLevel(link(id, core.KindQueue, queue), 1),
			atLevel(link(strings.ToUpper(id), core.KindQueue, strings.ToUpper(queue)), 5))
		require.ErrorIs(b, err, core.ErrInvalid)
		require.Empty(b, b.srv.Requests())
		require.Equal(b, "assignments.add", errorOf(b, err).Op)

		out, err := b.store.Assign(b.Context(), link(id, core.KindSkill, "Language.Basque"), link(id, core.KindSkill, "Language.Basque"))
		require.NoError(b, err)
		require.Equal(b, []core.Result{core.ResultApplied, core.ResultAlready}, []core.Result{out[0].Result, out[1].Result})
	})
}

// TestStoreUnassign_FollowsTheProfileAgain: what a user had from its profile, and took
// for its own because one link was added, comes from the profile again without it.
func TestStoreUnassign_FollowsTheProfileAgain(t *testing.T) {
	for name, features := range map[string]string{
		"a profile without routing": `{"voice":{"autoAnswer":true},"chat":{}}`,
		"a profile with routing":    `{"voice":{"autoAnswer":true},"matching":{"attributes":["Language.Spanish"]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(b *bench) {
				b.category()
				group := b.srv.AddGroup(`{"name":"Night"}`)
				profile := b.srv.AddProfile(`{"profileName":"Base","roles":["Agent"],"features":` + features + `}`)
				id := b.srv.AddUser(`{"loginId":"p@example.com","firstName":"Pau","lastName":"Pin","profileId":"` + profile + `"}`)
				skill := link(id, core.KindSkill, "Language.Basque")
				_, err := b.store.Assign(b.Context(), skill, link(id, core.KindGroup, group))
				require.NoError(b, err)
				require.Contains(b, b.own(id), "features")

				out, err := b.store.Unassign(b.Context(), skill)
				require.NoError(b, err)
				require.Contains(b, out[0].Message, "are taken from it again")
				require.NotContains(b, b.own(id), "features")
				require.Contains(b, b.own(id), "memberOfGroups", "what was not taken away stays")
				b.srv.ChangeProfile(profile, `{"features":{"email":{}}}`)
				u, err := b.client.Users.Get(b.Context(), id)
				require.NoError(b, err)
				require.NotNil(b, u.Features.Email)
			})
		})
	}

	simulate(t, func(b *bench) {
		b.category()
		profile := b.srv.AddProfile(`{"profileName":"Base","features":{"voice":{}}}`)
		id := b.srv.AddUser(`{"loginId":"p@example.com","firstName":"Pau","lastName":"Pin","profileId":"` + profile + `",
			"features":{"voice":{},"chat":{},"matching":{"attributes":["Language.Basque"]}}}`)
		out, err := b.store.Unassign(b.Context(), link(id, core.KindSkill, "Language.Basque"))
		require.NoError(b, err)
		require.Contains(b, out[0].Message, "do not follow the profile")
		require.Contains(b, b.own(id)["features"], "chat")
	})
}

func TestStoreListAssignments_OmitsALinkToNothing(t *testing.T) {
	for _, fields := range []string{`"memberOfGroups":[null]`, `"ownedGroups":[""]`, `"features":{"matching":{"queues":[null]}}`,
		`"features":{"matching":{"attributes":[null]}}`} {
		c, _ := mocked(t, "GET", usersPath+"/"+someUser, answered(200, `{"userId":"`+someUser+`",`+fields+`}`))
		_, err := core.Collect(c.Store().ListAssignments(t.Context(), core.AssignmentQuery{UserID: someUser}))
		require.ErrorIs(t, err, core.ErrProtocol, fields)
	}
}

func TestStoreAssign_ReportsADeferredAssignment(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("busy")
		profile := b.srv.AddProfile(`{"profileName":"Chat","features":{"chat":{"multiplicity":2}}}`)
		b.srv.ChangeUser(id, `{"features":null}`)
		b.srv.Login(id)
		out, err := b.store.Assign(b.Context(), link(id, core.KindProfile, profile))
		require.NoError(b, err)
		require.True(b, out[0].Deferred, "%+v", out[0])
	})
}
