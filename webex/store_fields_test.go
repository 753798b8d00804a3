package webex_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestStore_TextThatIsNotUTF8IsInvalidBeforeAnyTraffic(t *testing.T) {
	const bad = "J\xfcrg"
	c, mt := mocked(t)
	s := c.Store()
	_, err := s.CreateUser(t.Context(), core.UserSpec{Login: "a@b.cc", FirstName: bad, LastName: "Be", DisplayName: "Be"})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "firstName"+" holds text that is not UTF-8")

	_, err = s.UpdateUser(t.Context(), dana, core.UserChange{LastName: core.Set(bad)})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "lastName"+" holds text that is not UTF-8")
	_, err = s.UpdateUser(t.Context(), dana, core.UserChange{Fields: map[string]any{"costCentre": map[string]any{"city": bad}}})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "costCentre.city holds text that is not UTF-8")
	require.Zero(t, mt.GetTotalCallCount())
}
