package avayatest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
)

// longer is a password policy.
func longer(than int) func(string) bool {
	return func(password string) bool { return len(password) > than }
}

func TestListStatusesIsABareArrayInNoOrder(t *testing.T) {
	a := newAPI(t)
	ids := a.srv.AddUsers(51)
	res := a.ok(200, "POST", "/users:listStatuses", object{"userIds": ids[:3]})
	l := res.json.([]any)
	require.Len(t, l, 3)
	require.NotEqual(t, ids[0], at(l, 0, "userId"), "a client must match by id")
	require.Len(t, a.ok(200, "POST", "/users:listStatuses", object{"userIds": ids[:50]}).json, 50)
	require.Equal(t, []string{"userIds"}, violations(a.ok(400, "POST", "/users:listStatuses", object{"userIds": ids})))
	require.Equal(t, []string{"userIds 20002"}, violations(a.ok(400, "POST", "/users:listStatuses", "{}")))
	require.Equal(t, []any{}, a.ok(200, "POST", "/users:listStatuses", `{"userIds":[]}`).json)
	require.Equal(t, []string{"profileIds[0]"}, violations(a.ok(400, "POST", "/profiles:listStatuses", `{"profileIds":["ABCDEFG"]}`)))
	a.ok(405, "GET", "/users:listStatuses", nil)
}

func TestStatusesOfUnknownIDs(t *testing.T) {
	a := newAPI(t)
	id := a.srv.AddUser(nil)
	for mode, want := range map[avayatest.UnknownStatuses][2]int{ // with a known id, and without
		avayatest.UnknownOmitted: {200, 200}, avayatest.Unknown404: {200, 404}, avayatest.AnyUnknown404: {404, 404},
	} {
		a.srv.Apply(avayatest.WithUnknownStatuses(mode))
		a.ok(want[0], "POST", "/users:listStatuses", object{"userIds": []string{id, nobody}})
		res := a.ok(want[1], "POST", "/users:listStatuses", object{"userIds": []string{nobody}})
		if want[1] == 200 {
			require.Equal(t, []any{}, res.json)
		}
	}
}

func TestCreateAndUpdateGoThroughInProgress(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t)
		id := a.create(person(object{"roles": []string{"Agent", "Business Analyst"}, "features": object{"voice": voice, "recorder": object{}}}))
		st := a.status(id)
		require.Equal(t, "ADD/IN_PROGRESS role:ADD/IN_PROGRESS recorder:ADD/IN_PROGRESS voice:ADD/IN_PROGRESS", brief(st))
		require.Equal(t, id, st["userId"], "never the sample's mismatch")
		require.Equal(t, "Operation is in progress", st["message"])
		time.Sleep(progress - 1)
		require.Equal(t, "IN_PROGRESS", a.status(id)["status"])
		time.Sleep(time.Nanosecond)
		st = a.status(id)
		require.Equal(t, "ADD/COMPLETED role:ADD/COMPLETED recorder:ADD/COMPLETED voice:ADD/COMPLETED", brief(st))
		require.Equal(t, "Completed successfully", st["message"])
		require.Equal(t, "Added successfully", at(st, "role", "message"))
		require.Equal(t, "Feature added successfully", at(st, "features", "voice", "message"))

		// Without roles there is no role part, although roles were taken away,
		// and what was dropped is not mentioned.
		a.ok(202, "PUT", "/users/"+id, person(object{"features": object{"voice": voice}}))
		require.Equal(t, "ADD/IN_PROGRESS voice:ADD/IN_PROGRESS", brief(a.status(id)))
		time.Sleep(progress)
		require.Equal(t, "ADD/COMPLETED voice:ADD/COMPLETED", brief(a.status(id)))

		// Without roles and features there is still an operation.
		other := a.create(person(object{"loginId": "lee@example.com"}))
		require.Equal(t, "ADD/IN_PROGRESS", brief(a.status(other)))
		time.Sleep(progress)
		require.Equal(t, "ADD/COMPLETED", brief(a.status(other)))
	})
}

