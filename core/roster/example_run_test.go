package roster_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// offices is a fleet of two accounts. Both talk to the simulators that the module brings
// along; without the Transport they talk to the vendors.
func offices() roster.Fleet {
	phones, err := webex.New(webex.Config{
		Tier: webex.Assist, Auth: webex.Bearer{Token: core.NewSecret(webextest.Bearer)},
		ClientOptions: core.ClientOptions{Transport: webextest.NewServer(webextest.WithSampleData()).Transport()},
	})
	if err != nil {
		panic(err)
	}
	chat, err := libh3lp.New(libh3lp.Config{
		Region: libh3lp.US, Auth: libh3lp.Login{Username: libh3lptest.Username, Password: core.NewSecret(libh3lptest.Password)},
		ClientOptions: core.ClientOptions{Transport: libh3lptest.NewServer(libh3lptest.WithSampleData()).Transport()},
	})
	if err != nil {
		panic(err)
	}
	return roster.Fleet{"webex": phones.Store(), "libh3lp": chat.Store()}
}

// planned is the plan of a want.
func planned(ctx context.Context, fleet roster.Fleet, want roster.Want) roster.Plan {
	census, err := roster.Take(ctx, fleet)
	if err != nil {
		panic(err)
	}
	plan, err := want.Plan(census)
	if err != nil {
		panic(err)
	}
	return plan
}

func ExampleTake() {
	census, err := roster.Take(context.Background(), offices())
	if err != nil {
		fmt.Println(err)
		return
	}
	ana, err := census.Person("Ana.Silva@Example.com") // by key, login or any address
	if err != nil {
		fmt.Println(err)
		return
	}
	for account, user := range ana.Accounts {
		fmt.Println(account, user.DisplayName, len(census.Links(account, user.ID)), "links")
	}
	fmt.Println("webex:", census.Proof("webex").Verdict) // absence proves something in a complete list alone
	// Output:
	// webex Ana Silva 3 links
	// webex: complete
}

func ExampleWithPresence() {
	fleet := offices()
	census, err := roster.Take(context.Background(), fleet, roster.Only("ana.silva@example.com"), roster.WithPresence())
	if err != nil {
		fmt.Println(err)
		return
	}
	now, seen := census.Presence("webex", webextest.PersonAna)
	fmt.Println(seen, "blocked:", *now.Blocked)
	// Output: true blocked: false
}

// A want says what should be, the plan what that takes. Nothing is changed yet.
func ExampleWant_Plan() {
	ctx := context.Background()
	census, err := roster.Take(ctx, offices())
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := roster.Want{
		Blocked: []string{"ana.silva@example.com"},
		Gone:    []string{"hugo.marchand@library.example"},
	}.Plan(census)
	if err != nil {
		fmt.Println(err) // a name that two people have, for example: nothing is guessed
		return
	}
	for _, step := range plan.Steps {
		fmt.Println(step.Account, step.Login, step.Op)
	}
	// Output:
	// libh3lp hugo.marchand presence.block
	// libh3lp hugo.marchand users.delete
	// webex ana.silva@example.com presence.block
}

// The file that people write is read strictly: a member that is not known is an error
// with its place.
func ExampleParseWant() {
	want, err := roster.ParseWant([]byte(`{"blocked": ["ana.silva@example.com"]}`))
	fmt.Println(want.Blocked, err)
	_, err = roster.ParseWant([]byte(`{"blockd": ["ana.silva@example.com"]}`))
	fmt.Println(err)
	// Output:
	// [ana.silva@example.com] <nil>
	// want: blockd: there is no such member
}

// A queue is staffed by these people and by nobody else, and never by fewer than one.
func ExampleMembers() {
	ctx := context.Background()
	fleet := offices()
	plan := planned(ctx, fleet, roster.Want{Members: []roster.Members{{
		Account: "libh3lp", Target: core.Target{Kind: core.KindQueue, ID: "34816"}, Mode: roster.Exact,
		People: []string{"carla.mendes@library.example"}, Within: roster.Everyone, Floor: new(1),
	}}})
	for _, step := range plan.Steps {
		fmt.Println(step.Op, step.Login)
	}
	// Output:
	// assignments.add carla.mendes
	// assignments.remove elif.demir
	// assignments.remove hugo.marchand
	// assignments.remove ines.aldana
}

