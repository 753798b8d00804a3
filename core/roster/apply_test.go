package roster_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

func blockLog(ctx context.Context, b core.Block) error { return roster.BlockLog(ctx, b) }

var (
	q1 = core.Target{Kind: core.KindQueue, ID: "q1"}
	q2 = core.Target{Kind: core.KindQueue, ID: "q2"}
)

// people is how many there are of each kind.
const people = 3

// town is a world with people for whom mixed wants something of every kind.
func town() *world {
	w := newWorld()
	for i := range people {
		w.add(fmt.Sprintf("leaver%d@x.test", i), q1)
		w.add(fmt.Sprintf("renamed%d@x.test", i), q1)
		w.add(fmt.Sprintf("mover%d@x.test", i), q1)
		w.add(fmt.Sprintf("shut%d@x.test", i), q1, q2)
	}
	return w
}

func mixed() roster.Want {
	w := roster.Want{Change: map[string]map[string]core.UserChange{}}
	adds := roster.Members{Account: "fake", Target: q2, Mode: roster.Add}
	removes := roster.Members{Account: "fake", Target: q1, Mode: roster.Remove}
	for i := range people {
		mail := fmt.Sprintf("new%d@x.test", i)
		w.Have = append(w.Have, roster.Hire{Person: mail, Account: "fake", Password: "FIRST",
			Spec: core.UserSpec{Login: mail, Email: mail, FirstName: "New"}, Links: []core.Assignment{{Target: q1, Level: new(3)}}})
		w.Gone = append(w.Gone, fmt.Sprintf("leaver%d@x.test", i))
		w.Blocked = append(w.Blocked, fmt.Sprintf("shut%d@x.test", i))
		w.Change[fmt.Sprintf("renamed%d@x.test", i)] = map[string]core.UserChange{"fake": {LastName: core.Set("Renamed")}}
		adds.People = append(adds.People, fmt.Sprintf("mover%d@x.test", i))
		removes.People = append(removes.People, fmt.Sprintf("mover%d@x.test", i))
	}
	w.Members = []roster.Members{adds, removes}
	return w
}

func planOf(t testing.TB, w *world, want roster.Want) roster.Plan {
	t.Helper()
	c, err := roster.Take(t.Context(), roster.Fleet{"fake": store{w}})
	require.NoError(t, err)
	p, err := want.Plan(c)
	require.NoError(t, err)
	return p
}

func open(t testing.TB, path string) *roster.FileJournal {
	t.Helper()
	j, err := roster.OpenFile(path)
	require.NoError(t, err)
	t.Cleanup(func() { j.Close() })
	return j
}

func runOn(w *world, j roster.Journal) roster.Run {
	return roster.Run{Fleet: roster.Fleet{"fake": store{w}}, Journal: j, Workers: 1,
		Secrets: func(context.Context, string) (core.Secret, error) { return core.NewSecret("first-secret"), nil }}
}

func newJournal(t testing.TB) *roster.FileJournal {
	return quick(t, filepath.Join(t.TempDir(), "rollcall.journal"))
}

// quick opens a journal that does not wait for the disk.
func quick(t testing.TB, path string) *roster.FileJournal {
	t.Helper()
	j, err := roster.OpenFile(path, roster.Unsynced())
	require.NoError(t, err)
	t.Cleanup(func() { j.Close() })
	return j
}

func TestApply_DoesEverythingOnce(t *testing.T) {
	for _, workers := range []int{1, 8} {
		w := town()
		p := planOf(t, w, mixed())
		r := runOn(w, newJournal(t))
		r.Workers = workers
		r.Budget.Release = p.ID()
		report, err := r.Apply(t.Context(), p)
		require.NoError(t, err)
		assert.True(t, report.Done())
		assert.Empty(t, report.Gaps)
		assert.Empty(t, w.twice())
		assert.Equal(t, finalState, w.state())

		// Again: nothing is sent at all.
		before := w.traffic()
		report, err = r.Apply(t.Context(), p)
		require.NoError(t, err)
		assert.True(t, report.Done())
		assert.Equal(t, before, w.traffic())
	}
}

