package lucs_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/lucs"
)

func TestTextThatIsNotUTF8_IsInvalidBeforeAnyTraffic(t *testing.T) {
	const bad = "J\xfcrg"
	c, mt := mocked(t, lucs.Dialect{Routes: lucs.Routes{ReplaceUser: "POST /users/{userId}"}})
	s := c.Store()
	_, err := s.CreateUser(t.Context(), core.UserSpec{Login: "sip:a" + bad + "@b.cc"})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "login"+" holds text that is not UTF-8")

	_, err = s.UpdateUser(t.Context(), aGUID, core.UserChange{Login: core.Set("sip:a" + bad + "@b.cc")})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "login"+" holds text that is not UTF-8")
	_, err = s.UpdateUser(t.Context(), aGUID, core.UserChange{Fields: map[string]any{"costCentre": map[string]any{"city": bad}}})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "costCentre.city holds text that is not UTF-8")
	require.Zero(t, mt.GetTotalCallCount())
}
