// Package pace is the governor that lives in memory: it paces the requests of one
// credential, rate bucket by rate bucket, for all callers together.
//
//	governor := pace.New(pace.Limit("", 10, 20)) // the vendor allows 10 requests a second, 20 at once
//
// Every client makes one for itself. Make one yourself to share it between several
// clients of one credential, to wrap it, or to look at its State. Never share one
// between vendors or credentials.
//
// A bucket whose limit was told is kept just under it. Any other bucket is left
// alone until the vendor refuses a request; then the governor learns a pace from
// what is accepted and refused, and climbs back with care. It only ever spaces
// requests out: it does not stop everybody, and so never has a crowd to let loose.
//
// Callers take turns in the order in which they came. Urgent ones
// (core.WithPriority) overtake the others, which still get at least half of the
// turns.
//
// README.md beside this file tells how it works.
package pace
