package liveperson_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func TestHostURL(t *testing.T) {
	for _, c := range []struct{ text, scheme, want string }{
		{"va.ac.liveperson.net", "https", "https://va.ac.liveperson.net"},
		{"va.ac.liveperson.net", "http", "https://va.ac.liveperson.net"},
		{"va.ac.liveperson.net:8443", "http", "https://va.ac.liveperson.net:8443"},
		{"127.0.0.1:8080", "http", "http://127.0.0.1:8080"},
		{"127.0.0.1:8080", "https", "https://127.0.0.1:8080"},
		{"localhost:80", "http", "http://localhost:80"},
		{"[::1]:80", "http", "http://[::1]:80"},
		{"[::1]", "http", "http://[::1]"},
		{"10.0.0.1", "http", "https://10.0.0.1"},
		{"under_score.example.test", "https", "https://under_score.example.test"},
	} {
		u, why := liveperson.HostURL(c.text, c.scheme)
		if assert.Empty(t, why, c.text) {
			assert.Equal(t, c.want, u.String())
		}
	}
	for _, text := range []string{
		"", " ", "a b", "https://va.ac.liveperson.net", "va.ac.liveperson.net/x", "va.ac/", "user@host", "user:pw@host", "host?x", "host#x",
		"host:", "host:0", "host:65536", "host:x", "host:+80", "host:080", "a..b", ".a", "-a.b", "a%2eb", "a\\b", "a\nb", "::1", "[::1", "[::1]x",
		"[fe80::1%25eth0]", "[example.test]", "[127.0.0.1]", "host:80:80", "hôst",
	} {
		_, why := liveperson.HostURL(text, "https")
		assert.NotEmpty(t, why, "%q", text)
	}
}

func TestDomainAnswersOfBothShapes(t *testing.T) {
	for name, opts := range map[string][]livepersontest.Option{"one": nil, "list": {livepersontest.WithDomainLists()}} {
		t.Run(name, func(t *testing.T) {
			sim := livepersontest.NewServer(opts...)
			id := sim.AddUser(`{"loginName":"a"}`)
			_, err := over(t, sim).Users.Get(t.Context(), id)
			require.NoError(t, err)
			assert.Contains(t, sim.Requests("Domain.Get")[0].Path, "/service/accountConfigReadOnly/")
			assert.Empty(t, sim.Requests("Domain.Get")[0].Header.Get("Authorization"), "the Domain API gets no credential")
		})
	}
}

func TestDomainIsAskedOnceForAllAndAgainAfterTenMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := livepersontest.NewServer()
		id := sim.AddUser(`{"loginName":"a"}`)
		sim.Fault(livepersontest.Fault{Op: "Domain.Get", Times: -1, Delay: time.Second})
		c := over(t, sim)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, err := c.Users.Get(t.Context(), id)
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		assert.Len(t, sim.Requests("Domain.Get"), 1)
		time.Sleep(9 * time.Minute)
		_, err := c.Users.Get(t.Context(), id)
		require.NoError(t, err)
		assert.Len(t, sim.Requests("Domain.Get"), 1)
		time.Sleep(2 * time.Minute)
		_, err = c.Users.Get(t.Context(), id)
		require.NoError(t, err)
		assert.Len(t, sim.Requests("Domain.Get"), 2)

		// The Domain API is down: what it said last goes on serving.
		time.Sleep(11 * time.Minute)
		sim.Reset()
		sim.Fault(livepersontest.Fault{Op: "Domain.Get", Times: -1, Status: 500})
		_, err = c.Users.Get(t.Context(), id)
		require.NoError(t, err)
		assert.NotEmpty(t, sim.Requests("Domain.Get"))
	})
}

func TestDomainFailuresAreNotTheUsers(t *testing.T) {
	sim := livepersontest.NewServer()
	id := sim.AddUser(`{"loginName":"a"}`)
	get := func(body string, status int) error {
		sim.Reset()
		sim.Fault(livepersontest.Fault{Op: "Domain.Get", Status: status, Body: body})
		_, err := over(t, sim, attempts(1)).Users.Get(t.Context(), id)
		require.Error(t, err)
		assert.Equal(t, "Domain.Get", resttest.ErrorOf(t, err).Op)
		assert.Len(t, sim.Requests(), 1, "nothing else was asked")
		return err
	}
	require.ErrorIs(t, get(`{}`, 404), core.ErrInvalid)
	require.ErrorIs(t, get(`{}`, 200), core.ErrInvalid)
	require.ErrorIs(t, get(`{"baseURIs":[{"service":"accountconfigreadonly","baseURI":"x.test"}]}`, 200), core.ErrInvalid) // names have a case
	require.ErrorIs(t, get(`{}`, 401), core.ErrUnauthenticated)
	require.ErrorIs(t, get(`{"baseURI":"evil.test/path"}`, 200), core.ErrProtocol)
	require.ErrorIs(t, get(`{"baseURI":"https://user:pw@evil.test"}`, 200), core.ErrProtocol)
	require.ErrorIs(t, get(`<html>`, 200), core.ErrProtocol)
	require.ErrorIs(t, get(``, 503), core.ErrUnavailable)
}

