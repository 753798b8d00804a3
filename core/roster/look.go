package roster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// lookState is what a look finds.
type lookState string

const (
	lookOpen   lookState = "open"   // as the planner saw it: the step is to be done
	lookDone   lookState = "done"   // as the step would leave it
	lookMoved  lookState = "moved"  // neither
	lookUnsure lookState = "unsure" // it cannot be told
)

// sight is a look's answer with its evidence.
type sight struct {
	state lookState
	why   string // of moved and unsure, in words
	err   error  // what kept the look from an answer
	// silent means that the vendor never says. The write itself then tells: it reads what it
	// changes, and changes nothing that is so already.
	silent bool

	user    core.User         // of a step on a user
	missing []core.Assignment // the links that are still to be written
	lacking *core.UserChange  // the fields that a create left out, of a user that is there
	leaving bool              // a deletion is under way, and the user is still there
	seen    Seen
}

func unsure(err error) sight { return sight{state: lookUnsure, why: err.Error(), err: err} }

func moved(format string, args ...any) sight {
	return sight{state: lookMoved, why: fmt.Sprintf(format, args...)}
}

// look reads the subject of a step as it is now. It is the one function behind the
// precondition of a step, the resolution of an unknown outcome, the resume of a run,
// and the evidence of a receipt. It sends no write.
func look(ctx context.Context, store core.Store, s Step) sight {
	switch s.Op {
	case core.OpCreateUser:
		return lookCreate(ctx, store, s)
	case core.OpUpdateUser:
		return lookUpdate(ctx, store, s)
	case core.OpDeleteUser:
		return lookDelete(ctx, store, s)
	case core.OpAssign, core.OpUnassign, core.OpSuspend, core.OpResume:
		return lookLinks(ctx, store, s)
	case core.OpBlock, core.OpUnblock:
		return lookBlock(ctx, store, s)
	}
	return moved("no plan has steps of %s", s.Op)
}

// lookCreate looks for the user by the login, and by the id where one was told.
// "Not there" is believed of a list that cannot miss anybody.
func lookCreate(ctx context.Context, store core.Store, s Step) sight {
	found, err := withLogin(ctx, store, s)
	if err != nil {
		return unsure(err)
	}
	switch {
	case len(found) > 1:
		return sight{state: lookUnsure, why: fmt.Sprintf("%d users have the login %s", len(found), s.Spec.Login)}
	case len(found) == 0 && store.Capabilities().Of(core.OpListUsers).Partial:
		return sight{state: lookUnsure, why: "it is not in the list, and the vendor's list can miss somebody"}
	case len(found) == 0:
		return sight{state: lookOpen}
	}

	u := found[0]
	at := sight{state: lookDone, user: u}
	if unmet := unmet(store, s.Spec.Change(), u); len(unmet) > 0 {
		at = moved("a user %s exists and differs in %s", u.ID, strings.Join(unmet, ", "))
		at.user, at.lacking = u, lacking(s.Spec.Change(), u, unmet)
	}

	if len(s.Spec.Links) == 0 {
		return at
	}
	current, err := linksOf(ctx, store, u.ID, s.Spec.Links)
	if err != nil {
		return unsure(err)
	}

	at.seen.Links = current
	for _, want := range s.Spec.Links {
		want.UserID = u.ID
		if is := linkTo(current, want.Target); !meets(is, want) {
			at.missing = append(at.missing, want)
		}
	}
	return at
}

// lacking is the change that completes a user whose creation takes several requests and
// broke off: it sets what is not set yet, and whether the user is enabled. It is nil if a
// field has another value: then somebody else created the user.
func lacking(asked core.UserChange, u core.User, unmet []string) *core.UserChange {
	change := &core.UserChange{If: core.Precondition{Values: map[string]any{}}}
	for _, name := range unmet {
		f := core.Field(name)
		is := u.Field(f)
		value, named := asked.Field(f)
		if !named || is != nil && name != "enabled" {
			return nil
		}

		change.SetField(f, value)
		change.If.Values[name] = is
	}
	return change
}

func withLogin(ctx context.Context, store core.Store, s Step) ([]core.User, error) {
	if s.User != "" {
		u, err := store.GetUser(ctx, s.User)
		if err == nil || !errors.Is(err, core.ErrNotFound) {
			return []core.User{u}, err
		}
	}

	q := core.UserQuery{Login: s.Spec.Login}
	if q.Login == "" {
		q = core.UserQuery{Email: s.Spec.Email}
	}
	return core.Collect(store.ListUsers(ctx, q))
}

