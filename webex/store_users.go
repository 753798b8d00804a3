package webex

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"net/http"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

// ListUsers implements core.UserStore. The vendor looks for an e-mail address; any
// address of a person finds the person, as login and as email.
func (s *Store) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	return adapter.Walk(s.border, core.OpListUsers, func(yield func(core.User, error) bool) {
		find := PersonListOptions{Email: strings.TrimSpace(cmp.Or(q.Login, q.Email)), WithoutStatus: true}
		for p, err := range s.c.People.List(ctx, find) {
			if err != nil {
				yield(core.User{}, err)
				return
			}
			if p.hasAddress(q.Login) && p.hasAddress(q.Email) && !yield(s.users.Neutral(&p), nil) {
				return
			}
		}
	})
}

// hasAddress reports whether an address, if one is named, is a person's.
func (p *Person) hasAddress(address string) bool {
	return adapter.Matches(core.UserQuery{Email: address}, "", p.Emails...)
}

// GetUser implements core.UserStore.
func (s *Store) GetUser(ctx context.Context, id string) (core.User, error) {
	p, err := s.c.People.Get(ctx, ID(id))
	if err != nil {
		return core.User{}, s.border.Error(core.OpGetUser, err)
	}
	return s.users.Neutral(p), nil
}

// CreateUser implements core.UserStore. Required: login (or email, which is the same),
// and a first, last or display name. Webex creates people who may log in; one who may
// not costs a second write, and so do links.
//
// Creating is not atomic at Webex: after a refusal (400) or a lost answer the person is
// looked for, and Applied says yes only where it was not there before.
//
// Errors: core.ErrNotApplied with core.AppliedYes for licences, roles and other fields
// that the vendor dropped, and for what was to follow the creation and failed. Then, and
// after a refusal that created the person anyway, the user is returned beside the error.
// core.ErrConflict for a person who was there before, to whom nothing is done.
//
// It takes two requests: a look for the login, and the creation; two more for a person
// who may not log in.
func (s *Store) CreateUser(ctx context.Context, spec core.UserSpec) (core.User, error) {
	person, err := s.newPerson(spec)
	if err != nil {
		return core.User{}, s.border.Error(core.OpCreateUser, err)
	}

	made, err := s.create(ctx, person)
	if made == nil || err != nil && !errors.Is(err, core.ErrNotApplied) {
		return s.created(made), s.border.Error(core.OpCreateUser, err)
	}

	made, err = s.setNewLogin(ctx, made, person.LoginEnabled, err)
	if len(spec.Links) > 0 {
		if _, linkErr := s.Assign(ctx, linksOf(string(made.ID), spec.Links)...); linkErr != nil {
			err = followUp("not all of its assignments could be made", linkErr, err)
		}
	}
	return s.created(made), s.border.Error(core.OpCreateUser, err)
}

// created is the user of a creation, if one exists.
func (s *Store) created(p *Person) core.User {
	if p == nil {
		return core.User{}
	}
	return s.users.Neutral(p)
}

// newPerson turns a spec into a person, or refuses it.
func (s *Store) newPerson(spec core.UserSpec) (Person, error) {
	var p Person
	if spec.Login == "" {
		spec.Login = spec.Email
	}
	if err := s.users.CheckCreate(spec); err != nil {
		return p, err
	}

	if err := s.links(core.OpAssign).CheckAll(linksOf(anybody, spec.Links)...); err != nil {
		return p, err
	}
	if err := s.users.Apply(core.OpCreateUser, &p, spec.Change()); err != nil {
		return p, err
	}
	return p, requireNew(opCreatePerson.Name, &p)
}

// anybody stands for a user who does not exist yet.
const anybody = "00000000-0000-4000-8000-000000000000"

// linksOf sets the user of a spec's assignments.
func linksOf(userID string, links []core.Assignment) []core.Assignment {
	out := make([]core.Assignment, len(links))
	for i, a := range links {
		a.UserID = userID
		out[i] = a
	}
	return out
}

// create creates a person, or finds the one that a failed creation left behind.
func (s *Store) create(ctx context.Context, person Person) (*Person, error) {
	// Only a read before shows what the vendor left behind after an error.
	before, lookErr := s.find(ctx, person.Login())
	made, err := s.c.People.Create(ctx, person)
	if err != nil && made == nil && lookErr == nil && before == nil {
		made, err = s.leftBehind(ctx, person.Login(), err)
	}

	if made != nil && before != nil && before.ID.Same(made.ID) {
		return nil, &core.Error{Class: core.ClassConflict, Status: http.StatusOK, Applied: core.AppliedUnknown,
			Message: "the vendor answered with a person who already had this e-mail: " + string(made.ID),
			Doubt:   "the answer is about a person who already existed", Hint: "read it to see its state"}
	}
	return made, err
}

