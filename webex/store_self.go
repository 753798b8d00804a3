package webex

import (
	"context"

	"github.com/rollcall-go/rollcall/core"
)

var _ core.Self = (*Store)(nil)

// OwnUserID implements core.Self: the person whose token it is, in one request.
func (s *Store) OwnUserID(ctx context.Context) (string, error) {
	me, err := s.c.People.Me(ctx)
	if err != nil {
		return "", s.border.Error(core.OpGetUser, err)
	}
	return string(me.ID), nil
}
