package rest

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
)

// This file unpacks answers in the place of net/http, which would make a map of headers
// for each request to ask for packed ones. With any other transport than net/http's own
// none are asked for: what it wraps asks and unpacks by itself.

var acceptGzip = []string{"gzip"}

// unpacks reports whether packed answers are asked for, and unpacked here.
func (c *Client) unpacks() bool {
	t, own := c.cfg.Transport.(*http.Transport)
	return own && !t.DisableCompression
}

// unpack replaces a packed body with what is packed in it, as net/http does for requests
// of its own. It touches only answers to requests that asked for it here.
func (c *Client) unpack(req *http.Request, res *http.Response) {
	asked := req.Header["Accept-Encoding"]
	if len(asked) == 0 || &asked[0] != &acceptGzip[0] {
		return
	}
	if res.ContentLength == 0 || !strings.EqualFold(res.Header.Get("Content-Encoding"), "gzip") {
		return
	}

	res.Body = &packed{ReadCloser: res.Body}
	res.Header.Del("Content-Encoding")
	res.Header.Del("Content-Length")
	res.ContentLength = -1
	res.Uncompressed = true
}

// unpacker is what it takes to unpack, some 40 kB: others use it afterwards.
type unpacker struct {
	in  *bufio.Reader
	out gzip.Reader
}

var unpackers = sync.Pool{New: func() any { return &unpacker{in: bufio.NewReader(nil)} }}

// packed is a body that is unpacked as it is read. Like any body it is read and closed
// by one goroutine.
type packed struct {
	io.ReadCloser
	unpacker *unpacker // from the first read on
	err      error     // of all further reads
}

var errClosedBody = errors.New("the body of the answer is closed")

// Read implements io.Reader.
func (p *packed) Read(b []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	if p.unpacker == nil {
		p.unpacker = unpackers.Get().(*unpacker)
		p.unpacker.in.Reset(p.ReadCloser)
		if p.err = p.unpacker.out.Reset(p.unpacker.in); p.err != nil {
			return 0, p.err
		}
	}

	n, err := p.unpacker.out.Read(b)
	p.err = err
	return n, err
}

// Close implements io.Closer.
func (p *packed) Close() error {
	p.err = errClosedBody
	if u := p.unpacker; u != nil {
		p.unpacker = nil
		u.in.Reset(nil) // what others use does not hold on to this body
		unpackers.Put(u)
	}
	return p.ReadCloser.Close()
}
