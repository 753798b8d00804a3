package coretest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// The lags that the suite tries: one that passes, and one that does not.
const (
	shortLag = time.Second
	forEver  = 1000 * time.Hour
	patience = 5 * time.Minute
)

func (s *suite) needLag() {
	s.Helper()
	if s.Lag == nil {
		s.Skipf("the Fixture cannot let reads lag behind writes (Lag)")
	}
	if !s.virtual {
		s.Skipf("waiting takes VirtualTime")
	}
}

// checkShortLag: a change that shows a second later is waited for, and succeeds.
func checkShortLag(s *suite) {
	s.needLag()
	for _, w := range writes() {
		if !s.can(w) {
			continue
		}
		s := s.begun(w)
		what := string(w.op) + " where reads are a second behind"
		s.Lag(shortLag)
		err := w.run(s.Context(), s)
		time.Sleep(2 * shortLag)
		if err != nil {
			s.Errorf("%s: waiting would have been enough: %v", what, err)
		}
		s.honest(w, err, what)
		s.recorded(w, what)
	}
}

// checkEndlessLag: a change that never shows is in doubt, and not said to be undone.
func checkEndlessLag(s *suite) {
	s.needLag()
	for _, w := range writes() {
		if !s.can(w) {
			continue
		}
		s := s.begun(w)
		what := string(w.op) + " where reads never show it"
		s.Lag(forEver)

		ctx, cancel := context.WithTimeout(s.Context(), patience)
		err := w.run(ctx, s)
		cancel()
		s.Lag(0)

		switch {
		case errors.Is(err, core.ErrNotFound) && appliedOf(err) != core.AppliedYes:
			s.Errorf("%s: what does not show yet counts as gone: %v", what, err)
		case err != nil && appliedOf(err) == core.AppliedNo && !slices.Contains(s.Certain, w.op):
			s.Errorf("%s: the error says that it was not applied, and nothing proves that: %v", what, err)
		case err == nil || appliedOf(err) != core.AppliedNo:
			s.honest(w, err, what)
		}
		s.recorded(w, what)
	}
}

// recorded checks that the record of a block that the vendor accepted holds something.
func (s *suite) recorded(w writing, what string) {
	s.Helper()
	if w.op == core.OpBlock && len(s.made.Changed) == 0 {
		s.Errorf("%s: the block was accepted, and its record is empty", what)
	}
}

// checkGone: a user counts as gone only if it was seen before, or if the vendor says so.
// A new user who does not show yet is waited for, and a proxy's 404 proves nothing.
func checkGone(s *suite) {
	s.need(core.OpSettle)
	s.needLag()
	settler, ok := s.Store.(core.Settler)
	if !ok {
		s.Fatalf("the store does not implement core.Settler")
	}

	if s.offers(core.OpCreateUser) {
		s.Lag(shortLag)
		u, err := s.Store.CreateUser(s.Context(), s.Spec(1))
		s.ok(err, "creating a user where reads are a second behind")
		got, err := settler.Settle(s.Context(), u.ID, core.SettleAfter(core.Created))
		s.ok(err, "settling a user who does not show yet")
		if got.State == core.Gone {
			s.Errorf("settling a user who does not show yet: reported as gone")
		}
		s.Lag(0)
	}

	if s.Disturb == nil {
		return
	}
	for _, after := range []core.Change{core.AnyChange, core.Updated, core.Deleted} {
		s := s.another()
		settler := s.Store.(core.Settler)
		s.get(s.UserID) // the token is there, so that it is the look which is disturbed
		s.Disturb(0, pages[0])
		ctx, cancel := context.WithTimeout(s.Context(), patience)
		got, err := settler.Settle(ctx, s.UserID, core.SettleAfter(after))
		cancel()
		if got.State == core.Gone || errors.Is(err, core.ErrNotFound) {
			s.Errorf("settling a user after a proxy's page with status 404: %s, %v", got.State, err)
		}
	}
}

// checkOwnWrites: a second change builds on the first, even if reads do not show it yet.
func checkOwnWrites(s *suite) {
	s.needLag()
	n := 0
	for _, lag := range []time.Duration{shortLag, forEver} {
		if names := s.apart(); s.offers(core.OpUpdateUser) && len(names) > 1 {
			n++
			s.another().twoFields(names[0], names[1], lag)
		}
		if s.offers(core.OpAssign) && s.canRead() {
			n++
			s.another().twoLinks(lag)
		}
	}

	if n == 0 {
		s.Skipf("the vendor has no two fields or links that can be changed one after the other")
	}
}

// apart returns fields that do not change each other.
func (s *suite) apart() (names []core.Field) {
	for _, name := range s.changeable() {
		if len(names) == 0 || !slices.Contains(s.Fields[names[0]].With, name) {
			names = append(names, name)
		}
	}
	return names
}

func (s *suite) twoFields(first, second core.Field, lag time.Duration) {
	s.Helper()
	s.Lag(lag)
	for _, name := range []core.Field{first, second} {
		ctx, cancel := context.WithTimeout(s.Context(), patience)
		_, err := s.Store.UpdateUser(ctx, s.UserID, changeOf(name, s.Fields[name].To))
		cancel()
		s.waited(err, core.OpUpdateUser, lag)
	}
	s.Lag(0)
	s.settle(s.UserID, core.Updated)

	u := s.get(s.UserID)
	for _, name := range []core.Field{first, second} {
		s.equal(inOneOrder(s.Fields[name].To), valueOf(u, name), "%s, after %s and %s were changed one after the other, with reads %s behind",
			name, first, second, lag)
	}
}

func (s *suite) twoLinks(lag time.Duration) {
	s.Helper()
	for _, k := range s.kinds() {
		if k.Single || len(s.Targets[k.Kind]) < 2 {
			continue
		}

		s := s.another()
		s.Lag(lag)
		for _, target := range s.Targets[k.Kind][:2] {
			ctx, cancel := context.WithTimeout(s.Context(), patience)
			_, err := s.Store.Assign(ctx, core.Assignment{UserID: s.UserID, Target: target})
			cancel()
			s.waited(err, core.OpAssign, lag)
		}
		s.Lag(0)
		for _, target := range s.Targets[k.Kind][:2] {
			s.linked(true, s.UserID, target, "after two were assigned one after the other, with reads "+lag.String()+" behind")
		}
	}
}

// waited checks the error of a change under a lag: none if the lag passes, and a doubt
// if it does not.
func (s *suite) waited(err error, op core.Operation, lag time.Duration) {
	s.Helper()
	switch {
	case err == nil:
	case lag == shortLag:
		s.Errorf("%s with reads %s behind: %v", op, lag, err)
	case appliedOf(err) == core.AppliedNo && !slices.Contains(s.Certain, op):
		s.Errorf("%s where reads never show it: the error says that it was not applied: %v", op, err)
	}
}

// checkRepeats: if a list has a row twice, another row is missing, and the list says so.
func checkRepeats(s *suite) {
	s.need(core.OpListUsers)
	if s.Repeat == nil {
		s.Skipf("the Fixture cannot repeat a row of a list (Repeat)")
	}
	s.Repeat()

	all, err := core.Collect(s.Store.ListUsers(s.Context(), core.UserQuery{}))
	s.is(err, core.ErrIncomplete, core.OpListUsers, "a list in which a row comes twice")

	seen := map[string]bool{}
	for _, u := range all {
		if seen[u.ID] {
			s.Errorf("a list with a repeated row: user %s is handed out twice", u.ID)
		}
		seen[u.ID] = true
	}
	if len(all) == 0 {
		s.Errorf("a list with a repeated row: nothing is handed out")
	}
}
