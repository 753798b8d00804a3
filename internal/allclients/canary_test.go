package allclients

import (
	"bytes"
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
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// parrot repeats in each refusal what it was sent, spelled in some way: the credential,
// the query, the body and each of its texts.
type parrot struct {
	http.RoundTripper
	spell  func(string) string
	status int
	// repeats says whether a request is answered so.
	repeats func(op string) bool
	// sent are the credentials that it saw. A pointer, because a Config that is printed
	// shows the caller's own transport.
	sent *[]string
}

// RoundTrip implements http.RoundTripper.
func (p *parrot) RoundTrip(r *http.Request) (*http.Response, error) {
	*p.sent = append(*p.sent, credentials(r)...)
	if !p.repeats(core.OperationOf(r.Context())) {
		return p.RoundTripper.RoundTrip(r)
	}

	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	said := slices.Concat(credentials(r), []string{r.URL.RawQuery, string(body)}, texts(body))
	for i := range said {
		said[i] = p.spell(said[i])
	}
	words := "we refuse " + strings.Join(said, " and ")
	answer, _ := json.Marshal(map[string]any{"message": words, "code": "E1", "title": words, "detail": words, "Message": words,
		"error": map[string]any{"message": words}, "errors": []any{map[string]any{"description": words}}})
	return &http.Response{StatusCode: p.status, Header: http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {p.spell(said[0])},
		"Trackingid": {p.spell(said[0])}},
		Body: io.NopCloser(bytes.NewReader(answer)), ContentLength: int64(len(answer)), Request: r}, nil
}

// credentials are what lets a request in.
func credentials(r *http.Request) (out []string) {
	for _, name := range []string{"Authorization", "Cookie", "Appkey", "X-Api-Key"} {
		if v := r.Header.Get(name); v != "" {
			out = append(out, v[strings.LastIndexAny(v, " =")+1:])
		}
	}
	return append(out, "-")
}

// texts are the texts in a JSON body.
func texts(body []byte) (out []string) {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return nil
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, e := range v {
				walk(e)
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		case string:
			out = append(out, v)
		}
	}
	walk(v)
	return out
}

// spellings are the ways in which a vendor may repeat.
var spellings = map[string]func(string) string{
	"as it is": func(s string) string { return s },
	"HTML":     html.EscapeString,
	"percent":  url.QueryEscape,
	"path":     url.PathEscape,
	"base64":   func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"capitals": strings.ToUpper,
	"hex":      func(s string) string { return hex.EncodeToString([]byte(s)) },
	"every byte, small": func(s string) string {
		var b strings.Builder
		for i := range len(s) {
			fmt.Fprintf(&b, "%%%02x", s[i])
		}
		return b.String()
	},
	"JSON of PHP, twice": func(s string) string {
		b, _ := json.Marshal(s)
		b, _ = json.Marshal(strings.ReplaceAll(string(b), "/", `\/`))
		return string(b)
	},
	"HTML, numbers": func(s string) string {
		var b strings.Builder
		for _, r := range s {
			fmt.Fprintf(&b, "&#%d;", r)
		}
		return b.String()
	},
	"split by lines": func(s string) string { return s[:len(s)/2] + "\r\n\t" + s[len(s)/2:] },
	"UTF-16":         func(s string) string { return strings.Join(strings.Split(s, ""), "\x00") },
	"first two":      func(s string) string { return s[:len(s)*2/3] + "..." },
	"last two":       func(s string) string { return "..." + s[len(s)/3:] },
}

// cuts are ways to cut short what is repeated: at least six characters of it stand.
var cuts = map[string]func(string) string{
	"the first eight":       func(s string) string { return s[:min(len(s), 8)] + "..." },
	"the first seven, …":    func(s string) string { return s[:min(len(s), 7)] + "…" },
	"the first six":         func(s string) string { return s[:min(len(s), 6)] },
	"the last seven":        func(s string) string { return "..." + s[max(0, len(s)-7):] },
	"up to the @, in stars": func(s string) string { local, _, _ := strings.Cut(s, "@"); return local + "***" },
	"from the local part":   func(s string) string { at := strings.LastIndex(s, "@"); return "…" + s[max(0, at-3):] },
}

