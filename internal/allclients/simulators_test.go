package allclients

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core/simtest"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// TestSimulators_RefuseUnknownOperations: a test that names an operation which no request
// can be would prove nothing.
func TestSimulators_RefuseUnknownOperations(t *testing.T) {
	type simulator interface {
		Fault(faults ...simtest.Fault)
		Requests(operations ...string) []simtest.Request
	}
	for name, c := range map[string]struct {
		sim        simulator
		operations []string
	}{
		"avaya":      {avayatest.NewServer(), avayatest.Operations()},
		"libh3lp":    {libh3lptest.NewServer(), libh3lptest.Operations()},
		"liveperson": {livepersontest.NewServer(), livepersontest.Operations()},
		"lucs":       {lucstest.NewServer(), lucstest.Operations()},
		"webex":      {webextest.NewServer(), webextest.Operations()},
	} {
		t.Run(name, func(t *testing.T) {
			require.Panics(t, func() { c.sim.Fault(simtest.Fault{Op: "users.get"}) })
			require.Panics(t, func() { c.sim.Requests("Users.Nonsense") })

			seen := map[string]bool{}
			for _, op := range c.operations {
				require.False(t, seen[op], "%s is listed twice", op)
				seen[op] = true
				c.sim.Fault(simtest.Fault{Op: op})
				require.Empty(t, c.sim.Requests(op))
			}
		})
	}
}
