package webex_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// To try it out: a personal token from the developer portal, which lives for 12 hours. When
// it is refused, the call fails at once.
func ExampleBearer() {
	sim := webextest.NewServer(webextest.WithSampleData())
	client, err := webex.New(webex.Config{
		Tier: webex.Assist, Auth: webex.Bearer{Token: core.NewSecret("yesterdays-token")},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.People.Me(context.Background())
	fmt.Println(errors.Is(err, core.ErrUnauthenticated), len(sim.Requests("People.Me")), "request")
	// Output: true 1 request
}
