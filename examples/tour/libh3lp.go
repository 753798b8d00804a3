package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// libh3lpDay is a day at the vendor that says 200 to everything.
func libh3lpDay(ctx context.Context, g *guide) (core.Capabilities, error) {
	srv := libh3lptest.NewServer(libh3lptest.WithSampleData())
	defer srv.Close()
	base, err := srv.Start()
	if err != nil {
		return core.Capabilities{}, err
	}
	client, err := libh3lp.New(libh3lp.Config{BaseURL: base, Auth: libh3lp.Login{Username: libh3lptest.Username,
		Password: core.NewSecret(libh3lptest.Password)}})
	if err != nil {
		return core.Capabilities{}, err
	}
	defer client.Close(ctx)
	l := &libh3lpTour{guide: g, srv: srv, client: client, store: client.Store()}
	for _, part := range []func(context.Context) error{l.list, l.hire, l.ignored, l.assign, l.presence, l.block, l.limited, l.session} {
		if err := part(ctx); err != nil {
			return core.Capabilities{}, err
		}
	}
	return l.store.Capabilities(), nil
}

type libh3lpTour struct {
	*guide
	srv    *libh3lptest.Server
	client *libh3lp.Client
	store  *libh3lp.Store

	users  map[string]core.User
	queues map[string]core.Target
}

func (l *libh3lpTour) list(ctx context.Context) error {
	l.step("list users and queues: one login for all of it")
	l.lost("time: a login per request, or a session that ends in the middle")
	l.users, l.queues = map[string]core.User{}, map[string]core.Target{}
	for u, err := range l.store.ListUsers(ctx, core.UserQuery{}) {
		if err != nil {
			return err
		}
		l.users[u.Login] = u
	}
	for q, err := range l.client.Queues.List(ctx) {
		if err != nil {
			return err
		}
		l.queues[q.Name] = core.Target{Kind: core.KindQueue, ID: fmt.Sprint(q.ID), Name: q.Name}
	}
	l.saw("%d users, %d queues", len(l.users), len(l.queues))
	return expect(len(l.srv.Requests("Login")) == 1, "there were %d logins", len(l.srv.Requests("Login")))
}

func (l *libh3lpTour) hire(ctx context.Context) error {
	l.step("make a user with a name that no user can have, and one that a queue has")
	l.lost("the refusal: it is a 200")
	spec := core.UserSpec{Login: "Kim Park", Email: "kim@library.example", Password: core.NewSecret("Welcome-2-the-desk")}
	_, err := l.store.CreateUser(ctx, spec)
	if err := l.refused(err, core.ErrInvalid); err != nil {
		return err
	}
	spec.Login = "ref-main"
	_, err = l.store.CreateUser(ctx, spec)
	if e, ok := errors.AsType[*core.Error](err); !ok || e.Status != 200 || e.Applied != core.AppliedNo {
		return fmt.Errorf("a failure inside a 200 was expected, got %v", err)
	}
	l.saw("%v", err)
	spec.Login = "kim.park"
	u, err := l.store.CreateUser(ctx, spec)
	if err != nil {
		return err
	}
	l.saw("%s is user %s; the e-mail address took a second write: %s", u.Login, u.ID, u.Email)
	return expect(u.Email == spec.Email, "it is %q", u.Email)
}

func (l *libh3lpTour) ignored(ctx context.Context) error {
	l.step("change an e-mail address, which the vendor ignores in silence")
	l.lost("the change: the answer is a 200, with the old address in it")
	l.srv.IgnoreUpdates(true)
	defer l.srv.IgnoreUpdates(false)
	_, err := l.store.UpdateUser(ctx, l.users["desk-bo"].ID, core.UserChange{Email: core.Set("bo@elsewhere.example")})
	return l.refused(err, core.ErrNotApplied)
}

