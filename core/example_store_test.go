package core_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// allStores is a store of each vendor, over its simulator.
func allStores() []core.Store {
	a, err1 := avaya.New(avaya.Config{
		BaseURL: avayatest.Origin, AccountID: avayatest.AccountID, AppKey: core.NewSecret(avayatest.AppKey),
		Auth:          avaya.ClientCredentials{ID: avayatest.ClientID, Secret: core.NewSecret(avayatest.ClientSecret)},
		ClientOptions: core.ClientOptions{Transport: avayatest.NewServer(avayatest.WithSampleData()).Transport()},
	})
	b, err2 := libh3lp.New(libh3lp.Config{
		Region: libh3lp.US, Auth: libh3lp.Login{Username: libh3lptest.Username, Password: core.NewSecret(libh3lptest.Password)},
		ClientOptions: core.ClientOptions{Transport: libh3lptest.NewServer(libh3lptest.WithSampleData()).Transport()},
	})
	c, err3 := liveperson.New(liveperson.Config{
		AccountID: livepersontest.AccountID, DomainURL: "https://" + livepersontest.HostDomain,
		Auth:          liveperson.ClientCredentials{ID: livepersontest.ClientID, Secret: core.NewSecret(livepersontest.ClientSecret)},
		ClientOptions: core.ClientOptions{Transport: livepersontest.NewServer(livepersontest.WithSampleData()).Transport()},
	})
	d, err4 := lucs.New(lucs.Config{
		BaseURL: lucstest.Origin, Auth: lucs.APIKey{Key: core.NewSecret(lucstest.APIKey)},
		ClientOptions: core.ClientOptions{Transport: lucstest.NewServer(lucstest.WithSampleData()).Transport()},
	})
	e, err5 := webex.New(webex.Config{
		Tier: webex.Assist, Auth: webex.Bearer{Token: core.NewSecret(webextest.Bearer)},
		ClientOptions: core.ClientOptions{Transport: webextest.NewServer(webextest.WithSampleData()).Transport()},
	})
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		panic(err)
	}
	return []core.Store{a.Store(), b.Store(), c.Store(), d.Store(), e.Store()}
}

// One program for all vendors: what one of them does not offer says so, and why.
func ExampleStore() {
	ctx := context.Background()
	for _, store := range allStores() {
		vendor := store.Capabilities().Vendor
		for user, err := range store.ListUsers(ctx, core.UserQuery{}) {
			if err != nil {
				fmt.Println(err) // what broke off, and why
				break
			}
			made, err := store.Block(ctx, user.ID) // what it changed, to be kept as JSON
			switch {
			case errors.Is(err, errors.ErrUnsupported):
				fmt.Println(vendor, "blocks nobody")
			case err != nil:
				fmt.Println(err) // who, what, why, and what to do next
			default:
				fmt.Println(vendor, "blocked, and restored:", store.Unblock(ctx, user.ID, made))
			}
			break
		}
	}
	// Output:
	// avaya blocks nobody
	// libh3lp: presence.block: not applied: the user is assigned to no queue: there is nothing to suspend
	// liveperson blocked, and restored: <nil>
	// lucs blocked, and restored: <nil>
	// webex blocked, and restored: <nil>
}

// Ask before you offer something to your users: no request is sent.
func ExampleCapabilities() {
	for _, store := range allStores() {
		offers := store.Capabilities()
		fmt.Printf("%s: delete %s, block %s", offers.Vendor, offers.Of(core.OpDeleteUser).Support, offers.Of(core.OpBlock).Support)
		if queue, ok := offers.Kind(core.KindQueue); ok && queue.Levels != nil {
			fmt.Print(", queues with levels")
		}
		fmt.Println()
	}
	// Output:
	// avaya: delete native, block unsupported, queues with levels
	// libh3lp: delete native, block emulated
	// liveperson: delete native, block emulated
	// lucs: delete unsupported, block native
	// webex: delete native, block emulated, queues with levels
}

// From an error to an HTTP status, for a service that stands before rollcall. The table
// is yours to change: what matters is that a class decides, and not the vendor's words.
func ExampleClassOf() {
	status := func(err error) int {
		switch core.ClassOf(err) {
		case "": // no error
			return 200
		case core.ClassPartial: // several changes, and not all were made: send the outcomes
			return 207
		case core.ClassInvalid:
			return 422
		case core.ClassNotFound:
			return 404
		case core.ClassConflict:
			return 409
		case core.ClassRevision:
			return 412
		case core.ClassUnsupported:
			return 501
		case core.ClassRateLimited: // with Retry-After, from Error.RetryAfter
			return 429
		case core.ClassUnavailable, core.ClassCanceled:
			return 503
		default: // the credential is yours, not your caller's; and what makes no sense is the vendor's
			return 502
		}
	}
	ctx, store := context.Background(), played(core.ClientOptions{}).Store()
	_, err := store.GetUser(ctx, webextest.PersonAna)
	fmt.Println(status(err), err)
	_, err = store.GetUser(ctx, "../people")
	fmt.Println(status(err), err)
	err = store.SetPresence(ctx, webextest.PersonAna, core.Available)
	fmt.Println(status(err), core.ClassOf(err))
	// Output:
	// 200 <nil>
	// 422 webex: users.get: invalid: the id of the person holds a slash, which no id does
	// 501 unsupported
}

