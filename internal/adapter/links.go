package adapter

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/evidence"
)

// Links is one kind of change of many assignments at one vendor: Assign, Unassign,
// Suspend or Resume. K names what owns links and is read and written as a whole: a user,
// a supervisor, a queue. O is an owner as it was read; it is a pointer, or else refers to
// what Edit changes.
//
// The engine groups the assignments of a call by owner, makes each link once, reads each
// owner, asks Edit what there is to do, writes what is needed in one write, and asks the
// same Edit again of what the vendor then shows, until nothing is left to do or the time
// for it is over. One idea of "it is so" serves before, during and after the write.
type Links[K comparable, O any] struct {
	Border
	Op       core.Operation
	ReadBack evidence.ReadBack
	// Workers bounds how many owners are read and written at a time; 4 unless set.
	Workers int
	// Tries bounds how often an owner is read and written anew when the write meets a
	// stale revision; 1 unless set.
	Tries int

	// Check refuses what cannot be sent, before anything is, and names the owner.
	Check func(a core.Assignment) (K, error)
	// Same returns what two assignments of one owner have in common when they are the
	// same link; kind, id and user in any case unless set.
	Same func(a core.Assignment) string
	// Lock, if set, keeps other changes of this client off an owner until unlock.
	Lock func(ctx context.Context, owner K) (unlock func(), err error)
	// Read returns an owner as it is now, for a write to stand on. Where the answer to a
	// write tells what was so before, it may return an owner of which nothing is known.
	Read func(ctx context.Context, owner K) (O, error)
	// Look returns an owner as the vendor shows it after a write, without what this
	// client remembers of its own writes; Read unless set.
	Look func(ctx context.Context, owner K) (O, error)
	// Edit makes one assignment true of an owner as it was read. An error says why that
	// cannot be: nothing is written for the link.
	Edit func(o O, a core.Assignment) (Edit, error)
	// Write sends an owner with the edits of some assignments. Its answer counts as a
	// first look where it is the new state.
	Write func(ctx context.Context, owner K, o O, as []core.Assignment) (Answer[O], error)
	// Each says that every link is a write of its own.
	Each bool
	// Split says that a write which the vendor refuses as a whole, because of one of
	// its links perhaps, is tried again by halves.
	Split bool
	// Chunk, if set, bounds how many links of an owner go into one write; zero takes all.
	Chunk func(owner K) int
	// WriteMany, if set, sends up to Batch owners in one request. It returns an answer
	// and an error for each; an owner whose error is ErrAlone is written by itself.
	WriteMany func(ctx context.Context, edited []Edited[K, O]) ([]Answer[O], []error)
	Batch     int
	// BatchTries bounds how often a batch is read and written anew on a stale revision,
	// before its owners are written one by one; Tries unless set.
	BatchTries int
	// LockBatch, if set, is held while a batch is read and written, instead of Lock.
	LockBatch func(ctx context.Context) (unlock func(), err error)
	// Await, if set, waits until the writes of some owners, which the vendor accepted,
	// are in effect. It is called for those of a few seconds together.
	Await func(ctx context.Context, owners []K) []Awaited
	// Certain, if set, reports whether an owner that does not show a change proves that
	// nothing was written: its revision has not moved.
	Certain func(before, now O) bool
}

// Edit is what there is to do about one link.
type Edit struct {
	// Changed is false where it was so before.
	Changed bool
	// Before is the link that was there, nil where there was none.
	Before *core.Assignment
	// Note says more, for the outcome.
	Note string
}

// Answer is what the vendor answered to a write.
type Answer[O any] struct {
	// State is the new state of the owner, where Shown is set.
	State O
	Shown bool
	// Refused are links that the vendor turned down in a write that it accepted, with
	// the reason for each. One that is in doubt is looked at.
	Refused map[string]error // by Same
	// Before are links that were so before, as the vendor says or as its word may mean.
	// A look decides: one that shows is so already.
	Before map[string]Said // by Same
	// Note says more, for every outcome of the write.
	Note string
}

// Said is what the vendor says of one link.
type Said struct {
	Code, Message string
	// Err is the outcome where the link does not show; nil is one that does not show.
	Err error
}

// Edited is an owner with its edits, ready to be written.
type Edited[K comparable, O any] struct {
	Owner K
	State O
	Links []core.Assignment
}

// Awaited is how the wait for one owner ended.
type Awaited struct {
	// Err says that it could not be seen whether the write is in effect.
	Err error
	// Failed, if set, returns why the write of a link failed, or nil.
	Failed func(a core.Assignment) error
	// Deferred says that the vendor has put parts of the write off; Code is its word.
	Deferred bool
	Code     string
	Note     string
}

// ErrAlone is the error of an owner whose end the answer to a batch does not tell: it is
// written again by itself.
var ErrAlone = errors.New("written again alone")

// ErrAlready is the error of a write of one link that the vendor refused because the link
// was so already, as a look has shown: another writer was faster. The State of the answer
// is what the look saw.
var ErrAlready = errors.New("so already")

// Make makes the changes. There is one Outcome for each assignment, in order.
func (l Links[K, O]) Make(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	r := &run[K, O]{Links: l, ctx: ctx, outcomes: make([]core.Outcome, len(as))}
	if err := r.group(as); err != nil {
		return nil, l.Error(l.Op, err)
	}
	r.all()
	r.repeat()

	for i := range r.outcomes {
		o := &r.outcomes[i]
		if was := o.Err; was != nil && !o.Done() {
			o.Err = l.Error(l.Op, was)
			o.Message = strings.Replace(o.Message, was.Error(), o.Err.Error(), 1)
		}
	}

	if err := storekit.OutcomesError(l.Vendor, string(l.Op), r.outcomes); err != nil {
		return r.outcomes, l.Error(l.Op, err)
	}
	return r.outcomes, nil
}

