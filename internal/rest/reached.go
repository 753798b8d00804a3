package rest

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"

	"github.com/rollcall-go/rollcall/core"
)

// reached remembers below which base URLs the vendor has answered a call of this
// client. Before that, a 404 may be the answer of an address that is wrong as a whole,
// in the very words in which the vendor says that a thing does not exist.
type reached struct {
	mu   sync.RWMutex
	base map[address]bool
}

type address struct{ host, path string }

func addressOf(u *url.URL) address { return address{u.Host, u.Path} }

func (r *reached) has(u *url.URL) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.base[addressOf(u)]
}

// note remembers that the vendor has answered below an address.
func (r *reached) note(u *url.URL) {
	if r.has(u) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.base == nil {
		r.base = map[address]bool{}
	}
	r.base[addressOf(u)] = true
}

// absence judges the news that a thing does not exist. While nothing below the address
// has answered yet, the vendor's collection is asked for, once: if that is not there
// either, the address is wrong, and nobody was looked for. It costs one request in the
// life of a client, at most, and none where Config.Probe is not set.
func (c *Client) absence(ctx context.Context, r *Request, err error) error {
	e, ok := errors.AsType[*core.Error](err)
	if !ok || e.Class != core.ClassNotFound || c.cfg.Probe == nil || c.reached.has(r.Base) {
		return err
	}
	probe, ok := c.cfg.Probe(r)
	if !ok {
		return err
	}

	_, probeErr := c.Do(ctx, probe)
	p, failed := errors.AsType[*core.Error](probeErr)
	missing := failed && (p.Status == http.StatusNotFound || p.Status == http.StatusGone)
	if !missing {
		if !failed || p.Status >= 400 && p.Status < 500 && p.Class != core.ClassProtocol {
			c.reached.note(r.Base) // refused in the vendor's own words is an answer, too
		}
		return err
	}

	e = new(*e) // others may hold the same
	e.Class, e.Err = core.ClassProtocol, nil
	e.Message = "the vendor knows neither this nor the list of its kind, so that the address is wrong, or the account"
	e.Hint = "check the base URL and the account: nothing was looked for"
	return e
}
