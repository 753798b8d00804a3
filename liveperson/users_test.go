package liveperson_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

const stub = `{"id":5,"loginName":"a","fullName":"","nickname":"n","isEnabled":true,"maxChats":1,"email":"e@x.test","profileIds":[1]}`

func TestConditionalGet(t *testing.T) {
	sim := livepersontest.NewServer()
	id := sim.AddUser(`{"loginName":"a"}`)
	c := over(t, sim)
	u, err := c.Users.Get(t.Context(), id)
	require.NoError(t, err)
	require.NotEmpty(t, u.Revision)
	same, changed, err := c.Users.GetIfChanged(t.Context(), id, u.Revision)
	require.NoError(t, err)
	assert.False(t, changed)
	assert.Nil(t, same)
	sim.BumpRevision("users")
	again, changed, err := c.Users.GetIfChanged(t.Context(), id, u.Revision)
	require.NoError(t, err)
	assert.True(t, changed)
	assert.NotEqual(t, u.Revision, again.Revision)
	_, changed, err = c.Users.GetIfChanged(t.Context(), id, liveperson.AnyRevision)
	require.NoError(t, err)
	assert.True(t, changed)
}

func TestRevisionHeaders(t *testing.T) {
	for _, h := range []struct {
		headers []string
		want    liveperson.Revision[liveperson.User]
	}{
		{[]string{"ac-revision", "7", "eTag", "8"}, "7"}, {[]string{"eTag", "8"}, "8"}, {[]string{"ETag", `W/"9"`}, "9"}, {nil, ""},
	} {
		c, mt := mocked(t)
		mt.RegisterResponder("GET", usersURL+"/5", resttest.Answer(200, stub, h.headers...))
		u, err := c.Users.Get(t.Context(), 5)
		require.NoError(t, err)
		assert.Equal(t, h.want, u.Revision)
	}
}

// TestRevisionsOfCollectionsDoNotMix: the types already forbid it; this shows
// that each list sees its own, and that profiles have their own header.
func TestRevisionsOfCollectionsDoNotMix(t *testing.T) {
	sim := livepersontest.NewServer(livepersontest.WithSampleData())
	c := over(t, sim)
	var users liveperson.Head[liveperson.User]
	var skills liveperson.Head[liveperson.Skill]
	var groups liveperson.Head[liveperson.AgentGroup]
	var profiles liveperson.Head[liveperson.Profile]
	var lobs liveperson.Head[liveperson.LOB]
	count := func(known bool) (n int) {
		drain := func(err error) { require.NoError(t, err); n++ }
		var ku, ks, kg, kp, kl = users.Revision, skills.Revision, groups.Revision, profiles.Revision, lobs.Revision
		if !known {
			ku, ks, kg, kp, kl = "", "", "", "", ""
		}
		for _, err := range c.Users.List(t.Context(), liveperson.UserListOptions{Known: ku, Head: &users}) {
			drain(err)
		}
		for _, err := range c.Skills.List(t.Context(), liveperson.SkillListOptions{Known: ks, Head: &skills}) {
			drain(err)
		}
		for _, err := range c.AgentGroups.List(t.Context(), liveperson.AgentGroupListOptions{Known: kg, Head: &groups}) {
			drain(err)
		}
		for _, err := range c.Profiles.List(t.Context(), liveperson.ProfileListOptions{Known: kp, Head: &profiles}) {
			drain(err)
		}
		for _, err := range c.LOBs.List(t.Context(), liveperson.LOBListOptions{Known: kl, Head: &lobs}) {
			drain(err)
		}
		return n
	}
	assert.Greater(t, count(false), 30)
	assert.Zero(t, count(true))
	assert.True(t, users.Unchanged && skills.Unchanged && groups.Unchanged && profiles.Unchanged && lobs.Unchanged)
	sim.BumpRevision("skills")
	assert.Equal(t, 4, count(true), "only the skills came again")
	assert.NotEmpty(t, sim.Requests("Profiles.List")[1].Header.Get("X-LP-Last-Modified"))
	assert.Empty(t, sim.Requests("Profiles.List")[1].Header.Get("If-Match"))
}

func TestOtherCollections(t *testing.T) {
	sim := livepersontest.NewServer(livepersontest.WithSampleData(), livepersontest.WithSampleTypes())
	c := over(t, sim)
	for s, err := range c.Skills.List(t.Context(), liveperson.SkillListOptions{}) {
		require.NoError(t, err)
		one, err := c.Skills.Get(t.Context(), s.ID)
		require.NoError(t, err)
		assert.Equal(t, s.Name, one.Name)
		assert.NotEmpty(t, one.Extra["skillRoutingConfiguration"])
	}
	g, err := c.AgentGroups.Get(t.Context(), liveperson.MainGroup)
	require.NoError(t, err)
	assert.Equal(t, "Main Group", g.Name)
	assert.True(t, g.ParentGroupID.IsClear())
	p, err := c.Profiles.Get(t.Context(), livepersontest.ProfileAgent)
	require.NoError(t, err)
	assert.Equal(t, liveperson.RoleAgent, p.RoleTypeID)
	for l, err := range c.LOBs.List(t.Context(), liveperson.LOBListOptions{}) {
		require.NoError(t, err)
		_, err := c.LOBs.Get(t.Context(), l.ID)
		require.NoError(t, err)
	}
	_, err = c.LOBs.Get(t.Context(), 1)
	require.ErrorIs(t, err, core.ErrNotFound)
	assert.Contains(t, sim.Requests("LOBs.Get")[0].Query, "v=4.0")
}

