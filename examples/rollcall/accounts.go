package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/examples/internal/fleet"
)

// members are the accounts that the command is for. Without a profile they are those that
// --vendor and --account name, with settings from the environment. With one they are the
// profile's, and --vendor and --account choose among them.
func (c *command) members(ctx context.Context, getenv func(string) string, io streams) ([]fleet.Member, error) {
	if c.found != nil {
		return c.found, nil // no command of a profile is run twice
	}

	p, name, err := c.profileOf(getenv)
	if err != nil {
		return nil, err
	}
	if p == nil {
		members, err := fleet.ParseMembers(c.vendor, c.accounts)
		if err != nil {
			return nil, usagef("%v", err)
		}
		c.found = members
		return members, nil
	}

	chosen, others, err := c.choose(p, name)
	if err != nil {
		return nil, err
	}

	var members []fleet.Member
	for _, account := range chosen {
		m, err := p.member(ctx, name, account, getenv, io, c.sim)
		if err != nil {
			return nil, err
		}
		members = append(members, m)
		if rate := p.Accounts[account].Rate; rate != "" && !slices.ContainsFunc(c.rates, func(r fleet.Rate) bool {
			return r.Account == account
		}) {
			r, err := fleet.ParseRate(account + "=" + rate)
			if err != nil {
				return nil, usagef("%v", err)
			}
			c.rates = append(c.rates, r)
		}
	}

	if len(others) > 0 {
		more, err := fleet.ParseMembers("", others)
		if err != nil {
			return nil, usagef("%v", err)
		}
		members = append(members, more...)
	}
	c.found = members
	return members, nil
}

// choose returns the profile's accounts that the flags name, all where they name none,
// and the accounts NAME=VENDOR that are not the profile's.
func (c *command) choose(p *profile, name string) (chosen, others []string, err error) {
	all := slices.Sorted(maps.Keys(p.Accounts))
	if c.vendor != "" {
		for vendor := range strings.SplitSeq(c.vendor, ",") {
			n := len(chosen)
			for _, account := range all {
				if p.Accounts[account].Vendor == vendor {
					chosen = append(chosen, account)
				}
			}
			if len(chosen) == n {
				return nil, nil, usagef("profile %q has no account at %s", name, vendor)
			}
		}
	}

	for _, text := range c.accounts {
		own, _, isNew := strings.Cut(text, "=")
		_, there := p.Accounts[own]
		switch {
		case isNew && there:
			return nil, nil, usagef("profile %q has an account %s: give the other one another name", name, own)
		case isNew:
			others = append(others, text)
		case !there:
			return nil, nil, usagef("profile %q has no account %q; there are %s", name, own, strings.Join(all, ", "))
		case !slices.Contains(chosen, own):
			chosen = append(chosen, own)
		}
	}
	if c.vendor == "" && len(c.accounts) == 0 {
		chosen = all
	}
	return chosen, others, nil
}

// member is an account of a profile with its settings. The environment has no say in
// them, but where the profile names a variable: a credential of one account never goes to
// the server of another.
func (p *profile) member(ctx context.Context, name, account string, getenv func(string) string, io streams, sim bool) (fleet.Member,
	error) {
	a := p.Accounts[account]
	v, err := fleet.Named(a.Vendor)
	if err != nil {
		return fleet.Member{}, usagef("%v", err)
	}

	m := fleet.Member{Name: account, Vendor: v, Settings: map[string]string{}, From: fmt.Sprintf("account %s of profile %s", account, name)}
	if sim {
		return m, nil // it has settings of its own, and no secret is needed
	}

	for _, variable := range slices.Sorted(maps.Keys(a.Settings)) {
		s := a.Settings[variable]
		switch {
		case s.value != nil:
			m.Settings[variable] = *s.value
		case s.env != "":
			value := getenv(s.env)
			if value == "" {
				return m, usagef("%s: %s is in the environment variable %s, which is not set", m.From, variable, s.env)
			}
			m.Settings[variable] = value
		default:
			value, err := printed(ctx, s.command, io.err)
			if err != nil {
				return m, usagef("%s: %s: %v", m.From, variable, err)
			}
			m.Settings[variable] = value
		}
	}
	return m, nil
}
