package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// job is a job over all five vendors: plan, apply, a crash in the middle, resume, receipt.
func job(ctx context.Context, g *guide) error {
	dir, err := os.MkdirTemp("", "tour")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	env, creates, stop, err := startAll()
	if err != nil {
		return err
	}
	defer stop()
	j := &jobTour{guide: g, env: env, creates: creates, journal: filepath.Join(dir, "tour.journal")}
	for _, part := range []func(context.Context) error{j.makePlan, j.crash, j.resume, j.prove} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

type jobTour struct {
	*guide
	env     map[string]string
	creates func() int // how many creates reached the vendors
	journal string
	plan    roster.Plan
	made    int // creates of the plan
}

// startAll starts a simulator per vendor on loopback, and returns the settings that reach
// them.
func startAll() (env map[string]string, creates func() int, stop func(), err error) {
	avaya := avayatest.NewServer(avayatest.WithSampleData())
	libh3lp := libh3lptest.NewServer(libh3lptest.WithSampleData())
	liveperson := livepersontest.NewServer(livepersontest.WithSampleData())
	lucs := lucstest.NewServer(lucstest.WithSampleData())
	webex := webextest.NewServer(webextest.WithSampleData())
	stop = func() { avaya.Close(); libh3lp.Close(); liveperson.Close(); lucs.Close(); webex.Close() }
	creates = func() int {
		return len(avaya.Requests("Users.Create")) + len(libh3lp.Requests("Users.Create")) + len(webex.Requests("People.Create"))
	}
	env = map[string]string{
		"AVAYA_ACCOUNT_ID": avayatest.AccountID, "AVAYA_APP_KEY": avayatest.AppKey,
		"AVAYA_CLIENT_ID": avayatest.ClientID, "AVAYA_CLIENT_SECRET": avayatest.ClientSecret,
		"LIBH3LP_USERNAME": libh3lptest.Username, "LIBH3LP_PASSWORD": libh3lptest.Password,
		"LIVEPERSON_ACCOUNT_ID": livepersontest.AccountID,
		"LIVEPERSON_CLIENT_ID":  livepersontest.ClientID, "LIVEPERSON_CLIENT_SECRET": livepersontest.ClientSecret,
		"LUCS_API_KEY": lucstest.APIKey, "WEBEX_TOKEN": webextest.Bearer,
	}
	for name, start := range map[string]func() (string, error){"AVAYA_BASE_URL": avaya.Start, "LIBH3LP_BASE_URL": libh3lp.Start,
		"LIVEPERSON_DOMAIN_URL": liveperson.Start, "LUCS_BASE_URL": lucs.Start, "WEBEX_BASE_URL": webex.Start} {
		if env[name], err = start(); err != nil {
			stop()
			return nil, nil, nil, err
		}
	}
	return env, creates, stop, nil
}

// process is what one process of the job has: clients and the journal.
func (j *jobTour) process(do func(roster.Run) error) error {
	members, err := fleet.ParseMembers("avaya,libh3lp,liveperson,lucs,webex", nil)
	if err != nil {
		return err
	}
	f, end, err := fleet.Open(members, fleet.Settings{Getenv: func(name string) string { return j.env[name] }, BlockLog: roster.BlockLog},
		false)
	if err != nil {
		return err
	}
	defer end(context.Background())
	journal, err := roster.OpenFile(j.journal)
	if err != nil {
		return err
	}
	defer journal.Close()
	return do(roster.Run{Fleet: f, Journal: journal, Workers: 2, Secrets: func(context.Context, string) (core.Secret, error) {
		return core.NewSecret("Sample-passw0rd"), nil
	}})
}

func (j *jobTour) makePlan(ctx context.Context) error {
	j.step("plan a day: Kim joins three vendors, Chiara leaves, Tom and Ines get no work until we say so")
	j.lost("the overview: it acts while it finds out")
	want := roster.Want{
		Have: []roster.Hire{
			{Person: "kim@example.com", Account: "avaya", Password: "FIRST_PASSWORD",
				Spec: core.UserSpec{Login: "kim@example.com", FirstName: "Kim", LastName: "Park", Email: "kim@example.com", Roles: []string{"Agent"}}},
			{Person: "kim.park", Account: "libh3lp", Password: "FIRST_PASSWORD", Spec: core.UserSpec{Login: "kim.park"},
				Links: []core.Assignment{{Target: core.Target{Kind: core.KindQueue, ID: "34815"}}}},
			{Person: "kim@example.com", Account: "webex", Spec: core.UserSpec{Login: "kim@example.com", FirstName: "Kim", LastName: "Park"}},
		},
		Gone:    []string{"chiara.fonti@example.com"},
		Blocked: []string{"sip:tom.brandt@example.internal", "ines.aldana@example.test"},
	}

	err := j.process(func(run roster.Run) error {
		census, err := roster.Take(ctx, run.Fleet)
		if err != nil {
			return err
		}
		j.plan, err = want.Plan(census)
		return err
	})
	if err != nil {
		return err
	}

	for _, s := range j.plan.Steps {
		j.saw("%-10s %-18s %s", s.Account, s.Op, s.Person())
		if s.Op == core.OpCreateUser {
			j.made++
		}
	}
	for _, gap := range j.plan.Gaps {
		j.saw("%-10s %-18s %s: no list proves that nobody is there", gap.Account, "gap", gap.Person)
	}
	j.saw("nothing was sent that writes; the plan is called %.19s…", j.plan.ID())
	return nil
}

// crash applies the plan, and cuts the run off in the middle of a write.
func (j *jobTour) crash(ctx context.Context) error {
	j.step("apply it, and cut the run off in the middle of a write")
	j.lost("what was done: it prints at the end, and there is none")
	return j.process(func(run roster.Run) error {
		ctx, cut := context.WithCancel(ctx)
		defer cut()
		run.Grace = time.Millisecond // what is under way is not waited for
		run.Progress = func(ev roster.Event) {
			if ev.Done == 2 {
				cut()
			}
		}
		report, err := run.Apply(ctx, j.plan)
		if !errors.Is(err, core.ErrCanceled) {
			return fmt.Errorf("expected the run to be cut, got %v", err)
		}
		j.saw("%d of %d steps are done, %d unknown, %d not begun", report.Applied, len(report.Steps), report.Unknown, report.Open)
		j.saw("a script would now have to be read against five consoles; run again, it creates Kim twice")
		return nil
	})
}

// resume does what another process does that finds the journal.
func (j *jobTour) resume(ctx context.Context) error {
	j.step("apply the same plan in a new process: done stays done, unknown is looked at")
	j.lost("a second Kim: it creates her again")
	return j.process(func(run roster.Run) error {
		report, err := run.Apply(ctx, j.plan)
		if err != nil {
			return err
		}
		j.saw("%d of %d steps are done; Kim was created at %d vendors, by %d requests", report.Applied+report.Already, len(report.Steps), j.made,
			j.creates())
		return expect(j.creates() >= j.made && report.Done(), "the job is not done: %+v", report.Counts)
	})
}

// prove writes the receipt of the one who left, and shows what it is worth.
func (j *jobTour) prove(ctx context.Context) error {
	j.step("write the receipt of Chiara, signed, and verify it offline; then change one letter of it")
	j.lost("the proof: a log is a text that anybody can edit")
	public, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	var file []byte

	err = j.process(func(run roster.Run) error {
		receipt, err := roster.MakeReceipt(ctx, run.Journal, j.plan.ID(), "chiara.fonti@example.com", roster.SignedBy(key))
		if err == nil {
			file, err = receipt.Encode()
		}
		return err
	})
	if err != nil {
		return err
	}
	proof, err := roster.Verify(file, public)
	if err != nil {
		return err
	}
	for _, s := range proof.Report() {
		j.saw("%-10s %s", s.Result, s.Step)
	}
	_, err = roster.Verify(bytes.Replace(file, []byte("chiara"), []byte("chiarb"), 1), public)
	if err := expect(errors.Is(err, roster.ErrAltered), "an altered receipt is %v", err); err != nil {
		return err
	}
	j.saw("%s", strings.TrimPrefix(err.Error(), "roster: "))
	return nil
}
