package arch

import (
	"fmt"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// maxColumns is how wide a line of code is, with a tab as one column.
const maxColumns = 140

// maxLiteral is how long a literal without a blank may be that nobody can break.
const maxLiteral = 90

func TestLines_FitTheScreen(t *testing.T) {
	for dir, p := range tree(t) {
		for _, name := range slices.Concat(p.files, p.tests) {
			text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(dir), name))
			require.NoError(t, err)
			for _, line := range wideLines(text) {
				t.Errorf("%s/%s:%d is wider than %d columns", dir, name, line, maxColumns)
			}
		}
	}
}

// wideLines are the numbers of the lines that are too wide. A line within a raw string is
// data, and one that holds a long id or address cannot be broken.
func wideLines(text []byte) (wide []int) {
	exempt := map[int]bool{}
	files := token.NewFileSet()
	file := files.AddFile("", files.Base(), len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, 0)
	for {
		at, kind, literal := s.Scan()
		if kind == token.EOF {
			break
		}
		if kind != token.STRING {
			continue
		}
		first := file.Line(at)
		last := first + strings.Count(literal, "\n")
		if first != last || len(literal) > maxLiteral && !strings.ContainsAny(literal, " ,") {
			for line := first; line <= last; line++ {
				exempt[line] = true
			}
		}
	}

	for i, line := range strings.Split(string(text), "\n") {
		if utf8.RuneCountInString(line) > maxColumns && !exempt[i+1] {
			wide = append(wide, i+1)
		}
	}
	return wide
}

func TestWideLines_KnowsWhatIsData(t *testing.T) {
	long := strings.Repeat("x", maxColumns)
	for text, want := range map[string][]int{
		"package a\n\nvar x = 1 // " + long:                       {3},
		"package a\n\nvar x = []int{" + strings.Repeat("1, ", 60): {3},
		"package a\n\nvar x = `\n" + long + " " + long + "`\n":    nil,
		"package a\n\nvar x = \"" + long + "\"\n":                 nil,
		"package a\n\nvar x = \"" + long + " b\"\n":               {3},
		"package a\n": nil,
	} {
		require.Equal(t, want, wideLines([]byte(text)), fmt.Sprintf("%.60q", text))
	}
}
