package webex

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Modify reads a person with calling data, lets change edit it, and puts the whole
// person back, with every field that change did not touch as it was, known or not:
// licences, roles, numbers and LoginEnabled included. Only what is the server's own
// is left out. Where change alters nothing, nothing is written.
//
// Webex has no revisions, so a change that others make between the read and the
// write is lost; those of one Client on one person take turns. Change must not call
// the Client about the same person.
//
// A LocationID that is there cannot be changed: core.ErrInvalid before the write.
// A person that was not read whole is not written back: core.ErrIncomplete. So is
// one whose LoginEnabled is not shown, unless change sets it or WithUnseenLogin
// allows it. A refusal (400) may have changed a part all the same: the person is read
// again, and Applied says what is known. Where the person does not show what was
// sent, or lacks a phone number that it had, the error is core.ErrNotApplied beside
// the person as it now is.
//
// Phone numbers of other types than work go back as they were read. Where the vendor
// refuses them, so does Modify, unless WithWorkNumbersAlone allows it to leave them
// out, which may delete them.
func (p *People) Modify(ctx context.Context, id ID, change func(*Person) error) (*Person, error) {
	m, err := p.modify(ctx, "People.Modify", id, change)
	return m.now, err
}

// modified is what modify did.
type modified struct {
	before *Person // as it was read
	now    *Person // as it is now, as far as is known
	seen   *Person // as it was after a write that was refused, or not seen to end
	wrote  bool
}

func (p *People) modify(ctx context.Context, op string, id ID, change func(*Person) error) (modified, error) {
	if _, err := id.check(op, "the person", TypePerson); err != nil {
		return modified{}, err
	}
	unlock, err := p.c.locks.Lock(ctx, "person "+id.Key())
	if err != nil {
		return modified{}, &core.Error{Vendor: vendor, Op: op, Class: core.ClassCanceled, Err: err, Applied: core.AppliedNo,
			Message: "the context ended while another change of the person was under way"}
	}
	defer unlock()
	before, err := p.get(ctx, op, id)
	if err != nil {
		return modified{}, err
	}
	if err := before.whole(op); err != nil {
		return modified{}, err
	}
	sent := before.clone()
	if err := change(sent); err != nil {
		return modified{}, err
	}
	if err := checkEdit(op, before, sent); err != nil {
		return modified{}, err
	}
	m := modified{before: before, now: before}
	changed := differences(before, sent)
	if len(changed) == 0 {
		return m, nil
	}
	if !sent.LoginEnabled.IsSet() && !p.c.people.unseenLogin {
		return modified{}, &core.Error{Vendor: vendor, Op: op, Class: core.ClassIncomplete, Applied: core.AppliedNo,
			Message: "the vendor does not show loginEnabled of the person, and a replacement without it may let somebody in who was blocked",
			Hint:    "ask as an administrator of the person's organisation, set it in the same change, or allow it with WithUnseenLogin"}
	}
	m.wrote = true
	body := sent.writable().withPlainNumbers()
	// Sites are removed only where all types are shown.
	fewerSites := lacksAny(sent.SiteURLs, before.SiteURLs)
	got, err := p.put(ctx, op, before.ID, body, fewerSites)
	if len(sent.otherNumbers()) > 0 && p.refusesNumbers(ctx, op, before, err) {
		// By the page only work numbers can be set. The others go back as they were
		// read, because a replacement deletes what it leaves out; but for those that
		// the vendor itself makes of the extension, which is sent.
		if !p.c.people.workNumbersAlone && !sent.othersAreDerived() {
			m.now, m.seen = nil, before
			if e, ok := errors.AsType[*core.Error](err); ok {
				e = new(*e)
				e.Hint = "perhaps it takes no numbers but those of type work; a write without the others may delete them, and is made only with WithWorkNumbersAlone, an option of the client: else change the person in Control Hub"
				err = e
			}
			return m, err
		}
		got, err = p.put(ctx, op, before.ID, body.withWorkNumbers(), fewerSites)
	}
	if err != nil {
		m.now = nil
		m.seen, err = p.afterRefusal(ctx, op, before, sent, changed, err)
		return m, err
	}
	m.now = got
	if len(unmet(before, changed, sent, got)) > 0 || skipped(sent, got) != nil || p.lostNumbers(before, got, changed) != nil {
		// Perhaps the answer is of before, or leaves out what only a read shows.
		if m.now, err = p.get(ctx, op, before.ID); err != nil {
			m.now = got
			return m, rest.AfterWrite(err, core.AppliedYes, "the person was written, the answer does not show it, and reading it again failed")
		}
	}
	names, applied := unmet(before, changed, sent, m.now), core.AppliedYes
	if len(names) > 0 {
		applied = m.appliedBut(names, changed, sent)
		if i := slices.Index(names, "emails"); i >= 0 && sameAddresses(sent.Emails, m.now.Emails) {
			names[i] = "emails (they are in another order)"
		}
	} else {
		names = skipped(sent, m.now)
	}
	gone := p.lostNumbers(before, m.now, changed)
	if names == nil && gone == nil {
		return m, nil
	}
	e := notApplied(op, names, applied)
	if gone != nil {
		e.Applied, e.Message = core.AppliedYes, "the vendor accepted the change, and deleted phone numbers that it did not name: "+strings.Join(gone, ", ")
		if names != nil {
			e.Message += "; and the person does not show " + strings.Join(names, ", ")
		}
	}
	return m, e
}

