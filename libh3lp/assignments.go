package libh3lp

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"net/http"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/rest"
)

const assignmentsPath = v1 + "/users/{userId}/assignments"

// Whether creating a link twice is refused is not documented. It is sent once, and a
// list shows whether it is there.
var (
	opListAssignments = &rest.Op{Name: "Assignments.List", Method: http.MethodGet, Path: assignmentsPath, Replay: rest.Safe,
		Bucket: bucketAPI, Success: listed}
	opCreateAssignment = &rest.Op{Name: "Assignments.Create", Method: http.MethodPost, Path: assignmentsPath, Replay: rest.Once,
		Bucket: bucketAPI, Success: written}
	opUpdateAssignment = &rest.Op{Name: "Assignments.Update", Method: http.MethodPut, Path: assignmentsPath + "/{queueId}",
		Replay: rest.ReplaySafe, Bucket: bucketAPI, Success: written}
	opDeleteAssignment = &rest.Op{Name: "Assignments.Delete", Method: http.MethodDelete, Path: assignmentsPath + "/{queueId}",
		Replay: rest.ReplaySafe, Bucket: bucketAPI, Success: written}
)

// Assignments is the resource of the vendor page "Assignments": the links of a
// user.
type Assignments struct{ c *Client }

// List walks the links of a user: see Users.List for what walks have in common. An
// unknown user is core.ErrNotFound where the vendor says so with a 404, else
// core.ErrInvalid, and may be no links. It takes one request.
func (a *Assignments) List(ctx context.Context, userID int64) iter.Seq2[Link, error] {
	return a.c.links(ctx, opListAssignments, side{id: userID})
}

// Create makes a user an operator of a queue, enabled. The vendor answers without the
// link, which is then listed, for up to ClientOptions.ReadBack: one that does not show is
// core.ErrNotApplied. What the vendor says to a link that exists is not documented, and so
// it is sent once: with core.AppliedUnknown the link may be there, which List shows. It
// takes two requests.
func (a *Assignments) Create(ctx context.Context, userID, queueID int64) error {
	return a.c.makeLink(ctx, opCreateAssignment, pair{userID, queueID}, userID, queueOf(queueID))
}

// Update enables a link or suspends it, and returns it. Repeating it is safe. A
// change that the vendor ignored in silence is core.ErrNotApplied, beside the link
// as it is.
//
// A suspended user is not locked out: at the next log-in it can opt in again.
//
// It takes one request: its answer is the link as it then is ("Assignments").
func (a *Assignments) Update(ctx context.Context, userID, queueID int64, enabled Flag) (*Link, error) {
	return a.c.updateLink(ctx, opUpdateAssignment, Link{UserID: userID, QueueID: queueID, Enabled: enabled}, userID, queueID)
}

// Delete takes a user off a queue, and looks that the link is gone, as Create does.
// Repeating it is safe. What the vendor says to a link that is not there is not
// documented: with a 404 it is core.ErrNotFound, and in words core.ErrInvalid. It takes
// one request, and one per look until it shows.
func (a *Assignments) Delete(ctx context.Context, userID, queueID int64) error {
	return a.c.removeLink(ctx, opDeleteAssignment, pair{userID, queueID}, userID, queueID)
}

// queueOf is the body that assigns a user to a queue.
func queueOf(id int64) any { return map[string]int64{"queueId": id} }

// linksOf walks the links of a user or of a queue.
func (c *Client) linksOf(ctx context.Context, of side) iter.Seq2[Link, error] {
	if of.queue {
		return c.Operators.List(ctx, of.id)
	}
	return c.Assignments.List(ctx, of.id)
}

// links walks the links of a user or of a queue.
func (c *Client) links(ctx context.Context, op *rest.Op, of side) iter.Seq2[Link, error] {
	return func(yield func(Link, error) bool) {
		if err := c.checkIDs(op, of.id); err != nil {
			yield(Link{}, err)
			return
		}

		var rows rows
		for l, err := range walk[Link](ctx, c, c.call(op, itoa(of.id))) {
			if err == nil && l.folder() {
				rows.passOver("folder", text(l.Extra["id"]))
				continue
			}
			if err == nil {
				err = c.belong(op, &l, of)
			}
			if err != nil {
				yield(Link{}, err)
				return
			}
			if rows.isNew(l.pair().String()) && !yield(l, nil) {
				return
			}
			if rows.seen.Floods() {
				break
			}
		}

		if err := rows.end(c, op); err != nil {
			yield(Link{}, err)
		}
	}
}

