package avaya_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// TestUsersModify_StandsOnOwnWrites: two changes in a row of different fields both
// hold, however late the first one shows.
func TestUsersModify_StandsOnOwnWrites(t *testing.T) {
	for _, lag := range []time.Duration{300 * time.Millisecond, time.Second, time.Hour} {
		simulate(t, func(b *bench) {
			id, queue := b.agent("own")
			before := b.own(id)
			_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{LastName: core.Set("Souza"),
				Password: core.Set(core.NewSecret("Zq7!mTr2kW9p"))})
			require.NoError(b, err)
			_, err = b.store.UpdateUser(b.Context(), id, core.UserChange{Email: core.Set("souza@example.com")})
			require.NoError(b, err)
			_, err = b.client.Users.Modify(b.Context(), id, func(u *avaya.User) error {
				u.Features.Matching.Queues[0].Proficiency = core.Set(1)
				return nil
			})
			require.NoError(b, err)
			_, err = b.client.Users.Modify(b.Context(), id, func(u *avaya.User) error { u.FirstName = "Dina"; return nil })
			require.NoError(b, err)

			own := b.own(id)
			require.Equal(b, []any{"Souza", "souza@example.com", "Dina"}, []any{own["lastName"], own["emailId"], own["firstName"]})
			require.Contains(b, fmt.Sprint(own["features"]), "proficiency:1", queue)
			require.Equal(b, before["x-nested"], own["x-nested"])
			puts := b.srv.Requests("Users.Replace")
			require.Contains(b, string(puts[0].Body), "Zq7!")
			for _, put := range puts[1:] {
				require.NotContains(b, string(put.Body), "Zq7!", "a password is not sent again")
			}
		}, avayatest.WithReadLag(lag))
	}
}

// TestUsersModify_YieldsToOthers: what is neither the value before nor the own one is
// another writer's, and newer.
func TestUsersModify_YieldsToOthers(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("others")
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{LastName: core.Set("Mine")})
		require.NoError(b, err)
		b.srv.ChangeUser(id, `{"lastName":"Theirs"}`)
		_, err = b.store.UpdateUser(b.Context(), id, core.UserChange{FirstName: core.Set("Dina")})
		require.NoError(b, err)
		require.Equal(b, "Theirs", b.own(id)["lastName"])
	})
}

// TestUsersModify_TwoSpellingsAreOneUser: the lock and the memory go by the UUID, in
// whichever case it is written.
func TestUsersModify_TwoSpellingsAreOneUser(t *testing.T) {
	simulate(t, func(b *bench) {
		id := b.srv.AddUser(`{"loginId":"race@example.com","firstName":"Ra","lastName":"Ce"}`)
		b.srv.Fault(avayatest.Fault{Op: "Users.Get", Times: -1, Delay: 10 * time.Millisecond}, avayatest.Fault{Op: "Users.Replace", Times: -1,
			Delay: 10 * time.Millisecond})
		inCapitals := &capitals{b.srv.Transport(), id}
		c := newClient(b.T, b.srv, func(o *core.ClientOptions) { o.Transport = inCapitals })
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				name := id
				if i%2 == 1 {
					name = strings.ToUpper(id)
				}
				_, err := c.Users.Modify(b.Context(), name, func(u *avaya.User) error {
					u.Roles = append(u.Roles, fmt.Sprintf("R%d", i))
					return nil
				})
				if err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
		require.Len(b, b.own(id)["roles"], 10, "no writer has overwritten another")
	})
}

// TestStore_WaitsForWhoItHasJustCreated: a user that does not show yet is not said to
// be not there.
func TestStore_WaitsForWhoItHasJustCreated(t *testing.T) {
	simulate(t, func(b *bench) {
		spec := core.UserSpec{Login: "n@example.com", FirstName: "Ne", LastName: "Wi", Roles: []string{"Agent"}}
		u, err := b.store.CreateUser(b.Context(), spec)
		require.NoError(b, err)
		got, err := b.store.GetUser(b.Context(), u.ID)
		require.NoError(b, err)
		require.Equal(b, "n@example.com", got.Login)
		spec.Login = "m@example.com"
		u, err = b.store.CreateUser(b.Context(), spec)
		require.NoError(b, err)
		_, err = b.store.UpdateUser(b.Context(), u.ID, core.UserChange{LastName: core.Set("Wo")})
		require.NoError(b, err)
		require.Equal(b, "Wo", b.own(u.ID)["lastName"])

		_, err = newClient(b.T, b.srv).Store().GetUser(b.Context(), "00000000-0000-4000-8000-000000000000")
		require.ErrorIs(b, err, core.ErrNotFound)
	}, avayatest.WithReadLag(time.Second))
}

func TestUsersModify_LosesNothing(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("dana")
		before := b.own(id)
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{LastName: core.Set("Reyes-Vidal")})
		require.NoError(b, err)
		before["lastName"] = "Reyes-Vidal"
		require.Equal(b, before, b.own(id), "every other field, known or not, is as it was")
		require.Equal(b, json.Number("12345678901234567890"), b.own(id)["x-badge"])
	})
}

