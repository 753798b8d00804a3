package avaya_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

func TestAFieldNamedInBothWaysIsRefused(t *testing.T) {
	simulate(t, func(b *bench) {
		secret := core.NewSecret("Zq7!mTr2kW9p")
		for wire, neutral := range map[string]core.UserChange{
			"loginId": {Login: core.Set("a@b.cc")}, "firstName": {FirstName: core.Set("Al")}, "lastName": {LastName: core.Set("Be")},
			"emailId": {Email: core.Set("a@b.cc")}, "roles": {Roles: core.Set([]string{"Agent"})}, "password": {Password: core.Set(secret)},
		} {
			for name, value := range map[string]any{"set": json.RawMessage(`"c@d.ee"`), "null": json.RawMessage(`null`), "clear": core.Clear[any]()} {
				change := neutral
				change.Fields = map[string]any{wire: value}
				_, err := b.store.UpdateUser(b.Context(), someUser, change)
				require.ErrorIs(b, err, core.ErrInvalid, "%s %s", wire, name)
				require.ErrorContains(b, err, wire)
				require.Equal(b, core.AppliedNo, appliedOf(b, err))

				spec := core.UserSpec{Login: "a@b.cc", FirstName: "Al", LastName: "Be", Email: "a@b.cc", Roles: []string{"Agent"}, Password: secret,
					Fields: map[string]any{wire: value}}
				_, err = b.store.CreateUser(b.Context(), spec)
				require.ErrorIs(b, err, core.ErrInvalid, "%s %s", wire, name)
			}
		}
		_, err := b.store.UpdateUser(b.Context(), someUser, core.UserChange{Email: core.Clear[string](), Fields: map[string]any{"emailId": "a@b.cc"}})
		require.ErrorIs(b, err, core.ErrInvalid, "to clear is to name")
		require.Empty(b, b.srv.Requests())

		_, err = b.store.CreateUser(b.Context(), core.UserSpec{Login: "a@b.cc", FirstName: "Al", LastName: "Be",
			Fields: map[string]any{"emailId": "al@example.com", "roles": []string{"Agent"}, "lastName": core.Opt[string]{}}})
		require.NoError(b, err, "named in one way, or kept")
	})
}

func TestClearingWhatIsNothingIsRefused(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("known")
		for _, name := range []string{"", "features.voice", "id", "userId"} {
			_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{Fields: map[string]any{name: core.Clear[any]()}})
			require.ErrorIs(b, err, core.ErrInvalid, "%q", name)
			_, err = b.store.UpdateUser(b.Context(), id, core.UserChange{Fields: map[string]any{name: json.RawMessage(`{}`)}})
			require.ErrorIs(b, err, core.ErrInvalid, "%q", name)
			_, err = b.store.CreateUser(b.Context(), core.UserSpec{Login: "a@b.cc", FirstName: "Al", LastName: "Be", Fields: map[string]any{name: 1}})
			require.ErrorIs(b, err, core.ErrInvalid, "%q", name)
		}
		require.Empty(b, b.srv.Requests(), "before any traffic")
		for _, name := range []string{"Email", "emailid", "nowhere", "ROLES"} {
			_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{Fields: map[string]any{name: core.Clear[any]()}})
			require.ErrorIs(b, err, core.ErrInvalid, name)
			require.Equal(b, core.AppliedNo, appliedOf(b, err))
		}
		require.Empty(b, b.srv.Requests("Users.Replace"))
		for _, name := range []string{"x-badge", "displayName", "addresses"} { // there, or known
			_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{Fields: map[string]any{name: core.Clear[any]()}})
			require.NoError(b, err, name)
		}
	})
}

func TestARoleWithoutANameIsRefused(t *testing.T) {
	simulate(t, func(b *bench) {
		_, err := b.store.UpdateUser(b.Context(), someUser, core.UserChange{Roles: core.Set([]string{"Agent", ""})})
		require.ErrorIs(b, err, core.ErrInvalid)
		_, err = b.store.CreateUser(b.Context(), core.UserSpec{Login: "a@b.cc", FirstName: "Al", LastName: "Be", Roles: []string{" "}})
		require.ErrorIs(b, err, core.ErrInvalid)
		require.Empty(b, b.srv.Requests())
	})
}

