package readme

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSnippets_RunAsTheyStand: the README's Go code, pasted where the README says, in
// a module of its own as a user has it: it builds, vet has nothing to say, and it
// prints what its last comment promises. Each block becomes an Example, so that one
// run of go test does all three.
func TestSnippets_RunAsTheyStand(t *testing.T) {
	blocks := goBlocks(t, file)
	require.NotEmpty(t, blocks)
	program, dir := blocks[0], userModule(t)
	write(t, filepath.Join(dir, "main.go"), program)

	for i, block := range blocks {
		text := block
		if i == 0 || !strings.HasPrefix(block, "package ") {
			text = example(t, i+1, program, block)
		}
		write(t, filepath.Join(dir, "block"+strconv.Itoa(i+1)+"_test.go"), text)
	}

	run(t, dir, "go", "test", "-vet=all", "./...")
}

// TestSnippets_ContributingShowsARealTest: the model test in CONTRIBUTING.md stands, word for
// word, where the text says.
func TestSnippets_ContributingShowsARealTest(t *testing.T) {
	source, err := os.ReadFile("../../liveperson/users_test.go")
	require.NoError(t, err)
	require.Contains(t, string(source), goBlocks(t, "../../CONTRIBUTING.md")[0])
}

// goBlocks returns the fenced Go code of a paper. Code in a list is indented, and not
// among it.
func goBlocks(t *testing.T, paper string) []string {
	t.Helper()
	data, err := os.ReadFile(paper)
	require.NoError(t, err)
	var blocks []string
	for _, rest := range strings.Split(string(data), "\n```go\n")[1:] {
		code, _, ok := strings.Cut(rest, "```\n")
		require.True(t, ok, "a block without an end in %s", paper)
		blocks = append(blocks, code)
	}
	return blocks
}

// userModule makes a module that requires this one, and has what this one has.
func userModule(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)

	dir := t.TempDir()
	_, requires, ok := strings.Cut(string(mod), "\n")
	require.True(t, ok)
	write(t, filepath.Join(dir, "go.mod"), "module example.com/readme\n"+requires+
		"\nrequire github.com/rollcall-go/rollcall v0.0.0\n\nreplace github.com/rollcall-go/rollcall => "+root+"\n")
	write(t, filepath.Join(dir, "go.sum"), string(sum))
	return dir
}

// outputComment is the last comment of a block, as in an Example.
var outputComment = regexp.MustCompile(`(?s)\n\s*// Output:(.*)$`)

// promised parts a block into its code and what it says that it prints.
func promised(block string) (code, output string) {
	found := outputComment.FindStringSubmatchIndex(block)
	if found == nil {
		return block, ""
	}
	for line := range strings.Lines(strings.TrimSpace(block[found[2]:])) {
		output += "// " + strings.TrimPrefix(strings.TrimSpace(line), "// ") + "\n"
	}
	return block[:found[0]] + "\n", output
}

// example makes an Example of a program, or of one with a block at the end of its main,
// with the imports that an editor adds.
func example(t *testing.T, number int, program, block string) string {
	t.Helper()
	before, ok := strings.CutSuffix(strings.TrimRight(program, "\n"), "\n}")
	require.True(t, ok, "main ends the program")
	code, output := promised(before + "\n")
	if block != program {
		added, more := promised(block)
		code, output = code+added, output+more
	}
	code = strings.Replace(code, "func main()", "func Example_block"+strconv.Itoa(number)+"()", 1)
	code += "// Output:\n" + output + "}\n"

	parsed, err := parser.ParseFile(token.NewFileSet(), "main.go", code, parser.ParseComments)
	require.NoError(t, err)
	for _, name := range unresolved(parsed) {
		if at, ok := known[name]; ok {
			code = strings.Replace(code, "import (\n", "import (\n\t\""+at+"\"\n", 1)
		}
	}
	source, err := format.Source([]byte(code))
	require.NoError(t, err, code)
	return string(source)
}

// known is where an editor finds the packages of the README.
var known = map[string]string{
	"errors": "errors", "json": "encoding/json", "time": "time",
	"roster": "github.com/rollcall-go/rollcall/core/roster",
}

// unresolved returns the names before a dot that may be packages.
func unresolved(file *ast.File) []string {
	var names []string
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && !slices.Contains(names, id.Name) {
				names = append(names, id.Name)
			}
		}
		return true
	})
	return names
}

func write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
}

// run returns what a command prints; nothing comes from a network.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	var failures bytes.Buffer
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	cmd.Stderr = &failures
	out, err := cmd.Output()
	require.NoError(t, err, "%s %v\n%s%s", name, args, out, failures.String())
	return string(out)
}
