package core_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// play stands for a client of any vendor that makes one call, which is refused
// once for the rate. A real client is made with these options and tells the same.
func play(opts core.ClientOptions) {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	tell := func(kind core.EventKind, wait core.WaitReason, attempt, status int, took time.Duration) {
		opts.Observer(core.Event{Kind: kind, Vendor: "webex", Account: opts.Account, Op: "People.Update", Bucket: "api",
			Method: http.MethodPut, Path: "/people/{personId}", Attempt: attempt, Status: status, Wait: wait, Start: at, Took: took})
		at = at.Add(took)
	}
	tell(core.EventToken, "", 0, 0, 80*time.Millisecond)
	tell(core.EventWait, core.WaitPace, 0, 0, 500*time.Millisecond)
	tell(core.EventAttempt, "", 1, http.StatusTooManyRequests, 40*time.Millisecond)
	tell(core.EventWait, core.WaitRetry, 1, http.StatusTooManyRequests, 2*time.Second)
	tell(core.EventAttempt, "", 2, http.StatusOK, 60*time.Millisecond)
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
	play(core.ClientOptions{Account: "emea", Observer: observe})

	fmt.Println("refused:", requests[request{"webex", "emea", "People.Update", 429}])
	fmt.Println("done:", requests[request{"webex", "emea", "People.Update", 200}])
	fmt.Println("waited for the pace:", waited[core.WaitPace], "and to retry:", waited[core.WaitRetry])
	// Output:
	// refused: 1
	// done: 1
	// waited for the pace: 500ms and to retry: 2s
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
		fmt.Printf("%-14s %d requests, %d refused for the rate, %v waited\n", e.Op, requests, refused, waited)
	}
	play(core.ClientOptions{Observer: observe})
	// Output:
	// People.Update  0 requests, 0 refused for the rate, 500ms waited
	// People.Update  1 requests, 1 refused for the rate, 500ms waited
	// People.Update  1 requests, 1 refused for the rate, 2.5s waited
	// People.Update  2 requests, 1 refused for the rate, 2.5s waited
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
	srv := httptest.NewServer(http.NotFoundHandler()) // stands for the vendor
	defer srv.Close()
	opts := core.ClientOptions{Transport: spans{core.NewTransport()}}

	// What the client does in a call of its Users.Get.
	ctx := context.WithValue(context.Background(), core.OperationKey{}, "Users.Get")
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL, nil)
	if res, err := opts.Transport.RoundTrip(req); err == nil {
		res.Body.Close()
	}
	// Output:
	// span Users.Get begins
	// span Users.Get ends: 404
}

// One call of a client that is else patient: somebody waits, and would rather try again.
func ExampleWithMaxWait() {
	ctx := core.WithMaxAttempts(context.Background(), 1)
	ctx = core.WithMaxWait(ctx, 2*time.Second)
	fmt.Printf("%+v\n", core.CallLimitsOf(ctx)) // client.Users.Get(ctx, id)
	// Output: {MaxAttempts:1 MaxWait:2s}
}
