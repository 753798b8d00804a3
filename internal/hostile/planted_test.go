package hostile

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/stretchr/testify/require"
)

// liar is a store that claims what is not so. Where a function is nil it is honest.
type liar struct {
	core.Store
	list   func(s core.Store, ctx context.Context) iter.Seq2[core.User, error]
	get    func(s core.Store, ctx context.Context, id string) (core.User, error)
	create func(s core.Store, ctx context.Context, spec core.UserSpec) (core.User, error)
	update func(s core.Store, ctx context.Context, id string, change core.UserChange) (core.User, error)
	assign func(s core.Store, ctx context.Context, as ...core.Assignment) ([]core.Outcome, error)
	block  func(s core.Store, ctx context.Context, id string) (core.Block, error)
}

func (l *liar) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	if l.list != nil {
		return l.list(l.Store, ctx)
	}
	return l.Store.ListUsers(ctx, q)
}

func (l *liar) GetUser(ctx context.Context, id string) (core.User, error) {
	if l.get != nil {
		return l.get(l.Store, ctx, id)
	}
	return l.Store.GetUser(ctx, id)
}

func (l *liar) CreateUser(ctx context.Context, spec core.UserSpec) (core.User, error) {
	if l.create != nil {
		return l.create(l.Store, ctx, spec)
	}
	return l.Store.CreateUser(ctx, spec)
}

func (l *liar) UpdateUser(ctx context.Context, id string, change core.UserChange) (core.User, error) {
	if l.update != nil {
		return l.update(l.Store, ctx, id, change)
	}
	return l.Store.UpdateUser(ctx, id, change)
}

func (l *liar) Assign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	if l.assign != nil {
		return l.assign(l.Store, ctx, as...)
	}
	return l.Store.Assign(ctx, as...)
}

func (l *liar) Block(ctx context.Context, id string) (core.Block, error) {
	if l.block != nil {
		return l.block(l.Store, ctx, id)
	}
	return l.Store.Block(ctx, id)
}

func claim(class core.Class, applied core.Applied) error {
	return &core.Error{Vendor: "liar", Op: "Planted", Class: class, Applied: applied, Message: "planted"}
}

// doing makes an update and claims something else of it.
func doing(err error) *liar {
	return &liar{update: func(s core.Store, ctx context.Context, id string, change core.UserChange) (core.User, error) {
		u, _ := s.UpdateUser(ctx, id, change)
		return u, err
	}}
}

// idle makes no update and claims something of it.
func idle(err error) *liar {
	return &liar{update: func(s core.Store, ctx context.Context, id string, _ core.UserChange) (core.User, error) {
		return core.User{ID: id, Login: "ann"}, err
	}}
}

// ending ends assignments that were not sent: the first as told, the last as refused.
func ending(o core.Outcome) *liar {
	return &liar{assign: func(_ core.Store, _ context.Context, as ...core.Assignment) ([]core.Outcome, error) {
		o := o
		o.Assignment = as[0]
		other := core.Outcome{Assignment: as[len(as)-1]}
		other.Fail(claim(core.ClassFailed, core.AppliedNo))
		out := []core.Outcome{o, other}
		return out, &core.PartialError{Vendor: "liar", Op: "Planted", Outcomes: out}
	}}
}

var (
	noFault = fault{name: "none", effect: true}
	nowhere = fault{name: "404 of the base path", place: onAll, missing: true, nobody: true, base: true, spoil: saying(404, own, nil)}
)

