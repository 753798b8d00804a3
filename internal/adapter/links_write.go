package adapter

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// change reads, edits and writes one owner, and reads the effect back.
func (r *run[K, O]) change(g *group[K, O]) {
	unlock, err := r.lock(g, false)
	if err != nil {
		r.fail(g.pending(), err)
		return
	}
	defer unlock()

	same := 0
	for try := 1; ; try++ {
		before := g.before
		o, ok := r.read(g)
		if !ok {
			return
		}
		if try > 1 && r.Certain != nil && r.Certain(before, o) {
			same++ // the owner has not changed: perhaps the refusal has another reason
		}

		needed := r.edit(g, o)
		if len(needed) == 0 {
			return
		}

		stale := false
		for part := range slices.Chunk(needed, max(r.chunk(g, len(needed)), 1)) {
			stale = r.write(g, o, part, try < r.Tries && same < maxSame) || stale
		}
		if !stale {
			break
		}

		// Two writers that collided must not collide again in step.
		if r.sleep(rand.N(time.Duration(try)*20*time.Millisecond)) != nil {
			r.fail(g.pending(), r.canceled())
			return
		}
	}

	if r.Await != nil {
		if len(g.pending()) > 0 {
			r.accepted <- g
		}
		return
	}
	r.look(g)
}

// maxSame is how often to retry a write that was refused for its revision although the
// revision has not moved.
const maxSame = 2

func (r *run[K, O]) lock(g *group[K, O], locked bool) (func(), error) {
	if e := r.barred.Load(); e != nil {
		e = new(*e)
		e.Attempts, e.Applied = 0, core.AppliedNo
		e.Hint = "not sent, because the credential was refused for another part of the call"
		return nil, e
	}

	if r.ctx.Err() != nil {
		return nil, r.canceled()
	}
	if r.Lock == nil || locked {
		return func() {}, nil
	}

	unlock, err := r.Lock(r.ctx, g.owner)
	if err != nil {
		return nil, r.canceled()
	}
	return unlock, nil
}

func (r *run[K, O]) canceled() error {
	return &core.Error{Class: core.ClassCanceled, Err: rest.Ended(r.ctx), Applied: core.AppliedNo,
		Message: "the context ended before the change was sent"}
}

// read reads an owner before a write: a write must not build on a partial read.
func (r *run[K, O]) read(g *group[K, O]) (o O, ok bool) {
	o, err := r.Read(r.ctx, g.owner)
	if err != nil {
		r.fail(g.pending(), beforeWrite(err))
		return o, false
	}
	g.before = o
	return o, true
}

// beforeWrite is the error of a write that was not made because what it depends on
// could not be read. A read that broke off is class incomplete; otherwise the class of
// the cause says best what to do.
func beforeWrite(err error) error {
	e, ok := errors.AsType[*core.Error](err)
	if !ok || e.Class != core.ClassIncomplete {
		return err
	}

	e = new(*e)
	e.Applied = core.AppliedNo
	e.Message = "what the change depends on could not be read completely, and nothing was written: " + e.Words()
	return e
}

// edit applies the edits and returns the links that need a write.
func (r *run[K, O]) edit(g *group[K, O], o O) (needed []*link) {
	for _, l := range g.pending() {
		e, err := r.Edit(o, l.Assignment)
		switch {
		case err != nil:
			r.failOne(l, err)
		case e.Changed:
			if !l.needed {
				l.outcome.Before = e.Before
			}
			l.needed, l.note = true, e.Note
			needed = append(needed, l)
		case l.sent: // it was needed before, a write was in doubt, and now it holds
			r.end(l, core.ResultApplied)
		default:
			l.outcome.Before = e.Before
			r.end(l, core.ResultAlready)
		}
	}
	return needed
}

// write sends the edits and records what the answer says. It reports whether a stale
// revision calls for another try.
func (r *run[K, O]) write(g *group[K, O], o O, links []*link, mayRetry bool) (stale bool) {
	if r.Each {
		r.writeEach(g, o, links)
		return false
	}

	answer, err := r.Write(r.ctx, g.owner, o, assignments(links))
	if mayRetry && errors.Is(err, core.ErrRevision) {
		doubted(links, err) // a lost write may be what moved the revision
		return true
	}
	if err != nil && r.Split && len(links) > 1 && refusedWhole(err) {
		r.halve(g, links, err)
		return false
	}
	r.wrote(g, links, answer, err)
	return false
}