func TestListOptions(t *testing.T) {
	sim := livepersontest.NewServer()
	a, b := sim.AddUser(`{"loginName":"a"}`), sim.AddUser(`{"loginName":"b"}`)
	sim.ChangeUser(b, `{"deleted":true}`)
	c := over(t, sim, option(liveperson.WithVersions("5.0", "")))
	ids := func(o liveperson.UserListOptions) (ids []int64) {
		for u, err := range c.Users.List(t.Context(), o) {
			require.NoError(t, err)
			ids = append(ids, u.ID)
		}
		return ids
	}
	assert.Equal(t, []int64{a}, ids(liveperson.UserListOptions{}))
	assert.Equal(t, []int64{a, b}, ids(liveperson.UserListOptions{IncludeDeleted: true}))
	for u, err := range c.Users.List(t.Context(), liveperson.UserListOptions{Select: "id,nickname"}) {
		require.NoError(t, err)
		assert.Empty(t, u.LoginName)
	}
	assert.Equal(t, "select=%24all&v=5.0", sim.Requests("Users.List")[0].Query)
	assert.Equal(t, "include_deleted=true&select=%24all&v=5.0", sim.Requests("Users.List")[1].Query)

	list := c.Users.List(t.Context(), liveperson.UserListOptions{})
	for range 2 { // a walk may be repeated
		n := 0
		for _, err := range list {
			require.NoError(t, err)
			n++
		}
		assert.Equal(t, 1, n)
	}
}

func TestListCutOffIsIncomplete(t *testing.T) {
	sim := livepersontest.NewServer()
	sim.AddUsers(100)
	sim.Fault(livepersontest.Fault{Op: "Users.List", CutBody: 20_000})
	n := 0
	var last error
	for _, err := range over(t, sim).Users.List(t.Context(), liveperson.UserListOptions{}) {
		if last = err; err == nil {
			n++
		}
	}
	require.ErrorIs(t, last, core.ErrIncomplete)
	assert.Greater(t, n, 10)

	c, mt := mocked(t)
	mt.RegisterResponder("GET", usersURL, resttest.Answer(200, `{"error":"x"}`))
	for _, err := range c.Users.List(t.Context(), liveperson.UserListOptions{}) {
		require.ErrorIs(t, err, core.ErrInvalid, "a refusal in place of a list")
		require.Contains(t, err.Error(), "x (sent with")
	}
}

func TestCreateReplaceDelete(t *testing.T) {
	sim := livepersontest.NewServer(livepersontest.WithEmptyDeletes())
	c := over(t, sim)
	u, err := c.Users.Create(t.Context(), newUser("a"))
	require.NoError(t, err)
	assert.NotZero(t, u.ID)
	assert.NotEmpty(t, u.PID)
	assert.True(t, u.PasswordSh.IsZero())
	stored, _ := sim.User(u.ID)
	assert.Equal(t, "Full a", stored["fullName"])
	assert.Equal(t, "Init-pass-77", stored["passwordSh"])

	u.Description = core.Set("d")
	got, err := c.Users.Replace(t.Context(), *u)
	require.NoError(t, err)
	assert.Equal(t, "d", got.Description.Or(""))
	_, err = c.Users.Replace(t.Context(), *u) // as of before
	require.ErrorIs(t, err, core.ErrRevision)
	u.Revision = liveperson.AnyRevision
	_, err = c.Users.Replace(t.Context(), *u)
	require.NoError(t, err)
	u.Revision = ""
	_, err = c.Users.Replace(t.Context(), *u)
	require.ErrorIs(t, err, core.ErrInvalid)
	stored, _ = sim.User(u.ID)
	assert.Equal(t, "Init-pass-77", stored["passwordSh"], "null keeps it")
	require.ErrorIs(t, c.Users.Delete(t.Context(), u.ID, "1"), core.ErrRevision)
	require.ErrorIs(t, c.Users.Delete(t.Context(), u.ID, ""), core.ErrInvalid)
	require.ErrorIs(t, c.Users.Delete(t.Context(), u.ID, got.Revision), core.ErrRevision, "the forced write has moved it")
	require.NoError(t, c.Users.Delete(t.Context(), u.ID, liveperson.AnyRevision))
}

