package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// The secrets that are planted. One is the beginning of another, and one needs
// escaping in a form.
const (
	appKey       = "APPKEY-hush-1234"
	clientSecret = "APPKEY-hush-1234-and-more/+="
	token        = "TOKEN.hush.abcdef"
	password     = "pass word-hush"
)

// records keeps what was logged.
type records struct {
	mu  sync.Mutex
	buf bytes.Buffer
	on  map[string]func()
}

func (r *records) Write(p []byte) (int, error) {
	r.mu.Lock()
	n, err := r.buf.Write(p)
	r.mu.Unlock()
	var line struct{ Msg string }
	json.Unmarshal(p, &line)
	if f := r.on[line.Msg]; f != nil {
		f()
	}
	return n, err
}

func (r *records) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.String()
}

func (r *records) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(r, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (r *records) lines(t *testing.T) (out []map[string]any) {
	for line := range strings.Lines(r.String()) {
		var m map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &m))
		out = append(out, m)
	}
	return out
}

// onRecord is a logger that calls f at each record of that name.
func onRecord(msg string, f func()) *slog.Logger {
	return (&records{on: map[string]func(){msg: f}}).logger()
}

// texts are all the ways in which an error comes to be printed, causes included.
func texts(err error) []string {
	var out []string
	var walk func(error)
	walk = func(err error) {
		if err == nil {
			return
		}
		out = append(out, err.Error(), fmt.Sprint(err), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err), fmt.Sprintf("%q", err))
		if e, is := err.(*core.Error); is {
			out = append(out, fmt.Sprintf("%v %+v %#v", *e, *e, *e))
		}
		switch u := err.(type) {
		case interface{ Unwrap() error }:
			walk(u.Unwrap())
		case interface{ Unwrap() []error }:
			for _, e := range u.Unwrap() {
				walk(e)
			}
		}
	}
	walk(err)
	return out
}

func silent(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range []string{appKey, clientSecret, token, password, "hush", "and-more", url.QueryEscape(clientSecret)} {
		assert.NotContains(t, text, secret, where)
	}
}

// secretive is a client that knows the planted secrets, the token by fetching it.
func secretive(rt http.RoundTripper, log *records) *Client {
	var c *Client
	c = newClient(rt, func(cfg *Config) {
		cfg.Logger = log.logger()
		cfg.Secrets = []core.Secret{core.NewSecret(appKey), core.NewSecret(clientSecret)}
		cfg.RequestIDHeaders = []string{"X-Request-Id"}
		cfg.Auth = &bearer{NewTokens(func(context.Context) (Token, error) {
			c.KeepSecret(token)
			return Token{Value: token}, nil
		})}
		cfg.Explain = func(body []byte, e *core.Error) {
			var v struct {
				Code    string `json:"code"`
				Message string `json:"message"`
			}
			if wire.Unmarshal(body, &v) == nil {
				e.Code, e.Message = v.Code, v.Message
			}
		}
		cfg.Inspect = func(body []byte) *core.Error {
			if bytes.Contains(body, []byte("refused")) {
				return &core.Error{Class: core.ClassInvalid, Code: "refused " + token, Message: string(body)}
			}
			return nil
		}
	})
	return c
}

