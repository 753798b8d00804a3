package libh3lp

import (
	"context"
	"iter"
	"net/http"

	"github.com/rollcall-go/rollcall/internal/rest"
)

var (
	opListQueues = &rest.Op{Name: "Queues.List", Method: http.MethodGet, Path: v1 + "/queues", Replay: rest.Safe, Bucket: bucketAPI,
		Success: listed}
	opGetQueue = &rest.Op{Name: "Queues.Get", Method: http.MethodGet, Path: v1 + "/queues/{queueId}", Replay: rest.Safe, Bucket: bucketAPI,
		Success: listed}
	opCreateQueue = &rest.Op{Name: "Queues.Create", Method: http.MethodPost, Path: v1 + "/queues", Replay: rest.Once, Bucket: bucketAPI,
		Success: written}
	opUpdateQueue = &rest.Op{Name: "Queues.Update", Method: http.MethodPut, Path: v1 + "/queues/{queueId}", Replay: rest.ReplaySafe,
		Bucket: bucketAPI, Success: written}
	opDeleteQueue = &rest.Op{Name: "Queues.Delete", Method: http.MethodDelete, Path: v1 + "/queues/{queueId}", Replay: rest.ReplaySafe,
		Bucket: bucketAPI, Success: written}
)

var queueOps = ops{"queue", opListQueues, opGetQueue, opCreateQueue, opUpdateQueue, opDeleteQueue, []string{"name", "transcripts", "email",
	"avatar"}}

// Queues is the resource of the vendor page "Queues". Its methods are as those of
// Users.
type Queues struct{ c *Client }

// List walks all queues, folders left out: see Users.List.
func (q *Queues) List(ctx context.Context) iter.Seq2[Queue, error] {
	return list[Queue](ctx, q.c, queueOps)
}

// Get returns a queue, or core.ErrNotFound. It takes one request.
func (q *Queues) Get(ctx context.Context, id int64) (*Queue, error) {
	return get[Queue](ctx, q.c, queueOps, id)
}

// Create makes a queue and returns it: see Users.Create.
func (q *Queues) Create(ctx context.Context, queue NewQueue) (*Queue, error) {
	if why := badName(queue.Name); why != "" {
		return nil, q.c.invalid(opCreateQueue, why)
	}
	body := struct {
		Type string `json:"type"`
		NewQueue
	}{"queue", queue}
	return create[Queue](ctx, q.c, queueOps, queue.Name, &body)
}

// Update changes what change names and nothing else; a value that the vendor
// ignored is core.ErrNotApplied, beside the queue: see Users.Update.
func (q *Queues) Update(ctx context.Context, id int64, change QueueUpdate) (*Queue, error) {
	if name, ok := change.Name.Get(); ok || change.Name.IsClear() {
		if why := badName(name); why != "" {
			return nil, q.c.invalid(opUpdateQueue, why)
		}
	}
	return update[Queue](ctx, q.c, queueOps, id, &change)
}

// Delete removes a queue: see Users.Delete.
func (q *Queues) Delete(ctx context.Context, id int64) error {
	return remove[Queue](ctx, q.c, queueOps, id)
}
