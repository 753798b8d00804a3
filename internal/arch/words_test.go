package arch

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// phrases are what CONTRIBUTING.md asks not to write, with what to write instead.
// Every line with one holds the text in has, which is quicker to look for.
var phrases = []struct{ has, never, instead string }{
	{"all the same", `\ball the same\b`, "still, anyway"},
	{"nothing", `\bsays? nothing\b`, "omits it, proves nothing"},
	{"obody ", `(?i)\bnobody (knows|documents)\b`, "not documented, in doubt"},
	{" a ", `\ba (yes|no)\b`, "success, refusal"},
	{"mend", `\bmend(s|ed|ing)?\b`, "fix"},
	{"for want of", `\bfor want of\b`, "without, because it lacks"},
	{"by lot", `\bby lot\b`, "random"},
	{"manieth", `\bhow-manieth\b`, "the first, the second, ..."},
	{"which see", `\bwhich see\b`, "see"},
	{"so and ", `\bso and (now )?so\b`, "in either form"},
	{"by the letter", `\bby the letter\b`, "case-sensitive"},
	{"one ", `\bone (read|write|request|look|file|line) an? \w`, "per"},
	{"ost", `\b(most[A-Z]\w*|[a-z]+Most) += `, "maxX"},
}

// TestWords_ArePlain: Go files and papers do not fall back into translated English.
func TestWords_ArePlain(t *testing.T) {
	var found []string
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if strings.HasPrefix(entry.Name(), ".") && name != root || entry.Name() == "testdata" {
				return filepath.SkipDir
			}
			return nil
		}
		if ext := filepath.Ext(name); ext != ".go" && ext != ".md" || entry.Name() == "words_test.go" {
			return nil
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		found = append(found, wordsIn(filepath.ToSlash(rel), string(src))...)
		return nil
	})
	require.NoError(t, err)
	require.Empty(t, found)
}

// TestWordsIn_FindsEachPhrase: the check sees what it is for, and not the table in
// CONTRIBUTING.md that forbids it.
func TestWordsIn_FindsEachPhrase(t *testing.T) {
	for _, bad := range []string{
		"// it is done all the same", "// an answer that says nothing", "// Nobody knows", "// an answer that is a yes", "// mends it",
		"// for want of a licence", "// a wait by lot", "// the how-manieth request", "// which see", "// answers now so and now so",
		"// skills go by the letter", "// one read a user", "const mostPage = 1", "const earlyMost = 1",
	} {
		require.Len(t, wordsIn("a.go", bad), 1, bad)
	}
	for _, good := range []string{"// one read per user", "const maxPage = 1", "// at most one", "// almost", "| fix | mend |"} {
		require.Empty(t, wordsIn("CONTRIBUTING.md", good), good)
	}
}

// wordsIn returns the lines of a file that hold a phrase, with what to write instead.
func wordsIn(name, src string) (found []string) {
	for line := range strings.Lines(src) {
		if path.Base(name) == "CONTRIBUTING.md" && strings.HasPrefix(line, "| ") {
			continue // the table of these phrases
		}
		for _, p := range phrases {
			if strings.Contains(line, p.has) && phraseOf(p.never).MatchString(line) {
				found = append(found, name+": "+strings.TrimSpace(line)+" (write: "+p.instead+")")
				break
			}
		}
	}
	return found
}

var compiled = map[string]*regexp.Regexp{}

// phraseOf compiles an expression once.
func phraseOf(never string) *regexp.Regexp {
	if compiled[never] == nil {
		compiled[never] = regexp.MustCompile(never)
	}
	return compiled[never]
}
