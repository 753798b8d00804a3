// Report runs the benchmarks in turns and prints the table.
//
//	go run ./cmd/report              everything, 4 to 6 minutes
//	go run ./cmd/report -only W1,W3  a part
//	go run ./cmd/report -short       under a minute, for CI: fails on allocations,
//	                                 memory, connections and lost calls only
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/rollcall-go/rollcall/internal/bench"
)

func main() {
	bench.ServeIfAsked()
	short := flag.Bool("short", false, "run under a minute and judge nothing that depends on time")
	only := flag.String("only", "", "what to run, of W1,W2,W3,W4; everything if empty")
	flag.Parse()
	ok, err := run(*short, strings.FieldsFunc(*only, func(r rune) bool { return r == ',' }))
	if err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

func run(short bool, only []string) (ok bool, err error) {
	server, err := bench.StartServer()
	if err != nil {
		return false, err
	}
	defer server.Close()
	ctx := context.Background()
	if err := bench.FirstBeforeLast(ctx); err != nil {
		return false, err
	}
	table, err := (&bench.Suite{Server: server, Short: short}).Run(ctx, only)
	table.Print(os.Stdout)
	if err != nil {
		return false, err
	}
	misses := table.Misses(short)
	for _, m := range misses {
		fmt.Println("\nmissed:", m)
	}
	return len(misses) == 0, nil
}
