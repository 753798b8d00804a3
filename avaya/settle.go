package avaya

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// settling is how one resource's statuses and entities are looked at.
type settling struct {
	op       string
	key      func(id string) string // under which the client remembers its write
	statuses func(context.Context, *Client, []string) ([]entityStatus, error)
	// get reads the entity; the user is nil for a profile.
	get func(context.Context, *Client, string) (*User, error)
}

var userSettling = settling{
	op: "Users.Settle", key: userKey,
	statuses: func(ctx context.Context, c *Client, ids []string) ([]entityStatus, error) {
		list, err := listStatuses[UserStatus](ctx, c, opUserStatuses, "userIds", ids)
		return entities(list, ids), err
	},
	get: func(ctx context.Context, c *Client, id string) (*User, error) { return c.Users.Get(ctx, id) },
}

var profileSettling = settling{
	op: "Profiles.Settle", key: profileKey,
	statuses: func(ctx context.Context, c *Client, ids []string) ([]entityStatus, error) {
		list, err := listStatuses[ProfileStatus](ctx, c, opProfileStatuses, "profileIds", ids)
		return entities(list, ids), err
	},
	get: func(ctx context.Context, c *Client, id string) (*User, error) {
		_, err := c.Profiles.Get(ctx, id)
		return nil, err
	},
}

// entities returns the first status of each id that was asked for. The vendor may list any
// number of others.
func entities[S interface {
	about() string
	entity() entityStatus
}](list []S, ids []string) (out []entityStatus) {
	open := map[string]bool{}
	for _, id := range ids {
		open[strings.ToLower(id)] = true
	}

	for _, s := range list {
		if key := strings.ToLower(s.about()); open[key] {
			delete(open, key)
			out = append(out, s.entity())
		}
	}
	return out
}

// NeverListed is the Raw of a Settlement where the vendor never listed a status
// of the change: that the user can be read is then all that is known.
const NeverListed = "never listed"

// watch follows one id through the looks of a wait.
//
//	not listed ──patience──> absent ──read: it is there───────────> ending
//	   ^  │                     ├─────read: 404, seen before──────> GONE
//	   │  v                     └─────read: 404, never seen───────> not listed
//	  listed ──IN_PROGRESS──> moving ──an end──┐
//	     │                                     v
//	     ├──an end that stands for a second──> believed ──failed──> FAILED
//	     └──an end, after a create──────────────^ │ │ └───PENDING─> DEFERRED
//	                                              │ └──deleting, read: 404──> GONE
//	                                              └──completed──> ending
//
//	ending ──read: it shows what this client asked for, or nothing is known of that──> SETTLED
//	   └─────read: it does not, for as long as ReadBack──> SETTLED, with the fields that do not show
//
// An id that was never seen is waited for until the context ends: it may have been
// created a moment ago.
type watch struct {
	id   string
	cfg  *core.SettleConfig
	own  written       // this client's own write, as remembered
	lag  time.Duration // how long a read may still show the older user
	last *entityStatus // the latest status listed

	moving  bool      // the change was seen in progress
	ended   time.Time // when the end that is not yet believed was first seen
	missing time.Time // since when it is not listed
	absent  bool      // it is not listed for long enough
	ending  bool      // the end is believed
	ends    time.Time // since when
	verify  bool      // the entity itself must be read to decide
	read    struct {  // what that read showed
		user *User
		err  error
	}

	decided  bool
	result   core.Settlement
	failure  *entityStatus
	unmet    []string // the fields that do not show at the end
	lastWord string
}

// see takes one look's status, nil where the id was not listed.
func (w *watch) see(s *entityStatus, now time.Time) {
	w.verify = false
	if s == nil {
		w.seeNone(now)
		return
	}

	w.missing, w.absent = time.Time{}, false
	status, deleting := s.whole.Status, strings.EqualFold(s.whole.Action, "DELETE")
	w.lastWord = strings.TrimSpace(s.whole.Action + "/" + string(status))
	same := w.last != nil && reflect.DeepEqual(w.last, s)
	if !same {
		w.ended, w.ending = now, false
	}

	w.last = s
	if status.Is(StatusInProgress) || status.Is(StatusDeleteInProgress) {
		w.moving = true
		return
	}

	if !status.Known() {
		return
	}

	// An end belongs to this change if the change was seen in progress, if the entity
	// had no change before, or if the end stands for a while.
	believed := w.moving || w.cfg.After == core.Created || same && now.Sub(w.ended) >= standing
	switch {
	case w.cfg.After == core.Deleted && !deleting && !status.Is(StatusDeleted):
		w.verify = believed // stale, unless the entity is gone anyway
	case w.cfg.After == core.Deleted && status.state() == core.Settled, status.Is(StatusDeleted):
		w.verify = true
	case !believed:
	case status.failed():
		w.failure = s
		w.decide(core.Failed)
	case status.Is(StatusPending):
		if !w.cfg.ThroughDeferred {
			w.decide(core.Deferred)
		}
	default:
		w.end(now)
	}
}

