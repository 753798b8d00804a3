package core

import "context"

// BatchCreator is implemented by a Store whose vendor creates many users with one
// request. Capabilities().Of(OpCreateUser).Cost.Batch is how many.
type BatchCreator interface {
	// CreateUsers creates several users, each as CreateUser does, and returns how each
	// ended, in order. What the store refuses before anything is sent, it refuses for
	// that user alone, and a user whom the vendor refuses does not affect the others.
	CreateUsers(ctx context.Context, specs ...UserSpec) []UserOutcome
}

// BatchDeleter is implemented by a Store whose vendor deletes many users with one
// request. Capabilities().Of(OpDeleteUser).Cost.Batch is how many.
type BatchDeleter interface {
	// DeleteUsers deletes several users, each as DeleteUser does, and returns an error
	// for each, in order.
	DeleteUsers(ctx context.Context, ids ...string) []error
}

// BatchBlocker is implemented by a Store whose vendor blocks many users with one request.
// Capabilities().Of(OpBlock).Cost.Batch is how many.
type BatchBlocker interface {
	// BlockUsers blocks several users, each as Block does, and returns how each ended, in
	// order. The intent of each goes to ClientOptions.BlockLog before it is sent.
	BlockUsers(ctx context.Context, userIDs ...string) []BlockOutcome
}

// BatchUpdater is implemented by a Store whose vendor changes many users with one request.
// Capabilities().Of(OpUpdateUser).Cost.Batch is how many.
type BatchUpdater interface {
	// UpdateUsers changes several users, each as UpdateUser does and under its own
	// precondition, and returns how each ended, in order. A user whom the vendor refuses
	// does not affect the others.
	UpdateUsers(ctx context.Context, updates ...UserUpdate) []UserOutcome
}

// UserUpdate is the change of one of several users.
type UserUpdate struct {
	ID     string
	Change UserChange
}

// BlockOutcome is how the block of one of several users ended: what Block returns.
type BlockOutcome struct {
	Block Block
	Err   error
}

// UserOutcome is how the creation or the change of one of several users ended: what
// CreateUser or UpdateUser returns.
type UserOutcome struct {
	User User
	Err  error
}

// GuardedDeleter is implemented by a Store that reads a user before it deletes it, so
// that a precondition costs no further request.
type GuardedDeleter interface {
	// DeleteUserIf deletes a user if the precondition still holds. If it does not, no
	// write is sent, and the error is ErrRevision.
	DeleteUserIf(ctx context.Context, id string, only Precondition) error
}

// Leaver is implemented by a Store whose vendor still shows a user for a while after it has
// accepted the deletion.
type Leaver interface {
	// Leaves reports whether the deletion of a user that is still shown is under way.
	Leaves(ctx context.Context, id string) (bool, error)
}