func TestNoSecretIsPrintedWhateverTheVendorRepeats(t *testing.T) {
	echo := fmt.Sprintf("%s and %s for %s, %s or %s", appKey, clientSecret, token, password, url.QueryEscape(clientSecret))
	body := fmt.Sprintf(`{"code":%q,"message":%q}`, "bad "+echo, "the value "+echo+" is bad")
	for name, s := range map[string]step{
		"error body":        says(400, body, "X-Request-Id", "r "+appKey),
		"refusal":           says(429, body, "Retry-After", "9999", "X-Request-Id", "r "+token),
		"headers":           says(500, "", "X-Request-Id", appKey, "X-Debug", token),
		"2xx failure":       says(200, "refused "+echo),
		"garbage":           says(200, echo),
		"wrong type":        says(200, fmt.Sprintf(`{"id":[%q]}`, echo)),
		"HTML":              says(502, "<html>"+echo),
		"redirect":          says(302, "", "Location", "https://"+url.QueryEscape(appKey)+".example/?t="+url.QueryEscape(token)+"&hush"),
		"garbage redirect":  says(302, "", "Location", "https://h%zz.example/?t="+token),
		"url.Error":         {err: &url.Error{Op: "Get", URL: "https://x/?t=" + token, Err: io.ErrUnexpectedEOF}},
		"nested url.Error":  {err: fmt.Errorf("proxy: %w", &url.Error{Op: "Get", URL: "https://x/?hush", Err: &url.Error{Op: "Get", URL: "https://x/?hush", Err: errors.New("no")}})},
		"joined url.Error":  {err: errors.Join(errors.New("two"), &url.Error{Op: "Get", URL: "https://x/?hush", Err: errors.New("no")})},
		"dial":              {err: &net.OpError{Op: "dial", Err: errors.New("proxy refused " + appKey)}},
		"text of transport": {err: errors.New("malformed response " + token)},
		"no such host":      {err: &net.DNSError{Err: "no such host", Name: appKey + ".example"}},
		"cut":               cuts(200, body),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := &records{}
				c := secretive(talk(s), log)
				for _, op := range opsByClass {
					r := call(op, new(thing))
					r.Query = struct {
						Q string `url:"q"`
					}{"hush-in-query"}
					r.Secrets = []core.Secret{core.NewSecret(password)}
					if op.Replay != Safe {
						r.Body = map[string]any{"password": core.NewSecret(password)}
					}
					_, err := c.Do(t.Context(), r)
					require.Error(t, err)
					for _, text := range texts(err) {
						silent(t, name, text)
						assert.NotContains(t, text, "?q=")
					}
					require.LessOrEqual(t, len(failure(t, err).Error()), 2500)
				}
				require.NotEmpty(t, log.String())
				silent(t, name+" log", log.String())
			})
		})
	}
}

func TestASecretOfOneCallIsBlankedInItsErrorAndNotRemembered(t *testing.T) {
	for _, status := range []int{200, 400} {
		c := secretive(talk(says(status, fmt.Sprintf(`{"message":"refused: %s is too short"}`, password))), &records{})
		r := call(opCreate, nil)
		r.Secrets = []core.Secret{core.NewSecret(password), {}}
		_, err := c.Do(t.Context(), r)
		require.Error(t, err)
		for _, text := range texts(err) {
			silent(t, "secret of the call", text)
		}
		require.Contains(t, err.Error(), "[redacted] is too short")
		require.NotContains(t, c.text(password), blank)
	}
}

func TestNoSecretIsPrintedByAList(t *testing.T) {
	for name, s := range map[string]step{
		"error":      says(400, fmt.Sprintf(`{"message":%q}`, token)),
		"no list":    says(200, token),
		"wrong type": says(200, fmt.Sprintf(`[{"id":{%q:1}}]`, token)),
		"broken":     says(200, fmt.Sprintf(`[{"id":"a"},%s`, token)),
		"cut":        cuts(200, fmt.Sprintf(`[{"id":"a"},{"id":%q},{"id":%q}]`, token, strings.Repeat("x", 100))),
	} {
		log := &records{}
		c := secretive(talk(s), log)
		var last error
		for _, err := range List[thing](t.Context(), c, Request{Op: opList, Base: testBase, Query: options{Name: "hush"}}, nil) {
			last = err
		}
		require.Error(t, last, name)
		for _, text := range texts(last) {
			silent(t, name, text)
		}
		silent(t, name, log.String())
	}
}

func TestAFailureOfTheCredentialShowsNoQuery(t *testing.T) {
	cause := &url.Error{Op: "Get", URL: "https://keys.example/?hush", Err: errors.New("no answer")}
	c := newClient(talk(ok()), func(c *Config) {
		c.Auth = &bearer{NewTokens(func(context.Context) (Token, error) { return Token{}, fmt.Errorf("key service: %w", cause) })}
	})
	err := do(t.Context(), c, opGet)
	require.Contains(t, failure(t, err).Message, "nothing was sent: no answer")
	for _, text := range texts(err) {
		silent(t, "credential", text)
	}
}

