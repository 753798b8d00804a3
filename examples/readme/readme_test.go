// Package readme holds the README to its word.
package readme

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
)

const file = "../../README.md"

var update = flag.Bool("update", false, "write the tables into the README")

// TestTablesAreWhatTheAdaptersSay: the tables in the README are those that
// Capabilities gives, cell by cell.
func TestTablesAreWhatTheAdaptersSay(t *testing.T) {
	var offers []core.Capabilities
	for _, v := range fleet.All {
		offers = append(offers, v.Capabilities())
	}
	checkTable(t, "<!-- capabilities -->\n", "<!-- end of capabilities -->", fleet.Table(offers...))
	checkTable(t, "<!-- fields -->\n", "<!-- end of fields -->", fieldTable(offers))
}

// fieldTable is a row per neutral field, and a column per vendor.
func fieldTable(offers []core.Capabilities) [][]string {
	head := []string{"field"}
	for _, c := range offers {
		head = append(head, c.Vendor)
	}

	rows := [][]string{head}
	for _, name := range core.Fields() {
		row := []string{string(name)}
		for _, c := range offers {
			row = append(row, fieldCell(c.Field(name)))
		}
		rows = append(rows, row)
	}
	return rows
}

func fieldCell(f core.FieldCapability) string {
	if f.Wire == "" {
		return "-"
	}
	words := []string{"`" + f.Wire + "`"}
	switch {
	case f.Required:
		words = append(words, "required")
	case !f.Settable && !f.Changeable:
		words = append(words, "read only")
	}
	if f.Settable && !f.Changeable {
		words = append(words, "on create")
	}
	if !f.Readable {
		words = append(words, "not shown")
	}
	return strings.Join(words, ", ")
}

func checkTable(t *testing.T, begin, end string, rows [][]string) {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(data), begin)
	require.True(t, ok)
	table, after, ok := strings.Cut(rest, end)
	require.True(t, ok)

	var want strings.Builder
	for i, row := range rows {
		for j, cell := range row {
			if cell == "-" || cell == string(core.NotOffered) {
				row[j] = "–"
			}
		}
		want.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			want.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(before+begin+want.String()+end+after), 0o644))
		return
	}
	require.Equal(t, want.String(), table, "go test ./examples/readme -update writes it")
}

// TestErrorsAreAllExplained: every class of error is in the README's table.
func TestErrorsAreAllExplained(t *testing.T) {
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, class := range []core.Class{core.ClassNotFound, core.ClassConflict, core.ClassRevision, core.ClassInvalid,
		core.ClassUnauthenticated,
		core.ClassPermission, core.ClassRateLimited, core.ClassUnavailable, core.ClassUnsupported, core.ClassNotApplied, core.ClassFailed,
		core.ClassPartial, core.ClassIncomplete, core.ClassCanceled, core.ClassProtocol} {
		require.Contains(t, string(data), "| `"+string(class)+"` |")
	}
}
