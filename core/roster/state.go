package roster

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// state is what is known of one step: from the journal, and from this run.
type state struct {
	Step
	index int

	intent   bool // a request may have left
	accepted bool // the vendor carries it out later
	result   core.Result
	message  string
	outcomes []core.Outcome
	block    *core.Block // what the block changed
	intended *core.Block // what the block was about to change
	found    string      // the id that a create was told
	applied  core.Applied
	at       time.Time // when the last outcome was recorded

	seq     int64 // the last record that told of it
	wrong   int64 // the record that says that it was tried and not done; 0 if a later one says otherwise
	lane    *lane
	floor   *sync.Mutex       // that the step holds
	tried   bool              // in this run
	sends   int               // in this run
	looks   int               // in this run: how often a look met a list that moved
	doubt   *Record           // in this run: what the write returned whose end is still looked for
	doubted bool              // in this run: an earlier write may have done it, and no look tells
	linking bool              // in this run: the user was created, and its links follow
	missing []core.Assignment // the links that follow
}

// unknown reports whether a request may have left whose end is not known.
func (s *state) unknown() bool {
	return s.intent && (s.result == "" || s.result == core.ResultUnknown)
}

// underWay reports whether this run has begun the step and not ended it: a write was
// sent, and another one or a look follows.
func (s *state) underWay() bool { return !s.tried && (s.linking || s.sends > 0 && s.unknown()) }

// underWay reports whether the lane's step is under way.
func (l *lane) underWay() bool { return l.at < len(l.steps) && l.steps[l.at].underWay() }

func (s *state) report() StepReport {
	r := StepReport{Step: s.ID, Result: s.result, Message: s.message, Outcomes: s.outcomes}
	switch {
	case s.unknown():
		r.Result = core.ResultUnknown
		if s.result == "" {
			r.Message = "it was begun, and its outcome is not known"
		}
		if s.accepted {
			r.Message = "accepted; apply again to see its end"
		}
	case r.Result == "":
		r.Result = ResultOpen
	}
	return r
}

// take adds what a record says.
func (s *state) take(r Record) {
	s.seq = max(s.seq, r.Seq)
	if r.User != "" {
		s.found = r.User
	}

	switch r.Phase {
	case PhaseIntent:
		s.intent, s.accepted, s.result, s.message = true, false, "", ""
		s.wrong = 0
	case PhaseAccepted:
		s.accepted = true
	case PhaseNote:
		if r.Note == NoteBlock {
			s.intended = mergeBlocks(s.intended, r.Block)
		}
	case PhaseOutcome:
		s.result, s.message, s.accepted, s.at = r.Result, r.Message, false, r.At
		s.applied = appliedOf(r.Error)
		s.wrong = 0
		if !good(r.Result) {
			s.wrong = r.Seq
		}
		if r.Outcomes != nil {
			s.outcomes = mergeOutcomes(s.outcomes, r.Outcomes)
		}
		s.block = mergeBlocks(s.block, r.Block)

		if r.Result != core.ResultUnknown && appliedOf(r.Error) == core.AppliedNo && len(r.Outcomes) == 0 {
			s.intent = false // it is certain that nothing was changed
		}
		if good(r.Result) {
			s.intent = true
		}
	}
}

// appliedOf reads the Applied of a recorded error; without an error nothing is in doubt.
func appliedOf(e *core.Error) core.Applied {
	if e == nil {
		return core.AppliedNo
	}
	return cmp.Or(e.Applied, core.AppliedNo)
}

// mergeBlocks adds what a later record of a block names to an earlier one.
func mergeBlocks(a, b *core.Block) *core.Block {
	if a == nil || b == nil || len(a.Changed) == 0 {
		if b == nil {
			return a
		}
		return b
	}

	both := *a
	have := map[string]bool{}
	for _, c := range a.Changed {
		have[c] = true
	}
	both.Changed = append([]string(nil), a.Changed...)

	for _, c := range b.Changed {
		if !have[c] {
			both.Changed = append(both.Changed, c)
		}
	}
	return &both
}

// mergeOutcomes keeps the first outcome of a link that changed it, because that one
// knows what was there before, and takes the later result.
func mergeOutcomes(old, later []core.Outcome) []core.Outcome {
	merged := append([]core.Outcome(nil), later...)
	for _, o := range old {
		i := 0
		for i < len(merged) && !sameTarget(merged[i].Assignment.Target, o.Assignment.Target) {
			i++
		}
		switch {
		case i == len(merged):
			merged = append(merged, o)
		case o.Applied() != core.AppliedNo && merged[i].Result == core.ResultAlready:
			merged[i].Result = core.ResultApplied
			merged[i].Before = o.Before
		}
	}
	return merged
}

// readStates reads what the journal knows of a plan's steps, and the number of its
// last record.
func readStates(ctx context.Context, j Journal, p Plan, id string) (map[string]*state, int64, error) {
	states := make(map[string]*state, len(p.Steps))
	all := make([]state, len(p.Steps))
	for i, s := range p.Steps {
		all[i].Step, all[i].index = s, i
		states[s.ID] = &all[i]
	}

	var last int64
	for r, err := range j.Records(ctx, Query{Plan: id}) {
		if err != nil {
			return nil, 0, err
		}
		last = r.Seq
		if s := states[r.Step]; s != nil {
			s.take(r)
		}
	}
	return states, last, nil
}