func TestRolePartComesFromEffectiveRoles(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t)
		p := a.srv.AddProfile(object{"roles": []string{"Agent"}, "features": object{"voice": voice}})
		id := a.create(person(object{"profileId": p, "resourcePartitions": []string{nobody}}))
		require.Equal(t, "ADD/IN_PROGRESS role:ADD/IN_PROGRESS resourcePartitions:ADD/IN_PROGRESS voice:ADD/IN_PROGRESS", brief(a.status(id)))
	})
}

func TestReplaceWhileInProgressStartsAnew(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t)
		id := a.create(person(object{"features": object{"voice": voice}}))
		time.Sleep(progress - 1)
		a.ok(202, "PUT", "/users/"+id, person(object{"features": object{"chat": object{}}}))
		time.Sleep(progress - 1)
		require.Equal(t, "ADD/IN_PROGRESS chat:ADD/IN_PROGRESS", brief(a.status(id)))
		time.Sleep(time.Nanosecond)
		require.Equal(t, "ADD/COMPLETED chat:ADD/COMPLETED", brief(a.status(id)))
	})
}

func TestDelaysAreSettable(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t, avayatest.WithDelays(avayatest.Delays{}))
		id := a.create(person(nil))
		require.Equal(t, "ADD/COMPLETED", brief(a.status(id)))
		a.ok(204, "DELETE", "/users/"+id, nil)
		require.Nil(t, a.status(id), "gone at once")

		a.srv.SetDelays(avayatest.Delays{Progress: time.Hour, Gone: time.Minute})
		id = a.create(person(nil))
		time.Sleep(time.Hour)
		a.login()
		require.Equal(t, "ADD/COMPLETED", brief(a.status(id)))
		a.ok(204, "DELETE", "/users/"+id, nil)
		time.Sleep(time.Hour + time.Minute - 1)
		a.login()
		require.Equal(t, "DELETE/DELETED", brief(a.status(id)))
		time.Sleep(time.Nanosecond)
		require.Nil(t, a.status(id))
	})
}

func TestMatchingMayBeHiddenOnCreate(t *testing.T) {
	inTime(t, func(t *testing.T) {
		for mode, want := range map[avayatest.MatchingOnCreate][2]string{ // of a profile, of a user
			avayatest.MatchingAsDocumented: {"ADD/IN_PROGRESS", "ADD/IN_PROGRESS matching:ADD/IN_PROGRESS"},
			avayatest.MatchingShown:        {"ADD/IN_PROGRESS matching:ADD/IN_PROGRESS", "ADD/IN_PROGRESS matching:ADD/IN_PROGRESS"},
			avayatest.MatchingHidden:       {"ADD/IN_PROGRESS", "ADD/IN_PROGRESS"},
		} {
			a := newAPI(t, avayatest.WithMatchingOnCreate(mode))
			features := object{"matching": object{}}
			p := a.ok(202, "POST", "/profiles", object{"profileName": "Nights", "features": features}).at("profileId").(string)
			id := a.create(person(object{"features": features}))
			require.Equal(t, want, [2]string{brief(a.profileStatus(p)), brief(a.status(id))})
			a.ok(202, "PUT", "/users/"+id, person(object{"features": features}))
			require.Equal(t, "ADD/IN_PROGRESS matching:ADD/IN_PROGRESS", brief(a.status(id)), "only on create")
		}
	})
}

func TestUpdateActionMayBeUpdate(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t, avayatest.WithUpdateActions())
		id := a.create(person(object{"features": object{"voice": voice, "chat": object{"multiplicity": 2}}}))
		require.Equal(t, "ADD/IN_PROGRESS chat:ADD/IN_PROGRESS voice:ADD/IN_PROGRESS", brief(a.status(id)))
		time.Sleep(progress)
		// The latest state per feature: voice stays what it was.
		a.ok(202, "PUT", "/users/"+id, person(object{"roles": []string{"Agent"}, "features": object{
			"voice": voice, "chat": object{"multiplicity": 3}, "email": object{}}}))
		require.Equal(t, "UPDATE/IN_PROGRESS role:UPDATE/IN_PROGRESS chat:UPDATE/IN_PROGRESS email:ADD/IN_PROGRESS voice:ADD/COMPLETED",
			brief(a.status(id)))
		time.Sleep(progress)
		require.Equal(t, "UPDATE/COMPLETED role:UPDATE/COMPLETED chat:UPDATE/COMPLETED email:ADD/COMPLETED voice:ADD/COMPLETED",
			brief(a.status(id)))
	})
}

