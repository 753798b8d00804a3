package libh3lp

import (
	"context"
	"iter"
	"net/http"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

var (
	opListQueues  = &rest.Op{Name: "Queues.List", Method: http.MethodGet, Path: v1 + "/queues", Replay: rest.Safe, Bucket: bucketAPI}
	opGetQueue    = &rest.Op{Name: "Queues.Get", Method: http.MethodGet, Path: v1 + "/queues/{queueId}", Replay: rest.Safe, Bucket: bucketAPI}
	opCreateQueue = &rest.Op{Name: "Queues.Create", Method: http.MethodPost, Path: v1 + "/queues", Replay: rest.Once, Bucket: bucketAPI}
	opUpdateQueue = &rest.Op{Name: "Queues.Update", Method: http.MethodPut, Path: v1 + "/queues/{queueId}", Replay: rest.ReplaySafe, Bucket: bucketAPI}
	opDeleteQueue = &rest.Op{Name: "Queues.Delete", Method: http.MethodDelete, Path: v1 + "/queues/{queueId}", Replay: rest.ReplaySafe, Bucket: bucketAPI}
)

var queueOps = ops{"queue", opListQueues, opGetQueue, opCreateQueue, opUpdateQueue, opDeleteQueue, []string{"name", "transcripts", "email", "avatar"}}

// Queue is what guests write to, as on the vendor page "Queues".
type Queue struct {
	ID   int64  `json:"id"`
	Type string `json:"type,omitzero"`
	// Name is the node of the JID. New names have up to 40 characters; a link may
	// show one of 60.
	Name string `json:"name"`
	// Transcripts says whether transcripts are stored.
	Transcripts core.Opt[Flag]   `json:"transcripts,omitzero"`
	Email       core.Opt[string] `json:"email,omitzero"`
	// Avatar is a URL; empty for the default.
	Avatar core.Opt[string] `json:"avatar,omitzero"`
	// Show is the best availability among the operators whose links are enabled.
	Show   Show   `json:"show,omitzero"`
	Status string `json:"status"`
	// Extra holds fields this package does not know.
	Extra core.Extra `json:"-"`
}

func (q *Queue) key() (int64, string, string) { return q.ID, q.Type, q.Name }

// NewQueue is a queue to be made.
type NewQueue struct {
	// Name is required; see CheckName.
	Name string `json:"name"`
	// ParentID is the folder to make the queue in, the top level unless set. It is
	// not documented.
	ParentID core.Opt[int64] `json:"parent_id,omitzero"`
	// Extra holds further fields, by their wire name.
	Extra core.Extra `json:"-"`
}

// QueueUpdate names what to change about a queue. What is left out stays.
type QueueUpdate struct {
	Name        core.Opt[string] `json:"name,omitzero"`
	Transcripts core.Opt[Flag]   `json:"transcripts,omitzero"`
	Email       core.Opt[string] `json:"email,omitzero"`
	Avatar      core.Opt[string] `json:"avatar,omitzero"`
	// Extra holds further fields, by their wire name.
	Extra core.Extra `json:"-"`
}

// Queues is the resource of the vendor page "Queues". Its methods are as those of
// Users.
type Queues struct{ c *Client }

// List walks all queues, folders left out: see Users.List.
func (q *Queues) List(ctx context.Context) iter.Seq2[Queue, error] {
	return list[Queue](ctx, q.c, queueOps)
}

// Get returns a queue, or core.ErrNotFound.
func (q *Queues) Get(ctx context.Context, id int64) (*Queue, error) {
	return get[Queue](ctx, q.c, queueOps, id)
}

// Create makes a queue and returns it: see Users.Create.
func (q *Queues) Create(ctx context.Context, queue NewQueue) (*Queue, error) {
	if why := badName(queue.Name); why != "" {
		return nil, core.Invalid(vendor, opCreateQueue.Name, why)
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
			return nil, core.Invalid(vendor, opUpdateQueue.Name, why)
		}
	}
	return update[Queue](ctx, q.c, queueOps, id, &change)
}

// Delete removes a queue: see Users.Delete.
func (q *Queues) Delete(ctx context.Context, id int64) error {
	return remove[Queue](ctx, q.c, queueOps, id)
}
