package adapter

import (
	"sync"
	"time"
)

// gather is how long accepted writes are collected, to be waited for together.
const gather = 5 * time.Second

// inWaves calls f with the items that arrive, a few seconds' worth at a time, so that
// one slow write delays no other. It returns when everything is done.
func inWaves[T any](items <-chan T, f func([]T)) {
	var waves sync.WaitGroup
	var wave []T
	var due <-chan time.Time

	begin := func() {
		if items := wave; len(items) > 0 {
			waves.Go(func() { f(items) })
		}
		wave, due = nil, nil
	}

	for open := true; open; {
		select {
		case item, more := <-items:
			if open = more; !more {
				break
			}
			if wave = append(wave, item); due == nil {
				due = time.After(gather)
			}
		case <-due:
			begin()
		}
	}
	begin()
	waves.Wait()
}