// allLinks reads all links of a user or of a queue, for a decision that depends on all of
// them. It asks again if an answer is cut off.
func (c *Client) allLinks(ctx context.Context, of side) ([]Link, error) {
	op, what := opListAssignments, userOps
	if of.queue {
		op, what = opListOperators, queueOps
	}
	var all several[Link]
	call := c.call(op, itoa(of.id))
	call.Out, call.Check = &all, checkList
	_, err := c.rest.Do(ctx, call)
	if errors.Is(err, core.ErrNotFound) && c.created.Has(what.key(of.id)) {
		return nil, nil // not found yet, and without links
	}

	if err != nil {
		return nil, err
	}

	var rows rows
	links := all[:0]
	for _, l := range all {
		if l.folder() {
			rows.passOver("folder", text(l.Extra["id"]))
			continue
		}
		if err := c.belong(op, &l, of); err != nil {
			return nil, err
		}
		if rows.isNew(l.pair().String()) {
			links = append(links, l)
		}
	}
	return links, rows.end(c, op)
}

// checkList is the Check of a list that is read completely.
func checkList(body []byte) *core.Error {
	if body = bytes.TrimSpace(body); len(body) == 0 || body[0] == '[' {
		return nil
	}
	if v, ok := judge(body); ok && v.shows() {
		return nil
	}
	if e := inspect(body); e != nil {
		return e
	}
	return &core.Error{Class: core.ClassProtocol, Message: "the answer is not the list asked for"}
}

// belong checks that a listed link is one of the owner's.
func (c *Client) belong(op *rest.Op, l *Link, of side) error {
	owner := of.owner(l)
	if *owner == 0 {
		*owner = of.id
	}
	listed := rest.Response{Status: http.StatusOK}
	if *owner != of.id {
		return c.unsaid(op, listed, core.AppliedNo, "the list contains links of others")
	}

	if l.UserID <= 0 || l.QueueID <= 0 {
		return c.unsaid(op, listed, core.AppliedNo, "the list contains a link without an id")
	}
	return nil
}

// makeLink makes a link, and reads back that it exists.
func (c *Client) makeLink(ctx context.Context, op *rest.Op, p pair, owner int64, body any) error {
	return c.lookedAt(ctx, op, p, true, func(ctx context.Context) error { return c.postLink(ctx, op, owner, body, p) })
}

// removeLink deletes a link, and reads back that it is gone. Its ids stand in the path
// in the order of args.
func (c *Client) removeLink(ctx context.Context, op *rest.Op, p pair, args ...int64) error {
	return c.lookedAt(ctx, op, p, false, func(ctx context.Context) error { return c.deleteLink(ctx, op, args...) })
}

// lookedAt writes a link and reads back whether it exists.
func (c *Client) lookedAt(ctx context.Context, op *rest.Op, p pair, there bool, write func(context.Context) error) error {
	return c.owned(c.readBack(op.Name).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: op.Name,
		Write: func(ctx context.Context) (bool, error) { return false, write(ctx) },
		Shows: func(ctx context.Context) (bool, error) {
			l, err := c.findLink(ctx, p)
			if !there && errors.Is(err, core.ErrNotFound) {
				return true, nil // a user who does not exist has no links
			}
			return (l != nil) == there, err
		},
		What: func() string {
			if there {
				return "the link is not there"
			}
			return "the link is still there"
		},
	}))
}

// postLink makes a link. The vendor's answer reports success and nothing else.
func (c *Client) postLink(ctx context.Context, op *rest.Op, owner int64, body any, p pair) error {
	if err := c.checkIDs(op, p.user, p.queue); err != nil {
		return err
	}
	call := c.call(op, itoa(owner))
	call.Body = body
	_, err := c.acknowledgement(ctx, call)
	return err
}

// deleteLink deletes a link. The vendor's answer reports success and nothing else.
func (c *Client) deleteLink(ctx context.Context, op *rest.Op, args ...int64) error {
	if err := c.checkIDs(op, args...); err != nil {
		return err
	}
	call := c.call(op, itoa(args[0]), itoa(args[1]))
	call.GoneIsDone = true
	_, err := c.acknowledgement(ctx, call)
	return err
}

