package roster_test

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// forecasting is a governor whose requests take a second each to leave.
type forecasting struct{ core.Governor }

func (forecasting) Forecast(_ string, n int) (time.Duration, bool) {
	return time.Duration(n) * time.Second, true
}

func TestWatch_TellsWhatChangesAndInventsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := crowd(10)
		walks := 0
		var mu sync.Mutex
		var hidden, seen []string
		l := listed{store: store{w}, walks: &walks, users: func(n int, all []core.User) []core.User {
			mu.Lock()
			defer mu.Unlock()
			return without(hidden...)(n, all)
		}}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go func() {
			for ch, err := range roster.Watch(ctx, roster.Fleet{"fake": l}, roster.WatchConfig{Every: time.Minute}) {
				assert.NoError(t, err)
				assert.LessOrEqual(t, ch.Within, 3*time.Minute+time.Second)
				assert.Positive(t, ch.Within)
				mu.Lock()
				seen = append(seen, fmt.Sprintf("%s %s", ch.What, ch.User))
				mu.Unlock()
			}
		}()
		// next is what is told of an edit, half a minute before the next census.
		next := func(edit func()) []string {
			w.mu.Lock()
			mu.Lock()
			seen = nil
			edit()
			mu.Unlock()
			w.mu.Unlock()
			time.Sleep(time.Minute)
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return seen
		}
		time.Sleep(30 * time.Second)
		synctest.Wait()
		assert.Empty(t, next(func() {}))
		assert.Equal(t, []string{"user u2"}, next(func() {
			u := w.users["u2"]
			u.LastName = "New"
			w.users["u2"] = u
		}))

		// The list loses three people, who answer when they are asked for: nobody is gone,
		// and nobody comes back. Somebody who came meanwhile is told when the list shows it,
		// and the age says that it may have been at any time since the last whole list.
		assert.Empty(t, next(func() { hidden = []string{"u3", "u4", "u5", "u11"} }))
		assert.Empty(t, next(func() { w.add("new@x.test") }))
		assert.Equal(t, []string{"user u11"}, next(func() { hidden = nil }))
		assert.Equal(t, []string{"gone u7"}, next(func() {
			delete(w.users, "u7")
			delete(w.links, "u7")
		}))
		stop()
		synctest.Wait()
	})
}

func TestWatch_StaysWithinItsShareOfTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := crowd(10)
		walks := 0
		l := listed{store: store{w}, walks: &walks}
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		for range roster.Watch(ctx, roster.Fleet{"fake": l}, roster.WatchConfig{
			Every: time.Second, Share: 0.1, Governors: map[string]core.Governor{"fake": forecasting{}},
		}) {
			t.Error("nothing changed")
		}
		// A census takes three requests, of a second each: one every 30 seconds.
		require.Greater(t, walks, 50)
		assert.LessOrEqual(t, walks, 121)
	})
}

// slow is a store whose list of users takes four seconds.
type slow struct{ listed }

func (s slow) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	time.Sleep(4 * time.Second)
	return s.listed.ListUsers(ctx, q)
}

func TestWatch_GivesASlowVendorTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := crowd(10)
		walks, looks := 0, 0
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		for range roster.Watch(ctx, roster.Fleet{"fake": slow{listed{store: store{w}, walks: &walks}}}, roster.WatchConfig{
			Every: time.Second,
			Looked: func(c *roster.Census, err error) {
				looks++
				assert.NoError(t, err)
				assert.Equal(t, []string{"fake"}, c.Accounts())
			},
		}) {
			t.Error("nothing changed")
		}
		// Each takes four seconds, or eight with a second walk, which are a fifth of the time.
		assert.InDelta(t, 180, looks, 2)
	})
}

// TestWatch_GivesASlowVendorTimeWhosePaceIsNotKnown: a governor that cannot tell is like
// none.
func TestWatch_GivesASlowVendorTimeWhosePaceIsNotKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := crowd(10)
		walks, looks := 0, 0
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		for range roster.Watch(ctx, roster.Fleet{"fake": slow{listed{store: store{w}, walks: &walks}}}, roster.WatchConfig{
			Every: time.Second, Governors: map[string]core.Governor{"fake": metronome{"elsewhere"}},
			Looked: func(*roster.Census, error) { looks++ },
		}) {
			t.Error("nothing changed")
		}
		assert.InDelta(t, 180, looks, 2)
	})
}

// hurried gives up as soon as it sees that the deadline comes before its answer can.
type hurried struct{ listed }

func (s hurried) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	if end, has := ctx.Deadline(); has && time.Until(end) < 2*time.Second {
		return func(yield func(core.User, error) bool) {
			yield(core.User{}, &core.Error{Class: core.ClassCanceled, Message: "there is no time left"})
		}
	}
	return s.listed.ListUsers(ctx, q)
}

// TestWatch_ItsEndIsNoFailure: the last look is cut off by the end of the watch. No client
// is told of it before, and none fails because of it.
func TestWatch_ItsEndIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := crowd(10)
		walks, looks := 0, 0
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second-time.Millisecond)
		defer stop()
		for range roster.Watch(ctx, roster.Fleet{"fake": hurried{listed{store: store{w}, walks: &walks}}}, roster.WatchConfig{
			Every: time.Second,
			Looked: func(_ *roster.Census, err error) {
				looks++
				assert.NoError(t, err)
			},
		}) {
			t.Error("nothing changed")
		}
		assert.Contains(t, []int{10, 11}, looks, "the one that is due at the end may come first")
	})
}

// TestWatch_AsksForTheStoresBuckets: the share is that of the buckets in which the store's
// requests are, and not of one that nobody uses.
func TestWatch_AsksForTheStoresBuckets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := crowd(10)
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		for range roster.Watch(ctx, roster.Fleet{"fake": bucketed{store{w}, "api"}}, roster.WatchConfig{
			Every: time.Second, Share: 0.1, Governors: map[string]core.Governor{"fake": metronome{"api"}},
		}) {
			t.Error("nothing changed")
		}
		assert.Less(t, w.reads, 2000, "3,600 censuses would be without the share")
	})
}
