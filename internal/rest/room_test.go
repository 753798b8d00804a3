package rest

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A walk reads its pages into the same memory, and what came of one page stays when the
// next one is read.
func TestRoom_IsReadIntoAgain(t *testing.T) {
	first, second := strings.Repeat("a", 300<<10), strings.Repeat("b", 300<<10)
	page := func(name string) step { return says(200, `{"id":"7","name":"`+name+`"}`) }
	made := func(room *Room) (things [2]thing, made uint64) {
		c := newClient(talk(page(first), page(second)))
		var before, after runtime.MemStats
		for i := range things {
			runtime.ReadMemStats(&before)
			_, err := c.Do(t.Context(), Request{Op: opGet, Base: testBase, Args: []string{"7"}, Out: &things[i], Room: room})
			require.NoError(t, err)
			runtime.ReadMemStats(&after)
		}
		return things, after.TotalAlloc - before.TotalAlloc
	}

	things, alone := made(nil)
	require.Equal(t, second, things[1].Name)
	things, again := made(new(Room))
	require.Equal(t, first, things[0].Name)
	require.Equal(t, second, things[1].Name)
	require.Less(t, again+250<<10, alone, "of the second page")
}

// What a walk keeps from page to page is bounded.
func TestRoom_DoesNotKeepWhatIsHuge(t *testing.T) {
	room := new(Room)
	for _, c := range []struct {
		size int
		kept bool
	}{{100 << 10, true}, {maxRoom + 1, false}, {1 << 10, true}} {
		_, err := newClient(talk(says(200, `{"id":"7"}`+strings.Repeat(" ", c.size)))).
			Do(t.Context(), Request{Op: opGet, Base: testBase, Args: []string{"7"}, Out: new(thing), Room: room})
		require.NoError(t, err)
		require.Equal(t, c.kept, room.body != nil, c.size)
	}
}
