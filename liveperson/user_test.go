package liveperson_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

// TestUser_NullsGoBackAsNulls: what is null is no id, and no zero either.
func TestUser_NullsGoBackAsNulls(t *testing.T) {
	for name, members := range map[string]map[string]string{
		"a group of null":     {"memberOf": `{"agentGroupId":null,"x":1}`},
		"a group of nothing":  {"memberOf": `{}`},
		"null managed group":  {"managerOf": `[{"agentGroupId":null},{"agentGroupId":4}]`},
		"null for a group":    {"managerOf": `[null,{"agentGroupId":4},{}]`},
		"null skills":         {"skillIds": `[null,3]`},
		"null everywhere":     {"skillIds": `[null]`, "profileIds": `[1,null]`, "lobIds": `[null,null]`, "permissionGroups": `[0,null]`},
		"null lists":          {"skillIds": `null`, "lobIds": `null`, "permissionGroups": `null`, "managerOf": `null`, "memberOf": `null`},
		"milliseconds":        {"dateUpdated": `1700000000000`, "lastPwdChangeDate": `"2024-02-11 08:15:01"`},
		"a date without dots": {"dateUpdated": `"20240302100001"`},
	} {
		t.Run(name, func(t *testing.T) {
			c, mt := mocked(t)
			read := with(`{"id":5,"loginName":"a","fullName":"","nickname":"n","isEnabled":true,"maxChats":1,"email":"e@x.test","profileIds":[1]}`,
				members)
			var sent string
			mt.RegisterResponder("GET", at(5), says(200, read, "ac-revision", "3"))
			mt.RegisterResponder("GET", usersURL, says(200, "["+read+"]"))
			mt.RegisterResponder("PUT", at(5), func(r *http.Request) (*http.Response, error) {
				b, _ := io.ReadAll(r.Body)
				sent = string(b)
				return says(200, sent)(r)
			})
			_, err := c.Store().UpdateUser(t.Context(), "5", core.UserChange{Fields: map[string]any{"description": "new"}})
			require.NoError(t, err)
			assert.JSONEq(t, with(read, map[string]string{"description": `"new"`, "passwordSh": "null"}), sent)

			for _, target := range []core.Target{{Kind: core.KindGroup, ID: "0"}, {Kind: core.KindSkill, ID: "0"}, {Kind: core.KindManagedGroup,
				ID: "0"}, {}} {
				q := core.AssignmentQuery{Target: target}
				if target.Kind == "" {
					q.UserID = "5"
				} else if _, err := core.Collect(c.Store().ListAssignments(t.Context(), q)); err != nil {
					continue // 0 is no id
				}
				links, err := core.Collect(c.Store().ListAssignments(t.Context(), q))
				require.NoError(t, err)
				for _, a := range links {
					assert.Contains(t, []string{"1", "3", "4"}, a.Target.ID)
				}
			}
			for _, kind := range []core.Kind{core.KindGroup, core.KindSkill, core.KindLOB, core.KindManagedGroup} {
				if kind == core.KindManagedGroup && name == "null lists" {
					continue
				}
				outcomes, err := c.Store().Assign(t.Context(), assignment(5, kind, 9))
				require.NoError(t, err)
				assert.Equal(t, core.ResultApplied, outcomes[0].Result)
				assert.Empty(t, outcomes[0].Message, "it was moved from nowhere")
				assert.NotRegexp(t, `(?:"agentGroupId":|[\[,])0`, with(sent, map[string]string{"permissionGroups": ""}))
			}
		})
	}
}

func TestUser_TheSampleGoesBackWithTheDocumentedTypes(t *testing.T) {
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

// TestUser_ReadsTheTypesOfTheSamples runs against a server that answers in the types of
// the samples.
func TestUser_ReadsTheTypesOfTheSamples(t *testing.T) {
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
