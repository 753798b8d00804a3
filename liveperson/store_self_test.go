package liveperson_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func TestStore_OwnUserIDIsTheUserOfALogin(t *testing.T) {
	sim := livepersontest.NewServer(livepersontest.WithSampleData())
	client := func(cfg liveperson.Config) core.Self {
		cfg.AccountID, cfg.DomainURL, cfg.Transport = livepersontest.AccountID, "https://"+livepersontest.HostDomain, sim.Transport()
		c, err := liveperson.New(cfg)
		require.NoError(t, err)
		return c.Store()
	}
	id, err := client(liveperson.Config{Auth: liveperson.Login{Username: livepersontest.Username,
		Password: core.NewSecret(livepersontest.Password)}}).OwnUserID(t.Context())
	require.NoError(t, err)
	assert.Regexp(t, `^\d+$`, id)

	_, err = client(liveperson.Config{Auth: liveperson.ClientCredentials{ID: livepersontest.ClientID,
		Secret: core.NewSecret(livepersontest.ClientSecret)}}).OwnUserID(t.Context())
	assert.ErrorIs(t, err, core.ErrUnsupported)
}
