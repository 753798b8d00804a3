package liveperson_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jarcoal/httpmock"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
	"github.com/rollcall-go/rollcall/liveperson"
)

// FuzzUser: whatever is read can be sent, and what is sent is all that was read,
// but for what must not be echoed, and never a password.
func FuzzUser(f *testing.F) {
	f.Add([]byte(seedSample))
	f.Add([]byte(stub))
	f.Add([]byte(`{"id":1,"passwordSh":"h","oldPassword":null,"confirmPassword":{"x":1},"deleted":null,"memberOf":null,` +
		`"managerOf":[{"agentGroupId":"-1","assignmentDate":null,"y":[]}],"dateUpdated":""}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var u liveperson.User
		if wire.Unmarshal(data, &u) != nil {
			return
		}
		u.Received("7")
		sent, err := wire.Marshal(u.Writable(true))
		if err != nil {
			t.Fatalf("cannot be sent: %v", err)
		}
		var back map[string]json.RawMessage
		if err := json.Unmarshal(sent, &back); err != nil {
			t.Fatalf("not JSON: %v", err)
		}
		if string(back["passwordSh"]) != "null" || back["oldPassword"] != nil || back["confirmPassword"] != nil || back["deleted"] != nil {
			t.Fatalf("echoed: %s", sent)
		}
		// Reading it again and sending it again changes nothing.
		var again liveperson.User
		if err := wire.Unmarshal(sent, &again); err != nil {
			t.Fatalf("cannot be read back: %v", err)
		}
		again.Received("7")
		twice, err := wire.Marshal(again.Writable(true))
		if err != nil || !bytes.Equal(sent, twice) {
			t.Fatalf("not stable:\n%s\n%s", sent, twice)
		}
		var read map[string]json.RawMessage
		if wire.Unmarshal(data, &read) != nil {
			return
		}
		for name := range read {
			switch name {
			case "passwordSh", "oldPassword", "confirmPassword", "deleted", "dateUpdated", "lastPwdChangeDate", "id", "loginName":
				continue // may be left out
			}
			if back[name] == nil {
				t.Fatalf("%q is lost", name)
			}
		}
	})
}

// FuzzDomainAnswer: what comes out is a bare origin, or nothing.
func FuzzDomainAnswer(f *testing.F) {
	for _, s := range []string{`{"baseURI":"va.ac.liveperson.net"}`, `{"baseURIs":[{"service":"sentinel","baseURI":"127.0.0.1:80"}]}`,
		`{"baseURI":"a@b"}`, `{"baseURI":"a/b"}`, `{"baseURI":"[::1]:9"}`, `{"baseURI":"a%00b"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var a liveperson.DomainAnswer
		if wire.Unmarshal(data, &a) != nil {
			return
		}
		u, why := liveperson.HostURL(liveperson.DomainHost("sentinel")(&a), "http")
		if why != "" {
			if strings.ContainsAny(why, "\n%") {
				t.Fatalf("a value in %q", why)
			}
			return
		}
		r, err := http.NewRequest("GET", u.String()+"/api", nil)
		if err != nil || r.URL.Host != u.Host || r.URL.Path != "/api" || r.URL.User != nil || r.URL.RawQuery != "" {
			t.Fatalf("%q is not an origin: %v", u, err)
		}
		if u.Scheme == "http" && !strings.Contains(u.Host, "127.") && !strings.EqualFold(u.Hostname(), "localhost") && !strings.Contains(u.Host,
			"::1") && !strings.Contains(u.Host, ":7f") && !strings.Contains(u.Host, ":0:") {
			t.Fatalf("plain http to %q", u.Host)
		}
	})
}

// FuzzErrorBody: an error is always read, whatever it is.
func FuzzErrorBody(f *testing.F) {
	for _, s := range []string{`{"error":{"message":"m","internalCode":10}}`, `{"error":"x","error_description":"y"}`,
		`oauth_problem=a&oauth_problem_advice=%zz`,
		`<html>`, `"text"`, `{"error":[1]}`, `{"message":{},"type":[]}`, "\x00\xff"} {
		f.Add([]byte(s))
	}
	mt := httpmock.NewMockTransport()
	var body []byte
	mt.RegisterResponder("GET", usersURL+"/5", func(*http.Request) (*http.Response, error) {
		return httpmock.NewBytesResponse(400, body), nil
	})
	c, err := liveperson.New(liveperson.Config{ClientOptions: core.ClientOptions{Transport: mt}, AccountID: "acc", Auth: bearer,
		BaseURL: base})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		liveperson.Explain(data)
		liveperson.Inspect(data)
		body = data
		_, err := c.Users.Get(t.Context(), 5)
		e, ok := err.(*core.Error)
		if !ok || e.Class != core.ClassInvalid || e.Status != 400 {
			t.Fatalf("%v", err)
		}
		if text := e.Error(); strings.ContainsAny(text, "\n\r") || !utf8.ValidString(text) || len(text) > 3000 {
			t.Fatalf("not one line: %q", text)
		}
	})
}

// FuzzDate: a date never fails to be kept.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"2015-06-22 19:20:03", "year-month-date hrs:min:sec", "", "Jun 25, 2015 11:36:45 AM", "1700000000000",
		"2017-03-20 18:06:54.963+0000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if at, ok := liveperson.Date(s).Time(); ok && at.IsZero() && !strings.Contains(s, "0001") && !strings.Contains(s, "1") {
			t.Fatalf("%q", s)
		}
		doc, err := wire.Marshal(map[string]string{"dateUpdated": s})
		if err != nil {
			return
		}
		var u liveperson.User
		if err := wire.Unmarshal(doc, &u); err != nil {
			t.Fatal(err)
		}
		if got := string(u.DateUpdated.Or("?")); utf8.ValidString(s) && got != s {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

// FuzzAnswers: the answers to writes, of one or many.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`[{"id":"1"}]`))
	f.Add([]byte(`{"id":1}`))
	f.Add([]byte(`["1",2]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var many liveperson.OneOrMany
		var gone liveperson.Deleted
		if wire.Unmarshal(data, &many) == nil && !json.Valid(data) {
			t.Fatal("not JSON")
		}
		gone.ReadBody(data)
	})
}
