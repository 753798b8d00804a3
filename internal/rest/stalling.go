package rest

import (
	"context"
	"io"
	"time"
)

// stalling is the body of a stream: it lives as long as bytes keep coming, and
// is broken off when none came for a while.
type stalling struct {
	io.ReadCloser
	limit time.Duration
	timer *time.Timer
	stop  context.CancelFunc
}

func newStalling(body io.ReadCloser, limit time.Duration, stop context.CancelFunc) *stalling {
	return &stalling{ReadCloser: body, limit: limit, timer: time.AfterFunc(limit, stop), stop: stop}
}

func (s *stalling) Read(p []byte) (int, error) {
	// Only the vendor's slowness counts, not the caller's between two reads.
	s.timer.Reset(s.limit)
	n, err := s.ReadCloser.Read(p)
	s.timer.Stop()
	return n, err
}

func (s *stalling) Close() error {
	s.timer.Stop()
	err := s.ReadCloser.Close()
	s.stop()
	return err
}
