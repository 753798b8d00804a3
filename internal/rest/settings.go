package rest

import (
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/pace"
)

// Settings is what the options that all vendors have change, on the way to a
// Config. Its methods check what they are given.
type Settings struct {
	Config
	// AllowHTTP allows base URLs with plain http to other machines.
	AllowHTTP bool
	limits    []pace.Option
}

// LimitRate tells the governor a limit of the vendor's, of one bucket or with ""
// of all.
func (s *Settings) LimitRate(bucket string, perSecond float64, burst int) error {
	if !(perSecond > 0) || burst < 1 {
		return s.invalid("a rate limit needs a positive rate and a burst of at least 1")
	}
	s.limits = append(s.limits, pace.Limit(bucket, perSecond, burst))
	return nil
}

// LimitAttempts bounds how often one call is sent.
func (s *Settings) LimitAttempts(n int) error {
	if n < 1 {
		return s.invalid("a call needs at least one attempt")
	}
	s.MaxAttempts = n
	return nil
}

// LimitWait bounds a single wait that the vendor asks for.
func (s *Settings) LimitWait(d time.Duration) error {
	if d <= 0 {
		return s.invalid("the longest wait must be positive")
	}
	s.MaxWait = d
	return nil
}

// LimitPacing bounds all waits for the rate of one call that has no deadline.
func (s *Settings) LimitPacing(d time.Duration) error {
	if d <= 0 {
		return s.invalid("the longest time of waiting for the rate must be positive")
	}
	s.MaxPacing = d
	return nil
}

// LimitAttemptTime bounds one attempt.
func (s *Settings) LimitAttemptTime(d time.Duration) error {
	if d <= 0 {
		return s.invalid("the time of an attempt must be positive")
	}
	s.AttemptTimeout = d
	return nil
}

// Finish brings what the caller did not: the governor in memory.
func (s *Settings) Finish() {
	if s.Governor == nil {
		s.Governor = pace.New(s.limits...)
	}
}

func (s *Settings) invalid(why string) error {
	e := core.Invalid(s.Vendor, "New", why)
	e.Account = s.Account
	return e
}
