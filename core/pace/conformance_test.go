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
