package pgroster

import (
	"context"
	"errors"
	"fmt"
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
	// inDoubt is the head that an append without an answer would have left, and asked the
	// moment before it was asked.
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
			g := &claiming{plan: q.Plan, lane: lane, owner: h.owner, ttl: q.TTL}
			if err := j.claims.ask(ctx, g); err != nil {
				return err
			}
			if g.token == 0 {
				continue
			}
			h.head = g.head
			claim = &roster.Claim{Plan: q.Plan, Owner: q.Owner, Lane: lane, Token: g.token}
			claim.Renewed(asked.Add(q.TTL), g.last)
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
func (j *Journal) giveBack(g *claiming) {
	if g.token == 0 {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), oneTry)
		defer cancel()
		j.frees.ask(ctx, &freeing{g.plan, g.lane, g.owner, g.token}) // or it runs out by itself
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

// Append implements roster.Journal: one statement, which the database carries out only
// while the claim lives. All records are durable when it returns.
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
	b, err := sealAll(c, h.head, rs)
	if err != nil {
		return err
	}

	// When the claim has run out there is nothing to wait for any more.
	err = j.ask(ctx, c.Until(), func(ctx context.Context) error { return j.append(ctx, c, h, &b) })
	switch {
	case errors.Is(err, roster.ErrFenced):
		j.forget(c)
	case isAway(err) && ctx.Err() == nil && !time.Now().Add(maxPause).Before(c.Until()):
		j.forget(c)
		return fmt.Errorf("%w: the database was away for too long", roster.ErrFenced)
	case err != nil:
		return failed("append", err)
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
		b.done = slices.DeleteFunc(b.done, func(step string) bool { return step == r.Step })
		if r.Result == core.ResultApplied || r.Result == core.ResultAlready {
			b.done = append(b.done, r.Step)
		}
	}
	return b, nil
}

// append is one try. The caller holds h.mu.
func (j *Journal) append(ctx context.Context, c *roster.Claim, h *hold, b *bundle) error {
	asked := time.Now()
	g := &appending{plan: c.Plan, lane: c.Lane, owner: h.owner, token: c.Token, ttl: h.ttl, bundle: *b}
	err := j.appends.ask(ctx, g)
	switch {
	case err != nil:
		if h.inDoubt == "" && b.prev != b.next {
			h.inDoubt, h.asked = b.next, asked
		}
		return err
	case g.taken:
		h.head, h.inDoubt = b.next, ""
		c.Renewed(asked.Add(h.ttl), g.last)
		return nil
	case h.inDoubt == "":
		return roster.ErrFenced
	}
	return j.settle(ctx, c, h, b)
}

// settle finds out what became of an append whose answer was lost. The caller holds
// h.mu.
func (j *Journal) settle(ctx context.Context, c *roster.Claim, h *hold, b *bundle) error {
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
	again, err := sealAll(c, head, b.records)
	if err != nil {
		return err
	}
	*b = again
	return j.append(ctx, c, h, b)
}

// Free implements roster.Journal. Where the database is away the claim runs out by
// itself.
func (j *Journal) Free(ctx context.Context, c *roster.Claim) error {
	h := j.holdOf(c)
	if h == nil {
		return nil
	}
	j.forget(c)
	err := j.ask(ctx, c.Until(), func(ctx context.Context) error {
		return j.frees.ask(ctx, &freeing{c.Plan, c.Lane, h.owner, c.Token})
	})
	if isAway(err) || ctx.Err() != nil {
		return nil
	}
	return failed("free", err)
}

// Sync implements roster.Journal. There is nothing to do: every append is durable.
func (j *Journal) Sync(context.Context) error { return nil }

func failed(what string, err error) error {
	if err == nil || errors.Is(err, roster.ErrFenced) || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("journal: %s: %w", what, err)
}
