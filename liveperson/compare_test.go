package liveperson_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/liveperson"
)

// What was asked for, compared with what the vendor then shows.

const full = `{"id":5,"pid":"p","deleted":false,"loginName":"a","fullName":"","nickname":"n","isEnabled":true,"disabledManually":false,"maxChats":1,
	"maxAsyncChats":4,"email":"e@x.test","profileIds":[1],"skillIds":[1,2],"lobIds":[],"memberOf":{"agentGroupId":7,"assignmentDate":"2024-02-11 08:15:00"},
	"managerOf":[{"agentGroupId":8}],"permissionGroups":[1],"description":"d1","mobileNumber":"1","userTypeId":1,"isApiUser":true,"oauth2ClientId":"c",
	"employeeId":"","changePwdNextLogin":false,"dateUpdated":"2024-03-02 10:00:01","later":{"x":1.0}}`

func TestAnIgnoredChangeIsNotApplied(t *testing.T) {
	clear := core.Clear[any]()
	for name, v := range map[string]any{
		"description": "new", "mobileNumber": "2", "userTypeId": 2, "skillIds": []int64{}, "maxChats": 9, "maxAsyncChats": 0,
		"profileIds": []int64{1, 3},
		"memberOf":   map[string]int{"agentGroupId": 9}, "managerOf": []any{}, "permissionGroups": []int{1, 2}, "later": map[string]any{"x": 2},
		"lobIds": []int{4}, "changePwdNextLogin": true, "isApiUser": false, "disabledManually": json.RawMessage("true"),
		"clear description": clear, "clear memberOf": clear, "clear skillIds": clear, "clear maxAsyncChats": clear, "clear managerOf": clear,
		"clear isApiUser": clear, "empty description": "", "one skill less": nil, "enabled": nil, "display": nil,
	} {
		t.Run(name, func(t *testing.T) {
			wire := name
			change := core.UserChange{}
			switch name {
			case "disabledManually":
				change.Fields = map[string]any{"isEnabled": false, "disabledManually": true}
			case "one skill less":
				wire, change.Fields = "skillIds", map[string]any{"skillIds": []int64{2}}
			case "enabled":
				wire, change.Enabled = "isEnabled", core.Set(false)
			case "display":
				wire, change.DisplayName = "nickname", core.Set("new")
			default:
				for _, word := range []string{"clear ", "empty "} {
					if len(name) > 6 && name[:6] == word {
						wire = name[6:]
					}
				}
				change.Fields = map[string]any{wire: v}
			}
			c, mt := mocked(t)
			mt.RegisterResponder("GET", at(5), says(200, full, "ac-revision", "3"))
			mt.RegisterResponder("PUT", at(5), says(200, full, "ac-revision", "3"))
			u, err := c.Store().UpdateUser(t.Context(), "5", change)
			require.ErrorIs(t, err, core.ErrNotApplied)
			e := resttest.ErrorOf(t, err)
			assert.Equal(t, core.AppliedNo, e.Applied, "it was read again, and is as it was")
			assert.Contains(t, e.Message, "the user 5 does not show it: ")
			assert.NotContains(t, e.Hint, "role")
			assert.Equal(t, []int{200, 1}, []int{e.Status, e.Attempts})
			assert.Contains(t, lostIn(e), wire)
			assert.Equal(t, "5", u.ID)
		})
	}
}

// lostIn are the fields that an error names.
func lostIn(e *core.Error) []string {
	_, names, _ := strings.Cut(e.Message, ": ")
	return strings.Split(names, ", ")
}

