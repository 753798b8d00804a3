package liveperson

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strconv"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// ListOptions narrow a list. The vendor knows no filter, no order and no pages:
// one request returns the whole collection, and the walk decodes it while it
// arrives.
type ListOptions[T any] struct {
	// Select names the fields to return, as in "id,loginName,memberOf(agentGroupId)".
	// It is "$all" unless set, because without one the vendor may return short
	// objects. Never write back what was read with another.
	Select string
	// IncludeDeleted also returns what was deleted, which stays there as such.
	IncludeDeleted bool
	// Known is the revision of the list that the caller has. While it is still the current
	// one, the walk is empty, takes one short request, and Head says so.
	Known Revision[T]
	// Head, if set, is filled in before the first element, anew for each walk. It is how
	// the revision of the list comes back, to be Known in the next one.
	Head *Head[T]
}

type (
	// UserListOptions are the options of Users.List.
	UserListOptions = ListOptions[User]
	// SkillListOptions are the options of Skills.List.
	SkillListOptions = ListOptions[Skill]
	// AgentGroupListOptions are the options of AgentGroups.List.
	AgentGroupListOptions = ListOptions[AgentGroup]
	// ProfileListOptions are the options of Profiles.List.
	ProfileListOptions = ListOptions[Profile]
	// LOBListOptions are the options of LOBs.List.
	LOBListOptions = ListOptions[LOB]
)

// readQuery is the query of all reads, writeQuery that of all writes.
type readQuery struct {
	V              string `url:"v"`
	Select         string `url:"select,omitempty"`
	IncludeDeleted bool   `url:"include_deleted,omitempty"`
}

type writeQuery struct {
	V string `url:"v"`
}

// selectAll asks for every field.
const selectAll = "$all"

// list walks a collection on the read-only host. Stamp is called for each element, with
// the revision of the list. An element that comes twice is yielded once, and makes the
// list incomplete: it may stand in place of another.
func list[T any](ctx context.Context, c *Client, op *rest.Op, version, condition string, opts ListOptions[T],
	stamp func(*T, Revision[T])) iter.Seq2[T, error] {
	query := readQuery{V: version, Select: cmp.Or(opts.Select, selectAll), IncludeDeleted: opts.IncludeDeleted}
	return func(yield func(T, error) bool) {
		var none T
		call, err := c.call(ctx, op, serviceReadOnly)
		if err != nil {
			yield(none, err)
			return
		}
		call.Query = query
		call.Header = setIfMatch(call.Header, condition, opts.Known)
		call.Conditional = opts.Known != ""

		var revision Revision[T]
		var res rest.Response
		before := func(r rest.Response) {
			res, revision = r, revisionOf[T](r.Header)
			opts.begin(r, revision)
		}
		w := walk{c: c, op: op, hasIDs: query.Select == selectAll}
		for v, err := range rest.List[T](ctx, c.rest, call, before) {
			again := false
			if err == nil {
				again, err = w.see(any(&v).(element).id(), res)
			}
			if err != nil {
				yield(none, err)
				return
			}
			if again && w.seen.Floods() {
				break
			}
			if again {
				continue
			}
			if stamp != nil {
				stamp(&v, revision)
			}
			if !yield(v, nil) {
				return
			}
		}
		if err := w.end(res); err != nil {
			yield(none, err)
		}
	}
}

// begin passes the head of an answer on to the caller.
func (o ListOptions[T]) begin(r rest.Response, revision Revision[T]) {
	if o.Head == nil {
		return
	}
	*o.Head = Head[T]{Revision: revision, Unchanged: r.NotModified}
	if r.NotModified && revision == "" {
		o.Head.Revision = o.Known
	}
}

// walk is the state of one walk over a list.
type walk struct {
	c        *Client
	op       *rest.Op
	hasIDs   bool // every element has its id
	seen     storekit.Seen
	repeated int64 // the first id that came twice
}

// see reports whether an element has come before.
func (w *walk) see(id int64, res rest.Response) (again bool, err error) {
	if id == 0 {
		if w.hasIDs {
			return false, w.c.noID(w.op, core.AppliedNo, res)
		}
		return false, nil
	}
	if again = !w.seen.Add(itoa(id)); again && w.repeated == 0 {
		w.repeated = id
	}
	return again, nil
}

// end is the error of a list in which an element came twice.
func (w *walk) end(res rest.Response) error {
	if w.repeated == 0 {
		return nil
	}
	e := w.c.failed(w.op.Name, core.ClassIncomplete, core.AppliedNo, fmt.Sprintf("the vendor sent %d twice, perhaps in place of another",
		w.repeated))
	e.Err = core.ErrProtocol
	return about(res, e)
}

// element is what a collection holds.
type element interface{ id() int64 }

func (u *User) id() int64       { return u.ID }
func (s *Skill) id() int64      { return s.ID }
func (g *AgentGroup) id() int64 { return g.ID }
func (p *Profile) id() int64    { return p.ID }
func (l *LOB) id() int64        { return l.ID }

// get reads one element. If the known revision is still the current one, the response
// is NotModified and nothing was decoded.
func get[T any](ctx context.Context, c *Client, op *rest.Op, service, version, condition string, id int64, known Revision[T],
	out *T) (rest.Response, error) {
	call, err := c.call(ctx, op, service, itoa(id))
	if err != nil {
		return rest.Response{}, err
	}
	call.Query, call.Out = readQuery{V: version, Select: selectAll}, out
	call.Header = setIfMatch(call.Header, condition, known)
	call.Conditional = known != ""
	res, err := c.rest.Do(ctx, call)
	if err != nil {
		return rest.Response{}, err
	}

	if res.NotModified && (known == "" || known == AnyRevision) {
		return rest.Response{}, about(res, c.failed(op.Name, core.ClassProtocol, core.AppliedNo,
			"the vendor answered 304 Not Modified to an unconditional read"))
	}
	return res, nil
}

// getWhole is get without a condition. It refuses an answer that names no id.
func getWhole[T any](ctx context.Context, c *Client, op *rest.Op, version string, id int64) (*T, error) {
	out := new(T)
	res, err := get(ctx, c, op, serviceReadOnly, version, "", id, "", out)
	if err != nil {
		return nil, err
	}
	if any(out).(element).id() == 0 {
		return nil, c.noID(op, core.AppliedNo, res)
	}
	return out, nil
}

func itoa(id int64) string { return strconv.FormatInt(id, 10) }

// parseID reads an id as package core has it. Only the vendor's own spelling counts as
// an id; the main agent group is -1.
func parseID(id string) (int64, bool) {
	n, err := strconv.ParseInt(id, 10, 64)
	return n, err == nil && n != 0 && itoa(n) == id
}
