package core_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

// classes pairs each class with its sentinel.
var classes = map[core.Class]error{
	"not_found": core.ErrNotFound, "conflict": core.ErrConflict, "revision": core.ErrRevision, "invalid": core.ErrInvalid,
	"unauthenticated": core.ErrUnauthenticated, "permission": core.ErrPermission, "rate_limited": core.ErrRateLimited,
	"unavailable": core.ErrUnavailable, "unsupported": core.ErrUnsupported, "not_applied": core.ErrNotApplied,
	"failed": core.ErrFailed, "partial": core.ErrPartial, "incomplete": core.ErrIncomplete, "canceled": core.ErrCanceled,
	"protocol": core.ErrProtocol,
}

func TestErrorIsItsSentinelAndNoOther(t *testing.T) {
	require.Len(t, classes, 15)
	for class := range classes {
		t.Run(string(class), func(t *testing.T) {
			var err error = fmt.Errorf("wrapped: %w", &core.Error{Vendor: "v", Op: "o", Class: class})
			for other, sentinel := range classes {
				require.Equal(t, other == class, errors.Is(err, sentinel), "%s is %s", class, other)
			}
			require.Equal(t, class == core.ClassUnsupported, errors.Is(err, errors.ErrUnsupported))
			require.Equal(t, class, core.ClassOf(err))
		})
	}
	require.ErrorIs(t, core.ErrUnsupported, errors.ErrUnsupported)
	for _, s := range classes {
		require.NotErrorIs(t, &core.Error{}, s, "an error without a class is none of them")
		require.NotErrorIs(t, &core.Error{Class: "new"}, s)
	}
}

func TestErrorUnwraps(t *testing.T) {
	err := &core.Error{Class: core.ClassCanceled, Err: fmt.Errorf("why: %w", context.DeadlineExceeded)}
	require.ErrorIs(t, err, core.ErrCanceled)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, context.Canceled)
	got, ok := errors.AsType[*core.Error](fmt.Errorf("outer: %w", err))
	require.True(t, ok)
	require.Same(t, err, got)
	require.NoError(t, (&core.Error{}).Unwrap())
}

func TestErrorText(t *testing.T) {
	for _, c := range []struct {
		e    core.Error
		want string
	}{
		{core.Error{Vendor: "avaya", Op: "Users.Get", Class: core.ClassNotFound, Status: 404, Code: "E7", Message: "No user",
			RequestID: "r1", Applied: core.AppliedNo, Attempts: 3}, "avaya: Users.Get: not found: 404 Not Found (E7): No user [request r1]"},
		{core.Error{Vendor: "v", Op: "o", Class: core.ClassRateLimited, Status: 429, RetryAfter: 90 * time.Second,
			Applied: core.AppliedUnknown, Hint: "try later"},
			"v: o: rate limited: 429 Too Many Requests (asked to wait 1m30s); applied: unknown; try later"},
		{core.Error{Vendor: "v", Op: "o", Class: core.ClassUnavailable, Status: 599, Applied: core.AppliedYes},
			"v: o: unavailable: 599; applied: yes"},
		{core.Error{Class: core.ClassUnsupported, Message: "no such thing"}, "unsupported: no such thing"},
		{core.Error{Class: "some_new_class"}, "some new class"},
	} {
		require.Equal(t, c.want, c.e.Error())
	}
}

func TestWordsAreTheMessageOrTheStatus(t *testing.T) {
	for want, e := range map[string]*core.Error{
		"the login is taken": {Vendor: "v", Op: "o", Class: core.ClassConflict, Status: 409, Message: "the login is taken"},
		"Forbidden":          {Vendor: "v", Op: "o", Class: core.ClassPermission, Status: 403, Code: "7", Hint: "ask"},
		"":                   {Vendor: "v", Op: "o", Class: core.ClassUnavailable, Err: context.DeadlineExceeded},
	} {
		require.Equal(t, want, e.Words())
	}
	require.Empty(t, (&core.Error{Status: 799}).Words(), "a status without a text")
}

func TestErrorTextIsOneLineAndHoldsNoCause(t *testing.T) {
	nasty := "a\nb\r\nc\td\x1b[31me\x00f\u0085g\u2028h\u2029i"
	err := &core.Error{Vendor: nasty, Op: nasty, Class: core.Class(nasty), Status: 500, Code: nasty, Message: nasty, Hint: nasty,
		RequestID: nasty, Applied: core.AppliedUnknown, Err: errors.New("GET https://host/?token=" + planted)}
	oneLine(t, err)
	require.NotContains(t, err.Error(), planted)
	oneLine(t, core.Unsupported("v", "o", nasty))
	oneLine(t, core.Invalid("v", "o", nasty))
	oneLine(t, &core.PartialError{Vendor: nasty, Op: nasty, Outcomes: []core.Outcome{
		{Assignment: core.Assignment{UserID: nasty}, Result: core.ResultFailed, Message: nasty, Err: err}}})
}

func oneLine(t *testing.T, err error) {
	t.Helper()
	require.Equal(t, -1, strings.IndexFunc(err.Error(), func(r rune) bool {
		return r < 0x20 || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029'
	}), "%q", err.Error())
}

