package webex_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jarcoal/httpmock"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
	"github.com/rollcall-go/rollcall/webex"
)

// FuzzPerson: whatever is read can be sent, and what is sent is all that was read,
// but for what is the vendor's own.
func FuzzPerson(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(`{"id":1,"emails":null,"status":null,"errors":{"x":{"code":1,"reason":null,"more":[]}},"phoneNumbers":[{"type":"Work"},` +
		`{"type":"fax","value":null},{}]}`))
	f.Add([]byte(`{"loginEnabled":"TRUE","invitePending":"false","roles":[1,"x"],"addresses":[{"a":1e400}],"phoneNumbers":null,` +
		`"x":{"b":1.00}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var p webex.Person
		if wire.Unmarshal(data, &p) != nil {
			return
		}
		sent, err := wire.Marshal(p.Writable())
		if err != nil {
			t.Fatalf("cannot be sent: %v", err)
		}
		var back map[string]json.RawMessage
		if err := json.Unmarshal(sent, &back); err != nil {
			t.Fatalf("not JSON: %v", err)
		}
		for _, name := range slices.Concat(serversOwn, []string{"errors", "userName", "avatarProvided", "xmppFederationJid"}) {
			if back[name] != nil {
				t.Fatalf("%s was sent: %s", name, sent)
			}
		}
		// Reading it again and sending it again changes nothing.
		var again webex.Person
		if err := wire.Unmarshal(sent, &again); err != nil {
			t.Fatalf("cannot be read back: %v", err)
		}
		twice, err := wire.Marshal(again.Writable())
		if err != nil || !bytes.Equal(sent, twice) {
			t.Fatalf("not stable:\n%s\n%s", sent, twice)
		}
		var read map[string]json.RawMessage
		if wire.Unmarshal(data, &read) != nil {
			return
		}
		for name := range read {
			if slices.Contains(serversOwn, name) || slices.Contains([]string{"errors", "userName", "avatarProvided", "xmppFederationJid",
				"phoneNumbers"}, name) {
				continue
			}
			if back[name] == nil {
				t.Fatalf("%q is lost", name)
			}
		}
	})
}

// FuzzID: every id has a key, converting it keeps the key, and what is sent is
// canonical.
func FuzzID(f *testing.F) {
	for _, s := range []string{dana, padded(dana), danaKey, "ciscospark://us/PEOPLE/x", "ciscospark://us//", "ciscospark://us// x",
		"ciscospark:///PEOPLE/x", "", "=", hydraStart, hydraStart + "3VzLw", string(hydra("us/CALL_QUEUE/a/b=="))} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id := webex.ID(s)
		sent := id.Hydra(webex.TypePerson)
		if !sent.Same(id) || sent.Key() != id.Key() {
			t.Fatalf("%q became %q: %q, %q", s, sent, id.Key(), sent.Key())
		}
		if twice := sent.Hydra(webex.TypeWorkspace); twice != sent {
			t.Fatalf("%q is not stable: %q, %q", s, sent, twice)
		}
		if sent.Type() != "" {
			raw, err := base64.RawStdEncoding.DecodeString(string(sent))
			if err != nil || !strings.HasPrefix(string(raw), "ciscospark://") || !strings.HasSuffix(string(raw), sent.UUID()) {
				t.Fatalf("%q is no Hydra id: %q", sent, raw)
			}
		}
		if !id.Same(id) {
			t.Fatalf("%q is not itself", s)
		}
	})
}

const hydraStart = "Y2lzY29zcGFyazovL"

// FuzzLinks: a next page is asked for at the origin of the base URL or not at all,
// and the list ends.
func FuzzLinks(f *testing.F) {
	for _, s := range []string{
		`<https://api.example.test/v1/people?after=1>; rel="next"`, `<//evil.test/x>; rel=next`, `<?a=%zz>; rel=next`,
		`<https://api.example.test@evil.test/>;rel="next"`,
		`</../..//evil?x>;rel="prev next"`, `<https://API.EXAMPLE.TEST:443/v1/people?max=null&before>;rel="next"`, `<>;rel=next`,
		`<a\b%2f>;rel=next`, "<\t>;rel=\"next",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		mt := httpmock.NewMockTransport()
		n := 0
		mt.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
			if !strings.EqualFold(r.URL.Hostname(), "api.example.test") || r.URL.Scheme != "https" || r.URL.Port() != "" && r.URL.Port() != "443" ||
				r.URL.User != nil {
				t.Errorf("asked %s", r.URL)
			}
			if n++; n > 60 {
				t.Errorf("%q leads for ever", header)
				return httpmock.NewStringResponse(500, ""), nil
			}
			res := httpmock.NewStringResponse(200, `{"items":[]}`)
			res.Header["Link"] = []string{header}
			return res, nil
		})
		c, err := webex.New(webex.Config{ClientOptions: core.ClientOptions{Transport: mt, MaxAttempts: 1}, Auth: bearer, BaseURL: base,
			Tier: webex.Assist})
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range c.People.List(t.Context(), webex.PersonListOptions{}) {
			if e, ok := err.(*core.Error); !ok || e.Applied != core.AppliedNo {
				t.Fatalf("%v", err)
			}
		}
	})
}

// FuzzErrorBody: an error is always read, whatever it is.
func FuzzErrorBody(f *testing.F) {
	for _, s := range []string{`{"message":"m","errors":[{"errorCode":1,"description":"d"}],"trackingId":"t"}`,
		`{"error":{"key":1,"message":[{"code":[]}]}}`,
		`{"error":"x","error_description":"y"}`, `<html>`, `"text"`, `{"error":[1]}`, `{"message":{},"errors":{}}`, "\x00\xff"} {
		f.Add([]byte(s))
	}
	mt := httpmock.NewMockTransport()
	var body []byte
	mt.RegisterResponder("GET", base+"/people/"+dana, func(*http.Request) (*http.Response, error) {
		return httpmock.NewBytesResponse(400, body), nil
	})
	c, err := webex.New(webex.Config{ClientOptions: core.ClientOptions{Transport: mt}, Auth: bearer, BaseURL: base, Tier: webex.Assist})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		webex.Inspect(data)
		body = data
		_, err := c.People.Get(t.Context(), dana)
		e, ok := err.(*core.Error)
		if !ok || e.Class != core.ClassInvalid || e.Status != 400 {
			t.Fatalf("%v", err)
		}
		if text := e.Error(); strings.ContainsAny(text, "\n\r") || !utf8.ValidString(text) || len(text) > 4000 {
			t.Fatalf("not one line: %q", text)
		}
	})
}
