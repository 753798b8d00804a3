package lucs_test

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/lucs"
)

func TestTheDefaultsAreThoseOfTheDocumentation(t *testing.T) {
	d := lucs.DefaultDialect()
	require.Equal(t, lucs.Routes{
		Services: "GET /services", ServiceUsers: "GET /services/{serviceId}/users", ServiceTasks: "GET /services/{serviceId}/tasks",
		CreateUser: "POST /users", BlockUser: "POST /users/{userId}/block", UnblockUser: "POST /users/{userId}/unblock",
		SetPresence: "POST /users/{userId}/setpresence", CreateTask: "POST /tasks", Task: "GET /tasks/{taskIdentifier}",
		CreateCallback: "POST /callbacks", Callbacks: "GET /callbacks", Callback: "GET /callbacks/{callbackId}",
		CancelCallback: "POST /callbacks/{callbackId}/cancel", SearchCallbacks: "POST /callbacks/search",
	}, d.Routes)
	require.Equal(t, []any{"v1.0", "Authorization", "", lucs.PresenceAsObject, "PresenceState", "presence", "isSelectable", "externalTaskId"},
		[]any{d.Version, d.KeyHeader, d.KeyPrefix, d.PresenceEncoding, d.PresenceField, d.PresenceParameter, d.SelectableParameter, d.ExternalTaskParameter})
	require.Equal(t, lucs.PresenceWords{Available: "Online", Busy: "Busy", Away: "Away", DND: "DoNotDisturb"}, d.PresenceWords)
	_, err := lucs.New(lucs.Config{BaseURL: base, APIKey: core.NewSecret(key), Dialect: d})
	require.NoError(t, err, "the defaults, filled in, are a dialect")
}

func TestADialectThatMakesNoSenseIsRefused(t *testing.T) {
	for why, d := range map[string]lucs.Dialect{
		"lacks the parameter {userId}":                 {Routes: lucs.Routes{BlockUser: "/users/block"}},
		"which the operation does not have":            {Routes: lucs.Routes{BlockUser: "/users/{id}/block"}},
		"has the parameter {userId} twice":             {Routes: lucs.Routes{BlockUser: "/users/{userId}/block?x={userId}"}},
		"begins with one slash":                        {Routes: lucs.Routes{Services: "services"}},
		"begins with one slash ":                       {Routes: lucs.Routes{Services: "//evil.example/services"}},
		"no method of HTTP":                            {Routes: lucs.Routes{Services: "FETCH /services"}},
		"has a parameter that does not end":            {Routes: lucs.Routes{BlockUser: "/users/{userId"}},
		"has a brace that was not opened":              {Routes: lucs.Routes{BlockUser: "/users/userId}"}},
		"has a query that cannot be read":              {Routes: lucs.Routes{Services: "/services?%zz"}},
		`Users.Delete, "DELETE"`:                       {Routes: lucs.Routes{DeleteUser: "DELETE"}},
		"not a path segment":                           {Version: "v1?x"},
		"not the name of a header":                     {KeyHeader: "X:Key"},
		"says something else":                          {KeyHeader: "host"},
		"KeyPrefix holds what cannot":                  {KeyPrefix: "Bearer\n"},
		`PresenceEncoding "xml" is not one`:            {PresenceEncoding: "xml"},
		`Users.SetPresence, "/users/{userId}/{other}"`: {Routes: lucs.Routes{SetPresence: "/users/{userId}/{other}"}},
	} {
		_, err := lucs.New(lucs.Config{BaseURL: base, APIKey: core.NewSecret(key), Dialect: d})
		require.ErrorIs(t, err, core.ErrInvalid, why)
		require.Contains(t, err.Error(), strings.TrimSpace(why))
	}
}

