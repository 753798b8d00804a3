package pgroster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// hold is what this process knows of a claim that it has.
type hold struct {
	mu    sync.Mutex
	owner string // as the table has it
	ttl   time.Duration
	head  string // of the lane, as it was last confirmed
	// late are outcomes that ride with the next question about the lane.
	late   []roster.Record
	fenced bool // the database has refused it
	// inDoubt is the head that an append without an answer would have left, and asked is
	// when that append began.
	inDoubt string
	asked   time.Time
}

// Claim implements roster.Journal. Of several lanes it takes the first that nobody
// holds in any plan. Each lane that it tries costs one statement, which others share.
func (j *Journal) Claim(ctx context.Context, q roster.ClaimRequest) (*roster.Claim, error) {
	if q.TTL <= 0 {
		return nil, errors.New("pgroster: a claim needs a TTL")
	}

	h := &hold{owner: q.Owner + "#" + j.me, ttl: q.TTL}
	var claim *roster.Claim
	err := j.ask(ctx, time.Time{}, func(context.Context) error {
		// A question that was asked is waited for also when ctx ends: nobody would know of
		// the claim. The time counts from before the question: an answer may be late.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), oneTry)
		defer cancel()
		asked := time.Now()

		for _, lane := range q.Lanes {
			c := &question{kind: kindClaim, plan: q.Plan, lane: lane, owner: h.owner, ttl: q.TTL}
			if err := j.asking.ask(ctx, c); err != nil {
				return err
			}

			if !c.taken {
				continue
			}
			h.head = c.head
			claim = &roster.Claim{Plan: q.Plan, Owner: q.Owner, Lane: lane, Token: c.token}
			claim.Renewed(asked.Add(q.TTL), c.last)
			return nil
		}
		return pgx.ErrNoRows
	})

	pg, refused := errors.AsType[*pgconn.PgError](err)
	switch {
	case errors.Is(err, pgx.ErrNoRows), refused && pg.Code == "23505": // another plan was faster
		return nil, roster.ErrNothing
	case err != nil:
		return nil, failed("claim", err)
	}

	j.mu.Lock()
	j.holds[claim] = h
	j.mu.Unlock()
	return claim, nil
}

// giveBack frees a lane that was claimed after the caller had stopped waiting, for example
// because the machine slept: no caller knows of the claim.
func (j *Journal) giveBack(q *question) {
	if q.kind != kindClaim || !q.taken {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), oneTry)
		defer cancel()
		j.asking.ask(ctx, &question{kind: kindFree, plan: q.plan, lane: q.lane, owner: q.owner, token: q.token}) // or it runs out by itself
	}()
}

func (j *Journal) holdOf(c *roster.Claim) *hold {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.holds[c]
}

func (j *Journal) forget(c *roster.Claim) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.holds, c)
}

// Append implements roster.Journal. Records are added, and the claim is renewed, in one
// statement, which the database carries out only while the claim lives. They are durable
// when it returns. Outcomes alone ride with the next records of the lane, or with Free.
func (j *Journal) Append(ctx context.Context, c *roster.Claim, rs ...roster.Record) error {
	if c == nil {
		return j.appendNotes(ctx, rs)
	}
	h := j.holdOf(c)
	if h == nil {
		return roster.ErrFenced
	}

	h.mu.Lock()
	defer h.mu.Unlock()

	if !h.fenced && onlyOutcomes(rs) && time.Now().Before(c.Until()) {
		h.late = append(h.late, rs...)
		return nil
	}
	err := j.appendLate(ctx, c, h, kindAppend, rs...)
	if h.fenced && len(rs) > 0 {
		j.forget(c) // its holder knows now
	}
	return failed("append", err)
}

// onlyOutcomes reports whether records may be late: what a crash loses of them is looked
// at by whoever takes the lane over.
func onlyOutcomes(rs []roster.Record) bool {
	return len(rs) > 0 && !slices.ContainsFunc(rs, func(r roster.Record) bool { return r.Phase != roster.PhaseOutcome })
}

// appendLate adds records to a lane, after those that are late. The caller holds h.mu.
func (j *Journal) appendLate(ctx context.Context, c *roster.Claim, h *hold, kind string, rs ...roster.Record) error {
	if h.fenced {
		return roster.ErrFenced
	}
	b, err := sealAll(c, h.head, slices.Concat(h.late, rs))
	if err != nil {
		return err
	}

	// When the claim has run out there is nothing to wait for any more.
	err = j.ask(ctx, c.Until(), func(ctx context.Context) error { return j.append(ctx, c, h, kind, &b) })
	switch {
	case err == nil:
		h.late = nil
	case errors.Is(err, roster.ErrFenced):
		h.fenced = true
	case isAway(err) && ctx.Err() == nil && !time.Now().Add(maxPause).Before(c.Until()):
		h.fenced = true
		return fmt.Errorf("%w: the database was away for too long", roster.ErrFenced)
	}
	return err
}