func TestAPartOfAChangeIsIgnored(t *testing.T) {
	c, mt := mocked(t)
	now := with(full, map[string]string{"description": `"new"`})
	mt.RegisterResponder("GET", at(5), inTurn(says(200, full, "ac-revision", "3"), says(200, now)))
	mt.RegisterResponder("PUT", at(5), says(200, now))
	_, err := c.Store().UpdateUser(t.Context(), "5", core.UserChange{Fields: map[string]any{"description": "new", "maxChats": 9}})
	require.ErrorIs(t, err, core.ErrNotApplied)
	assert.Equal(t, core.AppliedYes, resttest.ErrorOf(t, err).Applied)
	assert.Equal(t, []string{"maxChats"}, lostIn(resttest.ErrorOf(t, err)))

	// Beside a password, which is never shown, it stays in doubt.
	mt.RegisterResponder("GET", at(5), says(200, full))
	mt.RegisterResponder("PUT", at(5), says(200, full))
	_, err = c.Store().UpdateUser(t.Context(), "5", core.UserChange{Password: core.Set(core.NewSecret("New-pass-12")),
		Fields: map[string]any{"maxChats": 9}})
	assert.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
	// Nor where it cannot be read again.
	mt.RegisterResponder("GET", at(5), inTurn(says(200, full), says(500, "")))
	_, err = c.Store().UpdateUser(t.Context(), "5", core.UserChange{Fields: map[string]any{"maxChats": 9}})
	require.ErrorIs(t, err, core.ErrUnavailable)
	assert.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
	// The typed way says the same.
	mt.RegisterResponder("GET", at(5), says(200, full))
	_, err = c.Users.Modify(t.Context(), 5, func(u *liveperson.User) error { u.SkillIDs = nil; return nil })
	require.ErrorIs(t, err, core.ErrNotApplied)
	u, err := c.Users.Get(t.Context(), 5)
	require.NoError(t, err)
	u.Revision, u.Description = "3", core.Set("other")
	_, err = c.Users.Replace(t.Context(), *u)
	require.ErrorIs(t, err, core.ErrNotApplied)
	assert.Contains(t, err.Error(), "description")
}

// TestWhatIsNoIgnoredChange: masked, folded, derived, dated, or said in another way.
func TestWhatIsNoIgnoredChange(t *testing.T) {
	for name, c := range map[string]struct {
		fields map[string]any
		shown  map[string]string
	}{
		"masked": {map[string]any{"fullName": "New", "employeeId": "E9", "passwordSh": "New-pass-12"}, nil},
		"case and space": {map[string]any{"email": " E2@X.test", "nickname": "Ann "}, map[string]string{"email": `"e2@x.test"`,
			"nickname": `"Ann"`}},
		"numbers by value": {map[string]any{"maxChats": json.RawMessage("9"), "later": json.RawMessage(`{"x":2}`)},
			map[string]string{"maxChats": `"9"`, "later": `{"x":2.0,"y":3}`}},
		"another order": {map[string]any{"skillIds": []int{3, 4}}, map[string]string{"skillIds": `["4","3"]`}},
		"a date of the server's": {map[string]any{"memberOf": map[string]int{"agentGroupId": 9}},
			map[string]string{"memberOf": `{"agentGroupId":"9","assignmentDate":"2026-01-01 00:00:00"}`}},
		"null for empty": {map[string]any{"description": "", "skillIds": []int{}, "managerOf": []int{}},
			map[string]string{"description": "null", "skillIds": "null", "managerOf": "null"}},
		"empty for cleared": {map[string]any{"description": core.Clear[any](), "memberOf": core.Clear[any]()},
			map[string]string{"description": `""`, "memberOf": `{}`}},
		"left out for cleared": {map[string]any{"skillIds": core.Clear[any]()}, map[string]string{"skillIds": ""}},
		"the documented default": {map[string]any{"userTypeId": core.Clear[any](), "isApiUser": core.Clear[any]()},
			map[string]string{"userTypeId": "1", "isApiUser": "false"}},
		"the default of a clear": {map[string]any{"maxAsyncChats": core.Clear[any]()}, map[string]string{"maxAsyncChats": "null"}},
		"derived":                {map[string]any{"disabledManually": true}, nil},
		"not shown at all": {map[string]any{"oauth2ClientId": "d", "description": "new", "skillIds": []int{3}, "maxChats": 2},
			map[string]string{"oauth2ClientId": "", "description": "", "skillIds": "", "maxChats": ""}},
		"grown by the vendor":     {map[string]any{"profileIds": []int{1, 3}}, map[string]string{"profileIds": "[1,3,4]"}},
		"the same as it was":      {map[string]any{"description": "d1"}, nil},
		"no chats, and no limit":  {map[string]any{"maxChats": 0}, map[string]string{"maxChats": "null"}},
		"false, and nothing said": {map[string]any{"isApiUser": false}, map[string]string{"isApiUser": "null"}},
	} {
		t.Run(name, func(t *testing.T) {
			client, mt := mocked(t)
			mt.RegisterResponder("GET", at(5), says(200, full, "ac-revision", "3"))
			mt.RegisterResponder("PUT", at(5), says(200, with(full, c.shown), "ac-revision", "4"))
			_, err := client.Store().UpdateUser(t.Context(), "5", core.UserChange{Fields: c.fields})
			require.NoError(t, err)
			assert.Equal(t, 2, mt.GetTotalCallCount(), "nothing to look for again")
		})
	}
}

