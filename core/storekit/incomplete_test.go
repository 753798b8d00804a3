package storekit_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

// TestIncomplete_SaysWhatToDoNext: a list that broke off is incomplete, one that failed at
// once keeps the class of its cause, and both match core.ErrIncomplete and the cause.
func TestIncomplete_SaysWhatToDoNext(t *testing.T) {
	refused := &core.Error{Vendor: "desk", Class: core.ClassPermission, Status: 403, Attempts: 1, Applied: core.AppliedUnknown, Message: "no"}

	for listed, class := range map[bool]core.Class{false: core.ClassPermission, true: core.ClassIncomplete} {
		err := storekit.Incomplete("desk", "users.list", refused, listed)

		require.Equal(t, class, core.ClassOf(err))
		require.ErrorIs(t, err, core.ErrIncomplete)
		require.ErrorIs(t, err, core.ErrPermission)
		require.Equal(t, core.AppliedNo, err.(*core.Error).Applied, "a list changes nothing")
	}
	require.Equal(t, core.AppliedUnknown, refused.Applied, "others may hold the same error")

	strange := errors.New("tls: bad certificate")
	err := storekit.Incomplete("desk", "users.list", strange, false)
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.ErrorIs(t, err, strange)
	require.ErrorContains(t, err, "desk: users.list: ")
}

// TestIncomplete_NobodyWasLookedFor: a page that is not there proves nothing about a person, so
// that the list does not match core.ErrNotFound once something was listed.
func TestIncomplete_NobodyWasLookedFor(t *testing.T) {
	missing := &core.Error{Class: core.ClassNotFound, Status: 404, Attempts: 1, Message: "no such page"}

	err := storekit.Incomplete("desk", "users.list", missing, true)

	require.NotErrorIs(t, err, core.ErrNotFound)
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.ErrorContains(t, err, "no such page")
}

// TestIncomplete_LeavesTheOthersAlone: a refusal before anything was sent is no broken
// list, an error that says incomplete says so already, and an ended context stays one.
func TestIncomplete_LeavesTheOthersAlone(t *testing.T) {
	for _, cause := range []*core.Error{
		core.Invalid("desk", "users.list", "no such filter"), core.Unsupported("desk", "users.list", "no list"),
		{Class: core.ClassIncomplete, Attempts: 3},
	} {
		require.Same(t, cause, storekit.Incomplete("desk", "users.list", cause, true))
	}

	sent := &core.Error{Class: core.ClassInvalid, Status: 400, Attempts: 1}
	require.ErrorIs(t, storekit.Incomplete("desk", "users.list", sent, false), core.ErrIncomplete, "the vendor refused it")

	ended := &core.Error{Class: core.ClassCanceled, Attempts: 1, Err: context.Canceled}
	err := storekit.Incomplete("desk", "users.list", ended, true)
	require.Equal(t, core.ClassCanceled, core.ClassOf(err))
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.ErrorIs(t, err, context.Canceled)
}
