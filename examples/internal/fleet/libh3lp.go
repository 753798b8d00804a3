package fleet

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

var libh3lpVendor = Vendor{
	Name:         "libh3lp",
	Capabilities: libh3lp.Capabilities,
	Sample:       "ines.aldana",
	Open: func(s Settings) (core.Store, error) {
		base, err := s.Need("LIBH3LP_BASE_URL")
		if err != nil {
			return nil, err
		}
		username, err := s.Need("LIBH3LP_USERNAME")
		if err != nil {
			return nil, err
		}
		password, err := s.Need("LIBH3LP_PASSWORD")
		if err != nil {
			return nil, err
		}
		opts := options(s, libh3lp.WithLogger, libh3lp.WithTransport, libh3lp.WithMaxAttempts, libh3lp.WithMaxWait)
		var log *blockLog
		if s.Transport == nil { // on a simulator, whose users end with it, there is nothing to remember
			log = newBlockLog(s, origin(base)+"\n"+username)
			opts = append(opts, libh3lp.WithBlockLog(log))
		}
		c, err := libh3lp.New(libh3lp.Config{BaseURL: base, Username: username, Password: core.NewSecret(password)}, opts...)
		if err != nil {
			return nil, err
		}
		if log == nil {
			return c.Store(), nil
		}
		return &remembering{Store: c.Store(), log: log}, nil
	},
	Sim: func() Simulator {
		srv := libh3lptest.NewServer(libh3lptest.WithSampleData())
		return Simulator{
			Env: map[string]string{
				"LIBH3LP_BASE_URL": libh3lptest.Origin,
				"LIBH3LP_USERNAME": libh3lptest.Username,
				"LIBH3LP_PASSWORD": libh3lptest.Password,
			},
			Transport: srv.Transport(),
			Close:     srv.Close,
		}
	},
}

// remembering is a store whose blocks are remembered on disk until their record is
// printed, so that a block that was killed can be repeated without losing a link.
type remembering struct {
	*libh3lp.Store
	log *blockLog
	// settled are the users whose record is safe, once it was printed.
	settled []string
}

// Block implements core.PresenceController. What it remembers is forgotten only
// after its record was printed, when the store is closed.
func (r *remembering) Block(ctx context.Context, userID string) (core.Block, error) {
	b, err := r.Store.Block(ctx, userID)
	if err == nil || r.log.began && len(b.Changed) == 0 {
		r.settled = append(r.settled, userID)
	}
	return b, err
}

// Unblock implements core.PresenceController. What it lifted is no unfinished block's
// doing any more.
func (r *remembering) Unblock(ctx context.Context, userID string, made ...core.Block) error {
	err := r.Store.Unblock(ctx, userID, made...)
	switch part, half := errors.AsType[*core.PartialError](err); {
	case half:
		r.release(part.Outcomes, err)
	case err == nil && len(made) == 0:
		r.log.forget(userID)
	case err == nil:
		for _, m := range made {
			for _, link := range m.Changed {
				if t, err := core.ParseTarget(link); err == nil {
					r.log.release(userID, t)
				}
			}
		}
	}
	if b, _ := r.log.Begun(ctx, userID); len(b.Changed) == 0 {
		r.log.forget(userID)
	}
	return err
}

// Suspend implements core.AssignmentStore.
func (r *remembering) Suspend(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return r.release(r.Store.Suspend(ctx, as...))
}

// Resume implements core.AssignmentStore.
func (r *remembering) Resume(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return r.release(r.Store.Resume(ctx, as...))
}

// release takes the links that are now as they were asked for out of unfinished
// blocks: a later block must not claim them.
func (r *remembering) release(outcomes []core.Outcome, err error) ([]core.Outcome, error) {
	for _, o := range outcomes {
		if o.Done() {
			r.log.release(o.Assignment.UserID, o.Assignment.Target)
		}
	}
	return outcomes, err
}

// Close implements the ending of a store.
func (r *remembering) Close(ctx context.Context) error {
	for _, id := range r.settled {
		r.log.forget(id)
	}
	return r.Store.Close(ctx)
}

// Undelivered is for a program whose output could not be written: called before the
// store is closed, it lets a store that remembers blocks remember also those whose
// record went astray.
func Undelivered(store core.Store) {
	if r, ok := store.(*remembering); ok {
		r.settled = nil
	}
}

// origin spells a base URL in the one way that names the account's memory.
func origin(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	host := strings.ToLower(u.Host)
	switch u.Scheme { // which Parse folds
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	}
	return u.Scheme + "://" + host + strings.TrimRight(u.EscapedPath(), "/")
}