// doubted records a write in doubt: the next read decides.
func doubted(links []*link, err error) {
	e, ok := errors.AsType[*core.Error](err)
	if !ok || e.Applied != core.AppliedUnknown {
		return
	}
	for _, l := range links {
		l.sent, l.doubt = true, e
	}
}

func (r *run[K, O]) writeEach(g *group[K, O], o O, links []*link) {
	var workers errgroup.Group
	workers.SetLimit(cmp.Or(r.Workers, 4))
	for _, l := range links {
		workers.Go(func() error {
			if r.ctx.Err() != nil {
				r.failOne(l, r.canceled())
				return nil
			}

			answer, err := r.Write(r.ctx, g.owner, o, []core.Assignment{l.Assignment})
			r.wrote(g, []*link{l}, answer, err)
			return nil
		})
	}
	workers.Wait()
}

// maxRefusals is how often an owner's write is halved: enough to find four bad links
// among a thousand.
const maxRefusals = 40

// halve writes each half by itself, so that one bad link does not fail the others. Each
// half starts from a new read.
func (r *run[K, O]) halve(g *group[K, O], links []*link, cause error) {
	refusals := 1
	var write func(links []*link, cause error)

	write = func(links []*link, cause error) {
		if refusals >= maxRefusals || r.ctx.Err() != nil {
			r.fail(links, refusedTogether(cause))
			return
		}

		for _, half := range [][]*link{links[:len(links)/2], links[len(links)/2:]} {
			o, err := r.Read(r.ctx, g.owner)
			if err != nil {
				r.fail(half, beforeWrite(err))
				continue
			}

			for _, l := range half {
				r.Edit(o, l.Assignment)
			}
			answer, err := r.Write(r.ctx, g.owner, o, assignments(half))
			if err != nil && len(half) > 1 && refusedWhole(err) {
				refusals++
				write(half, err)
				continue
			}
			if err != nil {
				refusals++
			}
			r.wrote(g, half, answer, err)
		}
	}

	write(links, cause)
}

// refusedTogether is the error of links that were refused together with others and not
// tried alone.
func refusedTogether(cause error) error {
	e, ok := errors.AsType[*core.Error](cause)
	if !ok {
		return cause
	}
	e = new(*e)
	e.Message = "refused together with others: " + e.Words()
	return e
}

// refusedWhole reports a refusal that had no effect and may be because of one of the
// write's links.
func refusedWhole(err error) bool {
	e, ok := errors.AsType[*core.Error](err)
	if !ok || e.Applied != core.AppliedNo || e.Attempts == 0 {
		return false
	}

	switch e.Class {
	case core.ClassInvalid, core.ClassNotFound, core.ClassConflict:
		return true
	}
	return false
}

// wrote records how a write of some links ended.
func (r *run[K, O]) wrote(g *group[K, O], links []*link, answer Answer[O], err error) {
	for _, l := range links {
		refused := answer.Refused[l.key]
		switch {
		case refused != nil && evidence.InDoubt(refused) && r.ctx.Err() == nil:
			l.doubt = refused
		case refused != nil:
			r.turnedDown(l, refused)
			continue
		case err == nil:
			l.note = joined(l.note, answer.Note)
		case errors.Is(err, ErrAlready):
			if e, editErr := r.Edit(answer.State, l.Assignment); editErr == nil {
				l.outcome.Before = e.Before
			}
			r.end(l, core.ResultAlready)
			continue
		case evidence.InDoubt(err) && r.ctx.Err() == nil:
			l.doubt = err
		default:
			r.failOne(l, err)
			continue
		}

		l.sent = true
		if said, ok := answer.Before[l.key]; ok {
			l.before = &said
		}
		// After a write in doubt, the answer alone is not believed.
		if answer.Shown && err == nil && l.doubt == nil {
			r.seen(l, answer.State)
		}
	}
}

// turnedDown ends a link that the vendor refused by itself, in the vendor's words.
func (r *run[K, O]) turnedDown(l *link, refused error) {
	r.failOne(l, refused)
	if e, ok := errors.AsType[*core.Error](refused); ok && e.Message != "" {
		l.outcome.Message = e.Message
	}
}

func (r *run[K, O]) chunk(g *group[K, O], all int) int {
	if r.Chunk == nil {
		return all
	}
	return cmp.Or(r.Chunk(g.owner), all)
}
