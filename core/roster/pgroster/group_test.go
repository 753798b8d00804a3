package pgroster

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

type sum struct{ n, answer int }

func TestGroup_SharesStatementsAndSparesTheOthersARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := errors.New("refused")
		var mu sync.Mutex
		var sizes []int
		g := group[sum]{carry: func(_ context.Context, all []*sum) error {
			mu.Lock()
			sizes = append(sizes, len(all))
			mu.Unlock()
			time.Sleep(time.Millisecond)
			for _, q := range all {
				if q.n == 7 {
					return refused
				}
			}
			for _, q := range all {
				q.answer = 2 * q.n
			}
			return nil
		}}

		var wg sync.WaitGroup
		for n := range 10 {
			wg.Go(func() {
				q := &sum{n: n}
				err := g.ask(t.Context(), q)
				if n == 7 {
					require.ErrorIs(t, err, refused)
					return
				}
				require.NoError(t, err)
				require.Equal(t, 2*n, q.answer)
			})
			synctest.Wait()
		}
		wg.Wait()
		require.Equal(t, []int{1, 1, 8, 1, 1, 1, 1, 1, 1, 1, 1}, sizes)
	})
}

// Where the answer is lost it is in doubt what was carried out, and nothing is sent again.
func TestGroup_SendsNothingAgainWhoseAnswerWasLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int64
		g := group[sum]{carry: func(_ context.Context, all []*sum) error {
			sent.Add(int64(len(all)))
			time.Sleep(time.Millisecond)
			return context.DeadlineExceeded
		}}
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() { require.ErrorIs(t, g.ask(t.Context(), &sum{}), context.DeadlineExceeded) })
		}
		wg.Wait()
		require.EqualValues(t, 5, sent.Load())
	})
}

// TestGroup_TellsOfAnswersThatComeTooLate: an asker gave up, and the question was carried out
// anyway.
func TestGroup_TellsOfAnswersThatComeTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		orphans := make(chan int, 2)
		g := group[sum]{
			carry:    func(context.Context, []*sum) error { time.Sleep(time.Second); return nil },
			orphaned: func(q *sum) { orphans <- q.n },
		}
		short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() { require.NoError(t, g.ask(t.Context(), &sum{n: 1})) })
		wg.Go(func() { require.ErrorIs(t, g.ask(short, &sum{n: 2}), context.DeadlineExceeded) })
		wg.Wait()
		time.Sleep(time.Minute)
		require.Len(t, orphans, 1)
		require.Equal(t, 2, <-orphans)
	})
}
