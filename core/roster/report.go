package roster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/rollcall-go/rollcall/core"
)

// ErrMoved: the world is not as the planner saw it, and nothing else went wrong.
var ErrMoved = errors.New("the world has moved")

// StepReport is how one step ended. It marshals to the line of the program rollcall.
type StepReport struct {
	Step     string         `json:"step"`
	Result   core.Result    `json:"result"`
	Message  string         `json:"message"`
	Outcomes []core.Outcome `json:"outcomes"`
}

// MarshalJSON writes an empty list of outcomes as one.
func (s StepReport) MarshalJSON() ([]byte, error) {
	type plain StepReport
	if s.Outcomes == nil {
		s.Outcomes = []core.Outcome{}
	}
	return marshal(plain(s))
}

// Counts are the numbers of steps by result.
type Counts struct {
	Applied int `json:"applied"`
	Already int `json:"already"`
	Failed  int `json:"failed"`
	Unknown int `json:"unknown"`
	Moved   int `json:"moved"`
	Waiting int `json:"waiting"`
	Open    int `json:"open"`
}

// Report says how each step of a plan stands.
type Report struct {
	Plan  string
	Steps []StepReport
	Gaps  []Gap
	Counts

	run Run
}

func newReport(plan Plan, id string, state func(Step) StepReport) *Report {
	r := &Report{Plan: id, Gaps: plan.Gaps, Steps: make([]StepReport, 0, len(plan.Steps))}
	for _, s := range plan.Steps {
		at := state(s)
		r.Steps = append(r.Steps, at)
		switch at.Result {
		case core.ResultApplied:
			r.Applied++
		case core.ResultAlready:
			r.Already++
		case core.ResultFailed:
			r.Failed++
		case core.ResultUnknown:
			r.Unknown++
		case ResultMoved:
			r.Moved++
		case ResultWaiting:
			r.Waiting++
		default:
			r.Open++
		}
	}
	return r
}

// Done reports whether every step is done. A plan with gaps can be done without
// being all that was wanted.
func (r *Report) Done() bool { return r.Applied+r.Already == len(r.Steps) }

// MarshalJSON writes the counts, as the last line of the program rollcall's apply.
// A status has Open beside them: use StatusJSON.
func (r *Report) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Plan    string `json:"plan"`
		Applied int    `json:"applied"`
		Already int    `json:"already"`
		Failed  int    `json:"failed"`
		Unknown int    `json:"unknown"`
		Moved   int    `json:"moved"`
		Waiting int    `json:"waiting"`
	}{r.Plan, r.Applied, r.Already, r.Failed, r.Unknown, r.Moved, r.Waiting})
}

// StatusJSON is MarshalJSON with the number of open steps.
func (r *Report) StatusJSON() ([]byte, error) {
	return json.Marshal(struct {
		Plan string `json:"plan"`
		Counts
	}{r.Plan, r.Counts})
}

// Receipt is the proof of what was done for one person: MakeReceipt for the plan of the
// report, with its errors. It sends nothing.
func (r *Report) Receipt(ctx context.Context, person string, opts ...ReceiptOption) (*Receipt, error) {
	return MakeReceipt(ctx, r.run.Journal, r.Plan, person, opts...)
}

// WriteText writes the steps that are not done, the gaps, and one sentence that says
// what to do next.
func (r *Report) WriteText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, s := range r.Steps {
		if !good(s.Result) {
			fmt.Fprintf(t, "%s\t%s\t%s\n", s.Result, s.Step, s.Message)
		}
	}
	for _, g := range r.Gaps {
		fmt.Fprintf(t, "gap\t%s/%s\t%s\n", g.Person, g.Account, g.Why)
	}
	if err := t.Flush(); err != nil {
		return err
	}

	_, err := fmt.Fprintln(w, r.next())
	return err
}

func (r *Report) next() string {
	done := fmt.Sprintf("%d of %d steps are done", r.Applied+r.Already, len(r.Steps))
	switch {
	case r.Done() && len(r.Gaps) == 1:
		return done + "; 1 gap is left to people."
	case r.Done() && len(r.Gaps) > 0:
		return fmt.Sprintf("%s; %d gaps are left to people.", done, len(r.Gaps))
	case r.Done():
		return done + "."
	case r.Moved > 0 && r.Failed+r.Unknown == 0:
		return done + "; the world has moved: make a new plan for the rest."
	}
	return done + "; apply the same plan again to look at the others and try them again."
}

// Unfinished says that a run ended before all of its steps were done. It matches
// core.ErrPartial, and ErrMoved where the moved world is all that went wrong.
type Unfinished struct{ Report *Report }

// Error counts what is not done.
func (u *Unfinished) Error() string {
	c := u.Report.Counts
	return fmt.Sprintf("plan %.19s: %d of %d steps are not done (%d failed, %d unknown, %d moved, %d waiting, %d open)",
		u.Report.Plan, len(u.Report.Steps)-c.Applied-c.Already, len(u.Report.Steps), c.Failed, c.Unknown, c.Moved, c.Waiting, c.Open)
}

// Is matches core.ErrPartial and ErrMoved.
func (u *Unfinished) Is(target error) bool {
	c := u.Report.Counts
	return target == core.ErrPartial || target == ErrMoved && c.Moved > 0 && c.Failed+c.Unknown+c.Open == 0 && !u.waitsForElse()
}

// waitsForElse reports whether a step waits for something other than a step.
func (u *Unfinished) waitsForElse() bool {
	return slices.ContainsFunc(u.Report.Steps, func(s StepReport) bool {
		return s.Result == ResultWaiting && !strings.HasPrefix(s.Message, waitsForStep)
	})
}

// Status reads from the journal how a plan stands. It sends nothing. A step under way
// reads as unknown until its outcome is known, and one that was not begun as open. A plan
// that the journal does not know is core.ErrNotFound.
func Status(ctx context.Context, j Journal, plan string) (*Report, error) {
	p, err := j.Plan(ctx, plan)
	if err != nil {
		return nil, err
	}
	states, _, err := readStates(ctx, j, p, plan)
	if err != nil {
		return nil, err
	}

	r := newReport(p, plan, func(s Step) StepReport { return states[s.ID].report() })
	r.run.Journal = j
	return r, nil
}
