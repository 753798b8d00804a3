package libh3lp_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/internal/wire"
	"github.com/rollcall-go/rollcall/libh3lp"
)

// The samples of the page "Assignments", with the commas that it forgot.
const (
	seedUpdate = `{"queueId": 34814, "queue": "example-queue", "queueShow": "unavailable", "userId": 8451, "user": "example-user", ` +
		`"userShow": "unavailable", "enabled": null}`
	seedList = `{"queueId": 30826, "queue": "example-queue", "queueShow": "unavailable", "userId": 8451, "user": "test-user", "userShow": ` +
		`"unavailable", "enabled": true}`
)

func TestSeedSamplesRoundTrip(t *testing.T) {
	for _, sample := range []string{seedUpdate, seedList} {
		var l libh3lp.Link
		require.NoError(t, wire.Unmarshal([]byte(sample), &l))
		require.Nil(t, l.Extra)
		back, err := wire.Marshal(l)
		require.NoError(t, err)
		require.JSONEq(t, sample, string(back))
		plain, err := json.Marshal(l)
		require.NoError(t, err)
		require.JSONEq(t, sample, string(plain))
	}
	c, mt := mocked(t)
	for _, shape := range []string{"[" + seedUpdate + "]", seedUpdate, "\n [ " + seedUpdate + " ] "} {
		body := ""
		mt.RegisterResponder("PUT", api+"/users/8451/assignments/34814", resttest.AnswerTo(nil, &body, 200, shape))
		l, err := c.Assignments.Update(t.Context(), 8451, 34814, false)
		require.NoError(t, err, shape)
		require.Equal(t, `{"enabled":null}`, body, "null is what suspends")
		require.Equal(t, libh3lp.Link{QueueID: 34814, Queue: "example-queue", QueueShow: "unavailable", UserID: 8451, User: "example-user",
			UserShow: "unavailable"}, *l)
	}
	for _, shape := range []string{"[" + seedList + "]", seedList, "\n" + seedList + "\n"} {
		mt.RegisterResponder("GET", api+"/users/8451/assignments", resttest.Answer(200, shape))
		for range 2 {
			all, err := core.Collect(c.Assignments.List(t.Context(), 8451))
			require.NoError(t, err, shape)
			require.Len(t, all, 1)
			require.True(t, bool(all[0].Enabled))
		}
		b, err := c.Store().Suspend(t.Context(), core.Assignment{UserID: "8451", Target: core.Target{Kind: core.KindQueue, ID: "34814"}})
		require.ErrorIs(t, err, core.ErrPartial, "it is read as a whole, too, and has no such link")
		require.ErrorIs(t, b[0].Err, core.ErrNotFound)
	}
	mt.RegisterResponder("GET", api+"/users", resttest.Answer(200, `{"id":5,"name":"u"}`))
	users, err := core.Collect(c.Users.List(t.Context()))
	require.NoError(t, err)
	require.Equal(t, "u", users[0].Name)
	for _, no := range []string{`{"id":"x"}`, `{"success":true}`, `{}`, `{"id":5,"success":null}`} {
		mt.RegisterResponder("GET", api+"/users", resttest.Answer(200, no))
		users, err := core.Collect(c.Users.List(t.Context()))
		require.Error(t, err, no)
		require.Empty(t, users)
	}
	body := ""
	mt.RegisterResponder("POST", api+"/users/8451/assignments", resttest.AnswerTo(nil, &body, 200, `{"success": true}`))
	mt.RegisterResponder("GET", api+"/users/8451/assignments", resttest.Answer(200, `[{"queueId":12345,"userId":8451,"enabled":true}]`))
	require.NoError(t, c.Assignments.Create(t.Context(), 8451, 12345))
	require.Equal(t, `{"queueId":12345}`, body)
	mt.RegisterResponder("DELETE", api+"/users/8451/assignments/34814", resttest.Answer(200, `{"success": true}`))
	require.NoError(t, c.Assignments.Delete(t.Context(), 8451, 34814))
}

