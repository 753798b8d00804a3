package roster

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// Plan compares a want with a census and returns what would be done. It sends nothing.
// Every name that means two users of one account is an *Ambiguous, every bad row is
// ErrRefused, and all of them are returned together. What no step can do is a gap.
//
// The plan never expires and has no Why and Actor; set them before it is written.
func (w Want) Plan(c *Census) (Plan, error) {
	p, err := w.planner(c)
	if err != nil {
		return Plan{}, err
	}
	return p.finish()
}

// planner plans the want, and does not order the steps yet.
func (w Want) planner(c *Census) (*planner, error) {
	if err := w.Check(); err != nil {
		return nil, err
	}

	p := &planner{c: c, want: w, lanes: map[string]*plannedLane{}, gone: map[string]bool{}, added: map[string][]string{},
		adopted: map[string]bool{}, linked: map[string]core.Assignment{},
		plan: Plan{Made: time.Now().UTC().Round(0), Until: w.Until, Fleet: map[string]string{}, Population: map[string]Population{}}}

	for account := range c.accounts {
		if c.fleet[account] == nil {
			return nil, refuse("plan", "the census has the account %s, and the fleet has no store for it", account)
		}
		p.plan.Fleet[account] = c.fleet.Fingerprint(account)
		if proof := c.Proof(account); proof.Counted {
			p.plan.Population[account] = Population{Users: proof.Users, Links: proof.Links, Certificate: proof.Verdict}
		}
	}

	// The order matters: a hire may get a name that a leaver gives up, and to block either of
	// them is an error.
	p.floors = floorsOf(w.Members)
	for _, name := range w.Gone {
		p.leave(name)
	}
	for i, h := range w.Have {
		p.hire(i, h)
	}
	for _, person := range slices.Sorted(maps.Keys(w.Change)) {
		p.change(person, w.Change[person])
	}
	p.members()
	for _, name := range w.Blocked {
		p.block(name)
	}
	return p, errors.Join(p.bad...)
}

// floorsOf are the floors of targets above 0, by account and target.
func floorsOf(members []Members) map[string]int {
	floors := map[string]int{}
	for _, m := range members {
		if m.Floor != nil && *m.Floor > 0 {
			key := targetKey(m.Account, m.Target)
			floors[key] = max(floors[key], *m.Floor)
		}
	}
	return floors
}

// planner puts a plan together.
type planner struct {
	c     *Census
	want  Want
	plan  Plan
	bad   []error
	order []*plannedLane
	lanes map[string]*plannedLane
	gone  map[string]bool     // lanes of people who leave
	added map[string][]string // the steps that add to a target, by account and target

	floors map[string]int // by account and target

	adopted map[string]bool            // lanes of people who are there and should be
	linked  map[string]core.Assignment // links that are wanted, by account, target and user

	fights []Finding // what somebody else keeps changing back
}

type plannedLane struct {
	name  string
	steps []plannedStep
}

type plannedStep struct {
	Step
	rank int
}

// The order of a lane's steps. Somebody who leaves is blocked first and deleted last.
const (
	rankBlockFirst = iota
	rankCreate
	rankUpdate
	rankAssign
	rankUnassign
	rankDisable
	rankDelete
	rankBlock
)

// step finds the step of a lane that does an operation, or begins one.
func (p *planner) step(rank int, person, account string, op core.Operation, u core.User, target ...core.Target) *Step {
	name := laneOf(account, u.ID, u.Login)
	l := p.lanes[name]
	if l == nil {
		l = &plannedLane{name: name}
		p.lanes[name] = l
		p.order = append(p.order, l)
	}

	id := stepID(person, account, op, target...)
	for i := range l.steps {
		if l.steps[i].ID == id {
			return &l.steps[i].Step
		}
	}

	l.steps = append(l.steps, plannedStep{rank: rank, Step: Step{ID: id, Lane: name, Op: op, Account: account, User: u.ID, Login: u.Login}})
	return &l.steps[len(l.steps)-1].Step
}

