package core_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

// A change names what to do: what it does not name keeps its value.
func ExampleOpt() {
	change := core.UserChange{
		Email:       core.Set("dana@example.com"),
		DisplayName: core.Clear[string](),
	}
	fmt.Println("email:", change.Email.Or("kept"))
	fmt.Println("display name cleared:", change.DisplayName.IsClear())
	fmt.Println("last name kept:", change.LastName.IsZero())
	// Output:
	// email: dana@example.com
	// display name cleared: true
	// last name kept: true
}

// On the wire the three states are a value, null, and nothing at all.
func ExampleOpt_json() {
	var body struct {
		Email core.Opt[string] `json:"email,omitzero"`
		Phone core.Opt[string] `json:"phone,omitzero"`
		Floor core.Opt[int]    `json:"floor,omitzero"`
	}
	body.Email = core.Set("")
	body.Phone = core.Clear[string]()
	data, _ := json.Marshal(body)
	fmt.Println(string(data))
	// Output: {"email":"","phone":null}
}

// Errors of every vendor are sorted out in the same words.
func ExampleError() {
	err := fmt.Errorf("roster sync: %w", &core.Error{
		Vendor: "avaya", Op: "Users.Create", Class: core.ClassConflict, Status: 409,
		Code: "2004", Message: "loginId: already in use", Applied: core.AppliedNo, Attempts: 1,
	})
	switch {
	case errors.Is(err, core.ErrConflict):
		fmt.Println("the login is taken")
	case errors.Is(err, errors.ErrUnsupported):
		fmt.Println("this vendor cannot do that")
	}
	if e, ok := errors.AsType[*core.Error](err); ok {
		fmt.Println(e.Vendor, e.Code, "applied:", e.Applied)
	}
	fmt.Println(err)
	// Output:
	// the login is taken
	// avaya 2004 applied: no
	// roster sync: avaya: Users.Create: conflict: 409 Conflict (2004): loginId: already in use
}

// A call of several changes says how each of them ended.
func ExamplePartialError() {
	queue := core.Target{Kind: core.KindQueue, ID: "sales"}
	err := storekit.OutcomesError("avaya", "Assignments.Assign", []core.Outcome{
		{Assignment: core.Assignment{UserID: "u1", Target: queue}, Result: core.ResultApplied},
		{Assignment: core.Assignment{UserID: "u2", Target: queue}, Result: core.ResultFailed, Message: "no such user",
			Err: &core.Error{Vendor: "avaya", Op: "Users.Get", Class: core.ClassNotFound}},
	})
	if part, ok := errors.AsType[*core.PartialError](err); ok {
		for _, o := range part.Outcomes {
			fmt.Println(o.Assignment, o.Result)
		}
	}
	fmt.Println(errors.Is(err, core.ErrNotFound))
	// Output:
	// u1 → queue:sales applied
	// u2 → queue:sales failed
	// true
}

func ExampleSecret() {
	password := core.NewSecret("correct horse")
	fmt.Printf("%v %+v %#v\n", password, core.UserSpec{Login: "dana", Password: password}.Password, password)
	fmt.Println(password.Reveal())
	// Output:
	// [redacted] [redacted] [redacted]
	// correct horse
}

func ExampleParseTarget() {
	target, err := core.ParseTarget("queue:42")
	fmt.Println(target.Kind, target.ID, err)
	_, err = core.ParseTarget("team:42")
	fmt.Println(err)
	// Output:
	// queue 42 <nil>
	// target "team:42": no kind "team"
}

func ExampleParseLevelled() {
	target, level, err := core.ParseLevelled("queue:42@3")
	fmt.Println(target, *level, err)
	// Output: queue:42 3 <nil>
}

// Names are compared as the stores compare them: case, blanks at either end and the form of
// composition do not count, and of an address neither does the spelling of its domain.
func ExampleFoldAddress() {
	fmt.Println(core.Fold(" José ") == core.Fold("JOSE\u0301"))
	fmt.Println(core.FoldAddress("Kim@bücher.example") == core.FoldAddress("kim@xn--bcher-kva.example"))
	// Output:
	// true
	// true
}

// A table of people with a column for each neutral field, also for those to come.
func ExampleFields() {
	u := core.User{Login: "ana.silva", LastName: "Silva", Enabled: new(false)}
	for _, name := range core.Fields() {
		if v := u.Field(name); v != nil {
			fmt.Println(name, v)
		}
	}
	// Output:
	// login ana.silva
	// lastName Silva
	// enabled false
}
