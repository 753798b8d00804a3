package lucs_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

// TestStoreBlock_RecordsABlockThatShowsTooLate: a read that lags behind for longer than
// anybody looks must not turn a block that was made into one that was not.
func TestStoreBlock_RecordsABlockThatShowsTooLate(t *testing.T) {
	for _, form := range []lucstest.Answer{lucstest.AnswerObject, lucstest.AnswerArray, lucstest.AnswerPartial, lucstest.AnswerEmpty} {
		synctest.Test(t, func(t *testing.T) {
			sim := sample(lucstest.WithReadLag(time.Minute), lucstest.WithControlAnswer(form))
			s := over(t, sim).Store()
			blocked := func() any { u, _ := sim.User(lucstest.UserMara); return u["IsBlockedByLuwareApi"] }
			unknown := func(err error) {
				t.Helper()
				e := resttest.ErrorOf(t, err)
				require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied})
				require.Contains(t, e.Message, "shows IsBlockedByLuwareApi: ")
			}
			made, err := s.Block(t.Context(), lucstest.UserMara)
			unknown(err)
			require.Equal(t, []string{"IsBlockedByLuwareApi"}, made.Changed)
			require.Equal(t, true, blocked())

			time.Sleep(2 * time.Minute)
			again, err := s.Block(t.Context(), lucstest.UserMara)
			require.NoError(t, err)
			require.Empty(t, again.Changed, "it was blocked before")
			unknown(s.Unblock(t.Context(), lucstest.UserMara, made))
			require.Equal(t, false, blocked())
		})
	}
}

// TestStoreBlock_IsSentWhateverTheListShows: a list that was late, or that shows another
// component's flag, is no reason to do nothing and to call that a success.
func TestStoreBlock_IsSentWhateverTheListShows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := sample(lucstest.WithReadLag(2 * time.Second))
		s := over(t, sim).Store()
		sim.SetBlocked(lucstest.UserMara, true)
		_, err := s.GetUser(t.Context(), lucstest.UserMara)
		require.NoError(t, err)
		time.Sleep(time.Minute)
		sim.SetBlocked(lucstest.UserMara, false) // which the list does not show yet
		made, err := s.Block(t.Context(), lucstest.UserMara)
		require.NoError(t, err)
		u, _ := sim.User(lucstest.UserMara)
		require.Equal(t, true, u["IsBlockedByLuwareApi"])
		require.Empty(t, made.Changed, "the record goes by what was shown before")
	})
	blocked := func(bool) string { return `{"Id":"` + aGUID + `","IsBlockedByLuwareApi":true}` }
	synctest.Test(t, func(t *testing.T) {
		// What was shown before the change as well proves nothing against the answer.
		made, err := scripted(t, blocked, 200, `{"IsBlockedByLuwareApi":false}`).Block(t.Context(), aGUID)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied})
		require.Contains(t, e.Message, "the answer to the change says otherwise")
		require.Empty(t, made.Changed)
		// Nor where the answer was lost.
		_, err = scripted(t, blocked, 500, "").Block(t.Context(), aGUID)
		require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
		// An answer that omits it does not contradict it.
		_, err = scripted(t, blocked, 200, "").Block(t.Context(), aGUID)
		require.NoError(t, err)
	})
}

// TestStoreUnblock_OfAnUnseenUserIsInDoubtWhenLost, whatever the next attempt is told.
func TestStoreUnblock_OfAnUnseenUserIsInDoubtWhenLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := sample()
		sim.Fault(lucstest.Fault{Op: "Users.Unblock", LoseAnswer: true, Times: 1}, lucstest.Fault{Op: "Users.Unblock", Status: 404, Times: -1})
		err := over(t, sim).Store().LiftBlocks(t.Context(), lucstest.UserKarl)
		require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
	})
}
