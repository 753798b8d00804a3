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
	// Below is for a last column of sentences: on a terminal it is printed below the row.
	Below bool
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
		text := g.line(row, widths) + "\n"
		if last := len(row) - 1; g.Width > 0 && g.Columns[last].Below && row[last] != "" && row[last] != g.Columns[last].Head {
			text += foldLine("    "+row[last], g.Width) + "\n"
		}
		if _, err := io.WriteString(w, text); err != nil {
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

		if c.Below && g.Width > 0 {
			g.hidden[i] = true
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

	over := g.narrow(widths, total-g.Width, func(c Column) int {
		if !c.ID {
			return 0
		}
		return max(shortID, len(c.Head))
	})
	g.narrow(widths, over, func(c Column) int { return c.Least })
	return widths
}

// narrow takes what is too much from the widest columns, down to what is the least of
// each, zero for one that stays as it is. It returns what is still too much.
func (g *Grid) narrow(widths []int, over int, least func(Column) int) int {
	for ; over > 0; over-- {
		at := -1
		for i, c := range g.Columns {
			if n := least(c); n > 0 && widths[i] > n && (at < 0 || widths[i] > widths[at]) {
				at = i
			}
		}

		if at < 0 {
			return over
		}
		widths[at]--
	}
	return 0
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