func TestUsersModify_SendsNoReadOnlyFields(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("dana")
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{LastName: core.Set("X Y")})
		require.NoError(b, err)
		put := b.srv.Requests("Users.Replace")
		require.Len(b, put, 1)
		for _, name := range []string{"userId", "userExtension", "providers", "emergencyLocationIdentificationNumber", "password"} {
			require.NotContains(b, string(put[0].Body), `"`+name+`"`)
		}
		require.Contains(b, string(put[0].Body), `"proficiency":3`, "numbers are sent as numbers")
	})
}

func TestUsersModify_KeepsAFeatureWithoutContent(t *testing.T) {
	simulate(t, func(b *bench) {
		id := b.srv.AddUser(`{"loginId":"r@example.com","firstName":"Rec","lastName":"Order","features":{"recorder":{},"aci":{}}}`)
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{FirstName: core.Set("Ray")})
		require.NoError(b, err)
		features := b.own(id)["features"].(map[string]any)
		require.Contains(b, features, "recorder")
		require.Contains(b, features, "aci")
	})
}

func TestUsersCreate_NeverEchoesThePassword(t *testing.T) {
	simulate(t, func(b *bench) {
		const password = "Zq7!mTr2kW9p"
		u, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "s@example.com", FirstName: "Sol", LastName: "Sec",
			Password: core.NewSecret(password)})
		require.NoError(b, err)
		stored, _ := b.srv.Password(u.ID)
		require.Equal(b, password, stored, "the vendor gets the password itself")
		for _, dump := range []string{fmt.Sprintf("%v %+v %#v", u, u, u.Native), mustJSON(b, u), mustJSON(b, u.Native)} {
			require.NotContains(b, dump, password)
		}
		_, err = b.store.UpdateUser(b.Context(), u.ID, core.UserChange{FirstName: core.Set("Sal")})
		require.NoError(b, err)
		stored, _ = b.srv.Password(u.ID)
		require.Equal(b, password, stored, "a change that does not name the password keeps it")
	})
}

func TestUsersModify_RedactsEchoedSecretsAndSendsThemBack(t *testing.T) {
	simulate(t, func(b *bench) {
		id := b.srv.AddUser(`{"loginId":"cm@example.com","firstName":"Cam","lastName":"Man","features":{"cmvoice":{
			"agentLoginId":"4711","extensionNumber":"20417","agentLoginPassword":"0042","agentPassword":4242,
			"communicationProfilePassword":"cp-secret-1","communicationProfileAddresses":[{"address":"cm@x.example","type":"SIP"}]}}}`)
		before := b.own(id)
		u, err := b.client.Users.Get(b.Context(), id)
		require.NoError(b, err)
		for _, dump := range []string{fmt.Sprintf("%+v %#v", u.Features.CMVoice, *u.Features.CMVoice), mustJSON(b, u)} {
			for _, secret := range []string{"0042", "4242", "cp-secret-1"} {
				require.NotContains(b, dump, secret)
			}
		}
		_, err = b.store.UpdateUser(b.Context(), id, core.UserChange{FirstName: core.Set("Com")})
		require.NoError(b, err)
		before["firstName"] = "Com"
		require.Equal(b, before, b.own(id), "leading zeros, and the number that is a number, included")
	})
}

func TestUsersDelete_OfWhatIsGone(t *testing.T) {
	for _, status := range []int{204, 404} {
		t.Run(fmt.Sprint("an unknown id is answered ", status), func(t *testing.T) {
			simulate(t, func(b *bench) {
				err := b.store.DeleteUser(b.Context(), "00000000-0000-4000-8000-00000000dead")
				require.ErrorIs(b, err, core.ErrNotFound)
				require.Equal(b, core.AppliedNo, appliedOf(b, err))

				id, _ := b.agent("twice")
				b.srv.SetDelays(avayatest.Delays{})
				b.srv.Fault(avayatest.Fault{Op: "Users.Delete", LoseAnswer: true})
				require.NoError(b, b.store.DeleteUser(b.Context(), id))
				require.Len(b, b.srv.Requests("Users.Delete"), 2)
			}, avayatest.WithUnknownDeleteStatus(status))
		})
	}
}

func TestUsersList_FindsALoginExactly(t *testing.T) {
	simulate(t, func(b *bench) {
		for _, login := range []string{"a+b", "a", "aa+b"} {
			b.srv.AddUser(`{"loginId":"` + login + `@example.com","firstName":"Al","lastName":"Be"}`)
		}
		got, err := core.Collect(b.store.ListUsers(b.Context(), core.UserQuery{Login: "a+b@example.com"}))
		require.NoError(b, err)
		require.Len(b, got, 1)
		require.Equal(b, "a+b@example.com", got[0].Login)
		require.Contains(b, b.srv.Requests("Users.List")[0].Query, "filter=loginId%3Da%2Bb%40example.com")

		long := strings.Repeat("x", 250) + "@example.com"
		got, err = core.Collect(b.store.ListUsers(b.Context(), core.UserQuery{Login: long}))
		require.NoError(b, err, "a login too long for a filter is looked for in the whole list")
		require.Empty(b, got)
	})
}