func lookUpdate(ctx context.Context, store core.Store, s Step) sight {
	u, err := store.GetUser(ctx, s.User)
	if errors.Is(err, core.ErrNotFound) {
		return moved("the user is gone")
	}
	if err != nil {
		return unsure(err)
	}
	at := sight{user: u, seen: Seen{Values: valuesOf(u, *s.Change)}}

	// Each field is either as the step would leave it or as the planner saw it: a
	// write that was cut half-way is still to be done.
	open, blind := unmet(store, *s.Change, u), hidden(store, *s.Change, u)
	switch {
	case len(open) > 0:
	case len(blind) > 0 && !hasMoved(u, s):
		at.state, at.why = lookUnsure, "the vendor does not show "+strings.Join(blind, ", ")
		return at
	default:
		at.state = lookDone
		return at
	}

	if s.If != nil {
		for _, name := range open {
			before, known := s.If.Values[name]
			if known && !shows(u, name, before) {
				at.state, at.why = lookMoved, fmt.Sprintf("%s was changed by somebody else", name)
				return at
			}
		}
		if s.If.Revision != "" && len(s.If.Values) == 0 && s.If.Revision != u.Revision {
			at.state, at.why = lookMoved, "the user was changed by somebody else"
			return at
		}
	}
	at.state = lookOpen
	return at
}

func lookDelete(ctx context.Context, store core.Store, s Step) sight {
	u, err := store.GetUser(ctx, s.User)
	if errors.Is(err, core.ErrNotFound) {
		return sight{state: lookDone}
	}
	if err != nil {
		return unsure(err)
	}

	if s.If != nil {
		for name, before := range s.If.Values {
			if !shows(u, name, before) {
				return moved("%s is not what it was", name)
			}
		}
	}

	// A vendor that deletes later still shows somebody who is on the way out.
	if leaver, ok := store.(core.Leaver); ok {
		leaves, err := leaver.Leaves(ctx, s.User)
		switch {
		case err != nil:
			return unsure(err)
		case leaves:
			return sight{state: lookDone, leaving: true}
		}
	}
	return sight{state: lookOpen, user: u}
}

func lookLinks(ctx context.Context, store core.Store, s Step) sight {
	current, err := linksOf(ctx, store, s.User, s.Links)
	if errors.Is(err, core.ErrNotFound) {
		return moved("the user is gone")
	}
	if err != nil {
		return unsure(err)
	}
	at := sight{state: lookOpen, seen: Seen{Links: current}}

	for _, want := range s.Links {
		want.UserID = s.User
		is := linkTo(current, want.Target)
		if linkDone(s.Op, is, want) {
			continue
		}
		at.missing = append(at.missing, want)
		if s.If != nil && !sameLink(is, linkTo(s.If.Links, want.Target)) {
			at.state, at.why = lookMoved, fmt.Sprintf("the link to %s is not what it was", want.Target)
		}
	}

	switch {
	case len(at.missing) == 0:
		at.state = lookDone
	case at.state == lookOpen && s.If != nil:
		// A single-valued link that the step replaces must still be the one that was seen.
		for _, before := range s.If.Links {
			if linkTo(s.Links, before.Target) == nil && linkTo(current, before.Target) == nil {
				at.state, at.why = lookMoved, fmt.Sprintf("the link to %s is not what it was", before.Target)
			}
		}
	}
	return at
}

// linkDone reports whether a link is as the operation would leave it.
func linkDone(op core.Operation, is *core.Assignment, want core.Assignment) bool {
	switch op {
	case core.OpUnassign:
		return is == nil
	case core.OpSuspend:
		return is != nil && is.Suspended
	case core.OpResume:
		return is != nil && !is.Suspended
	}
	return meets(is, want)
}

func lookBlock(ctx context.Context, store core.Store, s Step) sight {
	p, err := store.Presence(ctx, s.User)
	if p.Blocked != nil {
		err = nil // what could not be read is the rest, from another service
	}

	switch {
	case errors.Is(err, core.ErrNotFound):
		return moved("the user is gone")
	case errors.Is(err, errors.ErrUnsupported), err == nil && p.Blocked == nil:
		return sight{state: lookUnsure, silent: true, why: "the vendor does not say whether the user is blocked"}
	case err != nil:
		return unsure(err)
	}

	at := sight{state: lookOpen, seen: Seen{Blocked: p.Blocked}}
	if *p.Blocked == (s.Op == core.OpBlock) {
		at.state = lookDone
	}
	return at
}

// linksOf reads the links of a user. Where the vendor cannot list them by user, the
// targets that matter are read.
func linksOf(ctx context.Context, store core.Store, id string, wanted []core.Assignment) ([]core.Assignment, error) {
	if store.Capabilities().Of(core.OpListByUser).Support != core.NotOffered {
		return core.Collect(store.ListAssignments(ctx, core.AssignmentQuery{UserID: id}))
	}

	var links []core.Assignment
	for _, w := range wanted {
		for a, err := range store.ListAssignments(ctx, core.AssignmentQuery{Target: w.Target}) {
			if err != nil {
				return nil, err
			}
			if a.UserID == id {
				links = append(links, a)
			}
		}
	}
	return links, nil
}

func sameTarget(a, b core.Target) bool { return a.Kind == b.Kind && sameID(a.ID, b.ID) }

// linkTo returns the link to a target, nil where there is none.
func linkTo(links []core.Assignment, t core.Target) *core.Assignment {
	i := slices.IndexFunc(links, func(a core.Assignment) bool { return sameTarget(a.Target, t) })
	if i < 0 {
		return nil
	}
	return &links[i]
}

