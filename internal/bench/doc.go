// Package bench measures what rollcall costs beside hand-written net/http with
// encoding/json, the floor, and beside a plain go-retryablehttp client. All of
// them do the same work against the same server in the same run, in turns, and
// what is reported are ratios to the floor.
//
// The server is another process, the same program started again, so that
// allocations and CPU time are the client's alone.
//
//	payload.go  what the server sends
//	server.go   the server and its process
//	plain.go    the floor and go-retryablehttp
//	sdk.go      rollcall as a user gets it
//	get.go      W1: one get
//	list.go     W2: a long list, a user at a time
//	crowd.go    W3: 64 callers
//	limit.go    W4: mutations against a rate limit
//	jobs.go     the journal, the run and its resume
//	report.go   the table
package bench
