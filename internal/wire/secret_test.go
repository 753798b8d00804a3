package wire

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// TestSecret_NullForgetsIt: a password that the vendor answers with null is not the one that
// was there.
func TestSecret_NullForgetsIt(t *testing.T) {
	type doc struct {
		Password core.Secret `json:"password"`
	}
	d := doc{core.NewSecret("old")}
	require.NoError(t, Unmarshal([]byte(`{"password":null}`), &d))
	assert.True(t, d.Password.IsZero())

	require.NoError(t, Unmarshal([]byte(`{"password":"new"}`), &d))
	assert.False(t, d.Password.IsZero())
	text, err := Marshal(d)
	require.NoError(t, err)
	assert.JSONEq(t, `{"password":"new"}`, string(text))
}
