package fleet

import (
	"context"
	"fmt"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// Person is one person at one vendor.
type Person struct {
	Vendor Vendor
	Login  string
}

// ParsePeople reads VENDOR=LOGIN texts. None at all means a sample person at
// every vendor, for a run on the simulators.
func ParsePeople(args []string, sim bool) ([]Person, error) {
	var people []Person
	for _, arg := range args {
		name, login, ok := strings.Cut(arg, "=")
		if !ok || login == "" {
			return nil, fmt.Errorf("%q is not VENDOR=LOGIN", arg)
		}
		v, err := Named(name)
		if err != nil {
			return nil, err
		}
		people = append(people, Person{v, login})
	}

	if len(people) == 0 && sim {
		for _, v := range All {
			people = append(people, Person{v, v.Sample})
		}
	}
	if len(people) == 0 {
		return nil, fmt.Errorf("nobody is named: VENDOR=LOGIN for each vendor where the person works")
	}
	return people, nil
}

// Group returns the accounts where people work, and the logins at each.
func Group(people []Person) (members []Member, logins map[string][]string) {
	logins = map[string][]string{}
	for _, p := range people {
		if logins[p.Vendor.Name] == nil {
			members = append(members, Member{Name: p.Vendor.Name, Vendor: p.Vendor})
		}
		logins[p.Vendor.Name] = append(logins[p.Vendor.Name], p.Login)
	}
	return members, logins
}

// Find looks somebody up by the login.
func Find(ctx context.Context, store core.Store, login string) (core.User, error) {
	for u, err := range store.ListUsers(ctx, core.UserQuery{Login: login}) {
		return u, err
	}
	return core.User{}, &core.Error{Vendor: store.Capabilities().Vendor, Op: string(core.OpListUsers), Class: core.ClassNotFound,
		Message: "nobody has the login " + login, Applied: core.AppliedNo}
}
