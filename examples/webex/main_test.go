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
	// Agent Number16: NOT_AVAILABLE
	// 13 assigned, 2 already, 1 refused, in 2 writes
}
