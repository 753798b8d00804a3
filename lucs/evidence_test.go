package lucs_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

// TestDelete_IsNotBelievedUnlooked: a server that says yes in any words and does
// nothing is found out, with a route for one user and without.
func TestDelete_IsNotBelievedUnlooked(t *testing.T) {
	for _, routes := range []lucs.Routes{direct, {DeleteUser: direct.DeleteUser}} {
		for _, body := range []string{"", `{}`, `"denied"`, `false`, `{"Message":"denied"}`, `{"success":false}`, `{"result":"error"}`} {
			sim := sample(lucstest.WithDirectRoutes())
			sim.Fault(lucstest.Fault{Op: "Users.Delete", Status: 200, Body: body, Times: -1})
			err := overAs(t, sim, lucs.Dialect{Routes: routes}, func(cfg *lucs.Config) { cfg.ReadBack = -1 }).Store().DeleteUser(t.Context(), lucstest.UserMara)
			e := resttest.ErrorOf(t, err)
			require.Equal(t, core.AppliedUnknown, e.Applied, body)
			require.Contains(t, []core.Class{core.ClassNotApplied, core.ClassProtocol}, e.Class, body)
		}
	}
}

// TestDelete_WhatALostAnswerLeaves: with a route for one user a 404 about it tells; the
// services, which may have no users, do not.
func TestDelete_WhatALostAnswerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for routes, want := range map[*lucs.Routes]core.Applied{&direct: core.AppliedYes, {DeleteUser: direct.DeleteUser}: core.AppliedUnknown} {
			sim := sample(lucstest.WithDirectRoutes())
			sim.Fault(lucstest.Fault{Op: "Users.Delete", LoseAnswer: true, Times: 1})
			err := overAs(t, sim, lucs.Dialect{Routes: *routes}, attempts(1)).Store().DeleteUser(t.Context(), lucstest.UserMara)
			if want == core.AppliedYes {
				require.NoError(t, err)
				continue
			}
			require.Equal(t, want, resttest.ErrorOf(t, err).Applied)
		}
	})
}

// TestGet_AnErrorIsNoUser: an object without an id is none, whatever the status.
func TestGet_AnErrorIsNoUser(t *testing.T) {
	for _, body := range []string{`{}`, `{"error":"denied"}`, `[{}]`, `{"Id":""}`, `{"data":{"Id":"` + aGUID + `"}}`} {
		c, mt := mocked(t, lucs.Dialect{Routes: direct})
		mt.RegisterNoResponder(resttest.Answer(200, body))
		_, err := c.Store().GetUser(t.Context(), aGUID)
		require.ErrorIs(t, err, core.ErrProtocol, body)
		_, err = c.Store().Presence(t.Context(), aGUID)
		require.ErrorIs(t, err, core.ErrProtocol, body)
	}
}

// TestLists_SayWhatIsMissing: a part of an answer, a next page, a larger total, a row
// twice, and no list at all are no whole list.
func TestLists_SayWhatIsMissing(t *testing.T) {
	row := func(id string) string { return `{"Id":"` + id + `"}` }
	for name, c := range map[string]struct {
		status int
		body   string
		header []string
		class  error
	}{
		"206":       {206, "[" + row(aGUID) + "]", []string{"Content-Range", "items 0-0/9"}, core.ErrProtocol},
		"next page": {200, "[" + row(aGUID) + "]", []string{"Link", `</v1.0/users?page=2>; rel="next"`}, core.ErrIncomplete},
		"a total":   {200, "[" + row(aGUID) + "]", []string{"X-Total-Count", "18000"}, core.ErrIncomplete},
		"twice":     {200, "[" + row(aGUID) + "," + row(other) + "," + row(aGUID) + "]", nil, core.ErrIncomplete},
		"null":      {200, "null", nil, core.ErrProtocol},
	} {
		mocking, mt := mocked(t, lucs.Dialect{Routes: direct})
		mt.RegisterNoResponder(resttest.Answer(c.status, c.body, c.header...))
		users, err := core.Collect(mocking.Store().ListUsers(t.Context(), core.UserQuery{}))
		require.ErrorIs(t, err, c.class, name)
		require.LessOrEqual(t, len(users), 2, "each row once")
	}
}

// TestNotFound_OfTheThingAlone: that of a list, of a whole address, and the page of
// something between are not about a user. A page of IIS may be LUCS's own.
func TestNotFound_OfTheThingAlone(t *testing.T) {
	const nginx = "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center><hr><center>nginx</center></body></html>"
	there := func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/services") }
	for name, c := range map[string]struct {
		body     string
		services int
		found    bool
	}{
		"own words":       {`{"Message":"User not found."}`, 200, true},
		"nothing":         {"", 200, true},
		"a page of IIS":   {lucstest.HTMLPage(404), 200, true},
		"a page of nginx": {nginx, 200, false},
		"no such route":   {`{"Message":"No HTTP resource was found that matches the request URI 'https://x'."}`, 200, false},
		"half an answer":  {`{"Message":"User no`, 200, false},
		"a wrong address": {`{"Message":"User not found."}`, 404, false},
	} {
		client, mt := mocked(t, lucs.Dialect{Routes: direct})
		mt.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
			if there(r) && c.services == 200 {
				return httpmock.NewStringResponse(200, "[]"), nil
			}
			return httpmock.NewStringResponse(404, c.body), nil
		})
		_, err := client.Store().GetUser(t.Context(), aGUID)
		want := core.ErrProtocol
		if c.found {
			want = core.ErrNotFound
		}
		require.ErrorIs(t, err, want, name)
		_, err = core.Collect(client.Store().ListUsers(t.Context(), core.UserQuery{Login: newcomer}))
		require.ErrorIs(t, err, core.ErrProtocol, "%s, of a list", name)
		require.NotErrorIs(t, err, core.ErrNotFound, name)
	}
}

// TestWrites_ARefusalAfterTheDeedIsNoNo: a page, half an answer or a redirect may come
// after the change, and what shows then counts.
func TestWrites_ARefusalAfterTheDeedIsNoNo(t *testing.T) {
	for name, answer := range map[string]httpmock.Responder{
		"a firewall's page": resttest.Answer(403, "<!DOCTYPE html><h1>Blocked</h1>"),
		"half an answer":    resttest.Answer(400, `{"Message":"bo`),
		"a redirect":        resttest.Answer(302, "", "Location", "/elsewhere"),
		"denied, 200":       resttest.Answer(200, `{"Message":"denied"}`),
	} {
		for _, done := range []bool{true, false} {
			c, mt := mocked(t, lucs.Dialect{Routes: direct})
			im := "1"
			mt.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodPost {
					if done {
						im = "5"
					}
					return answer(r)
				}
				return httpmock.NewStringResponse(200, `{"Id":"`+aGUID+`","SipUri":"`+newcomer+`","Traits":[],"Profiles":[],"Roles":[],"NumberOfSimultaneousIm":`+im+`}`), nil
			})
			_, err := c.Store().UpdateUser(t.Context(), aGUID, set("NumberOfSimultaneousIm", 5))
			if done {
				require.NoError(t, err, name)
				continue
			}
			require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied, name)
		}
	}
}
