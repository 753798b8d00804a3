package lucstest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

type m = map[string]any

// site is a simulated installation and a plain HTTP client of it.
type site struct {
	*lucstest.Server
	t      *testing.T
	client *http.Client
	key    string
	prefix string // before the paths
}

// sample is an installation with the sample data.
func sample(t *testing.T, opts ...lucstest.Option) *site {
	t.Helper()
	return newSite(t, append([]lucstest.Option{lucstest.WithSampleData()}, opts...)...)
}

func newSite(t *testing.T, opts ...lucstest.Option) *site {
	t.Helper()
	sim := lucstest.NewServer(opts...)
	return &site{Server: sim, t: t, client: &http.Client{Transport: sim.Transport()}, key: lucstest.APIKey, prefix: "/v1.0"}
}

type reply struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

// do sends a body: a string as it is, anything else as JSON. The headers are names
// and values in turn; a blank value takes a header away.
func (s *site) do(method, path string, body any, headers ...string) *reply {
	s.t.Helper()
	r, err := s.try(method, path, body, headers...)
	require.NoError(s.t, err)
	return r
}

func (s *site) try(method, path string, body any, headers ...string) (*reply, error) {
	s.t.Helper()
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		require.NoError(s.t, err)
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, lucstest.Origin+s.prefix+path, content)
	require.NoError(s.t, err)
	if content != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	req.Header.Set("Accept", "application/json")
	if s.key != "" {
		req.Header.Set("Authorization", s.key)
	}
	for i := 0; i < len(headers); i += 2 {
		if req.Header.Set(headers[i], headers[i+1]); headers[i+1] == "" {
			req.Header.Del(headers[i])
		}
	}
	res, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return &reply{t: s.t, status: res.StatusCode, header: res.Header, body: string(text)}, err
}

func (s *site) get(path string, headers ...string) *reply {
	s.t.Helper()
	return s.do("GET", path, nil, headers...)
}

func (s *site) post(path string, body any, headers ...string) *reply {
	s.t.Helper()
	return s.do("POST", path, body, headers...)
}

// members are the users of a service, by the API.
func (s *site) members(service, query string) []m {
	s.t.Helper()
	return s.get("/services/" + service + "/users" + query).is(200).array()
}

// member is one of them.
func (s *site) member(service, id string) m {
	s.t.Helper()
	for _, u := range s.members(service, "") {
		if u["Id"] == id {
			return u
		}
	}
	require.Fail(s.t, "not a member", id)
	return nil
}

func (s *site) block(id string) *reply   { s.t.Helper(); return s.post("/users/"+id+"/block", nil) }
func (s *site) unblock(id string) *reply { s.t.Helper(); return s.post("/users/"+id+"/unblock", nil) }

func (s *site) setPresence(id, word string) *reply {
	s.t.Helper()
	return s.post("/users/"+id+"/setpresence", m{"PresenceState": word})
}

// newTask is the least that a task needs, with changes; nil takes a field away.
func newTask(service string, changes ...m) m {
	return with(m{
		"Service": service, "DistributeToAgent": true,
		"Required": m{"Im": false, "Audio": false, "Video": false, "DesktopSharing": false, "ConversationContext": false},
	}, changes...)
}

// task creates a task and returns its id.
func (s *site) task(service string, changes ...m) string {
	s.t.Helper()
	var id string
	s.post("/tasks", newTask(service, changes...)).is(200).decode(&id)
	return id
}

// state is a task's, by the API; agent is the SIP URI of who has it.
func (s *site) state(task string) (state, agent any) {
	s.t.Helper()
	t := s.get("/tasks/" + task).is(200).object()
	return t["State"], t["Agent"]
}

func with(o m, changes ...m) m {
	for _, change := range changes {
		for name, value := range change {
			if o[name] = value; value == nil {
				delete(o, name)
			}
		}
	}
	return o
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

func (r *reply) object() (o m) { r.t.Helper(); r.decode(&o); return o }

func (r *reply) array() (a []m) { r.t.Helper(); r.decode(&a); return a }

func (r *reply) message() string {
	r.t.Helper()
	text, _ := r.object()["Message"].(string)
	require.NotEmpty(r.t, text)
	return text
}

// each returns one field of each object.
func each(objects []m, field string) (out []any) {
	for _, o := range objects {
		out = append(out, o[field])
	}
	return out
}
