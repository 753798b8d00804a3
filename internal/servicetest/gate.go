package servicetest

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// Gate puts a gate before a server, and returns the gate's address. While it is shut,
// connections end, and new ones do too.
func Gate(t testing.TB, address string) (string, func(shut bool)) {
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	g := &gate{to: u.Host, conns: map[net.Conn]bool{}}
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

	u.Host = l.Addr().String()
	return u.String(), g.set
}

type gate struct {
	to    string
	mu    sync.Mutex
	shut  bool
	conns map[net.Conn]bool
}

func (g *gate) pass(in net.Conn) {
	defer in.Close()

	out, err := net.Dial("tcp", g.to)
	if err != nil {
		return
	}
	defer out.Close()

	if !g.add(in, out) {
		return
	}

	// Either side that ends closes the other: see the deferred calls.
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
