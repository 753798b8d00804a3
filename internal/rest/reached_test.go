package rest

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// probing makes a client ask for the list before it believes the first absence.
func probing(c *Config) {
	c.Probe = func(r *Request) (Request, bool) { return Request{Op: opList, Base: r.Base}, true }
}

func TestAbsence_OfTheWholeAddressIsNoAbsenceOfAThing(t *testing.T) {
	p := talk(says(404, `{}`))
	e := failure(t, do(t.Context(), newClient(p, probing), opGet))
	require.Equal(t, []any{core.ClassProtocol, http.StatusNotFound}, []any{e.Class, e.Status})
	require.NotErrorIs(t, e, core.ErrNotFound)
	require.Contains(t, e.Error(), "check the base URL and the account")
	require.Equal(t, 2, p.sends())
}

func TestAbsence_IsBelievedWhereTheAddressAnswers(t *testing.T) {
	for name, list := range map[string]step{
		"a list":           says(200, `[]`),
		"a refusal":        says(403, `{}`),
		"a server error":   says(500, `{}`),
		"a page":           says(403, page),
		"a lost answer":    loses(),
		"a rate limit":     says(429, `{}`, "Retry-After", "3600"),
		"a lapsed session": says(401, `{}`),
	} {
		t.Run(name, func(t *testing.T) {
			p := talk(says(404, `{}`), list)
			e := failure(t, do(t.Context(), newClient(p, probing, func(c *Config) { c.MaxAttempts = 1 }), opGet))
			require.ErrorIs(t, e, core.ErrNotFound, "the vendor said so of the thing itself")
		})
	}
}

func TestAbsence_IsProbedOnceInTheLifeOfAClient(t *testing.T) {
	p := talk(says(404, `{}`), says(200, `[]`), says(404, `{}`))
	c := newClient(p, probing)
	for range 3 {
		require.ErrorIs(t, do(t.Context(), c, opGet), core.ErrNotFound)
	}
	require.Equal(t, 4, p.sends(), "three reads and one probe")

	p = talk(ok(), says(404, `{}`), says(404, `{}`))
	c = newClient(p, probing)
	token := call(opGet, new(thing))
	token.Anonymous = true
	_, err := c.Do(t.Context(), token)
	require.NoError(t, err)
	require.ErrorIs(t, do(t.Context(), c, opGet), core.ErrProtocol, "what bought a token tells nothing of the rest")
	require.Equal(t, 3, p.sends())

	p = talk(ok(), says(404, `{}`))
	c = newClient(p, probing)
	require.NoError(t, do(t.Context(), c, opGet))
	require.ErrorIs(t, do(t.Context(), c, opGet), core.ErrNotFound)
	require.Equal(t, 2, p.sends(), "the address has answered before")
}
