package avaya_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

// The traps of the vendor, each named in a test.

func TestFullReplacementLosesNothing(t *testing.T) {
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

func TestReadOnlyFieldsAreNotSentBack(t *testing.T) {
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

func TestASwitchedOnFeatureWithoutContentStaysOn(t *testing.T) {
	simulate(t, func(b *bench) {
		id := b.srv.AddUser(`{"loginId":"r@example.com","firstName":"Rec","lastName":"Order","features":{"recorder":{},"aci":{}}}`)
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{FirstName: core.Set("Ray")})
		require.NoError(b, err)
		features := b.own(id)["features"].(map[string]any)
		require.Contains(b, features, "recorder")
		require.Contains(b, features, "aci")
	})
}

func TestInheritedProfileValuesAreNotPinned(t *testing.T) {
	simulate(t, func(b *bench) {
		group := b.srv.AddGroup(`{"name":"Night"}`)
		profile := b.srv.AddProfile(`{"profileName":"Night voice","roles":["Agent"],"memberOfGroups":["` + group + `"],
			"features":{"voice":{"autoAnswer":true}}}`)
		id := b.srv.AddUser(`{"loginId":"n@example.com","firstName":"Nia","lastName":"Night","profileId":"` + profile + `"}`)

		u, err := b.client.Users.Get(b.Context(), id)
		require.NoError(b, err)
		require.Equal(b, []string{"Agent"}, u.Roles, "reading gives the effective user")

		_, err = b.store.UpdateUser(b.Context(), id, core.UserChange{LastName: core.Set("Day")})
		require.NoError(b, err)
		own := b.own(id)
		require.Equal(b, "Day", own["lastName"])
		require.Equal(b, profile, own["profileId"])
		for _, name := range []string{"roles", "memberOfGroups", "features", "uxProfileId"} {
			require.NotContains(b, own, name, "a change that did not name it must not make it the user's own")
		}

		b.srv.ChangeProfile(profile, `{"roles":["Agent","Supervisor"]}`)
		u, err = b.client.Users.Get(b.Context(), id)
		require.NoError(b, err)
		require.Equal(b, []string{"Agent", "Supervisor"}, u.Roles, "the user still follows the profile")
	})
}

func TestOwnValuesThatDifferFromTheProfileStayOwn(t *testing.T) {
	simulate(t, func(b *bench) {
		profile := b.srv.AddProfile(`{"profileName":"Base","roles":["Agent"],"features":{"voice":{}}}`)
		id := b.srv.AddUser(`{"loginId":"o@example.com","firstName":"Ona","lastName":"Own","profileId":"` + profile + `",
			"roles":["Agent","Supervisor"],"features":{"chat":{"multiplicity":2}}}`)
		before := b.own(id)
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{FirstName: core.Set("Una")})
		require.NoError(b, err)
		before["firstName"] = "Una"
		require.Equal(b, before, b.own(id))
	})
}

func TestAssigningOnInheritedFeaturesSaysThatTheyBecomeOwn(t *testing.T) {
	simulate(t, func(b *bench) {
		queue := b.srv.AddQueue(`{"name":"Iberia"}`)
		profile := b.srv.AddProfile(`{"profileName":"Base","roles":["Agent"],"features":{"voice":{"autoAnswer":true}}}`)
		id := b.srv.AddUser(`{"loginId":"p@example.com","firstName":"Pau","lastName":"Pin","profileId":"` + profile + `"}`)
		out, err := b.store.Assign(b.Context(), core.Assignment{UserID: id, Target: core.Target{Kind: core.KindQueue, ID: queue}})
		require.NoError(b, err)
		require.Equal(b, core.ResultApplied, out[0].Result)
		require.Contains(b, out[0].Message, "features came from the profile")
		own := b.own(id)
		require.Contains(b, own["features"], "voice", "the profile's voice is kept, now as the user's own")
		require.NotContains(b, own, "roles", "roles were not named and stay with the profile")
	})
}

