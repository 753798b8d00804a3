package rest

import "sync"

// The retry budget: each retry of a failure costs, each success refunds, and
// with nothing left a failure is final at once. It keeps a whole fleet of
// callers from doubling the load of a vendor that is down. A retry that
// succeeds gives back what it cost, so that passing trouble never drains it.
const (
	budgetFull  = 500
	budgetRetry = 5
	budgetOK    = 1
)

type budget struct {
	mu   sync.Mutex
	left int
}

func newBudget() *budget { return &budget{left: budgetFull} }

func (b *budget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < budgetRetry {
		return false
	}
	b.left -= budgetRetry
	return true
}

// refund books a success that took so many paid retries.
func (b *budget) refund(retries int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = min(budgetFull, b.left+budgetOK+retries*budgetRetry)
}
