package roster

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// engine is one execution of a plan. Workers take lanes that are ready and advance
// each as far as it goes; a lane that waits for something is nobody's work until what
// it waits for has come.
type engine struct {
	Run
	plan   Plan
	id     string
	sealed sealedPlan
	mode   mode

	begun       bool  // the journal knew the plan
	since       int64 // what was tried after this record is not tried again
	resolveOnly bool  // the plan has expired: only what is unknown is looked at
	secrets     map[string]core.Secret

	ctx   context.Context // ends when no step is to be begun any more
	write context.Context // ends Grace later: what is under way is finished
	keep  context.Context // never ends: what was done is recorded

	mu       sync.Mutex
	wake     *sync.Cond
	steps    map[string]*state
	lanes    []*lane
	accounts map[string]*account
	ready    []*lane
	ahead    []*lane // that are claimed already, and come first
	claiming int     // lanes that are about to be
	flushes  []*batch
	after    map[string][]*lane // by the step that they wait for
	batches  map[batchKey]*batch
	settling map[batchKey]*settleGroup
	unsure   []*lane          // whose look met a list that moved
	held     map[*lane]*Claim // the claims of all lanes
	left     int              // lanes that have not ended
	busy     int              // lanes and batches in the hands of workers
	off      int              // lanes that come back by themselves: they settle, or are about to be given back or looked at
	delayed  int              // lanes that come back after a pause, because somebody else may hold them
	fatal    error            // why the run cannot go on

	// What other runs did, where several drive the plan.
	reading sync.Mutex
	read    int64     // the last record that was read
	readAt  time.Time // when

	settleCtx context.Context
	settlers  sync.WaitGroup
	frees     sync.WaitGroup // lanes that the journal is about to give back

	floors floorLocks

	report sync.Mutex // one progress call at a time
	ended  int
}

// lane are the steps of one user of one account, in order.
type lane struct {
	name    string
	account *account
	steps   []*state
	at      int
	claim   *Claim
	delay   time.Duration // before the next try to claim it
	ended   bool
	lacks   bool // a password that a step names
}

// account is what the lanes of one account share.
type account struct {
	name  string
	store core.Store
	caps  core.Capabilities

	stopped     string // why no step is begun any more
	lastEnds    [window]bool
	ends        int
	active      int // lanes that are ready or in the hands of a worker
	total, done int
}

func newEngine(ctx context.Context, r Run, p Plan, sealed sealedPlan, m mode) (*engine, error) {
	e := &engine{Run: r, plan: p, id: sealed.id, sealed: sealed, mode: m, accounts: map[string]*account{}, after: map[string][]*lane{},
		batches: map[batchKey]*batch{}, settling: map[batchKey]*settleGroup{}, held: map[*lane]*Claim{}}
	e.wake = sync.NewCond(&e.mu)

	var err error
	var last int64
	if e.steps, last, err = readStates(ctx, r.Journal, p, e.id); err != nil {
		return nil, err
	}

	e.begun, e.since = last > 0, last
	if m.driven {
		e.since, e.read = m.since, last
	}

	lanes := map[string]*lane{}
	for _, s := range p.Steps {
		a := e.accounts[s.Account]
		if a == nil {
			a = &account{name: s.Account, store: r.Fleet[s.Account], caps: r.Fleet[s.Account].Capabilities()}
			e.accounts[s.Account] = a
		}

		l := lanes[s.Lane]
		if l == nil {
			l = &lane{name: s.Lane, account: a}
			lanes[s.Lane] = l
			e.lanes = append(e.lanes, l)
		}

		l.steps = append(l.steps, e.steps[s.ID])
		e.steps[s.ID].lane = l
		a.total++
		if good(e.steps[s.ID].result) {
			a.done++
			e.ended++
		}
	}
	return e, nil
}

// run works until every lane has ended or the context has.
func (e *engine) run(ctx context.Context) (*Report, error) {
	e.ctx, e.keep = ctx, context.WithoutCancel(ctx)
	write, cut := context.WithCancel(e.keep)
	defer cut()
	e.write = write
	settle, endSettling := context.WithCancel(ctx)
	e.settleCtx = settle

	stop := context.AfterFunc(ctx, func() {
		time.AfterFunc(e.Grace, cut)
		e.mu.Lock()
		e.wake.Broadcast()
		e.mu.Unlock()
	})
	defer stop()

	if e.mode.driven && len(e.lanes) > 0 {
		// Each run begins at another place, so that they seldom meet.
		k := rand.IntN(len(e.lanes))
		e.lanes = slices.Concat(e.lanes[k:], e.lanes[:k])
	}

	for _, l := range e.lanes {
		if e.finished(l) || l.lacks {
			l.ended = true
			continue
		}
		e.left++
		e.offer(l)
	}

	var workers sync.WaitGroup
	for range min(e.Workers, max(e.left, 1)) {
		workers.Go(e.work)
	}
	stopBeating := e.beat()

	// In this order: workers park lanes with settlers, and both give lanes back.
	workers.Wait()
	endSettling()
	e.settlers.Wait()
	e.frees.Wait()
	stopBeating()
	return e.finish(ctx)
}