func TestPlainBaseURLNeedsNoDomainAPI(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("GET", usersURL+"/5", resttest.Answer(200, `{"id":5,"loginName":"a"}`))
	_, err := c.Users.Get(t.Context(), 5)
	require.NoError(t, err)
	assert.Equal(t, 1, mt.GetTotalCallCount())
}

func TestNewChecksItsConfiguration(t *testing.T) {
	good := liveperson.Config{AccountID: "a1", Auth: bearer}
	_, err := liveperson.New(good)
	require.NoError(t, err)
	for name, change := range map[string]func(*liveperson.Config){
		"no account":         func(c *liveperson.Config) { c.AccountID = "" },
		"account of slashes": func(c *liveperson.Config) { c.AccountID = "a/b" },
		"no auth":            func(c *liveperson.Config) { c.Auth = nil },
		"no token":           func(c *liveperson.Config) { c.Auth = liveperson.Bearer{} },
		"no client":          func(c *liveperson.Config) { c.Auth = liveperson.ClientCredentials{Secret: core.NewSecret("x")} },
		"no secret":          func(c *liveperson.Config) { c.Auth = liveperson.ClientCredentials{ID: "x"} },
		"no user":            func(c *liveperson.Config) { c.Auth = liveperson.Login{Password: core.NewSecret("x")} },
		"no password":        func(c *liveperson.Config) { c.Auth = liveperson.Login{Username: "x"} },
		"no key":             func(c *liveperson.Config) { c.Auth = liveperson.APIKey{} },
		"plain http":         func(c *liveperson.Config) { c.BaseURL = "http://config.example.test" },
		"plain http domain":  func(c *liveperson.Config) { c.DomainURL = "http://config.example.test" },
		"attempts":           func(c *liveperson.Config) { c.MaxAttempts = -1 },
		"wait":               func(c *liveperson.Config) { c.MaxWait = -1 },
		"timeout":            func(c *liveperson.Config) { c.AttemptTimeout = -1 },
		"rate":               func(c *liveperson.Config) { c.RateLimit = core.RateLimit{Burst: 1} },
		"password in URL":    func(c *liveperson.Config) { c.BaseURL = "https://u:p@config.example.test" },
	} {
		cfg := good
		change(&cfg)
		_, err := liveperson.New(cfg)
		require.ErrorIs(t, err, core.ErrInvalid, name)
	}
	for name, o := range map[string]liveperson.Option{
		"tries": liveperson.WithModifyTries(0), "policy": liveperson.WithBlankFullName(9),
	} {
		_, err := liveperson.New(good, o)
		require.ErrorIs(t, err, core.ErrInvalid, name)
	}
	good.BaseURL, good.AllowInsecureHTTP = "http://config.example.test", true
	_, err = liveperson.New(good, nil)
	require.NoError(t, err)
}

func TestNewTouchesNoNetwork(t *testing.T) {
	mt := httpmock.NewMockTransport()
	_, err := liveperson.New(liveperson.Config{ClientOptions: core.ClientOptions{Transport: mt}, AccountID: "a", Auth: bearer})
	require.NoError(t, err)
	assert.Zero(t, mt.GetTotalCallCount())
}

func TestTheHostOfAnotherAccountIsNotSpokenTo(t *testing.T) {
	for _, body := range []string{
		`{"service":"accountConfigReadOnly","account":"666","baseURI":"evil.example.test"}`,
		`{"baseURIs":[{"service":"accountConfigReadOnly","account":"666","baseURI":"evil.example.test"}]}`,
	} {
		sim := livepersontest.NewServer()
		sim.Fault(livepersontest.Fault{Op: "Domain.Get", Status: 200, Body: body, ContentType: "application/json"})
		_, err := over(t, sim).Users.Get(t.Context(), 5)
		require.ErrorIs(t, err, core.ErrInvalid)
		assert.Empty(t, sim.Requests("Users.Get", "unknown"))
		e := resttest.ErrorOf(t, err)
		assert.Equal(t, []int{200, 1}, []int{e.Status, e.Attempts})
	}
}