func TestQuietUpdatesLeaveNoStatus(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t, avayatest.WithQuietUpdates())
		id := a.create(person(nil))
		require.Nil(t, a.status(id))
		body := person(object{"features": object{"voice": voice}})
		a.ok(202, "PUT", "/users/"+id, body)
		time.Sleep(progress)
		body["firstName"] = "Diana"
		a.ok(202, "PUT", "/users/"+id, body)
		require.Equal(t, "ADD/COMPLETED voice:ADD/COMPLETED", brief(a.status(id)))
		require.Equal(t, "Diana", a.ok(200, "GET", "/users/"+id, nil).at("firstName"))
	})
}

func TestInjectedFeatureFailure(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t)
		a.srv.Fail(avayatest.Failure{Features: []string{"voice"}})
		a.srv.Fail(avayatest.Failure{Features: []string{"fax"}})
		body := person(object{"roles": []string{"Agent"}, "features": object{"voice": voice, "chat": object{}}})
		id := a.create(body)
		require.Equal(t, "ADD/IN_PROGRESS role:ADD/IN_PROGRESS chat:ADD/IN_PROGRESS voice:ADD/IN_PROGRESS", brief(a.status(id)))
		time.Sleep(progress)
		st := a.status(id)
		require.Equal(t, "ADD/FAILED role:ADD/COMPLETED chat:ADD/COMPLETED voice:ADD/FAILED", brief(st))
		require.Equal(t, "Operation failed", st["message"])
		require.Equal(t, "The feature could not be added", at(st, "features", "voice", "message"))
		a.ok(200, "GET", "/users/"+id, nil)
		a.ok(202, "PUT", "/users/"+id, body)
		time.Sleep(progress)
		require.Equal(t, "ADD/COMPLETED role:ADD/COMPLETED chat:ADD/COMPLETED voice:ADD/COMPLETED", brief(a.status(id)))
		require.Len(t, a.srv.Unfailed(), 1, "nobody had a fax")
	})
}

func TestFailuresAreAddressed(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t)
		a.srv.Fail(avayatest.Failure{Op: "Users.Replace", Skip: 1, Times: 2, Message: "no licence",
			Match: func(own map[string]any) bool { return own["firstName"] == "Dana" }})
		id := a.create(person(nil))
		for _, want := range []string{"COMPLETED", "FAILED", "FAILED", "COMPLETED"} {
			a.ok(202, "PUT", "/users/"+id, person(object{"firstName": "Lee"}))
			a.ok(202, "PUT", "/users/"+id, person(nil))
			time.Sleep(progress)
			st := a.status(id)
			require.Equal(t, want, st["status"])
			if want == "FAILED" {
				require.Equal(t, "no licence", st["message"])
			}
		}
		require.Empty(t, a.srv.Unfailed())
	})
}

func TestFailedFeatureIsTriedAgainUnderUpdate(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t, avayatest.WithUpdateActions())
		a.srv.Fail(avayatest.Failure{Features: []string{"voice"}})
		body := person(object{"features": object{"voice": voice, "chat": object{}}})
		id := a.create(body)
		time.Sleep(progress)
		a.ok(202, "PUT", "/users/"+id, body)
		require.Equal(t, "UPDATE/IN_PROGRESS chat:ADD/COMPLETED voice:UPDATE/IN_PROGRESS", brief(a.status(id)))
	})
}