// TestCanaries_CutShortAreSeenNowhere: a vendor that cuts what it repeats, as it is or
// escaped, shows no more of a person.
func TestCanaries_CutShortAreSeenNowhere(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		for name, cut := range cuts {
			for _, spelling := range []string{"as it is", "HTML, numbers", "every byte, small", "JSON of PHP, twice", "capitals"} {
				synctest.Test(t, func(t *testing.T) {
					w := &witness{}
					o := w.options()
					o.MaxAttempts = 1
					asciiOnly := func(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f }) }
					var left []string
					spell := func(s string) string {
						if s = cut(s); asciiOnly(strings.TrimSuffix(strings.TrimPrefix(s, "…"), "…")) {
							return spellings[spelling](s)
						}
						return "-"
					}
					p := &parrot{sent: new([]string), spell: spell, status: 400, repeats: func(op string) bool { return strings.HasSuffix(op, ".Create") }}
					o.Transport = p
					a := v.account(t, o)
					p.RoundTripper = a.sim.Transport()

					spec := tagged(a)
					_, err := a.store.CreateUser(t.Context(), spec)
					require.Error(t, err)
					if e, ok := errors.AsType[*core.Error](err); ok {
						e.Hint = ""
					}
					for _, value := range []string{spec.Login, spec.Email, spec.FirstName} {
						part := strings.Trim(cut(value), ".…*")
						if _, domain, found := strings.Cut(value, "@"); len(part) < 6 || found && strings.HasSuffix("@"+domain, part) {
							continue // a domain tells of nobody
						}
						left = append(left, part, strings.Trim(spell(value), ".…*"))
					}
					for _, text := range append(shown(err), w.log.String()) {
						for _, part := range left {
							require.NotContains(t, strings.ToLower(text), strings.ToLower(part), "%s, %s", name, spelling)
						}
					}
				})
			}
		}
	})
}

// canaries are what must be seen nowhere: personal fields, and secrets.
const (
	canaryPassword = "CaNaRy&p4ss<W0rd>9"
	canaryFirst    = "Canaryfirstname"
	canaryLast     = "Müller-Canarylast"
	canaryLogin    = "canary.login.of.somebody"
)

// tagged is a spec whose personal fields are canaries.
func tagged(a *account) core.UserSpec {
	spec := a.spec
	spec.Login, spec.Email = strings.Replace(spec.Login, "spec", canaryLogin, 1), strings.Replace(spec.Email, "spec", canaryLogin, 1)
	if spec.Login == a.spec.Login {
		panic("the login is no canary")
	}
	if spec.FirstName != "" {
		spec.FirstName, spec.LastName = canaryFirst, canaryLast
	}
	if !spec.Password.IsZero() {
		spec.Password = core.NewSecret(canaryPassword)
	}
	return spec
}

// shown are all the ways in which a value comes to be seen.
func shown(v any) (out []string) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%s", "%x", "%d"} {
		out = append(out, fmt.Sprintf(verb, v))
	}
	asJSON, _ := json.Marshal(v)
	return append(out, string(asJSON))
}

// traces reports whether a text holds a canary, or most of it.
func traces(text, canary string) bool {
	text, canary = strings.ToLower(text), strings.ToLower(canary)
	most := len(canary) * 2 / 3
	return len(canary) >= 8 && (strings.Contains(text, canary[:most]) || strings.Contains(text, canary[len(canary)-most:]))
}

// TestCanaries_AreSeenNowhere: whatever a vendor repeats of a create, in whatever
// spelling, is in no error, event or log.
func TestCanaries_AreSeenNowhere(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		for spelling, spell := range spellings {
			for _, status := range []int{400, 401, 403, 409, 500} {
				synctest.Test(t, func(t *testing.T) {
					w := &witness{}
					o := w.options()
					o.MaxAttempts = 1
					p := &parrot{sent: new([]string), spell: spell, status: status, repeats: func(op string) bool {
						return strings.HasSuffix(op, ".Create")
					}}
					o.Transport = p
					a := v.account(t, o)
					p.RoundTripper = a.sim.Transport()

					spec := tagged(a)
					_, err := a.store.CreateUser(t.Context(), spec)
					require.Error(t, err)
					if e, ok := errors.AsType[*core.Error](err); ok {
						e.Hint = "" // which names the login to look for, in words of ours
					}
					seen := []string{w.log.String()}
					for e := err; e != nil; e = errors.Unwrap(e) {
						seen = append(seen, shown(e)...)
					}
					for _, e := range w.events {
						seen = append(seen, shown(e)...)
					}
					for _, canary := range append(*p.sent, canaryPassword, canaryFirst, canaryLast, canaryLogin) {
						for _, text := range seen {
							if canary != "" && !assert.False(t, traces(text, canary) || traces(text, spell(canary)), "%s %d: %q in %.600s", spelling, status,
								canary, text) {
								return
							}
						}
					}
				})
			}
		}
	})
}

