package coretest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// Fixture is a store and what the suite must know of the account behind it.
// Every check gets one of its own and may change all that is in it.
//
// The hooks (from Requests on) may be nil: what needs one is then skipped, and the
// output of go test -v says so.
type Fixture struct {
	Store core.Store
	// Account is the label that the client was given in core.ClientOptions.
	Account string

	// UserID and OtherID are two users that exist and may be changed.
	UserID, OtherID string
	// UnknownID has the form of a user's id, and no user has it.
	UnknownID string
	// ImpossibleIDs are ids that no user of this vendor can have, beside those
	// that no vendor has: empty, dots, slashes, control characters.
	ImpossibleIDs []string

	// Fields has a line for each neutral field that Capabilities().Fields calls
	// changeable. What else is checked of a field is read from the capabilities.
	Fields map[core.Field]Field
	// Spec describes a user that can be created, a different one for each n.
	// Needed where users.create is offered.
	Spec func(n int) core.UserSpec

	// Targets are things that exist and that neither user is assigned to: at
	// least one of each kind that can be written, better two, and two of a kind
	// that is single-valued.
	Targets map[core.Kind][]core.Target
	// Levels are two different valid levels of each kind that has levels.
	Levels map[core.Kind][2]int
	// Availabilities are those that presence.set takes.
	Availabilities []core.Availability
	// NothingToBlock is a user whom blocking cannot affect; empty where there is
	// no such thing.
	NothingToBlock string
	// Certain are the operations whose answer the vendor documents as the new state, so
	// that one which does not show the change proves that it was not made.
	Certain []core.Operation

	// Settle waits until what was done to a user is in effect. If it is nil, the
	// store's own Settle is used where it has one; else nothing is waited for.
	Settle func(ctx context.Context, userID string, after core.Change) error

	// Requests counts what was sent to the vendor, tokens included. With it the suite
	// checks that what must cause no traffic causes none, that an operation costs no
	// more than Capabilities promises, and disturbs each request in turn.
	Requests func() int
	// Refuse makes the vendor refuse every request from now on, because the credential
	// may not do it (403). With it the suite checks that a failure never looks like a
	// success or an empty list.
	Refuse func()
	// Disturb makes one request go wrong: the one after the next skip requests, tokens
	// included. With it the suite checks that a store is honest about what became of an
	// operation, and that it waits out what passes. A simulator takes d.Fault(skip).
	Disturb func(skip int, d Disturbance)
	// Lag makes reads lag behind writes from now on: they show the vendor's data as it
	// was d ago, though never older than at this call. Zero ends the lag. With it the
	// suite checks what a store makes of a change that does not show yet.
	Lag func(d time.Duration)
	// Repeat makes every list of users give one row twice, in the place of another, from
	// now on.
	Repeat func()
	// BlockLog is what the client was given as core.ClientOptions.BlockLog.
	BlockLog *BlockLog
	// Stored returns all that the vendor holds of a user, by wire name. With it the
	// suite checks that a change touches nothing but what it names.
	Stored func(userID string) map[string]any
	// Volatile are wire names in Stored that change with every write.
	Volatile []string
}

// Field is what the suite must know of a neutral field beside Capabilities().Fields.
type Field struct {
	// To is a value that an update can set: a string, a bool or a []string, as
	// core.User.Field returns it.
	To any
	// Why says why the suite should not change the field, where To is nil.
	Why string
	// With are other neutral fields that change along.
	With []core.Field
	// Wire are the vendor's names in Stored for what a change of this field touches,
	// beside the one that the capabilities name.
	Wire []string
}

// BlockLog receives the intents of blocks. Give its Log to the client as
// core.ClientOptions.BlockLog, and itself to the Fixture.
type BlockLog struct {
	mu      sync.Mutex
	intents []core.Block
	refuse  error
}

// Log is a core.ClientOptions.BlockLog.
func (l *BlockLog) Log(_ context.Context, intent core.Block) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refuse != nil {
		return l.refuse
	}
	l.intents = append(l.intents, intent)
	return nil
}

func (l *BlockLog) told() []core.Block {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.intents)
}

// fail makes the log refuse the intents to come.
func (l *BlockLog) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuse = err
}
