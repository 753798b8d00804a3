package avaya

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/rest"
)

var (
	opUserStatuses = &rest.Op{Name: "Users.ListStatuses", Method: http.MethodPost, Path: userPath + ":listStatuses", Replay: rest.Safe,
		Bucket: "api", Success: rest.Array(200), About: rest.AboutThing}
	opProfileStatuses = &rest.Op{Name: "Profiles.ListStatuses", Method: http.MethodPost, Path: profilePath + ":listStatuses",
		Replay: rest.Safe, Bucket: "api", Success: rest.Array(200), About: rest.AboutThing}
)

// FeatureAction is the latest state of one part of a user or profile. Messages
// are the vendor's and unreliable: samples complete a removal with the text for
// an addition. Nothing here reads them but people.
type FeatureAction struct {
	// Action is ADD, UPDATE or DELETE.
	Action string `json:"action"`
	Status Status `json:"status"`
	// Message is for people.
	Message string     `json:"message,omitzero"`
	Extra   core.Extra `json:"-"`
}

// Status is how far a change has come. The set is open; compare with Is, since
// the vendor writes "Failed" as well as "FAILED".
type Status string

// The statuses of the vendor's specification.
const (
	StatusInProgress       Status = "IN_PROGRESS"
	StatusCompleted        Status = "COMPLETED"
	StatusFailed           Status = "FAILED"
	StatusPending          Status = "PENDING" // waits, perhaps for hours, until the agent logs out
	StatusDeleteInProgress Status = "DELETE_IN_PROGRESS"
	StatusDeleted          Status = "DELETED"
	StatusDeleteFailed     Status = "DELETE_FAILED"
)

// Is compares without regard to case.
func (s Status) Is(other Status) bool { return strings.EqualFold(string(s), string(other)) }

// Known reports whether the status is one of the constants.
func (s Status) Known() bool {
	return slices.ContainsFunc([]Status{StatusInProgress, StatusCompleted, StatusFailed, StatusPending,
		StatusDeleteInProgress, StatusDeleted, StatusDeleteFailed}, s.Is)
}

func (s Status) failed() bool { return s.Is(StatusFailed) || s.Is(StatusDeleteFailed) }

// state translates a status into core's words.
func (s Status) state() core.SettleState {
	switch {
	case s.failed():
		return core.Failed
	case s.Is(StatusPending):
		return core.Deferred
	case s.Is(StatusCompleted), s.Is(StatusDeleted):
		return core.Settled
	}
	return ""
}

// UserStatus is the latest state of a user and of each of its parts. It mixes
// operations: a part keeps its last state until it is changed again, and one that
// no change touched may be missing.
type UserStatus struct {
	FeatureAction
	UserID             string                   `json:"userId"`
	Role               *FeatureAction           `json:"role,omitzero"` // one for all roles: they are assigned all or none
	ResourcePartitions *FeatureAction           `json:"resourcePartitions,omitzero"`
	Features           map[string]FeatureAction `json:"features,omitzero"`
}

// ProfileStatus is the latest state of a profile and of each of its features.
type ProfileStatus struct {
	FeatureAction
	ProfileID string                   `json:"profileId"`
	Features  map[string]FeatureAction `json:"features,omitzero"`
}

// entityStatus is what settling needs of either.
type entityStatus struct {
	id    string
	whole FeatureAction
	parts []namedAction
}

type namedAction struct {
	name string
	FeatureAction
}

func (s UserStatus) about() string    { return s.UserID }
func (s ProfileStatus) about() string { return s.ProfileID }

func (s UserStatus) entity() entityStatus {
	e := entityStatus{id: s.UserID, whole: s.FeatureAction}
	if s.Role != nil {
		e.parts = append(e.parts, namedAction{"role", *s.Role})
	}
	if s.ResourcePartitions != nil {
		e.parts = append(e.parts, namedAction{"resourcePartitions", *s.ResourcePartitions})
	}
	e.addFeatures(s.Features)
	return e
}

func (s ProfileStatus) entity() entityStatus {
	e := entityStatus{id: s.ProfileID, whole: s.FeatureAction}
	e.addFeatures(s.Features)
	return e
}

func (e *entityStatus) addFeatures(features map[string]FeatureAction) {
	for _, name := range slices.Sorted(maps.Keys(features)) {
		e.parts = append(e.parts, namedAction{name, features[name]})
	}
}

// clean makes the vendor's words safe for errors: they come with a success, which may
// repeat anything.
func (e *entityStatus) clean(text func(string) string) {
	fit := func(a *FeatureAction) {
		a.Action, a.Status, a.Message = text(a.Action), Status(text(string(a.Status))), text(a.Message)
	}
	fit(&e.whole)
	for i := range e.parts {
		p := &e.parts[i]
		p.name = text(p.name)
		fit(&p.FeatureAction)
	}
}

// maxStatusIDs is the most ids one request may ask for.
const maxStatusIDs = 50

// walkStatuses walks the statuses of any number of ids, as listStatuses reads them.
func walkStatuses[S any](ctx context.Context, c *Client, op *rest.Op, field string, ids []string) iter.Seq2[S, error] {
	return func(yield func(S, error) bool) {
		listed := false
		for chunk := range slices.Chunk(ids, maxStatusIDs) {
			some, err := listStatuses[S](ctx, c, op, field, chunk)
			if err != nil {
				var none S
				yield(none, storekit.Incomplete(vendor, op.Name, err, listed))
				return
			}
			for _, s := range some {
				listed = true
				if !yield(s, nil) {
					return
				}
			}
		}
	}
}

// listStatuses asks for the statuses of any number of ids. Whether the vendor
// answers an unknown id with 404 or leaves it out is not documented: a chunk
// that is not found is asked again id by id, and what is not found then is left
// out.
func listStatuses[S any](ctx context.Context, c *Client, op *rest.Op, field string, ids []string) ([]S, error) {
	var all []S
	for chunk := range slices.Chunk(ids, maxStatusIDs) {
		for _, id := range chunk {
			if why := rest.CheckID(id); why != "" {
				return nil, core.Invalid(vendor, op.Name, "an id "+why)
			}
		}
		var some []S
		call := c.call(op)
		call.Body, call.Out = map[string][]string{field: chunk}, &some
		_, err := c.rest.Do(ctx, call)
		switch {
		case err == nil:
			all = append(all, some...)
		case !errors.Is(err, core.ErrNotFound):
			return nil, err
		case len(chunk) > 1:
			for _, id := range chunk {
				one, err := listStatuses[S](ctx, c, op, field, []string{id})
				if err != nil {
					return nil, err
				}
				all = append(all, one...)
			}
		}
	}

	return all, nil
}
