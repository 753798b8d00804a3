package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

// avayaDay is a day at the vendor whose writes are accepted now and done later,
// whose PUT replaces everything, and which has no revision.
func avayaDay(ctx context.Context, g *guide) (core.Capabilities, error) {
	srv := avayatest.NewServer(avayatest.WithSampleData())
	defer srv.Close()
	base, err := srv.Start()
	if err != nil {
		return core.Capabilities{}, err
	}
	client, err := avaya.New(avaya.Config{
		BaseURL: base, AccountID: avayatest.AccountID, AppKey: core.NewSecret(avayatest.AppKey),
		Auth: avaya.ClientCredentials{ID: avayatest.ClientID, Secret: core.NewSecret(avayatest.ClientSecret)},
	}, avaya.WithSettleWait(core.Wait{First: 100 * time.Millisecond}))
	if err != nil {
		return core.Capabilities{}, err
	}
	defer client.CloseIdleConnections()
	store := client.Store()
	a := &avayaTour{guide: g, srv: srv, client: client, store: store}
	for _, part := range []func(context.Context) error{
		a.list, a.create, a.change, a.assign, a.fails, a.deferred, a.limited, a.offboard,
	} {
		if err := part(ctx); err != nil {
			return core.Capabilities{}, err
		}
	}
	return store.Capabilities(), nil
}

type avayaTour struct {
	*guide
	srv    *avayatest.Server
	client *avaya.Client
	store  *avaya.Store

	staff []core.User // as listed in the morning
	nora  string      // the id of the user that the day is about
}

func (a *avayaTour) list(ctx context.Context) error {
	a.step("list everybody; pages come as they are walked")
	a.lost("all but the first ten, if it takes one page for the list")
	agents := 0
	for u, err := range a.store.ListUsers(ctx, core.UserQuery{}) {
		if err != nil {
			return err
		}
		a.staff = append(a.staff, u)
		for _, r := range u.Roles {
			if r == avaya.RoleAgent {
				agents++
			}
		}
	}
	a.saw("%d people, %d of them agents", len(a.staff), agents)
	return expect(agents > 2, "the sample has %d agents", agents)
}

func (a *avayaTour) create(ctx context.Context) error {
	a.step("hire Nora: the vendor accepts her at once and sets her up later")
	a.lost("the difference between accepted and done: she cannot work yet")
	u, err := a.store.CreateUser(ctx, core.UserSpec{
		Login: "nora.brandt@example.com", FirstName: "Nora", LastName: "Brandt", Email: "nora.brandt@example.com",
		Roles: []string{avaya.RoleAgent}, Password: core.NewSecret("Zq7!mTr2kW9p-tour"),
		Fields: map[string]any{"features": map[string]any{
			"voice": map[string]any{"autoAnswer": false},
			"chat":  map[string]any{"multiplicity": 3, "x-desk": map[string]any{"window": 7}},
		}},
	})
	if err != nil {
		return err
	}
	a.nora = u.ID
	settled, err := a.store.Settle(ctx, u.ID, core.SettleAfter(core.Created))
	if err != nil {
		return err
	}
	a.saw("%s, with %d parts set up", settled.State, len(settled.Parts))
	a.step("hire her again: the login is taken, and the error says so")
	a.lost("that the login is taken: it sees a 409 and must read the text")
	_, err = a.store.CreateUser(ctx, core.UserSpec{Login: "nora.brandt@example.com", FirstName: "Nora", LastName: "Brandt"})
	return a.refused(err, core.ErrConflict)
}

func (a *avayaTour) change(ctx context.Context) error {
	a.step("Nora marries: change one field of a user that can only be replaced as a whole")
	a.lost("her roles and what it does not know of her: the PUT deletes what is left out")
	if _, err := a.store.UpdateUser(ctx, a.nora, core.UserChange{LastName: core.Set("Okafor")}); err != nil {
		return err
	}
	if _, err := a.store.Settle(ctx, a.nora, core.SettleAfter(core.Updated)); err != nil {
		return err
	}
	u, err := a.client.Users.Get(ctx, a.nora)
	if err != nil {
		return err
	}
	a.saw("%s %s, still with roles %v and, unknown to the SDK, chat's x-desk = %s", u.FirstName, u.LastName, u.Roles,
		u.Features.Chat.Extra["x-desk"])
	return expect(u.LastName == "Okafor" && len(u.Roles) == 1 && len(u.Features.Chat.Extra) == 1, "the change lost something: %+v", u)
}

