package libh3lp_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
	"github.com/rollcall-go/rollcall/libh3lp"
)

// FuzzAnswer: an answer is understood or it is not, and says the same whatever its
// shape.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{`{"id":5,"name":"a"}`, `[{"id":"5"}]`, `null`, `[]`, `{"success":null,"message":"x"}`, `{"success":"false"}`,
		`[[]]`, `<html>`, `{"success":true,"id":null}`, "\x00", "{} \v"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e := libh3lp.Inspect(data)
		if e != nil && (e.Message == "" || !json.Valid(bytes.TrimSpace(data))) {
			t.Fatalf("%q: %v", data, e)
		}
		if json.Valid(data) && libh3lp.SessionEnded(200, data) && (e == nil || e.Class != core.ClassUnauthenticated) {
			t.Fatalf("JSON that ends a session: %q", data)
		}
		u, shown, err := libh3lp.One(data)
		if err != nil || !json.Valid(data) {
			return
		}
		again, shownAgain, err := libh3lp.One([]byte("[" + string(data) + "]"))
		if strings.HasPrefix(strings.TrimSpace(string(data)), "[") {
			return
		}
		if err != nil || shown != shownAgain || u.ID != again.ID || u.Name != again.Name {
			t.Fatalf("%q in an array: %v %v %v", data, u, again, err)
		}
	})
}

// FuzzLink: no member of what was read is lost when it is written, and enabled has
// its one spelling.
func FuzzLink(f *testing.F) {
	f.Add([]byte(seedUpdate))
	f.Add([]byte(`{"queueId":"1","userId":2,"enabled":"false","x":null,"y":[1e400]}`))
	f.Add([]byte(`{"enabled":true,"enabled":null}`))
	f.Add([]byte(`{"queue":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var l libh3lp.Link
		if wire.Unmarshal(data, &l) != nil {
			return
		}
		sent, err := wire.Marshal(l)
		if err != nil {
			t.Fatalf("cannot be written: %v", err)
		}
		var back libh3lp.Link
		if err := wire.Unmarshal(sent, &back); err != nil || back.Enabled != l.Enabled || back.QueueID != l.QueueID {
			t.Fatalf("%s: %+v %+v %v", sent, l, back, err)
		}
		var members map[string]json.RawMessage
		if wire.Unmarshal(sent, &members) != nil || string(members["enabled"]) != "true" && string(members["enabled"]) != "null" {
			t.Fatalf("enabled in %s", sent)
		}
		var read map[string]json.RawMessage
		if wire.Unmarshal(data, &read) != nil {
			return
		}
		for name := range read {
			if members[name] == nil {
				t.Fatalf("%q is lost in %s", name, sent)
			}
		}
	})
}

// FuzzName: a name that passes can be sent as it is, in a path as well.
func FuzzName(f *testing.F) {
	for _, s := range []string{"desk-anna", "a b", "A", "..", "\xff", "a\u2028b", strings.Repeat("é", 41)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if libh3lp.CheckName(name) != nil {
			return
		}
		if len([]rune(name)) > 40 || strings.ContainsAny(name, " \"&'/:<>@\\\n") || strings.ToLower(name) != name || name == "" || name == ".." {
			t.Fatalf("%q", name)
		}
	})
}

// FuzzResources: XML that is no presence is an error, and never a panic.
func FuzzResources(f *testing.F) {
	f.Add([]byte(`<?xml version='1.0' encoding='utf-8'?><presence user="u" server="s"><resource show="available" name="x" ` +
		`priority="5"/></presence>`))
	f.Add([]byte(`<presence>`))
	f.Fuzz(func(_ *testing.T, data []byte) { libh3lp.ParseResources(data) })
}
