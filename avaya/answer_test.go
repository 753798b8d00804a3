package avaya_test

import (
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/core"
)

func TestAnswer_ThatMakesNoSenseIsAProtocolError(t *testing.T) {
	for name, body := range map[string]string{
		"empty":            "",
		"html":             "<!doctype html><title>Welcome</title>",
		"garbage":          "\x00\xff\xfe",
		"cut":              `{"userId":"` + someUser + `","loginId":"a`,
		"an array":         `[{"userId":"` + someUser + `"}]`,
		"a string":         `"hello"`,
		"null":             `null`,
		"no id":            `{"loginId":"a"}`,
		"id of wrong type": `{"userId":{"a":1}}`,
		"wrong type deep":  `{"userId":"` + someUser + `","features":{"voice":[1]}}`,
		"number too large": `{"userId":"` + someUser + `","features":{"chat":{"multiplicity":99999999999999999999}}}`,
		"trailing":         `{"userId":"` + someUser + `"} {"userId":"b"}`,
	} {
		c, _ := mocked(t, "GET", usersPath+"/"+someUser, httpmock.NewStringResponder(200, body))
		_, err := c.Users.Get(t.Context(), someUser)
		require.ErrorIs(t, err, core.ErrProtocol, name)
		require.NotContains(t, err.Error(), "\n", name)
		require.Equal(t, core.AppliedNo, appliedOf(t, err), name)

		c, _ = mocked(t, "POST", usersPath, httpmock.NewStringResponder(202, body))
		_, err = c.Users.Create(t.Context(), avaya.User{LoginID: "l@x", FirstName: "f", LastName: "l"})
		require.ErrorIs(t, err, core.ErrProtocol, name)
		require.Equal(t, core.AppliedUnknown, appliedOf(t, err), name)
	}
}

func TestAnswer_AboutAnotherThingIsAProtocolError(t *testing.T) {
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
	_, err = c.Users.Replace(ctx, avaya.User{UserID: someUser, LoginID: "a@b.cc", FirstName: "Al", LastName: "Be",
		OrganizationNodeID: "QWERTY"})
	senseless(t, err, 202, core.AppliedUnknown)
}

func TestAnswer_WithoutAnIDSaysWhichItWas(t *testing.T) {
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
