package allclients

import (
	"context"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

var libh3lpVendor = vendor{name: "libh3lp", operations: libh3lptest.Operations, open: func(o core.ClientOptions) (*account, error) {
	sim := libh3lptest.NewServer(libh3lptest.WithSampleData())
	if o.Transport == nil {
		o.Transport = sim.Transport()
	}
	cfg := libh3lp.Config{ClientOptions: o, Region: libh3lp.US, Auth: libh3lp.Login{Username: libh3lptest.Username,
		Password: core.NewSecret(libh3lptest.Password)}}
	c, err := libh3lp.New(cfg, nil)
	if err != nil {
		return nil, err
	}

	id, queue, other := sim.AddUser(`{"name":"vera.suite","show":"available"}`), sim.AddQueue(`{"name":"suite"}`),
		sim.AddQueue(`{"name":"other"}`)
	sim.AddLink(id, queue, true)
	return &account{sim: sim, client: c, config: cfg, store: c.Store(),
		spec: core.UserSpec{Login: "spec.user", Password: core.NewSecret("Op3n-Sesame!")},
		read: func(ctx context.Context) error { return only(c.Queues.Get(ctx, queue)) },
		calls: map[string]func(context.Context) error{
			"Login":      func(ctx context.Context) error { return only(c.Users.Get(ctx, id)) },
			"Users.List": func(ctx context.Context) error { return drain(c.Users.List(ctx)) },
			"Users.Get":  func(ctx context.Context) error { return only(c.Users.Get(ctx, id)) },
			"Users.Create": func(ctx context.Context) error {
				return only(c.Users.Create(ctx, libh3lp.NewUser{Name: "new.user", Password: core.NewSecret("Op3n-Sesame!")}))
			},
			"Users.Update": func(ctx context.Context) error {
				return only(c.Users.Update(ctx, id, libh3lp.UserUpdate{Email: core.Set("e@x.example")}))
			},
			"Users.Delete": func(ctx context.Context) error { return c.Users.Delete(ctx, id) },

			"Queues.List": func(ctx context.Context) error { return drain(c.Queues.List(ctx)) },
			"Queues.Get":  func(ctx context.Context) error { return only(c.Queues.Get(ctx, queue)) },
			"Queues.Create": func(ctx context.Context) error {
				return only(c.Queues.Create(ctx, libh3lp.NewQueue{Name: "new-queue"}))
			},
			"Queues.Update": func(ctx context.Context) error {
				return only(c.Queues.Update(ctx, queue, libh3lp.QueueUpdate{Email: core.Set("e@x.example")}))
			},
			"Queues.Delete": func(ctx context.Context) error { return c.Queues.Delete(ctx, other) },

			"Assignments.List":   func(ctx context.Context) error { return drain(c.Assignments.List(ctx, id)) },
			"Assignments.Create": func(ctx context.Context) error { return c.Assignments.Create(ctx, id, other) },
			"Assignments.Update": func(ctx context.Context) error { return only(c.Assignments.Update(ctx, id, queue, false)) },
			"Assignments.Delete": func(ctx context.Context) error { return c.Assignments.Delete(ctx, id, queue) },
			"Operators.List":     func(ctx context.Context) error { return drain(c.Operators.List(ctx, queue)) },
			"Operators.Create":   func(ctx context.Context) error { return c.Operators.Create(ctx, other, id) },
			"Operators.Update":   func(ctx context.Context) error { return only(c.Operators.Update(ctx, queue, id, false)) },
			"Operators.Delete":   func(ctx context.Context) error { return c.Operators.Delete(ctx, queue, id) },

			"Presence.User":           func(ctx context.Context) error { return only(c.Presence.User(ctx, "vera.suite")) },
			"Presence.Queue":          func(ctx context.Context) error { return only(c.Presence.Queue(ctx, "suite")) },
			"Presence.UserResources":  func(ctx context.Context) error { return only(c.Presence.UserResources(ctx, "vera.suite")) },
			"Presence.QueueResources": func(ctx context.Context) error { return only(c.Presence.QueueResources(ctx, "suite")) },
		}}, nil
}}
