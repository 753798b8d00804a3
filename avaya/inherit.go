package avaya

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/rollcall-go/rollcall/core"
)

// inheritance knows which fields of a user, as read, its profile can have given:
// those that equal the profile's. Sent back, they would override the profile
// from then on.
type inheritance struct {
	// gives holds the wire form of what the profile gives, and taken that of each field
	// of the user that was as the profile has it.
	gives, taken map[string][]byte
	// gone is the profile's id if the profile no longer exists: what came from it is
	// not known, and everything is sent as the user's own.
	gone string
}

// inherited compares a user with its profile. A profile that cannot be read
// makes the user's own fields unknown, and a full replacement a guess: that is
// class incomplete, and nothing is written.
func (u *Users) inherited(ctx context.Context, user *User) (inheritance, error) {
	id, ok := user.ProfileID.Get()
	if !ok || id == "" {
		return inheritance{}, nil
	}
	profile, err := u.c.Profiles.Get(ctx, id)
	switch {
	case errors.Is(err, core.ErrNotFound):
		return inheritance{gone: id}, nil
	case err != nil:
		return inheritance{}, &core.Error{Vendor: vendor, Account: u.c.options.Account, Op: "Users.Modify", Class: core.ClassIncomplete, Err: err,
			Message: "the user's profile cannot be read, so the user's own fields cannot be told from the profile's: " + err.Error(),
			Applied: core.AppliedNo}
	}

	in := inheritance{gives: profile.fields(), taken: map[string][]byte{}}
	for name, mine := range user.fields() {
		if p, ok := in.gives[name]; ok && bytes.Equal(mine, p) {
			in.taken[name] = mine
		}
	}
	return in, nil
}

// withheld says what became of the fields that a profile gives.
type withheld struct {
	pinned   []string // they came from the profile and are now the user's own
	returned []string // they were the user's own and come from the profile again
}

// withhold returns the user without the fields that still equal the profile's, unless
// the change named them. A field that was emptied is sent empty: left out, it would
// come from the profile again. With follow, a field that was the user's own and now
// equals the profile's is left out too. An empty switch for routing does not count.
func (in inheritance) withhold(user User, named []string, follow bool) (body User, w withheld) {
	if len(in.gives) == 0 {
		return user, w
	}
	now, bare := user.fields(), user.unrouted().fields()
	drop := func(name string) bool {
		was, inherited := in.taken[name]
		switch {
		case inherited && bytes.Equal(was, now[name]) && !slices.Contains(named, name):
			return true
		case inherited:
			w.pinned = append(w.pinned, name)
		case follow && in.gives[name] != nil && (bytes.Equal(now[name], in.gives[name]) || bytes.Equal(bare[name], in.gives[name])):
			w.returned = append(w.returned, name)
			return true
		}
		return false
	}

	for name, set := range map[string]*[]string{
		"roles": &user.Roles, "memberOfGroups": &user.MemberOfGroups, "resourcePartitions": &user.ResourcePartitions,
	} {
		if drop(name) {
			*set = nil
		} else if _, inherited := in.taken[name]; inherited && *set == nil {
			*set = []string{}
		}
	}

	if drop("features") {
		user.Features = nil
	} else if in.taken["features"] != nil && user.Features == nil {
		user.Features = &Features{}
	}

	extra := core.Extra{}
	for name, raw := range user.Extra {
		if !drop(name) {
			extra[name] = raw
		}
	}

	user.Extra = extra
	slices.Sort(w.pinned)
	slices.Sort(w.returned)
	return user, w
}
