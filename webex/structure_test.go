package webex_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/webex"
)

// TestEveryMethodHasARecord: each exported method of a resource is an operation,
// or is made of those named here; and each record belongs to something.
func TestEveryMethodHasARecord(t *testing.T) {
	byName := map[string]*rest.Op{}
	for _, op := range webex.Operations {
		require.Nil(t, byName[op.Name], "two records of one name: %s", op.Name)
		byName[op.Name] = op
		assert.True(t, strings.HasPrefix(op.Path, "/"), op.Name)
		assert.Equal(t, op.Method == "GET", op.Replay == rest.Safe, op.Name)
		assert.Equal(t, slices.Contains([]string{"People.Create", "Supervisors.Create", "Supervisors.DeleteAll"}, op.Name), op.Replay == rest.Once, op.Name)
		assert.Equal(t, op.Name == "Supervisors.UpdateAgents", op.Replay == rest.Detectable, op.Name)
		resource, _, _ := strings.Cut(op.Name, ".")
		bucket := map[string]string{"People": "people", "Token": "token"}[resource]
		if bucket == "" {
			bucket = "telephony"
		}
		assert.Equal(t, bucket, op.Bucket, op.Name)
	}
	composed := map[string][]string{
		"People.Modify":          {"People.Get", "People.Replace"},
		"Supervisors.ListAgents": {"Supervisors.Get"},
		"Queues.ModifyAgents":    {"Queues.Get", "Queues.ReplaceAgents"},
		"QueueAgents.ListQueues": {"QueueAgents.Get"},
		"QueueAgents.Join":       {"QueueAgents.UpdateSettings"},
		"QueueAgents.Unjoin":     {"QueueAgents.UpdateSettings"},
	}
	used := map[string]bool{"Token.Refresh": true, "Token.Retrieve": true}
	for f := range reflect.TypeFor[webex.Client]().Fields() {
		if !f.IsExported() {
			continue
		}
		for method := range f.Type.Methods() {
			name := f.Name + "." + method.Name
			parts := composed[name]
			if parts == nil {
				parts = []string{name}
			}
			for _, p := range parts {
				assert.NotNil(t, byName[p], "%s has no operation record %s", name, p)
				used[p] = true
			}
		}
	}
	for name := range byName {
		assert.True(t, used[name], "%s is the record of nothing", name)
	}
	// And the list above is complete.
	assert.Equal(t, resttest.DeclaredOps(t), len(webex.Operations))
}

func TestQueryStructsHaveOnlyShapesThatCanBeSent(t *testing.T) {
	resttest.CheckQueries(t, webex.QueryStructs...)
}

// TestPersonFieldsCanBeSentInEveryState: a plain field with omitzero would lose a
// zero that was read.
func TestPersonFieldsCanBeSentInEveryState(t *testing.T) {
	for _, typ := range []reflect.Type{reflect.TypeFor[webex.Person](), reflect.TypeFor[webex.PhoneNumber](), reflect.TypeFor[webex.Address]()} {
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
