package avaya_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

func TestGetQueue(t *testing.T) {
	simulate(t, func(b *bench) {
		for q, err := range b.client.Queues.List(b.Context(), avaya.QueueListOptions{}) {
			require.NoError(b, err)
			got, err := b.client.Queues.Get(b.Context(), q.QueueID)
			require.NoError(b, err)
			require.Equal(b, &q, got)
		}
		require.NotEmpty(b, b.srv.Requests("Queues.Get"))
		_, err := b.client.Queues.Get(b.Context(), "00000000-0000-4000-8000-000000000000")
		require.ErrorIs(b, err, core.ErrNotFound)
		_, err = b.client.Queues.Get(b.Context(), "..")
		require.ErrorIs(b, err, core.ErrInvalid)
	}, avayatest.WithSampleData())
}

func TestGetQueueOnTheWire(t *testing.T) {
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder("POST", `=~/protocol/openid-connect/token$`, httpmock.NewStringResponder(200,
		`{"access_token":"t","expires_in":900}`))
	const path = "https://avaya.invalid/api/admin/match/v1/accounts/QWERTY/queues/q-1"
	mock.RegisterResponder("GET", path, httpmock.ResponderFromMultipleResponses([]*http.Response{
		httpmock.NewStringResponse(200, `{"queueId":"q-1","name":"EU Billing","tomorrow":{"n":12345678901234567890}}`),
		httpmock.NewStringResponse(200, `{"name":"EU Billing"}`),
		httpmock.NewStringResponse(200, `<html>`),
	}))
	cfg := config(avayatest.Origin)
	cfg.Transport = mock
	c, err := avaya.New(cfg)
	require.NoError(t, err)
	q, err := c.Queues.Get(t.Context(), "q-1")
	require.NoError(t, err)
	require.Equal(t, "EU Billing", q.Name)
	require.Equal(t, core.Extra{"tomorrow": json.RawMessage(`{"n":12345678901234567890}`)}, q.Extra)
	for range 2 { // one without an id, and a page
		_, err = c.Queues.Get(t.Context(), "q-1")
		require.ErrorIs(t, err, core.ErrProtocol)
	}
	require.Equal(t, 3, mock.GetCallCountInfo()["GET "+path])
}
