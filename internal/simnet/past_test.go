package simnet_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

func TestPast_ShowsTheStateOfThen(t *testing.T) {
	start := time.Unix(1000, 0)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	p := simnet.Past[string]{Lag: 10 * time.Second}
	ends := func(seconds int, state string) { p.Ends(at(seconds), func() string { return state }) }
	seen := func(seconds int) string {
		if state, lags := p.Seen(at(seconds)); lags {
			return state
		}
		return "present"
	}

	require.Equal(t, "present", seen(0), "nothing was written")
	ends(0, "first")
	ends(5, "second")
	ends(5, "between two writes of one moment")

	require.Equal(t, "first", seen(5))
	require.Equal(t, "first", seen(9))
	require.Equal(t, "second", seen(10), "the first state ended then")
	require.Equal(t, "second", seen(14))
	require.Equal(t, "present", seen(15))
}

func TestPast_HoldsNothingWithoutALag(t *testing.T) {
	var p simnet.Past[string]
	p.Ends(time.Unix(1000, 0), func() string { t.Fatal("copied for nothing"); return "" })

	_, lags := p.Seen(time.Unix(1000, 0))
	require.False(t, lags)
}
