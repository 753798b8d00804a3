package webex_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/leaktest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// TestMain fails the package where goroutines of ours are left at the end.
func TestMain(m *testing.M) { leaktest.Main(m) }

var bearer = webex.Bearer{Token: core.NewSecret(webextest.Bearer)}

// setting changes what a client of a test is made of.
type setting func(*webex.Config, *[]webex.Option)

func attempts(n int) setting {
	return func(cfg *webex.Config, _ *[]webex.Option) { cfg.MaxAttempts = n }
}

func transport(rt http.RoundTripper) setting {
	return func(cfg *webex.Config, _ *[]webex.Option) { cfg.Transport = rt }
}

// readBack is for how long a change is looked for.
func readBack(d time.Duration) setting {
	return func(cfg *webex.Config, _ *[]webex.Option) { cfg.ReadBack = d }
}

func with(o webex.Option) setting {
	return func(_ *webex.Config, opts *[]webex.Option) { *opts = append(*opts, o) }
}

// client returns a client that is changed by settings.
func client(t testing.TB, cfg webex.Config, settings ...setting) *webex.Client {
	t.Helper()
	var opts []webex.Option
	cfg.ReadBack = 20 * time.Millisecond // what never shows is not to take a test's time
	for _, set := range settings {
		set(&cfg, &opts)
	}
	c, err := webex.New(cfg, opts...)
	require.NoError(t, err)
	return c
}

// over returns a client of a simulator, in memory.
func over(t testing.TB, sim *webextest.Server, tier webex.Tier, settings ...setting) *webex.Client {
	t.Helper()
	return overAs(t, sim, tier, bearer, settings...)
}

func overAs(t testing.TB, sim *webextest.Server, tier webex.Tier, auth webex.Credentials, settings ...setting) *webex.Client {
	t.Helper()
	return client(t, webex.Config{ClientOptions: core.ClientOptions{Transport: sim.Transport()}, Auth: auth, Tier: tier}, settings...)
}

const base = "https://api.example.test/v1"

// mocked returns a client whose requests are answered by a mock transport of its
// own, in tier Assist.
func mocked(t testing.TB, settings ...setting) (*webex.Client, *httpmock.MockTransport) {
	t.Helper()
	mt := httpmock.NewMockTransport()
	return client(t, webex.Config{ClientOptions: core.ClientOptions{Transport: mt, MaxAttempts: 1}, Auth: bearer, BaseURL: base,
		Tier: webex.Assist}, settings...), mt
}

// lagging is a sample organisation whose reads are behind.
func lagging(t *testing.T, lag time.Duration) (*webextest.Server, *webex.Store) {
	t.Helper()
	sim := webextest.NewServer(webextest.WithSampleData(), webextest.WithReadLag(lag))
	return sim, over(t, sim, webex.Assist, readBack(0)).Store()
}

// brief answers a creation with the id alone, as minResponse does.
type brief struct{ http.RoundTripper }

func (b brief) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/people") {
		r = r.Clone(r.Context())
		r.URL.RawQuery += "&minResponse=true"
	}
	return b.RoundTripper.RoundTrip(r)
}
