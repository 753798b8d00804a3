package coretest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// TestJournal checks that a journal keeps what roster.Journal promises. NewStorage is
// called once for each check and makes an empty storage; what it returns opens a
// journal on it, each time as another process would.
func TestJournal(t *testing.T, newStorage func(t *testing.T) (open func() roster.Journal)) {
	t.Helper()
	for _, c := range journalChecks {
		t.Run(c.name, func(t *testing.T) {
			if err := c.run(t.Context(), newStorage(t)); err != nil {
				t.Fatal(err)
			}
		})
	}
}

type journalCheck struct {
	name string
	run  func(ctx context.Context, open func() roster.Journal) error
}

var journalChecks = []journalCheck{
	{"a plan is kept as it is", checkPlanIsKept},
	{"an unknown plan is not found", checkUnknownPlan},
	{"records come back as they were", checkRecords},
	{"queries narrow", checkQueries},
	{"chains hold", checkChains},
	{"a lane has one holder", checkOneHolder},
	{"an old claim is fenced", checkFencing},
	{"tokens rise", checkTokens},
	{"a claim knows what others did", checkClaimLast},
	{"without a claim there are notes alone", checkNotes},
	{"leases are due until they are closed", checkDue},
	{"many at once", checkCrowd},
}

// journalPlan is a plan of some lanes with one step each.
func journalPlan(why string, lanes ...string) roster.Plan {
	p := roster.Plan{Why: why, Actor: "coretest", Made: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), Fleet: map[string]string{"a": "f"}}
	for _, lane := range lanes {
		p.Steps = append(p.Steps, roster.Step{ID: lane + "/a/users.update", Lane: lane, Op: core.OpUpdateUser, Account: "a", User: lane,
			Change: &core.UserChange{LastName: core.Set("<Ü>\u2028"), Email: core.Clear[string](), Fields: map[string]any{"n": 1.5}}})
	}
	return p
}

func checkPlanIsKept(ctx context.Context, open func() roster.Journal) error {
	j, p := open(), journalPlan("kept", "l1")
	for range 2 {
		if err := j.Begin(ctx, p); err != nil {
			return fmt.Errorf("begin: %w", err)
		}
	}

	for _, again := range []roster.Journal{j, open()} {
		got, err := again.Plan(ctx, p.ID())
		if err != nil {
			return fmt.Errorf("plan: %w", err)
		}
		if got.ID() != p.ID() || got.Why != p.Why || len(got.Steps) != 1 {
			return errors.New("the plan that comes back is another one")
		}

		n := 0
		for q, err := range again.Plans(ctx) {
			if err != nil {
				return fmt.Errorf("plans: %w", err)
			}
			if q.ID() == p.ID() {
				n++
			}
		}
		if n != 1 {
			return fmt.Errorf("a plan that was begun twice is there %d times", n)
		}
	}

	return nil
}

func checkUnknownPlan(ctx context.Context, open func() roster.Journal) error {
	_, err := open().Plan(ctx, journalPlan("unknown").ID())
	if !errors.Is(err, core.ErrNotFound) {
		return fmt.Errorf("a plan that was never begun is %v, and not core.ErrNotFound", err)
	}
	return nil
}

// hold begins a plan and claims one of its lanes.
func hold(ctx context.Context, j roster.Journal, p roster.Plan, lane string) (*roster.Claim, error) {
	if err := j.Begin(ctx, p); err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	return claim(ctx, j, p, lane)
}

func claim(ctx context.Context, j roster.Journal, p roster.Plan, lanes ...string) (*roster.Claim, error) {
	c, err := j.Claim(ctx, roster.ClaimRequest{Plan: p.ID(), Lanes: lanes, Owner: "coretest", TTL: time.Minute})
	if err != nil {
		return nil, fmt.Errorf("claim: %w", err)
	}
	return c, nil
}