func TestUsersModify_KeepsAllWritersOfOneClient(t *testing.T) {
	simulate(t, func(b *bench) {
		id := b.srv.AddUser(`{"loginId":"race@example.com","firstName":"Ra","lastName":"Ce"}`)
		// Slow enough for reads and writes to overlap if they may.
		b.srv.Fault(avayatest.Fault{Op: "Users.Get", Times: -1, Delay: 10 * time.Millisecond}, avayatest.Fault{Op: "Users.Replace", Times: -1,
			Delay: 10 * time.Millisecond})
		var wg sync.WaitGroup
		for i := range 11 {
			wg.Go(func() {
				_, err := b.client.Users.Modify(b.Context(), id, func(u *avaya.User) error {
					u.Roles = append(u.Roles, fmt.Sprintf("R%d", i))
					return nil
				})
				if err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
		require.Len(b, b.own(id)["roles"], 11, "no writer has overwritten another")
	})
}

func TestUsersCreate_IsNotSentAgainWhenLost(t *testing.T) {
	for name, fault := range map[string]avayatest.Fault{
		"answer lost": {Op: "Users.Create", LoseAnswer: true},
		"answer cut":  {Op: "Users.Create", CutBody: 20},
		"bad gateway": {Op: "Users.Create", Status: 502, Body: "<html>bad gateway</html>", ContentType: "text/html"},
		"html page":   {Op: "Users.Create", Status: 200, Body: "<html>hello</html>", ContentType: "text/html"},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(b *bench) {
				b.srv.Fault(fault)
				_, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "once@example.com", FirstName: "On", LastName: "Ce"})
				require.Error(b, err)
				require.Equal(b, core.AppliedUnknown, appliedOf(b, err))
				require.Len(b, b.srv.Requests("Users.Create"), 1)
				require.Contains(b, errorOf(b, err).Hint, "once@example.com", "the error says how to find out")
			})
		})
	}
}

func TestUsersCreate_IsSentAgainWhenRefused(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.Fault(avayatest.TooMany("Users.Create", "7"), avayatest.Fault{Op: "Users.Create", Status: 503, RetryAfter: "2"},
			avayatest.Fault{Op: "Users.Create", Status: 401, ContentType: "application/problem+json", Body: `{"title":"Unauthorized","status":401}`})
		start := time.Now()
		_, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "again@example.com", FirstName: "Ag", LastName: "Ain"})
		require.NoError(b, err)
		require.Len(b, b.srv.Requests("Users.Create"), 4)
		require.GreaterOrEqual(b, time.Since(start), 9*time.Second)
	})
}

func TestUsersModify_RefusesAnAnswerAboutAnotherUser(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("asked")
		other, _ := b.agent("other")
		b.srv.Fault(avayatest.Fault{Op: "Users.Get", Times: 2, Status: 200, ContentType: "application/json",
			Body: `{"userId":"` + other + `","loginId":"x@y.z","firstName":"X","lastName":"Y"}`})
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{LastName: core.Set("Cc")})
		require.ErrorIs(b, err, core.ErrProtocol)
		_, err = b.store.GetUser(b.Context(), id)
		require.ErrorIs(b, err, core.ErrProtocol)
		require.Empty(b, b.srv.Requests("Users.Replace"))
	})
}

func TestUsersCreate_IsNotRepeatedAfterAForeign401(t *testing.T) {
	for name, fault := range map[string]avayatest.Fault{
		"page": {Op: "Users.Create", Status: 401, ContentType: "text/html", Body: "<html>who are you</html>"},
		"half": {Op: "Users.Create", Status: 401, ContentType: "application/json", Body: `{"title":"Unau`},
		"403":  {Op: "Users.Create", Status: 403, ContentType: "text/html", Body: "<html>no</html>"},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(b *bench) {
				b.srv.Fault(fault)
				_, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "once@example.com", FirstName: "On", LastName: "Ce"})
				require.Equal(b, core.AppliedUnknown, appliedOf(b, err))
				require.Len(b, b.srv.Requests("Users.Create"), 1)
			})
		})
	}
}

// A member that the vendor left out goes back left out.
func TestQueueLink_InventsNoID(t *testing.T) {
	for _, sent := range []string{`{"proficiency":4}`, `{"queueId":"0d1f6a52-3f0e-4a44-9c1b-6a2f10c5e701"}`, `{"name":"Iberia","x":1.50}`} {
		var q avaya.QueueLink
		require.NoError(t, wire.Unmarshal([]byte(sent), &q))
		back, err := wire.Marshal(q)
		require.NoError(t, err)
		require.JSONEq(t, sent, string(back))
	}
}
