package webex_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/jarcoal/httpmock"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/leaktest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// TestMain fails the package where goroutines of ours are left at the end.
func TestMain(m *testing.M) { leaktest.Main(m) }

var bearer = webex.Bearer{Token: core.NewSecret(webextest.Bearer)}

// over returns a client of a simulator, in memory.
func over(t testing.TB, sim *webextest.Server, tier webex.Tier, opts ...webex.Option) *webex.Client {
	t.Helper()
	return overAs(t, sim, tier, bearer, opts...)
}

func overAs(t testing.TB, sim *webextest.Server, tier webex.Tier, auth webex.Credentials, opts ...webex.Option) *webex.Client {
	t.Helper()
	c, err := webex.New(webex.Config{Auth: auth, Tier: tier},
		append([]webex.Option{webex.WithTransport(sim.Transport())}, opts...)...)
	require.NoError(t, err)
	return c
}

const base = "https://api.example.test/v1"

// mocked returns a client whose requests are answered by a mock transport of its
// own, in tier Assist.
func mocked(t testing.TB, opts ...webex.Option) (*webex.Client, *httpmock.MockTransport) {
	t.Helper()
	mt := httpmock.NewMockTransport()
	c, err := webex.New(webex.Config{Auth: bearer, BaseURL: base, Tier: webex.Assist},
		append([]webex.Option{webex.WithTransport(mt), webex.WithMaxAttempts(1)}, opts...)...)
	require.NoError(t, err)
	return c, mt
}
