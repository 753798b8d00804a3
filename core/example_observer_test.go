package core_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// played returns a client with these options, and a simulator that refuses its first
// People.Get for the rate. The client of any vendor takes the same options.
func played(opts core.ClientOptions) *webex.Client {
	sim := webextest.NewServer(webextest.WithSampleData())
	sim.Fault(webextest.Fault{Op: "People.Get", Status: http.StatusTooManyRequests, RetryAfter: "1"})
	if opts.Transport == nil {
		opts.Transport = sim.Transport()
	}
	client, err := webex.New(webex.Config{ClientOptions: opts, Tier: webex.Assist,
		Auth: webex.Bearer{Token: core.NewSecret(webextest.Bearer)}})
	if err != nil {
		panic(err)
	}
	return client
}

// Metrics: a counter of requests and a sum of waits, with labels that are few. Where
// this counts in maps, a Prometheus client has CounterVecs:
//
//	requests.WithLabelValues(e.Vendor, e.Account, e.Op, strconv.Itoa(e.Status)).Inc()
func ExampleObserver_metrics() {
	type request struct {
		vendor, account, op string
		status              int
	}
	var mu sync.Mutex
	requests := map[request]int{}
	waited := map[core.WaitReason]time.Duration{}

	observe := func(e core.Event) {
		mu.Lock()
		defer mu.Unlock()
		switch e.Kind {
		case core.EventAttempt:
			requests[request{e.Vendor, e.Account, e.Op, e.Status}]++
		case core.EventWait:
			waited[e.Wait] += e.Took
		}
	}
	client := played(core.ClientOptions{Account: "emea", Observer: observe})
	if _, err := client.People.Get(context.Background(), webextest.PersonAna); err != nil {
		fmt.Println(err)
	}

	fmt.Println("refused:", requests[request{"webex", "emea", "People.Get", 429}])
	fmt.Println("done:", requests[request{"webex", "emea", "People.Get", 200}])
	fmt.Println("waited to retry:", waited[core.WaitRetry].Round(time.Second))
	// Output:
	// refused: 1
	// done: 1
	// waited to retry: 1s
}

// Progress: one line that says what a long job does and why it takes its time. On a
// terminal, print "\r" before it and no newline.
func ExampleObserver_progress() {
	var mu sync.Mutex
	var requests, refused int
	var waited time.Duration

	observe := func(e core.Event) {
		mu.Lock()
		defer mu.Unlock()
		switch e.Kind {
		case core.EventAttempt:
			requests++
			if e.Status == http.StatusTooManyRequests {
				refused++
			}
		case core.EventWait:
			waited += e.Took
		default:
			return
		}
		fmt.Printf("%s: %d requests, %d refused for the rate, %v waited\n", e.Op, requests, refused, waited.Round(time.Second))
	}
	client := played(core.ClientOptions{Observer: observe})
	if _, err := client.People.Get(context.Background(), webextest.PersonAna); err != nil {
		fmt.Println(err)
	}
	// Output:
	// People.Get: 1 requests, 1 refused for the rate, 0s waited
	// People.Get: 1 requests, 1 refused for the rate, 1s waited
	// People.Get: 2 requests, 1 refused for the rate, 1s waited
}

// spans makes a span of each attempt, as otelhttp does, but named by what the client
// does and not "HTTP PUT". With OpenTelemetry:
//
//	otelhttp.NewTransport(core.NewTransport(), otelhttp.WithSpanNameFormatter(
//		func(_ string, r *http.Request) string { return core.OperationOf(r.Context()) }))
type spans struct{ next http.RoundTripper }

func (s spans) RoundTrip(r *http.Request) (*http.Response, error) {
	name := core.OperationOf(r.Context())
	fmt.Println("span", name, "begins")
	res, err := s.next.RoundTrip(r)
	if err == nil {
		fmt.Println("span", name, "ends:", res.StatusCode)
	}
	return res, err
}

// Traces: a transport that knows the operation, around the client's own. Spans become
// children of the caller's, because the context is the caller's too.
func ExampleOperationOf() {
	sim := webextest.NewServer(webextest.WithSampleData())                  // stands for the vendor
	client := played(core.ClientOptions{Transport: spans{sim.Transport()}}) // in your program, spans{core.NewTransport()}
	if _, err := client.People.Get(context.Background(), webextest.PersonAna); err != nil {
		fmt.Println(err)
	}
	// Output:
	// span People.Get begins
	// span People.Get ends: 200
}

// Tighter bounds for one call, where a person waits and would rather try again.
func ExampleWithMaxWait() {
	ctx := core.WithMaxAttempts(context.Background(), 1)
	ctx = core.WithMaxWait(ctx, 2*time.Second)
	client := played(core.ClientOptions{})
	_, err := client.People.Get(ctx, webextest.PersonAna)
	fmt.Println(err == nil) // a refusal for the rate is no attempt, and its wait is within the bound
	fmt.Printf("%+v\n", core.CallLimitsOf(ctx))
	// Output:
	// true
	// {MaxAttempts:1 MaxWait:2s}
}
