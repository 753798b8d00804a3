package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// bodies are what a refusal may hold, and whether it is the API's own, whole word.
var bodies = []struct {
	name, body, contentType string
	own                     bool
	what                    string
}{
	{"own", `{"message":"no"}`, "application/json", true, ""},
	{"own as a page's type", `{"message":"no"}`, "text/html", true, ""}, // what PHP says of any answer
	{"text", `no`, "text/plain", true, ""},
	{"empty", ``, "text/html", true, ""},
	{"page", "\n <!DOCTYPE html><title>403</title>", "", false, " with an HTML page"},
	{"text of a page", `Access denied`, "text/html; charset=utf-8", false, " with an HTML page"},
	{"half object", `{"message":"bo`, "application/json", false, " with half an answer"},
	{"half list", `[{"message":"x"}`, "application/json", false, " with half an answer"},
}

// answerWith answers every request; ContentLength -1 makes no difference to a mock.
func answerWith(status int, body, contentType string) *httpmock.MockTransport {
	mock := httpmock.NewMockTransport()
	mock.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
		res := httpmock.NewStringResponse(status, body)
		res.Header.Set("Content-Type", contentType)
		return res, nil
	})
	return mock
}

// TestOnlyTheVendorsOwnWordIsACertainRefusal goes through every status of a refusal,
// every kind of body and every replay class.
func TestOnlyTheVendorsOwnWordIsACertainRefusal(t *testing.T) {
	statuses := map[int]core.Class{400: core.ClassInvalid, 401: core.ClassUnauthenticated, 403: core.ClassPermission,
		404: core.ClassNotFound, 405: core.ClassInvalid, 409: core.ClassConflict, 410: core.ClassNotFound, 412: core.ClassConflict,
		413: core.ClassInvalid, 415: core.ClassInvalid, 422: core.ClassInvalid, 423: core.ClassUnavailable,
		451: core.ClassPermission}
	for status, class := range statuses {
		for _, b := range bodies {
			for _, op := range opsByClass {
				name := fmt.Sprintf("%d %s %s", status, b.name, op.Replay)
				mock := answerWith(status, b.body, b.contentType)
				e := failure(t, do(t.Context(), newClient(mock), op))

				want := class
				if !b.own && (class == core.ClassNotFound || class == core.ClassConflict) {
					want = core.ClassProtocol
				}
				assert.Equal(t, want, e.Class, name)
				assert.Equal(t, 1, mock.GetTotalCallCount(), name)
				if b.own || op.Replay == Safe {
					assert.Equal(t, core.AppliedNo, e.Applied, name)
					assert.Empty(t, e.Doubt, name)
					continue
				}
				assert.Equal(t, core.AppliedUnknown, e.Applied, name)
				assert.Equal(t, fmt.Sprintf("attempt 1: %d %s%s", status, http.StatusText(status), b.what), e.Doubt, name)
			}
		}
	}
}

func TestARedirectOfAWriteLeavesItInDoubt(t *testing.T) {
	for _, status := range []int{300, 301, 302, 303, 304, 307, 308} {
		for _, to := range []string{"/api/things/t1", "https://elsewhere.example/", ""} {
			for _, op := range opsByClass[1:] {
				p := talk(says(status, "", "Location", to), ok())
				e := failure(t, do(t.Context(), newClient(p), op))
				require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{e.Class, e.Applied}, "%d %q %s", status, to, op.Replay)
				require.Equal(t, fmt.Sprintf("attempt 1: %d %s", status, http.StatusText(status)), e.Doubt)
				require.Equal(t, 1, p.sends(), "a write is not sent to where it was not meant")
			}
		}
	}
}

func TestAnAbsenceAtAnotherAddressIsNoAbsence(t *testing.T) {
	p := talk(says(302, "", "Location", "/api/elsewhere/t1"), says(404, `{}`))
	e := failure(t, do(t.Context(), newClient(p), opGet))
	require.Equal(t, core.ClassProtocol, e.Class)
	require.NotErrorIs(t, e, core.ErrNotFound)
	require.Contains(t, e.Error(), "another address")
}

