package liveperson_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/liveperson"
)

// What is said about a change after an answer was lost, or could not be looked into.

var anyUserURL = regexp.MustCompile(`/users/\d+$`)

// whole is a user as an answer shows it.
func whole(id int64, fields string) string {
	return fmt.Sprintf(`{"id":%[1]d,"loginName":"u%[1]d","fullName":"","nickname":"n","isEnabled":true,"disabledManually":false,"maxChats":1,
		"email":"e@x.test","profileIds":[1],"skillIds":[1],"description":"was"%[2]s}`, id, fields)
}

// lost is an answer that does not arrive.
func lost(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

// inTurn answers one step after the other, and the last one for ever.
func inTurn(steps ...step) step {
	n := 0
	return func(r *http.Request) (*http.Response, error) {
		s := steps[min(n, len(steps)-1)]
		n++
		return s(r)
	}
}

func TestALostWriteIsInDoubtWhateverComesAfter(t *testing.T) {
	read := says(200, whole(5, ""), "ac-revision", "3")
	reread := says(200, whole(5, ""), "ac-revision", "4")
	stale := says(412, "")
	var cancel context.CancelFunc
	ended := func(r *http.Request) (*http.Response, error) { cancel(); return nil, r.Context().Err() }
	n := 10
	moving := func(r *http.Request) (*http.Response, error) {
		n++
		return says(200, whole(5, ""), "ac-revision", fmt.Sprint(n))(r)
	}
	for name, c := range map[string]struct {
		get, put []step
		class    core.Class
	}{
		"then a read of 500":           {[]step{read, says(500, "")}, []step{lost, stale}, core.ClassUnavailable},
		"then a read of 401":           {[]step{read, says(401, "")}, []step{lost, stale}, core.ClassUnauthenticated},
		"then a read of 403":           {[]step{read, says(403, "")}, []step{lost, stale}, core.ClassPermission},
		"then a read of 404":           {[]step{read, says(404, "")}, []step{lost, stale}, core.ClassNotFound},
		"then a short read":            {[]step{read, says(200, shortOf(5))}, []step{lost, stale}, core.ClassIncomplete},
		"then a read of one deleted":   {[]step{read, says(200, whole(5, `,"deleted":true`))}, []step{lost, stale}, core.ClassNotFound},
		"then the end of the context":  {[]step{read, ended}, []step{lost, stale}, core.ClassCanceled},
		"then a write of 400":          {[]step{read, reread}, []step{lost, stale, says(400, "")}, core.ClassInvalid},
		"then a write of 403":          {[]step{read, reread}, []step{lost, stale, says(403, "")}, core.ClassPermission},
		"then a write of 429 too long": {[]step{read, reread}, []step{lost, stale, says(429, "", "Retry-After", "99999")}, core.ClassRateLimited},
		"then stale to the end":        {[]step{read, moving}, []step{lost, stale}, core.ClassRevision},
		"then stale at one revision":   {[]step{read, reread}, []step{lost, stale}, core.ClassRevision},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				// again returns a store before which the story is still to come.
				again := func() (*liveperson.Store, context.Context) {
					client, mt := mocked(t, attempts(2), option(liveperson.WithModifyTries(3)))
					mt.RegisterResponder("GET", at(5), inTurn(c.get...))
					mt.RegisterResponder("PUT", at(5), inTurn(c.put...))
					var ctx context.Context
					ctx, cancel = context.WithCancel(t.Context())
					return client.Store(), ctx
				}
				s, ctx := again()
				_, err := s.UpdateUser(ctx, "5", core.UserChange{DisplayName: core.Set("new")})
				e := resttest.ErrorOf(t, err)
				assert.Equal(t, c.class, e.Class)
				assert.Equal(t, core.AppliedUnknown, e.Applied)
				assert.Contains(t, e.Hint, "an earlier write of this call may have been carried out")

				s, ctx = again()
				made, err := s.Block(ctx, "5")
				assert.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
				assert.True(t, core.MaybeApplied(err))
				assert.Equal(t, []string{"isEnabled", "disabledManually"}, made.Changed, "its record must lift it anyway")
			})
		})
	}
}

