package webex

import (
	"context"
	"errors"

	"github.com/rollcall-go/rollcall/core"
)

const whySetPresence = "the status of a person is read only at Webex: no API sets it"

// Presence implements core.PresenceController.
func (s *Store) Presence(ctx context.Context, userID string) (core.Presence, error) {
	return core.Presence{}, errors.ErrUnsupported
}

// SetPresence is unsupported.
func (s *Store) SetPresence(context.Context, string, core.Availability) error {
	return core.Unsupported(vendor, "Presence.Set", whySetPresence)
}

// Block implements core.PresenceController.
func (s *Store) Block(ctx context.Context, userID string) (core.Block, error) {
	return core.Block{}, errors.ErrUnsupported
}

// Unblock implements core.PresenceController.
func (s *Store) Unblock(ctx context.Context, userID string, made ...core.Block) error {
	return errors.ErrUnsupported
}