func TestUnknownFieldsOfALinkAreKept(t *testing.T) {
	const sample = `{"queueId":1,"queue":"q","queueShow":"","userId":2,"user":"u","userShow":"","enabled":null,"big":12345678901234567890,` +
		`"none":null}`
	var l libh3lp.Link
	require.NoError(t, wire.Unmarshal([]byte(sample), &l))
	require.Len(t, l.Extra, 2)
	l.Enabled = true
	back, err := wire.Marshal(l)
	require.NoError(t, err)
	require.Contains(t, string(back), `"enabled":true`)
	require.Contains(t, string(back), `"big":12345678901234567890`)
}

func TestFlag(t *testing.T) {
	for text, want := range map[string]bool{`true`: true, `"true"`: true, `"True"`: true, `null`: false, `false`: false, `"false"`: false,
		`"null"`: false, `""`: false} {
		var l struct{ Enabled libh3lp.Flag }
		require.NoError(t, wire.Unmarshal([]byte(`{"Enabled":`+text+`}`), &l), text)
		require.Equal(t, want, bool(l.Enabled), text)
		require.NoError(t, json.Unmarshal([]byte(`{"Enabled":`+text+`}`), &l), text)
		require.Equal(t, want, bool(l.Enabled), text)
	}
	for _, text := range []string{`"banana"`, `2`, `[]`, `{}`} {
		var l struct{ Enabled libh3lp.Flag }
		require.Error(t, wire.Unmarshal([]byte(`{"Enabled":`+text+`}`), &l), text)
	}
	for f, want := range map[libh3lp.Flag]string{true: "true", false: "null"} {
		data, err := wire.Marshal(struct {
			F libh3lp.Flag
			O core.Opt[libh3lp.Flag]
			K core.Opt[libh3lp.Flag] `json:",omitzero"`
		}{F: f, O: core.Set(f)})
		require.NoError(t, err)
		require.Equal(t, `{"F":`+want+`,"O":`+want+`}`, string(data), "never left out but where it is kept")
	}
}

// TestAFailureInsideA200: whatever success looks like, the reason is the error's.
func TestAFailureInsideA200(t *testing.T) {
	for body, message := range map[string]string{
		`{"success": null, "message": "No way."}`:                   "No way.",
		`{"success": "false", "message": "No way."}`:                "No way.",
		`{"success": false, "error": "No way."}`:                    "No way.",
		`{"success": 0, "message": null, "error": "No way."}`:       "No way.",
		`{"success": "", "message": 17}`:                            "17",
		`[{"success": null, "message": "No way."}]`:                 "No way.",
		`{"success": null}`:                                         "the vendor says that it failed, but not why",
		`{"success": {"a": 1}, "message": ["x"]}`:                   "the vendor says that it failed, but not why",
		`{"success": null, "message": "` + password + ` is weak."}`: "[redacted] is weak.",
	} {
		c, mt := mocked(t)
		for _, path := range []string{"POST /users", "PUT /users/5", "DELETE /users/5", "POST /users/5/assignments", "PUT /users/5/assignments/7",
			"DELETE /users/5/assignments/7",
			"POST /queues/7/operators", "PUT /queues/7/operators/5", "DELETE /queues/7/operators/5", "POST /queues", "PUT /queues/7",
			"DELETE /queues/7"} {
			method, path, _ := cut(path)
			mt.RegisterResponder(method, api+path, resttest.Answer(200, body))
		}
		mt.RegisterResponder("GET", api+"/users", resttest.Answer(200, `[{"id":5,"name":"u"}]`))
		mt.RegisterResponder("GET", api+"/queues", resttest.Answer(200, `[{"id":7,"name":"q"}]`))
		mt.RegisterResponder("GET", api+"/users/5", resttest.Answer(200, `{"id":5,"name":"u"}`))
		mt.RegisterResponder("GET", api+"/queues/7", resttest.Answer(200, `{"id":7,"name":"q"}`))
		ctx := t.Context()
		one := func(_ any, err error) error { return err }
		for i, err := range []error{
			one(c.Users.Create(ctx, libh3lp.NewUser{Name: "a", Password: core.NewSecret(password)})),
			one(c.Users.Update(ctx, 5, libh3lp.UserUpdate{Email: core.Set("e")})),
			c.Users.Delete(ctx, 5),
			c.Assignments.Create(ctx, 5, 7),
			one(c.Assignments.Update(ctx, 5, 7, true)),
			c.Assignments.Delete(ctx, 5, 7),
			c.Operators.Create(ctx, 7, 5),
			one(c.Operators.Update(ctx, 7, 5, true)),
			c.Operators.Delete(ctx, 7, 5),
			one(c.Queues.Create(ctx, libh3lp.NewQueue{Name: "a"})),
			one(c.Queues.Update(ctx, 7, libh3lp.QueueUpdate{Email: core.Set("e")})),
			c.Queues.Delete(ctx, 7),
		} {
			e := resttest.ErrorOf(t, err)
			assert.Equal(t, core.ClassInvalid, e.Class, "%d %s", i, body)
			assert.Equal(t, core.AppliedNo, e.Applied, "%d %s", i, body)
			assert.Equal(t, 200, e.Status)
			assert.Equal(t, message, e.Message, "%d %s", i, body)
		}
	}
}

