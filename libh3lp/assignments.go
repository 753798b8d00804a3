package libh3lp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"

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
// unknown user is core.ErrNotFound where the vendor says so with a 404, else
// core.ErrInvalid, and may be no links.
func (a *Assignments) List(ctx context.Context, userID int64) iter.Seq2[Link, error] {
	return a.c.links(ctx, opListAssignments, userID, theUser)
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
// link that is not there is not known: with a 404 it is core.ErrNotFound, and in words
// core.ErrInvalid.
func (a *Assignments) Delete(ctx context.Context, userID, queueID int64) error {
	return a.c.deleteLink(ctx, opDeleteAssignment, pair{userID, queueID}, userID, queueID)
}

// links walks the links of one owner, a user or a queue; own is the id of the
// owner in each.
func (c *Client) links(ctx context.Context, op *rest.Op, id int64, own func(*Link) *int64) iter.Seq2[Link, error] {
	return func(yield func(Link, error) bool) {
		if err := checkIDs(op, id); err != nil {
			yield(Link{}, err)
			return
		}
		for l, err := range walk[Link](ctx, c, c.call(op, itoa(id))) {
			if err == nil && l.folder() {
				continue
			}
			if err == nil {
				err = l.belong(op, own(&l), id)
			}
			if err != nil {
				yield(Link{}, err)
				return
			}
			if !yield(l, nil) {
				return
			}
		}
	}
}

// allLinks reads the links of one owner as a whole, for what stands on all of them:
// an answer that is cut off is asked for again, and a link that is listed twice is
// one.
func (c *Client) allLinks(ctx context.Context, op *rest.Op, id int64, own func(*Link) *int64) ([]Link, error) {
	var all several[Link]
	call := c.call(op, itoa(id))
	call.Out = &all
	call.Check = func(body []byte) *core.Error {
		if body = bytes.TrimSpace(body); len(body) == 0 || body[0] == '[' {
			return nil
		}
		if v, ok := judge(body); ok && v.shows() {
			return nil
		}
		if e := inspectAnswer(body); e != nil {
			return e
		}
		return &core.Error{Class: core.ClassProtocol, Message: "the answer is not the list that was asked for"}
	}
	res, err := c.rest.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	links, seen := all[:0], map[pair]Flag{}
	for _, l := range all {
		if l.folder() {
			continue
		}
		if err := l.belong(op, own(&l), id); err != nil {
			return nil, err
		}
		switch enabled, twice := seen[pair{l.UserID, l.QueueID}]; {
		case !twice:
			seen[pair{l.UserID, l.QueueID}] = l.Enabled
			links = append(links, l)
		case enabled != l.Enabled:
			return nil, unsaid(op, res, core.AppliedNo, "the list holds a link twice, once enabled and once suspended")
		}
	}
	return links, nil
}

// The owners of links.
func theUser(l *Link) *int64  { return &l.UserID }
func theQueue(l *Link) *int64 { return &l.QueueID }

// folder reports a row that is no link: the vendor's lists may hold folders.
func (l *Link) folder() bool { return strings.EqualFold(text(l.Extra["type"]), "folder") }

// belong checks that a listed link is one of the owner's.
func (l *Link) belong(op *rest.Op, owner *int64, id int64) error {
	if *owner == 0 {
		*owner = id
	}
	if *owner != id {
		return &core.Error{Vendor: vendor, Op: op.Name, Class: core.ClassProtocol, Applied: core.AppliedNo, Message: "the list holds links of others"}
	}
	if l.UserID <= 0 || l.QueueID <= 0 {
		return noID(op, core.AppliedNo)
	}
	return nil
}

func (c *Client) createLink(ctx context.Context, op *rest.Op, owner, other int64, body any) error {
	if err := checkIDs(op, owner, other); err != nil {
		return err
	}
	call := c.call(op, itoa(owner))
	call.Body = body
	_, err := c.acknowledgement(ctx, call)
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
	call.Out, call.EmptyOK, call.Check = &got, true, inspectAnswer
	res, err := c.rest.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	l := &got.value
	if l.QueueID != 0 && l.QueueID != want.QueueID || l.UserID != 0 && l.UserID != want.UserID {
		return nil, unsaid(op, res, core.AppliedUnknown, "the answer is another link")
	}
	if _, shown := members(got.raw)["enabled"]; !shown || l.QueueID == 0 && l.UserID == 0 {
		// It was accepted, and what it is now is not shown: in a list absent means off,
		// and here it may mean anything.
		l, err = c.findLink(ctx, want.UserID, want.QueueID)
		switch {
		case errors.Is(err, core.ErrNotFound):
			return nil, err
		case err != nil:
			return nil, afterWrite(op, err, whyUnseen)
		case l == nil:
			e := unsaid(op, res, core.AppliedNo, "the vendor accepted the change, and there is no such link")
			e.Class = core.ClassNotFound
			return nil, e
		}
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

// findLink returns a link, or nil: it can only be listed. The error is
// core.ErrNotFound where there is no such user.
func (c *Client) findLink(ctx context.Context, userID, queueID int64) (*Link, error) {
	all, err := c.allLinks(ctx, opListAssignments, userID, theUser)
	if err != nil {
		return nil, explained(err, func() error { _, err := c.Users.Get(ctx, userID); return err })
	}
	for i := range all {
		if all[i].QueueID == queueID {
			return &all[i], nil
		}
	}
	return nil, nil
}

// deleteLink deletes a link, whose ids stand in the path in the order of args.
func (c *Client) deleteLink(ctx context.Context, op *rest.Op, p pair, args ...int64) error {
	if err := checkIDs(op, args...); err != nil {
		return err
	}
	call := c.call(op, itoa(args[0]), itoa(args[1]))
	call.GoneIsDone = true
	res, err := c.acknowledgement(ctx, call)
	if err == nil && res.Gone {
		l, err := c.findLink(ctx, p.user, p.queue)
		if errors.Is(err, core.ErrNotFound) {
			err = nil // who is not there has no links
		}
		return removed(op, res, l != nil, err)
	}
	return err
}
