package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

// livepersonDay is a day at the vendor whose only guard of a full replacement
// is the revision of all users.
func livepersonDay(ctx context.Context, g *guide) (core.Capabilities, error) {
	srv := livepersontest.NewServer(livepersontest.WithSampleData())
	defer srv.Close()
	base, err := srv.Start()
	if err != nil {
		return core.Capabilities{}, err
	}
	client, err := liveperson.New(liveperson.Config{
		AccountID: livepersontest.AccountID, DomainURL: base,
		Auth: liveperson.ClientCredentials{ID: livepersontest.ClientID, Secret: core.NewSecret(livepersontest.ClientSecret)},
	}, liveperson.WithAgentView())
	if err != nil {
		return core.Capabilities{}, err
	}
	defer client.CloseIdleConnections()
	l := &livepersonTour{guide: g, srv: srv, client: client, store: client.Store()}
	for _, part := range []func(context.Context) error{l.list, l.change, l.collide, l.assign, l.block, l.limited, l.offboard} {
		if err := part(ctx); err != nil {
			return core.Capabilities{}, err
		}
	}
	return l.store.Capabilities(), nil
}

type livepersonTour struct {
	*guide
	srv    *livepersontest.Server
	client *liveperson.Client
	store  *liveperson.Store

	nadia int64
}

func (l *livepersonTour) list(ctx context.Context) error {
	l.step("list everybody: one answer, read as it arrives; the hosts come from the Domain API")
	l.lost("the account, once the vendor moves it: a host that is kept is then wrong")
	var head liveperson.Head[liveperson.User]
	people := 0
	for u, err := range l.client.Users.List(ctx, liveperson.UserListOptions{Head: &head}) {
		if err != nil {
			return err
		}
		people++
		if u.LoginName == "nadia.kovar" {
			l.nadia = u.ID
		}
	}
	l.saw("%d people, at revision %s", people, head.Revision)

	l.step("list again with the revision in hand")
	l.lost("nothing but time: it reads the whole list again")
	known := head.Revision
	for _, err := range l.client.Users.List(ctx, liveperson.UserListOptions{Known: known, Head: &head}) {
		if err != nil {
			return err
		}
		return errors.New("somebody was listed although nothing has changed")
	}
	l.saw("unchanged: %v; nothing was transferred", head.Unchanged)
	return expect(head.Unchanged && l.nadia != 0, "revision %s was known", known)
}

func (l *livepersonTour) change(ctx context.Context) error {
	l.step("change Nadia's nickname; a field that is not documented and her name, which reads blank, must survive")
	l.lost("her name: it reads blank, is written back blank, and is gone")
	l.srv.ChangeUser(l.nadia, map[string]any{"x-desk": map[string]any{"window": 7}})
	u, err := l.client.Users.Modify(ctx, l.nadia, func(u *liveperson.User) error {
		u.Nickname = core.Set("Nadja")
		return nil
	})
	if err != nil {
		return err
	}
	stored, _ := l.srv.User(l.nadia)
	l.saw("%s, x-desk = %s, and the vendor still knows her as %q", u.Nickname.Or(""), u.Extra["x-desk"], stored["fullName"])
	return expect(stored["fullName"] == "Nadia Kovar" && stored["x-desk"] != nil, "it is %v", stored)
}

func (l *livepersonTour) collide(ctx context.Context) error {
	l.step("change her again, while somebody else changes her e-mail between our read and our write")
	l.lost("the other e-mail address, which the later write overwrites")
	tries := 0
	u, err := l.client.Users.Modify(ctx, l.nadia, func(u *liveperson.User) error {
		if tries++; tries == 1 {
			l.srv.ChangeUser(l.nadia, map[string]any{"email": "nadia.new@example.test"})
		}
		u.Description = core.Set("speaks Czech")
		return nil
	})
	if err != nil {
		return err
	}
	l.saw("the stale write was refused, read again and made: %s, %s", u.Email.Or(""), u.Description.Or(""))
	return expect(tries == 2 && u.Email.Or("") == "nadia.new@example.test", "after %d tries it is %s", tries, u.Email.Or(""))
}

