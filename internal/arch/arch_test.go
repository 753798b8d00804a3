// Package arch holds what is true of the whole tree: which package may import
// which, and what every vendor's folder has.
package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/rollcall-go/rollcall/"

// pkg is the Go files of one folder.
type pkg struct {
	dir     string // below the root, with slashes
	files   []string
	tests   []string
	imports map[string][]string // of the files that are no tests: what is imported, by whom
	inTests map[string][]string
	doc     bool // doc.go has a package comment
}

// tree reads all packages of the module, but not those of nested modules.
func tree(t *testing.T) map[string]*pkg {
	t.Helper()
	root := filepath.Join("..", "..")
	out := map[string]*pkg{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			_, nested := os.Stat(filepath.Join(name, "go.mod"))
			if name != root && (nested == nil || strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		dir := path.Dir(filepath.ToSlash(rel))
		p := out[dir]
		if p == nil {
			p = &pkg{dir: dir, imports: map[string][]string{}, inTests: map[string][]string{}}
			out[dir] = p
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		p.add(entry.Name(), file)
		return nil
	})
	require.NoError(t, err)
	require.Contains(t, out, "core")
	require.Contains(t, out, "examples/rollcall")
	return out
}

func (p *pkg) add(name string, file *ast.File) {
	imports := p.imports
	if strings.HasSuffix(name, "_test.go") {
		imports = p.inTests
		p.tests = append(p.tests, name)
	} else {
		p.files = append(p.files, name)
	}
	for _, spec := range file.Imports {
		what := strings.Trim(spec.Path.Value, `"`)
		imports[what] = append(imports[what], name)
	}
	if name == "doc.go" {
		p.doc = strings.HasPrefix(file.Doc.Text(), "Package "+file.Name.Name+" ")
	}
}

var vendors = []string{"avaya", "libh3lp", "liveperson", "lucs", "webex"}

// vendorOf returns the vendor whose folder a package of this module is in.
func vendorOf(dir string) string {
	top, _, _ := strings.Cut(dir, "/")
	if slices.Contains(vendors, top) {
		return top
	}
	return ""
}

// modules are what may be imported from elsewhere, and by whom.
var modules = []struct{ importer, imported string }{
	{`^internal/rest$`, `^github.com/hashicorp/go-retryablehttp$`},
	{`^internal/rest$`, `^github.com/google/go-querystring/query$`},
	{`^(core|core/coretest|internal/evidence)$`, `^golang.org/x/text/unicode/norm$`},
	{`^(internal|avaya|libh3lp|liveperson|lucs|webex|examples)(/|$)`, `^golang.org/x/(sync|time|oauth2)(/|$)`},
}

// fixtures is the one package below core that imports vendors: whoever decorates a
// Store checks the decorator at all five, and writes no fixture for it. Nothing but tests
// imports it, so that core still stands alone.
const fixtures = "core/coretest/fixtures"

// rules are what our own packages may not import from each other. Tests are
// freer, see below.
var rules = []struct{ who, never, why string }{
	{`.`, `^` + fixtures + `$`, "the fixtures are for tests"},
	{`^core/coretest/fixtures$`, `^(internal|examples)(/|$)`, "a fixture is what users can write"},
	{`^core(/|$)`, `^(internal|examples|avaya|libh3lp|liveperson|lucs|webex)(/|$)`, "core stands alone"},
	{`^core$`, `^core/`, "core is what everything else stands on"},
	{`^core/pace$`, `^core/`, "the governor needs core alone"},
	{`^core/(coretest|internal|roster|simtest|storekit)(/|$)`, `^core/pace(/|$)`, "nothing of core needs one particular governor"},
	{`^internal/`, `^(examples|avaya|libh3lp|liveperson|lucs|webex)(/|$)`, "what vendors share knows no vendor"},
	{`^(avaya|libh3lp|liveperson|lucs|webex)(/|$)`, `^examples/`, "a vendor serves no example"},
	{`^(avaya|libh3lp|liveperson|lucs|webex)$`, `^internal/(simnet|rest/resttest)|test$`, "a client needs no simulator"},
	{`^[a-z0-9]+/[a-z0-9]+test$`, `^internal/(rest|wire|keylock)(/|$)|^core/pace$|^(avaya|libh3lp|liveperson|lucs|webex)$`,
		"a simulator and a client must be able to disagree"},
	{`^examples/`, `^internal/`, "an example shows what users can write"},
}

func TestImports(t *testing.T) {
	all := tree(t)
	for dir, p := range all {
		for what, files := range p.imports {
			own, ok := strings.CutPrefix(what, module)
			switch {
			case !ok && strings.Contains(strings.SplitN(what, "/", 2)[0], "."):
				allowed := slices.ContainsFunc(modules, func(m struct{ importer, imported string }) bool {
					return regexp.MustCompile(m.importer).MatchString(dir) && regexp.MustCompile(m.imported).MatchString(what)
				})
				require.True(t, allowed, "%s imports %s (%v)", dir, what, files)
			case !ok:
				if what == "testing" {
					require.Regexp(t, `^core/coretest(/fixtures)?$|^(core/)?internal/.*test$`, dir, "%v", files)
				}
			default:
				for _, r := range rules {
					who, never := regexp.MustCompile(r.who), regexp.MustCompile(r.never)
					if dir == fixtures && vendorOf(own) != "" {
						continue
					}
					require.False(t, who.MatchString(dir) && never.MatchString(own), "%s imports %s: %s (%v)", dir, own, r.why, files)
				}
				if v := vendorOf(dir); v != "" && vendorOf(own) != "" {
					require.Equal(t, v, vendorOf(own), "%s imports %s: a vendor never imports another (%v)", dir, own, files)
				}
			}
		}
		for what, files := range p.inTests {
			own, ok := strings.CutPrefix(what, module)
			if v := vendorOf(dir); ok && v != "" && vendorOf(own) != "" {
				require.Equal(t, v, vendorOf(own), "a test of %s imports %s (%v)", dir, own, files)
			}
			if ok && strings.HasSuffix(dir, "test") && vendorOf(dir) != "" {
				require.NotEqual(t, vendorOf(dir), own, "a simulator is tested without the client (%v)", files)
			}
		}
	}
}

// TestEveryVendorIsLaidOutAlike: who knows one vendor's folder knows them all.
func TestEveryVendorIsLaidOutAlike(t *testing.T) {
	all := tree(t)
	for _, v := range vendors {
		require.Contains(t, all, v)
		client, sim := all[v], all[v+"/"+v+"test"]
		for _, name := range []string{"doc.go", "client.go", "problem.go", "users.go", "store.go", "store_assignments.go", "store_presence.go"} {
			if v == "webex" && name == "users.go" {
				name = "people.go"
			}
			require.Contains(t, client.files, name, v)
		}
		for _, name := range []string{"records_test.go", "store_conformance_test.go", "fuzz_test.go", "example_test.go"} {
			require.Contains(t, client.tests, name, v)
		}
		require.NotNil(t, sim, "%s has no simulator", v)
		for _, name := range []string{"doc.go", "server.go", "sample.go"} {
			require.Contains(t, sim.files, name, sim.dir)
		}
		require.Contains(t, sim.tests, "example_test.go", sim.dir)
		require.Contains(t, all["examples/"+v].files, "main.go")
		require.Contains(t, all["examples/tour"].files, v+".go")
	}
}

func TestEveryPublicPackageTellsWhatItIs(t *testing.T) {
	for dir, p := range tree(t) {
		if strings.HasPrefix(dir, "internal/") || strings.Contains(dir, "/internal/") || strings.HasPrefix(dir, "examples/") {
			continue
		}
		require.True(t, p.doc, "%s has no doc.go with a package comment", dir)
		if dir != "core/coretest" {
			require.Contains(t, p.tests, "example_test.go", dir)
		}
	}
}

// TestEveryVendorTellsItsQuirks: each in the package comment, with where it is from.
func TestEveryVendorTellsItsQuirks(t *testing.T) {
	for _, v := range vendors {
		data, err := os.ReadFile(filepath.Join("..", "..", v, "doc.go"))
		require.NoError(t, err)
		_, quirks, ok := strings.Cut(string(data), "// # Quirks\n")
		require.True(t, ok, "%s/doc.go has no section Quirks", v)
		items := strings.Split(quirks, "//   - ")[1:]
		require.GreaterOrEqual(t, len(items), 5, v)
		for _, item := range items {
			item, _, _ = strings.Cut(item, "\n//\n")
			source := regexp.MustCompile(`"|observed|[Nn]o page|knowledge base|on no page|sample`).MatchString(item)
			require.True(t, source, "%s: a quirk without a source: %s", v, item)
		}
	}
}

// TestNoHeaps: a folder in which things are found by what they are.
func TestNoHeaps(t *testing.T) {
	heap := regexp.MustCompile(`^(util|utils|common|helpers?|types|misc|shared|base)(_test)?\.go$`)
	for dir, p := range tree(t) {
		for _, name := range slices.Concat(p.files, p.tests) {
			require.False(t, heap.MatchString(name), "%s/%s", dir, name)
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			data, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(dir), name))
			require.NoError(t, err)
			require.Less(t, strings.Count(string(data), "\n"), 600, "%s/%s is a heap", dir, name)
		}
	}
}
