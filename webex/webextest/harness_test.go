package webextest_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

const (
	supervisors = "/telephony/config/supervisors"
	queueAgents = "/telephony/config/queues/agents"
	queues      = "/telephony/config/queues"
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

// reply is an answer, with what only this simulator's answers have.
type reply struct{ *simnettest.Reply }

// do asks as [simnettest.Send] does, with the bearer and the type of JSON. A path is
// below the base URL.
func (o *org) do(method, path string, body any, headers ...string) *reply {
	o.t.Helper()
	r, err := o.try(method, path, body, headers...)
	require.NoError(o.t, err)
	return r
}

func (o *org) try(method, path string, body any, headers ...string) (*reply, error) {
	o.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = webextest.BaseURL + path
	}
	var own []string
	if body != nil {
		own = append(own, "Content-Type", "application/json")
	}
	if o.bearer != "" {
		own = append(own, "Authorization", "Bearer "+o.bearer)
	}
	r, err := simnettest.Send(o.t, o.client, method, path, body, append(own, headers...)...)
	return &reply{r}, err
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
	r.T.Helper()
	require.Equal(r.T, status, r.Status, r.Body)
	require.NotEmpty(r.T, r.Header.Get("Trackingid"))
	if status == 204 {
		require.Empty(r.T, r.Body)
		require.Empty(r.T, r.Header.Get("Content-Type"))
	}
	return r
}

// rows returns the objects of an array in the answer.
func (r *reply) rows(member string) (out []m) {
	r.T.Helper()
	list, ok := r.Object()[member].([]any)
	require.True(r.T, ok, r.Body)
	for _, v := range list {
		out = append(out, v.(m))
	}
	return out
}

func (r *reply) Object() m {
	r.T.Helper()
	require.Contains(r.T, r.Header.Get("Content-Type"), "application/json")
	return r.Reply.Object()
}

// code checks an error of telephony: its code at the top, inside, and in the
// header.
func (r *reply) code(code string) *reply {
	r.T.Helper()
	o := r.Object()
	require.Equal(r.T, json.Number(code), o["errorCode"], r.Body)
	require.Equal(r.T, json.Number(code), r.rows("errors")[0]["errorCode"])
	require.Equal(r.T, code, r.Header.Get("Cisco-Spark-Error-Codes"))
	require.Equal(r.T, r.Header.Get("Trackingid"), o["trackingId"])
	return r
}

var nextLink = regexp.MustCompile(`<([^<>]*)>; rel="next"`)

// next returns the next link, or "".
func (r *reply) next() string {
	if found := nextLink.FindStringSubmatch(r.Header.Get("Link")); found != nil {
		return found[1]
	}
	return ""
}

// walk follows the links and returns all ids, and how many pages there were.
func (o *org) walk(path, member string) (ids []any, pages int) {
	o.t.Helper()
	for path != "" {
		r := o.get(path).is(200)
		ids = append(ids, simnettest.Each(r.rows(member), "id")...)
		path = r.next()
		pages++
		require.Less(o.t, pages, 200, "the links do not end")
	}
	return ids, pages
}

type m = map[string]any

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