// updateLink gives a link the wanted state, and returns the state it then has.
func (c *Client) updateLink(ctx context.Context, op *rest.Op, want Link, args ...int64) (*Link, error) {
	l, err := c.putLink(ctx, op, want, args...)
	if err != nil || l != nil {
		return l, err
	}

	// In a list, absent means off. In an answer without a state it may mean anything.
	_, err = c.readBack(op.Name).Look(ctx, func(ctx context.Context) (bool, error) {
		now, err := c.findLink(ctx, want.pair())
		if now != nil {
			l = now
		}
		return l != nil && l.Enabled == want.Enabled, err
	})
	switch {
	case errors.Is(err, core.ErrNotFound):
		return nil, err
	case err != nil:
		return nil, c.unseen(op, err)
	case l == nil:
		e := c.notShown(op, "there is no such link", false)
		e.Class = core.ClassNotFound
		return nil, e
	case l.Enabled != want.Enabled:
		return l, c.notShown(op, "the link is still "+onOff(l.Enabled), false)
	}
	return l, nil
}

// putLink gives a link the wanted state. It returns the link of the answer, which is
// documented as the state, or nil if the answer omits it.
func (c *Client) putLink(ctx context.Context, op *rest.Op, want Link, args ...int64) (*Link, error) {
	if err := c.checkIDs(op, args...); err != nil {
		return nil, err
	}
	var got one[Link]
	call := c.call(op, itoa(args[0]), itoa(args[1]))
	call.Body = struct {
		Enabled Flag `json:"enabled"`
	}{want.Enabled}
	call.Out, call.EmptyOK = &got, true
	for _, enabled := range []Flag{true, false} {
		c.switched.Forget((&Link{UserID: want.UserID, QueueID: want.QueueID, Enabled: enabled}).state())
	}

	res, err := c.rest.Do(ctx, call)
	if err != nil {
		return nil, err
	}

	l := &got.value
	if l.QueueID != 0 && l.QueueID != want.QueueID || l.UserID != 0 && l.UserID != want.UserID {
		return nil, c.unsaid(op, res, core.AppliedUnknown, "the answer is about another link")
	}
	if _, shown := members(got.raw)["enabled"]; !shown || l.QueueID == 0 && l.UserID == 0 {
		return nil, nil
	}

	l.QueueID, l.UserID = want.QueueID, want.UserID
	if l.Enabled != want.Enabled {
		e := c.unsaid(op, res, core.AppliedNo, "the vendor reported success, but the link is still "+onOff(l.Enabled))
		e.Class = core.ClassNotApplied
		return l, e
	}

	c.switched.Add(l.state())
	return l, nil
}

// unsure reports whether a list shows a link differently from how this client's own
// write left it. Either the list is older, or another writer was faster: only another
// write makes sure.
func (c *Client) unsure(l Link) bool {
	l.Enabled = !l.Enabled
	return c.switched.Has(l.state())
}

// findLink returns a link, or nil. The vendor can only list links. The error is
// core.ErrNotFound where there is no such user.
func (c *Client) findLink(ctx context.Context, p pair) (*Link, error) {
	all, err := c.allLinks(ctx, side{id: p.user})
	if err != nil {
		return nil, c.explained(ctx, side{id: p.user}, err)
	}
	for i := range all {
		if all[i].QueueID == p.queue {
			return &all[i], nil
		}
	}
	return nil, nil
}

// explained turns the refusal of a list, in words or with null, into ErrNotFound if the
// user or queue does not exist.
func (c *Client) explained(ctx context.Context, of side, err error) error {
	switch core.ClassOf(err) {
	case core.ClassInvalid, core.ClassProtocol:
		if why := c.sideExists(ctx, of); errors.Is(why, core.ErrNotFound) {
			return why
		}
	}
	return err
}

// sideExists is the error of a user or queue that cannot be read, for example because it
// does not exist.
func (c *Client) sideExists(ctx context.Context, of side) error {
	if of.queue {
		return exists[Queue](ctx, c, queueOps, of.id)
	}
	return exists[User](ctx, c, userOps, of.id)
}
