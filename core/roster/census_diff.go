package roster

import (
	"cmp"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// What says what a Change is about.
type What string

// What can change.
const (
	WhatUser       What = "user" // is there now, or a field differs
	WhatGone       What = "gone"
	WhatAssignment What = "assignment"
	WhatPresence   What = "presence"
)

// Change is one difference between two censuses. The pair of pointers that belongs to
// What is set: nil before is something new, and nil after something that is gone.
type Change struct {
	Account string
	Person  string
	User    string
	What    What

	UserBefore, UserAfter         *core.User
	LinkBefore, LinkAfter         *core.Assignment
	PresenceBefore, PresenceAfter *core.Presence

	// Seen is when it was seen, and Within how long before that it may have happened: it
	// was different when the earlier census was begun.
	Seen   time.Time
	Within time.Duration
}

// MarshalJSON writes the change as the program rollcall does.
func (c Change) MarshalJSON() ([]byte, error) {
	var before, after any
	switch c.What {
	case WhatAssignment:
		before, after = c.LinkBefore, c.LinkAfter
	case WhatPresence:
		before, after = c.PresenceBefore, c.PresenceAfter
	default:
		before, after = c.UserBefore, c.UserAfter
	}

	return json.Marshal(struct {
		Account string    `json:"account"`
		Person  string    `json:"person"`
		User    string    `json:"user"`
		What    What      `json:"what"`
		Before  any       `json:"before"`
		After   any       `json:"after"`
		Seen    time.Time `json:"seen"`
		Within  float64   `json:"within"`
	}{c.Account, c.Person, c.User, c.What, before, after, c.Seen, c.Within.Seconds()})
}

// Diff walks what differs from an earlier census, account by account and user by
// user. Only what is proven is a change: nobody is new whom an earlier list may have
// left out, and nobody and no link is gone because a list that is not complete lacks
// them. Accounts that only one of the two has are left out.
func (c *Census) Diff(before *Census) iter.Seq[Change] {
	return func(yield func(Change) bool) {
		within := time.Duration(0)
		if !before.begun.IsZero() && !c.ended.IsZero() {
			within = c.ended.Sub(before.begun)
		}

		for _, account := range c.Accounts() {
			was := before.accounts[account]
			if was == nil {
				continue
			}
			d := differ{now: c.accounts[account], was: was, seen: c.ended, within: within, yield: yield}
			if !d.users() || !d.links() || !d.presences() {
				return
			}
		}
	}
}

// differ compares one account of two censuses. Both are sorted, so one pass is enough.
type differ struct {
	now, was *listing
	seen     time.Time
	within   time.Duration
	yield    func(Change) bool

	// The user whose links are compared: whether both have it, and who it is.
	id, person string
	both       bool
}

func (d *differ) tell(u core.User, ch Change) bool {
	return d.tellOf(u.ID, d.now.census.key(d.now.account, u), ch)
}

func (d *differ) tellOf(id, person string, ch Change) bool {
	ch.Account, ch.Person, ch.User, ch.Seen, ch.Within = d.now.account, person, id, d.seen, d.within
	if base := d.was.base; base != nil && !base.census.begun.IsZero() {
		ch.Within = d.seen.Sub(base.census.begun) // what came between was in doubt
	}
	return d.yield(ch)
}

func (d *differ) users() bool {
	byID := func(a, b *core.User) int { return strings.Compare(a.ID, b.ID) }
	return sideBySide(d.was.users, d.now.users, byID, func(before, after *core.User) bool {
		switch {
		case after == nil:
			return !d.now.gone(*before) || d.tell(*before, Change{What: WhatGone, UserBefore: before})
		case before == nil:
			return !d.wasNot(*after) || d.tell(*after, Change{What: WhatUser, UserAfter: after})
		}
		return sameUser(before, after) || d.tell(*after, Change{What: WhatUser, UserBefore: before, UserAfter: after})
	})
}

// sideBySide walks two sorted lists. What is in both is handed out together, and what is
// in one of them with nil for the other. It reports whether each returned true to the end.
func sideBySide[T any](a, b []T, compare func(a, b *T) int, each func(before, after *T) bool) bool {
	for len(a) > 0 || len(b) > 0 {
		order := 0
		switch {
		case len(a) == 0:
			order = 1
		case len(b) == 0:
			order = -1
		default:
			order = compare(&a[0], &b[0])
		}

		var before, after *T
		if order <= 0 {
			before, a = &a[0], a[1:]
		}
		if order >= 0 {
			after, b = &b[0], b[1:]
		}
		if !each(before, after) {
			return false
		}
	}
	return true
}

// wasNot says whether somebody certainly was not listed before: a complete list lacked
// the user, the last one or the last complete one.
func (d *differ) wasNot(u core.User) bool {
	if d.was.proof.Verdict == Complete && d.was.census.only == nil || d.was.gone(u) {
		return true
	}
	if d.was.base == nil {
		return false
	}
	_, there := d.was.base.at[u.ID]
	return !there
}

// sameUser compares what the neutral fields show. A revision that moves alone is no
// change: some vendors have one for the whole account.
func sameUser(a, b *core.User) bool {
	enabled := func(u *core.User) int {
		switch {
		case u.Enabled == nil:
			return 0
		case *u.Enabled:
			return 1
		}
		return 2
	}

	return a.Login == b.Login && a.FirstName == b.FirstName && a.LastName == b.LastName && a.DisplayName == b.DisplayName &&
		a.Email == b.Email && a.EmployeeID == b.EmployeeID && enabled(a) == enabled(b) && sameSet(a.Roles, b.Roles)
}

func sameSet(a, b []string) bool {
	if slices.Equal(a, b) {
		return true
	}
	return slices.Equal(slices.Compact(slices.Sorted(slices.Values(a))), slices.Compact(slices.Sorted(slices.Values(b))))
}

func (d *differ) links() bool {
	if !d.now.linked || !d.was.linked {
		return true
	}

	inOrder := func(a, b *core.Assignment) int { return compareLinks(*a, *b) }
	return sideBySide(d.was.links, d.now.links, inOrder, func(before, after *core.Assignment) bool {
		if before != nil && after != nil && sameLevel(before.Level, after.Level) && before.Suspended == after.Suspended {
			return true
		}
		return d.link(cmp.Or(after, before).UserID, before, after)
	})
}

func sameLevel(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }

// link tells of a link of somebody who is in both censuses, where it is proven.
func (d *differ) link(id string, before, after *core.Assignment) bool {
	if id != d.id {
		at, now := d.now.at[id]
		_, then := d.was.at[id]
		d.id, d.both = id, now && then
		if d.both {
			d.person = d.now.census.key(d.now.account, d.now.users[at])
		}
	}

	switch {
	case !d.both:
		return true // told with the user, or not proven
	case after == nil && !d.now.wholeLinks():
		return true
	case before == nil && !d.was.wholeLinks():
		if d.was.base == nil || linkTo(d.was.base.linksOf(id), after.Target) != nil {
			return true
		}
	}
	return d.tellOf(id, d.person, Change{What: WhatAssignment, LinkBefore: before, LinkAfter: after})
}

// wholeLinks reports whether a link that is not listed is not there. Where only some
// people were asked for, each was asked about.
func (l *listing) wholeLinks() bool {
	return l.linked && (l.proof.Verdict == Complete || l.census.only != nil && l.proof.Verdict != Broken)
}

func (d *differ) presences() bool {
	for _, u := range d.now.users {
		now, read := d.now.presence[u.ID]
		was, had := d.was.presence[u.ID]
		if !read || !had || samePresence(now, was) {
			continue
		}
		if !d.tell(u, Change{What: WhatPresence, PresenceBefore: &was, PresenceAfter: &now}) {
			return false
		}
	}
	return true
}

func samePresence(a, b core.Presence) bool {
	same := func(a, b *bool) bool { return a == b || a != nil && b != nil && *a == *b }
	return cmp.Or(strings.Compare(string(a.Availability), string(b.Availability)), strings.Compare(a.Raw, b.Raw),
		strings.Compare(a.Reason, b.Reason)) == 0 &&
		same(a.Blocked, b.Blocked) && same(a.Routable, b.Routable)
}
