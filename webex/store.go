package webex

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Store speaks for one organisation, and one tier of it, in the words of package
// core.
type Store struct {
	c *Client
	assignmentRules
}

// assignmentRules are what StoreOptions say about assignments.
type assignmentRules struct {
	createSupervisors bool // where a user has none
	deleteSupervisors bool // by removing the last agent
	verify            bool // read back what a write did
	chunk             int  // agents in one write; zero: all
}

// StoreOption adjusts the adapter.
type StoreOption func(*Store)

// WithCreateSupervisor lets Assign make a person a supervisor who is none yet.
// Without it that is a failed outcome.
func WithCreateSupervisor() StoreOption { return func(s *Store) { s.createSupervisors = true } }

// WithDeleteSupervisor lets Unassign take a supervisor's last agent away, with
// which the vendor deletes the supervisor. Without it that is refused.
func WithDeleteSupervisor() StoreOption { return func(s *Store) { s.deleteSupervisors = true } }

// WithVerify reads a supervisor's agents back after each write. By the vendor's
// documentation an agent that an answer does not mention was done; nothing else
// says so.
func WithVerify() StoreOption { return func(s *Store) { s.verify = true } }

// WithChunk sends at most n agents of a supervisor in one write. The vendor names
// no limit; without this option all go in one.
func WithChunk(n int) StoreOption { return func(s *Store) { s.chunk = max(n, 0) } }

var _ core.Store = (*Store)(nil)

// Store returns the adapter to package core. It shares everything with the Client.
func (c *Client) Store(opts ...StoreOption) *Store {
	s := &Store{c: c}
	for _, o := range opts {
		o(s)
	}
	return s
}

// Close is Client.Close.
func (s *Store) Close(ctx context.Context) error { return s.c.Close(ctx) }

// Capabilities says what this client offers: what Webex does.
func (s *Store) Capabilities() core.Capabilities { return Capabilities() }

// kinds are what a user can be assigned to.
var kinds = []core.KindCapability{
	{Kind: core.KindQueue, Level: "skill level, where the queue routes by skill"},
	{Kind: core.KindSupervisor},
}

const (
	whySuspend = "a supervisor's agent cannot be suspended; only the join state of a queue's agent can"
	whySettle  = "changes are in effect when they are answered"
)

// Capabilities says what Webex offers: users, the agents of supervisors and
// queues, blocks, and presence to be read.
func Capabilities() core.Capabilities {
	people := []string{"spark-admin:people_read"}
	admin := []string{"spark-admin:people_write", "spark-admin:people_read", "full or user administrator"}
	read := []string{"spark-admin:telephony_config_read"}
	write := []string{"spark-admin:telephony_config_write", "spark-admin:telephony_config_read", "full administrator"}
	native := func(permissions []string) core.Capability {
		return core.Capability{Support: core.Native, Permissions: permissions}
	}
	emulated := func(how string, permissions []string) core.Capability {
		return core.Capability{Support: core.Emulated, Note: how, Permissions: permissions}
	}
	none := func(why string) core.Capability { return core.Capability{Support: core.NotOffered, Note: why} }
	assign := emulated("supervisor: one incremental write for many agents; queue: read, change, replace the list of agents", write)
	join := emulated("queue only: the join state of the agent. "+whySuspend, write)
	return core.Capabilities{
		Vendor: vendor,
		Operations: map[core.Operation]core.Capability{
			core.OpListUsers: native(people), core.OpGetUser: native(people),
			core.OpCreateUser: native(admin), core.OpDeleteUser: native(admin),
			core.OpUpdateUser:   emulated("the vendor only replaces whole people: read with calling data, change, write back", admin),
			core.OpSettle:       none(whySettle),
			core.OpListByUser:   emulated("queues: one look-up; supervisors: a list of all, and the agents of each", read),
			core.OpListByTarget: native(read),
			core.OpAssign:       assign, core.OpUnassign: assign,
			core.OpSuspend: join, core.OpResume: join,
			core.OpPresence:    native(people),
			core.OpSetPresence: none(whySetPresence),
			core.OpBlock:       emulated("loginEnabled of the person: it cannot log in; what its desk phone then does is not documented", admin),
			core.OpUnblock:     emulated("loginEnabled of the person", admin),
		},
		Kinds: slices.Clone(kinds),
	}
}

