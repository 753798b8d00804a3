package coretest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/rollcall-go/rollcall/core"
)

func checkList(s *suite) {
	s.need(core.OpListUsers)
	var first, again []string
	s.quiet("ListUsers, not yet walked", func() { s.Store.ListUsers(s.Context(), core.UserQuery{}) })
	seq := s.Store.ListUsers(s.Context(), core.UserQuery{})
	walk := func() (ids []string) {
		for u, err := range seq {
			s.ok(err, "listing users")
			if u.ID == "" || u.Vendor != s.caps.Vendor {
				s.Errorf("a listed user has id %q and vendor %q", u.ID, u.Vendor)
			}
			ids = append(ids, u.ID)
		}
		return ids
	}

	first = walk()
	for _, id := range []string{s.UserID, s.OtherID} {
		if !slices.Contains(first, id) {
			s.Errorf("the users do not hold %s", id)
		}
	}

	if slices.Contains(first, s.UnknownID) {
		s.Errorf("the users hold %s, who should not exist", s.UnknownID)
	}
	sorted := slices.Sorted(slices.Values(first))
	if n := len(slices.Compact(sorted)); n != len(first) {
		s.Errorf("%d users are listed, %d of them different", len(first), n)
	}

	again = walk()
	s.equal(first, again, "the same walk, ranged over again")

	n := 0
	for _, err := range seq {
		s.ok(err, "listing users")
		n++
		break
	}
	if n != 1 {
		s.Errorf("a walk was stopped after one user and gave %d", n)
	}
	s.equal(first, walk(), "the walk, after it was stopped early")
}

func (s *suite) find(q core.UserQuery) (ids []string) {
	s.Helper()
	found, err := core.Collect(s.Store.ListUsers(s.Context(), q))
	s.ok(err, "listing users with %+v", q)
	for _, f := range found {
		ids = append(ids, f.ID)
	}
	return ids
}

// queries returns the values by which a user can be found.
func (s *suite) queries(u core.User) map[core.Field]string {
	out := map[core.Field]string{}
	for _, name := range []core.Field{login, email} {
		if v, ok := u.Field(name).(string); ok && len(v) > 1 {
			out[name] = v
		}
	}
	return out
}

func checkFind(s *suite) {
	s.need(core.OpListUsers, core.OpGetUser)
	for name, value := range s.queries(s.get(s.UserID)) {
		if got := s.find(queryFor(name, value)); !slices.Equal(got, []string{s.UserID}) {
			s.Errorf("looking for %s %q finds %v, want just %s", name, value, got, s.UserID)
		}

		for _, near := range []string{value + "x", value[:len(value)-1], value[1:]} {
			if slices.Contains(s.find(queryFor(name, near)), s.UserID) {
				s.Errorf("looking for %s %q finds %q: the match is not exact", name, near, value)
			}
		}
	}
}

// checkFolding: logins and addresses match regardless of case, of blanks at either end
// and of the form of composition.
func checkFolding(s *suite) {
	s.need(core.OpListUsers, core.OpGetUser)
	for _, id := range []string{s.UserID, s.OtherID} {
		for name, value := range s.queries(s.get(id)) {
			for _, spelling := range []string{strings.ToUpper(value), strings.ToLower(value), "  " + value + "\t", norm.NFD.String(value),
				norm.NFC.String(value)} {
				if got := s.find(queryFor(name, spelling)); !slices.Equal(got, []string{id}) {
					s.Errorf("looking for %s %q, which is %q, finds %v, want just %s", name, spelling, value, got, id)
				}
			}
		}
	}
}

func checkGet(s *suite) {
	s.need(core.OpGetUser)
	u := s.get(s.UserID)
	s.equal(s.UserID, u.ID, "the user's id")
	s.equal(s.caps.Vendor, u.Vendor, "the user's vendor")
	if u.Native == nil {
		s.Errorf("the user has no Native, the vendor's own value")
	}
	s.equal(s.Account, u.Account, "the user's account")
	for _, f := range s.caps.Fields {
		if f.Required && f.Readable && valueOf(u, f.Name) == nil {
			s.Errorf("%s is required, but absent", f.Name)
		}
	}
}

