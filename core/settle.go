package core

import (
	"context"
	"iter"
)

// Settler is implemented by the stores of vendors that accept a change and
// carry it out later.
type Settler interface {
	// Settle waits until the latest change of a user is in effect, has failed,
	// or was put off by the vendor. It needs nothing but the id, so another
	// process can take the wait over.
	//
	// A failed change is an error of class failed whose text names each part
	// that failed; the Settlement that comes with it holds them. A change the
	// vendor has deferred is a Settlement, not an error.
	Settle(ctx context.Context, userID string, opts ...SettleOption) (Settlement, error)
}

// SettleState is how a change ended.
type SettleState string

// The ends of a change. A failure is an error beside them.
const (
	Settled  SettleState = "settled"
	Deferred SettleState = "deferred" // the vendor will carry it out later, perhaps in hours
	Gone     SettleState = "gone"     // the user does not exist (any more)
	Failed   SettleState = "failed"
)

// Settlement is what Settle found.
type Settlement struct {
	UserID string       `json:"userId"`
	State  SettleState  `json:"state"`
	Raw    string       `json:"raw,omitzero"` // the vendor's last word
	Parts  []SettlePart `json:"parts,omitzero"`
}

// SettlePart is one role set or feature of a change.
type SettlePart struct {
	Name    string      `json:"name"`
	State   SettleState `json:"state,omitzero"`
	Raw     string      `json:"raw"`
	Message string      `json:"message,omitzero"`
}

// Change is what was done to a user before Settle.
type Change int

// The changes. AnyChange, the zero value, takes no advantage of knowing.
const (
	AnyChange Change = iota
	Created
	Updated
	Deleted
)

// SettleConfig is what SettleOptions set; adapters read it.
type SettleConfig struct {
	Wait  Wait
	After Change
	// ThroughDeferred keeps waiting where the vendor has put the change off.
	ThroughDeferred bool
}

// SettleOption adjusts one Settle.
type SettleOption func(*SettleConfig)

// SettleAfter says what was done, which makes the end more certain: after a delete
// only the user's absence counts, after a create the first end is the end.
func SettleAfter(c Change) SettleOption { return func(s *SettleConfig) { s.After = c } }

// SettleWait replaces how patiently to poll.
func SettleWait(w Wait) SettleOption { return func(s *SettleConfig) { s.Wait = w } }

// SettleThroughDeferred keeps waiting where the vendor has put the change off,
// for example until the agent logs out.
func SettleThroughDeferred() SettleOption {
	return func(s *SettleConfig) { s.ThroughDeferred = true }
}

// BatchSettler is implemented by a Settler that watches many users with one poll
// for all of them.
type BatchSettler interface {
	Settler
	// SettleAll is Settle for many users at once. It yields each user's end as it
	// comes, in any order and each user once; the error that stands beside a
	// Settlement belongs to that user alone. An error beside a Settlement without a
	// UserID ends the walk: what became of the users that were not yielded is not known.
	SettleAll(ctx context.Context, userIDs []string, opts ...SettleOption) iter.Seq2[Settlement, error]
}
