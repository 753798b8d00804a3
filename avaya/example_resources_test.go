package avaya_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

// dana is the id of a sample agent.
func dana(ctx context.Context, client *avaya.Client) string {
	for u, err := range client.Users.List(ctx, avaya.UserListOptions{Filter: avaya.Equals("loginId", "dana.reyes@example.com")}) {
		if err == nil {
			return u.UserID
		}
	}
	panic("there is no Dana")
}

// A user is there when it has settled: until then Get may not show it.
func ExampleUsers_Create() {
	client, done := centre()
	defer done()
	ctx := context.Background()
	u, err := client.Users.Create(ctx, avaya.User{LoginID: "kim.park@example.com", FirstName: "Kim", LastName: "Park",
		Roles: []string{avaya.RoleAgent}})
	if err != nil {
		fmt.Println(err) // with core.AppliedUnknown it may exist: list by its loginId
		return
	}
	s, err := client.Users.Settle(ctx, u.UserID, core.SettleAfter(core.Created))
	fmt.Println(s.State, err)
	// Output: settled <nil>
}

func ExampleUsers_Get() {
	client, done := centre()
	defer done()
	ctx := context.Background()
	u, err := client.Users.Get(ctx, dana(ctx, client))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(u.FirstName, u.LastName, u.Roles)
	_, err = client.Users.Get(ctx, "00000000-0000-4000-8000-000000000000")
	fmt.Println(errors.Is(err, core.ErrNotFound))
	// Output:
	// Dana Reyes [Agent]
	// true
}

// Replace sends everything: begin with what Get returned. Modify does that by itself.
func ExampleUsers_Replace() {
	client, done := centre()
	defer done()
	ctx := context.Background()
	u, err := client.Users.Get(ctx, dana(ctx, client))
	if err != nil {
		fmt.Println(err)
		return
	}
	u.LastName = "Reyes-Lind"
	u, err = client.Users.Replace(ctx, *u)
	fmt.Println(u.LastName, err)
	// Output: Reyes-Lind <nil>
}

func ExampleUsers_Delete() {
	client, done := centre()
	defer done()
	ctx := context.Background()
	id := dana(ctx, client)
	if err := client.Users.Delete(ctx, id); err != nil {
		fmt.Println(err)
		return
	}
	s, err := client.Users.Settle(ctx, id, core.SettleAfter(core.Deleted))
	fmt.Println(s.State, err)
	// Output: gone <nil>
}

// How far the latest changes of many users are, in one request for 50 of them.
func ExampleUsers_ListStatuses() {
	client, done := centre()
	defer done()
	ctx := context.Background()
	for s, err := range client.Users.ListStatuses(ctx, dana(ctx, client)) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(s.Action, s.Status.Is(avaya.StatusCompleted))
	}
	// Output: ADD true
}

func ExampleProfiles_List() {
	client, done := centre()
	defer done()
	profiles, err := core.Collect(client.Profiles.List(context.Background(), avaya.ProfileListOptions{}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(profiles[0].ProfileID, profiles[0].ProfileName)
	// Output: NGHTV1 Night shift voice
}

func ExampleProfiles_Get() {
	client, done := centre()
	defer done()
	p, err := client.Profiles.Get(context.Background(), "OMNI01")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.ProfileName)
	// Output: Omnichannel agent
}

// A profile is made, like a user, some time after it was accepted.
func ExampleProfiles_Create() {
	client, done := centre()
	defer done()
	ctx := context.Background()
	template, err := client.Profiles.Get(ctx, "OMNI01")
	if err != nil {
		fmt.Println(err)
		return
	}
	template.ProfileID, template.ProfileName = "", "Nights"
	p, err := client.Profiles.Create(ctx, *template)
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := client.Profiles.Settle(ctx, p.ProfileID, core.SettleAfter(core.Created))
	fmt.Println(p.ProfileName, s.State, err)
	// Output: Nights settled <nil>
}

func ExampleProfiles_Delete() {
	client, done := centre()
	defer done()
	ctx := context.Background()
	if err := client.Profiles.Delete(ctx, "OMNI01"); err != nil {
		fmt.Println(err)
		return
	}
	s, err := client.Profiles.Settle(ctx, "OMNI01", core.SettleAfter(core.Deleted))
	fmt.Println(s.State, err)
	// Output: gone <nil>
}

func ExampleQueues_Get() {
	client, done := centre()
	defer done()
	ctx := context.Background()
	for q, err := range client.Queues.List(ctx, avaya.QueueListOptions{Name: "Billing"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		again, err := client.Queues.Get(ctx, q.QueueID)
		fmt.Println(again.Name, err)
	}
	// Output: Billing <nil>
}

func ExampleGroups_Get() {
	client, done := centre()
	defer done()
	ctx := context.Background()
	for g, err := range client.Groups.List(ctx, avaya.GroupListOptions{Filter: avaya.StartsWith("name", "Night")}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		again, err := client.Groups.Get(ctx, g.GroupID)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(again.Name, len(again.Members()) > 0)
	}
	// Output: Night team true
}

func ExampleCategories_List() {
	client, done := centre()
	defer done()
	for c, err := range client.Categories.List(context.Background(), avaya.CategoryListOptions{Name: "Language"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(c.Name, len(c.Attributes))
	}
	// Output: Language 5
}

// An account that still has the older API.
func ExampleWithV1Beta() {
	sim := avayatest.NewServer(avayatest.WithSampleData())
	client, err := avaya.New(avaya.Config{
		BaseURL: avayatest.Origin, AccountID: avayatest.AccountID,
		Auth:          avaya.ClientCredentials{ID: avayatest.ClientID, Secret: core.NewSecret(avayatest.ClientSecret)},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	}, avaya.WithV1Beta())
	if err != nil {
		fmt.Println(err)
		return
	}
	users, err := core.Collect(client.Users.List(context.Background(), avaya.UserListOptions{}))
	fmt.Println(len(users), err)
	// Output: 25 <nil>
}

// Filters are the vendor's: which fields can be filtered is in the doc of each List.
func ExampleEndsWith() {
	fmt.Println(avaya.EndsWith("loginId", "@example.com"))
	// Output: loginId:*@example.com
}
