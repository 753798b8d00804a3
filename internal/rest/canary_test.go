package rest

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// The canaries: what must be found nowhere, whoever repeats it. Those of people are
// values of the query and of the body.
var (
	canaryKey      = `CaNaRy/k"s\9d2e=44+<&`
	canaryToken    = "cAnArY.t0ken-77aa_ee"
	canaryPassword = `CANARY p4ss&"w\o<d 5`
	canaryBasic    = "canary.admin:" + canaryKey
	canaryPeople   = []string{"canary.person@example.com", "Canary Müller-Lüdenscheidt", "Cana", "+49 170 123 4567 89"}
)

// spellings are the ways in which a text may be repeated.
var spellings = map[string]func(string) string{
	"as it is":          func(s string) string { return s },
	"capitals":          strings.ToUpper,
	"small letters":     strings.ToLower,
	"of a form":         url.QueryEscape,
	"of a form, small":  func(s string) string { return lowerPercent(url.QueryEscape(s)) },
	"of a path":         url.PathEscape,
	"every byte":        func(s string) string { return everyByte(s, "%%%02X") },
	"every byte, small": func(s string) string { return everyByte(s, "%%%02x") },
	"twice of a form":   func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"HTML":              html.EscapeString,
	"HTML, named": func(s string) string {
		return strings.NewReplacer(`"`, "&quot;", "<", "&lt;", "&", "&amp;", "'", "&apos;").Replace(s)
	},
	"HTML, decimal":      func(s string) string { return everyRune(s, "&#%d;") },
	"HTML, hexadecimal":  func(s string) string { return everyRune(s, "&#x%x;") },
	"HTML, a slash":      func(s string) string { return strings.ReplaceAll(html.EscapeString(s), "/", "&#47;") },
	"JSON":               quoted,
	"JSON of PHP":        func(s string) string { return strings.ReplaceAll(quoted(s), "/", `\/`) },
	"JSON twice":         func(s string) string { return quoted(quoted(s)) },
	"JSON, every letter": func(s string) string { return everyRune(s, `\u%04x`) },
	"Go":                 func(s string) string { return fmt.Sprintf("%+q", s) },
	"JSON in a form":     func(s string) string { return url.QueryEscape(quoted(s)) },
	"split by a blank":   func(s string) string { return s[:len(s)/2] + " " + s[len(s)/2:] },
	"split by lines":     func(s string) string { return s[:1] + "\r\n" + s[1:len(s)/2] + "\n\t" + s[len(s)/2:] },
	"UTF-16":             func(s string) string { return strings.Join(strings.Split(s, ""), "\x00") },
	"base64":             func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 of a URL":    func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"base64 with more":   func(s string) string { return base64.StdEncoding.EncodeToString([]byte("x " + s + " and")) },
	"hexadecimal":        func(s string) string { return hex.EncodeToString([]byte(s)) },
	"HEXADECIMAL":        func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return strings.Trim(string(b), `"`)
}

func everyByte(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

func everyRune(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

func lowerPercent(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			b.WriteString(strings.ToLower(s[i : i+3]))
			i += 2
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// places are where a vendor, or a transport, may repeat it.
func places(said string) map[string]step {
	body := map[string]string{"code": said, "message": "we do not like " + said + " at all"}
	asJSON, _ := json.Marshal(body)
	return map[string]step{
		"body of an error":   says(400, string(asJSON), "X-Request-Id", header(said)),
		"body of a refusal":  says(429, string(asJSON), "Retry-After", "9999"),
		"body of a 401":      says(401, string(asJSON)),
		"text":               says(500, said),
		"failure in a 200":   says(200, "refused "+said),
		"no answer's kind":   says(200, said),
		"another type":       says(200, `{"id":[`+string(asJSON)+`]}`),
		"page":               says(403, "<html>"+said),
		"redirect":           says(302, "", "Location", "https://elsewhere.example/?t="+url.QueryEscape(said)),
		"transport":          {err: errors.New(`Get "https://vendor.example/api?q=` + said + `": no`)},
		"URL of a transport": {err: &url.Error{Op: "Get", URL: "https://vendor.example/?q=" + said, Err: io.ErrUnexpectedEOF}},
		"cut":                cuts(200, string(asJSON)),
	}
}

func header(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
}

// shown are all the ways in which a failure comes to be seen, a panic included.
func shown(err error) []string {
	out := texts(err)
	asJSON, _ := json.Marshal(err)
	out = append(out, string(asJSON), fmt.Sprintf("%s", err))
	func() {
		defer func() { out = append(out, fmt.Sprint(recover())) }()
		panic(err)
	}()
	return out
}

// traces of a canary in a text: it, or half of it, in whatever case.
func traces(canary, text string) bool {
	fold := func(s string) string {
		return strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(s, "\x00", "")), ""))
	}
	canary, text = fold(canary), fold(text)
	half := max(len(canary)/2, 4)
	return strings.Contains(text, canary[:half]) || strings.Contains(text, canary[len(canary)-half:])
}

