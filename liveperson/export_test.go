package liveperson

import (
	"net/url"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// For the tests in package liveperson_test.

func HostURL(text, scheme string) (*url.URL, string) { return hostURL(text, scheme) }

func Explain(body []byte) *core.Error {
	e := &core.Error{}
	explain(body, e)
	return e
}

func Inspect(body []byte) *core.Error { return inspect(body) }

func (k APIKey) Header(method string, u *url.URL, nonce string, now time.Time) string {
	return k.header(method, u, nonce, now)
}

func BaseString(method string, u *url.URL, pairs ...[2]string) string {
	var params []param
	for _, p := range pairs {
		params = append(params, param{p[0], p[1]})
	}
	return baseString(method, u, params)
}

func (u User) Writable(replace bool) User { return u.writable(replace) }

func (u *User) Received(r Revision[User]) { u.received(r) }

func DomainHost(service string) func(*DomainAnswer) string {
	return func(a *DomainAnswer) string { return a.hostOf("acc", service) }
}

type (
	DomainAnswer = domainAnswer
	OneOrMany    = wire.OneOrMany[User]
	Deleted      = deleted
)