func (l *livepersonTour) assign(ctx context.Context) error {
	skills, err := core.Collect(l.client.Skills.List(ctx, liveperson.SkillListOptions{}))
	if err != nil {
		return err
	}
	groups, err := core.Collect(l.client.AgentGroups.List(ctx, liveperson.AgentGroupListOptions{}))
	if err != nil {
		return err
	}
	lastSkill, lastGroup := skills[len(skills)-1], groups[len(groups)-1]
	skill := core.Target{Kind: core.KindSkill, ID: fmt.Sprint(lastSkill.ID), Name: lastSkill.Name}
	group := core.Target{Kind: core.KindGroup, ID: fmt.Sprint(lastGroup.ID), Name: lastGroup.Name}

	l.step("give Nadia the skill %q and move her to %q; give the same skill to a user who does not exist", skill.Name, group.Name)
	l.lost("that she was moved out of a group, and who of the two failed")
	outcomes, err := l.store.Assign(ctx,
		core.Assignment{UserID: fmt.Sprint(l.nadia), Target: skill},
		core.Assignment{UserID: fmt.Sprint(l.nadia), Target: group},
		core.Assignment{UserID: "4711", Target: skill},
	)
	l.outcomes(map[string]string{fmt.Sprint(l.nadia): "Nadia", "4711": "somebody"}, outcomes)
	if !errors.Is(err, core.ErrPartial) || !errors.Is(err, core.ErrNotFound) {
		return fmt.Errorf("expected a partial success, got %v", err)
	}
	return nil
}

func (l *livepersonTour) block(ctx context.Context) error {
	id := fmt.Sprint(l.nadia)
	l.srv.SetPresence(l.nadia, "ONLINE", "")
	p, err := l.store.Presence(ctx, id)
	if err != nil {
		return err
	}

	l.step("block Nadia, who is %s", p.Availability)
	l.lost("what exactly it changed, and so the way back")
	made, err := l.store.Block(ctx, id)
	if err != nil {
		return err
	}
	record, err := json.Marshal(made)
	if err != nil {
		return err
	}
	l.saw("record: %s", record)
	if p, err = l.store.Presence(ctx, id); err != nil {
		return err
	}
	l.saw("blocked: %v", *p.Blocked)

	l.step("and restore just what that block changed")
	l.lost("the difference to a user who was disabled before")
	var again core.Block
	if err := json.Unmarshal(record, &again); err != nil {
		return err
	}
	if err := l.store.Unblock(ctx, id, again); err != nil {
		return err
	}
	u, err := l.store.GetUser(ctx, id)
	if err != nil {
		return err
	}
	l.saw("enabled: %v", *u.Enabled)
	return expect(*u.Enabled, "she is still blocked")
}

func (l *livepersonTour) limited(ctx context.Context) error {
	l.step("read her while the vendor is busy: 429, without a Retry-After")
	l.lost("the call: no header says how long to wait")
	l.srv.Fault(livepersontest.Fault{Op: "Users.Get", Status: 429})
	if _, err := l.store.GetUser(ctx, fmt.Sprint(l.nadia)); err != nil {
		return err
	}
	l.saw("waited the vendor's second, and got the answer")
	return expect(len(l.srv.Unstruck()) == 0, "nobody was refused")
}

func (l *livepersonTour) offboard(ctx context.Context) error {
	l.step("Nadia leaves; who is sent away again is not there any more")
	l.lost("the second answer: deleted users stay, and it may take that for success")
	id := fmt.Sprint(l.nadia)
	if err := l.store.DeleteUser(ctx, id); err != nil {
		return err
	}
	return l.refused(l.store.DeleteUser(ctx, id), core.ErrNotFound)
}