// seeNone takes a look that did not list the id. What was just written may not be
// listed yet, and what was deleted is no longer listed: reading the entity decides.
func (w *watch) seeNone(now time.Time) {
	if w.missing.IsZero() {
		w.missing = now
	}
	w.absent = now.Sub(w.missing) >= w.own.patience
	if w.lastWord = NeverListed; w.last != nil {
		w.lastWord = "no longer listed"
	}
	w.verify = w.cfg.After != core.Created && w.cfg.After != core.Updated || w.absent
}

// end takes a successful end: if this client knows what it asked for, the user must
// show it.
func (w *watch) end(now time.Time) {
	if !w.ending {
		w.ending, w.ends = true, now
	}
	if w.verify = len(w.own.names) > 0; !w.verify {
		w.decide(core.Settled)
	}
}

// found takes what reading the entity showed. The user is nil for a profile.
func (w *watch) found(exists bool, user *User, now time.Time) {
	if !exists {
		known := w.own.seen || w.last != nil
		if w.cfg.After == core.Deleted || known && !w.missing.IsZero() || w.last != nil && w.last.whole.Status.Is(StatusDeleted) {
			w.decide(core.Gone)
		} else if w.ending {
			w.short(w.own.names, now)
		}
		return
	}

	w.own.seen = true
	if w.cfg.After == core.Deleted || !w.absent && !w.ending {
		return
	}
	// The change has no asynchronous part, or that has ended.
	if !w.ending {
		w.ending, w.ends = true, now
	}

	var unmet []string
	if user != nil && len(w.own.names) > 0 {
		unmet = w.own.unmet(user)
	}
	w.short(unmet, now)
}

// short decides about a change that has ended while some fields may not show yet.
func (w *watch) short(unmet []string, now time.Time) {
	if len(unmet) == 0 || now.Sub(w.ends) >= w.lag {
		w.unmet = unmet
		w.decide(core.Settled)
	}
}

func (w *watch) decide(state core.SettleState) {
	w.decided = true
	w.result = core.Settlement{UserID: w.id, State: state, Raw: w.lastWord}
	if w.last == nil {
		return
	}
	for _, p := range w.last.parts {
		w.result.Parts = append(w.result.Parts, core.SettlePart{
			Name: p.name, State: p.Status.state(), Raw: p.Action + "/" + string(p.Status), Message: p.Message})
	}
}

// err is the error of a change that failed. It names each part that failed, or each
// field that does not show.
func (w *watch) err() *core.Error {
	switch {
	case w.failure != nil:
		return w.failed()
	case w.decided && w.result.State == core.Gone && (w.cfg.After == core.Created || w.cfg.After == core.Updated):
		return &core.Error{Class: core.ClassNotFound, Applied: core.AppliedUnknown,
			Message: w.id + " is gone: it has been deleted since"}
	case len(w.unmet) > 0:
		e := &core.Error{Class: core.ClassNotApplied, Applied: core.AppliedUnknown,
			Message: "the vendor reports the change as done, but the user does not show it: " + strings.Join(w.unmet, ", "),
			Doubt:   "the change does not show yet, and may still take effect",
			Hint:    "read the user again later to see its state"}
		if w.cfg.After == core.Created && w.own.seen {
			e.Applied, e.Doubt = core.AppliedYes, "" // the user exists
		}
		return e
	}
	return nil
}

// failed is the error of a change that the vendor reports as failed.
func (w *watch) failed() *core.Error {
	var parts []string
	for _, p := range w.failure.parts {
		if p.Status.failed() {
			parts = append(parts, p.name+" ("+p.Message+")")
		}
	}

	what := cmp.Or(strings.Join(parts, ", "), w.failure.whole.Message)

	// The parts that did not fail are in effect, so neither yes nor no is true of the
	// change.
	hint, applied := "the parts that did not fail are in effect; replace the user again to retry the failed parts", core.AppliedUnknown
	switch w.cfg.After {
	case core.Created:
		applied = core.AppliedYes // the user exists
	case core.Deleted:
		hint, applied = "delete it again: the vendor allows that", core.AppliedNo
	}
	return &core.Error{Class: core.ClassFailed, Code: string(w.failure.whole.Status), Message: what, Hint: hint, Applied: applied}
}

// settleOne waits for one id.
func (c *Client) settleOne(ctx context.Context, how settling, id string, opts []core.SettleOption) (core.Settlement, error) {
	for s, err := range c.settleMany(ctx, how, []string{id}, opts) {
		return s, err
	}
	return core.Settlement{}, nil // not reached: one id has one end
}

