package liveperson

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// APIKey signs each request with OAuth 1.0a (HMAC-SHA1) and the four values of
// an API key. For users the key needs the category Administration, permission
// Users. LivePerson issues such keys for the site, not for a person.
type APIKey struct {
	AppKey            string
	Secret            core.Secret
	AccessToken       core.Secret
	AccessTokenSecret core.Secret
}

func (k APIKey) prepare(*Client) (rest.Auth, []core.Secret, error) {
	switch {
	case k.AppKey == "":
		return nil, nil, core.Invalid(vendor, "New", "APIKey.AppKey is missing")
	case k.Secret.IsZero():
		return nil, nil, core.Invalid(vendor, "New", "APIKey.Secret is missing")
	case k.AccessToken.IsZero():
		return nil, nil, core.Invalid(vendor, "New", "APIKey.AccessToken is missing")
	case k.AccessTokenSecret.IsZero():
		return nil, nil, core.Invalid(vendor, "New", "APIKey.AccessTokenSecret is missing")
	}
	return &signer{k}, []core.Secret{k.Secret, k.AccessToken, k.AccessTokenSecret}, nil
}

// signer signs requests. Each attempt gets a time and a nonce of its own.
type signer struct{ key APIKey }

// Authorize implements rest.Auth.
func (s *signer) Authorize(_ context.Context, req *http.Request) (string, error) {
	req.Header["Authorization"] = []string{s.key.header(req.Method, req.URL, rand.Text(), time.Now())}
	return "", nil
}

// Renew implements rest.Auth: a refused key cannot be renewed.
func (s *signer) Renew(string) bool { return false }

// header returns the Authorization of one request (RFC 5849, section 3.5.1).
func (k *APIKey) header(method string, u *url.URL, nonce string, now time.Time) string {
	params := []param{
		{"oauth_consumer_key", k.AppKey},
		{"oauth_token", k.AccessToken.Reveal()},
		{"oauth_signature_method", "HMAC-SHA1"},
		{"oauth_timestamp", strconv.FormatInt(now.Unix(), 10)},
		{"oauth_nonce", nonce},
		{"oauth_version", "1.0"},
	}
	signature := k.sign(method, u, params)
	var b strings.Builder
	b.WriteString("OAuth ")
	for _, p := range params {
		b.WriteString(p.name + `="` + percent(p.value) + `", `)
	}

	b.WriteString(`oauth_signature="` + percent(signature) + `"`)
	return b.String()
}

type param struct{ name, value string }

// sign returns the signature of a request whose body is not a form: the query's
// parameters count, a JSON body does not.
func (k *APIKey) sign(method string, u *url.URL, params []param) string {
	mac := hmac.New(sha1.New, []byte(percent(k.Secret.Reveal())+"&"+percent(k.AccessTokenSecret.Reveal())))
	mac.Write([]byte(baseString(method, u, params)))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// baseString is what is signed (RFC 5849, section 3.4.1).
func baseString(method string, u *url.URL, params []param) string {
	var all []param
	for name, values := range u.Query() {
		for _, v := range values {
			all = append(all, param{percent(name), percent(v)})
		}
	}

	for _, p := range params {
		all = append(all, param{percent(p.name), percent(p.value)})
	}
	slices.SortFunc(all, func(a, b param) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
	pairs := make([]string, len(all))
	for i, p := range all {
		pairs[i] = p.name + "=" + p.value
	}

	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	switch scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	}

	path := cmp.Or(u.EscapedPath(), "/")
	return strings.ToUpper(method) + "&" + percent(scheme+"://"+host+path) + "&" + percent(strings.Join(pairs, "&"))
}

// percent is the encoding of RFC 5849, section 3.6.
func percent(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}
