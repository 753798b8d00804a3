package lucs_test

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

// silent are writes whose answers omit the user.
func silent() []lucstest.Option {
	return []lucstest.Option{lucstest.WithControlAnswer(lucstest.AnswerEmpty), lucstest.WithCreateAnswer(lucstest.AnswerPartial), lucstest.WithDirectRoutes(),
		lucstest.WithSuccessStatus(204, "Users.Replace", "Users.Delete", "Users.Block", "Users.Unblock")}
}

var noemi = core.UserSpec{Login: "sip:noemi.graf@example.internal", Fields: map[string]any{"DefaultProfile": "Early Shift", "NumberOfSimultaneousIm": 2}}

// TestLag_EveryOperationEndsApplied where reads are a second behind.
func TestLag_EveryOperationEndsApplied(t *testing.T) {
	for name, opts := range map[string][]lucstest.Option{
		"answers tell":    {lucstest.WithDirectRoutes()},
		"answers omit it": silent(),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := sample(append(opts, lucstest.WithReadLag(time.Second))...)
				s := overAs(t, sim, lucs.Dialect{Routes: direct}).Store()
				ctx := t.Context()
				made, err := s.CreateUser(ctx, noemi)
				require.NoError(t, err)
				require.NotEmpty(t, made.ID)

				block, err := s.Block(ctx, lucstest.UserMara)
				require.NoError(t, err)
				require.Equal(t, []string{"IsBlockedByLuwareApi"}, block.Changed)
				require.NoError(t, s.Unblock(ctx, lucstest.UserMara, block))
				require.NoError(t, s.LiftBlocks(ctx, lucstest.UserNils))
				require.NoError(t, s.SetPresence(ctx, lucstest.UserMara, core.DND))

				_, err = s.UpdateUser(ctx, made.ID, set("NumberOfSimultaneousIm", 5))
				require.NoError(t, err)
				require.NoError(t, s.DeleteUser(ctx, made.ID))
				_, there := sim.User(made.ID)
				require.False(t, there)
			})
		})
	}
}

func set(name string, v any) core.UserChange {
	return core.UserChange{Fields: map[string]any{name: v}}
}

// TestLag_AStaleReadUndoesNoOwnWrite: the second change stands on the first, which no
// read shows yet; and a block is not lifted by the old flag in a whole user.
func TestLag_AStaleReadUndoesNoOwnWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := sample(lucstest.WithDirectRoutes(), lucstest.WithReadLag(time.Second)) // of which the answers tell, so that nothing waits
		s := overAs(t, sim, lucs.Dialect{Routes: direct}).Store()
		_, err := s.UpdateUser(t.Context(), lucstest.UserMara, set("NumberOfSimultaneousIm", 5))
		require.NoError(t, err)
		_, err = s.UpdateUser(t.Context(), lucstest.UserMara, set("RetargetTo", "sip:x@y.z"))
		require.NoError(t, err)
		u, _ := sim.User(lucstest.UserMara)
		require.Equal(t, []any{json.Number("5"), "sip:x@y.z"}, []any{u["NumberOfSimultaneousIm"], u["RetargetTo"]})

		s = overAs(t, sim, lucs.Dialect{Routes: direct}, func(cfg *lucs.Config) { cfg.ReadBack = -1 }).Store()
		_, err = s.Block(t.Context(), lucstest.UserTom)
		require.ErrorIs(t, err, core.ErrNotApplied, "it does not show yet")
		_, err = s.UpdateUser(t.Context(), lucstest.UserTom, set("NumberOfSimultaneousIm", 7))
		require.NoError(t, err)
		sent := sim.Requests("Users.Replace")
		require.Contains(t, string(sent[len(sent)-1].Body), `"IsBlockedByLuwareApi":true`)
	})
}

// TestLag_WithoutEndLeavesInDoubt what was done, and never ends in a refusal.
func TestLag_WithoutEndLeavesInDoubt(t *testing.T) {
	for name, do := range map[string]func(context.Context, *lucs.Store) error{
		"create": func(ctx context.Context, s *lucs.Store) error { _, err := s.CreateUser(ctx, noemi); return err },
		"update": func(ctx context.Context, s *lucs.Store) error {
			_, err := s.UpdateUser(ctx, lucstest.UserMara, set("NumberOfSimultaneousIm", 5))
			return err
		},
		"delete":   func(ctx context.Context, s *lucs.Store) error { return s.DeleteUser(ctx, lucstest.UserMara) },
		"presence": func(ctx context.Context, s *lucs.Store) error { return s.SetPresence(ctx, lucstest.UserMara, core.DND) },
		"lift":     func(ctx context.Context, s *lucs.Store) error { return s.LiftBlocks(ctx, lucstest.UserNils) },
		"block": func(ctx context.Context, s *lucs.Store) error {
			block, err := s.Block(ctx, lucstest.UserMara)
			require.Equal(t, []string{"IsBlockedByLuwareApi"}, block.Changed)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := sample(append(silent(), lucstest.WithReadLag(time.Hour))...)
				start := time.Now()
				err := do(t.Context(), overAs(t, sim, lucs.Dialect{Routes: direct}).Store())
				e := resttest.ErrorOf(t, err)
				require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied})
				require.NotEmpty(t, e.Doubt)
				require.Less(t, time.Since(start), 6*time.Second)
				require.LessOrEqual(t, len(sim.Requests()), 13, "the vendor is not hammered")
			})
		})
	}
}
