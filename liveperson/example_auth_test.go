package liveperson_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

// For a service: an administrator registers an application with the scope users.external
// ("OAuth 2.0 Client Credentials"). Tokens are bought, kept and renewed by the client.
func ExampleClientCredentials() {
	sim := livepersontest.NewServer(livepersontest.WithSampleData())
	client, err := liveperson.New(liveperson.Config{
		AccountID: livepersontest.AccountID, DomainURL: "https://" + livepersontest.HostDomain, // leave out DomainURL
		Auth:          liveperson.ClientCredentials{ID: livepersontest.ClientID, Secret: core.NewSecret(livepersontest.ClientSecret)},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	skills, err := core.Collect(client.Skills.List(context.Background(), liveperson.SkillListOptions{}))
	fmt.Println(len(skills), err, len(sim.Requests("Token")), "token")
	// Output: 4 <nil> 1 token
}

// With an API key: an administrator makes one in the Campaign Builder, under Data Sources,
// API, with the category Administration and the permission Users ("Create OAuth 1.0 API
// Keys"). Each request is signed, and there is nothing to renew.
func ExampleAPIKey() {
	sim := livepersontest.NewServer(livepersontest.WithSampleData())
	client, err := liveperson.New(liveperson.Config{
		AccountID: livepersontest.AccountID, DomainURL: "https://" + livepersontest.HostDomain, // leave out DomainURL
		Auth: liveperson.APIKey{
			AppKey: livepersontest.ConsumerKey, Secret: core.NewSecret(livepersontest.ConsumerSecret),
			AccessToken: core.NewSecret(livepersontest.AccessToken), AccessTokenSecret: core.NewSecret(livepersontest.AccessTokenSecret),
		},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	skills, err := core.Collect(client.Skills.List(context.Background(), liveperson.SkillListOptions{}))
	fmt.Println(len(skills), err, len(sim.Requests("Token")), "tokens")
	// Output: 4 <nil> 0 tokens
}

// A credential that is a user's own is told, so that a job never locks itself out. Keys and
// applications are nobody's.
func ExampleStore_OwnUserID() {
	ctx := context.Background()
	sim := livepersontest.NewServer(livepersontest.WithSampleData())
	client, err := liveperson.New(liveperson.Config{
		AccountID: livepersontest.AccountID, DomainURL: "https://" + livepersontest.HostDomain, // leave out DomainURL
		Auth:          liveperson.Login{Username: livepersontest.Username, Password: core.NewSecret(livepersontest.Password)},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close(ctx) // logs out
	own, err := client.Store().OwnUserID(ctx)
	fmt.Println(own != "", err)

	application, _ := exampleClient()
	_, err = application.Store().OwnUserID(ctx)
	fmt.Println(errors.Is(err, core.ErrUnsupported))
	// Output:
	// true <nil>
	// true
}