// CheckAll refuses what Make would refuse before anything is sent.
func (l Links[K, O]) CheckAll(as ...core.Assignment) error {
	r := &run[K, O]{Links: l, outcomes: make([]core.Outcome, len(as))}
	return l.Error(l.Op, r.group(as))
}

// run is one call.
type run[K comparable, O any] struct {
	Links[K, O]
	ctx      context.Context
	outcomes []core.Outcome
	groups   []*group[K, O]

	accepted chan *group[K, O] // to be awaited together
	// barred is set when the credential is refused: the rest would be refused too, and
	// is not sent.
	barred atomic.Pointer[core.Error]
}

// group is the links of one owner.
type group[K comparable, O any] struct {
	owner  K
	links  []*link
	before O // as it was read before the latest write, with the edits
}

// link is one link that is to be changed.
type link struct {
	core.Assignment
	key     string
	outcome *core.Outcome
	again   []*core.Outcome // the same link, given again in the same call

	needed bool  // an edit found something to do
	sent   bool  // a write included it
	doubt  error // why a write is in doubt
	before *Said // the vendor says that this was the state before
	done   bool  // the outcome is final
	note   string
}

// group checks all assignments and groups them by owner. One link is made once; given
// in two ways it is invalid.
func (r *run[K, O]) group(as []core.Assignment) error {
	byOwner, byLink := map[K]*group[K, O]{}, map[string]*link{}
	for i, a := range as {
		owner, err := r.Check(a)
		if err != nil {
			return err
		}
		g := byOwner[owner]
		if g == nil {
			g = &group[K, O]{owner: owner}
			byOwner[owner] = g
			r.groups = append(r.groups, g)
		}

		r.outcomes[i].Assignment = a
		key := r.key(a)
		if l := byLink[key]; l != nil {
			if !sameWish(l.Assignment, a) {
				return r.Invalid(r.Op, a.String()+" is given in two ways in one call")
			}
			l.again = append(l.again, &r.outcomes[i])
			continue
		}

		l := &link{Assignment: a, key: key, outcome: &r.outcomes[i]}
		byLink[key], g.links = l, append(g.links, l)
	}
	return nil
}

func (r *run[K, O]) key(a core.Assignment) string {
	if r.Same != nil {
		return r.Same(a)
	}
	return strings.ToLower(a.UserID + " " + a.Target.String())
}

func sameWish(a, b core.Assignment) bool {
	level := func(a core.Assignment) int {
		if a.Level == nil {
			return -1 << 31
		}
		return *a.Level
	}
	return level(a) == level(b) && a.Suspended == b.Suspended
}

// all changes every owner: several in one batch if the vendor accepts that.
func (r *run[K, O]) all() {
	r.accepted = make(chan *group[K, O], len(r.groups))
	go func() {
		defer close(r.accepted)
		left := r.groups
		if r.WriteMany != nil && len(left) > 1 {
			for batch := range slices.Chunk(left, max(r.Batch, 1)) {
				r.batch(batch)
			}
		}
		r.each(left, r.change)
	}()

	if r.Await == nil {
		for range r.accepted {
		}
		return
	}
	inWaves(r.accepted, r.await)
}

// each calls f for the groups that are not done, a few at a time.
func (r *run[K, O]) each(groups []*group[K, O], f func(*group[K, O])) {
	var workers errgroup.Group
	workers.SetLimit(cmp.Or(r.Workers, 4))
	for _, g := range groups {
		if len(g.pending()) > 0 {
			workers.Go(func() error { f(g); return nil })
		}
	}
	workers.Wait()
}

// pending are the links whose outcome is not final.
func (g *group[K, O]) pending() []*link {
	var out []*link
	for _, l := range g.links {
		if !l.done {
			out = append(out, l)
		}
	}
	return out
}

func (r *run[K, O]) fail(links []*link, err error) {
	for _, l := range links {
		r.failOne(l, err)
	}
}

// failOne ends a link with an error. If an earlier write of the same call is in doubt,
// so is the link.
func (r *run[K, O]) failOne(l *link, err error) {
	e, ok := errors.AsType[*core.Error](err)
	if ok && e.Class == core.ClassUnauthenticated {
		r.barred.CompareAndSwap(nil, e)
	}

	if before, inDoubt := errors.AsType[*core.Error](l.doubt); inDoubt && ok && e.Applied == core.AppliedNo {
		e = new(*e)
		e.Applied, e.Doubt = core.AppliedUnknown, before.Doubt
		err = e
	}

	l.done = true
	l.outcome.Fail(err)
}

// end sets a good result.
func (r *run[K, O]) end(l *link, result core.Result) {
	l.done = true
	l.outcome.Result = result
	if result == core.ResultApplied {
		l.outcome.Message = l.note
	}
}

// repeat gives the outcomes of repeated links: what the first one made is "already" for
// the second.
func (r *run[K, O]) repeat() {
	for _, g := range r.groups {
		for _, l := range g.links {
			for _, o := range l.again {
				a := o.Assignment
				*o = *l.outcome
				o.Assignment = a
				if o.Result == core.ResultApplied {
					o.Result = core.ResultAlready
				}
			}
		}
	}
}

func (r *run[K, O]) sleep(d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

func assignments(links []*link) []core.Assignment {
	out := make([]core.Assignment, len(links))
	for i, l := range links {
		out[i] = l.Assignment
	}
	return out
}

func joined(a, b string) string {
	if a == "" || b == "" || a == b {
		return a + b
	}
	return a + "; " + b
}