var finalState = func() string {
	w := town()
	c, err := roster.Take(context.Background(), roster.Fleet{"fake": store{w}})
	if err != nil {
		panic(err)
	}
	p, err := mixed().Plan(c)
	if err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "roster")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	j, err := roster.OpenFile(filepath.Join(dir, "j"))
	if err != nil {
		panic(err)
	}
	defer j.Close()
	if _, err := runOn(w, j).Apply(context.Background(), p); err != nil {
		panic(err)
	}
	return w.state()
}()

// mortal is a journal whose process dies at one of its writes: before the bytes are
// written, or after.
type mortal struct {
	roster.Journal
	die   int
	after bool
	n     *atomic.Int64
	dead  *atomic.Bool
}

func (m mortal) cut(do func() error) error {
	if m.dead.Load() {
		return errCrash
	}
	n := int(m.n.Add(1))
	if n == m.die && !m.after {
		m.dead.Store(true)
		return errCrash
	}
	err := do()
	if n == m.die {
		m.dead.Store(true)
		return errCrash
	}
	return err
}

func (m mortal) Begin(ctx context.Context, p roster.Plan, notes ...roster.Record) error {
	return m.cut(func() error { return m.Journal.Begin(ctx, p, notes...) })
}

func (m mortal) Append(ctx context.Context, c *roster.Claim, rs ...roster.Record) error {
	return m.cut(func() error { return m.Journal.Append(ctx, c, rs...) })
}

func (m mortal) Claim(ctx context.Context, q roster.ClaimRequest) (c *roster.Claim, err error) {
	err = m.cut(func() error { c, err = m.Journal.Claim(ctx, q); return err })
	return c, err
}

func (m mortal) Free(ctx context.Context, c *roster.Claim) error {
	if m.dead.Load() {
		return errCrash
	}
	return m.Journal.Free(ctx, c)
}

// finish resumes a run that was cut, and checks that everything was done once.
func finish(t *testing.T, w *world, path string, p roster.Plan, what string) {
	t.Helper()
	w.strike = nil
	j := quick(t, path)
	defer j.Close()
	report, err := runOn(w, j).Apply(t.Context(), p)
	require.NoError(t, err, what)
	require.True(t, report.Done(), what)
	require.Equal(t, finalState, w.state(), what)
	require.Empty(t, w.twice(), what)
}

func TestApply_CutAtEveryVendorCall(t *testing.T) {
	for _, f := range []fault{crashBefore, crashAfter} {
		for cut := 1; ; cut++ {
			w := town()
			p := planOf(t, w, mixed())
			path := filepath.Join(t.TempDir(), "j")
			j := quick(t, path)
			dead := new(atomic.Bool)
			struck := false
			w.strike = func(n int, _ core.Operation) fault {
				if n != cut {
					return ""
				}
				struck = true
				dead.Store(true)
				return f
			}
			_, err := runOn(w, mortal{Journal: j, n: new(atomic.Int64), dead: dead}).Apply(t.Context(), p)
			j.Close()
			if !struck {
				require.Greater(t, cut, 6*people)
				break
			}
			require.ErrorIs(t, err, errCrash)
			finish(t, w, path, p, fmt.Sprintf("%s write %d", f, cut))
		}
	}
}

// A credential that may not read presence can still resume a block: whether the user is
// blocked is read from the user.
func TestApply_ResumesABlockWithoutTheRightToReadPresence(t *testing.T) {
	for _, f := range []fault{crashBefore, crashAfter} {
		w := newWorld()
		w.add("kim@x.test", q1)
		w.noReport = true
		p := planOf(t, w, roster.Want{Blocked: []string{"kim@x.test"}})
		path := filepath.Join(t.TempDir(), "j")
		j := quick(t, path)
		dead := new(atomic.Bool)
		w.strike = func(int, core.Operation) fault {
			dead.Store(true)
			return f
		}
		_, err := runOn(w, mortal{Journal: j, n: new(atomic.Int64), dead: dead}).Apply(t.Context(), p)
		require.ErrorIs(t, err, errCrash)
		j.Close()

		w.strike = nil
		j = quick(t, path)
		report, err := runOn(w, j).Apply(t.Context(), p)
		require.NoError(t, err, f)
		require.True(t, report.Done())
		require.Empty(t, w.twice())
	}
}

