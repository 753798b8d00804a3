package storekit_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

// record is a thing with a revision; others writes come between read and write.
type record struct {
	value, revision int
	others          int // how many writes of somebody else are still to come
	reads, writes   int
}

type seen struct{ value, revision int }

func (r *record) read(context.Context) (seen, error) {
	r.reads++
	return seen{r.value, r.revision}, nil
}

func (r *record) write(_ context.Context, v seen) (seen, error) {
	r.writes++
	if r.others > 0 {
		r.others--
		r.value, r.revision = r.value+100, r.revision+1
	}
	if v.revision != r.revision {
		return seen{}, &core.Error{Vendor: "v", Op: "Put", Class: core.ClassRevision, Status: 412}
	}
	r.value, r.revision = v.value, r.revision+1
	return seen{r.value, r.revision}, nil
}

func increment(v *seen) error { v.value++; return nil }

func TestModify(t *testing.T) {
	for _, others := range []int{0, 1, 4} {
		synctest.Test(t, func(t *testing.T) {
			r := &record{others: others}
			got, err := storekit.Modify(t.Context(), 5, r.read, increment, r.write)
			require.NoError(t, err)
			require.Equal(t, 100*others+1, got.value, "applied once, on top of what others wrote")
			require.Equal(t, others+1, r.reads)
			require.Equal(t, others+1, r.writes)
		})
	}
}

func TestModifyIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &record{others: 1000}
		start := time.Now()
		got, err := storekit.Modify(t.Context(), 3, r.read, increment, r.write)
		require.Equal(t, 3, r.writes)
		require.Zero(t, got)
		require.ErrorIs(t, err, core.ErrRevision)
		require.ErrorContains(t, err, "3 times in a row")
		e, ok := errors.AsType[*core.Error](err)
		require.True(t, ok)
		require.Equal(t, 412, e.Status)
		require.Less(t, time.Since(start), time.Second)
	})
	r := &record{others: 1}
	_, err := storekit.Modify(t.Context(), 0, r.read, increment, r.write)
	require.ErrorIs(t, err, core.ErrRevision)
	require.Equal(t, 1, r.writes, "once at least, and no more without tries")
}

func TestModifyPausesBetweenTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		took := map[time.Duration]bool{}
		for range 20 {
			start := time.Now()
			r := &record{others: 1}
			_, err := storekit.Modify(t.Context(), 2, r.read, increment, r.write)
			require.NoError(t, err)
			took[time.Since(start)] = true
		}
		require.Greater(t, len(took), 10, "two writers that collided must not collide again in step")
	})
}

func TestModifyReturnsOtherErrorsAtOnce(t *testing.T) {
	boom := errors.New("boom")
	r := &record{}
	_, err := storekit.Modify(t.Context(), 5, func(context.Context) (seen, error) { return seen{}, boom }, increment, r.write)
	require.Same(t, boom, err)
	_, err = storekit.Modify(t.Context(), 5, r.read, func(*seen) error { return boom }, r.write)
	require.Same(t, boom, err)
	require.Zero(t, r.writes)
	n := 0
	_, err = storekit.Modify(t.Context(), 5, r.read, increment, func(context.Context, seen) (seen, error) { n++; return seen{}, io.EOF })
	require.Same(t, io.EOF, err)
	require.Equal(t, 1, n)
}

func TestModifyStopsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		r := &record{others: 1000}
		_, err := storekit.Modify(ctx, 1000, r.read, func(v *seen) error {
			if r.reads == 3 {
				cancel()
			}
			return nil
		}, r.write)
		require.ErrorIs(t, err, core.ErrCanceled)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, 3, r.writes)
		e, _ := errors.AsType[*core.Error](err)
		require.Equal(t, core.AppliedNo, e.Applied, "every write was refused")
	})
}
