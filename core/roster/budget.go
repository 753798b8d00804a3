package roster

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// Budget bounds what a run may do. The whole plan is judged before the first write,
// together with what other plans of the journal did lately; over budget nothing is
// written.
type Budget struct {
	Limits []Limit
	// Protect names people whom no plan may touch, by key, login or any address. No
	// release lifts it, and a name that nobody in the fleet has is ErrRefused. The users
	// whose credentials the run itself uses are always protected, where their vendors say
	// who they are (core.Self).
	Protect []string
	// Release is the ID of one plan that somebody has read: the limits do not count for
	// it, now and when it is resumed.
	Release string
	// Over is how far back other plans count for limits that do not say so, 24 hours
	// unless set.
	Over time.Duration
}

// Limit bounds one operation. Every limit must hold.
type Limit struct {
	Op core.Operation
	// Vendor, Account and Target narrow the limit; empty matches all.
	Vendor, Account string
	Target          core.Target
	// Most bounds the number in the whole plan. Without a Share, 0 forbids the operation.
	Most int
	// Share bounds the number at one account as a share of its population: 0.05 is 5 per
	// cent. One is always allowed.
	Share float64
	// Over is how far back other plans count, 24 hours unless set.
	Over time.Duration

	standard bool // the default limit
}

// The default limit: without one of its own, users.delete is limited to this share of
// an account's users, from so many users on.
const (
	defaultShare = 0.20
	defaultFrom  = 20
)

// String names the limit in words.
func (l Limit) String() string {
	var text strings.Builder
	text.WriteString(string(l.Op))
	for _, narrow := range []string{l.Vendor, l.Account} {
		if narrow != "" {
			text.WriteString(" at " + narrow)
		}
	}

	if l.Target != (core.Target{}) {
		text.WriteString(" of " + l.Target.String())
	}

	switch {
	case l.Share > 0:
		text.WriteString(fmt.Sprintf(": %g %%", l.Share*100))
	default:
		text.WriteString(fmt.Sprintf(": %d", l.Most))
	}
	return text.String()
}

// Over is one limit that a plan exceeds.
type Over struct {
	Limit string `json:"limit"`
	// Planned is what counts against the limit: this plan's open steps, and what others
	// did lately.
	Planned int `json:"planned"`
	// Steps are the steps of this plan that count.
	Steps []string `json:"steps"`
}

// OverBudget is the error of a plan that exceeds its budget. Nothing was written.
type OverBudget struct {
	Plan string
	Over []Over
}

// Error names the limits and how to release the plan.
func (o *OverBudget) Error() string {
	words := make([]string, len(o.Over))
	next := "read the plan, and release it by its id " + o.Plan
	for i, l := range o.Over {
		words[i] = fmt.Sprintf("%s (planned %d)", l.Limit, l.Planned)
		if strings.HasPrefix(l.Limit, protectedPerson) {
			next = "no release lifts the protection of a person: make a plan without them"
		}
	}

	return fmt.Sprintf("over budget, nothing was written: %s; %s", strings.Join(words, "; "), next)
}

// protectedPerson begins the limit of what touches somebody whom no plan may touch.
const protectedPerson = "protected: "

// judge compares the open steps with the budget. It returns the note to be kept with
// the plan where it was released.
func (e *engine) judge(ctx context.Context, open []Step) ([]Record, error) {
	over := &OverBudget{Plan: e.id}
	protected, err := e.protected(ctx, open)
	if err != nil {
		return nil, err
	}
	own, err := e.ownAccounts(ctx, open)
	if err != nil {
		return nil, err
	}
	over.Over = append(append(over.Over, protected...), own...)

	released, err := e.released(ctx, e.id)
	if err != nil {
		return nil, err
	}
	if !released && e.Budget.Release != e.id {
		done, err := e.doneLately(ctx)
		if err != nil {
			return nil, err
		}
		for _, l := range e.limits() {
			over.Over = append(over.Over, e.exceeds(l, open, done)...)
		}
	}

	if len(over.Over) > 0 {
		return nil, over
	}
	if !released && e.Budget.Release == e.id {
		return []Record{{Phase: PhaseNote, Note: NoteRelease, Owner: e.Owner, Message: "released by its id"}}, nil
	}
	return nil, nil
}

// limits are the limits of the run, and the default where it has none.
func (e *engine) limits() []Limit {
	limits := slices.Clone(e.Budget.Limits)
	for i := range limits {
		limits[i].Over = cmp.Or(limits[i].Over, e.Budget.Over, 24*time.Hour)
	}
	if !slices.ContainsFunc(limits, func(l Limit) bool { return l.Op == core.OpDeleteUser }) {
		limits = append(limits, Limit{Op: core.OpDeleteUser, Share: defaultShare, Over: cmp.Or(e.Budget.Over, 24*time.Hour), standard: true})
	}
	return limits
}