func TestSettingsThatMakeNoSenseAreRefused(t *testing.T) {
	good := lucs.Config{BaseURL: base, APIKey: core.NewSecret(key)}
	for why, make := range map[string]func() (*lucs.Client, error){
		"base URL is missing": func() (*lucs.Client, error) { return lucs.New(lucs.Config{APIKey: good.APIKey}) },
		"APIKey is missing":   func() (*lucs.Client, error) { return lucs.New(lucs.Config{BaseURL: base}) },
		"plain http": func() (*lucs.Client, error) {
			return lucs.New(lucs.Config{BaseURL: "http://lucs.example.test", APIKey: good.APIKey})
		},
		"ends in the version": func() (*lucs.Client, error) {
			return lucs.New(lucs.Config{BaseURL: base + "/v1.0", APIKey: good.APIKey})
		},
		"at least one attempt": func() (*lucs.Client, error) { return lucs.New(good, lucs.WithMaxAttempts(0)) },
		"longest wait":         func() (*lucs.Client, error) { return lucs.New(good, lucs.WithMaxWait(-1)) },
		"time of an attempt":   func() (*lucs.Client, error) { return lucs.New(good, lucs.WithAttemptTimeout(0)) },
		"positive rate":        func() (*lucs.Client, error) { return lucs.New(good, lucs.WithRateLimit(0, 1)) },
		"reading back":         func() (*lucs.Client, error) { return lucs.New(good, lucs.WithReadBack(core.Wait{}, -1)) },
		"WithHTTPClient needs": func() (*lucs.Client, error) { return lucs.New(good, lucs.WithHTTPClient(nil)) },
		"APIKey holds what canno": func() (*lucs.Client, error) {
			return lucs.New(lucs.Config{BaseURL: base, APIKey: core.NewSecret("a\r\nb: c")})
		},
	} {
		_, err := make()
		require.ErrorIs(t, err, core.ErrInvalid, why)
		require.Contains(t, err.Error(), why)
	}
	for _, fine := range []string{"http://127.0.0.1:8080", "http://localhost/x", "https://lucs.example.test:8443/a/b/"} {
		_, err := lucs.New(lucs.Config{BaseURL: fine, APIKey: good.APIKey})
		require.NoError(t, err)
	}
	_, err := lucs.New(lucs.Config{BaseURL: "http://lucs.example.test", APIKey: good.APIKey}, lucs.WithInsecureHTTP())
	require.NoError(t, err)
}

// TestTheKeyIsWhereTheDialectSays: header, prefix, or wherever a hook puts it.
func TestTheKeyIsWhereTheDialectSays(t *testing.T) {
	secret := core.NewSecret("hook-SECRET-99")
	hook := lucs.WithRequestHook(func(r *http.Request) {
		r.URL.RawQuery += "&apikey=" + secret.Reveal()
		r.Header.Add("X-Proxy", "yes")
	}, secret)
	for name, c := range map[string]struct {
		d    lucs.Dialect
		opts []lucs.Option
		want func(r *http.Request)
	}{
		"bare": {lucs.Dialect{}, nil, func(r *http.Request) { require.Equal(t, key, r.Header.Get("Authorization")) }},
		"header, prefix": {lucs.Dialect{KeyHeader: "x-api-key", KeyPrefix: "Key "}, nil, func(r *http.Request) {
			require.Equal(t, "Key "+key, r.Header.Get("X-Api-Key"))
			require.Empty(t, r.Header["Authorization"])
		}},
		"none, by a hook": {lucs.Dialect{KeyHeader: "-"}, []lucs.Option{hook}, func(r *http.Request) {
			require.Empty(t, r.Header["Authorization"])
			require.Equal(t, []string{"hook-SECRET-99"}, r.URL.Query()["apikey"], "once, on each attempt")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				mt := httpmock.NewMockTransport()
				mt.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
					c.want(r)
					if n++; n < 3 {
						return httpmock.NewStringResponse(503, ""), nil
					}
					return httpmock.NewStringResponse(401, `{"Message":"no access for `+r.URL.Query().Get("apikey")+` or `+key+`"}`), nil
				})
				cl, err := lucs.New(lucs.Config{BaseURL: base, APIKey: core.NewSecret(key), Dialect: c.d}, append(c.opts, lucs.WithTransport(mt))...)
				require.NoError(t, err)
				_, err = core.Collect(cl.Services.List(t.Context()))
				e := resttest.ErrorOf(t, err)
				require.Equal(t, core.ClassUnauthenticated, e.Class)
				require.Equal(t, 3, e.Attempts)
				require.NotContains(t, err.Error(), "SECRET")
			})
		})
	}
}