func ExampleRun_Apply() {
	ctx := context.Background()
	fleet := offices()
	journal, done := openExample() // roster.OpenFile("rollcall.journal")
	defer done()

	plan := planned(ctx, fleet, roster.Want{Blocked: []string{"ana.silva@example.com"}})
	run := roster.Run{Fleet: fleet, Journal: journal}
	for range 2 { // the second time there is nothing left to do
		report, err := run.Apply(ctx, plan)
		switch {
		case errors.Is(err, roster.ErrMoved): // somebody changed what the plan stands on: plan again
		case errors.Is(err, core.ErrPartial): // call it again: what is done stays done
		case err != nil:
			fmt.Println(err)
			return
		}
		fmt.Println(report.Applied, "applied,", report.Failed, "failed,", report.Unknown, "unknown")
	}
	// Output:
	// 1 applied, 0 failed, 0 unknown
	// 1 applied, 0 failed, 0 unknown
}

// A run is cut off in the middle. Any process that has the journal goes on with it.
func ExampleRun_Resume() {
	fleet := offices()
	journal, done := openExample()
	defer done()

	ctx, cut := context.WithCancel(context.Background())
	plan := planned(ctx, fleet, roster.Want{Blocked: []string{"ana.silva@example.com", "ben.okoro@example.com", "gita.rao@example.com"}})
	first := roster.Run{Fleet: fleet, Journal: journal, Workers: 1, Progress: func(roster.Event) { cut() }}
	_, err := first.Apply(ctx, plan)
	fmt.Println("cut off:", errors.Is(err, core.ErrCanceled))

	report, err := roster.Run{Fleet: fleet, Journal: journal}.Resume(context.Background(), plan.ID())
	fmt.Println(report.Applied, "applied", err)
	// Output:
	// cut off: true
	// 3 applied <nil>
}

// What was applied is taken back, as far as it is still as it was left.
func ExampleRun_Undo() {
	ctx := context.Background()
	fleet := offices()
	journal, done := openExample()
	defer done()

	plan := planned(ctx, fleet, roster.Want{Blocked: []string{"ana.silva@example.com"}})
	run := roster.Run{Fleet: fleet, Journal: journal}
	if _, err := run.Apply(ctx, plan); err != nil {
		fmt.Println(err)
		return
	}
	report, err := run.Undo(ctx, plan.ID())
	if err != nil {
		fmt.Println(err)
		return
	}
	now, err := fleet["webex"].Presence(ctx, webextest.PersonAna)
	fmt.Println(report.Applied, "undone, blocked:", *now.Blocked, err)
	// Output: 1 undone, blocked: false <nil>
}

// What was done until a time is undone by Reap, in any process that has the journal.
func ExampleRun_Reap() {
	ctx := context.Background()
	fleet := offices()
	journal, done := openExample()
	defer done()

	plan := planned(ctx, fleet, roster.Want{Blocked: []string{"ana.silva@example.com"}, Until: time.Now().Add(time.Hour)})
	run := roster.Run{Fleet: fleet, Journal: journal}
	if _, err := run.Apply(ctx, plan); err != nil {
		fmt.Println(err)
		return
	}
	reports, err := run.Reap(ctx)
	fmt.Println(len(reports), "due now", err)

	run.Now = func() time.Time { return time.Now().Add(2 * time.Hour) }
	reports, err = run.Reap(ctx)
	fmt.Println(len(reports), "due two hours later", err)
	// Output:
	// 0 due now <nil>
	// 1 due two hours later <nil>
}