func TestManyAtOnce(t *testing.T) {
	sim := livepersontest.NewServer(livepersontest.WithEmptyDeletes())
	c := over(t, sim, option(liveperson.WithMethodOverride()))
	made, err := c.Users.CreateMany(t.Context(), []liveperson.User{newUser("a"), newUser("b"), newUser("c")})
	require.NoError(t, err)
	require.Len(t, made, 3)
	var all []liveperson.User
	var ids []int64
	for i, u := range made {
		assert.Equal(t, string(rune('a'+i)), u.LoginName)
		u.Description = core.Set(fmt.Sprint(i))
		all, ids = append(all, *u), append(ids, u.ID)
	}
	all[2].Revision = liveperson.AnyRevision
	got, err := c.Users.ReplaceMany(t.Context(), all)
	require.NoError(t, err)
	assert.Equal(t, "2", got[2].Description.Or(""))
	assert.Equal(t, string(made[0].Revision), sim.Requests("Users.ReplaceMany")[0].Header.Get("If-Match"))
	_, err = c.Users.ReplaceMany(t.Context(), all)
	require.ErrorIs(t, err, core.ErrRevision)
	require.NoError(t, c.Users.DeleteMany(t.Context(), ids, got[0].Revision))
	r := sim.Requests("Users.DeleteMany")[0]
	assert.Equal(t, "POST", r.Method)
	assert.Equal(t, "DELETE", r.Header.Get("X-HTTP-Method-Override"))
	assert.Equal(t, fmt.Sprintf(`["%d","%d","%d"]`, ids[0], ids[1], ids[2]), string(r.Body))
	assert.Empty(t, sim.Users())
	none, err := c.Users.CreateMany(t.Context(), nil)
	assert.NoError(t, err)
	assert.Empty(t, none)
	assert.NoError(t, c.Users.DeleteMany(t.Context(), nil, liveperson.AnyRevision))
}

func TestCreateWithAShortOrEmptyAnswer(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("POST", usersURL, resttest.Answer(201, ``, "Location", "/api/account/acc/configuration/le-users/users/77"))
	for id, login := range map[int64]string{77: "A", 78: "a"} {
		mt.RegisterResponder("GET", at(id), says(200, with(shown("a"), map[string]string{"id": str(id), "loginName": `"` + login + `"`})))
	}
	u, err := c.Users.Create(t.Context(), newUser("a"))
	require.NoError(t, err)
	assert.Equal(t, int64(77), u.ID)
	assert.Equal(t, "nick a", u.Nickname.Or(""))
	mt.RegisterResponder("POST", usersURL, resttest.Answer(201, `[{"id":"78"}]`))
	u, err = c.Users.Create(t.Context(), newUser("a"))
	require.NoError(t, err)
	assert.Equal(t, int64(78), u.ID)
	mt.RegisterResponder("POST", usersURL, resttest.Answer(201, ``))
	_, err = c.Users.Create(t.Context(), newUser("a"))
	require.ErrorIs(t, err, core.ErrProtocol)
	assert.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
}

// shown is how the vendor shows newUser.
func shown(login string) string {
	return fmt.Sprintf(`{"id":5,"loginName":%[1]q,"fullName":"","nickname":"nick %[1]s","email":"%[1]s@example.test","isEnabled":true,
		"maxChats":2,"profileIds":[%[2]d],"memberOf":{"agentGroupId":-1}}`, login, livepersontest.ProfileAgent)
}

func TestRequiredFieldsAreMissedBeforeAnyTraffic(t *testing.T) {
	c, mt := mocked(t)
	for name, change := range map[string]func(*liveperson.User){
		"loginName": func(u *liveperson.User) { u.LoginName = "" }, "fullName": func(u *liveperson.User) { u.FullName = core.Set("") },
		"nickname": func(u *liveperson.User) { u.Nickname = core.Opt[string]{} }, "email": func(u *liveperson.User) {
			u.Email = core.Clear[string]()
		},
		"isEnabled": func(u *liveperson.User) { u.IsEnabled = core.Opt[bool]{} }, "maxChats": func(u *liveperson.User) {
			u.MaxChats = core.Opt[int64]{}
		},
		"profileIds": func(u *liveperson.User) { u.ProfileIDs = []int64{} }, "passwordSh": func(u *liveperson.User) {
			u.PasswordSh = core.Secret{}
		},
		"API user has no password": func(u *liveperson.User) { u.IsAPIUser = core.Set(true) },
		"allowedAppKeys":           func(u *liveperson.User) { u.IsAPIUser, u.PasswordSh = core.Set(true), core.Secret{} },
	} {
		u := newUser("a")
		change(&u)
		_, err := c.Users.Create(t.Context(), u)
		require.ErrorIs(t, err, core.ErrInvalid, name)
		assert.Contains(t, err.Error(), name)
		_, err = c.Users.CreateMany(t.Context(), []liveperson.User{newUser("b"), u})
		require.ErrorIs(t, err, core.ErrInvalid, name)
	}
	_, err := c.Users.Get(t.Context(), 0)
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorIs(t, c.Users.ResetPassword(t.Context(), 5, core.Secret{}), core.ErrInvalid)
	assert.Zero(t, mt.GetTotalCallCount())
}

