package liveperson_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

// exampleClient returns a client of a simulated centre. Your own has no
// transport and no DomainURL.
func exampleClient(opts ...liveperson.Option) (*liveperson.Client, *livepersontest.Server) {
	sim := livepersontest.NewServer(livepersontest.WithSampleData())
	c, err := liveperson.New(liveperson.Config{
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},

		AccountID: livepersontest.AccountID,
		Auth:      liveperson.ClientCredentials{ID: livepersontest.ClientID, Secret: core.NewSecret(livepersontest.ClientSecret)},
		DomainURL: "https://" + livepersontest.HostDomain,
	}, opts...)
	if err != nil {
		panic(err)
	}
	return c, sim
}

// exampleUser returns the id of a sample agent.
func exampleUser(sim *livepersontest.Server) int64 {
	u, _ := sim.UserByLogin("nadia.kovar")
	return u["id"].(int64)
}

func Example() {
	ctx := context.Background()
	c, sim := exampleClient()
	u, err := c.Users.Modify(ctx, exampleUser(sim), func(u *liveperson.User) error {
		u.MaxChats = core.Set[int64](5)
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(u.Nickname.Or(""), u.MaxChats.Or(0), len(u.SkillIDs))
	// Output: Nadia 5 1
}

func ExampleUsers_List() {
	c, _ := exampleClient()
	var head liveperson.Head[liveperson.User]
	n := 0
	for _, err := range c.Users.List(context.Background(), liveperson.UserListOptions{Head: &head}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		n++
	}
	fmt.Println(n, head.Revision)
	// Later: only if somebody has changed anything.
	for range c.Users.List(context.Background(), liveperson.UserListOptions{Known: head.Revision, Head: &head}) {
		n++
	}
	fmt.Println(n, head.Unchanged)
	// Output:
	// 25 25
	// 25 true
}

func ExampleUsers_Get() {
	c, sim := exampleClient()
	u, err := c.Users.Get(context.Background(), exampleUser(sim))
	fmt.Println(u.LoginName, u.Email.Or(""), err)
	_, err = c.Users.Get(context.Background(), 5)
	fmt.Println(errors.Is(err, core.ErrNotFound))
	// Output:
	// nadia.kovar nadia.kovar@example.test <nil>
	// true
}

func ExampleUsers_GetIfChanged() {
	ctx := context.Background()
	c, sim := exampleClient()
	u, _ := c.Users.Get(ctx, exampleUser(sim))
	_, changed, err := c.Users.GetIfChanged(ctx, u.ID, u.Revision)
	fmt.Println(changed, err)
	// Output: false <nil>
}

func exampleNew(login string) liveperson.User {
	return liveperson.User{
		LoginName: login, FullName: core.Set("Kim Park"), Nickname: core.Set("Kim"), Email: core.Set(login + "@example.test"),
		PasswordSh: core.NewSecret("Init-pass-01"), IsEnabled: core.Set(true), MaxChats: core.Set[int64](2),
		ProfileIDs: []int64{livepersontest.ProfileAgent}, MemberOf: &liveperson.Membership{AgentGroupID: core.Set(liveperson.MainGroup)},
	}
}

func ExampleUsers_Create() {
	c, _ := exampleClient()
	u, err := c.Users.Create(context.Background(), exampleNew("kim.park"))
	fmt.Println(u.ID != 0, u.LoginName, u.FullName.Or("?") == "", err)
	// Output: true kim.park true <nil>
}

func ExampleUsers_CreateMany() {
	c, _ := exampleClient()
	made, err := c.Users.CreateMany(context.Background(), []liveperson.User{exampleNew("kim.a"), exampleNew("kim.b")})
	fmt.Println(len(made), made[1].LoginName, err)
	// Output: 2 kim.b <nil>
}

func ExampleUsers_Replace() {
	ctx := context.Background()
	c, sim := exampleClient()
	u, _ := c.Users.Get(ctx, exampleUser(sim))
	sim.BumpRevision("users") // somebody else
	u.Description = core.Set("first line")
	_, err := c.Users.Replace(ctx, *u)
	fmt.Println(errors.Is(err, core.ErrRevision))
	// Output: true
}

func ExampleUsers_ReplaceMany() {
	ctx := context.Background()
	c, _ := exampleClient()
	var agents []liveperson.User
	for u := range c.Users.List(ctx, liveperson.UserListOptions{}) {
		if u.MemberOf != nil {
			u.MaxAsyncChats = core.Set[int64](6)
			agents = append(agents, u)
		}
	}
	got, err := c.Users.ReplaceMany(ctx, agents)
	fmt.Println(len(got), got[0].MaxAsyncChats.Or(0), err)
	// Output: 21 6 <nil>
}

func ExampleUsers_Modify_roleChange() {
	ctx := context.Background()
	c, sim := exampleClient()
	_, err := c.Users.Modify(ctx, exampleUser(sim), func(u *liveperson.User) error {
		u.ProfileIDs = []int64{livepersontest.ProfileCampaignManager}
		return nil
	})
	if e, ok := errors.AsType[*core.Error](err); ok {
		fmt.Println(e.Class, e.Applied)
		fmt.Println(e.Message)
	}
	// Output:
	// not_applied yes
	// the vendor accepted the change of user 37111222150 and dropped maxChats, memberOf, skillIds
}

func ExampleUsers_Delete() {
	ctx := context.Background()
	c, sim := exampleClient()
	id := exampleUser(sim)
	fmt.Println(c.Users.Delete(ctx, id, liveperson.AnyRevision))
	fmt.Println(errors.Is(c.Users.Delete(ctx, id, liveperson.AnyRevision), core.ErrNotFound))
	// Output:
	// <nil>
	// true
}

func ExampleUsers_DeleteMany() {
	ctx := context.Background()
	c, sim := exampleClient()
	fmt.Println(c.Users.DeleteMany(ctx, []int64{exampleUser(sim)}, liveperson.AnyRevision))
	// Output: <nil>
}

func ExampleUsers_ResetPassword() {
	c, sim := exampleClient()
	fmt.Println(c.Users.ResetPassword(context.Background(), exampleUser(sim), core.NewSecret("Other-pass-02")))
	// Output: <nil>
}

func ExampleSkills_List() {
	c, _ := exampleClient()
	ids := map[string]int64{}
	for s := range c.Skills.List(context.Background(), liveperson.SkillListOptions{}) {
		ids[s.Name] = s.ID
	}
	fmt.Println(len(ids), ids["billing"])
	// Output: 4 23590001120
}

func ExampleSkills_Get() {
	c, _ := exampleClient()
	s, err := c.Skills.Get(context.Background(), 23590001120)
	fmt.Println(s.Name, err)
	// Output: billing <nil>
}

func ExampleAgentGroups_List() {
	c, _ := exampleClient()
	for g := range c.AgentGroups.List(context.Background(), liveperson.AgentGroupListOptions{}) {
		fmt.Println(g.Name, g.ParentGroupID.Or(0))
	}
	// Output:
	// Main Group 0
	// tier-1 -1
	// tier-2 -1
}

func ExampleAgentGroups_Get() {
	c, _ := exampleClient()
	g, err := c.AgentGroups.Get(context.Background(), liveperson.MainGroup)
	fmt.Println(g.Name, err)
	// Output: Main Group <nil>
}

func ExampleProfiles_List() {
	c, _ := exampleClient()
	for p := range c.Profiles.List(context.Background(), liveperson.ProfileListOptions{}) {
		if p.RoleTypeID == liveperson.RoleAgent {
			fmt.Println(p.Name)
		}
	}
	// Output:
	// Agent
	// Senior Agent
}

func ExampleProfiles_Get() {
	c, _ := exampleClient()
	p, err := c.Profiles.Get(context.Background(), livepersontest.ProfileAgentManager)
	fmt.Println(p.Name, err)
	// Output: Agent Manager <nil>
}

func ExampleLOBs_List() {
	c, _ := exampleClient()
	for l := range c.LOBs.List(context.Background(), liveperson.LOBListOptions{}) {
		fmt.Println(l.Name)
	}
	// Output:
	// retail
	// business
}

func ExampleLOBs_Get() {
	c, _ := exampleClient()
	_, err := c.LOBs.Get(context.Background(), 5)
	fmt.Println(errors.Is(err, core.ErrNotFound))
	// Output: true
}

func ExampleAgentView_Get() {
	c, sim := exampleClient()
	r, found, err := c.AgentView.Get(context.Background(), exampleUser(sim))
	fmt.Println(r.Status, found, err)
	// Output: ONLINE true <nil>
}

func ExampleLogin() {
	ctx := context.Background()
	sim := livepersontest.NewServer(livepersontest.WithSampleData())
	c, err := liveperson.New(liveperson.Config{
		AccountID: livepersontest.AccountID, DomainURL: "https://" + livepersontest.HostDomain,
		Auth:          liveperson.Login{Username: livepersontest.Username, Password: core.NewSecret(livepersontest.Password)},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	})
	if err != nil {
		panic(err)
	}
	defer c.Close(ctx) // logs out
	u, err := c.Users.Get(ctx, exampleUser(sim))
	fmt.Println(u.LoginName, err)
	// Output: nadia.kovar <nil>
}

func ExampleStore_Assign() {
	c, sim := exampleClient()
	id := fmt.Sprint(exampleUser(sim))
	outcomes, err := c.Store().Assign(context.Background(),
		core.Assignment{UserID: id, Target: core.Target{Kind: core.KindGroup, ID: "-1"}},
		core.Assignment{UserID: id, Target: core.Target{Kind: core.KindSkill, ID: "23590001120"}},
		core.Assignment{UserID: "5", Target: core.Target{Kind: core.KindGroup, ID: "-1"}})
	for _, o := range outcomes {
		fmt.Printf("%s %q\n", o.Result, o.Code)
	}
	fmt.Println(outcomes[0].Message, errors.Is(err, core.ErrNotFound))
	// Output:
	// applied ""
	// already ""
	// failed "NOT_FOUND"
	// moved from group 27700000010 true
}

func ExampleStore_Block() {
	ctx := context.Background()
	c, sim := exampleClient(liveperson.WithAgentView())
	s, id := c.Store(), fmt.Sprint(exampleUser(sim))
	made, err := s.Block(ctx, id)
	fmt.Println(made.Changed, err)
	p, err := s.Presence(ctx, id)
	fmt.Println(*p.Blocked, *p.Routable, err)
	fmt.Println(s.Unblock(ctx, id, made))
	// Output:
	// [isEnabled disabledManually] <nil>
	// true false <nil>
	// <nil>
}