func TestInjectedRoleFailureAppliesNoRole(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t)
		a.srv.Fail(avayatest.Failure{Roles: true, Times: 2})
		id := a.create(person(object{"roles": []string{"Agent", "Supervisor"}, "features": object{"voice": voice}}))
		time.Sleep(progress)
		st := a.status(id)
		require.Equal(t, "ADD/FAILED role:ADD/FAILED voice:ADD/COMPLETED", brief(st))
		require.Equal(t, "The requested roles could not be added", at(st, "role", "message"))
		require.NotContains(t, a.ok(200, "GET", "/users/"+id, nil).obj(), "roles")
		own, _ := a.srv.User(id)
		require.NotContains(t, own, "roles")

		// Those that were there before stay.
		other := a.srv.AddUser(person(object{"loginId": "lee@example.com", "roles": []string{"Agent"}}))
		a.ok(202, "PUT", "/users/"+other, person(object{"loginId": "lee@example.com", "roles": []string{"Agent", "Reporting"}}))
		time.Sleep(progress)
		require.Equal(t, []any{"Agent"}, a.ok(200, "GET", "/users/"+other, nil).at("roles"))
		a.ok(202, "PUT", "/users/"+other, person(object{"loginId": "lee@example.com", "roles": []string{"Reporting"}}))
		time.Sleep(progress)
		require.Equal(t, []any{"Reporting"}, a.ok(200, "GET", "/users/"+other, nil).at("roles"))
	})
}

func TestPasswordPolicyFailsLaterAsARole(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t)
		a.srv.Fail(avayatest.Failure{PasswordPolicy: true})
		id := a.create(person(object{"password": "Zq7!mTr2kW9p", "features": object{"voice": voice}}))
		time.Sleep(progress)
		require.Equal(t, "ADD/FAILED role:ADD/FAILED voice:ADD/COMPLETED", brief(a.status(id)))
		_, set := a.srv.Password(id)
		require.False(t, set)

		// The same from a real policy.
		a.srv.Apply(avayatest.WithPasswordRule(longer(13)))
		a.ok(202, "PUT", "/users/"+id, person(object{"password": "Zq7!mTr2kW9p"}))
		time.Sleep(progress)
		st := a.status(id)
		require.Equal(t, "ADD/FAILED role:ADD/FAILED", brief(st))
		require.Contains(t, at(st, "role", "message"), "password policy")
		a.ok(202, "PUT", "/users/"+id, person(object{"password": "Zq7!mTr2kW9pXX"}))
		time.Sleep(progress)
		require.Equal(t, "ADD/COMPLETED", brief(a.status(id)))
	})
}

func TestMixedCaseFailed(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t, avayatest.WithMixedCaseFailed())
		a.srv.Fail(avayatest.Failure{})
		id := a.create(person(object{"roles": []string{"Agent"}, "features": object{"voice": voice}}))
		time.Sleep(progress)
		require.Equal(t, "ADD/FAILED role:ADD/FAILED voice:ADD/Failed", brief(a.status(id)), "as in the guide's sample")
	})
}

func TestInjectedDeleteFailure(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t)
		a.srv.Fail(avayatest.Failure{Op: "Users.Delete"}, avayatest.Failure{Op: "Users.Delete", Status: "DELETE_FAILED"})
		id := a.srv.AddUser(person(object{"features": object{"voice": voice}}))
		for _, want := range []string{"FAILED", "DELETE_FAILED"} {
			a.ok(204, "DELETE", "/users/"+id, nil)
			require.Equal(t, "DELETE/DELETE_IN_PROGRESS voice:DELETE/DELETE_IN_PROGRESS", brief(a.status(id)))
			time.Sleep(progress)
			require.Equal(t, "DELETE/"+want+" voice:DELETE/"+want, brief(a.status(id)))
			a.ok(200, "GET", "/users/"+id, nil)
		}
		a.ok(204, "DELETE", "/users/"+id, nil)
		time.Sleep(progress)
		a.ok(404, "GET", "/users/"+id, nil)
	})
}

