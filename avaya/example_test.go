package avaya_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

// centre is a simulated contact centre with sample data, and a client of it.
func centre() (*avaya.Client, func()) {
	srv := avayatest.NewServer(avayatest.WithSampleData())
	base, err := srv.Start()
	if err != nil {
		panic(err)
	}
	client, err := avaya.New(avaya.Config{
		BaseURL: base, AccountID: avayatest.AccountID, AppKey: core.NewSecret(avayatest.AppKey),
		Auth: avaya.ClientCredentials{ID: avayatest.ClientID, Secret: core.NewSecret(avayatest.ClientSecret)},
	}, avaya.WithSettleWait(core.Wait{First: 50 * time.Millisecond}))
	if err != nil {
		panic(err)
	}
	return client, func() { client.CloseIdleConnections(); srv.Close() }
}

func Example() {
	client, done := centre()
	defer done()
	ctx := context.Background()
	store := client.Store()

	u, err := store.CreateUser(ctx, core.UserSpec{Login: "kim.park@example.com", FirstName: "Kim", LastName: "Park", Roles: []string{avaya.RoleAgent}})
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := store.Settle(ctx, u.ID, core.SettleAfter(core.Created))
	fmt.Println(u.FirstName, s.State, err)
	// Output: Kim settled <nil>
}

func ExampleNew() {
	_, err := avaya.New(avaya.Config{BaseURL: "http://eu.api.example.com", AccountID: "QWERTY"})
	fmt.Println(errors.Is(err, core.ErrInvalid))
	fmt.Println(err)
	// Output:
	// true
	// avaya: New: invalid: base URL is plain http to eu.api.example.com: credentials would travel in the clear; use https
}

func ExampleBearer() {
	sim := avayatest.NewServer(avayatest.WithSampleData())
	client, err := avaya.New(avaya.Config{
		BaseURL: avayatest.Origin, AccountID: avayatest.AccountID, AppKey: core.NewSecret(avayatest.AppKey),
		Auth:          avaya.Bearer{Token: core.NewSecret(avayatest.Bearer)},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	users, err := core.Collect(client.Users.List(context.Background(), avaya.UserListOptions{}))
	fmt.Println(len(users), err)
	fmt.Println(len(sim.Requests("Token")), "tokens bought")
	// Output:
	// 25 <nil>
	// 0 tokens bought
}

func ExampleUsers_List() {
	client, done := centre()
	defer done()
	for u, err := range client.Users.List(context.Background(), avaya.UserListOptions{Filter: avaya.StartsWith("lastName", "Re")}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(u.FirstName, u.LastName)
	}
	// Output: Dana Reyes
}

func ExampleUsers_Search() {
	client, done := centre()
	defer done()
	n := 0
	for _, err := range client.Users.Search(context.Background(), avaya.Search{Criteria: []avaya.Criterion{
		{Discriminator: "AND", Key: "emailId", Operator: "ENDS_WITH", Value: "@example.com"},
	}}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		n++
	}
	fmt.Println(n > 20)
	// Output: true
}

func ExampleUsers_Modify() {
	client, done := centre()
	defer done()
	ctx := context.Background()
	for u, err := range client.Users.List(ctx, avaya.UserListOptions{Filter: avaya.Equals("loginId", "dana.reyes@example.com")}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		changed, err := client.Users.Modify(ctx, u.UserID, func(u *avaya.User) error {
			u.DisplayName = core.Set("Dana R.")
			return nil
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(changed.DisplayName.Or(""), changed.Roles)
	}
	// Output: Dana R. [Agent]
}

func ExampleStore_Assign() {
	client, done := centre()
	defer done()
	ctx := context.Background()
	var dana core.User
	for dana = range client.Store().ListUsers(ctx, core.UserQuery{Login: "dana.reyes@example.com"}) {
	}
	out, err := client.Store().Assign(ctx,
		core.Assignment{UserID: dana.ID, Target: core.Target{Kind: core.KindSkill, ID: "Language.English"}},
		core.Assignment{UserID: "00000000-0000-4000-8000-000000000000", Target: core.Target{Kind: core.KindSkill, ID: "Language.English"}},
	)
	for _, o := range out {
		fmt.Println(o.Done())
	}
	fmt.Println(errors.Is(err, core.ErrPartial), errors.Is(err, core.ErrNotFound))
	// Output:
	// true
	// false
	// true true
}

func ExampleUsers_Settle() {
	client, done := centre()
	defer done()
	ctx := context.Background()
	var dana core.User
	for dana = range client.Store().ListUsers(ctx, core.UserQuery{Login: "dana.reyes@example.com"}) {
	}
	if err := client.Users.Delete(ctx, dana.ID); err != nil {
		fmt.Println(err)
		return
	}
	s, err := client.Users.Settle(ctx, dana.ID, core.SettleAfter(core.Deleted))
	fmt.Println(s.State, err)
	// Output: gone <nil>
}

func ExampleStore_Capabilities() {
	c := avaya.Capabilities()
	fmt.Println(c.Of(core.OpAssign).Support, c.Of(core.OpBlock).Support)
	fmt.Println(c.Of(core.OpBlock).Note)
	// Output:
	// emulated unsupported
	// an Avaya user cannot be disabled; removing its roles or features would destroy them
}

func ExampleCategories_ListAttributes() {
	client, done := centre()
	defer done()
	for a, err := range client.Categories.ListAttributes(context.Background()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if a.Value == "English" {
			fmt.Println(a.Name)
		}
	}
	// Output: Language.English
}

func ExampleProfiles_Modify() {
	client, done := centre()
	defer done()
	ctx := context.Background()
	for p, err := range client.Profiles.List(ctx, avaya.ProfileListOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		changed, err := client.Profiles.Modify(ctx, p.ProfileID, func(p *avaya.Profile) error {
			p.Description = core.Set("changed for all who have it")
			return nil
		})
		fmt.Println(changed.Description.Or(""), err)
		break
	}
	// Output: changed for all who have it <nil>
}

func ExampleGroups_ListMembers() {
	client, done := centre()
	defer done()
	ctx := context.Background()
	for g, err := range client.Groups.List(ctx, avaya.GroupListOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		members, err := core.Collect(client.Groups.ListMembers(ctx, g.GroupID))
		fmt.Println(len(members) > 0, err)
		break
	}
	// Output: true <nil>
}

func ExampleQueues_List() {
	client, done := centre()
	defer done()
	for q, err := range client.Queues.List(context.Background(), avaya.QueueListOptions{Name: "Billing"}) {
		fmt.Println(q.Name, err)
	}
	// Output: Billing <nil>
}
