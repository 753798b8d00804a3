// Package fleet is how the examples reach the vendors: one file per vendor, that
// makes a store from the environment, or from a simulator with sample data. It is
// the place to copy from when your own program starts.
package fleet

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/meant"
)

// Vendor is how to reach one vendor.
type Vendor struct {
	Name string
	// Wire are vendor fields that bear the name of a neutral field which this
	// vendor lacks: to clear such a name means the vendor's own field.
	Wire []string
	// Capabilities needs no client.
	Capabilities func() core.Capabilities
	// Open makes a store.
	Open func(s Settings) (core.Store, error)
	// Sim starts a simulator with sample data, and SimEnv names the settings that
	// are taken from the environment even then.
	Sim    func() Simulator
	SimEnv []string
	// Env tells people the variables, the optional ones in brackets. Secrets are those of
	// them that hold one.
	Env     string
	Secrets []string
	// Sample is the login of somebody in that data.
	Sample string
	// TakesPassword is whether a new user has a first password; those of the other
	// vendors log in elsewhere.
	TakesPassword bool
}

// Simulator is a simulated account: the environment and the transport to reach it.
type Simulator struct {
	Env       map[string]string
	Transport http.RoundTripper
	Close     func()
}

// Variables are the names of the vendor's variables.
func (v Vendor) Variables() []string {
	words := strings.FieldsFunc(v.Env, func(r rune) bool { return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') })
	return slices.DeleteFunc(words, func(word string) bool { return !strings.Contains(word, "_") })
}

// Named returns the vendor of that name.
func Named(name string) (Vendor, error) {
	for _, v := range All {
		if v.Name == name {
			return v, nil
		}
	}

	var names []string
	for _, v := range All {
		names = append(names, v.Name)
	}
	if name == "" {
		return Vendor{}, fmt.Errorf("--vendor is missing; it is one of %s", strings.Join(names, ", "))
	}
	return Vendor{}, fmt.Errorf("no vendor %q here; there are %s%s", name, strings.Join(names, ", "), meant.Perhaps(name, names, nil))
}

// Usage makes a program's -help say more than its flags.
func Usage(text string) {
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "usage: %s\n", text)
		flag.PrintDefaults()
	}
}

// All is every vendor, in the order of the tables.
var All = []Vendor{avayaVendor, libh3lpVendor, livepersonVendor, lucsVendor, webexVendor}

// Settings are what a client is made from. Zero values are the client's own.
type Settings struct {
	Account     string // the caller's label
	Prefix      string // before the names of the variables
	From        string // where the settings are from, if not from the environment
	Getenv      func(string) string
	Transport   http.RoundTripper
	MaxAttempts int
	MaxWait     time.Duration
	ReadBack    time.Duration
	Poll        time.Duration // the first look while a change takes effect
	Logger      *slog.Logger
	Note        func(string) // tells people something that is not a result
	BlockLog    func(context.Context, core.Block) error
	Governor    core.Governor
	// Govern makes the governor of each account of a fleet, where several machines share
	// them.
	Govern func(m Member) core.Governor
}

// clientOptions are the settings in the words that every client takes.
func (s Settings) clientOptions() core.ClientOptions {
	return core.ClientOptions{Account: s.Account, Transport: s.Transport, Logger: s.Logger, MaxAttempts: s.MaxAttempts, MaxWait: s.MaxWait,
		ReadBack: s.ReadBack, BlockLog: s.BlockLog, Governor: s.Governor}
}

// announce tells people what a block is about to change, for the case that the program
// is killed before it prints the record.
func (s Settings) announce(_ context.Context, intent core.Block) error {
	if s.Note == nil {
		return nil
	}
	record, err := json.Marshal(intent)
	if err == nil {
		s.Note("about to block; should it be interrupted, this record lifts what it did: " + string(record))
	}
	return err
}

// Need returns a setting that must be there.
func (s Settings) Need(name string) (string, error) {
	if v := s.Getenv(name); v != "" {
		return v, nil
	}
	if s.From != "" {
		return "", fmt.Errorf("%s has no setting %s", s.From, name)
	}
	return "", fmt.Errorf("the environment variable %s is not set", s.Prefix+name)
}

// Connect opens a vendor's store, or with sim one over an embedded simulator.
// The returned function ends what was begun.
func (v Vendor) Connect(s Settings, sim bool) (core.Store, func(context.Context), error) {
	if plain := s.Getenv; s.Prefix != "" && plain != nil {
		s.Getenv = func(name string) string { return plain(s.Prefix + name) }
	}

	closeSim := func() {}
	if sim {
		server, getenv := v.Sim(), s.Getenv
		s.Getenv = func(name string) string {
			if getenv != nil && slices.Contains(v.SimEnv, name) {
				return getenv(name)
			}
			return server.Env[name]
		}
		s.Transport, closeSim = server.Transport, server.Close
	}

	store, err := v.Open(s)
	if err != nil {
		closeSim()
		return nil, nil, err
	}
	return store, func(ctx context.Context) { closeStore(ctx, store); closeSim() }, nil
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