func TestTheClassOfARefusalIsInItsWords(t *testing.T) {
	for reason, class := range map[string]core.Class{
		"The name anna is already taken.": core.ClassConflict, "Name in use": core.ClassConflict, "Error in user name": core.ClassInvalid,
		"That queue does not exist.": core.ClassInvalid, "No such user": core.ClassInvalid, "User exists": core.ClassConflict,
		"You do not have permission to do that": core.ClassPermission, "Your session has expired, please log in": core.ClassUnauthenticated,
		`User names cannot contain spaces or any of the characters "&'/:<>@\.`: core.ClassInvalid, "": core.ClassInvalid,
	} {
		body, err := json.Marshal(map[string]any{"success": nil, "message": reason})
		require.NoError(t, err)
		require.Equal(t, class, libh3lp.Inspect(body).Class, reason)
	}
}

func cut(s string) (string, string, bool) {
	for i := range s {
		if s[i] == ' ' {
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

// TestAnAnswerThatMakesNoSense: a write whose answer cannot be read may have been
// made.
func TestAnAnswerThatMakesNoSense(t *testing.T) {
	for _, body := range []string{`<html>OK</html>`, `[{"id":`, `OK`, `"yes"`, `[{"id":1,"name":"a"},{"id":2,"name":"b"}]`, `[[]]`,
		`{"id":{}}`, `{"id":99,"name":"x"}`} {
		c, mt := mocked(t)
		for _, method := range []string{"POST", "GET", "PUT"} {
			mt.RegisterResponder(method, `=~^`+api+`/users`, resttest.Answer(200, body))
		}
		_, err := c.Users.Get(t.Context(), 5)
		assert.Equal(t, core.ClassProtocol, resttest.ErrorOf(t, err).Class, body)
		for i, f := range []func() (*libh3lp.User, error){
			func() (*libh3lp.User, error) {
				return c.Users.Update(t.Context(), 5, libh3lp.UserUpdate{Email: core.Set("e")})
			},
			func() (*libh3lp.User, error) {
				return c.Users.Create(t.Context(), libh3lp.NewUser{Name: "a", Password: core.NewSecret(password)})
			},
		} {
			if i == 1 && body == `{"id":99,"name":"x"}` {
				continue // a create may be answered with any id
			}
			_, err := f()
			e := resttest.ErrorOf(t, err)
			assert.Equal(t, core.ClassProtocol, e.Class, body)
			assert.Equal(t, core.AppliedUnknown, e.Applied, body)
		}
	}
}

func TestWhatDoesNotExist(t *testing.T) {
	c, mt := mocked(t)
	for _, r := range []httpmock.Responder{
		resttest.Answer(404, `{"success": null, "message": "gone"}`),
		resttest.Answer(200, `{"success": null, "message": "gone"}`), resttest.Answer(200, `[]`), resttest.Answer(200, ` null `),
		resttest.Answer(200, ``), resttest.Answer(200, `[{"id": 5, "type": "folder", "name": "x"}]`),
	} {
		mt.RegisterResponder("GET", api+"/users/5", r)
		_, err := c.Users.Get(t.Context(), 5)
		require.ErrorIs(t, err, core.ErrNotFound)
	}
	for _, r := range []httpmock.Responder{
		resttest.Answer(200, `{"success": null, "message": "You do not have permission."}`), resttest.Answer(403, ``),
	} {
		mt.RegisterResponder("GET", api+"/users/5", r)
		_, err := c.Users.Get(t.Context(), 5)
		require.ErrorIs(t, err, core.ErrPermission)
	}
}

// TestAnUpdateThatIsIgnored: the vendor answers yes and the old value.
func TestAnUpdateThatIsIgnored(t *testing.T) {
	c, mt := mocked(t)
	put := func(body string) { mt.RegisterResponder("PUT", api+"/users/5", resttest.Answer(200, body)) }
	change := libh3lp.UserUpdate{Name: core.Set("new"), Email: core.Set("new@x.example")}
	for _, c2 := range []struct {
		body    string
		change  libh3lp.UserUpdate
		applied core.Applied
		message string
	}{
		{`[{"id":5,"name":"old","email":null}]`, change, core.AppliedNo, `email (it is null), name (it is "old")`},
		{`{"id":5,"name":"new","email":"old@x.example"}`, change, core.AppliedYes, `email (it is "old@x.example")`},
		{`[{"id":5,"name":"old"}]`, libh3lp.UserUpdate{Name: core.Set("new"), Password: core.NewSecret("another-pass")}, core.AppliedUnknown,
			`name (it is "old")`},
		{`[{"id":5,"name":"old","x":"7"}]`, libh3lp.UserUpdate{Extra: core.Extra{"x": []byte("8")}}, core.AppliedNo, `x (it is "7")`},
	} {
		put(c2.body)
		u, err := c.Users.Update(t.Context(), 5, c2.change)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, core.ClassNotApplied, e.Class)
		require.Equal(t, []int{200, 1}, []int{e.Status, e.Attempts})
		require.Equal(t, c2.applied, e.Applied, c2.body)
		require.Contains(t, e.Message, c2.message)
		require.Equal(t, int64(5), u.ID, "beside the user as it is")
	}
	for _, body := range []string{
		`[{"id":"5","name":"new","email":"New@X.example","y":1}]`,
	} {
		put(body)
		_, err := c.Users.Update(t.Context(), 5, change)
		require.NoError(t, err, body)
	}
	// Where the vendor says yes and shows nothing, or less than was sent, it is looked
	// up.
	_, err := c.Users.Update(t.Context(), 5, libh3lp.UserUpdate{Password: core.NewSecret("another-pass"),
		Extra: core.Extra{"parent_id": []byte("7")}})
	require.NoError(t, err, "what is never shown is not looked for")
	_, err = c.Users.Update(t.Context(), 5, libh3lp.UserUpdate{Extra: core.Extra{"nick": []byte(`"x"`)}})
	e := resttest.ErrorOf(t, err)
	require.Equal(t, []any{"Users.Update", core.AppliedUnknown}, []any{e.Op, e.Applied}, "and that failed")
	get := func(body string) { mt.RegisterResponder("GET", api+"/users/5", resttest.Answer(200, body)) }
	for _, body := range []string{`{"success": true}`, `{"success": "true"}`, `[]`, ``, `{"id":5}`, `[{"id":5,"name":"new"}]`} {
		put(body)
		get(`{"id":5,"name":"old","email":"new@x.example"}`)
		_, err := c.Users.Update(t.Context(), 5, change)
		require.ErrorIs(t, err, core.ErrNotApplied, body)
		require.Contains(t, err.Error(), "name (it is")
		get(`[{"id":5,"name":"new","email":"new@x.example"}]`)
		u, err := c.Users.Update(t.Context(), 5, change)
		require.NoError(t, err, body)
		require.Equal(t, "new@x.example", u.Email.Or(""))
		get(`{"id":5,"name":"new"}`)
		_, err = c.Users.Update(t.Context(), 5, libh3lp.UserUpdate{Email: core.Set("new@x.example")})
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied}, "in doubt: %s", body)
		require.Contains(t, e.Message, "; it does not show email")
		_, err = c.Users.Update(t.Context(), 5, libh3lp.UserUpdate{Email: core.Clear[string]()})
		require.NoError(t, err, "what is not shown is empty")
		get(`{"id":5,"name":"new","email":"old@x.example"}`)
		_, err = c.Users.Update(t.Context(), 5, libh3lp.UserUpdate{Email: core.Clear[string]()})
		require.ErrorIs(t, err, core.ErrNotApplied, body)
	}
	for _, body := range []string{`[{"id":5,"email":null}]`, `[{"id":5,"email":""}]`} {
		put(body)
		_, err := c.Users.Update(t.Context(), 5, libh3lp.UserUpdate{Email: core.Clear[string]()})
		require.NoError(t, err, body)
	}
	_, err = c.Users.Update(t.Context(), 5, libh3lp.UserUpdate{})
	require.ErrorIs(t, err, core.ErrInvalid)

	put(`[{"id":5,"name":"new"},{"id":6,"name":"new"}]`)
	_, err = c.Users.Update(t.Context(), 5, change)
	require.ErrorIs(t, err, core.ErrProtocol)
	require.Contains(t, err.Error(), "found JSON array of several, want one object")

	links := api + "/users/5/assignments"
	mt.RegisterResponder("GET", links, resttest.Answer(200, `[{"queueId":7,"userId":5,"enabled":true}]`))
	for body, wants := range map[string][2]bool{ // whether on, and whether off, is taken
		`[{"queueId":7,"userId":5,"enabled":true}]`:    {true, false},
		`[{"queueId":7,"userId":5,"enabled":"false"}]`: {false, true},
		`{"queueId":"7","userId":"5"}`:                 {true, false}, // as the list has it
		`{"success":true}`:                             {true, false},
	} {
		mt.RegisterResponder("PUT", links+"/7", resttest.Answer(200, body))
		for i, enabled := range []libh3lp.Flag{true, false} {
			l, err := c.Assignments.Update(t.Context(), 5, 7, enabled)
			if wants[i] {
				require.NoError(t, err, "%s %v", body, enabled)
				continue
			}
			e := resttest.ErrorOf(t, err)
			require.Equal(t, core.ClassNotApplied, e.Class, body)
			certain := strings.Contains(body, "enabled") // a list may lag behind
			require.Equal(t, certain, e.Applied == core.AppliedNo, body)
			require.NotEqual(t, enabled, l.Enabled)
		}
	}
}

