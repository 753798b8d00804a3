package roster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// Standing says whether a credential may do an operation.
type Standing string

// The standings. A write is never proven: that would take a write.
const (
	Proven   Standing = "proven"   // it was done, and answered with something
	Unproven Standing = "unproven" // nothing speaks against it
	Refused  Standing = "refused"
	Lacking  Standing = "unsupported" // the vendor does not offer it
)

// Diagnosis is what Doctor found of one operation at one account.
type Diagnosis struct {
	Account string         `json:"account"`
	Op      core.Operation `json:"op"`
	Verdict Standing       `json:"verdict"`
	// Permissions are what the vendor demands, in its own words.
	Permissions []string `json:"permissions"`
	Message     string   `json:"message"`
}

// Doctor says of every operation that a plan needs, and of those that are gaps because
// nobody offers them, whether each account offers it and whether its credential may do
// it. It reads and never writes: what cannot be known without a write is Unproven, and
// so is what was answered with an empty list.
//
// It takes a request or two for each operation that reads; a list of everybody is read
// only to its first row.
func Doctor(ctx context.Context, f Fleet, p Plan) ([]Diagnosis, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}

	var all []Diagnosis
	needs := p.needs(f)
	for _, account := range slices.Sorted(maps.Keys(needs)) {
		store := f[account]
		if store == nil {
			return nil, refuse("doctor", "the plan is for account %s, which is not here", account)
		}
		if is, was := f.Fingerprint(account), p.Fleet[account]; is != was {
			return nil, refuse("doctor", "the plan was made for %s (%s), and the %s here is %s", account, was, account, is)
		}

		d := &doctor{account: account, store: store, caps: store.Capabilities(), found: map[core.Operation]Diagnosis{}}
		for _, op := range core.Operations() {
			if subject, needed := needs[account][op]; needed {
				d.examine(ctx, op, subject)
			}
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
		}
		all = append(all, d.conclude()...)
	}
	return all, nil
}

// subject is what a probe asks about.
type subject struct {
	user   string
	target core.Target
}

// needs are the operations that a plan needs, by account: those of its steps, and the
// reads before and after them. Each has a subject of the plan, where there is one. A gap
// is one of them where the account does not offer its operation.
func (p Plan) needs(f Fleet) map[string]map[core.Operation]subject {
	needs := map[string]map[core.Operation]subject{}
	need := func(account string, op core.Operation, s subject) {
		if needs[account] == nil {
			needs[account] = map[core.Operation]subject{}
		}
		if has, is := needs[account][op]; !is || has.user == "" && has.target.ID == "" {
			needs[account][op] = s
		}
	}

	for _, s := range p.Steps {
		about := subject{user: s.User}
		need(s.Account, s.Op, about)
		switch {
		case s.Op == core.OpCreateUser:
			need(s.Account, core.OpListUsers, about)
		case isLinkOp(s.Op):
			need(s.Account, core.OpListByUser, about)
		case s.Op == core.OpBlock || s.Op == core.OpUnblock:
			need(s.Account, core.OpPresence, about)
		default:
			need(s.Account, core.OpGetUser, about)
		}

		if s.Floor != nil {
			need(s.Account, core.OpListByTarget, subject{target: s.Floor.Target})
		}
		if s.Spec != nil && len(s.Spec.Links) > 0 {
			need(s.Account, core.OpAssign, about)
			need(s.Account, core.OpListByUser, about)
		}
	}

	for _, g := range p.Gaps {
		if store := f[g.Account]; store != nil && g.Op != "" && store.Capabilities().Of(g.Op).Support == core.NotOffered {
			need(g.Account, g.Op, subject{})
		}
	}
	return needs
}

// doctor examines one account.
type doctor struct {
	account string
	store   core.Store
	caps    core.Capabilities
	found   map[core.Operation]Diagnosis
}

