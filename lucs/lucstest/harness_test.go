package lucstest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
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

// reply is an answer, with what only this simulator's answers have.
type reply struct{ *simnettest.Reply }

// do asks as [simnettest.Send] does, with the key and what belongs to JSON.
func (s *site) do(method, path string, body any, headers ...string) *reply {
	s.t.Helper()
	r, err := s.try(method, path, body, headers...)
	require.NoError(s.t, err)
	return r
}

func (s *site) try(method, path string, body any, headers ...string) (*reply, error) {
	s.t.Helper()
	own := []string{"Accept", "application/json", "Authorization", s.key}
	if body != nil {
		own = append(own, "Content-Type", "application/json; charset=utf-8")
	}
	r, err := simnettest.Send(s.t, s.client, method, lucstest.Origin+s.prefix+path, body, append(own, headers...)...)
	return &reply{r}, err
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
	return s.get("/services/" + service + "/users" + query).is(200).Array()
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

func (s *site) block(id string) *reply { s.t.Helper(); return s.post("/users/"+id+"/block", nil) }

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
	s.post("/tasks", newTask(service, changes...)).is(200).Decode(&id)
	return id
}

// state is a task's, by the API; agent is the SIP URI of who has it.
func (s *site) state(task string) (state, agent any) {
	s.t.Helper()
	t := s.get("/tasks/" + task).is(200).Object()
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
	r.T.Helper()
	require.Equal(r.T, status, r.Status, r.Body)
	return r
}

func (r *reply) message() string {
	r.T.Helper()
	text, _ := r.Object()["Message"].(string)
	require.NotEmpty(r.T, text)
	return text
}

func busy(fields m, meeting bool) func(s *site) {
	return func(s *site) {
		s.ChangeUser(lucstest.UserMara, fields)
		s.SetPresence(lucstest.UserMara, "Busy")
		s.SetInMeeting(lucstest.UserMara, meeting)
	}
}

// facts are the three things that are three things, and the reason.
func (s *site) facts(id string) []any {
	s.t.Helper()
	u, ok := s.User(id)
	require.True(s.t, ok)
	return []any{u["IsBlockedByLuwareApi"], u["PresenceState"], u["IsSelectable"], u["NotSelectableReason"]}
}

// userFields are all fields of the documented user, and our two computed ones.
var userFields = strings.Fields(`Id SipUri FirstName LastName IsBlockedByLuwareApi CurrentProfile DefaultProfile NotReadyReason
	NotSelectableReason AAConfiguration NumberOfSimultaneousIm ConversationAsService IsBusySelectable IsBusyInAMeetingSelectable
	ShowAwayAsOffline BusyOnBusyInACallEnabled CanLoginToRecordingManager RetargetType RetargetSource RetargetTo
	RetargetPrivateNumber RetargetOnlyIfInDutyProfile RecordingType Traits Profiles Roles IsSelectable PresenceState`)

func keys(o m) (names []string) {
	for name := range o {
		names = append(names, name)
	}
	return names
}