func TestNames(t *testing.T) {
	for _, good := range []string{"a", "desk-anna", "carla.mendes", "a_1", "straße", "0123456789012345678901234567890123456789",
		"éééééééééééééééééééééééééééééééééééééééé"} {
		require.NoError(t, libh3lp.CheckName(good), good)
	}
	for _, bad := range []string{"", " ", "A", "desk anna", "a\tb", "a\u00a0b", "a\nb", `a"b`, "a&b", "a'b", "a/b", "a:b", "a<b", "a>b", "a@b",
		`a\b`,
		"01234567890123456789012345678901234567890", "\xff", "..", "É"} {
		require.ErrorIs(t, libh3lp.CheckName(bad), core.ErrInvalid, bad)
	}
	c, mt := mocked(t)
	for _, f := range []func(string) error{
		func(n string) error {
			_, err := c.Users.Create(t.Context(), libh3lp.NewUser{Name: n, Password: core.NewSecret(password)})
			return err
		},
		func(n string) error { _, err := c.Queues.Create(t.Context(), libh3lp.NewQueue{Name: n}); return err },
		func(n string) error {
			_, err := c.Users.Update(t.Context(), 5, libh3lp.UserUpdate{Name: core.Set(n)})
			return err
		},
		func(n string) error {
			_, err := c.Queues.Update(t.Context(), 5, libh3lp.QueueUpdate{Name: core.Set(n)})
			return err
		},
	} {
		for _, bad := range []string{"", "A b", "x@y"} {
			require.ErrorIs(t, f(bad), core.ErrInvalid)
		}
	}
	require.Zero(t, mt.GetTotalCallCount(), "nothing was sent")
}

