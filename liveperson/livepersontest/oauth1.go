package livepersontest

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// oauth1Window is how far a timestamp may be off.
const oauth1Window = 5 * time.Minute

// verifyOAuth1 checks an OAuth 1.0a header: HMAC-SHA1 over the method, the URL
// and its query parameters; a JSON body is not part of it. Failures are answered
// as form text, not as JSON.
func (s *Server) verifyOAuth1(r *http.Request, header string) *problem {
	params, ok := parseOAuth1(header)
	if !ok {
		return oauthProblem("parameter_rejected", "the Authorization header cannot be read")
	}

	var absent []string
	for _, name := range []string{"consumer_key", "token", "signature_method", "timestamp", "nonce", "signature"} {
		if params["oauth_"+name] == "" {
			absent = append(absent, "oauth_"+name)
		}
	}

	key := s.cfg.oauth1
	seconds, err := strconv.ParseInt(params["oauth_timestamp"], 10, 64)
	now := time.Now()
	off := now.Sub(time.Unix(seconds, 0)).Abs()

	switch {
	case absent != nil:
		return oauthProblem("parameter_absent", "missing: "+strings.Join(absent, " "))
	case params["oauth_version"] != "" && params["oauth_version"] != "1.0":
		return oauthProblem("version_rejected", "oauth_version is not 1.0")
	case params["oauth_signature_method"] != "HMAC-SHA1":
		return oauthProblem("signature_method_rejected", "oauth_signature_method is not HMAC-SHA1")
	case err != nil || off > oauth1Window:
		return oauthProblem("timestamp_refused", "oauth_timestamp is too far off")
	case params["oauth_consumer_key"] != key.ConsumerKey:
		return oauthProblem("consumer_key_unknown", "no such application key")
	case params["oauth_token"] != key.AccessToken:
		return oauthProblem("token_rejected", "no such access token")
	}

	// A handler cannot see which scheme the client signed: a proxy may have
	// ended TLS, and in memory there is none.
	signed := false
	for _, scheme := range []string{"https", "http"} {
		want := oauth1Signature(r, scheme, params, key)
		signed = signed || hmac.Equal([]byte(want), []byte(params["oauth_signature"]))
	}
	if !signed {
		return oauthProblem("signature_invalid", "the signature does not match the request")
	}

	for nonce, at := range s.nonces {
		if now.Sub(at) > 2*oauth1Window {
			delete(s.nonces, nonce)
		}
	}

	nonce := params["oauth_timestamp"] + " " + params["oauth_nonce"]
	if _, used := s.nonces[nonce]; used {
		return oauthProblem("nonce_used", "oauth_nonce was used before")
	}
	s.nonces[nonce] = now
	return nil
}

// parseOAuth1 reads what follows the word OAuth: name="value", comma separated,
// both percent-encoded.
func parseOAuth1(header string) (params map[string]string, ok bool) {
	params = map[string]string{}
	for pair := range strings.SplitSeq(header, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok || len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
			return nil, false
		}
		name, err := url.PathUnescape(name)
		text, err2 := url.PathUnescape(value[1 : len(value)-1])
		if _, twice := params[name]; err != nil || err2 != nil || twice {
			return nil, false
		}
		params[name] = text
	}
	return params, true
}

func oauth1Signature(r *http.Request, scheme string, params map[string]string, key OAuth1Key) string {
	// The path as it was sent, even where the server is mounted below a prefix.
	path := r.URL.EscapedPath()
	if u, err := url.ParseRequestURI(r.RequestURI); err == nil {
		path = u.EscapedPath()
	}
	host := strings.ToLower(r.Host)
	host = strings.TrimSuffix(host, map[string]string{"https": ":443", "http": ":80"}[scheme])

	var pairs []string
	add := func(name, value string) { pairs = append(pairs, percent(name)+"="+percent(value)) }
	for name, values := range r.URL.Query() {
		for _, value := range values {
			add(name, value)
		}
	}
	for name, value := range params {
		if name != "oauth_signature" && name != "realm" {
			add(name, value)
		}
	}

	slices.Sort(pairs)
	base := r.Method + "&" + percent(scheme+"://"+host+path) + "&" + percent(strings.Join(pairs, "&"))
	mac := hmac.New(sha1.New, []byte(percent(key.ConsumerSecret)+"&"+percent(key.AccessTokenSecret)))
	mac.Write([]byte(base))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// percent is the encoding of RFC 5849, section 3.6.
func percent(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") // "~" is left alone by both
}

func oauthProblem(name, advice string) *answer {
	return simnet.Text(http.StatusUnauthorized, "text/plain;charset=utf-8",
		"oauth_problem="+name+"&oauth_problem_advice="+url.QueryEscape(advice))
}