// TestAnAnswerOfBefore: some services answer a write with what was there before.
func TestAnAnswerOfBefore(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("GET", at(5), inTurn(says(200, full), says(200, with(full, map[string]string{"skillIds": "[1,2,9]"}))))
	mt.RegisterResponder("PUT", at(5), says(200, full))
	outcomes, err := c.Store().Assign(t.Context(), assignment(5, core.KindSkill, 9))
	require.NoError(t, err)
	assert.Equal(t, core.ResultApplied, outcomes[0].Result)

	// If another look fails, it stays in doubt.
	again := func() *liveperson.Store {
		mt.RegisterResponder("GET", at(5), inTurn(says(200, full), says(500, "")))
		return c.Store()
	}
	outcomes, err = again().Assign(t.Context(), assignment(5, core.KindSkill, 9))
	require.ErrorIs(t, err, core.ErrUnavailable)
	assert.Equal(t, core.ResultUnknown, outcomes[0].Result)
	made, err := again().Block(t.Context(), "5")
	require.ErrorIs(t, err, core.ErrUnavailable)
	assert.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
	assert.Equal(t, []string{"isEnabled", "disabledManually"}, made.Changed)

	// Of many users likewise; they are then looked at one by one.
	for name, then := range map[core.Result]string{core.ResultApplied: `,"skillIds":[1,9]`, core.ResultUnknown: ""} {
		c, mt := mocked(t)
		for _, id := range []int64{5, 6} {
			mt.RegisterResponder("GET", at(id), inTurn(says(200, whole(id, "")), says(200, whole(id, then))))
			mt.RegisterResponder("PUT", at(id), says(200, whole(id, "")))
		}
		mt.RegisterResponder("PUT", usersURL, says(200, "["+whole(5, "")+","+whole(6, "")+"]"))
		outcomes, _ := c.Store().Assign(t.Context(), assignment(5, core.KindSkill, 9), assignment(6, core.KindSkill, 9))
		assert.Equal(t, []core.Result{name, name}, results(outcomes))
	}
}

func TestABlockOfWhichTheAnswerSaysNothing(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("GET", at(5), says(200, full))
	mt.RegisterResponder("PUT", at(5), says(200, with(full, map[string]string{"isEnabled": "", "disabledManually": ""})))
	made, err := c.Store().Block(t.Context(), "5")
	require.ErrorIs(t, err, core.ErrNotApplied)
	assert.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
	assert.Equal(t, []string{"isEnabled", "disabledManually"}, made.Changed)
}

// TestAProfileThatStays: its removal would end a role, and was ignored.
func TestAProfileThatStays(t *testing.T) {
	c, mt := mocked(t)
	doc := with(full, map[string]string{"profileIds": "[1,2]"})
	mt.RegisterResponder("GET", at(5), says(200, doc, "ac-revision", "3"))
	mt.RegisterResponder("PUT", at(5), says(200, doc, "ac-revision", "3"))
	outcomes, err := c.Store().Unassign(t.Context(), assignment(5, core.KindProfile, 2))
	require.ErrorIs(t, err, core.ErrNotApplied)
	assert.Equal(t, core.ResultFailed, outcomes[0].Result)
	_, err = c.Store().UpdateUser(t.Context(), "5", core.UserChange{Fields: map[string]any{"profileIds": []int{1}}})
	assert.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied)
}

func TestACreateThatIsNotAsAsked(t *testing.T) {
	spec := core.UserSpec{Login: "New.One", FirstName: "A", LastName: "B", DisplayName: "Nick", Email: "N@x.test",
		Password: core.NewSecret("Init-pass-01"),
		Enabled:  core.Set(false), Fields: map[string]any{"maxChats": 2, "profileIds": []int{1}, "skillIds": []int{3},
			"memberOf": map[string]int{"agentGroupId": -1}}}
	asked := `{"id":77,"pid":"p","loginName":"new.one","fullName":"","nickname":"Nick","email":"n@x.test","isEnabled":false,"disabledManually":true,
		"maxChats":"2","profileIds":[1],"skillIds":[3],"memberOf":{"agentGroupId":-1,"assignmentDate":"2026-01-01 00:00:00"},"userTypeId":1}`
	c, mt := mocked(t)
	mt.RegisterResponder("POST", usersURL, says(201, asked))
	_, err := c.Store().CreateUser(t.Context(), spec)
	require.NoError(t, err)
	for fields, shown := range map[string]map[string]string{
		"isEnabled": {"isEnabled": "true", "disabledManually": "false"}, "skillIds": {"skillIds": "[]"}, "email": {"email": `"other@x.test"`},
		"maxChats": {"maxChats": "1"}, "memberOf": {"memberOf": `{"agentGroupId":5}`},
	} {
		mt.RegisterResponder("POST", usersURL, says(201, with(asked, shown)))
		u, err := c.Store().CreateUser(t.Context(), spec)
		require.ErrorIs(t, err, core.ErrNotApplied, fields)
		e := resttest.ErrorOf(t, err)
		assert.Equal(t, core.AppliedYes, e.Applied)
		assert.Equal(t, "the user 77 was created, but differs from what was asked for: "+fields, e.Message)
		assert.Equal(t, "77", u.ID)
	}
}

