package rest

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// ParseBase checks and parses a base URL: https, or http to a loopback address
// or where the caller allows it; no user, query or fragment.
func ParseBase(raw string, allowHTTP bool) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return nil, fmt.Errorf("base URL is missing")
	case err != nil:
		// The text of a URL error repeats the URL, which may hold a password.
		return nil, fmt.Errorf("base URL cannot be parsed")
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.Opaque != "":
		return nil, fmt.Errorf("base URL must be https://host[:port][/path]")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return nil, fmt.Errorf("base URL must not hold a user, a query or a fragment")
	case u.Scheme == "http" && !allowHTTP && !Loopback(u.Hostname()):
		return nil, fmt.Errorf("base URL is plain http to %s: credentials would travel in the clear; use https", u.Host)
	}
	return u, nil
}

// Loopback reports whether a host name is this machine.
func Loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// SameOrigin reports whether two absolute URLs are of one origin.
func SameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch p := u.Port(); {
	case p != "":
		return p
	case strings.EqualFold(u.Scheme, "http"):
		return "80"
	}
	return "443"
}

// followRead follows a redirect only for a read and only within the origin:
// credentials go nowhere else, and a write is never sent to where it was not
// meant.
func followRead(req *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) > 3 || len(req.URL.Path)+len(req.URL.RawQuery) > maxAddress || first.Method != http.MethodGet || !SameOrigin(first.URL,
		req.URL) {
		return http.ErrUseLastResponse
	}
	return nil
}

// maxAddress bounds the path and the query that a redirect may lead to.
const maxAddress = 16 << 10

// followNone follows no redirect.
func followNone(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
