package avaya

import (
	"context"

	"github.com/rollcall-go/rollcall/core"
)

const (
	whyPresence = "agent states belong to the agent's own desktop; no administrative API reads or sets them"
	whyBlock    = "an Avaya user cannot be disabled; removing its roles or features would destroy them"
)

// Presence is unsupported.
func (s *Store) Presence(context.Context, string) (core.Presence, error) {
	return core.Presence{}, s.border.Unsupported(core.OpPresence, whyPresence)
}

// SetPresence is unsupported.
func (s *Store) SetPresence(context.Context, string, core.Availability) error {
	return s.border.Unsupported(core.OpSetPresence, whyPresence)
}

// Block is unsupported.
func (s *Store) Block(context.Context, string) (core.Block, error) {
	return core.Block{}, s.border.Unsupported(core.OpBlock, whyBlock)
}

// Unblock is unsupported.
func (s *Store) Unblock(context.Context, string, ...core.Block) error {
	return s.border.Unsupported(core.OpUnblock, whyBlock)
}

// LiftBlocks is unsupported.
func (s *Store) LiftBlocks(context.Context, string) error {
	return s.border.Unsupported(core.OpLiftBlocks, whyBlock)
}
