package avaya

import (
	"context"
	"iter"
	"net/http"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

const queuePath = "/api/admin/match/{version}/accounts/{accountId}/queues"

var (
	opListQueues = &rest.Op{Name: "Queues.List", Method: http.MethodGet, Path: queuePath, Replay: rest.Safe, Bucket: "api",
		Success: rest.Object(200)}
	opGetQueue = &rest.Op{Name: "Queues.Get", Method: http.MethodGet, Path: queuePath + "/{queueId}", Replay: rest.Safe, Bucket: "api",
		Success: rest.Object(200).Names("queueId")}
)

// Queues is the resource of match queues, to turn names into the ids that users
// carry in Features.Matching.Queues.
type Queues struct{ c *Client }

// Queue is a match queue.
type Queue struct {
	QueueID             string           `json:"queueId"`
	Name                string           `json:"name"`
	Description         core.Opt[string] `json:"description,omitzero"`
	TimetableID         core.Opt[string] `json:"timetableId,omitzero"`
	DefaultAccountQueue core.Opt[bool]   `json:"defaultAccountQueue,omitzero"`
	AfterContactWork    core.Opt[bool]   `json:"afterContactWork,omitzero"`
	Extra               core.Extra       `json:"-"`
}

// QueueListOptions narrow Queues.List.
type QueueListOptions struct {
	// Name, if set, is that of the queues that are listed.
	Name string
}

// List walks the queues. The vendor sends at most 20 to a page. The walk is lazy and
// may be repeated; one that cannot be completed ends with core.ErrIncomplete. It
// takes a request per page. Page: "Admin - Match".
func (q *Queues) List(ctx context.Context, opts QueueListOptions) iter.Seq2[Queue, error] {
	return listing[queuePage, Queue]{op: opListQueues, query: listQuery{PageSize: matchPage, Name: opts.Name},
		split: func(p *queuePage) (*envelope, []Queue) { return &p.envelope, p.Queues },
		key:   func(v *Queue) string { return v.QueueID }}.walk(ctx, q.c)
}

// Get returns a queue, or core.ErrNotFound, as on the vendor page "Admin - Match". It
// takes one request.
func (q *Queues) Get(ctx context.Context, queueID string) (*Queue, error) {
	out := new(Queue)
	call := q.c.call(opGetQueue, queueID)
	call.Out = out
	if _, err := q.c.rest.Do(ctx, call); err != nil {
		return nil, err
	}
	return out, nil
}

// matchPage is the largest page of the Match service.
const matchPage = 20

type queuePage struct {
	envelope
	Queues []Queue `json:"queues"`
}
