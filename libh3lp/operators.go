package libh3lp

import (
	"context"
	"iter"
	"net/http"

	"github.com/rollcall-go/rollcall/internal/rest"
)

const operatorsPath = v1 + "/queues/{queueId}/operators"

var (
	opListOperators = &rest.Op{Name: "Operators.List", Method: http.MethodGet, Path: operatorsPath, Replay: rest.Safe, Bucket: bucketAPI,
		Success: listed}
	opCreateOperator = &rest.Op{Name: "Operators.Create", Method: http.MethodPost, Path: operatorsPath, Replay: rest.Once, Bucket: bucketAPI,
		Success: written}
	opUpdateOperator = &rest.Op{Name: "Operators.Update", Method: http.MethodPut, Path: operatorsPath + "/{userId}", Replay: rest.ReplaySafe,
		Bucket: bucketAPI, Success: written}
	opDeleteOperator = &rest.Op{Name: "Operators.Delete", Method: http.MethodDelete, Path: operatorsPath + "/{userId}",
		Replay: rest.ReplaySafe, Bucket: bucketAPI, Success: written}
)

// Operators is the resource of the vendor page "Operators": the links of a queue.
// They are the same links as those of Assignments, and its methods do the same from
// the other side.
type Operators struct{ c *Client }

// List walks the links of a queue: see Assignments.List.
func (o *Operators) List(ctx context.Context, queueID int64) iter.Seq2[Link, error] {
	return o.c.links(ctx, opListOperators, side{queue: true, id: queueID})
}

// Create makes a user an operator of a queue: see Assignments.Create.
func (o *Operators) Create(ctx context.Context, queueID, userID int64) error {
	return o.c.makeLink(ctx, opCreateOperator, pair{userID, queueID}, queueID, map[string]int64{"userId": userID})
}

// Update enables a link or suspends it: see Assignments.Update.
func (o *Operators) Update(ctx context.Context, queueID, userID int64, enabled Flag) (*Link, error) {
	return o.c.updateLink(ctx, opUpdateOperator, Link{UserID: userID, QueueID: queueID, Enabled: enabled}, queueID, userID)
}

// Delete takes a user off a queue: see Assignments.Delete.
func (o *Operators) Delete(ctx context.Context, queueID, userID int64) error {
	return o.c.removeLink(ctx, opDeleteOperator, pair{userID, queueID}, queueID, userID)
}
