// Command avaya hires a night's worth of agents at Avaya at once, against a
// simulator, and prints what became of each: the shape of an onboarding job.
//
//	go run ./examples/avaya
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

func main() {
	srv := avayatest.NewServer(avayatest.WithSampleData())
	defer srv.Close()
	// One of them cannot get a role, which the vendor says after it said yes.
	srv.Fail(avayatest.Failure{Op: "Users.Create", Roles: true, Skip: 3})
	if err := run(context.Background(), os.Stdout, srv); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, srv *avayatest.Server) error {
	base, err := srv.Start()
	if err != nil {
		return err
	}
	client, err := avaya.New(avaya.Config{
		BaseURL: base, AccountID: avayatest.AccountID, AppKey: core.NewSecret(avayatest.AppKey),
		Auth: avaya.ClientCredentials{ID: avayatest.ClientID, Secret: core.NewSecret(avayatest.ClientSecret)},
	}, avaya.WithSettleWait(core.Wait{First: 100 * time.Millisecond}))
	if err != nil {
		return err
	}
	return hire(ctx, out, client.Store(), 20)
}

// hire creates n agents side by side, waits for each, and prints a receipt. The
// client paces the crowd; nothing here does.
func hire(ctx context.Context, out io.Writer, store *avaya.Store, n int) error {
	receipts := make([]string, n)
	var group errgroup.Group
	for i := range n {
		group.Go(func() error {
			login := fmt.Sprintf("night.%02d@example.com", i)
			receipts[i] = login + ": " + hireOne(ctx, store, login)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, r := range receipts {
		fmt.Fprintln(out, r)
	}
	return nil
}

func hireOne(ctx context.Context, store *avaya.Store, login string) string {
	u, err := store.CreateUser(ctx, core.UserSpec{Login: login, FirstName: "Night", LastName: "Agent", Roles: []string{avaya.RoleAgent}})
	if err != nil {
		return err.Error()
	}
	s, err := store.Settle(ctx, u.ID, core.SettleAfter(core.Created))
	if err != nil {
		return err.Error()
	}
	return string(s.State)
}