func TestResetPassword(t *testing.T) {
	sim := livepersontest.NewServer()
	id := sim.AddUser(`{"loginName":"a"}`)
	c := over(t, sim)
	require.NoError(t, c.Users.ResetPassword(t.Context(), id, core.NewSecret("Another-1")))
	u, _ := sim.User(id)
	assert.Equal(t, "Another-1", u["passwordSh"])
	require.ErrorIs(t, c.Users.ResetPassword(t.Context(), id, core.NewSecret("short")), core.ErrInvalid)
	assert.Equal(t, `{"newPassword":"Another-1"}`, string(sim.Requests("Users.ResetPassword")[0].Body))
}

func TestLostAnswerOfAModify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := livepersontest.NewServer()
		id := sim.AddUser(`{"loginName":"a"}`)
		sim.Fault(livepersontest.Fault{Op: "Users.Replace", LoseAnswer: true})
		// The repeat meets the revision that the lost write has made.
		u, err := over(t, sim).Users.Modify(t.Context(), id, func(u *liveperson.User) error { u.Nickname = core.Set("n"); return nil })
		require.NoError(t, err)
		assert.Equal(t, "n", u.Nickname.Or(""))
	})
}

func TestModifyOf409WithoutAnyChangeGivesUpSoon(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("GET", usersURL+"/5", resttest.Answer(200, stub, "ac-revision", "3"))
	mt.RegisterResponder("PUT", usersURL+"/5", resttest.Answer(409, `{"message":"nickname is taken"}`))
	_, err := c.Users.Modify(t.Context(), 5, func(u *liveperson.User) error { u.Nickname = core.Set("other"); return nil })
	require.ErrorIs(t, err, core.ErrRevision)
	assert.Equal(t, 7, mt.GetTotalCallCount(), "no forty tries")
}

func TestModifyTriesAgainAfterOneRefusalForTheRevision(t *testing.T) {
	for _, status := range []int{409, 412} {
		c, mt := mocked(t)
		mt.RegisterResponder("GET", usersURL+"/5", resttest.Answer(200, stub, "ac-revision", "3"))
		puts := 0
		mt.RegisterResponder("PUT", usersURL+"/5", func(r *http.Request) (*http.Response, error) {
			if puts++; puts == 1 {
				return httpmock.NewStringResponse(status, ""), nil
			}
			return httpmock.NewStringResponse(200, stub), nil
		})
		_, err := c.Users.Modify(t.Context(), 5, func(u *liveperson.User) error { u.Description = core.Set("d"); return nil })
		require.NoError(t, err)
		assert.Equal(t, 2, puts)
	}
}

func TestAnAnswerAboutSomebodyElseIsNotWrittenBack(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("GET", usersURL+"/6", resttest.Answer(200, stub, "ac-revision", "3"))
	_, err := c.Users.Modify(t.Context(), 6, func(u *liveperson.User) error { u.Nickname = core.Set("n"); return nil })
	require.ErrorIs(t, err, core.ErrProtocol)
	_, err = c.Store().GetUser(t.Context(), "6")
	require.ErrorIs(t, err, core.ErrProtocol)
	assert.Equal(t, 2, mt.GetTotalCallCount(), "nothing was put")
}

func TestANotModifiedThatNobodyAskedForIsAProtocolError(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("GET", usersURL+"/5", resttest.Answer(304, ""))
	mt.RegisterResponder("DELETE", usersURL+"/5", resttest.Answer(304, ""))
	_, err := c.Users.Modify(t.Context(), 5, func(u *liveperson.User) error { return nil })
	require.ErrorIs(t, err, core.ErrProtocol)
	_, err = c.Store().Block(t.Context(), "5")
	require.ErrorIs(t, err, core.ErrProtocol)
	_, err = c.Store().Assign(t.Context(), core.Assignment{UserID: "5", Target: core.Target{Kind: core.KindSkill, ID: "7"}})
	require.ErrorIs(t, err, core.ErrProtocol)
	require.ErrorIs(t, c.Store().DeleteUser(t.Context(), "5"), core.ErrProtocol)
}

func TestAListOfNobodyIsAProtocolError(t *testing.T) {
	for _, body := range []string{`[null]`, `[{"loginName":"q"}]`} {
		c, mt := mocked(t)
		mt.RegisterResponder("GET", usersURL, resttest.Answer(200, body))
		_, err := core.Collect(c.Users.List(t.Context(), liveperson.UserListOptions{}))
		require.ErrorIs(t, err, core.ErrProtocol, body)
	}
}

func TestModifyRefusesToStandOnAPartOfAUser(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("GET", usersURL+"/5", resttest.Answer(200, `{"id":5,"pid":"p","deleted":false,"loginName":"a"}`))
	_, err := c.Users.Modify(t.Context(), 5, func(u *liveperson.User) error { return nil })
	require.ErrorIs(t, err, core.ErrIncomplete)
	assert.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied)
	outcomes, err := c.Store().Assign(t.Context(), assignment(5, core.KindSkill, 1))
	require.ErrorIs(t, err, core.ErrIncomplete)
	assert.Equal(t, core.ResultFailed, outcomes[0].Result)
}

