package avaya_test

import (
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"
)

func TestProfilesGet_EscapesTheID(t *testing.T) {
	c, _ := mocked(t, "GET", "/api/admin/user/v1/accounts/QWERTY/profiles/A%20b.-_", httpmock.NewStringResponder(200,
		`{"profileId":"A b.-_","profileName":"x"}`))
	p, err := c.Profiles.Get(t.Context(), "A b.-_")
	require.NoError(t, err)
	require.Equal(t, "A b.-_", p.ProfileID)
}
