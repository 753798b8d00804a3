package core

import "context"

// Availability is a user's presence in neutral words.
type Availability string

// The availabilities. Unknown is read only.
const (
	Available Availability = "available"
	Busy      Availability = "busy"
	Away      Availability = "away"
	DND       Availability = "dnd" // do not disturb
	Offline   Availability = "offline"
	Unknown   Availability = "unknown"
)

// Presence is what a vendor says about a user right now. Nil and empty mean
// that it does not say.
type Presence struct {
	UserID       string       `json:"userId"`
	Availability Availability `json:"availability"`
	// Raw is the vendor's own word for the availability.
	Raw string `json:"raw"`
	// Blocked says whether an administrator keeps work away from the user.
	Blocked *bool `json:"blocked"`
	// Routable says whether the user can receive work now.
	Routable *bool `json:"routable"`
	// Reason is why the user is not available, in the vendor's words.
	Reason string `json:"reason"`
}

// Block records what a call of PresenceController.Block changed, so that
// Unblock can restore just that. It survives JSON.
type Block struct {
	Vendor string `json:"vendor"`
	UserID string `json:"userId"`
	// Changed names each thing that was switched off, in the adapter's words;
	// empty where the user was blocked before.
	Changed []string `json:"changed"`
}

// PresenceController reads and sets whether a user can take work.
//
// Presence is what the user shows; a block is what an administrator imposes.
// They are independent: an unblocked user need not be available.
type PresenceController interface {
	Presence(ctx context.Context, userID string) (Presence, error)
	SetPresence(ctx context.Context, userID string, to Availability) error
	// Block keeps work away from the user and returns what it changed. A block
	// of several parts that ended half-way returns the parts it made and an
	// error of class partial.
	Block(ctx context.Context, userID string) (Block, error)
	// Unblock restores what the given blocks changed; without one it lifts
	// every block.
	Unblock(ctx context.Context, userID string, made ...Block) error
}