func TestModifyReadsAgainWhereTheAnswerIsShort(t *testing.T) {
	for name, body := range map[string]string{"empty": "", "stub": `{"id":5}`, "array": `[` + stub + `]`} {
		c, mt := mocked(t)
		mt.RegisterResponder("GET", usersURL+"/5", resttest.Answer(200, stub, "ac-revision", "3"))
		mt.RegisterResponder("PUT", usersURL+"/5", resttest.Answer(200, body, "ac-revision", "4"))
		u, err := c.Users.Modify(t.Context(), 5, func(u *liveperson.User) error { return nil })
		require.NoError(t, err, name)
		assert.Equal(t, "n", u.Nickname.Or(""))
	}
}

func TestModifyChangesNeitherLoginNorPassword(t *testing.T) {
	sim := livepersontest.NewServer(livepersontest.WithPasswordEcho())
	id := sim.AddUser(`{"loginName":"a"}`)
	c := over(t, sim)
	_, err := c.Users.Modify(t.Context(), id, func(u *liveperson.User) error { u.LoginName = "b"; return nil })
	require.ErrorIs(t, err, core.ErrUnsupported)
	_, err = c.Users.Modify(t.Context(), id, func(u *liveperson.User) error { u.Nickname = core.Set("n"); return nil })
	require.NoError(t, err)
	u, _ := sim.User(id)
	assert.Equal(t, livepersontest.SeedPassword, u["passwordSh"])
	_, err = c.Users.Modify(t.Context(), id, func(u *liveperson.User) error { u.PasswordSh = core.NewSecret("New-pass-99"); return nil })
	require.NoError(t, err)
	u, _ = sim.User(id)
	assert.Equal(t, "New-pass-99", u["passwordSh"])
	// The caller's own error comes back as it is.
	mine := fmt.Errorf("no")
	_, err = c.Users.Modify(t.Context(), id, func(*liveperson.User) error { return mine })
	assert.Equal(t, mine, err)
}

func TestBlankFullName(t *testing.T) {
	nick := func(u *liveperson.User) error { u.Nickname = core.Set("n"); return nil }
	name := func(sim *livepersontest.Server, id int64) any { u, _ := sim.User(id); return u["fullName"] }
	wiping := livepersontest.WithBlankNames(livepersontest.BlankWipes)

	t.Run("keep what is known", func(t *testing.T) {
		sim := livepersontest.NewServer(wiping)
		c := over(t, sim)
		nu := newUser("a")
		nu.EmployeeID = core.Set("E7")
		u, err := c.Users.Create(t.Context(), nu)
		require.NoError(t, err)
		for range 3 {
			_, err = c.Users.Modify(t.Context(), u.ID, nick)
			require.NoError(t, err)
		}
		assert.Equal(t, "Full a", name(sim, u.ID))
		stored, _ := sim.User(u.ID)
		assert.Equal(t, "E7", stored["employeeId"])
		_, err = c.Users.Modify(t.Context(), u.ID, func(u *liveperson.User) error { u.FullName = core.Set("Other"); return nil })
		require.NoError(t, err)
		sim.BumpRevision("users") // another writer, another user
		_, err = c.Users.Modify(t.Context(), u.ID, nick)
		require.NoError(t, err)
		assert.Equal(t, "Other", name(sim, u.ID))
	})
	t.Run("a name that may be out of date is not known", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := livepersontest.NewServer(livepersontest.WithBlankNames(livepersontest.BlankKept))
			c := over(t, sim)
			u, err := c.Users.Create(t.Context(), newUser("a"))
			require.NoError(t, err)
			time.Sleep(5 * time.Second)
			sim.ChangeUser(u.ID, `{"fullName":"Somebody Else's"}`)
			_, err = c.Users.Modify(t.Context(), u.ID, nick)
			require.NoError(t, err)
			assert.Equal(t, "Somebody Else's", name(sim, u.ID))
		})
	})
	t.Run("not known is sent as read", func(t *testing.T) {
		sim := livepersontest.NewServer()
		id := sim.AddUser(`{"loginName":"a","fullName":"Ann"}`)
		_, err := over(t, sim).Users.Modify(t.Context(), id, nick)
		require.NoError(t, err)
		assert.Equal(t, "Ann", name(sim, id))
		assert.Contains(t, string(sim.Requests("Users.Replace")[0].Body), `"fullName":""`)
	})
	t.Run("send as read", func(t *testing.T) {
		sim := livepersontest.NewServer(wiping)
		c := over(t, sim, option(liveperson.WithBlankFullName(liveperson.SendAsRead)))
		u, err := c.Users.Create(t.Context(), newUser("a"))
		require.NoError(t, err)
		_, err = c.Users.Modify(t.Context(), u.ID, nick)
		require.NoError(t, err)
		assert.Equal(t, "", name(sim, u.ID))
	})
	t.Run("refuse", func(t *testing.T) {
		sim := livepersontest.NewServer(wiping)
		id := sim.AddUser(`{"loginName":"a","fullName":"Ann"}`)
		b := sim.AddUser(`{"loginName":"b","fullName":"Bea"}`)
		c := over(t, sim, option(liveperson.WithBlankFullName(liveperson.Refuse)))
		_, err := c.Users.Modify(t.Context(), id, nick)
		require.ErrorIs(t, err, core.ErrInvalid)
		outcomes, err := c.Store().Assign(t.Context(), assignment(id, core.KindGroup, -1), assignment(b, core.KindManagedGroup, -1))
		require.ErrorIs(t, err, core.ErrInvalid)
		assert.Equal(t, core.ResultAlready, outcomes[0].Result, "nothing to write is nothing to refuse")
		assert.Equal(t, core.ResultFailed, outcomes[1].Result)
		assert.Empty(t, sim.Requests("Users.Replace", "Users.ReplaceMany"))
		_, err = c.Users.Modify(t.Context(), id, func(u *liveperson.User) error { u.FullName = core.Set("Ann B"); return nil })
		require.NoError(t, err)
		assert.Equal(t, "Ann B", name(sim, id))
	})
	t.Run("never left out", func(t *testing.T) {
		for _, body := range []string{`"fullName":null,`, ``} { // a server that says it otherwise
			c, mt := mocked(t)
			mt.RegisterResponder("GET", usersURL+"/5", resttest.Answer(200,
				`{"id":5,`+body+`"loginName":"a","nickname":"n","isEnabled":true,"email":"e","profileIds":[1]}`, "ac-revision", "3"))
			var sent string
			mt.RegisterResponder("PUT", usersURL+"/5", resttest.AnswerTo(nil, &sent, 200, stub))
			_, err := c.Users.Modify(t.Context(), 5, nick)
			require.NoError(t, err)
			assert.Contains(t, sent, `"fullName":""`)
		}
	})
}