// aviary is a client that knows the canaries.
func aviary(rt http.RoundTripper, log *records) *Client {
	var c *Client
	c = newClient(rt, func(cfg *Config) {
		cfg.Logger = log.logger()
		cfg.Secrets = []core.Secret{core.NewSecret(canaryKey)}
		cfg.Auth = both{&bearer{NewTokens(func(context.Context) (Token, error) {
			c.KeepCredential(canaryToken)
			return Token{Value: canaryToken}, nil
		})}}
		cfg.Explain = func(body []byte, e *core.Error) {
			var v struct{ Code, Message string }
			if wire.Unmarshal(body, &v) == nil {
				e.Code, e.Message = v.Code, v.Message
			} else {
				e.Message = string(body)
			}
		}
		cfg.Inspect = func(body []byte) *core.Error {
			if strings.HasPrefix(string(body), "refused") {
				return &core.Error{Class: core.ClassInvalid, Code: string(body), Message: string(body)}
			}
			return nil
		}
	})
	return c
}

// both is a credential of two: a bearer, and a Basic header as a proxy wants it.
type both struct{ *bearer }

func (b both) Authorize(ctx context.Context, req *http.Request) (string, error) {
	mark, err := b.bearer.Authorize(ctx, req)
	req.Header["Proxy-Authorization"] = []string{"Basic " + base64.StdEncoding.EncodeToString([]byte(canaryBasic))}
	return mark, err
}

// canaryCall carries canaries in its query and its body.
func canaryCall(op *Op) Request {
	r := call(op, new(thing))
	r.Query = url.Values{"email": {canaryPeople[0]}, "max": {"100"}}
	r.Secrets = []core.Secret{core.NewSecret(canaryPassword)}
	if op.Replay != Safe {
		r.Body = map[string]any{"displayName": canaryPeople[1], "firstName": canaryPeople[2],
			"phones": []any{map[string]any{"type": "work", "value": canaryPeople[3]}}, "password": core.NewSecret(canaryPassword)}
	}
	return r
}

func TestNoCanaryIsSeenInAnySpellingAtAnyPlace(t *testing.T) {
	secrets := []string{canaryKey, canaryToken, canaryPassword}
	for spelling, spell := range spellings {
		t.Run(spelling, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, canary := range append(secrets, canaryPeople...) {
					isSecret := canary == canaryKey || canary == canaryToken || canary == canaryPassword
					if !isSecret && len(canary) < gram && (strings.Contains(spelling, "base64") || strings.Contains(spelling, "split")) {
						continue // it is not searched for so: see needles.find
					}
					said := spell(canary)
					for place, step := range places(said) {
						log := &records{}
						_, err := aviary(talk(step), log).Do(t.Context(), canaryCall(opPut))
						require.Error(t, err)
						for _, text := range append(shown(err), log.String()) {
							assert.False(t, traces(canary, text), "%s: %q in %s", place, canary, text)
							assert.False(t, len(said) >= 8 && traces(said, text), "%s: %q as %s in %s", place, canary, said, text)
						}
					}
				}
			})
		})
	}
}

func TestACanaryIsNotSeenInPart(t *testing.T) {
	for _, canary := range []string{canaryKey, canaryToken, canaryPassword, strings.Repeat("l0ng-token.", 30)} {
		for _, part := range []string{canary[:len(canary)/2+1], canary[len(canary)/2-1:], canary[2 : len(canary)-2]} {
			c := New(Config{Secrets: []core.Secret{core.NewSecret(canary)}})
			require.Equal(t, "token begins with [redacted]...", c.Text("token begins with "+strings.Trim(part, " +")+"..."))
		}
	}
}

func TestTheBasicHeaderIsNotSeen(t *testing.T) {
	basic := base64.StdEncoding.EncodeToString([]byte("canary.admin:s3cret!"))
	c := newClient(talk(says(400, `{"message":"cannot parse Authorization: Basic `+basic+`, sorry"}`)), func(c *Config) {
		c.Secrets = []core.Secret{core.NewSecret("s3cret!")}
		c.Explain = func(body []byte, e *core.Error) { e.Message = string(body) }
		c.Auth = authorize(func(r *http.Request) { r.SetBasicAuth("canary.admin", "s3cret!") })
	})
	e := failure(t, do(t.Context(), c, opGet))
	require.Contains(t, e.Message, "Basic [redacted]")
	require.Contains(t, e.Message, ", sorry")
	require.NotContains(t, e.Message, basic[:8])
}

type authorize func(*http.Request)

func (f authorize) Authorize(_ context.Context, r *http.Request) (string, error) {
	f(r)
	return "", nil
}
func (authorize) Renew(string) bool { return false }