func TestCreateSendsWhatThePageSays(t *testing.T) {
	c, mt := mocked(t)
	body := ""
	mt.RegisterResponder("POST", api+"/users", resttest.AnswerTo(nil, &body, 200, `[{"id": 8477, "type": "user", "name": "desk-cy", `+
		`"email": null, "show": "unavailable", "status": "", "more": 1}]`))
	u, err := c.Users.Create(t.Context(), libh3lp.NewUser{Name: "desk-cy", Password: core.NewSecret("correct horse"),
		ParentID: core.Set[int64](77), Extra: core.Extra{"more": []byte("1")}})
	require.NoError(t, err)
	require.JSONEq(t, `{"name": "desk-cy", "password": "correct horse", "type": "user", "parent_id": 77, "more": 1}`, body)
	require.Equal(t, []any{int64(8477), "desk-cy", libh3lp.ShowUnavailable, true}, []any{u.ID, u.Name, u.Show, u.Email.IsClear()})
	mt.RegisterResponder("POST", api+"/queues", resttest.AnswerTo(nil, &body, 200, `{"id": "34814", "type": "queue", "name": "ref-main", `+
		`"transcripts": true, "email": null, "avatar": ""}`))
	q, err := c.Queues.Create(t.Context(), libh3lp.NewQueue{Name: "ref-main"})
	require.NoError(t, err)
	require.JSONEq(t, `{"name": "ref-main", "type": "queue"}`, body)
	require.Equal(t, []any{int64(34814), libh3lp.Flag(true)}, []any{q.ID, q.Transcripts.Or(false)})
	// Another spelling of the name is not what was asked for, nor is another value, and it
	// exists.
	for answered, message := range map[string]string{
		`{"id":3,"type":"USER","name":"desk-cy","email":null}`: `did not take email (it is null)`,
		`[{"id":3,"type":"user","name":"Desk-cy"}]`:            `did not take name (it is "Desk-cy")`,
	} {
		mt.RegisterResponder("POST", api+"/users", resttest.Answer(200, answered))
		mt.RegisterResponder("GET", api+"/users/3", resttest.Answer(200, answered))
		u, err = c.Users.Create(t.Context(), libh3lp.NewUser{Name: "desk-cy", Password: core.NewSecret("correct horse"),
			Extra: core.Extra{"email": []byte(`"cy@x.example"`)}})
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{"Users.Create", core.ClassNotApplied, core.AppliedYes}, []any{e.Op, e.Class, e.Applied}, answered)
		require.Contains(t, e.Message, "the user was created with the id 3; ")
		require.Contains(t, e.Message, message)
		require.Equal(t, int64(3), u.ID)
	}
	// An answer without the name is looked up.
	mt.RegisterResponder("POST", api+"/users", resttest.Answer(200, `{"id":3}`))
	mt.RegisterResponder("GET", api+"/users/3", resttest.Answer(200, `{"id":3,"name":"desk-cy"}`))
	u, err = c.Users.Create(t.Context(), libh3lp.NewUser{Name: "desk-cy", Password: core.NewSecret("correct horse")})
	require.NoError(t, err)
	require.Equal(t, "desk-cy", u.Name)
}