func TestTheDoubtNamesTheAttemptThatOpenedIt(t *testing.T) {
	for name, w := range map[string]struct {
		steps []step
		doubt string
	}{
		"lost":               {[]step{loses(), says(400, `{}`)}, "attempt 1: the connection was lost after the request was sent"},
		"a gateway":          {[]step{says(502, ``), says(400, `{}`)}, "attempt 1: 502 Bad Gateway"},
		"cut":                {[]step{cuts(200, okBody), says(400, `{}`)}, "attempt 1: the answer was cut off"},
		"no answer":          {[]step{hangs(), says(400, `{}`)}, "attempt 1: no answer in time"},
		"the second":         {[]step{says(429, ``), says(403, page)}, "attempt 2: 403 Forbidden with an HTML page"},
		"the first of two":   {[]step{says(500, page), says(403, page)}, "attempt 1: 500 Internal Server Error with an HTML page"},
		"unreadable":         {[]step{says(200, `fine`)}, "attempt 1: 200 OK with an answer that cannot be read"},
		"a page for success": {[]step{says(200, page)}, "attempt 1: 200 OK with an HTML page"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := &records{}
				c := newClient(talk(w.steps...), func(c *Config) { c.Logger = log.logger() })
				e := failure(t, do(t.Context(), c, opPut))
				require.Equal(t, core.AppliedUnknown, e.Applied)
				require.Equal(t, w.doubt, e.Doubt)
				require.Contains(t, e.Error(), "applied: unknown ("+w.doubt+")")
				require.Equal(t, 1, strings.Count(log.String(), `"doubt":"`+w.doubt+`"`))
			})
		})
	}
}

func TestAWriteThatIsCanceledInFlightSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		e := failure(t, do(ctx, newClient(talk(hangs())), opPut))
		require.Equal(t, "attempt 1: the context ended before the answer came", e.Doubt)
	})
}

func TestADoubtHoldsNoSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(talk(ok()), func(c *Config) {
			c.Secrets = []core.Secret{core.NewSecret("hush-hush")}
			c.Inspect = func([]byte) *core.Error {
				return &core.Error{Class: core.ClassNotApplied, Applied: core.AppliedUnknown, Doubt: "it said hush-hush"}
			}
		})
		e := failure(t, do(t.Context(), c, opPut))
		require.Equal(t, core.AppliedUnknown, e.Applied)
		require.NotEmpty(t, e.Doubt)
		require.NotContains(t, e.Error(), "hush-hush")
	})
}

func TestWordsThatLeaveOpenWhatWasDoneOpenADoubt(t *testing.T) {
	for applied, doubt := range map[core.Applied]string{core.AppliedNo: "", core.AppliedYes: "",
		core.AppliedUnknown: "attempt 1: 200 OK with words that leave open what was done"} {
		c := newClient(talk(ok()), func(c *Config) {
			c.Inspect = func([]byte) *core.Error { return &core.Error{Class: core.ClassNotApplied, Applied: applied} }
		})
		e := failure(t, do(t.Context(), c, opPut))
		require.Equal(t, []any{applied, doubt}, []any{e.Applied, e.Doubt})
	}
}

// A server that failed may have failed after the deed, also where it says so in a 200.
func TestAServersFailureInsideASuccessLeavesAWriteInDoubt(t *testing.T) {
	for said, applied := range map[*core.Error]core.Applied{
		{Status: 500}: core.AppliedUnknown, {Status: 503}: core.AppliedUnknown, {Status: 408}: core.AppliedUnknown,
		{Class: core.ClassUnavailable}: core.AppliedUnknown,
		{Status: 400}:                  core.AppliedNo, {Status: 423}: core.AppliedNo, {Class: core.ClassInvalid}: core.AppliedNo,
		{Class: core.ClassUnavailable, Applied: core.AppliedNo}: core.AppliedNo,
	} {
		for _, op := range opsByClass {
			c := newClient(talk(ok()), func(c *Config) { c.Inspect = func([]byte) *core.Error { return said } })
			want := applied
			if op.Replay == Safe {
				want = core.AppliedNo
			}
			require.Equal(t, want, failure(t, do(t.Context(), c, op)).Applied, "%v %v", said, op.Replay)
		}
	}
}

