package allclients

import (
	"context"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

// direct are the routes of LUCS that are not documented.
var direct = lucs.Dialect{Routes: lucs.Routes{Users: "GET /users", User: "GET /users/{userId}", ReplaceUser: "POST /users/{userId}", DeleteUser: "DELETE /users/{userId}"}}

var lucsVendor = vendor{name: "lucs", operations: lucstest.Operations, open: func(o core.ClientOptions) (*account, error) {
	sim := lucstest.NewServer(lucstest.WithSampleData(), lucstest.WithDirectRoutes())
	if o.Transport == nil {
		o.Transport = sim.Transport()
	}
	cfg := lucs.Config{ClientOptions: o, BaseURL: lucstest.Origin, Auth: lucs.APIKey{Key: core.NewSecret(lucstest.APIKey)}, Dialect: direct}
	c, err := lucs.New(cfg, nil)
	if err != nil {
		return nil, err
	}

	task := lucs.Task{Service: lucstest.ServiceHelpdesk, DistributeToAgent: core.Set(true)}
	callback := lucs.Callback{Target: core.Set("tel:+41441234567"), ServiceID: core.Set(lucstest.ServiceHelpdesk), SecondsBetweenRetries: core.Set[int64](60),
		Priority: core.Set(lucs.CallbackPriority("Normal"))}
	fields := map[string]any{"CurrentProfile": "Early Shift", "DefaultProfile": "Early Shift",
		"Traits":   []map[string]string{{"TraitNode": "Topic/IT", "Attribute": "Expert"}},
		"Profiles": []map[string]any{{"Name": "Early Shift", "Responsibilities": []map[string]string{{"TraitNode": "Topic/IT", "Responsibility": "High"}}}, {"Name": "OffDuty", "Responsibilities": nil}},
		"Roles":    []map[string]string{{"OrganizationUnit": "System/Helpdesk", "Role": "AdministratorAgent", "Permission": "Allow"}}}
	const nobody = "11111111-2222-4333-8444-555555555555"
	return &account{sim: sim, client: c, config: cfg, store: c.Store(),
		spec: core.UserSpec{Login: "sip:spec@example.internal", Fields: fields},
		read: func(ctx context.Context) error { return drain(c.Services.List(ctx)) },
		calls: map[string]func(context.Context) error{
			"Services.List": func(ctx context.Context) error { return drain(c.Services.List(ctx)) },
			"Services.ListUsers": func(ctx context.Context) error {
				return drain(c.Services.ListUsers(ctx, lucstest.ServiceHelpdesk, lucs.ServiceUserListOptions{}))
			},
			"Services.ListTasks": func(ctx context.Context) error { return drain(c.Services.ListTasks(ctx, lucstest.ServiceHelpdesk)) },
			"Users.Create": func(ctx context.Context) error {
				return only(c.Users.Create(ctx, lucs.User{SipUri: "sip:new@example.internal"}))
			},
			"Users.Block":       func(ctx context.Context) error { return only(c.Users.Block(ctx, lucstest.UserMara)) },
			"Users.Unblock":     func(ctx context.Context) error { return only(c.Users.Unblock(ctx, lucstest.UserMara)) },
			"Users.SetPresence": func(ctx context.Context) error { return c.Users.SetPresence(ctx, lucstest.UserMara, lucs.PresenceAway) },
			"Users.List":        func(ctx context.Context) error { return drain(c.Users.List(ctx)) },
			"Users.Get":         func(ctx context.Context) error { return only(c.Users.Get(ctx, lucstest.UserMara)) },
			"Users.Replace": func(ctx context.Context) error {
				u, err := c.Users.Get(ctx, lucstest.UserMara)
				if err != nil {
					return err
				}
				u.ShowAwayAsOffline = core.Set(true)
				return only(c.Users.Replace(ctx, *u))
			},
			"Users.Delete":     func(ctx context.Context) error { return c.Users.Delete(ctx, lucstest.UserTom) },
			"Tasks.Create":     func(ctx context.Context) error { return only(c.Tasks.Create(ctx, task)) },
			"Tasks.Get":        func(ctx context.Context) error { return only(c.Tasks.Get(ctx, nobody)) },
			"Callbacks.Create": func(ctx context.Context) error { return only(c.Callbacks.Create(ctx, callback)) },
			"Callbacks.List": func(ctx context.Context) error {
				return drain(c.Callbacks.List(ctx, lucs.CallbackListOptions{ExternalTaskID: "one"}))
			},
			"Callbacks.Get":    func(ctx context.Context) error { return only(c.Callbacks.Get(ctx, nobody)) },
			"Callbacks.Cancel": func(ctx context.Context) error { return c.Callbacks.Cancel(ctx, nobody) },
			"Callbacks.Search": func(ctx context.Context) error { return drain(c.Callbacks.Search(ctx, lucs.CallbackSearch{})) },
		}}, nil
}}
