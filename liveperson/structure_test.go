package liveperson_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/liveperson"
)

// TestEveryMethodHasARecord: each exported method of a resource is an operation,
// or is made of those named here; and each record belongs to something.
func TestEveryMethodHasARecord(t *testing.T) {
	byName := map[string]*rest.Op{}
	for _, op := range liveperson.Operations {
		require.Nil(t, byName[op.Name], "two records of one name: %s", op.Name)
		byName[op.Name] = op
		assert.NotEmpty(t, op.Bucket, op.Name)
		assert.True(t, strings.HasPrefix(op.Path, "/"), op.Name)
		assert.Equal(t, op.Method == "GET" || op.Name == "AgentView.Get", op.Replay == rest.Safe, op.Name)
		assert.Equal(t, strings.HasPrefix(op.Name, "Users.Create"), op.Replay == rest.Once, op.Name)
		wantToken := op.Name == "Token" || strings.HasPrefix(op.Name, "Login")
		assert.Equal(t, wantToken, op.Bucket == "token", op.Name)
	}
	composed := map[string][]string{
		"Users.Modify": {"Users.Get", "Users.Replace"}, "Users.GetIfChanged": {"Users.Get"},
	}
	used := map[string]bool{"Token": true, "Login": true, "Login.Refresh": true, "Login.Logout": true, "Domain.Get": true}
	for f := range reflect.TypeFor[liveperson.Client]().Fields() {
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
	assert.Equal(t, resttest.DeclaredOps(t), len(liveperson.Operations))
}

func TestQueryStructsHaveOnlyShapesThatCanBeSent(t *testing.T) {
	resttest.CheckQueries(t, liveperson.QueryStructs...)
}

// TestUserFieldsCanBeSentInEveryState: a plain field with omitzero would lose a
// zero that was read.
func TestUserFieldsCanBeSentInEveryState(t *testing.T) {
	typ := reflect.TypeFor[liveperson.User]()
	for f := range typ.Fields() {
		switch f.Type.Kind() {
		case reflect.Bool, reflect.Int, reflect.Int64, reflect.String:
			assert.Contains(t, []string{"ID", "LoginName", "Revision"}, f.Name, "%s cannot hold a zero", f.Name)
		}
	}
}