func TestACreateIsComparedWithItsAnswer(t *testing.T) {
	simulate(t, func(b *bench) {
		spec := core.UserSpec{Login: "a@b.cc", FirstName: "Al", LastName: "Be", Email: "al@example.com"}
		b.srv.AddUser(`{"userId":"` + otherUser + `","loginId":"a@b.cc","firstName":"Al","lastName":"Be","emailId":"other@example.com"}`)
		b.srv.Fault(avayatest.Fault{Op: "Users.Create", Status: 202, ContentType: "application/json",
			Body: `{"userId":"` + otherUser + `","loginId":"a@b.cc","firstName":"Al","lastName":"Be","emailId":"other@example.com"}`})
		u, err := b.store.CreateUser(b.Context(), spec)
		require.ErrorIs(b, err, core.ErrNotApplied)
		require.ErrorContains(b, err, "emailId")
		require.Equal(b, core.AppliedYes, appliedOf(b, err))
		require.Equal(b, otherUser, u.ID, "there it is, and its id is needed")

		answer := func(id string) avayatest.Fault {
			return avayatest.Fault{Op: "Users.Create", Status: 202, ContentType: "application/json", Body: `{"userId":"` + id + `"}`}
		}
		b.srv.Fault(answer(someUser))
		u, err = b.store.CreateUser(b.Context(), spec)
		require.ErrorIs(b, err, core.ErrNotApplied, "what an answer leaves out is looked at")
		require.NotErrorIs(b, err, core.ErrNotFound)
		require.Equal(b, core.AppliedUnknown, appliedOf(b, err))
		require.Equal(b, someUser, u.ID)

		b.srv.ChangeUser(otherUser, `{"emailId":"al@example.com"}`)
		b.srv.Fault(answer(otherUser))
		u, err = b.store.CreateUser(b.Context(), spec)
		require.NoError(b, err)
		require.Equal(b, "Be", u.LastName, "and what was seen is returned")

		somebody := b.srv.AddUser(`{"loginId":"else@example.com"}`)
		b.srv.Fault(answer(somebody))
		u, err = b.store.CreateUser(b.Context(), spec)
		require.ErrorIs(b, err, core.ErrProtocol, "the id is another user's")
		require.NotErrorIs(b, err, core.ErrConflict)
		require.Empty(b, u.ID)
	})
}

// TestStoreCreateUser_ComparesInAnyComposition: one letter may be one code point or two.
func TestStoreCreateUser_ComparesInAnyComposition(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.Fault(avayatest.Fault{Op: "Users.Create", Status: 202, ContentType: "application/json",
			Body: `{"userId":"` + someUser + `","organizationNodeId":"QWERTY","loginId":"jose@example.com","firstName":"José","lastName":"Be","displayName":"Be, José"}`})
		u, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "Jose@example.com ", FirstName: "Jose\u0301", LastName: "Be", DisplayName: "Be, Jose\u0301"})
		require.NoError(b, err)
		require.Equal(b, "Be, José", u.DisplayName)
		require.Empty(b, b.srv.Requests("Users.Get"), "the answer tells")
	})
}

// TestStore_UnfamiliarAnswersAreLookedInto: a 200 in unfamiliar words is no success,
// and what was done in spite of it shows.
func TestStore_UnfamiliarAnswersAreLookedInto(t *testing.T) {
	change := core.UserChange{LastName: core.Set("Souza"), Roles: core.Set([]string{"Supervisor"})}
	for _, body := range []string{`{"success":false,"message":"denied"}`, `{}`, `"denied"`, `false`, ``} {
		simulate(t, func(b *bench) {
			id, _ := b.agent("odd")
			answer := func(op string) avayatest.Fault {
				return avayatest.Fault{Op: op, Status: 200, ContentType: "application/json", Body: body}
			}
			b.srv.Fault(answer("Users.Replace"), answer("Users.Delete"))
			_, err := b.store.UpdateUser(b.Context(), id, change)
			require.Error(b, err, body)
			require.Equal(b, core.AppliedUnknown, appliedOf(b, err))
			err = b.store.DeleteUser(b.Context(), id)
			require.Error(b, err, body)
			require.Equal(b, core.AppliedUnknown, appliedOf(b, err))

			b.srv.Fault(after(answer("Users.Replace"), func() { b.srv.ChangeUser(id, `{"lastName":"Souza","roles":["Supervisor"]}`) }),
				after(answer("Users.Delete"), func() { b.srv.RemoveUser(id) }))
			u, err := b.store.UpdateUser(b.Context(), id, change)
			require.NoError(b, err)
			require.Equal(b, []any{"Souza", []string{"Supervisor"}}, []any{u.LastName, u.Roles})
			require.NoError(b, b.store.DeleteUser(b.Context(), id))

			id, _ = b.agent("password")
			b.srv.Fault(answer("Users.Replace"))
			_, err = b.store.UpdateUser(b.Context(), id, core.UserChange{Password: core.Set(core.NewSecret("Zq7!mTr2kW9p"))})
			require.Error(b, err, "of a password no look can tell")
		})
	}
}

// after lets a fault strike when something has been done.
func after(f avayatest.Fault, do func()) avayatest.Fault {
	f.Match = func(*http.Request, []byte) bool { do(); return true }
	return f
}

func TestStoreUpdateUser_HoldsToItsPrecondition(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("if")
		change := core.UserChange{LastName: core.Set("Souza"), If: core.Precondition{Values: map[string]any{
			"lastName": "reyes", "roles": []string{"Agent"}, "email": nil, "x-badge": json.Number("12345678901234567890")}}}
		_, err := b.store.UpdateUser(b.Context(), id, change)
		require.NoError(b, err)
		_, err = b.store.UpdateUser(b.Context(), id, change)
		require.ErrorIs(b, err, core.ErrRevision)
		require.Equal(b, core.AppliedNo, appliedOf(b, err))
		change.If.Values = map[string]any{"roles": []string{}}
		_, err = b.store.UpdateUser(b.Context(), id, change)
		require.ErrorIs(b, err, core.ErrRevision)
		require.Len(b, b.srv.Requests("Users.Replace"), 1)
	})
}

