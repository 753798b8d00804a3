package arch

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ownNames are test files of a vendor that are not about one file.
var ownNames = regexp.MustCompile(`^(example(_\w+)?|(\w+_)?fuzz|harness|export|records|store_conformance|checklist)_test\.go$`)

// lineName is a test that is called after a line of a list that the reader does not have.
var lineName = regexp.MustCompile(`^Test(Line|Row|Case)\d`)

// TestTests_StandBesideTheirFile: who changes users.go finds its tests in users_test.go.
// A test inside the package stands in users_internal_test.go where both are needed.
func TestTests_StandBesideTheirFile(t *testing.T) {
	for dir, p := range tree(t) {
		if vendorOf(dir) == "" {
			continue
		}
		for _, name := range p.tests {
			source := strings.TrimSuffix(strings.TrimSuffix(name, "_test.go"), "_internal") + ".go"
			require.True(t, ownNames.MatchString(name) || slices.Contains(p.files, source),
				"%s: there is no %s", path.Join(dir, name), source)
		}
	}
}

// TestTests_AreNamedAfterWhatTheyTest: no name is a line of a list.
func TestTests_AreNamedAfterWhatTheyTest(t *testing.T) {
	require.Regexp(t, lineName, "TestLine31Batches")
	for dir, names := range testsOf(t) {
		for _, name := range names {
			require.NotRegexp(t, lineName, name, dir)
		}
	}
}

// testsOf returns the names of the tests of every folder.
func testsOf(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for dir, p := range tree(t) {
		for _, name := range p.tests {
			src, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(dir), name))
			require.NoError(t, err)
			for _, m := range testFunc.FindAllStringSubmatch(string(src), -1) {
				out[dir] = append(out[dir], m[1])
			}
		}
	}
	return out
}

var testFunc = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
