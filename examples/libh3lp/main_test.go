package main

import (
	"context"
	"os"
)

func Example() {
	if err := run(context.Background(), os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// ref-main has 7 operators, 6 of them enabled
	// 6 of 6 suspended
	// ref-main is unavailable
	// 6 of 6 resumed
}
