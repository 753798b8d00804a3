package avaya

import (
	"context"

	"github.com/rollcall-go/rollcall/core"
)

const (
	whyPresence = "agent states live in the agent's own desktop; no administrative API reads or sets them"
	whyBlock    = "an Avaya user cannot be disabled; taking its roles or features away would destroy them"
)

// Presence is unsupported.
func (s *Store) Presence(context.Context, string) (core.Presence, error) {
	return core.Presence{}, core.Unsupported(vendor, "Presence.Get", whyPresence)
}

// SetPresence is unsupported.
func (s *Store) SetPresence(context.Context, string, core.Availability) error {
	return core.Unsupported(vendor, "Presence.Set", whyPresence)
}

// Block is unsupported.
func (s *Store) Block(context.Context, string) (core.Block, error) {
	return core.Block{}, core.Unsupported(vendor, "Presence.Block", whyBlock)
}

// Unblock is unsupported.
func (s *Store) Unblock(context.Context, string, ...core.Block) error {
	return core.Unsupported(vendor, "Presence.Unblock", whyBlock)
}