func (a *avayaTour) assign(ctx context.Context) error {
	queues, err := core.Collect(a.client.Queues.List(ctx, avaya.QueueListOptions{}))
	if err != nil {
		return err
	}
	const stranger = "00000000-0000-4000-8000-000000000000"
	level := 2
	queue := core.Target{Kind: core.KindQueue, ID: queues[0].QueueID, Name: queues[0].Name}
	a.step("put Nora and a colleague on %q, and somebody who does not exist", queues[0].Name)
	a.lost("who of the three was done, once the third request failed")
	outcomes, err := a.store.Assign(ctx,
		core.Assignment{UserID: a.nora, Target: queue, Level: &level},
		core.Assignment{UserID: a.nora, Target: core.Target{Kind: core.KindSkill, ID: "Language.English", Name: "Language.English"}},
		core.Assignment{UserID: a.staff[0].ID, Target: queue},
		core.Assignment{UserID: stranger, Target: queue},
	)
	a.outcomes(map[string]string{a.nora: "Nora", a.staff[0].ID: a.staff[0].FirstName, stranger: "somebody"}, outcomes)
	if !errors.Is(err, core.ErrPartial) || !errors.Is(err, core.ErrNotFound) {
		return fmt.Errorf("expected a partial success, got %v", err)
	}
	a.step("block Nora: not at this vendor, and nothing is faked")
	a.lost("her roles, if it takes them away to keep work from her")
	_, err = a.store.Block(ctx, a.nora)
	return a.refused(err, errors.ErrUnsupported)
}

func (a *avayaTour) fails(ctx context.Context) error {
	a.step("give Nora a second role; the vendor reports success and fails later")
	a.lost("the failure: it comes after the answer of success")
	a.srv.Fail(avayatest.Failure{Op: "Users.Replace", Roles: true})
	_, err := a.store.UpdateUser(ctx, a.nora, core.UserChange{Roles: core.Set([]string{avaya.RoleAgent, avaya.RoleSupervisor})})
	if err != nil {
		return err
	}
	_, err = a.store.Settle(ctx, a.nora, core.SettleAfter(core.Updated))
	return a.refused(err, core.ErrFailed)
}

func (a *avayaTour) deferred(ctx context.Context) error {
	a.step("change Nora's chat while she is logged in: the vendor puts it off")
	a.lost("the end of its wait: the change is pending for as long as she works")
	a.srv.Login(a.nora)
	_, err := a.client.Users.Modify(ctx, a.nora, func(u *avaya.User) error {
		u.Roles = []string{avaya.RoleAgent}
		u.Features.Chat.AutoAnswer = core.Set(true)
		return nil
	})
	if err != nil {
		return err
	}
	settled, err := a.store.Settle(ctx, a.nora, core.SettleAfter(core.Updated))
	if err != nil {
		return err
	}
	a.saw("%s: %s", settled.State, settled.Raw)
	a.srv.Logout(a.nora)
	return expect(settled.State == core.Deferred, "it is %s", settled.State)
}

func (a *avayaTour) limited(ctx context.Context) error {
	a.step("read Nora while the vendor is busy: 429, Retry-After: 1")
	a.lost("the call, or the vendor: it fails, or asks again at once")
	a.srv.Fault(avayatest.TooMany("Users.Get", "1"))
	start := time.Now()
	if _, err := a.store.GetUser(ctx, a.nora); err != nil {
		return err
	}
	took := time.Since(start)
	a.saw("waited as told and got the answer after %.1f s", took.Seconds())
	return expect(took >= time.Second, "it took %s", took)
}

func (a *avayaTour) offboard(ctx context.Context) error {
	a.step("Nora leaves: delete her and see that she is gone")
	a.lost("the proof: a 204 says that the deletion was accepted")
	if err := a.store.DeleteUser(ctx, a.nora); err != nil {
		return err
	}
	settled, err := a.store.Settle(ctx, a.nora, core.SettleAfter(core.Deleted))
	if err != nil {
		return err
	}
	a.saw("%s", settled.State)
	return a.refused(a.store.DeleteUser(ctx, a.nora), core.ErrNotFound)
}