func TestWhereErrorsAreJSONNothingElseIsTheVendorsOwn(t *testing.T) {
	for body, own := range map[string]each{ // by default, with JSONErrors, with EmptyErrors too
		`{"message":"no"}`: {1, 1, 1, 0},
		`no`:               {1, 0, 0, 0},
		``:                 {1, 0, 1, 0},
		page:               {0, 0, 0, 0},
	} {
		for i := range 3 {
			set := func(c *Config) { c.JSONErrors, c.EmptyErrors = i > 0, i > 1 }
			for _, op := range opsByClass {
				e := failure(t, do(t.Context(), newClient(answerWith(404, body, "text/plain"), set), op))
				class, applied := core.ClassNotFound, core.AppliedNo
				if own[i] == 0 {
					class, applied = core.ClassProtocol, appliedAfter(op)
				}
				require.Equal(t, []any{class, applied}, []any{e.Class, e.Applied}, "%q %d %s", body, i, op.Replay)
			}
		}
	}
}

func TestAVendorSaysWhatIts404LooksLike(t *testing.T) {
	notFound := func(op *Op, h http.Header, body []byte) bool {
		return op == opGet && h.Get("X-Own") == "1" && strings.Contains(string(body), "Not found")
	}
	own := says(404, "<html>Not found</html>", "X-Own", "1")
	for _, w := range []struct {
		op    *Op
		step  step
		class core.Class
	}{
		{opGet, own, core.ClassNotFound},
		{opPut, own, core.ClassProtocol},
		{opGet, says(404, "<html>Not found</html>"), core.ClassProtocol},
		{opGet, says(404, `{"message":"no"}`, "X-Own", "1"), core.ClassProtocol},
		{opGet, cuts(404, "<html>Not found, not at all</html>"), core.ClassProtocol},
		{opGet, says(403, `{"message":"no"}`), core.ClassPermission},
	} {
		e := failure(t, do(t.Context(), newClient(talk(w.step), func(c *Config) { c.NotFound = notFound }), w.op))
		require.Equal(t, w.class, e.Class)
		require.Equal(t, w.class == core.ClassNotFound, errors.Is(e, core.ErrNotFound))
	}
}

func TestNothingIsNotFoundWhereNobodyWasLookedFor(t *testing.T) {
	explain := func(c *Config) {
		c.Explain = func(_ []byte, e *core.Error) { e.Class = core.ClassNotFound }
	}
	for path, thing := range map[string]bool{
		"/things": false,
		"":        false,
		"/api/{version}/accounts/{accountId}/users": false,
		"/accounts/{accountId}/users:search":        false,
		"/things/{id}":                              true,
		"/accounts/{accountId}/users/{userId}":      true,
		"/users/{userId}/assignments":               true,
		"/users/{userId}/block":                     true,
	} {
		for about, want := range map[About]bool{AboutPath: thing, AboutThing: true, AboutCollection: false} {
			for _, replay := range []Replay{Safe, ReplaySafe, Once} {
				for _, status := range []int{404, 410} {
					for _, set := range []func(*Config){func(*Config) {}, explain} {
						op := &Op{Name: "Things.Do", Method: http.MethodGet, Path: path, Replay: replay, Bucket: "api", About: about}
						r := Request{Op: op, Base: testBase, Args: []string{"a", "b", "c"}[:strings.Count(path, "{")]}
						_, err := newClient(talk(says(status, `{"message":"none"}`)), set).Do(t.Context(), r)
						e := failure(t, err)
						require.Equal(t, want, errors.Is(err, core.ErrNotFound), "%s %d %s", path, about, replay)
						require.Equal(t, !want, errors.Is(err, core.ErrProtocol))
						require.Equal(t, core.AppliedNo, e.Applied, "the API itself refused it")
						if !want {
							require.Contains(t, e.Hint, "the base URL and the account")
						}
					}
				}
			}
		}
	}

	// In a success too.
	c := newClient(talk(says(200, `{"error":404}`)), func(c *Config) {
		c.Inspect = func([]byte) *core.Error { return &core.Error{Class: core.ClassNotFound} }
	})
	_, err := c.Do(t.Context(), call(opList, nil))
	require.NotErrorIs(t, err, core.ErrNotFound)
	require.ErrorIs(t, do(t.Context(), c, opGet), core.ErrNotFound)

	// Not in a success that is not documented.
	documented := *opGet
	documented.Success = Object(200)
	for status, class := range map[int]core.Class{200: core.ClassNotFound, 205: core.ClassProtocol, 206: core.ClassProtocol} {
		c := newClient(talk(says(status, ``)), func(c *Config) {
			c.Inspect = func([]byte) *core.Error { return &core.Error{Class: core.ClassNotFound} }
		})
		require.Equal(t, class, failure(t, do(t.Context(), c, &documented)).Class, status)
	}

	// A list.
	_, err = walk(plain(t.Context(), newClient(talk(says(404, `{}`)))))
	require.NotErrorIs(t, err, core.ErrNotFound)
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.Equal(t, core.ClassProtocol, failure(t, err).Class)
}

