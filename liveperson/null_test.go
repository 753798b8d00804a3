package liveperson_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// TestNullsGoBackAsNulls: what is null is no id, and no zero either.
func TestNullsGoBackAsNulls(t *testing.T) {
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
			read := with(`{"id":5,"loginName":"a","fullName":"","nickname":"n","isEnabled":true,"maxChats":1,"email":"e@x.test","profileIds":[1]}`, members)
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

			for _, target := range []core.Target{{Kind: core.KindGroup, ID: "0"}, {Kind: core.KindSkill, ID: "0"}, {Kind: core.KindManagedGroup, ID: "0"}, {}} {
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
