package lucs_test

import (
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/leaktest"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

// TestMain fails the package where goroutines of ours are left at the end.
func TestMain(m *testing.M) { leaktest.Main(m) }

// over returns a client of a simulator, in memory.
func over(t testing.TB, sim *lucstest.Server, opts ...lucs.Option) *lucs.Client {
	t.Helper()
	return overAs(t, sim, lucs.Dialect{}, opts...)
}

func overAs(t testing.TB, sim *lucstest.Server, d lucs.Dialect, opts ...lucs.Option) *lucs.Client {
	t.Helper()
	c, err := lucs.New(lucs.Config{BaseURL: lucstest.Origin, APIKey: core.NewSecret(lucstest.APIKey), Dialect: d},
		append([]lucs.Option{lucs.WithTransport(sim.Transport())}, opts...)...)
	require.NoError(t, err)
	return c
}

const (
	base  = "https://lucs.example.test/api"
	key   = "key-SECRET-0815"
	aGUID = "11111111-2222-4333-8444-555555555555"
	other = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
)

// mocked returns a client whose requests are answered by a mock transport of its own.
func mocked(t testing.TB, d lucs.Dialect, opts ...lucs.Option) (*lucs.Client, *httpmock.MockTransport) {
	t.Helper()
	mt := httpmock.NewMockTransport()
	c, err := lucs.New(lucs.Config{BaseURL: base, APIKey: core.NewSecret(key), Dialect: d},
		append([]lucs.Option{lucs.WithTransport(mt), lucs.WithMaxAttempts(1)}, opts...)...)
	require.NoError(t, err)
	return c, mt
}

// roundTrip answers everything with an empty object, and shows where it was sent.
type roundTrip func(url string)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	f(r.URL.String())
	return httpmock.NewStringResponse(200, "{}"), nil
}