// lately is something that another plan did.
type lately struct {
	Step
	at time.Time
}

// doneLately are the steps that other plans did and that were not released.
func (e *engine) doneLately(ctx context.Context) ([]lately, error) {
	var since time.Duration
	for _, l := range e.limits() {
		since = max(since, l.Over)
	}

	byPlan := map[string]map[string]time.Time{}
	for r, err := range e.Journal.Records(ctx, Query{Since: e.Now().Add(-since)}) {
		if err != nil {
			return nil, err
		}
		if r.Plan == e.id || r.Step == "" || r.Phase == PhaseNote || r.Phase == PhaseOutcome && r.Result != core.ResultApplied {
			continue
		}
		if byPlan[r.Plan] == nil {
			byPlan[r.Plan] = map[string]time.Time{}
		}
		byPlan[r.Plan][r.Step] = r.At
	}

	var done []lately
	for id, steps := range byPlan {
		released, err := e.released(ctx, id)
		if err != nil {
			return nil, err
		}
		p, err := e.Journal.Plan(ctx, id)
		if err != nil {
			return nil, err
		}
		states, _, err := readStates(ctx, e.Journal, p, id)
		if err != nil {
			return nil, err
		}
		for _, s := range p.Steps {
			at, touched := steps[s.ID]
			was := states[s.ID]
			if touched && !released && (was.result == core.ResultApplied || was.unknown()) {
				done = append(done, lately{s, at})
			}
		}
	}
	return done, nil
}

func (e *engine) released(ctx context.Context, plan string) (bool, error) {
	for r, err := range e.Journal.Records(ctx, Query{Plan: plan}) {
		if err != nil {
			return false, err
		}
		if r.Phase == PhaseNote && r.Note == NoteRelease {
			return true, nil
		}
	}
	return false, nil
}

// exceeds returns what is over one limit: once for the whole plan, or once for each
// account where the limit is a share.
func (e *engine) exceeds(l Limit, open []Step, done []lately) []Over {
	if l.Share <= 0 {
		n, ids := tally(l, "", open, done, e)
		if len(ids) > 0 && n > l.Most {
			return []Over{{Limit: l.String(), Planned: n, Steps: ids}}
		}
		return nil
	}

	var over []Over
	for _, account := range slices.Sorted(accountsOf(open)) {
		n, ids := tally(l, account, open, done, e)
		if len(ids) == 0 {
			continue
		}
		if why := e.overShare(l, account, n); why != "" {
			over = append(over, Over{Limit: l.String() + why, Planned: n, Steps: ids})
		}
	}
	return over
}

func accountsOf(open []Step) func(func(string) bool) {
	seen := map[string]bool{}
	for _, s := range open {
		seen[s.Account] = true
	}

	return func(yield func(string) bool) {
		for a := range seen {
			if !yield(a) {
				return
			}
		}
	}
}

// overShare says why a number is over a share of an account, "" where it is not. One
// is always let pass, but not of a population that is in doubt.
func (e *engine) overShare(l Limit, account string, n int) string {
	p, known := e.plan.Population[account]
	population := p.Users
	if isLinkOp(l.Op) {
		population = p.Links
	}

	trusted := known && p.Certificate == Complete && !(isLinkOp(l.Op) && p.Links == 0)
	switch {
	case l.standard && trusted && population < defaultFrom:
		return ""
	case l.standard && !trusted && n <= defaultFrom*defaultShare:
		// What the smallest account that the default looks at could lose.
		return ""
	case !trusted:
		return " of " + account + ", and how many there are is not certain"
	case n > 1 && float64(n) > l.Share*float64(population):
		return fmt.Sprintf(" of the %d of %s", population, account)
	}
	return ""
}

// tally counts what a limit looks at: steps, or links for operations on links.
func tally(l Limit, account string, open []Step, done []lately, e *engine) (n int, ids []string) {
	count := func(s Step) int {
		if s.Op != l.Op || l.Account != "" && l.Account != s.Account || account != "" && account != s.Account {
			return 0
		}
		if l.Vendor != "" && e.vendorOf(s.Account) != l.Vendor {
			return 0
		}
		if !isLinkOp(s.Op) {
			return 1
		}

		c := 0
		for _, a := range s.Links {
			if l.Target == (core.Target{}) || sameTarget(l.Target, a.Target) {
				c++
			}
		}
		return c
	}

	for _, s := range open {
		if c := count(s); c > 0 {
			n, ids = n+c, append(ids, s.ID)
		}
	}

	// What was done lately counts, but those steps are not of this plan.
	for _, d := range done {
		if !d.at.Before(e.Now().Add(-l.Over)) {
			n += count(d.Step)
		}
	}
	return n, ids
}

