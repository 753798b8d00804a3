package lease

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

const (
	// awayShare: the part of the last pace that all machines together use while the
	// server is away.
	awayShare = 0.9
	// margin: a fallback stays so much below what it is told.
	margin = 0.98
)

// goAway hands the callers to the fallback. The caller holds mu.
func (b *bucket) goAway(err error) {
	now := time.Now()
	if b.away == nil {
		rate := b.rate
		if rate == 0 {
			rate = margin * b.told.PerSecond
		}
		share := awayShare / margin * rate / float64(b.machines)
		b.away, b.back = b.g.Fallback(share), make(chan struct{})
		b.slots = [kinds][]time.Time{}

		// The machines lose the server at the same moment: without this all of them would
		// send then, and again after each pause.
		b.alone = now
		if share > 0 {
			b.alone = now.Add(time.Duration(rand.Float64() / share * float64(time.Second)))
		}
		b.g.isAway(err)
	}

	b.startPing()
	b.pump(now)
}

// startPing asks whether the server is back, as long as the bucket is used. The caller
// holds mu.
func (b *bucket) startPing() {
	if b.pinging {
		return
	}
	b.later(ping, &b.pinging, func() bool { return b.away != nil && time.Since(b.used) <= unused })
}

// rejoin ends the fallback after a while. The caller holds mu.
func (b *bucket) rejoin(after time.Duration) {
	back := b.back
	time.AfterFunc(after, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.back == back {
			b.comeBack()
		}
	})
	b.startPing()
}

// comeBack ends the fallback. The caller holds mu.
func (b *bucket) comeBack() {
	if b.away == nil {
		return
	}
	b.away = nil
	close(b.back)
	b.g.isBack()
}

// waitAway waits at the fallback, until that lets the caller go or the server is back.
// It is called with mu held, and returns without.
func (b *bucket) waitAway(ctx context.Context) error {
	g, back, alone := b.away, b.back, b.alone
	b.startPing()
	b.mu.Unlock()

	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-back:
			cancel(errAgain)
		case <-stop:
		}
	}()

	err := waitUntil(inner, b.name, alone)
	if err == nil {
		err = g.Wait(inner, b.name)
	}

	switch {
	case err == nil:
		b.mu.Lock()
		b.out++
		b.mu.Unlock()
		return nil
	case ctx.Err() == nil && errors.Is(context.Cause(inner), errAgain):
		return errAgain
	}
	return err
}

// waitUntil waits for a moment, unless the deadline comes before it.
func waitUntil(ctx context.Context, bucket string, moment time.Time) error {
	left := time.Until(moment)
	if left <= 0 {
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(moment) {
		return core.LateTurn(bucket, left, 0)
	}

	t := time.NewTimer(left)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
