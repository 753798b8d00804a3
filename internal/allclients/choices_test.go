package allclients

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/core/coretest/fixtures"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// TestChoices_AStoreIsRightWhateverTheVendorChose: what the documents leave open, a
// simulator does in either way. What a store says is done then shows, and what it refuses
// it says so. The conformance suites take the choices that matter most; these are the others.
func TestChoices_AStoreIsRightWhateverTheVendorChose(t *testing.T) {
	type fixture func(t *testing.T) coretest.Fixture
	avaya := func(o avayatest.Option) fixture {
		return func(t *testing.T) coretest.Fixture { return fixtures.Avaya(t, o) }
	}
	libh3lp := func(o libh3lptest.Option) fixture {
		return func(t *testing.T) coretest.Fixture { return fixtures.LibH3lp(t, o) }
	}
	liveperson := func(o livepersontest.Option) fixture {
		return func(t *testing.T) coretest.Fixture { return fixtures.LivePerson(t, o) }
	}
	luware := func(o lucstest.Option) fixture {
		return func(t *testing.T) coretest.Fixture { return fixtures.LUCS(t, lucs.Dialect{}, o) }
	}
	cisco := func(o webextest.Option) fixture {
		return func(t *testing.T) coretest.Fixture { return fixtures.Webex(t, webex.Assist, o) }
	}

	for name, begin := range map[string]fixture{
		"avaya: a colon matches anywhere":       avaya(avayatest.WithColonAnywhere()),
		"avaya: dangling references":            avaya(avayatest.WithDanglingReferencesKept()),
		"avaya: links as an object":             avaya(avayatest.WithGroupLinksObject()),
		"avaya: pages of profiles":              avaya(avayatest.WithProfilePageMultiples()),
		"avaya: numbers as text":                avaya(avayatest.WithStringNumbersAccepted()),
		"avaya: unknown references fail later":  avaya(avayatest.WithUnknownReferencesAccepted()),
		"avaya: a password in the voice":        avaya(avayatest.WithVoicePasswordEcho()),
		"avaya: an unknown account is a 400":    avaya(avayatest.WithUnknownAccountStatus(http.StatusBadRequest)),
		"libh3lp: another cookie":               libh3lp(libh3lptest.WithCookieName("session")),
		"libh3lp: any version":                  libh3lp(libh3lptest.WithLaxVersions()),
		"libh3lp: names stay taken":             libh3lp(libh3lptest.WithNamesKept()),
		"libh3lp: renames are ignored":          libh3lp(libh3lptest.WithRenamesIgnored()),
		"liveperson: API users without a key":   liveperson(livepersontest.WithKeylessAPIUsers()),
		"liveperson: no password for API users": liveperson(livepersontest.WithAPIUserPasswordRefused()),
		"liveperson: a new login is refused":    liveperson(livepersontest.WithLoginNameChangeRefused()),
		"liveperson: a login is free again":     liveperson(livepersontest.WithLoginNameReuse()),
		"liveperson: nothing is masked":         liveperson(livepersontest.WithMaskedFields()),
		"liveperson: more is masked":            liveperson(livepersontest.WithMaskedFields("fullName", "employeeId", "email")),
		"liveperson: a revision is needed":      liveperson(livepersontest.WithRevisionRequired()),
		"liveperson: a version is needed":       liveperson(livepersontest.WithVersionRequired()),
		"liveperson: an unknown service is 200": liveperson(livepersontest.WithUnknownServiceStatus(http.StatusOK)),
		"lucs: not found is a 400":              luware(lucstest.WithNotFoundStatus(http.StatusBadRequest)),
		"lucs: online ends the RONA":            luware(lucstest.WithRONAResetByOnline()),
		"lucs: do not disturb has a reason":     luware(lucstest.WithReasonOnDoNotDisturb("Break")),
		"webex: bare UUIDs":                     cisco(webextest.WithBareUUIDs()),
		"webex: an empty list of queues":        cisco(webextest.WithEmptyAgentDetails()),
		"webex: one supervisor per agent":       cisco(webextest.WithExclusiveAgents()),
		"webex: the last agent stays":           cisco(webextest.WithLastAgentRefused()),
		"webex: writes are taken as they come":  cisco(webextest.WithLenientWrites()),
		"webex: the login is kept":              cisco(webextest.WithLoginKept()),
		"webex: one agent per write":            cisco(webextest.WithMaxItems(1)),
		"webex: small pages or none":            cisco(webextest.WithMaxThreshold(100)),
		"webex: statuses with a type":           cisco(webextest.WithStatusTypes()),
		"webex: all refused is an error":        cisco(webextest.WithAllRefusedStatus(http.StatusBadRequest)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { holdsAtWork(t, begin(t)) })
		})
	}
}

// holdsAtWork does what people do, and looks at what the store says of it.
func holdsAtWork(t *testing.T, f coretest.Fixture) {
	ctx, s := t.Context(), f.Store
	users, err := core.Collect(s.ListUsers(ctx, core.UserQuery{}))
	require.NoError(t, err)
	ids := map[string]bool{}
	for _, u := range users {
		ids[u.ID] = true
	}
	require.True(t, ids[f.UserID] && ids[f.OtherID], "both are listed")
	_, err = s.GetUser(ctx, f.UnknownID)
	require.ErrorIs(t, err, core.ErrNotFound)

	for kind, targets := range f.Targets {
		a := core.Assignment{UserID: f.UserID, Target: targets[0]}
		for _, do := range []func() ([]core.Outcome, error){
			func() ([]core.Outcome, error) { return s.Assign(ctx, a) },
			func() ([]core.Outcome, error) { return s.Assign(ctx, a) },
			func() ([]core.Outcome, error) { return s.Unassign(ctx, a) },
		} {
			out, err := do()
			refusedOrDone(t, err, string(kind))
			if err == nil {
				require.Contains(t, []core.Result{core.ResultApplied, core.ResultAlready}, out[0].Result)
			}
		}
	}

	_, err = s.Presence(ctx, f.UserID)
	refusedOrDone(t, err, "presence")
	made, err := s.Block(ctx, f.UserID)
	refusedOrDone(t, err, "block")
	if err == nil {
		require.NoError(t, s.Unblock(ctx, f.UserID, made))
	}
	if f.Spec == nil {
		return
	}
	u, err := s.CreateUser(ctx, f.Spec(1))
	refusedOrDone(t, err, "create")
	if err == nil {
		got, err := s.GetUser(ctx, u.ID)
		require.NoError(t, err)
		require.Equal(t, u.Login, got.Login)
	}
}

// refusedOrDone takes success, or an error that leaves no doubt.
func refusedOrDone(t *testing.T, err error, what string) {
	t.Helper()
	if err == nil {
		return
	}
	if part, ok := errors.AsType[*core.PartialError](err); ok {
		for _, o := range part.Outcomes {
			require.NotEqual(t, core.ResultUnknown, o.Result, "%s: %v", what, err)
		}
		return
	}
	e, ok := errors.AsType[*core.Error](err)
	require.True(t, ok, "%s: %v", what, err)
	require.NotEqual(t, core.AppliedUnknown, e.Applied, "%s: %v", what, err)
}
