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
	s := fleet.Settings{Getenv: getenv, MaxAttempts: c.maxAttempts, MaxWait: c.maxWait, Poll: c.poll, ReadBack: readBack}
	if c.log {
		s.Logger = slog.New(slog.NewTextHandler(io.err, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	s.Note = func(text string) { fmt.Fprintln(io.err, text) }
	return s
}

func open(c *command, getenv func(string) string, io streams) (core.Store, func(context.Context), error) {
	var names []string
	for _, v := range all {
		names = append(names, v.Name)
		if v.Name != c.vendor {
			continue
		}
		store, end, err := v.Connect(settings(c, getenv, io), c.sim)
		if err != nil {
			return nil, nil, usagef("%v", err) // a client that cannot be made has wrong settings
		}
		return store, end, nil
	}
	if c.vendor == "" {
		return nil, nil, usagef("--vendor is missing; it is one of %s", strings.Join(names, ", "))
	}
	return nil, nil, usagef("no vendor %q here; there are %s", c.vendor, strings.Join(names, ", "))
}