// TestWhatIsSent: an action has no body and says so; a presence comes in each of
// the encodings; ids are escaped wherever the route has them.
func TestWhatIsSent(t *testing.T) {
	type sent struct {
		method, uri, body, kind string
		length                  int64
	}
	var got sent
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body := make([]byte, 1000)
		n, _ := r.Body.Read(body)
		got = sent{r.Method, r.RequestURI, string(body[:n]), r.Header.Get("Content-Type"), r.ContentLength}
	}))
	defer srv.Close()
	for name, c := range map[string]struct {
		d    lucs.Dialect
		do   func(*lucs.Client) error
		want sent
	}{
		"block": {lucs.Dialect{}, func(c *lucs.Client) error { _, err := c.Users.Block(t.Context(), aGUID); return err },
			sent{"POST", "/p/v1.0/users/" + aGUID + "/block", "", "", 0}},
		"unblock, moved": {lucs.Dialect{Version: "-", Routes: lucs.Routes{UnblockUser: "DELETE /blocks?user={userId}&soft=1"}},
			func(c *lucs.Client) error { _, err := c.Users.Unblock(t.Context(), aGUID); return err },
			sent{"DELETE", "/p/blocks?soft=1&user=" + aGUID, "", "", 0}},
		"presence, object": {lucs.Dialect{PresenceField: "State"}, func(c *lucs.Client) error { return c.Users.SetPresence(t.Context(), aGUID, "Do & <don't>") },
			sent{"POST", "/p/v1.0/users/" + aGUID + "/setpresence", `{"State":"Do & <don't>"}`, "application/json; charset=utf-8", 24}},
		"presence, string": {lucs.Dialect{PresenceEncoding: lucs.PresenceAsString}, func(c *lucs.Client) error { return c.Users.SetPresence(t.Context(), aGUID, "Away") },
			sent{"POST", "/p/v1.0/users/" + aGUID + "/setpresence", `"Away"`, "application/json; charset=utf-8", 6}},
		"presence, query": {lucs.Dialect{PresenceEncoding: lucs.PresenceAsQuery, PresenceParameter: "to", Version: "api/v2"},
			func(c *lucs.Client) error { return c.Users.SetPresence(t.Context(), aGUID, "Bin weg") },
			sent{"POST", "/p/api/v2/users/" + aGUID + "/setpresence?to=Bin+weg", "", "", 0}},
	} {
		t.Run(name, func(t *testing.T) {
			cl, err := lucs.New(lucs.Config{BaseURL: srv.URL + "/p/", APIKey: core.NewSecret(key), Dialect: c.d})
			require.NoError(t, err)
			defer cl.CloseIdleConnections()
			require.NoError(t, c.do(cl), "an answer without a body is an answer")
			require.Equal(t, c.want, got)
		})
	}
}

func TestACertificateOfACompanysOwnAuthority(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("[]")) }))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	cfg := lucs.Config{BaseURL: srv.URL, APIKey: core.NewSecret(key)}
	c, err := lucs.New(cfg, lucs.WithMaxAttempts(1))
	require.NoError(t, err)
	_, err = core.Collect(c.Services.List(t.Context()))
	require.ErrorIs(t, err, core.ErrUnavailable)
	require.Contains(t, resttest.ErrorOf(t, err).Hint, "root certificates")
	var unknown *tls.CertificateVerificationError
	require.ErrorAs(t, err, &unknown)

	c, err = lucs.New(cfg, lucs.WithHTTPClient(srv.Client()))
	require.NoError(t, err)
	_, err = core.Collect(c.Services.List(t.Context()))
	require.NoError(t, err)

	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer slow.Close()
	c, err = lucs.New(lucs.Config{BaseURL: slow.URL, APIKey: core.NewSecret(key)}, lucs.WithHTTPClient(&http.Client{Timeout: 20 * time.Millisecond}), lucs.WithMaxAttempts(1))
	require.NoError(t, err)
	_, err = core.Collect(c.Services.List(t.Context()))
	require.ErrorIs(t, err, core.ErrUnavailable, "the client's timeout is that of an attempt")
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}

func TestUnconfiguredOperationsSendNothing(t *testing.T) {
	c, mt := mocked(t, lucs.Dialect{})
	_, err := core.Collect(c.Users.List(t.Context()))
	require.ErrorIs(t, err, core.ErrUnsupported)
	_, err = c.Users.Get(t.Context(), aGUID)
	require.ErrorIs(t, err, core.ErrUnsupported)
	_, err = c.Users.Replace(t.Context(), lucs.User{ID: aGUID})
	require.ErrorIs(t, err, core.ErrUnsupported)
	_, err = c.Users.Modify(t.Context(), aGUID, func(*lucs.User) error { return nil })
	require.ErrorIs(t, err, core.ErrUnsupported)
	require.ErrorIs(t, c.Users.Delete(t.Context(), aGUID), core.ErrUnsupported)
	require.Zero(t, mt.GetTotalCallCount())
}
