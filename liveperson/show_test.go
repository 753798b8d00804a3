package liveperson_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

// What this package promises, each promise with its test.

// seedSample is the entity example of the vendor's appendix, with its strings for
// numbers and booleans and its placeholder dates, and the main group's id.
const seedSample = `{
"id": "987654321", "deleted": "false", "loginName": "unique@gmail.com", "fullName": "", "nickname": "agent1",
"passwordSh": "pppppp", "isEnabled": "true", "maxChats": "4", "email": "myEmail@gmail.com", "disabledManually": false,
"skillIds": [2359235912, 2359235922], "profileIds": [2359273612, 2359273512], "lobIds": [6549273612],
"changePwdNextLogin": false,
"memberOf": {"agentGroupId": "-1", "assignmentDate": "2015-06-22 19:20:03"},
"managerOf": [{"agentGroupId": "1", "assignmentDate": "2015-06-22 19:20:03"}],
"permissionGroups": ["1"], "description": "user’s description", "mobileNumber": "0542-123456", "employeeId": "",
"maxAsyncChats": "10", "backgndImgUri": "/pictures/image.jpg", "pnCertName": "lpMobileApp-123",
"dateUpdated": "year-month-date hrs:min:sec", "lastPwdChangeDate": "year-month-date hrs:min:sec",
"isApiUser": false, "userTypeId": 1
}`

func TestSeedSampleDecodesAndGoesBackWithTheDocumentedTypes(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("GET", usersURL+"/987654321", resttest.Answer(200, seedSample, "ac-revision", "213"))
	var put http.Request
	var sent string
	mt.RegisterResponder("PUT", usersURL+"/987654321", resttest.AnswerTo(&put, &sent, 200, seedSample, "ac-revision", "214"))

	u, err := c.Users.Modify(t.Context(), 987654321, func(u *liveperson.User) error {
		assert.Equal(t, core.Set[int64](-1), u.MemberOf.AgentGroupID)
		assert.Equal(t, core.Set(true), u.IsEnabled)
		assert.Equal(t, liveperson.IDs{1}, u.PermissionGroups)
		assert.True(t, u.PasswordSh.IsZero(), "the hash is dropped")
		_, isDate := u.DateUpdated.Or("").Time()
		assert.False(t, isDate)
		at, isDate := u.MemberOf.AssignmentDate.Or("").Time()
		assert.True(t, isDate)
		assert.Equal(t, time.Date(2015, 6, 22, 19, 20, 3, 0, time.UTC), at)
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, liveperson.Revision[liveperson.User]("214"), u.Revision)
	assert.Equal(t, "213", put.Header.Get("If-Match"))
	assert.JSONEq(t, `{
		"id": 987654321, "loginName": "unique@gmail.com", "fullName": "", "nickname": "agent1",
		"passwordSh": null, "isEnabled": true, "maxChats": 4, "email": "myEmail@gmail.com", "disabledManually": false,
		"skillIds": [2359235912, 2359235922], "profileIds": [2359273612, 2359273512], "lobIds": [6549273612],
		"changePwdNextLogin": false, "memberOf": {"agentGroupId": -1}, "managerOf": [{"agentGroupId": 1}],
		"permissionGroups": [1], "description": "user’s description", "mobileNumber": "0542-123456", "employeeId": "",
		"maxAsyncChats": 10, "backgndImgUri": "/pictures/image.jpg", "pnCertName": "lpMobileApp-123",
		"isApiUser": false, "userTypeId": 1}`, sent)
}

// TestSampleTypesThroughout runs against a server that answers in the types of
// the samples.
func TestSampleTypesThroughout(t *testing.T) {
	sim := livepersontest.NewServer(livepersontest.WithSampleTypes())
	id := sim.AddUser(`{"loginName":"a","permissionGroups":[1,2],"managerOf":[]}`)
	c := over(t, sim)
	u, err := c.Users.Modify(t.Context(), id, func(u *liveperson.User) error { u.Description = core.Set("d"); return nil })
	require.NoError(t, err)
	assert.Equal(t, "d", u.Description.Or(""))
	stored, _ := sim.User(id)
	assert.Equal(t, []int64{1, 2}, stored["permissionGroups"])
	assert.NotContains(t, fmt.Sprint(stored["lastPwdChangeDate"]), "year")
}

func TestTwoWritersBothSurvive(t *testing.T) {
	for _, mode := range []struct {
		name    string
		clients int
	}{{"one client", 1}, {"two clients", 2}} {
		t.Run(mode.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := livepersontest.NewServer(livepersontest.WithStaleStatus(409 + 3*(mode.clients%2)))
				id, other := sim.AddUser(`{"loginName":"a"}`), sim.AddUser(`{"loginName":"b"}`)
				// The network takes its time, so that the writers do overlap.
				sim.Fault(livepersontest.Fault{Times: -1, Delay: 5 * time.Millisecond})
				clients := []*liveperson.Client{over(t, sim), over(t, sim)}
				const rounds = 100
				for round := range rounds {
					var wg sync.WaitGroup
					for w, field := range []func(u *liveperson.User, v string){
						func(u *liveperson.User, v string) { u.Nickname = core.Set(v) },
						func(u *liveperson.User, v string) { u.MobileNumber = core.Set(v) },
						func(u *liveperson.User, v string) { u.Description = core.Set(v) },
					} {
						wg.Go(func() {
							c, target := clients[w%mode.clients], id
							if w == 2 {
								target = other // another user moves the same revision
							}
							_, err := c.Users.Modify(t.Context(), target, func(u *liveperson.User) error {
								field(u, fmt.Sprint("v", round))
								return nil
							})
							assert.NoError(t, err)
						})
					}
					wg.Wait()
					u, _ := sim.User(id)
					want := fmt.Sprint("v", round)
					if u["nickname"] != want || u["mobileNumber"] != want {
						t.Fatalf("round %d: a change is lost: nickname %v, mobileNumber %v", round, u["nickname"], u["mobileNumber"])
					}
				}
				stale := 0
				for _, r := range sim.Requests("Users.Replace") {
					if r.Status != 200 {
						stale++
					}
				}
				if mode.clients == 1 {
					assert.Zero(t, stale, "writers of one client take turns")
				} else {
					assert.NotZero(t, stale, "the writers never met: this proves nothing")
				}
			})
		})
	}
}

