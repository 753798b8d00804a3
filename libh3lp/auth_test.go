package libh3lp_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

func TestLoginIsAFormAndTheCookieIsKeptHere(t *testing.T) {
	c, mt := mocked(t)
	var login, get http.Request
	body := ""
	mt.RegisterResponder("POST", api+"/auth/login", resttest.AnswerTo(&login, &body, 200, `{"success": "true"}`,
		"Set-Cookie", "libraryh3lp-session=7f1c2a90; Domain=elsewhere.example; Path=/nowhere; Expires=Thu, 01 Jan 1970 00:00:00 GMT"))
	mt.RegisterResponder("GET", api+"/users/5", resttest.AnswerTo(&get, nil, 200, `{"id":5,"name":"u"}`))
	for range 2 {
		_, err := c.Users.Get(t.Context(), 5)
		require.NoError(t, err)
	}
	require.Equal(t, "application/x-www-form-urlencoded", login.Header.Get("Content-Type"))
	require.Equal(t, "password="+password+"&username=jane", body)
	require.Empty(t, login.URL.RawQuery)
	require.Empty(t, login.Header.Get("Cookie"))
	require.Equal(t, "libraryh3lp-session=7f1c2a90", get.Header.Get("Cookie"))
	require.Equal(t, "2011-12-03", get.Header.Get("X-API-Version"))
	require.Equal(t, 1, mt.GetCallCountInfo()["POST "+api+"/auth/login"])
	require.NoError(t, c.Close(t.Context()))
	_, err := c.Users.Get(t.Context(), 5)
	require.NoError(t, err)
	require.Equal(t, 2, mt.GetCallCountInfo()["POST "+api+"/auth/login"], "a closed client logs in again")
}

func TestCookies(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{"libraryh3lp-session=a; Path=/"}, "libraryh3lp-session=a"},
		{[]string{"other=x", "LibraryH3lp-Session=a=b=="}, "LibraryH3lp-Session=a=b=="},
		{[]string{"libraryh3lp-session=", "libraryh3lp-session=new; Secure"}, "libraryh3lp-session=new"},
		{[]string{"renamed=a", "second=b"}, "renamed=a"},
		{[]string{`libraryh3lp-session="q"`}, `libraryh3lp-session="q"`},
		{[]string{"libraryh3lp-session=a b"}, ""},
		{[]string{"=a", "novalue", "libraryh3lp-session="}, ""},
		{nil, ""},
	} {
		require.Equal(t, c.want, libh3lp.CookieOf(http.Header{"Set-Cookie": c.lines}), "%q", c.lines)
	}
	client, mt := mocked(t)
	mt.RegisterResponder("POST", api+"/auth/login", resttest.Answer(200, `{"success": true}`))
	_, err := client.Users.Get(t.Context(), 5)
	require.Equal(t, core.ClassProtocol, resttest.ErrorOf(t, err).Class, "a success without a session")
}

// TestASessionThatEndsAmongFifty: one new login, and no caller fails.
func TestASessionThatEndsAmongFifty(t *testing.T) {
	for name, gone := range map[string]libh3lptest.SessionGone{"401": libh3lptest.GoneUnauthorized, "redirect": libh3lptest.GoneRedirect,
		"page": libh3lptest.GonePage} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := libh3lptest.NewServer(libh3lptest.WithSampleData(), libh3lptest.WithSessionGone(gone),
					libh3lptest.WithCookieDomain("elsewhere.example"))
				store := over(t, sim).Store()
				_, err := store.GetUser(t.Context(), "8451")
				require.NoError(t, err)
				var started atomic.Int32
				sim.Fault(libh3lptest.Fault{Times: 40, Delay: time.Second, Match: func(r *http.Request, _ []byte) bool {
					if started.Add(1) == 20 {
						sim.ExpireSessions()
					}
					return r.URL.Path != "/2011-12-03/auth/login"
				}})
				var wg sync.WaitGroup
				errs := make([]error, 50)
				for i := range errs {
					wg.Go(func() {
						switch i % 5 {
						case 0:
							_, errs[i] = core.Collect(store.ListUsers(t.Context(), core.UserQuery{}))
						case 1:
							_, errs[i] = store.GetUser(t.Context(), "8452")
						case 2:
							_, errs[i] = store.UpdateUser(t.Context(), "8453", core.UserChange{Email: core.Set("e@x.example")})
						case 3:
							_, errs[i] = core.Collect(store.ListAssignments(t.Context(), core.AssignmentQuery{UserID: "8454"}))
						case 4:
							a := core.Assignment{UserID: "8459", Target: core.Target{Kind: core.KindQueue, ID: "34814"}}
							_, errs[i] = store.Suspend(t.Context(), a)
						}
					})
				}
				wg.Wait()
				for i, err := range errs {
					require.NoError(t, err, "%d", i)
				}
				require.Len(t, sim.Requests("Login"), 2)
			})
		})
	}
}

