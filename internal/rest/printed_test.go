package rest_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/webex"
)

const canary = "cAnArY-s3cret"

func secret(name string) core.Secret { return core.NewSecret(canary + "-" + name) }

// generous gives a token, a session and a cookie to whoever asks, and else an error
// that repeats them.
type generous struct{}

func (generous) RoundTrip(r *http.Request) (*http.Response, error) {
	t := canary + "-token"
	body := fmt.Sprintf(`{"access_token":%q,"refresh_token":%q,"expires_in":900.5,"bearer":%q,"csrf":%q,"sessionId":%q,"success":true,`+
		`"baseURIs":[],"message":%q,"detail":%q}`,
		t, t+"-2", t, t+"-3", t+"-4", t, r.Header.Get("Authorization"))
	status := http.StatusBadRequest
	for _, part := range []string{"token", "login"} {
		if strings.Contains(r.URL.Path, part) {
			status = http.StatusOK
		}
	}
	h := http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {"libraryh3lp-session=" + t + "-5; Path=/", "Session_id=" + t + "-6"}}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// TestAClientPrintsNoSecret: whatever the verb, after it has got its token.
func TestAClientPrintsNoSecret(t *testing.T) { synctest.Test(t, printsNoSecret) }

func printsNoSecret(t *testing.T) {
	ctx, rt, base := t.Context(), generous{}, "https://vendor.example"
	clients := map[string]any{}
	errs := map[string]error{}
	uses := map[string]func() error{}
	keep := func(name string, client any, err error, use func() error) {
		require.NoError(t, err, name)
		clients[name], uses[name] = client, use
		errs[name] = use()
		require.Error(t, errs[name], name)
	}

	a, err := avaya.New(avaya.Config{ClientOptions: core.ClientOptions{Transport: rt}, BaseURL: base, AccountID: "ABCDEF",
		AppKey: secret("key"),
		Auth:   avaya.ClientCredentials{ID: "id", Secret: secret("client")}})
	keep("avaya", a, err, func() error { _, err := a.Users.Get(ctx, "u1"); return err })
	for name, auth := range map[string]libh3lp.Credentials{
		"libh3lp":        libh3lp.Login{Username: "admin", Password: secret("password")},
		"libh3lp, basic": libh3lp.Basic{Username: "admin", Password: secret("password")},
	} {
		c, err := libh3lp.New(libh3lp.Config{ClientOptions: core.ClientOptions{Transport: rt}, BaseURL: base, Auth: auth})
		keep(name, c, err, func() error { _, err := c.Store().GetUser(ctx, "7"); return err })
	}
	for name, auth := range map[string]liveperson.Credentials{
		"liveperson, token": liveperson.ClientCredentials{ID: "id", Secret: secret("client")},
		"liveperson, login": liveperson.Login{Username: "admin", Password: secret("password")},
		"liveperson, key":   liveperson.APIKey{AppKey: "key", Secret: secret("a"), AccessToken: secret("b"), AccessTokenSecret: secret("c")},
	} {
		c, err := liveperson.New(liveperson.Config{ClientOptions: core.ClientOptions{Transport: rt}, AccountID: "123", Auth: auth, BaseURL: base,
			DomainURL: base})
		keep(name, c, err, func() error { _, err := c.Store().GetUser(ctx, "7"); return err })
	}
	l, err := lucs.New(lucs.Config{BaseURL: base, Auth: lucs.APIKey{Key: secret("key")}, ClientOptions: core.ClientOptions{Transport: rt}})
	keep("lucs", l, err, func() error { _, err := l.Store().GetUser(ctx, "7"); return err })
	for name, auth := range map[string]webex.Credentials{
		"webex":          webex.Bearer{Token: secret("token")},
		"webex, refresh": webex.Refresh{ClientID: "id", ClientSecret: secret("client"), RefreshToken: secret("refresh")},
		"webex, source":  webex.TokenSource(func(context.Context) (webex.Token, error) { return webex.Token{Value: secret("token")}, nil }),
	} {
		c, err := webex.New(webex.Config{ClientOptions: core.ClientOptions{Transport: rt}, BaseURL: base + "/v1", Auth: auth, Tier: webex.Assist})
		keep(name, c, err, func() error { _, err := c.Store().GetUser(ctx, "7"); return err })
	}

	var inUse sync.WaitGroup // while they are printed
	defer inUse.Wait()
	for name, client := range clients {
		inUse.Go(func() { _ = uses[name]() })
		require.Regexp(t, `^[a-z0-9]+ client$`, fmt.Sprintf("%+v", client))
		for verb := range strings.SplitSeq("v +v #v s q t x X d b o c e g U p T", " ") {
			silent(t, name+" %"+verb, fmt.Sprintf("%"+verb, client))
			silent(t, name+" %"+verb+" inside", fmt.Sprintf("%"+verb, struct{ C, d any }{client, client}))
		}
		asJSON, _ := json.Marshal(client)
		silent(t, name+" JSON", string(asJSON))
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("here", "client", client)
		silent(t, name+" slog", log.String())
		silent(t, name+" error", fmt.Sprintf("%v %+v %#v %s", errs[name], errs[name], errs[name], errs[name]))
	}
}

func silent(t *testing.T, where, text string) {
	t.Helper()
	for _, trace := range []string{canary, "s3cret", hex.EncodeToString([]byte(canary)),
		base64.StdEncoding.EncodeToString([]byte("admin:" + canary))[:20]} {
		assert.NotContains(t, strings.ToLower(text), strings.ToLower(trace), where)
	}
}