func TestAProfileThatCannotBeReadRefusesTheWrite(t *testing.T) {
	simulate(t, func(b *bench) {
		profile := b.srv.AddProfile(`{"profileName":"Base","roles":["Agent"]}`)
		id := b.srv.AddUser(`{"loginId":"q@example.com","firstName":"Quim","lastName":"Que","profileId":"` + profile + `"}`)
		b.srv.Fault(avayatest.Fault{Op: "Profiles.Get", Status: 403})
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{FirstName: core.Set("Kim")})
		require.ErrorIs(b, err, core.ErrIncomplete)
		require.Equal(b, core.AppliedNo, appliedOf(b, err))
		require.Empty(b, b.srv.Requests("Users.Replace"))
	})
}

func TestPasswordNeverEchoes(t *testing.T) {
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

func TestEchoedSecretsOfHybridVoicePrintRedactedAndGoBackAsTheyCame(t *testing.T) {
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

func TestRolesFailAfterThe202(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.Fail(avayatest.Failure{Op: "Users.Create", Roles: true, Message: "no such licence"})
		u, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "r@example.com", FirstName: "Rol", LastName: "Fail", Roles: []string{"Agent"}})
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

func TestPasswordPolicyFailsUnderRole(t *testing.T) {
	simulate(t, func(b *bench) {
		u, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "p@example.com", FirstName: "Pol", LastName: "Icy",
			Roles: []string{"Agent"}, Password: core.NewSecret("Ab1!efgh")})
		require.NoError(b, err)
		_, err = b.store.Settle(b.Context(), u.ID, core.SettleAfter(core.Created))
		require.ErrorIs(b, err, core.ErrFailed)
		require.ErrorContains(b, err, "role")
	}, avayatest.WithPasswordRule(func(password string) bool { return len(password) >= 14 }))
}

func TestAFailedPartIsToldInEitherSpelling(t *testing.T) {
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

func TestPendingIsDeferredAndNotATimeout(t *testing.T) {
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

func TestAStaleCompletedRightAfterAWriteIsNotBelieved(t *testing.T) {
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

func TestQuickPollingDoesNotMakeAStaleEndTrue(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("quick")
		b.srv.Fail(avayatest.Failure{Op: "Users.Replace", Roles: true})
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{Roles: core.Set([]string{"Supervisor"})})
		require.NoError(b, err)
		_, err = b.store.Settle(b.Context(), id, core.SettleAfter(core.Updated), core.SettleWait(core.Wait{First: 5 * time.Millisecond}))
		require.ErrorIs(b, err, core.ErrFailed, "many looks at one stale status are still one stale status")
	}, avayatest.WithDelays(avayatest.Delays{Progress: 4 * time.Second, Stale: 900 * time.Millisecond}))
}

func TestAStaleFailureOfTheChangeBeforeIsNotBelieved(t *testing.T) {
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

func TestDeleteEndsWhicheverWayTheVendorShowsIt(t *testing.T) {
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

func TestADeletedStatusIsNotBelievedWhileTheUserCanBeRead(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("ghost")
		require.NoError(b, b.client.Users.Delete(b.Context(), id))
		b.srv.Fault(avayatest.Fault{Op: "Users.Get", Status: 200, ContentType: "application/json", Body: `{"userId":"` + id + `"}`})
		require.Equal(b, core.Gone, b.settled(id, core.Deleted).State)
		require.Len(b, b.srv.Requests("Users.Get"), 2, "it looked again until the user was gone")
	}, avayatest.WithDelays(avayatest.Delays{Gone: time.Hour}))
}

func TestStatusesOfUnknownIDsAreLeftOutHoweverTheVendorSaysIt(t *testing.T) {
	for _, unknown := range []avayatest.UnknownStatuses{avayatest.UnknownOmitted, avayatest.Unknown404, avayatest.AnyUnknown404} {
		simulate(t, func(b *bench) {
			ids := b.srv.AddUsers(60)
			asked := append([]string{"00000000-0000-4000-8000-000000000000"}, ids...)
			list, err := b.client.Users.ListStatuses(b.Context(), asked...)
			require.NoError(b, err)
			require.Len(b, list, 60)
			require.LessOrEqual(b, len(b.srv.Requests("Users.ListStatuses")), 52)
		}, avayatest.WithUnknownStatuses(unknown))
	}
}

