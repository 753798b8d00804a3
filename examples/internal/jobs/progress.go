package jobs

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// redraw is the least time between two pictures of the progress.
const redraw = 100 * time.Millisecond

// Progress tells how a run goes: on a terminal how far it is, one line per account, and
// elsewhere each step as it ends.
type Progress struct {
	// Forecast tells how long all steps of an account take, where that is known.
	Forecast func(account string) (time.Duration, bool)

	// Width is how many columns the terminal has; zero does not bound a line.
	Width int

	out, lines io.Writer

	mu       sync.Mutex
	start    time.Time
	accounts map[string]*accountProgress
	drawn    int // lines on the terminal
	last     time.Time
}

type accountProgress struct{ total, done, failed, ended int }

// NewProgress shows on terminal how far a run is, and writes a line to lines for each
// step that ends. Each may be nil.
func NewProgress(terminal, lines io.Writer) *Progress {
	return &Progress{out: terminal, lines: lines, start: time.Now(), accounts: map[string]*accountProgress{}}
}

// Step takes the end of one step, for roster.Run.Progress.
func (p *Progress) Step(ev roster.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()

	if p.lines != nil {
		p.clear()
		fmt.Fprintf(p.lines, "%s\t%s\t%s\n", ev.Result, ev.Step, ev.Message)
	}
	if p.out == nil {
		return
	}

	a := p.accounts[ev.Account]
	if a == nil {
		a = &accountProgress{}
		p.accounts[ev.Account] = a
	}
	a.total, a.done = ev.AccountTotal, ev.AccountDone
	a.ended++
	if ev.Result != core.ResultApplied && ev.Result != core.ResultAlready {
		a.failed++
	}

	if now := time.Now(); now.Sub(p.last) >= redraw || ev.Done == ev.Total {
		p.last = now
		p.draw(now)
	}
}

func (p *Progress) draw(now time.Time) {
	var text strings.Builder
	text.WriteString(p.up())
	for _, name := range slices.Sorted(maps.Keys(p.accounts)) {
		line := p.line(name, now)
		if p.Width > 0 {
			line = End(line, p.Width-1) // a line that wraps would be two
		}
		text.WriteString("\033[K" + line + "\n")
	}
	p.drawn = len(p.accounts)
	io.WriteString(p.out, text.String())
}

// line is how far an account is.
func (p *Progress) line(name string, now time.Time) string {
	a := p.accounts[name]
	text := fmt.Sprintf("%s: %d of %d done, %d not", name, a.done, a.total, a.failed)

	took := now.Sub(p.start).Seconds()
	if took <= 0 {
		return text
	}
	text += fmt.Sprintf(", %.1f a second", float64(a.ended)/took)
	if left := a.total - a.done - a.failed; left > 0 {
		text += ", ends about " + now.Add(p.left(name, a, left, took)).Format(time.TimeOnly)
	}
	return text
}

// left is how long the steps take that are left: as those before them did, and not less
// than the account's pace allows.
func (p *Progress) left(account string, a *accountProgress, steps int, took float64) time.Duration {
	asBefore := time.Duration(float64(steps) / float64(a.ended) * took * float64(time.Second))
	if p.Forecast == nil {
		return asBefore
	}
	all, known := p.Forecast(account)
	if !known {
		return asBefore
	}
	return max(asBefore, time.Duration(float64(all)*float64(steps)/float64(a.total)))
}

// up goes back to the first line that was drawn.
func (p *Progress) up() string {
	if p.drawn == 0 {
		return ""
	}
	return fmt.Sprintf("\033[%dA", p.drawn)
}

// Clear wipes the progress away, so that what comes next stands alone.
func (p *Progress) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *Progress) clear() {
	if p.drawn > 0 {
		io.WriteString(p.out, p.up()+"\033[J")
		p.drawn = 0
	}
}
