package pace

import (
	"math"
	"time"
)

const (
	// margin: the share of a told limit that is used. At 100 % the edge of
	// a window refuses about one request in a job of 300.
	margin = 0.98
	// cutTo: the share of the rate accepted lately to which a refusal cuts.
	cutTo = 0.97
	// minKept: one refusal takes no more than half where "accepted lately" is
	// little because little was asked; where the limit was told, a fifth.
	minKept     = 0.5
	minKeptTold = 0.8
	// few: where a pace allows fewer requests than that, what was accepted of
	// them proves nothing about a rate; nor does what was accepted in less than
	// soon seconds since a cut.
	few  = 8
	soon = 0.25
	// slowest pace, one in ten seconds, so that a bucket always gets a chance.
	slowest = 0.1
	// firstPace: the slowest pace to begin with after the first refusal. Where
	// it is too fast, the next refusals halve it at once; where it is too slow,
	// a token bucket overflows unused until the pace has doubled a few times.
	firstPace = 20.0
	// unnoticed: a pace so fast that it spaces by less than a timer can tell.
	unnoticed = 10000.0

	// learnRate: from the first refusal until a pace has been found it doubles
	// three times a second, because nothing is known yet.
	learnRate = 3 * math.Ln2
	// tripStep: but with many under way the answers are late, so it grows by
	// no more than a quarter in one round trip.
	tripStep = 0.25
	// learnAgain: a pace learned to be so many times the one begun with is too
	// low, because a bucket has overflowed meanwhile: learn once more from there.
	learnAgain = 4
	// climbRate, climbStep: from a cut on the pace grows by 0.5 % a second and
	// by no more than 0.125 % with one answer. Both double with every stage, so
	// it stays long where the limit was and leaves fast when the limit has gone.
	climbRate   = 0.005
	climbStep   = 0.00125
	climbStages = 7 // up to 64 % a second, 16 % with one answer
	// searchStage: the learning ends below the limit where the vendor's burst is
	// small. Until the next refusal the pace climbs as in this stage, 8 % a second:
	// from 30 % below it is there in four seconds instead of ten.
	searchStage = 4
	// A stage lasts so long and so many answers, whichever takes longer.
	stageTime    = 2 * time.Second
	stageAnswers = 8
	// relaxTime: a pace that binds nobody doubles in this time: after ten
	// minutes it is a thousand times what it was.
	relaxTime = time.Minute

	// While everything is refused, one request at a time finds out whether
	// that is over. The time to the next doubles with each refusal, up to a
	// quarter of the wait which the vendor names, within these bounds.
	probeShare = 4
	minProbe   = 100 * time.Millisecond
	maxProbe   = 5 * time.Second
	// probeUnnamed: the bound where the vendor names no wait.
	probeUnnamed = time.Second

	// maxStale: after this, verdicts count again even if not all the requests
	// that left before the cut were heard of.
	maxStale = 5 * time.Second
	// late: how far behind its time a request may leave without the ones after
	// it being put off too. Timers are late by about a millisecond.
	late = 5 * time.Millisecond
	// longAgo: the moment of what has never happened.
	longAgo = -1000 * time.Hour
)

// pacer spaces requests out. Its zero rate means: no pace yet.
type pacer struct {
	rate    float64       // requests a second
	ceiling float64       // the rate is never above
	sent    time.Duration // when the last request was due
	queued  time.Duration // when a request last left after a wait: the pace binds
	burst   burst

	streak int           // refusals since the last accepted request
	probe  time.Duration // the longest time between requests in a streak
	probes int           // requests of the streak without a verdict

	// Requests that left before the last cut: their verdicts do not speak about
	// the pace after it.
	stale      int
	staleUntil time.Duration

	learning  bool          // nothing but bounds are known yet
	searching bool          // the learning has ended, and the limit was not met again since
	lesson    int           // accepted while learning
	first     float64       // the rate after the last cut
	grown     time.Duration // when the rate last grew
	cut       time.Duration // when the rate was last cut
	answers   int           // accepted since, of requests that left after it

	// What was accepted while the pace was used without a break.
	gained int
	from   time.Duration
}

func newPacer(l limit) pacer {
	p := pacer{ceiling: math.Inf(1), sent: longAgo, queued: longAgo}
	if l.known() {
		p.ceiling = margin * l.perSecond
		p.rate = p.ceiling
		p.burst = newBurst(l, p.rate)
	}
	return p
}

func (p *pacer) on() bool { return p.rate > 0 }

// spacing is the time between two requests.
func (p *pacer) spacing() time.Duration { return time.Duration(float64(time.Second) / p.rate) }

// interval is the spacing, drawn out while everything is refused. A verdict
// that does not come holds the next request up no longer than p.probe.
func (p *pacer) interval() time.Duration {
	s := p.spacing()
	switch {
	case p.streak == 0 || s > p.probe:
		return s
	case p.probes > 0:
		return p.probe
	default:
		return min(s<<min(p.streak-1, 16), p.probe)
	}
}