func TestClearingAFieldLeavesItOutOfTheWrite(t *testing.T) {
	simulate(t, func(b *bench) {
		id := b.srv.AddUser(`{"loginId":"c@example.com","firstName":"Cle","lastName":"Ar","displayName":"Ar, Cle","emailId":"cle@example.com","roles":["Agent"],"x-desk":4}`)
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{Email: core.Clear[string](),
			Roles: core.Clear[[]string](), Fields: map[string]any{"displayName": core.Clear[any](), "x-desk": core.Clear[any]()}})
		require.NoError(b, err)
		own := b.own(id)
		for _, name := range []string{"displayName", "emailId", "roles", "x-desk"} {
			require.NotContains(b, own, name)
		}
		require.NotContains(b, string(b.srv.Requests("Users.Replace")[0].Body), "null")
		for name, change := range map[string]core.UserChange{
			"login": {Login: core.Clear[string]()}, "first": {FirstName: core.Clear[string]()}, "last": {LastName: core.Set("")},
			"node by wire name":  {Fields: map[string]any{"organizationNodeId": core.Clear[any]()}},
			"login by wire name": {Fields: map[string]any{"loginId": json.RawMessage(`null`)}},
			"password":           {Password: core.Clear[core.Secret]()},
			"read only":          {Fields: map[string]any{"userId": "x"}},
			"wrong type":         {Fields: map[string]any{"roles": 5}},
		} {
			_, err := b.store.UpdateUser(b.Context(), id, change)
			require.ErrorIs(b, err, core.ErrInvalid, name)
		}
		_, err = b.store.UpdateUser(b.Context(), id, core.UserChange{Enabled: core.Set(false)})
		require.ErrorIs(b, err, errors.ErrUnsupported)
		require.Len(b, b.srv.Requests("Users.Replace"), 1)
	})
}

func TestADeleteThatFailsSaysSo(t *testing.T) {
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

func TestDeletingWhatIsGoneIsNotFoundOnAFirstAttemptAndDoneAfterALostAnswer(t *testing.T) {
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

func TestLinksThatLieAreNotFollowed(t *testing.T) {
	for name, links := range map[string]avayatest.Links{
		"wrong": avayatest.LinksWrong, "misplaced": avayatest.LinksMisplaced, "absolute": avayatest.LinksAbsolute, "null": avayatest.LinksNull,
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(b *bench) {
				want := len(b.srv.AddUsers(123))
				for range 3 {
					b.srv.AddProfile(fmt.Sprintf(`{"profileName":"Profile %d"}`, len(b.srv.Profiles())))
				}
				got, err := core.Collect(b.client.Users.List(b.Context(), avaya.UserListOptions{}))
				require.NoError(b, err)
				require.Len(b, got, want)
				for p, err := range b.client.Profiles.List(b.Context(), avaya.ProfileListOptions{}) {
					require.NoError(b, err)
					require.NotContains(b, p.Extra, "links", "a page's links are no field of its last item")
				}
			}, avayatest.WithLinks(links))
		})
	}
}

func TestPageSizesHaveAFloorAndACeiling(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.AddUsers(12)
		for asked, sent := range map[int]string{1: "5", 4: "5", 7: "7", 50: "50", 400: "50", 0: "50"} {
			all, err := core.Collect(b.client.Users.List(b.Context(), avaya.UserListOptions{PageSize: asked}))
			require.NoError(b, err)
			require.Len(b, all, 12, "a page size does not bound the list")
			log := b.srv.Requests("Users.List")
			require.Contains(b, log[len(log)-1].Query, "pageSize="+sent)
		}
		_, err := core.Collect(b.client.Users.Search(b.Context(), avaya.Search{PageSize: 9000}))
		require.NoError(b, err)
		require.Contains(b, b.srv.Requests("Users.Search")[0].Query, "pageSize=500")
		for _, err := range b.client.Queues.List(b.Context(), avaya.QueueListOptions{}) {
			require.NoError(b, err)
		}
		require.Contains(b, b.srv.Requests("Queues.List")[0].Query, "pageSize=20")
	})
}

