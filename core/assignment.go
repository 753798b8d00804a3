package core

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
)

// Kind is what a user can be assigned to.
type Kind string

// The kinds; each vendor has some of them.
const (
	KindQueue        Kind = "queue"
	KindSkill        Kind = "skill"
	KindGroup        Kind = "group"
	KindManagedGroup Kind = "managed-group"
	KindSupervisor   Kind = "supervisor"
	KindProfile      Kind = "profile"
	KindLOB          Kind = "lob" // line of business
)

// Kinds lists every kind there is.
func Kinds() []Kind {
	return []Kind{KindQueue, KindSkill, KindGroup, KindManagedGroup, KindSupervisor, KindProfile, KindLOB}
}

// Target is what a user is assigned to. Two targets are the same when kind and
// id are; the name is there for people and may be empty.
type Target struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// String returns "kind:id".
func (t Target) String() string { return string(t.Kind) + ":" + t.ID }

// ParseTarget reads "kind:id", for example "queue:42". The id may hold colons.
func ParseTarget(s string) (Target, error) {
	kind, id, ok := strings.Cut(s, ":")
	if !ok || id == "" {
		return Target{}, fmt.Errorf("target %q is not KIND:ID", s)
	}

	for _, k := range Kinds() {
		if string(k) == kind {
			return Target{Kind: k, ID: id}, nil
		}
	}
	return Target{}, fmt.Errorf("target %q: no kind %q", s, kind)
}

// ParseLevelled reads "kind:id@level", for example "queue:42@3"; without a level
// behind it the text is a target alone, and the level nil.
func ParseLevelled(s string) (Target, *int, error) {
	var level *int
	if i := strings.LastIndexByte(s, '@'); i > 0 {
		n, err := strconv.Atoi(s[i+1:])
		switch {
		case err == nil:
			s, level = s[:i], &n
		case errors.Is(err, strconv.ErrRange):
			return Target{}, nil, fmt.Errorf("no vendor has the level %s", s[i+1:])
		}
	}

	t, err := ParseTarget(s)
	return t, level, err
}

// Assignment links a user to a target.
type Assignment struct {
	UserID string `json:"userId"`
	Target Target `json:"target"`
	// Level is the proficiency or skill level, in the vendor's own scale (at
	// Avaya 1 is the best); nil where the vendor has none or none is asked for.
	Level *int `json:"level"`
	// Suspended means that the link stays and no work comes through it.
	Suspended bool `json:"suspended"`
}

// String returns "user → kind:id".
func (a Assignment) String() string {
	s := a.UserID + " → " + a.Target.String()
	if a.Level != nil {
		s += "@" + strconv.Itoa(*a.Level)
	}
	return s
}

// AssignmentQuery asks for the assignments of one user or of one target. The zero
// query asks for everybody's.
type AssignmentQuery struct {
	UserID string
	Target Target // used where UserID is empty
}

// IsZero reports whether the query asks for everybody's assignments.
func (q AssignmentQuery) IsZero() bool { return q.UserID == "" && q.Target == (Target{}) }

// TargetQuery narrows a listing of targets; empty matches all. Names match
// regardless of case, of blanks at either end and of the form of composition.
type TargetQuery struct {
	Kind Kind
	Name string
}

// Result says how one of several changes ended.
type Result string

// The results. Applied and already are good; the other two are not.
const (
	ResultApplied Result = "applied"
	ResultAlready Result = "already" // it was so before
	ResultFailed  Result = "failed"
	ResultUnknown Result = "unknown" // the answer was lost or could not be read
)

// Outcome is how the change of one assignment ended.
type Outcome struct {
	Assignment Assignment `json:"assignment"`
	Result     Result     `json:"result"`
	// Code and Message are the vendor's, or ours; on success the message may
	// say more, for example from where a single-valued link was moved.
	Code    string `json:"code"`
	Message string `json:"message"`
	// Before is the link that was there before the change, nil where there was none,
	// so that the change can be undone. For a single-valued target it is the link that
	// was replaced.
	Before *Assignment `json:"before"`
	// Deferred means that the vendor has put parts of the change off.
	Deferred bool `json:"deferred,omitzero"`
	// Err is the cause of a result that is not good. In JSON it is "error", with the
	// facts of an *Error.
	Err error `json:"-"`
}

// MarshalJSON writes the outcome with the facts of its cause.
func (o Outcome) MarshalJSON() ([]byte, error) {
	type plain Outcome
	out := struct {
		plain
		Error *Error `json:"error,omitzero"`
	}{plain: plain(o)}
	if e, ok := asError(o.Err); ok {
		out.Error = e
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote. The cause is an *Error again.
func (o *Outcome) UnmarshalJSON(data []byte) error {
	type plain Outcome
	in := struct {
		*plain
		Error *Error `json:"error"`
	}{plain: (*plain)(o)}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}

	if in.Error != nil {
		o.Err = in.Error
	}
	return nil
}

// Done reports whether the assignment is now as asked.
func (o Outcome) Done() bool { return o.Result == ResultApplied || o.Result == ResultAlready }

// Applied says whether the vendor's data was changed for the assignment. If it
// failed, the cause decides, because what was accepted and then failed may have
// been done in part.
func (o Outcome) Applied() Applied {
	switch o.Result {
	case ResultApplied:
		return AppliedYes
	case ResultUnknown:
		return AppliedUnknown
	case ResultFailed:
		if e, ok := asError(o.Err); ok {
			return cmp.Or(e.Applied, AppliedNo)
		}
	}
	return AppliedNo
}

// Fail marks the outcome as not done for a cause: failed, or unknown where the
// cause leaves open whether the change was made.
func (o *Outcome) Fail(err error) {
	o.Result, o.Err = ResultFailed, err
	o.Code, o.Message = string(ClassOf(err)), err.Error()

	if e, ok := asError(err); ok {
		if e.Applied == AppliedUnknown {
			o.Result = ResultUnknown
		}
		if e.Code != "" {
			o.Code = e.Code
		}
	}
}

// AssignmentStore keeps who belongs to which queue, skill, group, supervisor,
// profile or line of business.
//
// The writes take several assignments and group them, so that one user (or one
// supervisor) costs one write. They return when the changes are in effect, with
// one Outcome for each assignment, in order. If any outcome is not done the
// error is a *PartialError, also when all of them failed. What the vendor does
// not offer is refused as a whole, before anything is sent.
//
// A link that is there already is ResultAlready: assigning one that is suspended
// leaves it suspended. One link that is asked for with two levels in one call is
// ErrInvalid, before anything is sent.
type AssignmentStore interface {
	// ListTargets walks what people can be assigned to, by kind and by name. A kind
	// that the vendor does not have is ErrUnsupported.
	ListTargets(ctx context.Context, q TargetQuery) iter.Seq2[Target, error]
	// ListAssignments walks the assignments of a user, of a target, or everybody's.
	ListAssignments(ctx context.Context, q AssignmentQuery) iter.Seq2[Assignment, error]
	Assign(ctx context.Context, as ...Assignment) ([]Outcome, error)
	Unassign(ctx context.Context, as ...Assignment) ([]Outcome, error)
	Suspend(ctx context.Context, as ...Assignment) ([]Outcome, error)
	Resume(ctx context.Context, as ...Assignment) ([]Outcome, error)
}