func TestApply_CutAtEveryJournalWrite(t *testing.T) {
	for _, after := range []bool{false, true} {
		for cut := 1; ; cut++ {
			w := town()
			p := planOf(t, w, mixed())
			path := filepath.Join(t.TempDir(), "j")
			j := quick(t, path)
			dead := new(atomic.Bool)
			_, err := runOn(w, mortal{Journal: j, die: cut, after: after, n: new(atomic.Int64), dead: dead}).Apply(t.Context(), p)
			j.Close()
			if !dead.Load() {
				require.Greater(t, cut, 12*people)
				break
			}
			require.ErrorIs(t, err, errCrash)
			finish(t, w, path, p, fmt.Sprintf("journal write %d, after %v", cut, after))
		}
	}
}

// watching is a journal that shows the moment before each of its writes.
type watching struct {
	roster.Journal
	see func()
}

func (m watching) Append(ctx context.Context, c *roster.Claim, rs ...roster.Record) error {
	m.see()
	return m.Journal.Append(ctx, c, rs...)
}

func (m watching) Begin(ctx context.Context, p roster.Plan, notes ...roster.Record) error {
	m.see()
	return m.Journal.Begin(ctx, p, notes...)
}

func (m watching) Claim(ctx context.Context, q roster.ClaimRequest) (*roster.Claim, error) {
	m.see()
	return m.Journal.Claim(ctx, q)
}

func TestApply_TornAtEveryLine(t *testing.T) {
	w := town()
	p := planOf(t, w, mixed())
	path := filepath.Join(t.TempDir(), "j")
	j := quick(t, path)

	// The file and the world as they were before each line.
	type moment struct {
		size  int64
		world *world
	}
	var moments []moment
	see := func() {
		info, err := os.Stat(path)
		require.NoError(t, err)
		moments = append(moments, moment{info.Size(), w.clone()})
	}
	_, err := runOn(w, watching{j, see}).Apply(t.Context(), p)
	require.NoError(t, err)
	j.Close()
	whole, err := os.ReadFile(path)
	require.NoError(t, err)

	for i, m := range moments {
		line := bytes.IndexByte(whole[m.size:], '\n') + 1
		for _, share := range []int{0, 30, 99, 100} {
			torn := filepath.Join(t.TempDir(), "torn")
			cut := m.size + int64(line*share/100)
			require.NoError(t, os.WriteFile(torn, whole[:cut], 0o600))
			finish(t, m.world.clone(), torn, p, fmt.Sprintf("line %d torn at %d %%", i, share))
		}
	}
	require.Greater(t, len(moments), 15*people)
}

func (w *world) clone() *world {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := newWorld()
	c.next = w.next
	for id, u := range w.users {
		c.users[id], c.blocked[id], c.links[id] = u, w.blocked[id], map[string]core.Assignment{}
		maps.Copy(c.links[id], w.links[id])
	}
	maps.Copy(c.effects, w.effects)
	return c
}

func TestApply_LostAnswerAtEveryWrite(t *testing.T) {
	for _, f := range []fault{lostAnswer, lostRequest} {
		for cut := 1; ; cut++ {
			w := town()
			p := planOf(t, w, mixed())
			struck := false
			w.strike = func(n int, _ core.Operation) fault {
				if n == cut {
					struck = true
					return f
				}
				return ""
			}
			report, err := runOn(w, newJournal(t)).Apply(t.Context(), p)
			if !struck {
				require.Greater(t, cut, 6*people)
				break
			}
			require.NoError(t, err, "%s at %d", f, cut)
			require.True(t, report.Done())
			require.Equal(t, finalState, w.state(), "%s at %d", f, cut)
			require.Empty(t, w.twice())
		}
	}
}