// TestCanaries_OfCredentialsAreSeenNowhere: whichever operation the vendor refuses, a
// login and a logout among them, while it repeats the credential.
func TestCanaries_OfCredentialsAreSeenNowhere(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		for op := range v.account(t, core.ClientOptions{}).calls {
			synctest.Test(t, func(t *testing.T) {
				w := &witness{}
				o := w.options()
				o.MaxAttempts = 1
				p := &parrot{sent: new([]string), spell: spellings["as it is"], status: 400, repeats: func(asked string) bool { return asked == op }}
				o.Transport = p
				a := v.account(t, o)
				p.RoundTripper = a.sim.Transport()
				err := a.calls[op](t.Context())

				seen := []string{w.log.String()}
				for e := err; e != nil; e = errors.Unwrap(e) {
					seen = append(seen, shown(e)...)
				}
				for _, e := range w.events {
					seen = append(seen, shown(e)...)
				}
				for _, secret := range *p.sent {
					for _, text := range seen {
						require.False(t, traces(text, secret), "%s: %q in %.600s", op, secret, text)
					}
				}
			})
		}
	})
}

// TestCanaries_PasswordsDoNotPushTheCredentialOut: an import sets many, with one token.
func TestCanaries_PasswordsDoNotPushTheCredentialOut(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			refuse := false
			p := &parrot{sent: new([]string), spell: spellings["as it is"], status: 400, repeats: func(op string) bool {
				return refuse && strings.HasSuffix(op, ".Create")
			}}
			a := v.account(t, core.ClientOptions{Transport: p})
			p.RoundTripper = a.sim.Transport()
			for i := range 120 {
				refuse = i == 119
				spec := a.spec
				spec.Login, spec.Email = strings.Replace(spec.Login, "spec", fmt.Sprint("spec", i), 1), strings.Replace(spec.Email, "spec",
					fmt.Sprint("spec", i), 1)
				if !spec.Password.IsZero() {
					spec.Password = core.NewSecret(fmt.Sprintf("Pa55-%03d-word!", i))
				}
				_, err := a.store.CreateUser(t.Context(), spec)
				if !refuse {
					require.NoError(t, err)
					continue
				}
				require.Error(t, err)
				for _, secret := range append(*p.sent, spec.Password.Reveal()) {
					require.False(t, traces(err.Error(), secret), "%q in %v", secret, err)
				}
			}
		})
	})
}

// TestCanaries_AreNotPrinted: with whatever verb, and of whatever value.
func TestCanaries_AreNotPrinted(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		p := &parrot{sent: new([]string), repeats: func(string) bool { return false }}
		a := v.account(t, core.ClientOptions{Transport: p})
		p.RoundTripper = a.sim.Transport()
		require.NoError(t, a.read(t.Context()))

		spec := tagged(a)
		var seen []string
		for _, value := range []any{a.client, a.config, a.store, &a.config, spec.Password, struct{ C any }{a.client}, []any{a.client}} {
			seen = append(seen, shown(value)...)
		}
		seen = append(seen, shown(spec)...)
		for _, secret := range append(*p.sent, canaryPassword) {
			for _, text := range seen {
				require.False(t, traces(text, secret), "%q in %.600s", secret, text)
			}
		}
	})
}

// TestCanaries_AreInNoPanic: of a transport, an observer or a block log of the user's
// own, which breaks down while it holds a request.
func TestCanaries_AreInNoPanic(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			w := &witness{}
			o := w.options()
			p := &parrot{sent: new([]string), repeats: func(string) bool { return false }}
			o.Transport = p
			o.Observer = func(e core.Event) { panic(fmt.Sprint("no such metric: ", *p.sent)) }
			o.BlockLog = func(context.Context, core.Block) error { panic("no space left") }
			a := v.account(t, o)
			p.RoundTripper = a.sim.Transport()
			require.NoError(t, a.read(t.Context()), "an observer that panics breaks no call")

			p.RoundTripper = roundTripper(func(r *http.Request) (*http.Response, error) { panic("broken transport") })
			seen := []string{w.log.String()}
			func() {
				defer func() { seen = append(seen, fmt.Sprint(recover())) }()
				err := a.read(t.Context())
				seen = append(seen, shown(err)...)
			}()
			for _, secret := range *p.sent {
				for _, text := range seen {
					require.False(t, traces(text, secret), "%q in %.600s", secret, text)
				}
			}
		})
	})
}