// TestCreate_ClaimsNobodyElse: the id of an answer that is not about the new user, or does
// not say so, is another user's.
func TestCreate_ClaimsNobodyElse(t *testing.T) {
	for _, answered := range []string{
		`[{"id":7,"name":"boss"}]`, `{"id":7}`, `[{"id":7,"name":""}]`, `{"success": true}`, ``, `{}`, `{"message":"denied"}`,
		`{"data":[{"id":7,"name":"neu"}]}`, `[]`, `null`, `[{"name":"neu"}]`,
	} {
		c, mt := mocked(t)
		mt.RegisterResponder("POST", api+"/users", resttest.Answer(200, answered))
		mt.RegisterResponder("GET", api+"/users/7", resttest.Answer(200, `{"id":7,"name":"boss"}`))
		u, err := c.Users.Create(t.Context(), libh3lp.NewUser{Name: "neu", Password: core.NewSecret("correct horse")})
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{e.Class, e.Applied}, "%q: %v", answered, err)
		require.Nil(t, u, answered)
		require.Equal(t, 1, mt.GetCallCountInfo()["POST "+api+"/users"])
	}
}

// TestAnswerThatSaysNothing_LeavesOpenWhatWasDone, whatever it is an answer to: a look
// decides.
func TestAnswerThatSaysNothing_LeavesOpenWhatWasDone(t *testing.T) {
	for _, body := range []string{`{}`, `{"data":[]}`, `{"message":"denied"}`, `[{"id":5,"name":"u"}]`, `{"queueId":7,"userId":5}`} {
		for there, link := range map[bool]string{true: `[{"queueId":7,"userId":5,"enabled":true}]`, false: `[]`} {
			c, mt := mocked(t)
			for _, path := range []string{"DELETE /users/5", "POST /users/5/assignments", "DELETE /users/5/assignments/7"} {
				method, path, _ := cut(path)
				mt.RegisterResponder(method, api+path, resttest.Answer(200, body))
			}
			users := `[]`
			if there {
				users = `[{"id":5,"name":"u"}]`
			}
			mt.RegisterResponder("GET", api+"/users", resttest.Answer(200, users))
			mt.RegisterResponder("GET", api+"/users/5/assignments", resttest.Answer(200, link))
			for i, err := range []error{c.Users.Delete(t.Context(), 5), c.Assignments.Delete(t.Context(), 5, 7), c.Assignments.Create(t.Context(), 5,
				7)} {
				if (i < 2) == !there {
					require.NoError(t, err, "%d %s", i, body)
					continue
				}
				e := resttest.ErrorOf(t, err)
				require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{e.Class, e.Applied}, "%d %s", i, body)
			}
		}
	}
}

