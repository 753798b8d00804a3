package webex

import (
	"context"
	"errors"
	"iter"

	"github.com/rollcall-go/rollcall/core"
)

var errNotYet = errors.New("not yet")

// ListAssignments implements core.AssignmentStore.
func (s *Store) ListAssignments(ctx context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	return failedList[core.Assignment](errNotYet)
}

// Assign implements core.AssignmentStore.
func (s *Store) Assign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return nil, errNotYet
}

// Unassign implements core.AssignmentStore.
func (s *Store) Unassign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return nil, errNotYet
}

// Suspend implements core.AssignmentStore.
func (s *Store) Suspend(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return nil, errNotYet
}

// Resume implements core.AssignmentStore.
func (s *Store) Resume(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return nil, errNotYet
}
