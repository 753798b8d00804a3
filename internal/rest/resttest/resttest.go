// Package resttest holds what every vendor's tests check of its use of rest, and
// what they answer to it. The checks read the vendor package's source, so that a
// new operation is known to them without being listed anywhere.
package resttest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Record is an operation record as it stands in the source.
type Record struct {
	Name, Method, Path, Bucket string
	Replay                     string // "Safe" and so on, as the constant is called
}

// source is the Go files of the current folder, tests aside.
type source struct {
	files  []*ast.File
	consts map[string]ast.Expr
	types  map[string]ast.Expr
}

func parse(t testing.TB, folder string) *source {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no Go files here: %v", err)
	}

	s := &source{consts: map[string]ast.Expr{}, types: map[string]ast.Expr{}}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		s.files = append(s.files, file)

		for _, decl := range file.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range gen.Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					for i, id := range spec.Names {
						if gen.Tok == token.CONST && i < len(spec.Values) {
							s.consts[id.Name] = spec.Values[i]
						}
					}
				case *ast.TypeSpec:
					s.types[spec.Name.Name] = spec.Type
				}
			}
		}
	}

	return s
}

// text evaluates a constant text; a name of another package is its last part.
func (s *source) text(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		v, _ := strconv.Unquote(e.Value)
		return v
	case *ast.Ident:
		if c, ok := s.consts[e.Name]; ok {
			return s.text(c)
		}
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.BinaryExpr:
		return s.text(e.X) + s.text(e.Y)
	}
	return ""
}

// Records returns the operation records of the current folder's package.
func Records(t testing.TB) []Record {
	t.Helper()
	return RecordsIn(t, ".")
}

// RecordsIn returns the operation records of the package in a folder.
func RecordsIn(t testing.TB, folder string) []Record {
	t.Helper()
	s := parse(t, folder)
	var out []Record

	for _, file := range s.files {
		ast.Inspect(file, func(node ast.Node) bool {
			lit, ok := node.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if sel, ok := lit.Type.(*ast.SelectorExpr); !ok || sel.Sel.Name != "Op" || len(lit.Elts) == 0 {
				return true
			}

			r := Record{Replay: "Safe"}
			for _, elt := range lit.Elts {
				kv, ok := elt.(*ast.KeyValueExpr)
				if !ok {
					t.Errorf("an operation record without field names")
					continue
				}
				value := s.text(kv.Value)
				switch kv.Key.(*ast.Ident).Name {
				case "Name":
					r.Name = value
				case "Method":
					r.Method = strings.ToUpper(strings.TrimPrefix(value, "Method"))
				case "Path":
					r.Path = value
				case "Bucket":
					r.Bucket = value
				case "Replay":
					r.Replay = value
				}
			}

			out = append(out, r)
			return true
		})
	}

	if len(out) == 0 {
		t.Fatal("no operation records here")
	}
	return out
}

// Exceptions are what a vendor's records and methods have beside the rule.
type Exceptions struct {
	// Composed are methods that send nothing themselves, with the records they use.
	Composed map[string][]string
	// Private are records that no exported method of a resource sends: tokens,
	// sessions, discovery.
	Private []string
	// Reads are records that read with another method than GET.
	Reads []string
	// Guarded are creates that can be repeated, and Once what cannot, and is no
	// create.
	Guarded, Once []string
}

