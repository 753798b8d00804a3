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
	require.Equal(t, []any{"v1.0", lucs.PresenceAsObject, "PresenceState", "presence", "isSelectable", "externalTaskId"},
		[]any{d.Version, d.PresenceEncoding, d.PresenceField, d.PresenceParameter, d.SelectableParameter, d.ExternalTaskParameter})
	require.Equal(t, lucs.PresenceWords{Available: "Online", Busy: "Busy", Away: "Away", DND: "DoNotDisturb"}, d.PresenceWords)
	_, err := lucs.New(lucs.Config{BaseURL: base, Auth: lucs.APIKey{Key: core.NewSecret(key)}, Dialect: d})
	require.NoError(t, err, "the defaults, filled in, are a dialect")
}

func TestADialectThatMakesNoSenseIsRefused(t *testing.T) {
	for why, d := range map[string]lucs.Dialect{
		"lacks the parameter {userId}":                 {Routes: lucs.Routes{BlockUser: "/users/block"}},
		"which the operation does not have":            {Routes: lucs.Routes{BlockUser: "/users/{id}/block"}},
		"has the parameter {userId} twice":             {Routes: lucs.Routes{BlockUser: "/users/{userId}/block?x={userId}"}},
		"begins with one slash":                        {Routes: lucs.Routes{Services: "services"}},
		"begins with one slash ":                       {Routes: lucs.Routes{Services: "//evil.example/services"}},
		"no HTTP method":                               {Routes: lucs.Routes{Services: "FETCH /services"}},
		"has a parameter without a closing brace":      {Routes: lucs.Routes{BlockUser: "/users/{userId"}},
		"has a closing brace without an opening one":   {Routes: lucs.Routes{BlockUser: "/users/userId}"}},
		"has a query that cannot be read":              {Routes: lucs.Routes{Services: "/services?%zz"}},
		`Users.Delete, "DELETE"`:                       {Routes: lucs.Routes{DeleteUser: "DELETE"}},
		"not a path segment":                           {Version: "v1?x"},
		`PresenceEncoding "xml" is not one`:            {PresenceEncoding: "xml"},
		`Users.SetPresence, "/users/{userId}/{other}"`: {Routes: lucs.Routes{SetPresence: "/users/{userId}/{other}"}},
	} {
		_, err := lucs.New(lucs.Config{BaseURL: base, Auth: lucs.APIKey{Key: core.NewSecret(key)}, Dialect: d})
		require.ErrorIs(t, err, core.ErrInvalid, why)
		require.Contains(t, err.Error(), strings.TrimSpace(why))
	}
}

func TestSettingsThatMakeNoSenseAreRefused(t *testing.T) {
	good := lucs.Config{BaseURL: base, Auth: lucs.APIKey{Key: core.NewSecret(key)}}
	for why, change := range map[string]adjust{
		"base URL is missing":      func(c *lucs.Config) { c.BaseURL = "" },
		"Auth is missing":          func(c *lucs.Config) { c.Auth = nil },
		"APIKey.Key is missing":    func(c *lucs.Config) { c.Auth = lucs.APIKey{} },
		"plain http":               func(c *lucs.Config) { c.BaseURL = "http://lucs.example.test" },
		"ends in the version":      func(c *lucs.Config) { c.BaseURL += "/v1.0" },
		"MaxAttempts is negative":  func(c *lucs.Config) { c.MaxAttempts = -1 },
		"RateLimit needs":          func(c *lucs.Config) { c.RateLimit.Burst = 1 },
		"Key contains a character": func(c *lucs.Config) { c.Auth = lucs.APIKey{Key: core.NewSecret("a\r\nb: c")} },
		"Prefix contains a character": func(c *lucs.Config) {
			c.Auth = lucs.APIKey{Key: core.NewSecret(key), Prefix: "Bearer\n"}
		},
		"not the name of a header": func(c *lucs.Config) { c.Auth = lucs.APIKey{Key: core.NewSecret(key), Header: "X:Key"} },
		"a meaning of its own":     func(c *lucs.Config) { c.Auth = lucs.APIKey{Key: core.NewSecret(key), Header: "host"} },
	} {
		cfg := good
		change(&cfg)
		_, err := lucs.New(cfg)
		require.ErrorIs(t, err, core.ErrInvalid, why)
		require.Contains(t, err.Error(), why)
	}
	for _, fine := range []string{"http://127.0.0.1:8080", "http://localhost/x", "https://lucs.example.test:8443/a/b/"} {
		_, err := lucs.New(lucs.Config{BaseURL: fine, Auth: good.Auth})
		require.NoError(t, err)
	}
	good.BaseURL, good.AllowInsecureHTTP = "http://lucs.example.test", true
	_, err := lucs.New(good, nil)
	require.NoError(t, err)
}

// TestTheKeyIsWhereItIsToBe: header, prefix, or wherever a hook puts it.
func TestTheKeyIsWhereItIsToBe(t *testing.T) {
	secret := core.NewSecret("hook-SECRET-99")
	hook := lucs.WithRequestHook(func(r *http.Request) {
		r.URL.RawQuery += "&apikey=" + secret.Reveal()
		r.Header.Add("X-Proxy", "yes")
	}, secret)
	for name, c := range map[string]struct {
		auth lucs.Credentials
		opts []lucs.Option
		want func(r *http.Request)
	}{
		"bare": {lucs.APIKey{Key: core.NewSecret(key)}, nil, func(r *http.Request) { require.Equal(t, key, r.Header.Get("Authorization")) }},
		"header, prefix": {lucs.APIKey{Key: core.NewSecret(key), Header: "x-api-key", Prefix: "Key "}, nil, func(r *http.Request) {
			require.Equal(t, "Key "+key, r.Header.Get("X-Api-Key"))
			require.Empty(t, r.Header["Authorization"])
		}},
		"none, by a hook": {nil, []lucs.Option{hook}, func(r *http.Request) {
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
					return httpmock.NewStringResponse(401, `{"Message":"no access for `+r.URL.Query().Get("apikey")+` or `+r.Header.Get("Authorization")+r.Header.Get("X-Api-Key")+`"}`), nil
				})
				cl, err := lucs.New(lucs.Config{BaseURL: base, Auth: c.auth, ClientOptions: core.ClientOptions{Transport: mt}}, c.opts...)
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
			cl, err := lucs.New(lucs.Config{BaseURL: srv.URL + "/p/", Auth: lucs.APIKey{Key: core.NewSecret(key)}, Dialect: c.d})
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
	cfg := lucs.Config{BaseURL: srv.URL, Auth: lucs.APIKey{Key: core.NewSecret(key)}}
	cfg.MaxAttempts = 1
	c, err := lucs.New(cfg)
	require.NoError(t, err)
	_, err = core.Collect(c.Services.List(t.Context()))
	require.ErrorIs(t, err, core.ErrUnavailable)
	require.Contains(t, resttest.ErrorOf(t, err).Hint, "root certificates")
	var unknown *tls.CertificateVerificationError
	require.ErrorAs(t, err, &unknown)

	cfg.Transport = srv.Client().Transport
	c, err = lucs.New(cfg)
	require.NoError(t, err)
	_, err = core.Collect(c.Services.List(t.Context()))
	require.NoError(t, err)
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
