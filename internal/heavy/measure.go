package heavy

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"strings"
	"time"
)

const (
	// maxTimes is how much memory may be in use at once for each byte received, garbage
	// included, and maxMade how much is allocated in all, over all that a call does with
	// its answers: it reads some of them several times.
	maxTimes, maxMade = 8, 24
	// little is what any call may use.
	little = 16 << 20
	// grace is how much later than the caller's deadline a call may end.
	grace = time.Second
)

// Cost is what a call cost.
type Cost struct {
	Received      int64 // by the client, unpacked
	Peak, Made    int64 // bytes in use at once, garbage included, and allocated in all
	Took, Starved time.Duration
	CPU           time.Duration // of this process, the server's part in it included
}

// Bad says what is out of proportion, or returns "".
func (c Cost) Bad(deadline time.Duration) string {
	var out []string
	if c.Peak > maxTimes*c.Received+little {
		out = append(out, fmt.Sprintf("%.1f MB at once", mega(c.Peak)))
	}
	if c.Made > maxMade*c.Received+little {
		out = append(out, fmt.Sprintf("%.1f MB in all", mega(c.Made)))
	}

	// On a machine that does something else, what was late was not busy.
	if c.Took > deadline+grace && (c.CPU > grace || c.Starved < grace/10) {
		out = append(out, "it took "+c.Took.Round(time.Millisecond).String())
	}
	return strings.Join(out, ", ")
}

func (c Cost) String() string {
	return fmt.Sprintf("%.2f MB received, peak %.1f MB, made %.1f MB, %v, CPU %v", mega(c.Received), mega(c.Peak), mega(c.Made),
		c.Took.Round(time.Millisecond), c.CPU.Round(time.Millisecond))
}

func mega(n int64) float64 { return float64(n) / (1 << 20) }

// Times is how much memory was in use at once for each byte received, beyond what is
// little, and TimesMade how much was allocated in all.
func (c Cost) Times() float64     { return beyond(c.Peak, c.Received) }
func (c Cost) TimesMade() float64 { return beyond(c.Made, c.Received) }

func beyond(n, received int64) float64 {
	return float64(max(0, n-little)) / float64(max(received, 1<<20))
}

// slice is how long a goroutine that sleeps for a millisecond may be late. What is beyond
// is the machine's doing, which runs something else.
const slice = 20 * time.Millisecond

// Measure runs f alone in the process. What is received is for the caller to fill in.
func Measure(f func()) Cost {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)

	stop, done := make(chan bool), make(chan int64)
	var starved time.Duration
	go func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		peak := int64(0)
		for last := time.Now(); ; {
			metrics.Read(sample)
			if gap := time.Since(last) - slice; gap > 0 {
				starved += gap
			}
			last = time.Now()
			peak = max(peak, int64(sample[0].Value.Uint64()))

			select {
			case <-stop:
				done <- peak
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()

	start, busy := time.Now(), cpuTime()
	f()
	took := time.Since(start)
	busy = cpuTime() - busy

	stop <- true
	peak := <-done

	runtime.ReadMemStats(&after)
	return Cost{Peak: peak - int64(before.HeapAlloc), Made: int64(after.TotalAlloc - before.TotalAlloc),
		Took: max(0, took-starved), Starved: starved, CPU: busy}
}