func TestRefusalsBeforeTraffic(t *testing.T) {
	u, i := core.Unsupported("v", "Presence.Get", "there is none"), core.Invalid("v", "Users.Get", "the id is empty")
	require.ErrorIs(t, u, errors.ErrUnsupported)
	require.ErrorIs(t, u, core.ErrUnsupported)
	require.ErrorIs(t, i, core.ErrInvalid)
	for _, e := range []*core.Error{u, i} {
		require.Equal(t, core.AppliedNo, e.Applied)
		require.Zero(t, e.Attempts)
		require.Zero(t, e.Status)
		require.Equal(t, "v", e.Vendor)
	}
}

func TestClassOf(t *testing.T) {
	partial := &core.PartialError{Outcomes: []core.Outcome{{Result: core.ResultFailed, Err: &core.Error{Class: core.ClassNotFound}}}}
	require.Equal(t, core.ClassPartial, core.ClassOf(partial))
	require.Equal(t, core.ClassPartial, core.ClassOf(fmt.Errorf("x: %w", partial)))
	require.Equal(t, core.ClassCanceled, core.ClassOf(context.Canceled))
	require.Equal(t, core.ClassCanceled, core.ClassOf(fmt.Errorf("x: %w", context.DeadlineExceeded)))
	require.Equal(t, core.ClassUnavailable, core.ClassOf(&core.Error{Class: core.ClassUnavailable, Err: context.DeadlineExceeded}))
	require.Empty(t, core.ClassOf(io.EOF))
	require.Empty(t, core.ClassOf(nil))
}

func TestPartialErrorReachesItsCauses(t *testing.T) {
	first := &core.Error{Vendor: "v", Op: "o", Class: core.ClassNotFound, Message: "no u2"}
	second := &core.Error{Vendor: "v", Op: "o", Class: core.ClassPermission, Message: "not u4", Err: io.EOF}
	outcomes := []core.Outcome{
		{Assignment: core.Assignment{UserID: "u1"}, Result: core.ResultApplied, Err: core.ErrRevision}, // done: no cause
		{Assignment: core.Assignment{UserID: "u2"}, Result: core.ResultFailed, Message: "no u2", Err: first},
		{Assignment: core.Assignment{UserID: "u3"}, Result: core.ResultAlready},
		{Assignment: core.Assignment{UserID: "u4"}, Result: core.ResultUnknown, Message: "not u4", Err: second},
		{Assignment: core.Assignment{UserID: "u5"}, Result: core.ResultFailed, Message: "no cause"},
	}
	err := storekit.OutcomesError("v", "Assignments.Assign", outcomes)
	require.ErrorIs(t, err, core.ErrPartial)
	require.ErrorIs(t, err, core.ErrNotFound)
	require.ErrorIs(t, err, core.ErrPermission)
	require.ErrorIs(t, err, io.EOF)
	require.NotErrorIs(t, err, core.ErrConflict)
	require.NotErrorIs(t, err, core.ErrRevision)
	got, ok := errors.AsType[*core.Error](err)
	require.True(t, ok)
	require.Same(t, first, got, "the first cause in the order of the call")
	part, ok := errors.AsType[*core.PartialError](fmt.Errorf("x: %w", err))
	require.True(t, ok)
	require.Equal(t, outcomes, part.Outcomes)
	require.Equal(t, []error{first, second}, part.Unwrap())
	require.Equal(t, "v: Assignments.Assign: 3 of 5 changes not made; first: u2 failed: no u2", err.Error())
}

func TestOutcomesError(t *testing.T) {
	out := func(results ...core.Result) (os []core.Outcome) {
		for _, r := range results {
			os = append(os, core.Outcome{Result: r})
		}
		return os
	}
	require.NoError(t, storekit.OutcomesError("v", "o", nil))
	require.NoError(t, storekit.OutcomesError("v", "o", out(core.ResultApplied, core.ResultAlready)))
	for _, bad := range []core.Result{core.ResultFailed, core.ResultUnknown, "", "brand-new"} {
		require.ErrorIs(t, storekit.OutcomesError("v", "o", out(core.ResultApplied, bad)), core.ErrPartial)
		require.ErrorIs(t, storekit.OutcomesError("v", "o", out(bad)), core.ErrPartial, "also when all of them failed")
		require.False(t, core.Outcome{Result: bad}.Done())
	}
}

func TestMaybeApplied(t *testing.T) {
	of := func(a core.Applied) error { return fmt.Errorf("wrapped: %w", &core.Error{Applied: a}) }
	partial := func(results ...core.Result) error {
		p := &core.PartialError{}
		for _, r := range results {
			p.Outcomes = append(p.Outcomes, core.Outcome{Result: r})
		}
		return p
	}
	for _, err := range []error{nil, of(core.AppliedYes), of(core.AppliedUnknown), context.Canceled,
		partial(core.ResultFailed, core.ResultApplied), partial(core.ResultUnknown)} {
		require.True(t, core.MaybeApplied(err), "%v", err)
	}
	for _, err := range []error{of(core.AppliedNo), partial(core.ResultFailed, core.ResultFailed)} {
		require.False(t, core.MaybeApplied(err), "%v", err)
	}
}
