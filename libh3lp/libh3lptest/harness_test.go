package libh3lptest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

const (
	api  = "/2011-12-03"
	api2 = "/2013-07-21"
	form = "application/x-www-form-urlencoded"
	none = "none" // a header with this value is not sent
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

type reply struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

// send makes a request just as it is told.
func (d *desk) send(method, path, body string, headers ...string) (*reply, error) {
	d.t.Helper()
	r, err := http.NewRequest(method, d.base+path, strings.NewReader(body))
	require.NoError(d.t, err)
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i+1] == none {
			r.Header.Del(headers[i])
		}
	}
	resp, err := d.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return &reply{t: d.t, status: resp.StatusCode, header: resp.Header, body: string(text)}, err
}

// do makes a request of the API with the session, the version and JSON; a body
// that is no string is marshalled. Given headers come on top.
func (d *desk) do(method, path string, body any, headers ...string) *reply {
	d.t.Helper()
	text, ok := body.(string)
	if body != nil && !ok {
		b, err := json.Marshal(body)
		require.NoError(d.t, err)
		text = string(b)
	}
	version, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	all := []string{"X-API-Version", version, "Content-Type", "application/json", "Cookie", d.cookie}
	r, err := d.send(method, path, text, append(all, headers...)...)
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

// as makes the client somebody else, who has [SeedPassword].
func (d *desk) as(username string) {
	d.t.Helper()
	d.cookie = d.login(username, SeedPassword).session()
}

// session is what a Cookie header must hold from now on.
func (r *reply) session() string {
	r.t.Helper()
	r.is(200)
	value, _, _ := strings.Cut(r.header.Get("Set-Cookie"), ";")
	require.NotEmpty(r.t, value, r.body)
	return value
}

func (r *reply) is(status int) *reply {
	r.t.Helper()
	require.Equal(r.t, status, r.status, r.body)
	return r
}

func (r *reply) decode(to any) {
	r.t.Helper()
	dec := json.NewDecoder(strings.NewReader(r.body))
	dec.UseNumber()
	require.NoError(r.t, dec.Decode(to), r.body)
}

func (r *reply) object() (o m) {
	r.t.Helper()
	r.decode(&o)
	return o
}

func (r *reply) array() (a []m) {
	r.t.Helper()
	r.decode(&a)
	require.NotNil(r.t, a, "not an array: %s", r.body)
	return a
}

// one is the only element of an answer to a create or an update.
func (r *reply) one() m {
	r.t.Helper()
	a := r.is(200).array()
	require.Len(r.t, a, 1)
	return a[0]
}

// succeeded checks for an acknowledgement.
func (r *reply) succeeded() {
	r.t.Helper()
	require.Equal(r.t, m{"success": true}, r.is(200).object())
}

// failed checks for a failure as documented, and returns its reason.
func (r *reply) failed(status int) string {
	r.t.Helper()
	o := r.is(status).object()
	require.Len(r.t, o, 2)
	require.Contains(r.t, o, "success")
	require.Nil(r.t, o["success"])
	require.NotEmpty(r.t, o["message"])
	return o["message"].(string)
}

func (r *reply) isPage(status int) {
	r.t.Helper()
	r.is(status)
	require.Equal(r.t, "text/html; charset=utf-8", r.header.Get("Content-Type"))
	require.True(r.t, strings.HasPrefix(r.body, "<"), r.body)
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
	return r.is(200).body
}

// each returns one field of each object.
func each(objects []m, field string) (out []any) {
	for _, o := range objects {
		out = append(out, o[field])
	}
	return out
}

func number(id int64) json.Number { return json.Number(fmt.Sprint(id)) }
