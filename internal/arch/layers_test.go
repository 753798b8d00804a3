package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// layer is where a file of a vendor's client stands. References between files run
// downwards: from the adapter to the resources, to the conversation, to the data.
type layer int

const (
	data         layer = iota // values of the vendor, and how they are read and written as JSON
	conversation              // client, credentials, errors, answers, pages
	resources                 // the operations, one file per resource
	adapter                   // the Store
)

func (l layer) String() string {
	return [...]string{"data", "conversation", "resources", "adapter"}[l]
}

// layers are the files that are neither resources nor, by their name, the adapter.
var layers = map[string]layer{
	"doc.go": data, "user.go": data, "person.go": data, "id.go": data, "ids.go": data, "names.go": data, "revision.go": data,
	"features.go": data, "filter.go": data, "flag.go": data, "link.go": data, "values.go": data, "number.go": data, "numbers.go": data,
	"membership.go": data, "queue.go": data, "show.go": data, "task.go": data, "loose.go": data, "dialect.go": data, "name.go": data,
	"presence_state.go": data,

	"client.go": conversation, "format.go": conversation, "options.go": conversation, "auth.go": conversation, "login.go": conversation,
	"oauth1.go": conversation,
	"domain.go": conversation, "problem.go": conversation, "answer.go": conversation, "supervisor_answer.go": conversation,
	"page.go": conversation, "list.go": conversation, "collection.go": conversation, "batch.go": conversation, "patience.go": conversation,
	"routes.go": conversation, "compare.go": data,
}

func layerOf(name string) layer {
	if strings.HasPrefix(name, "store") {
		return adapter
	}
	if l, ok := layers[name]; ok {
		return l
	}
	return resources
}

// TestLayers: at most one reference in ten between the files of a vendor's client
// runs upwards. New builds the resources, and names them: these do not count.
func TestLayers(t *testing.T) {
	for _, v := range vendors {
		t.Run(v, func(t *testing.T) {
			all, upwards := references(t, filepath.Join("..", "..", v))
			require.NotZero(t, all)
			t.Logf("%d of %d references run upwards", len(upwards), all)
			require.LessOrEqual(t, 10*len(upwards), all, "upwards:\n%s", strings.Join(upwards, "\n"))
		})
	}
}

// references counts what the files of a package use of each other, each thing once per
// file, and names those uses that run upwards.
func references(t *testing.T, dir string) (all int, upwards []string) {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		if name := e.Name(); filepath.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go") {
			f, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			files = append(files, f)
		}
	}

	// What is imported is not read: the package's own names are all that is asked for.
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
	conf := types.Config{Importer: nothing{}, Error: func(error) {}}
	pkg, _ := conf.Check(filepath.Base(dir), fset, files, info)

	seen := map[string]bool{}
	for id, obj := range info.Uses {
		if obj.Pkg() != pkg || !obj.Pos().IsValid() || !ofPackage(obj) {
			continue
		}
		from, to := filepath.Base(fset.Position(id.Pos()).Filename), filepath.Base(fset.Position(obj.Pos()).Filename)
		key := fmt.Sprintf("%s (%s) uses %s of %s (%s)", from, layerOf(from), obj.Name(), to, layerOf(to))
		_, isType := obj.(*types.TypeName)
		if from == to || seen[key] || from == "client.go" && isType {
			continue
		}
		seen[key] = true
	}
	for _, key := range slices.Sorted(maps.Keys(seen)) {
		all++
		var from, fromLayer, name, to, toLayer string
		fmt.Sscanf(key, "%s %s uses %s of %s %s", &from, &fromLayer, &name, &to, &toLayer)
		if layerOf(from) < layerOf(to) {
			upwards = append(upwards, key)
		}
	}
	return all, upwards
}

// ofPackage reports a name at the top of a package, or a method.
func ofPackage(obj types.Object) bool {
	if obj.Parent() == obj.Pkg().Scope() {
		return true
	}
	f, ok := obj.(*types.Func)
	return ok && f.Signature().Recv() != nil
}

// nothing imports packages without their content.
type nothing struct{}

func (nothing) Import(path string) (*types.Package, error) {
	p := types.NewPackage(path, filepath.Base(path))
	p.MarkComplete()
	return p, nil
}
