package adapter_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

// TestMatches: case, blanks at either end and the form of composition do not count, any
// address finds the person, and both halves of a query must hold.
func TestMatches(t *testing.T) {
	const composed, decomposed = "jos\u00e9@example.com", "jose\u0301@example.com"
	for _, c := range []struct {
		name      string
		query     core.UserQuery
		addresses []string
		want      bool
	}{
		{"everybody", core.UserQuery{}, nil, true},
		{"another case", core.UserQuery{Login: " KIM "}, nil, true},
		{"another login", core.UserQuery{Login: "lee"}, nil, false},
		{"a part of the login", core.UserQuery{Login: "ki"}, nil, false},
		{"the second address", core.UserQuery{Email: composed}, []string{"kim@example.com", decomposed}, true},
		{"no address", core.UserQuery{Email: composed}, nil, false},
		{"another address", core.UserQuery{Email: composed}, []string{"kim@example.com"}, false},
		{"both", core.UserQuery{Login: "kim", Email: composed}, []string{composed}, true},
		{"the login alone", core.UserQuery{Login: "kim", Email: composed}, []string{"kim@example.com"}, false},
		{"the address alone", core.UserQuery{Login: "lee", Email: composed}, []string{composed}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, adapter.Matches(c.query, "Kim", c.addresses...))
		})
	}
}

func TestMatchesName(t *testing.T) {
	require.True(t, adapter.MatchesName(core.TargetQuery{}, "Billing"))
	require.True(t, adapter.MatchesName(core.TargetQuery{Name: " billing"}, "Billing"))
	require.False(t, adapter.MatchesName(core.TargetQuery{Name: "bill"}, "Billing"))
}