func TestALostAssignmentIsInDoubtWhateverComesAfter(t *testing.T) {
	for name, after := range map[string]step{"500": says(500, ""), "401": says(401, ""), "403": says(403, ""), "404": says(404, ""), "short": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, mt := mocked(t, attempts(2))
				var as []core.Assignment
				for id := range int64(3) {
					id += 5
					then := after
					if then == nil {
						then = says(200, shortOf(id))
					}
					mt.RegisterResponder("GET", at(id), inTurn(says(200, whole(id, ""), "ac-revision", "3"), then))
					mt.RegisterResponder("PUT", at(id), inTurn(lost, says(412, "")))
					as = append(as, assignment(id, core.KindSkill, 9))
				}
				mt.RegisterResponder("PUT", usersURL, inTurn(lost, says(412, "")))
				outcomes, err := client.Store().Assign(t.Context(), as[0])
				require.ErrorIs(t, err, core.ErrPartial)
				assert.Equal(t, []core.Result{core.ResultUnknown}, results(outcomes))

				mt.RegisterResponder("GET", at(5), inTurn(says(200, whole(5, ""), "ac-revision", "3"), after0(after, 5)))
				outcomes, err = client.Store().Assign(t.Context(), as...)
				require.ErrorIs(t, err, core.ErrPartial)
				assert.Equal(t, []core.Result{core.ResultUnknown, core.ResultUnknown, core.ResultUnknown}, results(outcomes))
			})
		})
	}
}

func after0(after step, id int64) step {
	if after == nil {
		return says(200, shortOf(id))
	}
	return after
}

func TestABatchThatWasLostAndIsThenRefusedIsInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, mt := mocked(t, attempts(2))
		for _, id := range []int64{5, 6} {
			mt.RegisterResponder("GET", at(id), inTurn(says(200, whole(id, ""), "ac-revision", "3"), says(200, whole(id, ""), "ac-revision", "4")))
			mt.RegisterResponder("PUT", at(id), says(400, ""))
		}
		mt.RegisterResponder("PUT", usersURL, inTurn(lost, says(412, ""), says(400, "")))
		outcomes, err := client.Store().Assign(t.Context(), assignment(5, core.KindSkill, 9), assignment(6, core.KindSkill, 9))
		require.ErrorIs(t, err, core.ErrInvalid)
		assert.Equal(t, []core.Result{core.ResultUnknown, core.ResultUnknown}, results(outcomes))
	})
}

func TestAnErrorOfTheChangeAfterALostWrite(t *testing.T) {
	mine := errors.New("no more")
	for name, second := range map[string]func(*liveperson.User) error{
		"the caller's":             func(*liveperson.User) error { return mine },
		"the caller's, of a class": func(*liveperson.User) error { return core.Invalid("mine", "op", "no more") },
		"ours":                     func(u *liveperson.User) error { u.LoginName = "other"; return nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, mt := mocked(t, attempts(2))
				mt.RegisterResponder("GET", at(5), says(200, whole(5, ""), "ac-revision", "3"))
				mt.RegisterResponder("PUT", at(5), inTurn(lost, says(412, "")))
				first := true
				_, err := client.Users.Modify(t.Context(), 5, func(u *liveperson.User) error {
					if !first {
						return second(u)
					}
					first = false
					u.Nickname = core.Set("new")
					return nil
				})
				assert.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
				if name == "the caller's" {
					require.ErrorIs(t, err, mine)
				}
			})
		})
	}
}

// TestAYesThatCouldNotBeLookedInto: the write was accepted, so it did not fail.
func TestAYesThatCouldNotBeLookedInto(t *testing.T) {
	read := func(id int64) step { return says(200, whole(id, ""), "ac-revision", "3") }
	now := func(id int64) step { return says(200, whole(id, `,"skillIds":[1,9]`), "ac-revision", "4") }
	bad := says(500, "")
	shorts := "[" + strings.Join([]string{shortOf(5), shortOf(6), shortOf(7)}, ",") + "]"
	all := func(r core.Result) []core.Result { return []core.Result{r, r, r} }
	for name, c := range map[string]struct {
		put  string
		get  func(id int64) step
		want []core.Result
	}{
		"an empty answer, and nothing can be read": {"", func(id int64) step { return inTurn(read(id), bad) }, all(core.ResultUnknown)},
		"short users, and one cannot be read": {shorts, func(id int64) step {
			if id == 7 {
				return inTurn(read(id), bad)
			}
			return inTurn(read(id), now(id))
		}, []core.Result{core.ResultApplied, core.ResultApplied, core.ResultUnknown}},
		"short users, and the first cannot be read": {shorts, func(id int64) step {
			if id == 5 {
				return inTurn(read(id), bad)
			}
			return inTurn(read(id), now(id))
		}, []core.Result{core.ResultUnknown, core.ResultApplied, core.ResultApplied}},
		"short users, and one is refused": {shorts, func(id int64) step {
			if id == 6 {
				return inTurn(read(id), says(403, ""), now(id))
			}
			return inTurn(read(id), now(id))
		}, []core.Result{core.ResultApplied, core.ResultUnknown, core.ResultApplied}},
	} {
		t.Run(name, func(t *testing.T) {
			client, mt := mocked(t)
			var as []core.Assignment
			for _, id := range []int64{5, 6, 7} {
				mt.RegisterResponder("GET", at(id), c.get(id))
				as = append(as, assignment(id, core.KindSkill, 9))
			}
			mt.RegisterResponder("PUT", usersURL, says(200, c.put, "ac-revision", "4"))
			outcomes, _ := client.Store().Assign(t.Context(), as...)
			assert.Equal(t, c.want, results(outcomes))
		})
	}
	client, mt := mocked(t)
	mt.RegisterResponder("GET", at(5), inTurn(read(5), bad))
	mt.RegisterResponder("PUT", at(5), says(200, ""))
	outcomes, err := client.Store().Assign(t.Context(), assignment(5, core.KindSkill, 9))
	require.ErrorIs(t, err, core.ErrPartial)
	assert.Equal(t, core.ResultUnknown, outcomes[0].Result)
	assert.Contains(t, outcomes[0].Message, "the vendor accepted the change")
}