func stepRecord(lane string, phase roster.Phase) roster.Record {
	return roster.Record{Step: lane + "/a/users.update", Phase: phase, At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
}

func checkRecords(ctx context.Context, open func() roster.Journal) error {
	j, p := open(), journalPlan("records", "l1")
	c, err := hold(ctx, j, p, "l1")
	if err != nil {
		return err
	}

	link := core.Assignment{UserID: "l1", Target: core.Target{Kind: core.KindQueue, ID: "q"}, Level: new(2)}
	outcome := stepRecord("l1", roster.PhaseOutcome)
	outcome.Result, outcome.Message, outcome.User, outcome.Login = core.ResultFailed, "<why>", "u9", "new"
	outcome.Outcomes = []core.Outcome{{Assignment: link, Result: core.ResultApplied, Before: &link}}
	outcome.Block = &core.Block{Vendor: "v", UserID: "l1", Changed: []string{"x"}}
	outcome.Error = &core.Error{Vendor: "v", Op: "o", Class: core.ClassConflict, Status: 409, Code: "c", Message: "m", RequestID: "r",
		Applied: core.AppliedNo}
	sent := []roster.Record{stepRecord("l1", roster.PhaseIntent), outcome}

	if err := j.Append(ctx, c, sent...); err != nil {
		return fmt.Errorf("append: %w", err)
	}
	if err := j.Sync(ctx); err != nil {
		return fmt.Errorf("sync: %w", err)
	}

	got, err := steps(ctx, open(), roster.Query{Plan: p.ID()})
	if err != nil {
		return err
	}
	if len(got) != len(sent) {
		return fmt.Errorf("%d records come back of %d", len(got), len(sent))
	}

	for i, g := range got {
		want := sent[i]
		if g.Owner != "coretest" || g.Token != c.Token || g.Plan != p.ID() || g.Lane != "l1" || g.Seq <= 0 || i > 0 && g.Seq <= got[i-1].Seq {
			return fmt.Errorf("record %d does not name its plan and step: %+v", i, g)
		}
		if g.Step != want.Step || g.Phase != want.Phase || !g.At.Equal(want.At) || g.Result != want.Result || g.Message != want.Message ||
			g.User != want.User || g.Login != want.Login || !reflect.DeepEqual(g.Outcomes, want.Outcomes) ||
			!reflect.DeepEqual(g.Block, want.Block) || !reflect.DeepEqual(g.Error, want.Error) {
			return fmt.Errorf("record %d comes back changed:\n%+v\n%+v", i, g, want)
		}
	}
	return nil
}

// steps reads the records that belong to a lane.
func steps(ctx context.Context, j roster.Journal, q roster.Query) ([]roster.Record, error) {
	var rs []roster.Record
	for r, err := range j.Records(ctx, q) {
		if err != nil {
			return nil, fmt.Errorf("records: %w", err)
		}
		if r.Lane != "" {
			rs = append(rs, r)
		}
	}
	return rs, nil
}

func checkQueries(ctx context.Context, open func() roster.Journal) error {
	j, p, other := open(), journalPlan("queries", "l1", "l2"), journalPlan("other", "l1")

	for _, at := range []struct {
		plan roster.Plan
		lane string
		day  int
	}{{p, "l1", 1}, {p, "l2", 2}, {other, "l1", 3}, {p, "l1", 4}} {
		c, err := hold(ctx, j, at.plan, at.lane)
		if err != nil {
			return err
		}

		r := stepRecord(at.lane, roster.PhaseIntent)
		r.At = time.Date(2026, 1, at.day, 0, 0, 0, 0, time.UTC)
		if err := errors.Join(j.Append(ctx, c, r), j.Free(ctx, c)); err != nil {
			return err
		}
	}

	all, err := steps(ctx, j, roster.Query{})
	if err != nil {
		return err
	}
	if len(all) != 4 {
		return fmt.Errorf("the zero query gives %d records of 4", len(all))
	}

	for _, c := range []struct {
		q    roster.Query
		want []int
	}{
		{roster.Query{Plan: p.ID()}, []int{1, 2, 4}},
		{roster.Query{Plan: p.ID(), Lane: "l1"}, []int{1, 4}},
		{roster.Query{Since: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}, []int{2, 3, 4}},
		{roster.Query{After: all[1].Seq}, []int{3, 4}},
		{roster.Query{Plan: p.ID(), After: all[0].Seq}, []int{2, 4}},
		{roster.Query{Plan: other.ID(), Lane: "l2"}, nil},
	} {
		got, err := steps(ctx, j, c.q)
		if err != nil {
			return err
		}

		var days []int
		for _, r := range got {
			days = append(days, r.At.Day())
		}
		if !slices.Equal(days, c.want) {
			return fmt.Errorf("the query %+v gives the records %v, and not %v", c.q, days, c.want)
		}
	}

	return nil
}

func checkChains(ctx context.Context, open func() roster.Journal) error {
	j, p := open(), journalPlan("chains", "l1", "l2")

	for _, lane := range []string{"l1", "l2", "l1"} {
		c, err := hold(ctx, j, p, lane)
		if err != nil {
			return err
		}
		kept := j.Append(ctx, c, stepRecord(lane, roster.PhaseIntent), stepRecord(lane, roster.PhaseOutcome))
		if err := errors.Join(kept, j.Free(ctx, c)); err != nil {
			return err
		}
	}

	for lane, want := range map[string]int{"l1": 4, "l2": 2} {
		rs, err := steps(ctx, open(), roster.Query{Plan: p.ID(), Lane: lane})
		if err != nil {
			return err
		}

		prev := ""
		for i, r := range rs {
			if _, err := r.Entry().Record(); err != nil || r.Prev != prev {
				return fmt.Errorf("entry %d of lane %s does not follow from the one before it (%v)", i, lane, err)
			}
			prev = r.Entry().Hash()
		}

		if len(rs) != want {
			return fmt.Errorf("the chain of lane %s has %d entries of %d", lane, len(rs), want)
		}
	}

	return nil
}

func checkOneHolder(ctx context.Context, open func() roster.Journal) error {
	j, other := open(), open()
	p, q := journalPlan("holder", "l1", "l2"), journalPlan("another", "l1")
	c, err := hold(ctx, j, p, "l1")
	if err != nil {
		return err
	}
	if err := j.Begin(ctx, q); err != nil {
		return err
	}

	for name, at := range map[string]roster.Journal{"the same": j, "another": other} {
		for _, plan := range []roster.Plan{p, q} {
			if _, err := claim(ctx, at, plan, "l1"); !errors.Is(err, roster.ErrNothing) {
				return fmt.Errorf("a lane that is held can be claimed through %s journal for plan %q (%v)", name, plan.Why, err)
			}
		}
	}

	second, err := claim(ctx, other, p, "l1", "l2")
	if err != nil {
		return err
	}
	if second.Lane != "l2" {
		return fmt.Errorf("of two lanes the one that is free is claimed, and not %s", second.Lane)
	}

	if err := j.Free(ctx, c); err != nil {
		return fmt.Errorf("free: %w", err)
	}
	if _, err := claim(ctx, other, q, "l1"); err != nil {
		return fmt.Errorf("a lane that was freed cannot be claimed: %w", err)
	}

	return nil
}

func checkFencing(ctx context.Context, open func() roster.Journal) error {
	j, other, p := open(), open(), journalPlan("fencing", "l1")
	old, err := hold(ctx, j, p, "l1")
	if err != nil {
		return err
	}
	if err := j.Free(ctx, old); err != nil {
		return err
	}

	if err := j.Append(ctx, old, stepRecord("l1", roster.PhaseIntent)); !errors.Is(err, roster.ErrFenced) {
		return fmt.Errorf("an append under a claim that was freed ends with %v, and not roster.ErrFenced", err)
	}

	// Another holder has the lane now.
	now, err := claim(ctx, other, p, "l1")
	if err != nil {
		return err
	}
	if err := j.Append(ctx, old, stepRecord("l1", roster.PhaseIntent)); !errors.Is(err, roster.ErrFenced) {
		return fmt.Errorf("an append under an old claim ends with %v, and not roster.ErrFenced", err)
	}
	if err := j.Free(ctx, old); err != nil {
		return fmt.Errorf("freeing a claim that has run out: %w", err)
	}

	if err := other.Append(ctx, now, stepRecord("l1", roster.PhaseOutcome)); err != nil {
		return fmt.Errorf("the holder cannot append: %w", err)
	}

	rs, err := steps(ctx, other, roster.Query{Plan: p.ID()})
	if err == nil && len(rs) != 1 {
		err = fmt.Errorf("%d records were kept, and one was appended by the holder", len(rs))
	}
	return err
}

func checkTokens(ctx context.Context, open func() roster.Journal) error {
	p, last := journalPlan("tokens", "l1"), int64(0)
	for i := range 4 {
		j := open()
		c, err := hold(ctx, j, p, "l1")
		if err != nil {
			return err
		}
		if c.Token <= last {
			return fmt.Errorf("claim %d has token %d after %d", i, c.Token, last)
		}
		last = c.Token
		if err := j.Free(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func checkClaimLast(ctx context.Context, open func() roster.Journal) error {
	j, p := open(), journalPlan("last", "l1")
	c, err := hold(ctx, j, p, "l1")
	if err != nil {
		return err
	}
	if err := errors.Join(j.Append(ctx, c, stepRecord("l1", roster.PhaseIntent)), j.Free(ctx, c)); err != nil {
		return err
	}

	other := open()
	again, err := claim(ctx, other, p, "l1")
	if err != nil {
		return err
	}

	rs, err := steps(ctx, other, roster.Query{Plan: p.ID(), Lane: "l1"})
	if err != nil {
		return err
	}
	if len(rs) != 1 || again.Last() != rs[0].Seq {
		return fmt.Errorf("the claim says that record %d is the lane's last, and it is not", again.Last())
	}
	return nil
}

func checkNotes(ctx context.Context, open func() roster.Journal) error {
	j, p := open(), journalPlan("notes", "l1")
	if err := j.Begin(ctx, p, roster.Record{Phase: roster.PhaseNote, Note: roster.NoteRelease, Message: "first"}); err != nil {
		return err
	}

	second := roster.Record{Plan: p.ID(), Phase: roster.PhaseNote, Note: roster.NoteClosed, Message: "second"}
	if err := j.Append(ctx, nil, second); err != nil {
		return fmt.Errorf("a note without a claim: %w", err)
	}

	intent := stepRecord("l1", roster.PhaseIntent)
	intent.Plan, intent.Lane = p.ID(), "l1"
	if err := j.Append(ctx, nil, intent); err == nil {
		return errors.New("an intent without a claim was kept")
	}

	var notes []string
	for r, err := range open().Records(ctx, roster.Query{Plan: p.ID()}) {
		if err != nil {
			return err
		}
		if r.Phase == roster.PhaseNote {
			notes = append(notes, r.Message)
		}
	}
	if !slices.Equal(notes, []string{"first", "second"}) {
		return fmt.Errorf("the notes that come back are %q", notes)
	}
	return nil
}

func checkDue(ctx context.Context, open func() roster.Journal) error {
	j := open()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	early, late, never := journalPlan("early", "l1"), journalPlan("late", "l1"), journalPlan("never", "l1")
	early.Until, late.Until = now.Add(-time.Hour), now.Add(time.Hour)
	for _, p := range []roster.Plan{early, late, never} {
		if err := j.Begin(ctx, p); err != nil {
			return err
		}
	}

	due := func() (whys []string, err error) {
		for p, err := range j.Due(ctx, now) {
			if err != nil {
				return nil, fmt.Errorf("due: %w", err)
			}
			whys = append(whys, p.Why)
		}
		return whys, nil
	}

	whys, err := due()
	if err != nil || !slices.Equal(whys, []string{"early"}) {
		return fmt.Errorf("due are %q (%v), and not the plan that has ended alone", whys, err)
	}

	if err := j.Append(ctx, nil, roster.Record{Plan: early.ID(), Phase: roster.PhaseNote, Note: roster.NoteClosed}); err != nil {
		return err
	}
	if whys, err := due(); err != nil || len(whys) > 0 {
		return fmt.Errorf("due are %q (%v) after the plan was closed", whys, err)
	}

	return nil
}

// checkCrowd lets many claim a few lanes through two journals. Each lane has one
// holder at a time, and no record is lost.
func checkCrowd(ctx context.Context, open func() roster.Journal) error {
	lanes := []string{"l1", "l2", "l3"}
	p := journalPlan("crowd", lanes...)
	journals := []roster.Journal{open(), open()}
	if err := journals[0].Begin(ctx, p); err != nil {
		return err
	}

	const claims = 60
	var held [3]atomic.Int32
	var left atomic.Int32
	left.Store(claims)
	var mu sync.Mutex
	var errs []error
	var wait sync.WaitGroup

	for i := range 8 {
		wait.Go(func() {
			j := journals[i%2]
			for left.Load() > 0 {
				c, err := claim(ctx, j, p, lanes...)
				if errors.Is(err, roster.ErrNothing) {
					continue
				}
				if err == nil {
					// Between Claim and Free no other holder may be here.
					k := slices.Index(lanes, c.Lane)
					if held[k].Add(1) != 1 {
						err = fmt.Errorf("lane %s has two holders", c.Lane)
					}
					err = errors.Join(err, j.Append(ctx, c, stepRecord(c.Lane, roster.PhaseIntent)))
					held[k].Add(-1)
					err = errors.Join(err, j.Free(ctx, c))
					left.Add(-1)
				}

				if err != nil {
					mu.Lock()
					errs = append(errs, err)
					mu.Unlock()
					return
				}
			}
		})
	}

	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}

	rs, err := steps(ctx, journals[1], roster.Query{Plan: p.ID()})
	if err == nil && len(rs) != claims-int(left.Load()) {
		err = fmt.Errorf("%d records come back of %d", len(rs), claims-int(left.Load()))
	}
	return err
}
