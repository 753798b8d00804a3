package webex_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

func refresh() webex.Refresh {
	return webex.Refresh{ClientID: webextest.ClientID, ClientSecret: core.NewSecret(webextest.ClientSecret),
		RefreshToken: core.NewSecret(webextest.RefreshToken)}
}

func TestAFixedBearerThatIsRefusedIsNotTriedAgain(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	sim.Revoke()
	_, err := over(t, sim, webex.Assist).People.Me(t.Context())
	e := resttest.ErrorOf(t, err)
	assert.Equal(t, core.ClassUnauthenticated, e.Class)
	assert.Equal(t, 1, e.Attempts)
	assert.Contains(t, e.RequestID, "ROUTERGW_")
	assert.Len(t, sim.Requests(), 1)
	assert.NotContains(t, err.Error(), webextest.Bearer)
}

func TestATokenSourceIsAskedOnceForAllAndOnceMoreAfterARefusal(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	var asked atomic.Int32
	c := overAs(t, sim, webex.Assist, webex.TokenSource(func(context.Context) (webex.Token, error) {
		n := asked.Add(1)
		bearer := fmt.Sprintf("token-number-%d", n)
		sim.AddToken(bearer, webextest.Token{Role: webextest.FullAdmin})
		return webex.Token{Value: core.NewSecret(bearer)}, nil
	}))
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			_, err := c.People.Me(t.Context())
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, asked.Load())
	sim.Revoke("token-number-1")
	_, err := c.People.Me(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 2, asked.Load())
	// A create goes out again as well: with a bad token nothing was done.
	sim.Revoke("token-number-2")
	_, err = c.People.Create(t.Context(), webex.Person{Emails: []string{"new@example.test"}, FirstName: core.Set("New")})
	require.NoError(t, err)
	require.EqualValues(t, 3, asked.Load())
}

func TestATokenSourceThatFailsIsTold(t *testing.T) {
	sim := webextest.NewServer()
	cause := errors.New("the vault is closed")
	for want, src := range map[string]webex.TokenSource{
		"the vault is closed": func(context.Context) (webex.Token, error) { return webex.Token{}, cause },
		"there is no usable access token": func(context.Context) (webex.Token, error) {
			return webex.Token{Value: core.NewSecret("two words")}, nil
		},
		"no usable access token": func(context.Context) (webex.Token, error) { return webex.Token{}, nil },
	} {
		_, err := overAs(t, sim, webex.Assist, src).People.Create(t.Context(), webex.Person{Emails: []string{"a@b.test"},
			FirstName: core.Set("A")})
		require.ErrorContains(t, err, want)
		require.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied)
	}
	require.Empty(t, sim.Requests())
}

// TestCredentials_ThatPanicHarmNobody: each function that a credential may hold is the
// caller's. Once it works, so does the client, and a grant it was told of is not lost.
func TestCredentials_ThatPanicHarmNobody(t *testing.T) {
	broken := true
	breaks := func() {
		if broken {
			panic("the vault is broken: " + webextest.RefreshToken + webextest.ApplicationSecret)
		}
	}
	app := webex.Refresh{ClientID: webextest.ApplicationClientID, ClientSecret: core.NewSecret(webextest.ApplicationSecret),
		ServiceApp: &webex.ServiceApp{ApplicationID: webextest.ApplicationID, TargetOrgID: webextest.OrgKey,
			Manager: func(context.Context) (webex.Token, error) {
				breaks()
				return webex.Token{Value: core.NewSecret(webextest.ApplicationBearer)}, nil
			}}}
	for name, auth := range map[string]webex.Credentials{
		"TokenSource": webex.TokenSource(func(context.Context) (webex.Token, error) {
			breaks()
			return webex.Token{Value: core.NewSecret(webextest.Bearer)}, nil
		}),
		"Granted": webex.Refresh{ClientID: webextest.ClientID, ClientSecret: core.NewSecret(webextest.ClientSecret),
			RefreshToken: core.NewSecret(webextest.RefreshToken),
			Granted:      func(context.Context, webex.Grant) error { breaks(); return nil }},
		"Manager": app,
	} {
		broken = true
		sim := webextest.NewServer(webextest.WithSampleData(), webextest.WithRefreshRotation())
		c := overAs(t, sim, webex.Assist, auth)
		for range 3 {
			_, err := c.People.Create(t.Context(), webex.Person{Emails: []string{"a@b.test"}, FirstName: core.Set("A")})
			e := resttest.ErrorOf(t, err)
			require.Equal(t, []any{"webex", core.ClassUnauthenticated, core.AppliedNo}, []any{e.Vendor, e.Class, e.Applied}, "%s: %v", name, err)
			require.Contains(t, err.Error(), "the vault is broken", name)
			if name == "Granted" {
				require.NotContains(t, err.Error(), webextest.RefreshToken, "what the client knows")
			} else if name == "Manager" {
				require.NotContains(t, err.Error(), webextest.ApplicationSecret, "what the client knows")
			}
		}
		require.Empty(t, sim.Requests("People.Create"), name)

		broken = false
		_, err := c.People.Create(t.Context(), webex.Person{Emails: []string{"a@b.test"}, FirstName: core.Set("A")})
		require.NoError(t, err, name)
	}
}