func TestLoggedInAgentsChannelsWait(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t)
		id := a.srv.AddUser(person(object{"roles": []string{"Agent"}, "features": object{
			"voice": voice, "chat": object{"multiplicity": 2}, "matching": object{}}}))
		put := func(features object) {
			a.ok(202, "PUT", "/users/"+id, person(object{"roles": []string{"Agent"}, "features": features}))
		}
		a.srv.Login(id)

		// Matching and multiplicity need no logout.
		put(object{"voice": voice, "chat": object{"multiplicity": 5}, "matching": object{"attributes": []any{}}})
		time.Sleep(progress)
		require.Equal(t, "ADD/COMPLETED role:ADD/COMPLETED chat:ADD/COMPLETED matching:ADD/COMPLETED voice:ADD/COMPLETED", brief(a.status(id)))

		put(object{"voice": object{"autoAnswer": true}, "chat": object{"multiplicity": 5}, "matching": object{}})
		require.Equal(t, "IN_PROGRESS", a.status(id)["status"])
		time.Sleep(progress)
		const waits = "UPDATE/PENDING role:UPDATE/PENDING chat:ADD/COMPLETED matching:ADD/COMPLETED voice:UPDATE/PENDING"
		require.Equal(t, waits, brief(a.status(id)))
		// Writing the same again does not get around it, nor does time.
		put(object{"voice": object{"autoAnswer": true}, "chat": object{"multiplicity": 5}, "matching": object{}})
		time.Sleep(10 * time.Minute)
		require.Equal(t, waits, brief(a.status(id)))
		a.srv.Logout(id)
		require.Equal(t, "ADD/COMPLETED role:ADD/COMPLETED chat:ADD/COMPLETED matching:ADD/COMPLETED voice:ADD/COMPLETED", brief(a.status(id)))

		// A channel that is taken away waits as well.
		a.srv.Login(id)
		put(object{"chat": object{"multiplicity": 5}})
		time.Sleep(progress)
		require.Equal(t, "UPDATE/PENDING role:UPDATE/PENDING chat:ADD/COMPLETED voice:DELETE/PENDING", brief(a.status(id)))

		a.ok(204, "DELETE", "/users/"+id, nil)
		time.Sleep(progress)
		require.Equal(t, "DELETE/PENDING chat:DELETE/PENDING", brief(a.status(id)))
		a.ok(200, "GET", "/users/"+id, nil)
		a.srv.Logout(id)
		require.Equal(t, "DELETE/DELETED chat:DELETE/DELETED", brief(a.status(id)))
		a.ok(404, "GET", "/users/"+id, nil)
	})
}

func TestStaleWindowShowsThePreviousOutcome(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t, avayatest.WithDelays(avayatest.Delays{Progress: 500 * time.Millisecond, Stale: 200 * time.Millisecond, Gone: time.Second}))
		a.srv.Fail(avayatest.Failure{})
		id := a.create(person(nil))
		require.Nil(t, a.status(id), "nothing was there before")
		time.Sleep(200 * time.Millisecond)
		require.Equal(t, "ADD/IN_PROGRESS", brief(a.status(id)))
		time.Sleep(300 * time.Millisecond)
		require.Equal(t, "ADD/FAILED", brief(a.status(id)))

		a.ok(202, "PUT", "/users/"+id, person(nil))
		require.Equal(t, "ADD/FAILED", brief(a.status(id)), "of the operation before")
		a.ok(202, "PUT", "/users/"+id, person(nil))
		require.Equal(t, "ADD/FAILED", brief(a.status(id)), "still the last that was terminal")
		time.Sleep(200 * time.Millisecond)
		require.Equal(t, "ADD/IN_PROGRESS", brief(a.status(id)))
		time.Sleep(300 * time.Millisecond)
		require.Equal(t, "ADD/COMPLETED", brief(a.status(id)))
		a.ok(204, "DELETE", "/users/"+id, nil)
		require.Equal(t, "ADD/COMPLETED", brief(a.status(id)))
	})
}
