package avayatest

import (
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// Failure lets an accepted change of a user or profile fail in the background.
// Arm it with [Server.Fail].
//
// Features, Roles and PasswordPolicy say which parts fail; if none is given,
// all do. A delete always fails as a whole: what was to be deleted stays.
type Failure struct {
	// Op is Users.Create, Users.Replace, Users.Delete, Profiles.Create,
	// Profiles.Replace or Profiles.Delete; empty matches all.
	Op string
	// ID, if set, must be the user's or profile's.
	ID string
	// Match, if set, must also accept the own values of the user or profile
	// as they would be stored. It must not call the server.
	Match func(own map[string]any) bool
	// Skip is how many matching changes pass before one fails.
	Skip int
	// Times is how many then fail: 0 means one, -1 all.
	Times int

	// Features are the features that cannot be added, changed or removed.
	Features []string
	// Roles makes the roles fail. Roles are applied all or none, so none is.
	Roles bool
	// PasswordPolicy rejects the password, which the vendor reports as a
	// failure of the roles.
	PasswordPolicy bool

	// Status replaces FAILED, e.g. by DELETE_FAILED for a delete or by Failed
	// for a feature.
	Status string
	// Message replaces the vendor's message.
	Message string

	unnamed bool // the whole change fails, and no part is named
}

// all reports whether no part is named.
func (f *Failure) all() bool {
	return len(f.Features) == 0 && !f.Roles && !f.PasswordPolicy && !f.unnamed
}

// whole reports whether the operation fails even if none of its parts does.
func (f *Failure) whole() bool { return f.all() || f.unnamed }

type armedFailure struct {
	Failure
	count simnet.Count
}

// Fail arms failures. The first armed failure that matches a change strikes.
func (s *Server) Fail(failures ...Failure) {
	defer s.mirror(func(r *Server) { r.Fail(failures...) })
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range failures {
		s.failures = append(s.failures, &armedFailure{Failure: f})
	}
}

// Unfailed returns the failures that have not struck as often as they were to.
func (s *Server) Unfailed() []Failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	var left []Failure
	for _, a := range s.failures {
		if a.count.Left(a.Times) {
			left = append(left, a.Failure)
		}
	}
	return left
}

// failureFor finds the failure that strikes a change of these parts. One that
// names only features which are not among them does not match.
func (s *Server) failureFor(op, id string, own object, parts map[string]string) *Failure {
	for _, a := range s.failures {
		if a.Op != "" && a.Op != op || a.ID != "" && a.ID != id || a.Match != nil && !a.Match(simnet.Clone(own)) {
			continue
		}

		touches := func(name string) bool { _, ok := parts[name]; return ok }
		if len(a.Features) > 0 && !a.Roles && !a.PasswordPolicy && !slices.ContainsFunc(a.Features, touches) {
			continue
		}

		if a.count.Strikes(a.Skip, a.Times) {
			return new(a.Failure)
		}
	}
	return nil
}

// failing reports whether a part of a change fails, and what it then shows.
// The part named "" is the roles.
func (s *Server) failing(c change, name, action string) (part, bool) {
	f := c.failure
	switch {
	case f == nil:
		return part{}, false
	case c.remove || f.all():
	case name == "" && (f.Roles || f.PasswordPolicy):
	case slices.Contains(f.Features, name):
	default:
		return part{}, false
	}

	p := part{action, failed, failedMessage(c, name, action)}
	switch {
	case f.PasswordPolicy && name == "":
		p.message = "The password does not comply with the password policy of the account"
	case f.Status != "" && (c.remove || name != ""):
		p.status = f.Status
	case s.cfg.mixedCaseFailed && name != "":
		p.status = "Failed"
	}

	if f.Message != "" {
		p.message = f.Message
	}
	return p, true
}

func failedMessage(c change, name, action string) string {
	switch {
	case name == "":
		return "The requested roles could not be added"
	case action == actionDelete && c.of == "user":
		return "The feature could not be deleted"
	case action == actionDelete:
		return "The feature could not be delete" // as the guide has it
	}
	return "The feature could not be added"
}

// failsLater makes a failure of what is wrong in a request but is reported only
// later. An armed failure goes first.
func failsLater(armed *Failure, refs []reference, badPassword bool) *Failure {
	if armed != nil {
		return armed
	}
	f := &Failure{PasswordPolicy: badPassword}

	var bad []string
	for _, ref := range refs {
		bad = append(bad, ref.field)
		if ref.feature != "" && !slices.Contains(f.Features, ref.feature) {
			f.Features = append(f.Features, ref.feature)
		}
	}

	if len(refs) > 0 {
		f.Message = "Does not exist: " + strings.Join(bad, ", ")
		f.unnamed = len(f.Features) == 0
	}

	if f.all() {
		return nil
	}
	return f
}