// ListUsers implements core.UserStore. The vendor looks for an e-mail address, and
// the match is made exact here.
func (s *Store) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	return func(yield func(core.User, error) bool) {
		find := PeopleList{Email: cmp.Or(q.Login, q.Email), WithoutStatus: true}
		for p, err := range s.c.People.List(ctx, find) {
			if err != nil {
				yield(core.User{}, err)
				return
			}
			if q.Login != "" && p.Login() != q.Login || q.Email != "" && p.Login() != q.Email {
				continue
			}
			if !yield(neutral(&p), nil) {
				return
			}
		}
	}
}

// GetUser implements core.UserStore.
func (s *Store) GetUser(ctx context.Context, id string) (core.User, error) {
	p, err := s.c.People.Get(ctx, ID(id))
	if err != nil {
		return core.User{}, err
	}
	return neutral(p), nil
}

const whyNoRole = "a role's id is empty"

const whyPassword = "a Webex person has no password that an administrator could set"

// CreateUser implements core.UserStore. Required: login (or email, which is the
// same), and a first, last or display name. Webex creates people who may log in;
// one who may not costs a second write.
//
// Creating is not atomic at Webex: after a refusal (400) or a lost answer the
// person is looked for, and Applied says yes only where it was not there before.
// Licences, roles and other fields that the vendor dropped are core.ErrNotApplied with
// core.AppliedYes. In both cases the user is returned beside the error, and so where
// it is not known whether the second write was done. Nothing is done to a person
// with another address, or who was there before, whatever the answer says.
func (s *Store) CreateUser(ctx context.Context, spec core.UserSpec) (core.User, error) {
	op := opCreatePerson.Name
	if !spec.Password.IsZero() {
		return core.User{}, core.Unsupported(vendor, op, whyPassword)
	}
	person, err := newPerson(op, spec)
	if err != nil {
		return core.User{}, err
	}
	// What the vendor left behind after an error can only be told from what was
	// there before.
	before, lookErr := s.find(ctx, person.Login())
	made, err := s.c.People.Create(ctx, person)
	if err != nil && made == nil {
		if e, ok := errors.AsType[*core.Error](err); ok && lookErr == nil && before == nil {
			made, err = s.leftBehind(ctx, person.Login(), e)
		}
	}
	if made == nil {
		return core.User{}, err
	}
	if before != nil && before.ID.Same(made.ID) {
		return core.User{}, &core.Error{Vendor: vendor, Op: op, Class: core.ClassConflict, Status: http.StatusOK, Applied: core.AppliedUnknown,
			Message: "the vendor answered with a person who had this e-mail before: " + string(made.ID), Hint: "read it to see what it holds now"}
	}
	if err != nil && !errors.Is(err, core.ErrNotApplied) {
		return neutral(made), err
	}
	if wanted, ok := person.LoginEnabled.Get(); ok && made.LoginEnabled.Or(true) != wanted {
		m, loginErr := s.c.People.modify(ctx, op, made.ID, func(p *Person) error {
			p.LoginEnabled = core.Set(wanted)
			return nil
		})
		now := cmp.Or(m.now, m.seen)
		done := false
		if now != nil {
			made = now
			is, shown := now.LoginEnabled.Get()
			done = shown && is == wanted
		}
		switch {
		case loginErr != nil && !done:
			return neutral(made), followUp(op, loginErr, err)
		case loginErr != nil && m.now != nil && err == nil:
			err = loginErr // that was done, and something else was not
		}
	}
	return neutral(made), err
}

// followUp is the error of a person that was created, and whose loginEnabled could
// not be set, or perhaps was. Dropped is what the creation left out, if anything.
func followUp(op string, err, dropped error) error {
	e := &core.Error{Vendor: vendor, Op: op, Class: core.ClassNotApplied, Applied: core.AppliedYes, Err: err}
	what, why := "loginEnabled could not be set", err.Error()
	if cause, ok := errors.AsType[*core.Error](err); ok {
		e.Status, e.Code, e.RequestID, e.RetryAfter, e.Attempts = cause.Status, cause.Code, cause.RequestID, cause.RetryAfter, cause.Attempts
		why = cause.Message
		if cause.Class == core.ClassCanceled {
			e.Class = cause.Class
		}
		if core.MaybeApplied(cause) {
			what, e.Hint = "whether loginEnabled was set is not known", "read the person to see what it holds now"
		}
	}
	e.Message = strings.TrimSuffix("the person was created, and "+what+": "+why, ": ")
	if d, ok := errors.AsType[*core.Error](dropped); ok {
		e.Message += "; " + d.Message
	}
	return e
}