func TestATokenIsRefreshedBeforeItEndsAndTheNewRefreshTokenIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := webextest.NewServer(webextest.WithSampleData(), webextest.WithRefreshRotation(), webextest.WithTokenLifetime(time.Hour))
		var grants []webex.Grant
		auth := refresh()
		auth.Granted = func(_ context.Context, g webex.Grant) error { grants = append(grants, g); return nil }
		c := overAs(t, sim, webex.Assist, auth)
		for range 5 {
			_, err := c.People.Me(t.Context())
			require.NoError(t, err)
			time.Sleep(59*time.Minute + 30*time.Second) // in the last minute of the token
			synctest.Wait()
		}
		_, err := c.People.Me(t.Context())
		require.NoError(t, err)
		synctest.Wait()
		require.Len(t, grants, 6)
		seen := map[string]bool{webextest.RefreshToken: true}
		for _, g := range grants {
			require.False(t, seen[g.RefreshToken.Reveal()], "each one is new, and was used for the next")
			seen[g.RefreshToken.Reveal()] = true
			require.Positive(t, time.Until(g.RefreshTokenExpires))
			require.NotContains(t, fmt.Sprintf("%v %+v %#v", g, g, g), g.RefreshToken.Reveal())
		}
		for _, r := range sim.Requests("People.Me") {
			require.Equal(t, http.StatusOK, r.Status)
		}
	})
}

func TestAnAccessTokenThatWasWithdrawnIsRefreshedOnce(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	c := overAs(t, sim, webex.Assist, refresh())
	_, err := c.People.Me(t.Context())
	require.NoError(t, err)
	sim.Revoke()
	_, err = c.People.Me(t.Context())
	require.NoError(t, err)
	require.Len(t, sim.Requests("Token.Refresh"), 2)
}

func TestARefreshTokenThatHasLapsedIsTold(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	sim.RevokeRefresh()
	_, err := overAs(t, sim, webex.Assist, refresh()).People.Me(t.Context())
	e := resttest.ErrorOf(t, err)
	require.Equal(t, core.ClassUnauthenticated, e.Class)
	require.Equal(t, "Token.Refresh", e.Op)
	require.Contains(t, e.Hint, "authorise")
	require.NotContains(t, err.Error(), webextest.RefreshToken)
	require.Len(t, sim.Requests(), 1)
}

