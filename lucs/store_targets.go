package lucs

import (
	"context"
	"iter"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// ListTargets implements core.AssignmentStore.
func (s *Store) ListTargets(ctx context.Context, q core.TargetQuery) iter.Seq2[core.Target, error] {
	return rest.Failed[core.Target](core.Unsupported(vendor, string(core.OpListTargets), "not offered yet"))
}

// LiftBlocks implements core.PresenceController.
func (s *Store) LiftBlocks(ctx context.Context, userID string) error { return s.Unblock(ctx, userID) }
