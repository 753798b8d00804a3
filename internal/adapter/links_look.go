package adapter

import (
	"context"
	"slices"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
)

// look reads back until the write shows, and decides about what does not.
func (r *run[K, O]) look(g *group[K, O]) {
	if len(g.pending()) == 0 {
		return
	}
	if e := r.barred.Load(); e != nil {
		for _, l := range g.pending() {
			r.failOne(l, evidence.Unseen(r.Vendor, string(r.Op), e))
		}
		return
	}

	read := r.Look
	if read == nil {
		read = r.Read
	}

	last, seen := g.before, false
	shown, err := r.ReadBack.Look(r.ctx, func(ctx context.Context) (bool, error) {
		o, err := read(ctx, g.owner)
		if err != nil {
			return false, err
		}
		last, seen = o, true
		for _, l := range g.pending() {
			r.seen(l, o)
		}
		return len(g.pending()) == 0, nil
	})
	if shown {
		return
	}

	certain := seen && r.Certain != nil && r.Certain(g.before, last)
	for _, l := range g.pending() {
		switch {
		case l.doubt != nil:
			r.failOne(l, l.doubt)
		case l.before != nil && l.before.Err != nil:
			r.turnedDown(l, l.before.Err)
		case err != nil:
			r.failOne(l, evidence.Unseen(r.Vendor, string(r.Op), err))
		default:
			r.failOne(l, evidence.NotShown(r.Vendor, string(r.Op), "it does not show", certain))
		}
	}
}

// seen ends a link that its owner shows.
func (r *run[K, O]) seen(l *link, o O) {
	e, err := r.Edit(o, l.Assignment)
	if err != nil || e.Changed {
		return
	}

	l.note = joined(l.note, e.Note)
	if l.before == nil {
		r.end(l, core.ResultApplied)
		return
	}
	r.end(l, core.ResultAlready)
	l.outcome.Before, l.outcome.Code, l.outcome.Message = e.Before, l.before.Code, l.before.Message
}

// await waits for the accepted writes of some owners and reads each owner back.
func (r *run[K, O]) await(groups []*group[K, O]) {
	owners := make([]K, len(groups))
	for i, g := range groups {
		owners[i] = g.owner
	}
	ends := r.Await(r.ctx, owners)

	r.each(groups, func(g *group[K, O]) {
		end := ends[slices.Index(owners, g.owner)]
		for _, l := range g.pending() {
			r.settled(l, end)
		}
		r.look(g)
	})
}

// settled decides about a link as far as the wait alone can.
func (r *run[K, O]) settled(l *link, end Awaited) {
	var failed error
	if end.Failed != nil {
		failed = end.Failed(l.Assignment)
	}

	switch {
	case failed != nil:
		r.failOne(l, failed)
		l.outcome.Result = core.ResultFailed // the vendor says so
	case end.Err != nil:
		r.failOne(l, evidence.Unseen(r.Vendor, string(r.Op), end.Err))
	case end.Deferred: // a deferred change need not show yet
		l.note = joined(l.note, end.Note)
		r.end(l, core.ResultApplied)
		l.outcome.Code, l.outcome.Deferred = end.Code, true
	default:
		l.note = joined(l.note, end.Note)
	}
}