func TestATokenThatIsNotFoundIsNotWhatWasAskedFor(t *testing.T) {
	tokens := NewTokens(func(context.Context) (Token, error) {
		return Token{}, &core.Error{Vendor: "acme", Class: core.ClassNotFound, Status: 404, Applied: core.AppliedNo}
	})
	e := failure(t, do(t.Context(), newClient(talk(ok()), func(c *Config) { c.Auth, c.Account = &bearer{tokens}, "emea" }), opGet))
	require.Equal(t, core.ClassProtocol, e.Class)
	require.Equal(t, "emea", e.Account)
}

func TestADeletionIsDoneByA410Too(t *testing.T) {
	op := &Op{Name: "Things.Delete", Method: http.MethodDelete, Path: "/things/{id}", Replay: ReplaySafe, Bucket: "api"}
	synctest.Test(t, func(t *testing.T) {
		res, err := newClient(talk(loses(), says(410, `{}`))).Do(t.Context(), Request{Op: op, Base: testBase, Args: []string{"t1"}, GoneIsDone: true})
		require.NoError(t, err)
		require.True(t, res.Gone)
	})
	synctest.Test(t, func(t *testing.T) { // but not of a collection: it is another address
		op := *op
		op.About = AboutCollection
		_, err := newClient(talk(loses(), says(404, `{}`))).Do(t.Context(), Request{Op: &op, Base: testBase, Args: []string{"t1"}, GoneIsDone: true})
		e := failure(t, err)
		require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{e.Class, e.Applied})
	})
}

