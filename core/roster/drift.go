package roster

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// Cause says why something is not as it is wanted.
type Cause string

// The causes of a Finding.
const (
	// CauseNew: no plan of the journal ever applied it.
	CauseNew Cause = "new"
	// CauseOurs: it is still as it was applied last, and the want is another now.
	CauseOurs Cause = "we changed our mind"
	// CauseTheirs: what was applied last is still wanted, and somebody else changed it.
	CauseTheirs Cause = "somebody else changed it"
	// CauseBoth: it is neither as it was applied last, nor was that what is wanted now.
	CauseBoth Cause = "both changed it"
	// CauseFight: somebody else changes back what we apply, again and again. It is frozen:
	// no step changes it until people have settled it.
	CauseFight Cause = "fight"
)

// Finding is one difference between what is wanted and what is.
type Finding struct {
	Account string         `json:"account"`
	Person  string         `json:"person"`
	User    string         `json:"user,omitzero"`
	Op      core.Operation `json:"op"`
	// What is the field, the target, "blocked", or "user" for the whole user.
	What  string `json:"what"`
	Cause Cause  `json:"cause"`
	// Want, Last and Is are the value that is wanted, the one that was applied last, and
	// the one that is there; nil where there is none.
	Want any `json:"want"`
	Last any `json:"last,omitzero"`
	Is   any `json:"is"`
	// Times are when it was applied, oldest first.
	Times []time.Time `json:"times,omitzero"`
}

// defaultFlips is how often somebody else may change back what we applied before it
// counts as a fight.
const defaultFlips = 3

// Fights sets how often somebody else may change back what the journal's plans applied
// before it is frozen, 3 unless set. It needs KnownTo.
func Fights(k int) CensusOption {
	return func(c *censusConfig) { c.maxFlips = k }
}

// Drift compares three ways: what is wanted, what the plans of the journal applied last,
// and what a census shows. The census needs KnownTo; without it every cause is CauseNew.
// It sends nothing. Errors are those of Plan.
func (w Want) Drift(c *Census) ([]Finding, error) {
	p, err := w.planner(c)
	if err != nil {
		return nil, err
	}
	plan, err := p.finish()
	if err != nil {
		return nil, err
	}

	findings := p.fights
	for _, s := range plan.Steps {
		for _, e := range editsOf(s, nil) {
			findings = append(findings, p.finding(s.Account, s.Person(), s.User, s.Op, e))
		}
	}

	slices.SortStableFunc(findings, func(a, b Finding) int {
		return strings.Compare(a.Person+"\x00"+a.Account+"\x00"+a.What, b.Person+"\x00"+b.Account+"\x00"+b.What)
	})
	return findings, nil
}

// finding says what an edit that is planned means, seen from what was applied before.
func (p *planner) finding(account, person, user string, op core.Operation, e edit) Finding {
	f := Finding{Account: account, Person: person, User: user, Op: op, What: e.what, Cause: CauseNew, Want: e.after, Is: e.before}
	past := p.c.past.of(account, cmp.Or(user, person), e.what)
	if len(past) == 0 {
		return f
	}

	for _, was := range past {
		f.Times = append(f.Times, was.at)
	}
	f.Last = past[len(past)-1].after
	wanted, unchanged := sameJSON(f.Last, e.after), sameJSON(f.Last, e.before)
	switch {
	case wanted:
		f.Cause = CauseTheirs
	case unchanged:
		f.Cause = CauseOurs
	default:
		f.Cause = CauseBoth
	}
	return f
}

// frozen notes a fight and says that an edit is not to be planned.
func (p *planner) frozen(account, person string, u core.User, op core.Operation, what string, before, after any) bool {
	past := p.c.past.of(account, u.ID, what)
	flips := 0
	for i := 1; i < len(past); i++ {
		if !sameJSON(past[i].before, past[i-1].after) && sameJSON(past[i].after, past[i-1].after) {
			flips++
		}
	}

	if flips <= p.c.maxFlips || flips == 0 || !sameJSON(past[len(past)-1].after, after) {
		return false
	}

	f := p.finding(account, person, u.ID, op, edit{what: what, before: before, after: after})
	f.Cause = CauseFight
	p.fights = append(p.fights, f)

	times := make([]string, 0, len(f.Times))
	for _, t := range f.Times {
		times = append(times, t.UTC().Format(time.RFC3339))
	}
	p.gap(account, person, op, "%s is frozen: it was applied %d times (%s), and somebody else changed it back each time; settle it with them",
		what, len(times), strings.Join(times, ", "))
	return true
}

// edit is one value that a step changed or would change.
type edit struct {
	what          string
	before, after any
	at            time.Time
}

// The names of what an edit changes, beside those of fields.
const (
	editUser    = "user"
	editBlocked = "blocked"
)

// linkValue is the value of a link in an edit; nil where there is no link.
func linkValue(a *core.Assignment) any {
	if a == nil {
		return nil
	}
	return map[string]any{"level": a.Level, "suspended": a.Suspended}
}

