package allclients

import (
	"context"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

var webexVendor = vendor{name: "webex", operations: webextest.Operations, open: func(o core.ClientOptions) (*account, error) {
	sim := webextest.NewServer(webextest.WithSampleData())
	if o.Transport == nil {
		o.Transport = sim.Transport()
	}
	cfg := webex.Config{ClientOptions: o, Tier: webex.Assist, Auth: webex.Refresh{
		ClientID: webextest.ClientID, ClientSecret: core.NewSecret(webextest.ClientSecret), RefreshToken: core.NewSecret(webextest.RefreshToken)}}
	c, err := webex.New(cfg, nil)
	if err != nil {
		return nil, err
	}
	app := cfg
	app.Auth = webex.Refresh{ClientID: webextest.ApplicationClientID, ClientSecret: core.NewSecret(webextest.ApplicationSecret),
		ServiceApp: &webex.ServiceApp{ApplicationID: webextest.ApplicationID, TargetOrgID: webextest.OrgKey,
			Manager: func(context.Context) (webex.Token, error) {
				return webex.Token{Value: core.NewSecret(webextest.ApplicationBearer)}, nil
			}}}
	of, err := webex.New(app)
	if err != nil {
		return nil, err
	}

	ids := func(texts ...string) (out []webex.ID) {
		for _, id := range texts {
			out = append(out, webex.ID(id))
		}
		return out
	}
	people, supervisors := ids(sim.AddPeople(3)...), ids(sim.AddSupervisors(3, true)...)
	basic := webex.ID(sim.AddSupervisors(1, false)[0])
	austin := webex.ID(webextest.LocationAustin)
	queue := webex.ID(sim.AddQueue(true, "suite", map[string]any{"agents": []any{map[string]any{"id": string(people[0])}},
		"allowAgentJoinEnabled": true}))
	me := func(ctx context.Context) error { return only(c.People.Get(ctx, people[0])) }
	return &account{sim: sim, client: c, config: cfg, store: c.Store(), read: me,
		spec: core.UserSpec{Login: "spec@example.test", FirstName: "Spec", LastName: "User", DisplayName: "Spec U."},
		calls: map[string]func(context.Context) error{
			"Token.Refresh":  me,
			"Token.Retrieve": func(ctx context.Context) error { return only(of.People.Get(ctx, people[0])) },
			"People.List":    func(ctx context.Context) error { return drain(c.People.List(ctx, webex.PersonListOptions{})) },
			"People.Get":     me,
			"People.Me":      func(ctx context.Context) error { return only(c.People.Me(ctx)) },
			"People.Create": func(ctx context.Context) error {
				return only(c.People.Create(ctx, webex.Person{Emails: []string{"new@example.test"}, DisplayName: core.Set("New"),
					FirstName: core.Set("New"), LastName: core.Set("User")}))
			},
			"People.Replace": func(ctx context.Context) error {
				p, err := c.People.Get(ctx, people[0])
				if err != nil {
					return err
				}
				p.Title = core.Set("Agent")
				return only(c.People.Replace(ctx, *p))
			},
			"People.Delete": func(ctx context.Context) error { return c.People.Delete(ctx, people[2]) },

			"Supervisors.List": func(ctx context.Context) error { return drain(c.Supervisors.List(ctx, webex.SupervisorListOptions{})) },
			"Supervisors.ListAvailable": func(ctx context.Context) error {
				return drain(c.Supervisors.ListAvailable(ctx, webex.SupervisorListOptions{}))
			},
			"Supervisors.ListAvailableAgents": func(ctx context.Context) error {
				return drain(c.Supervisors.ListAvailableAgents(ctx, webex.SupervisorListOptions{}))
			},
			"Supervisors.Get":    func(ctx context.Context) error { return only(c.Supervisors.Get(ctx, supervisors[0])) },
			"Supervisors.Create": func(ctx context.Context) error { return only(c.Supervisors.Create(ctx, people[1], people[0])) },
			"Supervisors.UpdateAgents": func(ctx context.Context) error {
				return only(c.Supervisors.UpdateAgents(ctx, supervisors[0], webex.AgentChange{ID: people[0], Action: webex.AddAgent}))
			},
			"Supervisors.Delete":     func(ctx context.Context) error { return c.InTier(webex.Basic).Supervisors.Delete(ctx, basic) },
			"Supervisors.DeleteMany": func(ctx context.Context) error { return c.Supervisors.DeleteMany(ctx, supervisors[1:]...) },
			"Supervisors.DeleteAll":  func(ctx context.Context) error { return c.Supervisors.DeleteAll(ctx) },

			"Queues.List": func(ctx context.Context) error { return drain(c.Queues.List(ctx, webex.QueueListOptions{})) },
			"Queues.Get":  func(ctx context.Context) error { return only(c.Queues.Get(ctx, austin, queue)) },
			"Queues.ReplaceAgents": func(ctx context.Context) error {
				return c.Queues.ReplaceAgents(ctx, austin, queue, []webex.QueueMember{{ID: people[0]}, {ID: people[1]}})
			},
			"QueueAgents.List": func(ctx context.Context) error { return drain(c.QueueAgents.List(ctx, webex.QueueAgentListOptions{})) },
			"QueueAgents.ListAvailable": func(ctx context.Context) error {
				return drain(c.QueueAgents.ListAvailable(ctx, webex.AvailableQueueAgentListOptions{LocationID: austin}))
			},
			"QueueAgents.Get": func(ctx context.Context) error { return only(c.QueueAgents.Get(ctx, people[0])) },
			"QueueAgents.UpdateSettings": func(ctx context.Context) error {
				return c.QueueAgents.UpdateSettings(ctx, people[0], webex.QueueSetting{QueueID: queue, JoinEnabled: false})
			},
		}}, nil
}}