func (d *doctor) examine(ctx context.Context, op core.Operation, s subject) {
	c := d.caps.Of(op)
	is := Diagnosis{Account: d.account, Op: op, Permissions: append([]string{}, c.Permissions...)}

	switch {
	case c.Support == core.NotOffered:
		is.Verdict, is.Message = Lacking, c.Note
	case !reads(op):
		is.Verdict, is.Message = Unproven, "it cannot be known without a write"
	default:
		is.Verdict, is.Message = judgeProbe(d.probe(ctx, op, s))
	}
	d.found[op] = is
}

func reads(op core.Operation) bool {
	switch op {
	case core.OpListUsers, core.OpGetUser, core.OpListTargets, core.OpListAll, core.OpListByUser, core.OpListByTarget, core.OpPresence:
		return true
	}
	return false
}

// probe does one read, and says whether it was answered with anything.
func (d *doctor) probe(ctx context.Context, op core.Operation, s subject) (answered bool, err error) {
	switch op {
	case core.OpListUsers:
		return first(d.store.ListUsers(ctx, core.UserQuery{}))
	case core.OpListTargets:
		return first(d.store.ListTargets(ctx, core.TargetQuery{}))
	case core.OpListAll:
		return first(d.store.ListAssignments(ctx, core.AssignmentQuery{}))
	case core.OpListByTarget:
		return first(d.store.ListAssignments(ctx, core.AssignmentQuery{Target: s.target}))
	}

	// The others need somebody to read: whoever comes first in the list.
	if s.user == "" {
		for u, err := range d.store.ListUsers(ctx, core.UserQuery{}) {
			if err != nil {
				return false, err
			}
			s.user = u.ID
			break
		}
	}

	switch {
	case s.user == "":
		return false, nil
	case op == core.OpListByUser:
		return first(d.store.ListAssignments(ctx, core.AssignmentQuery{UserID: s.user}))
	case op == core.OpPresence:
		_, err = d.store.Presence(ctx, s.user)
	default:
		_, err = d.store.GetUser(ctx, s.user)
	}
	return err == nil, err
}

// first reports whether a list has a row. It leaves the list there.
func first[T any](seq func(func(T, error) bool)) (bool, error) {
	for _, err := range seq {
		return err == nil, err
	}
	return false, nil
}

func judgeProbe(answered bool, err error) (Standing, string) {
	switch {
	case errors.Is(err, core.ErrPermission), errors.Is(err, core.ErrUnauthenticated):
		return Refused, err.Error()
	case errors.Is(err, errors.ErrUnsupported):
		return Lacking, err.Error()
	case errors.Is(err, core.ErrNotFound):
		return Unproven, "the user or target that was asked about is not there: " + err.Error()
	case err != nil:
		return Unproven, "it could not be asked: " + err.Error()
	case !answered:
		return Unproven, "it was answered with nothing, which a credential without the permission may see too"
	}
	return Proven, "it was answered"
}

// conclude adds what the reads say of the writes. A write is refused where a read was
// that demands no more than the write does.
func (d *doctor) conclude() []Diagnosis {
	var all []Diagnosis
	for _, op := range core.Operations() {
		is, examined := d.found[op]
		if !examined {
			continue
		}

		if is.Verdict == Unproven && !reads(op) {
			is = d.infer(is)
		}
		all = append(all, is)
	}
	return all
}

func (d *doctor) infer(is Diagnosis) Diagnosis {
	for _, op := range core.Operations() {
		read, examined := d.found[op]
		if !examined || !reads(op) || read.Verdict != Refused || len(read.Permissions) == 0 {
			continue
		}

		within := true
		for _, p := range read.Permissions {
			within = within && slices.Contains(is.Permissions, p)
		}
		if within {
			is.Verdict = Refused
			is.Message = fmt.Sprintf("%s, which demands the same, was refused: %s", op, read.Message)
			return is
		}
	}

	if len(is.Permissions) > 0 {
		is.Message += "; it demands " + strings.Join(is.Permissions, ", ")
	}
	return is
}