func TestRoleChangeIsNoticed(t *testing.T) {
	sim := livepersontest.NewServer()
	skill := sim.AddSkill(`{"name":"s"}`)
	id := sim.AddUser(fmt.Sprintf(`{"loginName":"a","skillIds":[%d],"maxAsyncChats":4}`, skill))
	c := over(t, sim)
	u, err := c.Users.Modify(t.Context(), id, func(u *liveperson.User) error {
		u.ProfileIDs = []int64{livepersontest.ProfileAdministrator}
		return nil
	})
	require.ErrorIs(t, err, core.ErrNotApplied)
	assert.Equal(t, core.AppliedYes, resttest.ErrorOf(t, err).Applied)
	assert.Contains(t, err.Error(), "dropped maxAsyncChats, maxChats, memberOf, skillIds")
	require.NotNil(t, u)
	assert.Equal(t, liveperson.IDs{livepersontest.ProfileAdministrator}, u.ProfileIDs)

	// A change that empties them itself hears nothing.
	b := sim.AddUser(`{"loginName":"b"}`)
	_, err = c.Users.Modify(t.Context(), b, func(u *liveperson.User) error {
		u.ProfileIDs, u.SkillIDs, u.MemberOf = []int64{livepersontest.ProfileAdministrator}, nil, nil
		u.MaxChats, u.MaxAsyncChats = core.Opt[int64]{}, core.Opt[int64]{}
		return nil
	})
	require.NoError(t, err)

	// A manager who ceases to be one.
	m := sim.AddUser(fmt.Sprintf(`{"loginName":"m","profileIds":[%d],"maxChats":0,"managerOf":[{"agentGroupId":-1}]}`,
		livepersontest.ProfileAgentManager))
	_, err = c.Users.Modify(t.Context(), m, func(u *liveperson.User) error {
		u.ProfileIDs = []int64{livepersontest.ProfileAdministrator}
		return nil
	})
	require.ErrorIs(t, err, core.ErrNotApplied)
	assert.Equal(t, fmt.Sprintf("the vendor accepted the change of user %d and dropped managerOf", m), resttest.ErrorOf(t, err).Message)

	// Through the adapter.
	_, err = c.Store().UpdateUser(t.Context(), str(sim.AddUser(fmt.Sprintf(`{"loginName":"c","skillIds":[%d]}`, skill))),
		core.UserChange{Fields: map[string]any{"profileIds": []int64{livepersontest.ProfileAdministrator}}})
	require.ErrorIs(t, err, core.ErrNotApplied)
	assert.Contains(t, err.Error(), "skillIds")
}

func TestEnabledTakesDisabledManuallyWithIt(t *testing.T) {
	sim := livepersontest.NewServer()
	id := sim.AddUser(`{"loginName":"a"}`)
	c := over(t, sim)
	u, err := c.Users.Modify(t.Context(), id, func(u *liveperson.User) error { u.IsEnabled = core.Set(false); return nil })
	require.NoError(t, err)
	assert.Equal(t, core.Set(true), u.DisabledManually)
	got, err := c.Store().UpdateUser(t.Context(), str(id), core.UserChange{Enabled: core.Set(true)})
	require.NoError(t, err)
	assert.True(t, *got.Enabled)
	stored, _ := sim.User(id)
	assert.Equal(t, false, stored["disabledManually"])
}

