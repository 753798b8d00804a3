package lease

import (
	"context"
	"time"
)

// Block is how long the moments reach that a machine is leased at once, all machines
// together, unless the Config says otherwise.
const Block = 100 * time.Millisecond

// What a server does about machines that were away. RejoinAfter is how long ago a machine
// that was not away must have asked: then all were, and they wait for RejoinWithin, in which
// each of them asks at least once. Until all are back there is no burst.
const (
	RejoinAfter  = 300 * time.Millisecond
	RejoinWithin = 2 * ping
)

// Server keeps the pace of one credential.
type Server interface {
	// Take leases moments, and takes what the ask reports. It is asked without N to
	// report alone.
	Take(ctx context.Context, a Ask) (Grant, error)
}

// Limit is what a vendor says it allows; the zero value is not known.
type Limit struct {
	PerSecond float64
	Burst     int
}

// Ask is one question of one machine about one bucket.
type Ask struct {
	Bucket, Machine string
	// N moments are wanted, for urgent callers or for the others.
	N      int
	Urgent bool
	Block  time.Duration // how long they may reach; 0 stands for the constant

	// What was heard since the last ask: Accepted requests, the Fresh ones of them left
	// after the last cut; Refused ones did too, and RetryAfter came with the latest.
	Accepted, Fresh, Refused int
	RetryAfter               time.Duration
	UnderWay                 int
	Queued                   bool // callers had to wait
	Away                     bool // the machine did without the server until now

	// What the machine was told and knows, for a server that knows nothing.
	Told  Limit
	Epoch int64
	Rate  float64
	Next  time.Duration // from now until the moment after the last that it was leased
}

// Grant is the answer.
type Grant struct {
	// K moments, Spacing apart, the first of them First from now.
	K              int
	First, Spacing time.Duration
	// Retry is when to ask again, where K is 0 and moments were wanted.
	Retry time.Duration

	Rate     float64 // requests a second; 0: there is no pace yet
	Open     bool    // there is no pace, and no need to ask
	Epoch    int64   // rises with every cut
	Machines int     // seen lately
	Told     Limit   // the lowest limit that a machine was told
	Refusing bool    // everything was refused lately
	// Rejoin is how long a machine that was away still does without the server. Those that
	// come back at the same time do so at one moment: who came earlier would lease what the
	// others send beside it.
	Rejoin time.Duration
	At     int64 // the server's time, to put answers in order
}
