package webex

import (
	"context"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

const (
	whySetPresence = "the status of a person is read only at Webex: no API sets it. Joining a queue is Resume, leaving it Suspend"
	notShown       = "the vendor does not show the status: the person, or whoever the token belongs to, does not share it, or is of another " +
		"organisation"
)

// availabilities are what the words of the vendor page "People" mean, in lower case.
var availabilities = map[string]core.Availability{
	"active": core.Available, "call": core.Busy, "donotdisturb": core.DND, "inactive": core.Away, "meeting": core.Busy,
	"outofoffice": core.Away, "pending": core.Offline, "presenting": core.Busy, "unknown": core.Unknown,
}

// Presence implements core.PresenceController, from the status of the person. A
// status that is not there, or a word that is new, is unknown, and not offline. It
// is that of the Webex app, and does not tell the queues that an agent has joined:
// whether it can receive work is unknown, always. Blocked says whether the person may
// log in, where the credential is shown that.
func (s *Store) Presence(ctx context.Context, userID string) (core.Presence, error) {
	person, err := s.c.People.get(ctx, "Presence.Get", ID(userID))
	if err != nil {
		return core.Presence{}, s.border.Error(core.OpPresence, err)
	}

	p := core.Presence{UserID: userID, Availability: core.Unknown}
	if status, ok := person.Status.Get(); ok && status != "" {
		p.Raw = string(status)
		if a, known := availabilities[strings.ToLower(p.Raw)]; known {
			p.Availability = a
		}
	} else {
		p.Reason = notShown
	}

	if enabled, ok := person.LoginEnabled.Get(); ok {
		p.Blocked = new(!enabled)
		if !enabled {
			p.Reason = "login is disabled"
		}
	}
	return p, nil
}

// SetPresence is unsupported.
func (s *Store) SetPresence(context.Context, string, core.Availability) error {
	return s.border.Unsupported(core.OpSetPresence, whySetPresence)
}

// blockLogin is the field that a block changes.
const blockLogin = "loginEnabled"

// Block keeps the person from logging in. It names the field that it changed; a
// person who was blocked before is left alone, and the Block says so by naming
// none. Where it is not known whether the person was blocked, the record comes beside
// the error, and names what may have been changed.
func (s *Store) Block(ctx context.Context, userID string) (core.Block, error) {
	b := core.Block{Vendor: vendor, Account: s.c.options.Account, UserID: userID, Changed: []string{}}
	intent := b
	intent.Changed = []string{blockLogin}

	e, err := s.c.People.modify(ctx, "Presence.Block", ID(userID), func(p *Person) error {
		if was, shown := p.LoginEnabled.Get(); shown && !was {
			return nil
		}
		p.LoginEnabled = core.Set(false)
		return s.c.rest.Intend(ctx, intent)
	})
	if e.wrote && (err == nil || core.MaybeApplied(err)) {
		b = intent // or it may have: its record must lift it anyway
	}
	return b, s.border.Error(core.OpBlock, err)
}

// Unblock restores just what the given blocks changed.
func (s *Store) Unblock(ctx context.Context, userID string, made ...core.Block) error {
	const op = core.OpUnblock
	if _, err := ID(userID).check(string(op), "the person", TypePerson); err != nil {
		return s.border.Error(op, err)
	}

	enable := false
	for _, b := range made {
		if err := s.border.CheckRecord(op, b, ID(b.UserID).Same(ID(userID))); err != nil {
			return err
		}
		if slices.ContainsFunc(b.Changed, func(name string) bool { return name != blockLogin }) {
			return s.border.Invalid(op, "the record contains something that no block of Webex changes")
		}
		enable = enable || len(b.Changed) > 0
	}

	if !enable {
		return nil
	}
	return s.allowLogin(ctx, op, userID)
}

// LiftBlocks lets the person log in.
func (s *Store) LiftBlocks(ctx context.Context, userID string) error {
	return s.allowLogin(ctx, core.OpLiftBlocks, userID)
}

func (s *Store) allowLogin(ctx context.Context, op core.Operation, userID string) error {
	_, err := s.c.People.modify(ctx, "Presence.Unblock", ID(userID), func(p *Person) error {
		p.LoginEnabled = core.Set(true)
		return nil
	})
	return s.border.Error(op, err)
}
