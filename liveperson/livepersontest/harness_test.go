package livepersontest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

// The tests are numbered as the lines of the simulator's checklist, section 7 of
// the vendor reference.

const (
	account  = "/api/account/" + livepersontest.AccountID
	writer   = "https://" + livepersontest.HostReadWrite + account + "/configuration/le-users/"
	reader   = "https://" + livepersontest.HostReadOnly + account + "/configuration/le-users/"
	reasons  = "https://" + livepersontest.HostReadWrite + account + "/configuration/le-agents/status-reasons"
	loginURL = "https://" + livepersontest.HostLogin + account
	tokenURL = "https://" + livepersontest.HostSentinel + "/sentinel/api/v2/account/" + livepersontest.AccountID + "/app/token"
	viewURL  = "https://" + livepersontest.HostWorkspace + "/manager_workspace" + account + "/agent_view"
	domain   = "https://" + livepersontest.HostDomain + account + "/service/"
)

type centre struct {
	*livepersontest.Server
	t      *testing.T
	client *http.Client
	bearer string
}

func newCentre(t *testing.T, opts ...livepersontest.Option) *centre {
	sim := livepersontest.NewServer(opts...)
	return &centre{Server: sim, t: t, client: &http.Client{Transport: sim.Transport()}, bearer: livepersontest.Bearer}
}

// reply is an answer, with what only this simulator's answers have.
type reply struct{ *simnettest.Reply }

// do asks as [simnettest.Send] does, with the bearer and the type of JSON.
func (c *centre) do(method, url string, body any, headers ...string) *reply {
	c.t.Helper()
	r, err := c.try(method, url, body, headers...)
	require.NoError(c.t, err)
	return r
}

func (c *centre) try(method, url string, body any, headers ...string) (*reply, error) {
	c.t.Helper()
	own := []string{"Content-Type", "application/json"}
	if c.bearer != "" {
		own = append(own, "Authorization", "Bearer "+c.bearer)
	}
	r, err := simnettest.Send(c.t, c.client, method, url, body, append(own, headers...)...)
	return &reply{r}, err
}

func (c *centre) get(url string, headers ...string) *reply {
	c.t.Helper()
	return c.do("GET", url, nil, headers...)
}

func (r *reply) is(status int) *reply {
	r.T.Helper()
	require.Equal(r.T, status, r.Status, r.Body)
	return r
}

func (r *reply) revision() int64 {
	r.T.Helper()
	n, err := strconv.ParseInt(r.Header.Get("ac-revision"), 10, 64)
	require.NoError(r.T, err)
	return n
}

func (r *reply) id() int64 {
	r.T.Helper()
	n, err := strconv.ParseInt(fmt.Sprint(r.Object()["id"]), 10, 64) // a number, or a string as in the samples
	require.NoError(r.T, err)
	return n
}

type m = map[string]any

// agent is a user that may be created, with these changes; nil leaves a field out.
func agent(login string, changes ...m) m {
	u := m{
		"loginName": login, "fullName": "Full " + login, "nickname": "Nick " + login, "email": login + "@example.test",
		"passwordSh": "Init-pass-01", "isEnabled": true, "maxChats": 2,
		"profileIds": []int64{livepersontest.ProfileAgent}, "memberOf": m{"agentGroupId": livepersontest.RootGroup},
	}
	for _, change := range changes {
		maps.Copy(u, change)
	}
	maps.DeleteFunc(u, func(_ string, v any) bool { return v == nil })
	return u
}

func (c *centre) create(user m) int64 {
	c.t.Helper()
	return c.do("POST", writer+"users?v=6.0", user).is(201).id()
}

// read returns a user as a client reads it before it writes it back.
func (c *centre) read(id int64) m {
	c.t.Helper()
	return c.get(userURL(id)).is(200).Object()
}

func (c *centre) put(user m, headers ...string) *reply {
	c.t.Helper()
	id, err := user["id"].(json.Number).Int64()
	require.NoError(c.t, err)
	return c.do("PUT", userURL(id), user, headers...)
}

func (c *centre) stored(id int64) m {
	c.t.Helper()
	u, ok := c.User(id)
	require.True(c.t, ok)
	return u
}

func userURL(id int64) string { return writer + "users/" + text(id) + "?v=6.0" }

func text(id int64) string { return strconv.FormatInt(id, 10) }

func with(user m, changes m) m {
	out := maps.Clone(user)
	maps.Copy(out, changes)
	return out
}

func without(user m, names ...string) m {
	out := maps.Clone(user)
	for _, name := range names {
		delete(out, name)
	}
	return out
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// serveOnce hands a request to a handler as a server would.
func serveOnce(h http.Handler, r *http.Request) *http.Response {
	in := r.Clone(r.Context())
	in.RequestURI, in.Host = r.URL.RequestURI(), r.URL.Host
	in.URL.Scheme, in.URL.Host = "", ""
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, in)
	return w.Result()
}