func TestNoSecretOfAGrantIsRepeated(t *testing.T) {
	_, mt := mocked(t)
	c, err := webex.New(webex.Config{ClientOptions: core.ClientOptions{Transport: mt}, BaseURL: base, Tier: webex.Basic, Auth: webex.Refresh{
		ClientID: "the id", ClientSecret: core.NewSecret("the-secret"), RefreshToken: core.NewSecret("the-refresh"),
	}})
	require.NoError(t, err)
	mt.RegisterResponder("POST", base+"/access_token", resttest.Answer(400, `{"error":"invalid_grant","error_description":"the-secret and `+
		`the-refresh are wrong"}`))
	_, err = c.People.Me(t.Context())
	require.ErrorIs(t, err, core.ErrUnauthenticated)
	require.ErrorContains(t, err, "invalid_grant")
	require.NotContains(t, err.Error(), "the-secret")
	require.NotContains(t, err.Error(), "the-refresh")
}

func TestAServiceAppGetsItsTokensAnew(t *testing.T) {
	for name, begin := range map[string]core.Secret{"without a refresh token": {},
		"with one that has lapsed": core.NewSecret("long-gone-refresh")} {
		t.Run(name, func(t *testing.T) {
			sim := webextest.NewServer(webextest.WithSampleData())
			granted := 0
			c := overAs(t, sim, webex.Assist, webex.Refresh{
				ClientID: webextest.ApplicationClientID, ClientSecret: core.NewSecret(webextest.ApplicationSecret), RefreshToken: begin,
				Granted: func(_ context.Context, g webex.Grant) error { granted++; return nil },
				ServiceApp: &webex.ServiceApp{ApplicationID: webextest.ApplicationID, TargetOrgID: webextest.OrgKey,
					Manager: func(context.Context) (webex.Token, error) {
						return webex.Token{Value: core.NewSecret(webextest.ApplicationBearer)}, nil
					}},
			})
			_, err := core.Collect(c.People.List(t.Context(), webex.PersonListOptions{}))
			require.NoError(t, err)
			require.Len(t, sim.Requests("Token.Retrieve"), 1)
			sim.Revoke() // and the manager's with it: now the refresh token is the way
			_, err = core.Collect(c.People.List(t.Context(), webex.PersonListOptions{}))
			require.NoError(t, err)
			require.Len(t, sim.Requests("Token.Retrieve"), 1)
			require.Equal(t, 2, granted)
		})
	}
}

func TestAGrantThatCannotBeKeptFailsTheCallAndIsNotLost(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData(), webextest.WithRefreshRotation())
	auth := refresh()
	fail := true
	auth.Granted = func(context.Context, webex.Grant) error {
		if fail {
			return errors.New("disk full")
		}
		return nil
	}
	c := overAs(t, sim, webex.Assist, auth)
	_, err := c.People.Me(t.Context())
	require.ErrorContains(t, err, "disk full")
	fail = false
	_, err = c.People.Me(t.Context())
	require.NoError(t, err, "the rotated refresh token stayed known")
}

func TestTheRefreshIsAFormAndOnlyItsNumbersAreTrusted(t *testing.T) {
	_, mt := mocked(t)
	var body string
	var seen http.Request
	mt.RegisterResponder("POST", base+"/access_token", resttest.AnswerTo(&seen, &body, 200,
		`{"access_token":"the-access","expires_in":"3600","refresh_token_expires_in":7776000,"token_type":"Bearer"}`))
	mt.RegisterResponder("GET", base+"/people/me", resttest.Answer(200, `{"id":"`+dana+`"}`))
	var got webex.Grant
	c, err := webex.New(webex.Config{ClientOptions: core.ClientOptions{Transport: mt}, BaseURL: base, Tier: webex.Basic, Auth: webex.Refresh{
		ClientID: "the id", ClientSecret: core.NewSecret("the-secret"), RefreshToken: core.NewSecret("the-refresh"),
		Granted: func(_ context.Context, g webex.Grant) error { got = g; return nil },
	}})
	require.NoError(t, err)
	_, err = c.People.Me(t.Context())
	require.NoError(t, err)
	form, err := url.ParseQuery(body)
	require.NoError(t, err)
	require.Equal(t, url.Values{"grant_type": {"refresh_token"}, "client_id": {"the id"}, "client_secret": {"the-secret"},
		"refresh_token": {"the-refresh"}}, form)
	require.Equal(t, "application/x-www-form-urlencoded", seen.Header.Get("Content-Type"))
	require.Empty(t, seen.Header.Get("Authorization"))
	require.Equal(t, "the-refresh", got.RefreshToken.Reveal(), "none came, so it stays")
	require.InDelta(t, time.Hour.Seconds(), time.Until(got.Expires).Seconds(), 5)
}

