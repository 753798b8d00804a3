package webextest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/webex/webextest"
)

const (
	supervisors = "/telephony/config/supervisors"
	queueAgents = "/telephony/config/queues/agents"
	queues      = "/telephony/config/queues"
	reasons     = "/telephony/config/cxEssentials/wrapup/reasons"
	assist      = "?hasCxEssentials=true"
)

func supervisor(id string) string { return supervisors + "/" + id }

func queuePath(place, id string) string {
	return "/telephony/config/locations/" + place + "/queues/" + id
}

type org struct {
	*webextest.Server
	t      *testing.T
	client *http.Client
	bearer string
}

func newOrg(t *testing.T, opts ...webextest.Option) *org {
	sim := webextest.NewServer(opts...)
	return &org{Server: sim, t: t, client: &http.Client{Transport: sim.Transport()}, bearer: webextest.Bearer}
}

// sample is an organisation with the sample data.
func sample(t *testing.T, opts ...webextest.Option) *org {
	return newOrg(t, append(opts, webextest.WithSampleData())...)
}

// as asks with another token.
func (o *org) as(bearer string) *org {
	other := *o
	other.bearer = bearer
	return &other
}

// asRole asks with a new token.
func (o *org) asRole(role webextest.Role, scopes ...string) *org {
	bearer := "token-" + string(role) + strings.Join(scopes, ",")
	o.AddToken(bearer, webextest.Token{Role: role, Scopes: scopes})
	return o.as(bearer)
}

type reply struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

// do sends a body: a string as it is, anything else as JSON. A path is below the
// base URL. The headers are names and values in turn.
func (o *org) do(method, path string, body any, headers ...string) *reply {
	o.t.Helper()
	r, err := o.try(method, path, body, headers...)
	require.NoError(o.t, err)
	return r
}

func (o *org) try(method, path string, body any, headers ...string) (*reply, error) {
	o.t.Helper()
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		require.NoError(o.t, err)
		content = bytes.NewReader(text)
	}
	if strings.HasPrefix(path, "/") {
		path = webextest.BaseURL + path
	}
	req, err := http.NewRequestWithContext(o.t.Context(), method, path, content)
	require.NoError(o.t, err)
	if content != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if o.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+o.bearer)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := o.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return &reply{t: o.t, status: res.StatusCode, header: res.Header, body: string(text)}, err
}

func (o *org) get(path string, headers ...string) *reply {
	o.t.Helper()
	return o.do("GET", path, nil, headers...)
}

func (o *org) put(path string, body any) *reply {
	o.t.Helper()
	return o.do("PUT", path, body)
}

func (o *org) post(path string, body any) *reply {
	o.t.Helper()
	return o.do("POST", path, body)
}

func (o *org) form(values url.Values) *reply {
	o.t.Helper()
	return o.do("POST", "/access_token", values.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

func (r *reply) is(status int) *reply {
	r.t.Helper()
	require.Equal(r.t, status, r.status, r.body)
	require.NotEmpty(r.t, r.header.Get("Trackingid"))
	if status == 204 {
		require.Empty(r.t, r.body)
		require.Empty(r.t, r.header.Get("Content-Type"))
	}
	return r
}

func (r *reply) object() (o m) {
	r.t.Helper()
	r.decode(&o)
	return o
}

// rows returns the objects of an array in the answer.
func (r *reply) rows(member string) (out []m) {
	r.t.Helper()
	list, ok := r.object()[member].([]any)
	require.True(r.t, ok, r.body)
	for _, v := range list {
		out = append(out, v.(m))
	}
	return out
}

func (r *reply) decode(to any) {
	r.t.Helper()
	require.Contains(r.t, r.header.Get("Content-Type"), "application/json")
	dec := json.NewDecoder(strings.NewReader(r.body))
	dec.UseNumber()
	require.NoError(r.t, dec.Decode(to), r.body)
}

// code checks an error of telephony: its code at the top, inside, and in the
// header.
func (r *reply) code(code string) *reply {
	r.t.Helper()
	o := r.object()
	require.Equal(r.t, json.Number(code), o["errorCode"], r.body)
	require.Equal(r.t, json.Number(code), r.rows("errors")[0]["errorCode"])
	require.Equal(r.t, code, r.header.Get("Cisco-Spark-Error-Codes"))
	require.Equal(r.t, r.header.Get("Trackingid"), o["trackingId"])
	return r
}

var nextLink = regexp.MustCompile(`<([^<>]*)>; rel="next"`)

// next returns the next link, or "".
func (r *reply) next() string {
	if found := nextLink.FindStringSubmatch(r.header.Get("Link")); found != nil {
		return found[1]
	}
	return ""
}

// walk follows the links and returns all ids, and how many pages there were.
func (o *org) walk(path, member string) (ids []any, pages int) {
	o.t.Helper()
	for path != "" {
		r := o.get(path).is(200)
		ids = append(ids, each(r.rows(member), "id")...)
		path = r.next()
		pages++
		require.Less(o.t, pages, 200, "the links do not end")
	}
	return ids, pages
}

type m = map[string]any

// each returns one field of each object.
func each(rows []m, field string) (out []any) {
	for _, row := range rows {
		out = append(out, row[field])
	}
	return out
}

// row returns the object with this id, in any form.
func row(t *testing.T, rows []m, id string) m {
	t.Helper()
	for _, r := range rows {
		if webextest.Key(r["id"].(string)) == webextest.Key(id) {
			return r
		}
	}
	require.Fail(t, "not listed", "%s in %v", id, rows)
	return nil
}

func listed(rows []m, id string) bool {
	for _, r := range rows {
		if webextest.Key(r["id"].(string)) == webextest.Key(id) {
			return true
		}
	}
	return false
}

func with(o m, changes m) m {
	out := maps.Clone(o)
	maps.Copy(out, changes)
	maps.DeleteFunc(out, func(_ string, v any) bool { return v == nil })
	return out
}

// agents is the body of a write of a supervisor's agents: ids and actions in turn.
func agents(pairs ...string) m {
	list := []m{}
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, m{"id": pairs[i], "action": pairs[i+1]})
	}
	return m{"agents": list}
}

// of is an array of agents without actions.
func of(ids ...string) (list []m) {
	list = []m{}
	for _, id := range ids {
		list = append(list, m{"id": id})
	}
	return list
}

func asPeople(id string) string { return webextest.ID("PEOPLE", webextest.Key(id)) }
