package avaya_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

// Answers that are about something else, or hold too little.

const otherUser = "6c0f9a8e-2c3d-4e5f-8a9b-1c2d3e4f5a6b"

func answered(status int, body string) httpmock.Responder {
	return func(*http.Request) (*http.Response, error) {
		res := httpmock.NewStringResponse(status, body)
		res.Header.Set("X-Request-Id", "req-7")
		return res, nil
	}
}

// senseless requires an error about an answer that came.
func senseless(t require.TestingT, err error, status int, applied core.Applied) {
	require.ErrorIs(t, err, core.ErrProtocol)
	e := errorOf(t, err)
	require.Equal(t, []any{status, "req-7", 1, applied}, []any{e.Status, e.RequestID, e.Attempts, e.Applied}, "%v", err)
}

func TestAnAnswerAboutAnotherThingIsAProtocolError(t *testing.T) {
	ctx := t.Context()
	c, _ := mocked(t, "GET", usersPath+"/"+someUser, answered(200, `{"userId":"`+otherUser+`","loginId":"a@b.cc"}`))
	_, err := c.Users.Get(ctx, someUser)
	senseless(t, err, 200, core.AppliedNo)

	const groups = "/api/admin/group/v1/accounts/QWERTY/groups/"
	c, _ = mocked(t, "GET", groups+someUser, answered(200, `{"groupId":"`+otherUser+`","name":"Other"}`))
	_, err = c.Groups.Get(ctx, someUser)
	senseless(t, err, 200, core.AppliedNo)
	c, _ = mocked(t, "GET", groups+strings.ToUpper(someUser), answered(200, `{"groupId":"`+someUser+`","name":"Same"}`))
	_, err = c.Groups.Get(ctx, strings.ToUpper(someUser))
	require.NoError(t, err, "a UUID in the other case is the same")

	const profiles = "/api/admin/user/v1/accounts/QWERTY/profiles/"
	c, _ = mocked(t, "GET", profiles+"NGHTV1", answered(200, `{"profileId":"nghtv1","profileName":"Other"}`))
	_, err = c.Profiles.Get(ctx, "NGHTV1")
	senseless(t, err, 200, core.AppliedNo)
	c, _ = mocked(t, "PUT", profiles+"NGHTV1", answered(202, `{"profileId":"DAYSV1","profileName":"Other"}`))
	_, err = c.Profiles.Replace(ctx, avaya.Profile{ProfileID: "NGHTV1", ProfileName: "Nights"})
	senseless(t, err, 202, core.AppliedUnknown)

	const queues = "/api/admin/match/v1/accounts/QWERTY/queues/"
	c, _ = mocked(t, "GET", queues+someUser, answered(200, `{"queueId":"`+otherUser+`","name":"Other"}`))
	_, err = c.Queues.Get(ctx, someUser)
	senseless(t, err, 200, core.AppliedNo)

	c, _ = mocked(t, "POST", usersPath, answered(202, `{"userId":"`+otherUser+`","loginId":"somebody@else.example"}`))
	_, err = c.Users.Create(ctx, avaya.User{LoginID: "a@b.cc", FirstName: "Al", LastName: "Be"})
	senseless(t, err, 202, core.AppliedUnknown)
	require.Contains(t, errorOf(t, err).Hint, "a@b.cc", "it says how to find out")
	c, _ = mocked(t, "POST", usersPath, answered(202, `{"userId":"`+otherUser+`","loginId":"A@b.CC"}`))
	_, err = c.Users.Create(ctx, avaya.User{LoginID: "a@b.cc", FirstName: "Al", LastName: "Be"})
	require.NoError(t, err, "a login that the vendor folds is the same")

	c, _ = mocked(t, "PUT", usersPath+"/"+someUser, answered(202, `{"userId":"`+otherUser+`"}`))
	_, err = c.Users.Replace(ctx, avaya.User{UserID: someUser, LoginID: "a@b.cc", FirstName: "Al", LastName: "Be", OrganizationNodeID: "QWERTY"})
	senseless(t, err, 202, core.AppliedUnknown)
}

