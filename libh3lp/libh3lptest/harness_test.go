package libh3lptest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	. "github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

const (
	api  = "/2011-12-03"
	api2 = "/2013-07-21"
	form = "application/x-www-form-urlencoded"
)

type m = map[string]any

// desk is a simulator and a client that has logged in.
type desk struct {
	*Server
	t      *testing.T
	client *http.Client
	base   string
	cookie string
}

func newDesk(t *testing.T, opts ...Option) *desk {
	sim := NewServer(opts...)
	d := &desk{Server: sim, t: t, base: Origin, client: &http.Client{
		Transport:     sim.Transport(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	d.cookie = d.login(Username, Password).session()
	return d
}

// reply is an answer, with what only this simulator's answers have.
type reply struct{ *simnettest.Reply }

// send asks just as it is told; see [simnettest.Send].
func (d *desk) send(method, path string, body any, headers ...string) (*reply, error) {
	d.t.Helper()
	r, err := simnettest.Send(d.t, d.client, method, d.base+path, body, headers...)
	return &reply{r}, err
}

// do makes a request of the API with the session, the version and JSON. Given
// headers come on top.
func (d *desk) do(method, path string, body any, headers ...string) *reply {
	d.t.Helper()
	version, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	all := []string{"X-API-Version", version, "Content-Type", "application/json", "Cookie", d.cookie}
	r, err := d.send(method, path, body, append(all, headers...)...)
	require.NoError(d.t, err)
	return r
}

func (d *desk) get(path string, headers ...string) *reply {
	d.t.Helper()
	return d.do("GET", path, nil, headers...)
}

func (d *desk) login(username, password string) *reply {
	d.t.Helper()
	r, err := d.send("POST", api+"/auth/login", credentials(username, password), "Content-Type", form)
	require.NoError(d.t, err)
	return r
}

func credentials(username, password string) string {
	return url.Values{"username": {username}, "password": {password}}.Encode()
}

// as makes the client another user, who has [SeedPassword].
func (d *desk) as(username string) {
	d.t.Helper()
	d.cookie = d.login(username, SeedPassword).session()
}

// session is what a Cookie header must hold from now on.
func (r *reply) session() string {
	r.T.Helper()
	r.is(200)
	value, _, _ := strings.Cut(r.Header.Get("Set-Cookie"), ";")
	require.NotEmpty(r.T, value, r.Body)
	return value
}

func (r *reply) is(status int) *reply {
	r.T.Helper()
	require.Equal(r.T, status, r.Status, r.Body)
	return r
}

// one is the only element of an answer to a create or an update.
func (r *reply) one() m {
	r.T.Helper()
	a := r.is(200).Array()
	require.Len(r.T, a, 1)
	return a[0]
}

// succeeded checks for an acknowledgement.
func (r *reply) succeeded() {
	r.T.Helper()
	require.Equal(r.T, m{"success": true}, r.is(200).Object())
}

// failed checks for a failure as documented, and returns its reason.
func (r *reply) failed(status int) string {
	r.T.Helper()
	o := r.is(status).Object()
	require.Len(r.T, o, 2)
	require.Contains(r.T, o, "success")
	require.Nil(r.T, o["success"])
	require.NotEmpty(r.T, o["message"])
	return o["message"].(string)
}

func (r *reply) isPage(status int) {
	r.T.Helper()
	r.is(status)
	require.Equal(r.T, "text/html; charset=utf-8", r.Header.Get("Content-Type"))
	require.True(r.T, strings.HasPrefix(r.Body, "<"), r.Body)
}

func userPath(id int64) string  { return fmt.Sprintf("%s/users/%d", api, id) }
func queuePath(id int64) string { return fmt.Sprintf("%s/queues/%d", api, id) }

func assignments(user int64, queue ...int64) string {
	return under(userPath(user)+"/assignments", queue)
}

func operators(queue int64, user ...int64) string {
	return under(queuePath(queue)+"/operators", user)
}

func under(path string, ids []int64) string {
	for _, id := range ids {
		path += fmt.Sprintf("/%d", id)
	}
	return path
}

func presence(name, domain, format string) string {
	return "/presence/jid/" + name + "/" + domain + "/" + format
}

// show is the word that the presence service has for a user or a queue.
func (d *desk) show(name, domain string) string {
	d.t.Helper()
	r, err := d.send("GET", presence(name, domain, "text"), "")
	require.NoError(d.t, err)
	return r.is(200).Body
}

func number(id int64) json.Number { return json.Number(fmt.Sprint(id)) }
