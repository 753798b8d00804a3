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
	// Account is the caller's own label of the client, from ClientOptions.Account.
	Account string `json:"account,omitzero"`
	UserID  string `json:"userId"`
	// Changed names each thing that was switched off, in the adapter's words;
	// empty where the user was blocked before.
	Changed []string `json:"changed"`
}

// PresenceController reads and sets whether a user can take work.
//
// Presence is what the user shows; a block is what an administrator imposes.
// They are independent: an unblocked user need not be available.
type PresenceController interface {
	// Presence reads what the user shows. Where the vendor keeps it apart from the user
	// and cannot be asked for it, the error comes with whether the user is blocked.
	Presence(ctx context.Context, userID string) (Presence, error)
	SetPresence(ctx context.Context, userID string, to Availability) error
	// Block keeps work away from the user and returns what it changed: everything
	// that was sent and not certainly refused. Before the first write the intent goes
	// to ClientOptions.BlockLog. A block of several parts that ended half-way returns
	// the record beside an error of class partial. A user with nothing to block is
	// ErrNotApplied.
	Block(ctx context.Context, userID string) (Block, error)
	// Unblock restores what the given blocks changed, and nothing else. Without a
	// record it changes nothing and sends nothing.
	Unblock(ctx context.Context, userID string, made ...Block) error
	// LiftBlocks lifts every block of the user, whoever made it.
	LiftBlocks(ctx context.Context, userID string) error
}