// newPerson turns a spec into a person, or refuses it.
func newPerson(op string, spec core.UserSpec) (Person, error) {
	var p Person
	login := cmp.Or(spec.Login, spec.Email)
	switch {
	case spec.Email != "" && !strings.EqualFold(spec.Email, login):
		return p, core.Invalid(vendor, op, "login and email are the same at Webex, the first of emails, and were given differently")
	case spec.Enabled.IsClear():
		return p, core.Invalid(vendor, op, "loginEnabled cannot be cleared")
	}
	if login != "" {
		p.Emails = []string{login}
	}
	for _, f := range []struct {
		to *core.Opt[string]
		v  string
	}{{&p.FirstName, spec.FirstName}, {&p.LastName, spec.LastName}, {&p.DisplayName, spec.DisplayName}} {
		if f.v != "" {
			*f.to = core.Set(f.v)
		}
	}
	if slices.Contains(spec.Roles, "") {
		return p, core.Invalid(vendor, op, whyNoRole)
	}
	p.Roles = roleIDs(spec.Roles)
	p.LoginEnabled = spec.Enabled
	if err := checkFields(op, spec.Change()); err != nil {
		return p, err
	}
	if err := setFields(op, &p, spec.Fields); err != nil {
		return p, err
	}
	return p, requireNew(op, &p)
}

func roleIDs(roles []string) []ID {
	if roles == nil {
		return nil
	}
	ids := make([]ID, len(roles))
	for i, r := range roles {
		ids[i] = ID(r)
	}
	return ids
}

// find looks for the person with a login; nil where there is none.
func (s *Store) find(ctx context.Context, login string) (*Person, error) {
	for p, err := range s.c.People.List(ctx, PeopleList{Email: login, WithoutStatus: true}) {
		if err != nil {
			return nil, err
		}
		if strings.EqualFold(p.Login(), login) {
			return &p, nil
		}
	}
	return nil, nil
}

// leftBehind looks for a person who was not there before a create that failed. One
// who is there now was created; not finding one proves nothing where the answer
// was lost.
func (s *Store) leftBehind(ctx context.Context, login string, e *core.Error) (*Person, error) {
	if e.Status != http.StatusBadRequest && e.Applied != core.AppliedUnknown || ctx.Err() != nil {
		return nil, e
	}
	e = new(*e)
	p, err := s.find(ctx, login)
	switch {
	case err != nil:
		e.Applied = core.AppliedUnknown
		e.Hint = "the person may have been created all the same: list the people with the e-mail " + login + " before repeating it"
	case p != nil:
		e.Applied = core.AppliedYes
		e.Hint = "the person was created all the same, with the id " + string(p.ID) + ": change or delete it, and do not create it again"
	}
	return p, e
}

// UpdateUser implements core.UserStore: see People.Modify, which it is. Login and
// email are the same field here, the first of emails. What the person does not show
// afterwards is core.ErrNotApplied, beside the user as it now is.
func (s *Store) UpdateUser(ctx context.Context, id string, change core.UserChange) (core.User, error) {
	const op = "People.Update"
	if err := checkChange(op, change); err != nil {
		return core.User{}, err
	}
	m, err := s.c.People.modify(ctx, op, ID(id), func(p *Person) error { return applyChange(op, p, change) })
	if m.now == nil {
		return core.User{}, err
	}
	return neutral(m.now), err
}

// required fields cannot be cleared, whether by neutral or by wire name.
var required = map[string]bool{"emails": true, "displayName": true, "loginEnabled": true}

func checkChange(op string, change core.UserChange) error {
	switch {
	case !change.Password.IsZero():
		return core.Unsupported(vendor, op, whyPassword)
	case change.Enabled.IsClear():
		return core.Invalid(vendor, op, "loginEnabled cannot be cleared")
	case slices.Contains(change.Roles.Or(nil), ""):
		return core.Invalid(vendor, op, whyNoRole)
	}
	for _, f := range []struct {
		name string
		o    core.Opt[string]
	}{{"emails (the login)", change.Login}, {"emails", change.Email}, {"displayName", change.DisplayName}} {
		if v, ok := f.o.Get(); f.o.IsClear() || ok && strings.TrimSpace(v) == "" {
			return core.Invalid(vendor, op, f.name+" is required and cannot be cleared")
		}
	}
	if l, e := change.Login.Or(""), change.Email.Or(""); l != "" && e != "" && !strings.EqualFold(l, e) {
		return core.Invalid(vendor, op, "login and email are the same at Webex, the first of emails, and were given differently")
	}
	return checkFields(op, change)
}

