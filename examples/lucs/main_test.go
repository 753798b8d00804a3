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
	// 1. One agent is selectable: sip:mara.keller@example.internal.
	//    presence Online, blocked false, selectable true
	// 2. The agent is blocked. Nobody sees it in the messenger.
	//    presence Online, blocked true, selectable false
	//    task ticket-48113: Pending
	// 3. The agent is unblocked, and takes the task that was waiting.
	//    task ticket-48113: Accepted
	//    presence Online, blocked false, selectable false
	// 4. The presence is set to do not disturb.
	//    presence DoNotDisturb, blocked false, selectable false
}