func TestApply_LostForGood(t *testing.T) {
	// Every answer is lost, and looks find nothing: nothing is claimed.
	w := town()
	p := planOf(t, w, roster.Want{Blocked: []string{"shut0@x.test"}})
	w.strike = func(int, core.Operation) fault { return lostRequest }
	j := newJournal(t)
	report, err := runOn(w, j).Apply(t.Context(), p)
	require.ErrorIs(t, err, core.ErrPartial)
	assert.Equal(t, 1, report.Unknown)
	assert.Equal(t, 2, w.sent())

	w.strike = nil
	report, err = runOn(w, j).Apply(t.Context(), p)
	require.NoError(t, err)
	assert.Equal(t, 1, report.Applied)
}

func TestApply_WorldMovedAtEveryStep(t *testing.T) {
	probe := planOf(t, town(), mixed())
	for i, s := range probe.Steps {
		if s.If == nil {
			continue
		}
		w := town()
		p := planOf(t, w, mixed())
		s := p.Steps[i]
		u := w.users[s.User]
		var foreign func() bool
		switch {
		case s.Op == core.OpUpdateUser:
			u.LastName = "Foreign"
			foreign = func() bool { return w.users[s.User].LastName == "Foreign" }
		case s.Op == core.OpUnassign:
			w.links[s.User]["queue:q1"] = core.Assignment{UserID: s.User, Target: q1, Level: new(7)}
			foreign = func() bool { return *w.links[s.User]["queue:q1"].Level == 7 }
		case s.Op == core.OpDeleteUser:
			u.Login = "foreign@x.test"
			foreign = func() bool { return w.users[s.User].Login == "foreign@x.test" }
		}
		w.users[s.User] = u

		report, err := runOn(w, newJournal(t)).Apply(t.Context(), p)
		require.ErrorIs(t, err, roster.ErrMoved, s.ID)
		assert.True(t, foreign(), s.ID)
		assert.Equal(t, 1, report.Moved, s.ID)
		behind := 0
		for _, other := range p.Steps[i+1:] {
			if other.Lane == s.Lane {
				behind++
			}
		}
		assert.Equal(t, behind, report.Waiting, s.ID)
		assert.Equal(t, len(p.Steps)-1-behind, report.Applied, s.ID)
	}
}

func TestApply_RefusesBeforeAnyTraffic(t *testing.T) {
	good := planOf(t, town(), mixed())
	for name, spoil := range map[string]func(p *roster.Plan, w *world, r *roster.Run){
		"another account": func(_ *roster.Plan, w *world, _ *roster.Run) { w.fingered = "fake elsewhere" },
		"a missing one":   func(_ *roster.Plan, _ *world, r *roster.Run) { r.Fleet = roster.Fleet{} },
		"expired":         func(p *roster.Plan, _ *world, _ *roster.Run) { p.Expires = time.Now().Add(-time.Minute) },
		"no secret":       func(_ *roster.Plan, _ *world, r *roster.Run) { r.Secrets = nil },
		"an empty secret": func(_ *roster.Plan, _ *world, r *roster.Run) {
			r.Secrets = func(context.Context, string) (core.Secret, error) { return core.Secret{}, nil }
		},
		"a doubled step":   func(p *roster.Plan, _ *world, _ *roster.Run) { p.Steps = append(p.Steps, p.Steps[0]) },
		"an unknown after": func(p *roster.Plan, _ *world, _ *roster.Run) { p.Steps[0].After = []string{"nobody"} },
		"a ring":           func(p *roster.Plan, _ *world, _ *roster.Run) { p.Steps[0].After = []string{p.Steps[0].ID} },
		"no journal":       func(_ *roster.Plan, _ *world, r *roster.Run) { r.Journal = nil },
	} {
		w := town()
		r := runOn(w, newJournal(t))
		p := good
		p.Steps = append([]roster.Step(nil), good.Steps...)
		spoil(&p, w, &r)
		_, err := r.Apply(t.Context(), p)
		require.ErrorIs(t, err, roster.ErrRefused, name)
		assert.ErrorIs(t, err, core.ErrInvalid, name)
		assert.Zero(t, w.traffic(), name)
	}
}