// lostNumbers names the phone numbers of other types than work that a person had, and
// does not show any more. Those that the vendor makes of others may change with them.
func (p *People) lostNumbers(before, now *Person, changed []string) (names []string) {
	made := slices.ContainsFunc(changed, func(name string) bool {
		return name == "phoneNumbers" || name == "licenses" || name == "locationId"
	})
	there := now.otherNumbers()
	for _, n := range before.PhoneNumbers {
		personal := strings.EqualFold(n.Type, "mobile") || strings.EqualFold(n.Type, "fax")
		if n.others() && !n.derived() && (personal || !made) && !slices.Contains(there, n.key()) {
			names = append(names, p.c.rest.Text(n.Type+" "+n.Value.Or("")))
		}
	}
	return names
}

var numberWords = regexp.MustCompile(`(?i)phone|\bnumber|\bwork\b|work_extension`)

// refusesNumbers reports a write that the vendor refused (400) for its phone numbers,
// and did nothing of: the person is as it was.
func (p *People) refusesNumbers(ctx context.Context, op string, before *Person, err error) bool {
	e, ok := errors.AsType[*core.Error](err)
	if !ok || e.Status != http.StatusBadRequest || e.Applied != core.AppliedNo || !numberWords.MatchString(e.Message) {
		return false
	}
	now, lookErr := p.get(ctx, op, before.ID)
	return lookErr == nil && len(differences(before, now)) == 0
}

// appliedBut says whether any of a change was applied where some does not show: what
// is not as it was before was changed, though to something else. Of what only
// administrators are shown, and this credential was not shown before either, nobody
// can say; nor of the order of addresses, which the vendor does not promise to show.
func (m modified) appliedBut(unmet, changed []string, sent *Person) core.Applied {
	was, is, different := m.before.members(), m.now.members(), differences(m.before, m.now)
	moved := func(name string) bool {
		return slices.Contains(different, name) && (name != "loginEnabled" || is[name] != nil)
	}
	untold := func(name string) bool {
		switch name {
		case "loginEnabled":
			return is[name] == nil
		case "roles", "licenses":
			return is[name] == nil && was[name] == nil
		}
		return name == "emails" && sameAddresses(sent.Emails, m.now.Emails)
	}
	switch {
	case len(unmet) < len(changed), slices.ContainsFunc(unmet, moved):
		return core.AppliedYes
	case slices.ContainsFunc(unmet, untold):
		return core.AppliedUnknown
	}
	return core.AppliedNo
}

// afterRefusal looks what a write did that the vendor refused: it may have changed
// a part all the same. It returns the person that it saw then.
func (p *People) afterRefusal(ctx context.Context, op string, before, sent *Person, changed []string, err error) (*Person, error) {
	e, ok := errors.AsType[*core.Error](err)
	if !ok || e.Applied == core.AppliedYes || e.Status != http.StatusBadRequest && e.Applied != core.AppliedUnknown {
		return nil, err
	}
	e = new(*e)
	now, lookErr := p.get(ctx, op, before.ID)
	if lookErr != nil {
		e.Applied = core.AppliedUnknown
		e.Hint = "a part may have been changed all the same: read the person to see what it holds now"
		return nil, e
	}
	missing, moved := unmet(before, changed, sent, now), differences(before, now)
	switch {
	case len(missing) == 0:
		e.Applied = core.AppliedYes
		e.Hint = "the person shows the change all the same"
	case slices.ContainsFunc(changed, func(name string) bool { return slices.Contains(moved, name) }):
		e.Applied = core.AppliedYes
		e.Hint = "a part was changed all the same; the person does not show " + strings.Join(missing, ", ")
	}
	return now, e
}