func TestARealConnectionFailureShowsNoQuery(t *testing.T) {
	c := newClient(core.NewTransport(), func(c *Config) { c.MaxAttempts = 1 })
	_, err := c.Do(t.Context(), Request{Op: opList, Base: mustURL("http://127.0.0.1:1"), Query: options{Name: "hush"}})
	e := failure(t, err)
	require.Contains(t, e.Message, "no connection")
	require.Equal(t, core.AppliedNo, e.Applied)
	for _, text := range texts(err) {
		silent(t, "dial", text)
	}
}

func TestTheLongerSecretIsBlankedWhole(t *testing.T) {
	for _, order := range [][]string{{"abcd", "abcdefgh"}, {"abcdefgh", "abcd"}} {
		var b blanker
		for _, s := range order {
			b.configure(s)
		}
		require.Equal(t, "x [redacted] y [redacted] z", b.clean("x abcdefgh y abcd z"))
	}
}

func TestAShortSecretDoesNotDestroyEveryText(t *testing.T) {
	var b blanker
	b.configure("")
	b.configure("abc")
	require.Equal(t, "abc", b.clean("abc"))
}

// TestPasswordsNeverPushTheLiveTokenOut: an import sets thousands while one token is
// in use.
func TestPasswordsNeverPushTheLiveTokenOut(t *testing.T) {
	c := newClient(talk(ok()), func(c *Config) { c.Secrets = []core.Secret{core.NewSecret(appKey), {}} })
	c.KeepCredential("the-token-in-use-1")
	for i := range 1000 {
		c.KeepSecret(fmt.Sprintf("pa55word!%04d", i))
	}
	require.Equal(t, "[redacted] [redacted] [redacted]", c.text(appKey+" the-token-in-use-1 pa55word!0999"))
	require.LessOrEqual(t, len(c.blanker.set), maxSet)

	c.KeepCredential("refresh-token-that-stays-7")
	for i := range 1000 {
		c.KeepCredential(fmt.Sprintf("%04d-access-%04d", i, i))
		c.KeepCredential("refresh-token-that-stays-7")
	}
	require.LessOrEqual(t, len(c.blanker.live), maxLive)
	require.Equal(t, "[redacted] [redacted] [redacted]", c.text("refresh-token-that-stays-7 0999-access-0999 0995-access-0995"))
}

func TestAVendorsTextIsOneBoundedPrintableLine(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "",
		" a\r\n\tb  c ":                 "a b c",
		"a\x00\x1b[31mb":                "a [31mb",
		"a\u2028b\u200bc":               "a b c",
		"a\xff\xfeb":                    "a b",
		"äöü 你好":                        "äöü 你好",
		strings.Repeat("ä", maxText):    strings.Repeat("ä", maxText) + "…",
		strings.Repeat("x", 100_000):    strings.Repeat("x", maxText) + "…",
		strings.Repeat(" ", 5000) + "x": "",
	} {
		require.Equal(t, want, oneLine(in))
	}
}

func TestLoggingIsOffByDefault(t *testing.T) {
	old := slog.Default()
	defer slog.SetDefault(old)
	log := &records{}
	slog.SetDefault(log.logger())
	synctest.Test(t, func(t *testing.T) {
		require.NoError(t, do(t.Context(), newClient(talk(says(500, ``), loses(), ok())), opGet))
	})
	require.Empty(t, log.String())
}

func TestLogger_GetsNothingButTheAllowedKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &records{}
		p := talk(says(500, `hush`, "X-Request-Id", "r1"), loses(), says(429, `hush`, "Retry-After", "2"), ok())
		c := newClient(p, func(c *Config) { c.Logger, c.Auth = log.logger(), fixed("hush") })
		r := call(opPut, nil)
		r.Args, r.Query = []string{"hush"}, options{Name: "hush"}
		_, err := c.Do(t.Context(), r)
		require.NoError(t, err)
		require.NotContains(t, log.String(), "hush")

		call := []string{"time", "level", "msg", "vendor", "op", "bucket", "method", "path", "attempt"}
		always := append([]string{"status", "took"}, call...)
		var attempts []map[string]any
		var doubts, waits int
		for _, line := range log.lines(t) {
			require.Equal(t, "DEBUG", line["level"])
			switch line["msg"] {
			case "rollcall attempt":
				attempts = append(attempts, line)
			case "rollcall wait":
				waits++
				require.Equal(t, "retry", line["wait"])
				if line["attempt"] != 2.0 { // which has no answer
					require.ElementsMatch(t, append([]string{"status", "wait", "took"}, call...), keys(line))
				}
			case "rollcall doubt":
				doubts++
				require.Equal(t, "attempt 1: 500 Internal Server Error", line["doubt"])
				require.ElementsMatch(t, append([]string{"status", "doubt"}, call...), keys(line))
			default:
				t.Errorf("a record of another kind: %v", line)
			}
		}
		require.Equal(t, 1, doubts, "the first doubt of a call")
		require.Equal(t, 3, waits)
		require.Len(t, attempts, 4)
		require.ElementsMatch(t, append([]string{"request"}, always...), keys(attempts[0]))
		require.ElementsMatch(t, append([]string{"error"}, always...), keys(attempts[1]))
		require.ElementsMatch(t, always, keys(attempts[2]))
		require.ElementsMatch(t, always, keys(attempts[3]))
		for i, a := range attempts {
			require.EqualValues(t, i+1, a["attempt"])
			require.EqualValues(t, []int{500, 0, 429, 200}[i], a["status"])
			require.Equal(t, "acme", a["vendor"])
			require.Equal(t, "Things.Replace", a["op"])
			require.Equal(t, "PUT", a["method"])
			require.Equal(t, "/things/{id}", a["path"], "the template, not the id")
		}
		require.Equal(t, "r1", attempts[0]["request"])
	})
}

func TestAnErrorBodyThatIsTooBigIsNotLoggedAsALostConnection(t *testing.T) {
	log := &records{}
	c := newClient(talk(says(400, strings.Repeat("x", maxError+1))), func(c *Config) { c.Logger = log.logger() })
	require.Error(t, do(t.Context(), c, opGet))
	require.NotContains(t, log.String(), "connection was lost")
}

func keys(m map[string]any) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	return out
}

func TestASecretIsBlankedInEveryFormItMayBeRepeatedIn(t *testing.T) {
	const secret = "Se\"cr\\et\tü<&>+ %x"
	c := New(Config{Secrets: []core.Secret{core.NewSecret(secret)}})
	quoted, err := json.Marshal(secret)
	require.NoError(t, err)
	for _, form := range []string{secret, string(quoted), strconv.QuoteToASCII(secret), url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret)} {
		out := c.blanker.clean("before " + form + " after")
		require.NotContains(t, out, "cr", form)
		require.Contains(t, out, blank)
	}
}

// TestClean_FindsAPartOfAPersonsValue: as a vendor writes that cuts what it repeats. What
// tells of nobody counts as a whole.
func TestClean_FindsAPartOfAPersonsValue(t *testing.T) {
	n := &needles{}
	n.addWhole("canary.login.of.somebody", true)
	n.addWhole("Canaryfirstname", true)
	n.addWhole("ana.silva@vendor.example", true)
	n.addWhole("routing-policy-circular", false)
	b := &blanker{}
	for said, want := range map[string]string{
		"no canary.login.of.som... here": "no [redacted]... here",
		"no ....of.somebody":             "no ...[redacted]",
		"no ...login.of.somebody, sorry": "no ..[redacted], sorry",
		"no Canaryfirst":                 "no [redacted]",
		"no Canaryfi":                    "no [redacted]",
		"no Canary…":                     "no [redacted]…",
		"no %43anaryf&#105; here":        "no [redacted] here",
		"no Canar":                       "no Canar",
		"no ...ame":                      "no ...ame",
		"no ...rstname":                  "no ...[redacted]",
		"no ana.silv…":                   "no [redacted]…",
		"no …va@vendor.example":          "no …[redacted]",
		"no vendor.example":              "no vendor.example",
		"no @vendor.example":             "no @vendor.example",
		"no Canaryfirstborn":             "no Canaryfirstborn",
		"no routing-policy-circ":         "no routing-policy-circ",
		"no routing-policy-circular":     "no [redacted]",
	} {
		require.Equal(t, want, b.clean(said, n), said)
	}
}