func TestAnAnswerWithoutAnIDTellsWhichItWas(t *testing.T) {
	ctx := t.Context()
	c, _ := mocked(t, "GET", usersPath+"/"+someUser, answered(200, `{}`))
	_, err := c.Users.Get(ctx, someUser)
	senseless(t, err, 200, core.AppliedNo)
	c, _ = mocked(t, "POST", usersPath, answered(202, `{}`))
	_, err = c.Users.Create(ctx, avaya.User{LoginID: "a@b.cc", FirstName: "Al", LastName: "Be"})
	senseless(t, err, 202, core.AppliedUnknown)
	c, _ = mocked(t, "GET", "/api/admin/group/v1/accounts/QWERTY/groups/"+someUser, answered(200, `{}`))
	_, err = c.Groups.Get(ctx, someUser)
	senseless(t, err, 200, core.AppliedNo)
	c, _ = mocked(t, "GET", usersPath, answered(200, `{"users":[]}`))
	_, err = core.Collect(c.Users.List(ctx, avaya.UserListOptions{}))
	senseless(t, err, 200, core.AppliedNo)
}

func TestARowWithoutAnIDIsNotListed(t *testing.T) {
	for name, row := range map[string]string{"null": `null`, "no id": `{"loginId":"b@example.com"}`, "id null": `{"userId":null}`, "id blank": `{"userId":""}`} {
		c, _ := mocked(t, "GET", usersPath, answered(200, `{"pagination":{"pageNumber":1,"pageSize":50,"total":2},"users":[{"userId":"`+someUser+`"},`+row+`]}`))
		_, err := core.Collect(c.Users.List(t.Context(), avaya.UserListOptions{}))
		senseless(t, err, 200, core.AppliedNo)
		require.ErrorContains(t, err, "page 1", name)
	}
}

func TestTheMembersOfAGroupAreEachListedOnce(t *testing.T) {
	const path = "/api/admin/group/v1/accounts/QWERTY/groups/" + someUser
	group := func(ids string) *avaya.Client {
		c, _ := mocked(t, "GET", path, answered(200, `{"groupId":"`+someUser+`","name":"Team","resources":[{"type":"User","resourceIds":[`+ids+`]},
			{"type":"User","resourceIds":["`+strings.ToUpper(otherUser)+`"]}]}`))
		return c
	}
	query := core.AssignmentQuery{Target: core.Target{Kind: core.KindGroup, ID: someUser}}
	all, err := core.Collect(group(`"`+otherUser+`","a","a"`).Store().ListAssignments(t.Context(), query))
	require.NoError(t, err)
	require.Len(t, all, 2)
	members, err := group(`"`+otherUser+`","a","a"`).Groups.Members(t.Context(), someUser)
	require.NoError(t, err)
	require.Equal(t, []string{otherUser, "a"}, members)
	for _, none := range []string{"null", `""`} {
		_, err = core.Collect(group(none).Store().ListAssignments(t.Context(), query))
		senseless(t, err, 200, core.AppliedNo)
		_, err = group(none).Groups.Members(t.Context(), someUser)
		senseless(t, err, 200, core.AppliedNo)
	}
}

func TestALinkToNothingIsNotListed(t *testing.T) {
	for _, fields := range []string{`"memberOfGroups":[null]`, `"ownedGroups":[""]`, `"features":{"matching":{"queues":[null]}}`, `"features":{"matching":{"attributes":[null]}}`} {
		c, _ := mocked(t, "GET", usersPath+"/"+someUser, answered(200, `{"userId":"`+someUser+`",`+fields+`}`))
		_, err := core.Collect(c.Store().ListAssignments(t.Context(), core.AssignmentQuery{UserID: someUser}))
		require.ErrorIs(t, err, core.ErrProtocol, fields)
	}
}

func TestAnUpdateIsAboutTheIDThatWasAskedFor(t *testing.T) {
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
