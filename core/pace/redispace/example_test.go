package redispace_test

import (
	"context"
	"fmt"
	"log"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/pace/redispace"
)

// Two machines share the limit of one credential. A client does the same through
// core.ClientOptions: set its Governor.
func ExampleNew() {
	server, err := miniredis.Run() // in production: the address of your Redis
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	machine := func() core.Governor {
		rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
		return redispace.New(rdb, "avaya-prod", redispace.Limit("", 50, 10), redispace.Notice(func(text string) { log.Print(text) }))
	}
	for _, governor := range []core.Governor{machine(), machine()} {
		if err := governor.Wait(context.Background(), "api"); err != nil {
			log.Fatal(err)
		}
		governor.Report("api", core.Verdict{}) // the request was accepted
		fmt.Println("sent")
	}
	// Output:
	// sent
	// sent
}
