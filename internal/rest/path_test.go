package rest

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

var opDeep = &Op{Name: "Parts.Get", Method: http.MethodGet, Path: "/things/{thingId}/parts/{partId}:peek", Replay: Safe}

var impossible = []string{"", " ", "\t", "\u00a0", ".", "..", "/", "a/b", "../x", "a/..", `a\b`, `..\x`,
	"a\x00b", "a\nb", "a\rb", "\x1f", "a\x7f", "\xff\xfe", "J\xfcrg", strings.Repeat("x", 1025)}

var awkward = []string{"a b", "%2F", "%2e%2e", "%", "a%zz", "...", "..a", "a..", ".a", "?", "#", "a?b=c", "a#b", "a;b", "a:b",
	"a@b", "a&b=c", "a+b", "ä€😀", "{x}", "{partId}", "a,b", "[1]", "~", "!$'()*", "a\u2028b", "sip:jo@example.org", strings.Repeat("x", 1024)}

func TestAnImpossibleIDIsRefusedBeforeAnythingIsSent(t *testing.T) {
	mock := httpmock.NewMockTransport()
	mock.RegisterNoResponder(httpmock.NewStringResponder(200, okBody))
	c := newClient(mock)
	for _, id := range impossible {
		for pos, name := range []string{"thingId", "partId"} {
			args := []string{"fine", "fine"}
			args[pos] = id
			_, err := c.Do(t.Context(), Request{Op: opDeep, Base: testBase, Args: args})
			e := failure(t, err)
			assert.ErrorIs(t, e, core.ErrInvalid, "%q", id)
			assert.Equal(t, "Parts.Get", e.Op)
			assert.Contains(t, e.Message, name)
			assert.Zero(t, e.Attempts)
			assert.Equal(t, core.AppliedNo, e.Applied)
		}
	}
	require.Zero(t, mock.GetTotalCallCount())
}

func TestAListOfAnImpossibleIDIsRefusedBeforeAnythingIsSent(t *testing.T) {
	mock := httpmock.NewMockTransport()
	n := 0
	for _, err := range List[thing](t.Context(), newClient(mock), Request{Op: opDeep, Base: testBase, Args: []string{"..", "x"}}, nil) {
		require.ErrorIs(t, err, core.ErrInvalid)
		n++
	}
	require.Equal(t, 1, n)
	require.Zero(t, mock.GetTotalCallCount())
}

// checkPath holds what is true of every path that is sent.
func checkPath(t *testing.T, base *url.URL, u url.URL, args []string) {
	t.Helper()
	escaped := u.EscapedPath()
	prefix := strings.TrimSuffix(base.EscapedPath(), "/")
	require.True(t, strings.HasPrefix(escaped, prefix+"/things/"), "%q is not below %q", escaped, prefix)
	parts := strings.Split(strings.TrimPrefix(escaped, prefix+"/"), "/")
	require.Len(t, parts, 4, escaped)
	require.Equal(t, "things", parts[0])
	require.Equal(t, "parts", parts[2])
	first, err := url.PathUnescape(parts[1])
	require.NoError(t, err)
	require.Equal(t, args[0], first)
	last, found := strings.CutSuffix(parts[3], ":peek")
	require.True(t, found, escaped)
	second, err := url.PathUnescape(last)
	require.NoError(t, err)
	require.Equal(t, args[1], second)
	require.False(t, strings.ContainsFunc(escaped, func(r rune) bool { return r <= 0x20 || r >= 0x7f }), "%q", escaped)
	// And as any server reads it.
	again, err := url.Parse(u.String())
	require.NoError(t, err)
	require.Equal(t, escaped, again.EscapedPath())
	require.Equal(t, base.Host, again.Host)
	require.Equal(t, base.Scheme, again.Scheme)
	require.Empty(t, again.RawQuery+again.Fragment)
	require.Equal(t, again.EscapedPath(), again.JoinPath().EscapedPath(), "nothing is left for a proxy to collapse")
}

