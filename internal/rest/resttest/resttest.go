// Package resttest holds what every vendor's tests check of its use of rest.
package resttest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// DeclaredOps counts the operation records in the Go files of the current
// folder, tests aside, so that a list of them can be known to be complete.
func DeclaredOps(t testing.TB) int {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files here: %v", err)
	}
	n := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if lit, ok := node.(*ast.CompositeLit); ok {
				if sel, ok := lit.Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "Op" {
					n++
				}
			}
			return true
		})
	}
	return n
}

// CheckQueries makes sure that option structs hold nothing but what
// go-querystring can send: it prints what it does not know in Go's own form, and
// ignores a misspelt option.
func CheckQueries(t testing.TB, options ...any) {
	t.Helper()
	for _, o := range options {
		typ := reflect.TypeOf(o)
		for f := range typ.Fields() {
			name, opts, _ := strings.Cut(f.Tag.Get("url"), ",")
			if name == "" {
				t.Errorf("%s.%s has no url tag", typ, f.Name)
			}
			for opt := range strings.SplitSeq(opts, ",") {
				if !slices.Contains([]string{"", "omitempty", "comma"}, opt) {
					t.Errorf("%s.%s: go-querystring knows no option %q", typ, f.Name, opt)
				}
			}
			ft := f.Type
			if ft.Kind() == reflect.Slice {
				ft = ft.Elem()
			}
			switch ft.Kind() {
			case reflect.String, reflect.Int, reflect.Int64, reflect.Bool:
			default:
				if ft != reflect.TypeFor[time.Time]() {
					t.Errorf("%s.%s: a %s cannot be sent", typ, f.Name, ft)
				}
			}
		}
	}
}
