package evidence

import "strings"

// PlainText returns a text as it is compared where case counts: without the blanks at
// either end.
func PlainText(s string) string { return strings.TrimSpace(s) }

// FoldText returns a text as it is compared where case does not count, nor how many
// blanks there are.
func FoldText(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// SameLogin compares logins, addresses and the names of targets: regardless of case, of
// blanks at either end and of composition.
func SameLogin(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}
