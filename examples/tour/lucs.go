package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

// lucsDay is a day at the vendor where blocked, present and selectable are three
// different things.
func lucsDay(ctx context.Context, g *guide) (core.Capabilities, error) {
	srv := lucstest.NewServer(lucstest.WithSampleData())
	defer srv.Close()
	base, err := srv.Start()
	if err != nil {
		return core.Capabilities{}, err
	}
	client, err := lucs.New(lucs.Config{BaseURL: base, Auth: lucs.APIKey{Key: core.NewSecret(lucstest.APIKey)}})
	if err != nil {
		return core.Capabilities{}, err
	}
	defer client.CloseIdleConnections()
	l := &lucsTour{guide: g, srv: srv, client: client, store: client.Store()}
	for _, part := range []func(context.Context) error{l.list, l.create, l.assign, l.block, l.deaf, l.limited, l.refusedKey} {
		if err := part(ctx); err != nil {
			return core.Capabilities{}, err
		}
	}
	return l.store.Capabilities(), nil
}

type lucsTour struct {
	*guide
	srv    *lucstest.Server
	client *lucs.Client
	store  *lucs.Store
}

func (l *lucsTour) list(ctx context.Context) error {
	l.step("list everybody: this vendor lists users by service only, so the services are walked and merged")
	l.lost("most users: there is no list of them, only lists per service")
	users, err := core.Collect(l.store.ListUsers(ctx, core.UserQuery{}))
	if err != nil {
		return err
	}
	l.saw("%d people, %d requests", len(users), len(l.srv.Requests()))
	l.srv.Reset()
	return nil
}

func (l *lucsTour) create(ctx context.Context) error {
	l.step("create Noemi, with a profile of being off duty, whose responsibilities are null and not an empty list")
	l.lost("her being off duty: null and an empty list are not the same")
	made, err := l.store.CreateUser(ctx, core.UserSpec{Login: "sip:noemi.graf@example.internal", Fields: map[string]any{
		"CurrentProfile": "Early Shift", "DefaultProfile": "Early Shift",
		"Traits":   []lucs.Trait{{TraitNode: "Topic/IT", Attribute: core.Set("Trained")}},
		"Profiles": []lucs.Profile{{Name: "Early Shift", Responsibilities: []lucs.Responsibility{}}, {Name: "OffDuty"}},
	}})
	if err != nil {
		return err
	}
	stored, _ := l.srv.User(made.ID)
	profiles, err := json.Marshal(stored["Profiles"])
	if err != nil {
		return err
	}
	l.saw("%s; the vendor stored %s", made.Login, profiles)
	for _, w := range made.Native.(*lucs.User).Warnings() {
		l.saw("warned: %s", w)
	}
	return nil
}

func (l *lucsTour) assign(ctx context.Context) error {
	l.step("assign her to a service: there is no such link, it follows from traits, profiles and organization units")
	l.lost("the reason: it finds no path for it, and does not know why")
	_, err := l.store.Assign(ctx, core.Assignment{UserID: lucstest.UserTom, Target: core.Target{Kind: core.KindQueue, ID: lucstest.ServiceFrench}})
	return l.refused(err, core.ErrUnsupported)
}

func (l *lucsTour) block(ctx context.Context) error {
	l.step("block Mara, the one selectable agent of the French helpdesk, and hand in a task")
	l.lost("the task: it is queued, and a 200 is all that it sees")
	made, err := l.store.Block(ctx, lucstest.UserMara)
	if err != nil {
		return err
	}
	if err := l.look(ctx); err != nil {
		return err
	}
	id, err := l.client.Tasks.Create(ctx, lucs.Task{Service: lucstest.ServiceFrench, Caller: core.Set("Ticket 48113")})
	if err != nil {
		return err
	}
	task, err := l.client.Tasks.Get(ctx, id)
	if err != nil {
		return err
	}
	l.saw("the task is %s", task.State.Or("?"))
	if err := expect(task.State.Or("").Pending(), "somebody took it"); err != nil {
		return err
	}

	l.step("unblock her: the task reaches her at once, so she is unblocked and not selectable")
	l.lost("the difference between blocked, present and selectable")
	if err := l.store.Unblock(ctx, lucstest.UserMara, made); err != nil {
		return err
	}
	if err := l.look(ctx); err != nil {
		return err
	}

	l.step("set her presence to do not disturb, and read it back")
	l.lost("the check: the answer has no body")
	if err := l.store.SetPresence(ctx, lucstest.UserMara, core.DND); err != nil {
		return err
	}
	return l.look(ctx)
}

func (l *lucsTour) look(ctx context.Context) error {
	p, err := l.store.Presence(ctx, lucstest.UserMara)
	if err != nil {
		return err
	}
	l.saw("presence %s, blocked %t, can take work %t", p.Raw, *p.Blocked, *p.Routable)
	return nil
}

// deaf is about another server, which says yes and does nothing.
func (l *lucsTour) deaf(ctx context.Context) error {
	l.step("block somebody at a server that says yes and does nothing")
	l.lost("the failure: the answer is a 200 and nothing happened")
	srv := lucstest.NewServer(lucstest.WithSampleData(), lucstest.WithPretended("Users.Block"))
	defer srv.Close()
	client, err := lucs.New(lucs.Config{BaseURL: lucstest.Origin, Auth: lucs.APIKey{Key: core.NewSecret(lucstest.APIKey)},
		ClientOptions: core.ClientOptions{Transport: srv.Transport(), ReadBack: 100 * time.Millisecond}})
	if err != nil {
		return err
	}
	_, err = client.Store().Block(ctx, lucstest.UserTom)
	return l.refused(err, core.ErrNotApplied)
}

func (l *lucsTour) limited(ctx context.Context) error {
	l.step("read Tom while a proxy is busy: 429, Retry-After: 1")
	l.lost("the call, or the vendor: it fails, or asks again at once")
	l.srv.Fault(lucstest.Fault{Op: "Services.ListUsers", Status: 429, RetryAfter: "1"})
	start := time.Now()
	if _, err := l.store.GetUser(ctx, lucstest.UserTom); err != nil {
		return err
	}
	l.saw("waited %s, and got the answer", time.Since(start).Round(time.Second))
	return expect(len(l.srv.Unstruck()) == 0, "nobody was refused")
}

func (l *lucsTour) refusedKey(ctx context.Context) error {
	l.step("ask with a wrong key: a page of the web server, in German, is told in one line, and nothing is tried again")
	l.lost("the reason, in a page of German HTML")
	l.srv.Reset()
	l.srv.Fault(lucstest.Fault{Status: 401, ContentType: "text/html", Body: lucstest.HTMLPage(401)})
	_, err := l.store.Presence(ctx, lucstest.UserTom)
	if err := l.refused(err, core.ErrUnauthenticated); err != nil {
		return err
	}
	n := len(l.srv.Requests())
	return expect(n == 1, "it was asked %d times", n)
}
