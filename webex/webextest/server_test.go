package webextest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/webex/webextest"
)

func TestEverybodyAtOnce(t *testing.T) {
	o := newOrg(t, webextest.WithCrew(webextest.Assist, 4, 40))
	ids := o.Supervisors(webextest.Assist)
	people := o.People()
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			path := supervisor(ids[i%4]) + assist
			id := people[len(people)-1-i]["id"].(string)
			for _, r := range []*http.Request{
				httptest.NewRequest("PUT", webextest.BaseURL+path, strings.NewReader(`{"agents":[{"id":"`+id+`","action":"ADD"}]}`)),
				httptest.NewRequest("GET", webextest.BaseURL+path, nil),
				httptest.NewRequest("GET", webextest.BaseURL+"/people?callingData=true", nil),
			} {
				r.Header.Set("Authorization", "Bearer "+webextest.Bearer)
				r.Header.Set("Content-Type", "application/json")
				o.ServeHTTP(httptest.NewRecorder(), r)
			}
			o.SetPresence(id, "call")
			o.Requests("Supervisors.UpdateAgents")
		})
	}
	wg.Wait()
	for _, id := range ids {
		require.Len(t, o.SupervisedAgents(webextest.Assist, id), 11)
	}
	require.Len(t, o.Requests("Supervisors.UpdateAgents"), 40)
}

// Another client's write, between the read and the write of one.
func TestSomebodyElse(t *testing.T) {
	o := sample(t)
	path := queuePath(webextest.LocationAustin, webextest.QueueDesk)
	read := o.get(path).is(200).rows("agents")
	require.Len(t, read, 2)
	var once sync.Once
	o.Fault(webextest.Fault{Op: "Queues.ReplaceAgents", Match: func(*http.Request, []byte) bool {
		once.Do(func() { o.ChangeQueueAgents(webextest.QueueDesk, m{"id": webextest.PersonOmar}) })
		return false
	}})
	o.put(path, m{"agents": of(webextest.PersonJulia, webextest.AgentDesk, webextest.PersonIvan)}).is(204)
	_, kept := o.QueueAgent(webextest.QueueDesk, webextest.PersonOmar)
	require.False(t, kept, "the last write wins")
}

func TestStartAndClose(t *testing.T) {
	sim := webextest.NewServer(webextest.WithPeople(3))
	base, err := sim.Start()
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(base, "/v1"))
	o := &org{Server: sim, t: t, client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, bearer: webextest.Bearer}
	ids, pages := o.walk(base+"/people?max=3", "items")
	require.Len(t, ids, 4)
	require.Equal(t, 2, pages)
	sim.Fault(webextest.Fault{Op: "People.List", CutBody: 20})
	_, err = o.try("GET", base+"/people", nil)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	sim.Close()
	_, err = o.try("GET", base+"/people", nil)
	require.Error(t, err)
	require.Len(t, sim.People(), 4, "the state stays")
}
