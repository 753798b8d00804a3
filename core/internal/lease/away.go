package lease

import (
	"context"
	"errors"
	"time"
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
	if b.away == nil {
		rate := b.rate
		if rate == 0 {
			rate = margin * b.told.PerSecond
		}
		b.away, b.back = b.g.Fallback(awayShare/margin*rate/float64(b.machines)), make(chan struct{})
		b.slots = [kinds][]time.Time{}
		b.g.isAway(err)
	}
	b.startPing()
	b.pump(time.Now())
}

// startPing asks whether the server is back, as long as the bucket is used. The caller
// holds mu.
func (b *bucket) startPing() {
	if b.pinging {
		return
	}
	b.later(ping, &b.pinging, func() bool { return b.away != nil && time.Since(b.used) <= unused })
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
	g, back := b.away, b.back
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
	err := g.Wait(inner, b.name)
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
