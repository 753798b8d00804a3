package roster

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// finish orders the steps, counts the calls, and takes rings out.
func (p *planner) finish() (Plan, error) {
	for _, l := range p.order {
		slices.SortStableFunc(l.steps, func(a, b plannedStep) int { return cmp.Compare(a.rank, b.rank) })
		for _, s := range l.steps {
			p.plan.Steps = append(p.plan.Steps, s.Step)
		}
	}
	p.addFirst()
	p.orderNames()
	p.countCalls()
	return p.plan, p.plan.Check()
}

// addFirst lets steps that take people away from a target come after those that add
// people to it: whichever steps fail, the target never has fewer than before, after or
// its floor.
func (p *planner) addFirst() {
	for i := range p.plan.Steps {
		s := &p.plan.Steps[i]
		if s.Op != core.OpUnassign {
			continue
		}

		for _, a := range s.Links {
			for _, id := range p.added[targetKey(s.Account, a.Target)] {
				if !slices.Contains(s.After, id) {
					s.After = append(s.After, id)
				}
			}
		}
	}
}

// orderNames lets a step that needs a login or an address come after the step that
// frees it. Steps that wait for each other in a ring become gaps.
func (p *planner) orderNames() {
	frees := map[string]string{}
	name := func(account string, value any) string {
		text, _ := value.(string)
		if text == "" {
			return ""
		}
		return account + "/" + fold(text)
	}

	for _, s := range p.plan.Steps {
		switch {
		case s.Op == core.OpDeleteUser:
			frees[name(s.Account, s.Login)] = s.ID
			if u, ok := p.c.accounts[s.Account].user(s.User); ok {
				frees[name(s.Account, u.Email)] = s.ID
			}
		case s.Op == core.OpUpdateUser && s.If != nil:
			for _, f := range []string{"login", "email"} {
				frees[name(s.Account, s.If.Values[f])] = s.ID
			}
		}
	}

	for i := range p.plan.Steps {
		s := &p.plan.Steps[i]
		var asked core.UserChange
		switch {
		case s.Spec != nil:
			asked = s.Spec.Change()
		case s.Change != nil:
			asked = *s.Change
		}
		for _, f := range []core.Field{"login", "email"} {
			value, _ := asked.Field(f)
			if first := frees[name(s.Account, value)]; value != nil && first != "" && first != s.ID && !slices.Contains(s.After, first) {
				s.After = append(s.After, first)
			}
		}
	}

	p.breakRings()
}

// breakRings takes the steps out that wait for themselves, and what waits for them.
func (p *planner) breakRings() {
	for {
		at := map[string]int{}
		for i, s := range p.plan.Steps {
			at[s.ID] = i
		}

		ring := ringOf(p.plan.Steps, at)
		if ring < 0 {
			return
		}

		s := p.plan.Steps[ring]
		p.gap(s.Account, s.Person(), s.Op, "it waits for %s, which waits for it: one of them has to be done by hand", strings.Join(s.After, ", "))
		p.plan.Steps = slices.Delete(p.plan.Steps, ring, ring+1)
		for i := range p.plan.Steps {
			p.plan.Steps[i].After = slices.DeleteFunc(p.plan.Steps[i].After, func(id string) bool { return id == s.ID })
		}
	}
}

// ringOf returns a step that comes after another one by name and is part of a ring.
func ringOf(steps []Step, at map[string]int) int {
	for i, s := range steps {
		if len(s.After) == 0 {
			continue
		}

		seen := map[int]bool{}
		var reaches func(j int) bool
		reaches = func(j int) bool {
			if seen[j] {
				return false
			}
			seen[j] = true
			for _, id := range steps[j].After {
				if k, ok := at[id]; ok && (k == i || reaches(k)) {
					return true
				}
			}
			return j > 0 && steps[j-1].Lane == steps[j].Lane && (j-1 == i || reaches(j-1))
		}

		if reaches(i) {
			return i
		}
	}
	return -1
}

// countCalls writes into each step how many requests it takes. Where one write holds
// many users, the first of them pays for it.
func (p *planner) countCalls() {
	shared := map[batchKey]int{}
	for i := range p.plan.Steps {
		s := &p.plan.Steps[i]
		cost := p.caps(s.Account).Of(s.Op).Cost
		links := len(s.Links)
		if s.Spec != nil {
			links += len(s.Spec.Links)
		}

		s.Calls = cost.User + cost.Link*links
		key := batchKey{s.Account, s.Op}
		if cost.Batch < 2 || shared[key]%cost.Batch == 0 {
			s.Calls += max(cost.Call, 1)
		}
		shared[key]++

		if s.If != nil && !checksItself(p.c.fleet[s.Account], *s) {
			s.Calls++
		}
		if s.Floor != nil {
			s.Calls++
			if p.caps(s.Account).Field("enabled").Readable {
				s.Calls += s.Floor.Least + 1
			}
		}
	}
}