func (e *engine) vendorOf(account string) string {
	if store := e.Fleet[account]; store != nil {
		return store.Capabilities().Vendor
	}
	return account
}

// protected finds the open steps of people whom no plan may touch. A name that nobody has
// is refused: it is misspelt, and whoever was meant would be touched.
func (e *engine) protected(ctx context.Context, open []Step) ([]Over, error) {
	if len(open) == 0 {
		return nil, nil
	}

	var over []Over
	var nobody []string
	for _, name := range e.Budget.Protect {
		steps, found, err := e.touching(ctx, name, open)
		if err != nil {
			return nil, fmt.Errorf("whether %s is touched cannot be known: %w", name, err)
		}
		if len(steps) > 0 {
			over = append(over, Over{Limit: protectedPerson + name, Planned: len(steps), Steps: steps})
		}
		if !found && !e.untouchedHas(ctx, name, open) {
			nobody = append(nobody, name)
		}
	}

	if len(nobody) > 0 {
		return nil, refuse("apply", "nobody at %s has the name %s: to protect it protects nobody; correct it, or name a user as account:ID",
			strings.Join(slices.Sorted(maps.Keys(e.Fleet)), ", "), strings.Join(nobody, ", "))
	}
	return over, nil
}

// touching finds the open steps of one person. A name that no step shows is asked for at
// the accounts, because it may be another address of somebody whom the plan names.
func (e *engine) touching(ctx context.Context, name string, open []Step) (steps []string, found bool, err error) {
	for account := range accountsOf(open) {
		ids, asked, err := e.idsOf(ctx, account, name)
		if err != nil {
			return nil, false, err
		}
		found = found || len(ids) > 0 || !asked

		for _, s := range open {
			if s.Account == account && (isNamed(s, name) || s.User != "" && slices.Contains(ids, s.User)) {
				steps = append(steps, s.ID)
			}
		}
	}
	slices.Sort(steps)
	return steps, found || len(steps) > 0, nil
}

// untouchedHas reports whether a name is that of somebody at an account that the open steps do
// not touch, or may be: such an account need not answer.
func (e *engine) untouchedHas(ctx context.Context, name string, open []Step) bool {
	touched := slices.Collect(accountsOf(open))
	for _, account := range slices.Sorted(maps.Keys(e.Fleet)) {
		if slices.Contains(touched, account) {
			continue
		}
		if ids, asked, err := e.idsOf(ctx, account, name); err != nil || !asked || len(ids) > 0 {
			return true
		}
	}
	return false
}

// ownAccounts finds the open steps of the users whose credentials the run itself uses,
// where the vendor says who that is. A run that takes its own account away can do
// nothing any more, not even undo it.
func (e *engine) ownAccounts(ctx context.Context, open []Step) ([]Over, error) {
	var over []Over
	for _, account := range slices.Sorted(accountsOf(open)) {
		self, ok := e.Fleet[account].(core.Self)
		if !ok {
			continue
		}

		id, err := self.OwnUserID(ctx)
		switch {
		case errors.Is(err, errors.ErrUnsupported), errors.Is(err, core.ErrPermission):
			continue // nobody's credential, or one that may not ask
		case err != nil:
			return nil, fmt.Errorf("whether the plan touches the credential's own account cannot be known: %w", err)
		}

		var hit Over
		name := account + ":" + id
		for _, s := range open {
			if s.Account == account && s.User == id {
				hit.Steps = append(hit.Steps, s.ID)
				if s.Login != "" {
					name = s.Login + " at " + account
				}
			}
		}

		hit.Limit = protectedPerson + name + ", whose credential this is"
		if hit.Planned = len(hit.Steps); hit.Planned > 0 {
			over = append(over, hit)
		}
	}
	return over, nil
}

func isNamed(s Step, name string) bool {
	key := fold(name)
	return key == fold(s.Person()) || s.Login != "" && key == fold(s.Login) || name == s.Account+":"+s.User
}

// idsOf are the users of an account whom a name means. Asked is false where the account's
// users cannot be listed.
func (e *engine) idsOf(ctx context.Context, account, name string) (ids []string, asked bool, err error) {
	found, err := lookup(ctx, account, e.Fleet[account], name)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil, false, nil
	}
	for _, u := range found {
		ids = append(ids, u.ID)
	}
	return ids, true, err
}

// MarshalJSON writes the limits that are exceeded, as a member of the error object of
// the program rollcall.
func (o *OverBudget) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Plan string `json:"plan"`
		Over []Over `json:"over"`
	}{o.Plan, o.Over})
}