func TestApply_ExpiredPlanIsOnlyLookedAt(t *testing.T) {
	w := town()
	p := planOf(t, w, roster.Want{Blocked: []string{"shut0@x.test", "shut1@x.test"}})
	p.Expires = time.Now().Add(time.Hour)
	path := filepath.Join(t.TempDir(), "j")
	j := quick(t, path)
	dead := new(atomic.Bool)
	w.strike = func(n int, _ core.Operation) fault { dead.Store(true); return crashAfter }
	_, err := runOn(w, mortal{Journal: j, n: new(atomic.Int64), dead: dead}).Apply(t.Context(), p)
	require.ErrorIs(t, err, errCrash)
	j.Close()

	w.strike = nil
	r := runOn(w, quick(t, path))
	r.Now = func() time.Time { return time.Now().Add(2 * time.Hour) }
	report, err := r.Apply(t.Context(), p)
	require.ErrorIs(t, err, core.ErrPartial)
	assert.Equal(t, 1, report.Applied)
	assert.Equal(t, 1, report.Waiting)
	assert.Equal(t, 1, w.sent())
}

func TestApply_StopsAnAccountWhoseCredentialIsRefused(t *testing.T) {
	bad, fine := town(), town()
	fine.fingered = "fine"
	fleet := roster.Fleet{"bad": store{bad}, "fine": store{fine}}
	c, err := roster.Take(t.Context(), fleet)
	require.NoError(t, err)
	p, err := roster.Want{Blocked: []string{"shut0@x.test", "shut1@x.test", "shut2@x.test"}}.Plan(c)
	require.NoError(t, err)
	bad.strike = func(int, core.Operation) fault { return forbidden }
	r := runOn(bad, newJournal(t))
	r.Fleet = fleet
	report, err := r.Apply(t.Context(), p)
	require.ErrorIs(t, err, core.ErrPartial)
	assert.Equal(t, 1, bad.sent())
	assert.Equal(t, 3, fine.sent())
	assert.Equal(t, 1, report.Failed)
	assert.Equal(t, 2, report.Waiting)
	assert.Equal(t, 3, report.Applied)
}

func TestApply_StopsAnAccountThatFailsOften(t *testing.T) {
	w := newWorld()
	var people []string
	for i := range 200 {
		people = append(people, fmt.Sprintf("p%d@x.test", i))
		w.add(people[i])
	}
	p := planOf(t, w, roster.Want{Blocked: people})
	w.strike = func(n int, _ core.Operation) fault {
		if n%4 == 0 {
			return refused
		}
		return ""
	}
	report, err := runOn(w, newJournal(t)).Apply(t.Context(), p)
	require.Error(t, err)
	assert.Equal(t, 50, w.sent())
	assert.Equal(t, 150, report.Waiting)
}

func TestApply_FinishesWhatIsUnderWay(t *testing.T) {
	w := town()
	w.latency = 30 * time.Millisecond
	p := planOf(t, w, roster.Want{Blocked: []string{"shut0@x.test", "shut1@x.test", "shut2@x.test"}})
	j := newJournal(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.before = func(int, core.Operation) { cancel() }
	report, err := runOn(w, j).Apply(ctx, p)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, core.ErrCanceled)
	assert.Equal(t, 1, report.Applied)
	assert.Equal(t, 2, report.Open)

	w.before = nil
	report, err = runOn(w, j).Apply(t.Context(), p)
	require.NoError(t, err)
	assert.Equal(t, 3, report.Applied)
	assert.Empty(t, w.twice())
}

