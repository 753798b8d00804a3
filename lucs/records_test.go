package lucs_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/lucs"
)

func TestRecords(t *testing.T) {
	resttest.CheckRecords(t, reflect.TypeFor[lucs.Client](), resttest.Exceptions{
		Composed: map[string][]string{"Users.Modify": {"Users.Get", "Services.ListUsers", "Services.List", "Users.Replace"}},
		Reads:    []string{"Callbacks.Search"},
	})
}

// TestEveryRecordHasARoute: each record's method and path can be configured, by a
// field of its own, and what is then sent goes by the field and not by the record.
func TestEveryRecordHasARoute(t *testing.T) {
	fields := map[*string]string{}
	var d lucs.Dialect
	for i, op := range lucs.Operations {
		field := lucs.RouteOf(&d.Routes, op)
		require.Empty(t, fields[field], "%s and %s share a field", op.Name, fields[field])
		fields[field] = op.Name
		*field = "PUT /moved/" + strings.Repeat("x", i+1)
		for part := range strings.SplitSeq(op.Path, "/") {
			if strings.HasPrefix(part, "{") {
				*field += "/" + part
			}
		}
	}
	require.Equal(t, len(resttest.Records(t)), len(fields), "a record has no field of Routes")
	require.Equal(t, reflect.TypeFor[lucs.Routes]().NumField(), len(fields), "a field of Routes is no operation's")

	moved, err := lucs.New(lucs.Config{BaseURL: base, Auth: lucs.APIKey{Key: core.NewSecret(key)}, Dialect: d})
	require.NoError(t, err)
	standard, err := lucs.New(lucs.Config{BaseURL: base, Auth: lucs.APIKey{Key: core.NewSecret(key)}})
	require.NoError(t, err)
	for _, op := range lucs.Operations {
		is, ok := moved.PathOf(op)
		require.True(t, ok, op.Name)
		assert.Equal(t, *lucs.RouteOf(&d.Routes, op), is.Method+" "+strings.TrimPrefix(is.Path, "/v1.0"))
		assert.Equal(t, []any{op.Name, op.Replay, op.Bucket}, []any{is.Name, is.Replay, is.Bucket}, "what is no route stays")

		is, ok = standard.PathOf(op)
		require.Equal(t, !slices.Contains(lucs.Guesses, op.Name), ok, op.Name)
		if ok {
			assert.Equal(t, op.Method+" /v1.0"+op.Path, is.Method+" "+is.Path)
		}
	}
	require.Equal(t, []string{"Users.List", "Users.Get", "Users.Replace", "Users.Delete"}, lucs.Guesses)
}

// TestUserFieldsCanBeSentInEveryState: a plain field with omitzero would lose a
// zero that was read.
func TestUserFieldsCanBeSentInEveryState(t *testing.T) {
	for _, typ := range []reflect.Type{reflect.TypeFor[lucs.User](), reflect.TypeFor[lucs.Callback](), reflect.TypeFor[lucs.Service]()} {
		for f := range typ.Fields() {
			switch f.Type.Kind() {
			case reflect.Bool, reflect.Int, reflect.Int64, reflect.String:
				assert.Contains(t, []string{"ID", "SipUri", "Presence"}, f.Name, "%s cannot hold a zero", f.Name)
			}
		}
	}
}
