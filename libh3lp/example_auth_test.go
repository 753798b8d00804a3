package libh3lp_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// For a service: name and password of the top-level account, or of a user who may
// administer others ("Authentication"). One session serves all callers. A refused login is
// not tried again for a minute.
func ExampleLogin() {
	sim := libh3lptest.NewServer(libh3lptest.WithSampleData())
	client, err := libh3lp.New(libh3lp.Config{
		Region:        libh3lp.US,
		Auth:          libh3lp.Login{Username: libh3lptest.Username, Password: core.NewSecret("a wrong one")},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		_, err = core.Collect(client.Users.List(context.Background()))
	}
	fmt.Println(errors.Is(err, core.ErrUnauthenticated), len(sim.Requests("Login")), "login")
	// Output: true 1 login
}

// Where a subscription takes HTTP Basic, which the vendor's pages contradict each other
// about: no session is opened.
func ExampleBasic() {
	sim := libh3lptest.NewServer(libh3lptest.WithSampleData(), libh3lptest.WithBasicAuth())
	client, err := libh3lp.New(libh3lp.Config{
		Region:        libh3lp.US,
		Auth:          libh3lp.Basic{Username: libh3lptest.Username, Password: core.NewSecret(libh3lptest.Password)},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	queues, err := core.Collect(client.Queues.List(context.Background()))
	fmt.Println(len(queues), err, len(sim.Requests("Login")), "logins")
	// Output: 5 <nil> 0 logins
}
