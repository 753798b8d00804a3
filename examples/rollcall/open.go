package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// vendor is how this program reaches one vendor. Each has a file of its own.
type vendor struct {
	name string
	// wire are vendor fields that bear the name of a neutral field which this
	// vendor lacks: --clear with such a name means the vendor's own field.
	wire []string
	// capabilities needs no client.
	capabilities func() core.Capabilities
	// open makes a store from the environment.
	open func(s settings) (core.Store, error)
	// sim starts a simulator with sample data and returns the environment and
	// the transport to reach it.
	sim func() simulator
}

type simulator struct {
	env       map[string]string
	transport http.RoundTripper
	close     func()
}

// all is every vendor this program knows, in the order of the tables.
var all = []vendor{avayaVendor, libh3lpVendor, livepersonVendor}

// settings are what a vendor's file makes a client from.
type settings struct {
	getenv      func(string) string
	transport   http.RoundTripper // nil: the client's own
	maxAttempts int
	maxWait     time.Duration
	poll        time.Duration
	logger      *slog.Logger
	note        func(string) // tells people something that is not a result
}

// need returns a setting that must be there.
func (s settings) need(name string) (string, error) {
	if v := s.getenv(name); v != "" {
		return v, nil
	}
	return "", usagef("the environment variable %s is not set", name)
}

// closeStore ends the session of a store that keeps one, within what is left of
// the command's time or, after its end, half a second: a session that stays open
// ends by itself.
func closeStore(ctx context.Context, store core.Store) {
	c, ok := store.(interface{ Close(context.Context) error })
	if !ok {
		return
	}
	left := 500 * time.Millisecond
	if deadline, ok := ctx.Deadline(); ok && ctx.Err() == nil {
		left = min(2*time.Second, max(left, time.Until(deadline)))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), left)
	defer cancel()
	c.Close(ctx)
}

func open(c *command, getenv func(string) string, io streams) (core.Store, func(context.Context), error) {
	var names []string
	for _, v := range all {
		names = append(names, v.name)
		if v.name != c.vendor {
			continue
		}
		s := settings{getenv: getenv, maxAttempts: c.maxAttempts, maxWait: c.maxWait, poll: c.poll}
		if c.log {
			s.logger = slog.New(slog.NewTextHandler(io.err, &slog.HandlerOptions{Level: slog.LevelDebug}))
		}
		s.note = func(text string) { fmt.Fprintln(io.err, text) }
		closeSim := func() {}
		if c.sim {
			sim := v.sim()
			s.getenv = func(name string) string { return sim.env[name] }
			s.transport, closeSim = sim.transport, sim.close
		}
		store, err := v.open(s)
		if err != nil {
			closeSim()
			if _, usage := err.(*usageError); !usage {
				err = usagef("%v", err) // a client that cannot be made has wrong settings
			}
			return nil, nil, err
		}
		return store, func(ctx context.Context) { closeStore(ctx, store); closeSim() }, nil
	}
	if c.vendor == "" {
		return nil, nil, usagef("--vendor is missing; it is one of %s", strings.Join(names, ", "))
	}
	return nil, nil, usagef("no vendor %q here; there are %s", c.vendor, strings.Join(names, ", "))
}
