package roster

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// Journal keeps what was begun and what came of it. A file keeps one for the
// processes of one machine; a database can keep one for several machines.
// coretest.TestJournal checks what every journal promises.
//
// Implementations are safe for concurrent use.
type Journal interface {
	// Begin keeps a plan, and notes with it. A plan that is there already is fine: then
	// the notes alone are kept. Both are durable when it returns.
	Begin(ctx context.Context, p Plan, notes ...Record) error
	// Plan returns a plan that was begun, or an error of class not_found.
	Plan(ctx context.Context, id string) (Plan, error)
	// Plans walks all plans in the order in which they were begun.
	Plans(ctx context.Context) iter.Seq2[Plan, error]
	// Claim takes the first of the lanes that nobody holds, over all plans, or returns
	// ErrNothing.
	Claim(ctx context.Context, q ClaimRequest) (*Claim, error)
	// Append adds records under a claim, and renews it. Records with PhaseIntent,
	// PhaseAccepted and PhaseNote are durable when it returns; an outcome rides with the
	// next sync. A claim that is no longer the lane's is ErrFenced, and nothing is
	// added. Without records it only renews. A nil claim may add notes.
	Append(ctx context.Context, c *Claim, rs ...Record) error
	// Free gives a lane back. A claim that has run out is no error, unless outcomes that
	// were appended under it are lost: ErrFenced.
	Free(ctx context.Context, c *Claim) error
	// Records walks the records that the query asks for, in the order in which they
	// were appended.
	Records(ctx context.Context, q Query) iter.Seq2[Record, error]
	// Due walks the plans whose Until has passed and that no PhaseNote of NoteClosed
	// ends.
	Due(ctx context.Context, now time.Time) iter.Seq2[Plan, error]
	// Sync makes everything durable that was appended.
	Sync(ctx context.Context) error
}

// ClaimRequest asks for one of several lanes.
type ClaimRequest struct {
	Plan  string
	Lanes []string
	Owner string
	// TTL is how long a claim lasts that is not renewed. A journal that knows when its
	// holder has died may ignore it.
	TTL time.Duration
}

// Claim is one owner's hold on a lane, limited in time. It is safe for concurrent use.
type Claim struct {
	Plan, Lane, Owner string
	// Token rises with every claim of the lane. The journal refuses an append under an
	// older one.
	Token int64

	mu    sync.Mutex
	until time.Time
	last  int64
}

// Until is when the claim runs out unless it is renewed, zero where it lasts as long
// as its process. It is counted on this machine's clock from before the journal was
// asked.
func (c *Claim) Until() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.until
}

// Last is the Seq of the latest record of the plan's lane, so that a holder knows
// whether somebody else was there.
func (c *Claim) Last() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// Renewed is for journals: the claim now lasts until then, and last is the Seq of
// the lane's latest record. Zero values keep what was there.
func (c *Claim) Renewed(until time.Time, last int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !until.IsZero() {
		c.until = until
	}
	c.last = max(c.last, last)
}

// Query asks for records. The zero query asks for all.
type Query struct {
	Plan string
	Lane string // of Plan
	// Since leaves out what is older, and After what has a Seq up to it.
	Since time.Time
	After int64
}

// Phase says what a record reports.
type Phase string

// The phases. A plan is begun; a step has an intent, is perhaps accepted, and has
// an outcome. An outcome without an intent is a step that was found done or that
// was not begun.
const (
	PhaseBegun    Phase = "begun"
	PhaseIntent   Phase = "intent"   // about to be sent
	PhaseAccepted Phase = "accepted" // the vendor carries it out later
	PhaseOutcome  Phase = "outcome"
	PhaseNote     Phase = "note"
)

// The notes.
const (
	NoteRelease = "release" // the plan was released from its budget
	NoteClosed  = "closed"  // the plan's lease has ended
	NoteEnded   = "ended"   // one step of a lease needs no undoing any more
	NoteBlock   = "block"   // what a block is about to change
	NoteLook    = "look"    // what was seen when a receipt was written
)

// The results of steps, beside those of core.
const (
	// ResultMoved: the world is not as the planner saw it; nothing was sent.
	ResultMoved core.Result = "moved"
	// ResultWaiting: the step was not begun, because of another one, of a floor or of
	// the account.
	ResultWaiting core.Result = "waiting"
	// ResultOpen: the step was not begun yet.
	ResultOpen core.Result = "open"
)

// Record is one entry of a journal.
type Record struct {
	// Seq counts the entries of the journal. Plan and Lane say where the record
	// belongs; a record of the plan itself has no lane. Prev is the hash of the record
	// before it in the lane. The journal sets all but Step's own fields.
	Seq  int64  `json:"-"`
	Plan string `json:"-"`
	Lane string `json:"-"`
	Prev string `json:"-"`

	Step  string    `json:"step,omitzero"`
	Phase Phase     `json:"phase"`
	At    time.Time `json:"at"`
	Owner string    `json:"owner,omitzero"`
	Token int64     `json:"token,omitzero"`
	Note  string    `json:"note,omitzero"`

	Result  core.Result `json:"result,omitzero"`
	Message string      `json:"message,omitzero"`
	// User is the id that a create was told, and Login the login that a change gave.
	User  string `json:"user,omitzero"`
	Login string `json:"login,omitzero"`
	// Outcomes are one for each link.
	Outcomes []core.Outcome `json:"outcomes,omitzero"`
	Block    *core.Block    `json:"block,omitzero"`
	Error    *core.Error    `json:"error,omitzero"`
	// Seen is what a look found.
	Seen *Seen `json:"seen,omitzero"`

	entry Entry
}

// Entry returns the record as the journal holds it, for receipts. It is empty for a
// record that was not read from a journal.
func (r Record) Entry() Entry { return r.entry }

// good reports whether a result needs nothing more.
func good(r core.Result) bool { return r == core.ResultApplied || r == core.ResultAlready }
