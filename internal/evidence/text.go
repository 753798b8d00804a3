package evidence

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/rollcall-go/rollcall/core"
)

// PlainText returns a text as it is compared where case counts: composed, and without
// the blanks at either end.
func PlainText(s string) string { return norm.NFC.String(strings.TrimSpace(s)) }

// FoldText returns a text as it is compared where neither case counts nor how many
// blanks there are.
func FoldText(s string) string {
	var b strings.Builder
	for word := range strings.FieldsSeq(s) { // never all at once: there may be a million
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return core.Fold(b.String())
}

// SameLogin compares logins, addresses and the names of targets: regardless of case, of
// blanks at either end, of composition, and of how a domain is spelt.
func SameLogin(a, b string) bool { return core.FoldAddress(a) == core.FoldAddress(b) }
