package pace_test

import (
	"testing"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/core/pace"
)

func TestConformance(t *testing.T) {
	coretest.TestGovernor(t, func(_ *testing.T, told coretest.Limit) []core.Governor {
		return []core.Governor{pace.New(pace.Limit("", told.PerSecond, told.Burst))}
	}, coretest.VirtualTime())
}

// Four clients that share one governor are to the vendor what one client is.
func TestConformance_Shared(t *testing.T) {
	coretest.TestGovernor(t, func(_ *testing.T, told coretest.Limit) []core.Governor {
		g := pace.New(pace.Limit("", told.PerSecond, told.Burst))
		return []core.Governor{g, g, g, g}
	}, coretest.VirtualTime())
}
