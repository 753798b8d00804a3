package rest

import (
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
)

// This file gives each attempt its headers. The map of them is a tenth of what a call
// allocates, so that requests with the same headers share one, where that is safe.

var (
	acceptJSON      = []string{"application/json"}
	contentTypeJSON = []string{"application/json"}
	contentTypeForm = []string{"application/x-www-form-urlencoded"}
)

// equip gives a request its headers and the credential.
func (x *exchange) equip(req *http.Request) error {
	if req.Response != nil {
		req.Header = x.sent.Clone() // redirected within the attempt, and the origin
		return nil
	}

	req.Header = x.newHeader()
	if auth := x.client.cfg.Auth; auth != nil && !x.req.Anonymous {
		mark, err := auth.Authorize(x.ctx, req)
		if err != nil {
			return err
		}
		x.mark = mark
	}

	if x.isPlain() {
		req.Header = x.client.headers.share(req.Header, &x.draft)
	}
	return nil
}

// newHeader returns the headers of an attempt, but for the credential. Nobody reads them
// yet: a transport may still be reading the last attempt's.
func (x *exchange) newHeader() http.Header {
	h := x.draft
	if x.draft = nil; h == nil {
		h = make(http.Header, 6)
	}

	h["Accept"] = acceptJSON
	h["User-Agent"] = x.client.userAgent
	if x.client.unpacks() {
		h["Accept-Encoding"] = acceptGzip
	}
	if x.contentType != nil {
		h["Content-Type"] = x.contentType
	}
	maps.Copy(h, x.req.Header)
	return h
}

// isPlain reports a request whose headers are those of most others, to a transport that
// is known not to write to them. Others, which users bring, do so against the rules.
func (x *exchange) isPlain() bool {
	_, known := x.client.cfg.Transport.(*http.Transport)
	return known && x.contentType == nil && len(x.req.Header) == 0
}

// shared are the headers of the latest plain request, to which nobody writes: the next
// one is sent with the same, unless it has another credential.
type shared struct{ latest atomic.Pointer[http.Header] }

// share returns headers that say the same as those, which nobody may write to from then
// on. If they are not needed, they become an empty draft of the next.
func (s *shared) share(h http.Header, draft *http.Header) http.Header {
	known := s.latest.Load()
	if known == nil || !maps.EqualFunc(*known, h, slices.Equal) {
		s.latest.Store(&h)
		return h
	}

	clear(h)
	*draft = h
	return *known
}
