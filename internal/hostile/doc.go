// Package hostile holds a test of all vendors' stores against servers that lie,
// break and lag. It has no code of its own beyond its tests.
//
// Each vendor has a small server (avaya_test.go, ...), written from the vendor's
// documents and sharing nothing with the simulators or the clients. It keeps a
// world, which is what is true. A fault stands between the server and the store: it
// keeps a change from being made, or spoils the answer to one that was made, or
// shows an old world. Every operation of every store is tried with every fault,
// and judge compares what the call claims with what the world says.
//
// A vendor's own clear lie is counted apart, as believed: "not found" in the
// vendor's words after a delete, or the new state of a user that was not changed.
//
//	go test ./internal/hostile                  a fifth of the cells (with -short a fifth of these)
//	go test ./internal/hostile -hostile.all     all of them (or ROLLCALL_HOSTILE=all)
//	go test ./internal/hostile -run Matrix -v   the table of counts
//	go test ./internal/hostile -run Only -v -hostile.only 'webex: delete: 200, error'
//	                                            single cells, with their requests
//
// TestBounds answers the same operations over TCP with floods: answers that are small for
// the sender, and meant to cost whoever reads them memory or time. It prints what they
// cost, and fails where that is out of proportion to what was received.
//
//	go test ./internal/hostile -run Bounds -v                  a few cells, of 4 MB
//	go test ./internal/hostile -run Bounds -v -hostile.all     every thirteenth, of 8 MB
//	go test ./internal/hostile -run Bounds -v -hostile.size 33554432 -hostile.only 'webex: get'
//	go test ./internal/hostile -run Bounds -v -hostile.size 8388608 -hostile.deadline 4s -hostile.every 3
//	                              -hostile.only ': (get|update): .* in place of'
//
// What -hostile.only takes is a regular expression. The table has a row for each vendor and
// kind of flood, with its worst cell. On a busy machine a longer deadline shows more of the
// memory; what was late counts only where this process was busy itself.
//
// README.md has the table of the last run, and what is known to be near the bounds. The
// operations that no store uses are answered with the same floods in internal/allclients.
//
// To add an operation, add an op to the vendor's file: how it is run, and how the
// world tells that it was done. TestNoFault shows whether the server knows enough.
package hostile
