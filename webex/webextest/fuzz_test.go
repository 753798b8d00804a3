package webextest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/webex/webextest"
)

// Whatever is asked, there is an answer with a tracking id, never a panic.
func FuzzServer(f *testing.F) {
	for _, seed := range []struct{ method, path, body string }{
		{"GET", "/people?max=3&after=YWZ0ZXI6MQ&callingData=true", ""},
		{"POST", "/people", `{"emails":["a@example.com"],"displayName":"A","licenses":[1]}`},
		{"PUT", person(webextest.PersonBen), `{"displayName":"B","phoneNumbers":[{"type":{},"value":1}],"loginEnabled":{}}`},
		{"PUT", person(webextest.PersonBen), `{"displayName":"B","phoneNumbers":[{"type":{},"value":1}]}`},
		{"PUT", supervisor(webextest.PersonDana) + assist, `{"agents":[{"id":"x","action":"ADD"},null,1]}`},
		{"POST", supervisors, `{"id":null,"agents":[{}]}`},
		{"DELETE", supervisors, `{"supervisorIds":[{}],"deleteAll":1}`},
		{"PUT", queuePath(webextest.LocationAustin, webextest.QueueSupport), `{"callPolicies":{"policy":[]},"agents":[{"id":"x","weight":1}],` +
			`"name":null}`},
		{"PUT", queueAgents + "/" + webextest.PersonAna + "/settings" + assist, `{"settings":[null,{"queueId":1}]}`},
		{"GET", queueAgents + "/availableAgents?locationId=x&order=,,", ""},
		{"POST", "/access_token", "grant_type=%zz"},
	} {
		f.Add(seed.method, seed.path, seed.body)
	}
	f.Fuzz(func(t *testing.T, method, path, body string) {
		r, err := http.NewRequest(method, webextest.Origin+"/v1"+path, strings.NewReader(body))
		if err != nil {
			t.Skip()
		}
		r.Header.Set("Authorization", "Bearer "+webextest.Bearer)
		r.Header.Set("Content-Type", "application/json")
		sim := webextest.NewServer(webextest.WithSampleData())
		w := httptest.NewRecorder()
		sim.ServeHTTP(w, r)
		require.NotEmpty(t, w.Header().Get("Trackingid"))
		for _, p := range sim.People() {
			require.NotEmpty(t, p["emails"])
		}
		again := httptest.NewRecorder()
		r = httptest.NewRequest("GET", webextest.BaseURL+"/people?callingData=true", nil)
		r.Header.Set("Authorization", "Bearer "+webextest.Bearer)
		sim.ServeHTTP(again, r)
		require.Equal(t, 200, again.Code, "the state is still good")
	})
}

func FuzzKey(f *testing.F) {
	for _, id := range []string{webextest.PersonAna, webextest.QueueOrders, padded(webextest.PersonAna), webextest.OrgKey, "", "=", "Y2lz"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		key := webextest.Key(id)
		if key == "" {
			require.Empty(t, id)
			return
		}
		require.Equal(t, webextest.Key(key), webextest.Key(webextest.ID("PEOPLE", webextest.Key(key))))
	})
}