func TestUpdateSendsWhatItNamesAlone(t *testing.T) {
	c, mt := mocked(t)
	body := ""
	mt.RegisterResponder("PUT", api+"/queues/7", resttest.AnswerTo(nil, &body, 200, `[{"id":7,"name":"q","transcripts":null,"email":null}]`))
	for want, change := range map[string]libh3lp.QueueUpdate{
		`{"transcripts":null}`: {Transcripts: core.Set(libh3lp.Flag(false))},
		`{"email":null}`:       {Email: core.Clear[string]()},
	} {
		_, err := c.Queues.Update(t.Context(), 7, change)
		require.NoError(t, err)
		require.Equal(t, want, body)
	}
	_, err := c.Queues.Update(t.Context(), 7, libh3lp.QueueUpdate{Transcripts: core.Set(libh3lp.Flag(true))})
	require.ErrorIs(t, err, core.ErrNotApplied)
}

func TestDeleteTakesARefusalForAbsenceOnlyWhereTheListAgrees(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("DELETE", api+"/users/5", resttest.Answer(200, `{"success": null, "message": "Not today."}`))
	mt.RegisterResponder("GET", api+"/users", resttest.Answer(200, `[{"id":5,"name":"u"}]`))
	require.ErrorIs(t, c.Users.Delete(t.Context(), 5), core.ErrInvalid)
	mt.RegisterResponder("GET", api+"/users", resttest.Answer(200, `[{"id":6,"name":"u"}]`))
	require.ErrorIs(t, c.Users.Delete(t.Context(), 5), core.ErrNotFound)
	mt.RegisterResponder("GET", api+"/users", resttest.Answer(500, ``))
	require.ErrorIs(t, c.Users.Delete(t.Context(), 5), core.ErrInvalid)
	// An unclear answer is cleared up.
	mt.RegisterResponder("DELETE", api+"/users/5", resttest.Answer(200, ``))
	require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, c.Users.Delete(t.Context(), 5)).Applied)
	mt.RegisterResponder("GET", api+"/users", resttest.Answer(200, `[]`))
	require.NoError(t, c.Users.Delete(t.Context(), 5))
	mt.RegisterResponder("DELETE", api+"/users/5", resttest.Answer(204, ``))
	mt.RegisterResponder("GET", api+"/users", resttest.Answer(500, ``))
	mt.RegisterResponder("GET", api+"/users/5", resttest.Answer(200, `null`))
	require.NoError(t, c.Users.Delete(t.Context(), 5))
	// A success is read back.
	for _, yes := range []httpmock.Responder{resttest.Answer(204, ``), resttest.Answer(200, `{"success": true}`)} {
		mt.RegisterResponder("DELETE", api+"/users/5", yes)
		mt.RegisterResponder("GET", api+"/users/5", resttest.Answer(200, `{"id":5,"name":"u"}`))
		e := resttest.ErrorOf(t, c.Users.Delete(t.Context(), 5))
		require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied})
	}
}

