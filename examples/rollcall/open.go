package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
)

// all is every vendor this program knows, in the order of the tables.
var all = fleet.All

// readBack is how long a change that does not show is looked for; zero is the clients'
// own 5 s. Tests of what never shows make it shorter.
var readBack time.Duration

// settings are those of the command line.
func settings(c *command, getenv func(string) string, io streams) fleet.Settings {
	s := fleet.Settings{Getenv: getenv, Transport: io.net, MaxAttempts: c.maxAttempts, MaxWait: c.maxWait, Poll: c.poll, ReadBack: readBack}
	if c.log {
		s.Logger = slog.New(slog.NewTextHandler(io.err, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	s.Note = func(text string) { fmt.Fprintln(io.err, text) }
	return s
}

// open opens the store of the one account that the flags name. Nothing is sent.
func open(ctx context.Context, c *command, getenv func(string) string, io streams) (core.Store, func(context.Context), error) {
	members, err := c.members(ctx, getenv, io)
	if err != nil {
		return nil, nil, err
	}
	if len(members) != 1 {
		var names []string
		for _, m := range members {
			names = append(names, m.Name)
		}
		return nil, nil, usagef("%s speaks to one account, and the flags name %s; --vendor or --account names one", c.word,
			strings.Join(names, ", "))
	}

	m := members[0]
	s := settings(c, getenv, io)
	if c.vendor != m.Name || m.Settings != nil {
		s.Account = m.Name
	}

	c.vendor = m.Vendor.Name
	if govern, err := fleet.Govern(members, c.rates); err != nil {
		return nil, nil, usagef("%v", err)
	} else if len(c.rates) > 0 {
		s.Governor = govern(m)
	}

	store, end, err := m.Connect(s, c.sim)
	if err != nil {
		return nil, nil, usagef("%v", err) // a client that cannot be made has wrong settings
	}
	return store, end, nil
}
