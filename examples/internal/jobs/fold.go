package jobs

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Fold writes text to a terminal of so many columns: it breaks a line that is longer
// between its words, after it has shortened the ids that nobody can read. A width of zero
// changes nothing.
func Fold(to io.Writer, width int) io.Writer {
	if width <= 0 {
		return to
	}
	return &folder{to: to, width: width}
}

type folder struct {
	to    io.Writer
	width int
	begun []byte // of a line
}

// Write implements io.Writer. A line is written when it is whole.
func (f *folder) Write(text []byte) (int, error) {
	f.begun = append(f.begun, text...)
	for {
		line, rest, whole := bytes.Cut(f.begun, []byte("\n"))
		if !whole {
			return len(text), nil
		}
		folded := foldLine(string(line), f.width) + "\n"
		f.begun = append([]byte(nil), rest...)
		if _, err := io.WriteString(f.to, folded); err != nil {
			return 0, err
		}
	}
}

// longID is what looks like an id that nobody can read.
var longID = regexp.MustCompile(`[A-Za-z0-9+_=-]{20,}`)

// foldLine breaks a line that is wider than a terminal. Its further lines begin below its
// last column, or a little to the right.
func foldLine(line string, width int) string {
	if Cells(line) <= width {
		return line
	}
	if line = shortIDs(line); Cells(line) <= width {
		return line
	}

	return Wrap(line, width, "", strings.Repeat(" ", hang(line, width)))
}

// Wrap breaks a text between its words into lines of at most width columns: the first
// begins with first, each further one with next. A word that is longer stays whole.
func Wrap(text string, width int, first, next string) string {
	line := first + text
	var b strings.Builder
	for {
		at := breakAt(line, width)
		if at < 0 {
			return b.String() + line
		}
		b.WriteString(strings.TrimRight(line[:at], " ") + "\n")
		line = next + strings.TrimLeft(line[at:], " ")
	}
}

// shortIDs shortens the ids in a line. A plan's id stays: it is there to be copied. So do
// paths and addresses.
func shortIDs(line string) string {
	var b strings.Builder
	last := 0
	for _, at := range longID.FindAllStringIndex(line, -1) {
		id := line[at[0]:at[1]]
		before, _ := utf8.DecodeLastRuneInString(line[:at[0]])
		after, _ := utf8.DecodeRuneInString(line[at[1]:])
		part := strings.ContainsRune("/@.~", before) || strings.ContainsRune("/@.~", after)

		if part || !strings.ContainsAny(id, "0123456789") || strings.HasSuffix(line[:at[0]], "sha256:") {
			continue
		}
		b.WriteString(line[last:at[0]] + Middle(id, 11))
		last = at[1]
	}
	return b.String() + line[last:]
}

// hang is where further lines begin.
func hang(line string, width int) int {
	lead := len(line) - len(strings.TrimLeft(line, " "))
	fallback := min(lead+4, width/2)
	// A column begins behind two blanks, and must leave room for what stands in it.
	column, n := -1, 0
	for i, r := range line {
		if n += cellsOf(r); n > width/2+8 {
			break
		}
		if i > lead && r != ' ' && strings.HasSuffix(line[:i], "  ") {
			column = n - cellsOf(r)
		}
	}

	if column < 0 {
		return fallback
	}
	return column
}

// breakAt is the last blank at which a line can be broken so that what is before it fits,
// -1 where the line fits or no blank helps.
func breakAt(line string, width int) int {
	if Cells(line) <= width {
		return -1
	}

	lead := len(line) - len(strings.TrimLeft(line, " "))
	n, at := 0, -1
	for i, r := range line {
		// The first blank counts wherever it is: a word that is too long stays whole.
		if r == ' ' && i > lead && !strings.HasSuffix(line[:i], " ") && (n <= width || at < 0) {
			at = i
		}
		n += cellsOf(r)
	}
	if at >= 0 && strings.TrimSpace(line[at:]) == "" {
		return -1
	}
	return at
}