func TestReplaceManyReturnsWhatCouldBeRead(t *testing.T) {
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

// TestRevisionsThatCannotBeCompared: no one of them guards all users of a batch.
func TestRevisionsThatCannotBeCompared(t *testing.T) {
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

func TestTheSameAssignmentTwiceInOneCall(t *testing.T) {
	for name, c := range map[string]struct {
		put  step
		want core.Result
	}{"refused": {says(400, ""), core.ResultFailed}, "lost": {lost, core.ResultUnknown}, "done": {says(200, whole(5, `,"skillIds":[1,9]`)), core.ResultApplied}} {
		t.Run(name, func(t *testing.T) {
			client, mt := mocked(t)
			mt.RegisterResponder("GET", at(5), says(200, whole(5, ""), "ac-revision", "3"))
			mt.RegisterResponder("PUT", at(5), c.put)
			a := assignment(5, core.KindSkill, 9)
			named := a
			named.Target.Name = "nine"
			outcomes, _ := client.Store().Assign(t.Context(), a, assignment(5, core.KindSkill, 1), named)
			again := c.want
			if again == core.ResultApplied {
				again = core.ResultAlready
			}
			assert.Equal(t, []core.Result{c.want, core.ResultAlready, again}, results(outcomes))
			assert.Equal(t, "nine", outcomes[2].Assignment.Target.Name)
			assert.Equal(t, outcomes[0].Message, outcomes[2].Message)
		})
	}
}

func TestACredentialThatIsRefusedIsRefusedForAll(t *testing.T) {
	client, mt := mocked(t)
	mt.RegisterRegexpResponder("GET", anyUserURL, says(401, `{"error":{"message":"no"}}`))
	var as []core.Assignment
	for id := range int64(120) {
		as = append(as, assignment(id+5, core.KindSkill, 9))
	}
	outcomes, err := client.Store().Assign(t.Context(), as...)
	require.ErrorIs(t, err, core.ErrUnauthenticated)
	for _, o := range outcomes {
		require.Equal(t, core.ResultFailed, o.Result)
		require.ErrorIs(t, o.Err, core.ErrUnauthenticated)
	}
	assert.LessOrEqual(t, mt.GetTotalCallCount(), 8, "those that were under way at once")
	assert.Zero(t, resttest.ErrorOf(t, outcomes[119].Err).Attempts)

	// Also where the users were written, and are to be looked at.
	mt.Reset()
	var users []string
	for _, a := range as[:50] {
		id := parse(t, a.UserID)
		users = append(users, shortOf(id))
		mt.RegisterResponder("GET", at(id), inTurn(says(200, whole(id, "")), says(401, "")))
	}
	mt.RegisterResponder("PUT", usersURL, says(200, "["+strings.Join(users, ",")+"]"))
	outcomes, err = client.Store().Assign(t.Context(), as[:50]...)
	require.ErrorIs(t, err, core.ErrUnauthenticated)
	for _, o := range outcomes {
		require.Equal(t, core.ResultUnknown, o.Result)
	}
	assert.LessOrEqual(t, mt.GetTotalCallCount(), 50+1+8, "those that were under way at once")
}
