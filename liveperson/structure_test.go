package liveperson_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/rest"
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
	for i := range reflect.TypeFor[liveperson.Client]().NumField() {
		f := reflect.TypeFor[liveperson.Client]().Field(i)
		if !f.IsExported() {
			continue
		}
		for m := range f.Type.NumMethod() {
			name := f.Name + "." + f.Type.Method(m).Name
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
	n := 0
	pkgs, err := parser.ParseDir(token.NewFileSet(), ".", nil, 0)
	require.NoError(t, err)
	ast.Inspect(pkgs["liveperson"], func(node ast.Node) bool {
		if lit, ok := node.(*ast.CompositeLit); ok {
			if sel, ok := lit.Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "Op" {
				n++
			}
		}
		return true
	})
	assert.Equal(t, n, len(liveperson.Operations))
}

// TestQueryStructsHaveOnlyShapesThatCanBeSent: go-querystring prints what it does
// not know in Go's own form, and ignores a misspelt option.
func TestQueryStructsHaveOnlyShapesThatCanBeSent(t *testing.T) {
	allowed := map[string]bool{"": true, "omitempty": true, "comma": true}
	for _, v := range liveperson.QueryStructs {
		typ := reflect.TypeOf(v)
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, options, _ := strings.Cut(f.Tag.Get("url"), ",")
			assert.NotEmpty(t, name, "%s.%s has no url tag", typ, f.Name)
			for o := range strings.SplitSeq(options, ",") {
				assert.True(t, allowed[o], "%s.%s: option %q", typ, f.Name, o)
			}
			ft := f.Type
			if ft.Kind() == reflect.Slice {
				ft = ft.Elem()
			}
			switch ft.Kind() {
			case reflect.String, reflect.Int, reflect.Int64, reflect.Bool:
			default:
				assert.Equal(t, reflect.TypeFor[time.Time](), ft, "%s.%s", typ, f.Name)
			}
			assert.NotContains(t, strings.ToLower(name), "secret")
			assert.NotContains(t, strings.ToLower(name), "token")
		}
	}
}

// TestUserFieldsCanBeSentInEveryState: a plain field with omitzero would lose a
// zero that was read.
func TestUserFieldsCanBeSentInEveryState(t *testing.T) {
	typ := reflect.TypeFor[liveperson.User]()
	for i := range typ.NumField() {
		f := typ.Field(i)
		switch f.Type.Kind() {
		case reflect.Bool, reflect.Int, reflect.Int64, reflect.String:
			assert.Contains(t, []string{"ID", "LoginName", "Revision"}, f.Name, "%s cannot hold a zero", f.Name)
		}
	}
}