// whole refuses to stand on a read that was not complete.
func (p *Person) whole(op string) error {
	why := ""
	switch {
	case len(p.Errors) > 0 || p.Extra["errors"] != nil && string(p.Extra["errors"]) != "null":
		why = "the vendor could not read some fields of the person"
	case p.short():
		why = "the vendor answered with a part of the person only"
	default:
		return nil
	}
	return &core.Error{Vendor: vendor, Op: op, Class: core.ClassIncomplete, Applied: core.AppliedNo,
		Message: why + ", and writing that back would delete the rest"}
}

// checkEdit refuses a change that the vendor would refuse, or ignore.
func checkEdit(op string, before, sent *Person) error {
	was, there := before.LocationID.Get()
	now, _ := sent.LocationID.Get()
	switch {
	case !sent.ID.Same(before.ID):
		return core.Invalid(vendor, op, "the id of a person cannot be changed")
	case there && was != "" && !now.Same(was):
		return core.Invalid(vendor, op, "the locationId of a person can be set once, with the calling licence, and not be changed afterwards")
	case sent.otherNumbers() != nil && !slices.Equal(sent.otherNumbers(), before.otherNumbers()):
		return core.Invalid(vendor, op, "only phone numbers of type work can be changed")
	case sent.Login() == "" && before.Login() != "" || len(sent.Emails) > 0 && strings.TrimSpace(sent.Login()) == "":
		return core.Invalid(vendor, op, "emails is required and cannot be cleared")
	case before.LoginEnabled.IsSet() && !sent.LoginEnabled.IsSet():
		return core.Invalid(vendor, op, "loginEnabled cannot be cleared")
	case blank(sent.DisplayName) && !blank(before.DisplayName):
		return core.Invalid(vendor, op, "displayName is required and cannot be cleared")
	}
	sent.LocationID = before.locationOr(sent.LocationID)
	if sent.otherNumbers() == nil { // left out, they stay: they are the vendor's
		for _, n := range before.PhoneNumbers {
			if n.others() {
				sent.PhoneNumbers = append(sent.PhoneNumbers, n)
			}
		}
	}
	return nil
}

// lacksAny reports whether a list lacks any of some texts.
func lacksAny(list, texts []string) bool {
	there := make(map[string]bool, len(list))
	for _, s := range list {
		there[s] = true
	}
	return slices.ContainsFunc(texts, func(s string) bool { return !there[s] })
}

// locationOr is the location exactly as it was read, or else another.
func (p *Person) locationOr(other core.Opt[ID]) core.Opt[ID] {
	if p.LocationID.Or("") != "" {
		return p.LocationID
	}
	return other
}

// members are the fields of a person as they are sent, by wire name.
func (p *Person) members() map[string]json.RawMessage {
	w := p.writable()
	return wire.Members(&w)
}

