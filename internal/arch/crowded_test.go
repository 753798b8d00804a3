package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The bounds of a function, in lines between its braces and in branches. A body of
// more than maxDense lines needs a blank line in it.
const (
	maxDense    = 25
	maxLines    = 60
	maxBranches = 15
)

// excuse stands in the comment above a function that is longer for a reason.
const excuse = "long because"

// crowd counts the functions of a package that are over the bounds.
type crowd struct {
	dense int // without a blank line
	large int // too many lines or branches
}

// crowded are the packages that are still over the bounds, and by how many functions.
// The numbers may only fall: whoever rewrites a function lowers them.
var crowded = map[string]crowd{
	"internal/rest/resttest": {0, 1},
	"internal/wire":          {0, 1},
	"lucs":                   {0, 1},
}

// TestBodiesHaveParagraphs: long bodies have blank lines, and none is over the bounds.
func TestBodiesHaveParagraphs(t *testing.T) {
	all := tree(t)
	for dir := range crowded {
		require.NotNil(t, all[dir], "crowded names %s, which has no Go files", dir)
	}

	for _, dir := range slices.Sorted(maps.Keys(all)) {
		var found []string
		var is crowd
		for _, name := range all[dir].files {
			src, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(dir), name))
			require.NoError(t, err)
			n, where := crowdOf(t, path.Join(dir, name), src)
			is.dense, is.large = is.dense+n.dense, is.large+n.large
			found = append(found, where...)
		}

		was := crowded[dir]
		assert.True(t, is.dense <= was.dense && is.large <= was.large,
			"%s: %d bodies without a blank line (at most %d), %d functions over the bounds (at most %d):\n%s",
			dir, is.dense, was.dense, is.large, was.large, strings.Join(found, "\n"))
		if is != was {
			t.Logf("%s has become better: lower its numbers in crowded to {%d, %d}", dir, is.dense, is.large)
		}
	}
}

// TestCrowdOf_FindsWhatIsOverTheBounds: the check sees each kind, and takes an excuse.
func TestCrowdOf_FindsWhatIsOverTheBounds(t *testing.T) {
	fn := func(comment, line string, n int) string {
		return "package p\n" + comment + "\nfunc f() {\n" + strings.Repeat(line+"\n", n) + "}\n"
	}
	for name, c := range map[string]struct {
		src  string
		want crowd
	}{
		"short":                  {fn("", "g()", 25), crowd{}},
		"dense":                  {fn("", "g()", 26), crowd{dense: 1}},
		"with paragraphs":        {fn("", "g()\n", 26), crowd{}},
		"long":                   {fn("", "g()\n", 31), crowd{large: 1}},
		"long and dense":         {fn("", "g()", 61), crowd{dense: 1, large: 1}},
		"branchy":                {fn("", "if x {\n}", 16), crowd{dense: 1, large: 1}},
		"branchy in paragraphs":  {fn("", "if x {\n}\n", 16), crowd{large: 1}},
		"excused":                {fn("// f is long because it is a table.", "g()\n", 40), crowd{}},
		"excused without reason": {fn("// f is long.", "g()\n", 40), crowd{large: 1}},
	} {
		got, _ := crowdOf(t, name, []byte(c.src))
		require.Equal(t, c.want, got, name)
	}
}

// crowdOf counts what is over the bounds in a file, and says where.
func crowdOf(t *testing.T, name string, src []byte) (n crowd, where []string) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, src, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	text := strings.Split(string(src), "\n")

	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil || excused(f.Doc) {
			continue
		}
		at := files.Position(f.Body.Lbrace).Line
		body := text[at:max(at, files.Position(f.Body.Rbrace).Line-1)]
		branches := branchesOf(f.Body)

		if len(body) > maxDense && !slices.ContainsFunc(body, func(l string) bool { return strings.TrimSpace(l) == "" }) {
			n.dense++
			where = append(where, fmt.Sprintf("%s:%d: %s has %d lines and no blank one", name, at, f.Name.Name, len(body)))
		}
		if len(body) > maxLines || branches > maxBranches {
			n.large++
			where = append(where, fmt.Sprintf("%s:%d: %s has %d lines and %d branches", name, at, f.Name.Name, len(body), branches))
		}
	}
	return n, where
}

// excused reports whether the comment above a function says why it is long.
func excused(doc *ast.CommentGroup) bool {
	return strings.Contains(strings.Join(strings.Fields(doc.Text()), " "), excuse)
}

func branchesOf(body *ast.BlockStmt) (n int) {
	ast.Inspect(body, func(x ast.Node) bool {
		switch x.(type) {
		case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.CaseClause, *ast.CommClause:
			n++
		}
		return true
	})
	return n
}
