package evidence

import (
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// FoldText returns a text as it is compared where neither case counts nor how many
// blanks there are.
func FoldText(s string) string { return core.Fold(strings.Join(strings.Fields(s), " ")) }

// SameLogin compares logins, addresses and the names of targets: regardless of case, of
// blanks at either end, of composition, and of how a domain is spelt.
func SameLogin(a, b string) bool { return core.FoldAddress(a) == core.FoldAddress(b) }
