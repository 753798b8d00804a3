package core_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// TestNewTransport_BoundsTheHeaders: in size, however many they are.
func TestNewTransport_BoundsTheHeaders(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get("n"))
		value := strings.Repeat("x", 100)
		for i := range n {
			w.Header().Set("X-Filler-"+strconv.Itoa(i), value)
		}
	}))
	defer srv.Close()
	rt := core.NewTransport()
	defer rt.CloseIdleConnections()

	for n, ok := range map[int]bool{1000: true, 20_000: false} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"?n="+strconv.Itoa(n), nil)
		require.NoError(t, err)
		res, err := rt.RoundTrip(req)
		if !ok {
			require.ErrorContains(t, err, "headers exceeded 1048576 bytes")
			continue
		}
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.GreaterOrEqual(t, len(res.Header), n)
	}
}
