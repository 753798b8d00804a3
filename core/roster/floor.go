package roster

import (
	"context"
	"errors"
	"sync"

	"github.com/rollcall-go/rollcall/core"
)

// staffed counts who is linked to a target, not suspended and not disabled, up to one
// more than the floor. It says whether the user is among them: taking away somebody who
// does not count leaves no fewer. Where users can be disabled it costs a request for
// each that it counts, beside that for the links.
func staffed(ctx context.Context, store core.Store, f Floor, user string) (n int, counted bool, err error) {
	members := []string{}
	for a, err := range store.ListAssignments(ctx, core.AssignmentQuery{Target: f.Target}) {
		switch {
		case err != nil:
			return 0, false, err
		case a.Suspended:
		case a.UserID == user:
			counted = true
			members = append([]string{user}, members...)
		default:
			members = append(members, a.UserID)
		}
	}
	if !counted || len(members) <= f.Least || !store.Capabilities().Field("enabled").Readable {
		return len(members), counted, nil
	}

	// The user comes first: if that one is disabled, nobody else is asked about.
	for _, id := range members {
		u, err := store.GetUser(ctx, id)
		switch {
		case errors.Is(err, core.ErrNotFound):
		case err != nil:
			return 0, false, err
		case u.Enabled == nil || *u.Enabled:
			if n++; n > f.Least {
				return n, true, nil
			}
		case id == user:
			return n, false, nil
		}
	}
	return n, true, nil
}

// floorLocks let one step at a time look at a floor and take somebody away: two that
// look at once would both see the one who may still go.
type floorLocks struct {
	mu   sync.Mutex
	held map[string]*sync.Mutex // by account and target
}

// enterFloor waits until no other step of the run is between its look and its write.
func (s *state) enterFloor(e *engine) {
	key := targetKey(s.Account, s.Floor.Target)
	e.floors.mu.Lock()
	if e.floors.held == nil {
		e.floors.held = map[string]*sync.Mutex{}
	}
	if e.floors.held[key] == nil {
		e.floors.held[key] = new(sync.Mutex)
	}
	s.floor = e.floors.held[key]
	e.floors.mu.Unlock()

	// Not under the lock of the table, which other floors need meanwhile.
	s.floor.Lock()
}

// leaveFloor lets the next one look.
func (s *state) leaveFloor() {
	if s.floor != nil {
		s.floor.Unlock()
		s.floor = nil
	}
}