// twoLevels reports whether two wishes for one link contradict each other.
func twoLevels(a, b core.Assignment) bool {
	return a.Level != nil && b.Level != nil && *a.Level != *b.Level
}

// meets reports whether a link is there at the level that is wanted, any level where
// none is. A suspended link is there.
func meets(is *core.Assignment, want core.Assignment) bool {
	return is != nil && (want.Level == nil || is.Level != nil && *is.Level == *want.Level)
}

// sameLink reports whether a link is as it was seen. Without a level in what was seen
// any is the same: an add without a level leaves it to the vendor.
func sameLink(a, b *core.Assignment) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Suspended == b.Suspended && (b.Level == nil || a.Level != nil && *a.Level == *b.Level)
}

// unmet returns the fields that a user does not show as a change wants them, of
// those that the vendor shows at all.
func unmet(store core.Store, c core.UserChange, u core.User) []string {
	caps := store.Capabilities()
	var names []string
	for _, name := range c.Unmet(u) {
		if len(caps.Fields) == 0 || caps.Field(core.Field(name)).Readable {
			names = append(names, name)
		}
	}

	for name, want := range c.Fields {
		if is, shown := nativeField(u, name); shown && !covers(is, want) {
			names = append(names, name)
		}
	}

	slices.Sort(names)
	return names
}

// hasMoved reports whether a user shows a field of a change differently from how the planner
// saw it: then the write that sets them all was made.
func hasMoved(u core.User, s Step) bool {
	if s.If == nil {
		return false
	}
	for name, before := range s.If.Values {
		if !shows(u, name, before) {
			return true
		}
	}
	return false
}

// hidden returns the fields of a change that the vendor never shows.
func hidden(store core.Store, c core.UserChange, u core.User) []string {
	caps := store.Capabilities()
	var names []string
	for _, f := range core.Fields() {
		if _, named := c.Field(f); named && len(caps.Fields) > 0 && !caps.Field(f).Readable {
			names = append(names, string(f))
		}
	}

	for name, value := range c.Fields {
		if _, shown := nativeField(u, name); !shown && value != nil {
			names = append(names, name)
		}
	}

	slices.Sort(names)
	return names
}

// shows reports whether a user shows a field, neutral or the vendor's, with a value.
func shows(u core.User, name string, value any) bool {
	if !slices.Contains(core.Fields(), core.Field(name)) {
		is, shown := nativeField(u, name)
		return !shown && value == nil || shown && sameJSON(is, value)
	}
	var c core.UserChange
	setField(&c, core.Field(name), value)
	return len(c.Unmet(u)) == 0
}

// setField is SetField for a value that may come from JSON.
func setField(c *core.UserChange, name core.Field, value any) {
	if list, ok := value.([]any); ok {
		words := make([]string, 0, len(list))
		for _, w := range list {
			words = append(words, fmt.Sprint(w))
		}
		value = words
	}
	c.SetField(name, value)
}

// valuesOf returns what a user shows of the fields that a change names.
func valuesOf(u core.User, c core.UserChange) map[string]any {
	values := map[string]any{}
	for _, f := range core.Fields() {
		if _, named := c.Field(f); named {
			values[string(f)] = u.Field(f)
		}
	}

	for name := range c.Fields {
		if is, shown := nativeField(u, name); shown {
			values[name] = is
		}
	}
	return values
}

// nativeField returns a vendor's field by its wire name, as JSON shows it.
func nativeField(u core.User, name string) (any, bool) {
	if u.Native == nil {
		return nil, false
	}

	text, err := json.Marshal(u.Native)
	if err != nil {
		return nil, false
	}
	var members map[string]any
	if decodeNumbers(text, &members) != nil {
		return nil, false
	}

	v, shown := members[name]
	return v, shown
}

// covers reports whether a vendor field shows what was asked for: a vendor may add members
// to an object, list the elements of a set in another order, and write a number as a text.
func covers(is, want any) bool {
	x, ok1 := throughJSON(is)
	y, ok2 := throughJSON(want)
	return ok1 && ok2 && shownAs(x, y)
}

func shownAs(is, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		shown, ok := is.(map[string]any)
		for name, value := range want {
			ok = ok && shownAs(shown[name], value)
		}
		return ok

	case []any:
		shown, ok := is.([]any)
		if !ok || len(shown) != len(want) {
			return false
		}
		for _, value := range want {
			ok = ok && slices.ContainsFunc(shown, func(is any) bool { return shownAs(is, value) })
		}
		return ok

	case json.Number:
		return fmt.Sprint(is) == want.String()
	case string:
		n, number := is.(json.Number)
		return is == want || number && n.String() == want
	}
	return is == want
}

// sameJSON compares two values as JSON: an Opt, a number and its digits are the same.
func sameJSON(a, b any) bool {
	x, ok1 := throughJSON(a)
	y, ok2 := throughJSON(b)
	return ok1 && ok2 && reflect.DeepEqual(x, y)
}

func throughJSON(v any) (any, bool) {
	var out any
	text, err := json.Marshal(v)
	if err != nil || decodeNumbers(text, &out) != nil {
		return nil, false
	}
	return out, true
}
