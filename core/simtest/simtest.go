package simtest

import (
	"net/http"
	"time"
)

// Fault is one scripted deviation from what a simulator would do. It is addressed
// by operation and by the number of the request: the first of that operation, the second, ...
//
// The zero values mean: every operation, the first matching request, once, and
// nothing wrong with it. Set one of the effects.
type Fault struct {
	// Op is the name of the operation, as in the errors, events and logs of the vendor's
	// client, for example "Users.Get"; empty matches all. A name that the simulator does
	// not know panics: see its Operations.
	Op string
	// Match, if set, must also accept the request. Its body may be read freely.
	Match func(r *http.Request, body []byte) bool
	// Skip is how many matching requests pass before the fault strikes.
	Skip int
	// Times is how many matching requests it then strikes: 0 means one, -1 all.
	Times int

	// Delay holds the request back before anything else happens.
	Delay time.Duration
	// Status, if set, is answered instead of carrying out the request.
	Status int
	// Effect carries the request out before Status is answered.
	Effect bool
	// Header is added to the answer, whether real or the fault's own.
	Header http.Header
	// RetryAfter, if set, is sent verbatim as Retry-After.
	RetryAfter string
	// Body and ContentType are the answer's, with Status.
	Body        string
	ContentType string
	// Drop breaks the connection before the request has any effect.
	Drop bool
	// LoseAnswer carries the request out and breaks the connection before a
	// byte of the answer is sent.
	LoseAnswer bool
	// CutBody carries the request out, announces the whole answer, sends only
	// this many bytes of its body, and breaks the connection.
	CutBody int
}

// Request is one request as the simulator received it.
type Request struct {
	Op     string
	Method string
	Path   string // escaped, as it came
	Query  string
	Header http.Header
	Body   []byte
	At     time.Time
	// Status is what was answered, or 0 where the connection was broken.
	Status int
}