func (l *libh3lpTour) assign(ctx context.Context) error {
	l.step("put three people on the night desk: one is there and suspended, one does not exist")
	l.lost("which of the three failed: all three answers are a 200")
	night := l.queues["after-hours"]
	outcomes, err := l.store.Assign(ctx,
		core.Assignment{UserID: l.users["desk-cy"].ID, Target: night},
		core.Assignment{UserID: l.users["carla.mendes"].ID, Target: night},
		core.Assignment{UserID: "4711", Target: night},
	)
	people := map[string]string{l.users["desk-cy"].ID: "desk-cy", l.users["carla.mendes"].ID: "carla.mendes", "4711": "somebody"}
	l.outcomes(people, outcomes)
	if !errors.Is(err, core.ErrPartial) || !errors.Is(err, core.ErrNotFound) {
		return fmt.Errorf("expected a partial success, got %v", err)
	}
	return expect(outcomes[1].Result == core.ResultAlready, "a suspended link is there already")
}

func (l *libh3lpTour) presence(ctx context.Context) error {
	l.step("ask the public presence service, without a login")
	l.lost(`"chat" and "available" both take work; it would know one of them`)
	for _, name := range []string{"desk-cy", "desk-anna", "elif.demir"} {
		p, err := l.store.Presence(ctx, l.users[name].ID)
		if err != nil {
			return err
		}
		l.saw("%s is %s (%s), can take chats: %v, blocked: %v %s", name, p.Availability, p.Raw, *p.Routable, *p.Blocked, p.Reason)
	}
	return nil
}

func (l *libh3lpTour) block(ctx context.Context) error {
	ines := l.users["ines.aldana"].ID

	states := func() (string, error) {
		links, err := core.Collect(l.store.ListAssignments(ctx, core.AssignmentQuery{UserID: ines}))
		var text strings.Builder
		for _, a := range links {
			text.WriteString(" " + a.Target.Name)
			if a.Suspended {
				text.WriteString(" (suspended)")
			}
		}
		return text.String(), err
	}
	before, err := states()
	if err != nil {
		return err
	}
	l.step("block Ines, whose links are:%s; the second write fails", before)
	l.lost("which queues were suspended before the failure")
	l.srv.Fault(libh3lptest.Fault{Op: "Assignments.Update", Skip: 1, Status: 403})
	first, err := l.store.Block(ctx, ines)
	if err := l.refused(err, core.ErrPartial); err != nil {
		return err
	}
	l.step("repeat it, and lift it with the records of both, which went through JSON")
	l.lost("which links were suspended before the block: it would open them all")
	second, err := l.store.Block(ctx, ines)
	if err != nil {
		return err
	}
	var records []core.Block
	data, err := json.Marshal([]core.Block{first, second})
	if err == nil {
		err = json.Unmarshal(data, &records)
	}
	if err != nil {
		return err
	}
	l.saw("%s", data)
	if err := l.store.Unblock(ctx, ines, records...); err != nil {
		return err
	}
	after, err := states()
	if err != nil {
		return err
	}
	l.saw("her links are:%s", after)
	return expect(before == after, "they were%s", before)
}

func (l *libh3lpTour) limited(ctx context.Context) error {
	l.step("read somebody while a proxy is busy: 429, and then an HTML page of a 502")
	l.lost("the answer: it would parse a page, or give up")
	l.srv.Fault(
		libh3lptest.Fault{Op: "Users.Get", Status: 429, RetryAfter: "1"},
		libh3lptest.Fault{Op: "Users.Get", Status: 502, Body: libh3lptest.ErrorPage, ContentType: "text/html"},
	)
	if _, err := l.store.GetUser(ctx, l.users["desk-cy"].ID); err != nil {
		return err
	}
	l.saw("waited as asked, tried again, and got the answer")
	return expect(len(l.srv.Unstruck()) == 0, "nobody was refused")
}

func (l *libh3lpTour) session(ctx context.Context) error {
	l.step("fifty callers, and the vendor ends the session")
	l.lost("its session, to fifty log-ins at once")
	logins := len(l.srv.Requests("Login"))
	l.srv.ExpireSessions()
	var wg sync.WaitGroup
	errs := make([]error, 50)
	for i := range errs {
		wg.Go(func() { _, errs[i] = l.store.GetUser(ctx, l.users["desk-cy"].ID) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	logins = len(l.srv.Requests("Login")) - logins
	l.saw("all fifty have their answer, after %d new login", logins)
	return expect(logins == 1, "there were %d logins", logins)
}
