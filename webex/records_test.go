package webex_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/webex"
)

func TestRecords(t *testing.T) {
	resttest.CheckRecords(t, reflect.TypeFor[webex.Client](), resttest.Exceptions{
		Composed: map[string][]string{
			"People.Modify":          {"People.Get", "People.Replace"},
			"Supervisors.ListAgents": {"Supervisors.Get"},
			"Queues.ModifyAgents":    {"Queues.Get", "Queues.ReplaceAgents"},
			"QueueAgents.ListQueues": {"QueueAgents.Get"},
			"QueueAgents.Join":       {"QueueAgents.UpdateSettings"},
			"QueueAgents.Unjoin":     {"QueueAgents.UpdateSettings"},
		},
		Private: []string{"Token.Refresh", "Token.Retrieve"},
		Once:    []string{"Supervisors.DeleteAll"},
	})
	resttest.CheckQueries(t)
}

// TestPersonFieldsCanBeSentInEveryState: a plain field with omitzero would lose a
// zero that was read.
func TestPersonFieldsCanBeSentInEveryState(t *testing.T) {
	for _, typ := range []reflect.Type{reflect.TypeFor[webex.Person](), reflect.TypeFor[webex.PhoneNumber](),
		reflect.TypeFor[webex.Address]()} {
		extra := false
		for f := range typ.Fields() {
			switch f.Type.Kind() {
			case reflect.Bool, reflect.Int, reflect.Int64, reflect.String:
				assert.Contains(t, []string{"ID", "Type"}, f.Name, "%s cannot hold a zero", f.Name)
			}
			extra = extra || f.Type == reflect.TypeFor[core.Extra]()
		}
		assert.True(t, extra, "%s keeps nothing that it does not know", typ)
	}
}
