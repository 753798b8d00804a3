package pgroster_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/core/roster/pgroster"
)

// The journal of a run is in PostgreSQL. The same program on another machine takes part
// in the same plan.
func ExampleOpen() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if err := pgroster.Migrate(ctx, pool); err != nil {
		log.Fatal(err)
	}

	var fleet roster.Fleet // the stores by account
	var plan roster.Plan   // of a want and a census
	run := roster.Run{Fleet: fleet, Journal: pgroster.Open(pool, pgroster.Notice(func(text string) { log.Print(text) }))}
	report, err := run.Apply(ctx, plan)
	if err != nil && !errors.Is(err, core.ErrPartial) {
		log.Fatal(err)
	}
	fmt.Println(report)
}

// A limit that several machines share without a Redis.
func ExampleNewGovernor() {
	pool, err := pgxpool.New(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()

	governor := pgroster.NewGovernor(pool, "avaya-prod", pgroster.Limit("", 50, 10))
	options := core.ClientOptions{Governor: governor} // of the client's Config
	fmt.Println(options.Governor != nil)
}
