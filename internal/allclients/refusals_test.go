package allclients

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// sampleUser is a user of the sample data.
func sampleUser(t *testing.T, a *account) core.User {
	t.Helper()
	for u, err := range a.store.ListUsers(t.Context(), core.UserQuery{}) {
		require.NoError(t, err)
		return u
	}
	t.Fatal("there is nobody")
	return core.User{}
}

// offers skips the test at a vendor that does not offer an operation.
func offers(t *testing.T, a *account, op core.Operation) {
	t.Helper()
	if a.store.Capabilities().Of(op).Support == core.NotOffered {
		t.Skip("not offered")
	}
}

// TestUnblock_RefusesTheRecordOfAnother user, vendor or account: where ids are small
// numbers, somebody else has the same one there.
func TestUnblock_RefusesTheRecordOfAnother(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			a := v.account(t, core.ClientOptions{Account: "emea"})
			offers(t, a, core.OpUnblock)
			id := sampleUser(t, a).ID
			for _, made := range []core.Block{
				{},
				{Vendor: v.name, Account: "emea", UserID: "1"},
				{Vendor: "other", Account: "emea", UserID: id},
				{Vendor: v.name, Account: "apac", UserID: id},
			} {
				err := a.store.Unblock(t.Context(), id, made)
				require.ErrorIs(t, err, core.ErrInvalid, "%v", made)
				require.ErrorContains(t, err, "of another user, vendor or account")
			}
			requireUnwritten(t, a)
		})
	})
}

// TestCreateUser_RefusesTheLinkOfAnother: a link of a new user names no user.
func TestCreateUser_RefusesTheLinkOfAnother(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			a := v.account(t, core.ClientOptions{})
			kind := a.store.Capabilities().Kinds[0].Kind
			spec := a.spec
			spec.Links = []core.Assignment{{UserID: sampleUser(t, a).ID, Target: core.Target{Kind: kind, ID: "1"}}}
			_, err := a.store.CreateUser(t.Context(), spec)
			require.ErrorIs(t, err, core.ErrInvalid)
			require.ErrorContains(t, err, "must not name a user")
			requireUnwritten(t, a)
		})
	})
}

// TestUpdateUser_ThatNamesNothingWritesNothing, and still says who is not there and what
// does not hold.
func TestUpdateUser_ThatNamesNothingWritesNothing(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			a := v.account(t, core.ClientOptions{})
			offers(t, a, core.OpUpdateUser)
			u := sampleUser(t, a)
			is, err := a.store.UpdateUser(t.Context(), u.ID, core.UserChange{})
			require.NoError(t, err)
			require.Equal(t, u.Login, is.Login)

			_, err = a.store.UpdateUser(t.Context(), u.ID, core.UserChange{If: core.Precondition{Values: map[string]any{"login": "other"}}})
			require.ErrorIs(t, err, core.ErrRevision)
			requireUnwritten(t, a)
		})
	})
}

// TestCanceled_MatchesTheContextsError also where its owner gave another cause.
func TestCanceled_MatchesTheContextsError(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			a := v.account(t, core.ClientOptions{})
			id, kind := sampleUser(t, a).ID, a.store.Capabilities().Kinds[0].Kind
			ctx, end := context.WithCancelCause(t.Context())
			end(errors.New("the shift is over"))

			var link core.Assignment
			for target, err := range a.store.ListTargets(t.Context(), core.TargetQuery{Kind: kind}) {
				require.NoError(t, err)
				link = core.Assignment{UserID: id, Target: target}
				break
			}

			for name, call := range map[string]func() error{
				"get":      func() error { return only(a.store.GetUser(ctx, id)) },
				"delete":   func() error { return a.store.DeleteUser(ctx, id) },
				"assign":   func() error { return only(a.store.Assign(ctx, link)) },
				"unassign": func() error { return only(a.store.Unassign(ctx, link)) },
				"suspend":  func() error { return only(a.store.Suspend(ctx, link)) },
				"block":    func() error { return only(a.store.Block(ctx, id)) },
				"list":     func() error { return drain(a.store.ListUsers(ctx, core.UserQuery{})) },
			} {
				err := call()
				if errors.Is(err, errors.ErrUnsupported) {
					continue
				}
				require.ErrorIs(t, err, core.ErrCanceled, name)
				require.ErrorIs(t, err, context.Canceled, name)
			}
		})
	})
}