func TestStoreListUsers_MatchesRegardlessOfCase(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.AddUser(`{"loginId":"Ana.Silva@Example.com","emailId":"ana@example.com","firstName":"Al","lastName":"Be"}`)
		b.srv.AddUser(`{"loginId":"kim@example.com","firstName":"Al","lastName":"Be"}`)
		for q, requests := range map[core.UserQuery]int{
			{Login: "Ana.Silva@Example.com"}: 1, {Login: " KIM@example.com "}: 2, {Login: "ana.silva@example.com"}: 2,
			{Email: "Ana@Example.com"}: 2, {Login: "kim@EXAMPLE.com"}: 2,
		} {
			b.srv.Reset()
			got, err := core.Collect(b.store.ListUsers(b.Context(), q))
			require.NoError(b, err)
			require.Len(b, got, 1, "%+v", q)
			require.Len(b, b.srv.Requests("Users.List"), requests, "%+v", q)
		}
		got, err := core.Collect(b.store.ListUsers(b.Context(), core.UserQuery{Login: "kim@example.com", Email: "x@example.com"}))
		require.NoError(b, err)
		require.Empty(b, got)
	})
}

func TestStoreCreateUser_TakesLinksWithTheCreation(t *testing.T) {
	simulate(t, func(b *bench) {
		b.category()
		queue, group, profile := b.srv.AddQueue(`{"name":"Sales"}`), b.srv.AddGroup(`{"name":"Team"}`), b.srv.AddProfile(`{"profileName":"Plain"}`)
		spec := core.UserSpec{Login: "n@example.com", FirstName: "Ne", LastName: "Wi", Roles: []string{"Agent"}, Links: []core.Assignment{
			atLevel(link("", core.KindQueue, queue), 2), link("", core.KindSkill, "Language.Basque"), link("", core.KindGroup, group),
			link("", core.KindManagedGroup, group), link("", core.KindProfile, profile)}}
		u, err := b.store.CreateUser(b.Context(), spec)
		require.NoError(b, err)
		require.Len(b, b.srv.Requests(), 2, "a token and the creation")
		got, err := core.Collect(b.store.ListAssignments(b.Context(), core.AssignmentQuery{UserID: u.ID}))
		require.NoError(b, err)
		require.Len(b, got, 5)
		require.Equal(b, 2, *got[0].Level)
		_, err = b.store.Settle(b.Context(), u.ID, core.SettleAfter(core.Created))
		require.NoError(b, err)

		before := len(b.srv.Requests())
		for class, links := range map[error][]core.Assignment{
			core.ErrInvalid:     {atLevel(link("", core.KindQueue, queue), 17)},
			core.ErrUnsupported: {link("", core.KindLOB, "l")},
		} {
			spec.Links = links
			_, err = b.store.CreateUser(b.Context(), spec)
			require.ErrorIs(b, err, class)
		}
		spec.Links = []core.Assignment{atLevel(link("", core.KindQueue, queue), 1), atLevel(link("", core.KindQueue, queue), 2)}
		_, err = b.store.CreateUser(b.Context(), spec)
		require.ErrorIs(b, err, core.ErrInvalid)
		spec.Links = []core.Assignment{link("somebody", core.KindQueue, queue)}
		_, err = b.store.CreateUser(b.Context(), spec)
		require.ErrorIs(b, err, core.ErrInvalid)
		require.Len(b, b.srv.Requests(), before)
	})
}

func TestStoreUpdateUser_IsAboutTheIDAskedFor(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("asked")
		other, _ := b.agent("other")
		change := core.UserChange{LastName: core.Set("Changed")}
		b.srv.Fault(avayatest.Fault{Op: "Users.Replace", Status: 202, ContentType: "application/json", Body: `{"userId":"` + other + `"}`})
		_, err := b.store.UpdateUser(b.Context(), id, change)
		require.ErrorIs(b, err, core.ErrProtocol)
		require.Equal(b, core.AppliedUnknown, appliedOf(b, err))

		b.srv.Fault(avayatest.Fault{Op: "Users.Replace", Status: 202, ContentType: "application/json", Body: `{"userId":"` + strings.ToUpper(id) + `","lastName":"Changed"}`})
		u, err := b.store.UpdateUser(b.Context(), id, change)
		require.NoError(b, err)
		require.Equal(b, id, u.ID)
	})
}

func TestStore_WaitsForWritesThatShowLater(t *testing.T) {
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
		statuses, err := core.Collect(c.Users.ListStatuses(t.Context(), made.UserID))
		require.NoError(t, err)
		require.Empty(t, statuses)

		time.Sleep(2100 * time.Millisecond)
		_, err = c.Users.Get(t.Context(), made.UserID)
		require.NoError(t, err, "under the same id")
		statuses, err = core.Collect(c.Users.ListStatuses(t.Context(), made.UserID))
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
