package liveperson

import (
	"context"

	"github.com/rollcall-go/rollcall/core"
)

var _ core.Self = (*Store)(nil)

// OwnUserID implements core.Self: the user of a Login. Other credentials are nobody's,
// which is unsupported. It costs no request where the client has logged in.
func (s *Store) OwnUserID(ctx context.Context) (string, error) {
	login, ok := s.c.auth.(*loginAuth)
	if !ok {
		return "", s.border.Unsupported(core.OpGetUser, "the vendor names the owner of the credential only for a user name and password")
	}
	id, err := login.userID(ctx)
	switch {
	case err != nil:
		return "", s.border.Error(core.OpGetUser, err)
	case id == "":
		return "", s.border.Unsupported(core.OpGetUser, "the login did not say whose credential it is")
	}
	return id, nil
}