func TestServerWithoutRevisions(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("GET", usersURL+"/5", resttest.Answer(200, stub))
	var put http.Request
	mt.RegisterResponder("PUT", usersURL+"/5", resttest.AnswerTo(&put, nil, 200, stub))
	_, err := c.Users.Modify(t.Context(), 5, func(u *liveperson.User) error { return nil })
	require.NoError(t, err)
	assert.Equal(t, "-1", put.Header.Get("If-Match"))
}

func TestReplaceManyGoesOutUnderTheOldestRevision(t *testing.T) {
	c, mt := mocked(t)
	var put http.Request
	mt.RegisterResponder("PUT", usersURL, resttest.AnswerTo(&put, nil, 200, `[{"id":5},{"id":6}]`))
	user := func(id int64, r liveperson.Revision[liveperson.User]) liveperson.User {
		u := newUser("a")
		u.ID, u.Revision, u.PasswordSh = id, r, core.Secret{}
		return u
	}
	for _, c2 := range []struct {
		a, b, want liveperson.Revision[liveperson.User]
	}{
		{"9", "10", "9"}, {"10", "9", "9"}, {"-1", "9", "9"}, {"-1", "-1", "-1"}, {"opaque", "opaque", "opaque"}, {"-1", "opaque", "opaque"},
	} {
		c.Users.ReplaceMany(t.Context(), []liveperson.User{user(5, c2.a), user(6, c2.b)})
		assert.Equal(t, string(c2.want), put.Header.Get("If-Match"))
	}
	// Without an oldest there is no guard for both.
	mt.ZeroCallCounters()
	for _, b := range []liveperson.Revision[liveperson.User]{"opaque", "10.5"} {
		_, err := c.Users.ReplaceMany(t.Context(), []liveperson.User{user(5, "9"), user(6, b)})
		require.ErrorIs(t, err, core.ErrInvalid)
	}
	assert.Zero(t, mt.GetTotalCallCount())
}

func TestANewPasswordGoesOutWithoutTheDateOfTheOld(t *testing.T) {
	c, mt := mocked(t)
	var get http.Request
	var sent string
	mt.RegisterResponder("GET", usersURL+"/5", resttest.AnswerTo(&get, nil, 200, stub[:len(stub)-1]+`,"lastPwdChangeDate":"2024-01-01 `+
		`00:00:00","dateUpdated":"2024-01-02 00:00:00"}`))
	mt.RegisterResponder("PUT", usersURL+"/5", resttest.AnswerTo(nil, &sent, 200, stub))
	_, err := c.Users.Modify(t.Context(), 5, func(u *liveperson.User) error { return nil })
	require.NoError(t, err)
	assert.Contains(t, sent, `"lastPwdChangeDate":"2024-01-01 00:00:00"`)
	assert.Contains(t, sent, `"dateUpdated":"2024-01-02 00:00:00"`)
	_, err = c.Users.Modify(t.Context(), 5, func(u *liveperson.User) error { u.PasswordSh = core.NewSecret("New-pass-12"); return nil })
	require.NoError(t, err)
	assert.NotContains(t, sent, "lastPwdChangeDate")
	assert.Equal(t, "select=%24all&v=6.0", get.URL.RawQuery)
	assert.Equal(t, "-1", get.Header.Get("If-Match"), "a read that a write stands on is never answered 304")
}

func TestNoPasswordOfALargeBatchIsRepeated(t *testing.T) {
	const n = 200
	var users []liveperson.User
	var passwords []string
	for i := range n {
		u := newUser(fmt.Sprintf("kim.%d", i))
		passwords = append(passwords, fmt.Sprintf("Init-pass-%03d", i))
		u.PasswordSh = core.NewSecret(passwords[i])
		users = append(users, u)
	}
	for _, i := range []int{0, 31, 32, 100, n - 1} { // a client remembers 64
		c, mt := mocked(t)
		mt.RegisterResponder("POST", "=~^"+usersURL, resttest.Answer(400, fmt.Sprintf(`{"error":{"message":"the password %s is too weak"}}`,
			passwords[i])))
		_, err := c.Users.CreateMany(t.Context(), users)
		require.ErrorIs(t, err, core.ErrInvalid)
		require.Contains(t, err.Error(), "the password [redacted] is too weak", "user %d", i)
	}
}

