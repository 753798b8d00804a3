package adapter

import (
	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
)

// Matches reports whether a user is one that a query asks for. Logins and addresses
// match regardless of case, of blanks at either end and of composition. Any one of the
// user's addresses matches the e-mail of the query.
func Matches(q core.UserQuery, login string, addresses ...string) bool {
	return (q.Login == "" || evidence.SameLogin(q.Login, login)) &&
		(q.Email == "" || holds(addresses, q.Email))
}

func holds(addresses []string, address string) bool {
	for _, a := range addresses {
		if evidence.SameLogin(a, address) {
			return true
		}
	}
	return false
}

// MatchesName reports whether a target has the name that a query asks for.
func MatchesName(q core.TargetQuery, name string) bool {
	return q.Name == "" || evidence.SameLogin(q.Name, name)
}
