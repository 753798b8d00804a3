package roster

import (
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// Step is one write of a plan, for one person at one account.
type Step struct {
	// ID is person/account/operation, with a target behind it where one is meant: the
	// same for the same want on the same world.
	ID string `json:"id"`
	// Lane is the account and the user. The steps of a lane run in order, and lanes run
	// side by side.
	Lane string `json:"lane"`
	// Op is what is done.
	Op core.Operation `json:"op"`
	// Account is the name of the account in the fleet. User is the id at the vendor,
	// empty until a create has told it, and Login is for people.
	Account string `json:"account"`
	User    string `json:"user,omitzero"`
	Login   string `json:"login,omitzero"`
	// Links are what an assignment step adds, removes, suspends or resumes: one user's
	// links go together, because that is one write at most vendors.
	Links []core.Assignment `json:"links,omitzero"`
	// Change is what an update changes.
	Change *core.UserChange `json:"change,omitzero"`
	// Spec is whom a create creates. Password is the name of the secret, never the secret.
	Spec     *core.UserSpec `json:"spec,omitzero"`
	Password string         `json:"password,omitzero"`
	// Block is what an unblock restores. Only inverses have it.
	Block *core.Block `json:"block,omitzero"`
	// If is what the planner saw. It is checked at the moment of the step: where it no
	// longer holds the step is not begun and its lane stops.
	If *Seen `json:"if,omitzero"`
	// After names steps of other lanes that must be done before.
	After []string `json:"after,omitzero"`
	// Floor is looked at just before a step that takes somebody away from a target.
	Floor *Floor `json:"floor,omitzero"`
	// Calls is how many requests the step takes when nothing goes wrong.
	Calls int `json:"calls"`
}

// Person returns the key of the person whom the step is about.
func (s Step) Person() string {
	person, _, _ := strings.Cut(s.ID, "/"+s.Account+"/")
	return person
}

// Seen is what a planner saw of the subject of a step.
type Seen struct {
	// Revision is the user's revision, where the vendor has one for a single user.
	Revision core.Revision `json:"revision,omitzero"`
	// Values are fields of the user as they were: neutral fields by their name and
	// vendor fields by their wire name. Nil stands for absent or empty.
	Values map[string]any `json:"values,omitzero"`
	// Links are assignments of the user as they were. One of the step's links that is
	// not among them was not there.
	Links []core.Assignment `json:"links,omitzero"`
	// Blocked is whether an administrator kept work away from the user.
	Blocked *bool `json:"blocked,omitzero"`
}

// Floor is the least number of people who stay linked to a target and are not
// suspended.
type Floor struct {
	Target core.Target `json:"target"`
	Least  int         `json:"least"`
}

// laneOf names the lane of a user. A user without an id yet goes by the login.
func laneOf(account, id, login string) string {
	if id == "" {
		return account + "/login:" + fold(login)
	}
	return account + "/" + id
}

// stepID names a step, the same for the same want on the same world.
func stepID(person, account string, op core.Operation, target ...core.Target) string {
	var id strings.Builder
	id.WriteString(person + "/" + account + "/" + string(op))
	for _, t := range target {
		id.WriteString("/" + t.String())
	}
	return id.String()
}
