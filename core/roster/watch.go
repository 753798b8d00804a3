package roster

import (
	"context"
	"iter"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// WatchConfig is what Watch takes beside the fleet.
type WatchConfig struct {
	// Every is the pause between the beginnings of two censuses, a minute unless set.
	Every time.Duration
	// Governors are those of the accounts. Where they can tell how long requests take to
	// leave, the pause grows until the censuses take no more than Share of the time.
	// For the others, or without governors, the time that the last census took is used.
	Governors map[string]core.Governor
	// Share is the share of the rate limit that watching may take, 0.2 unless set.
	Share float64
	// Looked is told of every census, even one that shows no change, and of what failed.
	// The census is nil where nothing could be read.
	Looked func(*Census, error)
	// Census are options of each census, for example Only or WithPresence.
	Census []CensusOption
}

// Watch takes censuses and tells what changed between them, until the context ends or
// the caller stops. Each change says when it was seen and how long before that it may
// have happened. None is invented: nobody is gone, and nobody new, because of a list that
// is not proven complete.
//
// Nothing is told of the first census. A census that fails is an error beside an empty
// Change, and the walk goes on: the next one is compared with the last that was read.
// The end of the context ends the walk without an error.
func Watch(ctx context.Context, f Fleet, cfg WatchConfig) iter.Seq2[Change, error] {
	if cfg.Every <= 0 {
		cfg.Every = time.Minute
	}
	if cfg.Share <= 0 || cfg.Share > 1 {
		cfg.Share = 0.2
	}

	return func(yield func(Change, error) bool) {
		// A look is cut off when the context ends, and not told the deadline before: a
		// client that sees one coming gives up early, and that would be a look that failed.
		looking, cut := context.WithCancel(context.WithoutCancel(ctx))
		defer cut()
		defer context.AfterFunc(ctx, cut)()

		var last *Census
		for ctx.Err() == nil {
			began := time.Now()
			c, err := Take(looking, f, append([]CensusOption{Since(last)}, cfg.Census...)...)
			switch {
			case ctx.Err() != nil:
				return
			case cfg.Looked != nil:
				cfg.Looked(c, err)
			}
			if err != nil {
				if !yield(Change{}, err) {
					return
				}
			}

			if c != nil && last != nil {
				for ch := range c.Diff(last) {
					if !yield(ch, nil) {
						return
					}
				}
			}
			if c != nil {
				last = c.over(last)
			}

			if pauseFor(ctx, cfg.pause(c, time.Since(began))) != nil {
				return
			}
		}
	}
}

// over keeps what an earlier census knew and this one cannot tell: whoever is missing
// without proof is still believed to be there, so that nobody comes and goes with a list
// that is cut now and then. An account that could not be read stays as it was.
func (c *Census) over(before *Census) *Census {
	if before == nil {
		return c
	}

	for account, was := range before.accounts {
		now := c.accounts[account]
		if now == nil {
			continue
		}
		if !now.proof.Counted && len(now.users) == 0 && now.proof.Verdict == Broken {
			c.accounts[account] = was
			continue
		}

		if now.proof.Verdict != Complete && c.only == nil {
			now.base = was
			if was.base != nil {
				now.base = was.base
			}
		}

		kept := false
		for _, u := range was.users {
			if _, there := now.at[u.ID]; there || now.gone(u) {
				continue
			}
			kept = true
			now.add(u)
			if p, read := was.presence[u.ID]; read {
				now.presence[u.ID] = p
			}
		}
		if kept {
			now.seal()
		}
		if now.linked && !now.wholeLinks() {
			now.keepLinks(was)
		}
	}
	return c
}

// keepLinks adds the links that an earlier listing had of people who are in both.
func (l *listing) keepLinks(was *listing) {
	var lost []core.Assignment
	for _, a := range was.links {
		if _, there := l.at[a.UserID]; there && linkTo(l.linksOf(a.UserID), a.Target) == nil {
			lost = append(lost, a)
		}
	}
	if len(lost) > 0 {
		l.links = append(l.links, lost...)
		l.seal()
	}
}

// pause is how long to wait after a census: what is left of Every, and longer where the
// censuses would take more than their share of what the governors let through.
func (cfg WatchConfig) pause(c *Census, took time.Duration) time.Duration {
	every, byTime := cfg.Every, max(cfg.Every, time.Duration(float64(took)/cfg.Share))
	if c == nil {
		return max(byTime-took, 0)
	}

	for account, l := range c.accounts {
		tells, ok := cfg.Governors[account].(core.Forecaster)
		if !ok {
			every = max(every, byTime)
			continue
		}
		for bucket, n := range l.requests(c.fleet[account]) {
			switch needs, known := tells.Forecast(bucket, n); {
			case known:
				every = max(every, time.Duration(float64(needs)/cfg.Share))
			case n > 0:
				every = max(every, byTime)
			}
		}
	}
	return max(every-took, 0)
}

// requests estimates what a census of the account takes, by the costs that its
// capabilities state: requests by the buckets that a governor counts apart.
func (l *listing) requests(store core.Store) map[string]int {
	if store == nil {
		return nil
	}
	caps := store.Capabilities()
	n, targets := map[string]int{}, map[core.Target]bool{}
	for _, a := range l.links {
		targets[a.Target] = true
	}

	for _, op := range []core.Operation{core.OpListUsers, core.OpListAll} {
		is := caps.Of(op)
		n[is.Bucket] += is.Cost.Call + is.Cost.Target*len(targets)
		if is.Cost.Page > 0 {
			n[is.Bucket] += max(len(l.users), len(l.links)) / is.Cost.Page
		}
	}

	is := caps.Of(core.OpPresence)
	n[is.Bucket] += len(l.presence) * (is.Cost.Call + is.Cost.User)
	return n
}