func (p *planner) gap(account, person string, op core.Operation, format string, args ...any) {
	p.plan.Gaps = append(p.plan.Gaps, Gap{Account: account, Person: person, Op: op, Why: fmt.Sprintf(format, args...)})
}

func (p *planner) hold(account, person string, op core.Operation, u core.User, links ...core.Assignment) {
	p.plan.Holds = append(p.plan.Holds, Hold{Account: account, Person: person, User: u.ID, Op: op, Links: links})
}

func (p *planner) fail(err error) { p.bad = append(p.bad, err) }

func (p *planner) caps(account string) core.Capabilities { return p.c.fleet[account].Capabilities() }

func (p *planner) offers(account string, op core.Operation) bool {
	return p.caps(account).Of(op).Support != core.NotOffered
}

func (p *planner) lacks(account string, op core.Operation) string {
	caps := p.caps(account)
	return cmp.Or(caps.Of(op).Note, caps.Vendor+" does not offer it")
}

// noField says why a vendor does not take a neutral field.
func (p *planner) noField(account string, f core.FieldCapability) string {
	return cmp.Or(f.Note, p.caps(account).Vendor+" does not offer it")
}

// user returns the one user whom a name means at an account.
func (p *planner) user(account, name string) (core.User, bool) {
	users := p.c.find(name)[account]
	if len(users) > 1 {
		p.fail(ambiguous(name, account, users))
	}
	if len(users) != 1 {
		return core.User{}, false
	}
	return users[0], true
}

func (p *planner) accounts() []string { return slices.Sorted(maps.Keys(p.c.accounts)) }

// hire plans one row: create, adopt, or leave alone.
func (p *planner) hire(i int, h Hire) {
	if p.c.fleet[h.Account] == nil {
		p.fail(refuse("want", "have[%d]: there is no account %s", i, h.Account))
		return
	}

	u, found := p.user(h.Account, h.Person)
	for _, name := range []string{h.Spec.Login, h.Spec.Email} {
		if found || name == "" {
			break
		}
		// Whoever has the login may be somebody who gives it up in this very plan.
		if other, has := p.user(h.Account, name); has && !p.givesUp(h.Account, other, name) {
			u, found = other, true
		}
	}

	if found {
		p.adopt(h, u)
		return
	}
	if !p.offers(h.Account, core.OpCreateUser) {
		p.gap(h.Account, h.Person, core.OpCreateUser, "nobody can be created: %s", p.lacks(h.Account, core.OpCreateUser))
		return
	}

	asked, lacking := h.Spec.Change(), false
	for _, f := range p.caps(h.Account).Fields {
		_, named := asked.Field(f.Name)
		switch {
		case f.Required && !named:
			p.fail(refuse("want", "have[%d].spec: %s requires %s", i, p.caps(h.Account).Vendor, f.Name))
		case named && !f.Settable:
			p.gap(h.Account, h.Person, core.OpCreateUser, "the user is not created: %s cannot be set: %s", f.Name, p.noField(h.Account, f))
			lacking = true
		}
	}
	if lacking {
		return
	}

	login := cmp.Or(h.Spec.Login, h.Spec.Email)
	if p.lanes[laneOf(h.Account, "", login)] != nil {
		p.fail(refuse("want", "have[%d].spec: somebody else in \"have\" gets the login %s", i, login))
		return
	}

	spec := h.Spec
	spec.Links = p.writable(h)
	s := p.step(rankCreate, cmp.Or(fold(h.Person), fold(h.Spec.Login)), h.Account, core.OpCreateUser, core.User{Login: login})
	s.Spec, s.Password = &spec, h.Password
	for _, a := range spec.Links {
		p.adds(h.Account, a.Target, s.ID)
	}
}

