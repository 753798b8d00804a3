package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/servicetest"
)

// behind puts a gate before the address that a variable names, and returns what shuts it.
func (s *site) behind(name, address string) (set func(shut bool)) {
	s.env[name], set = servicetest.Gate(s.t, address)
	return set
}

func TestNight_WaitsForADatabaseThatIsAway(t *testing.T) {
	s := newSite(t, 20*time.Millisecond)
	s.done("migrate")
	file, _ := s.plan(120)
	s.done("submit", file)
	gate := s.behind("NIGHTSHIFT_DATABASE_URL", s.env["NIGHTSHIFT_DATABASE_URL"])
	p := s.start("work", "--until-idle", "--workers", "4", "--claim-ttl", "2s")
	s.until("the work begins", 30*time.Second, func() bool { return len(s.writes()) > 20 })

	gate(true)
	time.Sleep(time.Second)
	before := len(s.writes())
	time.Sleep(2 * time.Second)
	require.Equal(t, before, len(s.writes()), "nothing is sent that cannot be written down")
	gate(false)

	require.Equal(t, 0, p.code(time.Minute), p.err.String())
	require.Equal(t, 1, strings.Count(p.err.String(), "the database cannot be reached"), p.err.String())
	s.once(120)
	s.nothingHeld()
}

func TestNight_GoesOnWithoutRedis(t *testing.T) {
	s := newSite(t, 0)
	address := servicetest.Address(t, servicetest.Redis)
	s.done("migrate")
	file, _ := s.plan(100)
	s.done("submit", file)
	gate := s.behind("NIGHTSHIFT_REDIS_URL", address)
	start := time.Now()
	p := s.start("work", "--until-idle", "--rate", "libh3lp=60/5")
	s.until("the work begins", 30*time.Second, func() bool { return len(s.writes()) > 10 })
	gate(true)
	time.Sleep(2 * time.Second)
	gate(false)

	require.Equal(t, 0, p.code(time.Minute), p.err.String())
	require.Equal(t, 1, strings.Count(p.err.String(), "the shared rate limit cannot be reached"), p.err.String())
	s.once(100)
	require.Greater(t, time.Since(start), time.Duration(len(s.sim.Requests())-5)*time.Second/65, "the limit is kept")
}
