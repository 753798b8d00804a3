package riverroster_test

import (
	"context"
	"errors"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/core/roster/pgroster"
	"github.com/rollcall-go/rollcall/core/roster/riverroster"
)

// A machine that takes part in whatever plans are submitted, until it is told to stop.
func ExampleDriver_Work() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if err := errors.Join(pgroster.Migrate(ctx, pool), riverroster.Migrate(ctx, pool, "")); err != nil {
		log.Fatal(err)
	}

	var fleet roster.Fleet // the stores by account
	d, err := riverroster.New(riverroster.Config{
		Pool: pool, Journal: pgroster.Open(pool), Run: roster.Run{Fleet: fleet, Workers: 8},
		Ended: func(report *roster.Report) { log.Print(report) },
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := d.Work(ctx, false); err != nil {
		log.Fatal(err)
	}
}

// Submit queues a plan for the machines that work.
func ExampleDriver_Submit() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()

	var fleet roster.Fleet
	var plan roster.Plan
	budget := roster.Budget{Limits: []roster.Limit{{Op: "users.delete", Most: 5}}}
	d, err := riverroster.New(riverroster.Config{Pool: pool, Journal: pgroster.Open(pool), Run: roster.Run{Fleet: fleet, Budget: budget}})
	if err != nil {
		log.Fatal(err)
	}
	if err := d.Submit(ctx, plan); err != nil {
		log.Fatal(err) // *roster.OverBudget: nothing was queued
	}
}