func checkUnknown(s *suite) {
	for _, c := range s.calls() {
		switch c.op {
		case core.OpSettle, core.OpUnassign, core.OpSuspend, core.OpResume, core.OpUnblock:
			continue // also a link that does not exist, and another user's record
		}
		if !s.offers(c.op) {
			continue
		}
		s.is(c.run(s.Context(), s.UnknownID), core.ErrNotFound, c.op, "%s of an unknown user", c.name)
	}
}

func checkCreateDelete(s *suite) {
	s.need(core.OpCreateUser, core.OpGetUser)
	spec := s.Spec(1)
	u, err := s.Store.CreateUser(s.Context(), spec)
	s.ok(err, "creating a user")
	if u.ID == "" || u.Vendor != s.caps.Vendor {
		s.Fatalf("a created user has id %q and vendor %q", u.ID, u.Vendor)
	}

	s.settle(u.ID, core.Created)
	now := s.get(u.ID)
	for _, name := range core.Fields() {
		if want, named := spec.Change().Field(name); named && s.caps.Field(name).Readable {
			s.equal(inOneOrder(want), valueOf(now, name), "%s of a created user", name)
		}
	}

	if p := spec.Password.Reveal(); p != "" {
		dump, _ := json.Marshal(now)
		if text := fmt.Sprintf("%+v %#v %s", now, now, dump); strings.Contains(text, p) {
			s.Errorf("the password can be read in a user")
		}
	}

	if s.offers(core.OpListUsers) && !s.caps.Of(core.OpListUsers).Partial && !s.listed(u.ID) {
		s.Errorf("a created user is not listed")
	}

	// The vendor may refuse the second one as a duplicate or as invalid.
	if _, err := s.Store.CreateUser(s.Context(), spec); err == nil {
		s.Errorf("the same user was created twice")
	} else {
		s.wellMade(err, core.OpCreateUser, "creating the same user twice")
		if c := core.ClassOf(err); c != core.ClassConflict && c != core.ClassInvalid {
			s.Errorf("creating the same user twice is of class %s, want conflict or invalid: %v", c, err)
		}
		s.notApplied(err, "creating the same user twice")
	}

	if !s.offers(core.OpDeleteUser) {
		return
	}
	s.ok(s.Store.DeleteUser(s.Context(), u.ID), "deleting a user")
	s.settle(u.ID, core.Deleted)
	_, err = s.Store.GetUser(s.Context(), u.ID)
	s.is(err, core.ErrNotFound, core.OpGetUser, "getting a deleted user")
	s.is(s.Store.DeleteUser(s.Context(), u.ID), core.ErrNotFound, core.OpDeleteUser, "deleting a user who is gone")
	if s.offers(core.OpListUsers) && s.listed(u.ID) {
		s.Errorf("a deleted user is listed")
	}
	s.get(s.OtherID) // the other user still exists
}

func (s *suite) listed(id string) bool {
	s.Helper()
	all, err := core.Collect(s.Store.ListUsers(s.Context(), core.UserQuery{}))
	s.ok(err, "listing users")
	return slices.ContainsFunc(all, func(u core.User) bool { return u.ID == id })
}

// all is everything the suite can see of a user.
type all struct {
	user   core.User
	links  []core.Assignment
	stored map[string]any
}

func (s *suite) look(id string) (a all) {
	s.Helper()
	if s.offers(core.OpGetUser) {
		a.user = s.get(id)
	}
	if s.offers(core.OpListByUser) {
		a.links = s.links(core.AssignmentQuery{UserID: id})
	}
	if s.Stored != nil {
		a.stored = s.Stored(id)
	}
	return a
}