// TestApply_FinishesTheLinksOfACreate: a create whose links take a call of their own is not
// left half made when the context ends between the two.
func TestApply_FinishesTheLinksOfACreate(t *testing.T) {
	for name, strike := range map[string]func(n int, op core.Operation) fault{
		"answered": nil,
		"lost": func(n int, _ core.Operation) fault {
			if n == 2 {
				return lostRequest
			}
			return ""
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.latency, w.batch, w.linkCost, w.strike = 20*time.Millisecond, 50, 1, strike
			p := planOf(t, w, hires(8, q1, q2))
			j := newJournal(t)
			ctx, cancel := context.WithCancel(t.Context())
			w.before = func(_ int, op core.Operation) {
				if op == core.OpCreateUser {
					cancel()
				}
			}
			r := runOn(w, j)
			r.Workers = 3
			report, err := r.Apply(ctx, p)
			require.ErrorIs(t, err, core.ErrCanceled)
			assert.Zero(t, report.Unknown, report.Steps)
			assert.NotZero(t, report.Applied)
			assert.Equal(t, 8, report.Applied+report.Open, report.Steps)
			for id, links := range w.links {
				assert.Len(t, links, 2, id)
			}

			w.before, w.strike = nil, nil
			report, err = runOn(w, j).Apply(t.Context(), p)
			require.NoError(t, err)
			assert.Equal(t, 8, report.Applied)
			assert.Empty(t, w.twice())
		})
	}
}

// TestApply_GraceEnds: what does not end within Grace is cut, and is unknown.
func TestApply_GraceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.latency, w.batch, w.linkCost = 10*time.Second, 50, 1
		p := planOf(t, w, hires(4, q1))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		r := runOn(w, newJournal(t))
		r.Workers, r.Grace = 2, 20*time.Millisecond
		start := time.Now()
		report, err := r.Apply(ctx, p)
		require.Error(t, err)
		assert.Less(t, time.Since(start), 5*time.Second)
		assert.Equal(t, 2, report.Unknown)
		assert.Equal(t, 2, report.Open)
	})
}

// TestApply_AcceptedStaysAccepted: what the vendor has accepted is no failure when the
// context ends, and the next run sees its end.
func TestApply_AcceptedStaysAccepted(t *testing.T) {
	w, polls := newWorld(), 0
	w.slow = true
	p := planOf(t, w, hires(2))
	j := newJournal(t)
	r := runOn(w, j)
	r.Fleet = roster.Fleet{"fake": slowStore{store: store{w}, polls: &polls, never: true}}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	report, err := r.Apply(ctx, p)
	require.ErrorIs(t, err, core.ErrCanceled)
	assert.Zero(t, report.Failed)
	for _, s := range report.Steps {
		assert.Equal(t, core.ResultUnknown, s.Result)
		assert.Equal(t, "accepted; apply again to see its end", s.Message)
	}

	r.Fleet = roster.Fleet{"fake": slowStore{store: store{w}, polls: &polls}}
	report, err = r.Apply(t.Context(), p)
	require.NoError(t, err)
	assert.Equal(t, 2, report.Applied)
	assert.Empty(t, w.twice())
}

// hires are n new people with some links.
func hires(n int, targets ...core.Target) roster.Want {
	var want roster.Want
	for i := range n {
		mail := fmt.Sprintf("n%d@x.test", i)
		h := roster.Hire{Person: mail, Account: "fake", Spec: core.UserSpec{Login: mail, Email: mail}}
		for _, t := range targets {
			h.Links = append(h.Links, core.Assignment{Target: t})
		}
		want.Have = append(want.Have, h)
	}
	return want
}

