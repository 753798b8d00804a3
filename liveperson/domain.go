package liveperson

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// The services by their case-sensitive names at the Domain API.
const (
	serviceReadOnly  = "accountConfigReadOnly"
	serviceReadWrite = "accountConfigReadWrite"
	serviceSentinel  = "sentinel"
	serviceLogin     = "agentVep"
	serviceWorkspace = "agentManagerWorkspace"
)

// opDomain asks where a service is. It needs no credential.
var opDomain = &rest.Op{Name: "Domain.Get", Method: http.MethodGet, Replay: rest.Safe, Bucket: bucketDomain,
	Path: "/api/account/{accountId}/service/{service}/baseURI.json", Success: rest.Object(http.StatusOK)}

const (
	// located is how long an answer of the Domain API is used. The vendor asks callers
	// to look hosts up and not to keep them; its own tools keep them for this long.
	located = 10 * time.Minute
	// locatedAgain is how long an expired answer is still used while no new one can be
	// had.
	locatedAgain = time.Minute
	// locating bounds one look-up. It does not end when the caller that started it
	// gives up.
	locating = time.Minute
)

// directory knows where the services of the account are.
type directory struct {
	c      *Client
	base   *url.URL
	flight singleflight.Group

	mu    sync.Mutex
	hosts map[string]host
}

type host struct {
	url   *url.URL
	until time.Time
}

func newDirectory(c *Client, base *url.URL) *directory {
	return &directory{c: c, base: base, hosts: map[string]host{}}
}

// find returns the origin of a service, from the last answer or a new one. It
// asks once however many callers wait.
func (d *directory) find(ctx context.Context, service string) (*url.URL, error) {
	d.mu.Lock()
	h, ok := d.hosts[service]
	d.mu.Unlock()
	if ok && time.Now().Before(h.until) {
		return h.url, nil
	}

	canceled := func() error {
		return &core.Error{Vendor: vendor, Op: opDomain.Name, Class: core.ClassCanceled, Err: ctx.Err(), Applied: core.AppliedNo,
			Message: "the context ended while the host of the service " + service + " was looked up"}
	}
	if ctx.Err() != nil {
		return nil, canceled()
	}

	ch := d.flight.DoChan(service, func() (any, error) {
		fctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), locating)
		defer cancel()
		u, err := d.ask(fctx, service)
		switch {
		case err == nil:
			d.keep(service, u, located)
		case ok && core.ClassOf(err) != core.ClassUnauthenticated && core.ClassOf(err) != core.ClassInvalid:
			u = h.url
			d.keep(service, u, locatedAgain)
		default:
			return nil, err
		}
		return u, nil
	})

	select {
	case res := <-ch:
		if res.Err != nil {
			return nil, res.Err
		}
		return res.Val.(*url.URL), nil
	case <-ctx.Done():
		return nil, canceled()
	}
}

func (d *directory) keep(service string, u *url.URL, good time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hosts[service] = host{u, time.Now().Add(good)}
}

type domainQuery struct {
	Version string `url:"version"`
}

// domainAnswer is both answers of the Domain API: the documentation prints the
// list of all services where one was asked for, and servers send either.
type domainAnswer struct {
	domainService
	BaseURIs []domainService `json:"baseURIs"`
}

type domainService struct {
	Service string `json:"service"`
	Account string `json:"account"`
	BaseURI string `json:"baseURI"`
}

// is reports whether the entry may belong to a service of an account: credentials must
// not go to the host of another account.
func (s *domainService) is(account, service string) bool {
	return (s.Service == "" || s.Service == service) && (s.Account == "" || strings.EqualFold(s.Account, account))
}

// hostOf returns what the answer says about a service of an account, or "".
func (a *domainAnswer) hostOf(account, service string) string {
	for _, s := range a.BaseURIs {
		if s.Service == service && s.is(account, service) {
			return s.BaseURI
		}
	}
	if !a.is(account, service) {
		return ""
	}
	return a.BaseURI
}

func (d *directory) ask(ctx context.Context, service string) (*url.URL, error) {
	var answer domainAnswer
	res, err := d.c.rest.Do(ctx, rest.Request{
		Op: opDomain, Base: d.base, Args: []string{d.c.account, service},
		Query: domainQuery{Version: "1.0"}, Out: &answer, Anonymous: true,
	})
	if e, ok := err.(*core.Error); ok && e.Class == core.ClassNotFound {
		// The thing that is not found is the host, not the user or whatever the caller
		// asked for.
		e.Class = core.ClassInvalid
		e.Hint = "the Domain API has no service " + service + " of this account: check the account id and the domain URL"
	}

	if err != nil {
		return nil, err
	}
	text := answer.hostOf(d.c.account, service)
	if text == "" {
		return nil, about(res, &core.Error{Vendor: vendor, Op: opDomain.Name, Class: core.ClassInvalid, Applied: core.AppliedNo,
			Message: "the Domain API names no host of the service " + service + " for this account"})
	}

	u, why := hostURL(text, d.base.Scheme)
	if why != "" {
		return nil, about(res, &core.Error{Vendor: vendor, Op: opDomain.Name, Class: core.ClassProtocol, Applied: core.AppliedNo,
			Message: "the Domain API's host of the service " + service + " " + why})
	}
	return u, nil
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)*\.?$`)

// hostURL makes an origin of a bare host, perhaps with a port. Credentials go there, so
// anything that is not plainly a host is refused, with the reason in why. The scheme is
// https, but a loopback host takes the scheme of the Domain API.
func hostURL(text, scheme string) (u *url.URL, why string) {
	const notBare = "is not a bare host name"
	name, port := text, ""
	if i := strings.LastIndexByte(text, ':'); i >= 0 && !strings.HasSuffix(text, "]") {
		var err error
		if name, port, err = net.SplitHostPort(text); err != nil {
			return nil, notBare
		}
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
			return nil, "has an impossible port"
		}
	} else if inner, ok := strings.CutPrefix(text, "["); ok {
		name = strings.TrimSuffix(inner, "]")
	}

	bracketed := strings.HasPrefix(text, "[")
	if ip, err := netip.ParseAddr(name); err == nil {
		if ip.Zone() != "" || ip.Is6() != bracketed {
			return nil, notBare
		}
	} else if bracketed || len(name) > 253 || !hostName.MatchString(name) {
		return nil, notBare
	}

	if !rest.Loopback(name) {
		scheme = "https"
	}
	return &url.URL{Scheme: scheme, Host: text}, ""
}
