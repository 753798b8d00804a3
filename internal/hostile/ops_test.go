package hostile

import (
	"context"
	"fmt"
	"iter"

	"github.com/rollcall-go/rollcall/core"
)

// The operations, as every vendor's file fills them in.

func listOf(v any) []any { list, _ := v.([]any); return list }

// drain reads a list to its end and counts its rows. It says what is bad about them:
// one without a key proves nothing, and one that comes twice is in place of another.
func drain[T any](rows iter.Seq2[T, error], key func(T) string) (n int, bad string, err error) {
	seen := map[string]bool{}
	for row, err := range rows {
		if err != nil {
			return n, bad, err
		}
		switch k := key(row); {
		case k == "":
			bad = fmt.Sprintf("a row without content: %+v", row)
		case seen[k]:
			bad = "a row comes twice: " + k
		default:
			seen[k] = true
		}
		n++
	}
	return n, bad, nil
}

func listUsers(want int) op {
	return op{name: "list users", reads: true, collection: true, run: func(ctx context.Context, s core.Store, t *trial) error {
		n, bad, err := drain(s.ListUsers(ctx, core.UserQuery{}), func(u core.User) string {
			if u.Login == "" {
				return ""
			}
			return u.ID
		})
		if t.wrong = bad; n != want && bad == "" {
			t.wrong, t.short = fmt.Sprintf("%d users of %d", n, want), true
		}
		return err
	}}
}

// listPages lists so many users that there are several pages.
func listPages(want int, setup func(w *world)) op {
	o := listUsers(want)
	o.name, o.setup = "list users, pages", setup
	return o
}

func getUser(id, login string) op {
	return op{name: "get", reads: true, run: func(ctx context.Context, s core.Store, t *trial) error {
		u, err := s.GetUser(ctx, id)
		if u.ID != id || u.Login != login {
			t.wrong = fmt.Sprintf("the user %q with the login %q", u.ID, u.Login)
		}
		return err
	}}
}

func createUser(spec core.UserSpec, done func(*world) bool) op {
	return op{name: "create", collection: true, creates: spec.Login, done: done, run: func(ctx context.Context, s core.Store, t *trial) error {
		u, err := s.CreateUser(ctx, spec)
		t.user = &u
		return err
	}}
}

// named gives an operation another name.
func named(name string, o op) op { o.name = name; return o }

func updateUser(id string, change core.UserChange, done func(*world) bool) op {
	return op{name: "update", done: done, run: func(ctx context.Context, s core.Store, t *trial) error {
		u, err := s.UpdateUser(ctx, id, change)
		t.user = &u
		return err
	}}
}

// twoUpdates changes two fields, one right after the other.
func twoUpdates(id string, first, second core.UserChange, done func(*world) bool) op {
	return op{name: "update, update", done: done, run: func(ctx context.Context, s core.Store, t *trial) error {
		if _, err := s.UpdateUser(ctx, id, first); err != nil {
			return err
		}
		u, err := s.UpdateUser(ctx, id, second)
		t.user = &u
		return err
	}}
}

func deleteUser(id string) op {
	return op{name: "delete", done: func(w *world) bool { return !w.there("users/"+id) || w.is("users/"+id, "deleted", true) },
		run: func(ctx context.Context, s core.Store, t *trial) error { return s.DeleteUser(ctx, id) }}
}

func listByUser(id string, want int) op {
	return op{name: "list by user", reads: true, run: func(ctx context.Context, s core.Store, t *trial) error {
		return listLinks(ctx, s, t, core.AssignmentQuery{UserID: id}, want)
	}}
}

func listByTarget(target core.Target, want int) op {
	return op{name: "list by " + string(target.Kind), reads: true, run: func(ctx context.Context, s core.Store, t *trial) error {
		return listLinks(ctx, s, t, core.AssignmentQuery{Target: target}, want)
	}}
}

func listLinks(ctx context.Context, s core.Store, t *trial, q core.AssignmentQuery, want int) error {
	n, bad, err := drain(s.ListAssignments(ctx, q), func(a core.Assignment) string {
		if a.UserID == "" || a.Target.ID == "" || q.UserID != "" && a.UserID != q.UserID || q.UserID == "" && a.Target.ID != q.Target.ID {
			return ""
		}
		return a.String()
	})
	if t.wrong = bad; n != want && bad == "" {
		t.wrong, t.short = fmt.Sprintf("%d links of %d", n, want), true
	}
	return err
}

// change is an operation on assignments.
func change(name string, call func(core.Store, context.Context, ...core.Assignment) ([]core.Outcome, error), done func(*world) bool,
	as ...core.Assignment) op {
	return op{name: name + " " + string(as[0].Target.Kind), done: done, run: func(ctx context.Context, s core.Store, t *trial) error {
		_, err := call(s, ctx, as...)
		return err
	}}
}

func assign(a core.Assignment, done func(*world) bool) op {
	return change("assign", core.Store.Assign, done, a)
}

func unassign(a core.Assignment, done func(*world) bool) op {
	return change("unassign", core.Store.Unassign, done, a)
}

func suspend(a core.Assignment, done func(*world) bool) op {
	return change("suspend", core.Store.Suspend, done, a)
}

func resume(a core.Assignment, done func(*world) bool) op {
	return change("resume", core.Store.Resume, done, a)
}

// assignTwo assigns two in one call; made tells of each.
func assignTwo(a, b core.Assignment, made func(*world, core.Assignment) bool) op {
	o := change("assign two to", core.Store.Assign, func(w *world) bool { return made(w, a) && made(w, b) }, a, b)
	o.made = made
	return o
}

func presence(id string, want core.Availability) op {
	return op{name: "presence", reads: true, run: func(ctx context.Context, s core.Store, t *trial) error {
		p, err := s.Presence(ctx, id)
		switch {
		case p.UserID != id:
			t.wrong = "the presence of " + p.UserID
		case p.Availability != want && p.Availability != core.Unknown:
			t.wrong = "the user is " + string(p.Availability)
		case p.Blocked != nil && *p.Blocked:
			t.wrong = "the user is blocked"
		}
		return err
	}}
}

func setPresence(id string, to core.Availability, done func(*world) bool) op {
	return op{name: "set presence", done: done, run: func(ctx context.Context, s core.Store, t *trial) error {
		return s.SetPresence(ctx, id, to)
	}}
}

func block(id string, done func(*world) bool) op {
	return op{name: "block", done: done, run: func(ctx context.Context, s core.Store, t *trial) error {
		b, err := s.Block(ctx, id)
		t.block = &b
		return err
	}}
}

// unblock takes back a block that was made before.
func unblock(id string, done func(*world) bool) op {
	return op{name: "unblock", done: done,
		before: func(ctx context.Context, s core.Store, t *trial) (err error) {
			t.made, err = s.Block(ctx, id)
			return err
		},
		run: func(ctx context.Context, s core.Store, t *trial) error { return s.Unblock(ctx, id, t.made) }}
}

// settle waits for a change that was made before.
func settle(id string, change core.UserChange) op {
	return op{name: "settle", reads: true, waits: true,
		before: func(ctx context.Context, s core.Store, _ *trial) error {
			_, err := s.UpdateUser(ctx, id, change)
			return err
		},
		run: func(ctx context.Context, s core.Store, t *trial) error {
			end, err := s.(core.Settler).Settle(ctx, id)
			if end.State != core.Settled {
				t.wrong = "the change is " + string(end.State)
			}
			return err
		}}
}
