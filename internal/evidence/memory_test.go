package evidence_test

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
)

type person struct {
	Last  string     `json:"last,omitzero"`
	Mail  string     `json:"mail,omitzero"`
	Rev   string     `json:"-"`
	Extra core.Extra `json:"-"`
}

func TestMemory_StaleReadDoesNotUndoAnOwnWrite(t *testing.T) {
	m := evidence.Memory[person]{Keep: func(read, fresh *person) { fresh.Rev = read.Rev }}
	old := person{Last: "Silva", Mail: "a@x", Rev: "1"}
	m.Wrote("u", &old, &person{Last: "Souza", Mail: "a@x"})

	read := old
	require.NoError(t, m.Refresh("u", &read))
	require.Equal(t, person{Last: "Souza", Mail: "a@x", Rev: "1"}, read, "the stale read has the write laid over it")

	// A second write stands on it; a read that is older than both is still known.
	m.Wrote("u", &read, &person{Last: "Souza", Mail: "b@x"})
	read = old
	require.NoError(t, m.Refresh("u", &read))
	require.Equal(t, person{Last: "Souza", Mail: "b@x", Rev: "1"}, read)

	// A read of between the two shows the first and not the second.
	read = person{Last: "Souza", Mail: "a@x"}
	require.NoError(t, m.Refresh("u", &read))
	require.Equal(t, person{Last: "Souza", Mail: "b@x"}, read)
}

func TestMemory_ForeignWriteSurvives(t *testing.T) {
	m := evidence.Memory[person]{}
	m.Wrote("u", &person{Last: "Silva"}, &person{Last: "Souza"})
	read := person{Last: "Other"}
	require.NoError(t, m.Refresh("u", &read))
	require.Equal(t, "Other", read.Last, "neither the old nor the new value: another writer wrote later")

	read = person{Last: "Silva"}
	require.NoError(t, m.Refresh("u", &read))
	require.Equal(t, "Silva", read.Last, "the write was seen to be replaced, and is forgotten")
}

func TestMemory_RemembersWhatWasTakenAway(t *testing.T) {
	m := evidence.Memory[person]{}
	m.Wrote("u", &person{Last: "Silva", Mail: "a@x"}, &person{Last: "Silva"})
	read := person{Last: "Silva", Mail: "a@x"}
	require.NoError(t, m.Refresh("u", &read))
	require.Equal(t, person{Last: "Silva"}, read)
}

func TestMemory_IsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := evidence.Memory[person]{}
		m.Wrote("first", &person{Last: "a"}, &person{Last: "b"})
		for i := range 1024 {
			time.Sleep(time.Millisecond)
			m.Wrote(strconv.Itoa(i), &person{Last: "a"}, &person{Last: "b"})
		}
		read := person{Last: "a"}
		require.NoError(t, m.Refresh("first", &read))
		require.Equal(t, "a", read.Last, "the oldest is forgotten")

		read = person{Last: "a"}
		require.NoError(t, m.Refresh("1000", &read))
		require.Equal(t, "b", read.Last)

		time.Sleep(2 * time.Minute)
		read = person{Last: "a"}
		require.NoError(t, m.Refresh("1000", &read))
		require.Equal(t, "a", read.Last, "after a minute the vendor's read is believed")
	})
}

func TestMemory_Forget(t *testing.T) {
	m := evidence.Memory[person]{}
	m.Wrote("u", &person{Last: "a"}, &person{Last: "b"})
	m.Forget("u")
	read := person{Last: "a"}
	require.NoError(t, m.Refresh("u", &read))
	require.Equal(t, "a", read.Last)
}

func TestRecent_ForgetsAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r evidence.Recent
		require.False(t, r.Has("a"))
		r.Add("a")
		require.True(t, r.Has("a"))
		r.Forget("a")
		require.False(t, r.Has("a"))
		r.Add("a")
		time.Sleep(2 * time.Minute)
		require.False(t, r.Has("a"))
	})
}