// A plan that deletes more than is allowed writes nothing, until somebody who has read it
// releases just this plan.
func ExampleBudget() {
	ctx := context.Background()
	fleet := offices()
	journal, done := openExample()
	defer done()

	plan := planned(ctx, fleet, roster.Want{Gone: []string{"hugo.marchand@library.example", "ines.aldana@library.example"}})
	run := roster.Run{Fleet: fleet, Journal: journal, Budget: roster.Budget{Limits: []roster.Limit{{Op: core.OpDeleteUser, Most: 1}}}}
	_, err := run.Apply(ctx, plan)
	if over, ok := errors.AsType[*roster.OverBudget](err); ok {
		fmt.Println(over.Over[0].Limit, "planned:", over.Over[0].Planned)
	}

	run.Budget.Release = plan.ID()
	report, err := run.Apply(ctx, plan)
	fmt.Println(report.Failed, "failed", err)
	// Output:
	// users.delete: 1 planned: 2
	// 0 failed <nil>
}

// Doctor asks before a plan is applied whether the credentials may do it. It writes nothing.
func ExampleDoctor() {
	ctx := context.Background()
	fleet := offices()
	plan := planned(ctx, fleet, roster.Want{Blocked: []string{"ana.silva@example.com"}})
	found, err := roster.Doctor(ctx, fleet, plan)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range found {
		fmt.Println(d.Account, d.Op, d.Verdict)
	}
	// Output:
	// webex presence.get proven
	// webex presence.block unproven
}

// A plan is only applied where it was made: at this origin, for this account. No credential
// is a part of it, so a new password changes nothing.
func ExampleFleet_Fingerprint() {
	fmt.Println(offices().Fingerprint("webex"))
	// Output: webex https://webexapis.com/v1
}

// The file of a plan is what people read and release. One changed byte is refused.
func ExampleParsePlan() {
	plan := planned(context.Background(), offices(), roster.Want{Blocked: []string{"ana.silva@example.com"}})
	file, err := plan.Encode()
	if err != nil {
		fmt.Println(err)
		return
	}
	same, err := roster.ParsePlan(file)
	fmt.Println(same.ID() == plan.ID(), err)
	_, err = roster.ParsePlan(bytes.Replace(file, []byte("ana.silva"), []byte("ben.okoro"), 1))
	fmt.Println(errors.Is(err, roster.ErrRefused))
	// Output:
	// true <nil>
	// true
}

// What Undo would do, to be read before anybody does it.
func ExampleRun_Inverse() {
	ctx := context.Background()
	fleet := offices()
	journal, done := openExample()
	defer done()

	plan := planned(ctx, fleet, roster.Want{Blocked: []string{"ana.silva@example.com"}})
	run := roster.Run{Fleet: fleet, Journal: journal}
	if _, err := run.Apply(ctx, plan); err != nil {
		fmt.Println(err)
		return
	}
	inverse, err := run.Inverse(ctx, plan.ID())
	for _, step := range inverse.Steps {
		fmt.Println(step.Account, step.Login, step.Op)
	}
	fmt.Println(err)
	// Output:
	// webex ana.silva@example.com presence.unblock
	// <nil>
}

// One program accepts plans, and others carry them out.
func ExampleRun_Drive() {
	ctx := context.Background()
	fleet := offices()
	journal, done := openExample()
	defer done()
	run := roster.Run{Fleet: fleet, Journal: journal}

	plan := planned(ctx, fleet, roster.Want{Blocked: []string{"ana.silva@example.com"}})
	notes, err := run.Judge(ctx, plan) // nothing is written
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := journal.Begin(ctx, plan, notes...); err != nil {
		fmt.Println(err)
		return
	}

	report, err := run.Drive(ctx, plan.ID(), 0) // in another process
	fmt.Println(report.Applied, "applied", err)
	// Output: 1 applied <nil>
}

// Fleet.Forecast says what a plan costs before it is applied.
func ExampleFleet_Forecast() {
	ctx := context.Background()
	fleet := offices()
	plan := planned(ctx, fleet, roster.Want{Blocked: []string{"ana.silva@example.com", "ben.okoro@example.com"}})
	f := fleet.Forecast(plan, fleet.Governors())
	fmt.Println(f.Calls["webex"], "requests at Webex")
	// Output: 8 requests at Webex
}