// kept checks that nothing but the named fields changed.
func (s *suite) kept(before, after all, what string, changed ...core.Field) {
	s.Helper()
	wire := slices.Clone(s.Volatile)
	for _, name := range changed {
		wire = append(wire, s.wires(name)...)
	}

	for _, name := range core.Fields() {
		if !slices.Contains(changed, name) {
			s.equal(valueOf(before.user, name), valueOf(after.user, name), "%s: %s, which was not named", what, name)
		}
	}

	s.equal(before.links, after.links, "%s: the assignments, which were not named", what)
	for name, was := range before.stored {
		if is, ok := after.stored[name]; !slices.Contains(wire, name) && (!ok || !reflect.DeepEqual(was, is)) {
			s.Errorf("%s: the vendor's field %s, which was not named, was %v and is %v", what, name, was, is)
		}
	}
	for name, is := range after.stored {
		if _, ok := before.stored[name]; !ok && !slices.Contains(wire, name) {
			s.Errorf("%s: the vendor's field %s, which was not named, was not there and is %v", what, name, is)
		}
	}
}

// update makes a change and waits for it.
func (s *suite) update(id string, c core.UserChange, what string) {
	s.Helper()
	u, err := s.Store.UpdateUser(s.Context(), id, c)
	s.ok(err, "%s", what)
	s.equal(id, u.ID, "%s: the id of the user that UpdateUser returns", what)
	s.settle(id, core.Updated)
}

func checkUpdate(s *suite) {
	s.need(core.OpUpdateUser, core.OpGetUser)
	n := 0
	for _, name := range core.Fields() {
		f := s.Fields[name]
		if f.To == nil {
			continue
		}
		n++
		what := "changing " + string(name)
		before, other := s.look(s.UserID), s.look(s.OtherID)
		s.update(s.UserID, changeOf(name, f.To), what)
		after := s.look(s.UserID)
		if s.caps.Field(name).Readable {
			s.equal(inOneOrder(f.To), valueOf(after.user, name), "%s: its value", what)
		}
		s.kept(before, after, what, append([]core.Field{name}, f.With...)...)
		s.kept(other, s.look(s.OtherID), what+" of another user")
	}
	if n == 0 {
		s.Skipf("the Fixture names no field that can be changed")
	}
}

func checkEmptyUpdate(s *suite) {
	s.need(core.OpUpdateUser)
	before := s.look(s.UserID)
	s.update(s.UserID, core.UserChange{}, "changing nothing")
	s.kept(before, s.look(s.UserID), "changing nothing")
}

func checkClear(s *suite) {
	s.need(core.OpUpdateUser, core.OpGetUser)
	n := 0
	for _, name := range core.Fields() {
		f := s.Fields[name]
		if c := s.caps.Field(name); !c.Clearable || f.Why != "" {
			continue
		}
		n++
		what := "clearing " + string(name)
		if valueOf(s.get(s.UserID), name) == nil && f.To != nil {
			s.update(s.UserID, changeOf(name, f.To), "setting "+string(name))
		}

		before := s.look(s.UserID)
		s.update(s.UserID, changeOf(name, nil), what)
		after := s.look(s.UserID)
		if v := valueOf(after.user, name); v != nil {
			s.Errorf("%s: it still is %v", what, v)
		}
		s.kept(before, after, what, append([]core.Field{name}, f.With...)...)
	}
	if n == 0 {
		s.Skipf("the Fixture names no field that can be cleared")
	}
}

func checkSettle(s *suite) {
	s.need(core.OpSettle)
	settler, ok := s.Store.(core.Settler)
	if !ok {
		s.Fatalf("the store does not implement core.Settler")
	}

	got, err := settler.Settle(s.Context(), s.UserID)
	s.ok(err, "settling a user with nothing under way")
	if got.State != core.Settled || got.UserID != s.UserID {
		s.Errorf("settling a user with nothing under way gives %+v", got)
	}
}