// finish gives back what is held and makes the report.
func (e *engine) finish(ctx context.Context) (*Report, error) {
	for _, l := range e.lanes {
		if l.claim != nil {
			e.Journal.Free(e.keep, l.claim)
		}
	}

	err := e.fatal
	if e.left > 0 || e.ended > 0 || err != nil {
		err = errors.Join(err, e.Journal.Sync(e.keep))
	}

	shown := e.plan
	if len(e.mode.leave) > 0 {
		shown.Steps = slices.DeleteFunc(slices.Clone(shown.Steps), func(s Step) bool { return e.mode.leave[s.ID] })
	}
	r := newReport(shown, e.id, func(s Step) StepReport { return e.steps[s.ID].report() })
	r.run = e.Run

	switch {
	case err != nil:
		return r, err
	case r.Done():
		return r, nil
	case ctx.Err() != nil:
		return r, &core.Error{Op: "apply", Class: core.ClassCanceled, Err: ctx.Err(), Applied: core.AppliedNo,
			Message: (&Unfinished{r}).Error(), Hint: "apply the same plan again to go on"}
	}
	return r, &Unfinished{r}
}

func (e *engine) finished(l *lane) bool {
	for _, s := range l.steps {
		if !good(s.result) && !e.mode.leave[s.ID] {
			return false
		}
	}
	return true
}

// offer makes a lane ready. The caller holds mu, or no worker runs yet.
func (e *engine) offer(l *lane) {
	e.ready = append(e.ready, l)
	l.account.active++
	e.wake.Signal()
}

// work is one worker.
func (e *engine) work() {
	for {
		do := e.next()
		if do == nil {
			return
		}
		do()

		e.mu.Lock()
		e.busy--
		e.wake.Broadcast()
		e.mu.Unlock()
	}
}

// next waits for something to do. Nil means that there will be nothing any more.
//
// After the context has ended, workers stay as long as one of them is finishing something:
// what it has begun may need another call.
func (e *engine) next() func() {
	e.mu.Lock()
	defer e.mu.Unlock()

	for {
		stopping := e.ctx.Err() != nil
		if stopping {
			e.dropNotBegun()
		}
		switch {
		case e.fatal != nil || e.left == 0:
			return nil
		case len(e.flushes) > 0:
			b := e.flushes[0]
			e.flushes = e.flushes[1:]
			e.busy++
			return func() { e.flush(b) }
		case len(e.ahead) > 0:
			return e.hand(&e.ahead)
		case len(e.ready) > 0:
			return e.hand(&e.ready)
		case stopping && e.busy == 0 && !e.flushRest() && !e.lookNow():
			return nil
		case !stopping && e.busy == 0 && e.off == 0 && len(e.batches) == 0 && e.lookNext():
			continue
		case !stopping && e.busy == 0 && e.off+e.delayed == 0 && !e.flushRest():
			// Nothing runs and nothing comes back by itself: what is left waits for steps
			// that will not come.
			e.endStranded()
			return nil
		case len(e.flushes) > 0 || len(e.ready) > 0:
			continue
		}

		e.wake.Wait()
	}
}

// hand takes the first of some lanes for a worker. The caller holds mu.
func (e *engine) hand(lanes *[]*lane) func() {
	l := (*lanes)[0]
	*lanes = (*lanes)[1:]
	e.busy++
	return func() { e.advance(l) }
}

// dropNotBegun leaves the ready lanes whose step has not begun to the next run: the
// context has ended, and only what is under way is finished. The caller holds mu.
func (e *engine) dropNotBegun() {
	var keep []*lane
	ready := slices.Concat(e.ahead, e.ready)
	e.ready, e.ahead = nil, nil

	for _, l := range ready {
		if l.underWay() {
			keep = append(keep, l)
		} else {
			e.rest(l)
		}
	}
	e.ready = keep
}

// endStranded ends lanes that nothing will wake. Plans with such rings are refused,
// so this is only a guard.
func (e *engine) endStranded() {
	for _, l := range e.lanes {
		if !l.ended {
			e.leave(l)
		}
	}
}

// leave takes a lane out of the run. The caller holds mu.
func (e *engine) leave(l *lane) {
	if l.ended {
		return
	}
	l.ended = true
	e.left--

	// What waits for steps of this lane waits for nothing any more.
	for _, s := range l.steps {
		e.wakeAfter(s)
	}
	e.wake.Broadcast()
}

// wakeAfter makes the lanes ready that waited for a step. The caller holds mu.
func (e *engine) wakeAfter(s *state) {
	for _, l := range e.after[s.ID] {
		e.offer(l)
	}
	delete(e.after, s.ID)
}

// hold notes that a lane has a claim, or with nil that it has none any more.
func (e *engine) hold(l *lane, c *Claim) {
	e.mu.Lock()
	defer e.mu.Unlock()
	l.claim = c
	if c == nil {
		delete(e.held, l)
	} else {
		e.held[l] = c
	}
}

// rest puts a lane down that came back by itself or is parked: it is not active any
// more. The caller holds mu.
func (e *engine) rest(l *lane) {
	l.account.active--
	if l.account.active == 0 {
		e.flushAccount(l.account)
	}
}

// fail ends the run: the journal cannot be trusted any more.
func (e *engine) fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failed(err)
}

// failed is fail for a caller that holds mu.
func (e *engine) failed(err error) {
	if e.fatal == nil {
		e.fatal = err
	}
	e.wake.Broadcast()
}

// beat renews the claims that run out, as long as the run lasts.
func (e *engine) beat() (stop func()) {
	ctx, cancel := context.WithCancel(e.keep)
	var done sync.WaitGroup
	done.Go(func() {
		for pauseFor(ctx, e.ClaimTTL/3) == nil {
			e.mu.Lock()
			var held []*Claim
			for _, c := range e.held {
				if !c.Until().IsZero() {
					held = append(held, c)
				}
			}
			e.mu.Unlock()

			// Side by side, so that they share a commit and none is late for the others. One
			// that cannot be renewed shows at the next append of its lane.
			var renewed sync.WaitGroup
			for _, c := range held {
				renewed.Go(func() { e.Journal.Append(ctx, c) })
			}
			renewed.Wait()
		}
	})

	return func() { cancel(); done.Wait() }
}