// Status says from the journal alone how far a plan is. It sends nothing.
func ExampleStatus() {
	ctx := context.Background()
	fleet := offices()
	journal, done := openExample()
	defer done()

	plan := planned(ctx, fleet, roster.Want{Blocked: []string{"ana.silva@example.com"}})
	if _, err := (roster.Run{Fleet: fleet, Journal: journal}).Apply(ctx, plan); err != nil {
		fmt.Println(err)
		return
	}
	report, err := roster.Status(ctx, journal, plan.ID())
	fmt.Println(report.Applied, "applied, done:", report.Done(), err)
	// Output: 1 applied, done: true <nil>
}

// A receipt proves what was done for one person: offline, with the key that signed it.
func ExampleVerify() {
	ctx := context.Background()
	fleet := offices()
	journal, done := openExample()
	defer done()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		fmt.Println(err)
		return
	}

	plan := planned(ctx, fleet, roster.Want{Gone: []string{"hugo.marchand@library.example"}})
	if _, err := (roster.Run{Fleet: fleet, Journal: journal}).Apply(ctx, plan); err != nil {
		fmt.Println(err)
		return
	}
	receipt, err := roster.MakeReceipt(ctx, journal, plan.ID(), "hugo.marchand@library.example", roster.SignedBy(private))
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if _, err := receipt.WriteTo(&file); err != nil {
		fmt.Println(err)
		return
	}

	proof, err := roster.Verify(file.Bytes(), public)
	fmt.Println(proof.Person, len(proof.Report()), "steps", err)
	_, err = roster.Verify(bytes.Replace(file.Bytes(), []byte("hugo"), []byte("huge"), 1), public)
	fmt.Println("one changed byte is found:", err != nil)
	// Output:
	// hugo.marchand@library.example 2 steps <nil>
	// one changed byte is found: true
}

// Recheck looks again, weeks later: is somebody back who was gone?
func ExampleReceipt_Recheck() {
	ctx := context.Background()
	fleet := offices()
	journal, done := openExample()
	defer done()

	plan := planned(ctx, fleet, roster.Want{Gone: []string{"hugo.marchand@library.example"}})
	if _, err := (roster.Run{Fleet: fleet, Journal: journal}).Apply(ctx, plan); err != nil {
		fmt.Println(err)
		return
	}
	receipt, err := roster.MakeReceipt(ctx, journal, plan.ID(), "hugo.marchand@library.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	back := func() (n int) {
		looks, err := receipt.Recheck(ctx, fleet)
		if err != nil {
			fmt.Println(err)
		}
		for _, look := range looks {
			if look.Back {
				n++
			}
		}
		return n
	}
	fmt.Println("back:", back())

	if _, err := fleet["libh3lp"].CreateUser(ctx, core.UserSpec{Login: "hugo.marchand", Email: "hugo.marchand@library.example",
		Fields: map[string]any{"password": "a-first-password"}}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("back:", back() > 0)
	// Output:
	// back: 0
	// back: true
}

// The names in a journal or a receipt become pseudonyms, the same one for the same name.
func ExamplePseudonyms() {
	names, err := roster.NewPseudonyms([]byte("a key that is kept apart, 32 bytes"))
	if err != nil {
		fmt.Println(err)
		return
	}
	ana := names.Name("ana@example.com")
	fmt.Println(ana == "ana@example.com", ana == names.Name("ana@example.com"))
	// Output: false true
}

// What Apply would do, in words for the one who has to agree.
func ExamplePlan_WriteText() {
	ctx := context.Background()
	plan := planned(ctx, offices(), roster.Want{Blocked: []string{"ana.silva@example.com"}})
	if err := plan.WriteText(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// webex  ana.silva@example.com  presence.block
	// 1 step, 0 gaps, 0 held already; requests: 4 at webex.
}
