package avayatest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
)

type object = map[string]any

// api is a plain HTTP client of a simulator. It shares nothing with the SDK.
type api struct {
	t     *testing.T
	srv   *avayatest.Server
	rt    http.RoundTripper
	token string
}

// response is an answer with its body read and, if it is JSON, decoded.
type response struct {
	*http.Response
	raw  string
	json any
}

// obj is the body as an object; at walks into it.
func (r response) obj() object { o, _ := r.json.(object); return o }

func (r response) at(path ...any) any { return at(r.json, path...) }

func at(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			o, _ := v.(object)
			v = o[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

func newAPI(t *testing.T, opts ...avayatest.Option) *api {
	t.Helper()
	srv := avayatest.NewServer(opts...)
	a := &api{t: t, srv: srv, rt: srv.Transport()}
	a.login()
	return a
}

func (a *api) login() {
	a.t.Helper()
	res := a.grant(nil)
	require.Equal(a.t, 200, res.StatusCode, res.raw)
	a.token = res.at("access_token").(string)
}

// grant asks for a token by client credentials, with fields changed: an empty
// value takes the field away.
func (a *api) grant(change map[string]string) response {
	a.t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {avayatest.ClientID}, "client_secret": {avayatest.ClientSecret}}
	for k, v := range change {
		if form.Set(k, v); v == "" {
			form.Del(k)
		}
	}
	return a.send("POST", tokenPath(avayatest.AccountID), form.Encode(), http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Appkey": {avayatest.AppKey}})
}

func tokenPath(account string) string {
	return "/api/auth/v1/" + account + "/protocol/openid-connect/token"
}

func (a *api) send(method, path, body string, h http.Header) response {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, avayatest.Origin+path, strings.NewReader(body))
	require.NoError(a.t, err)
	req.Header = h
	res, err := a.rt.RoundTrip(req)
	require.NoError(a.t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(a.t, err)
	out := response{Response: res, raw: string(raw)}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		require.NoError(a.t, d.Decode(&out.json), out.raw)
	}
	return out
}

func (a *api) header() http.Header {
	return http.Header{"Appkey": {avayatest.AppKey}, "Authorization": {"Bearer " + a.token},
		"Content-Type": {"application/json"}}
}

// full turns "/users/1" into a whole path, by what the service is.
func full(account, path string) string {
	service := "user"
	switch {
	case strings.HasPrefix(path, "/groups"):
		service = "group"
	case strings.HasPrefix(path, "/queues"), strings.HasPrefix(path, "/categories"):
		service = "match"
	}
	return "/api/admin/" + service + "/v1/accounts/" + account + path
}

// do calls the API. A body is JSON as a string, or marshalled.
func (a *api) do(method, path string, body any) response {
	a.t.Helper()
	var text string
	switch b := body.(type) {
	case nil:
	case string:
		text = b
	default:
		data, err := json.Marshal(b)
		require.NoError(a.t, err)
		text = string(data)
	}
	return a.send(method, full(avayatest.AccountID, path), text, a.header())
}

// ok is do for calls whose status is known.
func (a *api) ok(status int, method, path string, body any) response {
	a.t.Helper()
	res := a.do(method, path, body)
	require.Equal(a.t, status, res.StatusCode, "%s %s: %s", method, path, res.raw)
	return res
}

func (a *api) create(user object) string {
	a.t.Helper()
	return a.ok(202, "POST", "/users", user).at("userId").(string)
}

// status asks for one user's status; nil if there is none.
func (a *api) status(id string) object {
	a.t.Helper()
	o, _ := a.ok(200, "POST", "/users:listStatuses", object{"userIds": []string{id}}).at(0).(object)
	return o
}

func (a *api) profileStatus(id string) object {
	a.t.Helper()
	o, _ := a.ok(200, "POST", "/profiles:listStatuses", object{"profileIds": []string{id}}).at(0).(object)
	return o
}

// brief is a status in one line: overall, then the parts in order.
func brief(st object) string {
	if st == nil {
		return "none"
	}
	show := func(o any) string { return at(o, "action").(string) + "/" + at(o, "status").(string) }
	var out strings.Builder
	out.WriteString(show(st))
	if r, ok := st["role"]; ok {
		out.WriteString(" role:" + show(r))
	}
	if r, ok := st["resourcePartitions"]; ok {
		out.WriteString(" resourcePartitions:" + show(r))
	}
	f, _ := st["features"].(object)
	for _, name := range []string{"aci", "chat", "cmvoice", "email", "matching", "messaging", "outbound", "recorder", "voice"} {
		if p, ok := f[name]; ok {
			out.WriteString(" " + name + ":" + show(p))
		}
	}
	return out.String()
}

// person is a user with just what is required, and more.
func person(more object) object {
	out := object{"organizationNodeId": "QWERTY", "loginId": "dana.reyes@example.com", "firstName": "Dana", "lastName": "Reyes"}
	maps.Copy(out, more)
	return out
}

var voice = object{"autoAnswer": false, "afterContactWork": false}

// violations are the field names and codes of a problem, in order.
func violations(r response) (out []string) {
	l, _ := r.at("violations").([]any)
	for _, v := range l {
		line := at(v, "field").(string)
		if code := at(v, "code"); code != nil {
			line += " " + code.(json.Number).String()
		}
		out = append(out, line)
	}
	return out
}

// inTime runs a test in virtual time.
func inTime(t *testing.T, f func(t *testing.T)) { t.Helper(); synctest.Test(t, f) }

const progress = 300 * time.Millisecond

func num(n string) json.Number { return json.Number(n) }
