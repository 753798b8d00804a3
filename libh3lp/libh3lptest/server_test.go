package libh3lptest_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

func faultErrorPage(t *testing.T) {
	d := newLinked(t, true)
	for _, status := range []int{500, 502} {
		d.Fault(Fault{Op: "Users.List", Status: status, ContentType: "text/html; charset=utf-8", Body: ErrorPage})
		r := d.get(api + "/users")
		r.isPage(status)
		require.Contains(t, r.Body, "<title>Error 500 </title>")
		d.get(api + "/users").is(200)
	}
	d.Fault(Fault{Op: "Presence.User", Times: -1, Status: 500, Body: ErrorPage})
	require.Equal(t, ErrorPage, d.public(presence("desk-bo", UserDomain, "text")).is(500).Body)
	require.Empty(t, d.Unstruck())
	require.Equal(t, 500, d.Requests("Users.List")[0].Status)
}

func faultPageWith200(t *testing.T) {
	d := newLinked(t, true)
	d.Fault(
		Fault{Op: "Users.Get", Status: 200, ContentType: "text/html", Body: LoginPage},
		Fault{Op: "Assignments.Update", Status: 200, ContentType: "application/json", Body: LoginPage},
		Fault{Op: "Presence.User", Status: 200, Body: LoginPage},
		Fault{Op: "Presence.User", Status: 200},
	)
	require.Equal(t, LoginPage, d.get(userPath(bo)).is(200).Body)
	require.Equal(t, LoginPage, d.do("PUT", assignments(bo, ref), m{"enabled": nil}).is(200).Body)
	require.True(t, d.Links(bo)[0].Enabled, "it was not carried out")
	require.Equal(t, LoginPage, d.show("desk-bo", UserDomain))
	require.Empty(t, d.show("desk-bo", UserDomain))
	require.Equal(t, "unavailable", d.show("desk-bo", UserDomain))
	require.Empty(t, d.Unstruck())
	d.Reset()
	require.Empty(t, d.Requests())
}

func faultRetryAfter(t *testing.T) {
	d := newLinked(t, true)
	for _, status := range []int{429, 503} {
		d.Fault(Fault{Op: "Users.List", Status: status, RetryAfter: "7"})
		require.Equal(t, "7", d.get(api+"/users").is(status).Header.Get("Retry-After"))
		d.get(api + "/users").is(200)
	}
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.Fault(Fault{Op: "Users.List", Delay: time.Minute})
		start := time.Now()
		d.get(api + "/users").is(200)
		require.Equal(t, time.Minute, time.Since(start))
	})
}

func reasonKeys(t *testing.T) {
	illegal := func(opts ...Option) m {
		return newDesk(t, opts...).do("POST", api+"/users", m{"name": "a", "password": ""}).is(200).Object()
	}
	const reason = "A valid password is required."
	require.Equal(t, m{"success": nil, "message": reason}, illegal())
	require.Equal(t, m{"success": nil, "error": reason}, illegal(WithReasonKey("error")))
	require.Equal(t, m{"success": nil}, illegal(WithReasonKey("")))
	require.Equal(t, m{"message": reason}, illegal(WithFailure(FailureAbsent)))
	require.Equal(t, m{}, illegal(WithFailure(FailureAbsent), WithReasonKey("")))
	require.Equal(t, m{"success": false, "error": reason}, illegal(WithFailure(FailureFalse), WithReasonKey("error")))
	d := newDesk(t, WithReasonKey("error"), WithFailure(FailureString))
	require.Equal(t, m{"success": "false", "error": "You must log in."}, d.get(api+"/users", "Cookie", "").is(401).Object())
}

func bareObjects(t *testing.T) {
	d := newLinked(t, true, WithBareObjects())
	require.Equal(t, "a", d.do("POST", api+"/users", m{"name": "a", "password": "p"}).is(200).Object()["name"])
	require.Equal(t, "b", d.do("POST", api+"/queues", m{"name": "b"}).is(200).Object()["name"])
	require.Equal(t, "c", d.do("PUT", userPath(bo), m{"name": "c"}).is(200).Object()["name"])
	require.Nil(t, d.do("PUT", assignments(bo, ref), m{"enabled": nil}).is(200).Object()["enabled"])
	require.Len(t, d.get(api+"/users").Array(), 4)
}

func faultLostAnswer(t *testing.T) {
	d := newSeeded(t)
	d.Fault(Fault{Op: "Users.Create", LoseAnswer: true}, Fault{Op: "Users.Create", Drop: true}, Fault{Op: "Users.Create", CutBody: 5})
	create := func(name string) error {
		_, err := d.send("POST", api+"/users", `{"name":"`+name+`","password":"p"}`,
			"X-API-Version", "2011-12-03", "Content-Type", "application/json", "Cookie", d.cookie)
		return err
	}
	exists := func(name string) bool {
		_, ok := d.UserByName(name)
		return ok
	}
	require.Error(t, create("lost"))
	require.True(t, exists("lost"), "the create was carried out")
	require.Error(t, create("dropped"))
	require.False(t, exists("dropped"))
	require.Error(t, create("cut"))
	require.True(t, exists("cut"))
	require.Empty(t, d.Unstruck())
	require.Len(t, d.Requests("Users.Create"), 3)
	require.Zero(t, d.Requests("Users.Create")[0].Status)
}

func faultThirdOfFive(t *testing.T) {
	d := newSeeded(t)
	for i, name := range []string{"a", "b", "c", "d", "e"} {
		d.AddLink(bo, d.AddQueue(m{"name": name, "id": 100 + i}), true)
	}
	d.Fault(Fault{Op: "Assignments.Update", Skip: 2, Status: http.StatusInternalServerError, Body: ErrorPage})
	var statuses []int
	for _, l := range d.Links(bo) {
		statuses = append(statuses, d.do("PUT", assignments(bo, l.QueueID), m{"enabled": nil}).Status)
	}
	require.Equal(t, []int{200, 200, 500, 200, 200}, statuses)
	var enabled []bool
	for _, l := range d.Links(bo) {
		enabled = append(enabled, l.Enabled)
	}
	require.Equal(t, []bool{false, false, true, false, false}, enabled)
}