// TestBusyNeighbour changes a user while others of the account change all the time.
func TestBusyNeighbour(t *testing.T) {
	sim := livepersontest.NewServer()
	id := sim.AddUser(`{"loginName":"a"}`)
	bumps := 0
	sim.Fault(livepersontest.Fault{Op: "Users.Replace", Match: func(*http.Request, []byte) bool {
		if bumps++; bumps <= 5 {
			sim.BumpRevision("users")
		}
		return false
	}})
	u, err := over(t, sim).Users.Modify(t.Context(), id, func(u *liveperson.User) error { u.Nickname = core.Set("n"); return nil })
	require.NoError(t, err)
	assert.Equal(t, "n", u.Nickname.Or(""))
	assert.Len(t, sim.Requests("Users.Replace"), 6)

	bumps = -1000
	_, err = over(t, sim, option(liveperson.WithModifyTries(3))).Users.Modify(t.Context(), id, func(u *liveperson.User) error { u.Nickname = core.Set("m"); return nil })
	require.ErrorIs(t, err, core.ErrRevision)
	assert.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied)
	assert.Contains(t, err.Error(), "gave up")
}

func TestEighteenThousandUsersInConstantMemory(t *testing.T) {
	sim := livepersontest.NewServer()
	sim.AddUsers(18_000)
	c := over(t, sim)
	var head liveperson.Head[liveperson.User]
	n, logins := 0, 0
	var early, late uint64
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for u, err := range c.Users.List(t.Context(), liveperson.UserListOptions{Head: &head}) {
		require.NoError(t, err)
		if n++; u.LoginName != "" && u.Revision == head.Revision {
			logins++
		}
		switch n {
		case 1000:
			early = heap()
		case 17_000:
			late = heap()
		}
	}
	assert.Equal(t, 18_000, n)
	assert.Equal(t, 18_000, logins)
	assert.Less(t, int64(late)-int64(early), int64(1<<20), "the heap grew with the list")
	assert.NotEmpty(t, head.Revision)

	// A second list with the revision in hand.
	known := head.Revision
	for range c.Users.List(t.Context(), liveperson.UserListOptions{Known: known, Head: &head}) {
		t.Fatal("something was decoded")
	}
	assert.True(t, head.Unchanged)
	assert.Equal(t, known, head.Revision)
	lists := sim.Requests("Users.List")
	require.Len(t, lists, 2)
	assert.Equal(t, 304, lists[1].Status)
	assert.Contains(t, lists[0].Query, "select=%24all")

	// And once something has changed, everything again.
	sim.BumpRevision("users")
	n = 0
	for _, err := range c.Users.List(t.Context(), liveperson.UserListOptions{Known: known, Head: &head}) {
		require.NoError(t, err)
		n++
	}
	assert.Equal(t, 18_000, n)
	assert.False(t, head.Unchanged)
	// -1 forces.
	for _, err := range c.Users.List(t.Context(), liveperson.UserListOptions{Known: liveperson.AnyRevision}) {
		require.NoError(t, err)
		n--
		if n == 17_000 {
			break // early stop
		}
	}
}

func TestThousandRandomChangesLoseNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	sim := livepersontest.NewServer(livepersontest.WithPasswordEcho(), livepersontest.WithBlankNames(livepersontest.BlankKept))
	var skills []int64
	for i := range 5 {
		skills = append(skills, sim.AddSkill(fmt.Sprintf(`{"name":"s%d"}`, i)))
	}
	lob, group := sim.AddLOB(`{"name":"l"}`), sim.AddGroup(`{"name":"g"}`)
	id := sim.AddUser(fmt.Sprintf(`{"loginName":"a","fullName":"Ann Ada","employeeId":"E1","skillIds":[%d],"lobIds":[%d],
		"profileIds":[%d,%d],"managerOf":[{"agentGroupId":%d,"role":{"x":[1,2.50,1e3]}}],"memberOf":{"agentGroupId":-1,"note":null},
		"maxAsyncChats":0,"description":"","pictureUrl":"http://p","changePwdNextLogin":true,"permissionGroups":[1,2],
		"crmId":12345678901234567890,"nested":{"deep":[{"a":null,"b":[[]]},"é<&>"],"n":0.10},"later":false,"empty":{},"none":null}`,
		skills[0], lob, livepersontest.ProfileAgent, livepersontest.ProfileAgentManager, group))
	c := over(t, sim)
	want, _ := sim.User(id)
	text := func() string { return fmt.Sprint("t", rng.IntN(1_000_000), ` "ü`) }
	for i := range 1000 {
		var did string
		_, err := c.Users.Modify(t.Context(), id, func(u *liveperson.User) error {
			switch rng.IntN(10) {
			case 0:
				did, u.Nickname = "nickname", core.Set(text())
				want["nickname"] = u.Nickname.Or("")
			case 1:
				did, u.Description = "description", core.Set(text())
				want["description"] = u.Description.Or("")
			case 2:
				did, u.SkillIDs = "skillIds", slices.Clone(skills[:rng.IntN(len(skills)+1)])
				want["skillIds"] = append([]int64{}, u.SkillIDs...)
			case 3:
				n := rng.Int64N(9)
				did, u.MaxChats = "maxChats", core.Set(n)
				want["maxChats"] = n
			case 4:
				did, u.MaxAsyncChats = "maxAsyncChats", core.Clear[int64]()
				want["maxAsyncChats"] = nil
			case 5:
				n := rng.Int64N(9)
				did, u.MaxAsyncChats = "maxAsyncChats", core.Set(n)
				want["maxAsyncChats"] = n
			case 6:
				did, u.LOBIDs = "lobIds", nil
				want["lobIds"] = []int64{}
			case 7:
				did, u.LOBIDs = "lobIds", []int64{lob}
				want["lobIds"] = []int64{lob}
			case 8:
				on := rng.IntN(2) == 0
				did, u.IsEnabled = "isEnabled", core.Set(on)
				want["isEnabled"], want["disabledManually"] = on, !on
			case 9:
				name := text()
				did, u.FullName = "fullName", core.Set(name)
				want["fullName"] = name
			}
			return nil
		})
		require.NoError(t, err, did)
		got, _ := sim.User(id)
		got["dateUpdated"] = want["dateUpdated"]
		if !assert.Equal(t, plain(want), plain(got), "change %d, of %s", i, did) {
			return
		}
	}
}

