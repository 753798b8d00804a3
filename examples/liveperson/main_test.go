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
	// 14 of 14 moved to tier-2
	// 14 of 14 moved to tier-1
}