func TestACookieOfTheCallAndOfItsAnswerIsNotSeen(t *testing.T) {
	c := newClient(talk(says(400, `"c00kie-of-the-call and c00kie-of-the-answer"`, "Set-Cookie", "Session_id=c00kie-of-the-answer; Path=/")),
		func(c *Config) {
			c.Explain = func(body []byte, e *core.Error) { e.Message = string(body) }
		})
	r := call(opPut, nil)
	r.Anonymous, r.Header = true, http.Header{"Cookie": {"a=1; Session_id=c00kie-of-the-call"}}
	_, err := c.Do(t.Context(), r)
	require.Equal(t, `"[redacted] and [redacted]"`, failure(t, err).Message)
}

func TestInnocentWordsStay(t *testing.T) {
	c := newClient(talk(says(400, `{}`)), func(c *Config) {
		c.Secrets = []core.Secret{core.NewSecret("Password2024!"), core.NewSecret("client-secret-9"), core.NewSecret("able")}
		c.Explain = func(_ []byte, e *core.Error) {
			e.Code = "work"
			e.Message = "the password must differ; displayName and firstName are wrong; a client must not be an ab letter; unable? Anna blew; " +
				"role Agent; type work"
		}
	})
	r := call(opPut, nil)
	r.Query = url.Values{"orderBy": {"firstName"}, "role": {"Agent"}}
	r.Body = map[string]any{"firstName": "Ann", "displayName": "", "type": "work", "state": "on"}
	_, err := c.Do(t.Context(), r)
	e := failure(t, err)
	require.Equal(t, "work", e.Code)
	require.Equal(t, "the password must differ; displayName and firstName are wrong; a client must not be an ab letter; un[redacted]? Anna "+
		"blew; role Agent; type work", e.Message)
}

func TestWhatWeSentIsNotRepeated(t *testing.T) {
	for said, want := range map[string]string{
		"bad query email=secret.person@example.com&max=100": "bad query email=[redacted]&max=100",
		`cannot parse {"emails":["secret.person@example.com"],"firstName":"Private"}`: `cannot parse {"emails":["[redacted]"],` +
			`"firstName":"[redacted]"}`,
		"GET /v1/people?email=secret.person%40example.com&max=100 failed": "GET /v1/people failed",
		`filter userName eq "other@example.com" is bad`:                   `filter [redacted] is bad`,
		`address other@example.com is bad`:                                `address [redacted] is bad`,
		"the login SECRET.PERSON@EXAMPLE.COM is taken":                    "the login [redacted] is taken",
	} {
		c := newClient(talk(says(400, said)), func(c *Config) {
			c.Explain = func(body []byte, e *core.Error) { e.Message = string(body) }
		})
		r := call(opPut, nil)
		r.Query = url.Values{"email": {"secret.person@example.com"}, "max": {"100"}, "filter": {`userName eq "other@example.com"`}}
		r.Body = map[string]any{"emails": []string{"secret.person@example.com"}, "firstName": "Private"}
		_, err := c.Do(t.Context(), r)
		require.Equal(t, want, failure(t, err).Message)
	}
}

// TestAGlanceMissesNothing: what is found by a thorough look is suspected at a glance.
func TestAGlanceMissesNothing(t *testing.T) {
	n := &needles{}
	for _, s := range []string{"s3cret-t0ken.of=the:day", "abcd", strings.Repeat("l0ng.T0ken", 20)} {
		n.add(s)
	}
	require.True(t, harmless("3f2504e0-4f89-11d3-9a0c-0305e82c3301", []*needles{n}))
	for name, spell := range spellings {
		for _, part := range []string{"s3cret-t0ken.of=the:day", "t0ken.of", "abcd", "T0kenl0ng.T0kenl"} {
			require.False(t, harmless("id:"+spell(part), []*needles{n}), "%s of %s", name, part)
			require.False(t, harmless("id-"+spell(part)+"-7", []*needles{n}), "%s of %s", name, part)
		}
	}
}

func BenchmarkCleanRequestID(b *testing.B) {
	c := New(Config{Secrets: []core.Secret{core.NewSecret(strings.Repeat("Ab9-", 10)), core.NewSecret(strings.Repeat("xYz0.", 180))}})
	b.ReportAllocs()
	for b.Loop() {
		c.text("3f2504e0-4f89-11d3-9a0c-0305e82c3301")
	}
}

func FuzzClean(f *testing.F) {
	f.Add(canaryKey, `a\u00`)
	f.Add("abcdefgh12345", "%61&#x62;c\\u0064efgh")
	f.Fuzz(func(t *testing.T, secret, text string) {
		var b blanker
		b.configure(secret)
		mine := &needles{}
		mine.addWhole(text, false)
		out := b.clean(text+secret+text, mine)
		if len(viewOf(secret).folded().text) >= shortest && len(text)+len(secret) < maxCleaned && !strings.Contains(text+secret, "?") &&
			utf8.ValidString(text) && utf8.ValidString(secret) {
			require.Contains(t, out, "[redacted]")
		}
	})
}