var bases = []string{"https://vendor.example", "https://vendor.example/", "https://vendor.example/api", "https://vendor.example/api/v1/",
	"https://vendor.example/a%2Fb/", "https://vendor.example/a%20b", "https://vendor.example/%E4%BD%A0/x", "http://127.0.0.1:99/p"}

func TestEveryArgumentStaysInItsSegmentBelowEveryBase(t *testing.T) {
	for _, raw := range bases {
		base, err := ParseBase(raw, false)
		require.NoError(t, err)
		for i, a := range awkward {
			for _, b := range []string{a, "x", awkward[(i+1)%len(awkward)], awkward[(i+7)%len(awkward)]} {
				u, err := opDeep.expand(base, []string{a, b})
				require.NoError(t, err, "%q %q", a, b)
				checkPath(t, base, u, []string{a, b})
			}
		}
	}
}

func TestRandomArgumentsStayInTheirSegments(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	base := mustURL("https://vendor.example/a%2Fb/v1")
	const letters = "./\\%2eEfF?#;:@ a\x00\xff{}"
	random := func() string {
		b := make([]byte, r.IntN(12))
		for i := range b {
			b[i] = letters[r.IntN(len(letters))]
		}
		return string(b)
	}
	sent := 0
	for range 5000 {
		args := []string{random(), random()}
		u, err := opDeep.expand(base, args)
		if CheckID(args[0]) != "" || CheckID(args[1]) != "" {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err)
		checkPath(t, base, u, args)
		sent++
	}
	require.Greater(t, sent, 100)
}

func FuzzPath(f *testing.F) {
	for i, s := range append(append([]string{}, impossible...), awkward...) {
		f.Add(s, awkward[i%len(awkward)], byte(i))
		f.Add("x", s, byte(i))
	}
	f.Fuzz(func(t *testing.T, a, b string, at byte) {
		base := mustURL(bases[int(at)%len(bases)])
		args := []string{a, b}
		u, err := opDeep.expand(base, args)
		for _, arg := range args {
			if strings.ContainsAny(arg, "/\\\x00\r\n\x7f") || strings.TrimSpace(arg) == "" || arg == "." || arg == ".." || !utf8.ValidString(arg) {
				require.Error(t, err, "%q", args)
			}
		}
		if err != nil {
			return
		}
		checkPath(t, base, u, args)
	})
}

func TestThePathIsSentAsItWasEscaped(t *testing.T) {
	var got []string
	c, base := overTCP(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.RequestURI)
		w.Write([]byte(okBody))
	}))
	base = mustURL(base.String() + "/api%2Fv1")
	for _, w := range []struct{ id, want string }{
		{"t1", "/api%2Fv1/things/t1"},
		{"a b?c#d%2F", "/api%2Fv1/things/a%20b%3Fc%23d%252F"},
		{"ä", "/api%2Fv1/things/%C3%A4"},
		{"jo@example.org", "/api%2Fv1/things/jo@example.org"},
	} {
		_, err := c.Do(t.Context(), Request{Op: opGet, Base: base, Args: []string{w.id}})
		require.NoError(t, err)
		require.Equal(t, w.want, got[len(got)-1])
	}
}

func TestARepeatIsSentToTheSamePath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := talk(says(503, ``), says(429, ``), ok())
		r := call(opGet, nil)
		r.Args, r.Query = []string{"a b%2F"}, options{Page: 2}
		_, err := newClient(p).Do(t.Context(), r)
		require.NoError(t, err)
		for _, s := range p.all() {
			require.Equal(t, "https://vendor.example/api/things/a%20b%252F?all=false&page=2", s.URL)
		}
	})
}

func TestAPathWithoutParametersTakesNone(t *testing.T) {
	u, err := opList.expand(mustURL("https://vendor.example/api/"), nil)
	require.NoError(t, err)
	require.Equal(t, "https://vendor.example/api/things", u.String())
}

func TestTheReplayClassesHaveTheNamesOfTheDocumentation(t *testing.T) {
	require.Equal(t, "safe replay-safe detectable once",
		strings.Join([]string{Safe.String(), ReplaySafe.String(), Detectable.String(), Once.String()}, " "))
	require.True(t, utf8.ValidString(Safe.String()))
}