// bundle are sealed records on their way to a lane.
type bundle struct {
	records    []roster.Record
	c          *roster.Claim
	prev, next string
	done       []string // steps that ended well
	at         []time.Time
	head, body []string
}

func sealAll(c *roster.Claim, prev string, rs []roster.Record) (bundle, error) {
	b := bundle{records: rs, c: c, prev: prev, next: prev, done: []string{}, at: []time.Time{}, head: []string{}, body: []string{}}
	for _, r := range rs {
		r.Plan, r.Lane, r.Owner, r.Token = c.Plan, c.Lane, c.Owner, c.Token
		if r.At.IsZero() {
			r.At = time.Now().UTC()
		}

		e, err := roster.Seal(r, b.next)
		if err != nil {
			return b, err
		}
		b.next = e.Hash()
		b.at, b.head, b.body = append(b.at, r.At), append(b.head, string(e.Head)), append(b.body, string(e.Body))

		if r.Phase != roster.PhaseOutcome {
			continue
		}

		// The last outcome of a step counts.
		b.done = slices.DeleteFunc(b.done, func(step string) bool { return step == r.Step })
		if r.Result == core.ResultApplied || r.Result == core.ResultAlready {
			b.done = append(b.done, r.Step)
		}
	}
	return b, nil
}

// append is one try. The caller holds h.mu.
func (j *Journal) append(ctx context.Context, c *roster.Claim, h *hold, kind string, b *bundle) error {
	asked := time.Now()
	q := &question{kind: kind, plan: c.Plan, lane: c.Lane, owner: h.owner, token: c.Token, ttl: h.ttl, bundle: *b}
	err := j.asking.ask(ctx, q)

	switch {
	case err != nil:
		if h.inDoubt == "" && b.prev != b.next {
			h.inDoubt, h.asked = b.next, asked
		}
		return err
	case q.taken:
		h.head, h.inDoubt = b.next, ""
		c.Renewed(asked.Add(h.ttl), q.last)
		return nil
	case h.inDoubt == "":
		return roster.ErrFenced
	}
	return j.settle(ctx, c, h, kind, b)
}

// settle finds out what became of an append whose answer was lost. The caller holds
// h.mu.
func (j *Journal) settle(ctx context.Context, c *roster.Claim, h *hold, kind string, b *bundle) error {
	var head string
	var last int64
	err := j.db.row(ctx, `select head, coalesce((select max(seq) from $.record r where r.plan = l.plan and r.lane = l.lane), 0)
		from $.lane l where plan = $1 and lane = $2 and owner = $3 and token = $4 and until > clock_timestamp()`,
		c.Plan, c.Lane, h.owner, c.Token).Scan(&head, &last)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return roster.ErrFenced
	case err != nil:
		return err
	case head != h.inDoubt:
		return roster.ErrFenced // what was confirmed is not there any more
	}

	// It was carried out.
	c.Renewed(h.asked.Add(h.ttl), last)
	same := h.inDoubt == b.next
	h.head, h.inDoubt = head, ""
	if same {
		return nil
	}

	// What was kept are the records of an earlier try: those of this one follow them.
	again, err := sealAll(c, head, b.records)
	if err != nil {
		return err
	}
	*b = again
	return j.append(ctx, c, h, kind, b)
}

// Free implements roster.Journal. Where the database is away the claim runs out by itself.
// Outcomes that could not be kept any more are ErrFenced.
func (j *Journal) Free(ctx context.Context, c *roster.Claim) error {
	h := j.holdOf(c)
	if h == nil {
		return nil
	}

	h.mu.Lock()
	defer h.mu.Unlock()
	j.forget(c)

	switch {
	case len(h.late) > 0:
		return failed("free", j.appendLate(ctx, c, h, kindLast))
	case h.fenced:
		return nil
	}

	err := j.ask(ctx, c.Until(), func(ctx context.Context) error {
		return j.asking.ask(ctx, &question{kind: kindFree, plan: c.Plan, lane: c.Lane, owner: h.owner, token: c.Token})
	})
	if isAway(err) || ctx.Err() != nil {
		return nil
	}
	return failed("free", err)
}

// Sync implements roster.Journal: it keeps the outcomes that are late.
func (j *Journal) Sync(ctx context.Context) error {
	j.mu.Lock()
	held := maps.Clone(j.holds)
	j.mu.Unlock()

	var wait sync.WaitGroup
	errs := make(chan error, len(held))
	for c, h := range held {
		wait.Go(func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			if len(h.late) > 0 {
				errs <- j.appendLate(ctx, c, h, kindAppend)
			}
		})
	}
	wait.Wait()

	close(errs)
	for err := range errs {
		if err != nil {
			return failed("sync", err)
		}
	}
	return nil
}

func failed(what string, err error) error {
	if err == nil || errors.Is(err, roster.ErrFenced) || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("journal: %s: %w", what, err)
}
