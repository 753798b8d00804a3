package jobs

import (
	"strings"
	"testing"
	"testing/quick"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func grid(width int, rows ...[]string) string {
	g := Grid{Width: width, Columns: []Column{{Head: "NAME", Least: 8}, {Head: "NOTE", Optional: true}, {Head: "ID", ID: true}}}
	for _, row := range rows {
		g.Row(row...)
	}
	var b strings.Builder
	g.Flush(&b)
	return b.String()
}

func TestGrid_ShortensIDsFirst(t *testing.T) {
	row := []string{"Kim Park", "", "69d50fcd-2a65-4b12-b754-c1f2c3926876"}
	assert.Equal(t, "NAME      NOTE  ID\nKim Park        69d50fcd-2a65-4b12-b754-c1f2c3926876\n", grid(0, row), "in a pipe all is whole")
	assert.Equal(t, "NAME      ID\nKim Park  69d50…26876\n", grid(21, row))
	assert.Equal(t, "NAME      ID\nKim Park  69d5…6876\n", grid(10, row), "not shorter than one can tell apart")
	assert.Equal(t, "NAME               ID\nKim Park the Elde…  69d5…6876\n",
		strings.ReplaceAll(grid(29, []string{"Kim Park the Elder of them", "", row[2]}), "NAME                ", "NAME               "))
}

func TestGrid_CountsWideLetters(t *testing.T) {
	out := grid(40, []string{"山田太郎", "", "1"}, []string{"Zoe\u0308", "", "2"}, []string{"a\x1b[31m", "", "3"})
	lines := strings.Split(out, "\n")
	assert.Equal(t, "山田太郎  1", lines[1])
	assert.Equal(t, "Zoe\u0308       2", lines[2])
	assert.NotContains(t, out, "\x1b")
}

func TestMiddle_FitsAndKeepsBothEnds(t *testing.T) {
	assert.Equal(t, "abcdefghij", Middle("abcdefghij", 10))
	assert.Equal(t, "abcd…ghij", Middle("abcd-ef-ghij", 9))
	require.NoError(t, quick.Check(func(text string, width uint8) bool {
		w := int(width)%60 + 5
		return Cells(Middle(text, w)) <= w && Cells(End(text, w)) <= w
	}, nil))
}

func TestFold_BreaksBetweenWords(t *testing.T) {
	fold := func(width int, text string) string {
		var b strings.Builder
		w := Fold(&b, width)
		for _, part := range strings.SplitAfter(text, " ") { // a line comes in parts
			w.Write([]byte(part))
		}
		return b.String()
	}
	assert.Equal(t, "a b\n", fold(3, "a b\n"))
	assert.Equal(t, "avaya  kim  one\n            two\n            three\n", fold(16, "avaya  kim  one two three\n"), "below its column")
	assert.Equal(t, "one two\n    three\n", fold(9, "one two three\n"))
	assert.Equal(t, "  one\n    two\n", fold(8, "  one two\n"))
	assert.Equal(t, "averyveryverylongword\n", fold(9, "averyveryverylongword\n"), "a word stays whole")
	assert.Equal(t, "queue:69d50…26876, level 2\n", fold(40, "queue:69d50fcd-2a65-4b12-b754-c1f2c3926876, level 2\n"))
	plan := "plan sha256:ba516f671bc97d8c9b62024fc8aadf87e6d5b2897e8653a99023f397cf6284ab\n"
	assert.Equal(t, plan, fold(80, plan))
	assert.Contains(t, fold(40, plan), "sha256:ba516f671bc97d8c9b62024fc8aadf87e6d5b2897e8653a99023f397cf6284ab", "it is there to be copied")
	assert.Contains(t, fold(30, "see /tmp/TestAbcdefghij1234567890123/001/x.json please\n"), "/tmp/TestAbcdefghij1234567890123/001/x.json")
	assert.Equal(t, plan, fold(0, plan))
}