func checkFields(op string, change core.UserChange) error {
	if err := rest.CheckText(vendor, op, change); err != nil {
		return err
	}
	if err := rest.NamedTwice(vendor, op, change.Fields, map[string]bool{
		"emails": !change.Login.IsZero() || !change.Email.IsZero(), "firstName": !change.FirstName.IsZero(), "lastName": !change.LastName.IsZero(),
		"displayName": !change.DisplayName.IsZero(), "loginEnabled": !change.Enabled.IsZero(), "roles": !change.Roles.IsZero(),
	}); err != nil {
		return err
	}
	for name, v := range change.Fields {
		if wire.Keeps(v) {
			continue
		}
		switch {
		case slices.Contains(ownFields, name):
			return core.Invalid(vendor, op, name+" is set by the vendor alone")
		case name == "nickName":
			return core.Invalid(vendor, op, "nickName becomes firstName at Webex, whatever is sent")
		case required[name] && wire.Cleared(v):
			return core.Invalid(vendor, op, name+" is required and cannot be cleared")
		}
	}
	trial := new(Person)
	if err := setFields(op, trial, change.Fields); err != nil {
		return err
	}
	if len(trial.Emails) > 0 && strings.TrimSpace(trial.Emails[0]) == "" {
		return core.Invalid(vendor, op, "the first of emails is empty")
	}
	return nil
}

func applyChange(op string, p *Person, change core.UserChange) error {
	if login := cmp.Or(change.Login.Or(""), change.Email.Or("")); login != "" {
		// The other addresses stay; the new one may have been among them.
		others := slices.DeleteFunc(slices.Clone(p.Emails[min(1, len(p.Emails)):]), func(e string) bool { return strings.EqualFold(e, login) })
		p.Emails = append([]string{login}, others...)
	}
	for _, f := range []struct {
		name string
		to   *core.Opt[string]
		o    core.Opt[string]
	}{{"firstName", &p.FirstName, change.FirstName}, {"lastName", &p.LastName, change.LastName}, {"displayName", &p.DisplayName, change.DisplayName}} {
		switch v, ok := f.o.Get(); {
		case f.o.IsClear() || ok && v == "":
			*f.to = core.Opt[string]{} // left out of a full replacement, a field is cleared
			delete(p.Extra, f.name)
		case ok:
			*f.to = f.o
		}
	}
	switch roles, ok := change.Roles.Get(); {
	case change.Roles.IsClear() || ok && len(roles) == 0:
		p.Roles = []ID{}
		delete(p.Extra, "roles")
	case ok:
		p.Roles = roleIDs(roles)
	}
	if change.Enabled.IsSet() {
		p.LoginEnabled = change.Enabled
	}
	for name, v := range change.Fields {
		if _, there := p.Extra[name]; wire.Clears(v) && !there && !personFields[name] {
			return core.Invalid(vendor, op, fmt.Sprintf("there is no field %q to clear", name))
		}
	}
	return setFields(op, p, change.Fields)
}

// personFields are the fields of a person that this package knows, by wire name.
var personFields = wire.Names(reflect.TypeFor[Person]())

// setFields lays vendor fields, by their wire name and checked, over a person.
func setFields(op string, p *Person, fields map[string]any) error {
	if len(fields) == 0 {
		return nil
	}
	if err := wire.Overlay(p, fields); err != nil {
		return core.Invalid(vendor, op, "a field does not fit a person: "+err.Error())
	}
	return nil
}

// DeleteUser implements core.UserStore.
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	return s.c.People.Delete(ctx, ID(id))
}

// neutral puts a person into the words of package core.
func neutral(p *Person) core.User {
	u := core.User{
		Vendor: vendor, ID: string(p.ID), Login: p.Login(), Email: p.Login(), FirstName: p.FirstName.Or(""), LastName: p.LastName.Or(""),
		DisplayName: p.DisplayName.Or(""), Native: p,
	}
	if enabled, ok := p.LoginEnabled.Get(); ok {
		u.Enabled = &enabled
	}
	for _, role := range p.Roles {
		u.Roles = append(u.Roles, string(role))
	}
	return u
}