func (p *pacer) turn() time.Duration {
	return max(p.sent+p.interval(), p.burst.turn())
}

// take books a request that leaves now. What was not used before now is lost,
// but for the lateness of timers and the burst of a told limit.
func (p *pacer) take(now time.Duration) {
	at := p.turn()
	if p.streak == 0 {
		at = max(at, now-max(late, p.burst.ahead(p.spacing())))
	} else {
		at = now
		p.probes++
	}
	p.sent = at
	p.burst.take(now)
}

// giveBack returns the last turn, which was not used.
func (p *pacer) giveBack() {
	if p.on() {
		p.probes = max(0, p.probes-1)
		p.sent -= p.interval()
		p.burst.giveBack()
	}
}

// refused cuts the pace at the first refusal of a row, and draws out the time
// to the next request at each further one.
func (p *pacer) refused(now, wait time.Duration, underWay int, lastSecond float64) {
	if p.isStale(now) {
		return
	}
	p.probes = max(0, p.probes-1)
	p.probe = probeUnnamed
	if wait > 0 {
		p.probe = min(max(wait/probeShare, minProbe), maxProbe)
	}
	if p.streak++; p.streak > 1 {
		return
	}

	if p.on() {
		p.rate = p.cutRate(now, lastSecond)
		// The learning ends here, unless there was nothing to learn from yet.
		p.searching = p.learning
		p.learning = p.learning && (p.lesson < few || p.rate > learnAgain*p.first)
	} else {
		p.rate = max(firstPace, cutTo*lastSecond)
		p.learning, p.lesson = true, 0
		p.queued = now // the crowd that was refused is about to ask again
	}

	// Count anew from here. What is under way left at the pace before the cut.
	p.first = p.rate
	p.sent = max(p.sent, now)
	p.stale, p.staleUntil = underWay, now+maxStale
	p.cut, p.grown, p.answers, p.probes = now, now, 0, 0
	p.from, p.gained = now, 0
}

// cutRate is the rate after one more refusal: a little less than what has been
// accepted lately.
func (p *pacer) cutRate(now time.Duration, lastSecond float64) float64 {
	since := (now - p.from).Seconds()
	meaningful := p.binds(now) && p.rate*since >= few

	// A second shows the rate of fixed windows as well as of token buckets.
	// Soon after a cut, though, it still holds what was accepted before, and at
	// a slow pace it holds next to nothing; then all since then counts.
	lately := lastSecond
	if now-p.cut < time.Second && since > soon || lastSecond <= few/2 && meaningful {
		lately = float64(p.gained) / since
	}

	least := p.rate * minKept
	switch told := !math.IsInf(p.ceiling, 1); {
	case told && !meaningful:
		least = p.rate * minKeptTold
	case meaningful && !told:
		// A told limit is more to go by than a second in which the server
		// stalled: there a single refusal takes no more than half.
		least = slowest
	}

	cut := max(slowest, min(cutTo*p.rate, max(cutTo*lately, least)))
	return min(p.rate, cut) // a told limit may be slower than the slowest pace learned
}

// accepted ends a row of refusals, and lets the pace grow if it binds.
func (p *pacer) accepted(now time.Duration, underWay int) {
	p.gained++
	if p.isStale(now) {
		return
	}
	p.streak = 0
	p.answers++
	p.lesson++
	if !p.binds(now) {
		return // relax does it
	}

	passed := (now - p.grown).Seconds()
	p.grown = now
	rate, step := learnRate, tripStep
	if !p.learning {
		stage := min(int((now-p.cut)/stageTime), p.answers/stageAnswers, climbStages)
		if p.searching {
			stage = max(stage, searchStage)
		}
		rate, step = math.Ldexp(climbRate, stage), math.Ldexp(climbStep, stage)
	}

	step = min(step, tripStep/float64(max(1, underWay)))
	p.rate = min(p.ceiling, p.rate*(1+min(rate*passed, step)))
}

// binds says whether somebody has had to wait for the pace lately.
func (p *pacer) binds(now time.Duration) bool { return now-p.queued <= time.Second+p.spacing() }

// isStale uses up one verdict that is older than the last cut.
func (p *pacer) isStale(now time.Duration) bool {
	if p.stale == 0 || now > p.staleUntil {
		return false
	}
	p.stale--
	return true
}

// relax is called when a request need not wait for the pace. It lets the rate
// rise with the time since it last grew, and begins to count anew: with breaks,
// what was accepted is not what would have been.
func (p *pacer) relax(now time.Duration) {
	p.rate = min(p.ceiling, p.rate*math.Exp2(float64(now-p.grown)/float64(relaxTime)))
	p.grown = now
	p.from, p.gained = now, 0
}

// drop ends a learned pace that has become too fast to matter.
func (p *pacer) drop() bool {
	if p.rate < unnoticed || !math.IsInf(p.ceiling, 1) {
		return false
	}
	*p = newPacer(limit{})
	return true
}
