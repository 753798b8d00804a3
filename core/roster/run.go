package roster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// Fleet holds the stores of a run by account. An account has the vendor's name where there
// is only one of that vendor.
type Fleet map[string]core.Store

// Fingerprint names what an account's store talks to, for plans.
func (f Fleet) Fingerprint(account string) string {
	store := f[account]
	if store == nil {
		return ""
	}
	if p, ok := store.(core.Fingerprinter); ok {
		return p.Fingerprint()
	}
	return store.Capabilities().Vendor + " " + account
}

// Run carries plans out. Its methods may be called again after any end, even that of the
// process, and side by side on the same journal.
type Run struct {
	Fleet   Fleet
	Journal Journal
	Budget  Budget
	// Owner names this run in the journal, the host and the process unless set.
	Owner string
	// Workers is how many requests are under way at once, 8 unless set.
	Workers int
	// Secrets returns the password that a step names. It is asked before the first
	// write; an error is ErrRefused.
	Secrets func(ctx context.Context, name string) (core.Secret, error)
	// Progress is told of each step as it ends. Calls do not overlap.
	Progress func(Event)

	// ClaimTTL is how long a lane is held by a machine that is silent, 10 s unless set.
	// A file journal does not need it.
	ClaimTTL time.Duration
	// FloorWait is how long a step waits for a floor, a minute unless set.
	FloorWait time.Duration
	// Grace is how long the requests under way may take after the context ends, 7 s
	// unless set. What is cut then is unknown, and looked at by the next run.
	Grace time.Duration
	// Settle says how to wait for accepted changes.
	Settle core.Wait
	// Now is the clock, time.Now unless set.
	Now func() time.Time
}

// Event is one step's end, for a progress display.
type Event struct {
	Plan string
	StepReport
	Account string
	// Done of Total steps of the plan have ended, and AccountDone of AccountTotal of
	// the account.
	Done, Total               int
	AccountDone, AccountTotal int
}

func (r Run) withDefaults() Run {
	host, _ := os.Hostname()
	r.Owner = cmp.Or(r.Owner, fmt.Sprintf("%s/%d", host, os.Getpid()))
	r.Workers = cmp.Or(r.Workers, 8)
	r.ClaimTTL = cmp.Or(r.ClaimTTL, 10*time.Second)
	r.FloorWait = cmp.Or(r.FloorWait, time.Minute)
	r.Grace = cmp.Or(r.Grace, 7*time.Second)
	if r.Now == nil {
		r.Now = time.Now
	}
	return r
}

// Apply does what a plan says and is not done yet. Called again it resumes: what is
// done stays done, what is unknown is looked at, and what failed, moved or waited is
// looked at and tried again.
//
// Before the first write it refuses, with ErrRefused, a plan that was changed, is for
// other accounts, has expired or names a password that is not there, and a name of
// Budget.Protect that nobody has; and with *OverBudget a plan that exceeds the budget. When the context ends no step is begun
// any more, and what is under way is finished.
//
// A run that did not do all of its steps returns the report with an *Unfinished, which
// matches core.ErrPartial or ErrMoved; one whose context ended, with core.ErrCanceled. Gaps
// are no error: the report lists them. A journal that fails is ErrBroken or ErrDamaged.
//
// It takes Step.Calls requests for each step, a look or two for what is unknown (up to three
// more where the list of users moves meanwhile), two queries per account for each name of
// Budget.Protect, and one per credential to see whose it is.
func (r Run) Apply(ctx context.Context, p Plan) (*Report, error) {
	return r.withDefaults().apply(ctx, p, mode{budget: true})
}

// Resume applies a plan that the journal keeps, after a crash for example. One that it does
// not know is core.ErrNotFound; else the errors and the requests are those of Apply.
func (r Run) Resume(ctx context.Context, plan string) (*Report, error) {
	p, err := r.find(ctx, "apply", plan)
	if err != nil {
		return nil, err
	}
	return r.Apply(ctx, p)
}

// Judge checks a plan as Apply does before the first write, all but the passwords. It
// returns the notes that Begin keeps with the plan. Use it where one program accepts
// plans and others Drive them. It sends what Apply sends for the budget, and no write. Errors
// are ErrRefused and *OverBudget.
func (r Run) Judge(ctx context.Context, p Plan) ([]Record, error) {
	e, err := r.withDefaults().open(ctx, p, mode{})
	if err != nil {
		return nil, err
	}
	open := e.notDone()
	if len(open) == 0 && e.begun {
		return nil, nil
	}
	return e.judge(ctx, open)
}

// Drive applies a plan that the journal keeps and that was judged before. Any number of
// runs may drive one plan side by side: what one of them has tried after the record
// since and could not do, the others leave alone. It ends when no lane is left that
// this run could take on, including those that others hold. Lanes that need a password which
// is not there are left open, for others. A plan that the journal does not know is
// core.ErrNotFound; else the errors are those of Apply, without *OverBudget. Floors are looked
// at by each run alone: see Members.Floor.
func (r Run) Drive(ctx context.Context, plan string, since int64) (*Report, error) {
	p, err := r.find(ctx, "apply", plan)
	if err != nil {
		return nil, err
	}
	return r.withDefaults().apply(ctx, p, mode{driven: true, since: since})
}

