package webex

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Modify changes some fields of a person: it reads the person with calling data, lets
// change edit it, and puts the whole person back, with every field that change did not
// touch as it was, known or not. Where change alters nothing, nothing is written.
//
// Webex has no revisions, so a change that others make between the read and the write
// is lost; those of one Client on one person take turns, and build on each other. Change
// must not call the Client about the same person.
//
// The first of several addresses is the login. Where change leaves the addresses alone,
// the login stays first, whatever order they were read in.
//
// Phone numbers of other types than work go back as they were read. Where the vendor
// refuses them, so does Modify, unless WithWorkNumbersAlone allows it to leave them
// out, which may delete them.
//
// Errors: core.ErrInvalid, before the write, for what the vendor would refuse, such as
// another LocationID. core.ErrIncomplete, with nothing written, for a person that was
// not read whole, that does not show LoginEnabled (see WithUnseenLogin), or of whose
// several addresses the vendor does not tell which is the login. After a refusal (400)
// the person is read again, and Applied says what is known. core.ErrNotApplied, beside
// the person as it now is, where it does not show what was sent, or lacks a phone number
// that it had.
//
// It takes two requests, three for a person with several addresses, and a further read
// where the answer does not show the change.
func (p *People) Modify(ctx context.Context, id ID, change func(*Person) error) (*Person, error) {
	e, err := p.modify(ctx, "People.Modify", id, change)
	return e.now, err
}

// personEdit is one read-modify-write of a person.
type personEdit struct {
	*People
	op string

	shown   *Person  // as it was read, or as the vendor showed it after this client's write
	before  *Person  // the same, overlaid with what this client wrote and the vendor never showed
	sent    *Person  // as it is to be
	changed []string // the fields that differ from what was shown
	wrote   bool     // a write was sent
	now     *Person  // as it is now, as far as is known

	// Results of the latest look.
	unmet   []string // fields of the change that do not show
	skipped []string // ids that do not show, though the change does
	gone    []string // phone numbers that the person had
}

// modify is Modify, under the name of the calling operation.
func (p *People) modify(ctx context.Context, op string, id ID, change func(*Person) error) (*personEdit, error) {
	e := &personEdit{People: p, op: op}
	sent, err := id.check(op, "the person", TypePerson)
	if err != nil {
		return e, err
	}

	unlock, err := p.c.locks.Lock(ctx, "person "+id.Key())
	if err != nil {
		return e, canceled(op, err)
	}
	defer unlock()

	if err := e.read(ctx, sent); err != nil {
		return e, err
	}
	if err := e.plan(change); err != nil {
		return e, err
	}

	if len(e.changed) == 0 {
		e.now = e.before
		return e, nil
	}
	return e, e.make(ctx)
}

// read reads what the write builds on.
func (e *personEdit) read(ctx context.Context, id ID) error {
	before, err := e.getCreated(ctx, e.op, id)
	if err != nil {
		return err
	}
	if err := before.checkComplete(e.op); err != nil {
		return err
	}

	// The read may be older than what this client has written.
	read := before.Emails
	if err := e.c.writtenPeople.Refresh(id.Key(), before); err != nil {
		return incomplete(e.op, doesNotFit+err.Error())
	}

	e.shown, e.before = before.clone(), before
	if err := e.c.unseenPeople.Refresh(id.Key(), e.before); err != nil {
		return incomplete(e.op, doesNotFit+err.Error())
	}

	// This client wrote the login first, and a look-up may be as old as the read.
	if len(e.before.Emails) > 0 && !slices.Equal(read, e.before.Emails) {
		e.before.UserName = core.Set(e.before.Emails[0])
		return nil
	}
	return e.tellLogin(ctx)
}

const doesNotFit = "what was written before does not fit what was read: "

// tellLogin finds out which of several addresses is the login. Only a look-up by id
// shows it.
func (e *personEdit) tellLogin(ctx context.Context) error {
	if len(e.before.Emails) < 2 || e.before.knowsLogin() {
		return nil
	}
	by := PersonListOptions{IDs: []ID{e.before.ID}, NotFound: new([]ID), WithoutCallingData: true, WithoutStatus: true}
	for found, err := range e.List(ctx, by) {
		if err != nil {
			if ctx.Err() != nil {
				return within(e.op, err)
			}
			return nil // it stays unclear, which matters only to some changes
		}
		if found.ID.Same(e.before.ID) {
			e.before.UserName = found.UserName
		}
	}
	return nil
}

