package lucs_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

// An administrator generates the key in the WebConfigurator, for the organization units that
// it shall see. A wrong key and a missing role are the same to the server, a 401, which is
// returned at once: there is nothing to renew.
func ExampleAPIKey() {
	sim := lucstest.NewServer(lucstest.WithSampleData())
	client, err := lucs.New(lucs.Config{
		BaseURL:       lucstest.Origin,
		Auth:          lucs.APIKey{Key: core.NewSecret("a wrong key")}, // Header and Prefix: see the server's Swagger page
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = core.Collect(client.Services.List(context.Background()))
	fmt.Println(errors.Is(err, core.ErrUnauthenticated), len(sim.Requests()), "request")
	// Output: true 1 request
}