func TestEveryErrorNamesTheAccount(t *testing.T) {
	set := func(c *Config) { c.Account = "emea" }
	inspect := func(c *Config) {
		c.Account, c.Inspect = "emea", func([]byte) *core.Error { return &core.Error{Class: core.ClassInvalid} }
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range map[string]error{
		"refused":     do(t.Context(), newClient(talk(says(400, `{}`)), set), opPut),
		"unreadable":  do(t.Context(), newClient(talk(says(200, page)), set), opPut),
		"undialled":   do(t.Context(), newClient(talk(undialled()), set, func(c *Config) { c.MaxAttempts = 1 }), opPut),
		"inspected":   do(t.Context(), newClient(talk(ok()), inspect), opPut),
		"ended":       do(ended, newClient(talk(ok()), set), opPut),
		"invalid id":  second(newClient(talk(ok()), set).Do(t.Context(), Request{Op: opGet, Base: testBase, Args: []string{".."}})),
		"a list":      second(walk(plain(t.Context(), newClient(talk(says(200, `[{"id":"a"},`)), set)))),
		"a list's no": second(walk(plain(t.Context(), newClient(talk(says(404, `{}`)), set)))),
	} {
		require.Equal(t, "emea", failure(t, err).Account, name)
		require.Contains(t, err.Error(), "acme emea: ", name)
	}
}

func second[T any](_ T, err error) error { return err }

func TestAListThatNamesMoreThanItHasIsIncomplete(t *testing.T) {
	two := `[{"id":"a"},{"id":"b"}]`
	for _, w := range []struct {
		header, value string
		more          bool
	}{
		{"Link", `</things?page=2>; rel="next"`, true},
		{"Link", `</things>; rel=next`, true},
		{"Link", `</things>; title="x"; REL = "last next"`, true},
		{"Link", `</things>; rel="last"`, false},
		{"Link", `</next>; rel="prev"`, false},
		{"X-Total-Count", "18000", true},
		{"X-Total-Count", "3", true},
		{"X-Total-Count", "2", false},
		{"X-Total-Count", "many", false},
		{"X-Other", "18000", false},
	} {
		ids, err := walk(plain(t.Context(), newClient(talk(says(200, two, w.header, w.value)))))
		require.Equal(t, []string{"a", "b"}, ids, "what came is real")
		var out []thing
		_, err2 := newClient(talk(says(200, two, w.header, w.value))).Do(t.Context(), Request{Op: opList, Base: testBase, Out: &out})
		for _, err := range []error{err, err2} {
			if !w.more {
				require.NoError(t, err, w.value)
				continue
			}
			require.Equal(t, core.ClassIncomplete, failure(t, err).Class, "%s: %s", w.header, w.value)
		}
	}

	// An object has its own way to tell, and a link to a next page is no fault of it.
	require.NoError(t, do(t.Context(), newClient(talk(says(200, okBody, "Link", `<x>; rel="next"`))), opGet))
}

func TestALookAfterAWriteKeepsItsClassButNeverNotFound(t *testing.T) {
	for class, want := range map[core.Class]core.Class{
		core.ClassNotFound: core.ClassNotApplied, core.ClassProtocol: core.ClassProtocol, core.ClassUnavailable: core.ClassUnavailable,
		core.ClassIncomplete: core.ClassIncomplete, core.ClassCanceled: core.ClassCanceled, core.ClassPermission: core.ClassPermission,
	} {
		for applied, doubted := range map[core.Applied]bool{core.AppliedYes: false, core.AppliedNo: false, core.AppliedUnknown: true} {
			look := &core.Error{Vendor: "acme", Class: class, Status: 404, Message: "none", Applied: core.AppliedNo,
				Err: &core.Error{Class: core.ClassNotFound}}
			e := failure(t, AfterWrite(look, applied, "it was created; reading it failed"))
			require.Equal(t, want, e.Class)
			require.NotErrorIs(t, e, core.ErrNotFound)
			require.Equal(t, []any{applied, doubted}, []any{e.Applied, e.Doubt != ""})
			require.Equal(t, "it was created; reading it failed: none", e.Message)
			require.Equal(t, core.AppliedNo, look.Applied, "others may hold the same")
		}
	}
	bare := errors.New("x")
	require.Equal(t, bare, AfterWrite(bare, core.AppliedYes, ""))
}

func TestWhatAPageSaysDoesNotCorrectTheClass(t *testing.T) {
	explain := func(c *Config) {
		c.Explain = func(_ []byte, e *core.Error) { e.Class, e.Message = core.ClassConflict, "it is taken" }
	}
	require.Equal(t, core.ClassConflict, failure(t, do(t.Context(), newClient(talk(says(400, `{}`)), explain), opPut)).Class)
	e := failure(t, do(t.Context(), newClient(talk(says(400, page)), explain), opPut))
	require.Equal(t, []any{core.ClassInvalid, "it is taken"}, []any{e.Class, e.Message})
}

func TestTheVendorsWordThatItWasDoneEndsTheDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(talk(loses(), ok()), func(c *Config) {
			c.Inspect = func([]byte) *core.Error { return &core.Error{Class: core.ClassPartial, Applied: core.AppliedYes} }
		})
		e := failure(t, do(t.Context(), c, opPut))
		require.Equal(t, []any{core.AppliedYes, ""}, []any{e.Applied, e.Doubt})
	})
}
