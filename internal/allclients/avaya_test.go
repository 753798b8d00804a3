package allclients

import (
	"context"
	"time"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

var avayaVendor = vendor{name: "avaya", operations: avayatest.Operations, open: func(o core.ClientOptions) (*account, error) {
	sim := avayatest.NewServer(avayatest.WithSampleData(), avayatest.WithReadLag(time.Hour))
	sim.LagReads(0) // until a test asks for more
	if o.Transport == nil {
		o.Transport = sim.Transport()
	}
	cfg := avaya.Config{ClientOptions: o, BaseURL: avayatest.Origin, AccountID: avayatest.AccountID, AppKey: core.NewSecret(avayatest.AppKey),
		Auth: avaya.ClientCredentials{ID: avayatest.ClientID, Secret: core.NewSecret(avayatest.ClientSecret)}}
	c, err := avaya.New(cfg, nil)
	if err != nil {
		return nil, err
	}

	id := sim.AddUser(`{"loginId":"vera@example.com","firstName":"Vera","lastName":"Suite","roles":["Agent"]}`)
	queue, group := sim.Queues()[0]["queueId"].(string), sim.Groups()[0]["groupId"].(string)
	profile := func(id string) avaya.Profile { return avaya.Profile{ProfileID: id, ProfileName: "Nights " + id} }
	user := avaya.User{LoginID: "new@example.com", FirstName: "New", LastName: "User", Roles: []string{"Agent"}}
	return &account{sim: sim, client: c, config: cfg, store: c.Store(),
		spec: core.UserSpec{Login: "spec@example.com", FirstName: "Spec", LastName: "User", Roles: []string{"Agent"}},
		read: func(ctx context.Context) error { return only(c.Groups.Get(ctx, group)) },
		calls: map[string]func(context.Context) error{
			"Token":        func(ctx context.Context) error { return only(c.Groups.Get(ctx, group)) },
			"Users.List":   func(ctx context.Context) error { return drain(c.Users.List(ctx, avaya.UserListOptions{})) },
			"Users.Search": func(ctx context.Context) error { return drain(c.Users.Search(ctx, avaya.Search{})) },
			"Users.Get":    func(ctx context.Context) error { return only(c.Users.Get(ctx, id)) },
			"Users.Create": func(ctx context.Context) error { return only(c.Users.Create(ctx, user)) },
			"Users.Replace": func(ctx context.Context) error {
				u, err := c.Users.Get(ctx, id)
				if err != nil {
					return err
				}
				u.LastName = "Changed"
				return only(c.Users.Replace(ctx, *u))
			},
			"Users.Delete":          func(ctx context.Context) error { return c.Users.Delete(ctx, id) },
			"Users.ListStatuses":    func(ctx context.Context) error { return drain(c.Users.ListStatuses(ctx, id)) },
			"Profiles.List":         func(ctx context.Context) error { return drain(c.Profiles.List(ctx, avaya.ProfileListOptions{})) },
			"Profiles.Get":          func(ctx context.Context) error { return only(c.Profiles.Get(ctx, "OMNI01")) },
			"Profiles.Create":       func(ctx context.Context) error { return only(c.Profiles.Create(ctx, profile(""))) },
			"Profiles.Replace":      func(ctx context.Context) error { return only(c.Profiles.Replace(ctx, profile("NGHTV1"))) },
			"Profiles.Delete":       func(ctx context.Context) error { return c.Profiles.Delete(ctx, "NGHTV1") },
			"Profiles.ListStatuses": func(ctx context.Context) error { return drain(c.Profiles.ListStatuses(ctx, "OMNI01")) },
			"Groups.List":           func(ctx context.Context) error { return drain(c.Groups.List(ctx, avaya.GroupListOptions{})) },
			"Groups.Get":            func(ctx context.Context) error { return only(c.Groups.Get(ctx, group)) },
			"Queues.List":           func(ctx context.Context) error { return drain(c.Queues.List(ctx, avaya.QueueListOptions{})) },
			"Queues.Get":            func(ctx context.Context) error { return only(c.Queues.Get(ctx, queue)) },
			"Categories.List":       func(ctx context.Context) error { return drain(c.Categories.List(ctx, avaya.CategoryListOptions{})) },
		}}, nil
}}
