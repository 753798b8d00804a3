package jobs

import (
	"slices"
	"strings"
	"unicode"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// Printable keeps a vendor's text from steering the terminal or breaking a row.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}

// Line is the end of a step as it is printed with --json: its message says what an
// outcome's error says.
func Line(s roster.StepReport) roster.StepReport {
	s.Outcomes = slices.Clone(s.Outcomes)
	for i := range s.Outcomes {
		s.Outcomes[i].Err = nil
	}
	return s
}

// AppliedBy sums up whether a run changed anything.
func AppliedBy(r *roster.Report) core.Applied {
	switch {
	case r.Unknown > 0:
		return core.AppliedUnknown
	case r.Applied > 0:
		return core.AppliedYes
	}
	return core.AppliedNo
}
