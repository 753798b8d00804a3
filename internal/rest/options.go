package rest

import (
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/pace"
)

// version is that of the library, for the user agent.
const version = "0.2.0"

const userAgent = "rollcall-go/" + version

// Options returns the configuration that a client's options ask for, or says what is
// wrong with them. Documented limits of the vendor go to the governor that the client
// brings, unless the options name another.
func Options(vendor string, o core.ClientOptions, documented ...pace.Option) (Config, error) {
	cfg := Config{Vendor: vendor, Account: o.Account, Logger: o.Logger, Observer: o.Observer, BlockLog: o.BlockLog,
		MaxAttempts: o.MaxAttempts, MaxWait: o.MaxWait, MaxPacing: o.MaxPacing, AttemptTimeout: o.AttemptTimeout,
		UserAgent: userAgent}
	invalid := func(why string) (Config, error) { return Config{}, core.Invalid(vendor, "New", why) }

	if o.UserAgent != "" {
		cfg.UserAgent = o.UserAgent + " " + cfg.UserAgent
	}
	if !Absent(o.Transport) {
		cfg.Transport = o.Transport
	}

	for _, d := range []struct {
		name string
		d    time.Duration
	}{{"MaxWait", o.MaxWait}, {"MaxPacing", o.MaxPacing}, {"AttemptTimeout", o.AttemptTimeout}} {
		if d.d < 0 {
			return invalid(d.name + " is negative")
		}
	}
	if o.MaxAttempts < 0 {
		return invalid("MaxAttempts is negative")
	}

	limited := o.RateLimit != core.RateLimit{}
	switch {
	case limited && !Absent(o.Governor):
		return invalid("Governor and RateLimit exclude each other: tell the limit to the governor")
	case limited && (!(o.RateLimit.PerSecond > 0) || o.RateLimit.Burst < 0):
		return invalid("RateLimit needs a positive rate, and a burst that is not negative")
	case !Absent(o.Governor):
		cfg.Governor = o.Governor
	case limited:
		cfg.Governor = pace.New(pace.Limit("", o.RateLimit.PerSecond, max(1, o.RateLimit.Burst)))
	default:
		cfg.Governor = pace.New(documented...)
	}
	return cfg, nil
}
