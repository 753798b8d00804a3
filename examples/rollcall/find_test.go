package main

import (
	"context"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// directory is a store in which people and targets are looked for.
type directory struct {
	stub
	users   []core.User
	targets []core.Target
	deleted []string
}

func (d *directory) Capabilities() core.Capabilities { return core.Capabilities{Vendor: "stub"} }

func (d *directory) ListUsers(_ context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	return func(yield func(core.User, error) bool) {
		for _, u := range d.users {
			if u.Login == q.Login && !yield(u, nil) {
				return
			}
		}
	}
}

func (d *directory) ListTargets(_ context.Context, q core.TargetQuery) iter.Seq2[core.Target, error] {
	return func(yield func(core.Target, error) bool) {
		for _, t := range d.targets {
			if (q.Kind == "" || t.Kind == q.Kind) && (q.Name == "" || t.Name == q.Name) && !yield(t, nil) {
				return
			}
		}
	}
}

func (d *directory) DeleteUser(_ context.Context, id string) error {
	d.deleted = append(d.deleted, id)
	return nil
}

func newDirectory() *directory {
	return &directory{
		users: []core.User{{ID: "1", Login: "kim"}, {ID: "2", Login: "twin"}, {ID: "3", Login: "twin"}},
		targets: []core.Target{{Kind: core.KindQueue, ID: "q1", Name: "Billing"}, {Kind: core.KindSkill, ID: "s1", Name: "Billing"},
			{Kind: core.KindQueue, ID: "q2", Name: "Twins"}, {Kind: core.KindQueue, ID: "q3", Name: "Twins"}},
	}
}

func TestUserID_FindsTheOneWithALogin(t *testing.T) {
	d := newDirectory()
	run := with(t, d)
	run("users", "delete", "login:kim").done()
	run("users", "delete", "7").done()
	require.Equal(t, []string{"1", "7"}, d.deleted)

	run("users", "delete", "login:nobody").fails(exitFailed, "not_found")
	require.Contains(t, run("users", "delete", "login:twin").fails(exitFailed, "conflict")["message"], "2, 3")
	run("users", "delete", "login:").fails(exitFailed, "invalid")
	require.Len(t, d.deleted, 2, "nothing was guessed")
}

func TestTarget_FindsTheOneWithAName(t *testing.T) {
	d := newDirectory()
	run := with(t, d)
	run("assignments", "suspend", "queue:name:Billing", "login:kim", "9")
	require.Equal(t, []core.Assignment{{UserID: "1", Target: d.targets[0]}, {UserID: "9", Target: d.targets[0]}}, d.suspend)

	d.suspend = nil
	run("assignments", "suspend", "queue:name:Twins", "9").fails(exitFailed, "conflict")
	run("assignments", "suspend", "queue:name:None", "9").fails(exitFailed, "not_found")
	run("assignments", "suspend", "queue:q1", "9", "login:nobody").fails(exitFailed, "not_found")
	require.Nil(t, d.suspend, "nothing is changed unless all are found")
}

func TestListTargets(t *testing.T) {
	run := with(t, newDirectory())
	require.Equal(t, []object{{"kind": "queue", "id": "q1", "name": "Billing"}, {"kind": "skill", "id": "s1", "name": "Billing"}},
		run("targets", "list", "--name", "Billing").done())
	require.Len(t, run("targets", "list", "--kind", "queue").done(), 3)
	run("targets", "list", "--kind", "").fails(exitUsage, "invalid")
}
