package avaya_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/leaktest"
)

// TestMain fails the package where goroutines of ours are left at the end.
func TestMain(m *testing.M) { leaktest.Main(m) }

// bench is a simulator and a client of it, in memory.
type bench struct {
	*testing.T
	srv    *avayatest.Server
	client *avaya.Client
	store  *avaya.Store
}

// agent adds a user with voice and routing, and an undocumented field.
func (b *bench) agent(login string) (id, queue string) {
	b.Helper()
	queue = b.srv.AddQueue(`{"name":"Sales ` + login + `"}`)
	b.category()
	id = b.srv.AddUser(`{"loginId":"` + login + `@example.com","firstName":"Dana","lastName":"Reyes","roles":["Agent"],
		"features":{"voice":{"autoAnswer":false,"x-tone":{"hz":440.00}},
		"matching":{"queues":[{"queueId":"` + queue + `","proficiency":3,"x-note":null}],"attributes":["Language.Spanish"],"x-more":[1,2.50]}},
		"x-badge":12345678901234567890,"x-nested":{"deep":[{"a":null,"b":[]}]}}`)
	return id, queue
}

func (b *bench) category() {
	if len(b.srv.Categories()) == 0 {
		b.srv.AddCategory(`{"name":"Language","attributes":[{"value":"Spanish"},{"value":"Basque"}]}`)
	}
}

// own returns what the simulator has stored for a user itself.
func (b *bench) own(id string) map[string]any {
	b.Helper()
	u, ok := b.srv.User(id)
	require.True(b, ok)
	return u
}

// settled waits for an update and requires that it is in effect.
func (b *bench) settled(id string, after core.Change) core.Settlement {
	b.Helper()
	s, err := b.client.Users.Settle(b.Context(), id, core.SettleAfter(after))
	require.NoError(b, err)
	return s
}

// config is a configuration that fits a simulator with its default credentials.
func config(base string) avaya.Config {
	return avaya.Config{BaseURL: base, AccountID: avayatest.AccountID, AppKey: core.NewSecret(avayatest.AppKey),
		Auth: avaya.ClientCredentials{ID: avayatest.ClientID, Secret: core.NewSecret(avayatest.ClientSecret)}}
}

func newClient(t *testing.T, srv *avayatest.Server, edits ...func(*core.ClientOptions)) *avaya.Client {
	t.Helper()
	cfg := config(avayatest.Origin)
	cfg.Transport = srv.Transport()
	for _, edit := range edits {
		edit(&cfg.ClientOptions)
	}
	c, err := avaya.New(cfg)
	require.NoError(t, err)
	return c
}

// simulate runs a test in virtual time against a fresh simulator: waits cost
// nothing, and a goroutine left behind fails the test.
func simulate(t *testing.T, test func(b *bench), opts ...avayatest.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		srv := avayatest.NewServer(opts...)
		c := newClient(t, srv)
		test(&bench{T: t, srv: srv, client: c, store: c.Store()})
		require.Empty(t, srv.Unstruck(), "a fault that never struck proves nothing")
		require.Empty(t, srv.Unfailed(), "a failure that never struck proves nothing")
	})
}

// capitals lets a server know one user by its id in capitals too.
type capitals struct {
	http.RoundTripper
	id string
}

func (c *capitals) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Path = strings.ReplaceAll(r.URL.Path, strings.ToUpper(c.id), c.id)
	return c.RoundTripper.RoundTrip(r)
}

const someUser = "5b0f9a8e-2c3d-4e5f-8a9b-1c2d3e4f5a6b"

// bearer is a configuration with a token that was got elsewhere.
func bearer(base string) avaya.Config {
	cfg := config(base)
	cfg.Auth = avaya.Bearer{Token: core.NewSecret("fixed-bearer-token")}
	return cfg
}

// mocked is a client over one canned answer.
func mocked(t *testing.T, method, path string, responder httpmock.Responder) (*avaya.Client, *httpmock.MockTransport) {
	t.Helper()
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder(method, "https://api.test"+path, responder)
	cfg := bearer("https://api.test")
	cfg.Transport, cfg.MaxAttempts = mock, 1
	c, err := avaya.New(cfg)
	require.NoError(t, err)
	return c, mock
}

const usersPath = "/api/admin/user/v1/accounts/QWERTY/users"

const otherUser = "6c0f9a8e-2c3d-4e5f-8a9b-1c2d3e4f5a6b"

func answered(status int, body string) httpmock.Responder {
	return func(*http.Request) (*http.Response, error) {
		res := httpmock.NewStringResponse(status, body)
		res.Header.Set("X-Request-Id", "req-7")
		return res, nil
	}
}

// senseless requires an error about an answer that came.
func senseless(t require.TestingT, err error, status int, applied core.Applied) {
	require.ErrorIs(t, err, core.ErrProtocol)
	e := errorOf(t, err)
	require.Equal(t, []any{status, "req-7", 1, applied}, []any{e.Status, e.RequestID, e.Attempts, e.Applied}, "%v", err)
}

func errorOf(t require.TestingT, err error) *core.Error {
	e, ok := errors.AsType[*core.Error](err)
	require.True(t, ok, "every error is a *core.Error: %v", err)
	return e
}

func appliedOf(t require.TestingT, err error) core.Applied { return errorOf(t, err).Applied }

func partOf(t require.TestingT, s core.Settlement, name string) core.SettlePart {
	for _, p := range s.Parts {
		if p.Name == name {
			return p
		}
	}
	require.Fail(t, "no part "+name)
	return core.SettlePart{}
}

func mustJSON(t require.TestingT, v any) string {
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return string(data)
}
