package roster_test

import (
	"context"
	"fmt"
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
		var hidden []string
		l := listed{store: store{w}, walks: &walks, users: func(n int, all []core.User) []core.User { return without(hidden...)(n, all) }}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var seen []string
		var broken error
		go func() {
			for ch, err := range roster.Watch(ctx, roster.Fleet{"fake": l}, roster.WatchConfig{Every: time.Minute}) {
				if err != nil {
					broken = err
					continue
				}
				seen = append(seen, fmt.Sprintf("%s %s", ch.What, ch.User))
				assert.LessOrEqual(t, ch.Within, 3*time.Minute+time.Second)
				assert.Positive(t, ch.Within)
			}
		}()
		next := func() []string {
			time.Sleep(time.Minute)
			synctest.Wait()
			told := seen
			seen = nil
			return told
		}
		synctest.Wait()
		assert.Empty(t, next())

		u := w.users["u2"]
		u.LastName = "New"
		w.users["u2"] = u
		assert.Equal(t, []string{"user u2"}, next())

		// The list loses three people, who answer when they are asked for: nobody is gone,
		// and nobody comes back. Somebody who came meanwhile is told when the list shows it, and the
		// age says that it may have been at any time since the last whole list.
		hidden = []string{"u3", "u4", "u5", "u11"}
		assert.Empty(t, next())
		w.add("new@x.test")
		assert.Empty(t, next())
		hidden = nil
		assert.Equal(t, []string{"user u11"}, next())

		delete(w.users, "u7")
		delete(w.links, "u7")
		assert.Equal(t, []string{"gone u7"}, next())
		assert.NoError(t, broken)
		stop()
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
