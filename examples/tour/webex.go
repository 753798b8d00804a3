package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// webexDay is a day at the vendor where partial success is the normal answer.
func webexDay(ctx context.Context, g *guide) (core.Capabilities, error) {
	srv := webextest.NewServer(webextest.WithSampleData(), webextest.WithPeople(300), webextest.WithStatusIDs(webextest.AsUUID))
	defer srv.Close()
	base, err := srv.Start()
	if err != nil {
		return core.Capabilities{}, err
	}
	client, err := webex.New(webex.Config{
		BaseURL: base, Tier: webex.Assist,
		Auth: webex.Refresh{ClientID: webextest.ClientID, ClientSecret: core.NewSecret(webextest.ClientSecret),
			RefreshToken: core.NewSecret(webextest.RefreshToken)},
	})
	if err != nil {
		return core.Capabilities{}, err
	}
	defer client.CloseIdleConnections()
	w := &webexTour{guide: g, srv: srv, client: client, store: client.Store()}
	for _, part := range []func(context.Context) error{w.list, w.hire, w.change, w.supervise, w.queue, w.block, w.offboard} {
		if err := part(ctx); err != nil {
			return core.Capabilities{}, err
		}
	}
	return w.store.Capabilities(), nil
}

type webexTour struct {
	*guide
	srv    *webextest.Server
	client *webex.Client
	store  *webex.Store

	kim string
}

func (w *webexTour) list(ctx context.Context) error {
	w.step("list everybody, by the links from page to page; the third page is refused for the rate, and comes a second later")
	w.lost("everybody from the third page on")
	w.srv.Fault(webextest.Fault{Op: "People.List", Skip: 2, Status: 429, RetryAfter: "1"})
	people, seen := 0, map[string]bool{}
	for u, err := range w.store.ListUsers(ctx, core.UserQuery{}) {
		if err != nil {
			return err
		}
		people++
		seen[u.ID] = true
	}
	w.saw("%d people, nobody twice", people)
	return expect(people == len(seen) && people > 300 && len(w.srv.Unstruck()) == 0, "%d listed, %d different", people, len(seen))
}

func (w *webexTour) hire(ctx context.Context) error {
	w.step("create Kim; the vendor answers 400, and has created her anyway")
	w.lost("Kim: it reports a failure, and she is there")
	w.srv.FailAfter("People.Create", 1)
	u, err := w.store.CreateUser(ctx, core.UserSpec{Login: "kim@example.test", FirstName: "Kim", LastName: "Park",
		Fields: map[string]any{"licenses": []string{webextest.LicenseProfessional, webextest.LicenseAssist},
			"locationId": webextest.LocationAustin, "extension": "1099"}})
	if err := w.refused(err, core.ErrInvalid); err != nil {
		return err
	}
	w.kim = u.ID
	return expect(w.kim != "", "she was not found")
}

func (w *webexTour) change(ctx context.Context) error {
	w.step("change Kim's last name, where a PUT deletes what it leaves out; a field that the client does not know and her licences " +
		"must survive")
	w.lost("her licences, her number and what it does not know")
	w.srv.ChangePerson(w.kim, map[string]any{"x-desk": map[string]any{"window": 7}})
	if _, err := w.store.UpdateUser(ctx, w.kim, core.UserChange{LastName: core.Set("Roth")}); err != nil {
		return err
	}
	p, _ := w.srv.Person(w.kim)
	w.saw("%s, x-desk = %v, extension %v", p["lastName"], p["x-desk"], p["extension"])
	return expect(p["lastName"] == "Roth" && p["x-desk"] != nil && p["extension"] == "1099", "she is %v", p)
}

