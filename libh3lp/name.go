package libh3lp

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// forbidden are the characters, besides the space, that no name has.
const forbidden = `"&'/:<>@\`

// maxName is how many characters a name may have.
const maxName = 40

// CheckName says whether a user or queue can have a name, by the rules of the
// vendor pages "Users" and "Queues": 40 characters, lower case, no space and none
// of "&'/:<>@\. The error is core.ErrInvalid. Whether the name is free is another
// matter: it must be unique among all users and queues of the server, those of
// other subscriptions included.
func CheckName(name string) error {
	if why := badName(name); why != "" {
		return core.Invalid(vendor, "CheckName", why)
	}
	return nil
}

func badName(name string) string {
	switch {
	case name == "":
		return "the name is missing"
	case !utf8.ValidString(name):
		return "the name is not valid UTF-8"
	case utf8.RuneCountInString(name) > maxName:
		return fmt.Sprintf("the name is longer than %d characters", maxName)
	case name != strings.ToLower(name):
		return "the name is not in lower case"
	case strings.ContainsAny(name, forbidden) || strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}):
		return "the name holds a space or one of the characters " + forbidden
	case rest.CheckID(name) != "":
		return "the name " + rest.CheckID(name)
	}
	return ""
}