// plan edits the person, and refuses a change that must not be written.
func (e *personEdit) plan(change func(*Person) error) error {
	e.sent = e.before.clone()
	if err := change(e.sent); err != nil {
		return err
	}
	if name := e.sent.nulled(); name != "" && len(differences(e.shown, e.sent)) > 0 {
		return refuseWrite(e.op, "the vendor shows null among the "+name+" of the person, which it takes back from nobody",
			"name the whole list of "+name+" in the same change")
	}

	if err := checkEdit(e.op, e.before, e.sent); err != nil {
		return err
	}
	e.changed = differences(e.shown, e.sent)
	if len(e.changed) == 0 {
		return nil
	}

	if !e.sent.LoginEnabled.IsSet() && !e.c.people.unseenLogin {
		return refuseWrite(e.op, "the vendor does not show loginEnabled of the person, and a replacement without it may unblock a person who "+
			"was blocked",
			"ask as an administrator of the person's organisation, set it in the same change, or allow it with WithUnseenLogin")
	}
	if !slices.Contains(e.changed, "emails") && !e.before.knowsLogin() {
		return e.before.loginUnclear(e.op)
	}
	return nil
}

func refuseWrite(op, why, hint string) error {
	return &core.Error{Vendor: vendor, Op: op, Class: core.ClassIncomplete, Applied: core.AppliedNo, Message: why, Hint: hint}
}

// loginUnclear is the error of a write that could make another address the login.
func (p *Person) loginUnclear(op string) error {
	return refuseWrite(op, "the person has several addresses, and the vendor does not show which one is the login; a replacement would make "+
		"the first one the login",
		"name the whole list of emails in the same change, the login first")
}

// make writes the person and reads the effect back.
func (e *personEdit) make(ctx context.Context) error {
	e.wrote = true
	err := e.c.readBack(e.op).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: e.op, Write: e.write, Shows: e.look, Partly: e.partly, What: e.what,
	})
	switch {
	case err == nil:
		e.c.unseenPeople.Forget(e.before.ID.Key())
		e.c.writtenPeople.Wrote(e.before.ID.Key(), e.shown, e.sent)
		return nil
	case errors.Is(err, core.ErrNotApplied):
		return err
	}

	cause, ok := errors.AsType[*core.Error](err)
	if ok && cause.Status == http.StatusBadRequest && cause.Applied == core.AppliedNo && ctx.Err() == nil {
		err = e.afterRefusal(ctx, cause)
	}
	if refused, ok := errors.AsType[*core.Error](err); !ok || refused.Applied != core.AppliedYes {
		e.now = nil
	}
	return err
}

// write sends the whole person. Told says that the answer shows the change.
func (e *personEdit) write(ctx context.Context) (told bool, err error) {
	body := e.body()
	// Sites are removed only where all types are shown.
	kept := setOf(e.sent.SiteURLs, strings.Clone)
	allTypes := slices.ContainsFunc(e.shown.SiteURLs, func(s string) bool { return !kept[s] })

	got, err := e.put(ctx, e.op, e.before.ID, body, allTypes)
	if err != nil && e.refusesNumbers(ctx, err) {
		got, err = e.putWorkNumbers(ctx, body, allTypes, err)
	}
	if err != nil {
		return false, err
	}

	switch {
	case !got.isComplete():
		e.remember(nil)
	case e.shows(got):
		return true, nil
	default:
		e.remember(got)
	}
	return false, nil
}

// body is the person as it is sent: the login first, the numbers in the form for writes.
func (e *personEdit) body() Person {
	body := e.sent.writable().withPlainNumbers()
	if login := e.before.Login(); !slices.Contains(e.changed, "emails") && len(body.Emails) > 1 {
		others := slices.DeleteFunc(slices.Clone(body.Emails), func(a string) bool { return evidence.SameLogin(a, login) })
		body.Emails = append([]string{login}, others...)
	}
	return body
}