// CheckRecords checks the records of the current folder's package against the
// resources of its client: the exported fields that are pointers to structs.
// Each exported method of a resource has a record, or is composed of some; each
// record belongs to something; reads are safe, and creates are sent once.
func CheckRecords(t testing.TB, client reflect.Type, except Exceptions) {
	t.Helper()
	// Each record by itself.
	byName := map[string]Record{}
	for _, r := range Records(t) {
		if _, twice := byName[r.Name]; twice || r.Name == "" {
			t.Errorf("two records, or none, are called %q", r.Name)
		}
		byName[r.Name] = r
		if r.Bucket == "" || r.Method == "" || !strings.HasPrefix(r.Path, "/") {
			t.Errorf("%s: the record is not complete: %+v", r.Name, r)
		}
		if reads := r.Method == "GET" || slices.Contains(except.Reads, r.Name); reads != (r.Replay == "Safe") {
			t.Errorf("%s: a %s that is %s", r.Name, r.Method, r.Replay)
		}

		_, method, _ := strings.Cut(r.Name, ".")
		once := strings.HasPrefix(method, "Create") && !slices.Contains(except.Guarded, r.Name) || slices.Contains(except.Once, r.Name)
		if once != (r.Replay == "Once") {
			t.Errorf("%s: an unguarded create is sent once, and other writes may be repeated; this is %s", r.Name, r.Replay)
		}
	}

	// Each method of a resource has its records.
	used := map[string]bool{}
	for _, name := range except.Private {
		used[name] = true
	}
	methods := 0
	for f := range client.Fields() {
		if !f.IsExported() || f.Type.Kind() != reflect.Pointer || f.Type.Elem().Kind() != reflect.Struct {
			continue
		}
		for m := range f.Type.Methods() {
			methods++
			name := f.Name + "." + m.Name
			checkListOptions(t, name, m.Type)

			parts, ok := except.Composed[name]
			if !ok {
				parts = []string{name}
			}
			for _, part := range parts {
				if _, ok := byName[part]; !ok {
					t.Errorf("%s has no operation record %s", name, part)
				}
				used[part] = true
			}
		}
	}

	if methods == 0 {
		t.Errorf("%s has no resources", client)
	}

	// No record and no exception is left over.
	for name := range byName {
		if !used[name] {
			t.Errorf("%s is the record of nothing", name)
		}
	}

	for _, list := range [][]string{except.Private, except.Reads, except.Guarded, except.Once} {
		for _, name := range list {
			if _, ok := byName[name]; !ok {
				t.Errorf("there is no record %s, for which an exception is made", name)
			}
		}
	}
}

// checkListOptions makes sure that what narrows a list is called XListOptions.
func checkListOptions(t testing.TB, name string, method reflect.Type) {
	t.Helper()
	if method.NumOut() != 1 || method.Out(0).Kind() != reflect.Func { // an iter.Seq2
		return
	}

	for in := range method.Ins() {
		_, kind, _ := strings.Cut(name, ".")
		if options, _, _ := strings.Cut(in.Name(), "["); in.Kind() == reflect.Struct && kind != "Search" && !strings.HasSuffix(options,
			"ListOptions") {
			t.Errorf("%s is narrowed by %s: the options of lists end in ListOptions", name, in.Name())
		}
	}
}

// CheckQueries makes sure that the structs with url tags in the current folder's
// package hold nothing but what go-querystring can send: it prints what it does
// not know in Go's own form, and ignores a misspelt option.
func CheckQueries(t testing.TB) {
	t.Helper()
	s := parse(t, ".")
	structs := 0

	for _, file := range s.files {
		ast.Inspect(file, func(node ast.Node) bool {
			spec, ok := node.(*ast.TypeSpec)
			if !ok {
				return true
			}
			typ, ok := spec.Type.(*ast.StructType)
			if !ok || !slices.ContainsFunc(typ.Fields.List, func(f *ast.Field) bool { return tag(f) != "" }) {
				return true
			}

			structs++
			for _, f := range typ.Fields.List {
				for _, why := range s.checkField(f) {
					t.Errorf("%s.%s: %s", spec.Name.Name, fieldName(f), why)
				}
			}
			return true
		})
	}

	if structs == 0 {
		t.Error("no struct here has url tags")
	}
}

func tag(f *ast.Field) string {
	if f.Tag == nil {
		return ""
	}
	text, _ := strconv.Unquote(f.Tag.Value)
	return reflect.StructTag(text).Get("url")
}

func fieldName(f *ast.Field) string {
	if len(f.Names) == 0 {
		return "(embedded)"
	}
	return f.Names[0].Name
}

func (s *source) checkField(f *ast.Field) (why []string) {
	name, opts, _ := strings.Cut(tag(f), ",")
	if name == "" && len(f.Names) > 0 {
		why = append(why, "no url tag")
	}

	for opt := range strings.SplitSeq(opts, ",") {
		if !slices.Contains([]string{"", "omitempty", "comma"}, opt) {
			why = append(why, fmt.Sprintf("go-querystring knows no option %q", opt))
		}
	}
	typ := f.Type
	if list, ok := typ.(*ast.ArrayType); ok {
		typ = list.Elt
	}

	for {
		id, ok := typ.(*ast.Ident)
		if !ok || s.types[id.Name] == nil {
			break
		}
		typ = s.types[id.Name]
	}

	switch typ := typ.(type) {
	case *ast.Ident:
		if slices.Contains([]string{"string", "int", "int64", "bool"}, typ.Name) {
			return why
		}
	case *ast.SelectorExpr:
		if typ.Sel.Name == "Time" {
			return why
		}
	case *ast.StructType:
		if len(f.Names) == 0 { // embedded, and checked itself
			return why
		}
	}

	return append(why, "a value of this type cannot be sent")
}