func TestATotalThatIsNeverReachedIsIncomplete(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.AddUsers(70)
		all, err := core.Collect(b.client.Users.List(b.Context(), avaya.UserListOptions{}))
		require.ErrorIs(b, err, core.ErrIncomplete)
		require.Len(b, all, 70, "what was listed is handed out anyway")
	}, avayatest.WithTotalOff(3))
}

func TestUsersDeletedDuringAWalkAreNoticed(t *testing.T) {
	simulate(t, func(b *bench) {
		ids := b.srv.AddUsers(120)
		var err error
		n := 0
		for _, e := range b.client.Users.List(b.Context(), avaya.UserListOptions{}) {
			if err = e; err != nil {
				break
			}
			if n++; n == 10 {
				b.srv.RemoveUser(ids[0])
			}
		}
		require.ErrorIs(b, err, core.ErrIncomplete, "a row that moved to a page already read is missing")
	})
}

func TestALoginIsLookedUpExactly(t *testing.T) {
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

func TestAProblemInsideASuccessIsAnError(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.Fault(avayatest.Fault{Op: "Users.Get", Status: 200, ContentType: "application/json",
			Body: `{"type":"about:blank#forbidden","title":"Forbidden","status":"403","detail":"not yours"}`})
		_, err := b.client.Users.Get(b.Context(), "5b0f9a8e-2c3d-4e5f-8a9b-1c2d3e4f5a6b")
		require.ErrorIs(b, err, core.ErrPermission)
		require.ErrorContains(b, err, "not yours")
	})
}

func TestProblemsAreReadInEveryForm(t *testing.T) {
	for name, opts := range map[string][]avayatest.Option{
		"plain":            nil,
		"status as string": {avayatest.WithStringStatus()},
		"other type base":  {avayatest.WithTypeBase(avayatest.TypeBaseOneCloud1)},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(b *bench) {
				spec := core.UserSpec{Login: "d@example.com", FirstName: "Du", LastName: "Plicate"}
				_, err := b.store.CreateUser(b.Context(), spec)
				require.NoError(b, err)
				_, err = b.store.CreateUser(b.Context(), spec)
				require.ErrorIs(b, err, core.ErrConflict)
				e := errorOf(b, err)
				require.Equal(b, "conflict", e.Code)
				require.Contains(b, e.Message, "loginId")
				require.Equal(b, 409, e.Status)
				require.Equal(b, core.AppliedNo, e.Applied)

				_, err = b.store.CreateUser(b.Context(), core.UserSpec{Login: "nope", FirstName: "X", LastName: "Yz"})
				require.ErrorIs(b, err, core.ErrInvalid)
				require.NotEmpty(b, errorOf(b, err).Message)
			}, opts...)
		})
	}
}

func TestAFirewallsPageIsPermissionDenied(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.Fault(avayatest.Firewalled("Users.Get"))
		_, err := b.client.Users.Get(b.Context(), "5b0f9a8e-2c3d-4e5f-8a9b-1c2d3e4f5a6b")
		require.ErrorIs(b, err, core.ErrPermission)
		require.ErrorContains(b, err, "HTML")
	})
}

func TestABadAppKeyIsToldAfterOneRenewal(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.Fault(avayatest.Fault{Op: "Users.Get", Times: -1, Status: 401, ContentType: "application/problem+json",
			Body: `{"title":"Unauthorized","status":401,"detail":"Invalid credentials (Appkey)"}`})
		_, err := b.client.Users.Get(b.Context(), "5b0f9a8e-2c3d-4e5f-8a9b-1c2d3e4f5a6b")
		require.ErrorIs(b, err, core.ErrUnauthenticated)
		require.ErrorContains(b, err, "Appkey")
		require.Len(b, b.srv.Requests("Users.Get"), 2)
		require.Len(b, b.srv.Requests("Token"), 2)
	})
}