// TestARefreshTokenThatAnotherProgramExchangedIsReadFromTheStore: both began with the
// same, and the vendor exchanges it at each use.
func TestARefreshTokenThatAnotherProgramExchangedIsReadFromTheStore(t *testing.T) {
	for stored, want := range map[string]string{"the-next": "", "the-old": "unauthenticated", "": "unauthenticated"} {
		_, mt := mocked(t)
		asked := 0
		mt.RegisterResponder("POST", base+"/access_token", func(r *http.Request) (*http.Response, error) {
			asked++
			require.NoError(t, r.ParseForm())
			if r.PostForm.Get("refresh_token") != "the-next" {
				return httpmock.NewStringResponse(400, `{"message":"refresh token the-old is unknown"}`), nil
			}
			return httpmock.NewStringResponse(200, `{"access_token":"the-access","expires_in":3600}`), nil
		})
		mt.RegisterResponder("GET", base+"/people/me", resttest.Answer(200, `{"id":"`+dana+`"}`))
		c := client(t, webex.Config{ClientOptions: core.ClientOptions{Transport: mt}, BaseURL: base, Tier: webex.Basic, Auth: webex.Refresh{
			ClientID: "the id", ClientSecret: core.NewSecret("the-secret"), RefreshToken: core.NewSecret("the-old"),
			Stored: func(context.Context) (core.Secret, error) { return core.NewSecret(stored), nil },
		}})
		_, err := c.People.Me(t.Context())
		if want == "" {
			require.NoError(t, err)
			require.Equal(t, 2, asked)
			continue
		}
		require.ErrorIs(t, err, core.ErrUnauthenticated)
		require.NotContains(t, err.Error(), "the-old")
		_, err = c.People.Me(t.Context())
		require.ErrorIs(t, err, core.ErrUnauthenticated)
		require.Equal(t, 1, asked, "the refusal is remembered")
	}
}

func TestAPanicOfTheCallersOwnIsAnError(t *testing.T) {
	_, mt := mocked(t)
	mt.RegisterResponder("POST", base+"/access_token", resttest.Answer(200, `{"access_token":"the-access","refresh_token":"the-next"}`))
	for name, auth := range map[string]webex.Credentials{
		"source": webex.TokenSource(func(context.Context) (webex.Token, error) { panic("no vault") }),
		"granted": webex.Refresh{ClientID: "id", ClientSecret: core.NewSecret("the-secret"), RefreshToken: core.NewSecret("the-old"),
			Granted: func(context.Context, webex.Grant) error { panic("no disk for the-next") }},
	} {
		c := client(t, webex.Config{ClientOptions: core.ClientOptions{Transport: mt}, BaseURL: base, Tier: webex.Basic, Auth: auth})
		_, err := c.People.Me(t.Context())
		require.ErrorIs(t, err, core.ErrUnauthenticated, name)
		require.ErrorContains(t, err, "broke down: no ", name)
		require.NotContains(t, err.Error(), "the-next")
	}
}

func TestLifetimesInAnyForm(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	for raw, want := range map[string]time.Duration{`1209599`: 1209599 * time.Second, `"3600"`: time.Hour, `3.5`: 3500 * time.Millisecond,
		`1e300`: (1 << 31) * time.Second} {
		require.Equal(t, at.Add(want), webex.EndOf(at, raw), raw)
	}
	for _, raw := range []string{``, `null`, `0`, `-5`, `"soon"`, `{}`, `NaN`} {
		require.True(t, webex.EndOf(at, raw).IsZero(), raw)
	}
}
