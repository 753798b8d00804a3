package evidence_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
)

// after shows a change from some time on, and counts the looks.
func after(d time.Duration, looks *int) func(context.Context) (bool, error) {
	start := time.Now()
	return func(context.Context) (bool, error) {
		*looks++
		return time.Since(start) >= d, nil
	}
}

func TestReadBack_LooksWithGrowingPauses(t *testing.T) {
	for _, c := range []struct {
		lag, patience time.Duration
		shown         bool
		took          time.Duration // at most
		looks         int           // at most
	}{
		{0, 0, true, 0, 1},
		{time.Second, 0, true, 2 * time.Second, 7},
		{4900 * time.Millisecond, 0, true, 5 * time.Second, 11},
		{time.Hour, 0, false, 5 * time.Second, 11},
		{time.Second, -1, false, 0, 1},
		{3 * time.Second, 2 * time.Second, false, 2 * time.Second, 8},
	} {
		synctest.Test(t, func(t *testing.T) {
			looks, start := 0, time.Now()
			shown, err := evidence.ReadBack{For: c.patience}.Look(t.Context(), after(c.lag, &looks))
			require.NoError(t, err)
			require.Equal(t, c.shown, shown)
			require.LessOrEqual(t, time.Since(start), c.took)
			require.LessOrEqual(t, looks, c.looks)
		})
	}
}

func TestReadBack_EndsBeforeTheContextDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		looks := 0
		shown, err := evidence.ReadBack{}.Look(ctx, after(time.Hour, &looks))
		require.NoError(t, err)
		require.False(t, shown)
		require.NoError(t, ctx.Err())
	})
}

func TestReadBack_Errors(t *testing.T) {
	passing := &core.Error{Class: core.ClassUnavailable}
	final := &core.Error{Class: core.ClassPermission}
	look := func(ends ...any) (func(context.Context) (bool, error), *int) {
		n := 0
		return func(context.Context) (bool, error) {
			end := ends[min(n, len(ends)-1)]
			n++
			if err, ok := end.(error); ok {
				return false, err
			}
			return end.(bool), nil
		}, &n
	}
	for _, c := range []struct {
		name  string
		ends  []any
		shown bool
		err   error
	}{
		{"a passing error, then it shows", []any{passing, passing, true}, true, nil},
		{"a passing error that stays", []any{passing}, false, passing},
		{"not shown, then an error that stays", []any{false, passing}, false, nil},
		{"an error that another look cannot fix", []any{false, final, true}, false, final},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, _ := look(c.ends...)
				shown, err := evidence.ReadBack{}.Look(t.Context(), f)
				require.Equal(t, c.shown, shown)
				if c.err == nil {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, c.err)
				}
			})
		})
	}
}

func TestReadBack_TellsItsPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var waited time.Duration
		looks, start := 0, time.Now()
		r := evidence.ReadBack{Waited: func(_ context.Context, _ time.Time, took time.Duration) { waited += took }}
		_, err := r.Look(t.Context(), after(time.Second, &looks))
		require.NoError(t, err)
		require.Equal(t, time.Since(start), waited)
	})
}

func TestReadBack_Make(t *testing.T) {
	lost := &core.Error{Class: core.ClassUnavailable, Applied: core.AppliedUnknown, Doubt: "attempt 1: the connection was lost"}
	refused := &core.Error{Class: core.ClassInvalid, Applied: core.AppliedNo}
	unseen := &core.Error{Class: core.ClassNotFound, Status: 404, Applied: core.AppliedNo}
	for _, c := range []struct {
		name     string
		told     bool
		err      error
		shows    any // bool or error
		was      bool
		certain  bool
		class    core.Class
		applied  core.Applied
		looked   bool
		sameFail bool
	}{
		{name: "the answer is the new state", told: true, shows: false},
		{name: "accepted and shown", shows: true, looked: true},
		{name: "accepted and not shown", shows: false, looked: true, class: core.ClassNotApplied, applied: core.AppliedUnknown},
		{name: "accepted and certainly not made", shows: false, certain: true, looked: true, class: core.ClassNotApplied,
			applied: core.AppliedNo},
		{name: "accepted and not found", shows: unseen, looked: true, class: core.ClassNotApplied, applied: core.AppliedUnknown},
		{name: "lost and shown", err: lost, shows: true, looked: true},
		{name: "lost and not shown", err: lost, shows: false, looked: true, class: core.ClassUnavailable, applied: core.AppliedUnknown,
			sameFail: true},
		{name: "lost, and it was so before", err: lost, shows: true, was: true, class: core.ClassUnavailable, applied: core.AppliedUnknown,
			sameFail: true},
		{name: "refused", err: refused, shows: true, class: core.ClassInvalid, applied: core.AppliedNo, sameFail: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				looked := false
				err := evidence.ReadBack{}.Make(t.Context(), evidence.Effect{
					Vendor: "v", Op: "users.update", Was: c.was,
					Write: func(context.Context) (bool, error) { return c.told, c.err },
					Shows: func(context.Context) (bool, error) {
						looked = true
						if err, ok := c.shows.(error); ok {
							return false, err
						}
						return c.shows.(bool), nil
					},
					Certain: func() bool { return c.certain },
				})
				require.Equal(t, c.looked, looked)
				if c.class == "" {
					require.NoError(t, err)
					return
				}
				e, ok := errors.AsType[*core.Error](err)
				require.True(t, ok)
				require.Equal(t, []any{c.class, c.applied}, []any{e.Class, e.Applied})
				require.Equal(t, c.applied == core.AppliedUnknown, e.Doubt != "", "a doubt has a reason: %q", e.Doubt)
				if c.sameFail {
					require.Same(t, c.err, err)
				}
			})
		})
	}
}

func TestReadBack_MakeTellsThatAPartShows(t *testing.T) {
	for partly, applied := range map[bool]core.Applied{true: core.AppliedYes, false: core.AppliedUnknown} {
		err := evidence.ReadBack{For: -1}.Make(t.Context(), evidence.Effect{
			Write:  func(context.Context) (bool, error) { return false, nil },
			Shows:  func(context.Context) (bool, error) { return false, nil },
			Partly: func() bool { return partly },
		})
		e, _ := errors.AsType[*core.Error](err)
		require.Equal(t, core.ClassNotApplied, e.Class)
		require.Equal(t, applied, e.Applied)
		require.Equal(t, partly, e.Doubt == "")
	}
}

// TestReadBackOf_TellsOfItsPauses names each pause after the operation.
func TestReadBackOf_TellsOfItsPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told waits
		r := evidence.ReadBackOf("users.update", time.Second, &told)
		shown, err := r.Look(t.Context(), func(context.Context) (bool, error) { return len(told) == 2, nil })
		require.NoError(t, err)
		require.True(t, shown)
		require.Equal(t, waits{"users.update read-back", "users.update read-back"}, told)
	})
}

// waits are the waits that were told of.
type waits []string

func (w *waits) Waited(_ context.Context, op string, reason core.WaitReason, _ time.Time, _ time.Duration) {
	*w = append(*w, op+" "+string(reason))
}
