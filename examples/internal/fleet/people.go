package fleet

import (
	"context"
	"fmt"
	"strings"
	"sync"

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

// Account is a person whose vendor was reached.
type Account struct {
	Person
	Store core.Store
}

// Reach opens a store for each person, before anything is done at any of them:
// a missing setting must not leave the job half done. End closes them all.
func Reach(people []Person, s Settings, sim bool) (accounts []Account, end func(context.Context), err error) {
	var ends []func(context.Context)
	end = func(ctx context.Context) {
		for _, f := range ends {
			f(ctx)
		}
	}
	for _, p := range people {
		store, close, err := p.Vendor.Connect(s, sim)
		if err != nil {
			end(context.Background())
			return nil, nil, fmt.Errorf("%s: %w", p.Vendor.Name, err)
		}
		ends = append(ends, close)
		accounts = append(accounts, Account{p, store})
	}
	return accounts, end, nil
}

// Find looks the person up.
func (a Account) Find(ctx context.Context) (core.User, error) {
	for u, err := range a.Store.ListUsers(ctx, core.UserQuery{Login: a.Login}) {
		return u, err
	}
	return core.User{}, &core.Error{Vendor: a.Vendor.Name, Op: "Users.List", Class: core.ClassNotFound,
		Message: "nobody has the login " + a.Login, Applied: core.AppliedNo}
}

// Each does something for all accounts at once and returns when all are done.
// What one of them meets does not stop the others.
func Each[T any](accounts []Account, do func(Account) T) []T {
	out := make([]T, len(accounts))
	var wg sync.WaitGroup
	for i, a := range accounts {
		wg.Go(func() { out[i] = do(a) })
	}
	wg.Wait()
	return out
}