// lies are planted ones, and what each is found out to be.
var lies = []struct {
	name  string
	kind  kind
	op    string
	fault fault
	liar  *liar
}{
	{"no, of what was done", wrongNo, "update", noFault, doing(claim(core.ClassInvalid, core.AppliedNo))},
	{"nil, of what was not done", wrongNil, "update", noFault, idle(nil)},
	{"yes, of what was not done", wrongYes, "update", noFault, idle(claim(core.ClassNotApplied, core.AppliedYes))},
	{"an outcome applied, of what was not done", wrongYes, "assign two to queue", noFault, ending(core.Outcome{Result: core.ResultApplied})},
	{"an outcome already, of what is not there", wrongYes, "assign two to queue", noFault, ending(core.Outcome{Result: core.ResultAlready})},
	{"an outcome failed, of what was done", wrongNo, "assign two to queue", noFault,
		&liar{assign: func(s core.Store, ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
			out, _ := s.Assign(ctx, as...)
			out[1].Fail(claim(core.ClassConflict, core.AppliedNo))
			return out, storekit.OutcomesError("liar", "Planted", out)
		}}},
	{"two creates", twice, "create", noFault, &liar{create: func(s core.Store, ctx context.Context, spec core.UserSpec) (core.User, error) {
		s.CreateUser(ctx, spec)
		return s.CreateUser(ctx, spec)
	}}},
	{"thirteen writes", tooMany, "update", noFault, &liar{update: func(s core.Store, ctx context.Context, id string,
		change core.UserChange) (u core.User, err error) {
		for range maxWrites + 1 {
			u, err = s.UpdateUser(ctx, id, change)
		}
		return u, err
	}}},
	{"an empty user", wrongRead, "get", noFault, &liar{get: func(core.Store, context.Context, string) (core.User, error) {
		return core.User{},
			nil
	}}},
	{"a short list", wrongRead, "list users", noFault, &liar{list: func(s core.Store, ctx context.Context) iter.Seq2[core.User, error] {
		all, _ := core.Collect(s.ListUsers(ctx, core.UserQuery{}))
		return func(yield func(core.User, error) bool) { yield(all[0], nil) }
	}}},
	{"a row twice", wrongRead, "list users", noFault, &liar{list: func(s core.Store, ctx context.Context) iter.Seq2[core.User, error] {
		all, _ := core.Collect(s.ListUsers(ctx, core.UserQuery{}))
		return func(yield func(core.User, error) bool) {
			for i := range all {
				yield(all[max(i-1, 0)], nil)
			}
		}
	}}},
	{"a read that writes", wrongRead, "get", noFault, &liar{get: func(s core.Store, ctx context.Context, id string) (core.User, error) {
		return s.UpdateUser(ctx, id, core.UserChange{Email: core.Set("x@example.org")})
	}}},
	{"somebody else's id", wrongUser, "create", noFault, &liar{create: func(s core.Store, ctx context.Context, spec core.UserSpec) (core.User,
		error) {
		u, _ := s.CreateUser(ctx, spec)
		u.ID = "7"
		return u, claim(core.ClassNotApplied, core.AppliedYes)
	}}},
	{"a user without a login", wrongUser, "update", noFault, &liar{update: func(s core.Store, ctx context.Context, id string,
		change core.UserChange) (core.User, error) {
		s.UpdateUser(ctx, id, change)
		return core.User{ID: id}, nil
	}}},
	{"not found, without the API", nobodyFound, "get", nowhere, &liar{get: func(s core.Store, ctx context.Context, id string) (core.User,
		error) {
		s.GetUser(ctx, id)
		return core.User{}, claim(core.ClassNotFound, core.AppliedNo)
	}}},
	{"an error of another type", badError, "update", noFault, doing(errors.New("planted"))},
	{"an error of two lines", badError, "update", noFault, doing(errors.New("planted\nand more"))},
	{"an error that claims nothing", badError, "update", noFault, doing(claim(core.ClassUnavailable, ""))},
	{"an empty record", emptyRecord, "block", noFault, &liar{block: func(s core.Store, ctx context.Context, id string) (core.Block, error) {
		s.Block(ctx, id)
		return core.Block{UserID: id}, claim(core.ClassNotApplied, core.AppliedUnknown)
	}}},
	{"two minutes", overran, "update", noFault, &liar{update: func(s core.Store, ctx context.Context, id string,
		change core.UserChange) (core.User, error) {
		time.Sleep(2 * time.Minute)
		return s.UpdateUser(context.WithoutCancel(ctx), id, change)
	}}},
	{"a panic", panicked, "get", noFault, &liar{get: func(core.Store, context.Context, string) (core.User, error) { panic("planted") }}},
}

// TestPlanted: a store that lies in each of the ways is found out, and only there.
func TestPlanted(t *testing.T) {
	for _, p := range lies {
		t.Run(p.name, func(t *testing.T) {
			v := libh3lpVendor()
			i := slices.IndexFunc(v.ops, func(o op) bool { return o.name == p.op })
			require.GreaterOrEqual(t, i, 0)
			r := tryIn(t, v, &v.ops[i], &p.fault, func(s core.Store) core.Store { p.liar.Store = s; return p.liar })
			require.NotEmpty(t, r.findings)
			for _, f := range r.findings {
				require.Equal(t, p.kind, f.kind, "%s", f)
				require.False(t, f.believed)
			}
		})
	}
}

// TestPlanted_BelievedLies: what the vendor says in its own clear words is no fault of
// the store that repeats it.
func TestPlanted_BelievedLies(t *testing.T) {
	v := libh3lpVendor()
	for _, p := range []struct {
		op    string
		fault fault
		liar  *liar
		kind  kind
	}{
		{"update", fault{effect: true, clear: true}, doing(claim(core.ClassConflict, core.AppliedNo)), wrongNo},
		{"update", fault{lie: true}, &liar{}, wrongNil},
		{"create", fault{effect: true, resend: true}, &liar{create: func(s core.Store, ctx context.Context, spec core.UserSpec) (core.User,
			error) {
			s.CreateUser(ctx, spec)
			return s.CreateUser(ctx, spec)
		}}, twice},
	} {
		i := slices.IndexFunc(v.ops, func(o op) bool { return o.name == p.op })
		r := tryIn(t, v, &v.ops[i], &p.fault, func(s core.Store) core.Store { p.liar.Store = s; return p.liar })
		require.Len(t, r.findings, 1)
		require.Equal(t, p.kind, r.findings[0].kind)
		require.True(t, r.findings[0].believed)
	}
}
