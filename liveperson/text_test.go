package liveperson_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestTextThatIsNotUTF8_IsInvalidBeforeAnyTraffic(t *testing.T) {
	const bad = "J\xfcrg"
	c, mt := mocked(t)
	s := c.Store()
	_, err := s.CreateUser(t.Context(), core.UserSpec{Login: "a", FirstName: bad, LastName: "Be", Email: "a@b.cc"})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "firstName"+" holds text that is not UTF-8")

	_, err = s.UpdateUser(t.Context(), "7", core.UserChange{DisplayName: core.Set(bad)})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "displayName"+" holds text that is not UTF-8")
	_, err = s.UpdateUser(t.Context(), "7", core.UserChange{Fields: map[string]any{"costCentre": map[string]any{"city": bad}}})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "costCentre.city holds text that is not UTF-8")
	require.Zero(t, mt.GetTotalCallCount())
}
