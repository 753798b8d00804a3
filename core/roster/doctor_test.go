package roster_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// guarded is a store whose credential lacks one permission. Each operation demands one
// that is called after it; reads demand "read".
type guarded struct {
	store
	lacks string
}

func permissionOf(op core.Operation) string {
	switch op {
	case core.OpListUsers, core.OpGetUser, core.OpListByUser, core.OpListByTarget:
		return "read"
	}
	return string(op)
}

func (g guarded) Capabilities() core.Capabilities {
	caps := g.store.Capabilities()
	for op, c := range caps.Operations {
		c.Permissions = []string{permissionOf(op)}
		if op == core.OpDeleteUser {
			c.Permissions = []string{"read", permissionOf(op)}
		}
		caps.Operations[op] = c
	}
	return caps
}

func (g guarded) refused(op core.Operation) error {
	if permissionOf(op) == g.lacks {
		return &core.Error{Vendor: "fake", Op: string(op), Class: core.ClassPermission, Applied: core.AppliedNo}
	}
	return nil
}

func (g guarded) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	if err := g.refused(core.OpListUsers); err != nil {
		return func(yield func(core.User, error) bool) { yield(core.User{}, err) }
	}
	return g.store.ListUsers(ctx, q)
}

func (g guarded) GetUser(ctx context.Context, id string) (core.User, error) {
	if err := g.refused(core.OpGetUser); err != nil {
		return core.User{}, err
	}
	return g.store.GetUser(ctx, id)
}

func (g guarded) ListAssignments(ctx context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	if err := g.refused(core.OpListByUser); err != nil {
		return func(yield func(core.Assignment, error) bool) { yield(core.Assignment{}, err) }
	}
	return g.store.ListAssignments(ctx, q)
}

func (g guarded) Presence(ctx context.Context, id string) (core.Presence, error) {
	if err := g.refused(core.OpPresence); err != nil {
		return core.Presence{}, err
	}
	return g.store.Presence(ctx, id)
}

func TestDoctor_SaysWhatIsKnownWithoutAWrite(t *testing.T) {
	w := town()
	p := planOf(t, w, mixed())
	for _, lacks := range []string{"", "read", "presence.get"} {
		found, err := roster.Doctor(t.Context(), roster.Fleet{"fake": guarded{store{w}, lacks}}, p)
		require.NoError(t, err)
		assert.Zero(t, w.sent(), "a doctor writes nothing")
		got := map[core.Operation]roster.Standing{}
		for _, d := range found {
			got[d.Op] = d.Verdict
			assert.NotEmpty(t, d.Permissions, d.Op)
			assert.NotEmpty(t, d.Message)
		}
		for _, s := range p.Steps {
			require.Contains(t, got, s.Op, "an operation of the plan")
		}
		reads := map[string]roster.Standing{"": roster.Proven, "presence.get": roster.Proven, "read": roster.Refused}[lacks]
		assert.Equal(t, reads, got[core.OpGetUser], lacks)
		assert.Equal(t, reads, got[core.OpListByUser], lacks)
		deletes := map[string]roster.Standing{"read": roster.Refused}[lacks]
		assert.Equal(t, map[bool]roster.Standing{true: roster.Refused, false: roster.Unproven}[deletes != ""], got[core.OpDeleteUser],
			"a delete demands what the reads demand")
		assert.Equal(t, roster.Unproven, got[core.OpUpdateUser], lacks)
		if lacks == "presence.get" {
			assert.Equal(t, roster.Refused, got[core.OpPresence])
		}
	}

	w.lacks = []core.Operation{core.OpBlock}
	found, err := roster.Doctor(t.Context(), roster.Fleet{"fake": store{w}}, p)
	require.NoError(t, err)
	i := slices.IndexFunc(found, func(d roster.Diagnosis) bool { return d.Op == core.OpBlock })
	assert.Equal(t, roster.Lacking, found[i].Verdict)
	_, err = roster.Doctor(t.Context(), roster.Fleet{}, p)
	assert.ErrorIs(t, err, roster.ErrRefused)
	fmt.Fprint(t.Output(), found)
}

func TestDoctor_AnEmptyAnswerProvesNothing(t *testing.T) {
	p := planOf(t, town(), roster.Want{Have: []roster.Hire{{Person: "a", Account: "fake", Spec: core.UserSpec{Login: "a"}}}})
	found, err := roster.Doctor(t.Context(), roster.Fleet{"fake": store{newWorld()}}, p)
	require.NoError(t, err)
	for _, d := range found {
		assert.Equal(t, roster.Unproven, d.Verdict, d.Op)
	}
}

func TestDoctor_NamesGapsThatNobodyOffers(t *testing.T) {
	w := town()
	w.lacks = []core.Operation{core.OpDeleteUser}
	p := planOf(t, w, roster.Want{Gone: []string{w.users["u1"].Login}})
	require.NotEmpty(t, p.Gaps)
	found, err := roster.Doctor(t.Context(), roster.Fleet{"fake": store{w}}, p)
	require.NoError(t, err)
	i := slices.IndexFunc(found, func(d roster.Diagnosis) bool { return d.Op == core.OpDeleteUser })
	require.GreaterOrEqual(t, i, 0, "%v", found)
	assert.Equal(t, roster.Lacking, found[i].Verdict)

	p.Fleet["fake"] = "another server"
	_, err = roster.Doctor(t.Context(), roster.Fleet{"fake": store{w}}, p)
	assert.ErrorIs(t, err, roster.ErrRefused)
}
