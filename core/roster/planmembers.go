package roster

import (
	"github.com/rollcall-go/rollcall/core"
)

// members plans who is linked to targets. Adds are planned before removes, so that a
// remove can wait for the adds of its target.
func (p *planner) members() {
	for i, m := range p.want.Members {
		if p.c.fleet[m.Account] == nil {
			p.fail(refuse("want", "members[%d]: there is no account %s", i, m.Account))
			continue
		}
		if m.Mode == Remove {
			continue
		}
		for _, name := range m.People {
			if u, found := p.user(m.Account, name); found {
				p.link(p.c.key(m.Account, u), m.Account, u, core.Assignment{Target: m.Target, Level: m.Level})
			} else {
				p.nobody(m.Account, name, core.OpAssign)
			}
		}
	}

	for _, m := range p.want.Members {
		if p.c.fleet[m.Account] == nil {
			continue
		}
		for _, u := range p.leaving(m) {
			p.unlink(m, u)
		}
	}
}

// leaving are the users whom an entry takes away from its target.
func (p *planner) leaving(m Members) []core.User {
	if m.Mode == Add {
		return nil
	}
	why := p.broken(m.Account)
	if why == "" && m.Mode == Exact {
		why = p.unproven(m)
	}
	if why != "" {
		p.gap(m.Account, "", core.OpUnassign, "nobody is taken away from %s: %s", m.Target, why)
		return nil
	}

	names := m.People
	if m.Mode == Exact {
		names = m.Within
	}
	if m.Mode == Exact && m.Within.IsEveryone() {
		names = nil
		for _, a := range p.c.accounts[m.Account].links {
			if sameTarget(a.Target, m.Target) {
				names = append(names, m.Account+":"+a.UserID)
			}
		}
	}

	staying := map[string]bool{}
	if m.Mode == Exact {
		for _, name := range m.People {
			if u, found := p.user(m.Account, name); found {
				staying[u.ID] = true
			}
		}
	}

	var users []core.User
	for _, name := range names {
		u, found := p.user(m.Account, name)
		switch {
		case !found:
			p.nobody(m.Account, name, core.OpUnassign)
		case !staying[u.ID]:
			users = append(users, u)
		}
	}
	return users
}

// unproven says why an exact entry removes nobody. People whom the entry does not name
// are removed only if the list is proven whole, or if each of them was asked for.
func (p *planner) unproven(m Members) string {
	l := p.c.accounts[m.Account]
	switch {
	case !l.linked:
		return "who is linked to it was not read"
	case p.c.only == nil && l.proof.Verdict != Complete:
		return l.absence()
	case p.c.only != nil && m.Within.IsEveryone():
		return "only some people were asked for, and not everybody who is in it"
	}

	if p.c.only != nil {
		for _, name := range m.People {
			if why := p.c.absence(m.Account, name); why != "" && len(p.c.find(name)[m.Account]) == 0 {
				return "whether " + name + " is there is not known: " + why
			}
		}
	}
	return ""
}

// unlink plans that a user loses a link.
func (p *planner) unlink(m Members, u core.User) {
	l, person := p.c.accounts[m.Account], p.c.key(m.Account, u)
	if _, wanted := p.linked[linkKey(m.Account, m.Target, u)]; wanted {
		p.fail(refuse("want", "the link of %s to %s is wanted and taken away", person, m.Target))
		return
	}

	is := linkTo(l.linksOf(u.ID), m.Target)
	if l.linked && is == nil {
		return
	}
	if why := p.takes(m.Account, m.Target); why != "" {
		p.gap(m.Account, person, core.OpUnassign, "the link to %s stays: %s", m.Target, why)
		return
	}

	// The links were not read: whether there is one shows when the step is done.
	if is == nil {
		s := p.step(rankUnassign, person, m.Account, core.OpUnassign, u, m.Target)
		s.Links = append(s.Links, core.Assignment{UserID: u.ID, Target: m.Target})
		return
	}
	if !p.frozen(m.Account, person, u, core.OpUnassign, m.Target.String(), linkValue(is), nil) {
		p.takeAway(person, m.Account, u, *is)
	}
}
