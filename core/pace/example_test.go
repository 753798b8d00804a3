package pace_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/pace"
)

// client stands for a client of any vendor: it knows of its governor only what core
// says.
type client struct{ governor core.Governor }

func (c client) get(ctx context.Context) error {
	if err := c.governor.Wait(ctx, "users"); err != nil {
		return err
	}
	c.governor.Report("users", core.Verdict{}) // the vendor accepted it
	return nil
}

// Two clients of one credential share one governor, and so the credential's limit.
func ExampleNew() {
	governor := pace.New(pace.Limit("", 100, 10)) // 100 requests a second, 10 at once
	web, nightly := client{governor}, client{governor}

	start := time.Now()
	var wg sync.WaitGroup
	for _, c := range []client{web, nightly} {
		for range 25 {
			wg.Go(func() { _ = c.get(context.Background()) })
		}
	}
	wg.Wait()

	fmt.Println("the limit was kept:", time.Since(start) > 400*time.Millisecond)
	// Output: the limit was kept: true
}

// An urgent call does not stand in line behind bulk work.
func ExampleGovernor_Wait() {
	c := client{pace.New(pace.Limit("", 50, 1))}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for range 500 { // ten seconds' work
		wg.Go(func() { _ = c.get(ctx) })
	}
	time.Sleep(50 * time.Millisecond)

	start := time.Now()
	err := c.get(core.WithPriority(ctx, core.Urgent))
	fmt.Println(err, time.Since(start) < time.Second)

	cancel() // the rest of the bulk work
	wg.Wait()
	// Output: <nil> true
}

// A call that has less time than its turn needs is told so at once.
func ExampleGovernor_Wait_deadline() {
	c := client{pace.New(pace.Limit("", 0.5, 1))}
	_ = c.get(context.Background())

	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := c.get(ctx)
	fmt.Println(core.ClassOf(err), ctx.Err())
	// Output: rate_limited <nil>
}

// Say how long a piece of work will take before it begins.
func ExampleGovernor_Forecast() {
	governor := pace.New(pace.Limit("", 10, 1))
	if d, ok := governor.Forecast("users", 1200); ok {
		fmt.Println("about", d.Round(time.Minute))
	}
	// Output: about 2m0s
}

// Look at a bucket, for a metric or a status page.
func ExampleGovernor_State() {
	governor := pace.New(pace.Limit("", 50, 10))
	s := governor.State("users")
	fmt.Printf("%.0f of %.0f requests a second, %d waiting, %d refused lately\n", s.Rate, s.Limit, s.Waiting, s.RefusedLately)
	// Output: 49 of 50 requests a second, 0 waiting, 0 refused lately
}
