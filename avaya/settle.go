package avaya

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// settling is how one resource's statuses and entities are looked at.
type settling struct {
	op       string
	kind     string // before an id, in what a client keeps of it
	statuses func(context.Context, *Client, []string) ([]entityStatus, error)
	get      func(context.Context, *Client, string) error
}

var userSettling = settling{
	op: "Users.Settle", kind: "user/",
	statuses: func(ctx context.Context, c *Client, ids []string) ([]entityStatus, error) {
		return entities(c.Users.ListStatuses(ctx, ids...))
	},
	get: func(ctx context.Context, c *Client, id string) error {
		_, err := c.Users.Get(ctx, id)
		return err
	},
}

var profileSettling = settling{
	op: "Profiles.Settle", kind: "profile/",
	statuses: func(ctx context.Context, c *Client, ids []string) ([]entityStatus, error) {
		return entities(c.Profiles.ListStatuses(ctx, ids...))
	},
	get: func(ctx context.Context, c *Client, id string) error {
		_, err := c.Profiles.Get(ctx, id)
		return err
	},
}

func entities[S interface{ entity() entityStatus }](list []S, err error) ([]entityStatus, error) {
	out := make([]entityStatus, len(list))
	for i, s := range list {
		out[i] = s.entity()
	}
	return out, err
}

// NeverListed is the Raw of a Settlement where the vendor never listed a status
// of the change: that the user can be read is then all that is known.
const NeverListed = "never listed"

// watch follows one id through the looks of a wait.
type watch struct {
	id       string
	cfg      *core.SettleConfig
	patience time.Duration // with an absence
	moving   bool          // the change was seen on its way
	ended    time.Time     // since when the end that is not yet believed was seen
	last     *entityStatus
	missing  time.Time // since when it is not listed
	absent   bool      // it is not listed for long enough
	verify   bool      // the entity itself must be looked at to decide
	result   core.Settlement
	decided  bool
	failure  *entityStatus
	lastWord string
}

// see takes one look's status, nil where the id was not listed.
func (w *watch) see(s *entityStatus, now time.Time) {
	w.verify = false
	if s == nil {
		if w.missing.IsZero() {
			w.missing = now
		}
		w.absent = now.Sub(w.missing) >= w.patience
		if w.lastWord = NeverListed; w.last != nil {
			w.lastWord = "listed no more"
		}
		// What was just written may not be listed yet, and a deleted one is listed no
		// more. The entity itself tells.
		w.verify = w.cfg.After != core.Created && w.cfg.After != core.Updated || w.absent
		return
	}
	w.missing, w.absent = time.Time{}, false
	status, deleting := s.whole.Status, strings.EqualFold(s.whole.Action, "DELETE")
	w.lastWord = strings.TrimSpace(s.whole.Action + "/" + string(status))
	same := w.last != nil && reflect.DeepEqual(w.last, s)
	if !same {
		w.ended = now
	}
	w.last = s
	if status.Is(StatusInProgress) || status.Is(StatusDeleteInProgress) {
		w.moving = true
		return
	}
	if !status.Known() {
		return
	}
	// An end is this change's own if it was seen to come, if the entity had no
	// change before, or if it stands.
	believed := w.moving || w.cfg.After == core.Created || same && now.Sub(w.ended) >= standing
	switch {
	case w.cfg.After == core.Deleted && !deleting && !status.Is(StatusDeleted):
		w.verify = believed // stale, unless the entity is gone all the same
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
		w.decide(core.Settled)
	}
}

// found takes what looking at the entity itself showed.
func (w *watch) found(exists bool) {
	switch {
	case !exists:
		w.decide(core.Gone)
	case w.cfg.After != core.Deleted && w.absent:
		// Nothing asynchronous came of the change, or nothing is left of it.
		w.decide(core.Settled)
	}
}

func (w *watch) decide(state core.SettleState) {
	w.decided = true
	w.result = core.Settlement{UserID: w.id, State: state, Raw: w.lastWord}
	if w.last != nil {
		for _, p := range w.last.parts {
			w.result.Parts = append(w.result.Parts, core.SettlePart{
				Name: p.name, State: p.Status.state(), Raw: p.Action + "/" + string(p.Status), Message: p.Message})
		}
	}
}

