package roster

import (
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// leave plans that somebody goes, at every account: block, unassign, delete. Where the
// vendor deletes users their links die with them and are not taken away one by one;
// where it does not, what can be done is done and the rest is a gap.
func (p *planner) leave(name string) {
	if err := p.c.ambiguity(name, p.c.find(name)); err != nil {
		p.fail(err)
		return
	}

	for _, account := range p.accounts() {
		u, found := p.user(account, name)
		if !found {
			if why := p.c.absence(account, name); why != "" {
				p.gap(account, name, core.OpDeleteUser, "it is not proven that nobody is there: %s", why)
			}
			continue
		}
		p.leaveAccount(account, u)
	}
}

func (p *planner) leaveAccount(account string, u core.User) {
	person := p.c.key(account, u)
	if presence := p.c.accounts[account].presence[u.ID]; p.offers(account, core.OpBlock) && (presence.Blocked == nil || !*presence.Blocked) {
		p.step(rankBlockFirst, person, account, core.OpBlock, u)
	}

	if why := p.broken(account); why != "" {
		p.gap(account, person, core.OpDeleteUser, "nobody is removed: %s", why)
		return
	}

	p.gone[laneOf(account, u.ID, u.Login)] = true
	if !p.offers(account, core.OpDeleteUser) {
		p.strip(person, account, u)
		p.gap(account, person, core.OpDeleteUser, "the user stays: %s", p.lacks(account, core.OpDeleteUser))
		return
	}

	for _, a := range p.c.accounts[account].linksOf(u.ID) {
		if _, has := p.floors[targetKey(account, a.Target)]; has && p.takes(account, a.Target) == "" {
			p.takeAway(person, account, u, a)
		}
	}

	s := p.step(rankDelete, person, account, core.OpDeleteUser, u)
	if u.Login != "" {
		s.If = &Seen{Values: map[string]any{"login": u.Login}}
	}
}

// broken says why nobody is removed at an account: somebody is known to be missing from
// its list, so that neither who is there nor who alone has a name is certain.
func (p *planner) broken(account string) string {
	proof := p.c.Proof(account)
	if proof.Verdict != Broken {
		return ""
	}
	return "the list is broken: " + strings.Join(proof.Why, "; ")
}

func targetKey(account string, t core.Target) string { return account + "/" + t.String() }

// takes says why a vendor takes nobody away from a target, "" where it does.
func (p *planner) takes(account string, t core.Target) string {
	if k, offered := p.caps(account).Kind(t.Kind); !p.offers(account, core.OpUnassign) || !offered || k.ReadOnly || k.Single {
		return p.lacks(account, core.OpUnassign)
	}
	return ""
}

// takeAway plans that a user loses a link. Where the target has a floor, or others are
// added to it, it is a step of its own: it comes after the adds and above the floor.
func (p *planner) takeAway(person, account string, u core.User, a core.Assignment) {
	key := targetKey(account, a.Target)
	least, floored := p.floors[key]
	if !floored && len(p.added[key]) == 0 {
		addLink(p.step(rankUnassign, person, account, core.OpUnassign, u), a)
		return
	}

	s := p.step(rankUnassign, person, account, core.OpUnassign, u, a.Target)
	addLink(s, a)
	if floored {
		s.Floor = &Floor{Target: a.Target, Least: least}
	}
}

// strip takes everything away from a user who cannot be deleted.
func (p *planner) strip(person, account string, u core.User) {
	l := p.c.accounts[account]
	if !l.linked {
		p.gap(account, person, core.OpUnassign, "the links of the user were not read")
	}

	kept := map[core.Kind]int{}
	for _, a := range l.linksOf(u.ID) {
		k, _ := p.caps(account).Kind(a.Target.Kind)
		switch why := p.takes(account, a.Target); {
		case why != "":
			p.gap(account, person, core.OpUnassign, "the link to %s stays: %s", a.Target, why)
		case kept[k.Kind] < k.Least:
			kept[k.Kind]++
			p.gap(account, person, core.OpUnassign, "the link to %s stays: a user keeps at least %d of the kind", a.Target, k.Least)
		default:
			p.takeAway(person, account, u, a)
		}
	}

	if p.caps(account).Field(core.Field("enabled")).Changeable && (u.Enabled == nil || *u.Enabled) {
		s := p.step(rankDisable, person, account, core.OpUpdateUser, u)
		s.Change = &core.UserChange{Enabled: core.Set(false)}
		s.If = &Seen{Values: map[string]any{"enabled": u.Field("enabled")}}
	}
}

// addLink adds a link that is to be taken away, as it was seen.
func addLink(s *Step, a core.Assignment) {
	if linkTo(s.Links, a.Target) != nil {
		return
	}
	s.Links = append(s.Links, core.Assignment{UserID: a.UserID, Target: a.Target})
	if s.If == nil {
		s.If = &Seen{}
	}
	s.If.Links = append(s.If.Links, a)
}
