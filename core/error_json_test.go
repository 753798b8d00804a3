package core_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// TestErrorJSON_HoldsTheFacts and no cause: the hint stands behind the words, a wait that
// was begun counts as a second, and what was never said reads as "no".
func TestErrorJSON_HoldsTheFacts(t *testing.T) {
	e := &core.Error{Vendor: "desk", Account: "north", Op: "users.create", Class: core.ClassUnavailable, Status: 502, Code: "E7",
		Message: "bad\ngateway", Hint: "look before creating again", RequestID: "r1", Applied: core.AppliedUnknown,
		Doubt: "attempt 1: the connection was lost", Attempts: 2, RetryAfter: 1100 * time.Millisecond, Err: errors.New("secret cause")}

	text, err := json.Marshal(e)

	require.NoError(t, err)
	require.JSONEq(t, `{"vendor":"desk","account":"north","op":"users.create","class":"unavailable","status":502,"code":"E7",
		"message":"bad gateway; look before creating again","requestId":"r1","applied":"unknown",
		"doubt":"attempt 1: the connection was lost","attempts":2,"retryAfterSeconds":2}`, string(text))

	var back core.Error
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, core.Error{Vendor: "desk", Account: "north", Op: "users.create", Class: core.ClassUnavailable, Status: 502, Code: "E7",
		Message: "bad gateway; look before creating again", RequestID: "r1", Applied: core.AppliedUnknown,
		Doubt: "attempt 1: the connection was lost", Attempts: 2, RetryAfter: 2 * time.Second}, back)

	for want, e := range map[string]core.Error{
		`"message":"ask","requestId":"","applied":"no"`:       {Hint: "ask"},
		`"message":"Forbidden","requestId":"","applied":"no"`: {Status: 403},
	} {
		text, err := json.Marshal(&e)
		require.NoError(t, err)
		require.Contains(t, string(text), want)
	}
	require.Error(t, json.Unmarshal([]byte(`{"status":"four"}`), &back))
}

// TestOutcomeJSON_KeepsItsCause as an error with its class and what is known of the change,
// so that a record of a run that is read back says the same.
func TestOutcomeJSON_KeepsItsCause(t *testing.T) {
	sales := core.Target{Kind: core.KindQueue, ID: "q", Name: "Sales"}
	o := core.Outcome{Assignment: core.Assignment{UserID: "u1", Target: sales, Level: new(2)},
		Result: core.ResultUnknown, Code: "E7", Message: "lost", Before: &core.Assignment{UserID: "u1", Suspended: true},
		Err: &core.Error{Vendor: "desk", Op: "assignments.add", Class: core.ClassUnavailable, Applied: core.AppliedUnknown, Attempts: 1}}
	text, err := json.Marshal(o)
	require.NoError(t, err)

	var back core.Outcome
	require.NoError(t, json.Unmarshal(text, &back))

	require.Equal(t, o, back)
	require.ErrorIs(t, back.Err, core.ErrUnavailable)
	require.Equal(t, core.AppliedUnknown, back.Applied())

	text, err = json.Marshal(core.Outcome{Result: core.ResultApplied, Err: errors.New("not one of ours")})
	require.NoError(t, err)
	require.NotContains(t, string(text), "error")
	back = core.Outcome{}
	require.NoError(t, json.Unmarshal(text, &back))
	require.NoError(t, back.Err)
	require.Error(t, json.Unmarshal([]byte(`{"result":7}`), &back))
}
