package lucs_test

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
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

// foreign is a LUCS server on loopback that shares no code with the simulator and
// is otherwise than the defaults in everything that can be configured.
type foreign struct {
	t  *testing.T
	mu sync.Mutex

	people  map[string]map[string]any
	members []string
	work    []map[string]any
	calls   map[string]map[string]any
}

func (f *foreign) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	say := func(v any) {
		w.WriteHeader(http.StatusAccepted)
		json.NewEncoder(w).Encode(v)
	}
	if r.Header.Get("X-Company-Key") != "Token token="+foreignKey || r.Header.Get("Authorization") != "" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/intern/lucs/rest/v3/")
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	q := r.URL.Query()
	parts := strings.Split(path, "/")
	person := func(id string) map[string]any {
		p := f.people[strings.ToLower(id)]
		if p == nil {
			w.WriteHeader(http.StatusNotFound)
			return map[string]any{}
		}
		return p
	}
	in := func() (o map[string]any) {
		require.NoError(f.t, json.Unmarshal(body, &o), "%s", body)
		return o
	}
	all := func(ids []string, keep func(map[string]any) bool) {
		list := []any{}
		for _, id := range ids {
			if p := f.people[id]; p != nil && keep(p) {
				list = append(list, p)
			}
		}
		say(list)
	}
	anybody := func(map[string]any) bool { return true }
	switch route := r.Method + " " + path; {
	case route == "POST contactpoints/all":
		say([]any{map[string]any{"id": foreignService, "name": "Hotline", "serviceSip": "sip:hotline@firma.example"}})
	case route == "GET members" && q.Get("of") == foreignService:
		all(f.members, func(p map[string]any) bool { return q.Get("waehlbar") == "" || p["isSelectable"] == true })
	case route == "GET people":
		all(f.members, anybody)
	case route == "PUT people":
		p := in()
		id := fmt.Sprintf("a0000000-0000-4000-8000-%012d", len(f.members))
		p["id"], p["isBlockedByLuwareApi"], p["isSelectable"], p["Zustand"] = id, false, true, "frei"
		f.people[id], f.members = p, append(f.members, id)
		say([]any{p})
	case route == "PATCH presence":
		require.Equal(f.t, "api", q.Get("source"))
		person(q.Get("person"))["Zustand"] = in()["neu"]
	case parts[0] == "people" && len(parts) == 4:
		p := person(parts[1])
		p["isBlockedByLuwareApi"] = r.Method == "PUT"
		p["isSelectable"] = false
		say(map[string]any{})
	case parts[0] == "people" && len(parts) == 3 && r.Method == "POST":
		person(parts[1])
		delete(f.people, parts[1])
	case parts[0] == "people" && len(parts) == 2 && r.Method == "GET":
		if p := person(parts[1]); len(p) > 0 {
			say(p)
		}
	case parts[0] == "people" && len(parts) == 2 && r.Method == "PUT":
		whole := map[string]any{} // in its own spelling
		for name, v := range in() {
			for own := range person(parts[1]) {
				if strings.EqualFold(own, name) {
					name = own
				}
			}
			whole[name] = v
		}
		f.people[parts[1]] = whole
	case route == "PUT todo":
		task := in()
		task["id"] = fmt.Sprintf("todo-%d", len(f.work))
		f.work = append(f.work, task)
		io.WriteString(w, task["id"].(string))
	case route == "GET todo":
		for _, task := range f.work {
			if task["id"] == q.Get("id") {
				say([]any{task})
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
	case route == "GET contactpoints/"+foreignService+"/todo":
		say(f.work)
	case route == "PUT ring":
		cb := in()
		cb["Id"] = "cb000000-0000-4000-8000-000000000001"
		f.calls[cb["Id"].(string)] = cb
		say(cb)
	case route == "GET ring" && q.Has("extern"), route == "POST ring/find":
		if r.Method == "POST" {
			require.Equal(f.t, []any{"2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"}, []any{in()["von"], in()["bis"]})
		}
		list := []any{}
		for _, cb := range f.calls {
			list = append(list, cb)
		}
		say(list)
	case parts[0] == "ring" && f.calls[parts[1]] != nil && r.Method == "GET":
		say(f.calls[parts[1]])
	case parts[0] == "ring" && f.calls[parts[1]] != nil && r.Method == "DELETE":
		delete(f.calls, parts[1])
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

const (
	foreignKey     = "f0reign-SECRET"
	foreignService = "5e000000-0000-4000-8000-000000000001"
	foreignAnna    = "a0000000-0000-4000-8000-00000000000a"
)

// foreignDialect is the one line that a customer changes, and not code.
var foreignDialect = lucs.Dialect{
	Version: "rest/v3",
	Routes: lucs.Routes{
		Services: "POST /contactpoints/all", ServiceUsers: "GET /members?of={serviceId}", ServiceTasks: "GET /contactpoints/{serviceId}/todo",
		CreateUser: "PUT /people", BlockUser: "PUT /people/{userId}/state/blocked", UnblockUser: "DELETE /people/{userId}/state/blocked",
		SetPresence: "PATCH /presence?person={userId}&source=api", CreateTask: "PUT /todo", Task: "GET /todo?id={taskIdentifier}",
		CreateCallback: "PUT /ring", Callbacks: "GET /ring", Callback: "GET /ring/{callbackId}", CancelCallback: "DELETE /ring/{callbackId}",
		SearchCallbacks: "POST /ring/find", Users: "GET /people", User: "GET /people/{userId}", ReplaceUser: "PUT /people/{userId}", DeleteUser: "POST /people/{userId}/remove",
	},
	PresenceEncoding: lucs.PresenceAsObject, PresenceField: "neu", PresenceNames: []string{"Zustand"},
	PresenceWords:       lucs.PresenceWords{Available: "frei", Busy: "besetzt", Away: "weg", DND: "nicht stoeren", Offline: "aus"},
	SelectableParameter: "waehlbar", ExternalTaskParameter: "extern", SearchFrom: "von", SearchTo: "bis",
}

func TestDialect_AServerWhereEverythingDiffers(t *testing.T) {
	f := &foreign{t: t, members: []string{foreignAnna}, calls: map[string]map[string]any{}, people: map[string]map[string]any{
		foreignAnna: {"id": foreignAnna, "sipUri": "sip:anna@firma.example", "isBlockedByLuwareApi": false, "isSelectable": true, "Zustand": "frei",
			"currentProfile": "Tag", "traits": nil, "profiles": []any{}, "roles": nil, "x-later": map[string]any{"deep": []any{nil}}},
	}}
	srv := httptest.NewServer(f)
	defer srv.Close()
	open := func(routes func(*lucs.Routes)) *lucs.Client {
		d := foreignDialect
		routes(&d.Routes)
		c, err := lucs.New(lucs.Config{BaseURL: srv.URL + "/intern/lucs", Dialect: d, ClientOptions: core.ClientOptions{MaxAttempts: 1},
			Auth: lucs.APIKey{Key: core.NewSecret(foreignKey), Header: "X-Company-Key", Prefix: "Token token="}})
		require.NoError(t, err)
		t.Cleanup(c.CloseIdleConnections)
		return c
	}
	for name, routes := range map[string]func(*lucs.Routes){
		"with its own routes for users": func(*lucs.Routes) {},
		"without them":                  func(r *lucs.Routes) { r.Users, r.User, r.ReplaceUser, r.DeleteUser = "", "", "", "" },
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			c := open(routes)
			s := c.Store()
			users, err := core.Collect(s.ListUsers(ctx, core.UserQuery{Login: "sip:ANNA@firma.example"}))
			require.NoError(t, err)
			require.Len(t, users, 1)
			made, err := s.CreateUser(ctx, core.UserSpec{Login: "sip:" + strings.ReplaceAll(name, " ", "") + "@firma.example", Fields: map[string]any{"CurrentProfile": "Tag"}})
			require.NoError(t, err)
			_, err = s.GetUser(ctx, made.ID)
			require.NoError(t, err)
			_, err = s.GetUser(ctx, aGUID)
			require.ErrorIs(t, err, core.ErrNotFound)
			for _, q := range []core.AssignmentQuery{{UserID: made.ID}, {Target: core.Target{Kind: core.KindQueue, ID: foreignService}}} {
				links, err := core.Collect(s.ListAssignments(ctx, q))
				require.NoError(t, err)
				require.True(t, slices.ContainsFunc(links, func(a core.Assignment) bool { return a.UserID == made.ID && a.Target.ID == foreignService }))
			}
			for _, to := range []core.Availability{core.Busy, core.Away, core.DND, core.Offline, core.Available} {
				require.NoError(t, s.SetPresence(ctx, foreignAnna, to))
				p, err := s.Presence(ctx, foreignAnna)
				require.NoError(t, err)
				require.Equal(t, to, p.Availability)
			}
			b, err := s.Block(ctx, foreignAnna)
			require.NoError(t, err)
			require.Len(t, b.Changed, 1)
			selectable, err := core.Collect(c.Services.ListUsers(ctx, foreignService, lucs.ServiceUserListOptions{Selectable: true}))
			require.NoError(t, err)
			require.False(t, slices.ContainsFunc(selectable, func(u lucs.User) bool { return u.ID == foreignAnna }))
			require.NoError(t, s.Unblock(ctx, foreignAnna, b))

			id, err := c.Tasks.Create(ctx, lucs.Task{Service: foreignService, ExternalTaskID: core.Set("x")})
			require.NoError(t, err)
			task, err := c.Tasks.Get(ctx, id)
			require.NoError(t, err)
			require.Equal(t, "x", task.ExternalTaskID.Or(""))
			tasks, err := core.Collect(c.Services.ListTasks(ctx, foreignService))
			require.NoError(t, err)
			require.NotEmpty(t, tasks)

			cb := newCallback()
			cb.ExternalTaskID = core.Set("ext")
			ring, err := c.Callbacks.Create(ctx, cb)
			require.NoError(t, err)
			_, err = c.Callbacks.Get(ctx, ring.ID)
			require.NoError(t, err)
			found, err := core.Collect(c.Callbacks.List(ctx, lucs.CallbackListOptions{ExternalTaskID: "ext"}))
			require.NoError(t, err)
			require.Len(t, found, 1)
			day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			found, err = core.Collect(c.Callbacks.Search(ctx, lucs.CallbackSearch{From: day, To: day.AddDate(0, 0, 1)}))
			require.NoError(t, err)
			require.Len(t, found, 1)
			require.NoError(t, c.Callbacks.Cancel(ctx, ring.ID))
			require.ErrorIs(t, c.Callbacks.Cancel(ctx, ring.ID), core.ErrNotFound)

			_, err = s.UpdateUser(ctx, foreignAnna, core.UserChange{Fields: map[string]any{"DefaultProfile": "Nacht"}})
			deleted := s.DeleteUser(ctx, made.ID)
			if name == "without them" {
				require.ErrorIs(t, err, core.ErrUnsupported)
				require.ErrorIs(t, deleted, core.ErrUnsupported)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "Nacht", f.people[foreignAnna]["DefaultProfile"])
			require.Equal(t, map[string]any{"deep": []any{nil}}, f.people[foreignAnna]["x-later"])
			require.NoError(t, deleted)
			require.ErrorIs(t, s.DeleteUser(ctx, made.ID), core.ErrNotFound)
		})
	}
}
