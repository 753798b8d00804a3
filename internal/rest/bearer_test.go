package rest

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestAFixedBearerIsRefusedOnce(t *testing.T) {
	p := talk(says(401, ``), ok())
	c := newClient(p, func(c *Config) { c.Auth = Bearer{core.NewSecret("tok-1")} })
	require.ErrorIs(t, do(t.Context(), c, opGet), core.ErrUnauthenticated)
	require.Equal(t, 1, p.sends())
	require.Equal(t, "Bearer tok-1", p.all()[0].Header.Get("Authorization"))
	_, _, err := Bearer{}.Prepare("acme")
	require.ErrorContains(t, err, "Bearer.Token is missing")
	_, _, err = Bearer{core.NewSecret("a b")}.Prepare("acme")
	require.ErrorIs(t, err, core.ErrInvalid)
	auth, secrets, err := Bearer{core.NewSecret("a")}.Prepare("acme")
	require.NoError(t, err)
	require.Equal(t, Bearer{core.NewSecret("a")}, auth)
	require.Equal(t, []core.Secret{core.NewSecret("a")}, secrets)
}

func TestBearerTokensAreRenewedOnce(t *testing.T) {
	n := 0
	tokens := NewTokens(func(context.Context) (Token, error) { n++; return Token{Value: []string{"", "a", "b", "c"}[n]}, nil })
	p := talk(says(401, ``), says(401, ``), ok())
	c := newClient(p, func(c *Config) { c.Auth = NewBearerTokens(tokens) })
	require.ErrorIs(t, do(t.Context(), c, opGet), core.ErrUnauthenticated)
	require.Equal(t, 2, p.sends())
	require.Equal(t, "Bearer b", p.all()[1].Header.Get("Authorization"))
	require.Equal(t, 2, n)

	broken := NewBearerTokens(NewTokens(func(context.Context) (Token, error) { return Token{}, errors.New("no key") }))
	require.Error(t, do(t.Context(), newClient(talk(ok()), func(c *Config) { c.Auth = broken }), opGet))
}

func TestALookAfterAWriteTellsOfTheWrite(t *testing.T) {
	cause := &core.Error{Vendor: "acme", Op: "o", Class: core.ClassUnavailable, Message: "busy", Applied: core.AppliedNo}
	e := failure(t, AfterWrite(cause, core.AppliedYes, "it was made; reading it failed"))
	require.Equal(t, core.AppliedYes, e.Applied)
	require.Equal(t, "it was made; reading it failed: busy", e.Message)
	require.Equal(t, core.AppliedNo, cause.Applied, "others hold that one")
	other := errors.New("other")
	require.Equal(t, other, AfterWrite(other, core.AppliedYes, "x"))
}

func TestAFailedListEndsWithItsError(t *testing.T) {
	want := errors.New("no")
	n := 0
	for v, err := range Failed[int](want) {
		n++
		require.Zero(t, v)
		require.Equal(t, want, err)
	}
	require.Equal(t, 1, n)
}