// err is the error of a failed change. It names each part that failed.
func (w *watch) err(op string) error {
	if w.decided && w.result.State == core.Gone && (w.cfg.After == core.Created || w.cfg.After == core.Updated) {
		return &core.Error{Vendor: vendor, Op: op, Class: core.ClassNotFound, Applied: core.AppliedUnknown,
			Message: w.id + " is gone: somebody has deleted it since"}
	}
	if w.failure == nil {
		return nil
	}
	var parts []string
	for _, p := range w.failure.parts {
		if p.Status.failed() {
			parts = append(parts, p.name+" ("+p.Message+")")
		}
	}
	what := w.failure.whole.Message
	if len(parts) > 0 {
		what = strings.Join(parts, ", ")
	}
	// What did not fail is in effect, so of a change nobody can say yes or no.
	hint, applied := "what did not fail is in effect; put the user again to try the failed parts again", core.AppliedUnknown
	switch w.cfg.After {
	case core.Created:
		applied = core.AppliedYes // the user exists
	case core.Deleted:
		hint, applied = "delete again: the vendor allows it", core.AppliedNo
	}
	return &core.Error{Vendor: vendor, Op: op, Class: core.ClassFailed, Code: string(w.failure.whole.Status),
		Message: what, Hint: hint, Applied: applied}
}

// settleOne waits for one id.
func (c *Client) settleOne(ctx context.Context, how settling, id string, opts []core.SettleOption) (core.Settlement, error) {
	if why := rest.CheckID(id); why != "" {
		return core.Settlement{UserID: id}, core.Invalid(vendor, how.op, "the id "+why)
	}
	cfg := core.SettleConfig{Wait: c.settle}
	for _, o := range opts {
		o(&cfg)
	}
	watches, err := c.settleAll(ctx, how, []string{id}, cfg)
	w := watches[0]
	if err != nil {
		if !w.decided {
			w.result = core.Settlement{UserID: id, Raw: w.lastWord}
		}
		return w.result, err
	}
	return w.result, w.err(how.op)
}

// settleAll waits for many ids together, 50 to a look, and returns a watch for
// each, in order. An error says why some are undecided.
func (c *Client) settleAll(ctx context.Context, how settling, ids []string, cfg core.SettleConfig) ([]*watch, error) {
	cfg.Wait.MaxAsked = cmp.Or(cfg.Wait.MaxAsked, c.maxWait)
	watches := make([]*watch, len(ids))
	for i, id := range ids {
		watches[i] = &watch{id: id, cfg: &cfg, patience: c.patience.of(how.kind + id)}
	}
	_, err := storekit.Until(ctx, c.rest.Watch(cfg.Wait, how.op, core.WaitSettle), vendor, how.op, func(ctx context.Context) (storekit.Probe, error) {
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
		probe := storekit.Probe{Phase: storekit.PhaseDone}
		words := map[string]int{}
		for _, w := range open {
			w.see(statusOf(list, w.id), now)
			if w.verify {
				err := how.get(ctx, c, w.id)
				if err != nil && !errors.Is(err, core.ErrNotFound) {
					return storekit.Probe{}, err
				}
				w.found(err == nil)
			}
			if w.decided {
				c.patience.set(how.kind+w.id, unlisted) // the next change may be another process's
				continue
			}
			words[w.lastWord]++
			if probe.Phase != storekit.PhasePending {
				probe.Phase = storekit.PhasePending
				if w.last != nil && !w.last.whole.Status.Known() {
					probe.Phase = storekit.PhaseUnknown
				}
			}
			probe.State = w.lastWord
		}
		if len(words) > 1 {
			probe.State = fmt.Sprintf("%d users on their way", len(open))
		}
		return probe, nil
	})
	return watches, err
}

func statusOf(list []entityStatus, id string) *entityStatus {
	for i := range list {
		if sameID(list[i].id, id) {
			return &list[i]
		}
	}
	return nil
}
