package adapter_test

import (
	"errors"
	"fmt"
	"iter"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

func border() adapter.Border { return adapter.Border{Vendor: "desk", Account: "north"} }

// TestBorderFingerprint_IsTheSameForOneAccount however its address is written, and holds
// neither a user of the address nor a query, which can be a credential.
func TestBorderFingerprint_IsTheSameForOneAccount(t *testing.T) {
	for _, base := range []string{"https://desk.example/api", "https://DESK.example/api/",
		"https://kim:secret@desk.example/api?key=secret#x"} {
		at, err := url.Parse(base)
		require.NoError(t, err)
		b := border()
		b.Base, b.Customer = at, "acme"
		require.Equal(t, "desk https://desk.example/api acme", b.Fingerprint())
	}

	require.Equal(t, "desk", border().Fingerprint())
}

func TestBorderError_NamesTheStoresOperation(t *testing.T) {
	original := &core.Error{Vendor: "desk", Op: "Clerks.Get", Class: core.ClassNotFound, Message: "no such clerk"}

	err := border().Error(core.OpGetUser, original)

	require.EqualError(t, err, "desk north: users.get: not found: no such clerk")
	require.Equal(t, "Clerks.Get", original.Op, "an error that others may hold stays as it is")

	other := errors.New("no network")
	require.Same(t, other, border().Error(core.OpGetUser, other))
	wrapped := fmt.Errorf("while reading: %w", original)
	require.Same(t, wrapped, border().Error(core.OpGetUser, wrapped))
	require.NoError(t, border().Error(core.OpGetUser, nil))
}

// TestBorderError_NamesEachOutcome: of many changes every cause is named like the whole,
// also where the whole is within another error.
func TestBorderError_NamesEachOutcome(t *testing.T) {
	part := func() *core.PartialError {
		return &core.PartialError{Op: "Clerks.Assign", Outcomes: []core.Outcome{
			{Result: core.ResultApplied},
			{Result: core.ResultFailed, Err: &core.Error{Op: "Clerks.Get", Class: core.ClassNotFound}},
		}}
	}
	check := func(got *core.PartialError) {
		require.Equal(t, []string{"desk", "north", string(core.OpAssign)}, []string{got.Vendor, got.Account, got.Op})
		require.NoError(t, got.Outcomes[0].Err)
		cause := got.Outcomes[1].Err.(*core.Error)
		require.Equal(t, []string{"desk", "north", string(core.OpAssign)}, []string{cause.Vendor, cause.Account, cause.Op})
	}

	check(border().Error(core.OpAssign, part()).(*core.PartialError))

	err := border().Error(core.OpAssign, &core.Error{Class: core.ClassPartial, Err: part()})
	inner, ok := errors.AsType[*core.PartialError](err)
	require.True(t, ok)
	check(inner)
}

func TestBorder_RefusalsBeforeTraffic(t *testing.T) {
	for _, c := range []struct {
		err  *core.Error
		is   error
		text string
	}{
		{border().Invalid(core.OpCreateUser, "login is required"), core.ErrInvalid, "login is required"},
		{border().Unsupported(core.OpDeleteUser, "clerks stay"), errors.ErrUnsupported, "clerks stay"},
	} {
		require.ErrorIs(t, c.err, c.is)
		require.ErrorContains(t, c.err, "desk north: ")
		require.ErrorContains(t, c.err, c.text)
		require.Equal(t, core.AppliedNo, c.err.Applied)
		require.Zero(t, c.err.Attempts)
	}
}

// rows is a list that breaks off with err behind n rows.
func rows(n int, err error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			if !yield(i, nil) {
				return
			}
		}
		if err != nil {
			yield(0, err)
		}
	}
}

// TestWalk_NeverEndsSilentlyShort: what was listed is handed out, and the error matches
// core.ErrIncomplete and its cause. One that failed at once keeps the class of the cause.
func TestWalk_NeverEndsSilentlyShort(t *testing.T) {
	cause := &core.Error{Op: "Clerks.List", Class: core.ClassPermission, Status: 403}
	for n, class := range map[int]core.Class{0: core.ClassPermission, 2: core.ClassIncomplete} {
		got, err := core.Collect(adapter.Walk(border(), core.OpListUsers, rows(n, cause)))

		require.Len(t, got, n)
		require.ErrorIs(t, err, core.ErrIncomplete)
		require.ErrorIs(t, err, core.ErrPermission)
		require.Equal(t, class, core.ClassOf(err))
		require.ErrorContains(t, err, "desk north: users.list")
	}

	whole, err := core.Collect(adapter.Walk(border(), core.OpListUsers, rows(3, nil)))
	require.NoError(t, err)
	require.Equal(t, []int{0, 1, 2}, whole)
}

// TestWalk_StopsWhenTheCallerDoes and walks again when it is ranged over twice.
func TestWalk_StopsWhenTheCallerDoes(t *testing.T) {
	handed := 0
	seq := adapter.Walk(border(), core.OpListUsers, func(yield func(int, error) bool) {
		for handed++; yield(handed, nil); handed++ {
		}
	})

	for range 2 {
		for range seq {
			break
		}
	}

	require.Equal(t, 2, handed)
}

func TestFailed_EndsAtOnce(t *testing.T) {
	cause := core.Unsupported("desk", "targets.list", "no targets")
	n := 0
	for v, err := range adapter.Failed[int](cause) {
		n++
		require.Zero(t, v)
		require.Same(t, cause, err)
	}
	require.Equal(t, 1, n)
}
