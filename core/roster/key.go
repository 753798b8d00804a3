package roster

import (
	"cmp"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// fold brings a login, an address or a name of a person into the form in which
// they are compared: lower case, composed (NFC), without blanks at either end and
// without a scheme such as "sip:". It is the one place that decides when two names are
// the same.
func fold(name string) string {
	if scheme, rest, ok := strings.Cut(name, ":"); ok && isScheme(scheme) {
		name = rest
	}
	return core.Fold(name)
}

func isScheme(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "sip", "sips", "mailto", "tel", "smtp", "xmpp":
		return true
	}
	return false
}

// sameID reports whether two ids name one thing. The text of a GUID has no case.
func sameID(a, b string) bool {
	return a == b || isGUID(a) && isGUID(b) && strings.EqualFold(a, b)
}

// isGUID reports an id of the form 8-4-4-4-12 hexadecimal digits.
func isGUID(id string) bool {
	if len(id) != 36 {
		return false
	}

	for i := range len(id) {
		switch c := id[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f'):
			return false
		}
	}
	return true
}

// keyOf is the usual key of the person behind a user: the address if the account shows
// one, else the login, else the account and the id.
func keyOf(account string, u core.User) string {
	return cmp.Or(fold(u.Email), fold(u.Login), account+":"+u.ID)
}

// pinned splits a key that names one user of one account, "account:ID". Only the
// accounts of a fleet count, so that an address with a scheme is no pin.
func pinned(key string, known func(account string) bool) (account, id string, ok bool) {
	account, id, ok = strings.Cut(key, ":")
	if !ok || id == "" || !known(account) {
		return "", "", false
	}
	return account, id, true
}