func TestACreateIsKnownByItsLogin(t *testing.T) {
	named := func(id int64, login string) string { return fmt.Sprintf(`{"id":%d,"loginName":%q}`, id, login) }
	for name, c := range map[string]struct {
		body, location string
		want           int64 // 0: not known
	}{
		"one of several":        {"[" + named(1, "other") + "," + named(2, "A") + "]", "", 2},
		"the very one first":    {"[" + named(1, "A") + "," + named(2, "a") + "]", "", 2},
		"another alone":         {named(1, "other"), "", 0},
		"another in a list":     {"[" + named(1, "other") + "]", "", 0},
		"several without login": {`[{"id":1},{"id":2}]`, "", 0},
		"one without login":     {`{"id":3}`, "", 3},
		"an address":            {"", "/users/3711122300", 3711122300},
		"an address with query": {"", "https://h.test/api/account/acc/configuration/le-users/users/3711122300?v=6.0", 3711122300},
		"an address with slash": {"", "/users/3711122300/", 3711122300},
		"no address":            {"", "/users?v=6.0", 0},
		"an id in the query":    {"", "/users?id=/5", 0},
	} {
		t.Run(name, func(t *testing.T) {
			client, mt := mocked(t)
			mt.RegisterResponder("POST", usersURL, says(201, c.body, "Location", c.location))
			mt.RegisterRegexpResponder("GET", anyUserURL, showing("a"))
			u, err := client.Users.Create(t.Context(), newUser("a"))
			if c.want != 0 {
				require.NoError(t, err)
				assert.Equal(t, c.want, u.ID)
				return
			}
			require.ErrorIs(t, err, core.ErrProtocol)
			e := resttest.ErrorOf(t, err)
			assert.Equal(t, core.AppliedUnknown, e.Applied)
			assert.Contains(t, e.Hint, "look for a")
			assert.Equal(t, []int{201, 1}, []int{e.Status, e.Attempts})
		})
	}
	client, mt := mocked(t)
	mt.RegisterResponder("POST", usersURL, says(201, "["+named(2, "B")+","+named(1, "A")+"]"))
	mt.RegisterResponder("GET", at(1), showing("a"))
	mt.RegisterResponder("GET", at(2), showing("b"))
	made, err := client.Users.CreateMany(t.Context(), []liveperson.User{newUser("a"), newUser("b")})
	require.NoError(t, err)
	assert.Equal(t, []int64{1, 2}, []int64{made[0].ID, made[1].ID})
}

func TestErrorsAboutAnAnswerSayWhich(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("GET", at(6), says(200, full, "X-Request-Id", "r1"))
	mt.RegisterResponder("GET", at(7), says(200, `{"loginName":"a"}`, "X-Request-Id", "r1"))
	mt.RegisterResponder("GET", at(8), says(200, whole(8, `,"deleted":true`), "X-Request-Id", "r1"))
	mt.RegisterResponder("GET", at(9), says(200, shortOf(9), "X-Request-Id", "r1"))
	errs := map[string]error{}
	for _, id := range []int64{6, 7, 8} {
		_, errs["get "+str(id)] = c.Store().GetUser(t.Context(), str(id))
	}
	for _, id := range []int64{6, 7, 8, 9} {
		_, errs["modify "+str(id)] = c.Users.Modify(t.Context(), id, func(*liveperson.User) error { return nil })
	}
	for _, name := range slices.Sorted(maps.Keys(errs)) {
		e := resttest.ErrorOf(t, errs[name])
		assert.Equal(t, []any{200, 1, "r1"}, []any{e.Status, e.Attempts, e.RequestID}, name)
	}
}
