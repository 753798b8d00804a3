package webex

import (
	"context"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

const (
	whySetPresence = "the status of a person is read only at Webex: no API sets it. Joining a queue is Resume, leaving it Suspend"
	notShown       = "the vendor does not show the status: the person, or whoever the token belongs to, does not share it, or is of another organisation"
)

// availabilities are what the words of the vendor page "People" mean, in lower case.
var availabilities = map[string]core.Availability{
	"active": core.Available, "call": core.Busy, "donotdisturb": core.DND, "inactive": core.Away, "meeting": core.Busy,
	"outofoffice": core.Away, "pending": core.Offline, "presenting": core.Busy, "unknown": core.Unknown,
}

// Presence implements core.PresenceController, from the status of the person. A
// status that is not there, or a word that is new, is unknown, and not offline. It
// is that of the Webex app, and says nothing about the queues that an agent has
// joined: whether it can receive work is unknown, always. Blocked says whether the
// person may log in, where the credential is shown that.
func (s *Store) Presence(ctx context.Context, userID string) (core.Presence, error) {
	person, err := s.c.People.get(ctx, "Presence.Get", ID(userID))
	if err != nil {
		return core.Presence{}, err
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
	return core.Unsupported(vendor, "Presence.Set", whySetPresence)
}

// blockLogin is the name of what a block changes.
const blockLogin = "loginEnabled"

// Block keeps the person from logging in. It names the field that it changed; a
// person who was blocked before is left alone, and the Block says so by naming
// none. Where it is not known whether the person was blocked, the record comes beside
// the error, and names what may have been changed.
func (s *Store) Block(ctx context.Context, userID string) (core.Block, error) {
	b := core.Block{Vendor: vendor, UserID: userID, Changed: []string{}}
	changed, err := s.setLogin(ctx, "Presence.Block", userID, false)
	if changed && core.MaybeApplied(err) {
		b.Changed = append(b.Changed, blockLogin) // or perhaps: its record must lift it all the same
	}
	return b, err
}

// Unblock lets the person log in, or with Blocks restores just what they changed.
func (s *Store) Unblock(ctx context.Context, userID string, made ...core.Block) error {
	const op = "Presence.Unblock"
	if _, err := ID(userID).check(op, "the person", TypePerson); err != nil {
		return err
	}
	enable := len(made) == 0
	for _, b := range made {
		if !ID(b.UserID).Same(ID(userID)) || b.Vendor != "" && b.Vendor != vendor {
			return core.Invalid(vendor, op, "the record is of another person or vendor")
		}
		if slices.ContainsFunc(b.Changed, func(name string) bool { return name != blockLogin }) {
			return core.Invalid(vendor, op, "the record holds what no block of Webex changes")
		}
		enable = enable || len(b.Changed) > 0
	}
	if !enable {
		return nil
	}
	_, err := s.setLogin(ctx, op, userID, true)
	return err
}

// setLogin sets loginEnabled, and reports whether it was otherwise.
func (s *Store) setLogin(ctx context.Context, op, userID string, to bool) (changed bool, err error) {
	m, err := s.c.People.modify(ctx, op, ID(userID), func(p *Person) error {
		p.LoginEnabled = core.Set(to)
		return nil
	})
	return m.wrote, err
}