// settleMany waits for many ids together. It yields how each one ended, as soon as it
// has, and once.
func (c *Client) settleMany(ctx context.Context, how settling, ids []string, opts []core.SettleOption) iter.Seq2[core.Settlement, error] {
	return func(yield func(core.Settlement, error) bool) {
		cfg := core.SettleConfig{Wait: c.settle}
		for _, o := range opts {
			o(&cfg)
		}
		var good []string
		for _, id := range ids {
			why := rest.CheckID(id)
			if why == "" && !slices.ContainsFunc(good, func(other string) bool { return how.key(other) == how.key(id) }) {
				good = append(good, id)
			}
			if why != "" && !yield(core.Settlement{UserID: id}, c.settleError(how, core.Invalid(vendor, how.op, "the id "+why))) {
				return
			}
		}

		stopped := false
		watches, waitErr := c.settleAll(ctx, how, good, cfg, func(w *watch) bool {
			var err error
			if e := w.err(); e != nil {
				err = c.settleError(how, e)
			}
			stopped = stopped || !yield(w.result, err)
			return !stopped
		})
		for _, w := range watches {
			if !w.decided && !stopped {
				stopped = !yield(core.Settlement{UserID: w.id, Raw: w.lastWord}, waitErr)
			}
		}
	}
}

func (c *Client) settleError(how settling, e *core.Error) *core.Error {
	e.Vendor, e.Account, e.Op = vendor, c.options.Account, how.op
	return e
}

// settleAll waits for many ids together, 50 per look, and returns a watch for each, in
// order. An error says why some are undecided. Ended, if set, is called for each one
// that ends, and stops the wait by returning false; a change of this client's own must
// then show.
func (c *Client) settleAll(ctx context.Context, how settling, ids []string, cfg core.SettleConfig, ended func(*watch) bool) ([]*watch,
	error) {
	cfg.Wait.MaxAsked = cmp.Or(cfg.Wait.MaxAsked, c.options.MaxWait, 2*time.Minute)
	watches := make([]*watch, len(ids))
	for i, id := range ids {
		watches[i] = &watch{id: id, cfg: &cfg, own: c.writes.of(how.key(id)), lag: cmp.Or(c.options.ReadBack, 5*time.Second)}
		if ended == nil {
			watches[i].own.names = nil
		}
	}

	_, err := storekit.Until(ctx, c.rest.Watch(cfg.Wait, how.op, core.WaitSettle), vendor, how.op, func(ctx context.Context) (storekit.Probe,
		error) {
		return c.lookAll(ctx, how, watches, ended)
	})
	if e, ok := err.(*core.Error); ok {
		e.Account = c.options.Account
	}
	return watches, err
}

// lookAll looks at the watches that are not decided.
func (c *Client) lookAll(ctx context.Context, how settling, watches []*watch, ended func(*watch) bool) (storekit.Probe, error) {
	var open []*watch
	var asked []string
	for _, w := range watches {
		if !w.decided {
			open, asked = append(open, w), append(asked, w.id)
		}
	}

	list, err := how.statuses(ctx, c, asked)
	if err != nil {
		return storekit.Probe{}, err
	}
	for i := range list {
		list[i].clean(c.rest.Text)
	}

	now := time.Now()
	for _, w := range open {
		w.see(statusOf(list, w.id), now)
	}
	c.verifyAll(ctx, how, open)

	probe, words := storekit.Probe{Phase: storekit.PhaseDone}, map[string]bool{}
	for _, w := range open {
		if err := c.lookAt(ctx, how, w, now); err != nil {
			return storekit.Probe{}, err
		}
		switch {
		case w.decided && ended != nil && !ended(w):
			return storekit.Probe{Phase: storekit.PhaseDone}, nil
		case w.decided:
			continue
		}
		words[w.lastWord] = true
		probe.State = w.lastWord
		switch {
		case probe.Phase == storekit.PhasePending:
		case w.last != nil && !w.last.whole.Status.Known():
			probe.Phase = storekit.PhaseUnknown
		default:
			probe.Phase = storekit.PhasePending
		}
	}

	if len(words) > 1 {
		probe.State = fmt.Sprintf("%d users on their way", len(open))
	}
	return probe, nil
}

// maxReaders is how many entities are read at a time.
const maxReaders = 8

// verifyAll reads the entities that are needed to decide.
func (c *Client) verifyAll(ctx context.Context, how settling, watches []*watch) {
	var readers errgroup.Group
	readers.SetLimit(maxReaders)
	for _, w := range watches {
		if w.verify {
			readers.Go(func() error {
				w.read.user, w.read.err = how.get(ctx, c, w.id)
				return nil
			})
		}
	}
	readers.Wait()
}

// lookAt decides about one watch, by its status and by the entity where that was read.
func (c *Client) lookAt(ctx context.Context, how settling, w *watch, now time.Time) error {
	if w.verify {
		user, err := w.read.user, w.read.err
		if err != nil && !errors.Is(err, core.ErrNotFound) {
			return err
		}
		if w.found(err == nil, user, now); w.decided && w.result.State == core.Gone && w.cfg.After != core.Deleted {
			// It was not to be deleted: perhaps the whole address is wrong.
			if err := c.answers(ctx); err != nil {
				w.decided = false
				return err
			}
		}
	}

	if w.decided {
		c.writes.forget(how.key(w.id)) // the next change may come from another process
	}
	return nil
}

func statusOf(list []entityStatus, id string) *entityStatus {
	for i := range list {
		if sameID(list[i].id, id) {
			return &list[i]
		}
	}
	return nil
}