// TestAWrongPasswordIsOneLogin: whoever asks, and however often within a minute.
func TestAWrongPasswordIsOneLogin(t *testing.T) {
	for name, opts := range map[string][]libh3lptest.Option{"200": nil, "401": {libh3lptest.WithLoginFailureStatus(401)},
		"400": {libh3lptest.WithLoginFailureStatus(400)}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := libh3lptest.NewServer(append(opts, libh3lptest.WithSampleData(), libh3lptest.WithLogin(libh3lptest.Username,
					"another-password"))...)
				c := over(t, sim)
				var wg sync.WaitGroup
				for range 50 {
					wg.Go(func() {
						_, err := c.Users.Get(t.Context(), 8451)
						e := resttest.ErrorOf(t, err)
						if e.Class != core.ClassUnauthenticated || e.Op != "Login" || e.Applied != core.AppliedNo || strings.Contains(err.Error(),
							libh3lptest.Password) {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				require.ErrorIs(t, c.Assignments.Create(t.Context(), 8451, 34814), core.ErrUnauthenticated)
				require.Len(t, sim.Requests(), 1)
				time.Sleep(61 * time.Second)
				_, err := c.Users.Get(t.Context(), 8451)
				require.ErrorIs(t, err, core.ErrUnauthenticated)
				require.Len(t, sim.Requests(), 2, "after a minute it may have been fixed")
			})
		})
	}
}

func TestALoginThatFailsOtherwiseIsNotAnAbsentUser(t *testing.T) {
	for status, class := range map[int]core.Class{404: core.ClassProtocol, 405: core.ClassProtocol, 302: core.ClassProtocol,
		500: core.ClassUnavailable, 403: core.ClassUnauthenticated} {
		c, mt := mocked(t)
		mt.RegisterResponder("POST", api+"/auth/login", resttest.Answer(status, `<html>`, "Location", "/elsewhere"))
		_, err := c.Users.Get(t.Context(), 5)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{class, core.AppliedNo}, []any{e.Class, e.Applied}, "%d: %v", status, err)
		require.NotContains(t, e.Hint, "change", "nothing was to be changed")
	}
	c, mt := mocked(t)
	mt.RegisterResponder("POST", api+"/auth/login", resttest.Answer(200, `<html>Log in</html>`, "Set-Cookie", cookie))
	_, err := c.Users.Get(t.Context(), 5)
	require.ErrorIs(t, err, core.ErrProtocol, "a page is no yes, though it brings a cookie")
	require.NotContains(t, err.Error(), "the change")
}

func TestABadSessionIsGivenUpAfterOneLogin(t *testing.T) {
	for name, r := range map[string]httpmock.Responder{
		"401": resttest.Answer(401, ``), "redirect": resttest.Answer(302, ``, "Location", "/login"), "page": resttest.Answer(200, `<html>`),
	} {
		c, mt := mocked(t)
		mt.RegisterResponder("GET", api+"/users/5", r)
		mt.RegisterResponder("GET", api+"/users", r)
		_, err := c.Users.Get(t.Context(), 5)
		require.Error(t, err)
		require.Equal(t, []int{2, 2}, []int{mt.GetCallCountInfo()["GET "+api+"/users/5"], mt.GetCallCountInfo()["POST "+api+"/auth/login"]}, name)
		_, err = core.Collect(c.Users.List(t.Context()))
		require.Error(t, err)
		require.Equal(t, 2, mt.GetCallCountInfo()["GET "+api+"/users"], name)
	}
	c, mt := mocked(t)
	mt.RegisterResponder("GET", api+"/users/5", resttest.Answer(403, `{"message":"no"}`))
	_, err := c.Users.Get(t.Context(), 5)
	require.ErrorIs(t, err, core.ErrPermission)
	require.Equal(t, 1, mt.GetCallCountInfo()["POST "+api+"/auth/login"], "a 403 is permission, and no session")
}

func TestBasicAuth(t *testing.T) {
	sim := libh3lptest.NewServer(libh3lptest.WithSampleData(), libh3lptest.WithBasicAuth())
	c := over(t, sim, authorized(libh3lp.Basic{Username: libh3lptest.Username, Password: core.NewSecret(libh3lptest.Password)}))
	_, err := c.Users.Get(t.Context(), 8451)
	require.NoError(t, err)
	require.Empty(t, sim.Requests("Login"))
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte(libh3lptest.Username+":"+libh3lptest.Password))
	require.Equal(t, want, sim.Requests()[0].Header.Get("Authorization"))
	require.NoError(t, c.Close(t.Context()))
}

