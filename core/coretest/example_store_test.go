package coretest_test

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"testing"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/core/storekit"
)

// phonebook is the smallest store there is: people who can be read, and nothing else. A
// store of your own begins like this, says what it lacks and why, and takes one operation
// after the other from there. Package storekit has the tools, and the suite says what is
// still missing.
type phonebook struct{ people []core.User }

var _ core.Store = phonebook{}

const directory = "directory" // the vendor's name, in errors and users

const whyRead = "the directory can only be read"

func (p phonebook) Capabilities() core.Capabilities {
	c := core.Capabilities{Vendor: directory, Operations: map[core.Operation]core.Capability{
		core.OpListUsers: storekit.Offers("directory.read"), core.OpGetUser: storekit.Offers("directory.read"),
	}}
	for _, op := range core.Operations() {
		if _, offered := c.Operations[op]; !offered {
			c.Operations[op] = storekit.Lacks(whyRead)
		}
	}
	for _, name := range core.Fields() {
		f := core.FieldCapability{Name: name, Note: whyRead}
		if name == "login" || name == "displayName" {
			f.Wire, f.Readable = string(name), true
		}
		c.Fields = append(c.Fields, f)
	}
	return c
}

// ListUsers is lazy, and can be ranged over again.
func (p phonebook) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	return func(yield func(core.User, error) bool) {
		if q.Email != "" { // a field that it lacks
			yield(core.User{}, core.Unsupported(directory, string(core.OpListUsers), "the directory has no addresses"))
			return
		}
		for _, u := range p.people {
			if err := p.ended(ctx, core.OpListUsers); err != nil {
				yield(core.User{}, err)
				return
			}
			if q.Login != "" && core.FoldAddress(q.Login) != core.FoldAddress(u.Login) {
				continue
			}
			if !yield(u, nil) {
				return
			}
		}
	}
}

func (p phonebook) GetUser(ctx context.Context, id string) (core.User, error) {
	if _, err := strconv.ParseUint(id, 10, 64); err != nil {
		return core.User{}, core.Invalid(directory, string(core.OpGetUser), "the id of the user is not a number")
	}
	if err := p.ended(ctx, core.OpGetUser); err != nil {
		return core.User{}, err
	}
	for _, u := range p.people {
		if u.ID == id {
			return u, nil
		}
	}
	return core.User{}, &core.Error{Vendor: directory, Op: string(core.OpGetUser), Class: core.ClassNotFound, Applied: core.AppliedNo,
		Message: "there is nobody with this id"}
}

// ended is the error of a context that has ended.
func (phonebook) ended(ctx context.Context, op core.Operation) error {
	if ctx.Err() == nil {
		return nil
	}
	return &core.Error{Vendor: directory, Op: string(op), Class: core.ClassCanceled, Applied: core.AppliedNo, Err: ctx.Err()}
}

func (phonebook) Close(context.Context) error { return nil }

// What a vendor lacks is refused before anything is sent.

func lacks(op core.Operation) error { return core.Unsupported(directory, string(op), whyRead) }

func (phonebook) CreateUser(context.Context, core.UserSpec) (core.User, error) {
	return core.User{}, lacks(core.OpCreateUser)
}

func (phonebook) UpdateUser(context.Context, string, core.UserChange) (core.User, error) {
	return core.User{}, lacks(core.OpUpdateUser)
}

func (phonebook) DeleteUser(context.Context, string) error { return lacks(core.OpDeleteUser) }

func (phonebook) ListTargets(context.Context, core.TargetQuery) iter.Seq2[core.Target, error] {
	return func(yield func(core.Target, error) bool) { yield(core.Target{}, lacks(core.OpListTargets)) }
}

func (phonebook) ListAssignments(_ context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		op := core.OpListAll
		switch {
		case q.UserID != "":
			op = core.OpListByUser
		case !q.IsZero():
			op = core.OpListByTarget
		}
		yield(core.Assignment{}, lacks(op))
	}
}

func (phonebook) Assign(context.Context, ...core.Assignment) ([]core.Outcome, error) {
	return nil, lacks(core.OpAssign)
}

func (phonebook) Unassign(context.Context, ...core.Assignment) ([]core.Outcome, error) {
	return nil, lacks(core.OpUnassign)
}

func (phonebook) Suspend(context.Context, ...core.Assignment) ([]core.Outcome, error) {
	return nil, lacks(core.OpSuspend)
}

func (phonebook) Resume(context.Context, ...core.Assignment) ([]core.Outcome, error) {
	return nil, lacks(core.OpResume)
}

func (phonebook) Presence(context.Context, string) (core.Presence, error) {
	return core.Presence{}, lacks(core.OpPresence)
}

func (phonebook) SetPresence(context.Context, string, core.Availability) error {
	return lacks(core.OpSetPresence)
}

func (phonebook) Block(context.Context, string) (core.Block, error) {
	return core.Block{}, lacks(core.OpBlock)
}

func (phonebook) Unblock(context.Context, string, ...core.Block) error { return lacks(core.OpUnblock) }

func (phonebook) LiftBlocks(context.Context, string) error { return lacks(core.OpLiftBlocks) }

// checkPhonebook is what your own test function does.
func checkPhonebook(t *testing.T) {
	coretest.TestStore(t, func(*testing.T) coretest.Fixture {
		return coretest.Fixture{
			Store: phonebook{people: []core.User{
				{Vendor: directory, ID: "1", Login: "ana@example.com", DisplayName: "Ana", Native: "row 1"},
				{Vendor: directory, ID: "2", Login: "bo@example.com", DisplayName: "Bo", Native: "row 2"},
			}},
			UserID: "1", OtherID: "2", UnknownID: "3",
		}
	}, coretest.VirtualTime())
}

// A store of a sixth vendor, and the test that checks all that core promises of it.
func ExampleTestStore() {
	users, err := core.Collect(phonebook{people: []core.User{{ID: "1", Login: "ana@example.com"}}}.
		ListUsers(context.Background(), core.UserQuery{Login: " Ana@Example.COM"}))
	fmt.Println(len(users), err)
	_ = checkPhonebook // func TestPhonebook(t *testing.T) { … }
	// Output: 1 <nil>
}