// givesUp reports whether somebody leaves or gets another login or address.
func (p *planner) givesUp(account string, u core.User, name string) bool {
	if p.gone[laneOf(account, u.ID, u.Login)] {
		return true
	}

	for person, changes := range p.want.Change {
		change, ok := changes[account]
		if who := p.c.find(person)[account]; !ok || len(who) != 1 || who[0].ID != u.ID {
			continue
		}
		for field, value := range map[core.Field]string{"login": u.Login, "email": u.Email} {
			to, named := change.Field(field)
			if named && fold(value) == fold(name) && (to == nil || fold(to.(string)) != fold(name)) {
				return true
			}
		}
	}
	return false
}

// writable are the links of a row that the vendor takes; the others are gaps.
func (p *planner) writable(h Hire) []core.Assignment {
	var links []core.Assignment
	for _, a := range h.Links {
		if there := linkTo(links, a.Target); there != nil {
			there.Level = cmp.Or(there.Level, a.Level)
			continue
		}
		if p.takesLink(h.Account, h.Person, a) {
			links = append(links, core.Assignment{Target: a.Target, Level: a.Level})
		}
	}
	return links
}

// takesLink reports whether the vendor can make a link; one that it cannot is a gap.
func (p *planner) takesLink(account, person string, a core.Assignment) bool {
	caps := p.caps(account)
	k, known := caps.Kind(a.Target.Kind)
	why := ""
	switch {
	case !p.offers(account, core.OpAssign):
		why = p.lacks(account, core.OpAssign)
	case !known:
		why = fmt.Sprintf("%s has no assignments of kind %s", caps.Vendor, a.Target.Kind)
	case k.ReadOnly:
		why = fmt.Sprintf("%s lists assignments of kind %s and does not change them", caps.Vendor, a.Target.Kind)
	case a.Level != nil && k.Levels == nil:
		why = fmt.Sprintf("%s has no level for the kind %s", caps.Vendor, a.Target.Kind)
	case a.Level != nil && !k.Levels.Holds(*a.Level):
		why = fmt.Sprintf("the level %d is not one of %s", *a.Level, caps.Vendor)
	default:
		return true
	}

	p.gap(account, person, core.OpAssign, "nobody can be linked to %s: %s", a.Target, why)
	return false
}

// adopt plans what somebody who is there still lacks.
func (p *planner) adopt(h Hire, u core.User) {
	person := p.c.key(h.Account, u)
	lane := laneOf(h.Account, u.ID, u.Login)
	switch {
	case p.gone[lane]:
		p.fail(refuse("want", "%s is in \"have\" and in \"gone\": both are the user %s of %s", h.Person, u.ID, h.Account))
		return
	case p.adopted[lane]:
		p.fail(refuse("want", "%s is in \"have\" twice: both are the user %s of %s", h.Person, u.ID, h.Account))
		return
	}

	p.adopted[lane] = true
	p.update(person, h.Account, u, p.comparable(h.Account, u, h.Spec.Change()))

	if u.Enabled != nil && !*u.Enabled && h.Spec.Enabled.IsZero() {
		p.gap(h.Account, person, core.OpUpdateUser, "the user is there and is disabled; say \"enabled\" to mean it")
	}
	if b := p.c.accounts[h.Account].presence[u.ID].Blocked; b != nil && *b {
		p.gap(h.Account, person, core.OpUnblock, "the user is there and is blocked")
	}

	for _, a := range h.Links {
		p.link(person, h.Account, u, core.Assignment{Target: a.Target, Level: a.Level})
	}
}

// comparable leaves out what the vendor never shows of somebody who is there: a
// difference cannot be seen, and if it were written each time, there would always be work.
// It stays where the journal tells that another value was applied last. Fields that are one
// at the vendor stay or go together.
func (p *planner) comparable(account string, u core.User, want core.UserChange) core.UserChange {
	masked, differs := map[string]bool{}, map[string]bool{} // by wire name
	for _, f := range p.caps(account).Fields {
		if f.Readable || f.Wire == "" {
			continue
		}
		masked[f.Wire] = true

		for _, name := range []string{string(f.Name), f.Wire} {
			value, named := want.Fields[name]
			if name == string(f.Name) {
				value, named = want.Field(f.Name)
			}
			if last, known := p.c.past.last(account, u.ID, name); named && known && !sameJSON(last, value) {
				differs[f.Wire] = true
			}
		}
	}

	kept := want
	kept.Fields = maps.Clone(want.Fields)
	for _, f := range p.caps(account).Fields {
		if !f.Readable && f.Changeable && !differs[f.Wire] { // what cannot be changed is a gap
			kept.KeepField(f.Name)
		}
	}
	maps.DeleteFunc(kept.Fields, func(name string, _ any) bool { return masked[name] && !differs[name] })
	return kept
}