// differences names the fields in which two people differ, of those that are sent.
func differences(a, b *Person) []string {
	was, now := a.members(), b.members()
	var names []string
	for name := range was {
		if _, there := now[name]; !there {
			names = append(names, name)
		}
	}
	for name, value := range now {
		if old, there := was[name]; !there || !sameJSON(old, value) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// unmet names those of the changed fields that a person does not show as they were
// sent. Null, empty and absent are the same here, and so are texts that differ in
// case: the vendor folds addresses.
func unmet(before *Person, changed []string, sent, got *Person) []string {
	was, want, is := before.members(), sent.members(), got.members()
	var names []string
	for _, name := range changed {
		switch name {
		case "licenses", "siteUrls", "addresses":
			// The vendor may have added some of its own: those that others imply.
			there := listOf(is[name])
			taken := without(listOf(was[name]), listOf(want[name]))
			if len(without(listOf(want[name]), there)) == 0 && len(without(taken, there)) == len(taken) {
				continue
			}
		default:
			if shows(name, want[name], is[name]) {
				continue
			}
		}
		names = append(names, name)
	}
	return names
}

func listOf(raw json.RawMessage) []any {
	list, _ := wire.Value(raw).([]any)
	return list
}

// without returns what is in one list and not in the other.
func without(list, other []any) []any {
	return slices.DeleteFunc(slices.Clone(list), func(v any) bool {
		return slices.ContainsFunc(other, func(o any) bool { return alike(v, o) })
	})
}

func shows(name string, want, is json.RawMessage) bool {
	w, i := wire.Value(want), wire.Value(is)
	if name == "lastName" { // "." is what the vendor stores for none
		w, i = named(w), named(i)
	}
	if wire.Empty(w) || wire.Empty(i) {
		return wire.Empty(w) && wire.Empty(i)
	}
	switch name {
	case "roles", "licenses":
		a, b := idsOf(want), idsOf(is)
		return !lacks(a, b) && !lacks(b, a)
	case "phoneNumbers":
		return numbersShown(want, is)
	case "emails": // of those behind the first the order says nothing
		var a, b []string
		wire.Unmarshal(want, &a)
		wire.Unmarshal(is, &b)
		return sameAddresses(a, b) && len(a) > 0 && sameText(a[0], b[0])
	}
	return alike(w, i)
}

func named(v any) any {
	if v == "." {
		return nil
	}
	return v
}

// sameAddresses reports whether two lists hold the same addresses, in any order.
func sameAddresses(a, b []string) bool {
	set := func(list []string) []string {
		out := make([]string, len(list))
		for i, s := range list {
			out[i] = strings.ToLower(strings.TrimSpace(s))
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	return slices.Equal(set(a), set(b))
}

// sameText compares as people would, without regard to case and to how many blanks
// there are.
func sameText(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// lacking names what was sent of a new person and is not shown. What the vendor gives
// of its own, for example licences and sites, may be there too.
func lacking(sent, got *Person) (names []string) {
	want, is := sent.members(), got.members()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		switch name {
		case "roles":
			if !lacks(got.Roles, sent.Roles) {
				continue
			}
		case "licenses":
			if !lacks(got.Licenses, sent.Licenses) {
				continue
			}
		case "phoneNumbers":
			there := workNumbers(is[name])
			if !slices.ContainsFunc(workNumbers(want[name]), func(n string) bool { return !slices.ContainsFunc(there, sameNumber(n)) }) {
				continue
			}
		case "avatar":
			continue // the vendor may keep a copy, elsewhere
		case "orgId":
			if got.OrgID.IsZero() {
				continue // it is ours, and not the caller's
			}
		case "siteUrls", "emails", "addresses":
			if len(without(listOf(want[name]), listOf(is[name]))) == 0 {
				continue
			}
		}
		if !shows(name, want[name], is[name]) {
			names = append(names, name)
		}
	}
	return names
}

func idsOf(raw json.RawMessage) (ids []ID) {
	wire.Unmarshal(raw, &ids)
	return ids
}

// numbersShown compares the work numbers, which are read back in other notations
// and together with others.
func numbersShown(want, is json.RawMessage) bool {
	a, b := workNumbers(want), workNumbers(is)
	for _, n := range a {
		i := slices.IndexFunc(b, sameNumber(n))
		if i < 0 {
			return false
		}
		b = slices.Delete(b, i, i+1)
	}
	return len(b) == 0
}

// sameNumber compares digits with those that the vendor shows, which are of the
// whole number where a national one was sent.
func sameNumber(sent string) func(shown string) bool {
	const national = 7
	return func(shown string) bool {
		return shown == sent || len(sent) >= national && strings.HasSuffix(shown, strings.TrimLeft(sent, "0"))
	}
}

func workNumbers(raw json.RawMessage) []string {
	var numbers []PhoneNumber
	wire.Unmarshal(raw, &numbers)
	var out []string
	for _, n := range numbers {
		if !n.others() {
			out = append(out, digits(n.Value.Or("")))
		}
	}
	slices.Sort(out)
	return out
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// valueOf reads JSON with its numbers as they are spelled.
func sameJSON(a, b json.RawMessage) bool { return reflect.DeepEqual(wire.Value(a), wire.Value(b)) }

// alike compares two values as people would: texts without regard to case, and of
// an object what was asked for.
func alike(want, is any) bool {
	switch w := want.(type) {
	case string:
		i, ok := is.(string)
		return ok && (sameText(w, i) || ID(w).Same(ID(i)))
	case []any:
		i, ok := is.([]any)
		return ok && slices.EqualFunc(w, i, alike)
	case map[string]any:
		i, ok := is.(map[string]any)
		for name, v := range w {
			if ok && !(wire.Empty(v) && wire.Empty(i[name])) && !alike(v, i[name]) {
				return false
			}
		}
		return ok
	}
	return reflect.DeepEqual(want, is) || wire.SameNumber(want, is)
}
