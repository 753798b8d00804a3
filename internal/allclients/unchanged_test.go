package allclients

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
)

// stored is a text of a user, and a list, that a vendor is made to show otherwise than its
// simulator holds it. libh3lp is sent nothing but what changes.
var stored = map[string]struct {
	text, list string
	// change is of another field.
	change core.UserChange
}{
	"avaya":      {"Zebra", `"roles":[`, core.UserChange{LastName: core.Set("Other")}},
	"liveperson": {"Zebra", `"profileIds":[`, core.UserChange{Email: core.Set("other@example.test")}},
	"lucs":       {"Early Shift", `"Profiles":[`, core.UserChange{Fields: map[string]any{"ShowAwayAsOffline": true}}},
	"webex":      {"Zebra", `"emails":[`, core.UserChange{LastName: core.Set("Other")}},
}

// disguise shows a text otherwise, and takes it back the same way.
type disguise struct {
	http.RoundTripper
	from, to, kind string
	latin          bool
	shown          int
	written        []string
}

// RoundTrip implements http.RoundTripper.
func (d *disguise) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && !isLogin(core.OperationOf(r.Context())) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if d.from != "" && r.Method != http.MethodGet {
			d.written = append(d.written, string(body))
			escaped := regexp.MustCompile(`\\u[dD][89a-fA-F][0-9a-fA-F]{2}`).ReplaceAllFunc(body, bytes.ToLower)
			body = bytes.ReplaceAll(escaped, []byte(d.to), []byte(d.from))
		}
		r = r.Clone(r.Context())
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}

	res, err := d.RoundTripper.RoundTrip(r)
	if err != nil || d.from == "" {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	if n := bytes.Count(body, []byte(d.from)); n > 0 {
		d.shown += n
		body = bytes.ReplaceAll(body, []byte(d.from), []byte(d.to))
	}
	if d.latin {
		body = inLatin1(body)
	}
	if d.kind != "" {
		res.Header = res.Header.Clone()
		res.Header.Set("Content-Type", d.kind)
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	res.Header.Del("Content-Length")
	return res, err
}

func inLatin1(text []byte) (out []byte) {
	for _, r := range string(text) {
		if r > 0xff {
			r = '?'
		}
		out = append(out, byte(r))
	}
	return out
}

// TestUpdate_LeavesWhatItDoesNotNameAsItCame: half an emoji, another charset, a null in
// a list. Where it cannot go back as it came, nothing is written.
func TestUpdate_LeavesWhatItDoesNotNameAsItCame(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		with, replaces := stored[v.name]
		if !replaces {
			return
		}
		for name, d := range map[string]*disguise{
			"half an emoji":       {from: with.text, to: `Ann \ud83d`},
			"the other half":      {from: with.text, to: `\ude00 Ann`},
			"Latin-1":             {from: with.text, to: "André", latin: true, kind: "application/json; charset=iso-8859-1"},
			"a null in a list":    {from: with.list, to: with.list + "null,"},
			"bytes that are none": {from: with.text, to: "Andr\xe9"},
		} {
			synctest.Test(t, func(t *testing.T) {
				from := d.from
				d.from = ""
				a := v.account(t, core.ClientOptions{Transport: d})
				d.RoundTripper = a.sim.Transport()
				spec := a.spec
				if spec.FirstName != "" {
					spec.FirstName, spec.DisplayName = "Zebra", ""
					if v.name == "liveperson" {
						spec.DisplayName = "Zebra"
					}
				}
				u, err := a.store.CreateUser(t.Context(), spec)
				require.NoError(t, err)
				if s, ok := a.store.(core.Settler); ok {
					_, err := s.Settle(t.Context(), u.ID)
					require.NoError(t, err)
				}

				d.from = from
				_, err = a.store.UpdateUser(t.Context(), u.ID, with.change)
				require.Positive(t, d.shown, name)
				if err != nil {
					require.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied, "%s: %v", name, err)
					require.Empty(t, d.written, "%s: %v", name, err)
				}
				for _, body := range d.written {
					require.NotContains(t, body, "\ufffd", name)
					require.NotContains(t, strings.ToLower(body), `\ufffd`, name)
					require.Contains(t, strings.ReplaceAll(strings.ToLower(body), `\u00e9`, "é"), strings.ToLower(d.to), name)
				}
			})
		}
	})
}
