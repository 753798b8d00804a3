package lease

import (
	"context"
	"time"
)

// Block is how long the moments reach that a machine is leased at once, all machines
// together.
const Block = 100 * time.Millisecond

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

	// What was heard since the last ask: Accepted requests, the Fresh ones of them left
	// after the last cut; Refused ones did too, and RetryAfter came with the latest.
	Accepted, Fresh, Refused int
	RetryAfter               time.Duration
	UnderWay                 int
	Queued                   bool // callers had to wait

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
	At       int64   // the server's time, to put answers in order
}
