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

// adjust changes the configuration of a client.
type adjust func(*lucs.Config)

func attempts(n int) adjust { return func(cfg *lucs.Config) { cfg.MaxAttempts = n } }

func unpaced(cfg *lucs.Config) { cfg.RateLimit = core.RateLimit{PerSecond: 100_000, Burst: 1000} }

// over returns a client of a simulator, in memory.
func over(t testing.TB, sim *lucstest.Server, adjusts ...adjust) *lucs.Client {
	t.Helper()
	return overAs(t, sim, lucs.Dialect{}, adjusts...)
}

func overAs(t testing.TB, sim *lucstest.Server, d lucs.Dialect, adjusts ...adjust) *lucs.Client {
	t.Helper()
	cfg := configOf(sim, d)
	for _, adjust := range adjusts {
		adjust(&cfg)
	}
	c, err := lucs.New(cfg)
	require.NoError(t, err)
	return c
}

func configOf(sim *lucstest.Server, d lucs.Dialect) lucs.Config {
	return lucs.Config{BaseURL: lucstest.Origin, Auth: lucs.APIKey{Key: core.NewSecret(lucstest.APIKey)}, Dialect: d,
		ClientOptions: core.ClientOptions{Transport: sim.Transport()}}
}

const (
	base  = "https://lucs.example.test/api"
	key   = "key-SECRET-0815"
	aGUID = "11111111-2222-4333-8444-555555555555"
	other = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
)

// mocked returns a client whose requests are answered by a mock transport of its own. It
// sends each request once, and looks once after a change.
func mocked(t testing.TB, d lucs.Dialect, adjusts ...adjust) (*lucs.Client, *httpmock.MockTransport) {
	t.Helper()
	mt := httpmock.NewMockTransport()
	cfg := lucs.Config{BaseURL: base, Auth: lucs.APIKey{Key: core.NewSecret(key)}, Dialect: d,
		ClientOptions: core.ClientOptions{Transport: mt, MaxAttempts: 1, ReadBack: -1}}
	for _, adjust := range adjusts {
		adjust(&cfg)
	}
	c, err := lucs.New(cfg)
	require.NoError(t, err)
	return c, mt
}

// roundTrip answers everything with an empty object, and shows where it was sent.
type roundTrip func(url string)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	f(r.URL.String())
	return httpmock.NewStringResponse(200, "{}"), nil
}
