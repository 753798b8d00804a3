package rest

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

type options struct {
	Name  string    `url:"name,omitempty"`
	On    *bool     `url:"on,omitempty"`
	Page  int       `url:"page,omitempty"`
	IDs   []string  `url:"ids,omitempty,comma"`
	Kinds []string  `url:"kind,omitempty"`
	Since time.Time `url:"since,omitempty"`
	All   bool      `url:"all"`
}

func TestOptionsBecomeASortedQuery(t *testing.T) {
	var none *options
	for _, w := range []struct {
		in   any
		want string
	}{
		{nil, ""},
		{none, ""},
		{options{}, "all=false"},
		{&options{All: true}, "all=true"},
		{options{On: new(false)}, "all=false&on=false"},
		{options{Page: 2, Name: "a b&c=ü", Kinds: []string{"x", "y"}}, "all=false&kind=x&kind=y&name=a+b%26c%3D%C3%BC&page=2"},
		{options{IDs: []string{"1", "2"}}, "all=false&ids=1%2C2"},
		{url.Values{"state": {"on"}, "a b": {"x&y", "z"}}, "a+b=x%26y&a+b=z&state=on"},
		{url.Values{}, ""},
		{options{Since: noon}, "all=false&since=2026-03-01T12%3A00%3A00Z"},
	} {
		got, err := encodeQuery(opList, w.in)
		require.NoError(t, err)
		require.Equal(t, w.want, got)
	}
}

func TestTheQueryIsSent(t *testing.T) {
	mock := httpmock.NewMockTransport()
	var got url.Values
	mock.RegisterResponder(http.MethodGet, "https://vendor.example/api/things", func(r *http.Request) (*http.Response, error) {
		got = r.URL.Query()
		return httpmock.NewStringResponse(200, `{}`), nil
	})
	_, err := newClient(mock).Do(t.Context(), Request{Op: opList, Base: testBase, Query: options{Name: "x&y", Page: 3}})
	require.NoError(t, err)
	require.Equal(t, url.Values{"name": {"x&y"}, "page": {"3"}, "all": {"false"}}, got)
}

func TestOptionsThatAreNoStructAreRefusedBeforeAnythingIsSent(t *testing.T) {
	mock := httpmock.NewMockTransport()
	_, err := newClient(mock).Do(t.Context(), Request{Op: opList, Base: testBase, Query: map[string]string{"password": "hush"}})
	e := failure(t, err)
	require.ErrorIs(t, e, core.ErrInvalid)
	require.NotContains(t, e.Error(), "hush")
	require.Zero(t, mock.GetTotalCallCount())
}

func TestABodyIsSentAsJSONOrAsAForm(t *testing.T) {
	mock := httpmock.NewMockTransport()
	p := talk(ok())
	c := newClient(p)
	_, err := c.Do(t.Context(), Request{Op: opCreate, Base: testBase, Args: []string{"x"}, Body: struct {
		A string      `json:"a"`
		S core.Secret `json:"s"`
	}{"<1>", core.NewSecret("hush")}})
	require.NoError(t, err)
	_, err = c.Do(t.Context(), Request{Op: opCreate, Base: testBase, Args: []string{"x"}, Body: url.Values{"b": {"1&2"}}})
	require.NoError(t, err)
	_, err = c.Do(t.Context(), Request{Op: opCreate, Base: testBase, Args: []string{"x"}})
	require.NoError(t, err)
	log := p.all()
	require.JSONEq(t, `{"a":"<1>","s":"hush"}`, log[0].Body)
	require.Equal(t, "application/json", log[0].Header.Get("Content-Type"))
	require.Equal(t, "b=1%262", log[1].Body)
	require.Equal(t, "application/x-www-form-urlencoded", log[1].Header.Get("Content-Type"))
	require.Empty(t, log[2].Body)
	require.Empty(t, log[2].Header.Get("Content-Type"))
	require.Zero(t, mock.GetTotalCallCount())
}

func TestABodyThatHasNoJSONFormIsRefusedBeforeAnythingIsSent(t *testing.T) {
	mock := httpmock.NewMockTransport()
	_, err := newClient(mock).Do(t.Context(), Request{Op: opCreate, Base: testBase, Args: []string{"x"}, Body: func() {}})
	require.ErrorIs(t, failure(t, err), core.ErrInvalid)
	require.Zero(t, mock.GetTotalCallCount())
}

func TestHeadersOfTheRequestAreSentAndMayReplaceOurs(t *testing.T) {
	p := talk(ok())
	r := call(opGet, nil)
	r.Header = http.Header{"If-Match": {"7"}, "Accept": {"text/plain"}}
	_, err := newClient(p, func(c *Config) { c.UserAgent = "probe/1" }).Do(t.Context(), r)
	require.NoError(t, err)
	h := p.all()[0].Header
	require.Equal(t, "7", h.Get("If-Match"))
	require.Equal(t, "text/plain", h.Get("Accept"))
	require.Equal(t, "probe/1", h.Get("User-Agent"))
	require.Len(t, r.Header, 2, "the caller's header is left alone")

	_, err = newClient(p).Do(t.Context(), call(opGet, nil))
	require.NoError(t, err)
	require.Equal(t, "application/json", p.all()[1].Header.Get("Accept"))
	require.Equal(t, userAgent, p.all()[1].Header.Get("User-Agent"))
}

func TestARawQueryIsSentAsItIs(t *testing.T) {
	const raw = "max=2&before&after=Y3Vyc29y%3D"
	p := talk(ok())
	r := call(opGet, nil)
	r.Query = RawQuery(raw)
	_, err := newClient(p).Do(t.Context(), r)
	require.NoError(t, err)
	require.Contains(t, p.all()[0].URL, "?"+raw)
	q, err := EncodeQuery(opList, options{Page: 2})
	require.NoError(t, err)
	require.Equal(t, RawQuery("all=false&page=2"), q)
}
