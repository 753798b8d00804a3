package liveperson

import (
	"context"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

const (
	whyPresence    = "presence is read from a report that the client was not allowed to ask (WithAgentView)"
	whyNoReport    = "the account has no agent view, from which presence is read"
	whySetPresence = "at LivePerson only the agent's own session sets its state; no administrative API does"
)

// Presence implements core.PresenceController, if the Client has WithAgentView.
// Blocked says whether the user is disabled. An agent whom the report does not
// know is offline for long, or not visible to the credential: its availability
// is unknown.
func (s *Store) Presence(ctx context.Context, userID string) (core.Presence, error) {
	const op = "Presence.Get"
	if !s.c.agentView {
		return core.Presence{}, core.Unsupported(vendor, op, whyPresence)
	}
	id, err := parseID(op, "the user", userID)
	if err != nil {
		return core.Presence{}, err
	}
	u, err := s.get(ctx, id)
	if err != nil {
		return core.Presence{}, err
	}
	p := core.Presence{UserID: userID, Availability: core.Unknown}
	if enabled, ok := u.IsEnabled.Get(); ok {
		p.Blocked = new(!enabled)
		if !enabled {
			p.Routable = new(false)
			p.Reason = "the user is disabled, and the report does not know disabled users"
			return p, nil
		}
	}
	r, found, err := s.c.AgentView.Get(ctx, id)
	switch {
	case noSuchReport(err):
		return core.Presence{}, core.Unsupported(vendor, op, whyNoReport)
	case err != nil:
		return core.Presence{}, err
	case found:
		r.into(&p)
	default:
		p.Reason = "not in the report: logged out for long, or not visible to the credential"
	}
	return p, nil
}

func (r *AgentRecord) into(p *core.Presence) {
	p.Raw = r.Status
	switch strings.ToUpper(r.Status) {
	case "ONLINE":
		p.Availability = core.Available
		free := true
		if slots, ok := r.AvailableSlots.Get(); ok {
			free = slots > 0
		} else if load, ok := r.Load.Get(); ok {
			free = load < 1
		}
		p.Routable = &free
		return // a reason is why somebody is not available
	case "AWAY", "BACK_SOON":
		p.Availability = core.Away
	case "OCCUPIED":
		p.Availability = core.Busy
	case "OFFLINE":
		p.Availability = core.Offline
	default:
		return
	}
	p.Routable = new(false)
	if reason := r.Reason.Or(r.ReasonID.Or("")); reason != "NA" {
		p.Reason = reason
	}
}

// SetPresence is unsupported.
func (s *Store) SetPresence(context.Context, string, core.Availability) error {
	return core.Unsupported(vendor, "Presence.Set", whySetPresence)
}

// The names of what a block changes.
const (
	blockEnabled  = "isEnabled"
	blockManually = "disabledManually"
)

// Block disables the user, which keeps it from logging in. It names the fields
// it changed; a user who was disabled before is left alone, and the Block says so
// by naming none. Where it is not known whether the user was disabled, the record
// comes beside the error, and names what may have been changed.
func (s *Store) Block(ctx context.Context, userID string) (core.Block, error) {
	const op = "Presence.Block"
	b := core.Block{Vendor: vendor, UserID: userID, Changed: []string{}}
	id, err := parseID(op, "the user", userID)
	if err != nil {
		return b, err
	}
	var changed []string
	m, err := s.c.Users.modify(ctx, op, id, func(u *User, maybe bool) error {
		if enabled, known := u.IsEnabled.Get(); known && !enabled {
			if !maybe {
				changed = nil // somebody else's doing
			}
			return nothingToChange{}
		}
		changed = []string{blockEnabled}
		if manually, known := u.DisabledManually.Get(); !known || !manually {
			changed = append(changed, blockManually)
		}
		u.IsEnabled, u.DisabledManually = core.Set(false), core.Set(true)
		return nil
	})
	if err != nil {
		if core.MaybeApplied(err) {
			b.Changed = append(b.Changed, changed...) // perhaps: its record must lift it all the same
		}
		return b, err
	}
	enabled, told := m.user.IsEnabled.Get()
	what := "the user is still enabled"
	switch {
	case enabled && m.seenTwice:
		return b, m.notDone(op, what)
	case !told:
		what = "it does not say whether the user is enabled"
	}
	if b.Changed = append(b.Changed, changed...); enabled || !told {
		return b, m.notDone(op, what)
	}
	return b, nil
}

// Unblock enables the user, or with Blocks restores just what they changed.
func (s *Store) Unblock(ctx context.Context, userID string, made ...core.Block) error {
	const op = "Presence.Unblock"
	id, err := parseID(op, "the user", userID)
	if err != nil {
		return err
	}
	enable, manually := len(made) == 0, len(made) == 0
	for _, b := range made {
		if b.UserID != userID || b.Vendor != "" && b.Vendor != vendor {
			return core.Invalid(vendor, op, "the record is of another user or vendor")
		}
		for _, name := range b.Changed {
			if name != blockEnabled && name != blockManually {
				return core.Invalid(vendor, op, "the record holds what no block of LivePerson changes")
			}
		}
		enable = enable || slices.Contains(b.Changed, blockEnabled)
		manually = manually || slices.Contains(b.Changed, blockManually)
	}
	if !enable && !manually {
		return nil
	}
	m, err := s.c.Users.modify(ctx, op, id, func(u *User, _ bool) error {
		if (!enable || u.IsEnabled.Or(false)) && (!manually || !u.DisabledManually.Or(false)) {
			return nothingToChange{}
		}
		if enable {
			u.IsEnabled = core.Set(true)
		}
		if manually {
			u.DisabledManually = core.Set(false)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if enable && !m.user.IsEnabled.Or(true) {
		return m.notDone(op, "the user is still disabled")
	}
	return nil
}

func (m *modified) notDone(op, what string) error {
	e := about(m.res, notDone(op, what))
	e.Applied = m.applied()
	return e
}

func notDone(op, what string) *core.Error {
	return &core.Error{Vendor: vendor, Op: op, Class: core.ClassNotApplied, Applied: core.AppliedNo,
		Message: "the vendor accepted the change, and " + what}
}
