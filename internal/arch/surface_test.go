package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPublicTypes_ShowNothingInternal: what users can name has no field, embedded or not,
// and no parameter or result of a type of an internal package. They could neither read
// about it nor write it, and what is embedded adds its methods to ours.
func TestPublicTypes_ShowNothingInternal(t *testing.T) {
	for dir, p := range tree(t) {
		if strings.HasPrefix(dir, "examples") || slices.Contains(strings.Split(dir, "/"), "internal") {
			continue
		}
		for _, name := range p.files {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", dir, name), nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			assert.Empty(t, internalIn(file), "%s/%s", dir, name)
		}
	}
}

func TestInternalIn_FindsWhatUsersSee(t *testing.T) {
	const src = `package p
import ("m/internal/inside"; alias "m/internal/other"; "m/open")
type Store struct { inside.Border; open.Thing; hidden inside.Border; Shown *alias.T }
type private struct { inside.Border }
type Asked interface { Ask(q inside.Q); hidden(inside.Q) }
type Same = inside.Q
func Open(q inside.Q) open.Thing { return nil }
func (s *Store) Close() ([]inside.Q, error) { return nil, nil }
func (p *private) Close(inside.Q) {}
func close(inside.Q) {}
`
	file, err := parser.ParseFile(token.NewFileSet(), "p.go", src, parser.SkipObjectResolution)
	require.NoError(t, err)
	require.Equal(t, []string{"Store: inside.Border", "Store: alias.T", "Asked: inside.Q", "Same: inside.Q", "Open: inside.Q",
		"Close: inside.Q"}, internalIn(file))
}

// internalIn names the types of internal packages that the exported names of a file show.
func internalIn(file *ast.File) (found []string) {
	inside := map[string]bool{}
	for _, spec := range file.Imports {
		from := strings.Trim(spec.Path.Value, `"`)
		name := path.Base(from)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		inside[name] = slices.Contains(strings.Split(from, "/"), "internal")
	}

	var look func(of string, n ast.Node)
	members := func(of string, l *ast.FieldList) { // what is not exported is not shown
		for _, f := range fieldsOf(l) {
			if len(f.Names) == 0 || slices.ContainsFunc(f.Names, (*ast.Ident).IsExported) {
				look(of, f.Type)
			}
		}
	}
	look = func(of string, n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.StructType:
				members(of, n.Fields)
				return false
			case *ast.InterfaceType:
				members(of, n.Methods)
				return false
			case *ast.SelectorExpr:
				if id, ok := n.X.(*ast.Ident); ok && inside[id.Name] {
					found = append(found, of+": "+id.Name+"."+n.Sel.Name)
				}
			}
			return true
		})
	}

	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok && t.Name.IsExported() {
					look(t.Name.Name, t.Type)
				}
			}
		case *ast.FuncDecl:
			if d.Name.IsExported() && receiverIsExported(d) {
				for _, l := range []*ast.FieldList{d.Type.Params, d.Type.Results} {
					for _, f := range fieldsOf(l) {
						look(d.Name.Name, f.Type)
					}
				}
			}
		}
	}
	return found
}

func fieldsOf(l *ast.FieldList) []*ast.Field {
	if l == nil {
		return nil
	}
	return l.List
}

// receiverIsExported reports a function, or a method of a type that users can name.
func receiverIsExported(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	exported := false
	ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && !exported {
			exported = id.IsExported()
			return false
		}
		return true
	})
	return exported
}
