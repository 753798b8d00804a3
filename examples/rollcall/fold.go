package main

import (
	"strings"

	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// wrapped breaks a text between words so that no line is longer than width, as far as
// its words let it. The indent of the further lines counts.
func wrapped(text string, width int, indent string) string {
	return fold(text, width, width-len(indent), indent)
}

// hanging is wrapped for a text that stands in a column: no line of it is longer than
// width, and the indent is beside it.
func hanging(text string, width int, indent string) string { return fold(text, width, width, indent) }

// fold breaks a text between words into a first line and further ones, each as long as
// they may be.
func fold(text string, first, further int, indent string) string {
	var b strings.Builder
	at, width := 0, first
	for word := range strings.FieldsSeq(text) {
		switch n := jobs.Cells(word); {
		case at == 0:
			at = n
		case at+1+n > width:
			b.WriteString("\n" + indent)
			at, width = n, further
		default:
			b.WriteString(" ")
			at += 1 + n
		}
		b.WriteString(word)
	}
	return b.String()
}