func (w *webexTour) supervise(ctx context.Context) error {
	w.step("give Dana three agents, in one write: Ana, who is hers already, Marco, who has no licence, and Kim")
	w.lost("that one was refused: the answer is a success")
	dana := core.Target{Kind: core.KindSupervisor, ID: webextest.PersonDana, Name: "Dana"}
	outcomes, err := w.store.Assign(ctx,
		core.Assignment{UserID: webextest.PersonAna, Target: dana},
		core.Assignment{UserID: webextest.PersonMarco, Target: dana},
		core.Assignment{UserID: w.kim, Target: dana},
	)
	w.outcomes(map[string]string{webextest.PersonAna: "Ana", webextest.PersonMarco: "Marco", w.kim: "Kim"}, outcomes)
	if !errors.Is(err, core.ErrPartial) {
		return fmt.Errorf("expected a partial success, got %v", err)
	}
	w.saw("the vendor named them by bare UUIDs, and %d write was sent", len(w.srv.Requests("Supervisors.UpdateAgents")))

	w.step("take Erin's only agent away, with which the vendor would delete the supervisor")
	w.lost("the supervisor: she is deleted along with her last agent")
	_, err = w.store.Unassign(ctx, core.Assignment{UserID: webextest.PersonCarla, Target: core.Target{Kind: core.KindSupervisor,
		ID: webextest.PersonErin}})
	return w.refused(err, core.ErrInvalid)
}

func (w *webexTour) queue(ctx context.Context) error {
	w.step("put Kim into a queue that routes by skill, whose agents are replaced as a whole; then suspend her there")
	w.lost("the other agents: the list is replaced as a whole")
	support := core.Target{Kind: core.KindQueue, ID: webextest.QueueSupport}
	before, err := core.Collect(w.store.ListAssignments(ctx, core.AssignmentQuery{Target: support}))
	if err != nil {
		return err
	}
	link := core.Assignment{UserID: w.kim, Target: support, Level: new(2)}
	if _, err := w.store.Assign(ctx, link); err != nil {
		return err
	}
	if _, err := w.store.Suspend(ctx, core.Assignment{UserID: w.kim, Target: support}); err != nil {
		return err
	}
	after, err := core.Collect(w.store.ListAssignments(ctx, core.AssignmentQuery{Target: support}))
	if err != nil {
		return err
	}
	last := after[len(after)-1]
	w.saw("%d agents were there, %d are; Kim's level is %d, suspended: %v", len(before), len(after), *last.Level, last.Suspended)
	return expect(len(after) == len(before)+1 && last.Suspended, "%v", after)
}

func (w *webexTour) block(ctx context.Context) error {
	w.srv.SetPresence(w.kim, "DoNotDisturb")
	p, err := w.store.Presence(ctx, w.kim)
	if err != nil {
		return err
	}

	w.step("Kim is %s, which only she can change", p.Availability)
	w.lost("the reason: it finds a read, and no write, and does not know why")
	if err := w.refused(w.store.SetPresence(ctx, w.kim, core.Available), errors.ErrUnsupported); err != nil {
		return err
	}

	w.step("block her, and restore just what that block changed")
	w.lost("her licences: loginEnabled is written with the whole person")
	made, err := w.store.Block(ctx, w.kim)
	if err != nil {
		return err
	}
	record, err := json.Marshal(made.Changed)
	if err != nil {
		return err
	}
	if p, err = w.store.Presence(ctx, w.kim); err != nil {
		return err
	}
	w.saw("blocked: %v, by %s", *p.Blocked, record)
	if err := w.store.Unblock(ctx, w.kim, made); err != nil {
		return err
	}
	u, err := w.store.GetUser(ctx, w.kim)
	if err != nil {
		return err
	}
	w.saw("enabled: %v", *u.Enabled)
	return expect(*u.Enabled, "she is still blocked")
}

func (w *webexTour) offboard(ctx context.Context) error {
	w.step("Kim leaves; who is sent away again is not there any more")
	w.lost("the difference between gone and never there")
	if err := w.store.DeleteUser(ctx, w.kim); err != nil {
		return err
	}
	return w.refused(w.store.DeleteUser(ctx, w.kim), core.ErrNotFound)
}
