package webex_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// exampleClient returns a client of a simulated organisation, in the tier Customer
// Assist. Your own has no Transport.
func exampleClient(opts ...webex.Option) (*webex.Client, *webextest.Server) {
	sim := webextest.NewServer(webextest.WithSampleData())
	c, err := webex.New(webex.Config{ClientOptions: core.ClientOptions{Transport: sim.Transport()}, Auth: webex.Bearer{Token: core.NewSecret(webextest.Bearer)}, Tier: webex.Assist}, opts...)
	if err != nil {
		panic(err)
	}
	return c, sim
}

func Example() {
	ctx := context.Background()
	c, _ := exampleClient()
	p, err := c.People.Modify(ctx, webextest.PersonAna, func(p *webex.Person) error {
		p.Title = core.Set("Team lead")
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.DisplayName.Or(""), p.Title.Or(""), len(p.Licenses) > 0)
	// Output: Ana Silva Team lead true
}

func ExampleNew() {
	_, err := webex.New(webex.Config{Auth: webex.Bearer{Token: core.NewSecret("a personal token")}})
	fmt.Println(err)
	// Output: webex: New: invalid: Tier is missing: Basic or Assist
}

func ExampleRefresh() {
	sim := webextest.NewServer(webextest.WithSampleData(), webextest.WithRefreshRotation())
	var kept core.Secret // in a file, or wherever secrets are kept
	c, err := webex.New(webex.Config{ClientOptions: core.ClientOptions{Transport: sim.Transport()}, Tier: webex.Basic, Auth: webex.Refresh{
		ClientID: webextest.ClientID, ClientSecret: core.NewSecret(webextest.ClientSecret), RefreshToken: core.NewSecret(webextest.RefreshToken),
		Granted: func(_ context.Context, g webex.Grant) error {
			kept = g.RefreshToken
			return nil
		},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	me, err := c.People.Me(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(me.DisplayName.Or(""), kept, kept.Reveal() != webextest.RefreshToken)
	// Output: Nora Lind [redacted] true
}

func ExampleTokenSource() {
	sim := webextest.NewServer(webextest.WithSampleData())
	// For example that of golang.org/x/oauth2: tok, err := source.Token(), and its
	// AccessToken and Expiry.
	source := webex.TokenSource(func(context.Context) (webex.Token, error) {
		return webex.Token{Value: core.NewSecret(webextest.Bearer)}, nil
	})
	c, err := webex.New(webex.Config{ClientOptions: core.ClientOptions{Transport: sim.Transport()}, Tier: webex.Basic, Auth: source})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = c.People.Me(context.Background())
	fmt.Println(err)
	// Output: <nil>
}

func ExampleClient_InTier() {
	ctx := context.Background()
	c, _ := exampleClient()
	for _, tier := range []webex.Tier{webex.Assist, webex.Basic} {
		supervisors, err := core.Collect(c.InTier(tier).Supervisors.List(ctx, webex.SupervisorListOptions{}))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(tier, supervisors[0].Name())
	}
	// Output:
	// assist Dana Reyes
	// basic Frank Huber
}

func ExampleID() {
	sent := webex.ID("Y2lzY29zcGFyazovL3VzL1BMQUNFLzVkMmU4ZjkwLTdjMWEtNGIzZC04ZTZmLTkwYTFiMmMzZDQwNA")
	came := webex.ID("Y2lzY29zcGFyazovL3VzL1BFT1BMRS81ZDJlOGY5MC03YzFhLTRiM2QtOGU2Zi05MGExYjJjM2Q0MDQ=")
	fmt.Println(sent.Type(), came.Type(), sent.Same(came), sent.Same("5d2e8f90-7c1a-4b3d-8e6f-90a1b2c3d404"))
	fmt.Println(sent.Key())
	fmt.Println(webex.ID("5d2e8f90-7c1a-4b3d-8e6f-90a1b2c3d404").Hydra(webex.TypeWorkspace) == sent)
	// Output:
	// PLACE PEOPLE true true
	// 5d2e8f90-7c1a-4b3d-8e6f-90a1b2c3d404
	// true
}

func ExamplePeople_List() {
	c, _ := exampleClient()
	for p, err := range c.People.List(context.Background(), webex.PersonListOptions{DisplayName: "Da"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(p.Login(), p.LoginEnabled.Or(false))
	}
	// Output: dana.reyes@example.com true
}

func ExamplePeople_Get() {
	c, _ := exampleClient()
	p, err := c.People.Get(context.Background(), "7a9d4e12-0c34-4f7b-8d10-2b5e6f70a102") // or the Hydra id
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.DisplayName.Or(""), p.ID == webextest.PersonAna)
	_, err = c.People.Get(context.Background(), "7a9d4e12-0000-4000-8000-000000000000")
	fmt.Println(errors.Is(err, core.ErrNotFound))
	// Output:
	// Ana Silva true
	// true
}

func ExamplePeople_Me() {
	c, _ := exampleClient()
	p, err := c.People.Me(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.DisplayName.Or(""))
	// Output: Nora Lind
}

func ExamplePeople_Create() {
	c, _ := exampleClient()
	p, err := c.People.Create(context.Background(), webex.Person{
		Emails: []string{"kim.park@example.test"}, FirstName: core.Set("Kim"), LastName: core.Set("Park"),
		// A calling user has licence, location and extension from the beginning.
		Licenses: []webex.ID{webextest.LicenseProfessional}, LocationID: core.Set[webex.ID](webextest.LocationAustin), Extension: core.Set("1099"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.ID != "", p.DisplayName.Or(""))
	// Output: true Kim Park
}

func ExamplePeople_Replace() {
	ctx := context.Background()
	c, sim := exampleClient()
	p, err := c.People.Get(ctx, webextest.PersonMarco)
	if err != nil {
		fmt.Println(err)
		return
	}
	bare := webex.Person{ID: p.ID, Emails: p.Emails, DisplayName: p.DisplayName, LoginEnabled: p.LoginEnabled}
	_, err = c.People.Replace(ctx, bare) // all that is left out is deleted
	stored, _ := sim.Person(webextest.PersonMarco)
	fmt.Println(stored["displayName"], stored["firstName"], err)
	// Output: Marco Rossi <nil> <nil>
}

func ExamplePeople_Modify() {
	ctx := context.Background()
	c, _ := exampleClient()
	_, err := c.People.Modify(ctx, webextest.PersonAna, func(p *webex.Person) error {
		p.LocationID = core.Set[webex.ID](webextest.LocationPorto)
		return nil
	})
	fmt.Println(errors.Is(err, core.ErrInvalid))
	// Output: true
}

func ExamplePeople_Delete() {
	ctx := context.Background()
	c, _ := exampleClient()
	fmt.Println(c.People.Delete(ctx, webextest.PersonMarco))
	fmt.Println(errors.Is(c.People.Delete(ctx, webextest.PersonMarco), core.ErrNotFound))
	// Output:
	// <nil>
	// true
}

func ExampleStore_CreateUser() {
	ctx := context.Background()
	c, _ := exampleClient()
	u, err := c.Store().CreateUser(ctx, core.UserSpec{Login: "kim@example.test", FirstName: "Kim", LastName: "Park"})
	fmt.Println(u.Login, u.DisplayName, err)
	// Output: kim@example.test Kim Park <nil>
}

func ExampleStore_UpdateUser() {
	ctx := context.Background()
	c, sim := exampleClient()
	u, err := c.Store().UpdateUser(ctx, webextest.PersonAna, core.UserChange{LastName: core.Set("Sousa")}) // and nothing else
	stored, _ := sim.Person(webextest.PersonAna)
	fmt.Println(u.LastName, stored["extension"], err)
	// Output: Sousa 1060 <nil>
}

func ExampleStore_Presence() {
	ctx := context.Background()
	c, _ := exampleClient()
	p, err := c.Store().Presence(ctx, webextest.PersonJulia) // who does not share it
	fmt.Println(p.Availability, p.Routable == nil, err)
	// Output: unknown true <nil>
}

func ExampleStore_Block() {
	ctx := context.Background()
	c, _ := exampleClient()
	s := c.Store()
	made, err := s.Block(ctx, webextest.PersonAna)
	fmt.Println(made.Changed, err)
	again, err := s.Block(ctx, webextest.PersonAna)
	fmt.Println(again.Changed, err)
	fmt.Println(s.Unblock(ctx, webextest.PersonAna, made))
	// Output:
	// [loginEnabled] <nil>
	// [] <nil>
	// <nil>
}
