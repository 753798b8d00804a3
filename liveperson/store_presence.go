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
	const op = core.OpPresence
	if !s.c.agentView {
		return core.Presence{}, s.border.Unsupported(op, whyPresence)
	}
	u, err := s.read(ctx, op, userID)
	if err != nil {
		return core.Presence{}, s.border.Error(op, err)
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

	r, found, err := s.c.AgentView.Get(ctx, u.ID)
	switch {
	case noSuchReport(err):
		return p, s.border.Unsupported(op, whyNoReport)
	case err != nil:
		return p, s.border.Error(op, err) // whether the user is blocked is known
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
		return // only an unavailable user has a reason
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
	return s.border.Unsupported(core.OpSetPresence, whySetPresence)
}

// The names of the fields that a block changes.
const (
	blockEnabled  = "isEnabled"
	blockManually = "disabledManually"
)

// Block disables the user, which keeps it from logging in. It names the fields
// it changed; a user who was disabled before is left alone, and the Block says so
// by naming none. Where it is not known whether the user was disabled, the record
// comes beside the error, and names what may have been changed.
func (s *Store) Block(ctx context.Context, userID string) (core.Block, error) {
	const op = core.OpBlock
	b := core.Block{Vendor: vendor, Account: s.border.Account, UserID: userID, Changed: []string{}}
	id, err := s.parseID(op, "the user", userID)
	if err != nil {
		return b, err
	}

	m := &modification{op: string(op), id: id, named: []string{blockEnabled}}
	m.edit = func(u *User) error {
		if enabled, known := u.IsEnabled.Get(); known && !enabled {
			if m.doubt == nil {
				b.Changed = []string{} // another writer changed it
			}
			return errNothing
		}
		intent := b
		intent.Changed = disable(u)
		if err := s.intend(ctx, b.Changed, intent); err != nil {
			return err
		}
		b = intent
		return nil
	}
	_, err = s.c.Users.modify(ctx, m)

	// A write that was sent and not certainly refused may have been carried out.
	if err != nil && !core.MaybeApplied(err) && core.ClassOf(err) != core.ClassNotApplied {
		b.Changed = []string{}
	}
	return b, s.border.Error(op, err)
}

// intend records in the caller's log what is about to be changed, if that was not done
// yet.
func (s *Store) intend(ctx context.Context, told []string, intent core.Block) error {
	if slices.Equal(told, intent.Changed) {
		return nil
	}
	return s.c.rest.Intend(ctx, intent)
}

// Unblock restores just what the given Blocks changed. Without any it sends nothing.
func (s *Store) Unblock(ctx context.Context, userID string, made ...core.Block) error {
	const op = core.OpUnblock
	if _, err := s.parseID(op, "the user", userID); err != nil {
		return err
	}

	var changed []string
	for _, b := range made {
		if err := s.border.CheckRecord(op, b, b.UserID == userID); err != nil {
			return err
		}
		for _, name := range b.Changed {
			if name != blockEnabled && name != blockManually {
				return s.border.Invalid(op, "the record contains something that no block of LivePerson changes")
			}
		}
		changed = append(changed, b.Changed...)
	}
	return s.enable(ctx, op, userID, changed)
}

// LiftBlocks enables the user, whoever has disabled it.
func (s *Store) LiftBlocks(ctx context.Context, userID string) error {
	return s.enable(ctx, core.OpLiftBlocks, userID, []string{blockEnabled, blockManually})
}

// enable undoes what blocks have changed on a user.
func (s *Store) enable(ctx context.Context, op core.Operation, userID string, changed []string) error {
	id, err := s.parseID(op, "the user", userID)
	if err != nil || len(changed) == 0 {
		return err
	}

	enable, manually := slices.Contains(changed, blockEnabled), slices.Contains(changed, blockManually)
	_, err = s.c.Users.modify(ctx, &modification{op: string(op), id: id, named: changed, edit: func(u *User) error {
		if (!enable || u.IsEnabled.Or(false)) && (!manually || !u.DisabledManually.Or(false)) {
			return errNothing
		}
		if enable {
			u.IsEnabled = core.Set(true)
		}
		if manually {
			u.DisabledManually = core.Set(false)
		}
		return nil
	}})
	return s.border.Error(op, err)
}
