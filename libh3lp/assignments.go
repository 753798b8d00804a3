package libh3lp

import (
	"context"
	"fmt"
	"iter"
	"net/http"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

const assignmentsPath = v1 + "/users/{userId}/assignments"

// Creating a link twice may be refused, or not: nobody knows. It is sent once, and
// a list shows whether it is there.
var (
	opListAssignments  = &rest.Op{Name: "Assignments.List", Method: http.MethodGet, Path: assignmentsPath, Replay: rest.Safe, Bucket: bucketAPI}
	opCreateAssignment = &rest.Op{Name: "Assignments.Create", Method: http.MethodPost, Path: assignmentsPath, Replay: rest.Once, Bucket: bucketAPI}
	opUpdateAssignment = &rest.Op{Name: "Assignments.Update", Method: http.MethodPut, Path: assignmentsPath + "/{queueId}", Replay: rest.ReplaySafe, Bucket: bucketAPI}
	opDeleteAssignment = &rest.Op{Name: "Assignments.Delete", Method: http.MethodDelete, Path: assignmentsPath + "/{queueId}", Replay: rest.ReplaySafe, Bucket: bucketAPI}
)

// Link is one user staffing one queue: an assignment of the user, and an operator
// of the queue. It has no id; the two ids are its key.
type Link struct {
	QueueID   int64  `json:"queueId"`
	Queue     string `json:"queue"`
	QueueShow Show   `json:"queueShow"`
	UserID    int64  `json:"userId"`
	User      string `json:"user"`
	UserShow  Show   `json:"userShow"`
	// Enabled is off where the user is suspended from the queue: it does not count
	// for its availability and gets none of its chats.
	Enabled Flag `json:"enabled"`
	// Extra holds fields this package does not know.
	Extra core.Extra `json:"-"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (l *Link) UnmarshalJSON(data []byte) error {
	if err := wire.UnmarshalFields(data, l); err != nil {
		return err
	}
	delete(l.Extra, "enabled") // its null is a value, and kept
	if len(l.Extra) == 0 {
		l.Extra = nil
	}
	return nil
}

// MarshalJSON implements json.Marshaler.
func (l Link) MarshalJSON() ([]byte, error) { return wire.MarshalFields(l) }

// Assignments is the resource of the vendor page "Assignments": the links of a
// user.
type Assignments struct{ c *Client }

// List walks the links of a user: see Users.List for what walks have in common. An
// unknown user is core.ErrNotFound where the vendor says so, and may be no links.
func (a *Assignments) List(ctx context.Context, userID int64) iter.Seq2[Link, error] {
	return a.c.links(ctx, opListAssignments, userID, func(l *Link) *int64 { return &l.UserID })
}

// Create makes a user an operator of a queue, enabled. The vendor answers without
// the link. What it says to one that exists is not known, and so it is sent once:
// core.AppliedUnknown means that the link may be there, which List shows.
func (a *Assignments) Create(ctx context.Context, userID, queueID int64) error {
	return a.c.createLink(ctx, opCreateAssignment, userID, queueID, map[string]int64{"queueId": queueID})
}

// Update enables a link or suspends it, and returns it. Repeating it is safe. A
// change that the vendor ignored in silence is core.ErrNotApplied, beside the link
// as it is.
//
// A suspended user is not locked out: at the next log-in it can opt in again.
func (a *Assignments) Update(ctx context.Context, userID, queueID int64, enabled Flag) (*Link, error) {
	return a.c.updateLink(ctx, opUpdateAssignment, Link{UserID: userID, QueueID: queueID, Enabled: enabled}, userID, queueID)
}

// Delete takes a user off a queue. Repeating it is safe. What the vendor says to a
// link that is not there is not known: it may be core.ErrNotFound or
// core.ErrInvalid.
func (a *Assignments) Delete(ctx context.Context, userID, queueID int64) error {
	return a.c.deleteLink(ctx, opDeleteAssignment, userID, queueID)
}

// links walks the links of one owner, a user or a queue; own is the id of the
// owner in each.
func (c *Client) links(ctx context.Context, op *rest.Op, id int64, own func(*Link) *int64) iter.Seq2[Link, error] {
	return func(yield func(Link, error) bool) {
		if err := checkIDs(op, id); err != nil {
			yield(Link{}, err)
			return
		}
		for l, err := range rest.List[Link](ctx, c.rest, c.call(op, itoa(id)), nil) {
			if err != nil {
				yield(Link{}, err)
				return
			}
			if owner := own(&l); *owner == 0 {
				*owner = id
			} else if *owner != id {
				yield(Link{}, unsaid(op, rest.Response{Status: http.StatusOK}, core.AppliedNo, "the list holds links of others"))
				return
			}
			if l.UserID <= 0 || l.QueueID <= 0 {
				yield(Link{}, noID(op, core.AppliedNo))
				return
			}
			if !yield(l, nil) {
				return
			}
		}
	}
}

func (c *Client) createLink(ctx context.Context, op *rest.Op, owner, other int64, body any) error {
	if err := checkIDs(op, owner, other); err != nil {
		return err
	}
	call, answer := acknowledge(c.call(op, itoa(owner)))
	call.Body = body
	res, err := c.rest.Do(ctx, call)
	if err == nil && !answer.said && res.Status != http.StatusNoContent {
		err = unsaid(op, res, core.AppliedUnknown, "the answer is empty, and does not say whether it was done")
	}
	return err
}

// updateLink makes a link as wanted, and returns what it then is.
func (c *Client) updateLink(ctx context.Context, op *rest.Op, want Link, ids ...int64) (*Link, error) {
	if err := checkIDs(op, ids...); err != nil {
		return nil, err
	}
	var got one[Link]
	call := c.call(op, itoa(ids[0]), itoa(ids[1]))
	call.Body = struct {
		Enabled Flag `json:"enabled"`
	}{want.Enabled}
	call.Out, call.EmptyOK = &got, true
	res, err := c.rest.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	l := &got.value
	switch {
	case l.QueueID == 0 && l.UserID == 0:
		// It was accepted and is not shown.
		if l, err = c.findLink(ctx, want.UserID, want.QueueID); err != nil {
			return nil, afterWrite(err, "the change was accepted; looking what came of it failed")
		}
		if l == nil {
			e := unsaid(op, res, core.AppliedNo, "the vendor accepted the change, and there is no such link")
			e.Class = core.ClassNotFound
			return nil, e
		}
	case l.QueueID != 0 && l.QueueID != want.QueueID, l.UserID != 0 && l.UserID != want.UserID:
		return nil, unsaid(op, res, core.AppliedUnknown, "the answer is another link")
	}
	l.QueueID, l.UserID = want.QueueID, want.UserID
	if l.Enabled != want.Enabled {
		e := unsaid(op, res, core.AppliedNo, fmt.Sprintf("the vendor answered yes, and the link is still %s", onOff(l.Enabled)))
		e.Class = core.ClassNotApplied
		return l, e
	}
	return l, nil
}

func onOff(f Flag) string {
	if f {
		return "enabled"
	}
	return "suspended"
}

// findLink returns a link, or nil: it can only be listed.
func (c *Client) findLink(ctx context.Context, userID, queueID int64) (*Link, error) {
	var found *Link
	for l, err := range c.Assignments.List(ctx, userID) {
		if err != nil {
			return nil, err
		}
		if l.QueueID == queueID {
			found = &l
		}
	}
	return found, nil
}

func (c *Client) deleteLink(ctx context.Context, op *rest.Op, owner, other int64) error {
	if err := checkIDs(op, owner, other); err != nil {
		return err
	}
	call, answer := acknowledge(c.call(op, itoa(owner), itoa(other)))
	call.GoneIsDone = true
	res, err := c.rest.Do(ctx, call)
	if err == nil && !answer.said && !res.Gone && res.Status != http.StatusNoContent {
		err = unsaid(op, res, core.AppliedUnknown, "the answer is empty, and does not say whether it was done")
	}
	return err
}
