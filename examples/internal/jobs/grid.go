package jobs

import (
	"io"
	"strings"
)

// Column is one column of a Grid.
type Column struct {
	Head string
	// ID means that it is shortened in the middle, and first. Of the others those that have
	// a Least are shortened at their end, to that width.
	ID    bool
	Least int
	// Optional columns are left out on a terminal where nothing is in them.
	Optional bool
}

// Grid prints rows as a table. On a terminal it is no wider than that; elsewhere Width is
// zero and every cell is whole.
type Grid struct {
	Width   int
	Columns []Column

	rows   [][]string
	hidden []bool // set by the first Flush
	headed bool
}

// The width of a shortened id, and the space between two columns.
const (
	shortID = 9
	gap     = 2
)

// Row adds a row, which is printed by the next Flush.
func (g *Grid) Row(cells ...string) {
	for i := range cells {
		cells[i] = Printable(cells[i])
	}
	g.rows = append(g.rows, cells)
}

// Rows is how many rows wait for a Flush.
func (g *Grid) Rows() int { return len(g.rows) }

// Flush prints the rows, and before the first of them the heads.
func (g *Grid) Flush(w io.Writer) error {
	if g.hidden == nil {
		g.hide()
	}
	rows := g.rows
	if !g.headed {
		heads := make([]string, len(g.Columns))
		for i, c := range g.Columns {
			heads[i] = c.Head
		}
		rows = append([][]string{heads}, rows...)
	}
	g.headed, g.rows = true, nil

	widths := g.widths(rows)
	for _, row := range rows {
		if _, err := io.WriteString(w, g.line(row, widths)+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// hide leaves out the optional columns that are empty.
func (g *Grid) hide() {
	g.hidden = make([]bool, len(g.Columns))
	for i, c := range g.Columns {
		g.hidden[i] = g.Width > 0 && c.Optional
		for _, row := range g.rows {
			if row[i] != "" {
				g.hidden[i] = false
			}
		}
	}
}

// widths are those of the columns, made to fit.
func (g *Grid) widths(rows [][]string) []int {
	widths := make([]int, len(g.Columns))
	total := -gap
	for i := range g.Columns {
		if g.hidden[i] {
			continue
		}
		for _, row := range rows {
			widths[i] = max(widths[i], Cells(row[i]))
		}
		total += widths[i] + gap
	}
	if g.Width == 0 {
		return widths
	}

	over := total - g.Width
	for i, c := range g.Columns {
		if c.ID && over > 0 && !g.hidden[i] {
			cut := max(0, min(over, widths[i]-max(shortID, len(c.Head))))
			widths[i], over = widths[i]-cut, over-cut
		}
	}
	for ; over > 0; over-- {
		at := -1
		for i, c := range g.Columns {
			if c.Least > 0 && widths[i] > c.Least && (at < 0 || widths[i] > widths[at]) {
				at = i
			}
		}
		if at < 0 {
			break
		}
		widths[at]--
	}
	return widths
}

// line is one row.
func (g *Grid) line(row []string, widths []int) string {
	var b strings.Builder
	for i, c := range g.Columns {
		if g.hidden[i] {
			continue
		}
		cell := row[i]
		switch {
		case Cells(cell) <= widths[i]:
		case c.ID:
			cell = Middle(cell, widths[i])
		default:
			cell = End(cell, widths[i])
		}
		b.WriteString(cell + strings.Repeat(" ", widths[i]-Cells(cell)+gap))
	}
	return strings.TrimRight(b.String(), " ")
}
