package redispace

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/internal/herd"
	"github.com/rollcall-go/rollcall/internal/servicetest"
)

// TestMain lets the test binary be one of the machines.
func TestMain(m *testing.M) {
	if os.Getenv("REDISPACE_VENDOR") != "" {
		machine()
		return
	}
	os.Exit(m.Run())
}

// machine sends requests to the vendor until that says that it is enough.
func machine() {
	o, err := redis.ParseURL(os.Getenv("REDISPACE_REDIS"))
	if err != nil {
		panic(err)
	}
	redis.SetLogger(silent{})
	o.MaxRetries = -1
	told, _ := strconv.ParseFloat(os.Getenv("REDISPACE_TOLD"), 64)
	callers, _ := strconv.Atoi(os.Getenv("REDISPACE_CALLERS"))
	g := New(redis.NewClient(o), os.Getenv("REDISPACE_NAME"), Limit("", told, 20))
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}

	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for {
				if g.Wait(context.Background(), "x") != nil {
					return
				}
				r, err := client.Get(os.Getenv("REDISPACE_VENDOR"))
				if err != nil {
					return
				}
				r.Body.Close()
				if r.StatusCode == http.StatusGone {
					g.Report("x", core.Verdict{})
					return
				}
				if r.StatusCode == http.StatusOK {
					g.Report("x", core.Verdict{})
					continue
				}
				g.Report("x", core.Verdict{Refused: true, RetryAfter: time.Second})
				time.Sleep(time.Second + rand.N(100*time.Millisecond))
			}
		})
	}
	wg.Wait()
}

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// TestProcesses is the table of README.md: 20 processes with 4 callers each at a vendor
// of 30 ms that allows 200 requests a second.
func TestProcesses(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute")
	}
	address := servicetest.Address(t, servicetest.Redis)
	const rate, n = 200, 2000
	bucket := func() herd.Vendor { return &herd.Tokens{Rate: rate, Burst: 20} }
	for _, c := range []struct {
		name          string
		told          float64
		vendor        func() herd.Vendor
		uneven, away  bool
		time, refused float64 // bounds; they are wide, because CI's machine is shared
	}{
		{"told", rate, bucket, false, false, 1.15, 0.01},
		{"told, uneven", rate, bucket, true, false, 1.15, 0.01},
		{"told, Redis away for 3 s", rate, bucket, false, true, 1.25, 0.02},
		{"learned", 0, bucket, false, false, 1.35, 0.06},
		{"learned, windows of 1 s", 0, func() herd.Vendor { return &herd.Windows{Size: rate, Length: time.Second} }, false, false, 1.45, 0.12},
	} {
		t.Run(c.name, func(t *testing.T) {
			var mu sync.Mutex
			vendor, accepted, refused := c.vendor(), 0, 0
			var first, last time.Time
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				mu.Lock()
				now := time.Now()
				if first.IsZero() {
					first = now
				}
				status := http.StatusTooManyRequests
				switch {
				case accepted == n:
					status = http.StatusGone
				case vendor.Admit(now):
					accepted++
					last, status = now, http.StatusOK
				default:
					refused++
				}
				mu.Unlock()
				time.Sleep(30 * time.Millisecond)
				w.WriteHeader(status)
			}))
			defer server.Close()

			address, shut := address, func(bool) {}
			if c.away {
				address, shut = behindGate(t, address)
			}
			name := fmt.Sprintf("test-%016x", rand.Uint64())
			var all []*exec.Cmd
			for i := range 20 {
				callers := 4
				if c.uneven && i == 0 {
					callers = 40
				}
				p := exec.Command(os.Args[0])
				p.Env = append(os.Environ(), "REDISPACE_VENDOR="+server.URL, "REDISPACE_REDIS="+address, "REDISPACE_NAME="+name,
					fmt.Sprint("REDISPACE_TOLD=", c.told), fmt.Sprint("REDISPACE_CALLERS=", callers))
				require.NoError(t, p.Start())
				t.Cleanup(func() { p.Process.Kill() })
				all = append(all, p)
			}
			if c.away {
				time.Sleep(3 * time.Second)
				shut(true)
				time.Sleep(3 * time.Second)
				shut(false)
			}
			for _, p := range all {
				require.NoError(t, p.Wait())
			}

			took := last.Sub(first).Seconds() / (float64(n) / rate)
			t.Logf("%.2f times the ideal, %.1f %% refused", took, 100*float64(refused)/n)
			require.LessOrEqual(t, float64(refused)/n, 2*c.refused)
			if os.Getenv("ROLLCALL_HERD") != "" { // the machine is this test's alone
				require.LessOrEqual(t, took, c.time)
				require.LessOrEqual(t, float64(refused)/n, c.refused)
			}
		})
	}
}

// behindGate puts a gate before Redis, which can be shut.
func behindGate(t *testing.T, address string) (string, func(shut bool)) {
	u, err := url.Parse(address)
	require.NoError(t, err)
	to := u.Host
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	u.Host = l.Addr().String()

	var mu sync.Mutex
	closed, conns := false, []net.Conn{}
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			mu.Lock()
			if err != nil || closed {
				in.Close()
				mu.Unlock()
				continue
			}
			conns = append(conns, in, out)
			mu.Unlock()
			for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
				go func() {
					buf := make([]byte, 32<<10)
					for {
						k, err := way[0].Read(buf)
						if err != nil {
							break
						}
						way[1].Write(buf[:k])
					}
					way[1].Close()
				}()
			}
		}
	}()
	return u.String(), func(shut bool) {
		mu.Lock()
		defer mu.Unlock()
		closed = shut
		if shut {
			for _, c := range conns {
				c.Close()
			}
			conns = nil
		}
	}
}
