package webex

import (
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// Tier says which of two worlds the operations on supervisors, queues and agents
// address. They share their paths and are told apart by hasCxEssentials; what
// lives in the one is invisible from the other. There is no default: forgetting
// the tier would silently address the wrong one.
type Tier int

// The tiers.
const (
	// Basic is plain call queues, part of the Professional licence.
	Basic Tier = 1 + iota
	// Assist is Customer Assist, formerly Customer Experience Essentials, a licence
	// of its own for each agent and supervisor.
	Assist
)

// String returns "basic" or "assist".
func (t Tier) String() string {
	switch t {
	case Basic:
		return "basic"
	case Assist:
		return "assist"
	}
	return "no tier"
}

// ParseTier reads what String writes, in either case.
func ParseTier(s string) (Tier, error) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "basic":
		return Basic, nil
	case "assist":
		return Assist, nil
	}
	return 0, core.Invalid(vendor, "ParseTier", "the tier is neither basic nor assist")
}

// assist is the value of hasCxEssentials. It is sent with every operation that takes
// it: the effect of leaving it out is not documented for each.
func (t Tier) assist() bool { return t == Assist }