func TestADeletionThatWasNone(t *testing.T) {
	there, gone := whole(5, `,"deleted":false`), whole(5, `,"deleted":true`)
	for name, c := range map[string]struct {
		status  int
		answer  string
		look    step // nil: no look
		class   core.Class
		applied core.Applied
	}{
		"deleted":                 {200, gone, nil, "", ""},
		"nothing said":            {200, "", says(404, notFound), "", ""},
		"a word":                  {200, `"done"`, says(404, notFound), "", ""},
		"an id":                   {200, `{"id":"5"}`, says(404, notFound), "", ""},
		"a refusal":               {200, `{"success":false,"message":"denied"}`, says(200, there), core.ClassNotApplied, core.AppliedUnknown},
		"a word of refusal":       {200, `"denied"`, says(200, there), core.ClassNotApplied, core.AppliedUnknown},
		"no":                      {200, `false`, says(200, there), core.ClassNotApplied, core.AppliedUnknown},
		"an empty object":         {200, `{}`, says(200, there), core.ClassNotApplied, core.AppliedUnknown},
		"in a list":               {200, "[" + gone + "]", nil, "", ""},
		"of before, and is gone":  {200, there, says(404, notFound), "", ""},
		"of before, and shown so": {200, there, says(200, gone), "", ""},
		"there anyway":            {200, there, says(200, there), core.ClassNotApplied, core.AppliedUnknown},
		"and cannot be read":      {200, there, says(500, ""), core.ClassUnavailable, core.AppliedUnknown},
		"another user":            {200, whole(6, `,"deleted":true`), says(200, there), core.ClassNotApplied, core.AppliedUnknown},
		"a page":                  {200, "<html>hello</html>", nil, core.ClassProtocol, core.AppliedUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			client, mt := mocked(t)
			mt.RegisterResponder("DELETE", at(5), says(c.status, c.answer))
			if c.look != nil {
				mt.RegisterResponder("GET", at(5), c.look)
			}
			err := client.Store().DeleteUser(t.Context(), "5")
			if c.class == "" {
				require.NoError(t, err)
				return
			}
			e := resttest.ErrorOf(t, err)
			assert.Equal(t, c.class, e.Class)
			assert.Equal(t, c.applied, e.Applied)
			assert.NotZero(t, e.Status)
			assert.NotZero(t, e.Attempts)
		})
	}
}

// TestUsersModify_KeepsUnknownFields: a full replacement sends back what this
// package has no name for, digit for digit.
func TestUsersModify_KeepsUnknownFields(t *testing.T) {
	sim := livepersontest.NewServer()
	id := sim.AddUser(`{"loginName":"ana","nickname":"Ana","unheardOf":{"big":12345678901234567890}}`)
	client := over(t, sim)

	_, err := client.Users.Modify(t.Context(), id, func(u *liveperson.User) error {
		u.Nickname = core.Set("Anna")
		return nil
	})

	require.NoError(t, err)
	stored, _ := sim.User(id)
	require.Equal(t, "Anna", stored["nickname"])
	require.Equal(t, map[string]any{"big": json.Number("12345678901234567890")}, stored["unheardOf"])
}

// TestUsersCreate_ThatDoesNotShow: it was answered with an id, and is waited for.
func TestUsersCreate_ThatDoesNotShow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, mt := mocked(t, readBack(0))
		var written time.Time
		mt.RegisterResponder("POST", usersURL, writing(&written, says(201, `{"id":77}`)))
		mt.RegisterResponder("GET", at(77), lagging(&written, says(404, notFound), showing("a")))
		u, err := c.Users.Create(t.Context(), newUser("a"))
		require.NoError(t, err)
		assert.Equal(t, "nick a", u.Nickname.Or(""))

		mt.RegisterResponder("GET", at(77), says(404, notFound))
		u, err = c.Users.Create(t.Context(), newUser("a"))
		require.ErrorIs(t, err, core.ErrNotApplied)
		require.NotErrorIs(t, err, core.ErrNotFound)
		e := resttest.ErrorOf(t, err)
		assert.Equal(t, core.AppliedYes, e.Applied)
		assert.Equal(t, "the user 77 was created, but does not show yet", e.Message)
		assert.Equal(t, int64(77), u.ID)
	})
}

func TestUsersCreate_IsNotRepeatedWhenAmbiguous(t *testing.T) {
	for name, fault := range map[string]livepersontest.Fault{
		"lost answer": {LoseAnswer: true}, "bad gateway": {Status: 502, Body: "<html>bad gateway"}, "cut": {CutBody: 20}, "500": {Status: 500},
	} {
		t.Run(name, func(t *testing.T) {
			sim := livepersontest.NewServer()
			fault.Op = "Users.Create"
			sim.Fault(fault)
			_, err := over(t, sim).Users.Create(t.Context(), newUser("a"))
			e := resttest.ErrorOf(t, err)
			assert.Equal(t, core.AppliedUnknown, e.Applied)
			assert.Contains(t, e.Hint, "not sent again")
			assert.Len(t, sim.Requests("Users.Create"), 1)
			assert.Empty(t, sim.Unstruck())
		})
	}
	t.Run("refused for the rate is repeated", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := livepersontest.NewServer()
			sim.Fault(livepersontest.Fault{Op: "Users.Create", Status: 429, Times: 3})
			u, err := over(t, sim).Users.Create(t.Context(), newUser("a"))
			require.NoError(t, err)
			assert.NotZero(t, u.ID)
			assert.Len(t, sim.Requests("Users.Create"), 4)
		})
	})
}