// After a write, Applied says whether the change reached the vendor. Where it is unknown,
// look before you repeat.
func ExampleMaybeApplied() {
	sim := webextest.NewServer(webextest.WithSampleData())
	sim.Fault(webextest.Fault{Op: "People.Create", LoseAnswer: true})
	client := played(core.ClientOptions{Transport: sim.Transport()})

	_, err := client.People.Create(context.Background(), webex.Person{
		Emails: []string{"kim@example.com"}, DisplayName: core.Set("Kim Park"), FirstName: core.Set("Kim"), LastName: core.Set("Park"),
	})
	fmt.Println(core.MaybeApplied(err), len(sim.Requests("People.Create")))
	if e, ok := errors.AsType[*core.Error](err); ok {
		fmt.Println(e.Applied)
	}
	// Output:
	// true 1
	// unknown
}

// A small list in one slice. A big one is ranged over, so that it is never in memory as a
// whole.
func ExampleCollect() {
	for _, store := range allStores() {
		targets, err := core.Collect(store.ListTargets(context.Background(), core.TargetQuery{Kind: core.KindQueue}))
		switch {
		case errors.Is(err, errors.ErrUnsupported):
			fmt.Println(store.Capabilities().Vendor, "has no queues")
		default:
			fmt.Println(store.Capabilities().Vendor, len(targets) > 0, err)
		}
	}
	// Output:
	// avaya true <nil>
	// libh3lp true <nil>
	// liveperson has no queues
	// lucs true <nil>
	// webex true <nil>
}

// A change that must not overwrite somebody else's: nothing is written unless the values
// that you saw still hold.
func ExamplePrecondition() {
	ctx := context.Background()
	store := played(core.ClientOptions{}).Store()
	user, err := store.GetUser(ctx, webextest.PersonAna)
	if err != nil {
		fmt.Println(err)
		return
	}
	change := core.UserChange{LastName: core.Set("Okafor"), If: core.Precondition{Values: map[string]any{"lastName": user.LastName}}}
	changed, err := store.UpdateUser(ctx, user.ID, change)
	fmt.Println(changed.LastName, err)

	_, err = store.UpdateUser(ctx, user.ID, change) // she is no longer called Silva
	fmt.Println(errors.Is(err, core.ErrRevision))
	// Output:
	// Okafor <nil>
	// true
}

// A block as a record that survives the program: kept before the first write, and given to
// Unblock by whoever comes next.
func ExampleBlock() {
	ctx := context.Background()
	var intents []core.Block // in earnest a file that is synced, or roster.BlockLog
	store := played(core.ClientOptions{BlockLog: func(_ context.Context, intent core.Block) error {
		intents = append(intents, intent)
		return nil
	}}).Store()

	made, err := store.Block(ctx, webextest.PersonAna)
	record, _ := json.Marshal(made)
	fmt.Println(made.Changed, len(intents), err)

	var kept core.Block
	if err := json.Unmarshal(record, &kept); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(store.Unblock(ctx, kept.UserID, kept))
	fmt.Println(store.Unblock(ctx, kept.UserID, []core.Block{}...), "and nothing is changed without a record")
	// Output:
	// [loginEnabled] 1 <nil>
	// <nil>
	// <nil> and nothing is changed without a record
}

// A call for a person who waits overtakes the bulk work of the same client.
func ExampleWithPriority() {
	ctx := core.WithPriority(context.Background(), core.Urgent)
	user, err := played(core.ClientOptions{}).Store().GetUser(ctx, webextest.PersonAna)
	fmt.Println(user.DisplayName, core.PriorityOf(ctx), err)
	// Output: Ana Silva urgent <nil>
}

// A change that a vendor carries out later is waited for. The wait needs the id alone, so
// another process can take it over.
func ExampleSettler() {
	ctx := context.Background()
	for _, store := range allStores() {
		settler, ok := store.(core.Settler)
		if !ok {
			continue // what this vendor has answered is in effect
		}
		users, err := core.Collect(store.ListUsers(ctx, core.UserQuery{Login: "dana.reyes@example.com"}))
		if err != nil {
			fmt.Println(err)
			return
		}
		if _, err := store.UpdateUser(ctx, users[0].ID, core.UserChange{LastName: core.Set("Okafor")}); err != nil {
			fmt.Println(err)
			return
		}
		settled, err := settler.Settle(ctx, users[0].ID, core.SettleAfter(core.Updated))
		fmt.Println(store.Capabilities().Vendor, settled.State, err)
	}
	// Output: avaya settled <nil>
}

// A new user with what belongs to it: where the vendor takes links with the creation, they
// cost no further write.
func ExampleUserSpec() {
	ctx := context.Background()
	for _, store := range allStores() {
		vendor := store.Capabilities().Vendor
		if vendor != "libh3lp" {
			continue
		}
		queues, err := core.Collect(store.ListTargets(ctx, core.TargetQuery{Kind: core.KindQueue}))
		if err != nil {
			fmt.Println(err)
			return
		}
		user, err := store.CreateUser(ctx, core.UserSpec{
			Login: "kim", Password: core.NewSecret("correct horse"), Email: "kim@library.example",
			Links: []core.Assignment{{Target: queues[0]}},
		})
		fmt.Println(user.Login, user.Email, err)
		links, err := core.Collect(store.ListAssignments(ctx, core.AssignmentQuery{UserID: user.ID}))
		fmt.Println(slices.ContainsFunc(links, func(a core.Assignment) bool { return a.Target.ID == queues[0].ID }), err)
	}
	// Output:
	// kim kim@library.example <nil>
	// true <nil>
}
