package allclients

import (
	"context"
	"errors"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

var livepersonVendor = vendor{name: "liveperson", operations: livepersontest.Operations, open: func(o core.ClientOptions) (*account,
	error) {
	sim := livepersontest.NewServer(livepersontest.WithSampleData(), livepersontest.WithSessionTTL(time.Hour))
	if o.Transport == nil {
		o.Transport = sim.Transport()
	}
	cfg := liveperson.Config{ClientOptions: o, AccountID: livepersontest.AccountID, DomainURL: "https://" + livepersontest.HostDomain,
		Auth: liveperson.ClientCredentials{ID: livepersontest.ClientID, Secret: core.NewSecret(livepersontest.ClientSecret)}}
	c, err := liveperson.New(cfg, nil, liveperson.WithAgentView())
	if err != nil {
		return nil, err
	}
	cfg.Auth = liveperson.Login{Username: livepersontest.Username, Password: core.NewSecret(livepersontest.Password)}
	in, err := liveperson.New(cfg)
	if err != nil {
		return nil, err
	}

	user := func(login string, id int64) liveperson.User {
		return liveperson.User{ID: id, LoginName: login, FullName: core.Set("New User"), Nickname: core.Set("New"),
			Email:     core.Set("new@example.test"),
			IsEnabled: core.Set(true), MaxChats: core.Set[int64](2), ProfileIDs: liveperson.IDs{livepersontest.ProfileAgent},
			PasswordSh: core.NewSecret("Op3n-Sesame!"), MemberOf: &liveperson.Membership{AgentGroupID: core.Set[int64](-1)}}
	}
	ids := sim.AddUsers(3)
	id := ids[0]
	skill, lob := sim.AddSkill(map[string]any{"name": "s"}), sim.AddLOB(map[string]any{"name": "l"})
	group := sim.AddGroup(map[string]any{"name": "g", "parentGroupId": -1, "isEnabled": true})
	current := func(ctx context.Context) (liveperson.User, error) {
		u, err := c.Users.Get(ctx, id)
		if err != nil {
			return liveperson.User{}, err
		}
		u.Description, u.FullName = core.Set("changed"), core.Set("Vera Suite")
		return *u, nil
	}
	return &account{sim: sim, client: c, config: cfg, store: c.Store(),
		spec: core.UserSpec{Login: "spec.user", FirstName: "Spec", LastName: "User", DisplayName: "Spec", Email: "spec@example.test",
			Password: core.NewSecret("Op3n-Sesame!"),
			Fields: map[string]any{"maxChats": 2, "profileIds": []int64{livepersontest.ProfileAgent},
				"memberOf": map[string]int{"agentGroupId": -1}}},
		read: func(ctx context.Context) error { return only(c.Skills.Get(ctx, skill)) },
		calls: map[string]func(context.Context) error{
			"Domain.Get": func(ctx context.Context) error { return only(c.Users.Get(ctx, id)) },
			"Token":      func(ctx context.Context) error { return only(c.Users.Get(ctx, id)) },
			"Login":      func(ctx context.Context) error { return only(in.Users.Get(ctx, id)) },
			"Login.Refresh": func(ctx context.Context) error { // before the session ends
				err := only(in.Users.Get(ctx, id))
				time.Sleep(59 * time.Minute)
				return errors.Join(err, only(in.Users.Get(ctx, id)))
			},
			"Login.Logout": func(ctx context.Context) error {
				if err := only(in.Users.Get(ctx, id)); err != nil {
					return err
				}
				return in.Close(ctx)
			},
			"Users.List":   func(ctx context.Context) error { return drain(c.Users.List(ctx, liveperson.UserListOptions{})) },
			"Users.Get":    func(ctx context.Context) error { return only(c.Users.Get(ctx, id)) },
			"Users.Create": func(ctx context.Context) error { return only(c.Users.Create(ctx, user("new.one", 0))) },
			"Users.CreateMany": func(ctx context.Context) error {
				return only(c.Users.CreateMany(ctx, []liveperson.User{user("new.two", 0), user("new.three", 0)}))
			},
			"Users.Replace": func(ctx context.Context) error {
				u, err := current(ctx)
				if err != nil {
					return err
				}
				return only(c.Users.Replace(ctx, u))
			},
			"Users.ReplaceMany": func(ctx context.Context) error {
				u, err := current(ctx)
				if err != nil {
					return err
				}
				return only(c.Users.ReplaceMany(ctx, []liveperson.User{u}))
			},
			"Users.Delete": func(ctx context.Context) error {
				u, err := c.Users.Get(ctx, ids[1])
				if err != nil {
					return err
				}
				return c.Users.Delete(ctx, ids[1], u.Revision)
			},
			"Users.DeleteMany": func(ctx context.Context) error {
				u, err := c.Users.Get(ctx, ids[2])
				if err != nil {
					return err
				}
				return c.Users.DeleteMany(ctx, ids[2:], u.Revision)
			},
			"Users.ResetPassword": func(ctx context.Context) error {
				return c.Users.ResetPassword(ctx, id, core.NewSecret("An0ther-Sesame!"))
			},
			"Skills.List": func(ctx context.Context) error { return drain(c.Skills.List(ctx, liveperson.SkillListOptions{})) },
			"Skills.Get":  func(ctx context.Context) error { return only(c.Skills.Get(ctx, skill)) },
			"AgentGroups.List": func(ctx context.Context) error {
				return drain(c.AgentGroups.List(ctx, liveperson.AgentGroupListOptions{}))
			},
			"AgentGroups.Get": func(ctx context.Context) error { return only(c.AgentGroups.Get(ctx, group)) },
			"Profiles.List":   func(ctx context.Context) error { return drain(c.Profiles.List(ctx, liveperson.ProfileListOptions{})) },
			"Profiles.Get":    func(ctx context.Context) error { return only(c.Profiles.Get(ctx, livepersontest.ProfileAgent)) },
			"LOBs.List":       func(ctx context.Context) error { return drain(c.LOBs.List(ctx, liveperson.LOBListOptions{})) },
			"LOBs.Get":        func(ctx context.Context) error { return only(c.LOBs.Get(ctx, lob)) },
			"AgentView.Get": func(ctx context.Context) error {
				_, _, err := c.AgentView.Get(ctx, id)
				return err
			},
		}}, nil
}}
