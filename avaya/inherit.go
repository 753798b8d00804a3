package avaya

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// inheritance knows which fields of a user, as read, its profile can have given:
// those that equal the profile's. Sent back, they would override the profile
// from then on.
type inheritance struct {
	// fields holds the wire form of each such field as it was read.
	fields map[string][]byte
	// gone is the profile's id where there is no such profile any more: nobody can
	// say then what came from it, and all is sent as the user's own.
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
		return inheritance{}, &core.Error{Vendor: vendor, Op: "Users.Modify", Class: core.ClassIncomplete, Err: err,
			Message: "the user's profile cannot be read, so its own fields cannot be told from the profile's: " + err.Error(),
			Applied: core.AppliedNo}
	}
	in := inheritance{fields: map[string][]byte{}}
	theirs := profileFields(profile)
	for name, mine := range userFields(user) {
		if p, ok := theirs[name]; ok && bytes.Equal(mine, p) {
			in.fields[name] = mine
		}
	}
	return in, nil
}

// withhold returns the user without the fields that still are as the profile has
// them, unless the change named them, and names those that were inherited and now
// are the user's own. One that was emptied is sent empty: left out, it would
// come from the profile again.
func (in inheritance) withhold(user User, named []string) (body User, pinned []string) {
	if len(in.fields) == 0 {
		return user, nil
	}
	now := userFields(&user)
	drop := func(name string) bool {
		was, inherited := in.fields[name]
		if !inherited {
			return false
		}
		if bytes.Equal(was, now[name]) && !slices.Contains(named, name) {
			return true
		}
		pinned = append(pinned, name)
		return false
	}
	for name, set := range map[string]*[]string{
		"roles": &user.Roles, "memberOfGroups": &user.MemberOfGroups, "resourcePartitions": &user.ResourcePartitions,
	} {
		if drop(name) {
			*set = nil
		} else if _, inherited := in.fields[name]; inherited && *set == nil {
			*set = []string{}
		}
	}
	if drop("features") {
		user.Features = nil
	} else if in.fields["features"] != nil && user.Features == nil {
		user.Features = &Features{}
	}
	extra := core.Extra{}
	for name, raw := range user.Extra {
		if !drop(name) {
			extra[name] = raw
		}
	}
	user.Extra = extra
	slices.Sort(pinned)
	return user, pinned
}

// userFields returns the wire form of the fields a profile can give, without
// what the server assigns to each user and in an order that means nothing.
func userFields(u *User) map[string][]byte {
	return canonical(u.Roles, u.MemberOfGroups, u.ResourcePartitions, u.Features, u.Extra)
}

func profileFields(p *Profile) map[string][]byte {
	return canonical(p.Roles, p.MemberOfGroups, p.ResourcePartitions, p.Features, p.Extra)
}

func canonical(roles, groups, partitions []string, features *Features, extra core.Extra) map[string][]byte {
	out := map[string][]byte{}
	put := func(name string, v any) {
		if raw, err := wire.Marshal(v); err == nil {
			out[name] = raw
		}
	}
	for name, set := range map[string][]string{"roles": roles, "memberOfGroups": groups, "resourcePartitions": partitions} {
		if len(set) > 0 {
			put(name, slices.Sorted(slices.Values(set)))
		}
	}
	if features != nil {
		put("features", features.writable().sorted())
	}
	for name, raw := range extra {
		out[name] = bytes.TrimSpace(raw)
	}
	return out
}

// sorted returns the features with queues and attributes in one order.
func (f *Features) sorted() *Features {
	if f.Matching == nil {
		return f
	}
	m := *f.Matching
	m.Attributes = slices.Sorted(slices.Values(m.Attributes))
	m.Queues = slices.SortedFunc(slices.Values(m.Queues), func(a, b QueueLink) int {
		return bytes.Compare([]byte(a.QueueID), []byte(b.QueueID))
	})
	// A name is only ever returned, and where it is, not for both.
	for i := range m.Queues {
		m.Queues[i].Name = core.Opt[string]{}
	}
	w := *f
	w.Matching = &m
	return &w
}
