package coretest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// ok ends the check on an error.
func (s *suite) ok(err error, format string, args ...any) {
	s.Helper()
	if err != nil {
		s.Fatalf("%s: %v", fmt.Sprintf(format, args...), err)
	}
}

func (s *suite) equal(want, got any, format string, args ...any) {
	s.Helper()
	if !reflect.DeepEqual(want, got) {
		s.Errorf("%s: want %v, got %v", fmt.Sprintf(format, args...), want, got)
	}
}

// quiet runs f and fails if it sent anything.
func (s *suite) quiet(what string, f func()) {
	s.Helper()
	if n := s.sends(f); s.Requests != nil && n != 0 {
		s.Errorf("%s: sent %d requests, where nothing may be sent", what, n)
	}
}

// sends counts the requests of f, or returns 1 if they cannot be counted.
func (s *suite) sends(f func()) int {
	if s.Requests == nil {
		f()
		return 1
	}
	before := s.Requests()
	f()
	return s.Requests() - before
}

// is checks that an error is one of this module, well made, and matches target.
func (s *suite) is(err, target error, op core.Operation, format string, args ...any) {
	s.Helper()
	what := fmt.Sprintf(format, args...)
	if err == nil {
		s.Errorf("%s: no error, want %q", what, target)
		return
	}
	if !errors.Is(err, target) {
		s.Errorf("%s: want an error that is %q, got %q", what, target, err)
	}
	s.wellMade(err, op, what)
}

func (s *suite) unsupported(err error, op core.Operation, what string) {
	s.Helper()
	s.is(err, errors.ErrUnsupported, op, "%s", what)
	if err == nil {
		return
	}
	if !errors.Is(err, core.ErrUnsupported) || core.ClassOf(err) != core.ClassUnsupported {
		s.Errorf("%s: the error is not of class unsupported: %v", what, err)
	}
	s.notApplied(err, what)
}

func (s *suite) invalid(err error, op core.Operation, what string) {
	s.Helper()
	s.is(err, core.ErrInvalid, op, "%s", what)
	s.notApplied(err, what)
}

// wellMade checks the form of an error, and that it names the vendor, the account and
// core's operation.
func (s *suite) wellMade(err error, op core.Operation, what string) {
	s.Helper()
	if strings.ContainsAny(err.Error(), "\n\r") {
		s.Errorf("%s: the error is more than one line: %q", what, err)
	}

	switch e := ours(err).(type) {
	case *core.PartialError:
		s.names(what, op, e.Vendor, e.Account, e.Op)
		for _, o := range e.Outcomes {
			if !o.Done() {
				s.cause(o, op, what)
			}
		}
	case *core.Error:
		s.names(what, op, e.Vendor, e.Account, e.Op)
		if e.Class == "" {
			s.Errorf("%s: the error has no class: %v", what, err)
		}
	default:
		s.Errorf("%s: the error is a %T, not one of package core: %v", what, err, err)
	}
}

// ours returns the outermost error of package core.
func ours(err error) error {
	switch err.(type) {
	case *core.Error, *core.PartialError:
		return err
	}
	if e, ok := errors.AsType[*core.Error](err); ok {
		return e
	}
	if part, ok := errors.AsType[*core.PartialError](err); ok {
		return part
	}
	return nil
}

// cause checks why an outcome is not done.
func (s *suite) cause(o core.Outcome, op core.Operation, what string) {
	s.Helper()
	e, ok := errors.AsType[*core.Error](o.Err)
	if !ok {
		s.Errorf("%s: an outcome that is %s has a cause of type %T", what, o.Result, o.Err)
		return
	}
	s.names(what+", the cause of an outcome", op, e.Vendor, e.Account, e.Op)
	if o.Code == "" && o.Message == "" {
		s.Errorf("%s: an outcome that is %s has neither code nor message", what, o.Result)
	}
}

func (s *suite) names(what string, op core.Operation, vendor, account, named string) {
	s.Helper()
	if vendor != s.caps.Vendor || account != s.Account {
		s.Errorf("%s: the error names vendor %q and account %q; they are %q and %q", what, vendor, account, s.caps.Vendor, s.Account)
	}
	if named != string(op) {
		s.Errorf("%s: the error names the operation %q, want %q", what, named, op)
	}
}

// notApplied checks that an error says that nothing was changed.
func (s *suite) notApplied(err error, what string) {
	s.Helper()
	if e, ok := errors.AsType[*core.Error](err); ok && e.Applied != core.AppliedNo {
		s.Errorf("%s: applied is %q, want %q", what, e.Applied, core.AppliedNo)
	}
}

// brokeOff checks the error of a list that could not be completed.
func (s *suite) brokeOff(err error, op core.Operation, what string) {
	s.Helper()
	s.is(err, core.ErrIncomplete, op, "%s", what)
	if !hasCause(err) {
		s.Errorf("%s: the error of a list that broke off has no cause: %v", what, err)
	}
}

// hasCause reports whether an error of a list holds more than that it is incomplete.
func hasCause(err error) bool {
	if e, ok := err.(*core.Error); ok && e.Class != core.ClassIncomplete {
		return true
	}

	switch e := err.(type) {
	case interface{ Unwrap() error }:
		inner := e.Unwrap()
		return inner != nil && hasCause(inner)
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(e.Unwrap(), hasCause)
	}
	return err != core.ErrIncomplete
}

// appliedOf returns what an error says about the one change that was asked for.
func appliedOf(err error) core.Applied {
	switch e := ours(err).(type) {
	case *core.PartialError:
		for _, o := range e.Outcomes {
			if a := o.Applied(); a != core.AppliedNo {
				return a
			}
		}
		return core.AppliedNo
	case *core.Error:
		return e.Applied
	}
	return ""
}