// TestAnswer_AnElementWithoutAnID is not a refusal: an array means success, of something unknown.
func TestAnswer_AnElementWithoutAnID(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("GET", api+"/users", resttest.Answer(200, `[{"id":3,"name":"u"}]`))
	for _, body := range []string{`[{"type":"user","name":"u"}]`, `[{}]`, `[{"name":"u","message":""}]`} {
		mt.RegisterResponder("POST", api+"/users", resttest.Answer(200, body))
		_, err := c.Users.Create(t.Context(), libh3lp.NewUser{Name: "u", Password: core.NewSecret("another-pass")})
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{e.Class, e.Applied}, body)
		mt.RegisterResponder("POST", api+"/users/5/assignments", resttest.Answer(200, body))
		e = resttest.ErrorOf(t, c.Assignments.Create(t.Context(), 5, 7))
		require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{e.Class, e.Applied}, body)
	}
	mt.RegisterResponder("PUT", api+"/users/5", resttest.Answer(200, `[{"name":"u","email":"e@x.example"}]`))
	mt.RegisterResponder("GET", api+"/users/5", resttest.Answer(200, `{"id":5,"name":"u","email":"e@x.example"}`))
	_, err := c.Users.Update(t.Context(), 5, libh3lp.UserUpdate{Email: core.Set("e@x.example")})
	require.NoError(t, err, "a read shows it")
	for _, body := range []string{`{"success":true}`, `{"id":0,"name":"u"}`} {
		mt.RegisterResponder("GET", api+"/users/5", resttest.Answer(200, body))
		_, err = c.Users.Get(t.Context(), 5)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassProtocol, 200, 1}, []any{e.Class, e.Status, e.Attempts}, body)
	}
}