// remember keeps, for the next write, what was written and not shown, unless the answer
// shows another value.
func (e *personEdit) remember(answer *Person) {
	sent := *e.sent
	if answer != nil && len(e.unmet) > 0 {
		was, back := e.shown.members(), map[string]any{}
		for _, name := range e.unmet {
			back[name] = core.Clear[any]()
			if raw, there := was[name]; there {
				back[name] = json.RawMessage(raw)
			}
		}
		if wire.Overlay(&sent, back) != nil {
			return
		}
	}
	e.c.unseenPeople.Wrote(e.before.ID.Key(), e.shown, &sent)
}

// look reads the person and reports whether it shows the change.
func (e *personEdit) look(ctx context.Context) (bool, error) {
	now, err := e.get(ctx, e.op, e.before.ID)
	if err != nil {
		return false, err
	}
	return e.shows(now), nil
}

// shows compares the person as it now is with what was sent.
func (e *personEdit) shows(now *Person) bool {
	e.now, e.skipped = now, nil
	e.unmet = personRules.Unmet(e.changed, e.shown.members(), e.sent.members(), now.members())
	if len(e.unmet) == 0 {
		e.skipped = skipped(e.sent, now)
	}
	e.gone = e.lostNumbers(now)
	return len(e.unmet)+len(e.skipped)+len(e.gone) == 0
}

// partly reports that the vendor did a part of the change. A field that differs from
// before was changed, even if to another value; except a field that only administrators
// see and that is no longer shown.
func (e *personEdit) partly() bool {
	if e.now == nil {
		return false
	}
	if len(e.gone) > 0 || len(e.unmet) < len(e.changed) {
		return true
	}
	is, moved := e.now.members(), differences(e.shown, e.now)
	return slices.ContainsFunc(e.unmet, func(name string) bool {
		return slices.Contains(moved, name) && (name != "loginEnabled" || is[name] != nil)
	})
}

// what names what does not show.
func (e *personEdit) what() string {
	names := slices.Concat(e.unmet, e.skipped)
	if i := slices.Index(names, "emails"); i >= 0 && e.now != nil && sameAddresses(e.sent.Emails, e.now.Emails) {
		names[i] = "emails (they are in another order)"
	}
	text := "the person does not show it"
	if len(names) > 0 {
		text = "the person does not show " + strings.Join(names, ", ")
	}

	if slices.Contains(names, "licenses") {
		text += " (" + licencesAreSkipped + ")"
	}
	if len(e.gone) > 0 {
		gone := "phone numbers that the change did not name are gone: " + strings.Join(e.gone, ", ")
		if len(names) == 0 {
			return gone
		}
		text = gone + "; and " + text
	}
	return text
}

const licencesAreSkipped = "the vendor silently skips licences that cannot be given"

// lostNumbers names the phone numbers of types other than work that a person had and no
// longer shows. Those that the vendor derives from others may change with them.
func (e *personEdit) lostNumbers(now *Person) (names []string) {
	made := slices.ContainsFunc(e.changed, func(name string) bool {
		return name == "phoneNumbers" || name == "licenses" || name == "locationId"
	})
	there := setOf(now.otherNumbers(), strings.Clone)
	for _, n := range e.shown.PhoneNumbers {
		personal := strings.EqualFold(n.Type, "mobile") || strings.EqualFold(n.Type, "fax")
		if n.others() && !n.derived() && (personal || !made) && !there[n.key()] {
			names = append(names, e.c.rest.Text(n.Type+" "+n.Value.Or("")))
		}
	}
	return names
}

var numberWords = regexp.MustCompile(`(?i)phone|\bnumber|\bwork\b|work_extension`)

// refusesNumbers reports a write that the vendor refused (400) because of its phone
// numbers, without effect: the person is as before.
func (e *personEdit) refusesNumbers(ctx context.Context, err error) bool {
	cause, ok := errors.AsType[*core.Error](err)
	if !ok || len(e.sent.otherNumbers()) == 0 || cause.Status != http.StatusBadRequest || cause.Applied != core.AppliedNo ||
		!numberWords.MatchString(cause.Message) {
		return false
	}
	now, lookErr := e.get(ctx, e.op, e.before.ID)
	return lookErr == nil && len(differences(e.shown, now)) == 0
}

