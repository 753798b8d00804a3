// Package leaktest fails a package's tests where goroutines of ours are left when
// they are over.
package leaktest

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// Main runs a package's tests and ends the process. It is called from a function
// TestMain: by that name the goroutine that runs the tests is known.
func Main(m *testing.M) {
	debug.SetGCPercent(400) // simulators are made by the thousand, and live for a moment
	code := m.Run()
	if left := leftover(); code == 0 && left != "" {
		fmt.Fprintln(os.Stderr, "goroutines left:\n"+left)
		code = 1
	}
	os.Exit(code)
}

func leftover() string {
	deadline := time.After(3 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		buf := make([]byte, 1<<20)
		var left []string
		for g := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(g, "rollcall-go/rollcall/") && !strings.Contains(g, "TestMain") {
				left = append(left, g)
			}
		}
		if left == nil {
			return ""
		}
		select {
		case <-tick.C:
		case <-deadline:
			return strings.Join(left, "\n\n")
		}
	}
}