// link plans that a user has a link.
func (p *planner) link(person, account string, u core.User, a core.Assignment) {
	a.UserID = u.ID
	key := linkKey(account, a.Target, u)
	if other, twice := p.linked[key]; twice {
		switch {
		case twoLevels(other, a):
			p.fail(refuse("want", "the link of %s to %s is wanted with two levels", person, a.Target))
			return
		case a.Level == nil || other.Level != nil:
			return
		}
	}
	p.linked[key] = a

	is := linkTo(p.c.accounts[account].linksOf(u.ID), a.Target)
	switch {
	case is != nil && is.Suspended:
		p.gap(account, person, core.OpResume, "the link to %s is there and is suspended", a.Target)
		fallthrough
	case meets(is, a):
		p.hold(account, person, core.OpAssign, u, a)
	case !p.takesLink(account, person, a):
	case p.frozen(account, person, u, core.OpAssign, a.Target.String(), linkValue(is), linkValue(&a)):
	default:
		s := p.addingStep(person, account, u, a.Target)
		if there := linkTo(s.Links, a.Target); there != nil {
			there.Level = a.Level // which another entry of the want left open
			return
		}
		s.Links = append(s.Links, a)
		p.adds(account, a.Target, s.ID)
	}
}

// linkKey names a link of a user, however the want spells the target and the person.
func linkKey(account string, t core.Target, u core.User) string {
	if isGUID(t.ID) {
		t.ID = strings.ToLower(t.ID)
	}
	return targetKey(account, t) + "/" + u.ID
}

// addingStep is the step that adds a link. At a single-valued target adding moves the
// user: where the target that the user leaves has a floor, the step waits for it.
func (p *planner) addingStep(person, account string, u core.User, t core.Target) *Step {
	if k, _ := p.caps(account).Kind(t.Kind); k.Single {
		for _, from := range p.c.accounts[account].linksOf(u.ID) {
			least, floored := p.floors[targetKey(account, from.Target)]
			if floored && from.Target.Kind == t.Kind && from.Target.ID != t.ID {
				s := p.step(rankAssign, person, account, core.OpAssign, u, t)
				s.Floor = &Floor{Target: from.Target, Least: least}
				return s
			}
		}
	}
	return p.step(rankAssign, person, account, core.OpAssign, u)
}

func (p *planner) adds(account string, t core.Target, step string) {
	key := targetKey(account, t)
	p.added[key] = append(p.added[key], step)
}

// update plans the fields that differ.
func (p *planner) update(person, account string, u core.User, want core.UserChange) {
	caps := p.caps(account)
	change, before := core.UserChange{}, map[string]any{}
	differs := unmet(p.c.fleet[account], want, u)

	for _, f := range core.Fields() {
		value, named := want.Field(f)
		table := caps.Field(f)
		blind := len(caps.Fields) > 0 && !table.Readable
		if !named || !blind && !slices.Contains(differs, string(f)) {
			continue
		}

		if len(caps.Fields) > 0 && !table.Changeable {
			what := " differs and"
			if blind {
				what = ""
			}
			p.gap(account, person, core.OpUpdateUser, "%s%s cannot be changed: %s", f, what, p.noField(account, table))
			continue
		}
		if len(caps.Fields) > 0 && !table.Clearable && (value == nil || value == "") {
			p.fail(refuse("want", "%s of %s cannot be cleared at %s", f, person, account))
			continue
		}

		if !blind && p.frozen(account, person, u, core.OpUpdateUser, string(f), u.Field(f), value) {
			continue
		}
		change.SetField(f, value)
		if !blind {
			before[string(f)] = u.Field(f)
		}
	}

	for name, value := range want.Fields {
		is, shown := nativeField(u, name)
		if shown && (!slices.Contains(differs, name) || p.frozen(account, person, u, core.OpUpdateUser, name, is, value)) {
			continue
		}
		if change.Fields == nil {
			change.Fields = map[string]any{}
		}
		change.Fields[name] = value
		if shown {
			before[name] = is
		}
	}

	p.updateStep(person, account, u, change, before)
}

