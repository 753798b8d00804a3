package avaya_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestStorePresence_IsUnsupportedWithoutTraffic(t *testing.T) {
	simulate(t, func(b *bench) {
		_, err := b.store.Presence(b.Context(), "x")
		require.ErrorIs(b, err, errors.ErrUnsupported)
		require.ErrorIs(b, b.store.SetPresence(b.Context(), "x", core.Away), errors.ErrUnsupported)
		_, err = b.store.Block(b.Context(), "x")
		require.ErrorIs(b, err, errors.ErrUnsupported)
		require.ErrorIs(b, b.store.Unblock(b.Context(), "x"), errors.ErrUnsupported)
		require.Empty(b, b.srv.Requests())
	})
}
