package avaya

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// FuzzUser: whatever a vendor sends, a user that can be read is written back
// with the same members and values, except what only the server sets.
func FuzzUser(f *testing.F) {
	f.Add([]byte(`{"userId":"u","loginId":"l","roles":["Agent"],"features":{"voice":{"x":1.50},"matching":{"queues":[{"queueId":"q",` +
		`"proficiency":3}]}},"x":null}`))
	f.Add([]byte(`{"features":{"cmvoice":{"agentPassword":42}},"displayName":null,"addresses":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var u User
		if wire.Unmarshal(data, &u) != nil {
			return
		}
		out, err := wire.Marshal(u)
		if err != nil {
			t.Fatal(err)
		}
		var again User
		if err := wire.Unmarshal(out, &again); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if !reflect.DeepEqual(u.fields(), again.fields()) {
			t.Fatalf("%s became %s", data, out)
		}
		var in map[string]json.RawMessage
		var back map[string]json.RawMessage
		if json.Unmarshal(data, &in) != nil || json.Unmarshal(out, &back) != nil {
			return
		}
		for name := range u.Extra {
			if _, ok := back[name]; !ok {
				t.Fatalf("%q was lost", name)
			}
		}
		_, _ = inheritance{gives: u.fields(), taken: u.fields()}.withhold(again, nil, true)
		_ = ask(nil, nil, &u).unmet(&again)
	})
}

// FuzzStatuses: no answer of the status list makes a wait panic or succeed for
// an id that it does not name.
func FuzzStatuses(f *testing.F) {
	f.Add([]byte(`[{"action":"ADD","status":"COMPLETED","userId":"u","role":{"action":"ADD","status":"Failed"},` +
		`"features":{"voice":{"status":"PENDING"}}}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var list []UserStatus
		if wire.Unmarshal(data, &list) != nil {
			return
		}
		var ids []string
		for _, s := range list {
			ids = append(ids, s.UserID)
		}
		found := entities(list, append(ids, "nobody-has-this-id"))
		if others := entities(list, []string{"asked-for-by-nobody"}); len(others) > 0 && !sameID(others[0].id, "asked-for-by-nobody") {
			t.Fatal("kept a status that was not asked for")
		}
		w := &watch{id: "nobody-has-this-id", cfg: &core.SettleConfig{After: core.Created}}
		if s := statusOf(found, w.id); s != nil {
			t.Skip()
		}
		w.see(nil, time.Time{})
		if w.decided {
			t.Fatal("decided without a status")
		}
		for i := range found {
			w := &watch{id: found[i].id, cfg: &core.SettleConfig{}}
			w.see(&found[i], time.Time{})
			_ = w.err()
		}
	})
}

// FuzzProblem: no error body breaks the error.
func FuzzProblem(f *testing.F) {
	f.Add([]byte(`{"type":"a#b","title":"t","status":"400","violations":[{"field":"f","message":"m","code":20002}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e := &core.Error{Class: core.ClassInvalid}
		explain(data, e)
		if e.Class != core.ClassInvalid {
			t.Fatal("the class goes by the status alone")
		}
		if e := inspect(data); e != nil && e.Status < 400 {
			t.Fatalf("status %d is no failure", e.Status)
		}
	})
}