func (p *planner) updateStep(person, account string, u core.User, change core.UserChange, before map[string]any) {
	named := len(change.Fields) > 0
	for _, f := range core.Fields() {
		_, is := change.Field(f)
		named = named || is
	}
	if !named {
		return
	}

	if !p.offers(account, core.OpUpdateUser) {
		p.gap(account, person, core.OpUpdateUser, "nobody can be changed: %s", p.lacks(account, core.OpUpdateUser))
		return
	}

	s := p.step(rankUpdate, person, account, core.OpUpdateUser, u)
	if s.Change == nil {
		s.Change, s.If = &core.UserChange{}, &Seen{Values: map[string]any{}}
	}
	if f := clash(*s.Change, change); f != "" { // one person, named in two ways
		p.fail(refuse("want", "%s of %s gets two values at %s", f, person, account))
		return
	}

	for _, f := range core.Fields() {
		if value, is := change.Field(f); is {
			s.Change.SetField(f, value)
		}
	}
	for name, value := range change.Fields {
		if s.Change.Fields == nil {
			s.Change.Fields = map[string]any{}
		}
		s.Change.Fields[name] = value
	}
	maps.Copy(s.If.Values, before)
}

// change plans the changes of one person.
func (p *planner) change(person string, changes map[string]core.UserChange) {
	for _, account := range slices.Sorted(maps.Keys(changes)) {
		if p.c.fleet[account] == nil {
			p.fail(refuse("want", "change.%s: there is no account %s", person, account))
			continue
		}

		u, found := p.user(account, person)
		if !found {
			p.nobody(account, person, core.OpUpdateUser)
			continue
		}
		p.update(p.c.key(account, u), account, u, changes[account])
	}
}

func (p *planner) nobody(account, person string, op core.Operation) {
	if len(p.c.find(person)[account]) > 0 {
		return // two of them, which was told
	}
	why := p.c.absence(account, person)
	if why != "" {
		why = ", as far as can be told: " + why
	}
	p.gap(account, person, op, "nobody has this name at %s%s", account, why)
}

// block plans that somebody gets no work, at every account that has the person.
func (p *planner) block(name string) {
	if err := p.c.ambiguity(name, p.c.find(name)); err != nil {
		p.fail(err)
		return
	}

	anywhere := false
	for _, account := range p.accounts() {
		u, found := p.user(account, name)
		if !found {
			continue
		}
		anywhere = true
		person := p.c.key(account, u)
		if lane := laneOf(account, u.ID, u.Login); p.gone[lane] || p.adopted[lane] {
			p.fail(refuse("want", "%s is in \"blocked\", and in \"have\" or \"gone\" under another name: both are the user %s of %s", name, u.ID,
				account))
			return
		}

		b := p.c.accounts[account].presence[u.ID].Blocked
		switch {
		case !p.offers(account, core.OpBlock):
			p.gap(account, person, core.OpBlock, "nobody can be blocked: %s", p.lacks(account, core.OpBlock))
		case b != nil && *b:
			p.hold(account, person, core.OpBlock, u)
		case p.frozen(account, person, u, core.OpBlock, editBlocked, false, true):
		default:
			p.step(rankBlock, person, account, core.OpBlock, u)
		}
	}

	if !anywhere {
		p.gap("", name, core.OpBlock, "nobody has this name at any account")
	}
}