func TestWhereAClientGoes(t *testing.T) {
	pass := core.NewSecret(password)
	for _, c := range []struct {
		cfg                libh3lp.Config
		base, user, queues string
	}{
		{libh3lp.Config{Region: libh3lp.US}, "https://us.libraryh3lp.com", "libraryh3lp.com", "chat.libraryh3lp.com"},
		{libh3lp.Config{Region: libh3lp.CA}, "https://ca.libraryh3lp.com", "ca.libraryh3lp.com", "chat.ca.libraryh3lp.com"},
		{libh3lp.Config{Region: libh3lp.EU}, "https://eu.libraryh3lp.com", "eu.libraryh3lp.com", "chat.eu.libraryh3lp.com"},
		{libh3lp.Config{Region: libh3lp.SG}, "https://sg.libraryh3lp.com", "sg.libraryh3lp.com", "chat.sg.libraryh3lp.com"},
		{libh3lp.Config{BaseURL: "https://libraryh3lp.com"}, "https://libraryh3lp.com", "libraryh3lp.com", "chat.libraryh3lp.com"},
		{libh3lp.Config{BaseURL: "https://US.LibraryH3lp.com/"}, "https://US.LibraryH3lp.com", "libraryh3lp.com", "chat.libraryh3lp.com"},
		{libh3lp.Config{BaseURL: "https://eu.libraryh3lp.com:443"}, "https://eu.libraryh3lp.com:443", "eu.libraryh3lp.com",
			"chat.eu.libraryh3lp.com"},
		{libh3lp.Config{BaseURL: "http://127.0.0.1:8080"}, "http://127.0.0.1:8080", "libraryh3lp.com", "chat.libraryh3lp.com"},
		{libh3lp.Config{BaseURL: "https://proxy.example/lib", Region: libh3lp.SG}, "https://proxy.example/lib", "sg.libraryh3lp.com",
			"chat.sg.libraryh3lp.com"},
		{libh3lp.Config{BaseURL: "https://x.example", UserDomain: "u.example"}, "https://x.example", "u.example", "chat.u.example"},
		{libh3lp.Config{BaseURL: "https://x.example", QueueDomain: "chat.q.example"}, "https://x.example", "q.example", "chat.q.example"},
		{libh3lp.Config{Region: libh3lp.US, UserDomain: "u.example", QueueDomain: "q.example"}, "https://us.libraryh3lp.com", "u.example",
			"q.example"},
	} {
		c.cfg.Auth = libh3lp.Login{Username: "jane", Password: pass}
		mt := httpmock.NewMockTransport()
		var asked []string
		mt.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
			asked = append(asked, r.URL.String())
			if r.Header.Get("Cookie") != "" || r.Header.Get("X-Api-Version") != "" {
				t.Errorf("the presence service got %v", r.Header)
			}
			return httpmock.NewStringResponse(200, "chat\n"), nil
		})
		c.cfg.Transport = mt
		client, err := libh3lp.New(c.cfg)
		require.NoError(t, err)
		for _, ask := range []func(context.Context, string) (libh3lp.Show, error){client.Presence.User, client.Presence.Queue} {
			show, err := ask(t.Context(), "some.name")
			require.NoError(t, err)
			require.Equal(t, libh3lp.ShowChat, show)
		}
		require.Equal(t, []string{c.base + "/presence/jid/some.name/" + c.user + "/text", c.base + "/presence/jid/some.name/" + c.queues +
			"/text"}, asked, "no login either")
	}
	login := libh3lp.Login{Username: "u", Password: pass}
	for why, cfg := range map[string]libh3lp.Config{
		"neither Region nor BaseURL": {Auth: login},
		"no such Region":             {Region: "au", Auth: login},
		"Login.Username is missing":  {Region: "us", Auth: libh3lp.Login{Password: pass}},
		"Login.Password is missing":  {Region: "us", Auth: libh3lp.Login{Username: "u"}},
		"Basic.Password is missing":  {Region: "us", Auth: libh3lp.Basic{Username: "u"}},
		"contains a colon":           {Region: "us", Auth: libh3lp.Basic{Username: "u:v", Password: pass}},
		"Auth is missing":            {Region: "us"},
		"MaxWait is negative":        {Region: "us", Auth: login, ClientOptions: core.ClientOptions{MaxWait: -1}},
		"plain http":                 {BaseURL: "http://us.libraryh3lp.com", Auth: login},
		"UserDomain holds a slash":   {Region: "us", UserDomain: "a/b", Auth: login},
	} {
		_, err := libh3lp.New(cfg)
		require.ErrorIs(t, err, core.ErrInvalid)
		require.Contains(t, err.Error(), why)
		require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, cfg, cfg), password)
	}
}