// plain makes two objects comparable, whatever Go types hold their values.
func plain(o map[string]any) any {
	data, _ := json.Marshal(o)
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	var v any
	dec.Decode(&v)
	return v
}

func TestAmbiguousCreateIsNotRepeated(t *testing.T) {
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

func TestBatchSaysWhichHalf(t *testing.T) {
	sim := livepersontest.NewServer(livepersontest.WithPartialBatches())
	a, b := sim.AddUser(`{"loginName":"a"}`), sim.AddUser(`{"loginName":"b"}`)
	c := over(t, sim)
	ua, err := c.Users.Get(t.Context(), a)
	require.NoError(t, err)
	ub, err := c.Users.Get(t.Context(), b)
	require.NoError(t, err)
	sim.ChangeUser(b, `{"deleted":true}`)
	ua.Description, ub.Description = core.Set("x"), core.Set("x")
	ua.Revision, ub.Revision = liveperson.AnyRevision, liveperson.AnyRevision
	got, err := c.Users.ReplaceMany(t.Context(), []liveperson.User{*ub, *ua})
	require.ErrorIs(t, err, core.ErrPartial)
	half, ok := errors.AsType[*liveperson.BatchError](err)
	require.True(t, ok)
	assert.Equal(t, []liveperson.BatchResult{{ID: b, LoginName: "b"}, {ID: a, LoginName: "a", Done: true}}, half.Results)
	assert.Nil(t, got[0])
	assert.Equal(t, "x", got[1].Description.Or(""))
	assert.Contains(t, err.Error(), str(b))

	// What the answer does not name is looked at: it is gone as well.
	require.NoError(t, c.Users.DeleteMany(t.Context(), []int64{a, b}, liveperson.AnyRevision))

	// Created by halves: not documented, but a server could do it.
	mc, mt := mocked(t)
	mt.RegisterResponder("POST", usersURL, resttest.Answer(201, `[{"id":7,"loginName":"y"}]`))
	mt.RegisterResponder("GET", at(7), showing("y"))
	made, err := mc.Users.CreateMany(t.Context(), []liveperson.User{newUser("x"), newUser("y")})
	half, ok = errors.AsType[*liveperson.BatchError](err)
	require.True(t, ok)
	assert.Equal(t, []liveperson.BatchResult{{LoginName: "x"}, {ID: 7, LoginName: "y", Done: true}}, half.Results)
	assert.Nil(t, made[0])
	assert.Equal(t, int64(7), made[1].ID)
}

func TestDeleteOfAUserThatIsGoneSaysSo(t *testing.T) {
	sim := livepersontest.NewServer()
	id := sim.AddUser(`{"loginName":"a"}`)
	c := over(t, sim)
	require.NoError(t, c.Users.Delete(t.Context(), id, liveperson.AnyRevision))
	require.ErrorIs(t, c.Users.Delete(t.Context(), id, liveperson.AnyRevision), core.ErrNotFound)
	require.ErrorIs(t, c.Store().DeleteUser(t.Context(), str(id)), core.ErrNotFound)
	require.ErrorIs(t, c.Users.DeleteMany(t.Context(), []int64{id}, liveperson.AnyRevision), core.ErrNotFound)
	_, err := c.Store().GetUser(t.Context(), str(id))
	require.ErrorIs(t, err, core.ErrNotFound)

	// A lost answer and then a 404: it was us.
	synctest.Test(t, func(t *testing.T) {
		sim := livepersontest.NewServer()
		id := sim.AddUser(`{"loginName":"a"}`)
		sim.Fault(livepersontest.Fault{Op: "Users.Delete", LoseAnswer: true})
		require.NoError(t, over(t, sim).Users.Delete(t.Context(), id, liveperson.AnyRevision))
		assert.Len(t, sim.Requests("Users.Delete"), 2)
	})
}

// TestEverySecretStaysSecret plants secrets everywhere and looks for them in
// every error, log line and dump.
func TestEverySecretStaysSecret(t *testing.T) {
	const (
		clientSecret = "planted-client-secret"
		loginPass    = "planted-login-pass"
		userPass     = "planted-user-pass-1"
		newPass      = "planted-new-pass-22"
	)
	var out lockedBuffer
	logger := out.logger()
	sim := livepersontest.NewServer(livepersontest.WithClient("cid", clientSecret), livepersontest.WithLogin("ops", loginPass),
		livepersontest.WithPasswordEcho(), livepersontest.WithOAuth1Key(livepersontest.OAuth1Key{
			ConsumerKey: "ck", ConsumerSecret: "planted-consumer-secret", AccessToken: "planted-access-token", AccessTokenSecret: "planted-token-secret"}))
	var secrets []string
	for i, auth := range []liveperson.Credentials{
		liveperson.ClientCredentials{ID: "cid", Secret: core.NewSecret(clientSecret)},
		liveperson.Login{Username: "ops", Password: core.NewSecret(loginPass)},
		liveperson.Bearer{Token: core.NewSecret(livepersontest.Bearer)},
		liveperson.APIKey{AppKey: "ck", Secret: core.NewSecret("planted-consumer-secret"), AccessToken: core.NewSecret("planted-access-token"),
			AccessTokenSecret: core.NewSecret("planted-token-secret")},
	} {
		c := overAs(t, sim, auth, func(cfg *liveperson.Config, _ *[]liveperson.Option) { cfg.Logger = logger })
		dump := func(v any) {
			fmt.Fprintf(&out, "%v %+v %#v\n", v, v, v)
			if err, ok := v.(error); ok && err != nil {
				fmt.Fprintln(&out, err.Error(), resttest.ErrorOf(t, err).Err)
			}
			data, _ := json.Marshal(v)
			out.Write(data)
		}
		login := "u" + fmt.Sprint(i)
		nu := newUser(login)
		nu.PasswordSh = core.NewSecret(userPass)
		dump(nu)
		u, err := c.Users.Create(t.Context(), nu)
		require.NoError(t, err)
		dump(u)
		dump(*u)
		require.NoError(t, c.Users.ResetPassword(t.Context(), u.ID, core.NewSecret(newPass)))
		u, err = c.Users.Get(t.Context(), u.ID)
		require.NoError(t, err)
		dump(u)
		// A vendor that repeats everything it was sent, and more.
		for _, op := range []string{"Users.Create", "Users.Replace", "Users.ResetPassword", "Users.List", "Token", "Login"} {
			sim.Fault(livepersontest.Fault{Op: op, Times: 2, Status: 400, Body: `{"error":{"message":"you sent ` +
				strings.Join([]string{userPass, newPass, []string{clientSecret, loginPass, livepersontest.Bearer, "planted-token-secret planted-consumer-secret"}[i]}, " ") +
				`","internalCode":"` + userPass + `"}}`})
		}
		_, err = c.Users.Create(t.Context(), nu)
		require.Error(t, err)
		dump(err)
		_, err = c.Users.Modify(t.Context(), u.ID, func(u *liveperson.User) error { u.PasswordSh = core.NewSecret(newPass); return nil })
		require.Error(t, err)
		dump(err)
		err = c.Users.ResetPassword(t.Context(), u.ID, core.NewSecret(newPass))
		require.Error(t, err)
		dump(err)
		for _, err := range c.Users.List(t.Context(), liveperson.UserListOptions{}) {
			require.Error(t, err)
			dump(err)
		}
		sim.ExpireTokens()
		sim.EndSessions()
		if _, err = c.Users.Get(t.Context(), u.ID); err != nil {
			dump(err)
		}
		dump(c)
		dump(*c.Users)
		dump(c.Store())
		dump(auth)
		fmt.Fprintf(&out, "%+v\n", liveperson.Config{Auth: auth})
		for _, r := range sim.Requests() { // what was handed out meanwhile
			if h := r.Header.Get("Authorization"); strings.HasPrefix(h, "Bearer ") {
				secrets = append(secrets, strings.TrimPrefix(h, "Bearer "))
			}
		}
		sim.Reset()
		c.Close(t.Context())
	}
	all := out.String()
	assert.NotEmpty(t, all)
	assert.Contains(t, all, "rollcall attempt")
	assert.Contains(t, all, "[redacted]")
	for _, s := range append(secrets, "planted-", livepersontest.Bearer) {
		if i := strings.Index(all, s); i >= 0 {
			t.Errorf("%q is in: %s", s, all[max(0, i-200):min(len(all), i+50)])
		}
	}
}

// TestReadsAndWritesGoToTheirHosts: a read that a write stands on goes to the read-write host,
// plain reads to the other, which may lag.
func TestReadsAndWritesGoToTheirHosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := livepersontest.NewServer(livepersontest.WithReplicationDelay(time.Minute))
		id := sim.AddUser(`{"loginName":"a"}`)
		hosts := map[string]int{}
		c := over(t, sim, transport(roundTrip(func(r *http.Request) (*http.Response, error) {
			hosts[r.Method+" "+r.URL.Host]++
			return sim.Transport().RoundTrip(r)
		})))
		for i := range 3 {
			_, err := c.Users.Modify(t.Context(), id, func(u *liveperson.User) error { u.Nickname = core.Set(fmt.Sprint(i)); return nil })
			require.NoError(t, err)
		}
		u, err := c.Users.Get(t.Context(), id)
		require.NoError(t, err)
		assert.NotEqual(t, "2", u.Nickname.Or(""), "the replica lags")
		time.Sleep(2 * time.Minute) // in the bubble
		u, err = c.Users.Get(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, "2", u.Nickname.Or(""))
		assert.Equal(t, map[string]int{
			"GET " + livepersontest.HostDomain: 2, "GET " + livepersontest.HostReadWrite: 3,
			"PUT " + livepersontest.HostReadWrite: 3, "GET " + livepersontest.HostReadOnly: 2,
		}, maps.Clone(hosts))
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestManyClientsOfOneAccount: ten processes change users of their own, and
// collide all the time, because the revision is everybody's.
func TestManyClientsOfOneAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := livepersontest.NewServer()
		sim.Fault(livepersontest.Fault{Times: -1, Delay: 10 * time.Millisecond})
		var wg sync.WaitGroup
		for i, id := range sim.AddUsers(10) {
			c := over(t, sim)
			wg.Go(func() {
				for n := range 20 {
					_, err := c.Users.Modify(t.Context(), id, func(u *liveperson.User) error {
						u.Description = core.Set(u.Description.Or("") + fmt.Sprint(n, ","))
						return nil
					})
					assert.NoError(t, err, "client %d, change %d", i, n)
				}
			})
		}
		wg.Wait()
		for _, u := range sim.Users() {
			assert.Equal(t, "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,", u["description"])
		}
	})
}
