package avaya_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

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
