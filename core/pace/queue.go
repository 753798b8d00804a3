package pace

import "container/list"

// queue holds the callers that wait: two lists, each first come first served.
// Urgent callers go first. While both lists hold somebody they take turns, so that
// at most half of the rate is urgent; while one list is empty, the other has it all.
type queue struct {
	urgent, bulk list.List // of *waiter
	urgentLast   bool      // the last to go was urgent
}

// waiter is one caller in the queue. Its fields are guarded by bucket.mu.
type waiter struct {
	ready   chan struct{} // closed when the turn has come
	granted bool
	urgent  bool
	place   *list.Element
}

func (q *queue) len() int { return q.urgent.Len() + q.bulk.Len() }

func (q *queue) push(urgent bool) *waiter {
	w := &waiter{ready: make(chan struct{}), urgent: urgent}
	w.place = q.of(w).PushBack(w)
	return w
}

// pop takes out whose turn it is. The queue must not be empty.
func (q *queue) pop() *waiter {
	from := &q.bulk
	if q.urgent.Len() > 0 && (q.bulk.Len() == 0 || !q.urgentLast) {
		from = &q.urgent
	}
	w := from.Remove(from.Front()).(*waiter)
	q.urgentLast = w.urgent
	return w
}

// remove takes out a waiter that gives up.
func (q *queue) remove(w *waiter) { q.of(w).Remove(w.place) }

// ahead counts the waiters that go before one that joins now, unless more urgent
// ones come.
func (q *queue) ahead(urgent bool) int {
	mine, other := q.bulk.Len(), q.urgent.Len()
	if urgent {
		mine, other = other, mine
	}

	// The other list has a turn before each of mine, and one more if it is next.
	turns := mine
	if urgent == q.urgentLast {
		turns++
	}
	return mine + min(other, turns)
}

func (q *queue) of(w *waiter) *list.List {
	if w.urgent {
		return &q.urgent
	}
	return &q.bulk
}
