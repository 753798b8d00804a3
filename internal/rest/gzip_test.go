package rest

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func pack(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

// packing serves bodies that are packed for whoever asks for it, and notes what was asked.
type packing struct {
	*httptest.Server
	mu     sync.Mutex
	body   string // as it is sent, packed
	plain  string
	length bool // the length is announced
	asked  []string
}

func newPacking(t *testing.T, body, plain string) *packing {
	p := &packing{body: body, plain: plain}
	p.Server = httptest.NewUnstartedServer(p)
	p.EnableHTTP2 = true
	p.StartTLS()
	t.Cleanup(p.Close)
	return p
}

func (p *packing) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, strings.Join(req.Header.Values("Accept-Encoding"), "|"))
	p.mu.Unlock()
	body := p.plain
	if req.Header.Get("Accept-Encoding") != "" {
		w.Header().Set("Content-Encoding", "GZip")
		body = p.body
	}
	if p.length {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	io.WriteString(w, body)
}

// clients are a client for each way to come by a transport.
func (p *packing) clients(t *testing.T) map[string]*Client {
	t.Helper()
	transport := func(set func(*http.Transport)) *http.Transport {
		tr := core.NewTransport()
		tr.TLSClientConfig = &tls.Config{RootCAs: p.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
		if set != nil {
			set(tr)
		}
		t.Cleanup(tr.CloseIdleConnections)
		return tr
	}
	return map[string]*Client{
		"ours, HTTP/2": newClient(transport(nil)),
		"ours, HTTP/1": newClient(transport(func(tr *http.Transport) { tr.ForceAttemptHTTP2 = false })),
		"wrapped":      newClient(wrapped{transport(nil)}),
		"unpacked":     newClient(transport(func(tr *http.Transport) { tr.DisableCompression = true })),
	}
}

// wrapped is a transport as users bring it, around one of net/http.
type wrapped struct{ http.RoundTripper }

func TestGzip_AnAnswerIsUnpackedWhateverTheTransport(t *testing.T) {
	list := "[" + strings.Repeat(okBody+",", 1000) + okBody + "]"
	for _, length := range []bool{false, true} {
		one, many := newPacking(t, pack(okBody), okBody), newPacking(t, pack(list), list)
		one.length, many.length = length, length

		for name, c := range one.clients(t) {
			one.asked = nil
			for range 3 { // on one connection
				var out thing
				r := call(opGet, &out)
				r.Base = mustURL(one.URL)
				res, err := c.Do(t.Context(), r)
				require.NoError(t, err, name)
				require.Equal(t, "t1", out.ID, name)
				require.Empty(t, res.Header.Get("Content-Encoding"), name)
			}
			want := map[bool]string{true: "", false: "gzip"}[name == "unpacked"]
			require.Equal(t, []string{want, want, want}, one.asked, name)
		}
		for name, c := range many.clients(t) {
			r := call(opList, nil)
			r.Base = mustURL(many.URL)
			n := 0
			for v, err := range List[thing](t.Context(), c, r, nil) {
				require.NoError(t, err, name)
				require.Equal(t, "t1", v.ID)
				n++
			}
			require.Equal(t, 1001, n, name)
			for range List[thing](t.Context(), c, r, nil) {
				break // and nothing is left behind
			}
		}
	}
}

func TestGzip_WhatCannotBeUnpackedIsNoAnswer(t *testing.T) {
	whole := pack(okBody)
	wrong := []byte(whole)
	wrong[len(wrong)-5] ^= 1 // in the checksum
	for name, body := range map[string]string{
		"cut off":        whole[:len(whole)-6],
		"cut in head":    whole[:5],
		"not packed":     okBody,
		"a wrong sum":    string(wrong),
		"more behind":    whole + "{",
		"nothing at all": "",
	} {
		p := newPacking(t, body, okBody)
		for way, c := range p.clients(t) {
			var out thing
			r := call(opPut, &out)
			r.Base = mustURL(p.URL)
			_, err := c.Do(core.WithMaxAttempts(t.Context(), 1), r)
			if way == "unpacked" {
				require.NoError(t, err)
				continue
			}
			e := failure(t, err)
			require.Equal(t, core.AppliedUnknown, e.Applied, "%s, %s: %v", name, way, err)
		}
	}
}

func TestGzip_ABombEndsAtTheLimit(t *testing.T) {
	p := newPacking(t, pack(strings.Repeat(" ", maxBody+1)+okBody), okBody)
	var out thing
	r := call(opPut, &out)
	r.Base = mustURL(p.URL)
	_, err := p.clients(t)["ours, HTTP/1"].Do(t.Context(), r)
	e := failure(t, err)
	require.Equal(t, core.AppliedUnknown, e.Applied)
	require.Contains(t, e.Message, errTooBig.Error())
}

func TestPacked_IsClosedForGood(t *testing.T) {
	p := &packed{ReadCloser: io.NopCloser(strings.NewReader(pack(okBody)))}
	one := make([]byte, 1)
	_, err := p.Read(one)
	require.NoError(t, err)

	require.NoError(t, p.Close())
	require.NoError(t, p.Close(), "what others use by now is not given back twice")
	_, err = p.Read(one)
	require.ErrorIs(t, err, errClosedBody)
}
