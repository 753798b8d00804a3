package redispace

import (
	"testing"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/core/internal/lease"
	"github.com/rollcall-go/rollcall/core/internal/lease/leasetest"
)

// machines is how many share the credential of a check.
const machines = 4

// TestGovernor runs the suite over the script itself, in virtual time.
func TestGovernor(t *testing.T) {
	coretest.TestGovernor(t, func(t *testing.T, told coretest.Limit) []core.Governor {
		m := newModel(t)
		all := make([]core.Governor, machines)
		for i := range all {
			all[i] = lease.New(lease.Config{Server: m, Fallback: fallback,
				Limits: map[string]lease.Limit{"": {PerSecond: told.PerSecond, Burst: told.Burst}}})
		}
		return all
	}, coretest.VirtualTime())
}

// TestHerd is the table of README.md, in virtual time.
func TestHerd(t *testing.T) {
	leasetest.TestTable(t, func(t *testing.T) leasetest.Model { return newModel(t) })
}
