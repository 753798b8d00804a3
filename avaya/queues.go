package avaya

import (
	"context"
	"iter"
	"net/http"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

var opListQueues = &rest.Op{Name: "Queues.List", Method: http.MethodGet, Replay: rest.Safe, Bucket: "api",
	Path: "/api/admin/match/{version}/accounts/{accountId}/queues"}

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

// List walks the queues, all of them or those with the given name. The vendor
// sends at most 20 to a page.
func (q *Queues) List(ctx context.Context, name string) iter.Seq2[Queue, error] {
	return listPages(ctx, q.c, opListQueues, nil, listQuery{PageSize: matchPage, Name: name},
		func(p *queuePage) []Queue { return p.Queues }, func(v *Queue) string { return v.QueueID })
}

// matchPage is the largest page of the Match service.
const matchPage = 20

type queuePage struct {
	envelope
	Queues []Queue `json:"queues"`
}