// Inverse is the plan that takes back what a plan of the journal did, as Undo would.
// What is unknown is looked at first, which takes a request or two for each such step. A plan
// that the journal does not know is core.ErrNotFound.
func (r Run) Inverse(ctx context.Context, plan string) (Plan, error) {
	r = r.withDefaults()
	p, err := r.find(ctx, "undo", plan)
	if err != nil {
		return Plan{}, err
	}
	inverse, _, err := r.inverse(ctx, p)
	return inverse, err
}

// mode is what differs between applying, undoing and reaping.
type mode struct {
	budget  bool // judge the budget
	driven  bool // several runs drive the plan: see Drive
	since   int64
	forever bool            // the plan does not expire
	leave   map[string]bool // steps that are left alone and not reported
	note    string          // why the plan needs no budget
}

func (r Run) apply(ctx context.Context, p Plan, m mode) (*Report, error) {
	e, err := r.open(ctx, p, m)
	if err != nil {
		return nil, err
	}
	if err := e.prepare(ctx); err != nil {
		return nil, err
	}
	return e.run(ctx)
}

// open checks a plan and reads how far it is. One that expired before it was begun is
// refused; of one that expired later only what is unknown is looked at.
func (r Run) open(ctx context.Context, p Plan, m mode) (*engine, error) {
	sealed, err := r.fits(p)
	if err != nil {
		return nil, err
	}
	e, err := newEngine(ctx, r, p, sealed, m)
	if err != nil {
		return nil, err
	}

	e.resolveOnly = !m.forever && !p.Expires.IsZero() && r.Now().After(p.Expires)
	if e.resolveOnly && !e.begun {
		return nil, refuse("apply", "the plan expired at %s; make a new one", p.Expires.Format(time.RFC3339))
	}
	return e, nil
}

// find returns a plan that the journal keeps.
func (r Run) find(ctx context.Context, op, plan string) (Plan, error) {
	if r.Journal == nil {
		return Plan{}, refuse(op, "a run needs a journal")
	}
	return r.Journal.Plan(ctx, plan)
}

// fits checks that the plan is one for this fleet, and returns its encoding. Nothing is
// sent.
func (r Run) fits(p Plan) (sealed sealedPlan, err error) {
	if r.Journal == nil {
		return sealed, refuse("apply", "a run needs a journal")
	}
	if sealed, err = p.checked(); err != nil {
		return sealed, err
	}

	used := map[string]bool{}
	for _, s := range p.Steps {
		used[s.Account] = true
	}
	for _, account := range slices.Sorted(maps.Keys(used)) {
		if r.Fleet[account] == nil {
			return sealed, refuse("apply", "the plan is for account %s, which this run does not have", account)
		}
		if is, was := r.Fleet.Fingerprint(account), p.Fleet[account]; is != was {
			return sealed, refuse("apply", "the plan was made for %s (%s), and this run's %s is %s", account, was, account, is)
		}
	}
	return sealed, nil
}

// prepare does what comes before the first write: the passwords, the budget, and the
// plan in the journal.
func (e *engine) prepare(ctx context.Context) error {
	open := e.notDone()
	if len(open) == 0 && e.begun {
		return nil
	}

	var notes []Record
	if !e.resolveOnly {
		if err := e.resolveSecrets(ctx, open); err != nil && !e.mode.driven {
			return err
		}
	}
	if e.mode.budget && !e.resolveOnly {
		note, err := e.judge(ctx, open)
		if err != nil {
			return err
		}
		notes = append(notes, note...)
	}
	if e.mode.note != "" && !e.begun {
		notes = append(notes, Record{Phase: PhaseNote, Note: NoteRelease, Message: e.mode.note, Owner: e.Owner})
	}

	if e.begun && len(notes) == 0 {
		return nil
	}
	if j, ok := e.Journal.(*FileJournal); ok {
		return j.beginSealed(e.sealed, notes) // the plan is not encoded again
	}
	return e.Journal.Begin(ctx, e.plan, notes...)
}

// notDone are the steps of the plan that are still to be done.
func (e *engine) notDone() []Step {
	open := make([]Step, 0, len(e.plan.Steps)-e.ended)
	for _, s := range e.plan.Steps {
		if !good(e.steps[s.ID].result) && !e.mode.leave[s.ID] {
			open = append(open, s)
		}
	}
	return open
}

// resolveSecrets asks once for each secret that a step names. It marks the lanes that
// lack one.
func (e *engine) resolveSecrets(ctx context.Context, open []Step) error {
	e.secrets = map[string]core.Secret{}
	asked := map[string]error{}
	var missing error
	for _, s := range open {
		if s.Password == "" {
			continue
		}

		err, known := asked[s.Password]
		if !known {
			err = e.resolveSecret(ctx, s.Password)
			asked[s.Password] = err
		}
		if err != nil {
			missing = cmp.Or(missing, refuse("apply", "the secret %s, which step %s needs, is not there: %v", s.Password, s.ID, err))
			e.steps[s.ID].lane.lacks = true
		}
	}
	return missing
}

func (e *engine) resolveSecret(ctx context.Context, name string) error {
	if e.Secrets == nil {
		return errors.New("the run has none")
	}

	secret, err := e.Secrets(ctx, name)
	if err == nil && secret.IsZero() {
		err = errors.New("it is empty")
	}
	if err == nil {
		e.secrets[name] = secret
	}
	return err
}
