package rest

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"
)

// stalling is the body of a stream: it lives as long as bytes keep coming, and
// is broken off when none came for a while.
type stalling struct {
	io.ReadCloser
	limit time.Duration
	timer *time.Timer
	stop  context.CancelFunc
	ended *atomic.Bool // the timer has broken it off
}

var errStalled = errors.New("nothing came for too long")

func newStalling(body io.ReadCloser, limit time.Duration, stop context.CancelFunc) *stalling {
	ended := new(atomic.Bool)
	timer := time.AfterFunc(limit, func() { ended.Store(true); stop() })
	timer.Stop() // until the first read
	return &stalling{body, limit, timer, stop, ended}
}

func (s *stalling) Read(p []byte) (int, error) {
	// Only the vendor's slowness counts, not the caller's between two reads.
	s.timer.Reset(s.limit)
	n, err := s.ReadCloser.Read(p)
	s.timer.Stop()
	if err != nil && err != io.EOF && s.ended.Load() {
		err = errStalled // and not a cancellation, which would look like the caller's
	}
	return n, err
}

func (s *stalling) Close() error {
	s.timer.Stop()
	err := s.ReadCloser.Close()
	s.stop()
	return err
}