func TestAFixedBearerThatIsRefusedIsNotTriedAgain(t *testing.T) {
	simulate(t, func(b *bench) {
		cfg := bearer(avayatest.Origin)
		cfg.Transport = b.srv.Transport()
		c, err := avaya.New(cfg)
		require.NoError(b, err)
		_, err = c.Users.Get(b.Context(), someUser)
		require.ErrorIs(b, err, core.ErrUnauthenticated)
		log := b.srv.Requests()
		require.Len(b, log, 1, "nothing can be renewed")
		require.Equal(b, avayatest.AppKey, log[0].Header.Get("Appkey"))
	})
}

func TestWritersOfOneClientAllSurvive(t *testing.T) {
	simulate(t, func(b *bench) {
		id := b.srv.AddUser(`{"loginId":"race@example.com","firstName":"Ra","lastName":"Ce"}`)
		// Slow enough for reads and writes to overlap if they may.
		b.srv.Fault(avayatest.Fault{Op: "Users.Get", Times: -1, Delay: 10 * time.Millisecond}, avayatest.Fault{Op: "Users.Replace", Times: -1, Delay: 10 * time.Millisecond})
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

func TestALostCreateIsNotSentAgain(t *testing.T) {
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

func TestARefusedCreateIsSentAgain(t *testing.T) {
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

func TestADayOfPolling(t *testing.T) {
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

func TestPollingToleratesPassingFailuresAndKeepsTheLastState(t *testing.T) {
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

func TestAnotherProcessCanTakeTheWaitOver(t *testing.T) {
	simulate(t, func(b *bench) {
		u, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "h@example.com", FirstName: "Ha", LastName: "Nd", Roles: []string{"Agent"}})
		require.NoError(b, err)
		other := newClient(b.T, b.srv)
		s, err := other.Store().Settle(b.Context(), u.ID)
		require.NoError(b, err)
		require.Equal(b, core.Settled, s.State)
	})
}

func TestTheV1BetaFormOfTheGuidePage(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("beta")
		cfg := config(avayatest.Origin)
		cfg.AppKey = core.Secret{}
		cfg.Transport = b.srv.Transport()
		c, err := avaya.New(cfg, avaya.WithV1Beta())
		require.NoError(b, err)
		u, err := c.Users.Get(b.Context(), id)
		require.NoError(b, err)
		require.Equal(b, id, u.UserID)
		log := b.srv.Requests("Users.Get")
		require.Contains(b, log[0].Path, "/v1beta/accounts/")
		require.Empty(b, log[0].Header.Get("Appkey"))
	})
}

func TestPresenceIsUnsupportedAndCausesNoTraffic(t *testing.T) {
	simulate(t, func(b *bench) {
		_, err := b.store.Presence(b.Context(), "x")
		require.ErrorIs(b, err, errors.ErrUnsupported)
		require.ErrorIs(b, b.store.SetPresence(b.Context(), "x", core.Away), errors.ErrUnsupported)
		_, err = b.store.Block(b.Context(), "x")
		require.ErrorIs(b, err, errors.ErrUnsupported)
		require.ErrorIs(b, b.store.Unblock(b.Context(), "x"), errors.ErrUnsupported)
		require.Empty(b, b.srv.Requests())
	})
}

func errorOf(t require.TestingT, err error) *core.Error {
	e, ok := errors.AsType[*core.Error](err)
	require.True(t, ok, "every error is a *core.Error: %v", err)
	return e
}

func appliedOf(t require.TestingT, err error) core.Applied { return errorOf(t, err).Applied }

func partOf(t require.TestingT, s core.Settlement, name string) core.SettlePart {
	for _, p := range s.Parts {
		if p.Name == name {
			return p
		}
	}
	require.Fail(t, "no part "+name)
	return core.SettlePart{}
}

func mustJSON(t require.TestingT, v any) string {
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return string(data)
}

func TestAFieldThatTheChangeNamesBecomesTheUsersOwnEvenIfItEqualsTheProfiles(t *testing.T) {
	simulate(t, func(b *bench) {
		profile := b.srv.AddProfile(`{"profileName":"Lead","roles":["Supervisor"],"features":{"chat":{"multiplicity":2}}}`)
		id := b.srv.AddUser(`{"loginId":"n@example.com","firstName":"Na","lastName":"Med","profileId":"` + profile + `"}`)
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{Roles: core.Set([]string{"Supervisor"})})
		require.NoError(b, err)
		require.Equal(b, []any{"Supervisor"}, b.own(id)["roles"])
		require.NotContains(b, b.own(id), "features", "what it did not name stays with the profile")
		_, err = b.store.UpdateUser(b.Context(), id, core.UserChange{Fields: map[string]any{"features": json.RawMessage(`{"chat":{"multiplicity":2}}`)}})
		require.NoError(b, err)
		require.Contains(b, b.own(id), "features")
	})
}

func TestTheLastInheritedGroupCanBeTakenAway(t *testing.T) {
	simulate(t, func(b *bench) {
		group := b.srv.AddGroup(`{"name":"Night"}`)
		profile := b.srv.AddProfile(`{"profileName":"Lead","memberOfGroups":["` + group + `"]}`)
		id := b.srv.AddUser(`{"loginId":"n@example.com","firstName":"Na","lastName":"Med","profileId":"` + profile + `"}`)
		out, err := b.store.Unassign(b.Context(), link(id, core.KindGroup, group))
		require.NoError(b, err)
		require.Equal(b, core.ResultApplied, out[0].Result)
		require.Contains(b, string(b.srv.Requests("Users.Replace")[0].Body), `"memberOfGroups":[]`)
	})
}

func TestAStatusRepeatsNoSecretAndIsBounded(t *testing.T) {
	simulate(t, func(b *bench) {
		const password = `Zq7!"mTr2kW9p`
		b.srv.Fail(avayatest.Failure{Op: "Users.Create", Roles: true,
			Message: avayatest.AppKey + "\n" + avayatest.ClientSecret + " " + password + strings.Repeat(" and on", 5000)})
		u, err := b.store.CreateUser(b.Context(), core.UserSpec{Login: "s@example.com", FirstName: "St", LastName: "At",
			Roles: []string{"Agent"}, Password: core.NewSecret(password)})
		require.NoError(b, err)
		s, err := b.store.Settle(b.Context(), u.ID, core.SettleAfter(core.Created))
		require.ErrorIs(b, err, core.ErrFailed)
		dump := err.Error() + fmt.Sprintf("%+v", s)
		for _, secret := range []string{avayatest.AppKey, avayatest.ClientSecret, password} {
			require.NotContains(b, dump, secret)
		}
		require.NotContains(b, dump, "\n")
		require.Less(b, len(dump), 3000)
	})
}

func TestAnAnswerAboutSomebodyElseIsNotWrittenBack(t *testing.T) {
	simulate(t, func(b *bench) {
		id, _ := b.agent("asked")
		other, _ := b.agent("other")
		b.srv.Fault(avayatest.Fault{Op: "Users.Get", Times: 2, Status: 200, ContentType: "application/json", Body: `{"userId":"` + other + `","loginId":"x@y.z","firstName":"X","lastName":"Y"}`})
		_, err := b.store.UpdateUser(b.Context(), id, core.UserChange{LastName: core.Set("Cc")})
		require.ErrorIs(b, err, core.ErrProtocol)
		_, err = b.store.GetUser(b.Context(), id)
		require.ErrorIs(b, err, core.ErrProtocol)
		require.Empty(b, b.srv.Requests("Users.Replace"))
	})
}

func TestA401ThatIsNotTheAPIsOwnDoesNotRepeatACreate(t *testing.T) {
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

func TestADeferredAssignmentSaysSo(t *testing.T) {
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