// editsOf are the values that a step changes. Outcomes tell of each link what was there
// before and whether it was changed.
func editsOf(s Step, outcomes []core.Outcome) []edit {
	switch s.Op {
	case core.OpCreateUser:
		return []edit{{what: editUser, after: fold(s.Login)}}
	case core.OpDeleteUser:
		return []edit{{what: editUser, before: fold(s.Login)}}
	case core.OpBlock, core.OpUnblock:
		return []edit{{what: editBlocked, before: s.Op != core.OpBlock, after: s.Op == core.OpBlock}}
	case core.OpUpdateUser:
		return fieldEdits(s)
	}

	var edits []edit
	for _, a := range s.Links {
		var before *core.Assignment
		if s.If != nil {
			before = linkTo(s.If.Links, a.Target)
		}
		if i := slices.IndexFunc(outcomes, func(o core.Outcome) bool { return sameTarget(o.Assignment.Target, a.Target) }); i >= 0 {
			if outcomes[i].Result != core.ResultApplied {
				continue
			}
			before = outcomes[i].Before
		}

		e := edit{what: a.Target.String(), before: linkValue(before)}
		switch s.Op {
		case core.OpAssign:
			e.after = linkValue(&a)
		case core.OpSuspend, core.OpResume:
			after := a
			after.Suspended = s.Op == core.OpSuspend
			e.after = linkValue(&after)
		}
		edits = append(edits, e)
	}
	return edits
}

func fieldEdits(s Step) (edits []edit) {
	for _, f := range core.Fields() {
		if to, named := s.Change.Field(f); named {
			edits = append(edits, edit{what: string(f), before: s.before(string(f)), after: to})
		}
	}
	for name, to := range s.Change.Fields {
		edits = append(edits, edit{what: name, before: s.before(name), after: to})
	}
	slices.SortFunc(edits, func(a, b edit) int { return strings.Compare(a.what, b.what) })
	return edits
}

// history is what a journal knows of the people of its plans.
type history struct {
	ids   map[string][]string // by account and folded name
	users map[string][]string // who was there, by account; without those whom a plan deleted
	edits map[string][]edit   // by account, user and what
	made  map[string]any      // the fields that people were created with, by the same
}

func historyKey(account, user, what string) string { return account + "\x00" + user + "\x00" + what }

// of are the edits of one value, oldest first.
func (h *history) of(account, user, what string) []edit {
	if h == nil {
		return nil
	}
	return h.edits[historyKey(account, user, what)]
}

// last is the value of a field of a user that was applied last.
func (h *history) last(account, user, field string) (value any, known bool) {
	if h == nil {
		return nil, false
	}
	if past := h.of(account, user, field); len(past) > 0 {
		return past[len(past)-1].after, true
	}
	value, known = h.made[historyKey(account, user, field)]
	return value, known
}

// readHistory reads all plans of a journal.
func readHistory(ctx context.Context, j Journal) (*history, error) {
	h := &history{ids: map[string][]string{}, users: map[string][]string{}, edits: map[string][]edit{}, made: map[string]any{}}
	deleted := map[string]bool{}
	for p, err := range j.Plans(ctx) {
		if err != nil {
			return nil, fmt.Errorf("the journal cannot be read: %w", err)
		}
		states, _, err := readStates(ctx, j, p, p.ID())
		if err != nil {
			return nil, err
		}
		for _, s := range p.Steps {
			h.take(states[s.ID], deleted)
		}
	}

	// Who was deleted is known only when all plans are read.
	for account, ids := range h.users {
		h.users[account] = slices.DeleteFunc(unique(ids), func(id string) bool { return deleted[account+"/"+id] })
	}
	for key := range h.edits {
		slices.SortStableFunc(h.edits[key], func(a, b edit) int { return a.at.Compare(b.at) })
	}
	return h, nil
}

// take adds a step: whom it was about, and what it changed if it was applied.
func (h *history) take(s *state, deleted map[string]bool) {
	id := cmp.Or(s.found, s.User)
	for _, name := range []string{s.Person(), s.Login} {
		if key := s.Account + "/" + fold(name); id != "" && name != "" && !slices.Contains(h.ids[key], id) {
			h.ids[key] = append(h.ids[key], id)
		}
	}
	if id != "" {
		h.users[s.Account] = append(h.users[s.Account], id)
	}

	if s.result != core.ResultApplied {
		return
	}
	switch {
	case s.Op == core.OpDeleteUser:
		deleted[s.Account+"/"+id] = true
	case s.Spec != nil:
		asked := s.Spec.Change()
		for _, e := range fieldEdits(Step{Change: &asked}) {
			h.made[historyKey(s.Account, id, e.what)] = e.after
		}
	}

	for _, e := range editsOf(s.Step, s.outcomes) {
		e.at = s.at
		who := id
		if e.what == editUser {
			who = s.Person()
		}
		key := historyKey(s.Account, who, e.what)
		h.edits[key] = append(h.edits[key], e)
	}
}
