package roster

// claimAhead claims the next lane while a worker is busy with one that it holds, so that the
// journal's answer is there when it is needed. At most one lane per worker is held in this
// way. Where claims last as long as the process they cost nothing, and none is made early.
func (e *engine) claimAhead(held *Claim) {
	e.mu.Lock()
	defer e.mu.Unlock()

	enough := len(e.ahead)+e.claiming >= e.Workers
	if enough || len(e.ready) == 0 || held == nil || held.Until().IsZero() || e.ctx.Err() != nil {
		return
	}
	l := e.ready[0]
	e.ready = e.ready[1:]
	if l.claim != nil { // it came back from a pause
		e.ahead = append(e.ahead, l)
		return
	}

	e.claiming++
	e.off++
	e.frees.Go(func() {
		ok := e.begin(l)

		e.mu.Lock()
		defer e.mu.Unlock()
		e.claiming--
		e.off--
		if ok {
			e.ahead = append(e.ahead, l)
		}
		e.wake.Broadcast()
	})
}
