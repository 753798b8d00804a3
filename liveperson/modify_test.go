package liveperson_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
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

func TestUsersModify_AnErrorOfTheChangeAfterALostWrite(t *testing.T) {
	mine := errors.New("no more")
	for name, second := range map[string]func(*liveperson.User) error{
		"the caller's":             func(*liveperson.User) error { return mine },
		"the caller's, of a class": func(*liveperson.User) error { return core.Invalid("mine", "op", "no more") },
		"ours":                     func(u *liveperson.User) error { u.LoginName = "other"; return nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, mt := mocked(t, attempts(2))
				mt.RegisterResponder("GET", at(5), says(200, whole(5, ""), "ac-revision", "3"))
				mt.RegisterResponder("PUT", at(5), inTurn(lost, says(412, "")))
				first := true
				_, err := client.Users.Modify(t.Context(), 5, func(u *liveperson.User) error {
					if !first {
						return second(u)
					}
					first = false
					u.Nickname = core.Set("new")
					return nil
				})
				assert.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
				if name == "the caller's" {
					require.ErrorIs(t, err, mine)
				}
			})
		})
	}
}

func TestUsersModify_KeepsBothWriters(t *testing.T) {
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

// TestUsersModify_EndsBesideABusyNeighbour changes a user while others of the account change all the time.
func TestUsersModify_EndsBesideABusyNeighbour(t *testing.T) {
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
	_, err = over(t, sim, option(liveperson.WithModifyTries(3))).Users.Modify(t.Context(), id, func(u *liveperson.User) error {
		u.Nickname = core.Set("m")
		return nil
	})
	require.ErrorIs(t, err, core.ErrRevision)
	assert.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied)
	assert.Contains(t, err.Error(), "gave up")
}

func TestUsersModify_AThousandRandomChangesLoseNothing(t *testing.T) {
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

// TestUsersModify_ManyClientsOfOneAccount: ten processes change users of their own, and
// collide all the time, because the revision is everybody's.
func TestUsersModify_ManyClientsOfOneAccount(t *testing.T) {
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