// putWorkNumbers writes the person with the work numbers alone, if that is allowed. By
// the vendor's page only those can be set. Otherwise the others go back as they were
// read, because a replacement deletes what it omits; except those that the vendor
// derives from the extension, which is sent.
func (e *personEdit) putWorkNumbers(ctx context.Context, body Person, allTypes bool, refusal error) (*Person, error) {
	if e.c.people.workNumbersAlone || e.sent.othersAreDerived() {
		return e.put(ctx, e.op, e.before.ID, body.withWorkNumbers(), allTypes)
	}
	cause, ok := errors.AsType[*core.Error](refusal)
	if !ok {
		return nil, refusal
	}
	cause = new(*cause)
	cause.Hint = "perhaps it accepts only numbers of type work; a write without the others may delete them, and needs the client option " +
		"WithWorkNumbersAlone; otherwise change the person in Control Hub"
	return nil, cause
}

// refusedLook is how long to look for the effect of a refused write.
const refusedLook = time.Second

// afterRefusal reads back a write that the vendor refused: it may have changed a part
// anyway.
func (e *personEdit) afterRefusal(ctx context.Context, refusal *core.Error) error {
	out := new(*refusal)
	moved := false
	_, err := e.c.shortly(e.op).Look(ctx, func(ctx context.Context) (bool, error) {
		shown, err := e.look(ctx)
		moved = moved || err == nil && slices.ContainsFunc(differences(e.shown, e.now), func(name string) bool {
			return slices.Contains(e.changed, name)
		})
		return shown || moved, err
	})

	switch {
	case err != nil && e.now == nil:
		out.Applied = core.AppliedUnknown
		out.Doubt = "a refused write may have changed a part of the person, who could not be read"
		out.Hint = "a part may have been changed anyway: read the person to see its state"
	case len(e.unmet) == 0:
		out.Applied, out.Hint = core.AppliedYes, "the person shows the change anyway"
	case moved:
		out.Applied = core.AppliedYes
		out.Hint = "a part was changed anyway; the person does not show " + strings.Join(e.unmet, ", ")
	}
	return out
}

// nulled returns the name of a list of texts that holds a null, as it was read, or "".
func (p *Person) nulled() string {
	for _, name := range wire.NullsIn(p.Extra) {
		holds := false
		wire.EachElement(p.members()[name], func(element []byte) bool {
			holds = string(element) == "null"
			return !holds
		})
		if holds {
			return name
		}
	}
	return ""
}

// checkComplete refuses to build on an incomplete read.
func (p *Person) checkComplete(op string) error {
	why := ""
	switch {
	case len(p.Errors) > 0 || p.Extra["errors"] != nil && string(p.Extra["errors"]) != "null":
		why = "the vendor could not read some fields of the person"
	case !p.isComplete():
		why = "the vendor answered with only a part of the person"
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
	others := sent.otherNumbers()
	switch {
	case !sent.ID.Same(before.ID):
		return core.Invalid(vendor, op, "the id of a person cannot be changed")
	case there && was != "" && !now.Same(was):
		return core.Invalid(vendor, op, "the locationId of a person can be set once, with the calling licence, and not be changed afterwards")
	case others != nil && !slices.Equal(others, before.otherNumbers()):
		return core.Invalid(vendor, op, "only phone numbers of type work can be changed")
	case len(sent.Emails) == 0 && len(before.Emails) > 0 || len(sent.Emails) > 0 && strings.TrimSpace(sent.Emails[0]) == "":
		return core.Invalid(vendor, op, "emails is required and cannot be cleared")
	case before.LoginEnabled.IsSet() && !sent.LoginEnabled.IsSet():
		return core.Invalid(vendor, op, "loginEnabled cannot be cleared")
	case blank(sent.DisplayName) && !blank(before.DisplayName):
		return core.Invalid(vendor, op, "displayName is required and cannot be cleared")
	}

	// The same id in another form is no change.
	if before.LocationID.Or("") != "" {
		sent.LocationID = before.LocationID
	}
	// The vendor's own numbers stay if they are left out.
	if others == nil {
		for _, n := range before.PhoneNumbers {
			if n.others() {
				sent.PhoneNumbers = append(sent.PhoneNumbers, n)
			}
		}
	}
	return nil
}
