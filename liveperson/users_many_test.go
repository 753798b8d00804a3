package liveperson_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func TestUsersReplaceMany_ReturnsWhatCouldBeRead(t *testing.T) {
	client, mt := mocked(t)
	mt.RegisterResponder("PUT", usersURL, says(200, "["+shortOf(5)+","+shortOf(6)+"]"))
	mt.RegisterResponder("GET", at(5), says(403, ""))
	mt.RegisterResponder("GET", at(6), says(200, whole(6, "")))
	user := func(id int64) liveperson.User {
		u := newUser("u" + str(id))
		u.ID, u.Revision, u.PasswordSh = id, "3", core.Secret{}
		return u
	}
	got, err := client.Users.ReplaceMany(t.Context(), []liveperson.User{user(5), user(6)})
	require.ErrorIs(t, err, core.ErrPartial)
	require.ErrorIs(t, err, core.ErrPermission)
	assert.Equal(t, core.AppliedYes, resttest.ErrorOf(t, err).Applied)
	assert.Nil(t, got[0])
	require.NotNil(t, got[1])
	assert.Equal(t, int64(6), got[1].ID)
}

// TestUsersReplaceMany_RevisionsThatCannotBeCompared: no one of them guards all users of a batch.
func TestUsersReplaceMany_RevisionsThatCannotBeCompared(t *testing.T) {
	for name, c := range map[string]struct {
		revisions []string
		batch     bool
	}{
		"numbers": {[]string{"9", "10"}, true}, "the same": {[]string{"r9", "r9"}, true}, "none": {[]string{"", ""}, true},
		"texts": {[]string{"r9", "r10"}, false}, "a text": {[]string{"9", "r9"}, false}, "one without": {[]string{"9", ""}, false},
		"the other without": {[]string{"", "9"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			client, mt := mocked(t)
			under := map[string]string{}
			put := func(r *http.Request) (*http.Response, error) {
				under[r.URL.Path] = r.Header.Get("If-Match")
				body, _ := io.ReadAll(r.Body)
				return says(200, string(body))(r)
			}
			for i, id := range []int64{5, 6} {
				var header []string
				if c.revisions[i] != "" {
					header = []string{"ac-revision", c.revisions[i]}
				}
				mt.RegisterResponder("GET", at(id), says(200, whole(id, ""), header...))
				mt.RegisterResponder("PUT", at(id), put)
			}
			mt.RegisterResponder("PUT", usersURL, put)
			outcomes, err := client.Store().Assign(t.Context(), assignment(5, core.KindSkill, 9), assignment(6, core.KindSkill, 9))
			require.NoError(t, err)
			assert.Equal(t, []core.Result{core.ResultApplied, core.ResultApplied}, results(outcomes))
			if c.batch {
				assert.Len(t, under, 1)
				return
			}
			path := strings.TrimPrefix(usersURL, base)
			want := map[string]string{}
			for i, id := range []int64{5, 6} {
				want[path+"/"+str(id)] = c.revisions[i]
				if c.revisions[i] == "" {
					want[path+"/"+str(id)] = "-1"
				}
			}
			assert.Equal(t, want, under, "each under its own")
		})
	}
}

func TestUsersCreateMany_SaysWhichHalf(t *testing.T) {
	sim := livepersontest.NewServer(livepersontest.WithPartialBatches())
	a, b := sim.AddUser(`{"loginName":"a"}`), sim.AddUser(`{"loginName":"b"}`)
	c := over(t, sim)
	ua, err := c.Users.Get(t.Context(), a)
	require.NoError(t, err)
	ub, err := c.Users.Get(t.Context(), b)
	require.NoError(t, err)
	sim.ChangeUser(b, `{"deleted":true}`)
	ua.Description, ub.Description = core.Set("x"), core.Set("x")
	ua.Revision, ub.Revision = liveperson.AnyRevision, liveperson.AnyRevision
	got, err := c.Users.ReplaceMany(t.Context(), []liveperson.User{*ub, *ua})
	require.ErrorIs(t, err, core.ErrPartial)
	half, ok := errors.AsType[*liveperson.BatchError](err)
	require.True(t, ok)
	assert.Equal(t, []liveperson.BatchResult{{ID: b, LoginName: "b"}, {ID: a, LoginName: "a", Done: true}}, half.Results)
	assert.Nil(t, got[0])
	assert.Equal(t, "x", got[1].Description.Or(""))
	assert.Contains(t, err.Error(), str(b))

	// What the answer does not name is looked at: it is gone as well.
	require.NoError(t, c.Users.DeleteMany(t.Context(), []int64{a, b}, liveperson.AnyRevision))

	// Created by halves: not documented, but a server could do it.
	mc, mt := mocked(t)
	mt.RegisterResponder("POST", usersURL, resttest.Answer(201, `[{"id":7,"loginName":"y"}]`))
	mt.RegisterResponder("GET", at(7), showing("y"))
	made, err := mc.Users.CreateMany(t.Context(), []liveperson.User{newUser("x"), newUser("y")})
	half, ok = errors.AsType[*liveperson.BatchError](err)
	require.True(t, ok)
	assert.Equal(t, []liveperson.BatchResult{{LoginName: "x"}, {ID: 7, LoginName: "y", Done: true}}, half.Results)
	assert.Nil(t, made[0])
	assert.Equal(t, int64(7), made[1].ID)
}

// TestUsersCreateMany_NamesTenOfThoseMissing: the message of a batch of thousands stays one
// that people can read; Results has them all.
func TestUsersCreateMany_NamesTenOfThoseMissing(t *testing.T) {
	for missing, want := range map[int]string{10: "missing: a, b, c, d, e, f, g, h, i, j", 11: "missing: a, b, c, d, e, f, g, h, i, j, …"} {
		c, mt := mocked(t)
		mt.RegisterResponder("POST", usersURL, resttest.Answer(201, `[{"id":7,"loginName":"z"}]`))
		mt.RegisterResponder("GET", at(7), showing("z"))
		users := []liveperson.User{newUser("z")}
		for i := range missing {
			users = append(users, newUser(string(rune('a'+i))))
		}

		_, err := c.Users.CreateMany(t.Context(), users)

		part, ok := errors.AsType[*liveperson.BatchError](err)
		require.True(t, ok)
		require.True(t, strings.HasSuffix(part.Err.Message, want), part.Err.Message)
		require.Len(t, part.Results, missing+1)
	}
}
