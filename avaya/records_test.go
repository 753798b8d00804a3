package avaya

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/rest"
)

// records is every operation of this package.
var records = []*rest.Op{opToken, opListUsers, opSearchUser, opGetUser, opCreateUser, opPutUser, opDeleteUser, opUserStatuses,
	opListProfiles, opGetProfile, opCreateProfile, opPutProfile, opDeleteProfile, opProfileStatuses,
	opListGroups, opGetGroup, opListQueues, opListCategories}

// composed are the methods that are made of others and send nothing themselves.
var composed = map[string]bool{"Users.Modify": true, "Users.Settle": true, "Profiles.Modify": true, "Profiles.Settle": true,
	"Groups.Members": true, "Categories.Attributes": true}

func TestEveryMethodHasARecord(t *testing.T) {
	byName := map[string]*rest.Op{}
	for _, op := range records {
		require.NotContains(t, byName, op.Name)
		byName[op.Name] = op
		require.NotEmpty(t, op.Bucket)
		require.True(t, strings.HasPrefix(op.Path, "/api/"))
		switch op.Method {
		case "GET":
			require.Equal(t, rest.Safe, op.Replay, op.Name)
		case "PUT", "DELETE":
			require.Equal(t, rest.ReplaySafe, op.Replay, op.Name)
		}
		if strings.HasSuffix(op.Name, ".Create") {
			require.Equal(t, rest.Once, op.Replay, "an unguarded create must not be sent twice")
		}
	}
	for _, resource := range []any{&Users{}, &Profiles{}, &Groups{}, &Queues{}, &Categories{}} {
		typ := reflect.TypeOf(resource)
		for i := range typ.NumMethod() {
			name := typ.Elem().Name() + "." + typ.Method(i).Name
			require.True(t, byName[name] != nil || composed[name], "%s has no operation record", name)
		}
	}
}

func TestNoRecordIsForgottenHere(t *testing.T) {
	files, err := parser.ParseDir(token.NewFileSet(), ".", nil, 0)
	require.NoError(t, err)
	declared := 0
	ast.Inspect(files["avaya"], func(n ast.Node) bool {
		if lit, ok := n.(*ast.CompositeLit); ok {
			if sel, ok := lit.Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "Op" {
				declared++
			}
		}
		return true
	})
	require.Equal(t, declared, len(records))
}

// go-querystring prints what it does not know in Go's own form, so option
// structs may hold nothing but plain fields with a name.
func TestQueryOptionsAreOfShapesThatCanBeSent(t *testing.T) {
	for _, options := range []any{listQuery{}} {
		typ := reflect.TypeOf(options)
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, opts, _ := strings.Cut(f.Tag.Get("url"), ",")
			require.NotEmpty(t, name, f.Name)
			require.Contains(t, []string{"", "omitempty"}, opts, f.Name)
			require.Contains(t, []reflect.Kind{reflect.Int, reflect.String, reflect.Bool}, f.Type.Kind(), f.Name)
		}
	}
}