func TestApply_BatchesAndSettles(t *testing.T) {
	w := newWorld()
	var people []string
	for i := range 95 {
		people = append(people, fmt.Sprintf("p%d@x.test", i))
		w.add(people[i])
	}
	w.batch = 20
	p := planOf(t, w, roster.Want{Members: []roster.Members{{Account: "fake", Target: q1, Mode: roster.Add, People: people}}})
	r := runOn(w, newJournal(t))
	r.Workers = 4
	report, err := r.Apply(t.Context(), p)
	require.NoError(t, err)
	assert.Equal(t, 95, report.Applied)
	assert.Equal(t, 5, w.sent(), "the fewest requests")
	assert.Empty(t, w.twice())
	assert.Equal(t, 5, p.Forecast(nil).Calls["fake"])

	slow, polls := newWorld(), 0
	slow.slow = true
	want := roster.Want{}
	for i := range 40 {
		mail := fmt.Sprintf("n%d@x.test", i)
		want.Have = append(want.Have, roster.Hire{Person: mail, Account: "fake", Spec: core.UserSpec{Login: mail, Email: mail}})
	}
	fleet := roster.Fleet{"fake": slowStore{store: store{slow}, polls: &polls}}
	c, err := roster.Take(t.Context(), fleet)
	require.NoError(t, err)
	p, err = want.Plan(c)
	require.NoError(t, err)
	r = runOn(slow, newJournal(t))
	r.Fleet, r.Workers = fleet, 2
	report, err = r.Apply(t.Context(), p)
	require.NoError(t, err)
	assert.Equal(t, 40, report.Applied)
	assert.Less(t, polls, 3, "many users are watched with one poll")
}

func TestApply_OneLaneOverAllPlans(t *testing.T) {
	w := town()
	w.latency = 5 * time.Millisecond
	j := newJournal(t)
	a := planOf(t, w, roster.Want{Change: map[string]map[string]core.UserChange{"renamed0@x.test": {"fake": {LastName: core.Set("A")}}}})
	b := planOf(t, w, roster.Want{Change: map[string]map[string]core.UserChange{"renamed0@x.test": {"fake": {LastName: core.Set("B")}}}})
	var wait sync.WaitGroup
	var moved, done atomic.Int64
	for _, p := range []roster.Plan{a, b} {
		wait.Go(func() {
			_, err := runOn(w, j).Apply(context.Background(), p)
			if errors.Is(err, roster.ErrMoved) {
				moved.Add(1)
			} else if err == nil {
				done.Add(1)
			}
		})
	}
	wait.Wait()
	assert.EqualValues(t, 1, moved.Load())
	assert.EqualValues(t, 1, done.Load())
}

// shifting is a store whose list moves while it is read, so many times.
type shifting struct {
	store
	left *int
}

func (s shifting) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	if *s.left--; *s.left < 0 {
		return s.store.ListUsers(ctx, q)
	}
	return func(yield func(core.User, error) bool) {
		yield(core.User{}, &core.Error{Vendor: "fake", Op: "users.list", Class: core.ClassIncomplete, Applied: core.AppliedNo,
			Message: "3 items were announced, and 2 different ones sent"})
	}
}

// TestApply_LooksAgainWhereTheListMoved: after a crash others of the same run are created
// while one is looked for. A list that stays incomplete proves nothing.
func TestApply_LooksAgainWhereTheListMoved(t *testing.T) {
	for left, applied := range map[int]int{0: 1, 3: 1, 40: 0} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			p := planOf(t, w, hires(1))
			j := newJournal(t)
			w.strike = func(int, core.Operation) fault { return lostRequest }
			report, err := runOn(w, j).Apply(t.Context(), p)
			require.Error(t, err)
			require.Equal(t, 1, report.Unknown)

			w.strike = nil
			r := runOn(w, j)
			r.Fleet = roster.Fleet{"fake": shifting{store{w}, &left}}
			report, err = r.Apply(t.Context(), p)
			require.Equal(t, applied == 1, err == nil, "%v", err)
			require.Equal(t, []int{applied, 1 - applied}, []int{report.Applied, report.Unknown})
			require.Empty(t, w.twice())
		})
	}
}
