package rest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// counting is a credential that counts how often it is renewed.
type counting struct{ renewals int }

func (c *counting) Authorize(_ context.Context, req *http.Request) (string, error) {
	mark := fmt.Sprint("s", c.renewals)
	req.Header.Set("Cookie", mark)
	return mark, nil
}

func (c *counting) Renew(string) bool { c.renewals++; return true }

// withSession returns a client to whom redirects, pages, and the word "ended" are
// the end of the session.
func withSession(p *peer) (*Client, *counting) {
	auth := &counting{}
	return New(Config{Vendor: "acme", Transport: p, Auth: auth,
		SessionEnded: func(status int, _ http.Header, body []byte) bool {
			return status/100 == 3 || bytes.Contains(body, []byte("<")) || bytes.Contains(body, []byte(`"ended"`))
		},
		Inspect: func(body []byte) *core.Error {
			if bytes.Contains(body, []byte("ended")) {
				return &core.Error{Class: core.ClassUnauthenticated, Message: "ended"}
			}
			return nil
		}}), auth
}

func TestTheEndOfASessionMayLookOtherwiseThanA401(t *testing.T) {
	for name, end := range map[string]step{
		"redirect": says(302, ``, "Location", "/login"),
		"page":     says(200, `<html>`),
		"refusal":  says(200, `{"state":"ended"}`),
	} {
		for _, op := range opsByClass {
			t.Run(name+" to "+op.Name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := talk(end, ok())
					c, auth := withSession(p)
					var out thing
					_, err := c.Do(t.Context(), Request{Op: op, Base: testBase, Args: []string{"t1"}, Out: &out})
					require.Equal(t, 1, auth.renewals, "for the next call, too")
					if op.Replay != Once {
						require.NoError(t, err)
						require.Equal(t, 2, p.sends())
						require.Equal(t, "s1", p.all()[1].Header.Get("Cookie"))
						return
					}
					want := core.AppliedUnknown
					if name == "refusal" {
						want = core.AppliedNo
					}
					require.Equal(t, want, failure(t, err).Applied)
					require.Equal(t, 1, p.sends(), "a create is sent again after a 401 alone")
				})
			})
		}
	}
}

func TestA401PageToACreateRenewsTheCredentialForTheNextCall(t *testing.T) {
	for _, body := range []string{"<html>", `{"why":`} {
		p := talk(says(401, body), ok())
		c, auth := withSession(p)
		_, err := c.Do(t.Context(), Request{Op: opCreate, Base: testBase, Out: new(thing)})
		require.Equal(t, core.AppliedUnknown, failure(t, err).Applied)
		require.Equal(t, []int{1, 1}, []int{p.sends(), auth.renewals}, "not sent again, and not with the same credential for ever")
		_, err = c.Do(t.Context(), Request{Op: opCreate, Base: testBase, Out: new(thing)})
		require.NoError(t, err)
		require.Equal(t, "s1", p.all()[1].Header.Get("Cookie"))
	}
}

func TestA401PageToWhatMayBeRepeatedIsAnsweredByARenewedCredential(t *testing.T) {
	for _, op := range opsByClass {
		if op.Replay == Once {
			continue
		}
		for _, body := range []string{"<html>", `{"why":`, ``} {
			p := talk(says(401, body), ok())
			c, auth := withSession(p)
			_, err := c.Do(t.Context(), Request{Op: op, Base: testBase, Args: []string{"t1"}, Out: new(thing)})
			require.NoError(t, err, "%s %s", op.Name, body)
			require.Equal(t, []int{2, 1}, []int{p.sends(), auth.renewals})
		}
	}
}

func TestASessionIsRenewedOnceForACall(t *testing.T) {
	for name, end := range map[string]step{"redirect": says(302, ``, "Location", "/login"), "page": says(200, `<html>`),
		"refusal": says(200, `{"state":"ended"}`)} {
		for _, op := range []*Op{opGet, opPut} {
			t.Run(name+" to "+op.Name, func(t *testing.T) {
				p := talk(end)
				c, auth := withSession(p)
				_, err := c.Do(t.Context(), Request{Op: op, Base: testBase, Args: []string{"t1"}, Out: new(thing)})
				require.Error(t, err)
				require.Equal(t, []int{2, 1}, []int{p.sends(), auth.renewals})
			})
		}
	}
}

func TestACallWithoutCredentialHasNoSessionToEnd(t *testing.T) {
	p := talk(says(200, `<html>`))
	c, auth := withSession(p)
	_, err := c.Do(t.Context(), Request{Op: opGet, Base: testBase, Args: []string{"t1"}, Out: new(thing), Anonymous: true})
	require.Equal(t, core.ClassProtocol, failure(t, err).Class)
	require.Equal(t, []int{1, 0}, []int{p.sends(), auth.renewals})
}

func TestAListThatIsNoneIsLookedAt(t *testing.T) {
	read := func(steps ...step) (n int, auth *counting, err error) {
		c, auth := withSession(talk(steps...))
		for _, e := range walked(t, c) {
			if err = e; e == nil {
				n++
			}
		}
		return n, auth, err
	}
	for name, end := range map[string]step{"redirect": says(302, ``, "Location", "/things"), "page": says(200, "\n <html>"),
		"refusal": says(200, `{"state":"ended"}`)} {
		t.Run(name, func(t *testing.T) {
			n, auth, err := read(end, says(200, "\r\n [{\"id\":\"a\"},{\"id\":\"b\"}]"))
			require.NoError(t, err)
			require.Equal(t, []int{2, 1}, []int{n, auth.renewals})
		})
	}
	for body, class := range map[string]core.Class{`{"why":"it has ended"}`: core.ClassUnauthenticated, `null`: core.ClassProtocol,
		`{}`: core.ClassProtocol, ``: core.ClassProtocol} {
		n, auth, err := read(says(200, body))
		require.Zero(t, n)
		require.Equal(t, class, failure(t, err).Class, body)
		require.Zero(t, auth.renewals, body)
	}
}

// walked walks a list and returns what came with each element.
func walked(t *testing.T, c *Client) (errs []error) {
	for _, err := range List[thing](t.Context(), c, Request{Op: opList, Base: testBase}, nil) {
		errs = append(errs, err)
	}
	return errs
}

func TestACheckOfTheCallReplacesInspect(t *testing.T) {
	c, _ := withSession(talk(says(200, `"ended" as a word`)))
	c.cfg.SessionEnded = nil
	var seen string
	_, err := c.Do(t.Context(), Request{Op: opGet, Base: testBase, Args: []string{"t1"}, Check: func(body []byte) *core.Error {
		seen = string(body)
		return nil
	}})
	require.NoError(t, err)
	require.Equal(t, `"ended" as a word`, seen)
}
