package avaya_test

import (
	"context"
	"fmt"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

// For a service: Avaya gives the application key, and the client's id and secret, when an
// application is registered ("Authentication"). Tokens are bought, kept and renewed by the
// client, once for all callers.
func ExampleClientCredentials() {
	sim := avayatest.NewServer(avayatest.WithSampleData())
	client, err := avaya.New(avaya.Config{
		BaseURL:       avayatest.Origin, // https://eu.api.avayacloud.com, by your region
		AccountID:     avayatest.AccountID,
		AppKey:        core.NewSecret(avayatest.AppKey), // os.Getenv("AVAYA_APP_KEY")
		Auth:          avaya.ClientCredentials{ID: avayatest.ClientID, Secret: core.NewSecret(avayatest.ClientSecret)},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	users, err := core.Collect(client.Users.List(context.Background(), avaya.UserListOptions{}))
	fmt.Println(len(users), err, len(sim.Requests("Token")), "token")
	// Output: 25 <nil> 1 token
}
