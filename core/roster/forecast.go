package roster

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// Forecast is what a plan will take when nothing goes wrong.
type Forecast struct {
	// Calls are requests by account.
	Calls map[string]int
	// Took is the time until the last request has left, where the governors can tell.
	// The accounts work side by side.
	Took  time.Duration
	Known bool
}

// Forecast counts the requests of the plan by account. Only a fleet can tell how long they
// take, because its stores know in which bucket a governor counts them: use
// Fleet.Forecast.
func (p Plan) Forecast(governors map[string]core.Governor) Forecast {
	return Fleet(nil).Forecast(p, governors)
}

// Governors are those of the accounts whose stores say who paces them (core.Paced), for
// Forecast and Watch.
func (f Fleet) Governors() map[string]core.Governor {
	out := map[string]core.Governor{}
	for account, store := range f {
		if paced, ok := store.(core.Paced); ok && paced.Governor() != nil {
			out[account] = paced.Governor()
		}
	}
	return out
}

// Forecast counts the requests of a plan by account, and asks the accounts' governors how
// long they take. The time is not known where the fleet lacks an account, an account has
// no governor that can tell, or an operation's requests fall into several buckets.
func (f Fleet) Forecast(p Plan, governors map[string]core.Governor) Forecast {
	type bucket struct{ account, name string }
	out := Forecast{Calls: map[string]int{}, Known: true}
	calls := map[bucket]int{}
	caps := map[string]core.Capabilities{}
	for account, store := range f {
		caps[account] = store.Capabilities()
	}

	for _, s := range p.Steps {
		out.Calls[s.Account] += s.Calls
		name := caps[s.Account].Of(s.Op).Bucket
		calls[bucket{s.Account, name}] += s.Calls
		out.Known = out.Known && name != ""
	}

	for b, n := range calls {
		g, ok := governors[b.account].(core.Forecaster)
		if !ok {
			out.Known = false
			continue
		}
		took, ok := g.Forecast(b.name, n)
		out.Known = out.Known && ok
		out.Took = max(out.Took, took)
	}

	if !out.Known {
		out.Took = 0
	}
	return out
}

// WriteText writes a plan for people: what is done to whom, what no step can do, and
// how much it is.
func (p Plan) WriteText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, s := range p.Steps {
		fmt.Fprintln(t, strings.TrimRight(fmt.Sprintf("%s\t%s\t%s\t%s", s.Account, s.Person(), s.Op, s.words()), "\t"))
	}
	for _, g := range p.Gaps {
		fmt.Fprintf(t, "%s\t%s\tgap\t%s\n", g.Account, g.Person, g.Why)
	}
	if err := t.Flush(); err != nil {
		return err
	}

	calls := p.Forecast(nil).Calls
	var parts []string
	for _, account := range slices.Sorted(maps.Keys(calls)) {
		parts = append(parts, fmt.Sprintf("%d at %s", calls[account], account))
	}

	text := fmt.Sprintf("%s, %s, %d held already", counted(len(p.Steps), "step"), counted(len(p.Gaps), "gap"), len(p.Holds))
	if len(parts) > 0 {
		text += "; requests: " + strings.Join(parts, ", ")
	}
	if !p.Until.IsZero() {
		text += "; undone at " + p.Until.Format(time.RFC3339)
	}
	_, err := fmt.Fprintln(w, text+".")
	return err
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// words say what a step does.
func (s Step) words() string {
	var parts []string
	if s.Spec != nil {
		parts = append(parts, "login "+s.Spec.Login)
		for _, a := range s.Spec.Links {
			parts = append(parts, linkWords(a))
		}
	}

	if s.Change != nil {
		for _, f := range core.Fields() {
			if to, named := s.Change.Field(f); named {
				parts = append(parts, fieldWords(string(f), s.before(string(f)), to))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(s.Change.Fields)) {
			parts = append(parts, fieldWords(name, s.before(name), s.Change.Fields[name]))
		}
	}

	for _, a := range s.Links {
		parts = append(parts, linkWords(a))
	}
	if s.Floor != nil {
		parts = append(parts, fmt.Sprintf("while more than %d are left", s.Floor.Least))
	}
	if len(s.After) > 0 {
		parts = append(parts, fmt.Sprintf("after %d others", len(s.After)))
	}
	return strings.Join(parts, ", ")
}

func (s Step) before(name string) any {
	if s.If == nil {
		return nil
	}
	return s.If.Values[name]
}

func fieldWords(name string, from, to any) string {
	show := func(v any) string {
		if v == nil {
			return "nothing"
		}
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%s: %s → %s", name, show(from), show(to))
}

func linkWords(a core.Assignment) string {
	text := a.Target.String()
	if a.Level != nil {
		text += fmt.Sprintf("@%d", *a.Level)
	}
	if name := a.Target.Name; name != "" && name != a.Target.ID {
		text = name + " (" + text + ")"
	}
	return text
}
