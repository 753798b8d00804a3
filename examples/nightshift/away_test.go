package main

import (
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/servicetest"
)

// gate stands before a server and can be shut: connections end, and new ones do too.
type gate struct {
	net.Listener
	to string

	mu    sync.Mutex
	shut  bool
	conns map[net.Conn]bool
}

func newGate(t *testing.T, to string) *gate {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	g := &gate{Listener: l, to: to, conns: map[net.Conn]bool{}}
	t.Cleanup(func() { l.Close(); g.set(true) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go g.pass(c)
		}
	}()
	return g
}

func (g *gate) pass(in net.Conn) {
	defer in.Close()
	out, err := net.Dial("tcp", g.to)
	if err != nil || !g.add(in, out) {
		return
	}
	defer out.Close()
	go func() { io.Copy(out, in); out.Close() }()
	io.Copy(in, out)
}

func (g *gate) add(conns ...net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range conns {
		g.conns[c] = true
	}
	return !g.shut
}

func (g *gate) set(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = shut
	if shut {
		for c := range g.conns {
			c.Close()
		}
		clear(g.conns)
	}
}

// behind puts a gate before the address that a variable names.
func (s *site) behind(name, address string) *gate {
	u, err := url.Parse(address)
	require.NoError(s.t, err)
	g := newGate(s.t, u.Host)
	u.Host = g.Addr().String()
	s.env[name] = u.String()
	return g
}

func TestNight_WaitsForADatabaseThatIsAway(t *testing.T) {
	s := newSite(t, 20*time.Millisecond)
	s.done("migrate")
	file, _ := s.plan(120)
	s.done("submit", file)
	g := s.behind("NIGHTSHIFT_DATABASE_URL", s.env["NIGHTSHIFT_DATABASE_URL"])
	p := s.start("work", "--until-idle", "--workers", "4", "--claim-ttl", "2s")
	s.until("the work begins", 30*time.Second, func() bool { return len(s.writes()) > 20 })

	g.set(true)
	time.Sleep(time.Second)
	before := len(s.writes())
	time.Sleep(2 * time.Second)
	require.Equal(t, before, len(s.writes()), "nothing is sent that cannot be written down")
	g.set(false)

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
	g := s.behind("NIGHTSHIFT_REDIS_URL", address)
	start := time.Now()
	p := s.start("work", "--until-idle", "--rate", "libh3lp=60/5")
	s.until("the work begins", 30*time.Second, func() bool { return len(s.writes()) > 10 })
	g.set(true)
	time.Sleep(2 * time.Second)
	g.set(false)

	require.Equal(t, 0, p.code(time.Minute), p.err.String())
	require.Equal(t, 1, strings.Count(p.err.String(), "the shared rate limit cannot be reached"), p.err.String())
	s.once(100)
	require.Greater(t, time.Since(start), time.Duration(len(s.sim.Requests())-5)*time.Second/65, "the limit is kept")
}
