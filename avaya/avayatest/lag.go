package avayatest

import (
	"net/http"
	"strings"
	"time"
)

// lagging makes reads lag behind writes. A second server with the same options gets
// each write later, and answers the reads.
type lagging struct {
	replica *Server
	late    []lateWrite

	at time.Time // the time at which the replica reads
}

// lateWrite is a write that the replica has not been told of.
type lateWrite struct {
	at time.Time
	r  *request
}

// now returns the time; for a replica, the time whose state it answers with.
func (s *Server) now() time.Time {
	if !s.at.IsZero() {
		return s.at
	}
	return time.Now()
}

// carryOut carries a request out, here or, if it is a read, at the replica.
func (s *Server) carryOut(r *request) answer {
	if s.replica == nil {
		return r.handle(s, r)
	}
	if reads(r) {
		s.tell(time.Now().Add(-s.cfg.readLag))
		return r.handle(s.replica, r)
	}

	a := r.handle(s, r)
	if a.problem == nil {
		s.late = append(s.late, lateWrite{time.Now(), r})
	}
	return a
}

func reads(r *request) bool {
	_, verb, _ := strings.Cut(r.op, ".")
	return r.Method == http.MethodGet || verb == "Search" || verb == "ListStatuses"
}

// tell makes the replica carry out what was written until then, each at its time.
func (s *Server) tell(until time.Time) {
	for len(s.late) > 0 && !s.late[0].at.After(until) {
		w := s.late[0]
		s.late = s.late[1:]
		s.replica.at = w.at
		s.replica.sweep(w.at)
		w.r.handle(s.replica, w.r)
	}
	s.replica.at = until
	s.replica.sweep(until)
}

// mirror does to the replica what a test has done to the server, and everything before
// it.
func (s *Server) mirror(do func(replica *Server)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.replica != nil {
		s.tell(time.Now())
		do(s.replica)
	}
}

// LagReads makes all reads lag by d from now on: see [WithReadLag]. They show nothing
// older than what there is now; with zero they lag no more. The server must have been
// made with a lag.
func (s *Server) LagReads(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell(time.Now())
	s.cfg.readLag = d
}