// find looks for the person with an address; nil if there is none.
func (s *Store) find(ctx context.Context, address string) (*Person, error) {
	for p, err := range s.c.People.List(ctx, PersonListOptions{Email: address, WithoutStatus: true}) {
		if err != nil {
			return nil, err
		}
		if p.hasAddress(address) {
			return &p, nil
		}
	}
	return nil, nil
}

// leftBehind looks for a person who did not exist before a failed create. A person who
// exists now was created; not finding one proves nothing if the answer was lost.
func (s *Store) leftBehind(ctx context.Context, login string, cause error) (*Person, error) {
	e, ok := errors.AsType[*core.Error](cause)
	if !ok || e.Status != http.StatusBadRequest && e.Applied != core.AppliedUnknown || ctx.Err() != nil {
		return nil, cause
	}
	patience := s.c.readBack(opCreatePerson.Name)
	if e.Applied == core.AppliedNo {
		patience = s.c.shortly(opCreatePerson.Name)
	}

	var found *Person
	_, err := patience.Look(ctx, func(ctx context.Context) (_ bool, err error) {
		found, err = s.find(ctx, login)
		return found != nil, err
	})
	e = new(*e)
	switch {
	case found != nil:
		e.Applied, e.Doubt = core.AppliedYes, ""
		e.Hint = "the person was created anyway, with the id " + string(found.ID) + ": change or delete it; do not create it again"
	case err != nil:
		e.Applied = core.AppliedUnknown
		e.Doubt = cmp.Or(e.Doubt, "a refused create may have been carried out, and looking for the person failed")
		e.Hint = "the person may have been created anyway: list the people with the e-mail " + login + " before you retry"
	}
	return found, e
}

// setNewLogin sets loginEnabled of a new person, if the vendor's default is not wanted.
// Dropped is the error about what the creation left out, if anything.
func (s *Store) setNewLogin(ctx context.Context, made *Person, login core.Opt[bool], dropped error) (*Person, error) {
	wanted, asked := login.Get()
	if !asked || made.LoginEnabled.Or(true) == wanted {
		return made, dropped
	}
	e, err := s.c.People.modify(ctx, opCreatePerson.Name, made.ID, func(p *Person) error {
		p.LoginEnabled = core.Set(wanted)
		return nil
	})
	if e.now != nil {
		made = e.now
	}

	switch is, shown := made.LoginEnabled.Get(); {
	case err == nil:
		return made, dropped
	case e.now != nil && shown && is == wanted:
		if dropped == nil && errors.Is(err, core.ErrNotApplied) {
			dropped = err // loginEnabled was set, and something else was not
		}
		return made, dropped
	case core.MaybeApplied(err):
		return made, followUp("whether loginEnabled was set is not known", err, dropped)
	}
	return made, followUp("loginEnabled could not be set", err, dropped)
}

// followUp is the error of a person that was created, when a following step failed.
// Dropped is what went wrong before, if anything.
func followUp(what string, err, dropped error) error {
	e := &core.Error{Class: core.ClassNotApplied, Applied: core.AppliedYes, Err: err}
	why := err.Error()
	if cause, ok := err.(*core.Error); ok {
		e.Status, e.Code, e.RequestID, e.RetryAfter, e.Attempts = cause.Status, cause.Code, cause.RequestID, cause.RetryAfter, cause.Attempts
		why = cause.Message
		if cause.Class == core.ClassCanceled {
			e.Class = cause.Class
		}
	}

	if errors.Is(err, core.ErrNotFound) {
		e.Err = nil // the person that was just created is not absent
	}
	if core.MaybeApplied(err) {
		e.Hint = "read the person to see its state"
	}

	e.Message = strings.TrimSuffix("the person was created, and "+what+": "+why, ": ")
	if d, ok := errors.AsType[*core.Error](dropped); ok {
		e.Message += "; " + d.Message
	}
	return e
}

// UpdateUser implements core.UserStore: see People.Modify, which it is. Login and
// email are the same field here, the first of emails. What the person does not show
// afterwards is core.ErrNotApplied, beside the user as it now is.
func (s *Store) UpdateUser(ctx context.Context, id string, change core.UserChange) (core.User, error) {
	const op = core.OpUpdateUser
	if err := s.users.CheckChange(change); err != nil {
		return core.User{}, err
	}
	e, err := s.c.People.modify(ctx, "People.Update", ID(id), func(p *Person) error {
		if err := s.users.Holds(op, p, change.If); err != nil {
			return err
		}
		if !(change.Login.IsZero() && change.Email.IsZero()) && !p.knowsLogin() {
			return p.loginUnclear(string(op)) // which address is to be replaced?
		}
		return s.users.Apply(op, p, change)
	})
	if e.now == nil {
		return core.User{}, s.border.Error(op, err)
	}
	return s.users.Neutral(e.now), s.border.Error(op, err)
}

// DeleteUser implements core.UserStore: see People.Delete.
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	return s.border.Error(core.OpDeleteUser, s.c.People.Delete(ctx, ID(id)))
}
